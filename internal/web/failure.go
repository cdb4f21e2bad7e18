package web

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

// statusGone is what the log says of a reader who did not wait for the answer.
const statusGone = 499

// statuses maps each kind of error to its status.
var statuses = map[mobility.Kind]int{
	mobility.Internal:  http.StatusInternalServerError,
	mobility.Invalid:   http.StatusUnprocessableEntity,
	mobility.NotFound:  http.StatusNotFound,
	mobility.Forbidden: http.StatusForbidden,
	mobility.Conflict:  http.StatusConflict,
	mobility.Stale:     http.StatusConflict,
}

// kinds are the words of the log.
var kinds = map[mobility.Kind]string{
	mobility.Internal: "internal", mobility.Invalid: "invalid", mobility.NotFound: "not_found",
	mobility.Forbidden: "forbidden", mobility.Conflict: "conflict", mobility.Stale: "stale",
}

// answered are the words for pages a screen refused with by itself.
var answered = map[int]string{
	http.StatusUnauthorized: "unauthenticated", http.StatusForbidden: "forbidden", http.StatusNotFound: "not_found",
	http.StatusConflict: "conflict", http.StatusUnprocessableEntity: "invalid",
}

// fail turns an error into a page. Whatever nobody classified shows the
// reference under which the log has its cause, and nothing else.
func (s *Server) fail(q *request, err error) {
	if q.w.status != 0 {
		return // the answer has begun; the log says the rest
	}
	if gone(q) {
		q.w.status = statusGone
		return
	}
	status, shown := s.classify(err)
	if q.route.Guard == Machine {
		q.plain(status, http.StatusText(status))
		return
	}
	p := page.Failed(s.base(q, ""), shown, q.ref)
	if q.route.Guard == Host && mobility.KindOf(shown) == mobility.NotFound && q.actor.HostLink == uuid.Nil {
		p.Title = q.loc.T("host.link_over_title")
	}
	if err := s.render(q, status, p); err != nil && q.w.status == 0 {
		q.plain(status, q.loc.T("error.internal", "Reference", q.ref))
	}
}

// classify gives the status of an error and the error as it is shown.
func (s *Server) classify(err error) (int, error) {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge, &mobility.Error{
			Kind: mobility.Invalid, Code: "refusal.too_large", Data: map[string]any{"Megabytes": max(1, tooLarge.Limit>>20)},
		}
	case errors.Is(err, context.DeadlineExceeded):
		return http.StatusServiceUnavailable, &mobility.Error{Kind: mobility.Conflict, Code: "error.busy"}
	case mobility.CodeOf(err) == "error.method":
		return http.StatusMethodNotAllowed, err
	case mobility.CodeOf(err) == "refusal.too_many_requests":
		return http.StatusTooManyRequests, err
	}
	kind := mobility.KindOf(err)
	if kind != mobility.Internal && !s.Catalogue.Has(mobility.CodeOf(err)) {
		err = fmt.Errorf("no words for %w", err) // a reader gets no code
		return statuses[kind], &mobility.Error{Kind: mobility.Internal, Cause: err}
	}
	return statuses[kind], err
}

// plain answers where no page can be made.
func (q *request) plain(status int, text string) {
	q.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	q.w.WriteHeader(status)
	_, _ = fmt.Fprintln(q.w, text) // a reader gone away is no error of ours
}

// gone reports whether the reader went away; a timeout of ours is not that.
func gone(q *request) bool { return errors.Is(context.Cause(q.ctx()), context.Canceled) }

// outcome is one word for the log.
func outcome(q *request, err error) string {
	switch {
	case err != nil && gone(q):
		return "gone"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case err != nil:
		return kinds[mobility.KindOf(err)]
	case q.w.status >= http.StatusBadRequest:
		if word, ok := answered[q.w.status]; ok {
			return word
		}
		return "not_ready"
	case q.w.status >= http.StatusMultipleChoices:
		return "led_on"
	}
	return "ok"
}

// signInAgain answers a form sent after its session ended: the page keeps all
// that was typed and sends it again once the reader has signed in elsewhere.
// Files cannot be kept.
func (s *Server) signInAgain(q *request) error {
	if err := q.r.ParseMultipartForm(defaultBody); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	next := "/"
	if from, err := url.Parse(q.r.Referer()); err == nil && from.Host == q.r.Host {
		next = localPath(from.RequestURI())
	}
	p := page.SignInAgain{
		Base:   s.base(q, q.loc.T("sign_in.again_title")),
		SignIn: page.Link{Label: q.loc.T("sign_in.again_link"), Href: "/sign-in?next=" + url.QueryEscape(next)},
		Action: q.r.URL.RequestURI(),
		Button: page.Button{Label: q.loc.T("sign_in.again_send")},
	}
	for _, name := range slices.Sorted(maps.Keys(q.r.PostForm)) {
		for _, value := range q.r.PostForm[name] {
			p.Kept = append(p.Kept, page.Hidden{Name: name, Value: value})
		}
	}
	return s.render(q, http.StatusUnauthorized, p)
}
