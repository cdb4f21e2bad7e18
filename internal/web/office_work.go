package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The start page of staff: what waits for whom, nearest deadline first.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /work", Guard: Coordinator, Handle: s.showWork, Nav: "nav.work", NavOrder: 5}}
})

// task is one line of the start page.
type task struct {
	call     store.OfficeCallsRow
	what     duty
	files    int32
	unmarked int32
	since    time.Time
	nearest  time.Time
	mine     bool
}

// mineOf lists whose duty it is; the others' are shown as waiting.
func (q *request) mineOf(d duty) bool {
	switch d {
	case dutyAssess:
		return q.actor.Has(mobility.RoleCoordinator) || q.actor.Has(mobility.RoleAssessor)
	case dutyPlace, dutyNominate, dutyArrivals:
		return q.isOfficer()
	}
	return false
}

func (s *Server) showWork(q *request) error {
	var calls []store.OfficeCallsRow
	var tasks []task
	var trouble []store.OfficeLetterTroubleRow
	var waiting []store.OfficeRegistrationsRow
	var free []store.OfficeStrandedPlacesRow
	var appeals []store.OpenAppealsOfRow
	var proposals []store.AmendmentsToDecideRow
	var reminders []store.MyRemindersAheadRow
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		if calls, err = queries.OfficeCalls(q.ctx(), db, store.OfficeCallsParams{Institutions: q.house(), Self: q.actor.Person}); err != nil {
			return err
		}
		if tasks, err = s.tasks(q, db, calls); err != nil {
			return err
		}
		if appeals, err = q.openAppeals(q.ctx(), db); err != nil {
			return err
		}
		if proposals, err = q.proposals(q.ctx(), db); err != nil {
			return err
		}
		if reminders, err = q.myReminders(q.ctx(), db); err != nil {
			return err
		}
		if waiting, err = queries.OfficeRegistrations(q.ctx(), db, q.house()); err != nil || !q.isOfficer() {
			return err
		}
		if trouble, err = queries.OfficeLetterTrouble(q.ctx(), db, q.house()); err != nil {
			return err
		}
		free, err = s.stranded(q, db)
		return err
	})
	if err != nil {
		return err
	}
	p := s.workPage(q, calls, tasks, trouble, waiting)
	if len(proposals) > 0 {
		p.Parts = append([]page.Part{q.amendmentsToDecide(proposals)}, p.Parts...)
		p.Turn = q.amendmentsNext(p.Turn, proposals)
	}
	if len(appeals) > 0 {
		p.Parts = append([]page.Part{q.appealsPart(appeals)}, p.Parts...)
		p.Turn = q.appealsNext(p.Turn, appeals)
	}
	if len(free) > 0 {
		p.Parts = append([]page.Part{q.strandedPart(free)}, p.Parts...)
	}
	if len(reminders) > 0 {
		p.Parts = append(p.Parts, q.myRemindersPart(reminders))
	}
	return s.render(q, http.StatusOK, p)
}

// tasks sums the states of every call into duties.
func (s *Server) tasks(q *request, db store.DBTX, calls []store.OfficeCallsRow) ([]task, error) {
	rows, err := queries.OfficeStates(q.ctx(), db, store.OfficeStatesParams{Now: q.now, Institutions: q.house(), Self: q.actor.Person})
	if err != nil {
		return nil, err
	}
	byCall := make(map[uuid.UUID]store.OfficeCallsRow, len(calls))
	for _, c := range calls {
		byCall[c.ID] = c
	}
	var out []task
	known := definitionsOf{}
	for _, row := range rows {
		def, err := s.definition(q, db, known, row.DefinitionID)
		if err != nil {
			return nil, err
		}
		state, _ := def.State(row.State)
		what := dutyOf(state.Properties)
		if what == dutyNone || what == dutyIneligible || what == dutyReserve || what == dutyStays {
			continue
		}
		i := slices.IndexFunc(out, func(t task) bool { return t.call.ID == row.CallID && t.what == what })
		if i < 0 {
			out = append(out, task{call: byCall[row.CallID], what: what, since: row.Since, nearest: row.Nearest, mine: q.mineOf(what)})
			i = len(out) - 1
		}
		t := &out[i]
		t.files += row.Files
		if what == dutyAssess {
			t.unmarked += row.Unmarked
		}
		if row.Since.Before(t.since) {
			t.since = row.Since
		}
		if t.nearest.IsZero() || (!row.Nearest.IsZero() && row.Nearest.Before(t.nearest)) {
			t.nearest = row.Nearest
		}
	}
	slices.SortStableFunc(out, byUrgency)
	return out, nil
}

// byUrgency puts the nearest deadline first, then what waits longest.
func byUrgency(a, b task) int {
	switch {
	case a.nearest.IsZero() != b.nearest.IsZero():
		if a.nearest.IsZero() {
			return 1
		}
		return -1
	case !a.nearest.Equal(b.nearest):
		return a.nearest.Compare(b.nearest)
	}
	return a.since.Compare(b.since)
}

