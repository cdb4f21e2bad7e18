package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// RepeatLetters asks for letters that came back, failed, or of which nobody
// knows, to be sent again.
type RepeatLetters struct {
	Letter  uuid.UUID
	Others  []uuid.UUID // of the same person, or to the same host for the same call
	Email   string      // the corrected address; "" to try the same once more
	Reason  string      // how the office knows; with an address
	Arrived time.Time   // system clock
}

// RepeatLetters corrects the address of a letter's reader and sends the
// letters again there, as they were written; one to a host is written anew,
// with a new personal link, and the old links end. Without an address they go
// where they went. What happened to the first ones stays on record. An officer
// or administrator of the house that wrote them may. Refused are a letter
// somebody has dealt with, one whose address is not the office's to correct,
// one's own, and everything CorrectAddress refuses.
func (r *Runner) RepeatLetters(ctx context.Context, actor mobility.Actor, req RepeatLetters) error {
	if req.Email != "" {
		var err error
		if req.Email, err = checkAddress(req.Email); err != nil {
			return err
		}
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		rep, err := s.seeRepeated(ctx, req)
		if err != nil {
			return err
		}
		if err := s.asOffice(ctx, rep.first.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		switch {
		case req.Email == "":
		case rep.first.Recipient == "host":
			return s.repeatToHost(ctx, rep)
		default:
			if err := s.correctReader(ctx, rep); err != nil {
				return err
			}
		}
		for _, l := range rep.letters {
			if err := s.repeat(ctx, l, repeated{address: rep.addressOf(l)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// repetition is what was asked for, as the actor sees it.
type repetition struct {
	RepeatLetters
	first   store.LetterToRepeatRow
	letters []store.LetterToRepeatRow
}

func (rep repetition) addressOf(l store.LetterToRepeatRow) string {
	if rep.Email != "" {
		return rep.Email
	}
	return l.Address
}

// seeRepeated reads the letters under the web role, and whether they belong
// together.
func (s *step) seeRepeated(ctx context.Context, req RepeatLetters) (repetition, error) {
	rep := repetition{RepeatLetters: req}
	seen := map[uuid.UUID]bool{}
	for i, id := range append([]uuid.UUID{req.Letter}, req.Others...) {
		if seen[id] {
			continue
		}
		seen[id] = true
		l, err := queries.LetterToRepeat(ctx, s.tx, id)
		if err != nil {
			return rep, store.Translate(err, "letter")
		}
		if i == 0 {
			rep.first = l
		}
		if err := belongs(rep.first, l, s.actor); err != nil {
			return rep, err
		}
		rep.letters = append(rep.letters, l)
	}
	if req.Email == "" || rep.first.Recipient == "host" {
		return rep, nil
	}
	if rep.first.PersonID == nil || rep.first.Recipient == "old_address" {
		return rep, mobility.ConflictError("conflict.address_not_here", nil)
	}
	_, err := queries.VisiblePerson(ctx, s.tx, store.VisiblePersonParams{ID: *rep.first.PersonID, InstitutionID: rep.first.InstitutionID})
	return rep, store.Translate(err, "person")
}

// correctReader sets the address of a person's letters, unless somebody has
// set it already since the letter came back, and leaves how the office knows.
func (s *step) correctReader(ctx context.Context, rep repetition) error {
	person := *rep.first.PersonID
	p, err := queries.LockPerson(ctx, s.tx, person)
	if err != nil {
		return store.Translate(err, "person")
	}
	if strings.EqualFold(p.Email, rep.Email) && !strings.EqualFold(p.Email, rep.first.Address) {
		return nil
	}
	if err := s.correctAddress(ctx, rep.first.InstitutionID, person, rep.Email); err != nil || rep.Reason == "" {
		return err
	}
	return s.record(ctx, act{
		institution: rep.first.InstitutionID, name: "address_reason", kind: "person", subject: person, reason: rep.Reason, about: &person,
	})
}

// repeated is where a letter goes this time.
type repeated struct {
	address string
	link    *uuid.UUID // a host's new one
}

// repeat plans the letter once more. What was written goes out as it was, but
// for a host's: its link is new, and with it what the letter says of it.
func (s *step) repeat(ctx context.Context, l store.LetterToRepeatRow, to repeated) error {
	id := newID()
	if err := queries.RepeatLetter(ctx, s.tx, store.RepeatLetterParams{ID: id, At: s.now, HostLink: to.link, OldID: l.ID}); err != nil {
		return fmt.Errorf("plan the letter again: %w", err)
	}
	if l.Recipient != "host" {
		_, err := queries.RepeatText(ctx, s.tx, store.RepeatTextParams{ID: id, Address: to.address, At: s.now, OldID: l.ID})
		if err != nil {
			return fmt.Errorf("keep what was written: %w", err)
		}
		if err := queries.CarrySource(ctx, s.tx, store.CarrySourceParams{ID: id, OldID: l.ID}); err != nil {
			return fmt.Errorf("carry over what was written by hand: %w", err)
		}
	}
	bounces, err := queries.SettleBounces(ctx, s.tx, store.SettleBouncesParams{LetterID: l.ID, At: &s.now, How: settledAgain, SettledBy: s.actorID(), AgainID: &id})
	if err != nil {
		return fmt.Errorf("settle what came back: %w", err)
	}
	failed, err := queries.SettleFailed(ctx, s.tx, l.ID)
	if err != nil {
		return fmt.Errorf("settle the letter: %w", err)
	}
	if bounces+failed == 0 { // somebody was quicker
		return mobility.ConflictError("conflict.letter_settled", nil)
	}
	err = s.record(ctx, act{institution: l.InstitutionID, name: "letter_sent_again", kind: "letter", subject: l.ID, data: map[string]any{"letter": id}})
	if err != nil {
		return err
	}
	return s.enqueue(ctx, LetterPlanned{Letter: id, Queue: l.Queue})
}

// AddressWorks asks for a person's address to count as working although a
// letter to it came back.
type AddressWorks struct {
	Institution uuid.UUID
	Person      uuid.UUID
	Arrived     time.Time // system clock
}

// AddressWorks settles what came back from the address a person has today.
// Who may: as CorrectAddress. Conflict if nothing came back from it.
func (r *Runner) AddressWorks(ctx context.Context, actor mobility.Actor, req AddressWorks) error {
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := queries.VisiblePerson(ctx, s.tx, store.VisiblePersonParams{ID: req.Person, InstitutionID: req.Institution})
		if err != nil {
			return store.Translate(err, "person")
		}
		if err := s.asOffice(ctx, req.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		n, err := queries.SettleBouncesAt(ctx, s.tx, store.SettleBouncesAtParams{
			PersonID: &req.Person, InstitutionID: req.Institution, Address: p.Email, At: &s.now, SettledBy: s.actorID(),
		})
		if err != nil {
			return fmt.Errorf("settle what came back: %w", err)
		}
		signIns, err := queries.SettleAddressBounces(ctx, s.tx, store.SettleAddressBouncesParams{PersonID: req.Person, Address: p.Email, At: &s.now, WorksBy: s.actorID()})
		if err != nil {
			return fmt.Errorf("settle the sign-in letters that came back: %w", err)
		}
		if n+signIns == 0 {
			return mobility.ConflictError("conflict.letter_settled", nil)
		}
		return s.record(ctx, act{institution: req.Institution, name: "address_works", kind: "person", subject: req.Person})
	})
}
