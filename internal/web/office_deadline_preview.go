package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The second step of moving a deadline: before anything changes, whom it
// concerns by name, what was said to them and what will be, and what a night
// of summer time does to the minute.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/deadlines/preview", Guard: Officer, Handle: s.showDeadlineMove},
		{Pattern: "POST /office/calls/{call}/deadlines/preview", Guard: Officer, Handle: s.moveDeadline},
	}
})

const namesAtOnce = 50

// deadlineMoving is a move that is previewed.
type deadlineMoving struct {
	movedDeadline
	req     process.DeadlineMove
	preview process.DeadlinePreview
	names   []store.DeadlineNamesRow
	unit    string
	person  string
	at      int  // page of the names
	total   int  // names the reader sees
	barred  bool // a conflict of interest hides somebody, and with them every figure
}

func (s *Server) readMoving(q *request, typed url.Values) (v deadlineMoving, err error) {
	if v.movedDeadline, err = s.readMoved(q, typed); err != nil {
		return v, err
	}
	f := deadlineForm{Zone: typed.Get("zone"), Scope: typed.Get("scope"), Unit: typed.Get("unit")}
	if f.Wall, err = mobility.ParseWall(typed.Get("wall")); err != nil {
		return v, mobility.NotFoundError("deadline")
	}
	var person *uuid.UUID
	if id, err := uuid.Parse(typed.Get("person")); err == nil {
		person = &id
	}
	if v.req, err = v.request(f, person); err != nil {
		return v, err
	}
	v.req.Arrived = q.arrived
	if v.preview, err = s.Process.PreviewDeadline(q.ctx(), q.actor, v.req); err != nil {
		return v, err
	}
	return v, s.read(q, func(ctx context.Context, db store.DBTX) error { return v.readNames(ctx, q, db) })
}

func (v *deadlineMoving) readNames(ctx context.Context, q *request, db store.DBTX) (err error) {
	asked := q.r.URL.Query()
	v.at, _ = strconv.Atoi(asked.Get("page"))
	v.at = max(v.at, 1)
	v.names, err = queries.DeadlineNames(ctx, db, store.DeadlineNamesParams{
		Kind: v.preview.Kind, Ids: v.preview.Concerned, Self: q.actor.Person, Phase: asked.Get("phase"), Sought: asked.Get("q"),
		Most: namesAtOnce, Skip: int32((v.at - 1) * namesAtOnce),
	})
	if err != nil {
		return err
	}
	if len(v.names) > 0 {
		v.total = int(v.names[0].Total)
	}
	if v.barred, err = queries.BarredFromSomebody(ctx, db); err != nil {
		return err
	}
	if v.barred {
		v.preview.Phases = map[string]int{}
		seen, err := queries.VisiblePhases(ctx, db, store.VisiblePhasesParams{Ids: v.preview.Concerned, Self: q.actor.Person})
		if err != nil {
			return err
		}
		for _, p := range seen {
			v.preview.Phases[string(p.Phase)] = int(p.Number)
		}
	}
	for _, u := range v.units {
		if v.preview.Unit != nil && u.ID == *v.preview.Unit {
			v.unit = u.Name.In(q.loc.Lang())
		}
	}
	if v.preview.Person != nil {
		p, err := queries.PersonName(ctx, db, store.PersonNameParams{PersonID: *v.preview.Person, InstitutionID: v.call.InstitutionID})
		if err != nil {
			return err
		}
		v.person = p
	}
	return q.note(db, lookedAt{institution: v.call.InstitutionID, filter: "deadline", count: len(v.names)})
}

func (s *Server) showDeadlineMove(q *request) error {
	v, err := s.readMoving(q, q.r.URL.Query())
	if err != nil {
		return err
	}
	return s.movingPage(q, http.StatusOK, v, nil, nil)
}

func (s *Server) movingPage(q *request, status int, v deadlineMoving, typed form.Values, problems []mobility.FieldProblem) error {
	b := s.base(q, q.loc.T("deadlines.preview_title", "Deadline", q.loc.T("office.deadline_"+v.kind())))
	b.Kicker = v.call.Title.In(q.loc.Lang())
	b.Breadcrumbs = append(q.callCrumbs(v.call.ID, v.call.Title), page.Link{Label: q.loc.T("deadlines.title"), Href: callPath(v.call.ID, "deadlines")})
	p := page.Office{Base: b, Parts: []page.Part{v.change(q)}}
	if n := v.warnings(q); len(n.Items) > 0 {
		p.Notices = append(p.Notices, n)
	}
	confirm, summary := v.confirm(q, typed, problems)
	p.Errors = summary
	p.Parts = append(p.Parts, v.consequences(q), confirm)
	if len(v.preview.Concerned) > 0 {
		p.Parts = append(p.Parts, v.namesPart(q))
	}
	return s.render(q, status, p)
}

