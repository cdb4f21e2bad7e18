package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The runs of a call: every one stays on record.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/ranking", Guard: Coordinator, Handle: s.listRankings},
		{Pattern: "POST /office/calls/{call}/ranking", Guard: Officer, Handle: s.computeRanking},
	}
})

// runs is the list of a call's rankings with what the next one needs.
type runs struct {
	callView
	rows    []store.OfficeRankingsRow
	appeals bool // the call takes them
	barred  bool // from a file of the round
}

func (s *Server) readRuns(q *request) (r runs, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if r.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		r.stage = stageOf(r.dates(), q.now)
		if r.def, err = s.Process.Definition(ctx, db, r.call.DefinitionID); err != nil {
			return err
		}
		id := r.call.ID
		if r.states, err = queries.OfficeStates(ctx, db, store.OfficeStatesParams{Now: q.now, Institutions: q.house(), Self: q.actor.Person, CallID: &id}); err != nil {
			return err
		}
		if r.rows, err = queries.OfficeRankings(ctx, db, id); err != nil || r.call.RoundID == nil {
			return err
		}
		r.barred, err = queries.BarredFromRound(ctx, db, *r.call.RoundID)
		return err
	})
	return r, err
}

func (s *Server) listRankings(q *request) error {
	r, err := s.readRuns(q)
	if err != nil {
		return err
	}
	return s.rankingsPage(q, http.StatusOK, r, nil)
}

func (s *Server) rankingsPage(q *request, status int, r runs, refused error) error {
	p := page.Office{Base: s.base(q, q.loc.T("office.tab_ranking")), Tabs: q.callTabs(r.call.ID, "ranking"), Turn: q.callTurn(r.callView)}
	p.Kicker, p.Breadcrumbs = r.call.Title.In(q.loc.Lang()), q.callCrumbs(r.call.ID, r.call.Title)
	p.Turn.Buttons = nil
	if refused != nil {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Danger, Title: q.loc.T("ranking.not_computed"), Text: problemText(q.loc, refused)})
	}
	part := page.Part{ID: "runs", Title: q.loc.T("ranking.runs"), Text: q.loc.T("ranking.runs_text"), Table: q.runsTable(r)}
	if r.appeals {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("appeal.list"), Href: callPath(r.call.ID, "appeals"), Look: page.Secondary})
	}
	p.Parts = append(p.Parts, part)
	if q.actor.Has(mobility.RoleOfficer) && r.stage == stageAssessed && r.call.RoundID != nil {
		p.Parts = append(p.Parts, page.Part{
			ID: "compute", Title: q.loc.T("ranking.compute"), Text: q.loc.T("ranking.compute_text"), Notice: q.beforeComputing(r),
			Buttons: []page.Button{{Label: q.loc.T("ranking.compute"), Action: callPath(r.call.ID, "ranking")}},
		})
	}
	return s.render(q, status, p)
}

// beforeComputing says what a run made now would leave out or be refused for.
func (q *request) beforeComputing(r runs) page.Notice {
	returned, unmarked := 0, 0
	for _, st := range r.states {
		state, _ := r.def.State(st.State)
		switch dutyOf(state.Properties) {
		case dutyReturned:
			returned += int(st.Files)
		case dutyAssess:
			unmarked += int(st.Unmarked)
		}
	}
	var items []string
	if returned > 0 {
		items = append(items, q.loc.T("refusal.files_with_applicants", map[string]any{"Count": returned}))
	}
	if unmarked > 0 {
		items = append(items, q.loc.T("refusal.marks_missing", map[string]any{"Count": unmarked}))
	}
	if len(items) == 0 {
		return page.Notice{}
	}
	return page.Notice{Tone: page.Warning, Title: q.loc.T("ranking.look_first"), Items: items, Links: []page.Link{
		{Label: q.loc.T("ranking.show_missing"), Href: withQuery(callPath(r.call.ID, "candidates"), "missing", "true", "duty", string(dutyAssess))},
	}}
}

func (q *request) runsTable(r runs) page.Table {
	t := page.Table{Caption: q.loc.T("ranking.runs"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("ranking.run")},
		{Label: q.loc.T("office.state")},
		{Label: q.loc.T("ranking.computed")},
		{Label: q.loc.T("ranking.ranked"), Numeric: true},
		{Label: q.loc.T("ranking.placed"), Numeric: true},
		{Label: q.loc.T("ranking.waiting"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("ranking.none"), Text: q.loc.T("ranking.none_" + string(r.stage))}}
	for _, run := range r.rows {
		when := run.ComputedAt
		if run.PublishedAt != nil {
			when = *run.PublishedAt
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.T("ranking.number", "Number", run.Number), Href: rankingPath(run.ID), Note: r.fingerprint(run)},
			{Tag: rankingTag(q, run.Status)},
			{When: page.MomentOf(inZone(q.loc, r.call.Zone), when, time.Time{}), Note: run.ComputedBy},
			{Text: q.loc.Number(int(run.Entries))},
			{Text: q.loc.Number(int(run.Placed))},
			{Text: q.loc.Number(int(run.Waiting))},
		}})
	}
	return t
}

// fingerprint is the beginning of a run's hash. Whoever is barred from a file
// could tell by it that something of the file changed.
func (r runs) fingerprint(run store.OfficeRankingsRow) string {
	if r.barred && run.PublishedAt == nil {
		return ""
	}
	return run.ResultHash[:min(12, len(run.ResultHash))]
}

func rankingTag(q *request, status string) page.Tag {
	if status == "provisional" {
		return page.Tag{Label: q.loc.T("ranking.status_provisional"), Tone: page.Info}
	}
	if status == "published" {
		return page.Tag{Label: q.loc.T("ranking.status_published"), Tone: page.Success}
	}
	return page.Tag{Label: q.loc.T("ranking.status_draft"), Tone: page.Accent}
}

func (s *Server) computeRanking(q *request) error {
	r, err := s.readRuns(q)
	if err != nil {
		return err
	}
	if r.call.RoundID == nil {
		return mobility.NotFoundError("round")
	}
	var id uuid.UUID
	id, err = s.Process.ComputeRanking(q.ctx(), q.actor, *r.call.RoundID, q.arrived)
	if mobility.KindOf(err) == mobility.Conflict {
		return s.rankingsPage(q, http.StatusConflict, r, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(id), "notice.ranking_computed")
}
