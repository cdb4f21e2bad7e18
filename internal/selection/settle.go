package selection

import (
	"runtime"
	"slices"
	"sync"

	"github.com/shopspring/decimal"
)

// settlement tells everybody what became of each of their wishes, once it is
// known who got what.
type settlement struct {
	*ground
	granted []int32   // of each applicant
	rank    []int32   // of each open wish at its destination, from 1
	held    []int32   // of each pool
	lowest  []int32   // the worst-standing wish that holds a place of each pool
	turn    []int32   // hardest first: when each destination was filled
	figures []Figures // of each destination
	reserve []int32   // position of each wish on a reserve, 0: none, below 0: would wait if the reserve were longer
}

func newSettlement(g *ground, granted []int32) *settlement {
	s := &settlement{
		ground: g, granted: granted, rank: make([]int32, len(g.owner)), held: make([]int32, len(g.in.Pools)), lowest: make([]int32, len(g.in.Pools)),
		figures: make([]Figures, len(g.in.Destinations)), reserve: make([]int32, len(g.owner)),
	}
	for p := range s.lowest {
		s.lowest[p] = none
	}
	for _, a := range g.list {
		if w := granted[a]; w != none {
			s.hold(w)
		}
	}
	if g.in.Method == MethodHardest {
		s.turn = make([]int32, len(g.in.Destinations))
		for k, d := range g.byHardness() {
			s.turn[d] = int32(k)
		}
	}
	for d := range g.there {
		s.count(int32(d))
	}
	return s
}

func (s *settlement) hold(w int32) {
	for _, p := range s.drawn(w) {
		s.held[p]++
		if l := s.lowest[p]; l == none || s.pos[w] > s.pos[l] {
			s.lowest[p] = w
		}
	}
}

// count ranks those let in at d and lets those without a place wait there.
func (s *settlement) count(d int32) {
	f := &s.figures[d]
	f.Destination = s.in.Destinations[d].ID
	last, first := none, none // admitted with the fewest, refused with the most points
	for k, w := range s.there[d] {
		s.rank[w] = int32(k + 1)
		f.Listed++
		granted := s.granted[s.owner[w]]
		switch {
		case granted == w:
			f.Admitted++
			if last == none || s.point(w) > s.point(last) {
				last = w
			}
			continue
		case granted != none && granted < w:
			continue // has what they wanted more
		}
		if s.asks[w] {
			f.Refused++
			if first == none || s.point(w) < s.point(first) {
				first = w
			}
		}
		if granted == none {
			s.wait(w, f)
		}
	}
	f.LowestAdmitted, f.HighestRefused = s.pointsOf(last), s.pointsOf(first)
	f.Lacking = max(0, s.in.Destinations[d].Minimum-f.Admitted)
	if s.in.Tied == TiedAdmit {
		f.Over = max(0, f.Admitted-s.places(d))
	}
}

func (s *settlement) pointsOf(w int32) decimal.NullDecimal {
	if w == none {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(s.wish(w).Points)
}

// wait puts w on the reserve of its destination if there is one with room.
func (s *settlement) wait(w int32, f *Figures) {
	if s.in.NoReserve {
		return
	}
	if s.in.ReserveLimit > 0 && f.Waiting >= s.in.ReserveLimit {
		s.reserve[w] = -1
		return
	}
	f.Waiting++
	s.reserve[w] = int32(f.Waiting)
}

func (s *settlement) result() Result {
	r := Result{Engine: Engine, Method: s.in.Method, Tied: s.in.Tied, Entries: make([]Entry, 0, len(s.in.Applicants)), Destinations: s.figures}
	choices := s.choices()
	of := func(a int32) []Choice { return choices[s.from[a]:s.from[a+1]:s.from[a+1]] }
	for k, a := range s.list {
		e := Entry{Applicant: s.in.Applicants[a].ID, Rank: k + 1, Points: s.in.Applicants[a].Points, Choices: of(a)}
		if k > 0 {
			e.Rule = s.above(s.list[k-1], a)
		}
		r.Entries = append(r.Entries, e)
	}
	s.money(r.Entries)
	for i := range s.in.Applicants {
		if a := &s.in.Applicants[i]; a.Excluded != "" {
			r.Entries = append(r.Entries, Entry{Applicant: a.ID, Points: a.Points, Excluded: a.Excluded, Choices: of(int32(i))})
		}
	}
	slices.SortFunc(r.Entries[len(s.list):], func(a, b Entry) int { return compareIDs(a.Applicant, b.Applicant) })
	slices.SortFunc(r.Destinations, func(a, b Figures) int { return compareIDs(a.Destination, b.Destination) })
	return r
}

// above is the rule that put one applicant directly above another.
func (s *settlement) above(first, next int32) Rule {
	c, rule := s.order.compare(first, next)
	if c > 0 {
		return RuleShare
	}
	return rule
}

// choices writes what became of every wish into one block.
func (s *settlement) choices() []Choice {
	block := make([]Choice, len(s.owner))
	parts := min(runtime.GOMAXPROCS(0), 1+len(s.in.Applicants)/1000)
	var all sync.WaitGroup
	for part := range parts {
		all.Go(func() {
			for i := part * len(s.in.Applicants) / parts; i < (part+1)*len(s.in.Applicants)/parts; i++ {
				s.write(block, int32(i))
			}
		})
	}
	all.Wait()
	return block
}

// write fills in the wishes of one applicant.
func (s *settlement) write(block []Choice, a int32) {
	wishes := s.in.Applicants[a].Wishes
	for k := range wishes {
		w := s.from[a] + int32(k)
		c := &block[w]
		c.Destination, c.Preference, c.Points = wishes[k].Destination, k+1, wishes[k].Points
		if s.open[w] {
			c.Standing, c.Rank, c.Reserve = s.standing(w), int(s.rank[w]), int(max(s.reserve[w], 0))
		}
		s.decide(c, w)
	}
}

// standing is where an open wish stands; a share at the destination puts it
// where its rank there is.
func (s *settlement) standing(w int32) int {
	if len(s.in.Shares) > 0 && !s.in.Method.oneList() {
		return int(s.rank[w])
	}
	return int(s.pos[w]) + 1
}
