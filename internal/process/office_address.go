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

// CorrectOfficeAddress asks for an office's own address to be changed: where
// answers go, and letters to the office.
type CorrectOfficeAddress struct {
	Institution uuid.UUID
	Old         string // as it stands; "" where there is none
	Email       string
	Letters     []uuid.UUID // to the office, that did not arrive at the old one, to be sent again
	Arrived     time.Time   // system clock
}

// CorrectOfficeAddress puts the new address wherever the institution and its
// calls name the old one, and sends the letters again as they were written.
// What happened to the first ones stays on record. Errors: invalid if it is no
// address or the same; forbidden for whoever is no officer or administrator of
// the whole institution; conflict if the old one stands nowhere any more or
// somebody has dealt with a letter; not found for letters of anybody else.
func (r *Runner) CorrectOfficeAddress(ctx context.Context, actor mobility.Actor, req CorrectOfficeAddress) error {
	var err error
	if req.Email, err = checkAddress(req.Email); err != nil {
		return err
	}
	if strings.EqualFold(req.Email, req.Old) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "email", Code: "conflict.same_own_address"})
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		letters, err := s.seeOfficeLetters(ctx, req)
		if err != nil {
			return err
		}
		if err := s.asOffice(ctx, req.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := s.moveOffice(ctx, req); err != nil {
			return err
		}
		for _, l := range letters {
			if err := s.repeat(ctx, l, repeated{address: req.Email}); err != nil {
				return err
			}
		}
		return nil
	})
}

// seeOfficeLetters reads the letters under the web role.
func (s *step) seeOfficeLetters(ctx context.Context, req CorrectOfficeAddress) ([]store.LetterToRepeatRow, error) {
	var letters []store.LetterToRepeatRow
	for _, id := range req.Letters {
		l, err := queries.LetterToRepeat(ctx, s.tx, id)
		switch {
		case err != nil:
			return nil, store.Translate(err, "letter")
		case l.InstitutionID != req.Institution || l.Recipient != "office" || !strings.EqualFold(l.Address, req.Old):
			return nil, mobility.NotFoundError("letter")
		}
		letters = append(letters, l)
	}
	return letters, nil
}

func (s *step) moveOffice(ctx context.Context, req CorrectOfficeAddress) error {
	house, err := queries.MoveOfficeMailbox(ctx, s.tx, store.MoveOfficeMailboxParams{ID: req.Institution, Old: req.Old, Email: req.Email})
	if err != nil {
		return fmt.Errorf("set the office's address: %w", err)
	}
	calls, err := queries.MoveCallContacts(ctx, s.tx, store.MoveCallContactsParams{InstitutionID: req.Institution, Old: req.Old, Email: req.Email})
	if err != nil {
		return fmt.Errorf("set the calls' contact: %w", err)
	}
	if house+calls == 0 {
		return mobility.ConflictError("conflict.office_address_gone", nil)
	}
	return s.record(ctx, act{
		institution: req.Institution, name: "office_address_corrected", kind: "institution", subject: req.Institution,
		reason: strings.TrimSpace(req.Old + " → " + req.Email), data: map[string]any{"calls": calls, "letters": len(req.Letters)},
	})
}
