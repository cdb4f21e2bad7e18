package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

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
