package scheme

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

// random returns what might be known about one application: now and then
// nothing, a value that cannot be, or a mark too few.
func random(rng *rand.Rand, s *Scheme, n int) Values {
	v := Values{Application: id(n), Inputs: map[string]Value{}, Marks: randomMarks(rng, s, "")}
	for i := range 3 {
		v.Destinations = append(v.Destinations, DestinationValues{
			ID: id(1000 + i), Inputs: map[string]Value{}, Marks: randomMarks(rng, s, PerDestination),
		})
	}
	for i := range s.Inputs {
		in := &s.Inputs[i]
		if in.Per == "" && in.From != FromDestination {
			if rng.IntN(30) > 0 {
				v.Inputs[in.Key] = randomValue(rng, in)
			}
			continue
		}
		for j := range v.Destinations {
			if rng.IntN(30) > 0 {
				v.Destinations[j].Inputs[in.Key] = randomValue(rng, in)
			}
		}
	}
	for _, g := range s.Vetoes() {
		if rng.IntN(20) == 0 {
			v.Vetoes = append(v.Vetoes, g.Key)
		}
	}
	return v
}

func randomValue(rng *rand.Rand, in *Input) Value {
	out := Value{Kind: in.Kind, Source: in.From, Proved: rng.IntN(5) > 0}
	switch in.Kind {
	case KindNumber:
		low, high := 0.0, 100.0
		if in.Min.Valid {
			low = in.Min.Decimal.InexactFloat64()
		}
		if in.Max.Valid {
			high = in.Max.Decimal.InexactFloat64()
		}
		out.Number = decimal.NewFromFloat(low + rng.Float64()*(high-low)).Round(int32(rng.IntN(4)))
	case KindCount:
		out.Number = decimal.NewFromInt(int64(rng.IntN(7)))
	case KindYesNo:
		out.Number = decimal.NewFromInt(int64(rng.IntN(2)))
	case KindLevel:
		out.Text = Levels[rng.IntN(len(Levels))]
	case KindChoice:
		out.Text = []string{"pef", "af", "ldf"}[rng.IntN(3)]
		if len(in.Options) > 0 {
			out.Text = in.Options[rng.IntN(len(in.Options))]
		}
	case KindDate:
		out.Text = time.Unix(rng.Int64N(1<<30), 0).UTC().Format(time.DateOnly)
	}
	return out
}

func randomMarks(rng *rand.Rand, s *Scheme, per string) map[string][]decimal.Decimal {
	out := map[string][]decimal.Decimal{}
	for _, c := range s.Marked() {
		if c.Per != per {
			continue
		}
		for range c.Mark.Assessors + rng.IntN(3) - btoi(rng.IntN(20) == 0) {
			steps := c.Mark.Max.Sub(c.Mark.Min).IntPart()
			out[c.Key] = append(out[c.Key], c.Mark.Min.Add(decimal.NewFromInt(rng.Int64N(steps+1))))
		}
	}
	return out
}

