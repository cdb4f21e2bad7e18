package scheme

import (
	"math/big"

	"github.com/shopspring/decimal"
)

func (c *compiler) criterion(one *Criterion, at string) {
	p := criterionProgram{
		Criterion: one, scale: c.s.scale(one), weight: ratOf(one.Weight), min: ratOf(one.Min), max: ratOf(one.Max), missing: ratOf(one.Missing),
	}
	if p.scale < 0 || p.scale > maxScale {
		p.scale = maxScale
		if one.Scale != nil {
			c.add(under(at, "scale"), codeScale, nil)
		}
	}
	c.scope.mark = nil
	if one.Mark != nil {
		c.marking(one.Mark, under(at, "mark"))
		p.mark = span{one.Mark.Min.Rat(), one.Mark.Max.Rat()}
		c.scope.mark = &p.mark
	}
	used := c.steps(&p, at)
	if one.Mark != nil && len(one.Variants)+btoi(one.Points != nil) > 0 && !used.mark {
		c.add(at, codeMarkUnused, nil)
	}
	c.scope.mark = nil
	reads := c.per(used)
	p.per = reads || one.Mark != nil && one.Per != ""
	if p.per && one.Per == "" {
		c.add(at, codePerMissing, nil)
	}
	if !p.per && one.Per != "" {
		c.add(under(at, "per"), codePerNotNeeded, nil)
	}
	if p.weight != nil && p.weight.Sign() <= 0 {
		c.add(under(at, "weight"), codeWeight, nil)
	}
	c.bounds(at, one.Min, one.Max)
	for _, end := range []decimal.NullDecimal{one.Min, one.Max} {
		if end.Valid && end.Decimal.Exponent() < -p.scale {
			c.add(at, codeFine, map[string]any{"Value": end.Decimal, "Scale": p.scale})
		}
	}
	c.p.criteria = append(c.p.criteria, p)
}

// steps compiles variants and points; what they all use together.
func (c *compiler) steps(p *criterionProgram, at string) uses {
	var used uses
	var asked []int
	for i := range p.Variants {
		here := nth(under(at, "variants"), i)
		v := variantProgram{}
		v.when, v.uses = c.readKind(under(here, "when"), p.Variants[i].When, c.scope, isTruth)
		v.step = c.transform(p.Variants[i].Points, under(here, "points"))
		used.add(v.uses)
		used.add(v.step.uses)
		asked = append(asked, v.uses.inputs...)
		v.shown, v.asked = c.behind(v.step.uses.inputs, v.uses.inputs), c.behind(asked)
		p.variants = append(p.variants, v)
	}
	switch {
	case p.Points != nil:
		s := c.transform(p.Points, under(at, "points"))
		p.points = &s
	case p.Mark != nil:
		s := asMarked(*p.Mark)
		p.points = &s
	case len(p.Variants) == 0:
		c.add(at, codeNoPoints, nil)
	}
	p.shown = c.behind(asked)
	if p.points != nil {
		used.add(p.points.uses)
		p.shown = c.behind(p.points.uses.inputs, asked)
	}
	return used
}

func (c *compiler) transform(t Transform, at string) step {
	if t == nil {
		c.add(at, codeNoPoints, nil)
		return step{}
	}
	if !inline(t.rule()) && t.rule() != RuleFixed {
		at = under(at, t.rule())
	}
	return t.compile(c, at)
}

// asMarked is a mark as it was given.
func asMarked(m Marking) step {
	rule := Rule{Kind: RuleMark, Numbers: numbers{"Min": m.Min, "Max": m.Max}}
	return step{
		uses: uses{mark: true},
		span: span{m.Min.Rat(), m.Max.Rat()},
		apply: func(f *frame) outcome {
			v, l := f.combined()
			return outcome{points: v.num, rule: rule, lack: l}
		},
	}
}

func (c *compiler) marking(m *Marking, at string) {
	if !m.Min.LessThan(m.Max) {
		c.add(at, codeMarkRange, map[string]any{"Min": m.Min, "Max": m.Max})
	} else if m.Step.IsNegative() || m.Step.IsPositive() && !m.Max.Sub(m.Min).Mod(m.Step).IsZero() {
		c.add(under(at, "step"), codeMarkStep, map[string]any{"Min": m.Min, "Max": m.Max, "Step": m.Step})
	}
	const most = 20
	if m.Assessors < 1 || m.Assessors > most {
		c.add(under(at, "assessors"), codeAssessors, map[string]any{"Max": most})
	}
	if m.SpreadLimit.Valid && m.SpreadLimit.Decimal.IsNegative() {
		c.add(under(at, "spread"), codeRange, map[string]any{"Min": decimal.Zero, "Max": m.SpreadLimit.Decimal})
	}
}

func (c *compiler) bounds(at string, low, high decimal.NullDecimal) { c.ordered(at, low, high) }

func (c *compiler) gates() {
	for i := range c.s.Gates {
		g := &c.s.Gates[i]
		at := nth("gates", i)
		p := gateProgram{Gate: g}
		if (g.Require == "") == (g.Veto == "") {
			c.add(at, codeGate, nil)
		}
		if reservedGate(g.Key) {
			c.add(under(at, "key"), codeReserved, map[string]any{"Key": g.Key})
		}
		if g.Require != "" {
			p.expr, p.uses = c.readKind(under(at, "require"), g.Require, c.all(), isTruth)
			p.per, p.shown = c.perDeclared(p.uses, g.Per, at), c.behind(p.uses.inputs)
		} else {
			p.per = g.Per != ""
		}
		c.p.shared = c.p.shared && !p.per
		c.p.gates = append(c.p.gates, p)
	}
}

// perDeclared holds that a condition says whether it differs per destination.
func (c *compiler) perDeclared(u uses, said, at string) bool {
	per := c.per(u)
	switch {
	case per && said == "":
		c.add(at, codePerMissing, nil)
	case !per && said != "":
		c.add(under(at, "per"), codePerNotNeeded, nil)
	}
	return per
}

// all is the scope of gates and ties, where points are known.
func (c *compiler) all() scope {
	sc := c.scope
	sc.total = true
	sc.criteria = map[string]int{}
	for i := range c.p.criteria {
		sc.criteria[c.p.criteria[i].Key] = i
	}
	return sc
}

func (c *compiler) classes() {
	for i := range c.s.Classes {
		one := &c.s.Classes[i]
		at := nth("classes", i)
		var p condition
		switch {
		case one.When != "":
			p.expr, p.uses = c.readKind(under(at, "when"), one.When, c.scope, isTruth)
			p.per = c.per(p.uses)
			c.p.perClass = c.p.perClass || p.per
		case i < len(c.s.Classes)-1:
			c.add(at, codeClassRest, nil)
		}
		c.p.classes = append(c.p.classes, p)
	}
}

func (c *compiler) ties() {
	for i := range c.s.Ties {
		at := under(nth("ties", i), "of")
		e, u := c.readKind(at, c.s.Ties[i].Of, c.all(), isNumber, isTruth, isLevel, isDate)
		c.p.ties = append(c.p.ties, condition{expr: e, uses: u, per: c.per(u)})
	}
}

// reservedGate reports whether a key already says why somebody is not ranked.
func reservedGate(key string) bool { return key == ExcludedMissing || key == ExcludedMarks }

func ratOf(d decimal.NullDecimal) *big.Rat {
	if !d.Valid {
		return nil
	}
	return d.Decimal.Rat()
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
