package web

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One call as those see it who work on it.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /office/calls/{call}", Guard: Coordinator, Handle: s.showOfficeCall}}
})

// callView is everything the page of a call shows.
type callView struct {
	call         store.OfficeCallRow
	def          *lifecycle.Definition
	states       []store.OfficeStatesRow
	deadlines    []store.OfficeDeadlinesRow
	destinations []store.OfficeDestinationsRow
	pools        []store.OfficePoolsRow
	dropped      map[uuid.UUID]time.Time
	problems     []process.OpeningProblem
	stage        stage
}

func (v callView) dates() callDates {
	return callDates{v.call.OpenedAt, v.call.OpensAt, v.call.ClosesAt, v.call.AssessBy, v.call.PublishedAt}
}

// officeCall reads a call of the house.
func (s *Server) officeCall(q *request, db store.DBTX) (store.OfficeCallRow, error) {
	id, err := q.id("call")
	if err != nil {
		return store.OfficeCallRow{}, err
	}
	return queries.OfficeCall(q.ctx(), db, store.OfficeCallParams{ID: id, Institutions: q.house()})
}

func (s *Server) showOfficeCall(q *request) error {
	var v callView
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		v, err = s.readCall(q, db)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, s.callPage(q, v))
}

func (s *Server) readCall(q *request, db store.DBTX) (v callView, err error) {
	if v.call, err = s.officeCall(q, db); err != nil {
		return v, err
	}
	v.stage = stageOf(v.dates(), q.now)
	if v.def, err = s.Process.Definition(q.ctx(), db, v.call.DefinitionID); err != nil {
		return v, err
	}
	id := v.call.ID
	if v.states, err = queries.OfficeStates(q.ctx(), db, store.OfficeStatesParams{Now: q.now, Institutions: q.house(), Self: q.actor.Person, CallID: &id}); err != nil {
		return v, err
	}
	if v.deadlines, err = queries.OfficeDeadlines(q.ctx(), db, id); err != nil {
		return v, err
	}
	if v.destinations, err = queries.OfficeDestinations(q.ctx(), db, store.OfficeDestinationsParams{CallID: id, Self: q.actor.Person}); err != nil {
		return v, err
	}
	if v.pools, err = queries.OfficePools(q.ctx(), db, id); err != nil {
		return v, err
	}
	counts, err := queries.OfficeDestinationCounts(q.ctx(), db, store.OfficeDestinationCountsParams{CallID: id, Self: q.actor.Person})
	if err != nil {
		return v, err
	}
	v.dropped = map[uuid.UUID]time.Time{}
	for _, c := range counts {
		v.dropped[c.ID] = value(c.DroppedAt)
	}
	if v.stage == stagePrepared {
		v.problems, err = process.OpeningProblems(q.ctx(), db, id, q.now)
	}
	return v, err
}

func (s *Server) callPage(q *request, v callView) page.Office {
	p := page.Office{Base: s.base(q, v.call.Title.In(q.loc.Lang())), Tabs: q.callTabs(v.call.ID, ""), Turn: q.callTurn(v)}
	p.Wide = true
	p.Kicker = q.loc.T("programme."+v.call.Programme) + " · " + v.call.AcademicYear
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("office.calls"), Href: "/office/calls"}}
	if v.stage == stagePrepared {
		p.Parts = append(p.Parts, q.openingPart(v))
	}
	p.Parts = append(p.Parts, q.numbersPart(v), q.deadlinesPart(v), q.destinationsPart(v))
	if q.isOfficer() && len(v.pools) > 0 {
		p.Parts = append(p.Parts, q.poolsPart(v))
	}
	return p
}

// callTurn says whose turn it is in the call as a whole.
func (q *request) callTurn(v callView) page.WhoseTurn {
	stage, unmarked := v.stage, 0
	for _, st := range v.states {
		if state, _ := v.def.State(st.State); dutyOf(state.Properties) == dutyAssess {
			unmarked += int(st.Unmarked)
		}
	}
	w := page.WhoseTurn{Until: stage.next(v.dates()).moment(q, v.call.Zone), Next: q.loc.T("stage.next_" + string(stage))}
	switch stage {
	case stagePrepared:
		w.Whose, w.Yours = q.loc.T("turn.officer"), q.isOfficer()
		w.What = q.loc.T("stage.what_prepared")
	case stageAnnounced, stageOpen:
		w.Whose, w.What = q.loc.T("turn.applicant"), q.loc.T("stage.what_"+string(stage))
	case stageAssessed:
		w.Whose, w.Yours = q.loc.T("turn.coordinator"), q.mineOf(dutyAssess)
		w.What = q.loc.N("stage.what_assessed", unmarked)
		missing := withQuery(callPath(v.call.ID, "marks"), "duty", string(dutyAssess), "missing", "true")
		w.Buttons = []page.Button{{Label: q.loc.T("grid.give"), Href: missing}}
		if unmarked == 0 {
			w.Whose, w.Yours = q.loc.T("turn.officer"), q.isOfficer()
			w.What = q.loc.T("stage.what_marked")
			w.Buttons = []page.Button{{Label: q.loc.T("office.tab_ranking"), Href: callPath(v.call.ID, "ranking")}}
		}
	case stagePublished:
		w.Whose, w.What = q.loc.T("stage.turn_published"), q.loc.T("stage.what_published")
		if v.call.Published != nil {
			w.Buttons = []page.Button{{Label: q.loc.T("office.result"), Href: rankingPath(*v.call.Published), Look: page.Secondary}}
		}
	}
	if w.Yours {
		w.Whose = q.loc.T("turn.yours")
	}
	return w
}

