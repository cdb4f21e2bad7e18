package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
)

// ForwardClock moves the business clock of a demo forward by a while and has
// everything that came due on the way looked at, at once. It returns the new
// business time. Errors: invalid if by is not positive; conflict with
// "refusal.no_demo" anywhere but in a demo.
func (r *Runner) ForwardClock(ctx context.Context, arrived time.Time, by time.Duration) (time.Time, error) {
	if by <= 0 {
		return time.Time{}, mobility.InvalidError(mobility.FieldProblem{Field: "by", Code: "invalid.clock_backwards"})
	}
	var now time.Time
	err := r.system(ctx, arrived, func(s *step) error {
		offset, err := queries.MoveClock(ctx, s.tx, by.Seconds())
		if errors.Is(err, pgx.ErrNoRows) {
			return mobility.ConflictError("refusal.no_demo", nil)
		}
		if err != nil {
			return fmt.Errorf("move the clock: %w", err)
		}
		now = arrived.Add(time.Duration(offset) * time.Microsecond)
		return s.enqueue(ctx, DueScan{})
	})
	return now, err
}
