package selection

import (
	"cmp"
	"math"
	"slices"

	"github.com/google/uuid"
)

const none = int32(-1)

// market is who may ask for what, in numbers. People, wishes, destinations
// and pools are indices; wishes are those of each person in turn, in order of
// preference.
type market struct {
	from  []int32 // the first wish of each person, and one past the last of all
	owner []int32 // of each wish
	at    []int32 // destination of each wish
	asks  []bool  // the wish asks for a place
	pos   []int32 // where the wish stands, lower first, among all that draw on a common pool

	free      []int32   // of each pool
	spanning  []bool    // the pool is over several destinations
	pools     [][]int32 // of each destination, inner ones first
	drawnFrom []int32   // of each wish, where its pools begin; none where every pool counts everybody
	drawnOf   []int32   // the pools of each wish in turn, inner ones first
}

// stock numbers the pools of each destination, those over fewer wishes first.
func (m *market) stock(pools []Pool, destinations []Destination) {
	number, span := make(map[uuid.UUID]int32, len(pools)), make([]int, len(pools))
	for i, p := range pools {
		number[p.ID] = int32(i)
		m.free = append(m.free, int32(min(p.Free, math.MaxInt32)))
	}
	m.pools, m.spanning = make([][]int32, len(destinations)), make([]bool, len(pools))
	for d := range destinations {
		for _, id := range destinations[d].Pools {
			p := number[id]
			m.pools[d] = append(m.pools[d], p)
			span[p]++
			m.spanning[p] = span[p] > 1
		}
	}
	for _, drawn := range m.pools {
		slices.SortFunc(drawn, func(p, q int32) int { return inner(&pools[p], &pools[q], span[p], span[q]) })
	}
}

// inner orders the pools of one destination so that one within another comes
// first.
func inner(p, q *Pool, spanP, spanQ int) int {
	grouped := func(p *Pool) int { return min(len(p.Group), 1) }
	return cmp.Or(cmp.Compare(spanP, spanQ), cmp.Compare(grouped(q), grouped(p)), compareIDs(p.ID, q.ID))
}

func (p *Pool) counts(groups []string) bool { return p.Group == "" || slices.Contains(groups, p.Group) }

// drawn are the pools wish w takes a place of.
func (m *market) drawn(w int32) []int32 {
	if m.drawnFrom == nil {
		return m.pools[m.at[w]]
	}
	return m.drawnOf[m.drawnFrom[w]:m.drawnFrom[w+1]]
}

// draw lists the pools of each wish: those of its destination that count its
// owner.
func (m *market) draw(counts func(person, pool int32) bool) {
	total := 0
	for _, d := range m.at {
		total += len(m.pools[d])
	}
	m.drawnFrom, m.drawnOf = make([]int32, 1, len(m.at)+1), make([]int32, 0, total)
	for w, d := range m.at {
		for _, p := range m.pools[d] {
			if counts(m.owner[w], p) {
				m.drawnOf = append(m.drawnOf, p)
			}
		}
		m.drawnFrom = append(m.drawnFrom, int32(len(m.drawnOf)))
	}
}

func grouped(pools []Pool) bool {
	return slices.ContainsFunc(pools, func(p Pool) bool { return p.Group != "" })
}

// room reports whether every pool of w has a place left.
func (m *market) room(free []int32, w int32) bool {
	for _, p := range m.drawn(w) {
		if free[p] <= 0 {
			return false
		}
	}
	return true
}

// take takes one place of each pool, or none.
func (m *market) take(free []int32, w int32) bool {
	if !m.room(free, w) {
		return false
	}
	m.add(free, w, -1)
	return true
}

// add counts w in each of its pools.
func (m *market) add(counts []int32, w, by int32) {
	for _, p := range m.drawn(w) {
		counts[p] += by
	}
}

// asked is how many may ask for places of each pool.
func (m *market) asked() []int32 {
	out := make([]int32, len(m.free))
	for w := range int32(len(m.owner)) {
		if m.asks[w] {
			m.add(out, w, 1)
		}
	}
	return out
}

// nothing is what people have before anything is given out.
func (m *market) nothing() []int32 {
	out := make([]int32, len(m.from)-1)
	for i := range out {
		out[i] = none
	}
	return out
}
