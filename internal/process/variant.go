package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// VariantKind says what a variant does otherwise.
type VariantKind string

// The kinds of changes.
const (
	VaryPlaces   VariantKind = "places"   // Pool (places, a quota, money) has Number free
	VaryWeight   VariantKind = "weight"   // Criterion counts Number times
	VaryShare    VariantKind = "share"    // the share of that index, from 1, is Number percent
	VaryMethod   VariantKind = "method"   // Word is another method
	VaryTies     VariantKind = "ties"     // Word is another tie policy
	VaryMark     VariantKind = "mark"     // Application has Number points for Criterion
	VaryWithdraw VariantKind = "withdraw" // Application is not there
)

// VariantChange is one thing a variant does otherwise. It holds ids, codes and
// numbers alone (design rule 12).
type VariantChange struct {
	Kind        VariantKind     `json:"kind"`
	Pool        uuid.UUID       `json:"pool,omitzero"`
	Application uuid.UUID       `json:"application,omitzero"`
	Criterion   string          `json:"criterion,omitempty"`
	Share       int             `json:"share,omitempty"`
	Word        string          `json:"word,omitempty"`
	Number      decimal.Decimal `json:"number,omitzero"`
}

// With returns a copy of the basis with the changes made. What cannot be is an
// error of kind invalid, with "changes.1" for the first change as field.
func (b *Basis) With(changes []VariantChange) (*Basis, error) {
	out := b.Clone()
	again, problems := scheme.Parse(b.Scheme.YAML())
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the scheme again: %s", problems[0])
	}
	out.Scheme = again
	var wrong []mobility.FieldProblem
	for i, c := range changes {
		if code := out.change(c); code != "" {
			wrong = append(wrong, mobility.FieldProblem{Field: fmt.Sprintf("changes.%d", i+1), Code: code})
		}
	}
	if len(wrong) > 0 {
		return nil, mobility.InvalidError(wrong...)
	}
	return out, nil
}

// change makes one change, or returns the code of why not.
func (b *Basis) change(c VariantChange) string {
	switch c.Kind {
	case VaryPlaces:
		return b.changePlaces(c)
	case VaryWeight:
		return b.changeWeight(c)
	case VaryShare:
		if c.Share < 1 || c.Share > len(b.Rules.Shares) || !c.Number.IsInteger() || c.Number.IsNegative() || c.Number.GreaterThan(decimal.NewFromInt(100)) {
			return "selection.percent"
		}
		b.Rules.Shares[c.Share-1].Percent = int(c.Number.IntPart())
	case VaryMethod:
		if !slices.Contains(selection.Methods, selection.Method(c.Word)) {
			return "selection.unknown_method"
		}
		b.Rules.Method = c.Word
	case VaryTies:
		if !slices.Contains(selection.TiePolicies, selection.TiePolicy(c.Word)) {
			return "selection.unknown_ties"
		}
		b.Rules.Ties = c.Word
	case VaryMark:
		return b.changeMark(c)
	case VaryWithdraw:
		i := b.candidate(c.Application)
		if i < 0 {
			return "variant.not_in_run"
		}
		b.Candidates, b.Values = slices.Delete(b.Candidates, i, i+1), slices.Delete(b.Values, i, i+1)
	default:
		return "variant.unknown_change"
	}
	return ""
}

func (b *Basis) candidate(id uuid.UUID) int {
	return slices.IndexFunc(b.Candidates, func(c Candidate) bool { return c.Application == id })
}

const mostPlaces = 100_000

func (b *Basis) changePlaces(c VariantChange) string {
	if !c.Number.IsInteger() || c.Number.IsNegative() || c.Number.GreaterThan(decimal.NewFromInt(mostPlaces)) {
		return "variant.places"
	}
	found := false
	for _, pools := range [][]selection.Pool{b.Pools, b.Money} {
		for i := range pools {
			if pools[i].ID == c.Pool {
				pools[i].Free, found = int(c.Number.IntPart()), true
			}
		}
	}
	if !found {
		return "variant.not_in_run"
	}
	return ""
}

func (b *Basis) changeWeight(c VariantChange) string {
	i := slices.IndexFunc(b.Scheme.Criteria, func(k scheme.Criterion) bool { return k.Key == c.Criterion })
	if i < 0 {
		return "scheme.unknown_criterion"
	}
	if !c.Number.IsPositive() || c.Number.GreaterThan(decimal.NewFromInt(1000)) {
		return "scheme.weight_not_positive"
	}
	b.Scheme.Criteria[i].Weight = decimal.NewNullDecimal(c.Number)
	return ""
}

// changeMark lets every assessor have given the one mark.
func (b *Basis) changeMark(c VariantChange) string {
	i := b.candidate(c.Application)
	if i < 0 {
		return "variant.not_in_run"
	}
	k, ok := b.Scheme.Criterion(c.Criterion)
	if !ok || k.Mark == nil {
		return "scheme.unknown_criterion"
	}
	if c.Number.LessThan(k.Mark.Min) || c.Number.GreaterThan(k.Mark.Max) {
		return "scheme.mark_out_of_range"
	}
	marks := make([]decimal.Decimal, max(k.Mark.Assessors, len(b.Values[i].Marks[c.Criterion]), 1))
	for n := range marks {
		marks[n] = c.Number
	}
	if b.Values[i].Marks == nil {
		b.Values[i].Marks = map[string][]decimal.Decimal{}
	}
	b.Values[i].Marks[c.Criterion] = marks
	return ""
}

