// Package web answers requests: it takes the arrival, finds out who asks,
// guards the way in, lets a screen read through store and change through
// process, and turns whatever went wrong into a page. One file per screen;
// how to add one stands at the top of routes.go.
package web

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"peregrine/internal/identity"
	"peregrine/internal/locale"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Config is what a Server needs. All of it is required but what says otherwise.
type Config struct {
	Reads     *store.Reads
	Process   *process.Runner
	Files     process.FileStore
	Identity  *identity.Service
	Catalogue *locale.Catalogue
	Pages     *page.Pages
	Logger    *slog.Logger
	Now       func() time.Time // the system clock
	BaseURL   string           // "https://peregrine.example.org", without a trailing slash
	// Proxied says that a proxy of ours stands in front and appends the
	// caller's address to X-Forwarded-For. Optional.
	Proxied bool
	// Timeout is how long a request may take; it must stay below the two
	// minutes that timers wait after a deadline. Optional, 30 s.
	Timeout time.Duration
	Outbox  *outbox.Outbox // writes letters to be looked at. Optional, made from the rest.
	Jobs    http.Handler   // River's pages below /jobs/, for operators. Optional.
	Demo    *DemoTools     // nil everywhere but in a demo
}

// Server answers requests. It is safe for use by many goroutines.
type Server struct {
	Config
	origins  *http.CrossOriginProtection
	table    []Route
	nav      []Route
	claimed  *http.ServeMux // the table without its last resort, to look up what an address is for
	secure   bool
	letters  *outbox.Outbox
	runs     runCache
	draining atomic.Bool
}

// New checks the configuration and lays the route table. The error names
// what is missing or which pattern two screens claim.
func New(c Config) (*Server, error) {
	if c.Reads == nil || c.Process == nil || c.Files == nil || c.Identity == nil || c.Catalogue == nil || c.Pages == nil || c.Logger == nil || c.Now == nil {
		return nil, errors.New("web: a dependency is missing")
	}
	base, err := url.Parse(c.BaseURL)
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") || strings.HasSuffix(c.BaseURL, "/") {
		return nil, fmt.Errorf("web: %q is no address like https://peregrine.example.org", c.BaseURL)
	}
	if c.Timeout == 0 {
		c.Timeout = 30 * time.Second
	}
	s := &Server{Config: c, origins: http.NewCrossOriginProtection(), secure: base.Scheme == "https"}
	if err := s.origins.AddTrustedOrigin(base.Scheme + "://" + base.Host); err != nil {
		return nil, fmt.Errorf("web: %w", err)
	}
	if s.letters = c.Outbox; s.letters == nil {
		s.letters = outbox.New(outbox.Settings{BaseURL: c.BaseURL, Catalogue: c.Catalogue})
	}
	s.table, err = s.layTable()
	s.nav = navigation(s.table)
	s.claimed = http.NewServeMux()
	for _, route := range s.table {
		if route.Pattern != lastResort {
			s.claimed.Handle(route.Pattern, http.NotFoundHandler())
		}
	}
	return s, err
}

// Handler returns the whole product as one handler.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, route := range s.table {
		mux.Handle(route.Pattern, s.serve(route))
	}
	return mux
}

// Drain makes the server say that it is not ready, so that no new requests
// are sent to it while those under way are finished.
func (s *Server) Drain() { s.draining.Store(true) }
