package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Moving a deadline in two steps: the new time and for whom; then before whom
// and what it concerns, with a reason.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/deadlines/{deadline}", Guard: Officer, Handle: s.toDeadline},
		{Pattern: "GET /office/calls/{call}/deadlines/move", Guard: Officer, Handle: s.askMoveDeadline},
		{Pattern: "POST /office/calls/{call}/deadlines/move", Guard: Officer, Handle: s.planMoveDeadline},
	}
})

// toDeadline leads to the page that moves a deadline of a call.
func (s *Server) toDeadline(q *request) error {
	id, err := q.id("deadline")
	if err != nil {
		return err
	}
	var row store.DeadlineToMoveRow
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		row, err = queries.DeadlineToMove(ctx, db, id)
		return err
	})
	if err != nil {
		return err
	}
	if !slices.Contains(q.house(), row.InstitutionID) {
		return mobility.NotFoundError("deadline") // everybody reads it, the house changes it
	}
	if row.CallID == uuid.Nil {
		return mobility.ConflictError("conflict.deadline_of_a_file", nil)
	}
	return q.redirect(withQuery(callPath(row.CallID, "deadlines", "move"), "deadline", id.String()))
}

// movedDeadline is the deadline a page is about to move, or to set anew.
type movedDeadline struct {
	call  store.OfficeCallRow
	row   store.CallDeadlinesRow // zero ID: not there yet
	fresh struct {
		kind               string
		round, destination *uuid.UUID
	}
	zones  []string
	units  []store.UnitsToExtendRow
	people []store.OfficePeopleRow // who fits what was typed
}

func (m movedDeadline) kind() string { return cmp.Or(m.row.Kind, m.fresh.kind) }

// general reports whether it is everybody's and can be narrowed.
func (m movedDeadline) general() bool {
	return m.row.General && process.Extendable(m.row.Kind)
}

func (s *Server) readMoved(q *request, values url.Values) (m movedDeadline, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if m.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		if m.zones, err = queries.DeadlineZones(ctx, db, m.call.ID); err != nil {
			return err
		}
		if m.units, err = queries.UnitsToExtend(ctx, db, m.call.ID); err != nil {
			return err
		}
		return m.find(ctx, q, db, values)
	})
	return m, err
}

// find reads which deadline the address or the form names, among the call's.
func (m *movedDeadline) find(ctx context.Context, q *request, db store.DBTX, values url.Values) error {
	if id, err := uuid.Parse(values.Get("deadline")); err == nil {
		rows, err := queries.CallDeadlines(ctx, db, store.CallDeadlinesParams{CallID: m.call.ID, Self: &q.actor.Person})
		for _, d := range rows {
			if d.ID == id {
				m.row = d
				return nil
			}
		}
		return cmp.Or(err, error(mobility.NotFoundError("deadline")))
	}
	m.fresh.kind = values.Get("kind")
	for name, into := range map[string]**uuid.UUID{"round": &m.fresh.round, "destination": &m.fresh.destination} {
		if id, err := uuid.Parse(values.Get(name)); err == nil {
			*into = &id
		}
	}
	at, err := queries.DeadlineSubject(ctx, db, store.DeadlineSubjectParams{RoundID: m.fresh.round, DestinationID: m.fresh.destination})
	if err != nil {
		return err
	}
	if at.CallID != m.call.ID || m.fresh.kind == "" {
		return mobility.NotFoundError("deadline")
	}
	return nil
}

func (s *Server) askMoveDeadline(q *request) error {
	asked := q.r.URL.Query()
	m, err := s.readMoved(q, asked)
	if err != nil {
		return err
	}
	typed := form.Values{"scope": {cmp.Or(asked.Get("scope"), string(process.ForEverybody))}, "zone": {cmp.Or(m.row.Zone, m.call.Zone)}}
	if m.row.ID != uuid.Nil {
		typed["wall"] = []string{mobility.WallOf(m.row.Wall.UTC()).String()}
	}
	for _, name := range []string{"wall", "zone", "unit"} { // come back to from the preview
		if asked.Has(name) {
			typed[name] = []string{asked.Get(name)}
		}
	}
	return s.moveDeadlinePage(q, http.StatusOK, m, typed, nil)
}

