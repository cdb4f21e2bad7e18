package process

import (
	"context"
	"fmt"
	"slices"
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

// ResendMany asks for letters of one publication that were refused to be sent
// again: those named, or all that failed.
type ResendMany struct {
	Ranking uuid.UUID
	Letters []uuid.UUID
	All     bool
	Arrived time.Time // system clock
}

// mostResent is how many letters one request sends again.
const mostResent = 5000

// ResendMany plans them once more, each as ResendLetter does, and says how
// many; one that was settled or overtaken meanwhile is left alone. Errors as
// ResendLetter, and invalid without any.
func (r *Runner) ResendMany(ctx context.Context, actor mobility.Actor, req ResendMany) (int, error) {
	again := 0
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		again = 0
		seen, err := queries.VisibleRanking(ctx, s.tx, req.Ranking)
		if err != nil {
			return store.Translate(err, "ranking")
		}
		at, err := queries.VisibleRound(ctx, s.tx, seen.RoundID)
		if err != nil {
			return store.Translate(err, "round")
		}
		failed, err := queries.OutboxFailed(ctx, s.tx, store.OutboxFailedParams{Ranking: req.Ranking.String(), CallID: &at.CallID, Self: actor.Person, Most: mostResent})
		if err != nil {
			return fmt.Errorf("find what failed: %w", err)
		}
		if err := s.asOffice(ctx, at.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		for _, l := range failed {
			if !req.All && !slices.Contains(req.Letters, l.ID) {
				continue
			}
			err := s.settleLetter(ctx, at.InstitutionID, settling{letter: l.ID, from: "failed", again: true})
			switch {
			case err == nil:
				again++
			case mobility.KindOf(err) != mobility.Conflict: // settled meanwhile
				return err
			}
		}
		if again == 0 {
			return mobility.InvalidError(mobility.FieldProblem{Field: "letter", Code: "outbox.no_letter_chosen"})
		}
		return nil
	})
	return again, err
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
		if how.again && l.Overtaken {
			return mobility.ConflictError("conflict.letter_overtaken", nil)
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
	if err := queries.CarrySource(ctx, s.tx, store.CarrySourceParams{ID: id, OldID: old}); err != nil {
		return fmt.Errorf("carry over what was written by hand: %w", err)
	}
	if _, err := queries.SettleBounces(ctx, s.tx, store.SettleBouncesParams{LetterID: old, At: &s.now, How: settledAgain, SettledBy: s.actorID(), AgainID: &id}); err != nil {
		return fmt.Errorf("settle what came back: %w", err)
	}
	return s.enqueue(ctx, LetterPlanned{Letter: id, Queue: queue})
}
