package selection

import (
	"cmp"
	"slices"
)

// hardestFirst fills destinations one after another, each with the best of
// those who asked for it and have nothing yet.
func (g *ground) hardestFirst() []int32 {
	free, granted := g.free(), g.nothing()
	for _, d := range g.byHardness() {
		var waiting []int32
		for _, w := range g.there[d] {
			if granted[g.owner[w]] == none {
				waiting = append(waiting, w)
			}
		}
		slices.SortFunc(waiting, func(v, w int32) int { return cmp.Compare(g.pos[v], g.pos[w]) })
		for _, w := range g.fill(free, g.chosen(d, waiting)) {
			granted[g.owner[w]] = w
		}
	}
	return granted
}

// byHardness orders destinations by wishes per place, the most first; those
// without a place come last; equal ones by id.
func (g *ground) byHardness() []int32 {
	out := make([]int32, len(g.in.Destinations))
	for i := range out {
		out[i] = int32(i)
	}
	slices.SortFunc(out, func(a, b int32) int {
		pa, pb := g.places(a), g.places(b)
		if (pa == 0) != (pb == 0) {
			return cmp.Compare(pb, pa)
		}
		return cmp.Or(cmp.Compare(len(g.there[b])*pa, len(g.there[a])*pb), compareIDs(g.in.Destinations[a].ID, g.in.Destinations[b].ID))
	})
	return out
}

// places is how many a destination can give out at most: the least of the
// pools that count everybody.
func (g *ground) places(d int32) int {
	least := -1
	for _, p := range g.pools[d] {
		if free := g.in.Pools[p].Free; g.quotas[p] == nil && (least < 0 || free < least) {
			least = free
		}
	}
	return max(least, 0)
}

// chosen puts those first whom a share guarantees a place.
func (g *ground) chosen(d int32, waiting []int32) []int32 {
	if len(g.in.Shares) == 0 {
		return waiting
	}
	own, first := kept(g.in.Shares, g.places(d)), make([]int32, 0, len(waiting))
	var rest []int32
	for _, w := range waiting {
		if s := g.group[g.owner[w]]; s > 0 && own[s-1] > 0 {
			own[s-1]--
			first = append(first, w)
		} else {
			rest = append(rest, w)
		}
	}
	return append(first, rest...)
}

// fill takes places for wishes in turn and returns those that got one, tied
// groups as the policy says.
func (g *ground) fill(free []int32, wishes []int32) []int32 {
	if !g.in.keepsTies() {
		return slices.DeleteFunc(slices.Clone(wishes), func(w int32) bool { return !g.take(free, w) })
	}
	var out []int32
	for len(wishes) > 0 {
		n := 1
		for n < len(wishes) && g.tier[wishes[n]] == g.tier[wishes[0]] {
			n++
		}
		if !g.takeAll(free, wishes[:n]) {
			break
		}
		out, wishes = append(out, wishes[:n]...), wishes[n:]
	}
	return out
}

// takeAll takes places for a tied group: all of them, or none.
func (g *ground) takeAll(free []int32, group []int32) bool {
	after := slices.Clone(free)
	for _, w := range group {
		if g.in.Tied == TiedAdmit && g.room(free, w) <= 0 {
			return false
		}
		for _, p := range g.pools[g.at[w]] {
			if g.draws(g.owner[w], p) {
				after[p]--
			}
		}
	}
	if g.in.Tied == TiedRefuse && slices.ContainsFunc(after, func(n int32) bool { return n < 0 }) {
		return false
	}
	copy(free, after)
	return true
}
