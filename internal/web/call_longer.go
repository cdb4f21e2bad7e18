package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// ownClosings are the ends of rounds that hold for the reader alone or for
// their unit, in one call or in all.
func (q *request) ownClosings(ctx context.Context, db store.DBTX, call *uuid.UUID) (map[uuid.UUID]time.Time, error) {
	if !q.actor.SignedIn() {
		return nil, nil
	}
	rows, err := queries.MyClosings(ctx, db, store.MyClosingsParams{PersonID: q.actor.Person, CallID: call, Now: q.now})
	out := make(map[uuid.UUID]time.Time, len(rows))
	for _, r := range rows {
		out[r.RoundID] = laterOf(out[r.RoundID], r.ClosesAt)
	}
	return out, err
}

func laterOf(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// someLonger reports whether some unit may still submit.
func (v *publicCall) someLonger(now time.Time) bool {
	for _, u := range v.longer {
		if mobility.Open(now, u.ClosesAt) {
			return true
		}
	}
	return false
}

// longerFact names the units that may submit longer, and until when.
func (v *publicCall) longerFact(q *request) page.Fact {
	f := page.Fact{Term: q.loc.T("call.extended")}
	for _, u := range v.longer {
		f.Lines = append(f.Lines, q.loc.T("call.extended_until", "Unit", u.Unit.In(q.loc.Lang()), "When", q.deadline(u.ClosesAt, zoneOf(u.Zone)).Text))
	}
	return f
}
