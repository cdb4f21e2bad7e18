package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// CorrectionKind says how a granted appeal is put right.
type CorrectionKind string

// The kinds. The first two are for before the final list, where a newer run
// carries them to everybody; a move is made at once.
const (
	CorrectMark CorrectionKind = "mark" // one assessor's mark of one criterion
	LiftGate    CorrectionKind = "gate" // a gate does not hold for this application
	MakeMove    CorrectionKind = "move" // a correcting move of the lifecycle, and perhaps what gives the place
)

// Correction is what a granted appeal changes.
type Correction struct {
	Kind        CorrectionKind
	Mark        uuid.UUID  // the standing mark that is wrong
	Points      string     // what it should have been
	Gate        string     // key of the scheme's gate
	Destination *uuid.UUID // where it is lifted; nil: everywhere
	Move        string
	Then        string // made after Move; "" for nothing
	Revision    int32  // of the application as it was shown
	Given       Given  // for Move and Then; the reason is the answer where none is given
}

// GateCycle is the gate of a destination for another cycle of studies.
const GateCycle = "gate.cycle"

// Consequences are what a correction would do, before it is done.
type Consequences struct {
	Hash   string               // names them: another hash later means that something changed
	Before selection.Result     // of the ranking as it would be computed now
	After  selection.Result     // with the correction
	Moves  []*lifecycle.MoveDef // that would be made, in order
}

// correction is one that can be shown and then carried out.
type correction interface {
	preview(ctx context.Context, s *step) (Consequences, error)
	carryOut(ctx context.Context, s *step, reason string) (map[string]any, error)
}

// PreviewAppeal computes what granting an appeal by a correction would do,
// and changes nothing. Errors as AnswerAppeal's.
func (r *Runner) PreviewAppeal(ctx context.Context, actor mobility.Actor, appeal uuid.UUID, c Correction, arrived time.Time) (Consequences, error) {
	var out Consequences
	err := r.do(ctx, actor, arrived, func(s *step) error {
		a, err := s.appealToDecide(ctx, appeal)
		if err != nil {
			return err
		}
		ready, err := r.correction(ctx, s, a, c)
		if err != nil {
			return err
		}
		out, err = ready.preview(ctx, s)
		return err
	})
	return out, err
}

// correction checks that it can be made now.
func (r *Runner) correction(ctx context.Context, s *step, a store.LockAppealRow, c Correction) (correction, error) {
	at, err := queries.RoundForRanking(ctx, s.tx, a.RoundID)
	if err != nil {
		return nil, store.Translate(err, "round")
	}
	switch c.Kind {
	case CorrectMark, LiftGate:
		if at.Published {
			return nil, mobility.ConflictError("refusal.already_final", nil)
		}
		return &rankCorrection{Correction: c, runner: r, of: about(a), appeal: &a.ID, at: at}, nil
	case MakeMove:
		return &moveCorrection{Correction: c, runner: r, appeal: a}, nil
	}
	return nil, mobility.InvalidError(mobility.FieldProblem{Field: "correction", Code: "appeal.needs_correction"})
}

// rankCorrection changes what the next run is computed from.
type rankCorrection struct {
	Correction
	runner *Runner
	of     appealOf
	appeal *uuid.UUID // nil: found out without one
	at     store.RoundForRankingRow

	mark      store.StandingMarkRow
	criterion MarkedCriterion
	points    decimal.Decimal
}

func (c *rankCorrection) preview(ctx context.Context, s *step) (Consequences, error) {
	b, err := c.runner.basis(ctx, s, c.at)
	if err != nil {
		return Consequences{}, err
	}
	i := b.candidate(c.of.application)
	if i < 0 {
		return Consequences{}, mobility.ConflictError("refusal.not_in_run", nil)
	}
	other := b.Clone()
	if c.Kind == CorrectMark {
		err = c.remark(ctx, s, other, i)
	} else {
		err = c.lift(other, i)
	}
	if err != nil {
		return Consequences{}, err
	}
	now, err := b.Compute()
	if err != nil {
		return Consequences{}, err
	}
	then, err := other.Compute()
	if err != nil {
		return Consequences{}, err
	}
	h := sha256.Sum256(fmt.Appendf(nil, "%s %s %s %s %s %s", selection.Hash(now.Input), selection.Hash(then.Input), c.Kind, c.Mark, c.points, c.gateKey()))
	return Consequences{Hash: hex.EncodeToString(h[:]), Before: now.Result, After: then.Result}, nil
}

func (c *rankCorrection) gateKey() string {
	if c.Destination != nil {
		return c.Gate + "@" + c.Destination.String()
	}
	return c.Gate
}

// remark puts the right points in the place of the wrong ones.
func (c *rankCorrection) remark(ctx context.Context, s *step, b *Basis, i int) error {
	if err := c.readMark(ctx, s); err != nil {
		return err
	}
	marks := b.Values[i].Marks[c.mark.Criterion]
	n := slices.IndexFunc(marks, c.mark.Points.Equal)
	if n < 0 {
		return mobility.StaleError("conflict.preview_changed", nil)
	}
	marks[n] = c.points
	return nil
}

