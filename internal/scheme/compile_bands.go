package scheme

import (
	"math/big"
	"slices"
)

func (t *Bands) compile(c *compiler, at string) step {
	e, u := c.readKind(under(at, "of"), t.Of, c.scope, isNumber, isLevel, isDate)
	if len(t.Steps) == 0 {
		c.add(at, codeSteps, nil)
	}
	if e == nil || len(t.Steps) == 0 {
		return step{}
	}
	up := t.Steps[0].From != ""
	rows := c.bandRows(t, e.kind(), under(at, "steps"), up)
	rule := Rule{Kind: RuleBands, Numbers: numbers{"Points": t.Otherwise}}
	outside := t.Otherwise.Rat()
	around := point(outside)
	for _, row := range rows {
		around = around.or(point(row.points))
	}
	return step{u, func(f *frame) outcome {
		v, l := e.eval(f)
		if l != nil {
			return outcome{rule: rule, lack: l}
		}
		if i := band(rows, v.num, up); i >= 0 {
			return outcome{points: rows[i].points, rule: rows[i].rule}
		}
		return outcome{points: outside, rule: rule}
	}, around}
}

// bandRows reads the ends of the steps and sorts them, lowest first.
func (c *compiler) bandRows(t *Bands, kind valueKind, at string, up bool) []entry {
	var rows []entry
	for i, s := range t.Steps {
		here := nth(at, i)
		if (s.From != "") != up || (s.To != "") == up {
			c.add(here, codeStepEnds, nil)
			continue
		}
		end, text, code := "from", s.From, "From"
		if !up {
			end, text, code = "to", s.To, "To"
		}
		v, ok := readLiteral(text, kind)
		switch {
		case !ok:
			c.badValue(under(here, end), text, kind)
			continue
		case slices.ContainsFunc(rows, func(r entry) bool { return r.value.equal(v) }):
			c.add(under(here, end), codeStepTwice, map[string]any{"Value": text})
		}
		rule := Rule{Kind: RuleBands, Numbers: numbers{"Points": s.Points}, Words: map[string]string{code: text}}
		rows = append(rows, entry{v, s.Points.Rat(), rule})
	}
	slices.SortStableFunc(rows, func(a, b entry) int { return a.value.num.Cmp(b.value.num) })
	return rows
}

// band is the step a value falls on: the last whose from is reached, or the
// first whose to is not exceeded; -1 outside all.
func band(rows []entry, x *big.Rat, up bool) int {
	i, found := slices.BinarySearchFunc(rows, x, func(r entry, x *big.Rat) int { return r.value.num.Cmp(x) })
	switch {
	case up && !found:
		return i - 1
	case i == len(rows):
		return -1
	}
	return i
}
