package web

import (
	"slices"
	"strconv"

	"peregrine/internal/process"
	"peregrine/internal/web/page"
)

// The parts of the page that shows who assesses what.

// assessingPart says what is missing and offers to assign.
func (q *request) assessingPart(a assessing) page.Part {
	path := callPath(a.call.ID, "assessors")
	figure := func(which, key string) page.Fact {
		fact := page.Fact{Term: q.loc.T(key), Text: q.loc.Number(a.number(which))}
		if a.number(which) > 0 {
			fact.Href = withQuery(path, "show", which) + "#files"
		}
		return fact
	}
	part := page.Part{ID: "assessing", Summary: page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("assess.files"), Text: q.loc.Number(len(a.files))},
		figure(showLacking, "assess.lacking"), figure(showMissing, "assess.missing"), figure(showApart, "assess.apart"), figure(showOlder, "assess.older"),
	}}}
	if a.call.PublishedAt == nil && len(a.files) > 0 {
		part.Action = path + "/look"
		part.Buttons = []page.Button{
			{Label: q.loc.T("assess.assign_evenly"), Name: "how", Value: string(process.AssignEvenly)},
			{Label: q.loc.T("assess.assign_by_unit"), Name: "how", Value: string(process.AssignByUnit), Look: page.Secondary},
		}
	}
	return part
}

func (q *request) committeePart(a assessing) page.Part {
	t := page.Table{Caption: q.loc.T("assess.assessors"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")},
		{Label: q.loc.T("assess.role")},
		{Label: q.loc.T("assess.applications"), Numeric: true},
		{Label: q.loc.T("assess.done"), Numeric: true},
		{Label: q.loc.T("assess.marks_missing"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("assess.nobody"), Text: q.loc.T("assess.nobody_text")}}
	for _, p := range a.people {
		if !p.byRole && p.files == 0 {
			continue
		}
		missing := page.Cell{Text: q.loc.Number(p.lacks)}
		if p.files > 0 && p.lacks == 0 {
			missing.Tag, missing.Text = page.Tag{Label: q.loc.T("assess.all_done"), Tone: page.Success}, ""
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: p.name, Href: withQuery(callPath(a.call.ID, "assessors"), "person", p.id.String()) + "#files"},
			{Text: q.roleWords(p.roles)},
			{Text: q.loc.Number(p.files)},
			{Text: q.loc.Number(p.done)},
			missing,
		}})
	}
	return page.Part{ID: "people", Title: q.loc.T("assess.assessors"), Table: t}
}

func (q *request) roleWords(roles []string) string {
	words := make([]string, len(roles))
	for i, role := range slices.Compact(slices.Clone(roles)) {
		words[i] = q.loc.T("assess.role_" + role)
	}
	return q.loc.List(slices.DeleteFunc(words, func(w string) bool { return w == "" }))
}

// filesPart lists files with who assesses them, to be assigned by hand.
func (q *request) filesPart(a assessing) page.Part {
	values := q.r.URL.Query()
	which, person := values.Get("show"), idOf(values.Get("person"))
	var files []assessedFile
	for _, f := range a.files {
		if f.shown(which) && (person == nil || slices.Contains(f.assessors(), *person)) {
			files = append(files, f)
		}
	}
	at := pageOf(values)
	from := min((at-1)*perPage, len(files))
	part := page.Part{ID: "files", Title: q.loc.T("assess.who_what"), Table: q.filesTable(a, files[from:min(from+perPage, len(files))])}
	part.Pager = page.PagerOf(at, (len(files)+perPage-1)/perPage, len(files), func(n int) string {
		return withQuery(callPath(a.call.ID, "assessors"), "show", which, "person", idText(person), "page", strconv.Itoa(n)) + "#files"
	})
	if a.call.PublishedAt == nil && len(files) > 0 {
		part.Action, part.Text = callPath(a.call.ID, "assessors")+"/look", q.loc.T("assess.by_hand_text")
		part.Fields = []page.Field{q.assessorField(a)}
		part.Buttons = []page.Button{{Label: q.loc.T("assess.assign_by_hand"), Name: "how", Value: string(process.AssignByHand), Look: page.Secondary}}
	}
	return part
}

