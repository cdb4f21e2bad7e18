package scheme

import (
	"math/big"
	"slices"

	"github.com/shopspring/decimal"
)

// How each transform is compiled.

type numbers = map[string]decimal.Decimal

func (t *Fixed) compile(*compiler, string) step {
	points, rule := t.Points.Rat(), Rule{Kind: RuleFixed}
	return step{span: point(points), apply: func(*frame) outcome { return outcome{points: points, rule: rule} }}
}

func (t *Formula) compile(c *compiler, at string) step {
	e, u := c.readKind(under(at, "formula"), t.Expr, c.scope, isNumber)
	if e == nil {
		return step{}
	}
	rule := Rule{Kind: RuleFormula, Words: map[string]string{"Formula": t.Expr}}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		return outcome{points: v.num, rule: rule, lack: l}
	}, e.span()}
}

func (t *When) compile(c *compiler, at string) step {
	e, u := c.readKind(under(at, "when"), t.Cond, c.scope, isTruth)
	if e == nil {
		return step{}
	}
	yes, no := t.Points.Rat(), t.Otherwise.Rat()
	rule := Rule{Kind: RuleWhen, Numbers: numbers{"Points": t.Points, "Otherwise": t.Otherwise}, Words: map[string]string{"Condition": t.Cond}}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		if v.truth {
			return outcome{points: yes, rule: rule, lack: l}
		}
		return outcome{points: no, rule: rule, lack: l}
	}, point(yes).or(point(no))}
}

func (t *Linear) compile(c *compiler, at string) step {
	e, u := c.readKind(under(at, "of"), t.Of, c.scope, isNumber)
	if t.Best.Equal(t.Worst) {
		c.add(under(at, "best"), codeBestWorst, nil)
		return step{}
	}
	if !t.Min.LessThan(t.Max) {
		c.add(at, codeRange, map[string]any{"Min": t.Min, "Max": t.Max})
	}
	if e == nil {
		return step{}
	}
	worst := t.Worst.Rat()
	low, high := t.Best.Rat(), worst
	if low.Cmp(high) > 0 {
		low, high = high, low
	}
	slope := new(big.Rat).Quo(t.Max.Sub(t.Min).Rat(), t.Best.Sub(t.Worst).Rat())
	bottom := t.Min.Rat()
	rule := Rule{Kind: RuleLinear, Numbers: numbers{"Best": t.Best, "Worst": t.Worst, "Max": t.Max, "Min": t.Min}}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		if l != nil {
			return outcome{rule: rule, lack: l}
		}
		x, clamped := clamp(v.num, low, high)
		x = new(big.Rat).Sub(x, worst)
		return outcome{points: x.Add(x.Mul(x, slope), bottom), clamped: clamped, rule: rule}
	}, span{bottom, t.Max.Rat()}}
}

// clamp is x, or the end it lies beyond.
func clamp(x, low, high *big.Rat) (*big.Rat, bool) {
	switch {
	case low != nil && x.Cmp(low) < 0:
		return low, true
	case high != nil && x.Cmp(high) > 0:
		return high, true
	}
	return x, false
}

func (t *Ratio) compile(c *compiler, at string) step {
	of, u := c.readKind(under(at, "of"), t.Of, c.scope, isNumber)
	expected, more := c.readKind(under(at, "expected"), t.Expected, c.scope, isNumber)
	u.add(more)
	if !t.Max.IsPositive() {
		c.add(under(at, "max"), codeRatioMax, nil)
	}
	if of == nil || expected == nil {
		return step{}
	}
	most, least := t.Max.Rat(), new(big.Rat)
	ratio := arithmetic{'*', number(most), arithmetic{'/', of, expected}}
	rule := Rule{Kind: RuleRatio, Numbers: numbers{"Max": t.Max}, Words: map[string]string{"Of": t.Of, "Expected": t.Expected}}
	return step{u, func(f *frame) outcome {
		v, l := ratio.eval(f)
		if l != nil {
			return outcome{rule: rule, lack: l}
		}
		x, clamped := clamp(v.num, least, most)
		return outcome{points: x, clamped: clamped, rule: rule}
	}, span{least, most}}
}

