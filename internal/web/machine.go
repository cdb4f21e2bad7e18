package web

import (
	"net/http"
	"time"

	"peregrine/internal/health"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/asset"
)

var _ = screen(func(s *Server) []Route {
	routes := []Route{
		{Pattern: "GET /healthz", Guard: Machine, Handle: s.healthy},
		{Pattern: "GET /readyz", Guard: Machine, Handle: s.ready},
		{Pattern: "GET " + asset.Prefix, Guard: Machine, Handle: handing(asset.Handler())},
	}
	if s.Jobs != nil {
		routes = append(routes, Route{Pattern: "/jobs/", Guard: Operator, Handle: s.showJobs})
	}
	return routes
})

// handing gives a request to a handler that answers for itself.
func handing(h http.Handler) func(*request) error {
	return func(q *request) error {
		h.ServeHTTP(q.w, q.r)
		return nil
	}
}

// jobsPolicy lets River's pages, and no page of ours, make style elements with
// script, as their notices and their switch of colours do. Attributes of style
// and every kind of script stay as they are.
const jobsPolicy = asset.Policy + "; style-src-elem 'self' 'unsafe-inline'"

// showJobs gives a request to River's own pages.
func (s *Server) showJobs(q *request) error {
	q.w.Header().Set("Content-Security-Policy", jobsPolicy)
	s.Jobs.ServeHTTP(q.w, q.r)
	return nil
}

// healthy says that the process answers; nothing else is asked.
func (s *Server) healthy(q *request) error {
	q.plain(http.StatusOK, "ok")
	return nil
}

// ready says whether requests should be sent here: not while stopping, not
// without the database as this program knows it, not with a clock that is
// wrong.
func (s *Server) ready(q *request) error {
	if s.draining.Load() {
		q.plain(http.StatusServiceUnavailable, "stopping")
		return nil
	}
	err := s.Reads.As(q.ctx(), mobility.Actor{}, q.arrived, func(store.DBTX, time.Time) error { return nil })
	if err != nil {
		return s.notReady(q, "the database does not answer pages", err)
	}
	if fault, cause := health.Ask(q.ctx(), s.Identity, s.Now); fault != "" {
		return s.notReady(q, fault, cause)
	}
	q.plain(http.StatusOK, "ready")
	return nil
}

func (s *Server) notReady(q *request, words string, cause error) error {
	s.Logger.ErrorContext(q.ctx(), "not ready", "request", q.ref, "fault", words, "cause", cause)
	q.plain(http.StatusServiceUnavailable, words)
	return nil
}
