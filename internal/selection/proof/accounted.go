package proof

import (
	"github.com/google/uuid"

	"peregrine/internal/selection"
)

// accounted checks that everybody and every wish is there exactly once, with
// the numbers of the input, and lays people beside their lines.
func (c *claim) accounted() {
	left := make(map[uuid.UUID]*selection.Applicant, len(c.in.Applicants))
	for i := range c.in.Applicants {
		left[c.in.Applicants[i].ID] = &c.in.Applicants[i]
	}
	for i := range c.result.Entries {
		e := &c.result.Entries[i]
		a := left[e.Applicant]
		if a == nil {
			c.add(Violation{Code: ViolationAccounted, Applicant: e.Applicant, Detail: "unknown, or listed twice"})
			continue
		}
		left[e.Applicant] = nil
		c.who = append(c.who, a)
		c.accountedWishes(e, a)
	}
	for _, a := range c.in.Applicants {
		if left[a.ID] != nil {
			c.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Detail: "not listed"})
		}
	}
}

func (c *claim) accountedWishes(e *selection.Entry, a *selection.Applicant) {
	wrong := func(d uuid.UUID, detail string) {
		c.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Destination: d, Detail: detail})
	}
	if e.Excluded != a.Excluded || !e.Points.Equal(a.Points) {
		wrong(uuid.Nil, "exclusion or points differ from the input")
	}
	if len(e.Choices) != len(a.Wishes) {
		wrong(uuid.Nil, "number of wishes")
		return
	}
	placed := 0
	for i := range e.Choices {
		x, w := &e.Choices[i], &a.Wishes[i]
		if x.Destination != w.Destination || x.Preference != i+1 || !x.Points.Equal(w.Points) {
			wrong(x.Destination, "wish out of place, or points differ from the input")
		}
		switch x.Outcome {
		case selection.Placed:
			placed++
		case selection.Reserve, selection.NotPlaced, selection.Gated:
		default:
			wrong(x.Destination, "unknown outcome")
		}
	}
	if placed > 1 {
		wrong(uuid.Nil, "placed more than once")
	}
}

// gates checks that exactly the wishes that are shut take no part, and that
// nobody has a place who may only wait.
func (c *claim) gates() {
	for w := range int32(len(c.line)) {
		x := c.choice(w)
		if c.open[w] == (x.Outcome == selection.Gated) || !c.open[w] && (x.Rank != 0 || x.Standing != 0) {
			c.about(ViolationGate, w, string(x.Outcome))
		}
		if c.open[w] && !c.asks[w] && x.Outcome == selection.Placed {
			c.about(ViolationGate, w, "may only wait")
		}
	}
}
