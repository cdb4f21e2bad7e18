package selection

import (
	"bytes"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Direction says how somebody fares under one result against another.
type Direction string

// The directions. Up and down are between places: a wish further up or down
// the own list.
const (
	MovedIn   Direction = "in"   // placed only after
	MovedOut  Direction = "out"  // placed only before
	MovedUp   Direction = "up"   // placed at a wish wanted more
	MovedDown Direction = "down" // placed at a wish wanted less
	Stayed    Direction = "same"
)

// Shift is one applicant under two results. The choices are the granted ones,
// nil where there is none; Grants differ only with a money quota.
type Shift struct {
	Applicant     uuid.UUID
	Direction     Direction
	Before, After *Choice
	GrantBefore   Grant
	GrantAfter    Grant
	Missed        *Choice // after moving out or down: the lost wish as it stands after, with why
}

// CutOff is the lowest admitted and the highest refused of one destination
// under two results.
type CutOff struct {
	Destination   uuid.UUID
	Before, After Figures
}

// Comparison is what changes from one result to another of the same people.
type Comparison struct {
	Shifts  []Shift  // of everybody in either, by the later result's order, then those only before
	CutOffs []CutOff // of every destination in either, by id
}

// Compare says who moves from before to after, and how the cut-offs do.
// Somebody in only one of the results counts as without a place in the other.
func Compare(before, after Result) Comparison {
	earlier := make(map[uuid.UUID]*Entry, len(before.Entries))
	for i := range before.Entries {
		earlier[before.Entries[i].Applicant] = &before.Entries[i]
	}
	var c Comparison
	for i := range after.Entries {
		e := &after.Entries[i]
		c.Shifts = append(c.Shifts, shift(earlier[e.Applicant], e))
		delete(earlier, e.Applicant)
	}
	for i := range before.Entries {
		if e := &before.Entries[i]; earlier[e.Applicant] != nil {
			c.Shifts = append(c.Shifts, shift(e, nil))
		}
	}
	c.CutOffs = cutOffs(before.Destinations, after.Destinations)
	return c
}

func shift(before, after *Entry) Shift {
	var s Shift
	for _, e := range []*Entry{before, after} {
		if e != nil {
			s.Applicant = e.Applicant
		}
	}
	s.Before, s.GrantBefore = granted(before)
	s.After, s.GrantAfter = granted(after)
	s.Direction = direction(s.Before, s.After)
	if after != nil && (s.Direction == MovedOut || s.Direction == MovedDown) {
		if i := slices.IndexFunc(after.Choices, func(c Choice) bool { return c.Destination == s.Before.Destination }); i >= 0 {
			s.Missed = &after.Choices[i]
		}
	}
	return s
}

func granted(e *Entry) (*Choice, Grant) {
	if e == nil {
		return nil, ""
	}
	c, ok := e.Placed()
	if !ok {
		return nil, ""
	}
	return &c, e.Grant
}

func direction(before, after *Choice) Direction {
	switch {
	case before == nil && after == nil, before != nil && after != nil && before.Destination == after.Destination:
		return Stayed
	case before == nil:
		return MovedIn
	case after == nil:
		return MovedOut
	case after.Preference < before.Preference:
		return MovedUp
	}
	return MovedDown
}

func cutOffs(before, after []Figures) []CutOff {
	by := map[uuid.UUID]*CutOff{}
	var order []uuid.UUID
	at := func(id uuid.UUID) *CutOff {
		if by[id] == nil {
			by[id] = &CutOff{Destination: id, Before: Figures{Destination: id}, After: Figures{Destination: id}}
			order = append(order, id)
		}
		return by[id]
	}
	for _, f := range before {
		at(f.Destination).Before = f
	}
	for _, f := range after {
		at(f.Destination).After = f
	}
	slices.SortFunc(order, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	out := make([]CutOff, len(order))
	for i, id := range order {
		out[i] = *by[id]
	}
	return out
}

// Changed reports whether the lowest admitted points differ.
func (c CutOff) Changed() bool { return !sameNull(c.Before.LowestAdmitted, c.After.LowestAdmitted) }

func sameNull(a, b decimal.NullDecimal) bool {
	return a.Valid == b.Valid && (!a.Valid || a.Decimal.Equal(b.Decimal))
}

// Tally counts shifts by direction within one group of people.
type Tally struct{ In, Out, Up, Down, Same, PlacedBefore, PlacedAfter int }

// Count adds one shift.
func (t *Tally) Count(s Shift) {
	switch s.Direction {
	case MovedIn:
		t.In++
	case MovedOut:
		t.Out++
	case MovedUp:
		t.Up++
	case MovedDown:
		t.Down++
	case Stayed:
		t.Same++
	}
	if s.Before != nil {
		t.PlacedBefore++
	}
	if s.After != nil {
		t.PlacedAfter++
	}
}

// Moves reports how many people fare otherwise.
func (t Tally) Moves() int { return t.In + t.Out + t.Up + t.Down }
