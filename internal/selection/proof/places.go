package proof

import (
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/selection"
)

// quotas collects who holds places of each pool and counts them. More than
// there are is right only where tied groups are admitted whole, and then only
// by the lowest of them, which began within.
func (c *claim) quotas() {
	for p := range c.lowest {
		c.lowest[p] = none
	}
	for _, w := range c.got {
		if w == none {
			continue
		}
		for _, p := range c.drawn(w) {
			c.holders[p] = append(c.holders[p], w)
			if low := c.lowest[p]; low == none || c.before(low, w) {
				c.lowest[p] = w
			}
		}
	}
	for p := range c.in.Pools {
		if held, free := len(c.holders[p]), c.in.Pools[p].Free; held > free && !c.beganWithin(int32(p)) {
			c.add(Violation{Code: ViolationQuota, Pool: c.in.Pools[p].ID, Detail: fmt.Sprintf("%d given, %d free", held, free)})
		}
	}
}

// beganWithin reports whether all holders but the lowest tied group leave a
// place. Hardest first, a group is one of the destination filled last.
func (c *claim) beganWithin(p int32) bool {
	if c.in.Tied != selection.TiedAdmit || c.in.Method == selection.MethodByHand {
		return false
	}
	if c.in.Method == selection.MethodHardest {
		return true // turnsOfTied looks at each turn
	}
	above := 0
	for _, w := range c.holders[p] {
		if _, by := c.wishes(w, c.lowest[p]); by < 0 {
			above++
		}
	}
	return above < c.in.Pools[p].Free
}

func (c *claim) full(p int32) bool { return len(c.holders[p]) >= c.in.Pools[p].Free }

// byHand checks that exactly what a person decided was given.
func (c *claim) byHand() {
	for i, a := range c.who {
		hand := uuid.Nil
		if w := c.got[i]; w != none {
			hand = c.in.Destinations[c.at[w]].ID
		}
		if a.Excluded == "" && hand != a.Hand || a.Excluded != "" && hand != uuid.Nil {
			c.add(Violation{Code: ViolationByHand, Applicant: a.ID, Destination: hand})
		}
	}
}

// stable checks each wish somebody wanted more than what they got: a pool it
// draws on went wholly to wishes that stand before it. It reports whether all
// are as they must be.
func (c *claim) stable() bool {
	ok := true
	var seats []seats
	if len(c.in.Shares) > 0 && !c.oneList() {
		seats = c.seats()
	}
	for i := range c.who {
		c.wanted(i, func(w int32) {
			code := ""
			if seats != nil {
				code = c.refusedBySeats(seats[c.at[w]], w)
			} else {
				code = c.refused(w)
			}
			if code != "" {
				ok = false
				c.about(code, w, "")
			}
		})
	}
	return ok
}

// refused returns the code of what is wrong with not granting w, "" if a full
// pool has none but wishes before it.
func (c *claim) refused(w int32) string {
	code := ViolationPlaceLeft
	for _, p := range c.drawn(w) {
		if !c.full(p) {
			continue
		}
		if low := c.lowest[p]; low == none || c.before(low, w) {
			return ""
		}
		code = ViolationPassedOver
	}
	return code
}

// seats are the places of one destination that keeps shares in its own
// places: so many for the best of each group, the rest for the best of all.
type seats struct {
	pool  int32
	kept  []int   // for each share, see keptFor
	had   []int   // holders of each share's group
	least []int32 // the last holder of each group within what is kept for it
	rest  int32   // the lowest of all other holders, none without one
}

func (c *claim) seats() []seats {
	out := make([]seats, len(c.pools))
	for d := range out {
		out[d] = c.seatsAt(int32(d))
	}
	return out
}

func (c *claim) seatsAt(d int32) seats {
	n := len(c.in.Shares)
	s := seats{pool: c.pools[d][0], had: make([]int, n), least: make([]int32, n), rest: none}
	holders := c.byStanding(c.holders[s.pool])
	for g := range s.least {
		s.least[g] = none
	}
	for _, w := range holders {
		if g := c.share[c.line[w]]; g >= 0 {
			s.had[g]++
		}
	}
	s.kept = c.keptFor(s.pool, s.had)
	within := make([]int, n)
	for _, w := range holders {
		if g := c.share[c.line[w]]; g >= 0 && within[g] < s.kept[g] {
			within[g]++
			s.least[g] = w
			continue
		}
		s.rest = w
	}
	return s
}

// keptFor is how many places of pool p each share may have for itself, where
// had of each group hold one: what the shares before it took is gone, what
// they found nobody for is not.
func (c *claim) keptFor(p int32, had []int) []int {
	free := c.in.Pools[p].Free
	left, kept := free, make([]int, len(had))
	for g, share := range c.in.Shares {
		kept[g] = min((free*share.Percent+99)/100, left)
		left -= min(kept[g], had[g])
	}
	return kept
}

// refusedBySeats is refused for a destination that keeps shares.
func (c *claim) refusedBySeats(s seats, w int32) string {
	g := c.share[c.line[w]]
	switch {
	case !c.full(s.pool):
		return ViolationPlaceLeft
	case g >= 0 && s.had[g] < s.kept[g]:
		return ViolationShare
	case g >= 0 && s.least[g] != none && c.before(w, s.least[g]), s.rest != none && c.before(w, s.rest):
		return ViolationPassedOver
	}
	return ""
}
