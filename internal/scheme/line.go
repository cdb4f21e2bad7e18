package scheme

import (
	"math/big"

	"github.com/shopspring/decimal"
)

// line scores one criterion here.
func (f *frame) line(i int) Line {
	c := &f.p.criteria[i]
	l := Line{Key: c.Key, Aside: c.Aside, Max: c.most, Weight: c.Weight}
	f.mark = nil
	if c.Mark != nil {
		f.mark = f.assess(c, &l)
	}
	out := f.outcome(c, &l)
	l.Rule, l.Clamped = out.rule, out.clamped
	f.sums[i] = sum{done: true, lack: out.lack}
	switch {
	case out.lack == nil:
		points, cut := clamp(c.weighted(out.points), c.min, c.max)
		l.Clamped = l.Clamped || cut
		l.Points = roundRat(points, c.scale)
	case c.missing != nil:
		l.Points, l.Stood = roundRat(c.missing, c.scale), true
		l.Missing = out.lack.inputs
		f.sums[i].lack = nil
	default:
		l.Lack, l.Missing = out.lack.code, out.lack.inputs
	}
	f.sums[i].points = l.Points
	return l
}

func (c *criterionProgram) weighted(points *big.Rat) *big.Rat {
	if c.weight == nil {
		return points
	}
	return new(big.Rat).Mul(points, c.weight)
}

// outcome applies the variant that fits, or the criterion's points.
func (f *frame) outcome(c *criterionProgram, l *Line) outcome {
	for i := range c.variants {
		v := &c.variants[i]
		fits, lacking := v.when.eval(f)
		if lacking != nil {
			l.Inputs = f.shownInputs(v.asked)
			return outcome{rule: Rule{Kind: c.Variants[i].Points.rule()}, lack: lacking}
		}
		if fits.truth {
			l.Variant = i + 1
			l.Inputs = f.shownInputs(v.shown)
			return v.step.apply(f)
		}
	}
	l.Inputs = f.shownInputs(c.shown)
	if c.points == nil {
		return outcome{lack: &lack{code: LackVariant}}
	}
	return c.points.apply(f)
}

// assess combines the marks of a criterion.
func (f *frame) assess(c *criterionProgram, l *Line) *marked {
	marks := f.marks[c.Key]
	if c.Per == "" && f.app != nil {
		marks = f.app.marks[c.Key]
	}
	l.Marks = c.Mark.counting(marks)
	l.Wanted = c.Mark.Wanted(l.Marks)
	out := &marked{}
	if len(l.Marks) == 0 {
		out.lack = &lack{code: LackMarks}
		return out
	}
	l.Spread = decimal.NewNullDecimal(Spread(l.Marks))
	out.value = numberValue(c.Mark.exact(l.Marks))
	l.Mark = decimal.NewNullDecimal(roundRat(out.value.num, c.scale))
	if len(l.Marks) < l.Wanted {
		out.lack = &lack{code: LackMarks}
	}
	return out
}
