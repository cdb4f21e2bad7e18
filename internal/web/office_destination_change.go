package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Adding, changing or dropping a destination: a form, then what it would do to
// whom, then the act. What was typed goes along as hidden values.
var _ = screen(func(s *Server) []Route {
	to := func(kind process.ChangeKind, handle func(*request, process.ChangeKind) error) func(*request) error {
		return func(q *request) error { return handle(q, kind) }
	}
	return []Route{
		{Pattern: "GET /office/calls/{call}/destinations/add", Guard: Officer, Handle: to(process.DestinationAdded, s.askDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/add/look", Guard: Officer, Handle: to(process.DestinationAdded, s.lookDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/add", Guard: Officer, Handle: to(process.DestinationAdded, s.changeDestination)},
		{Pattern: "GET /office/calls/{call}/destinations/{destination}/change", Guard: Officer, Handle: to(process.DestinationChanged, s.askDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/{destination}/change/look", Guard: Officer, Handle: to(process.DestinationChanged, s.lookDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/{destination}/change", Guard: Officer, Handle: to(process.DestinationChanged, s.changeDestination)},
		{Pattern: "GET /office/calls/{call}/destinations/{destination}/drop", Guard: Officer, Handle: to(process.DestinationDropped, s.askDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/{destination}/drop/look", Guard: Officer, Handle: to(process.DestinationDropped, s.lookDestination)},
		{Pattern: "POST /office/calls/{call}/destinations/{destination}/drop", Guard: Officer, Handle: to(process.DestinationDropped, s.changeDestination)},
	}
})

type destinationForm struct {
	Agreement    uuid.UUID            `form:"agreement"`
	Language     string               `form:"language" validate:"max=3"`
	CEFR         string               `form:"cefr" validate:"max=2"`
	Begins       *time.Time           `form:"begins"`
	Ends         *time.Time           `form:"ends"`
	Places       *int32               `form:"places"`
	Limit        *int32               `form:"limit"`
	HostDeadline *mobility.WallMinute `form:"host_deadline"`
	Reason       string               `form:"reason" validate:"max=2000"`
	Tell         bool                 `form:"tell"`
	ChooseAgain  *mobility.WallMinute `form:"choose_again"`
	Hash         string               `form:"hash"`
}

// carried are the fields that go along from the form to the act.
var carried = []string{"agreement", "language", "cefr", "begins", "ends", "places", "limit", "host_deadline", "reason", "tell", "choose_again"}

// changing is what is to be changed, and how.
type changing struct {
	destinationView
	kind       process.ChangeKind
	agreements []store.AgreementsToAddRow // what can be added
}

// here is the address of the form.
func (c changing) here() string {
	switch c.kind {
	case process.DestinationAdded:
		return callPath(c.call.ID, "destinations", "add")
	case process.DestinationDropped:
		return destinationPath(c.call.ID, c.at.ID, "drop")
	default:
		return destinationPath(c.call.ID, c.at.ID, "change")
	}
}

// back is where the form came from.
func (c changing) back() string {
	if c.kind == process.DestinationAdded {
		return callPath(c.call.ID, "destinations")
	}
	return destinationPath(c.call.ID, c.at.ID)
}

// mayChooseAgain reports whether a time to choose again can be declared: in an
// open round it is the round's own, after publication there is none.
func (c changing) mayChooseAgain(now time.Time) bool {
	return c.call.ClosesAt != nil && !mobility.Open(now, *c.call.ClosesAt) && c.call.PublishedAt == nil
}

// limited reports whether a limit of nominations means anything: only where
// the host selects. Of what is added it is not known yet.
func (c changing) limited() bool {
	return c.kind == process.DestinationAdded || c.at.SelectedBy == "host"
}

func (s *Server) readChanging(q *request, kind process.ChangeKind) (c changing, err error) {
	if c.kind = kind; c.kind == process.DestinationAdded {
		return c, s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
			if c.call, err = s.officeCall(q, db); err != nil {
				return err
			}
			if c.call.RoundID == nil {
				return mobility.NotFoundError("round")
			}
			c.agreements, err = queries.AgreementsToAdd(ctx, db, store.AgreementsToAddParams{CallID: c.call.ID, RoundID: *c.call.RoundID})
			return err
		})
	}
	if c.destinationView, err = s.readDestination(q, false); err != nil {
		return c, err
	}
	switch {
	case c.at.DroppedAt != nil:
		return c, mobility.ConflictError("conflict.destination_dropped", nil)
	case c.hidden():
		return c, mobility.ForbiddenError("refusal.colleague_changes")
	}
	return c, nil
}

func (s *Server) askDestination(q *request, kind process.ChangeKind) error {
	c, err := s.readChanging(q, kind)
	if err != nil {
		return err
	}
	return s.destinationForm(q, http.StatusOK, c, c.values(), nil)
}

// values fill the form with what holds now.
func (c changing) values() form.Values {
	v := form.Values{"tell": {"true"}}
	if c.kind != process.DestinationChanged {
		return v
	}
	d := c.at
	v["language"], v["cefr"] = []string{d.Language}, []string{d.CEFR}
	for name, day := range map[string]*time.Time{"begins": d.StartsOn, "ends": d.EndsOn} {
		if day != nil {
			v[name] = []string{day.Format(time.DateOnly)}
		}
	}
	if len(c.stock) > 0 {
		v["places"] = []string{fmt.Sprint(slices.MinFunc(c.stock, func(a, b store.DestinationStockRow) int { return int(a.Places - b.Places) }).Places)}
	}
	if d.NominationLimit != nil {
		v["limit"] = []string{fmt.Sprint(*d.NominationLimit)}
	}
	if d.HostWall != nil {
		v["host_deadline"] = []string{d.HostWall.UTC().Format("2006-01-02T15:04")}
	}
	return v
}

// fields are what the form asks for.
func (c changing) fields(q *request, typed form.Values) []page.Field {
	var out []page.Field
	add := func(f page.Field, label string) {
		f.Label, f.Value = q.loc.T("destinations.field_"+label), typed.First(f.Name)
		out = append(out, f)
	}
	if c.kind == process.DestinationAdded {
		f := page.Field{Kind: page.Select, Name: "agreement", Required: true, Hint: q.loc.T("destinations.agreement_hint")}
		for _, g := range c.agreements {
			f.Options = append(f.Options, page.Option{Value: g.ID.String(), Label: agreementWords(q, g)})
		}
		add(f, "agreement")
	}
	if c.kind == process.DestinationChanged {
		levels := page.Field{Kind: page.Select, Name: "cefr", Blank: q.loc.T("destinations.no_level")}
		for _, level := range process.CEFRLevels[1:] {
			levels.Options = append(levels.Options, page.Option{Value: level, Label: level})
		}
		add(page.Field{Name: "language", Short: true, Required: true, MaxLength: 3, Hint: q.loc.T("destinations.language_hint")}, "language")
		add(levels, "cefr")
		add(page.Field{Kind: page.Number, InputMode: "numeric", Short: true, Name: "places", Required: true, Hint: q.loc.T("destinations.places_hint")}, "places")
	}
	if c.kind != process.DestinationDropped {
		add(page.Field{Kind: page.Date, Name: "begins"}, "begins")
		add(page.Field{Kind: page.Date, Name: "ends"}, "ends")
		deadline := page.Field{Kind: page.DateTime, Name: "host_deadline", Hint: q.loc.T("destinations.host_deadline_hint")}
		if zone := value(c.at.HostDeadlineZone); zone != "" {
			deadline.Hint = q.loc.T("office.zone_hint", "Zone", zone)
		}
		add(deadline, "host_deadline")
		if c.limited() {
			add(page.Field{Kind: page.Number, InputMode: "numeric", Short: true, Name: "limit", Hint: q.loc.T("destinations.limit_hint")}, "limit")
		}
	}
	add(page.Field{
		Kind: page.LongText, Rows: 3, Name: "reason", Required: c.kind != process.DestinationAdded, MaxLength: 2000, Hint: q.loc.T("destinations.reason_hint"),
	}, "reason")
	if c.kind == process.DestinationAdded {
		add(page.Field{Kind: page.Checkbox, Name: "tell"}, "tell")
	}
	if c.mayChooseAgain(q.now) {
		add(page.Field{Kind: page.DateTime, Name: "choose_again", Hint: q.loc.T("destinations.choose_again_"+string(c.kind), "Zone", c.call.Zone)}, "choose_again")
	}
	return out
}

func agreementWords(q *request, g store.AgreementsToAddRow) string {
	words := []string{q.loc.Country(g.Country) + ": " + g.Host, q.loc.T("term." + g.Term), asks(q, g.Language, g.CEFR, g.Cycle, g.ISCEDF), g.Unit, q.loc.N("catalogue.places", int(g.Places))}
	if g.DroppedAt != nil {
		words = append(words, q.loc.T("destinations.brings_back"))
	}
	return strings.Join(words, " · ")
}

func (s *Server) destinationForm(q *request, status int, c changing, typed form.Values, problems []mobility.FieldProblem) error {
	fields := c.fields(q, typed)
	marked := make([]*page.Field, len(fields))
	for i := range fields {
		marked[i] = &fields[i]
	}
	d := page.Dialog{
		Text: q.loc.T("destinations.ask_" + string(c.kind)), Errors: page.Refuse(q.loc, problems, marked...), Fields: fields,
		Action: c.here() + "/look", Confirm: page.Button{Label: q.loc.T("destinations.look")}, Cancel: page.Link{Href: c.back()},
	}
	return s.render(q, status, page.Confirm{Base: q.changingBase(s, c), Dialog: d})
}

func (q *request) changingBase(s *Server, c changing) page.Base {
	b := s.base(q, q.loc.T("destinations.title_"+string(c.kind), "Host", c.at.Host))
	b.Kicker, b.Breadcrumbs = c.call.Title.In(q.loc.Lang()), q.destinationCrumbs(c.call)
	return b
}

// readChange reads the posted form into what the process takes.
func (c changing) readChange(q *request) (process.DestinationChange, form.Values, error) {
	var f destinationForm
	typed, err := form.Decode(q.r, &f)
	if err == nil && c.kind == process.DestinationAdded && f.Agreement == uuid.Nil {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "agreement", Code: "invalid.required"})
	}
	if err == nil && c.kind == process.DestinationChanged && f.Places == nil {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "places", Code: "invalid.required"})
	}
	req := process.DestinationChange{
		Kind: c.kind, Destination: c.at.ID, Agreement: f.Agreement, Reason: f.Reason, Tell: f.Tell, ChooseAgain: f.ChooseAgain, Hash: f.Hash, Arrived: q.arrived,
		Terms: process.DestinationTerms{
			Language: f.Language, CEFR: f.CEFR, Begins: f.Begins, Ends: f.Ends, Places: value(f.Places), Limit: f.Limit, HostDeadline: f.HostDeadline,
		},
	}
	if c.kind == process.DestinationAdded {
		req.Round = value(c.call.RoundID)
	} else if !c.limited() {
		req.Terms.Limit = c.at.NominationLimit
	}
	return req, typed, err
}

