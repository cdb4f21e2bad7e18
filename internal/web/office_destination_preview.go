package web

import (
	"strings"

	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// destinationDialog shows what a change would do: what becomes what, whom it
// concerns by name and number, who is told what, and what is left to the
// office.
func (q *request) destinationDialog(c changing, req process.DestinationChange, p process.DestinationPreview, typed form.Values) page.Dialog {
	d := page.Dialog{
		Text: q.loc.T("destinations.preview_" + string(c.kind)), Facts: page.Summary{Rows: q.previewFacts(req, p)}, Table: q.previewTable(c, p),
		Warning: q.previewWarning(p), Action: c.here(), Cancel: page.Link{Href: c.back()},
		Confirm: page.Button{Label: q.loc.T("destinations.do_" + string(c.kind)), Danger: c.kind == process.DestinationDropped},
		Hidden:  []page.Hidden{{Name: "hash", Value: p.Hash}},
	}
	if p.Restored {
		d.Text = q.loc.T("destinations.preview_restored")
	}
	for _, name := range carried {
		if typed.Has(name) {
			d.Hidden = append(d.Hidden, page.Hidden{Name: name, Value: typed.First(name)})
		}
	}
	return d
}

func (q *request) previewFacts(req process.DestinationChange, p process.DestinationPreview) []page.Fact {
	var rows []page.Fact
	var lines []string
	for _, c := range p.Changes {
		lines = append(lines, outbox.DestinationTerm(q.loc, c.What, c.From, c.To))
	}
	if len(lines) > 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("destinations.what"), Lines: lines})
	}
	if req.Reason != "" {
		rows = append(rows, page.Fact{Term: q.loc.T("office.reason"), Text: req.Reason})
	}
	var concerned []string
	for _, each := range []process.Concern{
		process.ConcernOpen, process.ConcernReturned, process.ConcernStuck, process.ConcernTold, process.ConcernWaiting, process.ConcernHolding, process.ConcernHeldBack, process.ConcernNone,
	} {
		if n := p.Count(each); n > 0 {
			concerned = append(concerned, q.loc.N("destinations.n_"+string(each), n))
		}
	}
	if p.Drafts > 0 {
		concerned = append(concerned, q.loc.N("destinations.n_draft", p.Drafts))
	}
	if p.Unseen > 0 {
		concerned = append(concerned, q.loc.N("destinations.n_unseen", p.Unseen))
	}
	if len(concerned) == 0 {
		concerned = []string{q.loc.T("destinations.nobody")}
	}
	rows = append(rows, page.Fact{Term: q.loc.T("destinations.concerned"), Lines: concerned})
	if p.Until != nil {
		rows = append(rows, page.Fact{Term: q.loc.T("destinations.field_choose_again"), When: page.DeadlineOf(q.loc, *p.Until, q.now)})
	}
	return rows
}

// previewWarning is what the officer has to know beyond the table.
func (q *request) previewWarning(p process.DestinationPreview) page.Notice {
	n := page.Notice{Tone: page.Warning}
	if p.Overbooked > 0 {
		n.Items = append(n.Items, q.loc.N("destinations.overbooks", p.Overbooked))
	}
	var shared []string
	for _, title := range p.Shared {
		shared = append(shared, title.In(q.loc.Lang()))
	}
	if len(shared) > 0 {
		n.Items = append(n.Items, q.loc.T("destinations.shared", "Calls", q.loc.List(shared)))
	}
	if p.Count(process.ConcernHolding) > 0 {
		n.Items = append(n.Items, q.loc.T("destinations.holders_text"))
	}
	if p.Count(process.ConcernStuck) > 0 {
		n.Items = append(n.Items, q.loc.T("destinations.stuck_text"))
	}
	if len(n.Items) > 0 {
		n.Title = q.loc.T("destinations.mind")
	}
	return n
}

func (q *request) previewTable(c changing, p process.DestinationPreview) page.Table {
	t := page.Table{Caption: q.loc.T("destinations.people"), Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("destinations.choice"), Numeric: true}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("destinations.becomes")},
	}}
	for _, a := range p.People {
		becomes := page.Cell{Text: q.loc.T("destinations.is_" + string(a.Concern))}
		switch {
		case a.Concern == process.ConcernWaiting && c.kind == process.DestinationDropped && !a.WaitsElsewhere:
			becomes.Note = q.loc.T("destinations.waits_nowhere")
		case a.Concern == process.ConcernWaiting && c.kind != process.DestinationDropped:
			becomes.Text = q.loc.T("destinations.keeps_waiting")
		case a.Concern == process.ConcernHolding && a.Nominated:
			becomes.Note = q.loc.T("destinations.host_was_told")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: full(a.GivenNames, a.FamilyNames), Href: filePath(a.Application), Note: a.Unit}, positionCell(q, a.Position), {Tag: stateTag(q.loc, c.def, a.State)}, becomes,
		}})
	}
	return t
}

// joinLines writes lines one below the other.
func joinLines(lines []string) string { return strings.Join(lines, "\n") }
