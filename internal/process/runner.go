package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Beginner is a pool of the web role, or a transaction in a test.
type Beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Enqueuer puts jobs into the same transaction as the change that causes them.
type Enqueuer interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
	InsertManyFastTx(ctx context.Context, tx pgx.Tx, params []river.InsertManyParams) (int, error)
}

// Runner runs processes. It is safe for use by many goroutines.
type Runner struct {
	web         Beginner
	jobs        Enqueuer
	files       FileStore
	definitions *definitionCache
}

// New returns a Runner on a pool of the web role.
func New(web Beginner, jobs Enqueuer, files FileStore) *Runner {
	return &Runner{web: web, jobs: jobs, files: files, definitions: newDefinitionCache()}
}

// queries is stateless: every call names what it runs on.
var queries = store.New()

// tries is how often a transaction is run that fails by a serialization
// failure or a deadlock before the person is told.
const tries = 3

// step is one transaction of one process.
type step struct {
	tx    pgx.Tx
	actor mobility.Actor
	now   time.Time // business time of the request's arrival
	jobs  Enqueuer
}

// do runs fn in one transaction as actor. arrived is the system instant at
// which the request came in (rule 7); the business clock's offset is added to
// it. A serialization failure or deadlock runs fn again, three times in all.
func (r *Runner) do(ctx context.Context, actor mobility.Actor, arrived time.Time, fn func(s *step) error) error {
	var err error
	for range tries {
		if err = r.once(ctx, actor, arrived, fn); !store.Retryable(err) {
			return err
		}
	}
	return err
}

func (r *Runner) once(ctx context.Context, actor mobility.Actor, arrived time.Time, fn func(s *step) error) error {
	tx, err := r.web.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	ahead, err := store.SetActor(ctx, tx, actor)
	if err != nil {
		return err
	}
	now := arrived.Add(ahead)
	if err := fn(&step{tx: tx, actor: actor, now: now, jobs: r.jobs}); err != nil {
		return store.Translate(err, "page")
	}
	if err := tx.Commit(ctx); err != nil {
		return store.Translate(err, "page")
	}
	return nil
}

// system runs fn in one transaction as the system itself, elevated from the
// start: what jobs, importers and the demo's seed do.
func (r *Runner) system(ctx context.Context, arrived time.Time, fn func(s *step) error) error {
	return r.do(ctx, mobility.Actor{System: true}, arrived, func(s *step) error {
		if err := s.elevate(ctx); err != nil {
			return err
		}
		return fn(s)
	})
}

// elevate lets the rest of the step change what it has proved the actor sees.
func (s *step) elevate(ctx context.Context) error { return store.Elevate(ctx, s.tx) }

// enqueue adds a job to the transaction; it exists if and only if the change does.
func (s *step) enqueue(ctx context.Context, args river.JobArgs) error {
	if _, err := s.jobs.InsertTx(ctx, s.tx, args, nil); err != nil {
		return fmt.Errorf("enqueue %s: %w", args.Kind(), err)
	}
	return nil
}

// actorID is the person acting, nil for the system and for a host by link.
func (s *step) actorID() *uuid.UUID {
	if !s.actor.SignedIn() {
		return nil
	}
	return &s.actor.Person
}

// newID returns an id that sorts by time of making.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
