package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// What lets somebody in after the deadline: a link the office gave one person,
// and a grace period that only the office knows of.

// readLateLink makes the end of an opened link the deadline of this file, if
// it is later than the one it has.
func (f *file) readLateLink(ctx context.Context, s *step) error {
	link, err := queries.OpenedLateLink(ctx, s.tx, store.OpenedLateLinkParams{RoundID: f.app.RoundID, PersonID: f.app.PersonID, Now: s.now})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for a late link: %w", err)
	}
	closes := f.deadlines[lifecycle.Closes]
	if !link.ExpiresAt.After(closes.ClosesAt) || mobility.Open(s.now, closes.ClosesAt) {
		return nil
	}
	f.lateLink, f.facts.LateLink = &link, true
	closes.Wall, closes.Zone, closes.ClosesAt = link.Wall, link.Zone, link.ExpiresAt
	f.deadlines[lifecycle.Closes], f.facts.Deadlines[lifecycle.Closes] = closes, link.ExpiresAt
	return nil
}

// readGrace reads how long after the deadline a first submission is let in.
func (f *file) readGrace(ctx context.Context, s *step) error {
	minutes, err := queries.GraceOf(ctx, s.tx, f.app.CallID)
	if err != nil {
		return fmt.Errorf("read the grace period: %w", err)
	}
	f.facts.Grace = time.Duration(minutes) * time.Minute
	return nil
}

// markLate writes down, for the office, by what a submission was let in after
// the deadline, and uses a link up.
func (f *file) markLate(ctx context.Context, s *step, c *change, submission uuid.UUID) error {
	mark := store.AddLateSubmissionParams{SubmissionID: submission, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, LetInBy: "grace"}
	switch {
	case f.lateLink != nil:
		n, err := queries.UseLateLink(ctx, s.tx, store.UseLateLinkParams{ID: f.lateLink.ID, Now: &s.now, SubmissionID: &submission})
		if err != nil {
			return fmt.Errorf("use the late link: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("refusal.late_link_over", nil)
		}
		mark.LetInBy, mark.LateLinkID = "link", &f.lateLink.ID
		c.data["late_link"] = f.lateLink.ID
	case !c.out.Grace:
		return nil
	}
	if err := queries.AddLateSubmission(ctx, s.tx, mark); err != nil {
		return fmt.Errorf("mark the late submission: %w", err)
	}
	return nil
}

// readRoundFacts reads the deadlines that hold for the actor in a round they
// have not begun in.
func (s *step) readRoundFacts(ctx context.Context, round, unit uuid.UUID, facts *lifecycle.Facts) error {
	rows, err := queries.RoundDeadlinesFor(ctx, s.tx, store.RoundDeadlinesForParams{RoundID: round, PersonID: s.actor.Person, UnitID: unit})
	if err != nil {
		return fmt.Errorf("read the round's deadlines: %w", err)
	}
	for _, d := range rows {
		if d.Kind == "opens" {
			facts.Opens = d.ClosesAt
		} else {
			facts.Deadlines[lifecycle.Deadline(d.Kind)] = d.ClosesAt
		}
	}
	link, err := queries.OpenedLateLink(ctx, s.tx, store.OpenedLateLinkParams{RoundID: round, PersonID: s.actor.Person, Now: s.now})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("look for a late link: %w", err)
	case link.ExpiresAt.After(facts.Deadlines[lifecycle.Closes]):
		facts.Deadlines[lifecycle.Closes], facts.LateLink = link.ExpiresAt, true
	}
	return nil
}

// closedForAll refuses to rank a round while the deadline of everybody, of a
// unit or of the grace period runs; who is let in alone is named elsewhere.
func (s *step) closedForAll(ctx context.Context, at store.RoundForRankingRow) error {
	last, err := queries.LastClosing(ctx, s.tx, &at.ID)
	if err != nil {
		return fmt.Errorf("read when the round closes: %w", err)
	}
	grace, err := queries.GraceOfRound(ctx, s.tx, at.ID)
	if err != nil {
		return fmt.Errorf("read the grace period: %w", err)
	}
	if last = last.Add(time.Duration(grace) * time.Minute); !mobility.Due(s.now, last) {
		return mobility.ConflictError("refusal.still_open", map[string]any{"Until": last.Add(-time.Minute)})
	}
	return nil
}
