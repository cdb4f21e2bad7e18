package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// outboxSum adds up that everybody who is decided about gets a letter or
// stands under a reason why not.
func (q *request) outboxSum(v outboxView) page.Part {
	people, _, none := v.decidedLetters()
	t := page.Table{Caption: q.loc.T("outbox.sum"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("outbox.who")}, {Label: q.loc.T("ranking.how_many"), Numeric: true}}}
	t.Rows = append(t.Rows, page.Row{Cells: page.Cells(q.loc.T("outbox.lettered"), q.loc.Number(people))})
	total := people
	for _, why := range noLetters {
		if n := none[why]; n > 0 {
			row := page.Row{Cells: page.Cells(q.loc.T("outbox.none_"+why), q.loc.Number(n))}
			row.Cells[0].Note, row.Cells[1].Href = q.loc.T("outbox.none_"+why+"_why"), outboxFilter{show: showNone}.on(outboxPath(v.ID))+"#list"
			t.Rows, total = append(t.Rows, row), total+n
		}
	}
	if unseen := len(v.run.entries) - total; unseen > 0 {
		t.Rows, total = append(t.Rows, page.Row{Cells: page.Cells(q.loc.T("outbox.none_unseen"), q.loc.Number(unseen))}), total+unseen
	}
	t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("outbox.decided"), q.loc.Number(total))})
	return page.Part{ID: "sum", Title: q.loc.T("outbox.sum"), Text: q.loc.T("outbox.sum_text"), Table: t}
}

// outboxCounts counts letters by kind, language and what is known of the
// addresses they go to.
func (q *request) outboxCounts(v outboxView) page.Part {
	type cell struct{ kind, language string }
	count, refused := map[cell]int{}, map[cell]int{}
	var order []cell
	total, bad := 0, 0
	for _, row := range v.rows {
		for _, kind := range row.kinds {
			c := cell{kind, row.Language}
			if count[c] == 0 {
				order = append(order, c)
			}
			count[c]++
			total++
			if row.Refused {
				refused[c]++
				bad++
			}
		}
	}
	slices.SortStableFunc(order, func(a, b cell) int {
		if k := slices.Index(letter.Kinds, a.kind) - slices.Index(letter.Kinds, b.kind); k != 0 {
			return k
		}
		return strings.Compare(a.language, b.language)
	})
	t := page.Table{Caption: q.loc.T("outbox.counts"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")},
		{Label: q.loc.T("office.language")},
		{Label: q.loc.T("outbox.letters"), Numeric: true},
		{Label: q.loc.T("outbox.refused_before"), Numeric: true},
		{Label: q.loc.T("outbox.template"), Hide: true},
	}}
	for _, c := range order {
		f := outboxFilter{kind: c.kind, language: c.language}
		row := page.Row{Cells: []page.Cell{
			{Text: q.loc.T("letter_kind." + c.kind), Href: f.on(outboxPath(v.ID)) + "#list"}, {Text: q.loc.Language(c.language)}, {Text: q.loc.Number(count[c])}, {Text: q.loc.Number(refused[c])}, {},
		}}
		if refused[c] > 0 {
			f.show = showRefused
			row.Cells[3].Href = f.on(outboxPath(v.ID)) + "#list"
		}
		if q.actor.Has(mobility.RoleAdministrator) {
			row.Cells[4].Buttons = []page.Button{{Label: q.loc.T("outbox.edit_template"), Href: "/admin/letters/" + c.kind + "/" + c.language, Look: page.Quiet}}
		}
		t.Rows = append(t.Rows, row)
	}
	t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("office.total"), "", q.loc.Number(total), q.loc.Number(bad), "")})
	return page.Part{ID: "counts", Title: q.loc.T("outbox.counts"), Table: t}
}

func (q *request) outboxFilter(v outboxView, f outboxFilter) page.Filter {
	kind := page.Field{Kind: page.Select, Name: "kind", Label: q.loc.T("office.letter"), Blank: q.loc.T("office.any"), Value: f.kind}
	language := page.Field{Kind: page.Select, Name: "language", Label: q.loc.T("office.language"), Blank: q.loc.T("office.any"), Value: f.language}
	seen := map[string]bool{}
	for _, row := range v.rows {
		for _, k := range row.kinds {
			if !seen[k] {
				seen[k] = true
				kind.Options = append(kind.Options, page.Option{Value: k, Label: q.loc.T("letter_kind." + k)})
			}
		}
	}
	for _, l := range locale.Languages {
		language.Options = append(language.Options, page.Option{Value: l, Label: q.loc.Language(l)})
	}
	show := page.Field{Kind: page.Select, Name: "show", Label: q.loc.T("outbox.show"), Blank: q.loc.T("outbox.show_all"), Value: f.show}
	for _, what := range []string{showEdited, showRefused, showNone} {
		show.Options = append(show.Options, page.Option{Value: what, Label: q.loc.T("outbox.show_" + what)})
	}
	out := page.Filter{Action: outboxPath(v.ID) + "#list", Fields: []page.Field{
		{Kind: page.Text, Name: "q", Label: q.loc.T("office.name"), Value: f.sought, MaxLength: 100}, kind, language, show,
	}}
	if f.any() {
		out.Clear = page.Link{Label: q.loc.T("office.show_all"), Href: outboxPath(v.ID) + "#list"}
	}
	return out
}

