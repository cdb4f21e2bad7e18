package process

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// OpeningProblem is something an officer should know before a call is opened.
// Code names a message of the catalogue, Data its placeholders; a blocking one
// must be put right first.
type OpeningProblem struct {
	Code     string
	Data     map[string]any
	Blocking bool
}

// OpeningProblems looks at a call that is not open yet, for the page on which
// it is opened and once more when it is. db shows what the reader may see;
// now is business time.
func OpeningProblems(ctx context.Context, db store.DBTX, call uuid.UUID, now time.Time) ([]OpeningProblem, error) {
	rounds, err := queries.OpeningRounds(ctx, db, call)
	if err != nil {
		return nil, fmt.Errorf("read the rounds: %w", err)
	}
	places, err := queries.OpeningDestinations(ctx, db, call)
	if err != nil {
		return nil, fmt.Errorf("read the destinations: %w", err)
	}
	var out []OpeningProblem
	if len(rounds) == 0 {
		out = append(out, OpeningProblem{Code: "opening.no_round", Blocking: true})
	}
	for _, r := range rounds {
		out = append(out, roundProblems(r, places, now)...)
	}
	return append(out, destinationProblems(places)...), nil
}

func roundProblems(r store.OpeningRoundsRow, places []store.OpeningDestinationsRow, now time.Time) []OpeningProblem {
	var out []OpeningProblem
	add := func(blocking bool, code string) {
		out = append(out, OpeningProblem{Code: code, Data: map[string]any{"Round": int(r.Number)}, Blocking: blocking})
	}
	switch {
	case r.ClosesAt == nil:
		add(true, "opening.no_closing")
	case !mobility.Open(now, *r.ClosesAt):
		add(true, "opening.closed_already")
	case r.OpensAt != nil && !r.OpensAt.Before(*r.ClosesAt):
		add(true, "opening.closes_before_opens")
	}
	if r.AssessBy == nil {
		add(false, "opening.no_assessment_deadline")
	}
	if !slices.ContainsFunc(places, func(d store.OpeningDestinationsRow) bool { return d.RoundID == r.ID }) {
		add(true, "opening.no_destination")
	}
	return out
}

// destinationProblems counts what is wrong with destinations, one line each.
func destinationProblems(places []store.OpeningDestinationsRow) []OpeningProblem {
	var out []OpeningProblem
	for _, c := range []struct {
		code     string
		blocking bool
		wrong    func(store.OpeningDestinationsRow) bool
	}{
		{"opening.no_pool", true, func(d store.OpeningDestinationsRow) bool { return d.Pools == 0 }},
		{"opening.no_places", false, func(d store.OpeningDestinationsRow) bool { return d.Pools > 0 && d.Free <= 0 }},
		{"opening.no_host_deadline", false, func(d store.OpeningDestinationsRow) bool { return d.HostClosesAt == nil }},
		{"opening.no_host_address", false, func(d store.OpeningDestinationsRow) bool { return d.HostEmail == "" }},
		{"opening.no_stay", false, func(d store.OpeningDestinationsRow) bool { return d.StartsOn == nil }},
	} {
		var hosts []string
		for _, d := range places {
			if c.wrong(d) {
				hosts = append(hosts, d.Host)
			}
		}
		if len(hosts) > 0 {
			data := map[string]any{"N": len(hosts), "Hosts": hosts}
			out = append(out, OpeningProblem{Code: c.code, Data: data, Blocking: c.blocking})
		}
	}
	if len(places) > 0 && !slices.ContainsFunc(places, func(d store.OpeningDestinationsRow) bool { return d.Free > 0 }) {
		out = append(out, OpeningProblem{Code: "opening.no_places_at_all", Blocking: true})
	}
	return out
}

// OpenCall puts a call into the public catalogue and commits the seed of the
// lot: its hash is announced from now on, the seed itself only with the
// result. An officer or administrator of the institution may. It is a conflict
// if the call is open already, or as long as a blocking opening problem stands.
func (r *Runner) OpenCall(ctx context.Context, actor mobility.Actor, arrived time.Time, call uuid.UUID) error {
	return r.office(ctx, actor, arrived, func(s *step) error {
		c, err := queries.VisibleCall(ctx, s.tx, call)
		if err != nil {
			return store.Translate(err, "call")
		}
		if err := s.asOffice(ctx, c.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := queries.LockCall(ctx, s.tx, call.String()); err != nil {
			return fmt.Errorf("lock the call: %w", err)
		}
		problems, err := OpeningProblems(ctx, s.tx, call, s.now)
		if err != nil {
			return err
		}
		return s.openCall(ctx, c, problems)
	})
}

func (s *step) openCall(ctx context.Context, c store.VisibleCallRow, problems []OpeningProblem) error {
	for _, p := range problems {
		if p.Blocking && c.OpenedAt == nil {
			return mobility.ConflictError(p.Code, p.Data)
		}
	}
	seed := newSeed()
	commitment := selection.SeedCommitment(seed)
	hash, err := hex.DecodeString(commitment)
	if err != nil {
		return err
	}
	opened, err := queries.OpenCall(ctx, s.tx, store.OpenCallParams{ID: c.ID, OpenedAt: &s.now, OpenedBy: s.actorID(), SeedHash: hash})
	if err != nil {
		return fmt.Errorf("open the call: %w", err)
	}
	if opened == 0 {
		return mobility.ConflictError("conflict.call_already_open", nil)
	}
	if err := queries.AddCallSeed(ctx, s.tx, store.AddCallSeedParams{CallID: c.ID, InstitutionID: c.InstitutionID, Seed: seed}); err != nil {
		return fmt.Errorf("keep the seed: %w", err)
	}
	return s.record(ctx, act{institution: c.InstitutionID, name: "call_opened", kind: "call", subject: c.ID, data: map[string]any{"seed_hash": commitment}})
}

// newSeed is as unguessable as a key: whoever knew it could tell who wins a tie.
func newSeed() string { return rand.Text() }
