package selection

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func null(s string) decimal.NullDecimal { return decimal.NewNullDecimal(dec(s)) }

func average(max, best, worst string, scale int32) Criterion {
	return Criterion{Key: "average", Source: SourceAverage, Max: dec(max), Best: dec(best), Worst: dec(worst), Scale: scale}
}

func mark(key, max string) Criterion {
	return Criterion{Key: key, Source: SourceMark, Max: dec(max), Scale: mobility.Scale}
}

// F2 of the domain notes: MENDELU's credit-mobility table, 30 + 30 + 30 + 10,
// with Buddy/ESN activity between equal points.
func mendelu() Scheme {
	return Scheme{
		Criteria: []Criterion{average("30", "1", "3", mobility.Scale), mark("language", "30"), mark("letter", "30"), mark("coordinator", "10")},
		Ties:     []string{"buddy"},
	}
}

func TestSchemeF2(t *testing.T) {
	s := mendelu()
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	if !s.MaxTotal().Equal(dec("100")) {
		t.Errorf("the most points are %s, want 100", s.MaxTotal())
	}
	marks := map[string]decimal.Decimal{"language": dec("25.5"), "letter": dec("22"), "coordinator": dec("10")}
	b, err := s.Total(Values{Average: null("1.40"), Marks: marks, Facts: map[string]decimal.Decimal{"buddy": dec("1")}})
	if err != nil {
		t.Fatal(err)
	}
	if want := dec("81.5"); !b.Total.Equal(want) || !b.Complete() { // 24 + 25.5 + 22 + 10
		t.Errorf("total %s (missing %v), want %s", b.Total, b.Missing, want)
	}
	if len(b.Ties) != 1 || !b.Ties[0].Equal(dec("1")) {
		t.Errorf("tie chain %v, want the buddy's 1", b.Ties)
	}
}

func TestLinearMap(t *testing.T) {
	tests := map[string]struct {
		criterion Criterion
		average   string
		want      string
		clamped   bool
	}{
		"F4 VSE master, 1.60 of 1.00 to 3.00":   {average("50", "1.00", "3.00", 4), "1.60", "35", false},
		"F4 best":                               {average("50", "1.00", "3.00", 4), "1.00", "50", false},
		"F4 worst":                              {average("50", "1.00", "3.00", 4), "3.00", "0", false},
		"beyond the worst counts as the worst":  {average("50", "1.00", "3.00", 4), "4.2", "0", true},
		"beyond the best counts as the best":    {average("50", "1.00", "3.00", 4), "0.5", "50", true},
		"F5 Jagiellonian, upwards, 4.40 of 2-5": {average("100", "5", "2", 4), "4.40", "80", false},
		"thirds are rounded once":               {average("10", "1", "4", 4), "2", "6.6667", false},
		"half goes up":                          {average("1", "0", "8", 2), "7", "0.13", false},  // 0.125
		"no decimals":                           {average("30", "1", "3", 0), "1.5", "23", false}, // 22.5
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			b, err := Scheme{Criteria: []Criterion{tt.criterion}}.Total(Values{Average: null(tt.average)})
			if err != nil {
				t.Fatal(err)
			}
			if !b.Total.Equal(dec(tt.want)) || b.Lines[0].Clamped != tt.clamped {
				t.Errorf("%s gives %s (clamped %v), want %s (%v)", tt.average, b.Total, b.Lines[0].Clamped, tt.want, tt.clamped)
			}
		})
	}
}

func TestTieChainTakesCriteriaAndFacts(t *testing.T) {
	s := mendelu()
	s.Ties = []string{"language", "buddy"}
	b, err := s.Total(Values{Average: null("1"), Marks: map[string]decimal.Decimal{"language": dec("12.34567")}})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Ties) != 2 || !b.Ties[0].Equal(dec("12.3457")) || !b.Ties[1].IsZero() {
		t.Errorf("chain %v, want the language's points and 0 for what nobody stated", b.Ties)
	}
}

func TestMissingMarksAreListedNotZero(t *testing.T) {
	b, err := mendelu().Total(Values{Marks: map[string]decimal.Decimal{"letter": dec("0")}})
	if err != nil {
		t.Fatal(err)
	}
	if b.Complete() || len(b.Missing) != 3 || b.Missing[0] != "average" || b.Missing[2] != "coordinator" {
		t.Errorf("missing %v, want average, language and coordinator", b.Missing)
	}
}

func TestMarksOutOfPlace(t *testing.T) {
	marks := map[string]decimal.Decimal{"letter": dec("30.0001"), "coordinator": dec("-1"), "average": dec("1"), "dance": dec("1")}
	_, err := mendelu().Total(Values{Marks: marks})
	var e *mobility.Error
	if !errors.As(err, &e) || e.Kind != mobility.Invalid {
		t.Fatalf("got %v, want invalid", err)
	}
	want := []string{"average scheme.unknown_criterion", "coordinator scheme.mark_out_of_range", "dance scheme.unknown_criterion", "letter scheme.mark_out_of_range"}
	for i, f := range e.Fields {
		if i >= len(want) || f.Field+" "+f.Code != want[i] {
			t.Errorf("problem %d is %s %s", i, f.Field, f.Code)
		}
	}
	if len(e.Fields) != len(want) {
		t.Errorf("%d problems, want %d", len(e.Fields), len(want))
	}
}

func TestSchemeCheck(t *testing.T) {
	tests := map[string]struct {
		scheme Scheme
		code   string
	}{
		"nothing":     {Scheme{}, "scheme.no_criteria"},
		"double key":  {Scheme{Criteria: []Criterion{mark("a", "1"), mark("a", "1")}}, "scheme.key_missing_or_double"},
		"double tie":  {Scheme{Criteria: []Criterion{mark("a", "1")}, Ties: []string{"x", "x"}}, "scheme.key_missing_or_double"},
		"no source":   {Scheme{Criteria: []Criterion{{Key: "a", Max: dec("1")}}}, "scheme.unknown_source"},
		"no points":   {Scheme{Criteria: []Criterion{mark("a", "0")}}, "scheme.max_not_positive"},
		"scale":       {Scheme{Criteria: []Criterion{{Key: "a", Source: SourceMark, Max: dec("1"), Scale: 9}}}, "scheme.scale_out_of_range"},
		"best equals": {Scheme{Criteria: []Criterion{average("1", "2", "2.0", 4)}}, "scheme.best_is_worst"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var e *mobility.Error
			if err := tt.scheme.Check(); !errors.As(err, &e) || e.Fields[0].Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestSchemeSurvivesJSON(t *testing.T) {
	b, err := json.Marshal(mendelu())
	if err != nil {
		t.Fatal(err)
	}
	var back Scheme
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if again, _ := json.Marshal(back); string(again) != string(b) {
		t.Errorf("%s became %s", b, again)
	}
}
