package selection

import (
	"cmp"
	"slices"

	"github.com/google/uuid"
)

// Waiting is one applicant on the reserve. Rank is the decided place in the
// whole list, Class comes before it (0 first; a call with a second-class
// reserve puts decliners in 1). Choices are the destinations still waited
// for, in order of preference: leave out those nobody may be promoted to by
// itself (design rule 8) and everybody who was offered any place.
type Waiting struct {
	Applicant uuid.UUID
	Class     int
	Rank      int
	Choices   []uuid.UUID
}

// ReserveState is the live reserve with what is free now.
type ReserveState struct {
	Pools        []Pool
	Destinations []Destination
	Waiting      []Waiting
}

// Promotion is one place to be offered from the reserve.
type Promotion struct {
	Applicant   uuid.UUID
	Destination uuid.UUID
	Preference  int // index in Choices, from 1
}

// Promote hands the free places to the reserve by `upgrades: none` (design
// rule 3): down the list, each gets the first wish with a place and leaves
// the reserve of all others. The order of rows carries no meaning.
func Promote(s ReserveState) []Promotion {
	free := make(map[uuid.UUID]int, len(s.Pools))
	for _, p := range s.Pools {
		free[p.ID] = p.Free
	}
	pools := make(map[uuid.UUID][]uuid.UUID, len(s.Destinations))
	for _, d := range s.Destinations {
		pools[d.ID] = d.Pools
	}
	var out []Promotion
	for _, w := range reserveOrder(s.Waiting) {
		for i, d := range w.Choices {
			if take(free, pools[d]) {
				out = append(out, Promotion{w.Applicant, d, i + 1})
				break
			}
		}
	}
	return out
}

// take takes one place of each pool, or none. A destination without pools is
// unknown and gives nothing.
func take(free map[uuid.UUID]int, pools []uuid.UUID) bool {
	for _, p := range pools {
		if free[p] <= 0 {
			return false
		}
	}
	for _, p := range pools {
		free[p]--
	}
	return len(pools) > 0
}

func reserveOrder(waiting []Waiting) []Waiting {
	out := slices.Clone(waiting)
	slices.SortFunc(out, func(a, b Waiting) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Rank, b.Rank), compareIDs(a.Applicant, b.Applicant))
	})
	return out
}

// Position is a live place on the reserve of one destination, from 1.
type Position struct {
	Applicant   uuid.UUID
	Destination uuid.UUID
	Position    int
}

// Positions counts the reserve of each destination as it stands now.
func Positions(waiting []Waiting) []Position {
	count := map[uuid.UUID]int{}
	var out []Position
	for _, w := range reserveOrder(waiting) {
		for _, d := range w.Choices {
			count[d]++
			out = append(out, Position{w.Applicant, d, count[d]})
		}
	}
	return out
}
