package selection

import "github.com/shopspring/decimal"

// ground is an input in numbers.
type ground struct {
	market
	in      *Input
	order   *order
	uniform bool    // everybody counts the same everywhere
	classed bool    // wishes are of different priority classes
	ownTies bool    // some wish has a tie chain of its own
	list    []int32 // ranked applicants, shares included, best first
	group   []int32 // of shares, of each applicant; 0: none

	open   []bool    // of each wish: let in
	before []column  // what wishes are compared by before the chain, or with it where they have chains of their own; none where that is what their owners are
	points []int64   // of each wish, lower first; none where they are those of the owner
	sorted []int32   // open wishes, best first, before any share
	there  [][]int32 // those of each destination, shares included
	tier   []int32   // of each wish, where tied groups stay whole: equal for equal ones, lower first

	ends [][]end   // hardest first: of each pool of each destination, what its turn came to
	shut [][]int32 // where tied groups stay whole: of each pool of each destination, the highest tier refused
}

// newGround numbers an input that c has found sound.
func newGround(in *Input, c *checker) *ground {
	g := &ground{in: in, order: newOrder(in), uniform: c.uniform, classed: c.classed, ownTies: c.ownTies}
	g.groups()
	g.list = g.order.list()
	if in.Method.oneList() {
		g.list = shared(in.Shares, g.list, func(a int32) int32 { return g.group[a] })
	}
	g.wishes(c.at)
	g.stock(in.Pools, in.Destinations)
	if grouped(in.Pools) || in.keepsTies() {
		g.draw(g.counts())
	}
	g.stand()
	return g
}

// oneList reports whether the method walks down one list of people.
func (m Method) oneList() bool {
	return m == MethodList || m == MethodLottery || m == MethodFirstCome
}

// byPeople reports whether a wish stands where its owner does.
func (g *ground) byPeople() bool {
	return g.in.Method.oneList() || g.uniform && g.in.Method != MethodFirstChoice
}

// sharesThere reports whether shares hold at each destination, not over one
// list.
func (g *ground) sharesThere() bool { return len(g.in.Shares) > 0 && !g.in.Method.oneList() }

func (g *ground) groups() {
	number := make(map[string]int32, len(g.in.Shares))
	for i, s := range g.in.Shares {
		number[s.Group] = int32(i) + 1
	}
	g.group = make([]int32, len(g.in.Applicants))
	for i := range g.in.Applicants {
		g.group[i] = number[g.in.Applicants[i].Group]
	}
}

func (g *ground) wishes(at []int32) {
	g.at = at
	g.from = make([]int32, 1, len(g.in.Applicants)+1)
	g.owner, g.open, g.asks = make([]int32, 0, len(at)), make([]bool, 0, len(at)), make([]bool, 0, len(at))
	for i := range g.in.Applicants {
		a := &g.in.Applicants[i]
		for k := range a.Wishes {
			g.owner = append(g.owner, int32(i))
			open := a.Excluded == "" && a.Wishes[k].Gate == ""
			g.open, g.asks = append(g.open, open), append(g.asks, open && a.Wishes[k].Waits == "")
		}
		g.from = append(g.from, int32(len(g.owner)))
	}
}

// wish is the input's row of wish w.
func (g *ground) wish(w int32) *Wish {
	a := g.owner[w]
	return &g.in.Applicants[a].Wishes[w-g.from[a]]
}

func (g *ground) preference(w int32) int32 { return w - g.from[g.owner[w]] + 1 }

// counts reports whether a pool counts an applicant.
func (g *ground) counts() func(a, p int32) bool {
	return func(a, p int32) bool { return g.in.Pools[p].counts(g.in.Applicants[a].Quotas) }
}

// readPoints makes the points of all wishes comparable.
func (g *ground) readPoints() {
	g.points = numbers(len(g.owner), func(w int32) *decimal.Decimal { return &g.wish(w).Points })
}

// point is a wish's points as a number comparable to those of other wishes,
// the lower the more.
func (g *ground) point(w int32) int64 {
	if g.points != nil {
		return g.points[w]
	}
	return g.order.points[g.owner[w]]
}
