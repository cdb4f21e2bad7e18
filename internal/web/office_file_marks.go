package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/web/page"
)

// Points of one file: the form, and what is computed.

// mayMark reports whether the reader gives points to this file now.
func (f file) mayMark() bool {
	if f.standing.Published || len(f.submissions) == 0 || f.Phase != mobility.PhaseSubmitted {
		return false
	}
	return slices.ContainsFunc(f.standing.Roles, func(r mobility.Role) bool {
		return r == mobility.RoleCoordinator || r == mobility.RoleAssessor || r == mobility.RoleOfficer
	})
}

// standingMark is the mark that holds, "" if there is none.
func (f file) standingMark(key string) (string, string) {
	for _, m := range f.marks {
		if m.Criterion == key && m.ReplacedAt == nil {
			return m.Points.String(), m.Assessor
		}
	}
	return "", ""
}

// marksParts are the fields to give points in, with the button right below
// them, and then what the points come to.
func (q *request) marksParts(f file, typed url.Values, wrong map[string]error) []page.Part {
	if len(f.submissions) == 0 {
		return nil
	}
	bar, table := []page.PointsBar{q.pointsBar(f.scheme, f.points)}, q.pointsTable(f)
	part := page.Part{ID: "marks", Title: q.loc.T("office.marks")}
	if !f.mayMark() {
		part.Bars, part.Table = bar, table
		return []page.Part{part}
	}
	part.Action, part.Text = filePath(f.ID)+"/marks"+q.backQuery(), q.loc.T("office.marks_text")
	for _, c := range f.scheme.marked() {
		field, seen := q.markField(f, c, typed, wrong[c.Key])
		part.Fields, part.Hidden = append(part.Fields, field), append(part.Hidden, seen)
	}
	part.Buttons = []page.Button{{Label: q.loc.T("office.save_points"), NoCheck: true}}
	return []page.Part{part, {ID: "points", Bars: bar, Table: table}}
}

// markField is the input of one criterion and what stood in it when shown.
func (q *request) markField(f file, c criterion, typed url.Values, err error) (page.Field, page.Hidden) {
	mark, _ := f.standingMark(c.Key)
	field := page.Field{
		Kind: page.Number, Short: true, Required: true, Name: "m." + c.Key, Label: c.label(q.loc), Value: localNumber(q, mark),
		Unit: q.loc.T("office.of", "Max", c.Max),
	}
	seen := page.Hidden{Name: "s." + c.Key, Value: mark}
	// What was not saved stays as typed; everything else shows what holds now.
	if err != nil {
		field.Value = typed.Get(field.Name)
		field.Error = problemText(q.loc, err)
		if mobility.KindOf(err) == mobility.Stale {
			field.Error += " " + q.loc.T("office.now_there", "Points", localNumber(q, mark))
		}
	}
	return field, seen
}

// localNumber writes stored points the way the reader types them.
func localNumber(q *request, text string) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return strings.NewReplacer("\u00a0", "", "\u2212", "-").Replace(q.loc.Decimal(d))
}

func (q *request) pointsBar(s scheme, b selection.Breakdown) page.PointsBar {
	return page.BarOf(q.loc, q.loc.T("office.points_so_far"), q.scores(s, b)...)
}

// scores are the lines of a breakdown, to be drawn.
func (q *request) scores(s scheme, b selection.Breakdown) []page.Score {
	out := make([]page.Score, 0, len(b.Lines))
	for _, line := range b.Lines {
		out = append(out, page.Score{Label: s.words(q.loc, line.Key), Points: line.Points, Max: line.Max, Missing: !line.Input.Valid})
	}
	return out
}

// pointsTable shows each criterion with where its points come from.
func (q *request) pointsTable(f file) page.Table {
	t := page.Table{Caption: q.loc.T("office.points"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.criterion")}, {Label: q.loc.T("office.points"), Numeric: true}, {Label: q.loc.T("office.from_what")},
	}}
	for _, line := range f.points.Lines {
		cells := []page.Cell{{Text: f.scheme.words(q.loc, line.Key)}, {Text: q.loc.T("part.points", "Points", line.Points, "Max", line.Max)}, {}}
		switch {
		case !line.Input.Valid:
			cells[1].Text, cells[2].Tag = "–", page.Tag{Label: q.loc.T("office.missing"), Tone: page.Warning}
		case line.Source == selection.SourceAverage:
			cells[2].Text = q.loc.T("office.from_average", "Average", line.Input.Decimal, "Best", line.Best, "Worst", line.Worst)
		default:
			_, who := f.standingMark(line.Key)
			cells[2].Text = who
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	for _, m := range f.marks {
		if m.ReplacedAt != nil {
			continue
		}
		if last := f.submissions[0].Number; m.Submission < last {
			t.Rows = append(t.Rows, page.Row{Tone: page.Warning, Cells: []page.Cell{
				{Text: f.scheme.words(q.loc, m.Criterion)}, {}, {Text: q.loc.T("office.saw_older", "Seen", m.Submission, "Last", last)},
			}})
		}
	}
	return t
}

// markErrors leads to the fields that were not saved.
func (q *request) markErrors(f file, wrong map[string]error) page.ErrorSummary {
	if len(wrong) == 0 {
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: q.loc.N("part.errors", len(wrong))}
	for _, c := range f.scheme.marked() {
		if err := wrong[c.Key]; err != nil {
			field := page.Field{Name: "m." + c.Key}
			out.Problems = append(out.Problems, page.Problem{Text: c.label(q.loc) + ": " + problemText(q.loc, err), Href: "#" + field.ID()})
		}
	}
	return out
}

// markFile saves the changed points of one file; each criterion stands alone,
// so that one that is wrong or stale keeps no other from being saved.
func (s *Server) markFile(q *request) error {
	f, err := s.readFile(q)
	if err != nil {
		return err
	}
	if err := q.r.ParseForm(); err != nil {
		return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	typed, wrong, saved := q.r.PostForm, map[string]error{}, 0
	for _, c := range f.scheme.marked() {
		points, seen := strings.TrimSpace(typed.Get("m."+c.Key)), typed.Get("s."+c.Key)
		if !typed.Has("m."+c.Key) || samePoints(points, seen) {
			continue
		}
		err := s.Process.SetMark(q.ctx(), q.actor, process.Mark{Application: f.ID, Criterion: c.Key, Points: points, Seen: seen, Arrived: q.arrived})
		var e *mobility.Error
		switch {
		case err == nil:
			saved++
		case asProblem(err, &e) && (e.Kind == mobility.Invalid || e.Kind == mobility.Stale):
			wrong[c.Key] = err
		default:
			return err
		}
	}
	if len(wrong) == 0 {
		return s.done(q, filePath(f.ID)+q.backQuery()+"#marks", "notice.points_saved")
	}
	if f, err = s.readFile(q); err != nil {
		return err
	}
	return s.filePage(q, http.StatusUnprocessableEntity, f, typed, wrong)
}

// samePoints reports whether a cell was left as it was shown.
func samePoints(typed, seen string) bool {
	if typed == seen {
		return true
	}
	a, err := decimal.NewFromString(strings.Replace(typed, ",", ".", 1))
	if err != nil {
		return false
	}
	b, err := decimal.NewFromString(seen)
	return err == nil && a.Equal(b)
}
