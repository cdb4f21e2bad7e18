package scheme

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// small is a scheme with one of everything, without problems.
const small = `name: small
scale: 2
inputs:
  average: {from: imported, kind: number, min: 1, max: 5}
  level: {from: answer, kind: level}
  cycle: {from: imported, kind: choice, options: [bachelor, master]}
  unit: {from: imported, kind: choice}
  earlier: {from: record, kind: count, of: mobilities}
  buddy: {from: answer, kind: yesno}
  born: {from: imported, kind: date}
  fits: {from: destination, kind: yesno}
criteria:
  - key: average
    points: {linear: {of: average, best: 1, worst: 3, max: 30}}
  - key: letter
    mark: {min: 0, max: 30, step: 0.5}
  - key: fit
    per: destination
    points: {when: fits, points: 5}
gates:
  - key: level
    require: level >= B2
classes:
  - key: first
    when: earlier = 0
  - key: others
ties:
  - of: buddy
`

const linearRule = "points: {linear: {of: average, best: 1, worst: 3, max: 30}}"

// breaches replace one thing in the small scheme, and name the one problem
// that follows.
var breaches = []struct{ old, text, code, path string }{
	{"name: small", "name: Small", codeName, "name"},
	{"name: small", "name: small\nnam: small", codeKey, "nam"},
	{"name: small", "title: {en: x}", codeNoKey, ""},
	{"name: small", "name: [a]", codeShape, "name"},
	{"name: small", "name: small\nname: small", codeTwice, "name"},
	{"name: small", "name: [small", codeSyntax, ""},
	{"name: small", "name: &a small", codeAlias, ""},
	{"name: small", "name: small\ntitle: {xx_y: x}", codeLanguage, "title.xx_y"},
	{"name: small", "name: small\ntitle: {en: ''}", codeText, "title.en"},
	{"scale: 2", "scale: two", codeWhole, "scale"},
	{"scale: 2", "scale: 9", codeScale, "scale"},
	{"scale: 2", "scale: 2\ntotal: {min: 5, max: 5}", codeRange, "total"},
	{"from: imported, kind: number", "from: guessed, kind: number", codeWord, "inputs.average.from"},
	{"max: 5}", "max: five}", codeNumber, "inputs.average.max"},
	{"max: 5}", "max: 1e9}", codeNumber, "inputs.average.max"},
	{"max: 5}", "max: 0}", codeRange, "inputs.average"},
	{"kind: level}", "kind: level, min: 3}", codeRangeKind, "inputs.level"},
	{"kind: level}", "kind: level, options: [B1]}", codeOptions, "inputs.level.options"},
	{"kind: level}", "kind: level, field: x}", codeNotNeeded, "inputs.level.field"},
	{"kind: level}", "kind: level, per: somewhere}", codeWord, "inputs.level.per"},
	{"kind: level}", "kind: level, instead: average}", codeExprResult, "inputs.level.instead"},
	{"kind: level}", "kind: level, instead: level}", codeCircle, "inputs.level"},
	{"  buddy: {", "  total: {from: answer, kind: yesno}\n  buddy: {", codeReserved, "inputs.total"},
	{"options: [bachelor, master]", "options: [bachelor, bachelor]", codeTwice, "inputs.cycle.options.2"},
	{"of: mobilities", "of: holidays", codeWord, "inputs.earlier.of"},
	{"of: mobilities", "same_cycle: maybe, of: mobilities", codeTruth, "inputs.earlier.same_cycle"},
	{", of: mobilities", "", codeNeeded, "inputs.earlier"},
	{"  buddy: {", "  p: {from: cohort, kind: level, of: level, best: low}\n  buddy: {", codeKindOfSource, "inputs.p.kind"},
	{"  buddy: {", "  p: {from: cohort, kind: number, of: average, by: [nobody], best: low}\n  buddy: {", codeNoInput, "inputs.p.by.1"},
	{"  buddy: {", "  p: {from: cohort, kind: number, of: 'if(fits, 1, 2)', best: low}\n  buddy: {", codeCohortDest, "inputs.p"},
	{"key: letter", "key: average", codeTwice, "criteria.2.key"},
	{"key: letter", "label: {en: x}", codeNoKey, "criteria.2"},
	{linearRule, "points: {}", codeOneRule, "criteria.1.points"},
	{linearRule, "points: [1]", codeOneRule, "criteria.1.points"},
	{linearRule, "missing: 0", codeNoPoints, "criteria.1"},
	{linearRule, "points: {linear: {of: average, best: 1, worst: 1, max: 30}}", codeBestWorst, "criteria.1.points.linear.best"},
	{linearRule, "points: {linear: {of: average, best: 1, worst: 2, max: -3}}", codeRange, "criteria.1.points.linear"},
	{linearRule, "points: {linear: {of: average, best: 1, max: 30}}", codeNoKey, "criteria.1.points.linear"},
	{linearRule, "points: {linear: {of: level, best: 1, worst: 3, max: 30}}", codeExprResult, "criteria.1.points.linear.of"},
	{linearRule, "points: {linear: {of: average, best: 1, worst: 3, max: 30}, each: {}}", codeKey, "criteria.1.points.each"},
	{linearRule, "points: {ratio: {of: average, expected: 5, max: 0}}", codeRatioMax, "criteria.1.points.ratio.max"},
	{linearRule, "points: {each: {of: earlier, points: -10, most: 30}}", codeMostSign, "criteria.1.points.each.most"},
	{linearRule, "points: {bands: {of: average, steps: []}}", codeSteps, "criteria.1.points.bands"},
	{linearRule, "points: {bands: {of: average, steps: [{from: 1, to: 2, points: 1}]}}", codeStepEnds, "criteria.1.points.bands.steps.1"},
	{linearRule, "points: {bands: {of: average, steps: [{from: 1, points: 1}, {to: 2, points: 1}]}}", codeStepEnds, "criteria.1.points.bands.steps.2"},
	{linearRule, "points: {bands: {of: average, steps: [{from: 1, points: 1}, {from: 1.0, points: 2}]}}", codeStepTwice, "criteria.1.points.bands.steps.2.from"},
	{linearRule, "points: {bands: {of: level, steps: [{from: D1, points: 1}]}}", codeBadValue, "criteria.1.points.bands.steps.1.from"},
	{linearRule, "points: {lookup: {of: level, points: {A1: 0, A2: 0, B1: 0, B2: 1, C1: 2}}}", codeEntryLacks, "criteria.1.points.lookup"},
	{linearRule, "points: {lookup: {of: cycle, points: {bachelor: 1, doctor: 2}, otherwise: 0}}", codeBadValue, "criteria.1.points.lookup.points.doctor"},
	{linearRule, "points: {lookup: {of: earlier, points: {0: 1}}}", codeLookupKind, "criteria.1.points.lookup"},
	{linearRule, "points: {formula: ''}", codeExprEmpty, "criteria.1.points.formula"},
	{linearRule, "points: {formula: level}", codeExprResult, "criteria.1.points.formula"},
	{linearRule, "points: {formula: mark}", codeExprMark, "criteria.1.points.formula"},
	{linearRule, "points: {formula: points(letter)}", codeExprPoints, "criteria.1.points.formula"},
	{linearRule, "points: 1\n    max: 0.123", codeFine, "criteria.1"},
	{linearRule, "points: 1\n    scale: 12", codeScale, "criteria.1.scale"},
	{linearRule, "points: 1\n    weight: 0", codeWeight, "criteria.1.weight"},
	{linearRule, "points: 1\n    per: destination", codePerNotNeeded, "criteria.1.per"},
	{linearRule, "variants: [{when: average, points: 1}]", codeExprResult, "criteria.1.variants.1.when"},
	{"    per: destination\n", "", codePerMissing, "criteria.3"},
	{"min: 0, max: 30, step", "min: 30, max: 30, step", codeMarkRange, "criteria.2.mark"},
	{"step: 0.5", "step: 0.7", codeMarkStep, "criteria.2.mark.step"},
	{"step: 0.5", "assessors: 0", codeAssessors, "criteria.2.mark.assessors"},
	{"step: 0.5", "spread: -1", codeRange, "criteria.2.mark.spread"},
	{"step: 0.5}", "step: 0.5}\n    points: 3", codeMarkUnused, "criteria.2"},
	{"require: level >= B2", "veto: coordinator\n    require: level >= B2", codeGate, "gates.1"},
	{"require: level >= B2", "veto: applicant", codeWord, "gates.1.veto"},
	{"require: level >= B2", "require: fits", codePerMissing, "gates.1"},
	{"key: level", "key: missing", codeReserved, "gates.1.key"},
	{"    when: earlier = 0\n", "", codeClassRest, "classes.1"},
	{"when: earlier = 0", "when: total > 3", codeExprPoints, "classes.1.when"},
	{"of: buddy", "of: cycle", codeExprResult, "ties.1.of"},
	{"of: buddy", "of: points(leter)", codeNoCriterion, "ties.1.of"},
	{"of: buddy", "of: budy", codeNoInput, "ties.1.of"},
	{"of: buddy", "of: budy * ", codeNoInput, "ties.1.of"},
	{"of: buddy", "of: average *", codeExprExpected, "ties.1.of"},
	{"of: buddy", "of: average average", codeExprEnd, "ties.1.of"},
	{"of: buddy", "of: average ? 1", codeExprChar, "ties.1.of"},
	{"of: buddy", "of: cycle = 'bachelor", codeExprQuote, "ties.1.of"},
	{"of: buddy", "of: 1.2.3", codeExprNumber, "ties.1.of"},
	{"of: buddy", "of: cycle = 'doctor'", codeExprOption, "ties.1.of"},
	{"of: buddy", "of: root(average)", codeExprFunction, "ties.1.of"},
	{"of: buddy", "of: min(average)", codeExprArgs, "ties.1.of"},
	{"of: buddy", "of: level + 1", codeExprKind, "ties.1.of"},
	{"of: buddy", "of: average / 0", codeExprZero, "ties.1.of"},
	{"of: buddy", "of: " + strings.Repeat("(", 60) + "1" + strings.Repeat(")", 60), codeExprDeep, "ties.1.of"},
	{"of: buddy", "of: " + strings.Repeat("1 + ", 600) + "1", codeExprLong, "ties.1.of"},
}

