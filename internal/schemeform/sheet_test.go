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