func (s *Server) moveDeadlinePage(q *request, status int, m movedDeadline, typed form.Values, problems []mobility.FieldProblem) error {
	title := q.loc.T("office.amend_title", "Deadline", q.loc.T("office.deadline_"+m.kind()))
	if m.row.ID == uuid.Nil {
		title = q.loc.T("deadlines.set_title", "Deadline", q.loc.T("office.deadline_"+m.kind()))
	}
	b := s.base(q, title)
	b.Kicker, b.Breadcrumbs = m.call.Title.In(q.loc.Lang()), append(q.callCrumbs(m.call.ID, m.call.Title), page.Link{Label: q.loc.T("deadlines.title"), Href: callPath(m.call.ID, "deadlines")})
	d := page.Dialog{
		Text: q.loc.T("deadlines.move_text"), Action: callPath(m.call.ID, "deadlines", "move"), Hidden: m.hidden(),
		Confirm: page.Button{Label: q.loc.T("deadlines.look")}, Cancel: page.Link{Href: callPath(m.call.ID, "deadlines")},
	}
	if m.row.ID != uuid.Nil {
		d.Facts.Rows = []page.Fact{{Term: q.loc.T("office.deadline_now"), When: q.whenOf(m.row.Kind, m.row.ClosesAt, m.row.Zone)}, {Term: q.loc.T("deadlines.for_whom"), Text: q.forWhom(m.row)}}
	}
	q.wordOther(problems)
	d.Fields, d.Errors = q.deadlineFields(m, typed, problems)
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}

// wordOther words the name of the deadline that stands in the way.
func (q *request) wordOther(problems []mobility.FieldProblem) {
	for i := range problems {
		if other, ok := problems[i].Data["Other"].(string); ok {
			problems[i].Data["Other"] = q.loc.T("office.deadline_" + other)
		}
	}
}

func (m movedDeadline) hidden() []page.Hidden {
	if m.row.ID != uuid.Nil {
		return []page.Hidden{{Name: "deadline", Value: m.row.ID.String()}}
	}
	out := []page.Hidden{{Name: "kind", Value: m.fresh.kind}}
	if m.fresh.round != nil {
		out = append(out, page.Hidden{Name: "round", Value: m.fresh.round.String()})
	}
	if m.fresh.destination != nil {
		out = append(out, page.Hidden{Name: "destination", Value: m.fresh.destination.String()})
	}
	return out
}

// deadlineFields are time, zone and for whom.
func (q *request) deadlineFields(m movedDeadline, typed form.Values, problems []mobility.FieldProblem) ([]page.Field, page.ErrorSummary) {
	wall := page.Field{Kind: page.DateTime, Name: "wall", Label: q.loc.T("office.new_deadline"), Hint: q.loc.T("deadlines.wall_hint"), Required: true, Value: typed.First("wall")}
	zone := page.Field{Kind: page.Select, Name: "zone", Label: q.loc.T("deadlines.zone"), Hint: q.loc.T("deadlines.zone_hint"), Required: true, Value: typed.First("zone"), Options: zoneOptions(m.zones, m.row.Zone)}
	if !m.general() {
		fields := []page.Field{wall, zone}
		return fields, page.Refuse(q.loc, problems, &fields[0], &fields[1])
	}
	scope := page.Field{Kind: page.Radios, Name: "scope", Label: q.loc.T("deadlines.for_whom"), Required: true, Value: cmp.Or(typed.First("scope"), string(process.ForEverybody))}
	for _, each := range []process.DeadlineScope{process.ForEverybody, process.ForUnit, process.ForPerson} {
		scope.Options = append(scope.Options, page.Option{Value: string(each), Label: q.loc.T("deadlines.scope_" + string(each)), Hint: q.loc.T("deadlines.scope_" + string(each) + "_hint")})
	}
	unit := page.Field{Kind: page.Select, Name: "unit", Label: q.loc.T("deadlines.unit"), Hint: q.loc.T("deadlines.unit_hint"), Value: typed.First("unit"), Blank: q.loc.T("deadlines.no_unit")}
	for _, u := range m.units {
		unit.Options = append(unit.Options, page.Option{Value: u.ID.String(), Label: u.Code + " · " + u.Name.In(q.loc.Lang())})
	}
	fields := []page.Field{wall, zone, scope, unit}
	fields = append(fields, q.deadlinePersonFields(m.people, typed)...)
	into := make([]*page.Field, len(fields))
	for i := range fields {
		into[i] = &fields[i]
	}
	return fields, page.Refuse(q.loc, problems, into...)
}

// personFields find a person by name or address, and ask which if several fit.
func (q *request) deadlinePersonFields(people []store.OfficePeopleRow, typed form.Values) []page.Field {
	out := []page.Field{{Name: "person", Label: q.loc.T("deadlines.person"), Hint: q.loc.T("deadlines.person_hint"), Value: typed.First("person"), MaxLength: 200, Autocomplete: "off"}}
	if len(people) < 2 {
		return out
	}
	which := page.Field{Kind: page.Radios, Name: "which", Label: q.loc.T("deadlines.which"), Value: typed.First("which")}
	for _, p := range people {
		which.Options = append(which.Options, page.Option{Value: p.ID.String(), Label: strings.TrimSpace(p.GivenNames + " " + p.FamilyNames), Hint: strings.Trim(p.Email+", "+p.Unit, ", ")})
	}
	return append(out, which)
}

