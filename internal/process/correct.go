package process

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// OwnCorrection puts something right between the provisional and the final
// list that nobody appealed against: a mark, or a gate that should not hold.
type OwnCorrection struct {
	Application uuid.UUID
	Correction  Correction // of kind CorrectMark or LiftGate
	Reason      string
	Preview     string // Consequences.Hash
	Arrived     time.Time
}

// PreviewCorrection computes what a correction would do, and changes nothing.
// Errors as Correct's.
func (r *Runner) PreviewCorrection(ctx context.Context, actor mobility.Actor, req OwnCorrection) (Consequences, error) {
	var out Consequences
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		c, err := r.ownCorrection(ctx, s, req)
		if err != nil {
			return err
		}
		out, err = c.preview(ctx, s)
		return err
	})
	return out, err
}

// Correct carries a correction out that was shown before (design rule 9). Only
// an officer of the call may, nobody for themselves or in conflict with a file
// of the round. Errors: invalid without a reason or with what cannot be; stale if
// the consequences are not those that were shown; conflict unless the
// provisional list is out and the final one is not.
func (r *Runner) Correct(ctx context.Context, actor mobility.Actor, req OwnCorrection) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		c, err := r.ownCorrection(ctx, s, req)
		if err != nil {
			return err
		}
		reason, err := appealText("reason", req.Reason)
		if err != nil {
			return err
		}
		seen, err := c.preview(ctx, s)
		if err != nil {
			return err
		}
		if seen.Hash != req.Preview {
			return mobility.StaleError("conflict.preview_changed", nil)
		}
		_, err = c.carryOut(ctx, s, reason)
		return err
	})
}

func (r *Runner) ownCorrection(ctx context.Context, s *step, req OwnCorrection) (correction, error) {
	seen, err := r.visible(ctx, s, req.Application)
	if err != nil {
		return nil, err
	}
	if !isOfficer(s.actor, seen.InstitutionID, seen.CallID) || seen.PersonID == s.actor.Person {
		return nil, mobility.ForbiddenError("refusal.officers_only")
	}
	if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return nil, err
	}
	if err := s.unbarred(ctx, seen.RoundID); err != nil {
		return nil, err
	}
	at, err := queries.RoundForRanking(ctx, s.tx, seen.RoundID)
	if err != nil {
		return nil, store.Translate(err, "round")
	}
	out, err := s.provisionalOut(ctx, seen.RoundID)
	switch {
	case err != nil:
		return nil, err
	case at.Published:
		return nil, mobility.ConflictError("refusal.already_final", nil)
	case !out:
		return nil, mobility.ConflictError("refusal.not_provisional_yet", nil)
	case req.Correction.Kind != CorrectMark && req.Correction.Kind != LiftGate:
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: "correction", Code: "appeal.needs_correction"})
	}
	of := appealOf{institution: seen.InstitutionID, application: seen.ID, person: seen.PersonID, call: seen.CallID}
	return &rankCorrection{Correction: req.Correction, runner: r, of: of, at: at}, nil
}