func (v deadlineMoving) whom(q *request) string {
	switch v.preview.Scope {
	case process.ForUnit:
		return q.loc.T("deadlines.unit_and_below", "Unit", v.unit)
	case process.ForPerson:
		return v.person
	case process.ForEverybody:
	}
	if v.row.DestinationID != nil {
		return q.forWhom(v.row)
	}
	return q.loc.T("deadlines.everybody")
}

// change says what becomes what, for whom.
func (v deadlineMoving) change(q *request) page.Part {
	rows := []page.Fact{{Term: q.loc.T("deadlines.for_whom"), Text: v.whom(q)}}
	if was := v.preview.Was; was != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("deadlines.was"), When: q.whenOf(v.preview.Kind, was.ClosesAt, was.Zone)})
	}
	rows = append(rows, page.Fact{Term: q.loc.T("deadlines.becomes"), When: q.whenOf(v.preview.Kind, v.preview.Becomes.ClosesAt, v.preview.Becomes.Zone)})
	return page.Part{ID: "change", Title: q.loc.T("deadlines.change"), Summary: page.Summary{Rows: rows}}
}

// warnings are what an officer may not have meant.
func (v deadlineMoving) warnings(q *request) page.Notice {
	n := page.Notice{Tone: page.Warning, Title: q.loc.T("deadlines.look_twice")}
	p := v.preview
	if p.Oddity != mobility.WallPlain {
		n.Items = append(n.Items, q.loc.T("deadlines.wall_"+string(p.Oddity), "Zone", p.Becomes.Zone, "When", q.whenOf(p.Kind, p.Becomes.ClosesAt, p.Becomes.Zone).Text))
	}
	if p.Sooner {
		n.Items = append(n.Items, q.loc.T("deadlines.sooner"))
	}
	if !mobility.Weekdays(p.Becomes.Wall.Time()) && p.Kind != "opens" {
		n.Items = append(n.Items, q.loc.T("deadlines.weekend"))
	}
	if p.OffersAfter > 0 {
		n.Items = append(n.Items, q.loc.N("deadlines.offers_after", p.OffersAfter))
	}
	return n
}

// consequences are the numbers: who, and which letters.
func (v deadlineMoving) consequences(q *request) page.Part {
	p := v.preview
	concerned := q.loc.N("deadlines.people", len(p.Concerned))
	if v.barred {
		concerned = q.loc.T("deadlines.as_far_as_seen")
		p.OwnLater, p.Carried, p.Gone, p.Waiting, p.Anew = 0, 0, 0, 0, 0
	}
	if p.Person != nil && len(p.Concerned) == 0 {
		concerned = q.loc.T("deadlines.has_not_begun")
	}
	rows := []page.Fact{{Term: q.loc.T("deadlines.concerns"), Text: concerned}}
	for _, phase := range mobility.Phases {
		if n := p.Phases[string(phase)]; n > 0 {
			rows[0].Lines = append(rows[0].Lines, q.loc.T("phase."+string(phase))+": "+q.loc.Number(n))
		}
	}
	for _, each := range []struct {
		term, text string
		n          int
	}{
		{"deadlines.own_later", "deadlines.own_later_text", p.OwnLater},
		{"deadlines.carried", "deadlines.carried_text", p.Carried},
		{"deadlines.gone", "deadlines.gone_text", p.Gone},
		{"deadlines.waiting", "deadlines.waiting_text", p.Waiting},
		{"deadlines.anew", "deadlines.anew_text", p.Anew},
	} {
		if each.n > 0 {
			rows = append(rows, page.Fact{Term: q.loc.T(each.term), Text: q.loc.N(each.text, each.n)})
		}
	}
	return page.Part{ID: "consequences", Title: q.loc.T("deadlines.consequences"), Summary: page.Summary{Rows: rows}}
}

// confirm asks why, whether to write, and carries it out.
func (v deadlineMoving) confirm(q *request, typed form.Values, problems []mobility.FieldProblem) (page.Part, page.ErrorSummary) {
	reason := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("deadlines.reason_hint"), Required: true, Value: typed.First("reason"), MaxLength: 2000}
	tell := page.Field{Kind: page.Checkbox, Name: "tell", Label: q.loc.T("deadlines.tell"), Hint: q.loc.T("deadlines.tell_hint"), Value: "true"}
	if typed != nil {
		tell.Value = typed.First("tell")
	}
	summary := page.Refuse(q.loc, problems, &reason, &tell)
	part := page.Part{
		ID: "confirm", Title: q.loc.T("deadlines.confirm"), Action: callPath(v.call.ID, "deadlines", "preview"), Fields: []page.Field{reason},
		Hidden: append(v.hidden(), page.Hidden{Name: "hash", Value: v.preview.Hash}, page.Hidden{Name: "wall", Value: v.req.Wall.String()}, page.Hidden{Name: "zone", Value: v.req.Zone}),
		Buttons: []page.Button{
			{Label: q.loc.T("office.amend_do")},
			{Label: q.loc.T("deadlines.back"), Href: v.backPath(), Look: page.Quiet},
		},
	}
	if v.preview.Tellable {
		part.Fields = append(part.Fields, tell)
	}
	for name, value := range map[string]*uuid.UUID{"unit": v.req.Unit, "person": v.req.Person} {
		if value != nil {
			part.Hidden = append(part.Hidden, page.Hidden{Name: name, Value: value.String()})
		}
	}
	if v.req.Scope != "" {
		part.Hidden = append(part.Hidden, page.Hidden{Name: "scope", Value: string(v.req.Scope)})
	}
	return part, summary
}