// openingPart is what an officer checks before the call is opened.
func (q *request) openingPart(v callView) page.Part {
	part := page.Part{ID: "opening", Title: q.loc.T("opening.title"), Text: q.loc.T("opening.text")}
	blocking := false
	t := page.Table{Caption: q.loc.T("opening.title"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("opening.found")}, {Label: q.loc.T("opening.weight")}}}
	for _, problem := range v.problems {
		tag := page.Tag{Label: q.loc.T("opening.worth_a_look"), Tone: page.Warning}
		if problem.Blocking {
			tag, blocking = page.Tag{Label: q.loc.T("opening.blocking"), Tone: page.Danger}, true
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: openingText(q, problem)}, {Tag: tag}}})
	}
	part.Table = t
	if len(v.problems) == 0 {
		part.Notice = page.Notice{Tone: page.Success, Text: q.loc.T("opening.clean")}
	}
	if q.isOfficer() && !blocking {
		part.Buttons = []page.Button{{Label: q.loc.T("opening.open"), Href: callPath(v.call.ID, "open")}}
	}
	return part
}

func openingText(q *request, p process.OpeningProblem) string {
	if n, ok := p.Data["N"].(int); ok {
		return q.loc.N(p.Code, n, p.Data)
	}
	return q.loc.T(p.Code, p.Data)
}

// numbersPart counts files by state; each number leads to them.
func (q *request) numbersPart(v callView) page.Part {
	t := page.Table{Caption: q.loc.T("office.numbers"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.state")}, {Label: q.loc.T("office.phase")}, {Label: q.loc.T("work.files"), Numeric: true}, {Label: q.loc.T("work.nearest")},
	}, Empty: page.EmptyState{Title: q.loc.T("office.no_files"), Text: q.loc.T("office.no_files_text")}}
	total := 0
	for _, state := range v.def.States {
		for _, row := range v.states {
			if row.State != state.Name {
				continue
			}
			total += int(row.Files)
			cell := numbered(q.loc, row.Files, withQuery(callPath(v.call.ID, "candidates"), "phase", string(row.Phase), "state", string(row.State)))
			if row.Unmarked > 0 && dutyOf(state.Properties) == dutyAssess {
				cell.Note = q.loc.N("work.unmarked", int(row.Unmarked))
			}
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
				{Tag: stateTag(q.loc, v.def, row.State)},
				{Text: q.loc.T("phase." + string(row.Phase))},
				cell,
				{When: page.DeadlineOf(inZone(q.loc, v.call.Zone), row.Nearest, q.now)},
			}})
		}
	}
	if total > 0 {
		t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("office.total"), "", q.loc.Number(total), "")})
	}
	part := page.Part{ID: "numbers", Title: q.loc.T("office.numbers"), Table: t}
	if total > 0 {
		part.Buttons = []page.Button{{Label: q.loc.T("office.all_candidates"), Href: callPath(v.call.ID, "candidates"), Look: page.Secondary}}
	}
	return part
}

