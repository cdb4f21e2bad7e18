package web

import (
	"errors"
	"maps"
	"slices"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// mostNames is how many names of those on a list the page shows; the rest is
// counted.
const mostNames = 200

func (s *Server) writePage(q *request, status int, w writing, state writeState) error {
	p := page.Office{Base: s.base(q, q.loc.T("write.title"))}
	p.Wide, p.Lead = true, q.loc.T("write.lead")
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("write.back"), Href: w.back}}
	if w.Call != nil {
		p.Kicker, p.Breadcrumbs = w.call.Title.In(q.loc.Lang()), append(q.callCrumbs(w.call.ID, w.call.Title), p.Breadcrumbs...)
	}
	getting, missing := w.readers.Getting(), w.readers.Missing()
	p.Turn = page.WhoseTurn{Yours: true, Whose: q.loc.N("write.turn", len(getting)), What: q.loc.T("write.turn_what"), Next: q.loc.T("write.turn_next")}
	if len(getting) == 0 {
		p.Turn = page.WhoseTurn{Over: true, Whose: q.loc.T("write.nobody"), What: q.loc.T("write.nobody_what")}
	}
	switch w.List {
	case process.ToNominations:
		p.Filter = q.nominatedFilter(w)
	case process.ToPeople:
		p.Filter = q.writtenFilter(w)
	}
	form := s.writeFields(q, w, state)
	p.Errors = refuseFields(q.loc, state.problems, form)
	if state.refused != nil {
		p.Errors = page.ErrorSummary{Title: q.loc.N("part.errors", 1), Problems: []page.Problem{{Text: problemText(q.loc, state.refused)}}}
	}
	if state.sampled {
		p.Notices = append(p.Notices, page.Notice{Tone: page.Success, Text: q.loc.T("write.sampled")})
	}
	p.Parts = []page.Part{
		{ID: "text", Title: q.loc.T("write.text"), Text: q.loc.T("write.text_text", "Language", q.loc.Language(w.house.Language)), Action: w.path, Fields: form, Hidden: q.writeHidden(w, state), Buttons: q.writeButtons(w, state)},
	}
	if state.looked {
		p.Parts = append(p.Parts, page.Part{ID: "preview", Title: q.loc.T("write.preview"), Text: q.loc.T("write.preview_text"), Letters: []page.LetterShown{state.shown}})
	}
	p.Parts = append(p.Parts, q.gettingPart(getting), q.missingPart(missing), q.announcementsPart(w.before))
	return s.render(q, status, p)
}

// nominatedFilter narrows the nominated by what became of the nomination.
func (q *request) nominatedFilter(w writing) page.Filter {
	status := page.Field{Kind: page.Select, Name: "status", Blank: q.loc.T("office.any"), Label: q.loc.T("office.state"), Value: w.Filter.Status}
	for _, one := range nominationStatuses {
		status.Options = append(status.Options, page.Option{Value: one, Label: nominationTag(q.loc, one).Label})
	}
	return page.Filter{Action: callPath(w.call.ID, "write"), Hidden: []page.Hidden{{Name: "list", Value: w.List}}, Fields: []page.Field{status}}
}

// writtenFilter narrows people by name, unit and role.
func (q *request) writtenFilter(w writing) page.Filter {
	unit := page.Field{Kind: page.Select, Name: "unit", Blank: q.loc.T("office.any"), Label: q.loc.T("office.unit"), Value: idText(w.Filter.Unit)}
	for _, u := range w.units {
		unit.Options = append(unit.Options, page.Option{Value: u.ID.String(), Label: u.Code + " · " + u.Name.In(q.loc.Lang())})
	}
	role := page.Field{Kind: page.Select, Name: "role", Blank: q.loc.T("office.any"), Label: q.loc.T("write.role"), Value: w.Filter.Role}
	for _, one := range writtenRoles {
		role.Options = append(role.Options, page.Option{Value: string(one), Label: q.loc.T("write.role_" + string(one))})
	}
	return page.Filter{Action: "/office/people/write", Fields: []page.Field{
		{Kind: page.Search, Name: "q", Label: q.loc.T("office.name"), Value: w.sought, MaxLength: 200}, unit, role,
	}}
}

// refuseFields writes problems to their fields.
func refuseFields(loc locale.Printer, problems []mobility.FieldProblem, fields []page.Field) page.ErrorSummary {
	at := make([]*page.Field, len(fields))
	for i := range fields {
		at[i] = &fields[i]
	}
	return page.Refuse(loc, problems, at...)
}

// fieldProblems are the problems of an invalid error.
func fieldProblems(err error) []mobility.FieldProblem {
	var e *mobility.Error
	if errors.As(err, &e) {
		return e.Fields
	}
	return nil
}

