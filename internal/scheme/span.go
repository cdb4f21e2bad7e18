package scheme

import "math/big"

// span is between what a number lies, ends included; nil is without end.
type span struct{ lo, hi *big.Rat }

func point(r *big.Rat) span { return span{r, r} }

func (s span) plus(o span) span { return span{addEnd(s.lo, o.lo), addEnd(s.hi, o.hi)} }

func addEnd(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	return new(big.Rat).Add(a, b)
}

func (s span) negative() span { return span{negEnd(s.hi), negEnd(s.lo)} }

func negEnd(a *big.Rat) *big.Rat {
	if a == nil {
		return nil
	}
	return new(big.Rat).Neg(a)
}

// atLeastZero reports whether nothing of s lies below 0.
func (s span) atLeastZero() bool { return s.lo != nil && s.lo.Sign() >= 0 }

func (s span) finite() bool { return s.lo != nil && s.hi != nil }

func (s span) times(o span) span {
	switch {
	case s.finite() && o.finite():
		var out span
		for i, a := range []*big.Rat{s.lo, s.hi} {
			for j, b := range []*big.Rat{o.lo, o.hi} {
				product := new(big.Rat).Mul(a, b)
				if huge(product) {
					return span{}
				}
				p := point(product)
				if i+j == 0 {
					out = p
				}
				out = out.or(p)
			}
		}
		return out
	case o.isPoint():
		return s.scaled(o.lo)
	case s.isPoint():
		return o.scaled(s.lo)
	case s.atLeastZero() && o.atLeastZero():
		return span{lo: new(big.Rat)}
	}
	return span{}
}

func (s span) isPoint() bool { return s.finite() && s.lo.Cmp(s.hi) == 0 }

// scaled multiplies both ends, so far as there are any.
func (s span) scaled(by *big.Rat) span {
	if by.Sign() == 0 {
		return point(by)
	}
	if by.Sign() < 0 {
		s, by = s.negative(), negEnd(by)
	}
	return span{mulEnd(s.lo, by), mulEnd(s.hi, by)}
}

func mulEnd(a, by *big.Rat) *big.Rat {
	if a == nil {
		return nil
	}
	return new(big.Rat).Mul(a, by)
}

// over divides; a divisor that may be 0 leaves the ends that it cannot reach.
func (s span) over(o span) span {
	switch {
	case o.lo != nil && o.lo.Sign() > 0:
		inverse := span{lo: new(big.Rat), hi: new(big.Rat).Inv(o.lo)}
		if o.hi != nil {
			inverse.lo = new(big.Rat).Inv(o.hi)
		}
		return s.times(inverse)
	case o.hi != nil && o.hi.Sign() < 0:
		return s.negative().over(o.negative())
	case s.atLeastZero() && o.atLeastZero():
		return span{lo: new(big.Rat)}
	}
	return span{}
}

// or is the smallest span around both.
func (s span) or(o span) span {
	return span{lesser(s.lo, o.lo), negEnd(lesser(negEnd(s.hi), negEnd(o.hi)))}
}

// lesser of two lower ends: nil is below everything.
func lesser(a, b *big.Rat) *big.Rat {
	if a == nil || b == nil {
		return nil
	}
	if a.Cmp(b) < 0 {
		return a
	}
	return b
}

// highest is the span of the higher of the two.
func (s span) highest(o span) span {
	lo := s.lo
	if lo == nil || o.lo != nil && o.lo.Cmp(lo) > 0 {
		lo = o.lo
	}
	return span{lo, negEnd(lesser(negEnd(s.hi), negEnd(o.hi)))}
}

// cut leaves what lies between two ends.
func (s span) cut(lo, hi *big.Rat) span {
	if lo != nil {
		s = s.highest(point(lo))
	}
	if hi != nil {
		s = s.negative().highest(point(negEnd(hi))).negative()
	}
	return s
}
