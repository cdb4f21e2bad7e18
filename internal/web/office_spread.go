package web

import (
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// bins are where the drawing of points begins and how wide a tenth of it is:
// what the scheme can give, else what the run gave.
func (r ranking) bins() (from, step decimal.Decimal) {
	low, high := r.scheme.rules.MinTotal(), r.scheme.rules.MaxTotal()
	for _, e := range r.run.entries {
		if !low.Valid || (!high.Valid && e.points.LessThan(low.Decimal)) {
			low = decimal.NewNullDecimal(e.points)
		}
	}
	if !high.Valid {
		high = low
		for _, e := range r.run.entries {
			high.Decimal = decimal.Max(high.Decimal, e.points)
		}
	}
	return low.Decimal, high.Decimal.Sub(low.Decimal).DivRound(decimal.NewFromInt(10), 4)
}

// spreadPart draws how points are spread, in ten bins, with the lowest
// points that got a place. Who is barred from a file sees none of it before
// publication: the cut-off may be at a destination that file names.
func (q *request) spreadPart(r ranking) page.Part {
	barred := slices.ContainsFunc(r.places, func(d store.OfficeRoundPlacesRow) bool { return d.Barred })
	if len(r.run.entries) == 0 || (barred && !r.published()) {
		return page.Part{}
	}
	from, step := r.bins()
	s := page.Spread{ID: "spread", Title: q.loc.T("ranking.spread")}
	for i := range 10 {
		s.Bins = append(s.Bins, page.Bin{From: from.Add(step.Mul(decimal.NewFromInt(int64(i)))), To: from.Add(step.Mul(decimal.NewFromInt(int64(i + 1))))})
	}
	for _, e := range r.run.entries {
		if e.rank == 0 || !step.IsPositive() {
			continue
		}
		i := len(s.Bins) - 1
		for i > 0 && e.points.LessThan(s.Bins[i].From) {
			i--
		}
		s.Bins[i].Count++
		if e.outcome == lifecycle.OutcomePlaced && (s.CutOff == nil || e.points.LessThan(*s.CutOff)) {
			s.CutOff = &e.points
		}
	}
	if !slices.ContainsFunc(s.Bins, func(b page.Bin) bool { return b.Count > 0 }) {
		return page.Part{}
	}
	return page.Part{ID: "distribution", Spread: page.DistributionOf(q.loc, s)}
}
