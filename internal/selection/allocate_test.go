package selection

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// story writes a result as one line per wish: outcome, ranks and reason.
func story(r Result) string {
	var b strings.Builder
	for _, e := range r.Entries {
		for _, c := range e.Choices {
			b.WriteString(string(e.Applicant[15]+'0') + ">" + string(c.Destination[15]+'0') + " " + string(c.Outcome) + " " + c.Reason.Code)
			if c.Reason.LastPoints.Valid {
				b.WriteString(" " + c.Reason.LastPoints.Decimal.String())
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}

// give lets somebody count the same everywhere.
func (a *Applicant) give(points string) {
	a.Points = dec(points)
	for i := range a.Wishes {
		a.Wishes[i].Points = a.Points
	}
}

func TestReasons(t *testing.T) {
	tests := map[string]struct {
		change func(*Input)
		want   string
	}{
		"down the list": {func(*Input) {}, `
1>1 placed reason.placed_first_free
1>2 not_placed reason.placed_at_better_choice
2>1 not_placed reason.no_place_left 90
2>2 placed reason.placed_first_free
3>1 reserve reason.no_place_left 90
3>2 reserve reason.no_place_left 80`},
		"a tie": {func(in *Input) {
			in.Applicants[1].give("90.00")
			for i, tie := range []string{"0", "1", "1"} {
				in.Applicants[i].Ties = append(in.Applicants[i].Ties, dec(tie))
			}
		}, `
2>1 placed reason.placed_first_free
2>2 not_placed reason.placed_at_better_choice
1>1 not_placed reason.lost_tie 90
1>2 placed reason.placed_first_free
3>1 reserve reason.no_place_left 90
3>2 reserve reason.no_place_left 90`},
		"a gate": {func(in *Input) { in.Applicants[0].Wishes[0].Gate = "gate.language" }, `
1>1 gated reason.gated
1>2 placed reason.placed_first_free
2>1 placed reason.placed_first_free
2>2 not_placed reason.placed_at_better_choice
3>1 reserve reason.no_place_left 80
3>2 reserve reason.no_place_left 90`},
		"marks missing, no reserve": {func(in *Input) {
			in.Applicants[0].Excluded, in.NoReserve = ExcludedMarksMissing, true
			in.Applicants[1].Wishes, in.Applicants[2].Wishes = in.Applicants[1].Wishes[:1], in.Applicants[2].Wishes[:1]
		}, `
2>1 placed reason.placed_first_free
3>1 not_placed reason.no_place_left 80
1>1 gated reason.excluded
1>2 gated reason.excluded`},
		"nothing to give out": {func(in *Input) { in.Pools[0].Free, in.ReserveLimit = 0, 2 }, `
1>1 not_placed reason.no_places_offered
1>2 placed reason.placed_first_free
2>1 reserve reason.no_places_offered
2>2 reserve reason.no_place_left 90
3>1 reserve reason.no_places_offered
3>2 reserve reason.no_place_left 90`},
		"a full year draws on both terms": {func(in *Input) {
			in.Destinations[1].Pools = []uuid.UUID{id('p', 2), id('p', 1)}
			in.Pools[1].Free = 3
		}, `
1>1 placed reason.placed_first_free
1>2 not_placed reason.placed_at_better_choice
2>1 reserve reason.no_place_left 90
2>2 reserve reason.no_place_left 90
3>1 reserve reason.no_place_left 90
3>2 reserve reason.no_place_left 90`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := world()
			tt.change(&in)
			r := allocate(t, in)
			if got := story(r); got != strings.TrimLeft(tt.want, "\n")+"\n" {
				t.Errorf("got\n%swant%s", got, tt.want)
			}
		})
	}
}

func TestReserveIsNoLongerThanSaid(t *testing.T) {
	in := world()
	in.ReserveLimit = 1
	in.Applicants = append(in.Applicants, Applicant{ID: id('a', 4), Points: dec("60"), Wishes: Wishes(0, dec("60"), id('d', 2))})
	r := allocate(t, in)
	last := r.Entries[3].Choices[0]
	if last.Outcome != NotPlaced || !last.Reason.ReserveFull || last.Rank != 4 {
		t.Errorf("the second to wait is %+v", last)
	}
	if r.Entries[3].Waiting() || !r.Entries[2].Waiting() {
		t.Error("exactly the third waits")
	}
}

func TestLotFollowsTheSeed(t *testing.T) {
	in := world()
	for i := range in.Applicants {
		in.Applicants[i].give("50")
	}
	firsts := map[uuid.UUID]bool{}
	for _, seed := range strings.Fields("a b c d e f g h i j k l m n o p") {
		in.Seed = seed
		r := allocate(t, in)
		firsts[r.Entries[0].Applicant] = true
		if r.Entries[1].Rule != RuleLot || r.Entries[1].Choices[0].Reason.Code != ReasonLostLot {
			t.Errorf("seed %s: %+v", seed, r.Entries[1])
		}
	}
	if len(firsts) != 3 {
		t.Errorf("%d of three applicants ever came first", len(firsts))
	}
	if got := SeedCommitment("peregrine"); got != "48bcfd4617c9cce391fef80949ffde546c8b7ae4d626236c707ea97ac94dfdae" {
		t.Errorf("commitment %s", got)
	}
}

func TestUnusableInput(t *testing.T) {
	tests := map[string]struct {
		spoil func(*Input)
		code  string
	}{
		"method":               {func(in *Input) { in.Method = "magic" }, "selection.unknown_method"},
		"seed":                 {func(in *Input) { in.Seed = "" }, "selection.no_seed"},
		"limit":                {func(in *Input) { in.ReserveLimit = -1 }, "selection.negative"},
		"negative places":      {func(in *Input) { in.Pools[0].Free = -1 }, "selection.negative"},
		"pool twice":           {func(in *Input) { in.Pools[1].ID = in.Pools[0].ID }, "selection.duplicate"},
		"destination twice":    {func(in *Input) { in.Destinations[1].ID = in.Destinations[0].ID }, "selection.duplicate"},
		"applicant twice":      {func(in *Input) { in.Applicants[1].ID = in.Applicants[0].ID }, "selection.duplicate"},
		"no pool":              {func(in *Input) { in.Destinations[0].Pools = nil }, "selection.no_pool"},
		"unknown pool":         {func(in *Input) { in.Destinations[0].Pools[0] = id('x', 1) }, "selection.unknown_reference"},
		"unknown destination":  {func(in *Input) { in.Applicants[0].Wishes[0].Destination = id('x', 1) }, "selection.unknown_reference"},
		"one wish twice":       {func(in *Input) { in.Applicants[0].Wishes[1] = in.Applicants[0].Wishes[0] }, "selection.duplicate_reference"},
		"chain of own length":  {func(in *Input) { in.Applicants[1].Ties = append(in.Applicants[1].Ties, dec("1")) }, "selection.uneven_ties"},
		"absurd number":        {func(in *Input) { in.Applicants[1].Points = dec("1e9999") }, "selection.number_out_of_size"},
		"absurdly fine number": {func(in *Input) { in.Applicants[1].Points = dec("1e-9999") }, "selection.number_out_of_size"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			in := world()
			tt.spoil(&in)
			_, err := Allocate(in)
			var e *mobility.Error
			if !errors.As(err, &e) || e.Kind != mobility.Invalid {
				t.Fatalf("got %v, want invalid", err)
			}
			if !slices.ContainsFunc(e.Fields, func(f mobility.FieldProblem) bool { return f.Code == tt.code }) {
				t.Errorf("problems %+v, want %s", e.Fields, tt.code)
			}
		})
	}
}

// Numbers too large for machine integers keep their order.
func TestPointsBeyondMachineIntegers(t *testing.T) {
	in := world()
	for i, points := range []string{"12345678901234567890.1", "12345678901234567890.12", "-0.000000000000000000000001"} {
		in.Applicants[i].give(points)
	}
	r := allocate(t, in)
	for i, want := range []byte{2, 1, 3} {
		if got := r.Entries[i].Applicant[15]; got != want {
			t.Errorf("rank %d is applicant %d, want %d", i+1, got, want)
		}
	}
}

func TestReasonDataForMessages(t *testing.T) {
	data := Reason{Code: ReasonLostTie, Rule: 2, LastPoints: null("81.5"), Shared: true}.Data()
	if data["Tie"] != 2 || data["Shared"] != true || !data["LastPoints"].(decimal.Decimal).Equal(dec("81.5")) {
		t.Errorf("placeholders %v", data)
	}
	if _, ok := (Reason{Code: ReasonNoPlaces}).Data()["LastPoints"]; ok {
		t.Error("a figure where nobody took a place")
	}
}
