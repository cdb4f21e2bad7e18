package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What an officer does with a run: hold entries back by name and reason,
// publish once.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/publish", Guard: Officer, Handle: s.askPublish},
		{Pattern: "POST /office/rankings/{ranking}/publish", Guard: Officer, Handle: s.publish},
		{Pattern: "GET /office/rankings/{ranking}/held/{application}", Guard: Officer, Handle: s.askHold},
		{Pattern: "POST /office/rankings/{ranking}/held/{application}", Guard: Officer, Handle: s.hold},
		{Pattern: "POST /office/rankings/{ranking}/released/{application}", Guard: Officer, Handle: s.release},
	}
})

func (s *Server) askPublish(q *request) error {
	r, err := s.readRanking(q)
	if err != nil {
		return err
	}
	if r.published() {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return s.publishPage(q, http.StatusOK, r, nil)
}

// publishPage asks once more, with the numbers and the hash of what was seen.
func (s *Server) publishPage(q *request, status int, r ranking, refused error) error {
	counts, letters, held, none := map[string]int{}, 0, 0, 0
	for _, row := range r.plan {
		if row.Held {
			held += int(row.Files)
			continue
		}
		counts[row.Outcome] += int(row.Files)
		each := len(r.lettersOf(mobility.State(row.State), row.Outcome))
		letters += int(row.Files) * each
		if each == 0 {
			none += int(row.Files)
		}
	}
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("outcome.placed"), Text: q.loc.Number(counts["placed"])},
		{Term: q.loc.T("outcome.reserve"), Text: q.loc.Number(counts["reserve"])},
		{Term: q.loc.T("outcome.not_placed"), Text: q.loc.Number(counts["not_placed"])},
		{Term: q.loc.T("outcome.gated"), Text: q.loc.Number(counts["gated"])},
		{Term: q.loc.T("ranking.letters"), Text: q.loc.Number(letters), Href: outboxPath(r.ID)},
		{Term: q.loc.T("outbox.none_told"), Text: q.loc.Number(none)},
		{Term: q.loc.T("office.held_back"), Text: q.loc.Number(held)},
	}}
	if !r.barred {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("ranking.result_hash"), Text: r.ResultHash})
	}
	d := page.Dialog{
		Text: q.loc.T("ranking.publish_text"), Facts: facts, Action: rankingPath(r.ID) + "/publish", Hidden: []page.Hidden{{Name: "hash", Value: r.ResultHash}},
		Warning: q.publishWarning(r),
		Confirm: page.Button{Label: q.loc.T("ranking.publish_do")}, Cancel: page.Link{Label: q.loc.T("ranking.back"), Href: rankingPath(r.ID)},
	}
	if n := q.lackNotice(r); !n.Zero() {
		d.Warning.Items = append(append([]string{n.Title}, n.Items...), d.Warning.Items...)
	}
	d.Fields = q.althoughField(r, refused)
	if r.list.told != nil && !r.barred {
		d.Text, d.Table = d.Text+" "+q.loc.N("appeal.differs", len(r.list.changed)), q.changesTable(r.list.changed)
	}
	if refused != nil {
		d.Errors = page.ErrorSummary{Title: q.loc.T("ranking.not_published"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	b := s.base(q, q.loc.T("ranking.publish_ask"))
	b.Kicker = r.OfficeRankingRow.Title.In(q.loc.Lang())
	b.Breadcrumbs = append(q.callCrumbs(r.CallID, r.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", r.Number), Href: rankingPath(r.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}

// publishWarning says that publishing is for good, and first whom it would
// refuse by mistake.
func (q *request) publishWarning(r ranking) page.Notice {
	if n := q.unmarkedNotice(r); !n.Zero() {
		n.Items = append(n.Items, q.loc.T("ranking.publish_warning"))
		return n
	}
	return page.Notice{Tone: page.Warning, Text: q.loc.T("ranking.publish_warning")}
}

// unmarkedNotice counts those a draft leaves out only because points are
// missing, and leads to where they are entered.
func (q *request) unmarkedNotice(r ranking) page.Notice {
	n := r.run.unmarked()
	if n == 0 || r.published() {
		return page.Notice{}
	}
	return page.Notice{
		Tone: page.Danger, Title: q.loc.N("ranking.unmarked", n), Items: []string{q.loc.T("ranking.unmarked_text")},
		Links: []page.Link{{Label: q.loc.T("ranking.show_missing"), Href: withQuery(callPath(r.CallID, "candidates"), "missing", "true", "duty", string(dutyAssess))}},
	}
}

// lackNotice says what the run lacks to the announced minimum of participants.
func (q *request) lackNotice(r ranking) page.Notice {
	if !r.lack.Any() {
		return page.Notice{}
	}
	n := page.Notice{Tone: page.Warning, Title: q.loc.T("ranking.lacking")}
	for _, d := range r.places {
		if lacking := r.lack.Destinations[d.ID]; lacking > 0 {
			n.Items = append(n.Items, q.loc.N("ranking.lacking_at", lacking, "Host", d.Host))
		}
	}
	if r.lack.Overall > 0 {
		n.Items = append(n.Items, q.loc.N("ranking.lacking_overall", r.lack.Overall))
	}
	return n
}

type publishForm struct {
	Hash     string `form:"hash" validate:"required,max=200"`
	Although bool   `form:"although"`
}

func (s *Server) publish(q *request) error {
	r, err := s.readRanking(q)
	if err != nil {
		return err
	}
	var f publishForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	done, err := s.Process.Publish(q.ctx(), q.actor, process.Publication{Ranking: r.ID, Hash: f.Hash, Although: f.Although, Arrived: q.arrived})
	kind := mobility.KindOf(err)
	if (kind == mobility.Conflict || kind == mobility.Stale) && !r.published() && mobility.CodeOf(err) != "conflict.already_published" {
		return s.publishPage(q, http.StatusConflict, r, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(r.ID), "notice.published", "Decided", strconv.Itoa(done.Decided), "HeldBack", strconv.Itoa(done.HeldBack))
}

// heldPart lists who is held back, with the way to let go.
func (q *request) heldPart(r ranking) page.Part {
	if len(r.held) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("office.held_back"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.outcome")}, {Label: q.loc.T("office.why")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, h := range r.held {
		if h.Name == "" {
			h.Name, h.HeldBack = q.loc.T("office.hidden_name"), "" // the reason may say whom it is about
		}
		row := page.Row{Cells: []page.Cell{{Text: h.Name, Href: filePath(h.ID)}, {Tag: outcomeTag(q.loc, h.Outcome)}, {Text: h.HeldBack}, {}}}
		switch {
		case r.published() && h.Gone:
			row.Tone, row.Cells[1].Note = page.Warning, q.loc.T("ranking.place_gone")
		case q.actor.Has(mobility.RoleOfficer):
			label := q.loc.T("ranking.let_go")
			if r.published() {
				label = q.loc.T("ranking.publish_one")
			}
			row.Cells[3].Buttons = []page.Button{{Label: label, Look: page.Secondary, Action: rankingPath(r.ID) + "/released/" + h.ID.String(), Confirm: q.loc.T("ranking.release_ask", "Name", h.Name)}}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "held", Title: q.loc.T("office.held_back"), Text: q.loc.T("ranking.held_text"), Table: t}
}

// entry reads one entry of a run.
func (s *Server) entry(q *request) (r ranking, e store.OfficeEntryStateRow, id uuid.UUID, err error) {
	if id, err = q.id("application"); err != nil {
		return r, e, id, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if r, err = s.readRankingHead(ctx, q, db); err != nil {
			return err
		}
		e, err = queries.OfficeEntryState(ctx, db, store.OfficeEntryStateParams{RankingID: r.ID, ApplicationID: id, Self: q.actor.Person})
		return err
	})
	return r, e, id, err
}

type holdForm struct {
	Reason string `form:"reason" validate:"required,max=2000"`
}

func (s *Server) askHold(q *request) error {
	r, e, id, err := s.entry(q)
	if err != nil {
		return err
	}
	if r.published() {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return s.holdPage(q, http.StatusOK, r, e, id, form.Values{"reason": {e.HeldBack}}, nil)
}

func (s *Server) holdPage(q *request, status int, r ranking, e store.OfficeEntryStateRow, id uuid.UUID, typed form.Values, problems []mobility.FieldProblem) error {
	reason := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("ranking.hold_hint"), Required: true, MaxLength: 2000, Value: typed.First("reason")}
	summary := page.Refuse(q.loc, problems, &reason)
	b := s.base(q, q.loc.T("ranking.hold_ask", "Name", e.Name))
	b.Breadcrumbs = append(q.callCrumbs(r.CallID, r.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", r.Number), Href: rankingPath(r.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: page.Dialog{
		Text: q.loc.T("ranking.hold_text"), Errors: summary, Fields: []page.Field{reason}, Action: rankingPath(r.ID) + "/held/" + id.String(),
		Confirm: page.Button{Label: q.loc.T("ranking.hold_do")}, Cancel: page.Link{Href: rankingPath(r.ID)},
	}})
}

func (s *Server) hold(q *request) error {
	r, e, id, err := s.entry(q)
	if err != nil {
		return err
	}
	var f holdForm
	typed, err := form.Decode(q.r, &f)
	if problems, invalid := problemsOf(err); invalid {
		return s.holdPage(q, http.StatusUnprocessableEntity, r, e, id, typed, problems)
	}
	if err == nil {
		err = s.Process.HoldBack(q.ctx(), q.actor, id, f.Reason, q.arrived)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(r.ID)+"#held", "notice.held_back", "Name", e.Name)
}

// release lets an entry go again: into the publication, or, once that was
// made, to be published by itself from the same run.
func (s *Server) release(q *request) error {
	r, e, id, err := s.entry(q)
	if err != nil {
		return err
	}
	if r.published() {
		err = s.Process.ReleaseHeld(q.ctx(), q.actor, id, q.arrived)
	} else {
		err = s.Process.HoldBack(q.ctx(), q.actor, id, "", q.arrived)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(r.ID), "notice.let_go", "Name", e.Name)
}