// assessorField offers everybody who may be assigned.
func (q *request) assessorField(a assessing) page.Field {
	f := page.Field{Kind: page.Select, Name: "assessor", Label: q.loc.T("assess.assessor"), Required: true}
	for _, p := range a.people {
		if p.byRole || !a.call.Blind {
			f.Options = append(f.Options, page.Option{Value: p.id.String(), Label: p.name + " (" + q.roleWords(p.roles) + ")"})
		}
	}
	return f
}

func (q *request) filesTable(a assessing, files []assessedFile) page.Table {
	t := page.Table{Caption: q.loc.T("assess.who_what"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.unit")}, {Label: q.loc.T("assess.assessors")}, {Label: q.loc.T("office.state")},
	}, Empty: page.EmptyState{Title: q.loc.T("office.no_candidates"), Text: q.loc.T("assess.no_files_text")}}
	for _, f := range files {
		name := q.candidateName(f.GivenNames, f.FamilyNames, f.Candidate)
		cell := page.Cell{Text: name, Href: filePath(f.ID) + "#assessors"}
		if a.call.PublishedAt == nil {
			cell.Tick = &page.Tick{Name: "file", Value: f.ID.String(), Label: q.loc.T("assess.choose", "Name", name)}
		}
		if f.Candidate != nil && f.FamilyNames != "" {
			cell.Note = q.loc.T("assess.candidate", "Number", int(*f.Candidate))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{cell, {Text: f.UnitCode}, q.assessorsCell(a, f), q.fileStateCell(f)}})
	}
	return t
}

func (q *request) assessorsCell(a assessing, f assessedFile) page.Cell {
	var names []string
	for _, id := range f.assessors() {
		if name := a.name(id); name != "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if len(names) == 0 {
		return page.Cell{Text: "–"}
	}
	return page.Cell{Text: q.loc.List(names)}
}

func (q *request) fileStateCell(f assessedFile) page.Cell {
	c := page.Cell{}
	switch {
	case f.apart:
		c.Tag = page.Tag{Label: q.loc.T("grid.one_more"), Tone: page.Danger}
	case f.lacking() > 0:
		c.Tag = page.Tag{Label: q.loc.N("assess.lacks", f.lacking()), Tone: page.Warning}
	case f.missing > 0:
		c.Tag = page.Tag{Label: q.loc.N("assess.criteria_missing", f.missing)}
	default:
		c.Tag = page.Tag{Label: q.loc.T("assess.all_done"), Tone: page.Success}
	}
	if f.older > 0 {
		c.Note = q.loc.N("assess.marks_older", f.older)
	}
	return c
}

// rulesPart is how the call is assessed, for the office to change.
func (q *request) rulesPart(a assessing) page.Part {
	see := page.Field{Kind: page.Radios, Name: "assessors_see", Label: q.loc.T("assess.see"), Required: true, Value: a.call.AssessorsSee, Options: []page.Option{
		{Value: process.SeeUnit, Label: q.loc.T("assess.see_unit")}, {Value: process.SeeAssigned, Label: q.loc.T("assess.see_assigned")},
	}}
	blind := page.Field{Kind: page.Checkbox, Name: "blind", Label: q.loc.T("assess.blind"), Hint: q.loc.T("assess.blind_hint"), Value: strconv.FormatBool(a.call.Blind)}
	return page.Part{
		ID: "rules", Fold: q.loc.T("assess.rules"), Action: callPath(a.call.ID, "assessing"), Fields: []page.Field{see, blind},
		Buttons: []page.Button{{Label: q.loc.T("assess.save_rules"), Look: page.Secondary}},
	}
}
