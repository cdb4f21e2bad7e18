package web

import (
	"net/http"

	"github.com/google/uuid"

	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What exists in a demo alone. That the database is a demo's is checked again
// where somebody becomes somebody else.
var _ = screen(func(s *Server) []Route {
	routes := []Route{
		{Pattern: "POST /demo/enter", Guard: Demo, Handle: s.enterAs},
		{Pattern: "GET /styleguide", Guard: Demo, Handle: s.showStyleguide},
	}
	if s.Demo != nil && s.Demo.Mail != nil {
		routes = append(routes, Route{Pattern: "GET /demo/inbox/", Guard: Demo, Handle: handing(s.Demo.Mail)})
	}
	return routes
})

type enterForm struct {
	Person uuid.UUID `form:"person" validate:"required"`
	Next   string    `form:"next" validate:"max=2000"`
}

// enterAs signs in as anyone with one click.
func (s *Server) enterAs(q *request) error {
	var f enterForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	e, err := s.Identity.SignInAs(q.ctx(), f.Person)
	if err != nil {
		return err
	}
	return s.letIn(q, e, f.Next)
}

func (s *Server) showStyleguide(q *request) error {
	return s.render(q, http.StatusOK, page.StyleguideOf(s.base(q, "")))
}
