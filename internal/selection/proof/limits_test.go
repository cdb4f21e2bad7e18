package proof_test

import (
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// Score-limits, by the book: one for each pool, a number of levels from the
// top that are let in. Everybody has the first wish that all its pools let in.

// levels are the tied groups of each pool, from the highest.
func (w *world) levels(p int) (out []set) {
	from := ""
	w.pools[p].each(func(x int) {
		if len(out) == 0 || w.level[x] != from {
			out = append(out, 0)
			from = w.level[x]
		}
		out[len(out)-1] |= 1 << x
	})
	return out
}

// under is what everybody has under limits.
func (w *world) under(levels [][]set, limits []int) (out set) {
	shut := set(0)
	for p := range levels {
		for _, l := range levels[p][limits[p]:] {
			shut |= l
		}
	}
	for _, own := range w.own {
		for _, x := range own {
			if !shut.has(x) {
				out |= 1 << x
				break
			}
		}
	}
	return out
}

// within reports whether the limits keep the quotas: wholly under refuse,
// under admit but for the lowest group let in.
func (w *world) within(levels [][]set, limits []int) bool {
	s := w.under(levels, limits)
	for p := range levels {
		counted := s & w.pools[p]
		if w.in.Tied == selection.TiedAdmit {
			if limits[p] == 0 {
				continue
			}
			if (counted &^ levels[p][limits[p]-1]).size() >= w.free[p] {
				return false
			}
		} else if counted.size() > w.free[p] {
			return false
		}
	}
	return true
}

// lowestLimits goes through all limits that keep the quotas. The lowest of
// each pool together must be one of them: then it is better for everybody
// than any other.
func (w *world) lowestLimits() (set, bool) {
	levels := make([][]set, len(w.pools))
	for p := range levels {
		levels[p] = w.levels(p)
	}
	limits, lowest := make([]int, len(levels)), make([]int, len(levels))
	var walk func(p int)
	walk = func(p int) {
		if p == len(levels) {
			if w.within(levels, limits) {
				for q := range lowest {
					lowest[q] = max(lowest[q], limits[q])
				}
			}
			return
		}
		for limits[p] = 0; limits[p] <= len(levels[p]); limits[p]++ {
			walk(p + 1)
		}
	}
	walk(0)
	return w.under(levels, lowest), w.within(levels, lowest)
}

// flat reports whether no wish draws on two pools.
func (w *world) flat() bool {
	seen := set(0)
	for _, p := range w.pools {
		if seen&p != 0 {
			return false
		}
		seen |= p
	}
	return true
}

// inside reports whether pool p lies within pool q, not being the same.
func (w *world) inside(p, q int) bool {
	proper := false
	for _, d := range w.in.Destinations {
		in, out := slices.Contains(d.Pools, w.in.Pools[p].ID), slices.Contains(d.Pools, w.in.Pools[q].ID)
		if in && !out {
			return false
		}
		proper = proper || out && !in
	}
	g, h := w.in.Pools[p].Group, w.in.Pools[q].Group
	return g == h && proper || g != h && h == ""
}

func (w *world) height(p int) int {
	n := 0
	for q := range w.pools {
		if q != p && w.inside(q, p) {
			n = max(n, w.height(q)+1)
		}
	}
	return n
}

// rounds lets everybody ask, then lets the innermost pools that have too many
// let go of their lowest tied groups, all at once, and so on.
func (w *world) rounds() set {
	shut := set(0)
	for {
		held := set(0)
		for _, own := range w.own {
			if k := slices.IndexFunc(own, func(x int) bool { return !shut.has(x) }); k >= 0 {
				held |= 1 << own[k]
			}
		}
		var let []set
		at := 99
		for p := range w.pools {
			levels := w.levels(p)
			counted := held & w.pools[p]
			for len(levels) > 0 && levels[len(levels)-1]&held == 0 {
				levels = levels[:len(levels)-1]
			}
			if len(levels) == 0 {
				continue
			}
			lowest := levels[len(levels)-1]
			over := counted.size() > w.free[p]
			if w.in.Tied == selection.TiedAdmit {
				over = (counted &^ lowest).size() >= w.free[p]
			}
			if h := w.height(p); over && h <= at {
				if h < at {
					at, let = h, nil
				}
				below := w.pools[p]
				for _, l := range levels[:len(levels)-1] {
					below &^= l
				}
				let = append(let, below)
			}
		}
		if let == nil {
			return held
		}
		for _, l := range let {
			shut |= l
		}
	}
}

// turns fills one destination after another, the one with the most wishes per
// place first.
func (w *world) turns() (out set) {
	order := make([]int, len(w.stay))
	for d := range order {
		order[d] = d
	}
	places := func(d int) float64 {
		n := 1000
		for p, pool := range w.in.Pools {
			if pool.Group == "" && slices.Contains(w.in.Destinations[d].Pools, pool.ID) {
				n = min(n, w.free[p])
			}
		}
		return float64(n)
	}
	slices.SortStableFunc(order, func(a, b int) int { // by id before
		x, y := float64(w.stay[a].size())/places(a), float64(w.stay[b].size())/places(b)
		switch {
		case places(a) == 0 || places(b) == 0:
			return int(min(places(b), 1)) - int(min(places(a), 1))
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, d := range order {
		var asking set
		w.stay[d].each(func(x int) {
			if w.rank(w.of[x], out) == len(w.own[w.of[x]]) {
				asking |= 1 << x
			}
		})
		out |= w.take(d, asking, out)
	}
	return out
}

// take is whom destination d takes of those asking, beside what is out.
func (w *world) take(d int, asking, out set) (taken set) {
	if len(w.in.Shares) > 0 {
		return w.seats(d, asking)
	}
	if w.in.Tied == selection.TiedRefuse || w.in.Tied == selection.TiedAdmit {
		for _, p := range w.inner() {
			asking = w.whole(p, asking, w.free[p]-(out&w.pools[p]).size())
		}
		return asking
	}
	asking.each(func(x int) {
		if w.feasible(out | taken | 1<<x) {
			taken |= 1 << x
		}
	})
	return taken
}

// whole lets tied groups of pool p in from the top while there is room.
func (w *world) whole(p int, s set, room int) set {
	had, shut := 0, false
	for _, level := range w.levels(p) {
		group := s & level
		if w.in.Tied == selection.TiedAdmit {
			shut = shut || had >= room
		} else {
			shut = shut || had+group.size() > room
		}
		if shut {
			s &^= group
		}
		had += group.size()
	}
	return s
}

// right is what the method and tie policy of the instance mean.
func (w *world) right(t testing.TB) set {
	tied := w.in.Tied == selection.TiedRefuse || w.in.Tied == selection.TiedAdmit
	switch {
	case w.in.Method == selection.MethodByHand:
		return w.byHand()
	case w.in.Method == selection.MethodHardest:
		return w.turns()
	case tied && !w.flat():
		return w.rounds()
	case tied:
		s, ok := w.lowestLimits()
		if !ok {
			t.Fatalf("the lowest limits together do not keep the quotas\n%s", text(w.in))
		}
		if got := w.rounds(); got != s {
			t.Fatalf("rounds end with %s, the lowest limits are %s\n%s", w.say(got), w.say(s), text(w.in))
		}
		return s
	case oneList(w.in) || w.uniform():
		return w.lexicographic()
	default:
		return w.bestStable(t)
	}
}

// uniform reports deferred acceptance where everybody counts the same
// everywhere, so that it is a list.
func (w *world) uniform() bool {
	return w.in.Method == selection.MethodDeferred && len(w.in.Shares) == 0 && !slices.ContainsFunc(w.in.Applicants, func(a selection.Applicant) bool {
		return slices.ContainsFunc(a.Wishes, func(x selection.Wish) bool {
			return x.Class != a.Class || !x.Points.Equal(a.Points) || x.Ties != nil && !slices.EqualFunc(x.Ties, a.Ties, decimal.Decimal.Equal)
		})
	})
}