func (q *request) writeHidden(w writing, state writeState) []page.Hidden {
	out := []page.Hidden{{Name: "id", Value: w.ID.String()}}
	if state.looked {
		out = append(out, page.Hidden{Name: "seen", Value: w.readers.Hash})
	}
	return out
}

// writeFields are the letter in each language, the institution's first.
func (s *Server) writeFields(q *request, w writing, state writeState) []page.Field {
	typed := map[string]process.AnnouncementText{}
	for _, t := range w.Texts {
		typed[t.Language] = t
	}
	var out []page.Field
	for i, lang := range locale.Written(w.house.Language, slices.Sorted(maps.Keys(typed))...) {
		t, name := typed[lang], q.loc.Language(lang)
		out = append(out,
			page.Field{Name: "subject." + lang, Label: q.loc.T("write.subject", "Language", name), Value: t.Subject, Required: i == 0, MaxLength: 200},
			page.Field{Kind: page.LongText, Name: "body." + lang, Label: q.loc.T("write.body", "Language", name), Hint: q.loc.T("write.body_hint"), Value: t.Body, Required: i == 0, Rows: 10, MaxLength: 12000},
			page.Field{Name: "why." + lang, Label: q.loc.T("write.why", "Language", name), Hint: s.Catalogue.Printer(lang, nil).T("write.why_hint"), Value: t.Why, Required: i == 0, MaxLength: 300},
		)
	}
	if getting := w.readers.Getting(); state.looked && len(getting) > 1 {
		as := page.Field{Kind: page.Select, Name: "as", Label: q.loc.T("write.as"), Value: state.as, Blank: q.loc.T("write.as_first")}
		for i, one := range getting {
			if i < mostNames {
				as.Options = append(as.Options, page.Option{Value: one.Person.String(), Label: one.Name})
			}
		}
		out = append(out, as)
	}
	return out
}

// writeButtons look first; only what was looked at can be sent.
func (q *request) writeButtons(w writing, state writeState) []page.Button {
	look := page.Button{Label: q.loc.T("write.look"), Name: "act", Value: "look"}
	if !state.looked {
		return []page.Button{look}
	}
	look.Label, look.Look = q.loc.T("write.look_again"), page.Secondary
	out := []page.Button{look, {Label: q.loc.T("write.sample"), Name: "act", Value: "sample", Look: page.Secondary}}
	if number := len(w.readers.Getting()); number > 0 {
		out = append([]page.Button{{Label: q.loc.N("write.send", number), Name: "act", Value: "send"}}, out...)
	}
	return out
}

// gettingPart names who gets the letter; for whom there is no text in the own
// language, the one it comes in is marked.
func (q *request) gettingPart(getting []process.Reader) page.Part {
	if len(getting) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("write.getting"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.language")}}}
	foreign := 0
	for i, one := range getting {
		in := page.Cell{Text: q.loc.Language(one.In)}
		if one.In != one.Language {
			foreign++
			in.Note = q.loc.T("write.would_be", "Language", q.loc.Language(one.Language))
		}
		if i < mostNames {
			t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: one.Name}, in}})
		}
	}
	part := page.Part{ID: "getting", Fold: q.loc.N("write.getting_fold", len(getting)), Table: t}
	if len(getting) > mostNames {
		part.Text = q.loc.T("write.names_shown", "Shown", mostNames, "Total", len(getting))
	}
	if foreign > 0 {
		part.Notice = page.Notice{Tone: page.Warning, Text: q.loc.N("write.foreign", foreign)}
	}
	return part
}

// missingPart names who gets no letter, and why.
func (q *request) missingPart(missing []process.Reader) page.Part {
	if len(missing) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("write.missing"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.reason")}}}
	for i, one := range missing {
		name := one.Name
		if name == "" {
			name = "–"
		}
		if i < mostNames {
			t.Rows = append(t.Rows, page.Row{Cells: page.Cells(name, q.loc.T("write.out_"+one.Out))})
		}
	}
	return page.Part{ID: "missing", Title: q.loc.N("write.missing_title", len(missing)), Table: t}
}

func (q *request) announcementsPart(before []store.AnnouncementsOfRow) page.Part {
	if len(before) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("write.before"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.subject")}, {Label: q.loc.T("office.when")}, {Label: q.loc.T("wording.by")}, {Label: q.loc.T("office.letters"), Numeric: true},
	}}
	for _, b := range before {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: b.Subject, Href: announcementPath(b.ID)}, {When: page.MomentOf(q.loc, b.WrittenAt, q.now)}, {Text: b.Writer}, {Text: q.loc.Number(int(b.Letters))},
		}})
	}
	return page.Part{ID: "before", Title: q.loc.T("write.before"), Table: t}
}
