package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// ReadLetter remembers when the person a letter is to first opened it here.
// Errors: not found if it is nobody's the actor sees.
func (r *Runner) ReadLetter(ctx context.Context, actor mobility.Actor, letter uuid.UUID, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		if _, err := queries.MyLetter(ctx, s.tx, store.MyLetterParams{ID: letter, PersonID: &actor.Person}); err != nil {
			return store.Translate(err, "letter")
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		_, err := queries.MarkLetterRead(ctx, s.tx, store.MarkLetterReadParams{ID: letter, PersonID: &actor.Person, At: &s.now})
		return err
	})
}

// ReserveRanks returns the place an application has now on the reserve of
// each destination it waits at, from 1. Others on the list are counted, not
// shown. Errors: not found if the actor does not see the application.
func (r *Runner) ReserveRanks(ctx context.Context, actor mobility.Actor, application uuid.UUID, arrived time.Time) (map[uuid.UUID]int, error) {
	out := map[uuid.UUID]int{}
	err := r.do(ctx, actor, arrived, func(s *step) error {
		if _, err := r.visible(ctx, s, application); err != nil {
			return err
		}
		rows, err := queries.LiveRanks(ctx, s.tx, []uuid.UUID{application})
		if err != nil {
			return fmt.Errorf("read the reserve: %w", err)
		}
		for _, row := range rows {
			out[row.DestinationID] = int(row.Rank)
		}
		return nil
	})
	return out, err
}
