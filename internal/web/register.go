package web

import (
	"context"
	"net/http"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Asking to be let in to a call by people the imports do not know.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /calls/{call}/register", Guard: Public, Handle: s.showRegister},
		{Pattern: "POST /calls/{call}/register", Guard: Public, Handle: s.register},
	}
})

type registerForm struct {
	GivenNames  string    `form:"given_names" validate:"max=120"`
	FamilyNames string    `form:"family_names" validate:"required,max=120"`
	Email       string    `form:"email" validate:"required,email,max=254"`
	Unit        uuid.UUID `form:"unit" validate:"required"`
}

func (s *Server) showRegister(q *request) error {
	return s.registerPage(q, http.StatusOK, nil, nil)
}

func (s *Server) registerPage(q *request, status int, typed form.Values, problems []mobility.FieldProblem) error {
	id, err := q.id("call")
	if err != nil {
		return err
	}
	var call store.PublicCallRow
	var units []store.PublicUnitsRow
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if call, err = queries.PublicCall(ctx, db, id); err != nil {
			return err
		}
		units, err = queries.PublicUnits(ctx, db, id)
		return err
	})
	if err != nil {
		return err
	}
	if call.Registration == "none" || call.OpenedAt == nil {
		return mobility.ConflictError("conflict.no_registration", nil)
	}
	fields := []page.Field{
		{Name: "given_names", Label: q.loc.T("register.given"), Autocomplete: "given-name", MaxLength: 120},
		{Name: "family_names", Label: q.loc.T("register.family"), Autocomplete: "family-name", MaxLength: 120, Required: true},
		{Kind: page.Email, Name: "email", Label: q.loc.T("register.email"), Hint: q.loc.T("register.email_hint"), Autocomplete: "email", MaxLength: 254, Required: true},
		{Kind: page.Select, Name: "unit", Label: q.loc.T("register.unit"), Required: true},
	}
	for _, u := range units {
		fields[3].Options = append(fields[3].Options, page.Option{Value: u.ID.String(), Label: u.Name.In(q.loc.Lang())})
	}
	pointers := make([]*page.Field, len(fields))
	for i := range fields {
		fields[i].Value = typed.First(fields[i].Name)
		pointers[i] = &fields[i]
	}
	base := s.base(q, q.loc.T("register.title"))
	base.Kicker = call.Title.In(q.loc.Lang())
	return s.render(q, status, page.Register{
		Base: base, Text: q.loc.T("register.text_" + call.Registration), Errors: page.Refuse(q.loc, problems, pointers...), Fields: fields,
		Action: q.r.URL.Path, Button: page.Button{Label: q.loc.T("register.send")}, Back: page.Link{Label: q.loc.T("part.cancel"), Href: "/calls/" + id.String()},
	})
}

// register keeps the request. The answer is the same whoever asks.
func (s *Server) register(q *request) error {
	id, err := q.id("call")
	if err != nil {
		return err
	}
	var f registerForm
	typed, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.Register(q.ctx(), process.Registration{
			Call: id, Unit: f.Unit, Email: f.Email, GivenNames: f.GivenNames, FamilyNames: f.FamilyNames, Language: q.loc.Lang(), Arrived: q.arrived,
		})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.registerPage(q, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/calls/"+id.String(), "notice.registered")
}
