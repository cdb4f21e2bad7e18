package selection

import "math"

// deferral is one run of deferred acceptance in a strict order: everybody
// asks for the next wish, each pool keeps the best so far of what its inner
// pools keep. It suits nested pools; in which order people ask is then all
// the same.
type deferral struct {
	*market
	group  []int32 // of shares, of each person; nil without shares
	stocks []stock
	held   []bool  // of each wish
	next   []int32 // the wish each person asks for next
	asking []int32 // who has nothing and may still ask
}

// stock is one pool while places are being deferred: whom it keeps so far.
type stock struct {
	free, held int32
	sections   []section // one for everybody, or one for each share after that of no share
}

// section are the wishes of one share kept in a stock.
type section struct {
	wishes worst
	held   int32
	quota  int32 // that many are guaranteed, as far as earlier shares leave them
	limit  int32 // wishes that stand here or below have been refused
}

// worst is a heap of wishes with the worst-standing on top; above the wish's
// number each holds where it stands. What is no longer held is dropped when
// it comes to the top.
type worst []uint64

func entry(standing, w int32) uint64 { return uint64(uint32(standing))<<32 | uint64(uint32(w)) }

func wishOf(x uint64) int32     { return int32(uint32(x)) }
func standingOf(x uint64) int32 { return int32(uint32(x >> 32)) }

func (h *worst) push(x uint64) {
	*h = append(*h, x)
	s := *h
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up] >= x {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = x
}

func (h *worst) pop() uint64 {
	s := *h
	top, x := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	for i := 0; len(s) > 0; {
		down := 2*i + 1
		if down+1 < len(s) && s[down+1] > s[down] {
			down++
		}
		if down >= len(s) || s[down] <= x {
			s[i] = x
			break
		}
		s[i] = s[down]
		i = down
	}
	return top
}

// top drops what is no longer held from the top and reports whether anything
// is left.
func (h *worst) top(held []bool) bool {
	for len(*h) > 0 && !held[wishOf((*h)[0])] {
		h.pop()
	}
	return len(*h) > 0
}

// deferred grants wishes by deferred acceptance. People ask in the order of
// list.
func (m *market) deferred(list []int32, shares []Share, group []int32) []int32 {
	d := &deferral{market: m, held: make([]bool, len(m.owner)), next: append([]int32{}, m.from...)}
	if len(shares) > 0 {
		d.group = group
	}
	d.stock(shares)
	for k := len(list) - 1; k >= 0; k-- {
		d.asking = append(d.asking, list[k])
	}
	for len(d.asking) > 0 {
		a := d.asking[len(d.asking)-1]
		d.asking = d.asking[:len(d.asking)-1]
		d.ask(a)
	}
	return m.grantedOf(d.held)
}

func (m *market) grantedOf(held []bool) []int32 {
	granted := m.nothing()
	for w, h := range held {
		if h {
			granted[m.owner[w]] = int32(w)
		}
	}
	return granted
}

func (d *deferral) stock(shares []Share) {
	d.stocks = make([]stock, len(d.free))
	asked, each := d.asked(), len(shares)+1
	block := make([]section, each*len(d.free))
	for p := range d.stocks {
		s := block[p*each : (p+1)*each]
		for i := range s {
			s[i].limit = math.MaxInt32
			if each == 1 {
				s[i].wishes = make(worst, 0, max(0, min(asked[p], d.free[p]+1)))
			}
			if i > 0 {
				s[i].quota = int32(shares[i-1].quota(int(d.free[p])))
			}
		}
		d.stocks[p] = stock{free: d.free[p], sections: s}
	}
}

// ask lets a ask until one wish is kept or none is left.
func (d *deferral) ask(a int32) {
	for d.next[a] < d.from[a+1] {
		w := d.next[a]
		d.next[a]++
		if d.asks[w] && d.mayAsk(w) && d.enter(w) {
			return
		}
	}
}

func (d *deferral) section(w, p int32) *section {
	if d.group == nil {
		return &d.stocks[p].sections[0]
	}
	return &d.stocks[p].sections[d.group[d.owner[w]]]
}

// mayAsk is the quick way for wishes that stand no better than one refused
// before. Without any pool there is nothing to ask for.
func (d *deferral) mayAsk(w int32) bool {
	drawn := d.drawn(w)
	for _, p := range drawn {
		if d.stocks[p].free <= 0 || d.pos[w] >= d.section(w, p).limit {
			return false
		}
	}
	return len(drawn) > 0
}

// enter counts w in its pools and lets each, inner ones first, drop what is
// too much. It reports whether w itself was kept.
func (d *deferral) enter(w int32) bool {
	d.count(w, 1)
	for _, p := range d.drawn(w) {
		d.section(w, p).wishes.push(entry(d.pos[w], w))
	}
	for _, p := range d.drawn(w) {
		if s := &d.stocks[p]; s.held > s.free {
			d.drop(s, w)
		}
	}
	return d.held[w]
}

func (d *deferral) count(w, by int32) {
	d.held[w] = by > 0
	for _, p := range d.drawn(w) {
		d.stocks[p].held += by
		d.section(w, p).held += by
	}
}

// drop refuses the wish of s that goes first. Its owner asks on, unless that
// is the one who is asking now.
func (d *deferral) drop(s *stock, asked int32) {
	lowest := d.lowest(s)
	x := lowest.wishes.pop()
	lowest.limit = standingOf(x)
	w := wishOf(x)
	d.count(w, -1)
	if d.owner[w] != d.owner[asked] {
		d.asking = append(d.asking, d.owner[w])
	}
}

// lowest is the section whose worst wish goes first: of those beyond what is
// guaranteed, the one with the worst.
func (d *deferral) lowest(s *stock) *section {
	var found *section
	left := s.free
	for i := range s.sections {
		t := &s.sections[i]
		own := min(t.quota, left)
		left -= min(own, t.held)
		if t.held <= own || !t.wishes.top(d.held) {
			continue
		}
		if found == nil || t.wishes[0] > found.wishes[0] {
			found = t
		}
	}
	return found
}
