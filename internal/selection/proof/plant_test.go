package proof_test

import (
	"math/rand/v2"
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// fault is one thing done wrong to a result.
type fault struct {
	name  string
	plant func(*rand.Rand, selection.Input, *selection.Result)
}

var faults = []fault{
	{"engine", func(_ *rand.Rand, _ selection.Input, r *selection.Result) { r.Engine += "x" }},
	{"method", func(rng *rand.Rand, _ selection.Input, r *selection.Result) { r.Method = pick(rng, selection.Methods) }},
	{"ties", func(rng *rand.Rand, _ selection.Input, r *selection.Result) {
		r.Tied = pick(rng, selection.TiePolicies)
	}},
	{"drop entry", func(rng *rand.Rand, _ selection.Input, r *selection.Result) { r.Entries = dropOne(rng, r.Entries) }},
	{"double entry", func(rng *rand.Rand, _ selection.Input, r *selection.Result) { r.Entries = doubleOne(rng, r.Entries) }},
	{"drop figures", func(rng *rand.Rand, _ selection.Input, r *selection.Result) {
		r.Destinations = dropOne(rng, r.Destinations)
	}},
	{"double figures", func(rng *rand.Rand, _ selection.Input, r *selection.Result) {
		r.Destinations = doubleOne(rng, r.Destinations)
	}},
	{"swap entries", func(rng *rand.Rand, _ selection.Input, r *selection.Result) { swap(rng, r.Entries) }},
	{"swap figures", func(rng *rand.Rand, _ selection.Input, r *selection.Result) { swap(rng, r.Destinations) }},
	{"swap lines and ranks", onTwo(func(a, b *selection.Entry) {
		*a, *b = *b, *a
		a.Rank, b.Rank = b.Rank, a.Rank
	})},
	{"swap ranks", onTwo(func(a, b *selection.Entry) { a.Rank, b.Rank = b.Rank, a.Rank })},
	{"swap grants", onTwo(func(a, b *selection.Entry) {
		a.Grant, b.Grant, a.GrantRank, b.GrantRank = b.Grant, a.Grant, b.GrantRank, a.GrantRank
	})},
	{"swap applicants", onTwo(func(a, b *selection.Entry) { a.Applicant, b.Applicant = b.Applicant, a.Applicant })},
	{"swap outcomes", onTwo(func(a, b *selection.Entry) {
		for i := range min(len(a.Choices), len(b.Choices)) {
			a.Choices[i].Outcome, b.Choices[i].Outcome = b.Choices[i].Outcome, a.Choices[i].Outcome
			a.Choices[i].Reserve, b.Choices[i].Reserve = b.Choices[i].Reserve, a.Choices[i].Reserve
		}
	})},
	{"swap ranks at a destination", onTwo(func(a, b *selection.Entry) {
		for i := range a.Choices {
			for k := range b.Choices {
				if x, y := &a.Choices[i], &b.Choices[k]; x.Destination == y.Destination {
					x.Rank, y.Rank = y.Rank, x.Rank
				}
			}
		}
	})},
	{"give a place away", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) {
		for i := range e.Choices {
			if e.Choices[i].Outcome == selection.Placed {
				e.Choices[i].Outcome = selection.NotPlaced
			}
		}
		if len(e.Choices) > 0 && chance(rng, 50) {
			e.Choices[rng.IntN(len(e.Choices))].Outcome = selection.Placed
		}
	})},
	{"give a place to who may only wait", func(rng *rand.Rand, in selection.Input, r *selection.Result) {
		a := pick(rng, in.Applicants)
		k := slices.IndexFunc(a.Wishes, func(w selection.Wish) bool { return w.Gate == "" && w.Waits != "" })
		i := slices.IndexFunc(r.Entries, func(e selection.Entry) bool { return e.Applicant == a.ID })
		if k < 0 || i < 0 || a.Excluded != "" || len(r.Entries[i].Choices) != len(a.Wishes) {
			return
		}
		for n := range r.Entries[i].Choices {
			if c := &r.Entries[i].Choices[n]; c.Outcome == selection.Placed {
				c.Outcome = selection.NotPlaced
			}
		}
		c := &r.Entries[i].Choices[k]
		c.Outcome, c.Reserve, c.Reason = selection.Placed, 0, selection.Reason{Code: selection.ReasonPlaced, Preference: k + 1}
	}},
	{"rank", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) { e.Rank += rng.IntN(3) - 1 })},
	{"rule", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) { e.Rule = selection.Rule(rng.IntN(9) - 6) })},
	{"points", onEntry(func(_ *rand.Rand, _ selection.Input, e *selection.Entry) { e.Points = e.Points.Add(decimal.New(1, -4)) })},
	{"grant", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) {
		e.Grant = pick(rng, []selection.Grant{"", selection.WithGrant, selection.WithoutGrant})
	})},
	{"rank of grant", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) { e.GrantRank += rng.IntN(3) - 1 })},
	{"excluded", onEntry(func(_ *rand.Rand, _ selection.Input, e *selection.Entry) { e.Excluded += "x" })},
	{"unknown", onEntry(func(_ *rand.Rand, _ selection.Input, e *selection.Entry) { e.Applicant = id('x', 1) })},
	{"drop wish", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) { e.Choices = dropOne(rng, e.Choices) })},
	{"swap wishes", onEntry(func(rng *rand.Rand, _ selection.Input, e *selection.Entry) { swap(rng, e.Choices) })},
	{"outcome", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) {
		c.Outcome = pick(rng, []selection.Outcome{selection.Placed, selection.Reserve, selection.NotPlaced, selection.Gated, "lost"})
	})},
	{"position", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) { c.Reserve += rng.IntN(4) - 1 })},
	{"rank at a destination", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) { c.Rank += rng.IntN(4) - 1 })},
	{"standing", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) { c.Standing = rng.IntN(20) - 1 })},
	{"number of a wish", onChoice(func(_ *rand.Rand, _ selection.Input, c *selection.Choice) { c.Preference++ })},
	{"points of a wish", onChoice(func(_ *rand.Rand, _ selection.Input, c *selection.Choice) { c.Points = c.Points.Neg() })},
	{"destination", onChoice(func(rng *rand.Rand, in selection.Input, c *selection.Choice) {
		c.Destination = pick(rng, in.Destinations).ID
	})},
	{"reason", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) {
		c.Reason.Code = pick(rng, []string{
			selection.ReasonPlaced, selection.ReasonBetterChoice, selection.ReasonNoPlaceLeft, selection.ReasonLostTie, selection.ReasonLostLot,
			selection.ReasonNoPlaces, selection.ReasonGated, selection.ReasonExcluded, selection.ReasonLostClass, selection.ReasonLostShare,
			selection.ReasonLostRound, selection.ReasonLostArrival, selection.ReasonLostID, selection.ReasonTiedAbove, selection.ReasonTiedRefused, selection.ReasonFilledBefore, selection.ReasonByHand,
			selection.ReasonWaitsOnly,
		})
	})},
	{"rule of a reason", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) {
		c.Reason.Rule = selection.Rule(rng.IntN(9) - 6)
	})},
	{"points of a reason", onChoice(func(_ *rand.Rand, _ selection.Input, c *selection.Choice) {
		c.Reason.LastPoints = decimal.NewNullDecimal(decimal.New(75, -1))
	})},
	{"flags of a reason", onChoice(func(rng *rand.Rand, _ selection.Input, c *selection.Choice) {
		c.Reason.Shared, c.Reason.ReserveFull = chance(rng, 50), chance(rng, 50)
	})},
	{"quota of a reason", onChoice(func(rng *rand.Rand, in selection.Input, c *selection.Choice) { c.Reason.Quota = pick(rng, in.Pools).ID })},
	{"gate of a reason", onChoice(func(_ *rand.Rand, _ selection.Input, c *selection.Choice) { c.Reason.Gate += "x" })},
	{"wish of a reason", onChoice(func(_ *rand.Rand, _ selection.Input, c *selection.Choice) { c.Reason.Preference++ })},
	{"counts", onFigures(func(rng *rand.Rand, f *selection.Figures) {
		*pick(rng, []*int{&f.Listed, &f.Admitted, &f.Refused, &f.Waiting, &f.Lacking, &f.Over})++
	})},
	{"cut-offs", onFigures(func(_ *rand.Rand, f *selection.Figures) {
		f.LowestAdmitted, f.HighestRefused = f.HighestRefused, f.LowestAdmitted
	})},
	{"figures of another", onFigures(func(_ *rand.Rand, f *selection.Figures) { f.Destination = id('x', 1) })},
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func dropOne[T any](rng *rand.Rand, rows []T) []T {
	if len(rows) == 0 {
		return rows
	}
	i := rng.IntN(len(rows))
	return slices.Delete(slices.Clone(rows), i, i+1)
}

