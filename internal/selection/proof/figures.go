package proof

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// figures counts each destination anew.
func (c *claim) figures() {
	if len(c.result.Destinations) != len(c.in.Destinations) {
		c.add(Violation{Code: ViolationReason, Detail: "figures of every destination, once"})
		return
	}
	order := make([]int, len(c.in.Destinations))
	for d := range order {
		order[d] = d
	}
	slices.SortFunc(order, func(a, b int) int {
		return bytes.Compare(c.in.Destinations[a].ID[:], c.in.Destinations[b].ID[:])
	})
	for k, d := range order {
		if got := c.result.Destinations[k]; !sameFigures(got, c.count(int32(d))) {
			c.add(Violation{Code: ViolationReason, Destination: got.Destination, Detail: fmt.Sprintf("figures %+v, should be %+v", got, c.count(int32(d)))})
		}
	}
}

// count is what there is to say about one destination; the lowest and the
// highest are by points, whatever put who first.
func (c *claim) count(d int32) selection.Figures {
	f := selection.Figures{Destination: c.in.Destinations[d].ID, Listed: len(c.listed[d])}
	for _, w := range c.listed[d] {
		g := c.got[c.line[w]]
		points := decimal.NewNullDecimal(c.wish(w).Points)
		switch {
		case g == w:
			f.Admitted++
			if !f.LowestAdmitted.Valid || points.Decimal.LessThan(f.LowestAdmitted.Decimal) {
				f.LowestAdmitted = points
			}
		case c.asks[w] && (g == none || w < g):
			f.Refused++
			if !f.HighestRefused.Valid || points.Decimal.GreaterThan(f.HighestRefused.Decimal) {
				f.HighestRefused = points
			}
		}
		if c.choice(w).Outcome == selection.Reserve {
			f.Waiting++
		}
	}
	if least := c.in.Destinations[d].Minimum; least > f.Admitted {
		f.Lacking = least - f.Admitted
	}
	f.Over = c.over(d, f.Admitted)
	return f
}

// over is how many were admitted beyond the fewest places that bind everybody
// there: with a tied group.
func (c *claim) over(d int32, admitted int) int {
	over := 0
	for _, p := range c.pools[d] {
		if pool := c.in.Pools[p]; c.in.Tied == selection.TiedAdmit && pool.Group == "" {
			over = max(over, admitted-pool.Free)
		}
	}
	return over
}

func sameFigures(a, b selection.Figures) bool {
	same := func(x, y decimal.NullDecimal) bool {
		return x.Valid == y.Valid && (!x.Valid || x.Decimal.Equal(y.Decimal))
	}
	low, high := same(a.LowestAdmitted, b.LowestAdmitted), same(a.HighestRefused, b.HighestRefused)
	a.LowestAdmitted, a.HighestRefused, b.LowestAdmitted, b.HighestRefused = decimal.NullDecimal{}, decimal.NullDecimal{}, decimal.NullDecimal{}, decimal.NullDecimal{}
	return a == b && low && high
}
