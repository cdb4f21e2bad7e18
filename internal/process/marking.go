package process

import (
	"encoding/json"
	"fmt"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
)

// MarkedCriterion is a criterion that assessors mark: how, and with how many
// decimals.
type MarkedCriterion struct {
	Key   string
	Label mobility.Texts
	Scale int32
	scheme.Marking
}

// MarkedCriteria turns schemes.marked into what assessors mark, in the
// scheme's order; call_scheme.go writes it.
func MarkedCriteria(criteria []byte) ([]MarkedCriterion, error) {
	var plans []markedPlan
	if err := json.Unmarshal(criteria, &plans); err != nil {
		return nil, fmt.Errorf("read the scheme: %w", err)
	}
	var out []MarkedCriterion
	for _, p := range plans {
		out = append(out, p.marked())
	}
	return out, nil
}

func (m markedPlan) marked() MarkedCriterion {
	how := scheme.Marking{
		Min: m.Min, Max: m.Max, Step: m.Step, Assessors: max(m.Assessors, 1), Combine: m.Combine,
	}
	if how.Combine == "" {
		how.Combine = scheme.CombineMean
	}
	if m.Spread != nil {
		how.SpreadLimit = decimal.NewNullDecimal(*m.Spread)
	}
	return MarkedCriterion{Key: m.Key, Label: m.Label, Scale: m.Scale, Marking: how}
}

// Shared reports whether one mark is wanted and whoever may give it may
// correct it, instead of each assessor having a mark of their own.
func (c MarkedCriterion) Shared() bool { return c.Assessors <= 1 }

// Verdict is what the marks for one criterion of one file come to.
type Verdict struct {
	Combined decimal.NullDecimal // of the marks there are
	Given    int
	Wanted   int
	Spread   decimal.Decimal
	Apart    bool // further than the limit: one more assessor is asked for, until their mark is there
}

// Complete reports whether there are as many marks as are wanted.
func (v Verdict) Complete() bool { return v.Given >= v.Wanted }

// Verdict weighs marks.
func (c MarkedCriterion) Verdict(marks []decimal.Decimal) Verdict {
	v := Verdict{Given: len(marks), Wanted: c.Wanted(marks), Spread: scheme.Spread(marks)}
	v.Combined.Decimal, v.Combined.Valid = c.Combined(marks, c.Scale)
	v.Apart = v.Wanted > max(c.Assessors, 1)
	return v
}

// InRange reports whether points may stand for the criterion.
func (c MarkedCriterion) InRange(points decimal.Decimal) bool {
	return !points.LessThan(c.Min) && !points.GreaterThan(c.Max)
}

// CombineMarks is what the marks of one file, by key, come to: a value for
// each criterion that has all the marks it wants. Marks outside a range that
// has changed since count nothing until they are given again.
func CombineMarks(criteria []MarkedCriterion, marks map[string][]decimal.Decimal) map[string]decimal.Decimal {
	out := map[string]decimal.Decimal{}
	for _, c := range criteria {
		if v := c.Verdict(c.standing(marks[c.Key])); v.Complete() {
			out[c.Key] = v.Combined.Decimal
		}
	}
	return out
}

func (c MarkedCriterion) standing(marks []decimal.Decimal) []decimal.Decimal {
	var out []decimal.Decimal
	for _, m := range marks {
		if c.InRange(m) {
			out = append(out, m)
		}
	}
	return out
}
