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

// Promote hands the free places to the reserve. By `upgrades: none` those
// waiting compete by applicant-proposing deferred acceptance: each leaves the
// reserve of all wishes with the place offered, and nobody stands better at a
// place they want more than who was given it. By `until_confirmed` a free
// place goes to the best-standing who wants it more than what they hold, what
// they held is free in turn, and the chain runs until nobody moves (Blum,
// Roth and Rothblum, Vacancy chains, 1997). The order of rows carries no
// meaning.
func Promote(s ReserveState) []Promotion {
	r := newReserve(s)
	switch {
	case s.UntilConfirmed:
		r.chain()
	case r.uniform():
		r.walk()
	default:
		r.compete()
		r.chain() // whom a pool across others left out by mistake of its shape
	}
	return r.promotions()
}

// reserve is a live reserve in numbers, best-known applicant first.
type reserve struct {
	state   ReserveState
	waiting []Waiting
	free    map[uuid.UUID]int
	group   map[uuid.UUID]string
	pools   map[uuid.UUID][]uuid.UUID // of each destination
	has     []int                     // index of the wish each was given; len(Wishes) while none was
}

func newReserve(s ReserveState) *reserve {
	r := &reserve{state: s, waiting: slices.Clone(s.Waiting), free: map[uuid.UUID]int{}, group: map[uuid.UUID]string{}, pools: map[uuid.UUID][]uuid.UUID{}}
	slices.SortFunc(r.waiting, func(a, b Waiting) int { return compareIDs(a.Applicant, b.Applicant) })
	for _, p := range s.Pools {
		r.free[p.ID], r.group[p.ID] = p.Free, p.Group
	}
	for _, d := range s.Destinations {
		r.pools[d.ID] = d.Pools
	}
	for _, w := range r.waiting {
		r.has = append(r.has, len(w.Wishes))
	}
	return r
}

// draws are the pools of d that count applicant i.
func (r *reserve) draws(i int, d uuid.UUID) []uuid.UUID {
	var out []uuid.UUID
	for _, p := range r.pools[d] {
		if g := r.group[p]; g == "" || slices.Contains(r.waiting[i].Quotas, g) {
			out = append(out, p)
		}
	}
	return out
}

// at is the destination applicant i stands on now, zero for none.
func (r *reserve) at(i int) uuid.UUID {
	if r.has[i] < len(r.waiting[i].Wishes) {
		return r.waiting[i].Wishes[r.has[i]].Destination
	}
	return r.waiting[i].Holds
}

// move lets i have wish k instead of what they stand on, if there is room. A
// destination without pools is unknown and gives nothing.
func (r *reserve) move(i, k int) bool {
	from, to := r.at(i), r.waiting[i].Wishes[k].Destination
	drawn := r.draws(i, to)
	for _, p := range r.draws(i, from) {
		r.free[p]++
	}
	if len(drawn) == 0 || slices.ContainsFunc(drawn, func(p uuid.UUID) bool { return r.free[p] <= 0 }) {
		for _, p := range r.draws(i, from) {
			r.free[p]--
		}
		return false
	}
	for _, p := range drawn {
		r.free[p]--
	}
	r.has[i] = k
	return true
}

// uniform reports whether everybody stands the same at all their wishes.
func (r *reserve) uniform() bool {
	for _, w := range r.waiting {
		for _, s := range w.Wishes {
			if s.Class != w.Wishes[0].Class || s.Rank != w.Wishes[0].Rank {
				return false
			}
		}
	}
	return true
}

// walk goes down one list: each gets the first wish with a place.
func (r *reserve) walk() {
	for _, i := range r.inOrder() {
		for k := range r.waiting[i].Wishes {
			if r.move(i, k) {
				break
			}
		}
	}
}

// inOrder are the applicants by their first wish's standing.
func (r *reserve) inOrder() []int {
	var out []int
	for i, w := range r.waiting {
		if len(w.Wishes) > 0 {
			out = append(out, i)
		}
	}
	slices.SortStableFunc(out, func(a, b int) int { return compareStands(r.waiting[a].Wishes[0], r.waiting[b].Wishes[0]) })
	return out
}

func compareStands(a, b Stand) int {
	return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Rank, b.Rank))
}

