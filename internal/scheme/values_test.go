package scheme

import (
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

func TestValuesHoldNoFreeText(t *testing.T) {
	for _, bad := range []Value{
		{Kind: KindChoice, Text: "Jana Nováková"}, {Kind: KindChoice, Text: strings.Repeat("x", 100)}, {Kind: KindNumber, Number: decimal.New(1, 1_000_000)},
	} {
		var out strings.Builder
		if err := WriteValues(&out, []Values{{Inputs: map[string]Value{"x": bad}}}); err == nil {
			t.Errorf("%+v is stored", bad)
		}
	}
	for _, text := range []string{"{", `{"name":"x"}`, `{"application":"x"}`, `{"inputs":{"x":{"kind":"choice","text":"two words"}}}`, `{"inputs":{"x":{"number":"1e99999999"}}}`} {
		if _, err := ReadValues(strings.NewReader(text)); err == nil {
			t.Errorf("%s is read", text)
		}
	}
}

func TestAnApplicationIsScoredOnce(t *testing.T) {
	if _, err := load(t, "f11.yaml").Score([]Values{{Application: id(1)}, {Application: id(1)}}); err == nil {
		t.Error("twice")
	}
}

func TestGatesThatCannotBeDecided(t *testing.T) {
	for missing, want := range map[string]string{"": ExcludedMissing, ", missing: shut": "g", ", missing: open": "", ", missing: wait": ExcludedMissing} {
		s := parsed(t, "name: g\ninputs: {level: {from: answer, kind: level}}\ngates:\n  - {key: g, require: level >= B2"+missing+"}\n")
		if got := scores(t, s, person{})[0]; got.Excluded != want || got.Wishes[0].Gate != want {
			t.Errorf("%s: %q, want %q", missing, got.Excluded, want)
		}
	}
}

// TestMarksOfAnotherRangeDoNotCount holds that after a change of range marks
// are given again.
func TestMarksOfAnotherRangeDoNotCount(t *testing.T) {
	s := parsed(t, "name: m\ncriteria:\n  - {key: a, mark: {min: 0, max: 10, step: 0.5, assessors: 2}}\n")
	for marks, want := range map[string]string{"a=3,4": "", "a=3,11": ExcludedMarks, "a=3,4.25": ExcludedMarks, "a=3,4,-1": "", "a=3": ExcludedMarks} {
		if got := scores(t, s, person{marks: marks})[0]; got.Excluded != want {
			t.Errorf("%s: %q, want %q", marks, got.Excluded, want)
		}
	}
}
