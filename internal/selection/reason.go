package selection

import (
	"slices"

	"github.com/shopspring/decimal"
)

// decide says what became of w and why.
func (s *settlement) decide(c *Choice, w int32) {
	a := s.owner[w]
	granted, r := s.granted[a], &c.Reason
	switch {
	case !s.open[w]:
		c.Outcome, r.Code, r.Gate = Gated, ReasonGated, s.wish(w).Gate
		if why := s.in.Applicants[a].Excluded; why != "" {
			r.Code, r.Gate = ReasonExcluded, why
		}
	case granted == w:
		c.Outcome, r.Code, r.Preference = Placed, ReasonPlaced, c.Preference
		if s.in.Method == MethodByHand {
			r.Code = ReasonByHand
		}
	case granted != none && granted < w:
		c.Outcome, r.Code, r.Preference = NotPlaced, ReasonBetterChoice, int(s.preference(granted))
	default:
		c.Outcome = NotPlaced
		if s.reserve[w] > 0 {
			c.Outcome = Reserve
		}
		if s.asks[w] {
			s.lost(r, w)
		} else {
			r.Code, r.Gate = ReasonWaitsOnly, s.wish(w).Waits
		}
		r.ReserveFull = s.reserve[w] < 0
	}
}

// lost says why w was refused.
func (s *settlement) lost(r *Reason, w int32) {
	if s.in.Method == MethodByHand {
		r.Code = ReasonByHand
		return
	}
	if granted := s.granted[s.owner[w]]; s.turn != nil && granted != none && s.turn[s.at[granted]] < s.turn[s.at[w]] {
		r.Code, r.Preference = ReasonFilledBefore, int(s.preference(granted))
		return
	}
	p, by := s.cause(w)
	switch {
	case p == none && s.refusedWhole(w):
		r.Code = ReasonTiedRefused
		return
	case p == none:
		r.Code = ReasonTiedAbove
		return
	case by == none:
		r.Code, r.Quota, r.Shared = ReasonNoPlaces, s.named(p, w), s.free[p] > 0
		return
	}
	c, rule := s.compareWishes(by, w)
	if c > 0 {
		rule = RuleShare
	}
	r.Code, r.Rule, r.Shared, r.Quota = lostBy(rule), rule, s.at[by] != s.at[w], s.named(p, w)
	r.LastPoints = decimal.NewNullDecimal(s.wish(by).Points)
}

func lostBy(rule Rule) string {
	switch {
	case rule == RuleLot:
		return ReasonLostLot
	case rule == RuleID:
		return ReasonLostID
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
// wish that got one of its places: of those used up, the one whose worst
// stands best. No pool: there were places, but a tied group did not fit.
func (s *settlement) cause(w int32) (pool, by int32) {
	pool, by = none, none
	for k, p := range s.pools[s.at[w]] {
		used, last := s.use(w, k)
		switch {
		case !used || !slices.Contains(s.drawn(w), p):
		case last == none:
			return p, none
		case s.tier != nil && s.tier[last] >= s.tier[w]: // went to equal ones or lower, so w was refused for want of another
		case pool == none || s.pos[last] < s.pos[by]:
			pool, by = p, last
		}
	}
	return pool, by
}

// use says whether the k-th pool of the destination of w was used up when w
// was refused, and who took its last place, none where there was nothing to
// take: with the hardest first, what the destination's turn came to.
func (s *settlement) use(w int32, k int) (used bool, last int32) {
	d := s.at[w]
	if s.ends != nil {
		return s.ends[d][k].left <= 0, s.ends[d][k].last
	}
	p := s.pools[d][k]
	return s.held[p] >= s.free[p], s.lowest[p]
}

// refusedWhole reports whether the tied group of w itself is what did not fit
// into some pool; else a group above it did not.
func (s *settlement) refusedWhole(w int32) bool {
	d := s.at[w]
	for k, p := range s.pools[d] {
		if s.shut[d][k] == s.tier[w] && slices.Contains(s.drawn(w), p) {
			return true
		}
	}
	return false
}

// named is the id of pool p where w draws on more than that one, or others do.
func (s *settlement) named(p, w int32) (id [16]byte) {
	if len(s.pools[s.at[w]]) > 1 || s.spanning[p] {
		return s.in.Pools[p].ID
	}
	return id
}
