package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/calendar"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The calendar of staff: every deadline of every call of the house.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /calendar", Guard: Coordinator, Handle: s.showCalendar, Nav: "nav.calendar", NavOrder: 30}}
})

// listMonths is how many months the list goes on for.
const listMonths = 12

// calendarView is what a calendar shows and of what.
type calendarView struct {
	month    calendar.Month
	list     bool
	call     *uuid.UUID
	calls    []store.OfficeCallsRow
	dates    []date
	holidays map[calendar.Day]bool
}

// date is one deadline of the house, or several of one kind at one minute of
// one call.
type date struct {
	kind     string
	closesAt time.Time
	zone     string
	call     uuid.UUID
	title    mobility.Texts
	round    int32  // of several, 0 where there is one
	unit     string // only of this unit and those below, "" for everybody
	one      bool   // only of one person
	hosts    []string
	n        int // files or destinations; 0 for a deadline of the call's own
	files    bool
}

// last is the last minute in time, as people name a deadline; of an opening,
// the moment it comes.
func (d date) last() time.Time {
	if d.kind == "opens" {
		return d.closesAt
	}
	return d.closesAt.Add(-time.Minute)
}

func (s *Server) showCalendar(q *request) error {
	var v calendarView
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		v, err = q.readCalendar(ctx, db)
		return err
	})
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, s.calendarPage(q, v))
}

func (q *request) readCalendar(ctx context.Context, db store.DBTX) (v calendarView, err error) {
	query := q.r.URL.Query()
	v.list = query.Get("view") == "list"
	if v.month, err = calendar.ParseMonth(query.Get("month")); err != nil {
		v.month = calendar.MonthOf(q.now.In(q.loc.Zone()))
	}
	if id, err := uuid.Parse(query.Get("call")); err == nil {
		v.call = &id
	}
	if v.calls, err = queries.OfficeCalls(ctx, db, store.OfficeCallsParams{Institutions: q.house(), Self: q.actor.Person}); err != nil {
		return v, err
	}
	since, until := v.bounds(q.loc.Zone())
	if v.dates, err = q.dates(ctx, db, between{since, until, v.call}); err != nil {
		return v, err
	}
	days, err := queries.CalendarHolidays(ctx, db, store.CalendarHolidaysParams{Institutions: q.house(), FirstDay: since.UTC(), LastDay: until.UTC()})
	v.holidays = make(map[calendar.Day]bool, len(days))
	for _, day := range days {
		v.holidays[calendar.DayOf(day)] = true
	}
	return v, err
}

// bounds are the first instant the calendar shows and the first it does not.
func (v calendarView) bounds(zone *time.Location) (since, until time.Time) {
	if v.list {
		return v.month.Begins(zone), v.month.Add(listMonths).Begins(zone)
	}
	weeks := v.month.Weeks()
	first, last := weeks[0][0], weeks[len(weeks)-1][6]
	return first.Noon(zone).Add(-12 * time.Hour), last.Noon(zone).Add(12 * time.Hour)
}

// between bounds which deadlines are read.
type between struct {
	since, until time.Time
	call         *uuid.UUID // nil: of every call
}

// dates reads the deadlines of the house the reader has to do with: those of
// calls and destinations, and those of single files by number.
func (q *request) dates(ctx context.Context, db store.DBTX, in between) ([]date, error) {
	rows, err := queries.CalendarOfHouse(ctx, db, store.CalendarOfHouseParams{
		Institutions: q.house(), Since: in.since, Until: in.until, CallID: in.call, Offices: q.offices(), Self: q.actor.Person,
	})
	if err != nil {
		return nil, err
	}
	var out []date
	for _, row := range rows {
		d := dateOf(row)
		if row.Rounds > 1 {
			d.round = row.Round
		}
		if row.Host != "" {
			if last := len(out) - 1; last >= 0 && out[last].n > 0 && out[last].call == d.call && out[last].kind == d.kind && out[last].closesAt.Equal(d.closesAt) {
				out[last].hosts, out[last].n = append(out[last].hosts, row.Host), out[last].n+1
				continue
			}
			d.hosts, d.n = []string{row.Host}, 1
		}
		out = append(out, d)
	}
	files, err := queries.CalendarOfFiles(ctx, db, store.CalendarOfFilesParams{
		Institutions: q.house(), Self: q.actor.Person, Since: in.since, Until: in.until, CallID: in.call,
	})
	for _, row := range files {
		out = append(out, date{kind: row.Kind, closesAt: row.ClosesAt, zone: row.Zone, call: row.CallID, title: row.Title, n: int(row.Files), files: true})
	}
	slices.SortStableFunc(out, func(a, b date) int { return a.last().Compare(b.last()) })
	return out, err
}

