package selection

import (
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// reserveState draws a live reserve with a few freed places.
func reserveState(t *rapid.T) ReserveState {
	in := instance(t)
	s := ReserveState{Pools: in.Pools, Destinations: in.Destinations}
	for i, a := range in.Applicants {
		class := rapid.IntRange(0, 1).Draw(t, "class")
		s.Waiting = append(s.Waiting, Waiting{Applicant: a.ID, Wishes: stands(class, i+1, a.destinations()...)})
	}
	return s
}

func stands(class, rank int, destinations ...uuid.UUID) []Stand {
	out := make([]Stand, len(destinations))
	for i, d := range destinations {
		out[i] = Stand{d, class, rank}
	}
	return out
}

// asInput says the same as a ranking: who waits first has the most points.
func (s ReserveState) asInput() Input {
	in := Input{Method: MethodList, Tied: TiedLot, Seed: "s", Pools: s.Pools, Destinations: s.Destinations}
	for _, w := range s.Waiting {
		a := Applicant{ID: w.Applicant}
		for _, s := range w.Wishes {
			a.Points = decimal.NewFromInt(int64(1000 - 100*s.Class - s.Rank))
			a.Wishes = append(a.Wishes, Wish{Destination: s.Destination, Points: a.Points})
		}
		in.Applicants = append(in.Applicants, a)
	}
	return in
}

func TestPromoteAgreesWithEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := reserveState(t)
		got := Promote(s)
		want := oracle(s.asInput())
		for i, w := range s.Waiting {
			k := slices.IndexFunc(got, func(p Promotion) bool { return p.Applicant == w.Applicant })
			wish := 0
			if k >= 0 {
				wish = got[k].Preference
			}
			if wish != want[i] {
				t.Fatalf("applicant %d is promoted to wish %d, the enumeration gives %d", i, wish, want[i])
			}
		}
	})
}

func TestPromote(t *testing.T) {
	d1, d2 := id('d', 1), id('d', 2)
	autumn, spring := id('p', 1), id('p', 2)
	destinations := []Destination{{ID: d1, Pools: []uuid.UUID{autumn}}, {ID: d2, Pools: []uuid.UUID{autumn, spring}}}
	first, second, decliner := id('a', 1), id('a', 2), id('a', 3)
	waiting := []Waiting{
		{Applicant: decliner, Wishes: stands(2, 1, d1)},
		{Applicant: second, Wishes: stands(1, 7, d1)},
		{Applicant: first, Wishes: stands(1, 4, d2, d1)},
	}
	tests := map[string]struct {
		autumn, spring int
		want           []Promotion
	}{
		"nothing free":                          {0, 3, nil},
		"one term alone is no full year":        {1, 0, []Promotion{{Applicant: first, Destination: d1, Preference: 2}}},
		"the wish further up":                   {1, 1, []Promotion{{Applicant: first, Destination: d2, Preference: 1}}},
		"the next by rank":                      {2, 0, []Promotion{{Applicant: first, Destination: d1, Preference: 2}, {Applicant: second, Destination: d1, Preference: 1}}},
		"who declined comes after the unplaced": {3, 1, []Promotion{{Applicant: first, Destination: d2, Preference: 1}, {Applicant: second, Destination: d1, Preference: 1}, {Applicant: decliner, Destination: d1, Preference: 1}}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := ReserveState{Pools: []Pool{{ID: autumn, Free: tt.autumn}, {ID: spring, Free: tt.spring}}, Destinations: destinations, Waiting: waiting}
			if got := Promote(s); !slices.Equal(got, tt.want) {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	want := []Position{{first, d1, 1}, {second, d1, 2}, {decliner, d1, 3}, {first, d2, 1}}
	if got := Positions(waiting); !slices.Equal(got, want) {
		t.Errorf("live positions %v, want %v", got, want)
	}
}
