package scheme

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// What configurable schemes must do, point by point.

// Point 1: numbers, levels, yes with its file, counts with a window and a
// type, marks, imported values frozen at an instant.
func TestNeed1InputsSayWhereTheyComeFrom(t *testing.T) {
	s := parsed(t, `name: inputs
inputs:
  average: {from: imported, kind: number, field: gpa_total, frozen: instant, min: 1, max: 4}
  english: {from: answer, kind: level, question: english_level}
  buddy: {from: answer, kind: yesno, evidence: buddy_proof}
  earlier: {from: record, kind: count, of: mobilities, same_cycle: true, years: 5, programmes: [erasmus-study]}
criteria:
  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - {key: buddy, points: {when: buddy, points: 10}}
  - {key: earlier, points: {each: {of: earlier, points: -5}}}
  - {key: english, points: {bands: {of: english, steps: [{from: B2, points: 3}]}}}
`)
	want := Input{
		Key: "earlier", From: FromRecord, Kind: KindCount, Of: "mobilities", SameCycle: true, Years: 5, Programmes: []string{"erasmus-study"},
	}
	if in, _ := s.Input("earlier"); written(t, in) != written(t, want) {
		t.Errorf("%+v", in)
	}
	at := time.Date(2026, 1, 31, 23, 0, 0, 0, time.UTC)
	inputs := of(t, s, "average=2 english=B2 buddy=yes? earlier=1")
	average := inputs["average"]
	average.At = at
	inputs["average"] = average
	got, err := s.Score([]Values{{Application: id(1), Inputs: inputs}})
	if err != nil {
		t.Fatal(err)
	}
	lines := got[0].Breakdown.Lines
	if in := lines[0].Inputs[0]; in.Source != FromImported || !in.At.Equal(at) || !in.Number.Equal(dec("2")) {
		t.Errorf("the line does not say what went in: %+v", in)
	}
	if !lines[1].Points.IsZero() || !lines[1].Inputs[0].Unproved {
		t.Errorf("a yes without its file: %+v", lines[1])
	}
	if !got[0].Breakdown.Total.Equal(dec("13")) { // 15 + 0 - 5 + 3
		t.Errorf("total %s", got[0].Breakdown.Total)
	}
	for text, key := range map[string]string{"average=4.5": "average", "average=0.9": "average", "earlier=1.5": "earlier", "earlier=-1": "earlier", "english=B9": "english"} {
		with := of(t, s, "average=2 english=B2 buddy=no earlier=1 "+text)
		got, _ := s.Score([]Values{{Application: id(1), Inputs: with}})
		if l, _ := got[0].Breakdown.Line(key); l.Lack != LackUnreadable || !slices.Equal(l.Missing, []string{key}) || got[0].Excluded != ExcludedMissing {
			t.Errorf("%s is believed: %+v", text, l)
		}
	}
}

// Point 2: both directions, steps, certificates, a ratio, a percentile, count
// times value with a cap.
func TestNeed2TransformsBothWays(t *testing.T) {
	for best, worst := range map[string]string{"1": "5", "5": "1"} {
		s := parsed(t, "name: two\ninputs: {x: {from: imported, kind: number}}\ncriteria:\n"+
			"  - {key: c, points: {linear: {of: x, best: "+best+", worst: "+worst+", max: 40, min: -4}}}\n")
		for x, want := range map[string]string{best: "40", worst: "-4", "3": "18", "2": map[string]string{"1": "29", "5": "7"}[best], "9": map[string]string{"1": "-4", "5": "40"}[best]} {
			line(t, scores(t, s, person{inputs: "x=" + x})[0], "c", want)
		}
	}
	s := parsed(t, "name: cap\ninputs: {n: {from: record, kind: count, of: mobilities}}\ncriteria:\n"+
		"  - {key: malus, points: {each: {of: n, points: -10, most: -30}}}\n  - {key: bonus, points: {each: {of: n, points: 0.5, most: 2}}}\n")
	for n, want := range map[string][2]string{"0": {"0", "0"}, "2": {"-20", "1"}, "3": {"-30", "1.5"}, "5": {"-30", "2"}} {
		got := scores(t, s, person{inputs: "n=" + n})[0]
		line(t, got, "malus", want[0])
		line(t, got, "bonus", want[1])
	}
	certificate := parsed(t, "name: c\ninputs: {proof: {from: answer, kind: choice, evidence: file}}\ncriteria:\n"+
		"  - {key: c, missing: 0, points: {lookup: {of: proof, points: {CAE: 10, IELTS-7: 8}, otherwise: 1}}}\n")
	for proof, want := range map[string]string{"CAE": "10", "IELTS-7": "8", "other": "1", "CAE?": "0"} {
		line(t, scores(t, certificate, person{inputs: "proof=" + proof})[0], "c", want)
	}
}

