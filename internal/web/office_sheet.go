package web

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/process"
	"peregrine/internal/store"
)

// sheet is what is known of the marks of some files, for one reader.
type sheet struct {
	scheme scheme
	marks  map[uuid.UUID][]store.MarksOfRow
	me     uuid.UUID
}

func readSheet(ctx context.Context, db store.DBTX, s scheme, me uuid.UUID, files []uuid.UUID) (sheet, error) {
	out := sheet{scheme: s, marks: map[uuid.UUID][]store.MarksOfRow{}, me: me}
	rows, err := queries.MarksOf(ctx, db, files)
	for _, m := range rows {
		out.marks[m.ApplicationID] = append(out.marks[m.ApplicationID], m)
	}
	return out, err
}

// standing is one criterion of one file: the mark the reader may change, and
// what all marks come to.
type standing struct {
	process.MarkedCriterion
	verdict process.Verdict
	mine    *store.MarksOfRow
	others  []store.MarksOfRow
}

func (s sheet) at(file uuid.UUID, c process.MarkedCriterion) standing {
	out := standing{MarkedCriterion: c}
	var points []decimal.Decimal
	for i, m := range s.marks[file] {
		if m.Criterion != c.Key {
			continue
		}
		if c.InRange(m.Points) {
			points = append(points, m.Points)
		}
		if m.AssessorID == s.me || (c.Shared() && out.mine == nil) {
			out.mine = &s.marks[file][i]
		} else {
			out.others = append(out.others, m)
		}
	}
	out.verdict = c.Verdict(points)
	return out
}

// raw is the mark as it is kept, "" for none.
func (s standing) raw() string {
	if s.mine == nil {
		return ""
	}
	return s.mine.Points.String()
}

// wanted reports whether the reader's mark is wanted and not there.
func (s standing) wanted() bool { return s.mine == nil && !s.verdict.Complete() }

// flag says why the reader's mark is to be looked at again, "" if it is not.
func (s standing) flag(q *request) string {
	switch {
	case s.mine == nil:
		return ""
	case !s.InRange(s.mine.Points):
		return q.loc.T("grid.beyond_range", "Min", s.Min, "Max", s.Max)
	case s.mine.Submission < s.mine.Last:
		return q.loc.T("grid.saw_version", "Seen", s.mine.Submission)
	case !s.SawRange(s.mine.RangeMin, s.mine.RangeMax):
		return q.loc.T("grid.saw_range", "Min", value(s.mine.RangeMin), "Max", value(s.mine.RangeMax))
	}
	return ""
}

// keepable reports whether the reader can let a flagged mark hold as it is.
func (s standing) keepable() bool { return s.mine != nil && s.InRange(s.mine.Points) }

// note is what all marks come to, where there is more than one.
func (s standing) note(q *request) string {
	var words []string
	if !s.Shared() && s.verdict.Combined.Valid {
		words = append(words, q.loc.T("grid.together", "Points", s.verdict.Combined.Decimal, "Given", s.verdict.Given, "Wanted", s.verdict.Wanted))
		if s.verdict.Given > 1 && s.verdict.Spread.IsPositive() {
			words = append(words, q.loc.T("grid.spread", "Points", s.verdict.Spread))
		}
	}
	if s.verdict.Apart && !s.verdict.Complete() {
		words = append(words, q.loc.T("grid.one_more"))
	}
	return strings.Join(words, " · ")
}

// hint says what may be typed for a criterion.
func (q *request) markHint(c process.MarkedCriterion) string {
	hint := q.loc.T("grid.range", "Min", c.Min, "Max", c.Max)
	if !c.Step.IsZero() {
		hint += " · " + q.loc.T("grid.step", "Step", c.Step)
	}
	if !c.Shared() {
		hint += " · " + q.loc.N("grid.assessors", c.Assessors)
	}
	return hint
}

// assessedBy finds how a criterion is marked.
func (s scheme) assessedBy(key string) (process.MarkedCriterion, bool) {
	for _, c := range s.assessed {
		if c.Key == key {
			return c, true
		}
	}
	return process.MarkedCriterion{}, false
}

// candidateName is what a file is called by: the person's name; where that is
// hidden or gone, its number.
func (q *request) candidateName(given, family string, number *int32) string {
	switch name := full(given, family); {
	case name != "":
		return name
	case number != nil:
		return q.loc.T("assess.candidate", "Number", int(*number))
	}
	return q.loc.T("office.erased")
}

// callNameless fills in what files are called by whose name is hidden or gone.
func (q *request) callNameless(ctx context.Context, db store.DBTX, names map[uuid.UUID]*string) error {
	var ids []uuid.UUID
	for id, name := range names {
		if *name == "" {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := queries.AssessedFiles(ctx, db, ids)
	for _, row := range rows {
		*names[row.ID] = q.candidateName("", "", row.Candidate)
	}
	return err
}
