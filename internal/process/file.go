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

// file is one application under its locks, with everything a move asks about.
type file struct {
	app         store.LockApplicationRow
	def         *lifecycle.Definition
	call        store.CallRulesRow
	zone        *time.Location
	destination *store.DestinationFactsRow // the one in question, nil: none
	deadlines   map[lifecycle.Deadline]store.DeadlinesInForceRow
	draft       *draft                   // loaded where the working copy can be submitted
	lateLink    *store.OpenedLateLinkRow // by which the applicant is let in after the deadline
	facts       lifecycle.Facts
}

// place says where the file lies, for deciding which roles reach it.
func place(app store.VisibleApplicationRow) mobility.Place {
	return mobility.Place{Institution: app.InstitutionID, Unit: app.UnitID, Call: app.CallID, Applicant: app.PersonID}
}

// open locks the application in the order that holds everywhere (call, pools
// by id, application) and reads its facts. asked is the destination the move
// is about, nil for the one the application stands at.
func (r *Runner) open(ctx context.Context, s *step, seen store.VisibleApplicationRow, asked *uuid.UUID) (*file, error) {
	if err := queries.ShareCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return nil, fmt.Errorf("hold the call: %w", err)
	}
	pools, err := queries.PoolsInQuestion(ctx, s.tx, store.PoolsInQuestionParams{ApplicationID: seen.ID, DestinationID: asked})
	if err != nil {
		return nil, fmt.Errorf("find the pools: %w", err)
	}
	if _, err := queries.LockPools(ctx, s.tx, pools); err != nil {
		return nil, fmt.Errorf("lock the pools: %w", err)
	}
	app, err := queries.LockApplication(ctx, s.tx, seen.ID)
	if err != nil {
		return nil, store.Translate(err, "application")
	}
	def, err := r.definitions.load(ctx, s.tx, app.DefinitionID)
	if err != nil {
		return nil, err
	}
	if state, _ := def.State(app.State); state.Offer == mobility.OfferOpen { // it may be confirmed next: see what is elsewhere, and let nobody add to it
		if err := queries.LockPersonsPlaces(ctx, s.tx, app.PersonID.String()); err != nil {
			return nil, fmt.Errorf("hold the person's places: %w", err)
		}
	}
	return r.read(ctx, s, app, asked)
}

// read fills a file from the rows as they stand, without locking.
func (r *Runner) read(ctx context.Context, s *step, app store.LockApplicationRow, asked *uuid.UUID) (*file, error) {
	def, err := r.definitions.load(ctx, s.tx, app.DefinitionID)
	if err != nil {
		return nil, err
	}
	f := &file{app: app, def: def}
	if f.call, err = queries.CallRules(ctx, s.tx, app.CallID); err != nil {
		return nil, fmt.Errorf("read the call: %w", err)
	}
	if f.zone, err = time.LoadLocation(f.call.Zone); err != nil {
		return nil, fmt.Errorf("read the call's zone: %w", err)
	}
	if err := f.readDestination(ctx, s, asked); err != nil {
		return nil, err
	}
	if err := f.readDeadlines(ctx, s); err != nil {
		return nil, err
	}
	if err := f.readFacts(ctx, s); err != nil {
		return nil, err
	}
	state, _ := def.State(app.State)
	if state.Editable {
		if f.draft, err = readDraft(ctx, s.tx, f); err != nil {
			return nil, err
		}
		f.facts.DraftProblems = len(f.draft.problems)
		f.facts.DraftComplete = len(f.draft.problems) == 0
	}
	return f, nil
}

func (f *file) readDestination(ctx context.Context, s *step, asked *uuid.UUID) error {
	named := asked != nil
	if asked == nil {
		id, err := queries.DestinationInQuestion(ctx, s.tx, f.app.ID)
		if errors.Is(err, pgx.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find the destination: %w", err)
		}
		asked = &id
	}
	d, err := queries.DestinationFacts(ctx, s.tx, store.DestinationFactsParams{ApplicationID: f.app.ID, ID: *asked})
	if errors.Is(err, pgx.ErrNoRows) || (err == nil && d.CallID != f.app.CallID) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "destination", Code: "field.unknown_destination"})
	}
	if err != nil {
		return fmt.Errorf("read the destination: %w", err)
	}
	if named && d.Dropped {
		return mobility.InvalidError(mobility.FieldProblem{Field: "destination", Code: "field.destination_gone"})
	}
	f.destination = &d
	return nil
}

