package process

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// readConcerned finds whose deadline becomes another.
func (s *step) readConcerned(ctx context.Context, p *deadlinePlan) error {
	v := &p.preview
	v.Institution, v.Call, v.Kind, v.Unit, v.Person = p.row.InstitutionID, p.row.CallID, p.row.Kind, p.row.UnitID, p.row.PersonID
	v.Becomes = Deadline{Wall: p.req.Wall, Zone: p.zone.String(), ClosesAt: p.at}
	v.Oddity, v.Phases = mobility.OddityOf(p.req.Wall, p.zone), map[string]int{}
	v.Sooner = v.Was != nil && p.at.Before(v.Was.ClosesAt)
	if p.row.DestinationID != nil {
		return s.concernedAt(ctx, p)
	}
	rows, err := queries.DeadlineConcerns(ctx, s.tx, store.DeadlineConcernsParams{
		PersonID: p.row.PersonID, UnitID: p.row.UnitID, Kind: p.row.Kind, RoundID: *p.row.InRound, Phases: movable[p.row.Kind],
	})
	if err != nil {
		return fmt.Errorf("find whom it concerns: %w", err)
	}
	for _, a := range rows {
		if a.Narrower && (p.row.Kind != string(lifecycle.Closes) || !a.ClosesAt.Before(p.at)) {
			v.OwnLater++
			continue
		}
		p.concern(a.ID, string(a.Phase), a.DeadlineID)
		if a.Narrower {
			p.carry(a.DeadlineID)
		}
	}
	if err := s.carryUnits(ctx, p); err != nil {
		return err
	}
	return s.concernWithout(ctx, p)
}

func (p *deadlinePlan) concern(id uuid.UUID, phase string, old uuid.UUID) {
	p.preview.Concerned = append(p.preview.Concerned, id)
	p.preview.Phases[phase]++
	if text := old.String(); old != uuid.Nil && !slices.Contains(p.olds, text) {
		p.olds = append(p.olds, text)
	}
}

func (p *deadlinePlan) carry(id uuid.UUID) {
	if !slices.Contains(p.carried, id) {
		p.carried = append(p.carried, id)
		p.preview.Carried++
	}
}

// carryUnits takes along extensions nobody's file hangs on yet.
func (s *step) carryUnits(ctx context.Context, p *deadlinePlan) error {
	if p.row.Kind != string(lifecycle.Closes) || p.row.PersonID != nil {
		return nil
	}
	ids, err := queries.NarrowerUnits(ctx, s.tx, store.NarrowerUnitsParams{RoundID: p.row.InRound, Kind: p.row.Kind, At: p.at, UnitID: p.row.UnitID})
	if err != nil {
		return fmt.Errorf("find narrower deadlines: %w", err)
	}
	for _, id := range ids {
		p.carry(id)
	}
	slices.SortFunc(p.carried, compareIDs)
	return nil
}

// concernWithout adds those who have no deadline of the kind so far.
func (s *step) concernWithout(ctx context.Context, p *deadlinePlan) error {
	rows, err := queries.WithoutDeadline(ctx, s.tx, store.WithoutDeadlineParams{
		PersonID: p.row.PersonID, UnitID: p.row.UnitID, Kind: p.row.Kind, RoundID: *p.row.InRound, Phases: movable[p.row.Kind],
	})
	if err != nil {
		return fmt.Errorf("find whom it concerns: %w", err)
	}
	for _, a := range rows {
		p.concern(a.ID, string(a.Phase), uuid.Nil)
	}
	slices.SortFunc(p.preview.Concerned, compareIDs)
	return nil
}

// concernedAt finds who stands at a destination.
func (s *step) concernedAt(ctx context.Context, p *deadlinePlan) error {
	at, err := queries.DeadlineSubject(ctx, s.tx, store.DeadlineSubjectParams{DestinationID: p.row.DestinationID})
	if err != nil {
		return fmt.Errorf("find the round: %w", err)
	}
	rows, err := queries.DestinationConcerns(ctx, s.tx, store.DestinationConcernsParams{
		RoundID: at.RoundID, Phases: movable[p.row.Kind], DestinationID: *p.row.DestinationID, Kind: p.row.Kind,
	})
	if err != nil {
		return fmt.Errorf("find whom it concerns: %w", err)
	}
	for _, a := range rows {
		p.concern(a.ID, string(a.Phase), p.row.ID)
	}
	if p.row.Kind != string(lifecycle.HostNomination) {
		return nil
	}
	n, err := queries.OffersBeyond(ctx, s.tx, store.OffersBeyondParams{DestinationID: *p.row.DestinationID, At: p.at})
	p.preview.OffersAfter = int(n)
	return err
}

// countLetters counts what was said of the old time, and what the new brings.
func (s *step) countLetters(ctx context.Context, p *deadlinePlan) error {
	v := &p.preview
	v.Tellable = ofApplicants(p.row.Kind) && len(v.Concerned) > 0
	counts, err := queries.ReminderCounts(ctx, s.tx, store.ReminderCountsParams{Deadlines: p.olds, Applications: v.Concerned, Everybody: v.Scope == ForEverybody})
	if err != nil {
		return fmt.Errorf("count the reminders: %w", err)
	}
	v.Gone, v.Waiting = int(counts.Gone), int(counts.Waiting)
	ahead, err := queries.RemindersAhead(ctx, s.tx, store.RemindersAheadParams{Applications: v.Concerned, Kind: p.row.Kind})
	v.Anew = int(ahead)
	return err
}

// mayAmendAppeal lets the window to appeal against a final list be moved, but
// not one whose final list is out.
func (s *step) mayAmendAppeal(ctx context.Context, round uuid.UUID) error {
	list, err := queries.ProvisionalList(ctx, s.tx, round)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the provisional list: %w", err)
	}
	published, err := queries.RoundIsPublished(ctx, s.tx, round)
	if err != nil {
		return fmt.Errorf("look for the result: %w", err)
	}
	if published || list.Status == "published" {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return nil
}
