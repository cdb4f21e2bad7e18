package schemeform

import (
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
)

func examples(t testing.TB) map[string][]byte {
	t.Helper()
	files, err := filepath.Glob("../scheme/testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	out := map[string][]byte{}
	for _, f := range files {
		if out[filepath.Base(f)], err = os.ReadFile(f); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// around holds that a scheme comes back from the form as it went in.
func around(t *testing.T, what string, s *scheme.Scheme) {
	t.Helper()
	sheet, lost := FromYAML(s.YAML())
	if len(lost) > 0 {
		t.Fatalf("%s: the form does not show %s of\n%s", what, lost[0], s.YAML())
	}
	posted := Decode(sheet.Values())
	back, problems := posted.Check()
	if len(problems) > 0 {
		t.Fatalf("%s: %v\n%s", what, problems[0], posted.YAML())
	}
	if string(back.YAML()) != string(s.YAML()) {
		t.Fatalf("%s: came back as\n%s\nnot\n%s", what, back.YAML(), s.YAML())
	}
	if string(posted.YAML()) != string(s.YAML()) {
		t.Fatalf("%s: is written as\n%s\nnot\n%s", what, posted.YAML(), s.YAML())
	}
	for _, c := range scheme.Diff(s, back) {
		if c.Kind != scheme.Unchanged {
			t.Fatalf("%s: %+v", what, c)
		}
	}
}

func TestEveryExampleComesBack(t *testing.T) {
	for name, source := range examples(t) {
		s, problems := scheme.Parse(source)
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		around(t, name, s)
		sheet, lost := FromYAML(source)
		if len(lost) > 0 {
			t.Fatalf("%s, as it is written: %s", name, lost[0])
		}
		back, found := sheet.Check()
		if len(found) > 0 || !back.Equal(s) {
			t.Fatalf("%s, as it is written: %v", name, found)
		}
	}
}

func TestRandomSchemesComeBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 14))
	sound := 0
	for i := range 600 {
		s := anyScheme(rng)
		if len(s.Check()) == 0 {
			sound++
			around(t, fmt.Sprint(i), s)
			continue
		}
		// What is wrong comes back as wrong as it was, or is said to be lost.
		sheet, lost := FromYAML(s.YAML())
		if len(lost) > 0 {
			continue
		}
		if posted := Decode(sheet.Values()); string(posted.YAML()) != string(s.YAML()) {
			t.Fatalf("%d: is written as\n%s\nnot\n%s", i, posted.YAML(), s.YAML())
		}
	}
	if sound < 200 {
		t.Errorf("only %d of the random schemes were sound", sound)
	}
}

// anyScheme is a scheme of everything that a scheme may say, mostly sound.
func anyScheme(rng *rand.Rand) *scheme.Scheme {
	g := generator{rng}
	s := &scheme.Scheme{Name: "any-" + fmt.Sprint(rng.IntN(100)), Title: g.texts(), Scale: int32(rng.IntN(9))}
	kinds := []scheme.Kind{scheme.KindNumber, scheme.KindCount, scheme.KindYesNo, scheme.KindLevel, scheme.KindChoice, scheme.KindDate}
	for i, k := range append(kinds, scheme.KindNumber, scheme.KindNumber, scheme.KindCount) {
		s.Inputs = append(s.Inputs, g.input(fmt.Sprintf("v%d", i), k))
	}
	for i := range 1 + rng.IntN(5) {
		s.Criteria = append(s.Criteria, g.criterion(fmt.Sprintf("c%d", i)))
	}
	if g.one(4) {
		s.Total.Max = g.number(100, 200)
	}
	if g.one(4) {
		s.Total.Min = g.number(-50, 0)
	}
	for i := range rng.IntN(3) {
		gate := scheme.Gate{Key: fmt.Sprintf("g%d", i), Label: g.texts(), Require: "v0 >= 1.5 and v2", Effect: pick(g, "", scheme.EffectReserve), Missing: pick(g, "", scheme.UnknownShut, scheme.UnknownOpen)}
		if g.one(3) {
			gate.Require, gate.Veto = "", mobility.RoleCoordinator
		}
		s.Gates = append(s.Gates, gate)
	}
	if g.one(2) {
		s.Classes = []scheme.Class{{Key: "own", When: "v2 or v4 in ('bc', 'mg')", Label: g.texts()}, {Key: "rest"}}
	}
	for range rng.IntN(3) {
		s.Ties = append(s.Ties, scheme.Tie{Of: pick(g, "v0", "points(c0)", "v5", "total"), Prefer: pick(g, "", scheme.BestLow), Label: g.texts()})
	}
	return s
}

