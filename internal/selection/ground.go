package selection

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

const none = int32(-1)

// ground is an input in numbers: applicants, wishes, destinations and pools
// are indices here, wishes those of each applicant in turn.
type ground struct {
	in    *Input
	order *order
	list  []int32 // ranked applicants, shares included, best first

	from  []int32   // the first wish of each applicant, and one past the last of all
	owner []int32   // of each wish
	at    []int32   // destination of each wish
	open  []bool    // the wish takes part
	pos   []int32   // where the wish stands, lower first: among all wishes if a pool spans destinations, else among those for its destination
	tier  []int32   // the same, equal for who is tied and refused or admitted together; else pos itself
	there [][]int32 // open wishes of each destination, best first, shares included

	pools    [][]int32        // of each destination, inner ones first
	quotas   []map[int32]bool // applicants counted by each grouped pool; nil: everybody
	spanning []bool           // pool is over several destinations
	group    []int            // of shares, of each applicant; 0: none
	points   []int64          // of each wish, comparable among all
}

func newGround(in *Input) *ground {
	g := &ground{in: in, order: newOrder(in)}
	g.groups()
	g.list = g.order.list()
	if in.Method.oneList() {
		g.list = shared(in.Shares, g.list, func(a int32) int { return g.group[a] })
	}
	g.wishes()
	g.draw()
	g.stand()
	return g
}

// oneList reports whether the method walks down one list of people.
func (m Method) oneList() bool {
	return m == MethodList || m == MethodLottery || m == MethodFirstCome
}

func (g *ground) groups() {
	number := make(map[string]int, len(g.in.Shares))
	for i, s := range g.in.Shares {
		number[s.Group] = i + 1
	}
	g.group = make([]int, len(g.in.Applicants))
	for i := range g.in.Applicants {
		g.group[i] = number[g.in.Applicants[i].Group]
	}
}

func (g *ground) wishes() {
	number := make(map[uuid.UUID]int32, len(g.in.Destinations))
	for i, d := range g.in.Destinations {
		number[d.ID] = int32(i)
	}
	count := 0
	for i := range g.in.Applicants {
		count += len(g.in.Applicants[i].Wishes)
	}
	g.from = make([]int32, 0, len(g.in.Applicants)+1)
	g.owner, g.at, g.open = make([]int32, 0, count), make([]int32, 0, count), make([]bool, 0, count)
	for i := range g.in.Applicants {
		a := &g.in.Applicants[i]
		g.from = append(g.from, int32(len(g.owner)))
		for k := range a.Wishes {
			g.owner = append(g.owner, int32(i))
			g.at = append(g.at, number[a.Wishes[k].Destination])
			g.open = append(g.open, a.Excluded == "" && a.Wishes[k].Gate == "")
		}
	}
	g.from = append(g.from, int32(len(g.owner)))
}

// wish is the input's row of wish w.
func (g *ground) wish(w int32) *Wish {
	a := g.owner[w]
	return &g.in.Applicants[a].Wishes[w-g.from[a]]
}

// draw numbers the pools of each destination, those over fewer wishes first.
func (g *ground) draw() {
	number := make(map[uuid.UUID]int32, len(g.in.Pools))
	span := make([]int, len(g.in.Pools))
	g.quotas = make([]map[int32]bool, len(g.in.Pools))
	for i, p := range g.in.Pools {
		number[p.ID] = int32(i)
		if p.Group != "" {
			g.quotas[i] = map[int32]bool{}
		}
	}
	for i, p := range g.in.Pools {
		if p.Group == "" {
			continue
		}
		for a := range g.in.Applicants {
			if slices.Contains(g.in.Applicants[a].Quotas, p.Group) {
				g.quotas[i][int32(a)] = true
			}
		}
	}
	g.pools, g.spanning = make([][]int32, len(g.in.Destinations)), make([]bool, len(g.in.Pools))
	for d := range g.in.Destinations {
		for _, id := range g.in.Destinations[d].Pools {
			g.pools[d] = append(g.pools[d], number[id])
			span[number[id]]++
			g.spanning[number[id]] = span[number[id]] > 1
		}
	}
	for _, drawn := range g.pools {
		slices.SortFunc(drawn, func(p, q int32) int {
			return cmp.Or(cmp.Compare(span[p], span[q]), cmp.Compare(len(g.quotas[q]), 0)-cmp.Compare(len(g.quotas[p]), 0),
				compareIDs(g.in.Pools[p].ID, g.in.Pools[q].ID))
		})
	}
}

