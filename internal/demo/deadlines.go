package demo

import (
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// longer is what an office does with the deadlines of a call that is open:
// more time for a faculty and for one student, and an assessment that ends
// later than announced.
func (s *stage) longer(c *call, writing []*part) {
	if s.err != nil || len(writing) == 0 {
		return
	}
	unit, person := c.units["ICV"], writing[0].Person
	for _, move := range []struct {
		kind          lifecycle.Deadline
		at, wall      string
		scope         process.DeadlineScope
		unit, person  *uuid.UUID
		reason        string
		tellApplicant bool
	}{
		{kind: lifecycle.Closes, at: "2027-01-13 10:00", wall: "2027-02-03 23:59", scope: process.ForUnit, unit: &unit, reason: "The institute teaches in blocks; its students were away until now.", tellApplicant: true},
		{kind: lifecycle.AssessBy, at: "2027-01-15 09:00", wall: "2027-03-08 18:00", scope: process.ForEverybody, reason: "Two members of the committee are travelling in the first week of March."},
		{kind: lifecycle.Closes, at: "2027-01-18 11:00", wall: "2027-02-05 12:00", scope: process.ForPerson, person: &person, reason: "In hospital until the end of January; the certificate is with us.", tellApplicant: true},
	} {
		id, err := queries.DemoDeadlineOf(s.ctx, s.DB, store.DemoDeadlineOfParams{RoundID: &c.round, Kind: string(move.kind)})
		if s.fail(err) {
			return
		}
		wall, err := s.wall(move.wall)
		if s.fail(err) {
			return
		}
		s.fail(s.Process.MoveDeadline(s.ctx, c.officer, process.DeadlineMove{
			Deadline: id, Scope: move.scope, Unit: move.unit, Person: move.person, Wall: wall,
			Reason: move.reason, Tell: move.tellApplicant, Arrived: s.when(move.at),
		}))
	}
}

// letIn gives whoever never sent an application a link to do it after the
// deadline. It ended before it was opened.
func (s *stage) letIn(c *call, person uuid.UUID, at time.Time, until string) {
	wall, err := s.wall(until)
	if s.err != nil || s.fail(err) {
		return
	}
	_, err = s.Process.IssueLateLink(s.ctx, c.officer, process.LateLinkIssue{
		Round: c.round, Person: person, Wall: wall, Arrived: at,
		Reason: "The form did not save in the last hour; the log of the service confirms it.",
	})
	s.fail(err)
}
