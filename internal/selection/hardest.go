package selection

import (
	"cmp"
	"slices"
)

// end is what the turn of a destination came to in one of its pools: what was
// left then, and the worst-standing wish that got a place, none if nobody did.
type end struct{ left, last int32 }

// hardestFirst fills destinations one after another, each with the best of
// those who asked for it and have nothing yet.
func (g *ground) hardestFirst() []int32 {
	free, granted := slices.Clone(g.free), g.nothing()
	g.ends = make([][]end, len(g.there))
	if g.in.keepsTies() {
		g.shut = make([][]int32, len(g.there))
	}
	for _, d := range g.byHardness() {
		waiting := make([]int32, 0, len(g.there[d]))
		for _, w := range g.there[d] {
			if g.asks[w] && granted[g.owner[w]] == none {
				waiting = append(waiting, w)
			}
		}
		given := g.fill(d, free, waiting)
		for _, w := range given {
			granted[g.owner[w]] = w
		}
		for _, p := range g.pools[d] {
			g.ends[d] = append(g.ends[d], end{free[p], g.lastOf(given, p)})
		}
	}
	return granted
}

// lastOf is the worst-standing of wishes that draws on p, none without one.
func (g *ground) lastOf(wishes []int32, p int32) int32 {
	last := none
	for _, w := range wishes {
		if (last == none || g.pos[w] > g.pos[last]) && slices.Contains(g.drawn(w), p) {
			last = w
		}
	}
	return last
}

// byHardness orders destinations by wishes that ask per place, the most
// first; those without a place come last; equal ones by id.
func (g *ground) byHardness() []int32 {
	out, asking := upTo(len(g.there)), make([]int, len(g.there))
	for w, asks := range g.asks {
		if asks {
			asking[g.at[w]]++
		}
	}
	slices.SortFunc(out, func(a, b int32) int {
		pa, pb := g.places(a), g.places(b)
		if (pa == 0) != (pb == 0) {
			return cmp.Compare(pb, pa)
		}
		return cmp.Or(cmp.Compare(asking[b]*pa, asking[a]*pb), compareIDs(g.in.Destinations[a].ID, g.in.Destinations[b].ID))
	})
	return out
}

// places is how many a destination can give out at most: the least of the
// pools that count everybody.
func (g *ground) places(d int32) int {
	least := -1
	for _, p := range g.pools[d] {
		if free := int(g.free[p]); g.in.Pools[p].Group == "" && (least < 0 || free < least) {
			least = free
		}
	}
	return max(least, 0)
}

// fill gives the places of d to those waiting and returns who got one.
func (g *ground) fill(d int32, free, waiting []int32) []int32 {
	if !g.in.keepsTies() {
		if len(g.in.Shares) > 0 {
			waiting = g.chosen(d, waiting)
		}
		return slices.DeleteFunc(waiting, func(w int32) bool { return !g.take(free, w) })
	}
	for _, p := range g.pools[d] {
		waiting = g.fillWhole(d, p, free[p], waiting)
	}
	for _, w := range waiting {
		g.add(free, w, -1)
	}
	return waiting
}

// chosen puts those first whom a share guarantees a place.
func (g *ground) chosen(d int32, waiting []int32) []int32 {
	slices.SortFunc(waiting, func(v, w int32) int { return cmp.Compare(g.pos[v], g.pos[w]) })
	asking := make([]int, len(g.in.Shares))
	for _, w := range waiting {
		if s := g.group[g.owner[w]]; s > 0 {
			asking[s-1]++
		}
	}
	own, first := kept(g.in.Shares, g.places(d), asking), make([]int32, 0, len(waiting))
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

// fillWhole lets the tied groups of those waiting for d that count in p stay
// from the top while there is room, each whole. Others are not touched.
func (g *ground) fillWhole(d, p, room int32, waiting []int32) []int32 {
	counted := make([]int32, 0, len(waiting))
	for _, w := range waiting {
		if slices.Contains(g.drawn(w), p) {
			counted = append(counted, w)
		}
	}
	limit := g.limit(counted, room)
	g.shut[d] = append(g.shut[d], limit)
	return slices.DeleteFunc(waiting, func(w int32) bool { return g.tier[w] >= limit && slices.Contains(g.drawn(w), p) })
}

// limit is the first tier among sorted wishes that does not fit.
func (g *ground) limit(wishes []int32, room int32) int32 {
	for from := 0; from < len(wishes); {
		to := from + 1
		for to < len(wishes) && g.tier[wishes[to]] == g.tier[wishes[from]] {
			to++
		}
		if g.in.Tied == TiedAdmit && from >= int(room) || g.in.Tied == TiedRefuse && to > int(room) {
			return g.tier[wishes[from]]
		}
		from = to
	}
	return int32(len(g.owner))
}
