package scheme

import (
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
)

// language is a scheme to try expressions in.
const language = `name: language
inputs:
  a: {from: imported, kind: number}
  b: {from: imported, kind: number}
  n: {from: imported, kind: count}
  level: {from: answer, kind: level}
  other: {from: answer, kind: level}
  cycle: {from: imported, kind: choice}
  born: {from: imported, kind: date}
  yes_please: {from: answer, kind: yesno}
  unknown: {from: imported, kind: number}
  unsure: {from: answer, kind: yesno}
ties:
  - of: a
`

// evaluate works one expression out where a is 2.5, b is -4, n is 3.
func evaluate(t *testing.T, s *Scheme, text string) (value, *lack, *fault) {
	t.Helper()
	p, found := compile(s)
	if len(found) > 0 {
		t.Fatal(found)
	}
	c := &compiler{s: s, p: p}
	c.names()
	e, _, wrong := parseExpression(text, c.scope)
	if wrong != nil {
		return value{}, nil, wrong
	}
	f := p.frame(&Values{Inputs: of(t, s, "a=2.5 b=-4 n=3 level=B2 other=C1 cycle=master born=2004-05-31 yes_please=yes")})
	v, l := e.eval(f)
	if l == nil && v.kind != e.kind() {
		t.Fatalf("%s: %v is of another kind than it says", text, v)
	}
	if l == nil && v.num != nil {
		if within := e.span(); within.lo != nil && v.num.Cmp(within.lo) < 0 || within.hi != nil && v.num.Cmp(within.hi) > 0 {
			t.Fatalf("%s: %s lies outside %v", text, v.num, within)
		}
	}
	return v, l, nil
}

func TestExpressionsComeToWhatTheySay(t *testing.T) {
	s := parsed(t, language)
	for text, want := range map[string]string{
		"1 + 2 * 3": "7", "(1 + 2) * 3": "9", "10 - 4 - 3": "3", "12 / 4 / 3": "1", "1/3 + 1/3 + 1/3": "1",
		"-a": "-2.5", "--a": "2.5", "2 - -3": "5", "a * b": "-10", "0.1 + 0.2": "0.3", "a/(b + n)": "-2.5",
		"min(a, b, 3)": "-4", "max(a, b, 3)": "3", "abs(b)": "4", "abs(a)": "2.5", "if(yes_please, 1, 2)": "1",
		"if(n > 3, 1 / 0.0001, n)": "3", "first(unknown, n)": "3", "first(unknown, unknown + 1, 4)": "4",
	} {
		v, l, wrong := evaluate(t, s, text)
		if wrong != nil || l != nil || v.num.Cmp(dec(want).Rat()) != 0 {
			t.Errorf("%s: %v %v %v, want %s", text, v.num, l, wrong, want)
		}
	}
	for text, want := range map[string]bool{
		"a > b": true, "a <= 2.5": true, "a < 2.5": false, "a != 2.5": false, "n = 3.0": true, "level >= B2": true,
		"level > B2": false, "level = B2 and other = C1": true, "max(level, other) = C1": true, "min(level, other) < B2": false,
		"level in (A1, B2)": true, "cycle in ('bachelor', 'master')": true, "cycle not in ('bachelor', 'master')": false,
		"cycle = \"master\"": true, "born > '2004-05-30'": true, "born in ('2004-05-31')": true, "not yes_please": false,
		"not not yes_please": true, "no or yes": true, "yes and no or yes": true, "yes or yes and no": true,
		"not (no or no) and yes": true, "not no = no": false, "n in (1, 2, 3)": true, "yes_please = yes": true,
		"given(a)": true, "given(unknown)": false, "given(1 / (n - 3))": false, "unsure or yes": true, "yes or unsure": true,
		"unsure and no": false, "no and unsure": false, "first(unsure, yes)": true, "if(no, unsure, yes)": true,
	} {
		v, l, wrong := evaluate(t, s, text)
		if wrong != nil || l != nil || v.truth != want {
			t.Errorf("%s: %v %v %v, want %v", text, v.truth, l, wrong, want)
		}
	}
	for text, want := range map[string]string{
		"1 / (n - 3)": "division_by_zero:", "unknown + 1": "missing:unknown", "unknown + if(unsure, 1, 2)": "missing:unknown,unsure",
		"unsure or no": "missing:unsure", "min(unknown, 3)": "missing:unknown", "not unsure": "missing:unsure",
		"first(unknown, unknown)": "missing:unknown", "unknown in (1, 2)": "missing:unknown", "abs(unknown)": "missing:unknown",
		strings.Repeat("123456789012 * ", 120) + "1": "too_large:",
	} {
		_, l, wrong := evaluate(t, s, text)
		if wrong != nil || l == nil || l.code+":"+strings.Join(l.inputs, ",") != want {
			t.Errorf("%s: %v %v, want %s", text, l, wrong, want)
		}
	}
}

