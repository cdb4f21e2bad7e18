package selection

// Allocate computes the ranking. The error is of kind invalid and lists every
// fault of the input (see Input.Check).
func Allocate(in Input) (Result, error) {
	if err := in.Check(); err != nil {
		return Result{}, err
	}
	g := newGround(&in)
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
	case g.in.Method.oneList() && !tied, g.in.Method == MethodDeferred && !tied && len(g.in.Shares) == 0 && g.in.uniform():
		return g.walk()
	default:
		return g.deferred()
	}
}

func (g *ground) nothing() []int32 {
	out := make([]int32, len(g.in.Applicants))
	for i := range out {
		out[i] = none
	}
	return out
}

// walk goes down the list: each applicant in turn gets the first wish that is
// open and has a place left in every pool.
func (g *ground) walk() []int32 {
	free, granted := g.free(), g.nothing()
	for _, a := range g.list {
		for w := g.from[a]; w < g.from[a+1]; w++ {
			if g.open[w] && g.take(free, w) {
				granted[a] = w
				break
			}
		}
	}
	return granted
}

func (g *ground) free() []int32 {
	out := make([]int32, len(g.in.Pools))
	for i, p := range g.in.Pools {
		out[i] = int32(p.Free)
	}
	return out
}

// room is how many places are left for w: the least of its pools.
func (g *ground) room(free []int32, w int32) int32 {
	room := int32(1 << 30)
	for _, p := range g.pools[g.at[w]] {
		if g.draws(g.owner[w], p) {
			room = min(room, free[p])
		}
	}
	return room
}

// take takes one place of each pool, or none.
func (g *ground) take(free []int32, w int32) bool {
	if g.room(free, w) <= 0 {
		return false
	}
	for _, p := range g.pools[g.at[w]] {
		if g.draws(g.owner[w], p) {
			free[p]--
		}
	}
	return true
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