// TestEveryProblemIsFound holds that exactly the problem named is found there.
func TestEveryProblemIsFound(t *testing.T) {
	if s := parsed(t, small); len(s.Check()) > 0 {
		t.Fatal(s.Check())
	}
	for _, test := range breaches {
		if strings.Count(small, test.old) == 0 {
			t.Fatalf("%q is not in the small scheme", test.old)
		}
		source := strings.Replace(small, test.old, test.text, 1)
		_, found := Parse([]byte(source))
		if len(found) != 1 || found[0].Code != test.code || found[0].Path != test.path {
			t.Errorf("%s: %v, want %s at %s", test.text, found, test.code, test.path)
		}
		tested[test.code] = true
	}
	testEveryCodeIsTested(t)
}

// tested are codes that a test has seen; these are met elsewhere.
var tested = map[string]bool{codeTooBig: true, codeNothing: true, codeTooMany: true}

func testEveryCodeIsTested(t *testing.T) {
	source, err := os.ReadFile("problem.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`"(scheme\.[a-z_]+)"`).FindAllStringSubmatch(string(source), -1) {
		if !tested[m[1]] {
			t.Errorf("nothing tests %s", m[1])
		}
	}
}

func TestAllProblemsAreListedWithTheirPlaces(t *testing.T) {
	source := strings.NewReplacer("best: 1,", "best: one,", "step: 0.5", "stop: 0.5", "kind: date", "kind: day").Replace(small)
	_, found := Parse([]byte(source))
	want := []string{
		"10:32: inputs.born.kind: scheme.bad_word",
		"14:42: criteria.1.points.linear.best: scheme.bad_number",
		"16:29: criteria.2.mark.stop: scheme.unknown_key",
	}
	for i, p := range found {
		if i >= len(want) || !strings.HasPrefix(p.String(), want[i]) {
			t.Errorf("%s", p)
		}
	}
	if len(found) != len(want) {
		t.Errorf("%d problems, want %d", len(found), len(want))
	}
	// In an expression the column is that of the word that is wrong.
	for _, test := range []struct {
		text   string
		column int
	}{
		{"  - of: average + budy", 19}, {"  - of: 'average + budy'", 20}, {`  - {of: "average + budy"}`, 21},
	} {
		_, found := Parse([]byte(strings.Replace(small, "  - of: buddy", test.text, 1)))
		if len(found) != 1 || found[0].Column != test.column || found[0].Line != 28 {
			t.Errorf("%s: %v", test.text, found)
		}
	}
}

