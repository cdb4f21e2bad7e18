package selection

import "slices"

// chain gives free places out one by one: each time the wish that stands best
// of all for which there is room.
type chain struct {
	*reserve
	wanting [][]int32 // the wishes that draw on each pool, best first
	first   []int32   // of each pool, the first of them still wanted
	next    []int32   // of each pool, the one to look at next
	live    []bool    // the pool has one to look at
	ahead   worst     // those next ones, the best on top
}

func newChain(r *reserve) *chain {
	n := len(r.free)
	c := &chain{reserve: r, wanting: make([][]int32, n), first: make([]int32, n), next: make([]int32, n), live: make([]bool, n)}
	for _, w := range r.sorted {
		for _, p := range r.drawn(w) {
			if r.asks[w] {
				c.wanting[p] = append(c.wanting[p], w)
			}
		}
	}
	return c
}

// run moves people until nobody can. A pool is looked through again from the
// top whenever one of its wishes may have become possible.
func (c *chain) run() {
	for p := range int32(len(c.free)) {
		c.rewind(p)
	}
	for len(c.ahead) > 0 {
		x := ^c.ahead.pop()
		p := wishOf(x)
		if !c.live[p] {
			continue
		}
		w := c.wanting[p][c.next[p]]
		switch {
		case c.pos[w] != standingOf(x): // looked through again meanwhile
		case c.wanted(w) && c.possible(w):
			c.move(w)
		default:
			c.advance(p)
		}
	}
}

func (c *chain) rewind(p int32) {
	for int(c.first[p]) < len(c.wanting[p]) && !c.wanted(c.wanting[p][c.first[p]]) {
		c.first[p]++
	}
	c.next[p] = c.first[p]
	c.look(p)
}

// advance goes on to the next of p. In a pool that is used up only the first
// in line may move, from one place of it to another.
func (c *chain) advance(p int32) {
	c.next[p]++
	c.look(p)
	if c.live[p] && c.free[p] <= 0 && c.owner[c.wanting[p][c.next[p]]] != c.owner[c.wanting[p][c.first[p]]] {
		c.live[p] = false
	}
}

func (c *chain) look(p int32) {
	for int(c.next[p]) < len(c.wanting[p]) && !c.wanted(c.wanting[p][c.next[p]]) {
		c.next[p]++
	}
	c.live[p] = int(c.next[p]) < len(c.wanting[p])
	if c.live[p] {
		c.ahead.push(^entry(c.pos[c.wanting[p][c.next[p]]], p))
	}
}

// wanted reports whether w is wanted more than what its owner has.
func (c *chain) wanted(w int32) bool {
	has := c.has[c.owner[w]]
	return has == none || w < has
}

// now are the pools that somebody's place draws on.
func (c *chain) now(i int32) []int32 {
	if w := c.has[i]; w != none {
		return c.drawn(w)
	}
	return c.holds[i]
}

func (c *chain) possible(w int32) bool {
	now := c.now(c.owner[w])
	return !slices.ContainsFunc(c.drawn(w), func(p int32) bool {
		return c.free[p] <= 0 && (!slices.Contains(now, p) || !c.nobodyBefore(w, p))
	})
}

// nobodyBefore reports whether nobody else who stands before w waits for a
// place of p.
func (c *chain) nobodyBefore(w, p int32) bool {
	for _, v := range c.wanting[p][c.first[p]:] {
		if c.pos[v] >= c.pos[w] {
			return true
		}
		if c.owner[v] != c.owner[w] && c.wanted(v) {
			return false
		}
	}
	return true
}

// move lets the owner of w have it instead of what they have. What they give
// back, and what they want no more, may make other moves possible.
func (c *chain) move(w int32) {
	i := c.owner[w]
	before, end := c.now(i), c.has[i]
	if end == none {
		end = c.from[i+1]
	}
	for _, p := range before {
		c.free[p]++
	}
	c.add(c.free, w, -1)
	c.has[i] = w
	for _, p := range before {
		c.rewind(p)
	}
	for v := c.from[i]; v < end; v++ {
		for _, p := range c.drawn(v) {
			c.rewind(p)
		}
	}
}