func (f *file) readDeadlines(ctx context.Context, s *step) error {
	rows, err := queries.DeadlinesInForce(ctx, s.tx, f.app.ID)
	if err != nil {
		return fmt.Errorf("read the deadlines: %w", err)
	}
	if f.destination != nil { // the one asked for may not be the one it stands at
		at, err := queries.DestinationDeadlines(ctx, s.tx, &f.destination.ID)
		if err != nil {
			return fmt.Errorf("read the destination's deadlines: %w", err)
		}
		for _, d := range at {
			rows = append(rows, store.DeadlinesInForceRow(d))
		}
	}
	f.deadlines = make(map[lifecycle.Deadline]store.DeadlinesInForceRow, len(rows))
	f.facts.Deadlines = make(map[lifecycle.Deadline]time.Time, len(rows))
	for _, d := range rows {
		if d.Kind == "opens" {
			f.facts.Opens = d.ClosesAt
			continue
		}
		f.deadlines[lifecycle.Deadline(d.Kind)] = d
		f.facts.Deadlines[lifecycle.Deadline(d.Kind)] = d.ClosesAt
	}
	return f.readLateLink(ctx, s)
}

func (f *file) readFacts(ctx context.Context, s *step) error {
	arg := store.ApplicationFactsParams{ApplicationID: f.app.ID}
	if f.destination != nil {
		arg.DestinationID = &f.destination.ID
	}
	row, err := queries.ApplicationFacts(ctx, s.tx, arg)
	if err != nil {
		return fmt.Errorf("read the facts: %w", err)
	}
	f.facts.State = f.app.State
	f.facts.LateUntil = s.actor.LateUntil
	f.facts.Submissions = int(row.Submissions)
	f.facts.Published = row.Published && f.app.HeldBack == ""
	f.facts.HostRefused = row.HostRefused
	f.facts.ConfirmedElsewhere = row.ConfirmedElsewhere
	f.facts.ConfirmedBefore = row.ConfirmedBefore
	f.facts.Upgrades = f.call.Selection.Upgrades == mobility.UpgradesUntilConfirmed
	if state, _ := f.def.State(f.app.State); state.Offer == mobility.OfferOpen && f.call.Selection.Reserve.SecondClass {
		if f.facts.SecondClass, err = queries.OtherWishes(ctx, s.tx, f.app.ID); err != nil {
			return fmt.Errorf("look for other choices: %w", err)
		}
	}
	if f.destination == nil {
		return nil
	}
	f.facts.FreePlaces = int(f.destination.Free)
	f.facts.SelectedByHost = f.destination.SelectedBy == "host"
	f.facts.NominationLimit = int(f.destination.NominationLimit)
	f.facts.OpenNominations = int(f.destination.OpenNominations)
	if _, f.facts.NominationMissing, err = nominationContent(ctx, s.tx, f.app.ID, f.destination.ID); err != nil {
		return err
	}
	_, f.facts.EnoughTime, err = f.confirmBy(ctx, s, int(f.call.PromotionDays))
	return err
}

// confirmBy computes until when an offer made now would have to be confirmed
// (design rule 8), and whether that leaves the call's minimum.
func (f *file) confirmBy(ctx context.Context, s *step, days int) (mobility.WallMinute, bool, error) {
	working, err := store.WorkingDays(ctx, s.tx, f.app.InstitutionID, s.now.In(f.zone))
	if err != nil {
		return mobility.WallMinute{}, false, err
	}
	by, ok := f.call.ConfirmRule(f.zone, days).ConfirmBy(s.now, f.facts.Deadlines[lifecycle.HostNomination], working)
	return by, ok, nil
}