// Point 3: points per application and per destination.
func TestNeed3PointsPerDestination(t *testing.T) {
	s := parsed(t, `name: places
inputs:
  average: {from: imported, kind: number, min: 1, max: 4}
  taught_in: {from: destination, kind: choice, options: [en, de]}
  english: {from: answer, kind: level}
  german: {from: answer, kind: level}
  least: {from: destination, kind: level}
  level: {from: formula, kind: level, formula: "if(taught_in = 'de', german, english)"}
criteria:
  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - key: language
    per: destination
    points: {bands: {of: level, steps: [{from: B1, points: 5}, {from: C1, points: 15}]}}
  - {key: plan, per: destination, mark: {min: 0, max: 10}}
gates:
  - {key: least, per: destination, require: level >= least}
`)
	v := Values{Application: id(1), Inputs: of(t, s, "average=2 english=C1 german=B1"), Destinations: []DestinationValues{
		{ID: id(2), Inputs: of(t, s, "taught_in=en least=B2"), Marks: marksOf("plan=7")},
		{ID: id(3), Inputs: of(t, s, "taught_in=de least=B2"), Marks: marksOf("plan=9")},
		{ID: id(4), Inputs: of(t, s, "taught_in=de least=A2")},
	}}
	got, err := s.Score([]Values{v})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ points, gate string }{{"37", ""}, {"29", "least"}, {"20", ExcludedMarks}} { // 15+15+7, 15+5+9, 15+5
		w := got[0].Wishes[i]
		if !w.Points.Equal(dec(want.points)) || w.Gate != want.gate || len(w.Lines) != 2 {
			t.Errorf("%d: %s points, gate %q, %d lines", i, w.Points, w.Gate, len(w.Lines))
		}
	}
	if got[0].Excluded != "" || !got[0].Breakdown.Total.Equal(dec("15")) || len(got[0].Breakdown.Lines) != 1 {
		t.Errorf("%+v", got[0])
	}
	if !slices.Equal(got[0].Wishes[2].Missing, []string{"plan"}) {
		t.Errorf("missing %v", got[0].Wishes[2].Missing)
	}
}

// Point 4: by cycle, unit, programme, year, with a fallback of the first year.
func TestNeed4Variants(t *testing.T) {
	s := parsed(t, `name: variants
inputs:
  average: {from: imported, kind: number, min: 1, max: 4}
  admission: {from: imported, kind: number, min: 0, max: 100}
  year: {from: imported, kind: count}
  unit: {from: imported, kind: choice}
criteria:
  - key: study
    variants:
      - when: year = 1
        points: {linear: {of: admission, best: 100, worst: 0, max: 30}}
      - when: unit in ('af', 'ldf')
        points: {linear: {of: average, best: 1, worst: 4, max: 30}}
    points: {linear: {of: average, best: 1, worst: 3, max: 30}}
`)
	for inputs, want := range map[string]string{"year=1 admission=80 unit=pef": "24", "year=2 average=2 unit=af": "20", "year=2 average=2 unit=pef": "15"} {
		points(t, s, person{inputs: inputs}, want)
	}
	s.Criteria[0].Points = nil
	if got := scores(t, s, person{inputs: "year=2 average=2 unit=pef"})[0]; got.Breakdown.Lines[0].Lack != LackVariant {
		t.Errorf("nobody said what applies: %+v", got.Breakdown.Lines[0])
	}
}

