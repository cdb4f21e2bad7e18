package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// How long things are good for, and how often they may be asked for.
const (
	SecretLifetime    = 30 * time.Minute    // a sign-in link, a code
	ApplicantLifetime = 30 * 24 * time.Hour // a session of a person without granted roles
	StaffLifetime     = 12 * time.Hour      // a working day
	codeTries         = 5
)

// Pool is a pool of the work role, or a transaction in a test.
type Pool interface {
	store.DBTX
	Begin(ctx context.Context) (pgx.Tx, error)
}

// Enqueuer puts a job into the transaction that asks for it.
type Enqueuer interface {
	InsertTx(ctx context.Context, tx pgx.Tx, args river.JobArgs, opts *river.InsertOpts) (*rivertype.JobInsertResult, error)
}

// Limits bound how often a sign-in may be asked for in an hour.
type Limits struct {
	PerAddress int
	PerNetwork int // a whole IPv4 or the /64 of an IPv6
}

// DefaultLimits keep a mailbox from being flooded and addresses from being tried out.
var DefaultLimits = Limits{PerAddress: 5, PerNetwork: 30}

// Config is what a Service needs.
type Config struct {
	Pool   Pool     // of the work role
	Jobs   Enqueuer // an insert-only client will do
	Secure bool     // served over https: cookies say so
	Limits Limits   // zero: DefaultLimits
	// AnswerTime is the least time asking for a sign-in takes, so that a known
	// and an unknown address cannot be told apart by the clock. 0: 250 ms;
	// negative: none.
	AnswerTime time.Duration
}

// Service answers who is asking. It is safe for use by many goroutines.
type Service struct {
	pool       Pool
	jobs       Enqueuer
	limits     Limits
	answerTime time.Duration
	secure     bool
	sessions   *scs.SessionManager
	signs      keyring
}

// queries is stateless: every call names what it runs on.
var queries = store.New()

// New returns a Service.
func New(c Config) *Service {
	if c.Limits == (Limits{}) {
		c.Limits = DefaultLimits
	}
	if c.AnswerTime == 0 {
		c.AnswerTime = 250 * time.Millisecond
	}
	return &Service{
		pool: c.Pool, jobs: c.Jobs, limits: c.Limits, answerTime: c.AnswerTime,
		secure: c.Secure, sessions: newSessions(c.Pool, c.Secure),
	}
}

// do runs fn in one transaction.
func (s *Service) do(ctx context.Context, fn func(tx pgx.Tx) error) error {
	tx, err := s.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if err := fn(tx); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// BusinessTime is arrived on the business clock.
func (s *Service) BusinessTime(ctx context.Context, arrived time.Time) (time.Time, error) {
	return businessTime(ctx, s.pool, arrived)
}

func businessTime(ctx context.Context, db store.DBTX, arrived time.Time) (time.Time, error) {
	offset, err := queries.BusinessOffset(ctx, db)
	if err != nil && !missing(err) {
		return time.Time{}, fmt.Errorf("read the business clock: %w", err)
	}
	return arrived.Add(time.Duration(offset) * time.Microsecond), nil
}

// DatabaseVersion is the number of the last migration that ran.
func (s *Service) DatabaseVersion(ctx context.Context) (int64, error) {
	return store.Applied(ctx, s.pool)
}

// DatabaseTime is what the database's system clock says, for comparing.
func (s *Service) DatabaseTime(ctx context.Context) (time.Time, error) {
	at, err := queries.DatabaseTime(ctx, s.pool)
	if err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return at, nil
}

// SetLanguage keeps the language a person chose.
func (s *Service) SetLanguage(ctx context.Context, person uuid.UUID, language string) error {
	err := queries.SetPersonLanguage(ctx, s.pool, store.SetPersonLanguageParams{ID: person, Language: language})
	if err != nil {
		return fmt.Errorf("set the language: %w", err)
	}
	return nil
}

// Sweep deletes what is over: sessions out of date, and sign-ins, codes and
// counters older than a day. An upkeep job calls it; calling it more often
// does no harm. It returns how many rows went.
func (s *Service) Sweep(ctx context.Context) (int64, error) {
	var total int64
	for _, sweep := range []func(context.Context, store.DBTX) (int64, error){
		queries.SweepSessions, queries.SweepSignIns, queries.SweepRateCounters, queries.SweepHostCodes,
	} {
		n, err := sweep(ctx, s.pool)
		if err != nil {
			return total, fmt.Errorf("sweep: %w", err)
		}
		total += n
	}
	return total, nil
}

func missing(err error) bool { return errors.Is(err, pgx.ErrNoRows) }

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// refused is a rule's answer in words of the catalogue.
func refused(code string) error { return mobility.ConflictError(code, nil) }
