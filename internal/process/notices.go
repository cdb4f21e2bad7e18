package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// OwnLetter asks for a letter to be written for the person it is to, before it
// was sent.
type OwnLetter struct {
	Letter  uuid.UUID
	Arrived time.Time // system clock
}

// WriteOwnLetter lets write read what a letter to the actor is made of, for a
// page, and remembers that they read it. It proves first that the letter is
// theirs and public. A decision is public from the moment it is planned, so
// it can be read whatever becomes of the e-mail (design rule 5). Errors: not
// found; whatever write returns.
func (r *Runner) WriteOwnLetter(ctx context.Context, actor mobility.Actor, req OwnLetter, write func(db store.DBTX, now time.Time) error) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		if _, err := queries.Notice(ctx, s.tx, store.NoticeParams{ID: req.Letter, PersonID: &actor.Person}); err != nil {
			return store.Translate(err, "letter")
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		if err := write(s.tx, s.now); err != nil {
			return err
		}
		_, err := queries.MarkLetterRead(ctx, s.tx, store.MarkLetterReadParams{ID: req.Letter, PersonID: &actor.Person, At: &s.now})
		return err
	})
}

// ReadAllLetters remembers that the actor has seen all letters to them that
// were there until then (business time).
func (r *Runner) ReadAllLetters(ctx context.Context, actor mobility.Actor, until, arrived time.Time) (int, error) {
	n := 0
	err := r.do(ctx, actor, arrived, func(s *step) error {
		if !actor.SignedIn() {
			return mobility.NotFoundError("letter")
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		read, err := queries.MarkNoticesRead(ctx, s.tx, store.MarkNoticesReadParams{PersonID: &actor.Person, Until: until, At: &s.now})
		if err != nil {
			return fmt.Errorf("remember what was read: %w", err)
		}
		n = int(read)
		return nil
	})
	return n, err
}
