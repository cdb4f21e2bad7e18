package selection

import (
	"fmt"
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Source says where a criterion's points come from.
type Source string

// The sources.
const (
	SourceMark    Source = "mark"    // an assessor's mark, from 0 to Max
	SourceAverage Source = "average" // the study average, mapped linearly: Best gives Max, Worst gives 0
)

// Criterion is one line of a scheme. Best and Worst may run either way (1.00
// best or 5.00 best); an average beyond them counts as the nearer one.
type Criterion struct {
	Key    string          `json:"key"`
	Source Source          `json:"source"`
	Max    decimal.Decimal `json:"max"`
	Scale  int32           `json:"scale"` // decimals of its points
	Best   decimal.Decimal `json:"best,omitzero"`
	Worst  decimal.Decimal `json:"worst,omitzero"`
}

// Scheme says how facts and marks become points. Ties is the chain that
// decides between equal totals, the higher value first: keys of criteria, or
// names of facts (a boolean is 0 or 1; one that nobody stated is 0).
type Scheme struct {
	Criteria []Criterion `json:"criteria"`
	Ties     []string    `json:"ties,omitempty"`
}

// Values are what is known about one application.
type Values struct {
	Marks   map[string]decimal.Decimal // by key of criterion
	Average decimal.NullDecimal
	Facts   map[string]decimal.Decimal // by name in the tie chain
}

// Line is one criterion of a breakdown: what went in, what came out.
type Line struct {
	Key     string              `json:"key"`
	Source  Source              `json:"source"`
	Input   decimal.NullDecimal `json:"input,omitzero"` // not valid: missing
	Points  decimal.Decimal     `json:"points"`
	Max     decimal.Decimal     `json:"max"`
	Best    decimal.Decimal     `json:"best,omitzero"`
	Worst   decimal.Decimal     `json:"worst,omitzero"`
	Clamped bool                `json:"clamped,omitempty"` // the average lay beyond Best or Worst
}

// Breakdown is how the points of one application came about. Total is exact:
// the sum of lines each rounded once (design rule 14).
type Breakdown struct {
	Lines   []Line            `json:"lines"`
	Total   decimal.Decimal   `json:"total"`
	Ties    []decimal.Decimal `json:"ties,omitempty"`
	Missing []string          `json:"missing,omitempty"` // keys without a value; then nobody is ranked on it
}

// Complete reports whether the application can be ranked.
func (b Breakdown) Complete() bool { return len(b.Missing) == 0 }

// Check returns the faults of the scheme itself, kind invalid, or nil.
func (s Scheme) Check() error {
	var problems []mobility.FieldProblem
	add := func(key, code string) {
		problems = append(problems, mobility.FieldProblem{Field: key, Code: code})
	}
	if len(s.Criteria) == 0 {
		add("criteria", "scheme.no_criteria")
	}
	seen := map[string]bool{}
	for i, c := range s.Criteria {
		if c.Key == "" || seen[c.Key] {
			add(fmt.Sprintf("criteria.%d", i+1), "scheme.key_missing_or_double")
		}
		seen[c.Key] = true
		if code := c.fault(); code != "" {
			add(c.Key, code)
		}
	}
	for i, tie := range s.Ties {
		if tie == "" || slices.Contains(s.Ties[:i], tie) {
			add(fmt.Sprintf("ties.%d", i+1), "scheme.key_missing_or_double")
		}
	}
	if len(problems) > 0 {
		return mobility.InvalidError(problems...)
	}
	return nil
}

func (c Criterion) fault() string {
	switch {
	case c.Source != SourceMark && c.Source != SourceAverage:
		return "scheme.unknown_source"
	case !c.Max.IsPositive():
		return "scheme.max_not_positive"
	case c.Scale < 0 || c.Scale > 8:
		return "scheme.scale_out_of_range"
	case c.Source == SourceAverage && c.Best.Equal(c.Worst):
		return "scheme.best_is_worst"
	}
	return ""
}

// Total turns v into points. Values that are missing are listed in the
// breakdown; a mark out of range or for a criterion the scheme does not have
// is an error of kind invalid, with the criterion's key as field.
func (s Scheme) Total(v Values) (Breakdown, error) {
	if problems := s.wrong(v); len(problems) > 0 {
		return Breakdown{}, mobility.InvalidError(problems...)
	}
	b := Breakdown{Total: decimal.Zero}
	for _, c := range s.Criteria {
		line := c.line(v)
		if !line.Input.Valid {
			b.Missing = append(b.Missing, c.Key)
		}
		b.Lines = append(b.Lines, line)
		b.Total = b.Total.Add(line.Points)
	}
	for _, tie := range s.Ties {
		b.Ties = append(b.Ties, s.tieValue(tie, v, b))
	}
	return b, nil
}

// MaxTotal is the most points the scheme can give.
func (s Scheme) MaxTotal() decimal.Decimal {
	sum := decimal.Zero
	for _, c := range s.Criteria {
		sum = sum.Add(c.Max)
	}
	return sum
}

func (s Scheme) wrong(v Values) []mobility.FieldProblem {
	var problems []mobility.FieldProblem
	for key, mark := range v.Marks {
		i := slices.IndexFunc(s.Criteria, func(c Criterion) bool { return c.Key == key && c.Source == SourceMark })
		switch {
		case i < 0:
			problems = append(problems, mobility.FieldProblem{Field: key, Code: "scheme.unknown_criterion"})
		case mark.IsNegative() || mark.GreaterThan(s.Criteria[i].Max):
			data := map[string]any{"Max": s.Criteria[i].Max}
			problems = append(problems, mobility.FieldProblem{Field: key, Code: "scheme.mark_out_of_range", Data: data})
		}
	}
	slices.SortFunc(problems, func(a, b mobility.FieldProblem) int {
		if a.Field < b.Field {
			return -1
		}
		return 1
	})
	return problems
}

func (c Criterion) line(v Values) Line {
	l := Line{Key: c.Key, Source: c.Source, Max: c.Max, Points: decimal.Zero}
	switch c.Source {
	case SourceMark:
		if mark, ok := v.Marks[c.Key]; ok {
			l.Input = decimal.NewNullDecimal(mark)
			l.Points = mobility.RoundPoints(mark, c.Scale)
		}
	case SourceAverage:
		l.Input, l.Best, l.Worst = v.Average, c.Best, c.Worst
		if v.Average.Valid {
			l.Points, l.Clamped = c.linear(v.Average.Decimal)
		}
	}
	return l
}

// linear maps an average onto 0 … Max, rounding half up once at the end.
func (c Criterion) linear(average decimal.Decimal) (points decimal.Decimal, clamped bool) {
	low, high := c.Best, c.Worst
	if low.GreaterThan(high) {
		low, high = high, low
	}
	if average.LessThan(low) {
		average, clamped = low, true
	}
	if average.GreaterThan(high) {
		average, clamped = high, true
	}
	numerator := c.Max.Mul(c.Worst.Sub(average))
	return numerator.DivRound(c.Worst.Sub(c.Best), c.Scale), clamped // never negative here, so half up
}

func (s Scheme) tieValue(key string, v Values, b Breakdown) decimal.Decimal {
	for _, l := range b.Lines {
		if l.Key == key {
			return l.Points
		}
	}
	return v.Facts[key]
}
