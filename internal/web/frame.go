package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /{$}", Guard: Public, Handle: s.home},
		{Pattern: "POST /language", Guard: Public, Handle: s.changeLanguage},
		{Pattern: lastResort, Guard: Public, Handle: s.nothingHere},
	}
})

// lastResort is the pattern of every address no other pattern matches.
const lastResort = "/"

// base is the frame of a page: who is signed in, where they may go, and what
// just happened, which is told once.
func (s *Server) base(q *request, title string) page.Base {
	b := page.Base{
		Loc: q.loc, Title: title, Path: q.r.URL.RequestURI(), Person: q.actor.Name,
		Demo: s.Demo != nil, Nav: s.navFor(q), Notice: s.notice(q), Now: q.now,
	}
	b.Leaving = q.leaving()
	if q.visitor != nil {
		b.Unread = q.visitor.Unread
	}
	if q.r.Method != http.MethodGet && q.r.Method != http.MethodHead {
		b.Path = "/" // a refused form cannot be come back to by its address
	}
	if b.Demo && b.Now.IsZero() {
		if now, err := s.Identity.BusinessTime(q.ctx(), q.arrived); err == nil {
			b.Now = now // the clock is an ornament here: without it the page still stands
		}
	}
	return b
}

// render answers with a page.
func (s *Server) render(q *request, status int, p page.Page) error {
	return s.Pages.Render(q.w, status, p)
}

// navFor lists where the actor may go. An applicant's own pages are not shown
// to those who come to work.
func (s *Server) navFor(q *request) []page.NavItem {
	var out []page.NavItem
	for _, r := range s.nav {
		if !r.Guard.admits(q.actor) || (r.Guard == Applicant && len(q.actor.Grants) > 0) {
			continue
		}
		path := r.Path()
		here := q.r.URL.Path == path || strings.HasPrefix(q.r.URL.Path, strings.TrimSuffix(path, "/")+"/")
		out = append(out, page.NavItem{Label: q.loc.T(r.Nav), Href: path, Current: here})
	}
	return out
}

// notice takes what the page before left to be told.
func (s *Server) notice(q *request) page.Notice {
	left := cookie(q.r, noticeCookie)
	if left == "" {
		return page.Notice{}
	}
	s.setCookie(q, noticeCookie, "", 0)
	values, err := url.ParseQuery(left)
	if err != nil || !strings.HasPrefix(values.Get(""), "notice.") || !s.Catalogue.Has(values.Get("")) {
		return page.Notice{}
	}
	data := map[string]any{}
	for name := range values {
		data[name] = values.Get(name)
	}
	return page.Notice{Tone: page.Success, Text: q.loc.T(values.Get(""), data)}
}

// home leads to the first page of what one comes for: one's work, one's
// applications, or what is open to everybody.
func (s *Server) home(q *request) error {
	to := "/sign-in"
	if q.actor.SignedIn() {
		to = "/account"
	}
	public := ""
	for _, r := range s.nav {
		switch {
		case !r.Guard.admits(q.actor) || (r.Guard == Applicant && len(q.actor.Grants) > 0):
		case r.Guard == Public && public == "":
			public = r.Path()
		case r.Guard != Public && r.Guard != SignedIn:
			return q.redirect(r.Path())
		}
	}
	if public != "" {
		to = public
	}
	return q.redirect(to)
}

// languageForm is the switch in the frame.
type languageForm struct {
	Lang string `form:"lang" validate:"required,max=5"`
	Back string `form:"back" validate:"max=2000"`
}

// changeLanguage keeps the choice with the browser and, if one is known, with
// the person, whose letters come in it from then on.
func (s *Server) changeLanguage(q *request) error {
	var f languageForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	for _, lang := range locale.Languages {
		if lang != f.Lang {
			continue
		}
		s.setCookie(q, languageCookie, lang, 365*24*time.Hour)
		if q.actor.SignedIn() {
			if err := s.Identity.SetLanguage(q.ctx(), q.actor.Person, lang); err != nil {
				return err
			}
		}
	}
	return q.redirect(localPath(f.Back))
}

// nothingHere answers every address no screen claims, and those claimed for
// another method.
func (s *Server) nothingHere(q *request) error {
	allowed := s.methodsAt(q.r)
	if len(allowed) == 0 {
		return mobility.NotFoundError("page")
	}
	q.w.Header().Set("Allow", strings.Join(allowed, ", "))
	return &mobility.Error{Kind: mobility.Conflict, Code: "error.method"}
}

// methodsAt lists the methods the request's address would be answered for.
func (s *Server) methodsAt(r *http.Request) []string {
	var out []string
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		_, pattern := s.claimed.Handler(&http.Request{Method: method, URL: r.URL, Host: r.Host})
		switch {
		case pattern == "":
		case method == http.MethodGet:
			out = append(out, http.MethodGet, http.MethodHead)
		default:
			out = append(out, method)
		}
	}
	return out
}
