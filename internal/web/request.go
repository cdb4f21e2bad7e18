package web

import (
	"context"
	"crypto/rand"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

// request is one request on its way through a screen.
type request struct {
	w       *answer
	r       *http.Request
	route   Route
	ref     string         // also shown as the reference of an error
	arrived time.Time      // system time, taken before anything else was done
	now     time.Time      // business time, once a read said it
	actor   mobility.Actor // read once
	visitor *identity.Visitor
	host    identity.HostLink // of a route guarded by Host
	loc     locale.Printer
	writes  []string // languages that this office writes in: its own, and English
}

// newRequest takes the arrival first: what follows may wait.
func (s *Server) newRequest(w http.ResponseWriter, r *http.Request, route Route) *request {
	arrived := s.Now()
	return &request{
		w: &answer{ResponseWriter: w}, r: r, route: route, arrived: arrived, ref: rand.Text()[:10],
		loc: s.Catalogue.Printer(s.Catalogue.Negotiate("", cookie(r, languageCookie), r.Header.Get("Accept-Language"), ""), nil),
	}
}

func (q *request) ctx() context.Context { return q.r.Context() }

// within bounds how long the request may take, until the function it returns
// is called.
func (q *request) within(timeout time.Duration) context.CancelFunc {
	ctx, cancel := context.WithTimeout(q.ctx(), timeout)
	q.r = q.r.WithContext(ctx)
	return cancel
}

// id reads a part of the path as an id; what is none does not exist.
func (q *request) id(name string) (uuid.UUID, error) {
	id, err := uuid.Parse(q.r.PathValue(name))
	if err != nil {
		return uuid.Nil, mobility.NotFoundError("page")
	}
	return id, nil
}

// redirect leads on after a POST.
func (q *request) redirect(to string) error {
	q.w.Header().Set("Location", to)
	q.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// done leads on and leaves a notice, a key of the catalogue with placeholder
// names and values in turn, for the next page to show once.
func (s *Server) done(q *request, to, notice string, args ...string) error {
	values := url.Values{"": {notice}}
	for i := 0; i+1 < len(args); i += 2 {
		values.Set(args[i], args[i+1])
	}
	s.setCookie(q, noticeCookie, values.Encode(), time.Minute)
	return q.redirect(to)
}

// network is the caller's address.
func (s *Server) network(r *http.Request) string {
	if s.Proxied {
		forwarded := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
		if last := strings.TrimSpace(forwarded[len(forwarded)-1]); last != "" {
			return last
		}
	}
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// Cookies beside the session's. They hold nothing that matters.
const (
	languageCookie = "peregrine-language"
	noticeCookie   = "peregrine-notice"
)

func cookie(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// setCookie sets a cookie for a while; no time at all takes it back.
func (s *Server) setCookie(q *request, name, value string, lasts time.Duration) {
	age := int(lasts.Seconds())
	if age == 0 {
		age = -1
	}
	http.SetCookie(q.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: age,
		Secure: s.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// localPath is path if it leads to a page of ours, else "/".
func localPath(path string) string {
	u, err := url.Parse(path)
	if err != nil || len(path) > 2000 || u.IsAbs() || u.Host != "" || u.User != nil || u.Opaque != "" ||
		!strings.HasPrefix(path, "/") || strings.HasPrefix(u.Path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return "/"
	}
	return path
}

// answer remembers what was answered.
type answer struct {
	http.ResponseWriter
	status int
}

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.status = http.StatusOK
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach what is below.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }
