package proof

import (
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// pinned reports whether only one result can be stable, so that there is no
// better one to look for: where everybody counts the same everywhere.
func (c *claim) pinned() bool {
	if c.oneList() {
		return true
	}
	if c.in.Method != selection.MethodDeferred || len(c.in.Shares) > 0 {
		return false
	}
	return !slices.ContainsFunc(c.who, func(a *selection.Applicant) bool {
		return slices.ContainsFunc(a.Wishes, func(w selection.Wish) bool {
			return w.Class != a.Wishes[0].Class || !w.Points.Equal(a.Wishes[0].Points) ||
				!slices.EqualFunc(tiesOf(a, w), tiesOf(a, a.Wishes[0]), decimal.Decimal.Equal)
		})
	})
}

// best checks that a stable result is the one that is best for applicants.
//
// Let every holder name who would get their place if they left: the wish that
// their pools would take in then, of all that people want more than what they
// have. A circle of holders, each named by the one before, could pass their
// places on, everybody in it would move up, and the result would still be
// stable. The other way round, in a stable result that is not the best, each
// of those who fare better in the best names another of them (their places go
// to each other there, and whom a pool takes from many it takes from fewer),
// so there is a circle. What is needed of the pools is that a wish they take
// from many they take from fewer, and that of more they take no fewer: so do
// nested quotas in a strict order, and shares kept by one destination.
func (c *claim) best() {
	heir := c.heirs()
	seen := make([]int, len(c.who)) // the walk in which each line was met, from 1
	for start := range c.who {
		i := int32(start)
		for seen[i] == 0 {
			seen[i] = start + 1
			w := none
			if c.got[i] != none {
				w = heir(c.got[i])
			}
			if w == none {
				break
			}
			i = c.line[w]
			if seen[i] == start+1 {
				c.about(ViolationNotBest, w, "a circle of holders could pass their places on")
				return
			}
		}
	}
}

// heirs returns who would get each granted wish's place.
func (c *claim) heirs() func(w int32) int32 {
	if len(c.in.Shares) > 0 {
		return c.heirsOfSeats()
	}
	// A wish is kept out by its full pools; the innermost is the one with the
	// fewest places. It comes in when somebody leaves that one, and with it all.
	first := make([]int32, len(c.in.Pools))
	for p := range first {
		first[p] = none
	}
	for i := range c.who {
		c.wanted(i, func(w int32) {
			inner := none
			for _, p := range c.drawn(w) {
				if c.full(p) && (inner == none || c.in.Pools[p].Free < c.in.Pools[inner].Free) {
					inner = p
				}
			}
			c.better(first, inner, w)
		})
	}
	return func(w int32) int32 {
		best := []int32{none}
		for _, p := range c.drawn(w) {
			c.better(best, 0, first[p])
		}
		return best[0]
	}
}

// better puts w into slot k of best if it stands before what is there.
func (c *claim) better(best []int32, k, w int32) {
	if k != none && w != none && (best[k] == none || c.before(w, best[k])) {
		best[k] = w
	}
}

// heirsOfSeats is heirs for destinations that keep shares: a place kept for a
// group with somebody left who wants it goes to the best of them, any other to
// the best of all.
func (c *claim) heirsOfSeats() func(w int32) int32 {
	groups := int32(len(c.in.Shares))
	first := make([]int32, (groups+1)*int32(len(c.pools))) // of each destination: of each group, then of all
	for k := range first {
		first[k] = none
	}
	for i := range c.who {
		c.wanted(i, func(w int32) {
			from := c.at[w] * (groups + 1)
			if g := c.share[i]; g >= 0 {
				c.better(first, from+int32(g), w)
			}
			c.better(first, from+groups, w)
		})
	}
	seats := c.seats()
	return func(w int32) int32 {
		d, g := c.at[w], c.share[c.line[w]]
		had := slices.Clone(seats[d].had)
		if g >= 0 {
			had[g]--
		}
		from := d * (groups + 1)
		for h, kept := range c.keptFor(seats[d].pool, had) {
			if w := first[from+int32(h)]; had[h] < kept && w != none {
				return w
			}
		}
		return first[from+groups]
	}
}

// byStanding sorts wishes by the strict order in which they compete.
func (c *claim) byStanding(ws []int32) []int32 {
	out := slices.Clone(ws)
	slices.SortFunc(out, func(v, w int32) int {
		switch {
		case v == w:
			return 0
		case c.before(v, w):
			return -1
		}
		return 1
	})
	return out
}
