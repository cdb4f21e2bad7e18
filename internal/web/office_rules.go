package web

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// The announced rules of a call: how points come about and how places are
// given out. Changed freely until somebody has submitted, then by amendment.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/rules", Guard: Coordinator, Handle: s.showRules},
		{Pattern: "POST /office/calls/{call}/rules/preview", Guard: Officer, Handle: s.previewRules},
		{Pattern: "POST /office/calls/{call}/rules", Guard: Officer, Handle: s.changeRules},
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

func (s *Server) showRules(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	r := v.call.Selection
	typed := form.Values{
		"scheme": {v.call.Scheme}, "method": {r.Method}, "ties": {r.Ties}, "upgrades": {r.Upgrades}, "reserve": {r.Reserve.Per},
	}
	if r.Reserve.Limit != nil {
		typed["reserve_limit"] = []string{strconv.Itoa(*r.Reserve.Limit)}
	}
	if r.Reserve.SecondClass {
		typed["second_class"] = []string{"true"}
	}
	return s.rulesPage(q, http.StatusOK, v, typed, nil)
}

func (s *Server) rulesPage(q *request, status int, v rulesView, typed form.Values, refused error) error {
	p := page.Office{Base: s.base(q, q.loc.T("rules.title")), Tabs: q.callTabs(v.call.ID, "rules")}
	p.Kicker, p.Breadcrumbs = v.call.Title.In(q.loc.Lang()), q.callCrumbs(v.call.ID, v.call.Title)
	p.Notices = q.rulesNotices(v)
	fields := q.rulesFields(typed)
	if problems, invalid := problemsOf(refused); invalid {
		p.Errors = page.Refuse(q.loc, q.atLines(problems), pointers(fields)...)
	} else if refused != nil {
		p.Errors = page.ErrorSummary{Title: q.loc.T("rules.preview_title"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	part := page.Part{ID: "edit", Title: q.loc.T("rules.edit_title"), Fields: fields}
	if q.isOfficer() && v.call.Published == nil {
		part.Action, part.Buttons = callPath(v.call.ID, "rules")+"/preview", []page.Button{{Label: q.loc.T("rules.look")}}
	} else {
		part.Text = q.loc.T(map[bool]string{true: "rules.settled", false: "rules.read_only"}[v.call.Published != nil])
		for i := range part.Fields {
			part.Fields[i].ReadOnly = true
		}
	}
	p.Parts = present([]page.Part{part, q.amendmentsPart(v)})
	return s.render(q, status, p)
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

// atLines puts what is wrong with the scheme's text beside the text, each with
// its path.
func (q *request) atLines(problems []mobility.FieldProblem) []mobility.FieldProblem {
	known := map[string]bool{"scheme": true, "method": true, "ties": true, "upgrades": true, "reserve": true, "reserve_limit": true, "second_class": true, "reason": true}
	out := make([]mobility.FieldProblem, len(problems))
	for i, p := range problems {
		if out[i] = p; !known[p.Field] {
			out[i].Field = "scheme"
		}
	}
	return out
}

func (q *request) rulesFields(typed form.Values) []page.Field {
	options := func(prefix string, values ...string) []page.Option {
		out := make([]page.Option, len(values))
		for i, v := range values {
			out[i] = page.Option{Value: v, Label: q.loc.T(prefix + v)}
		}
		return out
	}
	fields := []page.Field{
		{Kind: page.LongText, Rows: 24, Name: "scheme", Label: q.loc.T("rules.text"), Hint: q.loc.T("rules.text_hint"), Required: true},
		{Kind: page.Select, Name: "method", Label: q.loc.T("variant.method"), Options: methodOptions(q), Required: true},
		{Kind: page.Select, Name: "ties", Label: q.loc.T("variant.ties"), Options: tieOptions(q), Required: true},
		{Kind: page.Select, Name: "upgrades", Label: q.loc.T("call.upgrades"), Options: options("amended.upgrades_", mobility.UpgradesNone, mobility.UpgradesUntilConfirmed), Required: true},
		{Kind: page.Select, Name: "reserve", Label: q.loc.T("call.reserve"), Options: options("amended.reserve_", mobility.ReservePerDestination, mobility.ReservePerLanguage, mobility.ReserveOverall), Required: true},
		{Kind: page.Number, Name: "reserve_limit", Label: q.loc.T("rules.reserve_limit"), Hint: q.loc.T("rules.reserve_limit_hint"), Short: true, InputMode: "numeric"},
		{Kind: page.Checkbox, Name: "second_class", Label: q.loc.T("rules.second_class")},
		{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("rules.reason"), Hint: q.loc.T("rules.reason_hint"), MaxLength: 2000},
	}
	for i := range fields {
		fields[i].Value = typed.First(fields[i].Name)
	}
	return fields
}

// rulesForm is a change of the rules as it is typed.
type rulesForm struct {
	Scheme      string `form:"scheme" validate:"required,max=60000"`
	Method      string `form:"method" validate:"required,max=40"`
	Ties        string `form:"ties" validate:"required,max=40"`
	Upgrades    string `form:"upgrades" validate:"required,max=40"`
	Reserve     string `form:"reserve" validate:"required,max=40"`
	Limit       string `form:"reserve_limit" validate:"max=6"`
	SecondClass bool   `form:"second_class"`
	Reason      string `form:"reason" validate:"max=2000"`
	Hash        string `form:"hash" validate:"max=200"`
}

// decodeRules reads the form into a change; shares, quotas, partners and
// grants stay as they are.
func (q *request) decodeRules(v rulesView) (form.Values, process.Amendment, error) {
	var f rulesForm
	typed, err := form.Decode(q.r, &f)
	if err != nil {
		return typed, process.Amendment{}, err
	}
	if _, problems := rules.Parse([]byte(f.Scheme)); len(problems) > 0 {
		return typed, process.Amendment{}, q.schemeProblems(problems)
	}
	r := v.call.Selection
	r.Method, r.Ties, r.Upgrades, r.Reserve.Per, r.Reserve.SecondClass, r.Reserve.Limit = f.Method, f.Ties, f.Upgrades, f.Reserve, f.SecondClass, nil
	if text := strings.TrimSpace(f.Limit); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return typed, process.Amendment{}, mobility.InvalidError(mobility.FieldProblem{Field: "reserve_limit", Code: "field.not_a_number"})
		}
		r.Reserve.Limit = &n
	}
	a := process.Amendment{Call: v.call.ID, Rules: &r, Reason: f.Reason, Hash: f.Hash, Arrived: q.arrived}
	if f.Scheme = strings.ReplaceAll(f.Scheme, "\r\n", "\n"); strings.TrimSpace(f.Scheme) != strings.TrimSpace(v.call.Scheme) {
		a.Scheme = f.Scheme
	}
	return typed, a, nil
}

// schemeProblems lists each problem of the text with its line.
func (q *request) schemeProblems(problems []rules.Problem) error {
	out := make([]mobility.FieldProblem, len(problems))
	for i, p := range problems {
		text := q.loc.T("rules.at_line", "Line", p.Line, "Column", p.Column, "Text", q.loc.T(p.Code, p.Data))
		out[i] = mobility.FieldProblem{Field: "scheme", Code: "rules.problem", Data: map[string]any{"Text": text}}
	}
	return mobility.InvalidError(out...)
}

func (s *Server) previewRules(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	typed, a, err := q.decodeRules(v)
	var preview process.AmendmentPreview
	if err == nil {
		preview, err = s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	}
	if err != nil {
		return s.rulesRefused(q, v, typed, err)
	}
	do := "rules.do_propose"
	if preview.Free {
		do = "rules.do_change"
	}
	hidden := []page.Hidden{{Name: "hash", Value: preview.Hash}}
	for _, name := range []string{"scheme", "method", "ties", "upgrades", "reserve", "reserve_limit", "second_class", "reason"} {
		hidden = append(hidden, page.Hidden{Name: name, Value: typed.First(name)})
	}
	p := q.previewPage(s, v, preview)
	p.Parts[len(p.Parts)-1].Action, p.Parts[len(p.Parts)-1].Hidden = callPath(v.call.ID, "rules"), hidden
	p.Parts[len(p.Parts)-1].Buttons = []page.Button{{Label: q.loc.T(do)}}
	return s.render(q, http.StatusOK, p)
}

// rulesRefused shows the form again with what is wrong, typed text kept.
func (s *Server) rulesRefused(q *request, v rulesView, typed form.Values, err error) error {
	kind := mobility.KindOf(err)
	if kind == mobility.Invalid {
		return s.rulesPage(q, http.StatusUnprocessableEntity, v, typed, err)
	}
	if kind == mobility.Conflict || kind == mobility.Stale {
		return s.rulesPage(q, http.StatusConflict, v, typed, err)
	}
	return err
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

func (s *Server) changeRules(q *request) error {
	v, err := s.rulesOfCall(q)
	if err != nil {
		return err
	}
	typed, a, err := q.decodeRules(v)
	if err != nil {
		return s.rulesRefused(q, v, typed, err)
	}
	preview, err := s.Process.PreviewAmendment(q.ctx(), q.actor, a)
	if err != nil {
		return s.rulesRefused(q, v, typed, err)
	}
	if preview.Free {
		if err := s.Process.ChangeRules(q.ctx(), q.actor, a); err != nil {
			return s.rulesRefused(q, v, typed, err)
		}
		return s.done(q, callPath(v.call.ID, "rules"), "notice.rules_changed")
	}
	if _, err := s.Process.ProposeAmendment(q.ctx(), q.actor, a); err != nil {
		return s.rulesRefused(q, v, typed, err)
	}
	return s.done(q, callPath(v.call.ID, "rules"), "notice.amendment_proposed")
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
