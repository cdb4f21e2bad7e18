package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What an administrator keeps: lifecycles and which calls pin them, units, roles.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /admin/lifecycles", Guard: Administrator, Handle: s.listLifecycles, Nav: "nav.admin", NavOrder: 800},
		{Pattern: "GET /admin/lifecycles/{definition}", Guard: Administrator, Handle: s.showVersion},
		{Pattern: "GET /admin/calls/{call}/version", Guard: Administrator, Handle: s.askRepin},
		{Pattern: "POST /admin/calls/{call}/version/look", Guard: Administrator, Handle: s.previewRepin},
		{Pattern: "POST /admin/calls/{call}/version", Guard: Administrator, Handle: s.repin},
		{Pattern: "GET /admin/units", Guard: Administrator, Handle: s.listUnits},
		{Pattern: "GET /admin/roles", Guard: Administrator, Handle: s.listRoles},
	}
})

// adminTabs are the pages of an administrator.
func (q *request) adminTabs(here string) []page.NavItem {
	var out []page.NavItem
	for _, tab := range []string{"lifecycles", "letters", "units", "roles"} {
		out = append(out, page.NavItem{Label: q.loc.T("admin." + tab), Href: "/admin/" + tab, Current: tab == here})
	}
	return out
}

func (s *Server) listLifecycles(q *request) error {
	var versions []store.AdminDefinitionsRow
	var pins []store.AdminPinsRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if versions, err = queries.AdminDefinitions(ctx, db, q.house()); err != nil {
			return err
		}
		pins, err = queries.AdminPins(ctx, db, q.house())
		return err
	})
	if err != nil {
		return err
	}
	t := page.Table{Caption: q.loc.T("admin.lifecycles"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("admin.name")}, {Label: q.loc.T("admin.version"), Numeric: true}, {Label: q.loc.T("admin.origin")}, {Label: q.loc.T("admin.loaded")}, {Label: q.loc.T("office.calls"), Numeric: true},
	}}
	for _, v := range versions {
		origin := q.loc.T("admin.built_in")
		if v.Own {
			origin = q.loc.T("admin.own")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: v.Name, Href: "/admin/lifecycles/" + v.ID.String()},
			{Text: q.loc.Number(int(v.Version))},
			{Text: origin},
			{When: page.MomentOf(q.loc, v.LoadedAt, time.Time{})},
			{Text: q.loc.Number(int(v.Calls))},
		}})
	}
	pinned := page.Table{Caption: q.loc.T("admin.pins"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.call")}, {Label: q.loc.T("admin.version")}, {Label: q.loc.T("office.acts"), Hide: true},
	}, Empty: page.EmptyState{Title: q.loc.T("office.no_calls")}}
	for _, c := range pins {
		pinned.Rows = append(pinned.Rows, page.Row{Cells: []page.Cell{
			{Text: c.Title.In(q.loc.Lang()), Note: c.AcademicYear, Href: callPath(c.ID)},
			{Text: c.Name + " " + strconv.Itoa(int(c.Version))},
			{Buttons: []page.Button{{Label: q.loc.T("admin.move"), Href: "/admin/calls/" + c.ID.String() + "/version", Look: page.Secondary}}},
		}})
	}
	p := page.Office{Base: s.base(q, q.loc.T("admin.lifecycles")), Tabs: q.adminTabs("lifecycles"), Parts: []page.Part{
		{ID: "versions", Table: t}, {ID: "pins", Title: q.loc.T("admin.pins"), Text: q.loc.T("admin.pins_text"), Table: pinned},
	}}
	p.Lead = q.loc.T("admin.lifecycles_lead")
	return s.render(q, http.StatusOK, p)
}

