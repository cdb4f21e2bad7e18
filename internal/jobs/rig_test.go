package jobs_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/mail"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"peregrine/internal/catcher"
	"peregrine/internal/identity"
	"peregrine/internal/jobs"
	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// childVariable makes this test program a worker process instead: the
// database's address and the mail server's, to be killed by its parent.
const childVariable = "PEREGRINE_TEST_WORKER"

func TestMain(m *testing.M) {
	if addresses := os.Getenv(childVariable); addresses != "" {
		work(strings.Fields(addresses))
	}
	os.Exit(testkit.Main(m))
}

const connections = 4

// rig is a world with a mail server and, once started, workers.
type rig struct {
	*testkit.World
	*catcher.Catcher
	relay letter.Relay
	logs  *logBook
}

func newRig(t *testing.T, plan testkit.WorldPlan) *rig {
	t.Helper()
	return newRigWith(t, plan, catcher.Options{})
}

func newRigWith(t *testing.T, plan testkit.WorldPlan, o catcher.Options) *rig {
	t.Helper()
	c, err := catcher.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	relay, err := letter.ParseRelay(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	relay.Connections = connections
	return &rig{World: testkit.NewWorld(t, plan), Catcher: c, relay: relay, logs: &logBook{}}
}

// at moves the business clock so that it is about that time now.
func (r *rig) at(when time.Time) {
	r.T.Helper()
	r.Exec(`UPDATE installation SET clock_offset = $1::timestamptz - now()`, when)
}

// start starts workers that stop with the test, unless stopped before.
func (r *rig) start(t *testing.T) (stop func()) {
	t.Helper()
	w, err := newWorkers(t.Context(), r.World.URL, r.relay, slog.New(slog.NewTextHandler(r.logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	if err := w.client.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	var once sync.Once
	stop = func() { once.Do(w.close) }
	t.Cleanup(stop)
	return stop
}

// workers is what a worker process is made of.
type workers struct {
	client   *river.Client[pgx.Tx]
	identity *identity.Service
	close    func()
}

func newWorkers(ctx context.Context, url string, relay letter.Relay, logger *slog.Logger) (*workers, error) {
	pool, err := store.Open(ctx, url, store.RoleWork, 12)
	if err != nil {
		return nil, err
	}
	web, err := store.Open(ctx, url, store.RoleWeb, 4)
	if err != nil {
		return nil, err
	}
	inserter, err := jobs.NewInserter(web)
	if err != nil {
		return nil, err
	}
	cat, err := locale.Load()
	if err != nil {
		return nil, err
	}
	who := identity.New(identity.Config{Pool: pool, Jobs: inserter, AnswerTime: -1})
	sender := letter.NewSMTP(relay)
	client, err := jobs.NewClient(jobs.Config{
		Pool: pool, Process: process.New(web, inserter, &testkit.MemoryFiles{}), Identity: who,
		Outbox: outbox.New(outbox.Settings{BaseURL: "https://peregrine.example.edu", Catalogue: cat, Email: "service@example.edu"}),
		Sender: sender, Connections: relay.Connections, Relay: relay.Name(), Rate: relay.Rate, From: mail.Address{Name: "Peregrine", Address: "no-reply@peregrine.example.edu"},
		Logger: logger, Now: time.Now, SoftStop: time.Second,
		Pause: func(int) time.Duration { return 50 * time.Millisecond },
	})
	return &workers{client: client, identity: who, close: func() {
		_ = client.Stop(context.WithoutCancel(ctx))
		sender.Close()
		pool.Close()
		web.Close()
	}}, err
}

// work is the worker process that gets killed. A database that is just
// starting is waited for, as whoever starts processes would; a parent that is
// gone leaves nobody to kill it.
func work(addresses []string) {
	relay, err := letter.ParseRelay(addresses[1])
	for end := time.Now().Add(20 * time.Second); err == nil; time.Sleep(50 * time.Millisecond) {
		relay.Connections = connections
		var w *workers
		if w, err = newWorkers(context.Background(), addresses[0], relay, slog.New(slog.DiscardHandler)); err == nil {
			err = w.client.Start(context.Background())
		}
		if err == nil {
			break
		}
		if time.Now().Before(end) {
			err = nil
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	for parent := os.Getppid(); os.Getppid() == parent; {
		time.Sleep(time.Second)
	}
	os.Exit(0)
}

// settled waits until no letter waits or is being sent.
func (r *rig) settled(t *testing.T) {
	t.Helper()
	r.until(t, `SELECT NOT EXISTS (SELECT 1 FROM letters WHERE status IN ('planned', 'sending'))`)
}

// until waits for the database to say yes.
func (r *rig) until(t *testing.T, sql string, args ...any) {
	t.Helper()
	r.untilIn(t, 30*time.Second, sql, args...)
}

func (r *rig) untilIn(t *testing.T, patience time.Duration, sql string, args ...any) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !testkit.One[bool](r.World, sql, args...) {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s\n%s", sql, r.logs)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// letterOf is an application's letter of a kind.
func (r *rig) letterOf(application uuid.UUID, kind string) uuid.UUID {
	return testkit.One[uuid.UUID](r.World, `SELECT id FROM letters WHERE application_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, application, kind)
}

func (r *rig) status(id uuid.UUID) string {
	return testkit.One[string](r.World, `SELECT status || coalesce(nullif(' ' || skip_reason, ' '), '') FROM letters WHERE id = $1`, id)
}

func (r *rig) attempts(id uuid.UUID) string {
	return testkit.One[string](r.World, `SELECT coalesce(string_agg(coalesce(outcome, '?'), ' ' ORDER BY number), '') FROM letter_attempts WHERE letter_id = $1`, id)
}

func (r *rig) address(person uuid.UUID) string {
	return testkit.One[string](r.World, `SELECT email FROM persons WHERE id = $1`, person)
}

// logBook collects log lines of many goroutines.
type logBook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logBook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
