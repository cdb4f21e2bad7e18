package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// CorrectAddress asks for a person's e-mail address to be changed by the
// office of an institution that knows the person.
type CorrectAddress struct {
	Institution uuid.UUID
	Person      uuid.UUID
	Email       string
	Arrived     time.Time // system clock
}

// CorrectAddress changes the address a person signs in with. Everything asked
// for by the old one ends: links, codes, sessions. The old address is told.
// Refused are one's own address, one that belongs to somebody else, and that
// of a person who holds a role this office does not give.
func (r *Runner) CorrectAddress(ctx context.Context, actor mobility.Actor, req CorrectAddress) error {
	email, err := checkAddress(req.Email)
	if err != nil {
		return err
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		_, err := queries.VisiblePerson(ctx, s.tx, store.VisiblePersonParams{ID: req.Person, InstitutionID: req.Institution})
		if err != nil {
			return store.Translate(err, "person")
		}
		if err := s.asOffice(ctx, req.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		return s.correctAddress(ctx, req.Institution, req.Person, email)
	})
}

// correctAddress is what an office that sees the person may do, once elevated.
func (s *step) correctAddress(ctx context.Context, institution, person uuid.UUID, email string) error {
	if person == s.actor.Person {
		return mobility.ForbiddenError("refusal.own_file")
	}
	elsewhere, err := queries.RolesElsewhere(ctx, s.tx, store.RolesElsewhereParams{PersonID: person, InstitutionID: institution})
	if err != nil {
		return fmt.Errorf("look for roles: %w", err)
	}
	if elsewhere && !s.actor.System {
		return mobility.ForbiddenError("refusal.role_elsewhere")
	}
	p, err := queries.LockPerson(ctx, s.tx, person)
	if err != nil {
		return store.Translate(err, "person")
	}
	if p.ErasedAt != nil || strings.EqualFold(p.Email, email) {
		return mobility.ConflictError("conflict.same_address", nil)
	}
	return s.changeAddress(ctx, changedAddress{institution: institution, person: person, old: p.Email, address: email})
}

func checkAddress(email string) (string, error) {
	email = strings.TrimSpace(email)
	parsed, err := mail.ParseAddress(email)
	if err != nil || parsed.Address != email || len(email) > 254 {
		return "", mobility.InvalidError(mobility.FieldProblem{Field: "email", Code: "invalid.email"})
	}
	return email, nil
}

type changedAddress struct {
	institution, person uuid.UUID
	old, address        string
}

// changeAddress keeps the old address apart, sets the new one, ends what the
// old one could still open, and plans the letter to it, unless it is known not
// to work. The letter's row names the kept address by id and holds no address
// itself.
func (s *step) changeAddress(ctx context.Context, c changedAddress) error {
	kept := newID()
	err := queries.KeepOldAddress(ctx, s.tx, store.KeepOldAddressParams{ID: kept, PersonID: c.person, Email: c.old, Until: s.now})
	if err != nil {
		return fmt.Errorf("keep the old address: %w", err)
	}
	if err := queries.SetAddress(ctx, s.tx, store.SetAddressParams{Email: c.address, ID: c.person}); err != nil {
		return fmt.Errorf("set the address: %w", err)
	}
	if err := queries.EndSignIns(ctx, s.tx, &c.person); err != nil {
		return fmt.Errorf("end the links: %w", err)
	}
	if err := queries.EndSessions(ctx, s.tx, &c.person); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	if err := s.record(ctx, act{institution: c.institution, name: "address_corrected", kind: "person", subject: c.person, data: map[string]any{"old_address": kept}}); err != nil {
		return err
	}
	dead, err := queries.AddressIsDead(ctx, s.tx, store.AddressIsDeadParams{PersonID: &c.person, Address: c.old})
	if err != nil {
		return fmt.Errorf("look for letters that came back: %w", err)
	}
	if dead {
		return nil
	}
	return s.tellOldAddress(ctx, c, kept)
}

func (s *step) tellOldAddress(ctx context.Context, c changedAddress, kept uuid.UUID) error {
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: c.person, InstitutionID: c.institution})
	if err != nil {
		return fmt.Errorf("read the language: %w", err)
	}
	data, err := json.Marshal(map[string]any{"old_address": kept})
	if err != nil {
		return err
	}
	id := newID()
	_, err = queries.AddLetter(ctx, s.tx, store.AddLetterParams{
		ID: id, InstitutionID: c.institution, Kind: "address_changed", Queue: QueueDecisions, Language: language,
		PersonID: &c.person, Recipient: "old_address", SubjectKey: "address:" + kept.String(), Data: data, PlannedAt: s.now,
	})
	if err != nil {
		return fmt.Errorf("plan the letter to the old address: %w", err)
	}
	return s.enqueue(ctx, LetterPlanned{Letter: id, Queue: QueueDecisions})
}

// personByAddress finds or makes the person with that address.
func (s *step) personByAddress(ctx context.Context, email string) (uuid.UUID, error) {
	id, err := queries.PersonByAddress(ctx, s.tx, email)
	if err == nil {
		return id, nil
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, fmt.Errorf("look for the person: %w", err)
	}
	id = newID()
	if err := queries.AddPerson(ctx, s.tx, store.AddPersonParams{ID: id, Email: email}); err != nil {
		return uuid.Nil, fmt.Errorf("add the person: %w", err)
	}
	return id, nil
}