type generator struct{ *rand.Rand }

func (g generator) one(in int) bool { return g.IntN(in) == 0 }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) texts() mobility.Texts {
	switch g.IntN(4) {
	case 0:
		return nil
	case 1:
		return mobility.Texts{"en": "It is: 12, or “more” # or 'less'"}
	case 2:
		return mobility.Texts{"en": "yes", "cs": "Žluťoučký kůň: 3,5 %", "pt-BR": "{a: b}"}
	}
	return mobility.Texts{"cs": "null", "de": "- 12"}
}

func (g generator) number(from, to int) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(decimal.New(int64(from)*10+g.Int64N(int64(to-from)*10), -1).String()))
}

func (g generator) maybe(in, from, to int) decimal.NullDecimal {
	if g.one(in) {
		return g.number(from, to)
	}
	return decimal.NullDecimal{}
}

func (g generator) input(key string, kind scheme.Kind) scheme.Input {
	in := scheme.Input{Key: key, Kind: kind, Label: g.texts(), From: pick(g, scheme.FromImported, scheme.FromAnswer, scheme.FromMark)}
	switch {
	case key == "v6":
		in.From = scheme.FromCohort
		in.Of, in.By, in.Best = "v0", []string{"v4", "v1"}, pick(g, scheme.Bests...)
	case key == "v7":
		in.From, in.Formula = scheme.FromFormula, "max(v0, 3) + v1 / 2"
	case key == "v8":
		in.From, in.Of, in.SameCycle, in.Years = scheme.FromRecord, pick(g, scheme.Recorded...), g.one(2), g.IntN(6)
		in.Programmes = pick(g, nil, []string{"erasmus-study"}, []string{"erasmus-study", "HE/2027:x"})
	}
	switch in.From {
	case scheme.FromAnswer:
		in.Question = pick(g, "", "asked")
	case scheme.FromImported:
		in.Field, in.Frozen = pick(g, "", "named"), pick(g, "", scheme.FrozenAtInstant)
	case scheme.FromRecord, scheme.FromMark, scheme.FromDestination, scheme.FromCohort, scheme.FromFormula:
	}
	if in.From != scheme.FromCohort && in.From != scheme.FromFormula {
		in.Evidence = pick(g, "", "", "letter_of_x")
	}
	switch kind {
	case scheme.KindNumber, scheme.KindCount:
		in.Min, in.Max = g.maybe(2, -3, 1), g.maybe(2, 5, 60)
	case scheme.KindChoice:
		in.Options = []string{"bc", "mg", "no", "12"}
	case scheme.KindYesNo, scheme.KindLevel, scheme.KindDate:
	}
	if kind == scheme.KindNumber && key == "v0" {
		in.Instead = pick(g, "", "v1")
	}
	return in
}

func (g generator) criterion(key string) scheme.Criterion {
	c := scheme.Criterion{
		Key: key, Label: g.texts(), Points: g.transform(), Weight: g.maybe(4, 1, 3), Missing: g.maybe(4, -5, 5),
		Min: g.maybe(4, -90, -80), Max: g.maybe(4, 70, 90), Aside: g.one(5),
	}
	if g.one(5) {
		scale := int32(g.IntN(4))
		c.Scale = &scale
	}
	if g.one(3) {
		c.Points = pick(g, nil, scheme.Transform(&scheme.Formula{Expr: "mark * 2 + v0"}))
		c.Mark = &scheme.Marking{Max: decimal.NewFromInt(30), Assessors: 1 + g.IntN(3), Combine: pick(g, scheme.CombineMean, scheme.CombineMedian, scheme.CombineTrimmed), SpreadLimit: g.maybe(2, 1, 9)}
		if g.one(2) {
			c.Mark.Step = decimal.RequireFromString("0.5")
		}
		return c
	}
	for range g.IntN(3) {
		c.Variants = append(c.Variants, scheme.Variant{When: pick(g, "v4 = 'bc'", "v1 >= 3", "not v2", "v5 > '2004-05-31'"), Points: g.transform()})
	}
	return c
}

