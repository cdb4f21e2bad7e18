package proof

import (
	"bytes"
	"fmt"
	"slices"

	"peregrine/internal/selection"
)

// entryOrder checks that ranks are 1, 2, 3 … in the declared order, and that
// those not ranked follow by id without a rank.
func (c *claim) entryOrder() {
	ranked := make([]int32, 0, len(c.who))
	for i := range c.result.Entries {
		e := &c.result.Entries[i]
		if e.Excluded == "" {
			ranked = append(ranked, int32(i))
		}
		switch {
		case e.Excluded == "" && (e.Rank != i+1 || len(ranked) != i+1):
			c.add(Violation{Code: ViolationOrder, Applicant: e.Applicant, Detail: fmt.Sprintf("rank %d in line %d", e.Rank, i+1)})
		case e.Excluded != "" && (e.Rank != 0 || e.Rule != 0 || len(ranked) < i && bytes.Compare(c.who[i-1].ID[:], c.who[i].ID[:]) >= 0):
			c.add(Violation{Code: ViolationOrder, Applicant: e.Applicant, Detail: "not ranked, yet in the order"})
		}
	}
	c.sequence(ranked, sequence{
		group: func(i int32) int {
			if !c.oneList() {
				return -1
			}
			return c.share[i]
		},
		before: func(i, j int32) bool { _, by := c.shownPeople(i, j); return by < 0 },
		wrong: func(code string, i int32) {
			c.add(Violation{Code: code, Applicant: c.who[i].ID, Detail: fmt.Sprintf("rank %d", c.result.Entries[i].Rank)})
		},
	})
	for k, i := range ranked {
		rule := selection.RulePoints
		if k > 0 {
			var by int
			if rule, by = c.shownPeople(ranked[k-1], i); by > 0 {
				rule = selection.RuleShare
			}
		}
		if e := &c.result.Entries[i]; e.Rule != rule {
			c.add(Violation{Code: ViolationOrder, Applicant: e.Applicant, Detail: fmt.Sprintf("rule %d said, %d holds", e.Rule, rule)})
		}
	}
}

// sequence is how one order is to be checked.
type sequence struct {
	group  func(x int32) int     // the share that counts x, -1 none
	before func(x, y int32) bool // the order but for shares
	wrong  func(code string, x int32)
}

// sequence checks an order position by position: where a share is due, the
// best of its group that is left stands there, else the best of all left.
func (c *claim) sequence(order []int32, s sequence) {
	next := make([]int, len(order))          // of the same group
	heads := make([]int, len(c.in.Shares)+1) // the first left of each group, the last is of those in none
	tails, had := make([]int, len(heads)), make([]int, len(heads))
	for g := range heads {
		heads[g], tails[g] = len(order), -1
	}
	at := func(x int32) int {
		if g := s.group(x); g >= 0 {
			return g
		}
		return len(heads) - 1
	}
	for k, x := range order {
		g := at(x)
		next[k] = len(order)
		switch tail := tails[g]; {
		case tail < 0:
			heads[g] = k
		case !s.before(order[tail], x):
			s.wrong(ViolationOrder, x)
			fallthrough
		default:
			next[tail] = k
		}
		tails[g] = k
	}
	for k, x := range order {
		g := at(x)
		if due := c.due(k+1, had, heads, len(order)); due >= 0 && due != g {
			s.wrong(ViolationShare, x)
		} else if due < 0 {
			for _, h := range heads {
				if h < len(order) && h != k && !s.before(x, order[h]) {
					s.wrong(ViolationOrder, x)
					break
				}
			}
		}
		had[g]++
		heads[g] = next[k]
	}
}

// due is the first share that position k must go to, -1 for none: it has
// fewer than its percentage of k, rounded up, and somebody left.
func (c *claim) due(k int, had, heads []int, end int) int {
	for g, s := range c.in.Shares {
		if had[g]*100 < k*s.Percent && heads[g] < end {
			return g
		}
	}
	return -1
}

// choiceOrder checks that those let in at each destination are numbered 1, 2,
// 3 … in its order.
func (c *claim) choiceOrder() {
	count := make([]int, len(c.in.Destinations))
	for w, d := range c.at {
		if c.open[w] {
			count[d]++
		}
	}
	c.listed = make([][]int32, len(count))
	for d := range count {
		c.listed[d] = make([]int32, count[d])
		for k := range c.listed[d] {
			c.listed[d][k] = none
		}
	}
	whole := true
	for w := range int32(len(c.line)) {
		if !c.open[w] {
			continue
		}
		list, rank := c.listed[c.at[w]], c.choice(w).Rank
		if rank < 1 || rank > len(list) || list[rank-1] != none {
			c.about(ViolationOrder, w, fmt.Sprintf("rank %d at the destination", rank))
			whole = false
			continue
		}
		list[rank-1] = w
	}
	if whole {
		c.destinationOrders()
	}
}

func (c *claim) destinationOrders() {
	wrong := func(code string, w int32) {
		c.about(code, w, fmt.Sprintf("rank %d at the destination", c.choice(w).Rank))
	}
	for _, list := range c.listed {
		if !c.oneList() {
			c.sequence(list, sequence{
				group:  func(w int32) int { return c.share[c.line[w]] },
				before: func(v, w int32) bool { _, by := c.shownWishes(v, w); return by < 0 },
				wrong:  wrong,
			})
			continue
		}
		for k := 1; k < len(list); k++ { // the order of the list, shares included
			if c.line[list[k-1]] >= c.line[list[k]] {
				wrong(ViolationOrder, list[k])
			}
		}
	}
}

// standings checks that Standing is the order in which wishes compete, among
// all that draw on a common pool. One's own wishes may share a number.
func (c *claim) standings() {
	for _, list := range c.listed {
		c.rising(list, true)
	}
	across := make([][]int32, len(c.in.Pools)) // the wishes of pools with several destinations
	for w := range int32(len(c.line)) {
		for _, p := range c.pools[c.at[w]] {
			if c.open[w] && c.span[p] > 1 {
				across[p] = append(across[p], w)
			}
		}
	}
	for _, ws := range across {
		slices.SortStableFunc(ws, func(v, w int32) int { return c.choice(v).Standing - c.choice(w).Standing })
		c.rising(ws, false)
	}
}

// rising checks wishes that are to follow one another. listed says that their
// order has been checked.
func (c *claim) rising(ws []int32, listed bool) {
	for k, w := range ws {
		standing := c.choice(w).Standing
		ok := standing > 0
		if k > 0 && c.line[ws[k-1]] != c.line[w] {
			ok = ok && c.choice(ws[k-1]).Standing < standing && (listed || c.shownBefore(ws[k-1], w))
		}
		if !ok {
			c.about(ViolationOrder, w, fmt.Sprintf("standing %d", standing))
		}
	}
}

func (c *claim) shownBefore(v, w int32) bool {
	if c.oneList() {
		return c.line[v] < c.line[w]
	}
	_, by := c.shownWishes(v, w)
	return by < 0
}
