package proof

import (
	"bytes"
	"cmp"
	"slices"

	"peregrine/internal/selection"
)

// turnOrder lays out when each destination is filled: the one with the most
// asking wishes per place first, those without places last, equal ones by id.
func (c *claim) turnOrder() []int32 {
	var order []int32
	places, asking := make([]int64, len(c.pools)), make([]int64, len(c.pools))
	for w, d := range c.at {
		if c.asks[w] {
			asking[d]++
		}
	}
	for d, pools := range c.pools {
		places[d] = -1
		for _, p := range pools {
			if pool := c.in.Pools[p]; pool.Group == "" && (places[d] < 0 || int64(pool.Free) < places[d]) {
				places[d] = int64(pool.Free)
			}
		}
		order = append(order, int32(d))
	}
	slices.SortFunc(order, func(a, b int32) int {
		byID := bytes.Compare(c.in.Destinations[a].ID[:], c.in.Destinations[b].ID[:])
		if places[a] == 0 || places[b] == 0 {
			return cmp.Or(cmp.Compare(b2i(places[a] == 0), b2i(places[b] == 0)), byID)
		}
		return cmp.Or(cmp.Compare(asking[b]*places[a], asking[a]*places[b]), byID)
	})
	c.turn = make([]int, len(order))
	for k, d := range order {
		c.turn[d] = k
	}
	c.layTurns(order)
	return order
}

// layTurns says what each turn took, and what was left before it.
func (c *claim) layTurns(order []int32) {
	left := make([]int, len(c.in.Pools))
	for p := range left {
		left[p] = c.in.Pools[p].Free
	}
	c.taken = make([]map[int32]taken, len(c.pools))
	for _, d := range order {
		c.taken[d] = c.lowestAt(d)
		for _, p := range c.pools[d] {
			t := c.taken[d][p]
			t.before = left[p]
			c.taken[d][p] = t
			left[p] -= t.held
		}
	}
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// hadBefore reports whether the applicant of w has a place of a turn before
// that of w's destination, and so did not compete for it.
func (c *claim) hadBefore(w int32) bool {
	g := c.got[c.line[w]]
	return g != none && c.turn[c.at[g]] < c.turn[c.at[w]]
}

// turns checks the turn of every destination: whoever asked, had nothing yet
// and got nothing finds a pool in which what was left by then went to those
// before them.
func (c *claim) turns() {
	order := c.turnOrder()
	if len(c.in.Shares) > 0 { // no pool has more than one destination
		c.turnsOfSeats()
		return
	}
	for _, d := range order {
		for _, w := range c.listed[d] {
			if !c.asks[w] || c.got[c.line[w]] == w || c.hadBefore(w) {
				continue
			}
			code := ViolationPlaceLeft
			for _, p := range c.drawn(w) {
				if t := c.taken[d][p]; t.held >= t.before {
					if t.held == 0 || c.before(t.low, w) {
						code = ""
						break
					}
					code = ViolationPassedOver
				}
			}
			if code != "" {
				c.about(code, w, "")
			}
		}
	}
}

// taken is what one destination took of one pool, and what was left before.
type taken struct {
	before, held int
	low          int32
}

func (c *claim) lowestAt(d int32) map[int32]taken {
	out := make(map[int32]taken, len(c.pools[d]))
	for _, w := range c.listed[d] {
		if c.got[c.line[w]] != w {
			continue
		}
		for _, p := range c.drawn(w) {
			t := out[p]
			if t.held == 0 || c.before(t.low, w) {
				t.low = w
			}
			t.held++
			out[p] = t
		}
	}
	return out
}

func (c *claim) turnsOfSeats() {
	for d, s := range c.seats() {
		for _, w := range c.listed[d] {
			if !c.asks[w] || c.got[c.line[w]] == w || c.hadBefore(w) {
				continue
			}
			if code := c.refusedBySeats(s, w); code != "" {
				c.about(code, w, "")
			}
		}
	}
}

// turnsOfTied gives each destination's places out again at its turn, group by
// group, to those who have nothing yet, and compares.
func (c *claim) turnsOfTied() {
	order := c.turnOrder()
	left := make([]int, len(c.in.Pools))
	for p := range left {
		left[p] = c.in.Pools[p].Free
	}
	for _, d := range order {
		var asking []int32
		for _, w := range c.listed[d] {
			if c.asks[w] && !c.hadBefore(w) {
				asking = append(asking, w)
			}
		}
		kept := c.keep(d, asking, left)
		for _, w := range asking {
			switch has := c.got[c.line[w]] == w; {
			case has && !kept[w]:
				c.about(ViolationTied, w, "the limit at this turn is above")
			case !has && kept[w]:
				c.about(ViolationPassedOver, w, "the limit at this turn is below")
			}
			if c.got[c.line[w]] == w {
				for _, p := range c.drawn(w) {
					left[p]--
				}
			}
		}
	}
}

// innerFirst are the pools of d from the innermost.
func (c *claim) innerFirst(d int32) []int32 {
	pools := slices.Clone(c.pools[d])
	size := func(p int32) int { return 2*c.span[p] + b2i(c.in.Pools[p].Group == "") }
	slices.SortStableFunc(pools, func(p, q int32) int { return size(p) - size(q) })
	return pools
}

// keep is whom destination d takes of those asking, with so much left in each
// pool: an inner pool chooses before the ones around it.
func (c *claim) keep(d int32, asking []int32, left []int) map[int32]bool {
	kept := make(map[int32]bool, len(asking))
	for _, w := range asking {
		kept[w] = true
	}
	for _, p := range c.innerFirst(d) {
		var within []int32
		for _, w := range asking {
			if kept[w] && slices.Contains(c.drawn(w), p) {
				within = append(within, w)
			}
		}
		had, shut := 0, false
		for _, step := range c.steps(within) {
			if c.in.Tied == selection.TiedAdmit {
				shut = shut || had >= left[p]
			} else {
				shut = shut || had+len(step) > left[p]
			}
			for _, w := range step {
				kept[w] = !shut
			}
			had += len(step)
		}
	}
	return kept
}
