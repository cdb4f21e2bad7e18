package page

import (
	"time"

	"peregrine/internal/mobility"
)

// The style guide's forms, tables and lists.

func (s sample) fields() []*Field {
	return []*Field{
		{Name: "name", Label: s.loc.T("style.name"), Hint: s.loc.T("style.name_hint"), Value: "Žofie Šťastná", Required: true, Autocomplete: "name"},
		{Kind: Email, Name: "email", Label: s.loc.T("style.email"), Value: "zofie@example", Required: true, Autocomplete: "email"},
		{Kind: Number, Name: "months", Label: s.loc.T("style.months"), Value: "5", Unit: s.loc.T("style.months_unit"), Short: true, Required: true},
		{Kind: Date, Name: "born", Label: s.loc.T("style.born"), Autocomplete: "bday"},
		{Kind: DateTime, Name: "by", Label: s.loc.T("style.by"), Hint: s.loc.T("style.by_hint"), Value: "2027-01-31T23:59", Required: true},
		{Kind: Select, Name: "level", Label: s.loc.T("style.level"), Value: "B2", Required: true, Options: []Option{{Value: "B1", Label: "B1"}, {Value: "B2", Label: "B2"}, {Value: "C1", Label: "C1"}}},
		{Kind: Radios, Name: "term", Label: s.loc.T("style.term"), Required: true, Options: []Option{
			{Value: "winter", Label: s.loc.T("style.winter"), Hint: s.loc.T("style.winter_hint")}, {Value: "summer", Label: s.loc.T("style.summer")},
		}},
		{Kind: Checkboxes, Name: "languages", Label: s.loc.T("style.languages"), Hint: s.loc.T("style.languages_hint"), Options: []Option{
			{Value: "en", Label: s.loc.Language("en"), Selected: true}, {Value: "de", Label: s.loc.Language("de"), Selected: true}, {Value: "lt", Label: s.loc.Language("lt")},
		}},
		{Kind: LongText, Name: "motivation", Label: s.loc.T("style.motivation"), Hint: s.loc.T("style.motivation_hint"), Rows: 4, MaxLength: 2000, Required: true},
		{Name: "student", Label: s.loc.T("style.student"), Value: "urn:schac:personalUniqueCode:int:esi:mendelu.cz:71234", ReadOnly: true, Required: true},
		{Kind: Checkbox, Name: "agree", Label: s.loc.T("style.agree"), Required: true},
	}
}

func (s sample) refuse(fields []*Field) ErrorSummary {
	return Refuse(s.loc, []mobility.FieldProblem{
		{Field: "motivation", Code: "invalid.required"},
		{Field: "email", Code: "invalid.email"},
		{Field: "term", Code: "invalid.required"},
		{Field: "agree", Code: "invalid.required"},
		{Code: "error.form"},
	}, fields...)
}

