package proof

import (
	"fmt"
	"slices"

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
	case !c.asks[w]:
		return selection.Reason{Code: selection.ReasonWaitsOnly, Gate: c.wish(w).Waits}
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
	return c.asks[w] && c.in.Method != selection.MethodByHand && (g == none || w < g) && (c.turn == nil || !c.hadBefore(w))
}

// lost reports whether r speaks of the place that w was refused: of the pools
// that went to others, one whose lowest holder stands highest. Where tied
// groups stay whole, holders equal to w or below have it for another reason
// than standing higher.
func (c *claim) lost(w int32, r selection.Reason) bool {
	last, full, empty := none, []int32{}, false
	for _, p := range c.drawn(w) {
		low, used := c.use(w, p)
		switch {
		case used && low == none:
			empty = true
			if sameReason(r, c.named(selection.Reason{Code: selection.ReasonNoPlaces, Shared: c.in.Pools[p].Free > 0}, w, p)) {
				return true
			}
		case used && (!c.keepsTies() || c.above(low, w)):
			full = append(full, p)
			if last == none || c.before(low, last) {
				last = low
			}
		}
	}
	if empty || last == none {
		return !empty && c.lostWhole(w, r)
	}
	for _, p := range full {
		low, _ := c.use(w, p)
		if _, by := c.wishes(low, last); by != 0 {
			continue
		}
		for _, h := range c.equals(w, p, low) {
			if sameReason(r, c.lostTo(w, h, p)) {
				return true
			}
		}
	}
	return false
}

func (c *claim) above(v, w int32) bool {
	_, by := c.wishes(v, w)
	return by < 0
}

// lostWhole reports whether r is right where places were left but a tied
// group did not fit: that of w, or one above it. Where pools lie within each
// other what stands above may have been refused by another of them.
func (c *claim) lostWhole(w int32, r selection.Reason) bool {
	above := slices.ContainsFunc(c.drawn(w), func(p int32) bool { return c.above(c.firstRefused(w, p), w) })
	switch {
	case sameReason(r, selection.Reason{Code: selection.ReasonTiedAbove}):
		return above
	case sameReason(r, selection.Reason{Code: selection.ReasonTiedRefused}):
		return !above || slices.ContainsFunc(c.pools, func(pools []int32) bool {
			return len(pools) > 1 && slices.ContainsFunc(c.drawn(w), func(p int32) bool { return slices.Contains(pools, p) })
		})
	}
	return false
}

// use says whether pool p was used up when w was refused, and the lowest of
// those who took its last places, none if there were none to take. With the
// hardest first it is the turn of the destination that counts.
func (c *claim) use(w, p int32) (low int32, used bool) {
	if c.turn == nil {
		return c.lowest[p], c.full(p)
	}
	t := c.taken[c.at[w]][p]
	if t.held == 0 {
		t.low = none
	}
	return t.low, t.before <= t.held
}

// firstRefused is the highest wish that p refused, with the hardest first at
// the turn of the destination of w, which is one of them.
func (c *claim) firstRefused(w, p int32) int32 {
	if c.highest == nil {
		c.highest = map[[2]int32]int32{}
		for v := range int32(len(c.line)) {
			for _, q := range c.drawn(v) {
				if top, known := c.highest[c.chooser(v, q)]; c.wasRefused(v) && (!known || c.before(v, top)) {
					c.highest[c.chooser(v, q)] = v
				}
			}
		}
	}
	return c.highest[c.chooser(w, p)]
}

// chooser is who chooses between w and others for a place of p: the pool, or
// with the hardest first the destination at its turn.
func (c *claim) chooser(w, p int32) [2]int32 {
	if c.turn != nil {
		return [2]int32{c.at[w], p}
	}
	return [2]int32{none, p}
}

// wasRefused reports whether w was refused, even if at a later turn something
// better came.
func (c *claim) wasRefused(w int32) bool {
	if c.turn == nil {
		return c.competed(w)
	}
	return c.asks[w] && c.got[c.line[w]] != w && !c.hadBefore(w)
}

// equals are the holders that the last place of pool p may be said to have
// gone to: those equal to the lowest.
func (c *claim) equals(w, p, low int32) []int32 {
	switch {
	case !c.keepsTies():
		return []int32{low}
	case c.turn != nil:
		return slices.DeleteFunc(slices.Clone(c.tails(p, low)), func(h int32) bool { return c.at[h] != c.at[w] })
	}
	if c.tail[p] == nil {
		c.tail[p] = c.tails(p, low)
	}
	return c.tail[p]
}

func (c *claim) tails(p, low int32) (out []int32) {
	for _, h := range c.holders[p] {
		if _, by := c.wishes(h, low); by == 0 {
			out = append(out, h)
		}
	}
	return out
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
	selection.RulePoints: selection.ReasonNoPlaceLeft, selection.RuleLot: selection.ReasonLostLot, selection.RuleID: selection.ReasonLostID,
	selection.RuleClass: selection.ReasonLostClass, selection.RuleShare: selection.ReasonLostShare,
	selection.RulePreference: selection.ReasonLostRound, selection.RuleArrival: selection.ReasonLostArrival,
	1: selection.ReasonLostTie,
}
