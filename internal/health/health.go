// Package health says whether a process can do its work: what a load balancer,
// or whoever watches over the processes, asks before anything is sent there.
package health

import (
	"context"
	"fmt"
	"time"

	"peregrine/internal/store"
)

// clockTolerance: further apart, the clocks of program and database would judge
// a deadline differently (design rule 7).
const clockTolerance = time.Second

// Database is what is asked of the database.
type Database interface {
	DatabaseTime(ctx context.Context) (time.Time, error) // its system clock
	DatabaseVersion(ctx context.Context) (int64, error)  // the last migration that ran
}

// Ask says in words for an operator what keeps this process from working: a
// database that does not answer, or was migrated to another version than this
// program's, or clocks that are apart. Nothing: "". cause is for the log and
// may be nil.
func Ask(ctx context.Context, db Database, now func() time.Time) (fault string, cause error) {
	before := now()
	there, err := db.DatabaseTime(ctx)
	after := now()
	if err != nil {
		return "the database does not answer", err
	}
	if apart := clocksApart(before, after, there); apart > clockTolerance {
		return fmt.Sprintf("the clocks of program and database are %s apart", apart.Round(time.Millisecond)), nil
	}
	version, err := db.DatabaseVersion(ctx)
	if err != nil {
		return "the database does not say its version", err
	}
	if wanted := store.Version(); version != wanted {
		return fmt.Sprintf("the database has version %d, this program needs %d", version, wanted), nil
	}
	return "", nil
}

// clocksApart is how far there lies outside the time in which it was asked.
func clocksApart(before, after, there time.Time) time.Duration {
	switch {
	case there.Before(before):
		return before.Sub(there)
	case there.After(after):
		return there.Sub(after)
	}
	return 0
}
