package selection

import (
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

func TestCompareSaysWhoMoves(t *testing.T) {
	d1, d2 := id('d', 1), id('d', 2)
	placed := func(n byte, preference int, d uuid.UUID) Entry {
		return Entry{Applicant: id('a', n), Choices: []Choice{{Destination: d, Preference: preference, Outcome: Placed}}}
	}
	none := func(n byte, lost ...uuid.UUID) Entry {
		e := Entry{Applicant: id('a', n)}
		for i, d := range lost {
			e.Choices = append(e.Choices, Choice{Destination: d, Preference: i + 1, Outcome: Reserve, Reason: Reason{Code: ReasonNoPlaceLeft}})
		}
		return e
	}
	before := Result{Entries: []Entry{placed(1, 1, d1), placed(2, 2, d2), placed(3, 1, d2), none(4), placed(5, 1, d1), placed(6, 1, d1)}}
	after := Result{Entries: []Entry{placed(1, 1, d1), placed(2, 1, d1), placed(3, 2, d1), placed(4, 1, d2), none(5, d2, d1), none(7)}}

	c := Compare(before, after)
	want := map[uuid.UUID]Direction{
		id('a', 1): Stayed, id('a', 2): MovedUp, id('a', 3): MovedDown, id('a', 4): MovedIn, id('a', 5): MovedOut, id('a', 6): MovedOut, id('a', 7): Stayed,
	}
	if len(c.Shifts) != len(want) {
		t.Fatalf("%d shifts of %d people", len(c.Shifts), len(want))
	}
	var tally Tally
	for _, s := range c.Shifts {
		if s.Direction != want[s.Applicant] {
			t.Errorf("%s: %s, want %s", s.Applicant, s.Direction, want[s.Applicant])
		}
		tally.Count(s)
		if s.Applicant == id('a', 5) && (s.Missed == nil || s.Missed.Destination != d1 || s.Missed.Reason.Code != ReasonNoPlaceLeft) {
			t.Errorf("who is out does not read what became of the lost wish: %+v", s.Missed)
		}
	}
	if tally != (Tally{In: 1, Out: 2, Up: 1, Down: 1, Same: 2, PlacedBefore: 5, PlacedAfter: 4}) || tally.Moves() != 5 {
		t.Errorf("tally %+v", tally)
	}
}

func TestCompareSetsCutOffsSideBySide(t *testing.T) {
	lowest := func(n byte, points string) Figures {
		return Figures{Destination: id('d', n), Admitted: 1, LowestAdmitted: decimal.NewNullDecimal(dec(points))}
	}
	before := Result{Destinations: []Figures{lowest(1, "70"), lowest(2, "60")}}
	after := Result{Destinations: []Figures{lowest(3, "1"), lowest(1, "70.00"), lowest(2, "61")}}
	got := Compare(before, after).CutOffs
	if len(got) != 3 || got[0].Changed() || !got[1].Changed() || !got[2].Changed() || got[2].Before.Admitted != 0 {
		t.Errorf("cut-offs %+v", got)
	}
}