func (g generator) transform() scheme.Transform {
	n := func(to int) decimal.Decimal { return g.number(0, to).Decimal }
	switch g.IntN(8) {
	case 0:
		return &scheme.Fixed{Points: n(20)}
	case 1:
		return &scheme.Linear{Of: pick(g, "v0", "v1"), Best: n(3), Worst: n(3).Add(decimal.NewFromInt(4)), Max: n(50), Min: pick(g, decimal.Zero, n(3))}
	case 2:
		return &scheme.Bands{Of: "v3", Steps: []scheme.Step{{From: "B1", Points: n(9)}, {From: "C1", Points: n(9)}}, Otherwise: pick(g, decimal.Zero, n(2))}
	case 3:
		return &scheme.Bands{Of: "v0", Steps: []scheme.Step{{To: "1.2", Points: n(9)}, {To: "3", Points: n(9)}, {To: "2.50", Points: n(9)}}}
	case 4:
		return &scheme.Lookup{Of: "v4", Table: []scheme.Entry{{Value: "no", Points: n(9)}, {Value: "12", Points: n(9)}}, Otherwise: g.number(0, 4)}
	case 5:
		return &scheme.Each{Of: "v1", Points: n(9).Neg(), Most: g.maybe(2, -40, -10)}
	case 6:
		return &scheme.Ratio{Of: "v0", Expected: "60 * (v1 + 0.5)", Max: n(20).Add(decimal.NewFromInt(1))}
	}
	if g.one(2) {
		return &scheme.When{Cond: "v4 in ('bc', 'mg') and v3 >= B2", Points: n(9), Otherwise: pick(g, decimal.Zero, n(2))}
	}
	return &scheme.Formula{Expr: "if(v2, 10 * v0, -3) + min(v1, 4)"}
}

func TestRowsComeGoAndMove(t *testing.T) {
	sheet, lost := FromYAML(examples(t)["f1.yaml"])
	if len(lost) > 0 {
		t.Fatal(lost)
	}
	before := sheet.YAML()
	n := sheet.Rows("criteria")
	second, third := sheet.Get("criteria.2.key"), sheet.Get("criteria.3.key")
	down, at, ok := sheet.Do("down:criteria.2")
	if !ok || at != "criteria.3" || down.Get("criteria.3.key") != second || down.Get("criteria.2.key") != third {
		t.Errorf("down: %v %s", ok, at)
	}
	back, _, _ := down.Do("up:criteria.3")
	if string(back.YAML()) != string(before) || string(sheet.YAML()) != string(before) {
		t.Error("down and up is not where it began")
	}
	more, at, ok := sheet.Do("add:criteria")
	if !ok || at != fmt.Sprintf("criteria.%d", n+1) || Decode(more.Values()).Rows("criteria") != n+1 {
		t.Errorf("add: %v %s", ok, at)
	}
	less, _, ok := more.Do("remove:" + at)
	if !ok || string(less.YAML()) != string(before) {
		t.Error("add and remove is not where it began")
	}
	first, _, _ := sheet.Do("remove:criteria.1")
	if first.Rows("criteria") != n-1 || first.Get("criteria.1.key") != second {
		t.Error("the first did not go")
	}
	cases, at, ok := sheet.Do("add:criteria.2.variants")
	if !ok || !strings.HasPrefix(at, "criteria.2.variants.") {
		t.Errorf("add a case: %v %s", ok, at)
	}
	moved, _, _ := cases.Do("up:criteria.2")
	if moved.Rows("criteria.1.variants") != cases.Rows("criteria.2.variants") || Decode(moved.Values()).Rows("criteria.1.variants") != cases.Rows("criteria.2.variants") {
		t.Error("the cases did not go along")
	}
	for _, act := range []string{"", "add", "add:names", "add:criteria.99.variants", "remove:criteria.99", "up:criteria.0", "down:criteria.x", "up:criteria.1.points.bands.steps.1", "sing:criteria.1", "remove:"} {
		if _, _, ok := sheet.Do(act); ok {
			t.Errorf("%q was done", act)
		}
	}
}