// draws reports whether a wish of applicant a counts in pool p.
func (g *ground) draws(a, p int32) bool { return g.quotas[p] == nil || g.quotas[p][a] }

// uniform reports whether everybody counts the same at every destination.
func (in *Input) uniform() bool {
	for i := range in.Applicants {
		a := &in.Applicants[i]
		for k := range a.Wishes {
			if a.Wishes[k].Class != a.Class || !a.Wishes[k].Points.Equal(a.Points) {
				return false
			}
		}
	}
	return true
}

// spans reports whether some pool is over several destinations.
func (in *Input) spans() bool {
	seen := make(map[uuid.UUID]bool, len(in.Pools))
	for _, d := range in.Destinations {
		for _, p := range d.Pools {
			if seen[p] {
				return true
			}
			seen[p] = true
		}
	}
	return false
}

// stand gives every open wish its place in the order.
func (g *ground) stand() {
	g.pos = make([]int32, len(g.owner))
	g.tier = g.pos
	g.bucket()
	uniform := g.in.uniform() && g.in.Method != MethodFirstChoice
	if !uniform {
		g.readPoints()
	}
	if uniform || g.in.Method.oneList() {
		g.standAsListed()
	} else {
		g.standByWish()
	}
	if len(g.in.Shares) > 0 && !g.in.Method.oneList() {
		for d, there := range g.there {
			g.there[d] = shared(g.in.Shares, there, func(w int32) int { return g.group[g.owner[w]] })
		}
	}
}

// bucket sorts open wishes into their destinations.
func (g *ground) bucket() {
	sizes := make([]int, len(g.in.Destinations))
	for w := range g.owner {
		if g.open[w] {
			sizes[g.at[w]]++
		}
	}
	g.there = make([][]int32, len(sizes))
	block := make([]int32, 0, len(g.owner))
	for d, n := range sizes {
		g.there[d] = block[len(block) : len(block) : len(block)+n]
		block = block[:len(block)+n]
	}
	for w := range g.owner {
		if g.open[w] {
			g.there[g.at[w]] = append(g.there[g.at[w]], int32(w))
		}
	}
}

// standAsListed lets every wish stand where its owner does in the list.
func (g *ground) standAsListed() {
	for k, a := range g.list {
		for w := g.from[a]; w < g.from[a+1]; w++ {
			g.pos[w] = int32(k)
		}
	}
	for _, there := range g.there {
		slices.SortFunc(there, func(v, w int32) int { return cmp.Compare(g.pos[v], g.pos[w]) })
	}
	if !g.in.keepsTies() {
		return
	}
	g.tier = make([]int32, len(g.pos))
	tier := int32(0)
	for k, a := range g.list {
		if k > 0 && !g.tiedPeople(g.list[k-1], a) {
			tier++
		}
		for w := g.from[a]; w < g.from[a+1]; w++ {
			g.tier[w] = tier
		}
	}
}

func (g *ground) tiedPeople(a, b int32) bool {
	_, rule := g.order.compare(a, b)
	return rule == RuleID
}

// readPoints makes the points of all wishes comparable.
func (g *ground) readPoints() {
	values := make([]decimal.Decimal, len(g.owner))
	for w := range g.owner {
		values[w] = g.wish(int32(w)).Points
	}
	g.points = column(values)
}