func TestExpressionsThatMeanNothing(t *testing.T) {
	s := parsed(t, language)
	for text, at := range map[string]int{
		"": 1, "  ": 1, "a +": 4, "a + * b": 5, "(a": 3, "a)": 2, "a b": 3, "a = level": 5, "a and yes_please": 1,
		"not a": 5, "cycle < 'x'": 7, "level in (B2, 3)": 15, "level in B2": 10, "level in (other)": 11, "born > 'today'": 8,
		"B3": 1, "Level": 1, "a & b": 3, "min(level, 3)": 12, "min(cycle, cycle)": 5, "if(a, 1, 2)": 4, "if(yes, 1, B2)": 12,
		"given()": 7, "given(a, b)": 1, "total": 1, "points(a)": 1, "mark": 1, "and": 1, "abs": 1, "max": 1, "1..2": 1,
		"a = = b": 5, "a < b < n": 7, "'": 1, "''": 1, "'a b' = cycle": 1, "in (1)": 1, "yes_please + 1": 1, "-level": 2,
		"1234567890123": 1, "a # b": 3, "a, b": 2, "ä": 1,
	} {
		_, _, wrong := evaluate(t, s, text)
		if wrong == nil {
			t.Errorf("%q means something", text)
		} else if wrong.data["At"] != at {
			t.Errorf("%q: %v, want character %d", text, wrong, at)
		}
	}
}

// FuzzExpression holds that no text brings the parser down, that a fault has
// a place within the text, and that a result is of the kind and within the
// span that the expression says.
func FuzzExpression(f *testing.F) {
	for _, text := range []string{
		"50*a/30 + 25*(b/n)/60", "not (level >= B2 and cycle in ('x', 'y'))", "if(given(unknown), 1, first(unknown, 2))",
		"min(a, b) / max(1, 0)", "((((", "'", "1/0", "a not in (1)", "-----a", "born < '2004-01-01'",
	} {
		f.Add(text)
	}
	s := parsed(f, language)
	f.Fuzz(func(t *testing.T, text string) {
		_, l, wrong := evaluate(t, s, text)
		if wrong != nil {
			if at, ok := wrong.data["At"].(int); !ok || at < 1 || at > len([]rune(text))+1 || wrong.code == "" {
				t.Fatalf("%q: a fault without place: %+v", text, wrong)
			}
		}
		if l != nil && l.code == "" {
			t.Fatalf("%q: a lack without reason", text)
		}
	})
}

func TestRoundingIsHalfUpOnce(t *testing.T) {
	for text, want := range map[string]string{
		"1/2": "1", "-1/2": "0", "3/2": "2", "-3/2": "-1", "49/100": "0", "-51/100": "-1", "0": "0", "7": "7", "-7": "-7",
		"999999999999999999999/2": "500000000000000000000",
	} {
		r, _ := new(big.Rat).SetString(text)
		if got := roundRat(r, 0); !got.Equal(dec(want)) {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	// 1/3 of a hundredth thrice: each line is rounded, the total is their sum.
	s := parsed(t, "name: r\nscale: 2\ninputs: {a: {from: imported, kind: number}}\ncriteria:\n"+
		"  - {key: x, points: {formula: a / 3}}\n  - {key: y, points: {formula: a / 3}}\n  - {key: z, points: {formula: a / 3}, scale: 4}\n")
	got := scores(t, s, person{inputs: "a=0.05"})[0].Breakdown
	for i, want := range []string{"0.02", "0.02", "0.0167"} {
		if !got.Lines[i].Points.Equal(dec(want)) {
			t.Errorf("%s: %s, want %s", got.Lines[i].Key, got.Lines[i].Points, want)
		}
	}
	if !got.Total.Equal(dec("0.0567")) {
		t.Errorf("total %s", got.Total)
	}
}

// TestMarksCombineAsMarkingSays holds the exact combination to the rounded
// one that pages show.
func TestMarksCombineAsMarkingSays(t *testing.T) {
	marks := []decimal.Decimal{dec("7"), dec("2.5"), dec("10"), dec("3"), dec("3")}
	for _, how := range []Combination{CombineMean, CombineMedian, CombineTrimmed} {
		m := Marking{Max: dec("10"), Combine: how}
		for n := 1; n <= len(marks); n++ {
			want, _ := m.Combined(marks[:n], 4)
			if got := roundRat(m.exact(marks[:n]), 4); !got.Equal(want) {
				t.Errorf("%s of %d: %s, want %s", how, n, got, want)
			}
		}
	}
}
