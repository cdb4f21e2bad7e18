package web

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/web/page"
)

// Points of one file: the form, and what is computed.

// mayMark reports whether the reader gives points to this file now.
func (f file) mayMark() bool {
	if f.standing.Published || len(f.submissions) == 0 || f.Phase != mobility.PhaseSubmitted {
		return false
	}
	return process.MayMark(f.standing.Roles, f.assess.blind) == nil
}

// stands is what there is for one criterion, as the reader sees it.
func (f file) stands(key string) (standing, bool) {
	for _, c := range f.scheme.assessed {
		if c.Key == key {
			return f.assess.sheet.at(f.ID, c), true
		}
	}
	return standing{}, false
}

// marksParts are the fields to give points in, with the button right below
// them, and then what the points come to.
func (q *request) marksParts(f file, typed url.Values, wrong map[string]error) []page.Part {
	if len(f.submissions) == 0 {
		return nil
	}
	bar, table := []page.PointsBar{q.pointsBar(f.scheme, f.points.Breakdown)}, q.pointsTable(f)
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
	if f.keepable(q) {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("assess.keep_all"), Name: "keep", Value: "all", Look: page.Secondary, NoCheck: true})
	}
	return []page.Part{part, {ID: "points", Bars: bar, Table: table}}
}

// markField is the input of one criterion and what stood in it when shown.
func (q *request) markField(f file, c criterion, typed url.Values, err error) (page.Field, page.Hidden) {
	st, _ := f.stands(c.Key)
	mark := st.raw()
	field := page.Field{
		Kind: page.Number, Short: true, Required: true, Name: "m." + c.Key, Label: c.label(q.loc), Value: localNumber(q, mark),
		Unit: q.markHint(st.MarkedCriterion), Hint: st.note(q),
	}
	if flag := st.flag(q); flag != "" {
		field.Hint = strings.TrimPrefix(field.Hint+" · "+flag, " · ")
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

// keepable reports whether a mark of the reader is flagged and may be kept.
func (f file) keepable(q *request) bool {
	for _, c := range f.scheme.assessed {
		if st, _ := f.stands(c.Key); st.keepable() && st.flag(q) != "" {
			return true
		}
	}
	return false
}

// localNumber writes stored points the way the reader types them.
func localNumber(q *request, text string) string {
	d, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return strings.NewReplacer("\u00a0", "", "\u2212", "-").Replace(q.loc.Decimal(d))
}

func (q *request) pointsBar(s scheme, b rules.Breakdown) page.PointsBar {
	return page.BarOf(q.loc, q.loc.T("office.points_so_far"), q.scores(s, b)...)
}

// scores are the lines of a breakdown, to be drawn.
func (q *request) scores(s scheme, b rules.Breakdown) []page.Score {
	out := make([]page.Score, 0, len(b.Lines))
	for _, line := range b.Lines {
		if !line.Aside {
			out = append(out, page.Score{Label: s.words(q.loc, line.Key), Points: line.Points, Max: line.Max.Decimal, Missing: !known(line)})
		}
	}
	return out
}

// pointsTable shows each criterion with where its points come from.
func (q *request) pointsTable(f file) page.Table {
	t := q.breakdownTable(f.scheme, f.points, q.wordsOfMarks(f))
	t.Caption, t.HideCaption = q.loc.T("office.points"), true
	for _, m := range f.marks {
		if m.ReplacedAt != nil {
			continue
		}
		if last := f.submissions[0].Number; m.Submission < last {
			t.Rows = append(t.Rows, page.Row{Tone: page.Warning, Cells: []page.Cell{
				{Text: f.scheme.words(q.loc, m.Criterion)}, {}, {}, {Text: q.loc.T("office.saw_older", "Seen", m.Submission, "Last", last)},
			}})
		}
	}
	return t
}

// wordsOfMarks says for each criterion who marked it.
func (q *request) wordsOfMarks(f file) func(key string) string {
	return func(key string) string { return q.whoMarked(f, key) }
}

// whoMarked lists the marks for a criterion with who gave them; where names
// of assessors say nothing more, the points are left out.
func (q *request) whoMarked(f file, key string) string {
	st, ok := f.stands(key)
	if !ok {
		return ""
	}
	var words []string
	for _, m := range f.assess.sheet.marks[f.ID] {
		if m.Criterion != key {
			continue
		}
		if st.Shared() {
			words = append(words, m.Assessor)
			continue
		}
		words = append(words, m.Assessor+": "+q.loc.Decimal(m.Points))
	}
	return strings.Join(words, ", ")
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
		unchanged := samePoints(points, seen)
		st, _ := f.stands(c.Key)
		switch {
		case typed.Get("keep") != "" && (unchanged || !typed.Has("m."+c.Key)) && st.keepable() && st.flag(q) != "":
			if err := s.Process.KeepMark(q.ctx(), q.actor, f.ID, c.Key, q.arrived); err != nil {
				return err
			}
			saved++
			continue
		case !typed.Has("m."+c.Key) || unchanged:
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
