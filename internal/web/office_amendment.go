package web

import (
	"context"
	"net/http"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// amendmentView is one change of the rules as an officer looks at it.
type amendmentView struct {
	selectionView
	m      store.AmendmentsOfCallRow
	row    store.AmendmentByIDRow
	barred bool // a conflict of interest, or a file of one's own, is in the call
}

func (s *Server) amendment(q *request) (v amendmentView, err error) {
	id, err := q.id("amendment")
	if err != nil {
		return v, err
	}
	if v.selectionView, err = s.selectionOfCall(q); err != nil {
		return v, err
	}
	found := false
	for _, row := range v.history {
		if row.ID == id {
			v.m, found = row, true
		}
	}
	if !found {
		return v, mobility.NotFoundError("amendment")
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.row, err = queries.AmendmentByID(ctx, db, id); err != nil {
			return err
		}
		for _, r := range v.public.rounds {
			barred, err := queries.BarredFromRound(ctx, db, r.ID)
			if err != nil {
				return err
			}
			v.barred = v.barred || barred
		}
		return nil
	})
	return v, err
}

func (s *Server) showAmendment(q *request) error {
	v, err := s.amendment(q)
	if err != nil {
		return err
	}
	return s.amendmentPage(q, http.StatusOK, v, nil)
}

// amendmentPage shows who asked for what and why, what becomes what, what
// follows, and what another officer may do: approve exactly this, or refuse it.
// Whoever proposed it takes it back. What can no longer be approved can still
// be refused, and what was decided is read.
func (s *Server) amendmentPage(q *request, status int, v amendmentView, refused error) error {
	p := page.Office{Base: s.base(q, q.loc.T("rules.amendment_title", "Number", v.m.Number)), Tabs: q.callTabs(v.call.ID, "rules")}
	p.Kicker = v.call.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(v.call.ID, v.call.Title), page.Link{Label: q.loc.T("rules.title"), Href: callPath(v.call.ID, "rules")})
	p.Turn = q.amendmentTurn(v)
	lines, err := outbox.RuleChanges(q.loc, v.m.Changes)
	if err != nil {
		return err
	}
	beside, err := q.proposedWords(v.public, v.row)
	if err != nil {
		return err
	}
	p.Parts = []page.Part{{ID: "changes", Title: q.loc.T("rules.preview_changes"), Summary: page.Summary{Rows: q.amendmentFacts(v, lines)}}, beside}
	if _, invalid := problemsOf(refused); refused != nil && !invalid {
		p.Errors = page.ErrorSummary{Title: q.loc.T("rules.not_done"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	if v.m.Status == "proposed" {
		if err := s.waitingParts(q, &p, v, refused); err != nil {
			return err
		}
	}
	p.Parts = present(p.Parts)
	return s.render(q, status, p)
}

func (q *request) amendmentTurn(v amendmentView) page.WhoseTurn {
	own := v.m.ProposedBy == q.actor.Person
	switch {
	case v.m.Status != "proposed":
		return page.WhoseTurn{Over: true, Whose: q.loc.T("rules.over_" + v.m.Status)}
	case own:
		return page.WhoseTurn{Whose: q.loc.T("rules.turn_other"), What: q.loc.T("rules.yours"), Next: q.loc.T("work.amendment_next")}
	case v.barred:
		return page.WhoseTurn{Whose: q.loc.T("rules.turn_other"), What: q.loc.T("refusal.barred_from_round")}
	}
	return page.WhoseTurn{
		Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.T("work.amendment_do", "Call", v.call.Title.In(q.loc.Lang())) + ".",
		Next: q.loc.T("work.amendment_next"),
	}
}

// amendmentFacts are who asked for it and why, and what became of it.
func (q *request) amendmentFacts(v amendmentView, lines []string) []page.Fact {
	at := func(t time.Time) page.Moment { return page.MomentOf(inZone(q.loc, v.call.Zone), t, q.now) }
	rows := []page.Fact{
		{Term: q.loc.T("rules.preview_changes"), Lines: lines},
		{Term: q.loc.T("rules.reason"), Text: v.m.Reason},
		{Term: q.loc.T("rules.asked_by"), Text: v.m.Proposer},
		{Term: q.loc.T("rules.asked_at"), When: at(v.m.ProposedAt)},
	}
	if v.m.DecidedAt == nil {
		return rows
	}
	rows = append(rows, page.Fact{Term: q.loc.T("office.state"), Text: q.loc.T("rules.status_" + v.m.Status)},
		page.Fact{Term: q.loc.T("rules.decided_by"), Text: v.m.Decider}, page.Fact{Term: q.loc.T("office.when"), When: at(*v.m.DecidedAt)})
	if v.m.Answer != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("rules.answer"), Text: v.m.Answer})
	}
	if v.m.Status == "approved" {
		rows = append(rows, page.Fact{Term: q.loc.T("rules.what_follows"), Text: q.loc.N("rules.told", int(v.m.Told))})
	}
	return rows
}