func written(t *testing.T, v any) string {
	t.Helper()
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestEveryExampleHoldsWhatAlwaysHolds scores random cohorts by every scheme
// there is.
func TestEveryExampleHoldsWhatAlwaysHolds(t *testing.T) {
	for seed, file := range examples(t) {
		s := load(t, file)
		rng := rand.New(rand.NewPCG(uint64(seed), 7))
		all := make([]Values, 60)
		for i := range all {
			all[i] = random(rng, s, i)
		}
		got, err := s.Score(all)
		if err != nil {
			t.Fatal(err)
		}
		low, high := s.MinTotal(), s.MaxTotal()
		for i, one := range got {
			if one.Application != all[i].Application || len(one.Wishes) != 3 {
				t.Fatalf("%s: another order", file)
			}
			sums(t, file, s, one)
			for _, w := range one.Wishes {
				if w.Gate == "" && (low.Valid && w.Points.LessThan(low.Decimal) || high.Valid && w.Points.GreaterThan(high.Decimal)) {
					t.Errorf("%s: %s points, beyond %v and %v", file, w.Points, low, high)
				}
			}
		}
		shuffled := slices.Clone(all)
		rng.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		again, err := s.Score(shuffled)
		if err != nil {
			t.Fatal(err)
		}
		for i := range again {
			n := slices.IndexFunc(all, func(v Values) bool { return v.Application == shuffled[i].Application })
			if a, b := written(t, got[n]), written(t, again[i]); a != b {
				t.Fatalf("%s: the order of rows matters:\n%s\n%s", file, a, b)
			}
		}
	}
}

// sums holds that totals are the sums of their lines, and that who is not
// ranked has a reason.
func sums(t *testing.T, file string, s *Scheme, one Scored) {
	t.Helper()
	total := func(lines []Line) decimal.Decimal {
		sum := decimal.Zero
		for _, l := range lines {
			c, _ := s.Criterion(l.Key)
			if !l.Points.Equal(l.Points.Round(s.scale(&c))) || l.Lack != "" && !l.Points.IsZero() {
				t.Errorf("%s: %s has %s points", file, l.Key, l.Points)
			}
			if l.Max.Valid && l.Points.GreaterThan(l.Max.Decimal) {
				t.Errorf("%s: %s has %s of %s points", file, l.Key, l.Points, l.Max.Decimal)
			}
			if !l.Aside {
				sum = sum.Add(l.Points)
			}
		}
		return sum
	}
	own := total(one.Breakdown.Lines)
	if !own.Equal(one.Breakdown.Total) {
		t.Errorf("%s: %s in all, the lines are %s", file, one.Breakdown.Total, own)
	}
	if len(one.Breakdown.Missing) > 0 && one.Excluded == "" {
		t.Errorf("%s: ranked without %v", file, one.Breakdown.Missing)
	}
	for _, w := range one.Wishes {
		if !w.Points.Equal(own.Add(total(w.Lines))) {
			t.Errorf("%s: %s in all, the lines are %s and %s", file, w.Points, own, total(w.Lines))
		}
		if (len(w.Missing) > 0 || one.Excluded != "") && w.Gate == "" {
			t.Errorf("%s: ranked there without %v, %q", file, w.Missing, one.Excluded)
		}
	}
}

// TestAHigherMarkNeverCosts raises one mark at a time where points grow with
// it.
func TestAHigherMarkNeverCosts(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, how := range []Combination{CombineMean, CombineMedian, CombineTrimmed} {
		s := parsed(t, fmt.Sprintf("name: m\ncriteria:\n  - {key: a, mark: {min: 0, max: 10, assessors: 3, combine: %s}}\n"+
			"  - {key: b, mark: {min: 0, max: 10}, points: {linear: {of: mark, best: 10, worst: 3, max: 7}}}\n"+
			"  - {key: c, mark: {min: 0, max: 10}, points: {bands: {of: mark, steps: [{from: 2, points: 1}, {from: 7, points: 4}]}}}\n"+
			"  - {key: d, mark: {min: 0, max: 10}, points: {formula: 0.3 * mark}, max: 2}\n", how))
		for range 500 {
			low := random(rng, s, 1)
			low.Marks = map[string][]decimal.Decimal{}
			for _, c := range s.Marked() {
				for range 4 {
					low.Marks[c.Key] = append(low.Marks[c.Key], decimal.NewFromInt(rng.Int64N(10)))
				}
			}
			high := low
			high.Application, high.Marks = id(2), map[string][]decimal.Decimal{}
			for key, marks := range low.Marks {
				high.Marks[key] = slices.Clone(marks)
			}
			key := s.Marked()[rng.IntN(4)].Key
			i := rng.IntN(4)
			high.Marks[key][i] = high.Marks[key][i].Add(decimal.NewFromInt(1))
			got, err := s.Score([]Values{low, high})
			if err != nil {
				t.Fatal(err)
			}
			if got[1].Breakdown.Total.LessThan(got[0].Breakdown.Total) {
				t.Fatalf("%s: %v lose against %v", how, high.Marks, low.Marks)
			}
		}
	}
}

// The oracles: the same rules, written the way one would do it by hand.

func TestLinearAgainstAnOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 3000 {
		best, worst := rng.Int64N(100), rng.Int64N(100)
		if best == worst {
			continue
		}
		low := rng.Int64N(20) - 10
		high := low + 1 + rng.Int64N(50)
		x := big.NewRat(rng.Int64N(30000)-10000, 100)
		s := parsed(t, fmt.Sprintf("name: l\nscale: 4\ninputs: {x: {from: imported, kind: number}}\n"+
			"criteria:\n  - {key: c, points: {linear: {of: x, best: %d, worst: %d, max: %d, min: %d}}}\n", best, worst, high, low))
		got := scores(t, s, person{inputs: "x=" + x.FloatString(2)})[0].Breakdown.Lines[0]

		// The share of the way from worst to best, in whole hundredths.
		way := new(big.Rat).Sub(x, big.NewRat(worst, 1))
		share := way.Quo(way, big.NewRat(best-worst, 1))
		f, _ := share.Float64()
		beyond := f < 0 || f > 1
		want := float64(low) + min(max(f, 0), 1)*float64(high-low)
		if d := got.Points.InexactFloat64() - want; d > 0.000051 || d < -0.000051 || got.Clamped != beyond {
			t.Fatalf("%s between %d and %d: %s, want %f (%v)", x.FloatString(2), worst, best, got.Points, want, got.Clamped)
		}
	}
}

func TestBandsAgainstAnOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 500 {
		end := []string{"from", "to"}[rng.IntN(2)]
		ends := rng.Perm(30)[:1+rng.IntN(6)]
		text := "name: b\ninputs: {x: {from: imported, kind: number}}\ncriteria:\n  - key: c\n    points:\n      bands:\n        of: x\n        otherwise: -1\n        steps:\n"
		for i, n := range ends {
			text += fmt.Sprintf("          - {%s: %d.5, points: %d}\n", end, n, i)
		}
		s := parsed(t, text)
		for x := -10; x < 320; x += 5 {
			want, nearest := -1, 1000
			for i, n := range ends {
				distance := x - (10*n + 5)
				if end == "to" {
					distance = -distance
				}
				if distance >= 0 && distance < nearest {
					want, nearest = i, distance
				}
			}
			got := scores(t, s, person{inputs: fmt.Sprintf("x=%d.%d", x/10, abs(x%10))})[0].Breakdown.Lines[0]
			if x >= 0 && !got.Points.Equal(decimal.NewFromInt(int64(want))) {
				t.Fatalf("%d tenths: %s, want %d in\n%s", x, got.Points, want, text)
			}
		}
	}
}

func abs(x int) int {
	if x < 0 {
		return -x
	}
	return x
}

func TestPercentilesAgainstAnOracle(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	for round := range 40 {
		best := Bests[round%2]
		s := parsed(t, "name: p\nscale: 8\ninputs:\n  x: {from: imported, kind: number}\n  unit: {from: imported, kind: choice}\n"+
			"  p: {from: cohort, kind: number, of: x, by: [unit], best: "+string(best)+"}\ncriteria:\n  - {key: c, points: {formula: p}}\n")
		people := make([]person, 1+rng.IntN(40))
		xs, units := make([]int, len(people)), make([]int, len(people))
		for i := range people {
			xs[i], units[i] = rng.IntN(12), rng.IntN(3)
			people[i].inputs = fmt.Sprintf("x=%d unit=u%d", xs[i], units[i])
		}
		for i, one := range scores(t, s, people...) {
			better, all := 0, 0
			for j := range people {
				if units[j] != units[i] {
					continue
				}
				all++
				if best == BestLow && xs[j] < xs[i] || best == BestHigh && xs[j] > xs[i] {
					better++
				}
			}
			want := decimal.NewFromInt(int64(better)*100).DivRound(decimal.NewFromInt(int64(all)), 8)
			if !one.Breakdown.Total.Equal(want) {
				t.Fatalf("%v of %v: %s, want %s", people[i], people, one.Breakdown.Total, want)
			}
		}
	}
}

// BenchmarkScore scores 10,000 applications with three destinations each by
// ten criteria and more.
func BenchmarkScore(b *testing.B) {
	for _, file := range []string{"f1.yaml", "f9.yaml", "f3_cohort.yaml"} {
		b.Run(file, func(b *testing.B) {
			s := load(b, file)
			rng := rand.New(rand.NewPCG(9, 9))
			all := make([]Values, 10_000)
			for i := range all {
				all[i] = random(rng, s, i)
			}
			for b.Loop() {
				if _, err := s.Score(all); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A weight multiplies the points before the one rounding, and the most a line
// can be with them.
func TestWeight(t *testing.T) {
	s := parsed(t, `
name: weighted
scale: 2
criteria:
  - key: letter
    mark: {min: 0, max: 10, step: 0.01}
    weight: 1.5
`)
	got, err := s.Score([]Values{{Marks: map[string][]decimal.Decimal{"letter": {dec("3.33")}}}})
	if err != nil {
		t.Fatal(err)
	}
	line := got[0].Breakdown.Lines[0]
	if !line.Points.Equal(dec("5")) || !line.Max.Decimal.Equal(dec("15")) || !line.Weight.Decimal.Equal(dec("1.5")) {
		t.Errorf("3.33 × 1.5 at scale 2 is %s of %s", line.Points, line.Max.Decimal)
	}
}