func (s *Server) workPage(q *request, calls []store.OfficeCallsRow, tasks []task, trouble []store.OfficeLetterTroubleRow, waiting []store.OfficeRegistrationsRow) page.Office {
	mine, theirs := []task{}, []task{}
	for _, t := range tasks {
		if t.mine {
			mine = append(mine, t)
		} else {
			theirs = append(theirs, t)
		}
	}
	p := page.Office{Base: s.base(q, q.loc.T("work.title"))}
	p.Kicker = q.actor.Name
	p.Turn = q.workTurn(mine)
	p.Notices = q.workNotices(trouble, waiting)
	if len(mine) > 0 {
		p.Parts = append(p.Parts, page.Part{ID: "mine", Title: q.loc.T("work.mine"), Table: q.taskTable(q.loc.T("work.mine"), mine)})
	}
	if len(theirs) > 0 {
		p.Parts = append(p.Parts, page.Part{ID: "others", Title: q.loc.T("work.others"), Text: q.loc.T("work.others_text"), Table: q.taskTable(q.loc.T("work.others"), theirs)})
	}
	p.Parts = append(p.Parts, page.Part{ID: "calls", Title: q.loc.T("office.calls"), Table: q.callTable(calls)})
	return p
}

func (q *request) workTurn(mine []task) page.WhoseTurn {
	if len(mine) == 0 {
		return page.WhoseTurn{Over: true, Whose: q.loc.T("work.turn_none"), What: q.loc.T("work.turn_none_what")}
	}
	first := mine[0]
	return page.WhoseTurn{
		Yours: true, Whose: q.loc.T("turn.yours"),
		What:    q.loc.N("work.do_"+string(first.what), int(first.files), "Call", first.call.Title.In(q.loc.Lang())),
		Until:   page.DeadlineOf(inZone(q.loc, first.call.Zone), first.nearest, q.now),
		Next:    q.loc.T("work.next_" + string(first.what)),
		Buttons: []page.Button{{Label: q.loc.T("work.begin"), Href: first.href()}},
	}
}

// href is the list behind a task.
func (t task) href() string {
	switch t.what {
	case dutyNominate, dutyAnswers, dutyArrivals:
		return callPath(t.call.ID, "nominations")
	case dutyAssess:
		if t.unmarked > 0 {
			return withQuery(callPath(t.call.ID, "candidates"), "duty", string(t.what), "missing", "true")
		}
	}
	return withQuery(callPath(t.call.ID, "candidates"), "duty", string(t.what))
}

// workNotices tell of what belongs to no one call.
func (q *request) workNotices(trouble []store.OfficeLetterTroubleRow, waiting []store.OfficeRegistrationsRow) []page.Notice {
	var out []page.Notice
	letters := 0
	for _, t := range trouble {
		letters += int(t.Letters)
	}
	if letters > 0 {
		out = append(out, page.Notice{
			Tone: page.Danger, Title: q.loc.N("work.letters", letters), Text: q.loc.T("work.letters_text"),
			Links: []page.Link{{Label: q.loc.T("work.letters_show"), Href: "/office/letters"}},
		})
	}
	if len(waiting) > 0 {
		out = append(out, page.Notice{
			Tone: page.Warning, Title: q.loc.N("work.registrations", len(waiting)),
			Links: []page.Link{{Label: q.loc.T("work.registrations_show"), Href: "/office/people#registrations"}},
		})
	}
	return out
}

func (q *request) taskTable(caption string, tasks []task) page.Table {
	t := page.Table{Caption: caption, HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("work.what")},
		{Label: q.loc.T("office.call")},
		{Label: q.loc.T("work.files"), Numeric: true},
		{Label: q.loc.T("work.nearest")},
		{Label: q.loc.T("work.since")},
	}}
	for _, each := range tasks {
		row := page.Row{Cells: []page.Cell{
			{Text: q.loc.T("duty." + string(each.what)), Href: each.href()},
			{Text: each.call.Title.In(q.loc.Lang()), Href: callPath(each.call.ID), Note: each.call.AcademicYear},
			numbered(q.loc, each.files, withQuery(callPath(each.call.ID, "candidates"), "duty", string(each.what))),
			{When: page.DeadlineOf(inZone(q.loc, each.call.Zone), each.nearest, q.now)},
			{Text: q.loc.Date(each.since), Note: q.loc.Relative(q.now, each.since)},
		}}
		if each.unmarked > 0 {
			row.Cells[2].Note = q.loc.N("work.unmarked", int(each.unmarked))
		}
		if !each.nearest.IsZero() && each.nearest.Sub(q.now) < 72*time.Hour {
			row.Tone = page.Warning
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
