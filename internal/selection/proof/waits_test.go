package proof_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// waiting has a tree of quotas, three deep, and
// somebody in front of all at the first wish who may only wait there.
func waiting(tied selection.TiePolicy) selection.Input {
	wish := func(d int, points int64) selection.Wish {
		return selection.Wish{Destination: id('d', d), Points: decimal.NewFromInt(points)}
	}
	first := wish(0, 9)
	first.Waits = "gate.enough"
	return selection.Input{
		Method: selection.MethodDeferred, Tied: tied,
		Pools: []selection.Pool{{ID: id('p', 0), Free: 1}, {ID: id('p', 1), Free: 2}, {ID: id('p', 2), Free: 1}, {ID: id('q', 0), Free: 3}, {ID: id('q', 1), Free: 3}},
		Destinations: []selection.Destination{
			{ID: id('d', 0), Pools: []uuid.UUID{id('p', 0), id('q', 0), id('q', 1)}},
			{ID: id('d', 1), Pools: []uuid.UUID{id('p', 1), id('q', 0), id('q', 1)}},
			{ID: id('d', 2), Pools: []uuid.UUID{id('p', 2), id('q', 1)}},
		},
		Applicants: []selection.Applicant{
			{ID: id('a', 0), Points: decimal.NewFromInt(9), Wishes: []selection.Wish{first, wish(1, 5)}},
			{ID: id('a', 1), Points: decimal.NewFromInt(9), Wishes: []selection.Wish{wish(0, 9)}},
			{ID: id('a', 2), Points: decimal.NewFromInt(4), Wishes: []selection.Wish{wish(0, 4), wish(1, 4)}},
		},
	}
}

// Whoever may only wait keeps nobody out, whatever quotas there are and even
// of one tied group, and is not among the refused.
func TestWhoMayOnlyWaitAsksForNoPlace(t *testing.T) {
	t.Parallel()
	for _, tied := range []selection.TiePolicy{selection.TiedID, selection.TiedRefuse, selection.TiedAdmit} {
		in := waiting(tied)
		r := allocate(t, in)
		w := newWorld(in)
		if got := w.say(w.granted(r)); got != w.say(w.right(t)) || w.granted(r).size() != 3 {
			t.Errorf("%s: %s", tied, got)
		}
		if f := r.Destinations[0]; f.Listed != 3 || f.Refused != 1 || !f.HighestRefused.Decimal.Equal(decimal.NewFromInt(4)) {
			t.Errorf("%s: figures %+v", tied, f)
		}
		if found := proof.Verify(in, r); len(found) > 0 {
			t.Errorf("%s: %+v", tied, found)
		}
	}
}

// Planted: they are placed, taken for refused, or given a reason of those who
// asked. Each is found for what it is.
func TestVerifierFindsWhoMayOnlyWaitTakenForAskingOne(t *testing.T) {
	t.Parallel()
	plants := map[string]struct {
		plant func(r *selection.Result, c *selection.Choice)
		code  string
	}{
		"placed": {func(r *selection.Result, c *selection.Choice) {
			for i := range r.Entries[0].Choices {
				r.Entries[0].Choices[i].Outcome = selection.NotPlaced
			}
			c.Outcome, c.Reason = selection.Placed, selection.Reason{Code: selection.ReasonPlaced, Preference: 1}
		}, proof.ViolationGate},
		"among the refused": {func(r *selection.Result, _ *selection.Choice) { r.Destinations[0].Refused++ }, proof.ViolationReason},
		"refused by points": {func(_ *selection.Result, c *selection.Choice) {
			c.Reason = selection.Reason{Code: selection.ReasonLostID}
		}, proof.ViolationReason},
		"not listed": {func(_ *selection.Result, c *selection.Choice) { c.Rank = 0 }, proof.ViolationOrder},
	}
	for name, p := range plants {
		in := waiting(selection.TiedID)
		r := copied(allocate(t, in))
		if r.Entries[0].Applicant != in.Applicants[0].ID {
			t.Fatal("the first is not first")
		}
		p.plant(&r, &r.Entries[0].Choices[0])
		if !slices.ContainsFunc(proof.Verify(in, r), func(v proof.Violation) bool { return v.Code == p.code }) {
			t.Errorf("%s is not found as %s: %+v", name, p.code, proof.Verify(in, r))
		}
	}
}