// Point 5: a minimum of an input, a subtotal, the total; a veto by role.
func TestNeed5GatesApartFromPoints(t *testing.T) {
	s := parsed(t, `name: gates
inputs:
  average: {from: imported, kind: number, min: 1, max: 5}
criteria:
  - {key: test, mark: {min: 0, max: 30}}
  - {key: letter, mark: {min: 0, max: 30}}
  - {key: talk, mark: {min: 0, max: 40}}
gates:
  - {key: input, require: average <= 3}
  - {key: pass, require: points(test) >= 18}
  - {key: subtotal, require: points(letter) + points(talk) >= 30}
  - {key: total, require: total >= 60}
  - {key: dean, veto: coordinator}
`)
	for _, test := range []struct{ average, marks, vetoes, want string }{
		{"3", "test=18 letter=20 talk=22", "", ""},
		{"3.01", "test=18 letter=20 talk=22", "", "input"},
		{"3", "test=17 letter=30 talk=22", "", "pass"},
		{"3", "test=30 letter=0 talk=29", "", "subtotal"},
		{"3", "test=18 letter=20 talk=21", "", "total"},
		{"3", "test=18 letter=20 talk=22", "dean", "dean"},
		{"3", "letter=20 talk=22", "", ExcludedMarks},
		{"3.01", "letter=20 talk=22", "", "input"},
	} {
		got := scores(t, s, person{inputs: "average=" + test.average, marks: test.marks, vetoes: test.vetoes})[0]
		if got.Excluded != test.want || got.Wishes[0].Gate != test.want {
			t.Errorf("%+v: %q and %q", test, got.Excluded, got.Wishes[0].Gate)
		}
		if test.want == ExcludedMarks && !slices.Equal(got.Breakdown.Missing, []string{"test"}) {
			t.Errorf("missing %v", got.Breakdown.Missing)
		}
	}
	if vetoes := s.Vetoes(); len(vetoes) != 1 || vetoes[0].Key != "dean" || vetoes[0].Veto != "coordinator" {
		t.Errorf("%+v", vetoes)
	}
}

// Point 6: bonus and malus, capped, beyond 100 and below 0, the total cut off
// where the scheme says so.
func TestNeed6BonusBeyondTheScale(t *testing.T) {
	text := `name: bonus
inputs:
  n: {from: record, kind: count, of: mobilities}
  good: {from: answer, kind: yesno}
criteria:
  - {key: mark, mark: {min: 0, max: 100}}
  - {key: good, points: {when: good, points: 15}}
  - {key: earlier, points: {each: {of: n, points: -50}}, min: -120}
`
	s := parsed(t, text)
	points(t, s, person{inputs: "n=0 good=yes", marks: "mark=100"}, "115")
	if l := line(t, points(t, s, person{inputs: "n=3 good=no", marks: "mark=10"}, "-110"), "earlier", "-120"); !l.Clamped {
		t.Error("it does not say that the malus is cut off")
	}
	cut := parsed(t, text+"total: {min: 0, max: 110}\n")
	for _, test := range []struct{ inputs, mark, want string }{{"n=0 good=yes", "100", "110"}, {"n=1 good=no", "10", "0"}, {"n=1 good=no", "80", "30"}} {
		got := points(t, cut, person{inputs: test.inputs, marks: "mark=" + test.mark}, test.want)
		if got.Breakdown.Bounded != (test.want != "30") {
			t.Errorf("%+v", got.Breakdown)
		}
	}
	if low, high := cut.MinTotal(), cut.MaxTotal(); !low.Decimal.Equal(dec("0")) || !high.Decimal.Equal(dec("110")) {
		t.Errorf("%v to %v", low, high)
	}
	if low, high := s.MinTotal(), s.MaxTotal(); !low.Decimal.Equal(dec("-120")) || !high.Decimal.Equal(dec("115")) {
		t.Errorf("%v to %v", low, high)
	}
}

