package process

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Registration asks for somebody the imports do not know to be let in to a call.
type Registration struct {
	Call        uuid.UUID
	Unit        uuid.UUID
	Email       string
	GivenNames  string // empty for people with a single name
	FamilyNames string
	Language    string    // of the page, for the answer; empty: the institution's
	Arrived     time.Time // system clock
}

// Register keeps the request until whoever the call names confirms it. Anyone
// may ask, where the call allows it and as long as a round takes applications.
// The answer is the same whether or not the address asked before.
func (r *Runner) Register(ctx context.Context, req Registration) error {
	email, err := checkAddress(req.Email)
	if err == nil && strings.TrimSpace(req.FamilyNames) == "" {
		err = mobility.InvalidError(mobility.FieldProblem{Field: "family_names", Code: "invalid.required"})
	}
	if err != nil {
		return err
	}
	return r.do(ctx, mobility.Actor{}, req.Arrived, func(s *step) error {
		call, err := queries.VisibleCall(ctx, s.tx, req.Call)
		if err != nil {
			return store.Translate(err, "call")
		}
		if call.Registration == "none" || call.OpenedAt == nil {
			return mobility.ConflictError("conflict.no_registration", nil)
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		if err := s.mayRegister(ctx, req); err != nil {
			return err
		}
		_, err = queries.AddRegistration(ctx, s.tx, store.AddRegistrationParams{
			ID: newID(), InstitutionID: call.InstitutionID, CallID: call.ID, UnitID: req.Unit, Email: strings.ToLower(email),
			GivenNames: strings.TrimSpace(req.GivenNames), FamilyNames: strings.TrimSpace(req.FamilyNames), Language: req.Language, AskedAt: s.now,
		})
		return err
	})
}

func (s *step) mayRegister(ctx context.Context, req Registration) error {
	open, err := queries.RegistrationRound(ctx, s.tx, store.RegistrationRoundParams{CallID: req.Call, Now: s.now})
	if err != nil {
		return fmt.Errorf("look for a round: %w", err)
	}
	if !open {
		return mobility.ConflictError("conflict.no_registration", nil)
	}
	takes, err := queries.CallTakesUnit(ctx, s.tx, store.CallTakesUnitParams{CallID: req.Call, UnitID: req.Unit})
	if err != nil {
		return fmt.Errorf("look for the unit: %w", err)
	}
	if !takes {
		return mobility.InvalidError(mobility.FieldProblem{Field: "unit", Code: "invalid.uuid"})
	}
	return nil
}

// AnswerRegistration asks for a registration to be confirmed or refused.
type AnswerRegistration struct {
	Registration uuid.UUID
	Confirm      bool
	Reason       string    // why not, for the person; may be empty
	Arrived      time.Time // system clock
}

// AnswerRegistration lets the person in, or not. Where the call says so a
// coordinator of the unit may, else only the office. Confirming makes the
// person, if the address is nobody's yet, and the affiliation with the unit.
// Either answer is told by letter, a refusal with its reason if there is one.
// Only the first answer counts; a second is a conflict.
func (r *Runner) AnswerRegistration(ctx context.Context, actor mobility.Actor, req AnswerRegistration) error {
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		asked, err := queries.VisibleRegistration(ctx, s.tx, req.Registration)
		if err != nil {
			return store.Translate(err, "registration")
		}
		if !s.mayAnswer(asked) {
			return mobility.ForbiddenError("refusal.not_your_office")
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		status, reason, tell := "refused", strings.TrimSpace(req.Reason), s.turnAway
		if req.Confirm {
			status, reason, tell = "confirmed", "", s.letIn
		}
		n, err := queries.AnswerRegistration(ctx, s.tx, store.AnswerRegistrationParams{ID: asked.ID, Status: status, Reason: reason, At: &s.now, AnsweredBy: s.actorID()})
		if err != nil {
			return fmt.Errorf("answer the registration: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("conflict.registration_answered", nil)
		}
		if err := tell(ctx, asked); err != nil {
			return err
		}
		err = s.record(ctx, act{institution: asked.InstitutionID, name: "registration_" + status, kind: "registration", subject: asked.ID})
		return err
	})
}

// mayAnswer is a coordinator of the unit where the call names coordinators,
// and the office always.
func (s *step) mayAnswer(asked store.VisibleRegistrationRow) bool {
	if s.actor.System {
		return true
	}
	roles := s.actor.RolesAt(mobility.Place{Institution: asked.InstitutionID, Unit: asked.UnitID, Call: asked.CallID})
	return slices.Contains(roles, mobility.RoleOfficer) || slices.Contains(roles, mobility.RoleAdministrator) ||
		(asked.Registration == "coordinator" && slices.Contains(roles, mobility.RoleCoordinator))
}

// turnAway tells whoever was not let in: nobody we know, by the address of the
// registration.
func (s *step) turnAway(ctx context.Context, asked store.VisibleRegistrationRow) error {
	return s.planLetter(ctx, letterPlan{
		institution: asked.InstitutionID, kind: "registration_refused", recipient: "registrant", language: cmp.Or(asked.Language, asked.HouseLanguage),
		call: &asked.CallID, key: "registration:" + asked.ID.String(), data: map[string]any{"registration": asked.ID},
	})
}

func (s *step) letIn(ctx context.Context, asked store.VisibleRegistrationRow) error {
	person, err := s.personByAddress(ctx, asked.Email)
	if err != nil {
		return err
	}
	err = queries.AddPersonFacts(ctx, s.tx, store.AddPersonFactsParams{
		InstitutionID: asked.InstitutionID, PersonID: person, GivenNames: asked.GivenNames, FamilyNames: asked.FamilyNames,
	})
	if err != nil {
		return fmt.Errorf("keep the facts: %w", err)
	}
	kind := "student"
	if strings.HasPrefix(asked.Programme, "staff-") {
		kind = "staff"
	}
	err = queries.AddAffiliation(ctx, s.tx, store.AddAffiliationParams{
		ID: newID(), InstitutionID: asked.InstitutionID, PersonID: person, UnitID: asked.UnitID, Kind: kind, At: s.now,
	})
	if err != nil {
		return fmt.Errorf("keep the affiliation: %w", err)
	}
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: person, InstitutionID: asked.InstitutionID})
	if err != nil {
		return fmt.Errorf("read the language: %w", err)
	}
	return s.planLetter(ctx, letterPlan{
		institution: asked.InstitutionID, kind: "registered", recipient: "person", language: language,
		person: &person, call: &asked.CallID, key: "registration:" + asked.ID.String(),
	})
}
