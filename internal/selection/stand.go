package selection

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// stand gives every open wish its place in the order.
func (g *ground) stand() {
	if !g.uniform {
		g.readPoints()
	}
	g.sorted = make([]int32, 0, len(g.owner))
	if g.byPeople() {
		g.gather(g.list)
	} else {
		g.compareBy()
		if g.ownTies {
			g.gather(g.order.byLast())
		} else {
			g.gather(g.order.chained)
		}
		for _, c := range slices.Backward(g.before) {
			g.order.sorter.sort(g.sorted, c.values)
		}
	}
	g.order.sorter = sorter{}
	g.spread()
	g.number()
	if g.in.keepsTies() {
		g.tiers()
	}
	if g.sharesThere() {
		for d, there := range g.there {
			g.there[d] = shared(g.in.Shares, there, func(w int32) int32 { return g.group[g.owner[w]] })
		}
	}
}

// gather lists the open wishes of people in turn.
func (g *ground) gather(people []int32) {
	for _, a := range people {
		for w := g.from[a]; w < g.from[a+1]; w++ {
			if g.open[w] {
				g.sorted = append(g.sorted, w)
			}
		}
	}
}

// compareBy reads what wishes are compared by before the chain, and the chains
// of their own.
func (g *ground) compareBy() {
	if g.in.Method == MethodFirstChoice {
		preferences := make([]int64, len(g.owner))
		for w := range preferences {
			preferences[w] = int64(g.preference(int32(w)))
		}
		g.before = append(g.before, column{RulePreference, preferences})
	}
	if g.classed {
		classes := make([]int64, len(g.owner))
		for w := range classes {
			classes[w] = int64(g.wish(int32(w)).Class)
		}
		g.before = append(g.before, column{RuleClass, classes})
	}
	if g.points == nil {
		g.readPoints()
	}
	g.before = append(g.before, column{RulePoints, g.points})
	for link := 0; g.ownTies && link < len(g.in.Applicants[0].Ties); link++ {
		g.before = append(g.before, column{Rule(link + 1), numbers(len(g.owner), func(w int32) *decimal.Decimal {
			return &g.in.Applicants[g.owner[w]].tiesAt(g.wish(w))[link]
		})})
	}
}

// spread sorts wishes into their destinations, keeping their order.
func (g *ground) spread() {
	sizes := make([]int, len(g.pools))
	for _, w := range g.sorted {
		sizes[g.at[w]]++
	}
	g.there = make([][]int32, len(sizes))
	block := make([]int32, len(g.sorted))
	for d, n := range sizes {
		g.there[d], block = block[:0:n], block[n:]
	}
	for _, w := range g.sorted {
		g.there[g.at[w]] = append(g.there[g.at[w]], w)
	}
}

// number writes down where wishes stand: with their owners, or among all
// where some pool compares those for different destinations, or each at its
// destination.
func (g *ground) number() {
	g.pos = make([]int32, len(g.owner))
	switch {
	case g.byPeople():
		for k, a := range g.list {
			for w := g.from[a]; w < g.from[a+1]; w++ {
				g.pos[w] = int32(k)
			}
		}
	case slices.Contains(g.spanning, true):
		for k, w := range g.sorted {
			g.pos[w] = int32(k)
		}
	default:
		for _, there := range g.there {
			for k, w := range there {
				g.pos[w] = int32(k)
			}
		}
	}
}

func (g *ground) tiers() {
	g.tier = make([]int32, len(g.owner))
	tier := int32(0)
	for k, w := range g.sorted {
		if k > 0 && !g.tiedWishes(g.sorted[k-1], w) {
			tier++
		}
		g.tier[w] = tier
	}
}

func (g *ground) tiedWishes(v, w int32) bool {
	c, rule := g.compareWishes(v, w)
	return c == 0 || rule == RuleID
}

// compareWishes says which of two wishes comes first by nature (shares aside)
// and by which rule.
func (g *ground) compareWishes(v, w int32) (int, Rule) {
	if g.byPeople() {
		return g.order.compare(g.owner[v], g.owner[w])
	}
	for _, c := range g.before {
		if x, y := c.values[v], c.values[w]; x != y {
			return cmp.Compare(x, y), c.rule
		}
	}
	if g.ownTies {
		return g.order.last(g.owner[v], g.owner[w])
	}
	return g.order.afterPoints(g.owner[v], g.owner[w])
}