func TestNumbersAsPeopleWriteThem(t *testing.T) {
	for typed, want := range map[string]string{"1,5": "1.5", "1 000": "1000", "\u22122,5": "-2.5", "12": "12", "1,000,5": "1,000,5", "abc": "abc"} {
		if got := numberNode(typed).Value; got != want {
			t.Errorf("%q is %q, want %q", typed, got, want)
		}
	}
}

// Every problem is said of a field that is there.
func TestProblemsNameTheirFields(t *testing.T) {
	sound, _ := FromYAML([]byte(`
name: all
inputs:
  grade: {from: imported, kind: number, min: 1, max: 4}
  level: {from: answer, kind: level}
  stays: {from: record, kind: count, of: mobilities}
  study: {from: imported, kind: choice, options: [bc, mg]}
  place: {from: cohort, kind: number, of: grade, by: [study], best: low}
criteria:
  - {key: grade, points: {linear: {of: grade, best: 1, worst: 3, max: 30}}}
  - {key: letter, mark: {min: 0, max: 30}}
  - {key: level, points: {bands: {of: level, steps: [{from: B2, points: 1}]}}}
  - {key: study, points: {lookup: {of: study, points: {bc: 1, mg: 2}}}}
  - {key: flat, points: 3}
gates:
  - {key: enough, require: total >= 3}
ties:
  - {of: grade}
`))
	for field, change := range map[string][2]string{
		"name":                                     {"name", "Not A Name"},
		"scale":                                    {"scale", "17"},
		"inputs.1.key":                             {"inputs.1.key", "Grade"},
		"inputs.2.key":                             {"inputs.2.key", ""},
		"inputs.1.min":                             {"inputs.1.min", "low"},
		"inputs.1.from":                            {"inputs.1.from", "thin air"},
		"inputs.3.recorded":                        {"inputs.3.recorded", ""},
		"inputs.5.by":                              {"inputs.5.by", "study, nothing"},
		"inputs.5.best":                            {"inputs.5.best", ""},
		"criteria.1.points.linear.of":              {"criteria.1.points.linear.of", "nothing"},
		"criteria.1.points.linear.best":            {"criteria.1.points.linear.best", ""},
		"criteria.1.points.rule":                   {"criteria.1.points.rule", ""},
		"criteria.2.mark.max":                      {"criteria.2.mark.max", "thirty"},
		"criteria.2.key":                           {"criteria.2.key", ""},
		"criteria.3.points.bands.steps.1.points":   {"criteria.3.points.bands.steps.1.points", "one"},
		"criteria.3.points.bands.steps.1.from":     {"criteria.3.points.bands.steps.1.from", "D9"},
		"criteria.4.points.lookup.points.2.points": {"criteria.4.points.lookup.points.2.points", "two"},
		"criteria.4.points.lookup.points.2.value":  {"criteria.4.points.lookup.points.2.value", "phd"},
		"criteria.5.points":                        {"criteria.5.points", "three"},
		"criteria.5.weight":                        {"criteria.5.weight", "-1"},
		"gates.1.require":                          {"gates.1.require", "total >="},
		"ties.1.of":                                {"ties.1.of", ""},
		"inputs.4.key":                             {"inputs.4.key", "grade"},
	} {
		typed := sound.Values()
		typed.Set(change[0], change[1])
		_, problems := Decode(typed).Check()
		if !slices.ContainsFunc(problems, func(p Problem) bool { return p.Field == field }) {
			t.Errorf("%s = %q: no problem of %s but %v", change[0], change[1], field, problems)
		}
	}
}

