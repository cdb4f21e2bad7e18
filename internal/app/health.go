package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"peregrine/internal/health"
)

// asked is how long an answer about health may take.
const asked = 5 * time.Second

// tellHealth answers on an address of its own how the process is that works
// off jobs, until the returned func is called. It is ready while ctx lasts, its
// client runs, and the database is as health.Ask wants it.
func (p *parts) tellHealth(ctx context.Context, listener net.Listener, client *river.Client[pgx.Tx]) (stop func()) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { tell(w, http.StatusOK, "ok") })
	mux.Handle("GET /readyz", readiness{p, ctx.Done(), client.Stopped()})
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: asked, ReadTimeout: asked, WriteTimeout: 2 * asked, IdleTimeout: idle, MaxHeaderBytes: headerBytes,
		ErrorLog: slog.NewLogLogger(p.logger.Handler(), slog.LevelWarn),
	}
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			p.logger.ErrorContext(ctx, "health is not told any more", slog.String("cause", err.Error()))
		}
	}()
	p.logger.InfoContext(ctx, "telling health", slog.String("addr", listener.Addr().String()))
	return func() { _ = server.Close() } // nobody waits for an answer then
}

// readiness says whether jobs are worked off.
type readiness struct {
	*parts
	stopping, stopped <-chan struct{}
}

// ServeHTTP implements http.Handler.
func (h readiness) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	within, cancel := context.WithTimeout(r.Context(), asked)
	defer cancel()
	fault, cause := h.ask(within)
	if fault != "" {
		h.logger.ErrorContext(within, "not ready", slog.String("fault", fault), slog.Any("cause", cause))
		tell(w, http.StatusServiceUnavailable, fault)
		return
	}
	tell(w, http.StatusOK, "ready")
}

func (h readiness) ask(ctx context.Context) (fault string, cause error) {
	select {
	case <-h.stopping:
		return "stopping", nil
	case <-h.stopped:
		return "jobs are not worked off", nil
	default:
		return health.Ask(ctx, h.identity, h.now)
	}
}

func tell(w http.ResponseWriter, status int, words string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = fmt.Fprintln(w, words) // whoever asked is gone, otherwise
}
