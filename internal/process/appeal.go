package process

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// NewAppeal is an applicant's appeal against what a list says of them.
type NewAppeal struct {
	Application uuid.UUID
	Reason      string
	Arrived     time.Time
}

// MostAppealText is how many characters an appeal or its answer may have.
const MostAppealText = 8000

// FileAppeal files the applicant's appeal against the list that was told to
// them: the provisional one, or the final one where there was none before.
// Errors: invalid without a reason; conflict while nothing was told, once the
// window closed, or while another appeal of the same application waits.
func (r *Runner) FileAppeal(ctx context.Context, actor mobility.Actor, n NewAppeal) (uuid.UUID, error) {
	var id uuid.UUID
	err := r.do(ctx, actor, n.Arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, n.Application)
		if err != nil {
			return err
		}
		if seen.PersonID != s.actor.Person {
			return mobility.ForbiddenError("refusal.not_your_move")
		}
		if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
			return fmt.Errorf("lock the call: %w", err)
		}
		target, err := s.appealTarget(ctx, n.Application)
		if err != nil {
			return err
		}
		reason, err := appealText("reason", n.Reason)
		if err != nil {
			return err
		}
		id, err = s.fileAppeal(ctx, target, reason)
		return err
	})
	return id, err
}

// appealTarget is what there is to appeal against now.
func (s *step) appealTarget(ctx context.Context, application uuid.UUID) (store.AppealTargetRow, error) {
	t, err := queries.AppealTarget(ctx, s.tx, application)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return t, mobility.ConflictError("refusal.nothing_to_appeal", nil)
	case err != nil:
		return t, fmt.Errorf("look what there is to appeal against: %w", err)
	}
	return t, MayAppeal(t, s.now)
}

// MayAppeal says why somebody cannot appeal now against what was told to them,
// nil if they can.
func MayAppeal(t store.AppealTargetRow, now time.Time) error {
	switch {
	case t.HeldBack != "", t.Status == "provisional" && t.Phase == mobility.PhaseClosed:
		return mobility.ConflictError("refusal.nothing_to_appeal", nil)
	case !mobility.Open(now, t.ClosesAt):
		return mobility.ConflictError("refusal.appeal_window_closed", map[string]any{"Until": t.ClosesAt.Add(-time.Minute)})
	}
	return nil
}

// appealText is what was typed, or the field that is wrong.
func appealText(field, text string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return "", mobility.InvalidError(mobility.FieldProblem{Field: field, Code: "invalid.required"})
	case utf8.RuneCountInString(text) > MostAppealText:
		return "", mobility.InvalidError(mobility.FieldProblem{Field: field, Code: "invalid.max_text", Data: map[string]any{"Param": MostAppealText}})
	}
	return text, nil
}

func (s *step) fileAppeal(ctx context.Context, t store.AppealTargetRow, reason string) (uuid.UUID, error) {
	number, err := queries.NextAppealNumber(ctx, s.tx, t.CallID)
	if err != nil {
		return uuid.Nil, fmt.Errorf("number the appeal: %w", err)
	}
	id := newID()
	err = queries.AddAppeal(ctx, s.tx, store.AddAppealParams{
		ID: id, InstitutionID: t.InstitutionID, ApplicationID: t.ID, RankingID: t.RankingID, Number: number, FiledAt: s.now,
	})
	if err != nil {
		return uuid.Nil, store.Translate(err, "appeal")
	}
	a := appealOf{id: id, institution: t.InstitutionID, application: t.ID, person: t.PersonID, call: t.CallID}
	if err := s.keepAppealText(ctx, a, "reason", reason); err != nil {
		return uuid.Nil, err
	}
	if err := s.tellAppellant(ctx, a, "appeal_received"); err != nil {
		return uuid.Nil, err
	}
	return id, s.record(ctx, act{
		institution: t.InstitutionID, name: "appeal_filed", kind: "appeal", subject: id,
		data: map[string]any{"application": t.ID, "ranking": t.RankingID, "number": number},
	})
}

// appealOf is what everything about an appeal needs to know of it.
type appealOf struct{ id, institution, application, person, call uuid.UUID }

func about(a store.LockAppealRow) appealOf {
	return appealOf{id: a.ID, institution: a.InstitutionID, application: a.ApplicationID, person: a.PersonID, call: a.CallID}
}

func (s *step) keepAppealText(ctx context.Context, a appealOf, part, body string) error {
	err := queries.AddAppealText(ctx, s.tx, store.AddAppealTextParams{AppealID: a.id, Part: part, InstitutionID: a.institution, PersonID: a.person, Body: body})
	if err != nil {
		return fmt.Errorf("keep the %s: %w", part, err)
	}
	return nil
}

// tellAppellant plans a letter about an appeal to who filed it.
func (s *step) tellAppellant(ctx context.Context, a appealOf, kind string) error {
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: a.person, InstitutionID: a.institution})
	if err != nil {
		return fmt.Errorf("read the language: %w", err)
	}
	return s.planLetter(ctx, letterPlan{
		institution: a.institution, kind: kind, recipient: "applicant", language: language, person: &a.person,
		application: &a.application, call: &a.call, key: "appeal:" + a.id.String(), data: map[string]any{"appeal": a.id},
	})
}

// WithdrawAppeal ends the applicant's own appeal while it waits. Errors: not
// found, forbidden for anybody else, conflict once it was answered.
func (r *Runner) WithdrawAppeal(ctx context.Context, actor mobility.Actor, appeal uuid.UUID, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		a, err := s.openAppeal(ctx, appeal)
		if err != nil {
			return err
		}
		if a.PersonID != s.actor.Person {
			return mobility.ForbiddenError("refusal.not_your_move")
		}
		n, err := queries.WithdrawAppeal(ctx, s.tx, store.WithdrawAppealParams{ID: appeal, At: &s.now})
		if err != nil {
			return fmt.Errorf("withdraw the appeal: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("conflict.appeal_answered", nil)
		}
		return s.record(ctx, act{institution: a.InstitutionID, name: "appeal_withdrawn", kind: "appeal", subject: appeal})
	})
}

// openAppeal proves under the web role that the actor sees the appeal,
// elevates, and locks: the call alone, then the appeal.
func (s *step) openAppeal(ctx context.Context, id uuid.UUID) (store.LockAppealRow, error) {
	if _, err := queries.VisibleAppeal(ctx, s.tx, id); err != nil {
		return store.LockAppealRow{}, store.Translate(err, "appeal")
	}
	if err := s.elevate(ctx); err != nil {
		return store.LockAppealRow{}, err
	}
	row, err := queries.AppealRow(ctx, s.tx, id)
	if err != nil {
		return store.LockAppealRow{}, store.Translate(err, "appeal")
	}
	if err := queries.LockCall(ctx, s.tx, row.CallID.String()); err != nil {
		return store.LockAppealRow{}, fmt.Errorf("lock the call: %w", err)
	}
	a, err := queries.LockAppeal(ctx, s.tx, id)
	return a, store.Translate(err, "appeal")
}
