package selection

import "slices"

// Allocate computes the ranking. The error is of kind invalid and lists every
// fault of the input (see Input.Check).
func Allocate(in Input) (Result, error) {
	c := checker{}
	if err := c.check(&in); err != nil {
		return Result{}, err
	}
	g := newGround(&in, &c)
	return newSettlement(g, g.grant()).result(), nil
}

// grant returns the wish granted to each applicant, none for nothing.
func (g *ground) grant() []int32 {
	tied := g.in.keepsTies()
	switch {
	case g.in.Method == MethodByHand:
		return g.byHand()
	case g.in.Method == MethodHardest:
		return g.hardestFirst()
	case tied:
		return g.wholeGroups()
	case g.in.Method.oneList(), g.in.Method == MethodDeferred && len(g.in.Shares) == 0 && g.uniform:
		return g.walk()
	default:
		return g.deferred(g.list, g.in.Shares, g.group)
	}
}

// walk goes down the list: each applicant in turn gets the first wish that
// asks for a place and has one left in every pool.
func (g *ground) walk() []int32 {
	free, granted := slices.Clone(g.free), g.nothing()
	for _, a := range g.list {
		for w := g.from[a]; w < g.from[a+1]; w++ {
			if g.asks[w] && g.take(free, w) {
				granted[a] = w
				break
			}
		}
	}
	return granted
}

// byHand grants what a person decided.
func (g *ground) byHand() []int32 {
	granted := g.nothing()
	for _, a := range g.list {
		for w := g.from[a]; w < g.from[a+1]; w++ {
			if g.wish(w).Destination == g.in.Applicants[a].Hand {
				granted[a] = w
			}
		}
	}
	return granted
}