// standByWish compares wishes as their destinations see them.
func (g *ground) standByWish() {
	if g.in.spans() {
		g.standTogether()
		return
	}
	room := make([]key, 0, g.mostThere())
	for _, there := range g.there {
		g.sort(there, room)
		g.number(there)
	}
}

// standTogether orders all wishes at once, since some pool compares those for
// different destinations.
func (g *ground) standTogether() {
	all := make([]int32, 0, len(g.owner))
	for _, there := range g.there {
		all = append(all, there...)
	}
	g.sort(all, make([]key, 0, len(all)))
	g.number(all)
	for d := range g.there {
		g.there[d] = g.there[d][:0]
	}
	for _, w := range all {
		g.there[g.at[w]] = append(g.there[g.at[w]], w)
	}
}

func (g *ground) mostThere() int {
	most := 0
	for _, there := range g.there {
		most = max(most, len(there))
	}
	return most
}

// point is a wish's points as a number comparable to those of other wishes.
func (g *ground) point(w int32) int64 {
	if g.points != nil {
		return g.points[w]
	}
	return g.order.points[g.owner[w]]
}

// key is what wishes are sorted by, laid out side by side.
type key struct {
	points     int64
	preference int32 // 0 where it does not count
	class      int32
	chain      int32
	wish       int32
}

func (g *ground) key(w int32) key {
	k := key{points: g.points[w], class: int32(g.wish(w).Class), chain: g.order.byChain[g.owner[w]], wish: w}
	if g.in.Method == MethodFirstChoice {
		k.preference = g.preference(w)
	}
	return k
}

// compareKeys leaves only wishes of one applicant equal but for their order
// of preference.
func compareKeys(a, b key) int {
	switch {
	case a.preference != b.preference:
		return cmp.Compare(a.preference, b.preference)
	case a.class != b.class:
		return cmp.Compare(a.class, b.class)
	case a.points != b.points:
		return cmp.Compare(b.points, a.points)
	case a.chain != b.chain:
		return cmp.Compare(a.chain, b.chain)
	}
	return cmp.Compare(a.wish, b.wish)
}

func (g *ground) sort(wishes []int32, room []key) {
	keys := room[:0]
	for _, w := range wishes {
		keys = append(keys, g.key(w))
	}
	slices.SortFunc(keys, compareKeys)
	for i, k := range keys {
		wishes[i] = k.wish
	}
}

// number writes down where sorted wishes stand.
func (g *ground) number(sorted []int32) {
	tied := g.in.keepsTies()
	if tied && len(g.tier) > 0 && &g.tier[0] == &g.pos[0] {
		g.tier = make([]int32, len(g.pos))
	}
	tier := int32(0)
	for k, w := range sorted {
		g.pos[w] = int32(k)
		if !tied {
			continue
		}
		if k > 0 && !g.tiedWishes(sorted[k-1], w) {
			tier++
		}
		g.tier[w] = tier
	}
}

func (g *ground) tiedWishes(v, w int32) bool {
	c, rule := g.compareWishes(v, w)
	return c == 0 || rule == RuleID
}

func (g *ground) preference(w int32) int32 { return w - g.from[g.owner[w]] + 1 }

// compareWishes says which of two wishes comes first by nature (shares aside)
// and by which rule.
func (g *ground) compareWishes(v, w int32) (int, Rule) {
	if g.in.Method.oneList() {
		return g.order.compare(g.owner[v], g.owner[w])
	}
	if g.in.Method == MethodFirstChoice {
		if c := cmp.Compare(g.preference(v), g.preference(w)); c != 0 {
			return c, RulePreference
		}
	}
	x, y := g.wish(v), g.wish(w)
	if c := cmp.Compare(x.Class, y.Class); c != 0 {
		return c, RuleClass
	}
	if c := cmp.Compare(g.point(w), g.point(v)); c != 0 {
		return c, RulePoints
	}
	return g.order.afterPoints(g.owner[v], g.owner[w])
}
