package web

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Signing in: the address, then the link or the code from the letter. A GET
// never uses a link up, as mail scanners follow links; its page has a button.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /sign-in", Guard: Public, Handle: s.showSignIn},
		{Pattern: "POST /sign-in", Guard: Public, Handle: s.askSignIn},
		{Pattern: "GET /sign-in/code/{id}", Guard: Public, Handle: s.showCode},
		{Pattern: "POST /sign-in/code/{id}", Guard: Public, Handle: s.useCode},
		{Pattern: "GET " + identity.SignInPath("{token}"), Guard: Public, Handle: s.showLink},
		{Pattern: "POST " + identity.SignInPath("{token}"), Guard: Public, Handle: s.useLink},
		{Pattern: "POST /sign-out", Guard: Public, Handle: s.signOut},
	}
})

type signInForm struct {
	Email string `form:"email" validate:"required,email,max=254"`
	Next  string `form:"next" validate:"max=2000"`
}

func (s *Server) showSignIn(q *request) error {
	next := q.r.URL.Query().Get("next")
	if q.actor.SignedIn() {
		return q.redirect(afterSignIn(next))
	}
	return s.signInPage(q, http.StatusOK, form.Values{"next": {next}}, nil)
}

func (s *Server) signInPage(q *request, status int, typed form.Values, problems []mobility.FieldProblem) error {
	email := page.Field{
		Kind: page.Email, Name: "email", Label: q.loc.T("sign_in.email"), Hint: q.loc.T("sign_in.email_hint"),
		Value: typed.First("email"), Required: true, Autocomplete: "email", MaxLength: 254,
	}
	summary := page.Refuse(q.loc, problems, &email)
	return s.render(q, status, page.SignIn{
		Base: s.base(q, q.loc.T("sign_in.title")), Text: q.loc.T("sign_in.text"), Errors: summary, Fields: []page.Field{email},
		Action: "/sign-in", Hidden: []page.Hidden{{Name: "next", Value: typed.First("next")}},
		Button: page.Button{Label: q.loc.T("sign_in.send")}, Notes: []string{q.loc.T("sign_in.privacy")},
	})
}

