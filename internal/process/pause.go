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

// PauseLetters asks for e-mail to wait: of one publication, or of all the
// institution's decisions. Pages show the results regardless.
type PauseLetters struct {
	Ranking uuid.UUID // the publication, or one of the institution that is meant
	All     bool      // every decision of the institution, of whatever call
	Reason  string
	Arrived time.Time // system clock
}

// pausedKinds are the letters that wait: those that tell a decision.
var pausedKinds = []string{
	"provisional_result", "offer", "grant_awarded", "reserve", "not_selected", "ineligible", "lapsed", "to_place",
	"accepted", "refused", "cancelled", "offer_withdrawn", "reopened", "correction",
}

// PauseLetters makes letters wait that were not begun to be sent. Errors:
// invalid without a reason; forbidden for whoever is no officer of the call, or
// for all of the institution no officer of it; conflict if they wait already, or
// before anything was published.
func (r *Runner) PauseLetters(ctx context.Context, actor mobility.Actor, req PauseLetters) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		ranking, at, err := r.toldRanking(ctx, s, req)
		if err != nil {
			return err
		}
		reason := strings.TrimSpace(req.Reason)
		if reason == "" {
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		}
		id := newID()
		err = queries.AddLetterPause(ctx, s.tx, store.AddLetterPauseParams{
			ID: id, InstitutionID: at.InstitutionID, RankingID: ranking, Kinds: pausedKinds, PausedBy: actor.Person, PausedAt: s.now,
		})
		if err != nil {
			return store.Translate(err, "letter")
		}
		return s.record(ctx, act{institution: at.InstitutionID, name: "letters_paused", kind: "letter_pause", subject: id, reason: reason, data: map[string]any{"ranking": req.Ranking, "all": req.All}})
	})
}

// ResumeLetters lets letters go on that wait. req.Reason is not asked for.
// Errors as PauseLetters, and conflict if none wait.
func (r *Runner) ResumeLetters(ctx context.Context, actor mobility.Actor, req PauseLetters) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		ranking, at, err := r.toldRanking(ctx, s, req)
		if err != nil {
			return err
		}
		ended, err := queries.EndLetterPause(ctx, s.tx, store.EndLetterPauseParams{
			InstitutionID: at.InstitutionID, RankingID: ranking, ResumedBy: &actor.Person, ResumedAt: &s.now,
		})
		if err != nil {
			return fmt.Errorf("end the pause: %w", err)
		}
		if len(ended) == 0 {
			return mobility.ConflictError("conflict.letters_not_paused", nil)
		}
		if _, err := queries.WakeLetters(ctx, s.tx, store.WakeLettersParams{InstitutionID: at.InstitutionID, RankingID: ranking}); err != nil {
			return fmt.Errorf("wake the letters: %w", err)
		}
		return s.record(ctx, act{institution: at.InstitutionID, name: "letters_resumed", kind: "letter_pause", subject: ended[0], data: map[string]any{"ranking": req.Ranking, "all": req.All}})
	})
}

// PauseMail asks for all e-mail of an institution to wait, or to go on.
type PauseMail struct {
	Institution uuid.UUID
	Reason      string    // of a pause
	Arrived     time.Time // system clock
}

// PauseMail makes every letter of the institution wait that was not begun to
// be sent, but for what signs somebody in. Errors: invalid without a reason;
// forbidden for whoever is no officer or administrator of the whole
// institution; conflict if all of it waits already.
func (r *Runner) PauseMail(ctx context.Context, actor mobility.Actor, req PauseMail) error {
	reason := strings.TrimSpace(req.Reason)
	if reason == "" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		if err := s.asOffice(ctx, req.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		id := newID()
		err := queries.AddLetterPause(ctx, s.tx, store.AddLetterPauseParams{
			ID: id, InstitutionID: req.Institution, Everything: true, Kinds: []string{}, PausedBy: actor.Person, PausedAt: s.now,
		})
		if err != nil {
			return store.Translate(err, "letter")
		}
		return s.record(ctx, act{institution: req.Institution, name: "letters_paused", kind: "letter_pause", subject: id, reason: reason, data: map[string]any{"everything": true}})
	})
}

// ResumeMail lets all e-mail go on that waits because of PauseMail; what a
// pause of a publication or of the decisions holds goes on waiting. Errors as
// PauseMail, and conflict if nothing waits.
func (r *Runner) ResumeMail(ctx context.Context, actor mobility.Actor, req PauseMail) error {
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		if err := s.asOffice(ctx, req.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		ended, err := queries.EndLetterPause(ctx, s.tx, store.EndLetterPauseParams{
			InstitutionID: req.Institution, Everything: true, ResumedBy: &actor.Person, ResumedAt: &s.now,
		})
		if err != nil {
			return fmt.Errorf("end the pause: %w", err)
		}
		if len(ended) == 0 {
			return mobility.ConflictError("conflict.letters_not_paused", nil)
		}
		if _, err := queries.WakeLetters(ctx, s.tx, store.WakeLettersParams{InstitutionID: req.Institution}); err != nil {
			return fmt.Errorf("wake the letters: %w", err)
		}
		return s.record(ctx, act{institution: req.Institution, name: "letters_resumed", kind: "letter_pause", subject: ended[0], data: map[string]any{"everything": true}})
	})
}

// toldRanking reads whose letters are meant; the id is nil for all of the
// institution's.
func (r *Runner) toldRanking(ctx context.Context, s *step, req PauseLetters) (*uuid.UUID, store.RoundForRankingRow, error) {
	ranking, at, err := r.rankingForOfficer(ctx, s, req.Ranking)
	switch {
	case err != nil:
		return nil, at, err
	case ranking.Status == "draft":
		return nil, at, mobility.ConflictError("refusal.not_published_yet", nil)
	case !req.All:
		return &req.Ranking, at, nil
	}
	_, err = s.wide(at.InstitutionID, mobility.RoleOfficer)
	return nil, at, err
}
