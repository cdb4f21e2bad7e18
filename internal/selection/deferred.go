package selection

import "math"

// stock is one pool while places are being deferred: whom it keeps so far.
type stock struct {
	free     int
	held     int
	sections []section // one for everybody, or one for each share after those of no share
}

// section are the wishes of one share kept in a stock.
type section struct {
	wishes worst
	held   int
	own    int   // that many are guaranteed
	limit  int32 // wishes of this tier and below have been refused
}

// worst is a heap of wishes with the worst-standing on top. What is no longer
// held is dropped when it comes to the top.
type worst struct {
	pos    []int32
	wishes []int32
}

func (h *worst) push(w int32) {
	h.wishes = append(h.wishes, w)
	for i := len(h.wishes) - 1; i > 0; {
		up := (i - 1) / 2
		if h.pos[h.wishes[up]] >= h.pos[h.wishes[i]] {
			return
		}
		h.wishes[up], h.wishes[i] = h.wishes[i], h.wishes[up]
		i = up
	}
}

func (h *worst) pop() int32 {
	top, end := h.wishes[0], len(h.wishes)-1
	h.wishes[0] = h.wishes[end]
	h.wishes = h.wishes[:end]
	for i := 0; ; {
		down := 2*i + 1
		if down+1 < end && h.pos[h.wishes[down+1]] > h.pos[h.wishes[down]] {
			down++
		}
		if down >= end || h.pos[h.wishes[down]] <= h.pos[h.wishes[i]] {
			return top
		}
		h.wishes[down], h.wishes[i] = h.wishes[i], h.wishes[down]
		i = down
	}
}

// deferral is one run of deferred acceptance: everybody asks for the next
// wish, each pool keeps the best so far of what its inner pools keep.
type deferral struct {
	*ground
	stocks []stock
	held   []bool         // of each wish
	next   []int32        // the wish each applicant asks for next
	asking []int32        // who has nothing and may still ask
	sizes  map[tierOf]int // of tied groups, where those are kept whole
}

type tierOf struct{ pool, tier int32 }

func (g *ground) deferred() []int32 {
	d := &deferral{ground: g, held: make([]bool, len(g.owner)), next: append([]int32{}, g.from...)}
	if g.in.keepsTies() {
		d.sizes = map[tierOf]int{}
	}
	d.stock()
	for k := len(g.list) - 1; k >= 0; k-- {
		d.asking = append(d.asking, g.list[k])
	}
	for len(d.asking) > 0 {
		a := d.asking[len(d.asking)-1]
		d.asking = d.asking[:len(d.asking)-1]
		d.ask(a)
	}
	granted := g.nothing()
	for w, held := range d.held {
		if held {
			granted[g.owner[w]] = int32(w)
		}
	}
	return granted
}

func (d *deferral) stock() {
	sections := 1
	if len(d.in.Shares) > 0 {
		sections += len(d.in.Shares)
	}
	if d.in.Method.oneList() {
		sections = 1
	}
	d.stocks = make([]stock, len(d.in.Pools))
	for p := range d.stocks {
		s := stock{free: d.in.Pools[p].Free, sections: make([]section, sections)}
		own := kept(d.in.Shares, s.free)
		for i := range s.sections {
			s.sections[i].wishes.pos, s.sections[i].limit = d.pos, math.MaxInt32
			if i > 0 {
				s.sections[i].own = own[i-1]
			}
		}
		d.stocks[p] = s
	}
}

// ask lets a ask until one wish is kept or none is left.
func (d *deferral) ask(a int32) {
	for d.next[a] < d.from[a+1] {
		w := d.next[a]
		d.next[a]++
		if d.open[w] && d.mayAsk(w) && d.enter(w) {
			return
		}
	}
}

func (d *deferral) section(w, p int32) *section {
	s := &d.stocks[p]
	if len(s.sections) == 1 {
		return &s.sections[0]
	}
	return &s.sections[d.group[d.owner[w]]]
}

func (d *deferral) mayAsk(w int32) bool {
	for _, p := range d.pools[d.at[w]] {
		if d.draws(d.owner[w], p) && (d.stocks[p].free == 0 || d.tier[w] >= d.section(w, p).limit) {
			return false
		}
	}
	return true
}

// enter counts w in its pools and lets each, inner ones first, drop what is
// too much. It reports whether w itself was kept.
func (d *deferral) enter(w int32) bool {
	d.count(w, 1)
	for _, p := range d.pools[d.at[w]] {
		if d.draws(d.owner[w], p) {
			d.section(w, p).wishes.push(w)
		}
	}
	for _, p := range d.pools[d.at[w]] {
		if d.draws(d.owner[w], p) {
			d.settle(p, w)
		}
	}
	return d.held[w]
}

func (d *deferral) count(w int32, by int) {
	d.held[w] = by > 0
	for _, p := range d.pools[d.at[w]] {
		if !d.draws(d.owner[w], p) {
			continue
		}
		d.stocks[p].held += by
		d.section(w, p).held += by
		if d.sizes != nil {
			d.sizes[tierOf{p, d.tier[w]}] += by
		}
	}
}

// settle drops wishes from p until it holds no more than it may. The owners
// ask on, except that of asked, who is still asking.
func (d *deferral) settle(p, asked int32) {
	for {
		s := d.lowest(p)
		if s == nil {
			return
		}
		tier := d.tier[s.wishes.wishes[0]]
		over := d.stocks[p].held - d.stocks[p].free
		if d.in.Tied == TiedAdmit {
			over -= d.sizes[tierOf{p, tier}] - 1
		}
		if over <= 0 {
			return
		}
		s.limit = tier
		for d.top(s) && d.tier[s.wishes.wishes[0]] == tier {
			w := s.wishes.pop()
			d.count(w, -1)
			if d.owner[w] != d.owner[asked] {
				d.asking = append(d.asking, d.owner[w])
			}
			if d.sizes == nil {
				break // strict: one at a time
			}
		}
	}
}

// lowest is the section whose worst wish goes first: of those beyond what is
// guaranteed, the one with the worst.
func (d *deferral) lowest(p int32) *section {
	var found *section
	for i := range d.stocks[p].sections {
		s := &d.stocks[p].sections[i]
		if s.held <= s.own || !d.top(s) {
			continue
		}
		if found == nil || d.pos[s.wishes.wishes[0]] > d.pos[found.wishes.wishes[0]] {
			found = s
		}
	}
	return found
}

// top drops what is no longer held from the top of s and reports whether
// anything is left.
func (d *deferral) top(s *section) bool {
	for len(s.wishes.wishes) > 0 && !d.held[s.wishes.wishes[0]] {
		s.wishes.pop()
	}
	return len(s.wishes.wishes) > 0
}
