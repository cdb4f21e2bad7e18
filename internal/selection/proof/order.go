package proof

import (
	"bytes"
	"cmp"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// The declared orders. Each comparison says by which rule the two differ and
// is negative where the first comes first.

// people compares two lines by what they count on their own.
func (c *claim) people(i, j int32) (selection.Rule, int) {
	a, b := c.who[i], c.who[j]
	var rule selection.Rule
	var by int
	switch c.in.Method {
	case selection.MethodLottery:
		rule, by = selection.RuleClass, cmp.Compare(a.Class, b.Class)
	case selection.MethodFirstCome:
		if rule, by = selection.RuleClass, cmp.Compare(a.Class, b.Class); by == 0 {
			rule, by = selection.RuleArrival, cmp.Compare(a.Arrived, b.Arrived)
		}
	default:
		rule, by = merit(a, b, selection.Wish{Class: a.Class, Points: a.Points}, selection.Wish{Class: b.Class, Points: b.Points})
	}
	if by != 0 {
		return rule, by
	}
	return c.last(i, j)
}

// wishes compares two wishes as destinations see them. Zero is between equal
// ones where no rule is to decide, and between wishes of one applicant.
func (c *claim) wishes(v, w int32) (selection.Rule, int) {
	i, j := c.line[v], c.line[w]
	if c.oneList() {
		return c.people(i, j)
	}
	if c.in.Method == selection.MethodFirstChoice {
		if by := cmp.Compare(v-c.first[i], w-c.first[j]); by != 0 {
			return selection.RulePreference, by
		}
	}
	if rule, by := merit(c.who[i], c.who[j], *c.wish(v), *c.wish(w)); by != 0 {
		return rule, by
	}
	return c.last(i, j)
}

// merit is class, points and the tie chain.
func merit(a, b *selection.Applicant, x, y selection.Wish) (selection.Rule, int) {
	if x.Class != y.Class {
		return selection.RuleClass, cmp.Compare(x.Class, y.Class)
	}
	if by := y.Points.Cmp(x.Points); by != 0 {
		return selection.RulePoints, by
	}
	at, bt := tiesOf(a, x), tiesOf(b, y)
	for k := range at {
		if by := bt[k].Cmp(at[k]); by != 0 {
			return selection.Rule(k + 1), by
		}
	}
	return selection.RuleID, 0
}

// tiesOf is the tie chain of a wish: its own or that of its owner.
func tiesOf(a *selection.Applicant, w selection.Wish) []decimal.Decimal {
	if w.Ties == nil {
		return a.Ties
	}
	return w.Ties
}

// last is the rule that decides between people who are equal in all else:
// none where tied groups stay whole.
func (c *claim) last(i, j int32) (selection.Rule, int) {
	switch {
	case i == j:
		return selection.RuleID, 0
	case c.lots != nil:
		if by := bytes.Compare(c.lots[i][:], c.lots[j][:]); by != 0 {
			return selection.RuleLot, by
		}
	case c.keepsTies():
		return selection.RuleID, 0
	}
	return c.byID(i, j)
}

func (c *claim) byID(i, j int32) (selection.Rule, int) {
	return selection.RuleID, bytes.Compare(c.who[i].ID[:], c.who[j].ID[:])
}

// shownPeople and shownWishes are the orders in which equal ones are listed
// where nothing decides between them.
func (c *claim) shownPeople(i, j int32) (selection.Rule, int) {
	if rule, by := c.people(i, j); by != 0 {
		return rule, by
	}
	return c.byID(i, j)
}

func (c *claim) shownWishes(v, w int32) (selection.Rule, int) {
	if rule, by := c.wishes(v, w); by != 0 {
		return rule, by
	}
	return c.byID(c.line[v], c.line[w])
}

// before is the strict order in which wishes compete. One's own wishes that
// count the same go by preference.
func (c *claim) before(v, w int32) bool {
	if c.oneList() { // in the order that the shares made of the list
		return c.line[v] < c.line[w] || c.line[v] == c.line[w] && v < w
	}
	_, by := c.wishes(v, w)
	return by < 0 || by == 0 && v < w
}
