package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// GiveAppeal gives an appeal to somebody to decide.
type GiveAppeal struct {
	Appeal  uuid.UUID
	To      uuid.UUID
	Arrived time.Time
}

// AssignAppeal says who decides an appeal, and writes to them. Only an officer
// of the call may. Errors: invalid with field "to" for whoever marked the file,
// filed the appeal, has a conflict of interest or a file of their own in the
// round, or does not reach the file; conflict once it was answered.
func (r *Runner) AssignAppeal(ctx context.Context, actor mobility.Actor, g GiveAppeal) error {
	return r.do(ctx, actor, g.Arrived, func(s *step) error {
		a, err := s.openAppeal(ctx, g.Appeal)
		if err != nil {
			return err
		}
		if !isOfficer(s.actor, a.InstitutionID, a.CallID) || a.PersonID == s.actor.Person {
			return mobility.ForbiddenError("refusal.officers_only")
		}
		may, err := queries.AppealDeciders(ctx, s.tx, store.AppealDecidersParams{ApplicationID: a.ApplicationID, Now: s.now})
		if err != nil {
			return fmt.Errorf("look who may decide: %w", err)
		}
		if !slices.ContainsFunc(may, func(row store.AppealDecidersRow) bool { return row.PersonID == g.To }) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "to", Code: "appeal.cannot_decide"})
		}
		return s.assignAppeal(ctx, a, g.To)
	})
}

func (s *step) assignAppeal(ctx context.Context, a store.LockAppealRow, to uuid.UUID) error {
	n, err := queries.AssignAppeal(ctx, s.tx, store.AssignAppealParams{ID: a.ID, AssignedTo: &to, AssignedBy: s.actorID(), AssignedAt: &s.now})
	if err != nil {
		return store.Translate(err, "appeal")
	}
	if n == 0 {
		return mobility.ConflictError("conflict.appeal_answered", nil)
	}
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: to, InstitutionID: a.InstitutionID})
	if err != nil {
		return fmt.Errorf("read the language: %w", err)
	}
	err = s.planLetter(ctx, letterPlan{
		institution: a.InstitutionID, kind: "appeal_assigned", recipient: "person", language: language, person: &to, application: &a.ApplicationID, call: &a.CallID,
		key: "appeal:" + a.ID.String() + ":" + to.String(), data: map[string]any{"appeal": a.ID},
	})
	if err != nil {
		return err
	}
	return s.record(ctx, act{institution: a.InstitutionID, name: "appeal_assigned", kind: "appeal", subject: a.ID, data: map[string]any{"person": to}})
}

// AppealAnswer answers an appeal. Granting names a correction and the preview
// of it that the decider saw.
type AppealAnswer struct {
	Appeal     uuid.UUID
	Granted    bool
	Answer     string // for the applicant: the decision's reason
	Note       string // for offices only
	Correction Correction
	Preview    string // Consequences.Hash
	Arrived    time.Time
}

// AnswerAppeal grants or refuses an appeal and, granting it, carries the
// correction out in the same transaction (design rule 9). Only the person it
// was given to may. Errors: invalid without an answer or with a correction that
// cannot be; stale if the consequences are not those that were shown; conflict
// once it was answered, or if the correction comes too late or too early.
func (r *Runner) AnswerAppeal(ctx context.Context, actor mobility.Actor, req AppealAnswer) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		a, err := s.appealToDecide(ctx, req.Appeal)
		if err != nil {
			return err
		}
		if req.Answer, err = appealText("answer", req.Answer); err != nil {
			return err
		}
		data := map[string]any{}
		if req.Granted {
			if data, err = r.grant(ctx, s, a, req); err != nil {
				return err
			}
		}
		return s.closeAppeal(ctx, a, req, data)
	})
}

// appealToDecide opens an appeal that waits for the actor.
func (s *step) appealToDecide(ctx context.Context, id uuid.UUID) (store.LockAppealRow, error) {
	a, err := s.openAppeal(ctx, id)
	switch {
	case err != nil:
		return a, err
	case a.PersonID == s.actor.Person:
		return a, mobility.ForbiddenError("refusal.own_file")
	case a.Status != "filed" && a.Status != "assigned":
		return a, mobility.ConflictError("conflict.appeal_answered", nil)
	case a.AssignedTo == nil || *a.AssignedTo != s.actor.Person:
		return a, mobility.ForbiddenError("refusal.not_your_appeal")
	}
	return a, s.unbarred(ctx, a.RoundID)
}

// grant carries the correction out, if it is what was shown.
func (r *Runner) grant(ctx context.Context, s *step, a store.LockAppealRow, req AppealAnswer) (map[string]any, error) {
	c, err := r.correction(ctx, s, a, req.Correction)
	if err != nil {
		return nil, err
	}
	seen, err := c.preview(ctx, s)
	if err != nil {
		return nil, err
	}
	if seen.Hash != req.Preview {
		return nil, mobility.StaleError("conflict.preview_changed", nil)
	}
	return c.carryOut(ctx, s, req.Answer)
}

func (s *step) closeAppeal(ctx context.Context, a store.LockAppealRow, req AppealAnswer, data map[string]any) error {
	status, kind := "refused", ""
	if req.Granted {
		status, kind = "granted", string(req.Correction.Kind)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	n, err := queries.AnswerAppeal(ctx, s.tx, store.AnswerAppealParams{ID: a.ID, Status: status, DecidedBy: s.actorID(), DecidedAt: &s.now, Correction: kind, Data: text})
	if err != nil {
		return store.Translate(err, "appeal")
	}
	if n == 0 {
		return mobility.ConflictError("conflict.appeal_answered", nil)
	}
	if err := s.keepAppealText(ctx, about(a), "answer", req.Answer); err != nil {
		return err
	}
	if note := strings.TrimSpace(req.Note); note != "" {
		if note, err = appealText("note", note); err != nil {
			return err
		}
		if err := s.keepAppealText(ctx, about(a), "note", note); err != nil {
			return err
		}
	}
	if err := s.tellAppellant(ctx, about(a), "appeal_answered"); err != nil {
		return err
	}
	return s.record(ctx, act{
		institution: a.InstitutionID, name: "appeal_" + status, kind: "appeal", subject: a.ID,
		data: map[string]any{"application": a.ApplicationID, "correction": kind},
	})
}
