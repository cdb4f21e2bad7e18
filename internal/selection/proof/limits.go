package proof

import (
	"slices"

	"peregrine/internal/selection"
)

// limits checks the results of tied groups that stay whole: for each pool
// there is a limit, a place in the order, so that everybody has the first
// wish that is above the limits of all its pools.
func (c *claim) limits() {
	ok := true
	for i := range c.who {
		c.wanted(i, func(w int32) {
			if code := c.refusedByLimits(w); code != "" {
				ok = false
				c.about(code, w, "")
			}
		})
	}
	if ok {
		c.lowestLimits()
	}
}

// refusedByLimits returns the code of what is wrong with not granting w: a
// pool must be there whose holders all stand before it, equal ones not among
// them. That a whole group had to be refused, or all, lowestLimits sees.
func (c *claim) refusedByLimits(w int32) string {
	code := ViolationPlaceLeft
	for _, p := range c.drawn(w) {
		if c.lowest[p] == none {
			return ""
		}
		switch _, by := c.wishes(c.lowest[p], w); {
		case by < 0:
			return ""
		case by == 0:
			code = ViolationTied
		case code == ViolationPlaceLeft && c.full(p):
			code = ViolationPassedOver
		}
	}
	return code
}

// ladder is one pool: the wishes that draw on it from the highest, in steps
// of equal ones, of which those above the limit can be had.
type ladder struct {
	free  int
	steps [][]int32
	held  []int // of each step
	total int
}

// over reports whether the pool has too many, and drops the steps nobody
// holds from below if so.
func (l *ladder) over(admit bool) bool {
	lowest := len(l.steps) - 1
	for lowest >= 0 && l.held[lowest] == 0 {
		lowest--
	}
	if lowest < 0 || admit && l.total-l.held[lowest] < l.free || !admit && l.total <= l.free {
		return false
	}
	l.steps = l.steps[:lowest+1]
	return true
}

// standing is who stands on which wish while limits rise.
type standing struct {
	ladders []ladder
	step    []map[int32]int // of each pool, the step of each wish
	has     []int32         // the wish each stands on, behind the last for none
}

// lowestLimits lets limits rise from the bottom, only where they must, and
// compares. Where every wish draws on one pool the end is the same in
// whatever order that is done: a limit that must rise while the others are
// low must rise when they are higher too, so these are the lowest limits, all
// at once (Biró and Kiselgof 2015). With quotas within quotas it is the
// declared procedure: inner pools let go before the ones around them, those
// of one height at once.
func (c *claim) lowestLimits() {
	s := c.standing()
	for i := range c.who {
		c.settle(s, int32(i))
	}
	heights := c.heights()
	for h := 0; h < len(heights); {
		if h == 0 { // in whatever order
			for _, p := range heights[0] {
				for out := c.lowestOf(s, p); len(out) > 0; out = c.lowestOf(s, p) {
					c.letGo(s, out)
				}
			}
		}
		var out []int32
		for _, p := range heights[h] {
			out = append(out, c.lowestOf(s, p)...)
		}
		if h++; len(out) > 0 {
			c.letGo(s, out)
			h = 0
		}
	}
	c.compareLimits(s.has)
}

// lowestOf shuts the lowest group that p holds out if it has too many, and
// returns who was on it.
func (c *claim) lowestOf(s *standing, p int32) (out []int32) {
	l := &s.ladders[p]
	if !l.over(c.in.Tied == selection.TiedAdmit) {
		return nil
	}
	top := len(l.steps) - 1
	for _, w := range l.steps[top] {
		if s.has[c.line[w]] == w {
			out = append(out, w)
		}
	}
	l.steps = l.steps[:top]
	return out
}

// letGo takes everybody off the wishes first and settles them then.
func (c *claim) letGo(s *standing, out []int32) {
	var who []int32
	for _, w := range out {
		if i := c.line[w]; s.has[i] == w {
			c.tally(s, w, -1)
			s.has[i]++
			who = append(who, i)
		}
	}
	for _, i := range who {
		c.settle(s, i)
	}
}

func (c *claim) tally(s *standing, w int32, by int) {
	for _, p := range c.drawn(w) {
		s.ladders[p].held[s.step[p][w]] += by
		s.ladders[p].total += by
	}
}

// settle moves line i on to the first wish above all limits.
func (c *claim) settle(s *standing, i int32) {
	for ; s.has[i] < c.first[i+1]; s.has[i]++ {
		w := s.has[i]
		if c.asks[w] && !slices.ContainsFunc(c.drawn(w), func(p int32) bool { return s.step[p][w] >= len(s.ladders[p].steps) }) {
			c.tally(s, w, 1)
			return
		}
	}
}

func (c *claim) compareLimits(has []int32) {
	for i, w := range has {
		if w == c.first[i+1] {
			w = none
		}
		if w != c.got[i] {
			c.add(Violation{Code: ViolationNotBest, Applicant: c.who[i].ID, Detail: "limits could be lower, or must be higher"})
		}
	}
}

func (c *claim) standing() *standing {
	s := &standing{
		ladders: make([]ladder, len(c.in.Pools)), step: make([]map[int32]int, len(c.in.Pools)), has: slices.Clone(c.first[:len(c.who)]),
	}
	all := make([][]int32, len(c.in.Pools))
	for w := range int32(len(c.line)) {
		if c.asks[w] {
			for _, p := range c.drawn(w) {
				all[p] = append(all[p], w)
			}
		}
	}
	for p := range s.ladders {
		l := &s.ladders[p]
		l.free, l.steps, s.step[p] = c.in.Pools[p].Free, c.steps(all[p]), make(map[int32]int, len(all[p]))
		l.held = make([]int, len(l.steps))
		for k, step := range l.steps {
			for _, w := range step {
				s.step[p][w] = k
			}
		}
	}
	return s
}

// heights groups pools by how many lie within each other, those with none
// within them first.
func (c *claim) heights() [][]int32 {
	within := c.within()
	height := make([]int, len(c.in.Pools))
	var of func(p int32) int
	of = func(p int32) int {
		if height[p] == 0 {
			height[p] = 1
			for _, q := range within[p] {
				height[p] = max(height[p], of(q)+1)
			}
		}
		return height[p]
	}
	var out [][]int32
	for p := range int32(len(height)) {
		for len(out) < of(p) {
			out = append(out, nil)
		}
		out[height[p]-1] = append(out[height[p]-1], p)
	}
	return out
}

// within lists the pools that lie wholly within each pool: at no other
// destinations, and of the same group or within one of no group.
func (c *claim) within() [][]int32 {
	common := map[[2]int32]int{}
	for _, pools := range c.pools {
		for _, p := range pools {
			for _, q := range pools {
				common[[2]int32{p, q}]++
			}
		}
	}
	out := make([][]int32, len(c.in.Pools))
	for pair, n := range common {
		p, q := pair[0], pair[1]
		inner, outer := c.in.Pools[p].Group, c.in.Pools[q].Group
		same := inner == outer && c.span[p] == c.span[q]
		if n == c.span[p] && (outer == "" || inner == outer) && !same {
			out[q] = append(out[q], p)
		}
	}
	return out
}

// steps sorts wishes and groups the equal ones, from the highest.
func (c *claim) steps(ws []int32) [][]int32 {
	slices.SortFunc(ws, func(v, w int32) int { _, by := c.wishes(v, w); return by })
	var out [][]int32
	for k, w := range ws {
		if k > 0 {
			if _, by := c.wishes(ws[k-1], w); by == 0 {
				out[len(out)-1] = append(out[len(out)-1], w)
				continue
			}
		}
		out = append(out, []int32{w})
	}
	return out
}