func (v deadlineMoving) backPath() string {
	pairs := []string{"wall", v.req.Wall.String(), "zone", v.req.Zone, "scope", string(v.req.Scope)}
	for _, h := range v.hidden() {
		pairs = append(pairs, h.Name, h.Value)
	}
	if v.req.Unit != nil {
		pairs = append(pairs, "unit", v.req.Unit.String())
	}
	return withQuery(callPath(v.call.ID, "deadlines", "move"), pairs...)
}

func (v deadlineMoving) filter(q *request) page.Filter {
	asked := q.r.URL.Query()
	phase := page.Field{Kind: page.Select, Name: "phase", Label: q.loc.T("deadlines.phase"), Value: asked.Get("phase"), Blank: q.loc.T("deadlines.any_phase")}
	for _, each := range mobility.Phases {
		if v.preview.Phases[string(each)] > 0 {
			phase.Options = append(phase.Options, page.Option{Value: string(each), Label: q.loc.T("phase." + string(each))})
		}
	}
	f := page.Filter{Action: callPath(v.call.ID, "deadlines", "preview") + "#names", Fields: []page.Field{{Kind: page.Search, Name: "q", Label: q.loc.T("deadlines.name"), Value: asked.Get("q")}, phase}}
	self := previewPath(v.movedDeadline, v.req)
	if here, err := url.Parse(self); err == nil {
		for name, values := range here.Query() {
			f.Hidden = append(f.Hidden, page.Hidden{Name: name, Value: values[0]})
		}
	}
	if asked.Get("q") != "" || asked.Get("phase") != "" {
		f.Clear = page.Link{Label: q.loc.T("deadlines.show_all"), Href: self}
	}
	return f
}

// namesPart is who it concerns, as far as the reader may know.
func (v deadlineMoving) namesPart(q *request) page.Part {
	t := page.Table{Caption: q.loc.T("deadlines.names"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("deadlines.name")}, {Label: q.loc.T("office.unit")}, {Label: q.loc.T("deadlines.phase")}, {Label: q.loc.T("deadlines.was")},
	}, Empty: page.EmptyState{Title: q.loc.T("deadlines.no_names")}}
	for _, n := range v.names {
		row := page.Row{Cells: []page.Cell{{Text: n.Name, Href: filePath(n.ID)}, {Text: n.Unit}, {Text: q.loc.T("phase." + string(n.Phase))}, {}}}
		if n.Zone != "" {
			row.Cells[3].When = q.whenOf(v.preview.Kind, n.ClosesAt, n.Zone)
		}
		t.Rows = append(t.Rows, row)
	}
	part := page.Part{ID: "names", Title: q.loc.T("deadlines.names"), Filter: v.filter(q), Table: t}
	asked := q.r.URL.Query()
	if pages := (v.total + namesAtOnce - 1) / namesAtOnce; pages > 1 {
		part.Pager = page.PagerOf(v.at, pages, v.total, func(n int) string {
			asked.Set("page", strconv.Itoa(n))
			return callPath(v.call.ID, "deadlines", "preview") + "?" + asked.Encode() + "#names"
		})
	}
	return part
}

// deadlineMoveForm is the second step's answer; what the first gave stands hidden.
type deadlineMoveForm struct {
	Reason string `form:"reason" validate:"required,max=2000"`
	Tell   bool   `form:"tell"`
	Hash   string `form:"hash" validate:"required,max=64"`

	Wall   string `form:"wall" validate:"max=20"`
	Zone   string `form:"zone" validate:"max=64"`
	Scope  string `form:"scope" validate:"max=20"`
	Unit   string `form:"unit" validate:"max=36"`
	Person string `form:"person" validate:"max=36"`

	Deadline    string `form:"deadline" validate:"max=36"`
	Kind        string `form:"kind" validate:"max=20"`
	Round       string `form:"round" validate:"max=36"`
	Destination string `form:"destination" validate:"max=36"`
}

func (s *Server) moveDeadline(q *request) error {
	var f deadlineMoveForm
	typed, err := form.Decode(q.r, &f)
	v, readErr := s.readMoving(q, url.Values(typed))
	if readErr != nil {
		return readErr
	}
	if err == nil {
		req := v.req
		req.Reason, req.Tell, req.Hash = f.Reason, f.Tell, f.Hash
		err = s.Process.MoveDeadline(q.ctx(), q.actor, req)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.movingPage(q, http.StatusUnprocessableEntity, v, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, callPath(v.call.ID, "deadlines"), "notice.deadline_amended")
}
