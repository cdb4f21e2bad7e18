package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Reminders of a call: what went, what is due, what is coming, what was
// skipped and why.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /office/calls/{call}/reminders", Guard: Officer, Handle: s.showReminders}}
})

// reminderFates are what the list can be narrowed to.
var reminderFates = []string{"coming", "due", "went", "skipped", "failed"}

// reminderKinds are the letters that remind.
var reminderKinds = []string{
	letter.KindRemindDraft, letter.KindRemindComplete, letter.KindRemindConfirm, letter.KindRemindCoordinator,
	letter.KindRemindNominate, letter.KindRemindHost, letter.KindRemindDocuments,
}

// reminderList is what the page shows of a call.
type reminderList struct {
	call       store.OfficeCallRow
	what, kind string
	at         int
	rows       []store.CallRemindersRow
	counts     store.CallReminderCountsRow
}

func (s *Server) showReminders(q *request) error {
	v := q.r.URL.Query()
	l := reminderList{what: v.Get("what"), kind: v.Get("kind"), at: pageOf(v)}
	if !slices.Contains(reminderFates, l.what) {
		l.what = ""
	}
	if !slices.Contains(reminderKinds, l.kind) {
		l.kind = ""
	}
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if l.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		l.rows, err = queries.CallReminders(ctx, db, store.CallRemindersParams{
			CallID: &l.call.ID, Now: q.now, What: l.what, Kind: l.kind, Most: perPage, Skip: int32((l.at - 1) * perPage),
		})
		if err != nil {
			return err
		}
		l.counts, err = queries.CallReminderCounts(ctx, db, &l.call.ID)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, s.remindersPage(q, l))
}

func (s *Server) remindersPage(q *request, l reminderList) page.Office {
	here := callPath(l.call.ID, "reminders")
	p := page.Office{Base: s.base(q, q.loc.T("reminders.title")), Tabs: q.callTabs(l.call.ID, "")}
	p.Wide, p.Lead = true, q.loc.T("reminders.lead")
	p.Breadcrumbs = q.callCrumbs(l.call.ID, l.call.Title)
	what := page.Field{Kind: page.Select, Name: "what", Label: q.loc.T("office.state"), Blank: q.loc.T("office.any"), Value: l.what}
	for _, each := range reminderFates {
		what.Options = append(what.Options, page.Option{Value: each, Label: q.loc.T("reminders.is_" + each)})
	}
	kind := page.Field{Kind: page.Select, Name: "kind", Label: q.loc.T("reminders.reminder"), Blank: q.loc.T("office.any"), Value: l.kind}
	for _, each := range reminderKinds {
		kind.Options = append(kind.Options, page.Option{Value: each, Label: q.loc.T("letter_kind." + each)})
	}
	p.Filter = page.Filter{Action: here, Fields: []page.Field{what, kind}}
	if l.what+l.kind != "" {
		p.Filter.Clear = page.Link{Label: q.loc.T("reminders.all"), Href: here}
	}
	total := 0
	if len(l.rows) > 0 {
		total = int(l.rows[0].Total)
	}
	p.Parts = []page.Part{
		{ID: "numbers", Summary: q.reminderNumbers(l.counts)},
		{ID: "reminders", Table: q.reminderTable(l), Pager: page.PagerOf(l.at, (total+perPage-1)/perPage, total, func(n int) string {
			return withQuery(here, "what", l.what, "kind", l.kind, "page", strconv.Itoa(n))
		})},
	}
	return p
}

func (q *request) reminderNumbers(n store.CallReminderCountsRow) page.Summary {
	var out page.Summary
	for _, each := range []struct {
		what   string
		number int32
	}{{"went", n.Went}, {"due", n.Due}, {"skipped", n.Skipped}, {"failed", n.Failed}} {
		if each.number > 0 || each.what != "failed" {
			out.Rows = append(out.Rows, page.Fact{Term: q.loc.T("reminders.letters_" + each.what), Text: q.loc.Number(int(each.number))})
		}
	}
	return out
}

func (q *request) reminderTable(l reminderList) page.Table {
	t := page.Table{Caption: q.loc.T("reminders.title"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("reminders.reminder")},
		{Label: q.loc.T("office.to")},
		{Label: q.loc.T("reminders.goes")},
		{Label: q.loc.T("reminders.deadline")},
		{Label: q.loc.T("office.state")},
		{Label: q.loc.T("reminders.number"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("reminders.none"), Text: q.loc.T("reminders.none_text")}}
	loc := inZone(q.loc, l.call.Zone)
	tones := map[string]page.Tone{"went": page.Success, "failed": page.Danger, "due": page.Warning, "coming": page.Accent}
	for _, row := range l.rows {
		name := page.Cell{Text: q.loc.T("letter_kind." + row.Kind)}
		if status := map[string]string{"went": "sent", "skipped": "skipped", "failed": "failed"}[row.What]; status != "" {
			name.Href = withQuery("/office/letters", "status", status, "kind", row.Kind, "call", l.call.ID.String())
		}
		state := page.Cell{Tag: page.Tag{Label: q.loc.T("reminders.is_" + row.What), Tone: tones[row.What]}}
		if id := "letter.skipped_" + row.SkipReason; row.SkipReason != "" && q.loc.Has(id) {
			state.Note = q.loc.T(id)
		}
		number := page.Cell{Text: q.loc.N("reminders.n_letters", int(row.Letters))}
		if row.What == "coming" {
			number.Text = q.loc.N("reminders.n_files", int(row.Letters))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			name, {Text: q.reminderReader(row.Kind, row.Recipient)}, {When: page.MomentOf(loc, row.DueAt, q.now)}, q.reminderDeadline(row.Deadline, row.ClosesAt, row.Zone), state, number,
		}})
	}
	return t
}

