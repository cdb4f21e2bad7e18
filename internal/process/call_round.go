package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/intake"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// deadline is a wall minute to be written down for a round or a destination.
type deadline struct {
	kind               string
	round, destination *uuid.UUID
	wall               mobility.WallMinute
	zone               *time.Location
}

// closesAt is the instant a deadline of that kind stands for (design rule 7):
// of "opens" its first instant, of every other the first after the minute.
func closesAt(kind string, wall mobility.WallMinute, zone *time.Location) time.Time {
	if kind == "opens" {
		return mobility.OpensAt(wall, zone)
	}
	return mobility.ClosesAt(wall, zone)
}

func (m *callMaker) addDeadline(ctx context.Context, d deadline) error {
	err := queries.AddDeadline(ctx, m.tx, store.AddDeadlineParams{
		ID: newID(), InstitutionID: m.at.ID, Kind: d.kind, RoundID: d.round, DestinationID: d.destination,
		Wall: d.wall.Time(), Zone: d.zone.String(), ClosesAt: closesAt(d.kind, d.wall, d.zone),
	})
	if err != nil {
		return fmt.Errorf("add the deadline %s: %w", d.kind, err)
	}
	return nil
}

func (m *callMaker) addRound(ctx context.Context, n int, agreements []chosen) error {
	id, plan := newID(), m.plan.Rounds[n]
	if err := queries.AddRound(ctx, m.tx, store.AddRoundParams{ID: id, InstitutionID: m.at.ID, CallID: m.id, Number: int32(n + 1)}); err != nil {
		return fmt.Errorf("add the round: %w", err)
	}
	for kind, text := range map[string]string{"opens": plan.Opens, string(lifecycle.Closes): plan.Closes, string(lifecycle.AssessBy): plan.AssessBy} {
		if text == "" {
			continue
		}
		wall, err := mobility.ParseWall(text)
		if err != nil {
			return err
		}
		if err := m.addDeadline(ctx, deadline{kind: kind, round: &id, wall: wall, zone: m.zone}); err != nil {
			return err
		}
	}
	for _, c := range agreements {
		if err := m.addDestination(ctx, id, c); err != nil {
			return err
		}
	}
	return nil
}

// addDestination writes one destination, the pools it draws on, the host's
// nomination deadline from the agreement, and the planned stay.
func (m *callMaker) addDestination(ctx context.Context, round uuid.UUID, c chosen) error {
	id := newID()
	stay := c.plan.Stays[c.Term]
	begins, ends := stay.days()
	err := queries.AddDestination(ctx, m.tx, store.AddDestinationParams{
		ID: id, CallID: m.id, RoundID: round, StartsOn: begins, EndsOn: ends, NominationLimit: small(c.plan.NominationLimit),
		HostEmail: m.hostEmail(c), AgreementID: c.ID,
	})
	if err != nil {
		return fmt.Errorf("add the destination: %w", err)
	}
	if _, err := queries.AddDestinationPools(ctx, m.tx, id); err != nil {
		return fmt.Errorf("add the destination's pools: %w", err)
	}
	if err := m.drawOn(ctx, id, c); err != nil {
		return err
	}
	host, err := time.LoadLocation(c.HostZone)
	if err != nil {
		return fmt.Errorf("read the host's zone: %w", err)
	}
	if err := m.addHostDeadline(ctx, id, c, host); err != nil {
		return err
	}
	if begins == nil {
		return nil
	}
	// A stay has begun with the first minute of its first day, and ends with its last.
	first := mobility.Wall(begins.Year(), begins.Month(), begins.Day(), 0, 0)
	last := mobility.Wall(ends.Year(), ends.Month(), ends.Day(), 23, 59)
	if err := m.addDeadline(ctx, deadline{kind: string(lifecycle.StayBegins), destination: &id, wall: first, zone: host}); err != nil {
		return err
	}
	return m.addDeadline(ctx, deadline{kind: string(lifecycle.StayEnds), destination: &id, wall: last, zone: host})
}

func (m *callMaker) addHostDeadline(ctx context.Context, id uuid.UUID, c chosen, host *time.Location) error {
	if c.NominationWall == nil {
		return nil
	}
	zone := host
	if c.NominationZone != nil && *c.NominationZone != "" {
		var err error
		if zone, err = time.LoadLocation(*c.NominationZone); err != nil {
			return fmt.Errorf("read the deadline's zone: %w", err)
		}
	}
	return m.addDeadline(ctx, deadline{kind: string(lifecycle.HostNomination), destination: &id, wall: mobility.WallOf(c.NominationWall.UTC()), zone: zone})
}

// hostEmail is the address of record for this host.
func (m *callMaker) hostEmail(c chosen) string {
	for code, email := range c.plan.HostEmails {
		if m.hosts[intake.CodeKey(code)] == c.HostInstitutionID {
			return email
		}
	}
	return c.HostEmail
}

// days reads the plan's dates, both or none.
func (s StayPlan) days() (begins, ends *time.Time) {
	first, err := time.Parse(time.DateOnly, s.Begins)
	if err != nil {
		return nil, nil
	}
	last, err := time.Parse(time.DateOnly, s.Ends)
	if err != nil {
		return nil, nil
	}
	return &first, &last
}
