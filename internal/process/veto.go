package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/store"
)

// Veto is what somebody of a role says against an application, or against one
// destination of it, at a gate of the scheme.
type Veto struct {
	Application uuid.UUID
	Destination *uuid.UUID // nil: everywhere
	Gate        string
	Reason      string // for the applicant
	Arrived     time.Time
}

// SetVeto shuts a gate that is somebody's to shut. Only the role the scheme
// names may, until the result is published. Errors: invalid without a reason,
// or for a gate or a destination there is not; conflict if it is shut already.
func (r *Runner) SetVeto(ctx context.Context, actor mobility.Actor, v Veto) error {
	return r.vetoing(ctx, actor, v, func(s *step, f *file) error {
		if v.Reason == "" {
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		}
		id := newID()
		made, err := queries.AddVeto(ctx, s.tx, store.AddVetoParams{
			ID: id, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, DestinationID: v.Destination, Gate: v.Gate, MadeBy: s.actor.Person, MadeAt: s.now,
		})
		if err != nil {
			return fmt.Errorf("keep the veto: %w", err)
		}
		if made == 0 {
			return mobility.ConflictError("conflict.vetoed_already", nil)
		}
		return queries.AddVetoText(ctx, s.tx, store.AddVetoTextParams{VetoID: id, PersonID: f.app.PersonID, Reason: v.Reason})
	})
}

// EndVeto takes a veto back. Errors as SetVeto's; conflict if none stands.
func (r *Runner) EndVeto(ctx context.Context, actor mobility.Actor, v Veto) error {
	return r.vetoing(ctx, actor, v, func(s *step, f *file) error {
		ended, err := queries.EndVeto(ctx, s.tx, store.EndVetoParams{ApplicationID: f.app.ID, DestinationID: v.Destination, Gate: v.Gate, EndedBy: s.actorID(), EndedAt: &s.now})
		if err == nil && ended == 0 {
			return mobility.ConflictError("conflict.no_veto", nil)
		}
		return err
	})
}

func (r *Runner) vetoing(ctx context.Context, actor mobility.Actor, v Veto, do func(*step, *file) error) error {
	return r.do(ctx, actor, v.Arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, v.Application)
		if err != nil {
			return err
		}
		f, err := r.open(ctx, s, seen, nil)
		if err != nil {
			return err
		}
		if f.facts.Published {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		source, err := queries.SchemeSource(ctx, s.tx, f.call.SchemeID)
		if err != nil {
			return err
		}
		rules, err := readScheme(source)
		if err != nil {
			return err
		}
		gate, ok := rules.Gate(v.Gate)
		if !ok || gate.Veto == "" || (gate.Per == scheme.PerDestination) != (v.Destination != nil) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "gate", Code: "invalid.oneof"})
		}
		if !slices.Contains(s.actor.RolesAt(place(seen)), gate.Veto) {
			return mobility.ForbiddenError("refusal.not_your_veto")
		}
		if err := f.chose(ctx, s, v.Destination); err != nil {
			return err
		}
		return do(s, f)
	})
}

// chose refuses a destination that is none of the application's.
func (f *file) chose(ctx context.Context, s *step, destination *uuid.UUID) error {
	if destination == nil {
		return nil
	}
	last, err := queries.LastSubmission(ctx, s.tx, f.app.ID)
	if err != nil {
		return store.Translate(err, "submission")
	}
	rows, err := queries.ValueChoices(ctx, s.tx, []uuid.UUID{last.ID})
	if err != nil {
		return fmt.Errorf("read the choices: %w", err)
	}
	if !slices.ContainsFunc(rows, func(c store.ValueChoicesRow) bool { return c.DestinationID == *destination }) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "destination", Code: "field.unknown_destination"})
	}
	return nil
}

// Placement is where the by-hand method puts somebody, and why.
type Placement struct {
	Application uuid.UUID
	Destination *uuid.UUID // one of the choices; nil: nowhere
	Reason      string     // kept for offices
	Arrived     time.Time
}

// PlaceByHand says where an application is placed in a call whose method is
// by hand. Only an officer of the institution may, until the result is
// published; a new placement replaces the one before. Errors: invalid without
// a reason or for a destination that is no choice; conflict where the call
// has another method.
func (r *Runner) PlaceByHand(ctx context.Context, actor mobility.Actor, p Placement) error {
	return r.do(ctx, actor, p.Arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, p.Application)
		if err != nil {
			return err
		}
		if !isOfficer(s.actor, seen.InstitutionID, seen.CallID) || seen.PersonID == actor.Person {
			return mobility.ForbiddenError("refusal.officers_only")
		}
		f, err := r.open(ctx, s, seen, nil)
		if err != nil {
			return err
		}
		switch {
		case f.facts.Published:
			return mobility.ConflictError("conflict.already_published", nil)
		case f.call.Selection.Method != "by-hand":
			return mobility.ConflictError("refusal.not_by_hand", nil)
		case p.Reason == "":
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		}
		if err := f.chose(ctx, s, p.Destination); err != nil {
			return err
		}
		return f.placeByHand(ctx, s, p)
	})
}

func (f *file) placeByHand(ctx context.Context, s *step, p Placement) error {
	if err := queries.ReplacePlacement(ctx, s.tx, store.ReplacePlacementParams{ApplicationID: f.app.ID, At: &s.now}); err != nil {
		return fmt.Errorf("replace the placement: %w", err)
	}
	id := newID()
	err := queries.AddPlacement(ctx, s.tx, store.AddPlacementParams{
		ID: id, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, DestinationID: p.Destination, MadeBy: s.actor.Person, MadeAt: s.now,
	})
	if err != nil {
		return fmt.Errorf("keep the placement: %w", err)
	}
	return queries.AddPlacementText(ctx, s.tx, store.AddPlacementTextParams{PlacementID: id, PersonID: f.app.PersonID, Reason: p.Reason})
}