// ahead reports whether i at wish k stands before j at wish l.
func (r *reserve) ahead(i, k, j, l int) bool {
	c := compareStands(r.waiting[i].Wishes[k], r.waiting[j].Wishes[l])
	return c < 0 || c == 0 && i < j
}

// compete is deferred acceptance: each asks for the next wish; a pool that is
// used up drops the worst-standing.
func (r *reserve) compete() {
	next := make([]int, len(r.waiting))
	asking := r.inOrder()
	for len(asking) > 0 {
		i := asking[0]
		k := next[i]
		if k == len(r.waiting[i].Wishes) {
			asking = asking[1:]
			continue
		}
		next[i]++
		if r.move(i, k) {
			asking = asking[1:]
			continue
		}
		if dropped, ok := r.displace(i, k); ok {
			asking = append(asking[1:], dropped)
		}
	}
}

// displace drops the worst-standing holder for whom i could have wish k, if
// one stands behind i.
func (r *reserve) displace(i, k int) (dropped int, ok bool) {
	worst := -1
	for j := range r.waiting {
		l := r.has[j]
		if j == i || l == len(r.waiting[j].Wishes) || !r.ahead(i, k, j, l) || !r.shares(i, k, j) {
			continue
		}
		if worst < 0 || r.ahead(worst, r.has[worst], j, l) {
			worst = j
		}
	}
	if worst < 0 {
		return 0, false
	}
	kept := r.has[worst]
	r.give(worst, len(r.waiting[worst].Wishes))
	if r.move(i, k) {
		return worst, true
	}
	r.give(worst, kept)
	return 0, false
}

// give sets what j has without asking whether there is room.
func (r *reserve) give(j, k int) {
	for _, p := range r.draws(j, r.at(j)) {
		r.free[p]++
	}
	r.has[j] = k
	for _, p := range r.draws(j, r.at(j)) {
		r.free[p]--
	}
}

// shares reports whether what j has draws on a used-up pool that wish k of i
// needs.
func (r *reserve) shares(i, k, j int) bool {
	mine := r.draws(i, r.waiting[i].Wishes[k].Destination)
	return slices.ContainsFunc(r.draws(j, r.at(j)), func(p uuid.UUID) bool { return r.free[p] <= 0 && slices.Contains(mine, p) })
}

// chain gives each free place to the best-standing who wants it more than
// what they have, until nobody moves.
func (r *reserve) chain() {
	for moved := true; moved; {
		moved = false
		for _, d := range r.destinations() {
			for _, c := range r.wanting(d) {
				if r.move(c[0], c[1]) {
					moved = true
					break
				}
			}
		}
	}
}

func (r *reserve) destinations() []uuid.UUID {
	out := make([]uuid.UUID, 0, len(r.pools))
	for _, d := range r.state.Destinations {
		out = append(out, d.ID)
	}
	slices.SortFunc(out, compareIDs)
	return out
}

// wanting are those who want d more than what they have, as pairs of
// applicant and wish, best-standing first.
func (r *reserve) wanting(d uuid.UUID) [][2]int {
	var out [][2]int
	for i, w := range r.waiting {
		for k := range min(r.has[i], len(w.Wishes)) {
			if w.Wishes[k].Destination == d {
				out = append(out, [2]int{i, k})
			}
		}
	}
	slices.SortFunc(out, func(a, b [2]int) int {
		if r.ahead(a[0], a[1], b[0], b[1]) {
			return -1
		}
		return 1
	})
	return out
}

func (r *reserve) promotions() []Promotion {
	var out []Promotion
	for i, w := range r.waiting {
		if k := r.has[i]; k < len(w.Wishes) {
			out = append(out, Promotion{Applicant: w.Applicant, Destination: w.Wishes[k].Destination, From: w.Holds, Preference: k + 1})
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
			return cmp.Or(compareStands(waiting[a[0]].Wishes[a[1]], waiting[b[0]].Wishes[b[1]]), compareIDs(waiting[a[0]].Applicant, waiting[b[0]].Applicant))
		})
		for n, c := range by[d] {
			out = append(out, Position{waiting[c[0]].Applicant, d, n + 1})
		}
	}
	return out
}