func (s sample) table() Table {
	t := Table{
		Caption: s.loc.T("style.table"),
		Columns: []Column{
			{Label: s.loc.T("style.name"), Href: "#main"},
			{Label: s.loc.T("style.destination")},
			{Label: s.loc.T("style.state")},
			{Label: s.loc.T("style.points"), Numeric: true, Href: "#main", Sorted: "descending"},
			{Label: s.loc.T("style.acts"), Hide: true},
		},
	}
	for i, p := range []struct{ name, host, points string }{
		{"Ąžuolas Kazlauskas", "Helsingin yliopisto", "84.25"},
		{"Žofie Šťastná", "Universitat Politècnica de València", "79.5"},
		{"Łukasz Wiśniewski", "Fontys Hogeschool", "79.5"},
		{"İpek Yıldız", "Vilniaus kolegija", "61"},
	} {
		row := Row{Cells: []Cell{
			{Text: p.name, Href: "#main", Note: s.loc.T("style.faculty")},
			{Text: p.host, Note: s.loc.Country([]string{"FI", "ES", "NL", "LT"}[i])},
			{Tag: StateTag(s.loc.T("style.offered"), mobility.PhaseSubmitted, mobility.DecisionPositive)},
			{Text: s.loc.Fixed(number(p.points), 2)},
			{Buttons: []Button{{Label: s.loc.T("style.return"), Href: "#main", Look: Secondary}}},
		}}
		switch i {
		case 1:
			row.Tone = Accent
		case 3:
			row.Cut = s.loc.T("part.cut_off", "Points", number("70"))
			row.Cells[2].Tag = StateTag(s.loc.T("style.not_selected"), mobility.PhaseClosed, mobility.DecisionNegative)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (s sample) grid() Table {
	t := Table{Caption: s.loc.T("style.grid"), Scroll: true, Columns: []Column{{Label: s.loc.T("style.name")}, {Label: s.loc.T("style.total")}}}
	for _, key := range []string{"style.study", "style.language", "style.motivation", "style.extra"} {
		t.Columns = append(t.Columns, Column{Label: s.loc.T(key), Numeric: true})
	}
	bar := s.bars()[0]
	bar.Label = ""
	row := Row{Cells: []Cell{{Text: "Žofie Šťastná", Tick: &Tick{Name: "pick", Value: "1", Label: "Žofie Šťastná", Checked: true}}, {Bar: &bar}}}
	for i, points := range []string{"24.5", "21", "18", "6"} {
		cell := Cell{Text: s.loc.Decimal(number(points))}
		if i == 2 {
			cell = Cell{Field: &Field{Kind: Number, Name: "motivation-1", Label: s.loc.T("style.motivation"), HideLabel: true, Required: true, Short: true, Value: points}}
		}
		row.Cells = append(row.Cells, cell)
	}
	t.Rows = []Row{row, {Strong: true, Cells: Cells(s.loc.T("style.total"), "", "24", "21", "18", "6")}}
	return t
}

func (s sample) history() Timeline {
	at := func(hours int) Moment {
		return MomentOf(s.loc, s.now.Add(time.Duration(hours)*time.Hour), s.now)
	}
	return Timeline{Label: s.loc.T("style.history"), Events: []TimelineEvent{
		{When: at(-2), Title: s.loc.T("style.event_offer"), By: s.loc.T("style.office"), Tone: Success},
		{When: at(-480), Title: s.loc.T("style.event_return"), By: "Klára Dvořáková", Text: s.loc.T("style.event_return_text"), Tone: Warning, Links: []Link{{s.loc.T("style.show_all"), "#main"}}},
		{When: at(-720), Title: s.loc.T("style.event_submit"), By: "Žofie Šťastná", Tone: Accent},
	}}
}

func (s sample) facts() Summary {
	return Summary{Rows: []Fact{
		{Term: s.loc.T("style.name"), Text: "Žofie Šťastná", Change: "#f-name"},
		{Term: s.loc.T("style.destination"), Lines: []string{"1. Helsingin yliopisto", "2. Vilniaus kolegija"}, Change: "#main"},
		{Term: s.loc.T("style.state"), Tag: StateTag(s.loc.T("phase.submitted"), mobility.PhaseSubmitted, mobility.DecisionNone)},
		{Term: s.loc.T("style.by"), When: MomentOf(s.loc, s.now, time.Time{})},
		{Term: s.loc.T("style.call"), Text: s.loc.T("style.kicker"), Href: "#main"},
	}}
}

func (s sample) upload() Upload {
	return Upload{
		Title: s.loc.T("style.transcript"), Action: "#", Limit: "10 MB",
		Field: Field{Kind: File, Name: "file", Label: s.loc.T("style.add_file"), Hint: s.loc.T("style.add_file_hint"), Accept: ".pdf", Required: true},
		Files: []UploadedFile{
			{Name: "výpis-známek-2026.pdf", Href: "#main", Size: "312 kB", When: MomentOf(s.loc, s.now.Add(-50*time.Hour), s.now), Remove: "#"},
			{Name: "scan.pdf", Size: "8 MB", When: MomentOf(s.loc, s.now.Add(-time.Hour), s.now), Tag: Tag{Label: s.loc.T("style.checking"), Tone: Warning}, Note: s.loc.T("style.checking_note")},
		},
	}
}

func (s sample) choices() Choices {
	return Choices{Label: s.loc.T("style.choices"), Name: "move", Items: []Choice{
		{ID: "a", Rank: 1, Title: "Helsingin yliopisto", Detail: s.loc.Country("FI") + " · SF HELSINK01", Facts: []string{"B2", s.loc.T("style.winter"), s.loc.N("style.places", 2)}},
		{ID: "b", Rank: 2, Title: "Vilniaus kolegija", Detail: s.loc.Country("LT") + " · LT VILNIUS10", Facts: []string{"B1", s.loc.T("style.summer"), s.loc.N("style.places", 5)}, Problem: s.loc.T("style.choice_problem")},
		{ID: "c", Rank: 3, Title: "Panepistimio Kritis", Detail: s.loc.Country("EL") + " · G KRITIS01", Facts: []string{"B2", s.loc.N("style.places", 1)}},
	}}
}

func (s sample) dialog() Dialog {
	return Dialog{
		Text:    s.loc.T("style.dialog_text"),
		Warning: Notice{Tone: Warning, Text: s.loc.T("style.dialog_warning")},
		Table: Table{
			Caption: s.loc.T("style.affected"), Columns: []Column{{Label: s.loc.T("style.name")}, {Label: s.loc.T("style.email")}},
			Rows: []Row{{Cells: Cells("Žofie Šťastná", "zofie@example.org")}, {Cells: Cells("Łukasz Wiśniewski", "lukasz@example.org")}},
		},
		Fields:  []Field{{Kind: LongText, Prefix: "d-", Name: "reason", Label: s.loc.T("style.reason"), Hint: s.loc.T("style.reason_hint"), Rows: 3, Required: true}},
		Action:  "#",
		Hidden:  []Hidden{{"revision", "7"}},
		Confirm: Button{Label: s.loc.T("style.dialog_do"), Danger: true},
		Cancel:  Link{"", "#main"},
	}
}
