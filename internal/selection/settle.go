package selection

import (
	"bytes"
	"slices"

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
	reserve []int32   // position of each wish on a reserve, 0: none
	full    []bool    // would wait if the reserve were longer
}

func newSettlement(g *ground, granted []int32) *settlement {
	s := &settlement{
		ground: g, granted: granted, rank: make([]int32, len(g.owner)), held: make([]int32, len(g.in.Pools)), lowest: make([]int32, len(g.in.Pools)),
		figures: make([]Figures, len(g.in.Destinations)), reserve: make([]int32, len(g.owner)), full: make([]bool, len(g.owner)),
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
	for _, p := range s.pools[s.at[w]] {
		if !s.draws(s.owner[w], p) {
			continue
		}
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
			if last == none || s.point(w) < s.point(last) {
				last = w
			}
			continue
		case granted != none && granted < w:
			continue // has what they wanted more
		}
		f.Refused++
		if first == none || s.point(w) > s.point(first) {
			first = w
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
		s.full[w] = true
		return
	}
	f.Waiting++
	s.reserve[w] = int32(f.Waiting)
}

func (s *settlement) result() Result {
	r := Result{Engine: Engine, Method: s.in.Method, Tied: s.in.Tied, Entries: make([]Entry, 0, len(s.in.Applicants)), Destinations: s.figures}
	choices := make([]Choice, len(s.owner)) // one block for all
	for k, a := range s.list {
		e := Entry{Applicant: s.in.Applicants[a].ID, Rank: k + 1, Points: s.in.Applicants[a].Points, Choices: s.choices(choices, a)}
		if k > 0 {
			e.Rule = s.above(s.list[k-1], a)
		}
		r.Entries = append(r.Entries, e)
	}
	s.money(r.Entries)
	for i := range s.in.Applicants {
		if a := &s.in.Applicants[i]; a.Excluded != "" {
			r.Entries = append(r.Entries, Entry{Applicant: a.ID, Points: a.Points, Excluded: a.Excluded, Choices: s.choices(choices, int32(i))})
		}
	}
	slices.SortFunc(r.Entries[len(s.list):], func(a, b Entry) int { return bytes.Compare(a.Applicant[:], b.Applicant[:]) })
	slices.SortFunc(r.Destinations, func(a, b Figures) int { return bytes.Compare(a.Destination[:], b.Destination[:]) })
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

func (s *settlement) choices(block []Choice, a int32) []Choice {
	from, to := s.from[a], s.from[a+1]
	for w := from; w < to; w++ {
		wish := s.wish(w)
		c := Choice{Destination: wish.Destination, Preference: int(w-from) + 1, Points: wish.Points, Rank: int(s.rank[w]), Reserve: int(s.reserve[w])}
		if s.open[w] {
			c.Standing = s.standing(w)
		}
		c.Outcome, c.Reason = s.outcome(a, w)
		block[w] = c
	}
	return block[from:to:to]
}

// standing is where an open wish stands; a share at the destination puts it
// where its rank there is.
func (s *settlement) standing(w int32) int {
	if len(s.in.Shares) > 0 && !s.in.Method.oneList() {
		return int(s.rank[w])
	}
	return int(s.pos[w]) + 1
}

func (s *settlement) outcome(a, w int32) (Outcome, Reason) {
	granted := s.granted[a]
	switch wish := s.wish(w); {
	case s.in.Applicants[a].Excluded != "":
		return Gated, Reason{Code: ReasonExcluded, Gate: s.in.Applicants[a].Excluded}
	case wish.Gate != "":
		return Gated, Reason{Code: ReasonGated, Gate: wish.Gate}
	case granted == w && s.in.Method == MethodByHand:
		return Placed, Reason{Code: ReasonByHand, Preference: int(s.preference(w))}
	case granted == w:
		return Placed, Reason{Code: ReasonPlaced, Preference: int(s.preference(w))}
	case granted != none && granted < w:
		return NotPlaced, Reason{Code: ReasonBetterChoice, Preference: int(s.preference(granted))}
	}
	reason := s.lost(w)
	reason.ReserveFull = s.full[w]
	if s.reserve[w] > 0 {
		return Reserve, reason
	}
	return NotPlaced, reason
}

// lost says why w was refused.
func (s *settlement) lost(w int32) Reason {
	granted := s.granted[s.owner[w]]
	p, by := s.cause(w)
	switch {
	case s.in.Method == MethodByHand:
		return Reason{Code: ReasonByHand}
	case s.turn != nil && granted != none && s.turn[s.at[granted]] < s.turn[s.at[w]]:
		return Reason{Code: ReasonFilledBefore, Preference: int(s.preference(granted))}
	case p == none:
		return Reason{Code: ReasonTiedRefused}
	case by == none:
		return Reason{Code: ReasonNoPlaces, Quota: s.named(p, w)}
	}
	c, rule := s.compareWishes(by, w)
	if c > 0 {
		rule = RuleShare
	}
	r := Reason{Code: lostBy(rule), Rule: rule, Shared: s.at[by] != s.at[w], Quota: s.named(p, w)}
	r.LastPoints = decimal.NewNullDecimal(s.wish(by).Points)
	return r
}

func lostBy(rule Rule) string {
	switch {
	case rule == RuleLot, rule == RuleID:
		return ReasonLostLot
	case rule == RuleClass:
		return ReasonLostClass
	case rule == RuleShare:
		return ReasonLostShare
	case rule == RulePreference:
		return ReasonLostRound
	case rule == RuleArrival:
		return ReasonLostArrival
	case rule > RulePoints:
		return ReasonLostTie
	}
	return ReasonNoPlaceLeft
}

// cause is the pool for want of which w was refused, with the worst-standing
// wish it holds: of those used up, the one whose worst stands best. No pool:
// there were places, but the tied group did not fit.
func (s *settlement) cause(w int32) (pool, by int32) {
	pool, by = none, none
	for _, p := range s.pools[s.at[w]] {
		if !s.draws(s.owner[w], p) {
			continue
		}
		if s.in.Pools[p].Free == 0 {
			return p, none
		}
		if int(s.held[p]) < s.in.Pools[p].Free {
			continue
		}
		if l := s.lowest[p]; pool == none || s.pos[l] < s.pos[by] {
			pool, by = p, l
		}
	}
	return pool, by
}

// named is the id of pool p where w draws on more than that one, or others do.
func (s *settlement) named(p, w int32) (id [16]byte) {
	if len(s.pools[s.at[w]]) > 1 || s.spanning[p] {
		return s.in.Pools[p].ID
	}
	return id
}

// money gives out grants down the order of those placed.
func (s *settlement) money(entries []Entry) {
	if len(s.in.Money) == 0 {
		return
	}
	var placed []int32
	for k := range entries {
		if s.granted[s.list[k]] != none {
			placed = append(placed, int32(k))
		}
	}
	if !s.in.Method.oneList() {
		placed = shared(s.in.Shares, placed, func(k int32) int { return s.group[s.list[k]] })
	}
	left := make([]int, len(s.in.Money))
	for i, p := range s.in.Money {
		left[i] = p.Free
	}
	for i, k := range placed {
		entries[k].Grant, entries[k].GrantRank = s.spend(left, s.list[k]), i+1
	}
}

func (s *settlement) spend(left []int, a int32) Grant {
	var drawn []int
	for i, p := range s.in.Money {
		if p.Group != "" && !slices.Contains(s.in.Applicants[a].Quotas, p.Group) {
			continue
		}
		if left[i] == 0 {
			return WithoutGrant
		}
		drawn = append(drawn, i)
	}
	for _, i := range drawn {
		left[i]--
	}
	return WithGrant
}
