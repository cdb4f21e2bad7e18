package web

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The grid of marks: candidates down, criteria across. Without script each
// row is a form; script saves each cell by itself (office_cell.go) and shows
// what others change.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/marks", Guard: Coordinator, Handle: s.showMarks},
		{Pattern: "POST /office/calls/{call}/marks", Guard: Coordinator, Handle: s.saveMarks},
		{Pattern: "POST /office/calls/{call}/marks/cell", Guard: Coordinator, Handle: s.saveCell},
		{Pattern: "GET /office/calls/{call}/marks/changes", Guard: Coordinator, Handle: s.changedCells},
	}
})

// grid is a page of the candidates with what was typed into it.
type grid struct {
	candidates
	sheet sheet
	page  int
	typed url.Values
	wrong map[string]error // by cell
}

// cellName names the input of one cell.
func cellName(application uuid.UUID, criterion string) string {
	return application.String() + "." + criterion
}

// cellOf takes a cell's name apart.
func cellOf(name string) (application uuid.UUID, criterion string, ok bool) {
	id, criterion, two := strings.Cut(name, ".")
	application, err := uuid.Parse(id)
	return application, criterion, two && err == nil
}

func (s *Server) readGrid(q *request) (g grid, err error) {
	g.page = pageOf(q.r.URL.Query())
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if g.candidates, err = s.readCandidates(ctx, q, db, (g.page-1)*perPage, perPage); err != nil {
			return err
		}
		ids := make([]uuid.UUID, len(g.rows))
		for i, row := range g.rows {
			ids[i] = row.ID
		}
		g.sheet, err = readSheet(ctx, db, g.scheme, q.actor.Person, ids)
		return err
	})
	return g, err
}

func (s *Server) showMarks(q *request) error {
	g, err := s.readGrid(q)
	if err != nil {
		return err
	}
	return s.marksPage(q, http.StatusOK, g)
}

// mayMark reports whether the reader gives marks to a row now.
func (q *request) mayMark(c candidates, row candidate) bool {
	at := mobility.Place{Institution: c.call.InstitutionID, Unit: row.UnitID, Call: c.call.ID}
	return c.call.PublishedAt == nil && row.SubmissionID != nil && row.Phase == mobility.PhaseSubmitted &&
		process.MayMark(q.actor.RolesAt(at), c.call.Blind) == nil
}

func (s *Server) marksPage(q *request, status int, g grid) error {
	p := page.Grid{Base: s.base(q, q.loc.T("office.tab_marks")), Tabs: q.callTabs(g.call.ID, "marks"), Turn: q.candidatesTurn(g.candidates)}
	p.Wide, p.Kicker, p.Breadcrumbs = true, g.call.Title.In(q.loc.Lang()), q.callCrumbs(g.call.ID, g.call.Title)
	path := callPath(g.call.ID, "marks")
	p.Sheet, p.Errors = q.sheetOf(g), q.gridErrors(g)
	p.Filter = q.marksFilter(g, p.Sheet.Open)
	if g.filter.missing && len(g.rows) == 0 {
		p.Sheet.Empty = page.EmptyState{Title: q.loc.T("grid.nothing_missing"), Text: q.loc.T("grid.nothing_missing_text")}
	}
	switch {
	case g.call.PublishedAt != nil:
		p.Text = q.loc.T("office.grid_closed")
	case p.Sheet.Open:
		p.Text = q.loc.T("grid.text")
	case g.call.Blind && len(g.rows) > 0:
		p.Notices = []page.Notice{{Tone: page.Info, Text: q.loc.T("refusal.knows_the_name")}}
	}
	p.Pager = page.PagerOf(g.page, (g.total+perPage-1)/perPage, g.total, func(n int) string {
		return path + g.filter.query("page", strconv.Itoa(n))
	})
	return s.render(q, status, p)
}

// marksFilter narrows the grid to names, and to what is still to be done; what
// the list of candidates was narrowed to besides stays.
func (q *request) marksFilter(g grid, open bool) page.Filter {
	path, f := callPath(g.call.ID, "marks"), g.filter
	out := page.Filter{Action: path, Fields: []page.Field{
		{Kind: page.Search, Name: "q", Label: q.loc.T("office.name"), Value: f.name, MaxLength: 100},
		{Kind: page.Checkbox, Name: "missing", Label: q.loc.T("office.only_missing"), Value: strconv.FormatBool(f.missing)},
	}}
	if f.query() != "" {
		out.Clear = page.Link{Label: q.loc.T("office.show_all"), Href: path}
	}
	f.name, f.missing = "", false
	if open && f.duty == dutyNone && f.state == "" {
		f.duty = dutyAssess // who never applied lacks marks, too
	}
	kept, _ := url.ParseQuery(strings.TrimPrefix(f.query(), "?")) // made one line above
	for _, name := range slices.Sorted(maps.Keys(kept)) {
		out.Hidden = append(out.Hidden, page.Hidden{Name: name, Value: kept.Get(name)})
	}
	return out
}

