package demo

import (
	"fmt"
	"slices"
	"time"

	"peregrine/internal/process"
)

// unmarked is how many files of the spring call wait for their marks: enough
// for an afternoon with the grid.
const unmarked = 30

// spring is in the middle of its selection: more than two hundred applied, and
// all but some are marked; nothing is computed yet.
func (s *stage) spring(c *call) {
	if s.err != nil {
		return
	}
	var sent []*part
	var unsent []student
	for i, p := range s.crowd {
		f := s.start(c, p, s.within("2026-11-25 08:00", 45*24), true)
		if i%37 == 36 {
			unsent = append(unsent, p) // never sends it
			continue
		}
		s.submit(f)
		sent = append(sent, f)
	}
	s.due(c, c.closes.Add(5*time.Minute))
	if len(unsent) > 0 {
		s.letIn(c, unsent[0].Person, s.when("2027-01-12 09:00"), "2027-01-14 18:00")
	}
	for i, f := range sent {
		if i >= unmarked && f != nil {
			s.markLetter(f)
		}
	}
}

// markLetter gives points that crowd where most letters are: good, not
// excellent.
func (s *stage) markLetter(f *part) {
	if s.err != nil {
		return
	}
	of := 0.35 + 0.3*s.rnd.Float64() + 0.3*s.rnd.Float64()
	points := fmt.Sprintf("%.1f", float64(int(of*40))/2)
	at := s.within("2027-01-11 09:00", 6*24)
	s.fail(s.Process.SetMark(s.ctx, s.office(f), process.Mark{Application: f.id, Criterion: "letter", Points: points, Arrived: at}))
}

// chooseAmong favours what stands first in the file: some destinations are
// wanted by many.
func (s *stage) chooseAmong(fits []destination) int {
	at := make([]int, 3)
	for i := range at {
		at[i] = s.rnd.IntN(len(fits))
	}
	return slices.Min(at[:2+s.rnd.IntN(2)])
}
