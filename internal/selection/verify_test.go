package selection

import (
	"bytes"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// Every result but the right one must be refused: whatever a planted fault
// changes in the bytes, the verifier finds.
func TestVerifierFindsEveryPlantedFault(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := instance(t)
		right := Canonical(allocate(t, in))
		wrong, err := ReadResult(bytes.NewReader(right))
		if err != nil {
			t.Fatal(err)
		}
		for range rapid.IntRange(1, 3).Draw(t, "faults") {
			name := rapid.SampledFrom(faultNames()).Draw(t, "fault")
			faults[name](t, in, &wrong)
		}
		same := bytes.Equal(Canonical(wrong), right)
		if found := Verify(in, wrong); same != (len(found) == 0) {
			t.Fatalf("unchanged: %v, found: %+v\n%s\n%s", same, found, right, Canonical(wrong))
		}
	})
}

func faultNames() []string {
	names := make([]string, 0, len(faults))
	for name := range faults {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

var faults = map[string]func(*rapid.T, Input, *Result){
	"engine":       func(_ *rapid.T, _ Input, r *Result) { r.Engine += "x" },
	"drop entry":   func(t *rapid.T, _ Input, r *Result) { r.Entries = dropOne(t, r.Entries) },
	"double entry": func(t *rapid.T, _ Input, r *Result) { r.Entries = doubleOne(t, r.Entries) },
	"drop figures": func(t *rapid.T, _ Input, r *Result) { r.Destinations = dropOne(t, r.Destinations) },
	"swap entries": func(t *rapid.T, _ Input, r *Result) { swap(t, r.Entries) },
	"swap figures": func(t *rapid.T, _ Input, r *Result) { swap(t, r.Destinations) },
	"swap ranks": onTwo(func(a, b *Entry) {
		a.Rank, b.Rank = b.Rank, a.Rank
	}),
	"swap places in the list": onTwo(func(a, b *Entry) {
		a.Applicant, b.Applicant = b.Applicant, a.Applicant
	}),
	"swap outcomes": onTwo(func(a, b *Entry) {
		for i := range min(len(a.Choices), len(b.Choices)) {
			a.Choices[i].Outcome, b.Choices[i].Outcome = b.Choices[i].Outcome, a.Choices[i].Outcome
		}
	}),
	"rank":     onEntry(func(t *rapid.T, _ Input, e *Entry) { e.Rank += rapid.IntRange(-1, 1).Draw(t, "by") }),
	"rule":     onEntry(func(t *rapid.T, _ Input, e *Entry) { e.Rule = Rule(rapid.IntRange(-1, 3).Draw(t, "rule")) }),
	"points":   onEntry(func(_ *rapid.T, _ Input, e *Entry) { e.Points = e.Points.Add(dec("0.0001")) }),
	"excluded": onEntry(func(_ *rapid.T, _ Input, e *Entry) { e.Excluded += "x" }),
	"unknown":  onEntry(func(_ *rapid.T, _ Input, e *Entry) { e.Applicant = id('x', 1) }),
	"drop wish": onEntry(func(t *rapid.T, _ Input, e *Entry) {
		e.Choices = dropOne(t, e.Choices)
	}),
	"swap wishes": onEntry(func(t *rapid.T, _ Input, e *Entry) { swap(t, e.Choices) }),
	"outcome": onChoice(func(t *rapid.T, _ Input, c *Choice) {
		c.Outcome = rapid.SampledFrom([]Outcome{Placed, Reserve, NotPlaced, Gated, "lost"}).Draw(t, "outcome")
	}),
	"reserve position": onChoice(func(t *rapid.T, _ Input, c *Choice) { c.Reserve += rapid.IntRange(-1, 2).Draw(t, "by") }),
	"wish's rank":      onChoice(func(t *rapid.T, _ Input, c *Choice) { c.Rank += rapid.IntRange(-1, 2).Draw(t, "by") }),
	"wish's number":    onChoice(func(_ *rapid.T, _ Input, c *Choice) { c.Preference++ }),
	"destination": onChoice(func(t *rapid.T, in Input, c *Choice) {
		c.Destination = rapid.SampledFrom(in.Destinations).Draw(t, "to").ID
	}),
	"reason": onChoice(func(t *rapid.T, _ Input, c *Choice) {
		c.Reason.Code = rapid.SampledFrom([]string{ReasonPlaced, ReasonNoPlaceLeft, ReasonLostLot, ReasonLostTie, ReasonNoPlaces, ReasonBetterChoice}).Draw(t, "code")
	}),
	"reason's rule":   onChoice(func(t *rapid.T, _ Input, c *Choice) { c.Reason.Rule = Rule(rapid.IntRange(-1, 3).Draw(t, "rule")) }),
	"reason's points": onChoice(func(_ *rapid.T, _ Input, c *Choice) { c.Reason.LastPoints = decimal.NewNullDecimal(dec("7")) }),
	"reason's flags": onChoice(func(t *rapid.T, _ Input, c *Choice) {
		c.Reason.Shared, c.Reason.ReserveFull = rapid.Bool().Draw(t, "shared"), rapid.Bool().Draw(t, "full")
	}),
	"gate":          onChoice(func(_ *rapid.T, _ Input, c *Choice) { c.Reason.Gate += "x" }),
	"reason's wish": onChoice(func(_ *rapid.T, _ Input, c *Choice) { c.Reason.Preference++ }),
	"figures": onFigures(func(t *rapid.T, f *Figures) {
		counts := []*int{&f.Listed, &f.Admitted, &f.Refused, &f.Waiting}
		*counts[rapid.IntRange(0, 3).Draw(t, "count")]++
	}),
	"cut-off": onFigures(func(_ *rapid.T, f *Figures) {
		f.LowestAdmitted, f.HighestRefused = f.HighestRefused, f.LowestAdmitted
	}),
}

func dropOne[T any](t *rapid.T, rows []T) []T {
	if len(rows) == 0 {
		return rows
	}
	i := rapid.IntRange(0, len(rows)-1).Draw(t, "drop")
	return slices.Delete(slices.Clone(rows), i, i+1)
}

func doubleOne[T any](t *rapid.T, rows []T) []T {
	if len(rows) == 0 {
		return rows
	}
	return append(rows, rows[rapid.IntRange(0, len(rows)-1).Draw(t, "double")])
}

func swap[T any](t *rapid.T, rows []T) {
	if len(rows) > 1 {
		i, j := rapid.IntRange(0, len(rows)-1).Draw(t, "i"), rapid.IntRange(0, len(rows)-1).Draw(t, "j")
		rows[i], rows[j] = rows[j], rows[i]
	}
}

func onTwo(f func(a, b *Entry)) func(*rapid.T, Input, *Result) {
	return func(t *rapid.T, _ Input, r *Result) {
		if last := len(r.Entries) - 1; last > 0 {
			i, j := rapid.IntRange(0, last).Draw(t, "i"), rapid.IntRange(0, last).Draw(t, "j")
			f(&r.Entries[i], &r.Entries[j])
		}
	}
}

func onFigures(f func(*rapid.T, *Figures)) func(*rapid.T, Input, *Result) {
	return func(t *rapid.T, _ Input, r *Result) {
		if len(r.Destinations) > 0 {
			f(t, &r.Destinations[rapid.IntRange(0, len(r.Destinations)-1).Draw(t, "figures")])
		}
	}
}

func onEntry(f func(*rapid.T, Input, *Entry)) func(*rapid.T, Input, *Result) {
	return func(t *rapid.T, in Input, r *Result) {
		if len(r.Entries) > 0 {
			f(t, in, &r.Entries[rapid.IntRange(0, len(r.Entries)-1).Draw(t, "entry")])
		}
	}
}

func onChoice(f func(*rapid.T, Input, *Choice)) func(*rapid.T, Input, *Result) {
	return onEntry(func(t *rapid.T, in Input, e *Entry) {
		if len(e.Choices) > 0 {
			f(t, in, &e.Choices[rapid.IntRange(0, len(e.Choices)-1).Draw(t, "choice")])
		}
	})
}

// world is three applicants for one place each at two destinations.
func world() Input {
	d1, d2 := id('d', 1), id('d', 2)
	return Input{
		Method: MethodList, Tied: TiedLot, Seed: "s",
		Pools:        []Pool{{ID: id('p', 1), Free: 1}, {ID: id('p', 2), Free: 1}},
		Destinations: []Destination{{ID: d1, Pools: []uuid.UUID{id('p', 1)}}, {ID: d2, Pools: []uuid.UUID{id('p', 2)}}},
		Applicants: []Applicant{
			{ID: id('a', 1), Points: dec("90"), Wishes: Wishes(0, dec("90"), d1, d2)},
			{ID: id('a', 2), Points: dec("80"), Wishes: Wishes(0, dec("80"), d1, d2)},
			{ID: id('a', 3), Points: dec("70"), Wishes: Wishes(0, dec("70"), d1, d2)},
		},
	}
}

// Each promise is named when it is broken, not only some other one.
func TestVerifierNamesTheBrokenPromise(t *testing.T) {
	give := func(r *Result, entry, wish int) {
		for i := range r.Entries[entry].Choices {
			r.Entries[entry].Choices[i].Outcome = NotPlaced
		}
		if wish >= 0 {
			r.Entries[entry].Choices[wish].Outcome = Placed
		}
	}
	tests := map[string]func(*Input, *Result){
		ViolationAccounted:  func(_ *Input, r *Result) { r.Entries = r.Entries[:2] },
		ViolationOrder:      func(_ *Input, r *Result) { r.Entries[0], r.Entries[1] = r.Entries[1], r.Entries[0] },
		ViolationQuota:      func(_ *Input, r *Result) { give(r, 2, 0) },
		ViolationPassedOver: func(_ *Input, r *Result) { give(r, 1, -1); give(r, 2, 1) },
		ViolationPlaceLeft:  func(_ *Input, r *Result) { give(r, 1, -1) },
		ViolationGate:       func(in *Input, _ *Result) { in.Applicants[0].Wishes[0].Gate = "gate.language" },
		ViolationReserve:    func(_ *Input, r *Result) { r.Entries[2].Choices[0].Reserve = 2 },
		ViolationReason:     func(_ *Input, r *Result) { r.Entries[2].Choices[0].Reason.Code = ReasonLostLot },
		ViolationInput:      func(in *Input, _ *Result) { in.Seed = "" },
	}
	for code, plant := range tests {
		t.Run(code, func(t *testing.T) {
			in := world()
			r := allocate(t, in)
			plant(&in, &r)
			found := Verify(in, r)
			if !slices.ContainsFunc(found, func(v Violation) bool { return v.Code == code }) {
				t.Errorf("found %+v, want %s among them", found, code)
			}
		})
	}
}
