package process

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// Mark is one assessor's points for one criterion. Seen is what stood in the
// field when it was opened, "" for nothing: another value there now is stale.
type Mark struct {
	Application uuid.UUID
	Criterion   string
	Points      string // decimal, with a point or a comma
	Seen        string
	Arrived     time.Time
}

// SetMark keeps one mark. Coordinators, assessors and officers who reach the
// file may, until the result is published. Errors: invalid with the criterion
// as field; stale if somebody else changed the cell since it was shown.
func (r *Runner) SetMark(ctx context.Context, actor mobility.Actor, m Mark) error {
	return r.do(ctx, actor, m.Arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, m.Application)
		if err != nil {
			return err
		}
		f, err := r.open(ctx, s, seen, nil)
		if err != nil {
			return err
		}
		if !marks(s.actor.RolesAt(place(seen))) {
			return mobility.ForbiddenError("refusal.not_your_move")
		}
		if f.facts.Published {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		return f.setMark(ctx, s, m)
	})
}

func marks(roles []mobility.Role) bool {
	for _, role := range roles {
		if role == mobility.RoleCoordinator || role == mobility.RoleAssessor || role == mobility.RoleOfficer {
			return true
		}
	}
	return false
}

// typedPoints is how people write points: digits, with a point or a comma.
var typedPoints = regexp.MustCompile(`^-?\d{1,7}([.,]\d{1,8})?$`)

var errNotPoints = errors.New("not a number of points")

func parsePoints(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if !typedPoints.MatchString(text) {
		return decimal.Decimal{}, errNotPoints
	}
	return decimal.NewFromString(strings.ReplaceAll(text, ",", "."))
}

func (f *file) setMark(ctx context.Context, s *step, m Mark) error {
	points, err := f.checkMark(ctx, s, m)
	if err != nil {
		return err
	}
	standing, err := queries.StandingMark(ctx, s.tx, store.StandingMarkParams{ApplicationID: f.app.ID, Criterion: m.Criterion})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		if m.Seen != "" {
			return mobility.StaleError("conflict.marked_meanwhile", map[string]any{"Now": ""})
		}
	case err != nil:
		return err
	default:
		seen, seenErr := parsePoints(m.Seen)
		if seenErr != nil || !seen.Equal(standing.Points) {
			return mobility.StaleError("conflict.marked_meanwhile", map[string]any{"Now": standing.Points.String()})
		}
		if _, err := queries.ReplaceMark(ctx, s.tx, store.ReplaceMarkParams{ID: standing.ID, At: &s.now}); err != nil {
			return err
		}
	}
	if points == nil {
		return nil
	}
	last, err := queries.LastSubmission(ctx, s.tx, f.app.ID)
	if err != nil {
		return store.Translate(err, "submission")
	}
	err = queries.AddMark(ctx, s.tx, store.AddMarkParams{
		ID: newID(), InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, SubmissionID: last.ID,
		Criterion: m.Criterion, AssessorID: s.actor.Person, Points: *points, MarkedAt: s.now,
	})
	return store.Translate(err, "mark")
}

// checkMark reads the points and holds them against the criterion's range;
// nil empties the cell.
func (f *file) checkMark(ctx context.Context, s *step, m Mark) (*decimal.Decimal, error) {
	problem := func(code string, data map[string]any) error {
		return mobility.InvalidError(mobility.FieldProblem{Field: m.Criterion, Code: code, Data: data})
	}
	scheme, err := readScheme(ctx, s.tx, f.call)
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(scheme.Criteria, func(c selection.Criterion) bool { return c.Key == m.Criterion && c.Source == selection.SourceMark })
	if at < 0 {
		return nil, problem("scheme.unknown_criterion", nil)
	}
	if strings.TrimSpace(m.Points) == "" {
		return nil, nil
	}
	points, err := parsePoints(m.Points)
	if err != nil {
		return nil, problem("field.not_a_number", nil)
	}
	c := scheme.Criteria[at]
	if points.IsNegative() || points.GreaterThan(c.Max) {
		return nil, problem("scheme.mark_out_of_range", map[string]any{"Max": c.Max})
	}
	points = mobility.RoundPoints(points, c.Scale)
	return &points, nil
}
