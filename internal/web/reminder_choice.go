package web

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strconv"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// How somebody wants to be reminded.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET " + reminderChoicePath, Guard: SignedIn, Handle: s.showReminderChoice},
		{Pattern: "POST " + reminderChoicePath, Guard: SignedIn, Handle: s.chooseReminders},
	}
})

const reminderChoicePath = "/account/reminders"

// readReminderChoice is what the visitor chose, or what holds for those who
// did not choose.
func (s *Server) readReminderChoice(q *request) (store.ReminderChoiceRow, error) {
	row := store.ReminderChoiceRow{Way: process.ByDefault, Weekday: 1, Hour: 8, Announcements: true}
	err := s.read(q, func(ctx context.Context, db store.DBTX) error {
		chosen, err := queries.ReminderChoice(ctx, db, q.actor.Person)
		if store.NoRows(err) {
			return nil
		}
		row = chosen
		return err
	})
	return row, err
}

func (s *Server) showReminderChoice(q *request) error {
	row, err := s.readReminderChoice(q)
	if err != nil {
		return err
	}
	typed := form.Values{
		"way": {q.offeredWay(row.Way)}, "weekday": {strconv.Itoa(int(row.Weekday))}, "hour": {strconv.Itoa(int(row.Hour))},
	}
	if row.Announcements {
		typed["announcements"] = []string{"true"}
	}
	return s.reminderChoicePage(q, http.StatusOK, typed, nil)
}

// reminderWays are the ways the visitor can choose from: overviews are of
// work, and who does none gets each reminder or none.
func (q *request) reminderWays() []string {
	switch {
	case q.isOfficer():
		return process.ReminderWays
	case Coordinator.admits(q.actor):
		return []string{process.AtOnce, process.Daily, process.Weekly, process.Never}
	}
	return []string{process.AtOnce, process.Never}
}

// offeredWay is what a choice comes to among the ways that are offered.
func (q *request) offeredWay(way string) string {
	if !slices.Contains(q.reminderWays(), way) {
		return process.AtOnce
	}
	return way
}

func (s *Server) reminderChoicePage(q *request, status int, typed form.Values, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("reminders.choice_title"))}
	p.Lead = q.loc.T("reminders.choice_lead")
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("account.title"), Href: "/account"}}
	fields := q.reminderFields(typed)
	pointers := make([]*page.Field, len(fields))
	for i := range fields {
		pointers[i] = &fields[i]
	}
	p.Errors = page.Refuse(q.loc, problems, pointers...)
	p.Parts = []page.Part{{
		ID: "choice", Action: reminderChoicePath, Fields: fields,
		Buttons: []page.Button{{Label: q.loc.T("reminders.choose"), Look: page.Primary}},
	}}
	return s.render(q, status, p)
}

func (q *request) reminderFields(typed form.Values) []page.Field {
	way := page.Field{Kind: page.Radios, Name: "way", Label: q.loc.T("reminders.way"), Required: true, Value: typed.First("way")}
	for _, each := range q.reminderWays() {
		way.Options = append(way.Options, page.Option{Value: each, Label: q.loc.T("reminders.way_" + each), Hint: q.wayHint(each)})
	}
	fields := []page.Field{way}
	if Coordinator.admits(q.actor) {
		day := page.Field{Kind: page.Select, Name: "weekday", Label: q.loc.T("reminders.weekday"), Value: typed.First("weekday"), Required: true}
		for n := 1; n <= 7; n++ {
			day.Options = append(day.Options, page.Option{Value: strconv.Itoa(n), Label: q.loc.T("reminders.weekday_" + strconv.Itoa(n))})
		}
		hour := page.Field{Kind: page.Select, Name: "hour", Label: q.loc.T("reminders.hour"), Hint: q.loc.T("reminders.hour_hint", "Zone", q.loc.Zone().String()), Value: typed.First("hour"), Required: true}
		for n := range 24 {
			hour.Options = append(hour.Options, page.Option{Value: strconv.Itoa(n), Label: q.loc.T("reminders.at_hour", "Hour", n)})
		}
		fields = append(fields, day, hour)
	}
	return append(fields, page.Field{Kind: page.Checkbox, Name: "announcements", Label: q.loc.T("reminders.announcements"), Value: typed.First("announcements")})
}

// wayHint says what a way means where its name does not.
func (q *request) wayHint(way string) string {
	id := "reminders.way_" + way + "_hint"
	if !Coordinator.admits(q.actor) || !q.loc.Has(id) {
		return ""
	}
	return q.loc.T(id)
}

type reminderChoiceForm struct {
	Way           string `form:"way" validate:"required,max=20"`
	Weekday       int    `form:"weekday" validate:"max=7"`
	Hour          int    `form:"hour" validate:"max=23"`
	Announcements bool   `form:"announcements"`
}

func (s *Server) chooseReminders(q *request) error {
	var f reminderChoiceForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.ChooseReminders(q.ctx(), q.actor, process.ReminderChoice{
			Way: f.Way, Weekday: cmp.Or(f.Weekday, 1), Hour: f.Hour, Announcements: f.Announcements, Arrived: q.arrived,
		})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.reminderChoicePage(q, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, reminderChoicePath, "notice.reminders_chosen")
}