// lookDestination shows what the change would do, before it is made.
func (s *Server) lookDestination(q *request, kind process.ChangeKind) error {
	c, err := s.readChanging(q, kind)
	if err != nil {
		return err
	}
	req, typed, err := c.readChange(q)
	if err == nil {
		return s.previewDestination(q, http.StatusOK, c, req, typed, nil)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.destinationForm(q, http.StatusUnprocessableEntity, c, typed, problems)
	}
	return err
}

// previewDestination renders the preview; refused says why one before no
// longer held.
func (s *Server) previewDestination(q *request, status int, c changing, req process.DestinationChange, typed form.Values, refused error) error {
	p, err := s.Process.PreviewDestination(q.ctx(), q.actor, req)
	if problems, invalid := problemsOf(err); invalid {
		return s.destinationForm(q, http.StatusUnprocessableEntity, c, typed, problems)
	}
	if err != nil {
		return err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) error {
		if c.def, err = s.Process.Definition(ctx, db, c.call.DefinitionID); err != nil {
			return err
		}
		subjects := []uuid.UUID{c.call.ID}
		if c.at.ID != uuid.Nil {
			subjects = []uuid.UUID{c.at.ID}
		}
		return q.note(db, lookedAt{institution: c.call.InstitutionID, subjects: subjects, count: len(p.People)})
	})
	if err != nil {
		return err
	}
	d := q.destinationDialog(c, req, p, typed)
	if refused != nil {
		d.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	return s.render(q, status, page.Confirm{Base: q.changingBase(s, c), Dialog: d})
}

func (s *Server) changeDestination(q *request, kind process.ChangeKind) error {
	c, err := s.readChanging(q, kind)
	if err != nil {
		return err
	}
	req, typed, err := c.readChange(q)
	var done process.DestinationDone
	if err == nil {
		done, err = s.Process.ChangeDestination(q.ctx(), q.actor, req)
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.destinationForm(q, http.StatusUnprocessableEntity, c, typed, problems)
	}
	if mobility.KindOf(err) == mobility.Stale {
		return s.previewDestination(q, http.StatusConflict, c, req, typed, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, destinationPath(c.call.ID, done.Destination), "notice.destination_"+string(c.kind), "N", q.loc.N("destinations.told", done.Told))
}
