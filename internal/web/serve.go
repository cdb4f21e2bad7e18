package web

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"

	"github.com/google/uuid"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/web/asset"
)

// defaultBody is what a form may carry: a long letter of motivation for each
// of several destinations, and nothing like a file.
const defaultBody = 1 << 20

// serve makes one route a handler.
func (s *Server) serve(route Route) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.run(s.newRequest(w, r, route))
	})
}

// run takes a request through limits, origin, who asks, guard and handler,
// and says what became of it.
func (s *Server) run(q *request) {
	defer q.within(cmp.Or(q.route.Timeout, s.Timeout))()
	s.headers(q)
	err := s.enter(q)
	if err != nil {
		s.fail(q, err)
	}
	s.log(q, err)
}

// enter runs everything that can fail; a panic is an internal error.
func (s *Server) enter(q *request) (err error) {
	defer func() {
		switch p := recover(); p {
		case nil:
		case http.ErrAbortHandler:
			panic(p)
		default:
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	q.r.Body = http.MaxBytesReader(q.w, q.r.Body, cmp.Or(q.route.Body, defaultBody))
	if err := s.origins.Check(q.r); err != nil {
		return &mobility.Error{Kind: mobility.Forbidden, Code: "refusal.cross_origin", Cause: err}
	}
	if q.route.Guard == Machine {
		return q.route.Handle(q)
	}
	if err := s.recognise(q); err != nil {
		return err
	}
	if !q.route.Guard.admits(q.actor) {
		return s.keepOut(q)
	}
	return q.route.Handle(q)
}

// recognise finds out who asks, once, and speaks their language from then on.
func (s *Server) recognise(q *request) error {
	if q.route.Guard == Host {
		actor, link, err := s.Identity.OpenHostLink(q.r, q.r.PathValue("token"))
		q.actor, q.host = actor, link
		return err
	}
	v, err := s.Identity.Resume(q.r, q.arrived)
	if err != nil || v == nil {
		return err
	}
	q.visitor, q.actor = v, v.Actor
	lang := s.Catalogue.Negotiate(v.Language, cookie(q.r, languageCookie), q.r.Header.Get("Accept-Language"), v.InstitutionLanguage)
	q.loc = s.Catalogue.Printer(lang, v.Zone)
	q.writes = locale.Written(v.InstitutionLanguage)
	return nil
}

// keepOut answers somebody the guard does not admit: who is not signed in is
// led to the door and back, with what they typed; the others are refused.
func (s *Server) keepOut(q *request) error {
	if q.actor.SignedIn() {
		return mobility.ForbiddenError("refusal.role_needed")
	}
	if q.r.Method == http.MethodGet || q.r.Method == http.MethodHead {
		return q.redirect("/sign-in?next=" + url.QueryEscape(q.r.URL.RequestURI()))
	}
	return s.signInAgain(q)
}

// headers are those of every answer. A page is kept by the browser alone and
// asked for anew, so that going back finds what was typed; assets say
// otherwise of themselves.
func (s *Server) headers(q *request) {
	h := q.w.Header()
	h.Set("Content-Security-Policy", asset.Policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // paths of links are secrets
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "private, no-cache")
	h.Set("Peregrine-Request", q.ref)
	if s.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// log writes the one line of a request. It holds no personal data: the
// route's pattern stands for the path, an id for the person. The causes of
// internal errors stand beside the reference the page shows.
func (s *Server) log(q *request, err error) {
	level, what := slog.LevelInfo, outcome(q, err)
	attrs := []slog.Attr{
		slog.String("request", q.ref),
		slog.String("method", q.r.Method),
		slog.String("route", q.route.Pattern),
		slog.Int("status", q.w.status),
		slog.String("outcome", what),
		slog.Duration("duration", s.Now().Sub(q.arrived)),
	}
	if q.actor.SignedIn() {
		attrs = append(attrs, slog.String("actor", q.actor.Person.String()))
	}
	if q.actor.HostLink != uuid.Nil {
		attrs = append(attrs, slog.String("host_link", q.actor.HostLink.String()))
	}
	if err != nil && (what == "internal" || what == "timeout") {
		level = slog.LevelError
		attrs = append(attrs, slog.String("cause", err.Error()))
	} else if code := mobility.CodeOf(err); code != "" {
		attrs = append(attrs, slog.String("code", code))
	}
	s.Logger.LogAttrs(context.WithoutCancel(q.ctx()), level, "request", attrs...)
}
