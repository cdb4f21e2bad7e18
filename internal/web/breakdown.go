package web

import (
	"slices"
	"strings"

	"peregrine/internal/locale"
	rules "peregrine/internal/scheme"
	"peregrine/internal/web/page"
)

// breakdownTable shows how points came about, line by line: what went in,
// where it is from, by which rule, what came out. who says whose marks a line
// is made of; nil leaves marks and their spread out.
func (q *request) breakdownTable(s scheme, b rules.Scored, who func(key string) string) page.Table {
	t := page.Table{Caption: q.loc.T("points.caption"), Columns: []page.Column{
		{Label: q.loc.T("points.criterion")}, {Label: q.loc.T("points.points"), Numeric: true}, {Label: q.loc.T("points.input")}, {Label: q.loc.T("points.rule")},
	}}
	for _, line := range b.Breakdown.Lines {
		t.Rows = append(t.Rows, q.lineRow(s, line, who))
	}
	for _, g := range b.Breakdown.Gates {
		t.Rows = append(t.Rows, q.gateRow(s, g))
	}
	return t
}

// wishTable shows the lines that differ at one destination, with the sum
// there; no rows where none do.
func (q *request) wishTable(s scheme, w rules.WishScore, caption string) page.Table {
	t := page.Table{Caption: caption, Columns: []page.Column{
		{Label: q.loc.T("points.criterion")}, {Label: q.loc.T("points.points"), Numeric: true}, {Label: q.loc.T("points.input")}, {Label: q.loc.T("points.rule")},
	}}
	for _, line := range w.Lines {
		t.Rows = append(t.Rows, q.lineRow(s, line, nil))
	}
	for _, g := range w.Gates {
		t.Rows = append(t.Rows, q.gateRow(s, g))
	}
	if len(w.Lines) > 0 {
		t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("points.total_there"), q.loc.Decimal(w.Points), "", "")})
	}
	return t
}

func (q *request) lineRow(s scheme, line rules.Line, who func(key string) string) page.Row {
	points := page.Cell{Text: q.loc.Decimal(line.Points)}
	if line.Max.Valid {
		points.Text = q.loc.T("part.points", "Points", line.Points, "Max", line.Max.Decimal)
	}
	if !known(line) {
		points = page.Cell{Text: "–", Tag: page.Tag{Label: q.loc.T("scheme.lack." + line.Lack), Tone: page.Warning}}
	}
	if line.Aside {
		points.Note = q.loc.T("scheme.aside")
	}
	return page.Row{Cells: []page.Cell{{Text: s.words(q.loc, line.Key)}, points, q.inputsCell(s, line, who), q.ruleCell(s, line)}}
}

// inputsCell lists what went into a line and where it is from.
func (q *request) inputsCell(s scheme, line rules.Line, who func(key string) string) page.Cell {
	var words []string
	for _, in := range line.Inputs {
		words = append(words, q.inputWords(s, in))
	}
	cell := page.Cell{}
	if line.Mark.Valid {
		words = append(words, q.loc.T("points.mark", "Mark", line.Mark.Decimal))
		if who != nil {
			cell.Note = q.marksNote(line, who(line.Key))
		}
	}
	cell.Text = strings.Join(words, "; ")
	return cell
}

// marksNote says whose marks a line is made of and how far they lie apart.
func (q *request) marksNote(line rules.Line, who string) string {
	words := []string{}
	if who != "" {
		words = append(words, who)
	}
	if len(line.Marks) > 1 {
		marks := make([]string, len(line.Marks))
		for i, m := range line.Marks {
			marks[i] = q.loc.Decimal(m)
		}
		words = append(words, q.loc.T("points.marks", "Marks", strings.Join(marks, "; "), "Spread", line.Spread.Decimal))
	}
	return strings.Join(words, " · ")
}

func (q *request) inputWords(s scheme, in rules.LineInput) string {
	name := s.inputLabel(q.loc, in.Key)
	switch {
	case in.Missing:
		return q.loc.T("points.input_missing", "Input", name)
	case in.Unproved:
		return name + ": " + q.loc.T("scheme.unproved")
	}
	text := q.loc.T("points.input_value", "Input", name, "Value", valueWords(q.loc, in.Value))
	if source := "scheme.source." + string(in.Source); q.loc.Has(source) {
		text += " (" + q.loc.T(source) + ")"
	}
	if in.Instead {
		text += " " + q.loc.T("scheme.instead")
	}
	return text
}

// valueWords writes a value as its reader does.
func valueWords(loc locale.Printer, v rules.Value) string {
	switch v.Kind {
	case rules.KindYesNo:
		if v.Number.IsZero() {
			return loc.T("points.no")
		}
		return loc.T("points.yes")
	case rules.KindNumber, rules.KindCount:
		return loc.Decimal(v.Number)
	case rules.KindLevel, rules.KindChoice, rules.KindDate:
	}
	return v.Text
}

// ruleCell words the rule of a line.
func (q *request) ruleCell(s scheme, line rules.Line) page.Cell {
	code, data := line.Rule.Message()
	if line.Rule.Kind == "" || !q.loc.Has(code) {
		return page.Cell{}
	}
	for key, word := range data {
		if text, ok := word.(string); ok && (key == "Of" || key == "Expected" || key == "Condition") {
			data[key] = s.inputLabel(q.loc, text)
		}
	}
	cell := page.Cell{Text: q.loc.T(code, data)}
	var notes []string
	if line.Clamped {
		notes = append(notes, q.loc.T("scheme.clamped"))
	}
	if line.Stood {
		notes = append(notes, q.loc.T("scheme.stood"))
	}
	cell.Note = strings.Join(notes, " ")
	return cell
}

func (q *request) gateRow(s scheme, g rules.GateLine) page.Row {
	tone := map[rules.Standing]page.Tone{rules.GateOpen: page.Success, rules.GateShut: page.Danger, rules.GateUnknown: page.Warning}[g.Standing]
	var words []string
	for _, in := range g.Inputs {
		words = append(words, q.inputWords(s, in))
	}
	if g.Vetoed {
		words = append(words, q.loc.T("scheme.gate.vetoed"))
	}
	return page.Row{Cells: []page.Cell{
		{Text: s.gateLabel(q.loc, g.Key)},
		{Tag: page.Tag{Label: q.loc.T("scheme.gate." + string(g.Standing)), Tone: tone}},
		{Text: strings.Join(words, "; ")},
		{Text: q.loc.T("points.gate")},
	}}
}

// linesOf are the columns of a table of many: one cell for each criterion, a
// dash where there are no points.
func (q *request) linesOf(s scheme, b rules.Breakdown) []page.Cell {
	out := page.Cells(slices.Repeat([]string{"–"}, len(s.criteria))...)
	for i, c := range s.criteria {
		if line, ok := b.Line(c.Key); ok && known(line) {
			out[i].Text = q.loc.Decimal(line.Points)
		}
	}
	return out
}