func TestSchemeOfNothingAndTooBigFiles(t *testing.T) {
	if _, found := Parse([]byte("name: empty\n")); len(found) != 1 || found[0].Code != codeNothing {
		t.Error(found)
	}
	many := strings.Replace(small, "criteria:\n", "criteria:\n"+strings.Repeat("  - {key: x, points: 1}\n", 200), 1)
	if _, found := Parse([]byte(many)); len(found) != 1 || found[0].Code != codeTooMany || found[0].Path != "criteria" {
		t.Error(found)
	}
	if _, found := Parse([]byte(strings.Repeat("#", maxSize+1))); len(found) != 1 || found[0].Code != codeTooBig {
		t.Error(found)
	}
}

// TestACheckedFormNamesTheSamePaths holds that a scheme built by a form is
// checked as one that was read, and is no scheme to score by.
func TestACheckedFormNamesTheSamePaths(t *testing.T) {
	s := parsed(t, small)
	s.Criteria[0].Points = &Linear{Of: "averge", Best: dec("1"), Worst: dec("3"), Max: dec("30")}
	s.Inputs[0].From = "somewhere"
	found := s.Check()
	paths := make([]string, len(found))
	for i, p := range found {
		paths[i] = p.Path
	}
	if !slices.Equal(paths, []string{"inputs.average.from", "criteria.1.points.linear.of"}) {
		t.Error(found)
	}
	if _, err := s.Score(nil); err == nil {
		t.Error("it scores all the same")
	}
	named := parsed(t, small)
	named.Criteria[1].Key = "Cover letter"
	if found := named.Check(); len(found) != 1 || found[0].Path != "criteria.2.key" || found[0].Code != codeName || found[0].Line != 0 {
		t.Error(found)
	}
}