// outboxList is everybody with the letters they get; ticked, several are held
// back at once.
func (q *request) outboxList(v outboxView, f outboxFilter, rows []outboxRow, at int) page.Part {
	t := page.Table{Caption: q.loc.T("outbox.list"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.outcome")}, {Label: q.loc.T("office.letter")}, {Label: q.loc.T("office.language")}, {Label: q.loc.T("outbox.mark")},
	}, Empty: page.EmptyState{Title: q.loc.T("outbox.nobody"), Text: q.loc.T("outbox.nobody_text")}}
	from := min((at-1)*perPage, len(rows))
	for _, row := range rows[from:min(from+perPage, len(rows))] {
		t.Rows = append(t.Rows, q.outboxLine(v, f, row))
	}
	part := page.Part{ID: "list", Title: q.loc.T("outbox.list"), Text: q.loc.T("outbox.list_text"), Table: t}
	part.Pager = page.PagerOf(at, (len(rows)+perPage-1)/perPage, len(rows), func(n int) string {
		return f.on(outboxPath(v.ID), "page", strconv.Itoa(n)) + "#list"
	})
	if q.mayAct(v.ranking) && len(rows) > 0 {
		part.Action = rankingPath(v.ID) + "/hold"
		part.Buttons = []page.Button{{Label: q.loc.T("outbox.hold_chosen"), Look: page.Secondary}}
	}
	return part
}

func (q *request) outboxLine(v outboxView, f outboxFilter, row outboxRow) page.Row {
	cells := []page.Cell{{Text: row.Name, Href: filePath(row.ID)}, {Tag: outcomeTag(q.loc, row.Outcome)}, {}, {Text: q.loc.Language(row.Language)}, {}}
	if row.none != "" {
		cells[2] = page.Cell{Text: q.loc.T("outbox.no_letter"), Note: q.loc.T("outbox.none_" + row.none)}
		return page.Row{Cells: cells}
	}
	if q.mayAct(v.ranking) {
		cells[0].Tick = &page.Tick{Name: "application", Value: row.ID.String(), Label: q.loc.T("outbox.choose_one", "Name", row.Name)}
	}
	kinds := make([]string, len(row.kinds))
	for i, kind := range row.kinds {
		kinds[i] = q.loc.T("letter_kind." + kind)
	}
	cells[2] = page.Cell{Text: strings.Join(kinds, ", "), Href: f.on(rankingPath(v.ID) + "/letters/" + row.ID.String())}
	switch {
	case len(row.edited) > 0:
		cells[4].Tag = page.Tag{Label: q.loc.T("outbox.edited"), Tone: page.Accent}
		for _, e := range row.edited {
			cells[4].Note = e.Reason
		}
	case row.Refused:
		cells[4].Tag = page.Tag{Label: q.loc.T("outbox.refused"), Tone: page.Warning}
		cells[4].Note = row.Email
	}
	return page.Row{Cells: cells}
}

type severalForm struct {
	Applications []string `form:"application" validate:"max=1000"`
	Reason       string   `form:"reason" validate:"max=2000"`
	Asked        bool     `form:"asked"`
}

// holdSeveral asks for the reason first, naming those it concerns.
func (s *Server) holdSeveral(q *request) error {
	v, err := s.outboxNow(q)
	if err != nil {
		return err
	}
	if v.published() {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	var f severalForm
	typed, err := form.Decode(q.r, &f)
	problems, invalid := problemsOf(err)
	if err != nil && !invalid {
		return err
	}
	chosen := v.chosen(f.Applications)
	if len(chosen) == 0 {
		return s.done(q, outboxPath(v.ID)+"#list", "notice.nobody_chosen")
	}
	if !f.Asked && !invalid {
		return s.severalPage(q, http.StatusOK, v, chosen, typed, nil)
	}
	ids, names := make([]uuid.UUID, len(chosen)), make([]string, len(chosen))
	for i, row := range chosen {
		ids[i], names[i] = row.ID, row.Name
	}
	if !invalid {
		err = s.Process.HoldBackAll(q.ctx(), q.actor, ids, f.Reason, q.arrived)
		problems, invalid = problemsOf(err)
	}
	if invalid {
		return s.severalPage(q, http.StatusUnprocessableEntity, v, chosen, typed, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, outboxPath(v.ID)+"#list", "notice.held_several", "Names", strings.Join(names, ", "))
}

// chosen are the rows named that can be held back.
func (v outboxView) chosen(ids []string) []outboxRow {
	var out []outboxRow
	for _, row := range v.rows {
		if row.none == "" && slices.Contains(ids, row.ID.String()) {
			out = append(out, row)
		}
	}
	return out
}

func (s *Server) severalPage(q *request, status int, v outboxView, chosen []outboxRow, typed form.Values, problems []mobility.FieldProblem) error {
	reason := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("ranking.hold_hint"), Required: true, MaxLength: 2000, Value: url.Values(typed).Get("reason")}
	summary := page.Refuse(q.loc, problems, &reason)
	d := page.Dialog{
		Text: q.loc.T("ranking.hold_text"), Errors: summary, Fields: []page.Field{reason}, Action: rankingPath(v.ID) + "/hold", Hidden: []page.Hidden{{Name: "asked", Value: "true"}},
		Table:   page.Table{Caption: q.loc.T("outbox.held_names"), Columns: []page.Column{{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.outcome")}}},
		Confirm: page.Button{Label: q.loc.T("ranking.hold_do")}, Cancel: page.Link{Href: outboxPath(v.ID)},
	}
	for _, row := range chosen {
		d.Hidden = append(d.Hidden, page.Hidden{Name: "application", Value: row.ID.String()})
		d.Table.Rows = append(d.Table.Rows, page.Row{Cells: []page.Cell{{Text: row.Name}, {Tag: outcomeTag(q.loc, row.Outcome)}}})
	}
	b := s.base(q, q.loc.N("outbox.hold_ask", len(chosen)))
	b.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title), page.Link{Label: q.loc.T("outbox.title"), Href: outboxPath(v.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}
