package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"peregrine/internal/identity"
	"peregrine/internal/letter"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// queries is stateless: every call names what it runs on.
var queries = store.New()

// How often the house is looked after. Between two scans a deadline's timers
// wait, so scans are frequent; each is cheap when nothing is due.
const (
	scanEvery   = 20 * time.Second
	upkeepEvery = time.Hour
	watchEvery  = time.Minute
)

// Limits of jobs. A job killed with its process is found after rescueAfter,
// which must be longer than any job may take.
const (
	jobTimeout  = 3 * time.Minute
	rescueAfter = 5 * time.Minute
	softStop    = 20 * time.Second
)

// fetchCooldown is the least time between two fetches of a queue. In River's
// own tenth of a second no more jobs could begin than a queue has workers,
// however fast the mail server is.
const fetchCooldown = 20 * time.Millisecond

// Config is what the workers need. All of it is required but what says
// otherwise.
type Config struct {
	Pool        *pgxpool.Pool // of the work role
	Process     *process.Runner
	Identity    *identity.Service
	Outbox      *outbox.Outbox
	Sender      letter.Sender
	Connections int // how many letters the sender carries at once, sign-in letters aside
	// Relay names the mail server to all processes alike; Rate is how many
	// letters a minute they may give it together. Optional: no limit.
	Relay  string
	Rate   int
	From   mail.Address // every letter's envelope sender; its domain ends the Message-IDs
	Logger *slog.Logger
	Now    func() time.Time // the system clock
	// Pause is how long a letter waits after its attempt-th failure. Optional.
	Pause func(attempt int) time.Duration
	// SoftStop is how long jobs under way may take to finish when the client
	// stops, before they are cancelled. Optional, 20 s.
	SoftStop time.Duration
}

// NewInserter returns a client that puts jobs into transactions and works
// none: what processes and identity hold.
func NewInserter(pool *pgxpool.Pool) (*river.Client[pgx.Tx], error) {
	return river.NewClient(riverpgxv5.New(pool), &river.Config{Logger: slog.New(slog.DiscardHandler)})
}

// NewClient returns the client that works. Start it with a context that
// outlives the request to stop, then Stop: jobs under way get SoftStop to
// finish and are cancelled after that.
func NewClient(c Config) (*river.Client[pgx.Tx], error) {
	if c.Pool == nil || c.Process == nil || c.Identity == nil || c.Outbox == nil || c.Sender == nil || c.Logger == nil || c.Now == nil {
		return nil, errors.New("jobs: a dependency is missing")
	}
	if c.Connections < 1 || c.From.Address == "" {
		return nil, errors.New("jobs: the sender has no connection or no address")
	}
	if c.Pause == nil {
		c.Pause = pause
	}
	if c.Relay == "" {
		c.Relay = "mail server"
	}
	if c.SoftStop == 0 {
		c.SoftStop = softStop
	}
	workers, err := c.workers()
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return river.NewClient(riverpgxv5.New(c.Pool), &river.Config{
		Queues: queues(c.Connections), Workers: workers, PeriodicJobs: schedule(),
		FetchCooldown: fetchCooldown, JobTimeout: jobTimeout, RescueStuckJobsAfter: rescueAfter, SoftStopTimeout: c.SoftStop,
		Logger: quiet(c.Logger), ErrorHandler: errorHandler{c.Logger}, Middleware: []rivertype.Middleware{logMiddleware(c.Logger, c.Now)},
		ReindexerIndexNames: []string{}, // the work role owns no table
	})
}

// queues gives letters many more workers than connections: those beyond
// prepare what comes next, in large rounds, while they wait for one.
func queues(connections int) map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		process.QueueSignIn:    {MaxWorkers: 4},
		process.QueueDecisions: {MaxWorkers: 16 * connections},
		process.QueueReminders: {MaxWorkers: 16 * connections},
		process.QueueBulk:      {MaxWorkers: 2 * connections},
		process.QueueUpkeep:    {MaxWorkers: 4},
	}
}

func (c Config) workers() (*river.Workers, error) {
	w, way := river.NewWorkers(), &gate{Config: c}
	return w, errors.Join(
		river.AddWorkerSafely(w, newLetterWorker(c, way)),
		river.AddWorkerSafely(w, &signInWorker{Config: c, gate: way}),
		river.AddWorkerSafely(w, &hostCodeWorker{Config: c, gate: way}),
		river.AddWorkerSafely(w, &watchWorker{gate: way}),
		river.AddWorkerSafely(w, &placeWorker{Config: c}),
		river.AddWorkerSafely(w, &erasureWorker{Config: c}),
		river.AddWorkerSafely(w, &scanWorker{Config: c}),
		river.AddWorkerSafely(w, &upkeepWorker{Config: c}),
	)
}

// schedule has what runs by the clock. Unique by period and not by what is
// running: a scan that died with its process must not hold up the next.
func schedule() []*river.PeriodicJob {
	every := func(id string, period time.Duration, args river.JobArgs) *river.PeriodicJob {
		return river.NewPeriodicJob(river.PeriodicInterval(period), func() (river.JobArgs, *river.InsertOpts) {
			return args, &river.InsertOpts{Queue: process.QueueUpkeep, MaxAttempts: 1, UniqueOpts: river.UniqueOpts{ByPeriod: period}}
		}, &river.PeriodicJobOpts{ID: id, RunOnStart: true})
	}
	return []*river.PeriodicJob{
		every("due_scan", scanEvery, process.DueScan{}), every("upkeep", upkeepEvery, Upkeep{}), every("relay_watch", watchEvery, RelayWatch{}),
	}
}

// inTx runs fn in one transaction of the work role.
func (c Config) inTx(ctx context.Context, fn func(tx pgx.Tx) error) error {
	return pgx.BeginFunc(ctx, c.Pool, fn)
}