// reminderReader is whom a reminder goes to.
func (q *request) reminderReader(kind, recipient string) string {
	switch {
	case recipient != "person":
		return q.loc.T("office.to_" + recipient)
	case kind == letter.KindRemindCoordinator:
		return q.loc.T("reminders.to_assessing")
	}
	return q.loc.T("reminders.to_officers")
}

// reminderDeadline is the deadline a reminder is about.
func (q *request) reminderDeadline(kind string, closesAt time.Time, zone string) page.Cell {
	if kind == "" || closesAt.IsZero() {
		return page.Cell{}
	}
	return page.Cell{When: page.DeadlineOf(inZone(q.loc, zone), closesAt, time.Time{}), Note: q.loc.T("office.deadline_" + kind)}
}

// aheadPart says what reminders come about one application if it stays as it
// is; to whom, where others read it too.
func (q *request) aheadPart(rows []store.FileRemindersAheadRow, toWhom bool) page.Part {
	if len(rows) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("reminders.ahead"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("reminders.reminder")}, {Label: q.loc.T("reminders.goes")}, {Label: q.loc.T("reminders.deadline")}}}
	if toWhom {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.T("office.to")})
	}
	for _, row := range rows {
		cells := []page.Cell{
			{Text: q.loc.T("letter_kind." + row.Letter)}, {When: q.moment(row.DueAt, zoneOf(row.Zone))}, q.reminderDeadline(row.Deadline, row.ClosesAt, row.Zone),
		}
		if toWhom {
			cells = append(cells, page.Cell{Text: q.loc.T("reminders.to_" + row.Recipient)})
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return page.Part{ID: "reminders", Title: q.loc.T("reminders.ahead"), Text: q.loc.T("reminders.ahead_text"), Table: t}
}

// aheadOf reads what reminders come about one application; to one recipient,
// or with "" to all.
func (q *request) aheadOf(ctx context.Context, db store.DBTX, application uuid.UUID, recipient mobility.Role) ([]store.FileRemindersAheadRow, error) {
	return queries.FileRemindersAhead(ctx, db, store.FileRemindersAheadParams{ApplicationID: application, Now: q.now, Recipient: string(recipient)})
}

// workAhead is how far ahead the start page of staff tells of reminders.
const workAhead = 60 * 24 * time.Hour

// myReminders reads what reminders come to the visitor by their roles.
func (q *request) myReminders(ctx context.Context, db store.DBTX) ([]store.MyRemindersAheadRow, error) {
	var roles []string
	for _, role := range []mobility.Role{mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleOfficer} {
		if q.actor.Has(role) {
			roles = append(roles, string(role))
		}
	}
	return queries.MyRemindersAhead(ctx, db, store.MyRemindersAheadParams{
		Institutions: q.house(), Roles: roles, Self: q.actor.Person, Now: q.now, Until: q.now.Add(workAhead),
	})
}

func (q *request) myRemindersPart(rows []store.MyRemindersAheadRow) page.Part {
	t := page.Table{Caption: q.loc.T("reminders.mine"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("reminders.reminder")}, {Label: q.loc.T("office.call")}, {Label: q.loc.T("reminders.goes")}, {Label: q.loc.T("reminders.deadline")}, {Label: q.loc.T("reminders.about"), Numeric: true},
	}}
	for _, row := range rows {
		name := page.Cell{Text: q.loc.T("letter_kind." + row.Letter)}
		if q.isOfficer() {
			name.Href = callPath(row.CallID, "reminders")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			name, {Text: row.Title.In(q.loc.Lang())}, {When: q.moment(row.DueAt, zoneOf(row.Zone))}, q.reminderDeadline(row.Deadline, row.ClosesAt, row.Zone), {Text: q.loc.N("reminders.n_files", int(row.Files))},
		}})
	}
	return page.Part{
		ID: "reminders", Title: q.loc.T("reminders.mine"), Text: q.loc.T("reminders.mine_text"), Table: t,
		Buttons: []page.Button{{Label: q.loc.T("reminders.choose_how"), Href: reminderChoicePath, Look: page.Secondary}},
	}
}
