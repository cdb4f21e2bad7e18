package web

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The announced rules of a call: how points come about and how places are
// given out. Changed freely until somebody has submitted, then by amendment.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/amendments/{amendment}", Guard: Officer, Handle: s.showAmendment},
		{Pattern: "POST /office/calls/{call}/amendments/{amendment}/approve", Guard: Officer, Handle: s.approveAmendment},
		{Pattern: "POST /office/calls/{call}/amendments/{amendment}/refuse", Guard: Officer, Handle: s.refuseAmendment},
	}
})

// rulesView is a call with its rules and what became of them.
type rulesView struct {
	call    store.OfficeCallRow
	history []store.AmendmentsOfCallRow
}

func (s *Server) rulesOfCall(q *request) (v rulesView, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.call, err = s.officeCall(q, db); err != nil {
			return err
		}
		v.history, err = queries.AmendmentsOfCall(ctx, db, v.call.ID)
		return err
	})
	return v, err
}

// rulesNotices tell of a change that waits.
func (q *request) rulesNotices(v rulesView) []page.Notice {
	var out []page.Notice
	for _, m := range v.history {
		if m.Status == "proposed" && q.isOfficer() {
			out = append(out, page.Notice{
				Tone: page.Warning, Title: q.loc.T("rules.waiting"), Text: q.loc.T("rules.waiting_text", "Who", m.Proposer, "When", m.ProposedAt, "Reason", m.Reason),
				Links: []page.Link{{Label: q.loc.T("rules.look_waiting"), Href: amendmentPath(v.call.ID, m.ID)}},
			})
		}
	}
	return out
}

func amendmentPath(call, id uuid.UUID) string {
	return callPath(call, "amendments") + "/" + id.String()
}

// previewPage says what a change would do: what changes, what becomes of the
// marks, whom it is told.
func (q *request) previewPage(s *Server, v rulesView, preview process.AmendmentPreview) page.Office {
	p := page.Office{Base: s.base(q, q.loc.T("rules.preview_title")), Tabs: q.callTabs(v.call.ID, "rules")}
	p.Kicker = v.call.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(v.call.ID, v.call.Title), page.Link{Label: q.loc.T("rules.title"), Href: callPath(v.call.ID, "rules")})
	changes := []page.Fact{{Term: q.loc.T("rules.preview_changes"), Lines: q.changeLines(preview.Changes)}}
	if preview.Reason != "" {
		changes = append(changes, page.Fact{Term: q.loc.T("rules.reason"), Text: preview.Reason})
	}
	told := q.loc.T("rules.preview_free")
	if !preview.Free {
		told = q.loc.N("rules.preview_told", preview.People) + " " + q.loc.T("rules.preview_second")
	}
	p.Parts = []page.Part{{ID: "changes", Title: q.loc.T("rules.preview_changes"), Summary: page.Summary{Rows: changes}}}
	if marks := q.marksTable(preview.Marks); len(marks.Rows) > 0 {
		p.Parts = append(p.Parts, page.Part{ID: "marks", Title: q.loc.T("rules.preview_marks"), Table: marks})
	}
	p.Parts = append(p.Parts, page.Part{ID: "decide", Title: q.loc.T("rules.what_follows"), Text: told})
	return p
}

func (q *request) changeLines(changes []process.RuleChange) []string {
	data, err := process.RuleChangesJSON(changes)
	if err != nil {
		return nil
	}
	lines, err := outbox.RuleChanges(q.loc, data)
	if err != nil {
		return nil
	}
	return lines
}

func (q *request) marksTable(marks []process.MarksFate) page.Table {
	t := page.Table{Caption: q.loc.T("rules.preview_marks"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("points.criterion")}, {Label: q.loc.T("rules.marks_given"), Numeric: true}, {Label: q.loc.T("rules.preview_marks")},
	}}
	for _, m := range marks {
		name := m.Label.In(q.loc.Lang())
		if name == "" {
			name = m.Key
		}
		t.Rows = append(t.Rows, page.Row{Cells: page.Cells(name, q.loc.Number(m.Marks), q.loc.T("marks_fate."+string(m.Fate), "To", m.To))})
	}
	return t
}

// amendmentsPart is the history of the rules.
func (q *request) amendmentsPart(v rulesView) page.Part {
	if len(v.history) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("rules.history"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.when")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("rules.preview_changes")}, {Label: q.loc.T("rules.reason")},
	}}
	for _, m := range v.history {
		lines, err := outbox.RuleChanges(q.loc, m.Changes)
		if err != nil {
			lines = nil
		}
		when := m.ProposedAt
		if m.DecidedAt != nil {
			when = *m.DecidedAt
		}
		first := page.Cell{When: page.MomentOf(inZone(q.loc, v.call.Zone), when, time.Time{}), Note: q.loc.T("rules.history_by", "Proposer", m.Proposer, "Decider", m.Decider)}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{first, {Text: q.loc.T("rules.status_" + m.Status)}, {Text: strings.Join(lines, "; ")}, {Text: m.Reason, Note: m.Answer}}})
	}
	return page.Part{ID: "history", Title: q.loc.T("rules.history"), Table: t}
}
