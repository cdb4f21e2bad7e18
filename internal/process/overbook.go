package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Overbook asks for more places, or with a negative number fewer, than a
// pool's agreement gives.
type Overbook struct {
	Pool    uuid.UUID
	Number  int32
	Rule    string // one of OverbookingRules
	Why     string
	Arrived time.Time // system clock
}

// OverbookingRules lists by what rule a pool may be overbooked.
var OverbookingRules = []string{"tie_admitted_whole", "host_consent", "correction", "partner_cut_places"}

// Overbook records who gave how many places beyond the agreement and why. An
// officer or administrator may. Fewer places than are held are a conflict.
func (r *Runner) Overbook(ctx context.Context, actor mobility.Actor, req Overbook) error {
	if err := req.check(); err != nil {
		return err
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := queries.VisiblePool(ctx, s.tx, req.Pool)
		if err != nil {
			return store.Translate(err, "pool")
		}
		if err := s.asOffice(ctx, p.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if _, err := queries.LockPools(ctx, s.tx, []uuid.UUID{req.Pool}); err != nil {
			return fmt.Errorf("lock the pool: %w", err)
		}
		err = queries.AddOverbookingOf(ctx, s.tx, store.AddOverbookingOfParams{
			ID: newID(), InstitutionID: p.InstitutionID, PoolID: p.ID, Number: req.Number, Rule: req.Rule, Why: req.Why, PersonID: s.actorID(), At: s.now,
		})
		return store.Translate(err, "pool")
	})
}

func (o Overbook) check() error {
	c := &planCheck{}
	c.require(o.Number != 0, "number", "invalid.required")
	c.require(o.Why != "", "why", "invalid.required")
	known := false
	for _, rule := range OverbookingRules {
		known = known || rule == o.Rule
	}
	c.require(known, "rule", "invalid.oneof")
	if len(c.problems) > 0 {
		return mobility.InvalidError(c.problems...)
	}
	return nil
}
