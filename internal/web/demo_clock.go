package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// strides are what the clock can be moved by without a deadline in mind.
var strides = []struct {
	key string
	by  time.Duration
}{{"demo.hour", time.Hour}, {"demo.day", 24 * time.Hour}, {"demo.week", 7 * 24 * time.Hour}}

// How far before a deadline one can still do something at leisure, and how far
// behind it timers have acted.
const (
	justBefore = 10 * time.Minute
	justAfter  = mobility.Grace + time.Minute
)

func (s *Server) showClock(q *request) error { return s.clockPage(q, http.StatusOK, nil) }

func (s *Server) clockPage(q *request, status int, problems []mobility.FieldProblem) error {
	s.inDemoZone(q)
	base := s.base(q, q.loc.T("demo.clock_title"))
	base.Lead = q.loc.T("demo.clock_lead", "Now", q.loc.DateTime(base.Now))
	ahead, err := s.Demo.World.Deadlines(q.ctx(), base.Now)
	if err != nil {
		return err
	}
	p := page.DemoClock{Base: base, Errors: page.Refuse(q.loc, problems), Deadlines: q.demoDeadlines(ahead, base.Now)}
	for _, stride := range strides {
		p.Forward = append(p.Forward, clockButton(q.loc.T(stride.key), base.Now.Add(stride.by)))
	}
	if len(ahead) > 0 {
		p.Forward = append(p.Forward, clockButton(q.loc.T("demo.next_deadline"), ahead[0].ClosesAt.Add(justAfter)))
	}
	return s.render(q, status, p)
}

func clockButton(label string, to time.Time) page.Button {
	return page.Button{
		Label: label, Look: page.Secondary, Action: "/demo/clock",
		Hidden: []page.Hidden{{Name: "to", Value: strconv.FormatInt(to.Unix(), 10)}},
	}
}

func (q *request) demoDeadlines(ahead []DemoDeadline, now time.Time) page.Table {
	t := page.Table{
		Caption: q.loc.T("demo.ahead"), HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("demo.when")}, {Label: q.loc.T("demo.what")}, {Label: q.loc.T("demo.go"), Hide: true}},
		Empty:   page.EmptyState{Text: q.loc.T("demo.nothing_ahead")},
	}
	for _, d := range ahead {
		when := page.DeadlineOf(q.loc, d.ClosesAt, now)
		buttons := []page.Button{clockButton(q.loc.T("demo.after"), d.ClosesAt.Add(justAfter))}
		if before := d.ClosesAt.Add(-justBefore); before.After(now) {
			buttons = slices.Insert(buttons, 0, clockButton(q.loc.T("demo.before"), before))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{When: when},
			{Text: q.loc.N("demo.deadline_"+d.Kind, d.Number), Note: d.Call.In(q.loc.Lang())},
			{Buttons: buttons},
		}})
	}
	return t
}

type clockForm struct {
	To int64 `form:"to" validate:"required"` // Unix seconds of business time
}

// moveClock moves the business clock to an instant, never backwards.
func (s *Server) moveClock(q *request) error {
	var f clockForm
	_, err := form.Decode(q.r, &f)
	if err != nil {
		return err
	}
	now, err := s.Identity.BusinessTime(q.ctx(), q.arrived)
	if err != nil {
		return err
	}
	if now, err = s.Process.ForwardClock(q.ctx(), q.arrived, time.Unix(f.To, 0).Sub(now)); err != nil {
		if problems, invalid := problemsOf(err); invalid {
			return s.clockPage(q, http.StatusUnprocessableEntity, problems)
		}
		return err
	}
	s.inDemoZone(q)
	return s.done(q, "/demo/clock", "notice.clock_moved", "Now", q.loc.DateTime(now))
}
