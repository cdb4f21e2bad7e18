package selection

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Stand is one destination somebody waits for. Class is the reserve's own, 0
// first: put first by a correction, never offered anything, second class.
// Rank is as decided (Choice.Standing, or the rank in the whole list where
// one reserve is for several destinations), comparable among all who compete
// for a pool.
type Stand struct {
	Destination uuid.UUID
	Class, Rank int
}

// Waiting is one applicant on the reserve. Wishes are the destinations still
// waited for, in order of preference: leave out those nobody may be promoted
// to by itself (design rule 8). Holds is the destination of an open offer,
// zero for none; then Wishes are those preferred to it.
type Waiting struct {
	Applicant uuid.UUID
	Quotas    []string // groups of Pools
	Holds     uuid.UUID
	Wishes    []Stand
}

// ReserveState is the live reserve with what is free now. UntilConfirmed is
// the call's rule for freed places (design rule 3): whether who holds an open
// offer may still move up.
type ReserveState struct {
	UntilConfirmed bool
	Pools          []Pool
	Destinations   []Destination
	Waiting        []Waiting
}

// Promotion is one place to be offered from the reserve, and the destination
// of the open offer that is given up for it, zero for none.
type Promotion struct {
	Applicant   uuid.UUID
	Destination uuid.UUID
	From        uuid.UUID
	Preference  int // index in Wishes, from 1
}

// Promote hands the free places to the reserve. The order of rows carries no
// meaning.
//
// By `upgrades: none` those waiting compete by deferred acceptance: each
// leaves the reserve of all wishes with the place offered, and nobody stands
// better at a place they want more than who was given it. Who holds an offer
// has left the reserve. Where quotas cross there may be no such outcome; then
// places go one by one to the best-standing for whom there is room.
//
// By `until_confirmed` a free place goes to the best-standing who wants it
// more than what they hold, what they held is free in turn, and the chain
// runs until nobody moves (Blum, Roth and Rothblum, Vacancy chains, 1997).
// Nobody moves within a pool that is used up while somebody else who stands
// before that wish waits for a place of it.
func Promote(s ReserveState) []Promotion {
	r := newReserve(s)
	if s.UntilConfirmed || r.crosses() {
		newChain(r).run()
	} else {
		r.compete()
	}
	return r.promotions()
}

// reserve is a live reserve in numbers, people by id.
type reserve struct {
	market
	state   ReserveState
	waiting []Waiting
	sorted  []int32   // wishes by where they stand
	has     []int32   // the wish each person was given, none so far
	holds   [][]int32 // the pools each person's open offer draws on
}

func newReserve(s ReserveState) *reserve {
	r := &reserve{state: s, waiting: slices.Clone(s.Waiting)}
	slices.SortFunc(r.waiting, func(a, b Waiting) int { return compareIDs(a.Applicant, b.Applicant) })
	r.stock(s.Pools, append(slices.Clone(s.Destinations), Destination{})) // the last is for what is unknown
	number := make(map[uuid.UUID]int32, len(s.Destinations))
	for i, d := range s.Destinations {
		number[d.ID] = int32(i)
	}
	known := func(d uuid.UUID) int32 {
		if i, ok := number[d]; ok {
			return i
		}
		return int32(len(s.Destinations))
	}
	r.from = []int32{0}
	for i := range r.waiting {
		r.wait(int32(i), known)
	}
	counts := func(a, p int32) bool { return s.Pools[p].counts(r.waiting[a].Quotas) }
	if grouped(s.Pools) {
		r.draw(counts)
	}
	for i, w := range r.waiting {
		held := slices.Clone(r.pools[known(w.Holds)])
		r.holds = append(r.holds, slices.DeleteFunc(held, func(p int32) bool { return !counts(int32(i), p) }))
	}
	r.has = r.nothing()
	r.stand()
	return r
}

// wait adds the wishes of one person. By `none` those of who holds an offer
// are over.
func (r *reserve) wait(i int32, known func(uuid.UUID) int32) {
	w := r.waiting[i]
	for _, s := range w.Wishes {
		r.owner, r.at = append(r.owner, i), append(r.at, known(s.Destination))
		r.asks = append(r.asks, r.state.UntilConfirmed || w.Holds == uuid.Nil)
	}
	r.from = append(r.from, int32(len(r.owner)))
}

// stand orders wishes by class and rank, then by applicant and preference.
func (r *reserve) stand() {
	classes, ranks := make([]int64, len(r.owner)), make([]int64, len(r.owner))
	for w := range r.owner {
		s := r.waiting[r.owner[w]].Wishes[int32(w)-r.from[r.owner[w]]]
		classes[w], ranks[w] = int64(s.Class), int64(s.Rank)
	}
	r.sorted, r.pos = upTo(len(r.owner)), make([]int32, len(r.owner))
	var by sorter
	by.sort(r.sorted, ranks)
	by.sort(r.sorted, classes)
	for k, w := range r.sorted {
		r.pos[w] = int32(k)
	}
}

// crosses reports whether quotas cross, so that pools cannot choose one
// within another.
func (r *reserve) crosses() bool {
	in := Input{Pools: r.state.Pools}
	for _, w := range r.waiting {
		in.Applicants = append(in.Applicants, Applicant{Quotas: w.Quotas})
	}
	return len(newNest(r.state.Pools, r.state.Destinations).crossing(in.meeting())) > 0
}

// compete is deferred acceptance among those waiting.
func (r *reserve) compete() { r.has = r.deferred(upTo(len(r.waiting)), nil, nil) }

func (r *reserve) promotions() []Promotion {
	var out []Promotion
	for i, w := range r.waiting {
		if k := r.has[i]; k != none {
			k -= r.from[i]
			out = append(out, Promotion{Applicant: w.Applicant, Destination: w.Wishes[k].Destination, From: w.Holds, Preference: int(k) + 1})
		}
	}
	return out
}

// Position is a live place on the reserve of one destination, from 1.
type Position struct {
	Applicant   uuid.UUID
	Destination uuid.UUID
	Position    int
}

// Positions counts the reserve of each destination as it stands now.
func Positions(waiting []Waiting) []Position {
	by := map[uuid.UUID][][2]int{}
	var order []uuid.UUID
	for i, w := range waiting {
		for k, s := range w.Wishes {
			if by[s.Destination] == nil {
				order = append(order, s.Destination)
			}
			by[s.Destination] = append(by[s.Destination], [2]int{i, k})
		}
	}
	slices.SortFunc(order, compareIDs)
	var out []Position
	for _, d := range order {
		slices.SortFunc(by[d], func(a, b [2]int) int {
			x, y := waiting[a[0]].Wishes[a[1]], waiting[b[0]].Wishes[b[1]]
			return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Rank, y.Rank), compareIDs(waiting[a[0]].Applicant, waiting[b[0]].Applicant))
		})
		for n, c := range by[d] {
			out = append(out, Position{waiting[c[0]].Applicant, d, n + 1})
		}
	}
	return out
}
