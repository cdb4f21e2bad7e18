package web

import (
	"context"
	"net/http"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The appeals of a call: what waits first, the oldest at the top, and whom it
// waits for.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /office/calls/{call}/appeals", Guard: Coordinator, Handle: s.listAppeals}}
})

func appealPath(id uuid.UUID) string { return "/office/appeals/" + id.String() }

// appealOpen reports whether an appeal waits for an answer.
func appealOpen(status string) bool { return status == "filed" || status == "assigned" }

func (q *request) appealTag(status string) page.Tag {
	tones := map[string]page.Tone{"filed": page.Warning, "assigned": page.Accent, "granted": page.Success, "refused": page.Danger}
	return page.Tag{Label: q.loc.T("appeal.status_" + status), Tone: tones[status]}
}

func (s *Server) listAppeals(q *request) error {
	var call store.OfficeCallRow
	var rows []store.OfficeAppealsRow
	takes := false
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if takes, err = queries.CallTakesAppeals(ctx, db, call.ID); err != nil {
			return err
		}
		if rows, err = queries.OfficeAppeals(ctx, db, store.OfficeAppealsParams{CallID: call.ID, Self: q.actor.Person}); err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(rows))
		for i, row := range rows {
			ids[i] = row.ApplicationID
		}
		return q.note(db, lookedAt{institution: call.InstitutionID, subjects: ids, count: len(rows)})
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("appeal.list")), Tabs: q.callTabs(call.ID, "ranking"), Turn: q.appealsTurn(rows)}
	p.Kicker = call.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(call.ID, call.Title), page.Link{Label: q.loc.T("office.tab_ranking"), Href: callPath(call.ID, "ranking")})
	empty := "appeal.none_text"
	if !takes {
		empty = "appeal.not_taken"
	}
	p.Parts = []page.Part{{ID: "appeals", Title: q.loc.T("appeal.list"), Table: q.appealTable(rows, call.Zone, empty)}}
	return s.render(q, http.StatusOK, p)
}

// appealsTurn says whose turn it is: whoever has to assign, or to decide.
func (q *request) appealsTurn(rows []store.OfficeAppealsRow) page.WhoseTurn {
	unassigned, mine, others := 0, 0, 0
	for _, row := range rows {
		switch {
		case row.Status == "filed":
			unassigned++
		case row.Status == "assigned" && row.AssignedTo != nil && *row.AssignedTo == q.actor.Person:
			mine++
		case row.Status == "assigned":
			others++
		}
	}
	w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), Next: q.loc.T("appeal.decided_next")}
	switch {
	case mine > 0:
		w.Yours, w.Whose, w.What = true, q.loc.T("turn.yours"), q.loc.N("appeal.to_decide", mine)
	case unassigned > 0:
		w.What = q.loc.N("appeal.to_assign", unassigned)
		if q.isOfficer() {
			w.Yours, w.Whose = true, q.loc.T("turn.yours")
		}
	case others > 0:
		w.What = q.loc.N("appeal.with_others", others)
	default:
		w = page.WhoseTurn{Over: true, Whose: q.loc.T("appeal.nothing_open"), What: q.loc.T("appeal.nothing_open_what")}
	}
	return w
}

func (q *request) appealTable(rows []store.OfficeAppealsRow, zone, empty string) page.Table {
	t := page.Table{Caption: q.loc.T("appeal.list"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("appeal.number")}, {Label: q.loc.T("office.name")}, {Label: q.loc.T("appeal.filed")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("appeal.waits_for")},
	}, Empty: page.EmptyState{Title: q.loc.T("appeal.none"), Text: q.loc.T(empty)}}
	at := zoneOf(zone)
	for _, row := range rows {
		name := row.Name
		if name == "" {
			name = q.loc.T("office.hidden_name")
		}
		line := page.Row{Cells: []page.Cell{
			{Text: q.loc.T("appeal.no", "Number", strconv.Itoa(int(row.Number))), Href: appealPath(row.ID)},
			{Text: name, Href: filePath(row.ApplicationID), Note: row.Unit},
			{When: q.moment(row.FiledAt, at)},
			{Tag: q.appealTag(row.Status)},
			{Text: row.Decider},
		}}
		switch {
		case row.Status == "filed":
			line.Cells[4] = page.Cell{Text: q.loc.T("appeal.to_be_assigned")}
		case row.AssignedTo != nil && *row.AssignedTo == q.actor.Person && appealOpen(row.Status):
			line.Cells[4], line.Tone = page.Cell{Text: q.loc.T("appeal.you")}, page.Accent
		case row.DecidedAt != nil:
			line.Cells[4].Note = q.loc.T("appeal.answered_on", "At", q.both(*row.DecidedAt, at))
		case row.WithdrawnAt != nil:
			line.Cells[4] = page.Cell{Note: q.both(*row.WithdrawnAt, at)}
		}
		t.Rows = append(t.Rows, line)
	}
	return t
}

// openAppeals counts what waits, for the start page of staff.
func (q *request) openAppeals(ctx context.Context, db store.DBTX) ([]store.OpenAppealsOfRow, error) {
	return queries.OpenAppealsOf(ctx, db, store.OpenAppealsOfParams{Self: &q.actor.Person, Institutions: q.house()})
}

// appealsNext is the reader's turn where nothing else waits for them: the call
// whose appeal waits longest.
func (q *request) appealsNext(w page.WhoseTurn, rows []store.OpenAppealsOfRow) page.WhoseTurn {
	for _, row := range rows {
		what := ""
		switch {
		case row.Mine > 0:
			what = q.loc.N("appeal.to_decide", int(row.Mine))
		case row.Unassigned > 0 && q.isOfficer():
			what = q.loc.N("appeal.to_assign", int(row.Unassigned))
		}
		if w.Over && what != "" {
			return page.WhoseTurn{
				Yours: true, Whose: q.loc.T("turn.yours"), What: row.Title.In(q.loc.Lang()) + ": " + what, Next: q.loc.T("appeal.decided_next"),
				Buttons: []page.Button{{Label: q.loc.T("work.begin"), Href: callPath(row.CallID, "appeals")}},
			}
		}
	}
	return w
}

// appealsPart shows on the start page what waits, call by call.
func (q *request) appealsPart(rows []store.OpenAppealsOfRow) page.Part {
	if len(rows) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("appeal.open"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.call")},
		{Label: q.loc.T("appeal.yours"), Numeric: true},
		{Label: q.loc.T("appeal.unassigned"), Numeric: true},
		{Label: q.loc.T("appeal.open"), Numeric: true},
		{Label: q.loc.T("appeal.since")},
	}}
	for _, row := range rows {
		line := page.Row{Cells: []page.Cell{
			{Text: row.Title.In(q.loc.Lang()), Href: callPath(row.CallID, "appeals"), Note: row.AcademicYear},
			{Text: q.loc.Number(int(row.Mine))},
			{Text: q.loc.Number(int(row.Unassigned))},
			{Text: q.loc.Number(int(row.Open))},
			{Text: q.loc.Date(row.Since), Note: q.loc.Relative(q.now, row.Since)},
		}}
		if row.Mine > 0 || (row.Unassigned > 0 && q.isOfficer()) {
			line.Tone = page.Warning
		}
		t.Rows = append(t.Rows, line)
	}
	return page.Part{ID: "appeals", Title: q.loc.T("appeal.open"), Text: q.loc.T("appeal.open_text"), Table: t}
}
