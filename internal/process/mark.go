package process

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Mark is one assessor's points for one criterion. Seen is what stood in the
// field when it was opened, "" for nothing: another value there now is stale.
type Mark struct {
	Application uuid.UUID
	Criterion   string
	Points      string // decimal, with a point or a comma; "" takes the mark back
	Seen        string
	Arrived     time.Time
}

// SetMark keeps one mark of the actor. Coordinators, assessors and officers
// who reach the file may, until the result is published; in a blind call only
// those from whom the name is hidden. Where one mark is wanted, whoever may
// mark corrects the one there is; where several are, everybody has their own.
// The same points again change nothing, so that a request may be repeated.
// Errors: invalid with the criterion as field; stale if the cell changed since
// it was shown, with what stands there now.
func (r *Runner) SetMark(ctx context.Context, actor mobility.Actor, m Mark) error {
	return r.do(ctx, actor, m.Arrived, func(s *step) error {
		f, err := r.fileToMark(ctx, s, m.Application)
		if err != nil {
			return err
		}
		return f.setMark(ctx, s, m)
	})
}

// KeepMark says that the actor's mark holds for what the file is now: for the
// newest submission and the criterion's range. Whoever may mark keeps a mark
// that is shared. Errors: not found if there is no such mark; invalid if it
// lies outside the range.
func (r *Runner) KeepMark(ctx context.Context, actor mobility.Actor, application uuid.UUID, criterion string, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		f, err := r.fileToMark(ctx, s, application)
		if err != nil {
			return err
		}
		cell, err := f.cell(ctx, s, criterion)
		if err != nil {
			return err
		}
		if len(cell.mine) == 0 {
			return mobility.NotFoundError("mark")
		}
		points := cell.mine[0].Points
		if !cell.InRange(points) {
			return cell.outOfRange()
		}
		return cell.write(ctx, s, f, &points)
	})
}

// fileToMark opens a file of which the actor may give marks now.
func (r *Runner) fileToMark(ctx context.Context, s *step, application uuid.UUID) (*fileToMark, error) {
	seen, err := r.visible(ctx, s, application)
	if err != nil {
		return nil, err
	}
	f, err := r.open(ctx, s, seen, nil)
	if err != nil {
		return nil, err
	}
	roles := s.actor.RolesAt(place(seen))
	call, err := queries.CallAssessing(ctx, s.tx, seen.CallID)
	if err != nil {
		return nil, store.Translate(err, "call")
	}
	if err := MayMark(roles, call.Blind); err != nil {
		return nil, err
	}
	if f.facts.Published {
		return nil, mobility.ConflictError("conflict.already_published", nil)
	}
	switch out, err := s.provisionalOut(ctx, seen.RoundID); {
	case err != nil:
		return nil, err
	case out:
		return nil, mobility.ConflictError("conflict.provisional_out", nil)
	}
	criteria, err := MarkedCriteria(call.Criteria)
	return &fileToMark{f, criteria}, err
}

// fileToMark is a file with the criteria it is marked by.
type fileToMark struct {
	*file
	criteria []MarkedCriterion
}

// MayMark says why those with these roles towards a file give it no marks,
// nil if they do. In a blind call only those do who cannot read the name.
func MayMark(roles []mobility.Role, blind bool) error {
	marks, knows := false, false
	for _, role := range roles {
		marks = marks || role == mobility.RoleCoordinator || role == mobility.RoleAssessor || role == mobility.RoleOfficer
		knows = knows || role != mobility.RoleAssessor
	}
	switch {
	case !marks:
		return mobility.ForbiddenError("refusal.not_your_move")
	case blind && knows:
		return mobility.ForbiddenError("refusal.knows_the_name")
	}
	return nil
}

// typedPoints is how people write points: digits, with a point or a comma.
var typedPoints = regexp.MustCompile(`^-?\d{1,7}([.,]\d{1,8})?$`)

var errNotPoints = errors.New("not a number of points")

// ParsePoints reads points as people write them: digits, with a point or a
// comma.
func ParsePoints(text string) (decimal.Decimal, error) {
	text = strings.TrimSpace(text)
	if !typedPoints.MatchString(text) {
		return decimal.Decimal{}, errNotPoints
	}
	return decimal.NewFromString(strings.ReplaceAll(text, ",", "."))
}

// cell is one criterion of one file with the marks of it that the actor may
// replace: their own, or the one that is everybody's.
type cell struct {
	MarkedCriterion
	mine []store.StandingMarksForRow
}