func (s *Server) showVersion(q *request) error {
	id, err := q.id("definition")
	if err != nil {
		return err
	}
	var def *lifecycle.Definition
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		versions, err := queries.AdminDefinitions(ctx, db, q.house())
		if err != nil {
			return err
		}
		for _, v := range versions {
			if v.ID == id {
				def, err = s.Process.Definition(ctx, db, id)
				return err
			}
		}
		return mobility.NotFoundError("lifecycle")
	})
	if err != nil {
		return err
	}
	office := lifecycle.AudienceOffice
	p := page.Help{
		Base: s.base(q, q.loc.T("admin.lifecycle_title", "Name", def.Title.In(q.loc.Lang()), "Version", def.Version)), Picture: picture(q, def, office),
		Parts: []page.Part{
			{ID: "states", Title: q.loc.T("help.all_states"), Table: stateTable(q, def, office)},
			{ID: "timers", Title: q.loc.T("help.timers"), Text: q.loc.T("help.timers_text"), Table: timerTable(q, def, office)},
		},
	}
	p.Wide, p.Breadcrumbs = true, []page.Link{{Label: q.loc.T("admin.lifecycles"), Href: "/admin/lifecycles"}}
	return s.render(q, http.StatusOK, p)
}

// pinned is a call with the versions it may be moved to.
type pinned struct {
	call     store.OfficeCallRow
	def      *lifecycle.Definition
	versions []store.AdminDefinitionsRow
}

func (s *Server) readPinned(q *request) (p pinned, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if p.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if p.def, err = s.Process.Definition(ctx, db, p.call.DefinitionID); err != nil {
			return err
		}
		p.versions, err = queries.AdminDefinitions(ctx, db, q.house())
		return err
	})
	return p, err
}

func (p pinned) path() string { return "/admin/calls/" + p.call.ID.String() + "/version" }

func (s *Server) askRepin(q *request) error {
	p, err := s.readPinned(q)
	if err != nil {
		return err
	}
	field := page.Field{Kind: page.Select, Name: "definition", Label: q.loc.T("admin.to_version"), Required: true}
	for _, v := range p.versions {
		if v.ID != p.call.DefinitionID {
			field.Options = append(field.Options, page.Option{Value: v.ID.String(), Label: v.Name + " " + strconv.Itoa(int(v.Version))})
		}
	}
	d := page.Dialog{
		Text: q.loc.T("admin.repin_text"), Fields: []page.Field{field}, Action: p.path() + "/look",
		Facts:   page.Summary{Rows: []page.Fact{{Term: q.loc.T("admin.now"), Text: p.def.Name + " " + strconv.Itoa(p.def.Version)}}},
		Confirm: page.Button{Label: q.loc.T("admin.look")}, Cancel: page.Link{Href: "/admin/lifecycles"},
	}
	if len(field.Options) == 0 {
		d.Warning = page.Notice{Tone: page.Info, Text: q.loc.T("admin.no_other_version")}
	}
	return s.render(q, http.StatusOK, page.Confirm{Base: q.adminBase(s, p), Dialog: d})
}

func (q *request) adminBase(s *Server, p pinned) page.Base {
	b := s.base(q, q.loc.T("admin.repin_title", "Call", p.call.Title.In(q.loc.Lang())))
	b.Breadcrumbs = []page.Link{{Label: q.loc.T("admin.lifecycles"), Href: "/admin/lifecycles"}}
	return b
}

type repinForm struct {
	Definition uuid.UUID `form:"definition" validate:"required"`
	Seen       string    `form:"seen" validate:"max=200"`
	Reason     string    `form:"reason" validate:"max=2000"`
}

// planOf reads the form: the version, and where each state goes.
func (q *request) planOf(p pinned, preview bool) (process.Repin, form.Values, error) {
	var f repinForm
	typed, err := form.Decode(q.r, &f)
	plan := process.Repin{Call: p.call.ID, Definition: f.Definition, Mapping: process.Mapping{}, Preview: preview, Seen: f.Seen, Reason: f.Reason, Arrived: q.arrived}
	for name := range typed {
		if state, ok := strings.CutPrefix(name, "to."); ok && typed.First(name) != "" {
			plan.Mapping[mobility.State(state)] = mobility.State(typed.First(name))
		}
	}
	return plan, typed, err
}

// previewRepin shows what moving would do, and asks where files go whose
// state the new version lacks or whose facts it contradicts.
func (s *Server) previewRepin(q *request) error {
	p, err := s.readPinned(q)
	if err != nil {
		return err
	}
	plan, typed, err := q.planOf(p, true)
	if err != nil {
		return err
	}
	return s.repinPage(q, http.StatusOK, p, plan, typed, nil)
}