// Trial asks what would be if a run were computed otherwise.
type Trial struct {
	Ranking uuid.UUID
	Name    string // what the office calls it; no personal data belongs here
	Changes []VariantChange
	Arrived time.Time
}

// TryVariant computes a run otherwise and keeps the result beside it, for
// understanding: nothing of it can be published. Officers of the institution
// may, and coordinators for the files they see, whom no conflict of interest
// and no file of their own bars from the round. Errors: invalid for changes that cannot be, with "changes.N" as
// field; stale if files, marks or places changed since the run.
func (r *Runner) TryVariant(ctx context.Context, actor mobility.Actor, t Trial) (uuid.UUID, error) {
	if err := t.check(); err != nil {
		return uuid.Nil, err
	}
	var id uuid.UUID
	err := r.do(ctx, actor, t.Arrived, func(s *step) error {
		ranking, at, err := r.rankingForTrial(ctx, s, t)
		if err != nil {
			return err
		}
		barred, err := queries.BarredFromRound(ctx, s.tx, at.ID)
		switch {
		case err != nil:
			return fmt.Errorf("look for a conflict: %w", err)
		case barred:
			return mobility.ForbiddenError("refusal.barred_from_round")
		case at.Published:
			return mobility.ConflictError("conflict.already_published", nil)
		}
		b, err := r.basis(ctx, s, at)
		if err != nil {
			return err
		}
		same, _, err := b.same(ranking)
		if err != nil {
			return err
		}
		if !same {
			return mobility.StaleError("conflict.inputs_changed", nil)
		}
		id, err = s.storeVariant(ctx, at, t, b)
		return err
	})
	return id, err
}

// rankingForTrial proves that the actor may try what would be, and elevates. A
// coordinator changes nothing about a file that the actor does not see.
func (r *Runner) rankingForTrial(ctx context.Context, s *step, t Trial) (ranking store.RankingForPublishingRow, at store.RoundForRankingRow, err error) {
	seen, err := queries.VisibleRanking(ctx, s.tx, t.Ranking)
	if err != nil {
		return ranking, at, store.Translate(err, "ranking")
	}
	if isOfficer(s.actor, seen.InstitutionID, seen.CallID) || !coordinates(s.actor, seen.InstitutionID, seen.CallID) {
		return r.rankingForOfficer(ctx, s, t.Ranking)
	}
	files, err := queries.OfficeReached(ctx, s.tx, store.OfficeReachedParams{RoundID: seen.RoundID, Self: s.actor.Person})
	if err != nil {
		return ranking, at, fmt.Errorf("read the files: %w", err)
	}
	for i, c := range t.Changes {
		if c.Application != uuid.Nil && !slices.Contains(files, c.Application) {
			return ranking, at, mobility.InvalidError(mobility.FieldProblem{Field: fmt.Sprintf("changes.%d", i+1), Code: "variant.not_in_run"})
		}
	}
	if err := s.elevate(ctx); err != nil {
		return ranking, at, err
	}
	if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return ranking, at, fmt.Errorf("lock the call: %w", err)
	}
	if at, err = queries.RoundForRanking(ctx, s.tx, seen.RoundID); err != nil {
		return ranking, at, fmt.Errorf("read the round: %w", err)
	}
	ranking, err = queries.RankingForPublishing(ctx, s.tx, t.Ranking)
	return ranking, at, err
}

// coordinates reports whether the actor coordinates files of the call.
func coordinates(actor mobility.Actor, institution, call uuid.UUID) bool {
	return slices.ContainsFunc(actor.Grants, func(g mobility.Grant) bool {
		return g.Role == mobility.RoleCoordinator && g.Institution == institution && (g.Call == nil || *g.Call == call)
	})
}

const mostChanges = 300

func (t *Trial) check() error {
	t.Name = strings.TrimSpace(t.Name)
	switch {
	case t.Name == "" || len([]rune(t.Name)) > 100:
		return mobility.InvalidError(mobility.FieldProblem{Field: "name", Code: "invalid.required"})
	case len(t.Changes) == 0:
		return mobility.InvalidError(mobility.FieldProblem{Field: "changes", Code: "variant.no_change"})
	case len(t.Changes) > mostChanges:
		return mobility.InvalidError(mobility.FieldProblem{Field: "changes", Code: "variant.too_many"})
	}
	return nil
}

func (s *step) storeVariant(ctx context.Context, at store.RoundForRankingRow, t Trial, b *Basis) (uuid.UUID, error) {
	other, err := b.With(t.Changes)
	if err != nil {
		return uuid.Nil, err
	}
	run, err := other.Compute()
	if err != nil {
		return uuid.Nil, err
	}
	changes, err := json.Marshal(t.Changes)
	if err != nil {
		return uuid.Nil, err
	}
	number, err := queries.NextVariantNumber(ctx, s.tx, t.Ranking)
	if err != nil {
		return uuid.Nil, err
	}
	id := newID()
	err = queries.AddVariant(ctx, s.tx, store.AddVariantParams{
		ID: id, InstitutionID: at.InstitutionID, CallID: at.CallID, RankingID: t.Ranking, Number: number, Name: t.Name, Changes: changes,
		InputHash: selection.Hash(run.Input), Result: string(selection.Canonical(run.Result)), ResultHash: selection.HashResult(run.Result),
		TriedAt: s.now, TriedBy: s.actor.Person,
	})
	if err != nil {
		return uuid.Nil, store.Translate(err, "variant")
	}
	err = s.record(ctx, act{institution: at.InstitutionID, name: "variant_tried", kind: "ranking", subject: t.Ranking})
	return id, err
}