// TestEveryCodeHasWords holds that whatever the package says by code is in
// both catalogues.
func TestEveryCodeHasWords(t *testing.T) {
	var codes []string
	files, _ := filepath.Glob("*.go")
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(scheme\.[a-z_.]*[a-z])"`).FindAllStringSubmatch(string(source), -1) {
			codes = append(codes, m[1])
		}
	}
	for prefix, words := range map[string][]string{
		"scheme.rule.": Rules, "scheme.lack.": Lacks, "scheme.kind.": wordsOf(Kinds), "scheme.source.": wordsOf(Sources),
		"scheme.gate.": wordsOf([]Standing{GateOpen, GateShut, GateUnknown}),
		"excluded.":    {ExcludedMissing, ExcludedMarks},
	} {
		for _, w := range words {
			codes = append(codes, prefix+w)
		}
	}
	for _, lang := range []string{"en", "cs"} {
		var all strings.Builder
		paths, _ := filepath.Glob("../locale/" + lang + "/*.toml")
		for _, path := range paths {
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(source)
		}
		for _, code := range codes {
			if !strings.Contains(all.String(), "\""+code+"\" = ") {
				t.Errorf("%s is not in %s", code, lang)
			}
		}
	}
	if len(codes) < 80 {
		t.Errorf("only %d codes", len(codes))
	}
}