// Point 7: classes before points, also such as depend on the destination.
func TestNeed7ClassesBeforePoints(t *testing.T) {
	s := parsed(t, `name: classes
inputs:
  earlier: {from: record, kind: count, of: mobilities}
  this_year: {from: record, kind: yesno, of: mobilities}
  own_country: {from: destination, kind: yesno}
classes:
  - {key: never, when: earlier = 0 and not own_country}
  - {key: once, when: this_year and not own_country}
  - {key: others, when: not own_country}
  - {key: own}
`)
	for want, p := range []person{
		{inputs: "earlier=0 this_year=no", there: "own_country=no"},
		{inputs: "earlier=1 this_year=yes", there: "own_country=no"},
		{inputs: "earlier=2 this_year=no", there: "own_country=no"},
		{inputs: "earlier=0 this_year=no", there: "own_country=yes"},
	} {
		if got := scores(t, s, p)[0].Wishes[0]; got.Class != want || got.Gate != "" {
			t.Errorf("%+v: class %d, want %d", p, got.Class, want)
		}
	}
	if got := scores(t, s, person{inputs: "this_year=no", there: "own_country=no"})[0].Wishes[0]; got.Gate != ExcludedMissing || got.Missing[0] != "never" {
		t.Errorf("%+v", got)
	}
}

// Point 8: the chain of ties, each with its direction.
func TestNeed8TieChain(t *testing.T) {
	s := parsed(t, `name: ties
inputs:
  level: {from: answer, kind: level}
  earlier: {from: record, kind: count, of: mobilities}
  year: {from: imported, kind: count}
  born: {from: imported, kind: date}
  rate: {from: imported, kind: number}
criteria:
  - {key: study, mark: {min: 0, max: 30}}
  - {key: talk, mark: {min: 0, max: 30}}
  - {key: interview, aside: true, missing: 0, mark: {min: 0, max: 5}}
ties:
  - {of: points(study)}
  - {of: level}
  - {of: earlier = 0}
  - {of: year}
  - {of: born, prefer: high}
  - {of: rate, prefer: low}
  - {of: points(interview)}
`)
	chain := []person{
		{inputs: "level=A1 earlier=9 year=1 born=1990-01-01 rate=9", marks: "study=21 talk=9"},
		{inputs: "level=C1 earlier=9 year=1 born=1990-01-01 rate=9", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=0 year=1 born=1990-01-01 rate=9", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=1 year=4 born=1990-01-01 rate=9", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=2 year=3 born=2004-02-29 rate=9", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=1 year=3 born=2004-02-28 rate=0.3333333", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=1 year=3 born=2004-02-28 rate=0.4", marks: "study=20 talk=10 interview=2"},
		{inputs: "level=B2 earlier=1 year=3 born=2004-02-28 rate=0.4", marks: "study=20 talk=10"},
		{inputs: "level=B2 earlier=1 year=3 born=2004-02-28", marks: "study=20 talk=10 interview=5"}, // not known loses
	}
	better(t, scores(t, s, chain...))
	if got := scores(t, s, chain[8])[0].Wishes[0].Ties[5]; !got.Equal(TieUnknown) {
		t.Errorf("not known is %s", got)
	}
}

// Point 14: the same stored inputs are the same bytes and the same points.
func TestNeed14StoredInputsReproduceTheResult(t *testing.T) {
	s := load(t, "f12.yaml")
	var all []Values
	for i := range 20 {
		all = append(all, Values{
			Application: id(20 - i), Inputs: of(t, s, "average=1."+string(rune('0'+i%10))+" english=B2"), Marks: marksOf("motivation=40.0,35"),
			Destinations: []DestinationValues{{ID: id(100 + i), Inputs: of(t, s, "local=B1")}, {ID: id(200 + i)}}, Vetoes: []string{"z", "a", "z"},
		})
	}
	write := func(all []Values) string {
		var out strings.Builder
		if err := WriteValues(&out, all); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	text := write(all)
	slices.Reverse(all)
	all[3].Marks["motivation"] = []decimal.Decimal{dec("35.00"), dec("40")}
	if again := write(all); again != text {
		t.Errorf("other bytes:\n%s\n%s", text, again)
	}
	read, err := ReadValues(strings.NewReader(text))
	if err != nil || write(read) != text || len(read) != 20 || strings.Count(text, "\n") != 20 {
		t.Fatalf("read as something else: %v", err)
	}
	first, err := s.Score(all)
	if err != nil {
		t.Fatal(err)
	}
	second, err := s.Score(read) // in the order of ids, as all is now
	if err != nil || written(t, first) != written(t, second) {
		t.Error("other points from the stored inputs")
	}
	var stored []Scored
	if err := json.Unmarshal([]byte(written(t, first)), &stored); err != nil || written(t, stored) != written(t, first) {
		t.Errorf("a stored breakdown reads as another: %v", err)
	}
}
