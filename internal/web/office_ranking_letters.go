package web

import (
	"time"

	"peregrine/internal/letter"
	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/web/page"
)

// letterPlanPart counts the letters publishing sends, by kind and language.
func (q *request) letterPlanPart(r ranking) page.Part {
	if r.published() {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("ranking.letters"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")}, {Label: q.loc.T("office.language")}, {Label: q.loc.T("ranking.how_many"), Numeric: true},
	}}
	type plan struct{ kind, language string }
	var order []plan
	count, total, none := map[plan]int32{}, int32(0), int32(0)
	for _, row := range r.plan {
		kinds := r.nextLetters(mobility.State(row.State), row.Outcome)
		if row.Held || len(kinds) == 0 {
			none += row.Files
			continue
		}
		for _, kind := range kinds {
			p := plan{kind, row.Language}
			if count[p] == 0 {
				order = append(order, p)
			}
			count[p], total = count[p]+row.Files, total+row.Files
		}
	}
	for _, p := range order {
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(q.loc.T("letter_kind."+p.kind), q.loc.Language(p.language), q.loc.Number(int(count[p])))})
	}
	t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("office.total"), "", q.loc.Number(int(total)))})
	part := page.Part{ID: "letters", Title: q.loc.T("ranking.letters"), Text: q.loc.T("ranking.letters_text"), Table: t}
	if q.isOfficer() {
		part.Buttons = []page.Button{{Label: q.loc.T("outbox.open"), Href: outboxPath(r.ID), Look: page.Secondary}}
	}
	if none > 0 {
		part.Notice = page.Notice{Text: q.loc.N("ranking.no_letter", int(none))}
	}
	return part
}

// lettersOf are the kinds of letters an entry leads to when it is published.
func (r ranking) lettersOf(state mobility.State, outcome string) []string {
	if m := r.def.ForOutcome(state, lifecycle.RankingOutcome(outcome)); m != nil {
		return m.Letters
	}
	return nil
}

// nextLetters are those the next step sends: of a provisional list one that
// tells the result, where the final one would tell anything.
func (r ranking) nextLetters(state mobility.State, outcome string) []string {
	final := r.lettersOf(state, outcome)
	if r.list.provisionalNext() && len(final) > 0 {
		return []string{letter.KindProvisionalResult}
	}
	return final
}

func (q *request) progressPart(r ranking) page.Part {
	if r.Status == "draft" {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("ranking.progress"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("ranking.how_many"), Numeric: true},
	}, Empty: page.EmptyState{Title: q.loc.T("ranking.no_letters_planned")}}
	for _, l := range r.letters {
		href := withQuery("/office/letters", "status", l.Status, "kind", l.Kind, "call", r.CallID.String())
		if !q.isOfficer() {
			href = ""
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: q.loc.T("letter_kind." + l.Kind)}, letterState(q.loc, l.Status, ""), {Text: q.loc.Number(int(l.Letters)), Href: href}}})
	}
	part := page.Part{ID: "letters", Title: q.loc.T("ranking.progress"), Table: t}
	if q.isOfficer() {
		part.Buttons = []page.Button{{Label: q.loc.T("outbox.open_progress"), Href: outboxPath(r.ID), Look: page.Secondary}}
	}
	if !r.published() { // the letters of the final list stand above
		part.ID = "progress"
	}
	return part
}

func (q *request) unrankedPart(r ranking) page.Part {
	if len(r.unranked) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("ranking.unranked"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.state")}}}
	for _, u := range r.unranked {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: u.Name, Href: filePath(u.ID)}, {Tag: stateTag(q.loc, r.def, u.State)}}})
	}
	return page.Part{ID: "unranked", Fold: q.loc.N("ranking.unranked_fold", len(r.unranked)), Text: q.loc.T("ranking.unranked_text"), Table: t}
}

// proofPart shows by what a run can be computed again.
func (q *request) proofPart(r ranking) page.Part {
	rows := []page.Fact{
		{Term: q.loc.T("ranking.method"), Text: q.loc.T("ranking.method_" + r.Method)},
		{Term: q.loc.T("ranking.engine"), Text: r.Engine},
		{Term: q.loc.T("ranking.computed"), When: page.MomentOf(inZone(q.loc, r.Zone), r.ComputedAt, time.Time{})},
		{Term: q.loc.T("ranking.by"), Text: r.ComputedBy},
	}
	if !r.barred {
		rows = append(rows, page.Fact{Term: q.loc.T("ranking.input_hash"), Text: r.InputHash}, page.Fact{Term: q.loc.T("ranking.result_hash"), Text: r.ResultHash})
	}
	return page.Part{ID: "proof", Fold: q.loc.T("ranking.proof"), Text: q.loc.T("ranking.proof_text"), Summary: page.Summary{Rows: rows}}
}