func (f *fileToMark) cell(ctx context.Context, s *step, criterion string) (cell, error) {
	at := slices.IndexFunc(f.criteria, func(c MarkedCriterion) bool { return c.Key == criterion })
	if at < 0 {
		return cell{}, mobility.InvalidError(mobility.FieldProblem{Field: criterion, Code: "scheme.unknown_criterion"})
	}
	c := cell{MarkedCriterion: f.criteria[at]}
	rows, err := queries.StandingMarksFor(ctx, s.tx, store.StandingMarksForParams{ApplicationID: f.app.ID, Criterion: criterion})
	for _, row := range rows {
		if c.Shared() || row.AssessorID == s.actor.Person {
			c.mine = append(c.mine, row)
		}
	}
	return c, err
}

// stands is what the actor sees in the cell, nil for nothing.
func (c cell) stands() *decimal.Decimal {
	var points []decimal.Decimal
	for _, m := range c.mine {
		points = append(points, m.Points)
	}
	d, ok := c.Combined(points, c.Scale)
	if !ok {
		return nil
	}
	return &d
}

func (f *fileToMark) setMark(ctx context.Context, s *step, m Mark) error {
	c, err := f.cell(ctx, s, m.Criterion)
	if err != nil {
		return err
	}
	points, err := c.read(m.Points)
	if err != nil {
		return err
	}
	now := c.stands()
	switch {
	case same(points, now) && (now == nil || f.current(ctx, s, c)):
		return nil
	case !same(points, now) && !saw(m.Seen, now):
		return c.stale(now)
	}
	return c.write(ctx, s, f, points)
}

// saw reports whether what stood in the field when it was shown stands still.
func saw(text string, now *decimal.Decimal) bool {
	if now == nil || strings.TrimSpace(text) == "" {
		return now == nil && strings.TrimSpace(text) == ""
	}
	seen, err := ParsePoints(text)
	return err == nil && seen.Equal(*now)
}

// current reports whether the marks that stand saw the newest submission and
// the range as it is: given anew, the others are looked at again.
func (f *fileToMark) current(ctx context.Context, s *step, c cell) bool {
	last, err := queries.LastSubmission(ctx, s.tx, f.app.ID)
	return err == nil && !slices.ContainsFunc(c.mine, func(m store.StandingMarksForRow) bool {
		return m.SubmissionID != last.ID || !c.SawRange(m.RangeMin, m.RangeMax)
	})
}

// SawRange reports whether a mark given within low and high was given in the
// criterion's range as it is; nil is what the scheme said, whatever that was.
func (c MarkedCriterion) SawRange(low, high *decimal.Decimal) bool {
	return (low == nil || low.Equal(c.Min)) && (high == nil || high.Equal(c.Max))
}

func same(a, b *decimal.Decimal) bool {
	return (a == nil) == (b == nil) && (a == nil || a.Equal(*b))
}

func (c cell) stale(now *decimal.Decimal) error {
	data := map[string]any{"Now": ""}
	if now != nil {
		data["Now"] = now.String()
	}
	return mobility.StaleError("conflict.marked_meanwhile", data)
}

// write replaces the cell's marks by the points, nil for none, as seen on the
// newest submission.
func (c cell) write(ctx context.Context, s *step, f *fileToMark, points *decimal.Decimal) error {
	ids := make([]uuid.UUID, len(c.mine))
	for i, m := range c.mine {
		ids[i] = m.ID
	}
	if len(ids) > 0 {
		if _, err := queries.ReplaceMarks(ctx, s.tx, store.ReplaceMarksParams{Ids: ids, At: &s.now}); err != nil {
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
		Criterion: c.Key, AssessorID: s.actor.Person, Points: *points, MarkedAt: s.now, RangeMin: &c.Min, RangeMax: &c.Max,
	})
	return store.Translate(err, "mark")
}

// read holds typed points against the criterion; nil empties the cell.
func (c cell) read(typed string) (*decimal.Decimal, error) {
	if strings.TrimSpace(typed) == "" {
		return nil, nil
	}
	points, err := ParsePoints(typed)
	if err != nil {
		return nil, c.problem("field.not_a_number", nil)
	}
	if points = mobility.RoundPoints(points, c.Scale); !c.InRange(points) {
		return nil, c.outOfRange()
	}
	if !c.Step.IsZero() && !points.Sub(c.Min).Mod(c.Step).IsZero() {
		return nil, c.problem("assess.mark_between_steps", map[string]any{"Step": c.Step, "Min": c.Min})
	}
	return &points, nil
}

func (c cell) outOfRange() error {
	if !c.Min.IsZero() {
		return c.problem("assess.mark_out_of_range", map[string]any{"Min": c.Min, "Max": c.Max})
	}
	return c.problem("scheme.mark_out_of_range", map[string]any{"Max": c.Max})
}

func (c cell) problem(code string, data map[string]any) error {
	return mobility.InvalidError(mobility.FieldProblem{Field: c.Key, Code: code, Data: data})
}