func (t *Each) compile(c *compiler, at string) step {
	e, u := c.readKind(under(at, "of"), t.Of, c.scope, isNumber)
	if t.Most.Valid && t.Most.Decimal.Sign() != t.Points.Sign() {
		c.add(under(at, "most"), codeMostSign, map[string]any{"Points": t.Points, "Most": t.Most.Decimal})
	}
	if e == nil {
		return step{}
	}
	each, low, high := t.Points.Rat(), (*big.Rat)(nil), ratOf(t.Most)
	rule := Rule{Kind: RuleEach, Numbers: numbers{"Points": t.Points}}
	if t.Most.Valid {
		rule.Numbers["Most"] = t.Most.Decimal
	}
	if t.Points.IsNegative() {
		low, high = high, nil
	}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		if l != nil {
			return outcome{rule: rule, lack: l}
		}
		x, clamped := clamp(new(big.Rat).Mul(v.num, each), low, high)
		return outcome{points: x, clamped: clamped, rule: rule}
	}, e.span().times(point(each)).cut(low, high)}
}

// entry is one row of a compiled table.
type entry struct {
	value  value
	points *big.Rat
	rule   Rule
}

func (t *Lookup) compile(c *compiler, at string) step {
	e, u := c.read(under(at, "of"), t.Of, c.scope)
	if e == nil {
		return step{}
	}
	table := map[string]entry{}
	for _, row := range t.Table {
		v, ok := readLiteral(row.Value, e.kind())
		if !ok {
			c.badValue(under(under(at, "points"), row.Value), row.Value, e.kind())
			continue
		}
		rule := Rule{Kind: RuleLookup, Words: map[string]string{"Value": row.Value}}
		table[v.key()] = entry{v, row.Points.Rat(), rule}
	}
	c.complete(t, e, table, at)
	around := tableSpan(table, t.Otherwise)
	other := entry{points: ratOf(t.Otherwise), rule: Rule{Kind: RuleLookup}}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		if l != nil {
			return outcome{rule: other.rule, lack: l}
		}
		row, ok := table[v.key()]
		switch {
		case ok:
			return outcome{points: row.points, rule: row.rule}
		case other.points == nil: // a word nobody listed, of a choice that lists them: not possible
			return outcome{rule: other.rule, lack: &lack{code: LackUnreadable}}
		}
		return outcome{points: other.points, rule: other.rule}
	}, around}
}

func tableSpan(table map[string]entry, otherwise decimal.NullDecimal) span {
	var out span
	if otherwise.Valid {
		out = point(otherwise.Decimal.Rat())
	}
	for _, row := range table {
		if !out.finite() {
			out = point(row.points)
		}
		out = out.or(point(row.points))
	}
	return out
}

func (c *compiler) badValue(at, text string, kind valueKind) {
	c.add(at, codeBadValue, map[string]any{"Value": text, "Kind": kind.words()})
}

// key is the value as a key of a map.
func (v value) key() string {
	switch v.kind {
	case isTruth:
		return [2]string{"no", "yes"}[btoi(v.truth)]
	case isWord:
		return v.word
	default:
		return v.num.RatString()
	}
}

// complete holds that a table without otherwise names every value there is.
func (c *compiler) complete(t *Lookup, e expr, table map[string]entry, at string) {
	var all []string
	switch e.kind() {
	case isLevel:
		all = Levels
	case isTruth:
		all = []string{"yes", "no"}
	case isWord:
		if in, ok := e.(inputName); ok {
			all = c.scope.options[in.index]
		}
		for _, row := range t.Table {
			if len(all) > 0 && !slices.Contains(all, row.Value) {
				c.badValue(under(under(at, "points"), row.Value), row.Value, isWord)
			}
		}
	default: // of numbers and days there is no end
	}
	if t.Otherwise.Valid {
		return
	}
	if len(all) == 0 {
		c.add(at, codeLookupKind, nil)
		return
	}
	for _, s := range all {
		if v, ok := readLiteral(s, e.kind()); ok {
			if _, there := table[v.key()]; !there {
				c.add(at, codeEntryLacks, map[string]any{"Value": s})
			}
		}
	}
}
