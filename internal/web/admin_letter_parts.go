package web

import (
	"strconv"
	"strings"
	"time"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// wordingTabs lead to the same letter in the other languages.
func (q *request) wordingTabs(w wording) []page.NavItem {
	var out []page.NavItem
	for _, lang := range locale.Languages {
		out = append(out, page.NavItem{Label: q.loc.Language(lang), Href: wordingPath(w.Kind, lang), Current: lang == w.Language})
	}
	return out
}

// wordingTurn says whose words the letter goes by now.
func (q *request) wordingTurn(w wording) page.WhoseTurn {
	if used := w.used(); used > 0 {
		t := page.WhoseTurn{Whose: q.loc.T("wording.uses_own"), What: q.loc.T("wording.uses_own_what", "Version", used), Next: q.loc.T("wording.uses_next")}
		if _, err := letter.ParseSource(w.Kind, w.Language, w.text(used)); err != nil {
			t = page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.T("wording.no_longer_good", "Version", used)}
		}
		return t
	}
	if w.newest() > 0 {
		return page.WhoseTurn{Whose: q.loc.T("wording.uses_built_in"), What: q.loc.T("wording.uses_built_in_what"), Next: q.loc.T("wording.kept_next", "Version", w.newest())}
	}
	return page.WhoseTurn{Over: true, Whose: q.loc.T("wording.uses_built_in"), What: q.loc.T("wording.uses_built_in_what")}
}

func (q *request) wordingEdit(w wording, typed wordingTyped) page.Part {
	field := page.Field{
		Kind: page.LongText, Name: "text", Label: q.loc.T("wording.text"), Hint: q.loc.T("wording.text_hint"), Rows: 20, Required: true,
		Value: typed.text, MaxLength: 20000,
	}
	if len(typed.refused) > 0 {
		field.Error = q.loc.N("wording.refused", len(typed.refused))
	}
	part := page.Part{
		ID: "text", Title: q.loc.T("wording.edit"), Action: w.path(), Fields: []page.Field{field},
		Hidden:  []page.Hidden{{Name: "seen", Value: strconv.Itoa(w.newest())}},
		Buttons: []page.Button{{Label: q.loc.T("wording.keep")}},
	}
	if w.newest() > 0 {
		part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("wording.from_built_in"), Href: withQuery(w.path(), "from", "0"), Look: page.Quiet})
	}
	return part
}

// wordingErrors lists by line why a text was refused.
func (q *request) wordingErrors(typed wordingTyped) page.ErrorSummary {
	switch {
	case typed.stale != nil:
		return page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, typed.stale)}}}
	case len(typed.refused) == 0:
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: q.loc.N("part.errors", len(typed.refused))}
	for _, p := range typed.refused {
		out.Problems = append(out.Problems, page.Problem{Text: sourceProblem(q.loc, p), Href: "#f-text"})
	}
	return out
}

// sourceProblem words one problem of a letter's text, with its line.
func sourceProblem(loc locale.Printer, p letter.SourceProblem) string {
	data := map[string]any{"What": "", "Allowed": "", "Instead": "", "Max": 0}
	for key, value := range p.Data {
		data[key] = value
	}
	words := loc.T("letter_source."+p.Code, data)
	if p.Line > 0 {
		return loc.T("letter_source.line", "Line", p.Line, "Problem", words)
	}
	return words
}

// placeholdersPart explains what a text may name, in plain words.
func (q *request) placeholdersPart(w wording) page.Part {
	t := page.Table{Caption: q.loc.T("wording.placeholders"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("wording.meaning")}, {Label: q.loc.T("wording.written")}, {Label: q.loc.T("wording.must"), Hide: true},
	}}
	for _, p := range letter.Placeholders(w.Kind) {
		row := page.Row{Cells: []page.Cell{{Text: q.loc.T(letter.MeaningOf(p.Field))}, {Text: p.Write}, {}}}
		switch {
		case p.Required && p.Optional:
			row.Cells[2].Tag = page.Tag{Label: q.loc.T("wording.required_if_there"), Tone: page.Accent}
		case p.Required:
			row.Cells[2].Tag = page.Tag{Label: q.loc.T("wording.required"), Tone: page.Accent}
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "placeholders", Fold: q.loc.T("wording.placeholders"), Text: q.loc.T("wording.placeholders_text"), Table: t}
}

// sampleNames are the samples there are of a kind, in order.
func sampleNames(kind string) []string {
	var out []string
	for _, s := range letter.Samples() {
		if s.Letter.Kind() == kind {
			out = append(out, s.Name)
		}
	}
	return out
}

