package web

import (
	"context"
	"net/http"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What an officer does to a call: open it, overbook a pool.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/open", Guard: Officer, Handle: s.askOpenCall},
		{Pattern: "POST /office/calls/{call}/open", Guard: Officer, Handle: s.openCall},
		{Pattern: "GET /office/calls/{call}/pools/{pool}", Guard: Officer, Handle: s.askOverbook},
		{Pattern: "POST /office/calls/{call}/pools/{pool}", Guard: Officer, Handle: s.overbook},
	}
})

func (s *Server) askOpenCall(q *request) error {
	var v callView
	err := s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		v, err = s.readCall(q, db)
		return err
	})
	if err != nil {
		return err
	}
	if v.stage != stagePrepared {
		return mobility.ConflictError("conflict.call_already_open", nil)
	}
	d := page.Dialog{
		Text: q.loc.T("opening.ask_text"), Action: q.r.URL.Path,
		Confirm: page.Button{Label: q.loc.T("opening.open")}, Cancel: page.Link{Href: callPath(v.call.ID)},
		Facts: page.Summary{Rows: []page.Fact{
			{Term: q.loc.T("office.deadline_opens"), When: page.MomentOf(inZone(q.loc, v.call.Zone), value(v.call.OpensAt), q.now)},
			{Term: q.loc.T("office.deadline_closes"), When: page.DeadlineOf(inZone(q.loc, v.call.Zone), value(v.call.ClosesAt), q.now)},
			{Term: q.loc.T("office.destinations"), Text: q.loc.Number(len(v.destinations))},
		}},
	}
	for _, problem := range v.problems {
		d.Warning = page.Notice{Tone: page.Warning, Title: q.loc.T("opening.still"), Items: append(d.Warning.Items, openingText(q, problem))}
	}
	b := s.base(q, q.loc.T("opening.ask"))
	b.Kicker, b.Breadcrumbs = v.call.Title.In(q.loc.Lang()), q.callCrumbs(v.call.ID, v.call.Title)
	return s.render(q, http.StatusOK, page.Confirm{Base: b, Dialog: d})
}

func (s *Server) openCall(q *request) error {
	id, err := q.id("call")
	if err != nil {
		return err
	}
	if err := s.Process.OpenCall(q.ctx(), q.actor, q.arrived, id); err != nil {
		return err
	}
	return s.done(q, callPath(id), "notice.call_opened")
}

type overbookForm struct {
	Number int32  `form:"number" validate:"required"`
	Rule   string `form:"rule" validate:"required"`
	Why    string `form:"why" validate:"required,max=2000"`
}

// pool finds the pool among those the call draws on.
func (s *Server) pool(q *request) (v callView, pool store.OfficePoolsRow, err error) {
	id, err := q.id("pool")
	if err != nil {
		return v, pool, err
	}
	err = s.read(q, func(_ context.Context, db store.DBTX) (err error) {
		if v.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		v.pools, err = queries.OfficePools(q.ctx(), db, v.call.ID)
		return err
	})
	for _, each := range v.pools {
		if each.ID == id {
			return v, each, err
		}
	}
	if err == nil {
		err = mobility.NotFoundError("pool")
	}
	return v, pool, err
}

func (s *Server) askOverbook(q *request) error {
	v, pool, err := s.pool(q)
	if err != nil {
		return err
	}
	return s.overbookPage(q, http.StatusOK, v, pool, form.Values{"number": {"1"}}, nil)
}

func (s *Server) overbookPage(q *request, status int, v callView, pool store.OfficePoolsRow, typed form.Values, problems []mobility.FieldProblem) error {
	number := page.Field{Kind: page.Number, InputMode: "text", Short: true, Name: "number", Label: q.loc.T("office.overbook_number"), Hint: q.loc.T("office.overbook_hint"), Required: true, Value: typed.First("number")}
	rule := page.Field{Kind: page.Radios, Name: "rule", Label: q.loc.T("office.overbook_rule"), Required: true, Value: typed.First("rule")}
	for _, r := range process.OverbookingRules {
		rule.Options = append(rule.Options, page.Option{Value: r, Label: q.loc.T("consent." + r)})
	}
	why := page.Field{Kind: page.LongText, Rows: 3, Name: "why", Label: q.loc.T("office.overbook_why"), Hint: q.loc.T("office.overbook_why_hint"), Required: true, Value: typed.First("why"), MaxLength: 2000}
	summary := page.Refuse(q.loc, problems, &number, &rule, &why)
	b := s.base(q, q.loc.T("office.overbook_title", "Host", pool.Host))
	b.Breadcrumbs = q.callCrumbs(v.call.ID, v.call.Title)
	return s.render(q, status, page.Confirm{Base: b, Dialog: page.Dialog{
		Text: q.loc.T("office.overbook_text"), Errors: summary, Fields: []page.Field{number, rule, why}, Action: q.r.URL.Path,
		Facts: page.Summary{Rows: []page.Fact{
			{Term: q.loc.T("office.term"), Text: q.loc.T("term."+pool.Term) + " " + pool.AcademicYear},
			{Term: q.loc.T("office.agreed_places"), Text: q.loc.Number(int(pool.Places))},
			{Term: q.loc.T("office.overbooked"), Text: q.loc.Number(int(pool.Overbooked))},
			{Term: q.loc.T("office.held"), Text: q.loc.Number(int(pool.Held))},
		}},
		Confirm: page.Button{Label: q.loc.T("office.overbook_do")}, Cancel: page.Link{Href: callPath(v.call.ID)},
	}})
}

func (s *Server) overbook(q *request) error {
	v, pool, err := s.pool(q)
	if err != nil {
		return err
	}
	var f overbookForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.Overbook(q.ctx(), q.actor, process.Overbook{Pool: pool.ID, Number: f.Number, Rule: f.Rule, Why: f.Why, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.overbookPage(q, http.StatusUnprocessableEntity, v, pool, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, callPath(v.call.ID)+"#pools", "notice.overbooked", "Host", pool.Host)
}
