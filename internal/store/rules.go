package store

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
)

// ConfirmRule is the call's rule for confirm-bys (design rule 8) with days
// from publication or promotion, in the call's zone.
func (c CallRulesRow) ConfirmRule(zone *time.Location, days int) mobility.ConfirmRule {
	return mobility.ConfirmRule{
		Days: days, Hour: int(c.ConfirmHour), Zone: zone, LeadDays: int(c.LeadDays),
		Minimum: time.Duration(c.ConfirmMinimum) * time.Microsecond,
	}
}

// AppealRule is the call's rule for how long one may appeal from the moment a
// list is told: days, then the hour of the day, then the next working day.
// final says which list; where the call declares nothing for the final one,
// whoever is told it alone has as long as for the provisional one.
// takes is false for a call that takes no appeals.
func (c CallRulesRow) AppealRule(lists CallListsRow, zone *time.Location, final bool) (rule mobility.ConfirmRule, takes bool) {
	switch {
	case final && lists.AppealDays != nil:
		return c.ConfirmRule(zone, int(*lists.AppealDays)), true
	case lists.ProvisionalDays != nil:
		rule = c.ConfirmRule(zone, int(*lists.ProvisionalDays))
		rule.Hour = int(lists.ProvisionalHour)
		return rule, true
	}
	return mobility.ConfirmRule{}, false
}

// WorkingDays returns the institution's calendar from local on: Monday to
// Friday, less its holidays.
func WorkingDays(ctx context.Context, db DBTX, institution uuid.UUID, local time.Time) (mobility.WorkingDay, error) {
	days, err := New().HolidaysFrom(ctx, db, HolidaysFromParams{InstitutionID: institution, FirstDay: local.AddDate(0, -2, 0)})
	if err != nil {
		return nil, fmt.Errorf("read the holidays: %w", err)
	}
	free := make(map[string]bool, len(days))
	for _, d := range days {
		free[d.Format(time.DateOnly)] = true
	}
	return func(day time.Time) bool {
		return mobility.Weekdays(day) && !free[day.Format(time.DateOnly)]
	}, nil
}