// wordingPreview shows the letter as text and as HTML, on samples with the
// hardest data and on real letters.
func (s *Server) wordingPreview(q *request, w wording) ([]page.Part, error) {
	what := q.loc.T("wording.shown_built_in")
	version := strconv.Itoa(w.shown)
	if w.shown > 0 {
		what = q.loc.T("wording.shown_version", "Version", w.shown)
	}
	choose := page.Part{ID: "preview", Title: q.loc.T("wording.preview"), Text: what}
	add := func(on, label string) {
		look := page.Secondary
		if on == w.sample {
			look = page.Primary
		}
		choose.Buttons = append(choose.Buttons, page.Button{Label: label, Look: look, Href: withQuery(w.path(), "version", version, "on", on) + "#preview"})
	}
	for _, name := range sampleNames(w.Kind) {
		add(name, q.loc.T("wording.sample_"+name))
	}
	for i, row := range w.recent {
		if i < 2 {
			add(row.ID.String(), q.loc.T("wording.real", "Name", row.Name, "When", q.loc.Date(row.PlannedAt)))
		}
	}
	text, err := s.worded(q, w)
	shown := page.LetterShown{Missing: q.loc.T("wording.real_gone")}
	if err == nil {
		shown = page.LetterShown{
			Title: text.Subject, Plain: text.Plain,
			Frame: withQuery(w.path()+"/letter", "version", version, "on", w.sample), Beside: true,
		}
	}
	switch {
	case letter.Problems(err) != nil:
		shown.Missing = q.loc.T("wording.cannot_show")
	case err != nil && w.recentLetter() == nil:
		return nil, err
	}
	return []page.Part{choose, {Letters: []page.LetterShown{shown}}}, nil
}

// wordingDifference sets the text shown beside the product's, line by line.
func (q *request) wordingDifference(w wording) page.Part {
	if w.shown == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("wording.difference"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("wording.line_is")}, {Label: q.loc.T("wording.line")},
	}}
	for _, line := range differenceOf(strings.Split(letter.BuiltIn(w.Kind, w.Language), "\n"), strings.Split(w.text(w.shown), "\n")) {
		row := page.Row{Cells: []page.Cell{{}, {Text: line.text}}}
		switch line.side {
		case onlyOld:
			row.Cells[0].Tag = page.Tag{Label: q.loc.T("wording.only_built_in"), Tone: page.Warning}
		case onlyNew:
			row.Cells[0].Tag = page.Tag{Label: q.loc.T("wording.only_own"), Tone: page.Success}
		case both:
		}
		t.Rows = append(t.Rows, row)
	}
	return page.Part{ID: "difference", Fold: q.loc.T("wording.difference"), Table: t}
}

// wordingHistory lists every version, and when which was used.
func (q *request) wordingHistory(w wording) page.Part {
	t := page.Table{Caption: q.loc.T("wording.history"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("admin.version")}, {Label: q.loc.T("office.when")}, {Label: q.loc.T("wording.by")}, {Label: q.loc.T("office.acts"), Hide: true},
	}}
	for _, v := range w.versions {
		t.Rows = append(t.Rows, q.wordingVersionRow(w, v))
	}
	builtIn := page.Row{Cells: []page.Cell{
		{Text: q.loc.T("wording.built_in"), Href: withQuery(w.path(), "version", "0") + "#preview"},
		{},
		{},
		{Buttons: q.useButtons(w, 0)},
	}}
	if w.used() == 0 {
		builtIn.Cells[1].Tag = page.Tag{Label: q.loc.T("wording.in_use"), Tone: page.Success}
	}
	t.Rows = append(t.Rows, builtIn)
	part := page.Part{ID: "history", Title: q.loc.T("wording.history"), Text: q.loc.T("wording.history_text"), Table: t}
	for _, a := range w.acts {
		part.Timeline.Events = append(part.Timeline.Events, page.TimelineEvent{
			When: page.MomentOf(q.loc, a.At, time.Time{}), By: a.Who, Title: q.loc.T("act."+a.Act, "Version", a.Version),
		})
	}
	part.Timeline.Label = q.loc.T("wording.history")
	return part
}

func (q *request) wordingVersionRow(w wording, v store.LetterTemplateVersionsRow) page.Row {
	number := int(v.Version)
	row := page.Row{Cells: []page.Cell{
		{Text: q.loc.T("wording.version", "Version", number), Href: withQuery(w.path(), "version", strconv.Itoa(number)) + "#preview"},
		{When: page.MomentOf(q.loc, v.WrittenAt, time.Time{})},
		{Text: v.Writer},
		{Buttons: append(q.useButtons(w, number), page.Button{
			Label: q.loc.T("wording.edit_from", "Version", number), Href: withQuery(w.path(), "from", strconv.Itoa(number)) + "#text", Look: page.Quiet,
		})},
	}}
	if v.Active {
		row.Cells[0].Tag = page.Tag{Label: q.loc.T("wording.in_use"), Tone: page.Success}
	}
	return row
}

// useButtons take a version into use, unless it is.
func (q *request) useButtons(w wording, version int) []page.Button {
	if w.used() == version {
		return nil
	}
	label := q.loc.T("wording.use", "Version", version)
	if version == 0 {
		label = q.loc.T("wording.use_built_in")
	}
	return []page.Button{{
		Label: label, Look: page.Secondary, Action: w.path() + "/use", Hidden: []page.Hidden{{Name: "version", Value: strconv.Itoa(version)}},
		Confirm: q.loc.T("wording.use_confirm"),
	}}
}
