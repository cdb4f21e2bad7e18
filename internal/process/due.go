package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// How many timers, and how many reminders, one transaction of a scan takes;
// the scan goes on until there are no more.
const (
	timersAtOnce    = 2000
	remindersAtOnce = 50_000
)

// Due acts on everything the business clock has brought due: reminders,
// set-wise, then timers, each in a transaction of its own so that one file in
// the way stops no other. It may run at any time and any number of times at
// once; a move that somebody else made meanwhile is simply no longer due. It
// returns how many files moved and how many letters were planned.
func (r *Runner) Due(ctx context.Context, arrived time.Time) (moved, reminded int, err error) {
	reminded, err = r.remind(ctx, arrived)
	moved, timersErr := r.timers(ctx, arrived)
	return moved, reminded, errors.Join(err, timersErr)
}

// timers makes the moves of all timers that are due, page by page.
func (r *Runner) timers(ctx context.Context, arrived time.Time) (moved int, err error) {
	var failed []error
	page := store.DueTimersParams{Most: timersAtOnce}
	for {
		var timers []store.DueTimersRow
		err := r.system(ctx, arrived, func(s *step) error {
			page.Now = s.now
			timers, err = queries.DueTimers(ctx, s.tx, page)
			return err
		})
		if err != nil {
			return moved, errors.Join(append(failed, fmt.Errorf("find what is due: %w", err))...)
		}
		for _, t := range timers {
			ok, err := r.timer(ctx, arrived, t)
			if ok {
				moved++
			}
			if err != nil {
				failed = append(failed, err)
			}
		}
		if len(timers) < timersAtOnce || ctx.Err() != nil {
			return moved, errors.Join(failed...)
		}
		last := timers[len(timers)-1]
		page.AfterTime, page.AfterID = last.ClosesAt, last.ID
	}
}

// timer makes one move, unless it is no longer due.
func (r *Runner) timer(ctx context.Context, arrived time.Time, t store.DueTimersRow) (moved bool, err error) {
	_, err = r.Move(ctx, mobility.Actor{System: true}, MoveRequest{Application: t.ID, Move: t.Move, Revision: t.Revision, Arrived: arrived})
	if kind := mobility.KindOf(err); kind == mobility.Conflict || kind == mobility.Stale {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s of %s: %w", t.Move, t.ID, err)
	}
	return true, nil
}
