package scheme

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// MaxTotal is the most points anybody can have in all; not valid where there
// is no most. It may be more than anybody can really have where one input
// counts both for and against.
func (s *Scheme) MaxTotal() decimal.NullDecimal {
	_, high := s.totals()
	return high
}

// MinTotal is the fewest points anybody can have in all; not valid where
// there is no fewest.
func (s *Scheme) MinTotal() decimal.NullDecimal {
	low, _ := s.totals()
	return low
}

// Range is between what a criterion's points lie, rounded; an end is not valid
// where there is none.
func (s *Scheme) Range(key string) (low, high decimal.NullDecimal) {
	p, _ := compile(s)
	if p == nil {
		return low, high
	}
	for i := range p.criteria {
		if c := &p.criteria[i]; c.Key == key {
			around := c.span()
			return roundEnd(around.lo, c.scale), roundEnd(around.hi, c.scale)
		}
	}
	return low, high
}

func (s *Scheme) totals() (low, high decimal.NullDecimal) {
	p, _ := compile(s)
	if p == nil {
		return low, high
	}
	low, high = decimal.NewNullDecimal(decimal.Zero), decimal.NewNullDecimal(decimal.Zero)
	for i := range p.criteria {
		c := &p.criteria[i]
		if c.Aside {
			continue
		}
		around := c.span()
		low, high = addEnds(low, roundEnd(around.lo, c.scale)), addEnds(high, roundEnd(around.hi, c.scale))
	}
	return s.Total.cut(low, s.Total.Min), s.Total.cut(high, s.Total.Max)
}

func addEnds(a, b decimal.NullDecimal) decimal.NullDecimal {
	if !a.Valid || !b.Valid {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(a.Decimal.Add(b.Decimal))
}

// span is between what a criterion's points lie, before rounding.
func (c *criterionProgram) span() span {
	var out span
	began := false
	add := func(s span) {
		if began {
			s = out.or(s)
		}
		out, began = s, true
	}
	for _, v := range c.variants {
		add(v.step.span)
	}
	if c.points != nil {
		add(c.points.span)
	}
	if c.weight != nil {
		out = out.scaled(c.weight)
	}
	out = out.cut(c.min, c.max)
	if c.missing != nil {
		out = out.or(point(c.missing))
	}
	return out
}

func roundEnd(r *big.Rat, scale int32) decimal.NullDecimal {
	if r == nil {
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(roundRat(r, scale))
}

// cut is an end of the total after the scheme's own bounds; an end that is
// not there is one of these, if they are.
func (b Bounds) cut(end, own decimal.NullDecimal) decimal.NullDecimal {
	if !end.Valid {
		return own
	}
	if b.Min.Valid && end.Decimal.LessThan(b.Min.Decimal) {
		return b.Min
	}
	if b.Max.Valid && end.Decimal.GreaterThan(b.Max.Decimal) {
		return b.Max
	}
	return end
}

// DiffersPerDestination reports whether what an expression of a gate or a tie
// comes to can differ from destination to destination; false also where the
// scheme or the expression is wrong.
func (s *Scheme) DiffersPerDestination(expression string) bool {
	probe := *s
	probe.Ties = []Tie{{Of: expression}}
	p, _ := compile(&probe)
	return p != nil && p.ties[0].per
}
