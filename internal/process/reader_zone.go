package process

import (
	"context"
	"fmt"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// ChooseZone keeps the time zone in which the actor wants to be told the time,
// in pages and letters; their working hours and overviews are in it too. ""
// is that of their institution.
func (r *Runner) ChooseZone(ctx context.Context, actor mobility.Actor, zone string, arrived time.Time) error {
	if _, err := time.LoadLocation(zone); err != nil || zone == "Local" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "zone", Code: "invalid.oneof"})
	}
	if !actor.SignedIn() {
		return mobility.NotFoundError("person")
	}
	return r.do(ctx, actor, arrived, func(s *step) error {
		if err := s.elevate(ctx); err != nil {
			return err
		}
		if err := queries.ChooseZone(ctx, s.tx, store.ChooseZoneParams{PersonID: actor.Person, Zone: zone, Now: s.now}); err != nil {
			return fmt.Errorf("keep the time zone: %w", err)
		}
		return nil
	})
}