func (s *Server) repinPage(q *request, status int, p pinned, plan process.Repin, typed form.Values, refused error) error {
	plan.Preview = true
	would, err := s.Process.MoveCallToVersion(q.ctx(), q.actor, plan)
	if err != nil {
		return err
	}
	var to *lifecycle.Definition
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		to, err = s.Process.Definition(ctx, db, plan.Definition)
		return err
	})
	if err != nil {
		return err
	}
	d := q.repinDialog(p, plan, would, to, typed)
	if refused != nil {
		d.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	return s.render(q, status, page.Confirm{Base: q.adminBase(s, p), Dialog: d})
}

func (q *request) repinDialog(p pinned, plan process.Repin, would process.Repinned, to *lifecycle.Definition, typed form.Values) page.Dialog {
	t := page.Table{Caption: q.loc.N("admin.files_move", len(would.Applications)), Columns: []page.Column{
		{Label: q.loc.T("admin.from_state")}, {Label: q.loc.T("admin.to_state")}, {Label: q.loc.T("work.files"), Numeric: true}, {Label: q.loc.T("admin.problem")},
	}}
	d := page.Dialog{Text: q.loc.T("admin.preview_text", "Name", to.Name, "Version", to.Version), Cancel: page.Link{Href: p.path()}}
	asked := map[mobility.State]bool{}
	type group struct {
		from, to mobility.State
		problem  string
	}
	var order []group
	counts := map[group]int{}
	for _, a := range would.Applications {
		g := group{a.From, a.To, a.Problem}
		if counts[g] == 0 {
			order = append(order, g)
		}
		counts[g]++
	}
	for _, g := range order {
		row := page.Row{Cells: []page.Cell{{Tag: stateTag(q.loc, p.def, g.from)}, {}, {Text: q.loc.Number(counts[g])}, {}}}
		if g.to != "" {
			row.Cells[1].Tag = stateTag(q.loc, to, g.to)
		}
		_, mapped := plan.Mapping[g.from]
		if g.problem != "" {
			row.Tone, row.Cells[3].Text = page.Danger, q.loc.T(g.problem)
		}
		if (g.problem != "" || mapped) && !asked[g.from] {
			asked[g.from] = true
			d.Fields = append(d.Fields, q.mappingField(p.def, to, g.from, typed))
		}
		t.Rows = append(t.Rows, row)
	}
	d.Table = t
	d.Hidden = []page.Hidden{{Name: "definition", Value: plan.Definition.String()}, {Name: "seen", Value: would.Fingerprint}}
	d.Action, d.Confirm = p.path()+"/look", page.Button{Label: q.loc.T("admin.look_again")}
	if would.Unmapped() == 0 {
		d.Fields = append(d.Fields, page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), MaxLength: 2000, Value: typed.First("reason")})
		d.Action, d.Confirm = p.path(), page.Button{Label: q.loc.T("admin.repin_do")}
	}
	return d
}

func (q *request) mappingField(from, to *lifecycle.Definition, state mobility.State, typed form.Values) page.Field {
	name := "to." + string(state)
	f := page.Field{Kind: page.Select, Name: name, Label: q.loc.T("admin.where", "State", stateLabel(q.loc, from, state)), Required: true, Value: typed.First(name)}
	for _, st := range to.States {
		f.Options = append(f.Options, page.Option{Value: string(st.Name), Label: st.Label[lifecycle.AudienceOffice].In(q.loc.Lang())})
	}
	return f
}

func (s *Server) repin(q *request) error {
	p, err := s.readPinned(q)
	if err != nil {
		return err
	}
	plan, typed, err := q.planOf(p, false)
	if err != nil {
		return err
	}
	done, err := s.Process.MoveCallToVersion(q.ctx(), q.actor, plan)
	if kind := mobility.KindOf(err); kind == mobility.Conflict || kind == mobility.Stale {
		plan.Seen = ""
		return s.repinPage(q, http.StatusConflict, p, plan, typed, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/admin/lifecycles#pins", "notice.repinned", "Number", q.loc.Number(len(done.Applications)), "Version", strconv.Itoa(done.Version))
}
