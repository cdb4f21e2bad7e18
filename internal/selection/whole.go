package selection

import "math"

// rounds gives places out while tied groups stay whole. Everybody asks for
// the best wish that was not refused; then of the pools that have too many
// the innermost, all at once, let go of the lowest group they have; those
// people ask on, and so forth. Where no wish draws on two pools, the end is
// the same in whatever order that is done: the applicants' best set of
// stable score-limits.
type rounds struct {
	*ground
	stocks []whole
	level  []int32 // of each pool of each wish, the number of its tied group in that pool
	sizes  []int32 // of those groups, as far as held
	held   []bool
	next   []int32
	asking []int32
	crowd  [][]int32 // by height, the pools that may have too many
}

// whole is one pool: whom it has so far.
type whole struct {
	wishes     worst // by tier
	free, held int32
	limit      int32 // groups of this tier and below have been refused
	height     int   // how many pools lie within each other up to this one
	queued     bool
}

func (g *ground) wholeGroups() []int32 {
	r := &rounds{ground: g, held: make([]bool, len(g.owner)), next: append([]int32{}, g.from...), asking: append([]int32{}, g.list...)}
	r.stock()
	r.levels()
	for {
		for _, a := range r.asking {
			r.ask(a)
		}
		r.asking = r.asking[:0]
		if !r.letGo() {
			break
		}
	}
	r.shut = make([][]int32, len(r.pools))
	for d, pools := range r.pools {
		for _, p := range pools {
			r.shut[d] = append(r.shut[d], r.stocks[p].limit)
		}
	}
	return r.grantedOf(r.held)
}

func (r *rounds) stock() {
	r.stocks = make([]whole, len(r.free))
	top, asked := 0, r.asked()
	for p, height := range r.in.heights() {
		r.stocks[p] = whole{free: r.free[p], limit: math.MaxInt32, height: height, wishes: make(worst, 0, asked[p])}
		top = max(top, height)
	}
	r.crowd = make([][]int32, top+1)
}

// levels numbers the tied groups of each pool.
func (r *rounds) levels() {
	r.level = make([]int32, len(r.drawnOf))
	tier, group := make([]int32, len(r.free)), make([]int32, len(r.free))
	count := int32(0)
	for _, w := range r.sorted {
		for k := r.drawnFrom[w]; k < r.drawnFrom[w+1]; k++ {
			if p := r.drawnOf[k]; tier[p] != r.tier[w]+1 {
				tier[p], group[p] = r.tier[w]+1, count
				count++
			}
			r.level[k] = group[r.drawnOf[k]]
		}
	}
	r.sizes = make([]int32, count)
}

// ask lets a ask for the best wish not refused.
func (r *rounds) ask(a int32) {
	for ; r.next[a] < r.from[a+1]; r.next[a]++ {
		if w := r.next[a]; r.asks[w] && r.mayAsk(w) {
			r.next[a]++
			r.count(w, 1)
			for _, p := range r.drawn(w) {
				r.stocks[p].wishes.push(entry(r.tier[w], w))
				r.queue(p)
			}
			return
		}
	}
}

func (r *rounds) mayAsk(w int32) bool {
	for _, p := range r.drawn(w) {
		if r.stocks[p].free <= 0 || r.tier[w] >= r.stocks[p].limit {
			return false
		}
	}
	return true
}

func (r *rounds) count(w, by int32) {
	r.held[w] = by > 0
	for k := r.drawnFrom[w]; k < r.drawnFrom[w+1]; k++ {
		r.stocks[r.drawnOf[k]].held += by
		r.sizes[r.level[k]] += by
	}
}

func (r *rounds) queue(p int32) {
	if s := &r.stocks[p]; !s.queued {
		s.queued = true
		r.crowd[s.height] = append(r.crowd[s.height], p)
	}
}

// letGo lets the innermost pools that have too many go of their lowest groups
// and reports whether there were any.
func (r *rounds) letGo() bool {
	for height, pools := range r.crowd {
		var over []int32
		for _, p := range pools {
			r.stocks[p].queued = false
			if r.over(p) {
				over = append(over, p)
			}
		}
		r.crowd[height] = pools[:0]
		for _, p := range over { // all are known before the first lets go
			r.stocks[p].limit = standingOf(r.stocks[p].wishes[0])
		}
		for _, p := range over {
			r.refuse(p)
			r.queue(p)
		}
		if len(over) > 0 {
			return true
		}
	}
	return false
}

// over reports whether p has too many: under refuse, more than its places;
// under admit, as many without its lowest group.
func (r *rounds) over(p int32) bool {
	s := &r.stocks[p]
	if !s.wishes.top(r.held) {
		return false
	}
	if r.in.Tied == TiedRefuse {
		return s.held > s.free
	}
	w := wishOf(s.wishes[0])
	for k := r.drawnFrom[w]; k < r.drawnFrom[w+1]; k++ {
		if r.drawnOf[k] == p {
			return s.held-r.sizes[r.level[k]] >= s.free
		}
	}
	return false
}

// refuse takes away the wishes at the limit of p. Their owners ask on.
func (r *rounds) refuse(p int32) {
	s := &r.stocks[p]
	for s.wishes.top(r.held) && standingOf(s.wishes[0]) >= s.limit {
		w := wishOf(s.wishes.pop())
		r.count(w, -1)
		r.asking = append(r.asking, r.owner[w])
	}
}
