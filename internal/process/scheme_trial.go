package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// TryScheme says who would move, and how cut-offs would, if a closed round
// were ranked by another scheme than its call's. It keeps nothing. Only an
// officer may. Errors: forbidden for whom a conflict of interest or a file of
// their own bars; conflict while nothing can be ranked yet, and once a result
// was told; invalid where the scheme does not go with the call's rules.
func (r *Runner) TryScheme(ctx context.Context, actor mobility.Actor, round uuid.UUID, other *scheme.Scheme, arrived time.Time) (selection.Comparison, error) {
	var out selection.Comparison
	err := r.do(ctx, actor, arrived, func(s *step) error {
		at, err := r.roundForOfficer(ctx, s, round)
		if err != nil {
			return err
		}
		if err := s.mayTry(ctx, at); err != nil {
			return err
		}
		before, err := r.tried(ctx, s, at, nil)
		if err != nil {
			return err
		}
		after, err := r.tried(ctx, s, at, other)
		if err == nil {
			out = selection.Compare(before, after)
		}
		return err
	})
	return out, err
}

func (s *step) mayTry(ctx context.Context, at store.RoundForRankingRow) error {
	barred, err := queries.BarredFromRound(ctx, s.tx, at.ID)
	switch {
	case err != nil:
		return fmt.Errorf("look for a conflict: %w", err)
	case barred:
		return mobility.ForbiddenError("refusal.barred_from_round")
	case at.Published:
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return s.closedForAll(ctx, at)
}

func (r *Runner) tried(ctx context.Context, s *step, at store.RoundForRankingRow, other *scheme.Scheme) (selection.Result, error) {
	b, err := r.basisBy(ctx, s, at, other)
	if err != nil {
		return selection.Result{}, err
	}
	run, err := b.Compute()
	return run.Result, err
}
