package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// How a letter that failed, or of which nobody knows, was settled by a person;
// what happened to it stays as it is.
const (
	settledAgain    = "sent_again"
	settledReceived = "known_received"
)

// ResendLetter asks for a letter that was refused to be sent again.
type ResendLetter struct {
	Letter  uuid.UUID
	Arrived time.Time // system clock
}

// ResendLetter plans a failed letter once more: written anew, to the address
// of today. The failed one stays on record as it is. An officer or
// administrator of the house that wrote it may; a second time is a conflict.
func (r *Runner) ResendLetter(ctx context.Context, actor mobility.Actor, req ResendLetter) error {
	return r.settle(ctx, actor, req.Arrived, settling{letter: req.Letter, from: "failed", again: true})
}

// ResolveUnknown asks for a letter of which nobody knows whether it arrived to
// be settled by a person who found out, or who decides to send it again.
type ResolveUnknown struct {
	Letter   uuid.UUID
	Received bool      // its reader has it; else it is sent again
	Arrived  time.Time // system clock
}

// ResolveUnknown settles a letter of which nobody knows. Nothing does so by
// itself: its reader may have it, and must not get it twice without somebody
// deciding so. Who may and what is refused: as ResendLetter.
func (r *Runner) ResolveUnknown(ctx context.Context, actor mobility.Actor, req ResolveUnknown) error {
	return r.settle(ctx, actor, req.Arrived, settling{letter: req.Letter, from: "unknown", again: !req.Received})
}

// settling is what a person decides about a letter.
type settling struct {
	letter uuid.UUID
	from   string // the status it must have
	again  bool
}

func (r *Runner) settle(ctx context.Context, actor mobility.Actor, arrived time.Time, how settling) error {
	return r.office(ctx, actor, arrived, func(s *step) error {
		l, err := queries.VisibleLetter(ctx, s.tx, how.letter)
		if err != nil {
			return store.Translate(err, "letter")
		}
		if err := s.asOffice(ctx, l.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		return s.settleLetter(ctx, l.InstitutionID, how)
	})
}

func (s *step) settleLetter(ctx context.Context, institution uuid.UUID, how settling) error {
	words, name := settledReceived, "letter_known_received"
	if how.again {
		words, name = settledAgain, "letter_sent_again"
	}
	n, err := queries.SettleLetter(ctx, s.tx, store.SettleLetterParams{ID: how.letter, FromStatus: how.from, How: words, Sent: !how.again, At: &s.now})
	if err != nil {
		return fmt.Errorf("settle the letter: %w", err)
	}
	if n == 0 {
		return mobility.ConflictError("conflict.letter_settled", nil)
	}
	data := map[string]any{}
	if how.again {
		id := newID()
		data["letter"] = id
		if err := s.planAgain(ctx, how.letter, id); err != nil {
			return err
		}
	}
	err = s.record(ctx, act{institution: institution, name: name, kind: "letter", subject: how.letter, data: data})
	return err
}

func (s *step) planAgain(ctx context.Context, old, id uuid.UUID) error {
	queue, err := queries.LetterQueue(ctx, s.tx, old)
	if err != nil {
		return fmt.Errorf("read the letter: %w", err)
	}
	if err := queries.PlanAgain(ctx, s.tx, store.PlanAgainParams{ID: id, At: s.now, OldID: old}); err != nil {
		return fmt.Errorf("plan the letter again: %w", err)
	}
	return s.enqueue(ctx, LetterPlanned{Letter: id, Queue: queue})
}
