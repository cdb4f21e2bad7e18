package proof

import (
	"fmt"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// reasons checks that each wish carries a reason its facts give.
func (c *claim) reasons() {
	c.tail = make([][]int32, len(c.in.Pools))
	for w := range int32(len(c.line)) {
		x := c.choice(w)
		r := x.Reason
		r.ReserveFull = false
		full := c.open[w] && c.got[c.line[w]] == none && x.Outcome == selection.NotPlaced && !c.in.NoReserve
		var fits bool
		if c.competed(w) {
			fits = c.lost(w, r)
		} else {
			fits = sameReason(r, c.plain(w))
		}
		if !fits || x.Reason.ReserveFull != full {
			c.about(ViolationReason, w, fmt.Sprintf("%s by rule %d", r.Code, r.Rule))
		}
	}
}

func sameReason(a, b selection.Reason) bool {
	if a.LastPoints.Valid != b.LastPoints.Valid || a.LastPoints.Valid && !a.LastPoints.Decimal.Equal(b.LastPoints.Decimal) {
		return false
	}
	a.LastPoints = b.LastPoints
	return a == b
}

// plain is the reason of a wish that was not refused to anybody else.
func (c *claim) plain(w int32) selection.Reason {
	i := c.line[w]
	g := c.got[i]
	r := selection.Reason{}
	if g != none {
		r.Preference = int(g-c.first[i]) + 1
	}
	switch byHand := c.in.Method == selection.MethodByHand; {
	case c.who[i].Excluded != "":
		return selection.Reason{Code: selection.ReasonExcluded, Gate: c.who[i].Excluded}
	case !c.open[w]:
		return selection.Reason{Code: selection.ReasonGated, Gate: c.wish(w).Gate}
	case g != none && g < w:
		r.Code = selection.ReasonBetterChoice
	case byHand && g != w:
		return selection.Reason{Code: selection.ReasonByHand}
	case byHand:
		r.Code = selection.ReasonByHand
	case g == w:
		r.Code = selection.ReasonPlaced
	default:
		r.Code = selection.ReasonFilledBefore
	}
	return r
}

// competed reports whether w was refused to somebody who could have had it.
func (c *claim) competed(w int32) bool {
	g := c.got[c.line[w]]
	return c.open[w] && c.in.Method != selection.MethodByHand && (g == none || w < g) && (c.turn == nil || !c.hadBefore(w))
}

// lost reports whether r speaks of the place that w was refused: of the pools
// that went to others, one whose lowest holder stands highest.
func (c *claim) lost(w int32, r selection.Reason) bool {
	last, empty := none, false
	for _, p := range c.drawn(w) {
		if c.in.Pools[p].Free == 0 {
			empty = true
		} else if low := c.lowest[p]; c.full(p) && (last == none || c.before(low, last)) {
			last = low
		}
	}
	for _, p := range c.drawn(w) {
		if empty && c.in.Pools[p].Free == 0 && sameReason(r, c.named(selection.Reason{Code: selection.ReasonNoPlaces}, w, p)) {
			return true
		}
		if empty || last == none || c.lowest[p] == none || !c.full(p) {
			continue
		}
		if _, by := c.wishes(c.lowest[p], last); by != 0 {
			continue
		}
		for _, h := range c.equals(p) {
			if sameReason(r, c.lostTo(w, h, p)) {
				return true
			}
		}
	}
	return last == none && !empty && sameReason(r, selection.Reason{Code: selection.ReasonTiedRefused})
}

// equals are the holders of pool p that its last place may be said to have
// gone to: the lowest tied group.
func (c *claim) equals(p int32) []int32 {
	if !c.keepsTies() {
		return c.lowest[p : p+1]
	}
	if c.tail[p] == nil {
		for _, h := range c.holders[p] {
			if _, by := c.wishes(h, c.lowest[p]); by == 0 {
				c.tail[p] = append(c.tail[p], h)
			}
		}
	}
	return c.tail[p]
}

// lostTo is the reason of w where holder h of pool p has the last place.
func (c *claim) lostTo(w, h, p int32) selection.Reason {
	rule, by := c.shownWishes(h, w)
	if by > 0 {
		rule = selection.RuleShare
	}
	return c.named(selection.Reason{
		Code: codes[min(rule, 1)], Rule: rule, Shared: c.at[h] != c.at[w], LastPoints: decimal.NewNullDecimal(c.wish(h).Points),
	}, w, p)
}

// named adds which pool it was, where a destination has several or shares it.
func (c *claim) named(r selection.Reason, w, p int32) selection.Reason {
	if len(c.pools[c.at[w]]) > 1 || c.span[p] > 1 {
		r.Quota = c.in.Pools[p].ID
	}
	return r
}

// codes of the rules; 1 stands for every link of the tie chain.
var codes = map[selection.Rule]string{
	selection.RulePoints: selection.ReasonNoPlaceLeft, selection.RuleLot: selection.ReasonLostLot, selection.RuleID: selection.ReasonLostLot,
	selection.RuleClass: selection.ReasonLostClass, selection.RuleShare: selection.ReasonLostShare,
	selection.RulePreference: selection.ReasonLostRound, selection.RuleArrival: selection.ReasonLostArrival,
	1: selection.ReasonLostTie,
}