func TestWhatHasNoFieldIsSaid(t *testing.T) {
	for what, source := range map[string]string{
		"an unknown key":             "name: x\ncriterias: []\n",
		"a key of another source":    "name: x\ninputs:\n  a: {from: answer, kind: number, formula: 1 + 1}\n",
		"a number with a tag":        "name: x\nscale: ~\n",
		"a list where a word stands": "name: [x]\n",
		"two rules":                  "name: x\ncriteria:\n  - {key: a, points: {linear: {of: b}, each: {of: c}}}\n",
		"a word where a rule stands": "name: x\ncriteria:\n  - {key: a, points: []}\n",
		"a key twice":                "name: x\nname: z\n",
		"an anchor":                  "name: &n x\n",
		"no YAML":                    "name: [",
		"no mapping":                 "- name: x\n",
		"nothing":                    "",
	} {
		if _, lost := FromYAML([]byte(source)); len(lost) == 0 || lost[0].Line == 0 || lost[0].Code == "" {
			t.Errorf("%s: %v", what, lost)
		}
	}
}

// What was typed wrong goes to the text and comes back as it was typed.
func TestWrongTextsGoBothWays(t *testing.T) {
	sheet := Decode(url.Values{
		"name": {"x y"}, "criteria.4.key": {"a"}, "criteria.4.points.rule": {"linear"}, "criteria.4.points.linear.best": {"best"}, "criteria.4.points.linear.of": {"("},
		"criteria.9.key": {"b"}, "criteria.9.marked": {"true"}, "inputs.1.key": {"q"}, "inputs.1.min": {"1"}, "inputs.1.kind": {"number"},
	})
	back, lost := FromYAML(sheet.YAML())
	if len(lost) > 0 {
		t.Fatal(lost)
	}
	if a, b := sheet.Values().Encode(), back.Values().Encode(); a != b {
		t.Errorf("\n%s\n%s", a, b)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("name=x&criteria.1.key=a&criteria.1.points.rule=bands&criteria.1.points.bands.steps.1.from=3", "add:criteria")
	f.Add("criteria.1.points.rule=lookup&criteria.1.points.lookup.points.7.value=%00&title.en=%ff", "remove:criteria.1")
	f.Add("inputs.1.key=a.b&inputs.2.key=a%C2%B7b&inputs.1.min=-&inputs.1.options=a,,b;c", "up:inputs.2")
	f.Add("criteria.1.points.rule=<<&criteria.1.marked=true&criteria.999999999999.key=x&criteria.0.key=y&criteria..key=z", "down:criteria.1")
	for _, source := range examples(f) {
		if sheet, lost := FromYAML(source); len(lost) == 0 {
			f.Add(sheet.Values().Encode(), "add:criteria.1.variants")
		}
	}
	f.Fuzz(func(t *testing.T, query, act string) {
		posted, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		sheet := Decode(posted)
		again := Decode(sheet.Values())
		if a, b := string(sheet.YAML()), string(again.YAML()); a != b {
			t.Fatalf("decoded twice:\n%s\n%s", a, b)
		}
		if done, _, ok := sheet.Do(act); ok {
			done.Check()
		}
		read, problems := sheet.Check()
		if (read == nil) == (len(problems) == 0) {
			t.Fatalf("%v and %v", read, problems)
		}
		for _, p := range problems {
			if p.Code == "" || p.Line == 0 {
				t.Fatalf("%+v", p)
			}
		}
		if read != nil {
			around(t, query, read)
		}
	})
}

func FuzzFromYAML(f *testing.F) {
	for _, source := range examples(f) {
		f.Add(string(source))
	}
	f.Fuzz(func(t *testing.T, source string) {
		sheet, lost := FromYAML([]byte(source))
		if len(lost) > 0 {
			return
		}
		before, problems := scheme.Parse([]byte(source))
		after, found := sheet.Check()
		if len(problems) == 0 && (len(found) > 0 || !slices.Equal(after.YAML(), before.YAML())) {
			t.Fatalf("%q: %v", source, found)
		}
		if len(problems) > 0 && len(found) == 0 {
			t.Fatalf("%q was wrong and is right: %v", source, problems)
		}
	})
}