func (q *request) sheetOf(g grid) page.Sheet {
	path := callPath(g.call.ID, "marks")
	t := page.Sheet{
		Caption: q.loc.T("office.tab_marks"), Action: path + g.filter.query("page", strconv.Itoa(g.page)), Cell: path + "/cell", Changes: path + "/changes",
		Queue: q.actor.Person.String() + "/" + g.call.ID.String(), Person: q.actor.Person.String(),
		Empty: page.EmptyState{Title: q.loc.T("office.no_candidates"), Text: q.loc.T("office.no_candidates_text")},
	}
	for _, c := range g.scheme.criteria {
		column := page.SheetColumn{Label: c.label(q.loc), Hint: c.most(q)}
		if marked, ok := g.scheme.assessedBy(c.Key); ok {
			column.Hint = q.markHint(marked)
		}
		t.Columns = append(t.Columns, column)
	}
	for i, row := range g.rows {
		r := q.sheetRow(g, row, i)
		t.Rows, t.Open = append(t.Rows, r), t.Open || r.Open
	}
	return t
}

func (q *request) sheetRow(g grid, row candidate, i int) page.SheetRow {
	at := strconv.Itoa((g.page-1)*perPage + i)
	out := page.SheetRow{
		ID: row.ID.String(), Name: q.candidateName(row.GivenNames, row.FamilyNames, row.Candidate), Href: filePath(row.ID) + g.filter.query("at", at),
		Note: row.UnitCode, Total: q.loc.Decimal(row.points.Total), Open: q.mayMark(g.candidates, row),
	}
	for _, c := range g.scheme.criteria {
		out.Cells = append(out.Cells, q.sheetCell(g, row, c.Key, out))
	}
	return out
}

func (q *request) sheetCell(g grid, row candidate, key string, in page.SheetRow) page.SheetCell {
	c, marked := g.scheme.assessedBy(key)
	if !marked {
		line, ok := row.points.Line(key)
		if !ok || !known(line) {
			return page.SheetCell{Value: "–"}
		}
		return page.SheetCell{Value: q.loc.Decimal(line.Points)}
	}
	st := g.sheet.at(row.ID, c)
	if !in.Open {
		cell := page.SheetCell{Value: "–", Note: st.note(q)}
		if st.verdict.Combined.Valid {
			cell.Value = q.loc.Decimal(st.verdict.Combined.Decimal)
		}
		return cell
	}
	cell := page.SheetCell{
		Name: cellName(row.ID, c.Key), Label: in.Name + ": " + g.scheme.words(q.loc, c.Key), Value: localNumber(q, st.raw()), Raw: st.raw(),
		Open: true, Missing: st.wanted(), Note: st.note(q), Flag: st.flag(q),
	}
	if err := g.wrong[cell.Name]; err != nil {
		cell.Value, cell.Error = g.typed.Get("m."+cell.Name), q.cellProblem(err, st)
	}
	return cell
}

// cellProblem words why a mark was not saved.
func (q *request) cellProblem(err error, st standing) string {
	if mobility.KindOf(err) == mobility.Stale {
		return q.loc.T("office.changed_meanwhile") + " " + q.loc.T("office.now_there", "Points", localNumber(q, st.raw()))
	}
	return problemText(q.loc, err)
}

func (q *request) gridErrors(g grid) page.ErrorSummary {
	if len(g.wrong) == 0 {
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: q.loc.N("office.cells_not_saved", len(g.wrong))}
	for i, row := range g.rows {
		for _, cell := range q.sheetRow(g, row, i).Cells {
			if cell.Error != "" {
				out.Problems = append(out.Problems, page.Problem{Text: cell.Label + ": " + cell.Error, Href: "#" + cell.ID()})
			}
		}
	}
	return out
}

func (s *Server) saveMarks(q *request) error {
	g, err := s.readGrid(q)
	if err != nil {
		return err
	}
	if err := q.r.ParseForm(); err != nil {
		return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	saved, wrong, err := s.saveCells(q, g.candidates)
	if err != nil {
		return err
	}
	if len(wrong) == 0 {
		to := callPath(g.call.ID, "marks") + g.filter.query("page", strconv.Itoa(g.page))
		return s.done(q, to, "notice.cells_saved", "Number", strconv.Itoa(saved))
	}
	if g, err = s.readGrid(q); err != nil {
		return err
	}
	g.typed, g.wrong = q.r.PostForm, wrong
	return s.marksPage(q, http.StatusUnprocessableEntity, g)
}

// saveCells saves each changed cell by itself and gathers what is wrong with
// the others. What somebody may not do at all ends it.
func (s *Server) saveCells(q *request, c candidates) (saved int, wrong map[string]error, err error) {
	wrong = map[string]error{}
	for name := range q.r.PostForm {
		cell, typed := strings.CutPrefix(name, "m.")
		application, key, ok := cellOf(cell)
		if !ok || !typed {
			continue
		}
		points, seen := strings.TrimSpace(q.r.PostForm.Get(name)), q.r.PostForm.Get("s."+cell)
		if keep := q.r.PostForm.Get("keep") == cell; keep && samePoints(points, seen) {
			err = s.Process.KeepMark(q.ctx(), q.actor, application, key, q.arrived)
		} else if samePoints(points, seen) {
			continue
		} else {
			err = s.Process.SetMark(q.ctx(), q.actor, process.Mark{Application: application, Criterion: key, Points: points, Seen: seen, Arrived: q.arrived})
		}
		var e *mobility.Error
		switch {
		case err == nil:
			saved++
		case asProblem(err, &e) && (e.Kind == mobility.Invalid || e.Kind == mobility.Stale) && c.has(application):
			wrong[cell] = err
		default:
			return saved, wrong, err
		}
	}
	return saved, wrong, nil
}

func (c candidates) has(application uuid.UUID) bool {
	for _, row := range c.rows {
		if row.ID == application {
			return true
		}
	}
	return false
}
