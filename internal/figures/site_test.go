package figures

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/identity"
	"peregrine/internal/jobs"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
	"peregrine/internal/web"
	"peregrine/internal/web/page"
)

// connections is how many a serving process holds in each of its two pools,
// as many as it does unless told otherwise.
const connections = 16

// site is the product's pages over a ground, served on a port, with what
// passes to the database recorded on demand.
type site struct {
	*ground
	identity *identity.Service
	address  string
	tape     *tape
}

// newSite wires the parts as the program does. now is what its clock says.
func newSite(g *ground, now time.Time) *site {
	s := &site{ground: g, tape: &tape{}}
	reader, work := s.open(store.RoleWeb), s.open(store.RoleWork)
	inserter, err := jobs.NewInserter(work)
	g.check(err)
	files := &testkit.MemoryFiles{}
	catalogue, err := locale.Load()
	g.check(err)
	pages, err := page.New(catalogue)
	g.check(err)
	s.identity = identity.New(identity.Config{Pool: work, Jobs: inserter})
	server, err := web.New(web.Config{
		Reads: store.NewReads(reader), Process: process.New(reader, inserter, files), Files: files, Identity: s.identity,
		Catalogue: catalogue, Pages: pages, Logger: slog.New(slog.NewJSONHandler(discard{}, nil)),
		Now: func() time.Time { return now }, BaseURL: "http://peregrine.example.org",
	})
	g.check(err)
	listening := httptest.NewServer(server.Handler())
	g.T.Cleanup(listening.Close)
	s.address = listening.Listener.Addr().String()
	return s
}

// open connects a pool as the program does, with the tape before it.
func (s *site) open(role string) *pgxpool.Pool {
	plain, err := store.Open(context.Background(), s.URL, role, connections)
	s.check(err)
	config := plain.Config()
	plain.Close()
	config.ConnConfig.Tracer = s.tape
	pool, err := pgxpool.NewWithConfig(context.Background(), config)
	s.check(err)
	s.T.Cleanup(pool.Close)
	return pool
}

// cookie signs somebody in and returns what their browser sends from then on.
func (s *site) cookie(actor mobility.Actor, now time.Time) string {
	s.T.Helper()
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	s.check(s.identity.Begin(rec, r, identity.Entrance{Person: actor.Person}, now))
	c := rec.Result().Cookies()[0]
	return c.Name + "=" + c.Value
}

// dial connects a client that lives as long as the measurement.
func (s *site) dial() net.Conn {
	conn, err := net.Dial("tcp", s.address)
	if err != nil {
		s.T.Fatal(err)
	}
	s.T.Cleanup(func() { _ = conn.Close() })
	return conn
}

// discard takes log lines, which are written as in production and then dropped.
type discard struct{}

func (discard) Write(b []byte) (int, error) { return len(b), nil }

// call is one statement as it went to the database.
type call struct {
	sql  string
	args []any
	role string // of the connection
}

// tape records statements while it runs. One client at a time: what passes
// from others meanwhile is on it too.
type tape struct {
	running bool
	since   time.Time
	calls   []call
}

func (t *tape) start() { t.running, t.since, t.calls = true, time.Now(), nil }

func (t *tape) stop() { t.running = false }

// TraceQueryStart implements pgx.QueryTracer.
func (t *tape) TraceQueryStart(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if t.running {
		t.calls = append(t.calls, call{data.SQL, data.Args, conn.Config().RuntimeParams["application_name"]})
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*tape) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}
