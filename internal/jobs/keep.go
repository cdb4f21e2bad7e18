package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Limits of keeping what is known.
const (
	keepFor  = time.Minute // a database that restarts is back by then
	keepOnce = 10 * time.Second
	keepWait = 2 * time.Second // the longest pause between two tries
)

// keep tries until it is done, also while this process is being stopped: what
// became of a letter is known now and never again. do must change nothing the
// second time, for its first commit may have been answered by silence.
func keep(ctx context.Context, do func(ctx context.Context) error) error {
	limit, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepFor)
	defer cancel()
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, keepWait) {
		once, done := context.WithTimeout(limit, keepOnce)
		err := do(once)
		done()
		if err == nil || refusedByDatabase(err) || ctx.Err() != nil || limit.Err() != nil {
			return err
		}
		wait(ctx, pause)
	}
}

// refusedByDatabase reports whether it was the statement and not the way to the
// database that failed.
func refusedByDatabase(err error) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	switch refused.Code[:2] {
	case "08", "40", "53", "57": // connection, serialization, resources, shutdown and start
		return false
	}
	return true
}
