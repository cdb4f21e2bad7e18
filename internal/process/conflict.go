package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// DeclareConflict bars a person from every individual act on a file (design
// rule 11): oneself, or, by the office, a colleague.
func (r *Runner) DeclareConflict(ctx context.Context, actor mobility.Actor, arrived time.Time, application, person uuid.UUID) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, application)
		if err != nil {
			return err
		}
		if person != actor.Person {
			if _, err := s.wide(seen.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
				return err
			}
		}
		holds, err := queries.HoldsRoleAt(ctx, s.tx, store.HoldsRoleAtParams{PersonID: person, InstitutionID: seen.InstitutionID})
		if err != nil {
			return fmt.Errorf("look for roles: %w", err)
		}
		if !holds {
			return mobility.ConflictError("conflict.no_role_to_bar", nil)
		}
		n, err := queries.DeclareConflict(ctx, s.tx, store.DeclareConflictParams{
			ID: newID(), InstitutionID: seen.InstitutionID, ApplicationID: application, PersonID: person, DeclaredBy: s.actorID(), At: s.now,
		})
		if err != nil {
			return fmt.Errorf("declare the conflict: %w", err)
		}
		if n == 0 {
			return nil // it stands already
		}
		err = s.record(ctx, act{institution: seen.InstitutionID, name: "conflict_declared", kind: "application", subject: application, data: map[string]any{"person": person}})
		return err
	})
}

// Lifting asks for a conflict of interest to be lifted that was declared by
// mistake.
type Lifting struct {
	Application, Person uuid.UUID
	Reason              string
	Arrived             time.Time // system clock
}

// LiftConflict ends a declared conflict of interest: whom it barred sees the
// file again. Only the office or an administrator of the institution may, and
// neither the one it bars nor the one who declared it. What was taken off the
// person meanwhile, marks and assignments, stays off. Errors: invalid without
// a reason; forbidden; not found if there is none; conflict if the data shows
// it, which nobody can lift.
func (r *Runner) LiftConflict(ctx context.Context, actor mobility.Actor, l Lifting) error {
	reason := strings.TrimSpace(l.Reason)
	if reason == "" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	return r.do(ctx, actor, l.Arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, l.Application)
		if err != nil {
			return err
		}
		if _, err := s.wide(seen.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		stands, err := queries.StandingConflict(ctx, s.tx, store.StandingConflictParams{ApplicationID: seen.ID, PersonID: l.Person})
		if err != nil {
			return store.Translate(err, "conflict")
		}
		switch {
		case stands.Kind != "declared":
			return mobility.ConflictError("conflict.shown_by_data", nil)
		case l.Person == actor.Person, stands.DeclaredBy != nil && *stands.DeclaredBy == actor.Person:
			return mobility.ForbiddenError("refusal.own_conflict")
		}
		if err := queries.LiftConflict(ctx, s.tx, store.LiftConflictParams{ID: stands.ID, At: &s.now, By: &actor.Person}); err != nil {
			return fmt.Errorf("lift the conflict: %w", err)
		}
		return s.lifted(ctx, seen, l.Person, reason)
	})
}

// lifted refuses what the data shows as well, and keeps who lifted what.
func (s *step) lifted(ctx context.Context, seen store.VisibleApplicationRow, person uuid.UUID, reason string) error {
	if err := s.detectConflicts(ctx, []uuid.UUID{seen.ID}, nil); err != nil {
		return err
	}
	switch _, err := queries.StandingConflict(ctx, s.tx, store.StandingConflictParams{ApplicationID: seen.ID, PersonID: person}); {
	case err == nil:
		return mobility.ConflictError("conflict.shown_by_data", nil)
	case !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("look for the conflict: %w", err)
	}
	return s.record(ctx, act{
		institution: seen.InstitutionID, name: "conflict_lifted", kind: "application", subject: seen.ID, data: map[string]any{"person": person},
		reason: reason, about: &seen.PersonID,
	})
}

// detectConflicts bars every role holder of the house who is the applicant or
// who has, or had, the applicant's address: in these applications, and in
// every file as far as these persons hold roles. Whatever makes an
// application or grants a role calls it within its own transaction.
func (s *step) detectConflicts(ctx context.Context, applications, persons []uuid.UUID) error {
	_, err := queries.DetectConflicts(ctx, s.tx, store.DetectConflictsParams{Applications: applications, Persons: persons, At: s.now})
	if err != nil {
		return fmt.Errorf("look for conflicts of interest: %w", err)
	}
	return nil
}