func (s *Server) askSignIn(q *request) error {
	var f signInForm
	typed, err := form.Decode(q.r, &f)
	if problems, invalid := problemsOf(err); invalid {
		return s.signInPage(q, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil {
		return err
	}
	asked, err := s.Identity.AskSignIn(q.ctx(), identity.AskSignIn{
		Email: f.Email, Language: q.loc.Lang(), Application: applicationOf(f.Next), Network: s.network(q.r), Arrived: q.arrived,
	})
	if err != nil {
		return err
	}
	return q.redirect("/sign-in/code/" + asked.String() + "?next=" + url.QueryEscape(localPath(f.Next)))
}

type codeForm struct {
	Code string `form:"code" validate:"required,max=40"`
	Next string `form:"next" validate:"max=2000"`
}

func (s *Server) showCode(q *request) error {
	return s.codePage(q, http.StatusOK, form.Values{"next": {q.r.URL.Query().Get("next")}}, nil)
}

func (s *Server) codePage(q *request, status int, typed form.Values, problems []mobility.FieldProblem) error {
	if _, err := q.id("id"); err != nil {
		return err
	}
	code := page.Field{
		Name: "code", Label: q.loc.T("sign_in.code"), Hint: q.loc.T("sign_in.code_hint"),
		Value: typed.First("code"), Required: true, Autocomplete: "one-time-code", Short: true, MaxLength: 40,
	}
	summary := page.Refuse(q.loc, problems, &code)
	next := localPath(typed.First("next"))
	return s.render(q, status, page.SignIn{
		Base: s.base(q, q.loc.T("sign_in.look_title")), Text: q.loc.T("sign_in.look_text"), Errors: summary, Fields: []page.Field{code},
		Action: "/sign-in/code/" + q.r.PathValue("id"), Hidden: []page.Hidden{{Name: "next", Value: next}},
		Button: page.Button{Label: q.loc.T("sign_in.enter")}, Notes: []string{q.loc.T("sign_in.look_help")},
		Links: []page.Link{{Label: q.loc.T("sign_in.ask_again"), Href: "/sign-in?next=" + url.QueryEscape(next)}},
	})
}

func (s *Server) useCode(q *request) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	var f codeForm
	typed, err := form.Decode(q.r, &f)
	var e identity.Entrance
	if err == nil {
		e, err = s.Identity.UseCode(q.ctx(), id, f.Code)
	}
	if code := mobility.CodeOf(err); code == "refusal.code_wrong" || code == "refusal.code_over" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "code", Code: code})
	}
	if problems, invalid := problemsOf(err); invalid {
		return s.codePage(q, http.StatusUnprocessableEntity, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.letIn(q, e, f.Next)
}

func (s *Server) showLink(q *request) error {
	if err := s.Identity.CheckLink(q.ctx(), q.r.PathValue("token")); err != nil {
		return s.linkPage(q, err)
	}
	return s.render(q, http.StatusOK, page.SignIn{
		Base: s.base(q, q.loc.T("sign_in.link_title")), Text: q.loc.T("sign_in.link_text"),
		Action: identity.SignInPath(q.r.PathValue("token")), Button: page.Button{Label: q.loc.T("sign_in.enter")},
	})
}

// linkPage says why a link is good for nothing, and how to get another one.
func (s *Server) linkPage(q *request, err error) error {
	if mobility.KindOf(err) != mobility.Conflict {
		return err
	}
	p := page.Failed(s.base(q, ""), err, q.ref)
	p.Title = q.loc.T("sign_in.link_over_title")
	p.Buttons = []page.Button{{Label: q.loc.T("sign_in.ask_again"), Href: "/sign-in"}}
	return s.render(q, http.StatusConflict, p)
}

func (s *Server) useLink(q *request) error {
	e, err := s.Identity.UseLink(q.ctx(), q.r.PathValue("token"))
	if err != nil {
		return s.linkPage(q, err)
	}
	return s.letIn(q, e, "")
}

// letIn begins the session and leads on: to the application the sign-in was
// asked from, to the page that was asked for, or home.
func (s *Server) letIn(q *request, e identity.Entrance, next string) error {
	if err := s.Identity.Begin(q.w, q.r, e, q.arrived); err != nil {
		return err
	}
	to := afterSignIn(next)
	if to == "/" && e.Application != nil {
		to = "/applications/" + e.Application.String()
	}
	return s.done(q, to, "notice.signed_in")
}

func (s *Server) signOut(q *request) error {
	if err := s.Identity.End(q.w, q.r); err != nil {
		return err
	}
	q.w.Header().Set("Clear-Site-Data", `"cache"`) // going back shows nothing on a shared computer
	return s.done(q, "/sign-in", "notice.signed_out")
}

// afterSignIn is where to go once signed in: a page of ours that is not the
// door again.
func afterSignIn(next string) string {
	to := localPath(next)
	if path, _, _ := strings.Cut(to, "?"); path == "/sign-in" || strings.HasPrefix(path, "/sign-in/") {
		return "/"
	}
	return to
}

var applicationPath = regexp.MustCompile(`^/applications/([0-9a-f-]{36})(?:[/?]|$)`)

// applicationOf is the application whose page somebody wants to come back to.
func applicationOf(next string) *uuid.UUID {
	found := applicationPath.FindStringSubmatch(localPath(next))
	if found == nil {
		return nil
	}
	id, err := uuid.Parse(found[1])
	if err != nil {
		return nil
	}
	return &id
}

// problemsOf takes the problems of a refused form out of its error. A form
// that could not be read at all has none and is no refusal.
func problemsOf(err error) ([]mobility.FieldProblem, bool) {
	var e *mobility.Error
	if !errors.As(err, &e) || e.Kind != mobility.Invalid || len(e.Fields) == 0 {
		return nil, false
	}
	return e.Fields, true
}