func doubleOne[T any](rng *rand.Rand, rows []T) []T {
	if len(rows) == 0 {
		return rows
	}
	return append(rows, pick(rng, rows))
}

func swap[T any](rng *rand.Rand, rows []T) {
	if len(rows) > 1 {
		i, j := rng.IntN(len(rows)), rng.IntN(len(rows))
		rows[i], rows[j] = rows[j], rows[i]
	}
}

func onTwo(f func(a, b *selection.Entry)) func(*rand.Rand, selection.Input, *selection.Result) {
	return func(rng *rand.Rand, _ selection.Input, r *selection.Result) {
		if n := len(r.Entries); n > 1 {
			i := rng.IntN(n)
			f(&r.Entries[i], &r.Entries[(i+1+rng.IntN(n-1))%n])
		}
	}
}

func onFigures(f func(*rand.Rand, *selection.Figures)) func(*rand.Rand, selection.Input, *selection.Result) {
	return func(rng *rand.Rand, _ selection.Input, r *selection.Result) {
		if len(r.Destinations) > 0 {
			f(rng, &r.Destinations[rng.IntN(len(r.Destinations))])
		}
	}
}

func onEntry(f func(*rand.Rand, selection.Input, *selection.Entry)) func(*rand.Rand, selection.Input, *selection.Result) {
	return func(rng *rand.Rand, in selection.Input, r *selection.Result) {
		if len(r.Entries) > 0 {
			f(rng, in, &r.Entries[rng.IntN(len(r.Entries))])
		}
	}
}

func onChoice(f func(*rand.Rand, selection.Input, *selection.Choice)) func(*rand.Rand, selection.Input, *selection.Result) {
	return onEntry(func(rng *rand.Rand, in selection.Input, e *selection.Entry) {
		if len(e.Choices) > 0 {
			f(rng, in, &e.Choices[rng.IntN(len(e.Choices))])
		}
	})
}
