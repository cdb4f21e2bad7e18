package process

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// confirmBys computes each destination's confirm-by: it hangs on the call and
// the host's deadline alone. It is false where less than the call's minimum
// would be left.
func (s *step) confirmBys(ctx context.Context, at store.RoundForRankingRow, call store.CallRulesRow) (func(uuid.UUID) (mobility.WallMinute, bool), error) {
	zone, err := time.LoadLocation(call.Zone)
	if err != nil {
		return nil, err
	}
	working, err := store.WorkingDays(ctx, s.tx, at.InstitutionID, s.now.In(zone))
	if err != nil {
		return nil, err
	}
	hosts, err := queries.HostDeadlines(ctx, s.tx, at.ID)
	if err != nil {
		return nil, err
	}
	closes := make(map[uuid.UUID]time.Time, len(hosts))
	for _, h := range hosts {
		closes[h.ID] = h.ClosesAt
	}
	rule := call.ConfirmRule(zone, int(call.ConfirmDays))
	return func(destination uuid.UUID) (mobility.WallMinute, bool) {
		return rule.ConfirmBy(s.now, closes[destination], working)
	}, nil
}
