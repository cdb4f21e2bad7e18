package proof

import (
	"fmt"

	"peregrine/internal/selection"
)

// reserves checks who waits where and in which order: everybody without any
// place, at every wish that was open to them, in the destination's order, as
// far as the reserve reaches.
func (c *claim) reserves() {
	for _, list := range c.listed {
		waiting := 0
		for _, w := range list {
			want := 0
			if c.got[c.line[w]] == none && !c.in.NoReserve {
				if waiting++; c.in.ReserveLimit == 0 || waiting <= c.in.ReserveLimit {
					want = waiting
				}
			}
			x := c.choice(w)
			if x.Reserve != want || (x.Outcome == selection.Reserve) != (want > 0) {
				c.about(ViolationReserve, w, fmt.Sprintf("%s at position %d, should be %d", x.Outcome, x.Reserve, want))
			}
		}
	}
	for w := range int32(len(c.line)) {
		if !c.open[w] && c.choice(w).Reserve != 0 {
			c.about(ViolationReserve, w, "waits, though not let in")
		}
	}
}

// money checks that grants go down the order of those placed, a share's group
// first where it is due, to everybody for whom each pool that counts them has
// one left.
func (c *claim) money() {
	order := make([]int32, 0, len(c.who))
	placed := 0
	for i := range c.who {
		if c.got[i] != none {
			placed++
		}
	}
	by := make([]int32, placed+1)
	for i := range c.result.Entries {
		e := &c.result.Entries[i]
		switch due := c.got[i] != none && len(c.in.Money) > 0; {
		case !due && (e.GrantRank != 0 || e.Grant != ""):
			c.add(Violation{Code: ViolationMoney, Applicant: e.Applicant, Detail: "no grant to be had"})
		case due && (e.GrantRank < 1 || e.GrantRank > placed || by[e.GrantRank] != 0):
			c.add(Violation{Code: ViolationMoney, Applicant: e.Applicant, Detail: fmt.Sprintf("rank %d of grants", e.GrantRank)})
		case due:
			by[e.GrantRank] = int32(i) + 1
		}
	}
	for _, i := range by[1:] {
		if i > 0 {
			order = append(order, i-1)
		}
	}
	c.moneyOrder(order)
	c.moneyGiven(order)
}

func (c *claim) moneyOrder(order []int32) {
	c.sequence(order, sequence{
		group:  func(i int32) int { return c.share[i] },
		before: func(i, j int32) bool { _, by := c.shownPeople(i, j); return by < 0 },
		wrong: func(code string, i int32) {
			c.add(Violation{Code: ViolationMoney, Applicant: c.who[i].ID, Detail: code})
		},
	})
}

func (c *claim) moneyGiven(order []int32) {
	left := make([]int, len(c.in.Money))
	for p := range left {
		left[p] = c.in.Money[p].Free
	}
	for _, i := range order {
		want := selection.WithGrant
		for p, pool := range c.in.Money {
			if counts(pool, c.who[i]) && left[p] <= 0 {
				want = selection.WithoutGrant
			}
		}
		if want == selection.WithGrant {
			for p, pool := range c.in.Money {
				if counts(pool, c.who[i]) {
					left[p]--
				}
			}
		}
		if e := &c.result.Entries[i]; e.Grant != want {
			c.add(Violation{Code: ViolationMoney, Applicant: e.Applicant, Detail: fmt.Sprintf("%q, should be %q", e.Grant, want)})
		}
	}
}