// waitingParts are what would follow and the two ways to decide.
func (s *Server) waitingParts(q *request, p *page.Office, v amendmentView, refused error) error {
	own := v.m.ProposedBy == q.actor.Person
	preview, err := s.Process.PreviewProposed(q.ctx(), q.actor, v.m.ID, q.arrived)
	switch kind := mobility.KindOf(err); {
	case err == nil:
		parts := q.previewPage(s, v.rulesView, preview).Parts
		follows := parts[len(parts)-1]
		if !own && !v.barred {
			follows.Action, follows.Hidden = amendmentPath(v.call.ID, v.m.ID)+"/approve", []page.Hidden{{Name: "hash", Value: preview.Hash}}
			follows.Buttons = []page.Button{{Label: q.loc.T("rules.approve")}}
		}
		p.Parts = append(append(p.Parts, parts[1:len(parts)-1]...), follows)
	case kind == mobility.Stale, kind == mobility.Conflict, kind == mobility.Invalid:
		p.Notices = append(p.Notices, page.Notice{Tone: page.Warning, Title: q.loc.T("rules.outdated_title"), Text: q.loc.T("rules.outdated_text")})
	default:
		return err
	}
	answer := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("rules.answer"), Required: !own, MaxLength: 2000}
	label := "rules.refuse"
	if own {
		label = "rules.withdraw"
	}
	if problems, invalid := problemsOf(refused); invalid {
		p.Errors = page.Refuse(q.loc, problems, &answer)
	}
	p.Parts = append(p.Parts, page.Part{
		ID: "refuse", Title: q.loc.T(label), Action: amendmentPath(v.call.ID, v.m.ID) + "/refuse", Fields: []page.Field{answer},
		Buttons: []page.Button{{Label: q.loc.T(label), Look: page.Secondary}},
	})
	return nil
}

type amendmentForm struct {
	Hash   string `form:"hash" validate:"max=200"`
	Reason string `form:"reason" validate:"max=2000"`
}

func (s *Server) decide(q *request, notice string, act func(process.Decision) error) error {
	v, err := s.amendment(q)
	if err != nil {
		return err
	}
	var f amendmentForm
	_, err = form.Decode(q.r, &f)
	if err == nil {
		err = act(process.Decision{Amendment: v.m.ID, Hash: f.Hash, Reason: f.Reason, Arrived: q.arrived})
	}
	switch kind := mobility.KindOf(err); {
	case err == nil:
		return s.done(q, callPath(v.call.ID, "rules"), notice)
	case kind == mobility.Invalid:
		return s.amendmentPage(q, http.StatusUnprocessableEntity, v, err)
	case kind == mobility.Stale, kind == mobility.Conflict:
		if v, again := s.amendment(q); again == nil { // as it stands now
			return s.amendmentPage(q, http.StatusConflict, v, err)
		}
	}
	return err
}

func (s *Server) approveAmendment(q *request) error {
	return s.decide(q, "notice.amendment_approved", func(d process.Decision) error {
		_, err := s.Process.ApproveAmendment(q.ctx(), q.actor, d)
		return err
	})
}

func (s *Server) refuseAmendment(q *request) error {
	notice := "notice.amendment_refused"
	if v, err := s.amendment(q); err == nil && v.m.ProposedBy == q.actor.Person {
		notice = "notice.amendment_withdrawn"
	}
	return s.decide(q, notice, func(d process.Decision) error { return s.Process.RefuseAmendment(q.ctx(), q.actor, d) })
}

// amendmentsToDecide lists on the start page what colleagues proposed.
func (q *request) amendmentsToDecide(rows []store.AmendmentsToDecideRow) page.Part {
	if len(rows) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("work.amendments"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.call")}, {Label: q.loc.T("rules.reason")}, {Label: q.loc.T("work.since")},
	}}
	for _, row := range rows {
		t.Rows = append(t.Rows, page.Row{Tone: page.Warning, Cells: []page.Cell{
			{Text: row.Title.In(q.loc.Lang()), Href: amendmentPath(row.CallID, row.ID), Note: row.AcademicYear},
			{Text: row.Reason, Note: q.loc.T("work.amendment_by", "Who", row.Proposer)},
			{Text: q.loc.Date(row.ProposedAt), Note: q.loc.Relative(q.now, row.ProposedAt)},
		}})
	}
	return page.Part{ID: "amendments", Title: q.loc.T("work.amendments"), Text: q.loc.T("work.amendments_text"), Table: t}
}

// amendmentsNext makes the oldest proposal what to do, where nothing else is.
func (q *request) amendmentsNext(w page.WhoseTurn, rows []store.AmendmentsToDecideRow) page.WhoseTurn {
	if !w.Over || len(rows) == 0 {
		return w
	}
	row := rows[0]
	return page.WhoseTurn{
		Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.T("work.amendment_do", "Call", row.Title.In(q.loc.Lang())) + ".", Next: q.loc.T("work.amendment_next"),
		Buttons: []page.Button{{Label: q.loc.T("work.amendment_look"), Href: amendmentPath(row.CallID, row.ID)}},
	}
}

// proposals are those of the actor's institutions that wait for somebody else.
func (q *request) proposals(ctx context.Context, db store.DBTX) ([]store.AmendmentsToDecideRow, error) {
	if !q.proposes() {
		return nil, nil
	}
	return queries.AmendmentsToDecide(ctx, db, store.AmendmentsToDecideParams{Institutions: q.house(), Self: q.actor.Person})
}

// proposes reports whether the reader changes the rules of calls, or proposes
// and decides such changes: an officer does, an administrator reads.
func (q *request) proposes() bool { return q.actor.Has(mobility.RoleOfficer) }