func (q *request) deadlinesPart(v callView) page.Part {
	t := page.Table{Caption: q.loc.T("office.deadlines"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.deadline")}, {Label: q.loc.T("office.when")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	several := false
	for _, d := range v.deadlines {
		several = several || d.Round > 1
	}
	for _, d := range v.deadlines {
		cell := page.Cell{Text: q.loc.T("office.deadline_" + d.Kind)}
		if several {
			cell.Note = q.loc.T("office.round", "Round", d.Round)
		}
		when := page.DeadlineOf(inZone(q.loc, d.Zone), d.ClosesAt, q.now)
		if d.Kind == "opens" {
			when = page.MomentOf(inZone(q.loc, d.Zone), d.ClosesAt, q.now)
		}
		row := page.Row{Cells: []page.Cell{cell, {When: when}, {}}}
		if q.isOfficer() && v.call.PublishedAt == nil {
			row.Cells[2].Buttons = []page.Button{{Label: q.loc.T("office.amend"), Href: "/office/deadlines/" + d.ID.String(), Look: page.Quiet}}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{
		ID: "deadlines", Title: q.loc.T("office.deadlines"), Table: t,
		Buttons: q.deadlineButtons(v.call.ID),
	}
}

// deadlineButtons lead to what belongs to the deadlines of a call.
func (q *request) deadlineButtons(call uuid.UUID) []page.Button {
	out := []page.Button{{Label: q.loc.T("deadlines.all"), Href: callPath(call, "deadlines"), Look: page.Secondary}}
	if q.isOfficer() {
		out = append(out, page.Button{Label: q.loc.T("reminders.title"), Href: callPath(call, "reminders"), Look: page.Secondary})
	}
	return out
}

// destinationsPart shows places beside demand.
func (q *request) destinationsPart(v callView) page.Part {
	t := page.Table{Caption: q.loc.T("office.destinations"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("office.asks")},
		{Label: q.loc.T("office.places"), Numeric: true},
		{Label: q.loc.T("office.held"), Numeric: true},
		{Label: q.loc.T("office.free"), Numeric: true},
		{Label: q.loc.T("office.firsts"), Numeric: true},
		{Label: q.loc.T("office.wishes"), Numeric: true},
		{Label: q.loc.T("office.host_deadline")},
	}, Empty: page.EmptyState{Title: q.loc.T("office.no_destinations"), Text: q.loc.T("office.no_destinations_text")}}
	for _, d := range v.destinations {
		row := page.Row{Cells: []page.Cell{
			{Text: d.Host, Href: q.toDestination(v.call.ID, d.ID), Note: fmt.Sprintf("%s, %s · %s · %s", d.City, q.loc.Country(d.Country), q.loc.T("term."+d.Term), d.Unit)},
			{Text: asks(q, d.Language, d.CEFR, d.Cycle, d.ISCEDF)},
			{Text: q.loc.Number(int(d.Allowed))},
			{Text: q.loc.Number(int(d.Held))},
			{Text: q.loc.Number(int(d.Free))},
			{Text: q.loc.Number(int(d.Firsts))},
			numbered(q.loc, d.Wishes, withQuery(callPath(v.call.ID, "candidates"), "destination", d.ID.String())),
			{When: page.DeadlineOf(inZone(q.loc, value(d.HostZone)), value(d.HostClosesAt), q.now)},
		}}
		if d.Allowed != d.Places {
			row.Cells[2].Note = q.loc.T("office.agreed", "Places", q.loc.Number(int(d.Places)))
		}
		if at := v.dropped[d.ID]; !at.IsZero() {
			row.Cells[0].Tag = droppedTag(q, at, v.call.Zone)
		}
		if d.Barred && v.stage != stagePublished {
			for i := 3; i < 7; i++ {
				row.Cells[i] = page.Cell{Text: "–"}
			}
			row.Cells[0].Tag = page.Tag{Label: q.loc.T("office.barred"), Tone: page.Warning}
		}
		if q.isOfficer() && d.DeadlineID != nil {
			row.Cells[7].Buttons = []page.Button{{Label: q.loc.T("office.amend"), Href: "/office/deadlines/" + d.DeadlineID.String(), Look: page.Quiet}}
		}
		t.Rows = append(t.Rows, row)
	}
	part := page.Part{ID: "destinations", Title: q.loc.T("office.destinations"), Text: q.loc.T("office.demand_text"), Table: t}
	if q.isOfficer() {
		part.Buttons = []page.Button{{Label: q.loc.T("destinations.manage"), Href: callPath(v.call.ID, "destinations"), Look: page.Secondary}}
	}
	return part
}

// asks are the requirements of a destination in one line.
func asks(q *request, language, cefr string, cycle *int16, field string) string {
	out := q.loc.Language(language)
	if cefr != "" {
		out += " " + cefr
	}
	if cycle != nil {
		out += " · " + q.loc.T(fmt.Sprintf("cycle.%d", *cycle))
	}
	if field != "" {
		out += " · ISCED " + field
	}
	return out
}

func (q *request) poolsPart(v callView) page.Part {
	t := page.Table{Caption: q.loc.T("office.pools"), Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("office.term")},
		{Label: q.loc.T("office.agreed_places"), Numeric: true},
		{Label: q.loc.T("office.overbooked"), Numeric: true},
		{Label: q.loc.T("office.held"), Numeric: true},
		{Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, each := range v.pools {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: each.Host},
			{Text: q.loc.T("term." + each.Term), Note: each.AcademicYear},
			{Text: q.loc.Number(int(each.Places))},
			{Text: q.loc.Number(int(each.Overbooked))},
			{Text: q.loc.Number(int(each.Held))},
			{Buttons: []page.Button{{Label: q.loc.T("office.overbook"), Href: callPath(v.call.ID, "pools", each.ID.String()), Look: page.Quiet}}},
		}})
	}
	return page.Part{ID: "pools", Fold: q.loc.T("office.pools_fold"), Text: q.loc.T("office.pools_text"), Table: t}
}