// deadlineForm is the first step.
type deadlineForm struct {
	Wall   mobility.WallMinute `form:"wall" validate:"required"`
	Zone   string              `form:"zone" validate:"required,max=64"`
	Scope  string              `form:"scope" validate:"max=20"`
	Unit   string              `form:"unit" validate:"max=36"`
	Person string              `form:"person" validate:"max=200"`
	Which  string              `form:"which" validate:"max=36"`

	Deadline    string `form:"deadline" validate:"max=36"`
	Kind        string `form:"kind" validate:"max=20"`
	Round       string `form:"round" validate:"max=36"`
	Destination string `form:"destination" validate:"max=36"`
}

// planMoveDeadline checks the first step and leads to the second.
func (s *Server) planMoveDeadline(q *request) error {
	var f deadlineForm
	typed, err := form.Decode(q.r, &f)
	m, readErr := s.readMoved(q, url.Values(typed))
	if readErr != nil {
		return readErr
	}
	var req process.DeadlineMove
	if err == nil {
		if err = s.sought(q, &m, f); err == nil {
			req, err = m.request(f, m.person(f.Which))
		}
	}
	if err == nil {
		req.Arrived = q.arrived
		_, err = s.Process.PreviewDeadline(q.ctx(), q.actor, req)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.moveDeadlinePage(q, http.StatusUnprocessableEntity, m, typed, problems)
	}
	if err != nil {
		return err
	}
	return q.redirect(previewPath(m, req))
}

// sought looks for the person that was typed, as far as the reader sees them.
func (s *Server) sought(q *request, m *movedDeadline, f deadlineForm) error {
	if f.Scope != string(process.ForPerson) || !m.general() {
		return nil
	}
	var err error
	m.people, err = s.findPeople(q, m.call.InstitutionID, f.Person)
	return err
}

// findPeople finds at most a few people of an institution by name or address.
func (s *Server) findPeople(q *request, institution uuid.UUID, typed string) ([]store.OfficePeopleRow, error) {
	const most = 10
	typed = strings.TrimSpace(typed)
	if len([]rune(typed)) < 3 {
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.person_too_short"})
	}
	var found []store.OfficePeopleRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		found, err = queries.OfficePeople(ctx, db, store.OfficePeopleParams{Institutions: []uuid.UUID{institution}, Sought: typed, Most: most + 1})
		if err != nil || len(found) == 0 || len(found) > most {
			return err
		}
		return q.note(db, lookedAt{institution: institution, filter: "find", count: len(found)})
	})
	switch {
	case err != nil:
		return nil, err
	case len(found) == 0:
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.unknown_person"})
	case len(found) > most:
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.too_many_people"})
	}
	return found, nil
}

// person is who was meant: the only one who fits, or the one that was picked.
func (m movedDeadline) person(which string) *uuid.UUID { return pickPerson(m.people, which) }

func pickPerson(people []store.OfficePeopleRow, which string) *uuid.UUID {
	if len(people) == 1 {
		return &people[0].ID
	}
	for _, p := range people {
		if p.ID.String() == which {
			return &p.ID
		}
	}
	return nil
}

// request turns the first step into what the process is asked.
func (m movedDeadline) request(f deadlineForm, person *uuid.UUID) (process.DeadlineMove, error) {
	req := process.DeadlineMove{Deadline: m.row.ID, Kind: m.fresh.kind, Round: m.fresh.round, Destination: m.fresh.destination, Wall: f.Wall, Zone: f.Zone}
	if !m.general() {
		return req, nil
	}
	req.Scope = process.DeadlineScope(f.Scope)
	switch req.Scope {
	case process.ForUnit:
		if id, err := uuid.Parse(f.Unit); err == nil {
			req.Unit = &id
		}
	case process.ForPerson:
		if req.Person = person; person == nil {
			return req, mobility.InvalidError(mobility.FieldProblem{Field: "which", Code: "invalid.required"})
		}
	case process.ForEverybody:
	}
	return req, nil
}

// previewPath is the address of the second step; it holds ids and a time only.
func previewPath(m movedDeadline, req process.DeadlineMove) string {
	pairs := []string{"wall", req.Wall.String(), "zone", req.Zone}
	for _, h := range m.hidden() {
		pairs = append(pairs, h.Name, h.Value)
	}
	if req.Scope != "" {
		pairs = append(pairs, "scope", string(req.Scope))
	}
	if req.Unit != nil {
		pairs = append(pairs, "unit", req.Unit.String())
	}
	if req.Person != nil {
		pairs = append(pairs, "person", req.Person.String())
	}
	return withQuery(callPath(m.call.ID, "deadlines", "preview"), pairs...)
}