func dateOf(row store.CalendarOfHouseRow) date {
	return date{kind: row.Kind, closesAt: row.ClosesAt, zone: row.Zone, call: row.CallID, title: row.Title, unit: row.Unit, one: row.OnePerson}
}

// offices are the institutions for whose office the actor works.
func (q *request) offices() []uuid.UUID {
	out := []uuid.UUID{}
	for _, g := range q.actor.Grants {
		if g.Role == mobility.RoleOfficer || g.Role == mobility.RoleAdministrator {
			out = append(out, g.Institution)
		}
	}
	return out
}

func (s *Server) calendarPage(q *request, v calendarView) page.Calendar {
	p := page.Calendar{
		Base:     s.base(q, q.loc.T("calendar.title")),
		Month:    q.monthName(v.month),
		Previous: page.Link{Label: q.monthName(v.month.Add(-1)), Href: v.href(v.month.Add(-1), v.list)},
		Next:     page.Link{Label: q.monthName(v.month.Add(1)), Href: v.href(v.month.Add(1), v.list)},
		Views: []page.NavItem{
			{Label: q.loc.T("calendar.as_month"), Href: v.href(v.month, false), Current: !v.list},
			{Label: q.loc.T("calendar.as_list"), Href: v.href(v.month, true), Current: v.list},
		},
		Filter: q.calendarFilter(v),
		Feed:   page.Link{Label: q.loc.T("calendar.subscribe"), Href: "/account/calendar"},
	}
	p.Wide, p.Lead = true, q.loc.T("calendar.lead", "Zone", q.loc.Zone().String())
	if now := calendar.MonthOf(q.now.In(q.loc.Zone())); now != v.month {
		p.Today = page.Link{Label: q.loc.T("calendar.this_month"), Href: v.href(now, v.list)}
	}
	entries := q.entriesByDay(v)
	if v.list {
		p.Days = q.calendarDays(v, entries)
		p.Month = q.loc.T("calendar.from", "Month", p.Month)
	} else {
		p.Heads, p.Weeks = q.calendarWeeks(v, entries)
	}
	if len(entries) == 0 {
		p.Empty = page.EmptyState{Title: q.loc.T("calendar.none"), Text: q.loc.T("calendar.none_text")}
	}
	return p
}

func (v calendarView) href(month calendar.Month, list bool) string {
	values := url.Values{"month": {month.String()}}
	if list {
		values.Set("view", "list")
	}
	if v.call != nil {
		values.Set("call", v.call.String())
	}
	return "/calendar?" + values.Encode()
}

func (q *request) monthName(m calendar.Month) string {
	return q.loc.T("calendar.month", "Month", q.loc.T("calendar.month_"+strconv.Itoa(int(m.Month))), "Year", m.Year)
}

// calendarFilter asks for one call; with one alone there is nothing to ask.
func (q *request) calendarFilter(v calendarView) page.Filter {
	if len(v.calls) < 2 {
		return page.Filter{}
	}
	field := page.Field{Kind: page.Select, Name: "call", Label: q.loc.T("calendar.call"), Blank: q.loc.T("calendar.all_calls")}
	for _, call := range v.calls {
		field.Options = append(field.Options, page.Option{Value: call.ID.String(), Label: q.titled(call.Title, call.AcademicYear)})
	}
	f := page.Filter{Action: "/calendar", Hidden: []page.Hidden{{Name: "month", Value: v.month.String()}}}
	if v.list {
		f.Hidden = append(f.Hidden, page.Hidden{Name: "view", Value: "list"})
	}
	if v.call != nil {
		field.Value = v.call.String()
		all := v
		all.call = nil
		f.Clear = page.Link{Label: q.loc.T("calendar.all_calls"), Href: all.href(v.month, v.list)}
	}
	f.Fields = []page.Field{field}
	return f
}