func (c *rankCorrection) readMark(ctx context.Context, s *step) error {
	mark, err := queries.StandingMark(ctx, s.tx, c.Mark)
	if err != nil || mark.ApplicationID != c.of.application {
		return mobility.InvalidError(mobility.FieldProblem{Field: "mark", Code: "appeal.no_such_mark"})
	}
	call, err := queries.CallAssessing(ctx, s.tx, c.of.call)
	if err != nil {
		return store.Translate(err, "call")
	}
	criteria, err := MarkedCriteria(call.Criteria)
	if err != nil {
		return err
	}
	n := slices.IndexFunc(criteria, func(k MarkedCriterion) bool { return k.Key == mark.Criterion })
	if n < 0 {
		return mobility.InvalidError(mobility.FieldProblem{Field: "mark", Code: "scheme.unknown_criterion"})
	}
	points, err := cell{MarkedCriterion: criteria[n]}.read(c.Points)
	var wrong *mobility.Error
	switch {
	case errors.As(err, &wrong) && len(wrong.Fields) > 0:
		return mobility.InvalidError(mobility.FieldProblem{Field: "points", Code: wrong.Fields[0].Code, Data: wrong.Fields[0].Data})
	case err != nil:
		return err
	case points == nil:
		return mobility.InvalidError(mobility.FieldProblem{Field: "points", Code: "invalid.required"})
	case points.Equal(mark.Points):
		return mobility.InvalidError(mobility.FieldProblem{Field: "points", Code: "appeal.same_points"})
	}
	c.mark, c.criterion, c.points = mark, criteria[n], *points
	return nil
}

// lift lets a gate hold no longer.
func (c *rankCorrection) lift(b *Basis, i int) error {
	known := c.Gate == GateCycle || slices.ContainsFunc(b.Scheme.Gates, func(g scheme.Gate) bool { return g.Key == c.Gate })
	who := &b.Candidates[i]
	if c.Destination == nil {
		if !known || slices.Contains(who.Lifted, c.Gate) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "gate", Code: "appeal.no_such_gate"})
		}
		who.lift(c.Gate)
		return nil
	}
	n := slices.IndexFunc(who.Wishes, func(w CandidateWish) bool { return w.Destination == *c.Destination })
	if !known || n < 0 || slices.Contains(who.Wishes[n].Lifted, c.Gate) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "gate", Code: "appeal.no_such_gate"})
	}
	who.Wishes[n].lift(c.Gate)
	return nil
}

func (c *rankCorrection) carryOut(ctx context.Context, s *step, reason string) (map[string]any, error) {
	if c.Kind == LiftGate {
		return c.keepException(ctx, s, reason)
	}
	if n, err := queries.ReplaceMarks(ctx, s.tx, store.ReplaceMarksParams{Ids: []uuid.UUID{c.mark.ID}, At: &s.now}); err != nil || n == 0 {
		return nil, mobility.StaleError("conflict.preview_changed", nil)
	}
	last, err := queries.LastSubmission(ctx, s.tx, c.of.application)
	if err != nil {
		return nil, store.Translate(err, "submission")
	}
	id := newID()
	err = queries.CorrectMark(ctx, s.tx, store.CorrectMarkParams{
		ID: id, InstitutionID: c.of.institution, ApplicationID: c.of.application, SubmissionID: last.ID, Criterion: c.mark.Criterion,
		AssessorID: c.mark.AssessorID, Points: c.points, MarkedAt: s.now, RangeMin: &c.criterion.Min, RangeMax: &c.criterion.Max,
		Corrects: &c.mark.ID, CorrectedBy: s.actorID(),
	})
	if err != nil {
		return nil, store.Translate(err, "mark")
	}
	data := c.because(map[string]any{"mark": id, "corrects": c.mark.ID, "criterion": c.mark.Criterion, "from": c.mark.Points, "to": c.points})
	return data, s.record(ctx, act{
		institution: c.of.institution, name: "mark_corrected", kind: "application", subject: c.of.application,
		data: data, reason: reason, about: &c.of.person,
	})
}

// because adds the appeal that led to it.
func (c *rankCorrection) because(data map[string]any) map[string]any {
	if c.appeal != nil {
		data["appeal"] = *c.appeal
	}
	return data
}

func (c *rankCorrection) keepException(ctx context.Context, s *step, reason string) (map[string]any, error) {
	id := newID()
	err := queries.AddException(ctx, s.tx, store.AddExceptionParams{
		ID: id, InstitutionID: c.of.institution, ApplicationID: c.of.application, DestinationID: c.Destination, Gate: c.Gate,
		AppealID: c.appeal, MadeBy: s.actor.Person, MadeAt: s.now,
	})
	if err != nil {
		return nil, store.Translate(err, "gate")
	}
	err = queries.AddExceptionText(ctx, s.tx, store.AddExceptionTextParams{ExceptionID: id, InstitutionID: c.of.institution, PersonID: c.of.person, Reason: reason})
	if err != nil {
		return nil, fmt.Errorf("keep the reason: %w", err)
	}
	data := c.because(map[string]any{"exception": id, "gate": c.Gate})
	if c.Destination != nil {
		data["destination"] = *c.Destination
	}
	return data, s.record(ctx, act{institution: c.of.institution, name: "gate_lifted", kind: "application", subject: c.of.application, data: data})
}