// titled names a call with its year.
func (q *request) titled(title mobility.Texts, year string) string {
	return title.In(q.loc.Lang()) + ", " + year
}

// entriesByDay sorts what there is into the days of the reader's zone.
func (q *request) entriesByDay(v calendarView) map[calendar.Day][]page.CalendarEntry {
	out := map[calendar.Day][]page.CalendarEntry{}
	for _, d := range v.dates {
		day := calendar.DayOf(d.last().In(q.loc.Zone()))
		out[day] = append(out[day], q.calendarEntry(d))
	}
	return out
}

func (q *request) calendarEntry(d date) page.CalendarEntry {
	title := d.title.In(q.loc.Lang())
	if d.round > 0 {
		title = q.loc.T("calendar.round", "Call", title, "Round", d.round)
	}
	e := page.CalendarEntry{
		Clock: q.loc.Clock(d.last()), Title: q.dateTitle(d), Note: title,
		Href: "/office/calls/" + d.call.String(), Over: !mobility.Open(q.now, d.closesAt),
	}
	zone := zoneOf(d.zone)
	_, there := d.last().In(zone).Zone()
	if _, here := d.last().In(q.loc.Zone()).Zone(); here != there {
		e.There = q.loc.In(zone).DateTime(d.last())
	}
	if len(d.hosts) > 1 {
		e.Items, e.More = d.hosts, q.loc.N("calendar.which", len(d.hosts))
	}
	return e
}

// dateTitle says what ends.
func (q *request) dateTitle(d date) string {
	switch {
	case d.files:
		return q.loc.N("calendar.files_"+d.kind, d.n)
	case d.n > 1:
		return q.loc.N("calendar.hosts_"+d.kind, d.n)
	case d.n == 1:
		return q.loc.T("calendar.host_"+d.kind, "Host", d.hosts[0])
	case d.unit != "":
		return q.loc.T("calendar.for_unit", "What", q.loc.T("calendar.kind_"+d.kind), "Unit", d.unit)
	case d.one:
		return q.loc.T("calendar.for_one", "What", q.loc.T("calendar.kind_"+d.kind))
	}
	return q.loc.T("calendar.kind_" + d.kind)
}

func (q *request) calendarWeeks(v calendarView, entries map[calendar.Day][]page.CalendarEntry) (heads []page.Weekday, weeks [][]page.CalendarDay) {
	for i, week := range v.month.Weeks() {
		row := make([]page.CalendarDay, 0, len(week))
		for _, day := range week {
			if i == 0 {
				n := strconv.Itoa(len(row) + 1)
				heads = append(heads, page.Weekday{Short: q.loc.T("calendar.day_short_" + n), Long: q.loc.T("calendar.day_" + n)})
			}
			d := q.calendarDay(v, day, entries[day])
			d.Outside = day.Month != v.month.Month
			row = append(row, d)
		}
		weeks = append(weeks, row)
	}
	return heads, weeks
}

func (q *request) calendarDays(v calendarView, entries map[calendar.Day][]page.CalendarEntry) []page.CalendarDay {
	var out []page.CalendarDay
	for _, d := range v.dates {
		day := calendar.DayOf(d.last().In(q.loc.Zone()))
		if last := len(out) - 1; last < 0 || out[last].ISO != day.String() {
			out = append(out, q.calendarDay(v, day, entries[day]))
		}
	}
	return out
}

func (q *request) calendarDay(v calendarView, day calendar.Day, entries []page.CalendarEntry) page.CalendarDay {
	noon := day.Noon(q.loc.Zone())
	out := page.CalendarDay{
		Number: strconv.Itoa(day.Day), Full: q.loc.Weekday(noon), ISO: day.String(), Entries: entries,
		Today: day == calendar.DayOf(q.now.In(q.loc.Zone())),
	}
	switch {
	case v.holidays[day]:
		out.Free = q.loc.T("calendar.holiday")
	case !mobility.Weekdays(noon):
		out.Free = q.loc.T("calendar.weekend")
	}
	return out
}
