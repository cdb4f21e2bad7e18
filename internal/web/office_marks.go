package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The grid of points: candidates down, criteria across. It is one form of
// plain inputs, so that the tab key walks along the row; saving saves every
// changed cell and tells beside a cell what is wrong with it.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/marks", Guard: Coordinator, Handle: s.showMarks},
		{Pattern: "POST /office/calls/{call}/marks", Guard: Coordinator, Handle: s.saveMarks},
	}
})

// grid is a page of the candidates with what was typed into it.
type grid struct {
	candidates
	page  int
	typed url.Values
	wrong map[string]error // by cell
}

// cellName names the input of one cell.
func cellName(application uuid.UUID, criterion string) string {
	return application.String() + "." + criterion
}

func (s *Server) readGrid(q *request) (g grid, err error) {
	g.page = pageOf(q.r.URL.Query())
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		g.candidates, err = s.readCandidates(ctx, q, db, (g.page-1)*perPage, perPage)
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

// mayMarkAny reports whether the reader gives points in this call at all.
func (q *request) mayMarkAny(c candidates) bool {
	return c.call.PublishedAt == nil && (q.actor.Has(mobility.RoleCoordinator) || q.actor.Has(mobility.RoleAssessor) || q.actor.Has(mobility.RoleOfficer))
}

func (s *Server) marksPage(q *request, status int, g grid) error {
	p := page.Office{Base: s.base(q, q.loc.T("office.tab_marks")), Tabs: q.callTabs(g.call.ID, "marks"), Turn: q.candidatesTurn(g.candidates)}
	p.Wide, p.Kicker, p.Breadcrumbs = true, g.call.Title.In(q.loc.Lang()), q.callCrumbs(g.call.ID, g.call.Title)
	path := callPath(g.call.ID, "marks")
	part := page.Part{ID: "marks", Text: q.loc.T("office.grid_text"), Table: q.marksGrid(g)}
	if q.mayMarkAny(g.candidates) && len(g.rows) > 0 {
		part.Action = path + g.filter.query("page", strconv.Itoa(g.page))
		part.Hidden = g.seen()
		part.Buttons = []page.Button{{Label: q.loc.T("office.save_all"), NoCheck: true}}
	} else if g.call.PublishedAt != nil {
		part.Text = q.loc.T("office.grid_closed")
	}
	p.Parts = []page.Part{part, {Pager: page.PagerOf(g.page, (g.total+perPage-1)/perPage, g.total, func(n int) string {
		return path + g.filter.query("page", strconv.Itoa(n))
	})}}
	p.Errors = q.gridErrors(g)
	return s.render(q, status, p)
}

// seen are the marks that stand, for the check that nobody else changed a cell.
func (g grid) seen() []page.Hidden {
	var out []page.Hidden
	for _, row := range g.rows {
		for _, line := range row.points.Lines {
			if line.Source == selection.SourceMark && row.SubmissionID != nil {
				out = append(out, page.Hidden{Name: "s." + cellName(row.ID, line.Key), Value: inputText(line)})
			}
		}
	}
	return out
}

func inputText(line selection.Line) string {
	if !line.Input.Valid {
		return ""
	}
	return line.Input.Decimal.String()
}

func (q *request) marksGrid(g grid) page.Table {
	t := page.Table{
		Caption: q.loc.T("office.tab_marks"), HideCaption: true, Scroll: true, Columns: []page.Column{{Label: q.loc.T("office.name")}},
		Empty: page.EmptyState{Title: q.loc.T("office.no_candidates"), Text: q.loc.T("office.no_candidates_text")},
	}
	for _, c := range g.scheme.criteria {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.T("office.criterion_max", "Criterion", c.label(q.loc), "Max", c.Max), Numeric: true})
	}
	t.Columns = append(t.Columns, page.Column{Label: q.loc.T("office.total"), Numeric: true}, page.Column{Label: q.loc.T("office.missing"), Numeric: true})
	for i, row := range g.rows {
		t.Rows = append(t.Rows, q.gridRow(g, row, i))
	}
	return t
}

func (q *request) gridRow(g grid, row candidate, i int) page.Row {
	name := full(row.GivenNames, row.FamilyNames)
	at := strconv.Itoa((g.page-1)*perPage + i)
	out := page.Row{Cells: []page.Cell{{Text: name, Href: filePath(row.ID) + g.filter.query("at", at), Note: row.UnitCode}}}
	open := row.SubmissionID != nil && row.Phase == mobility.PhaseSubmitted && q.mayMarkAny(g.candidates)
	for _, line := range row.points.Lines {
		switch {
		case open && line.Source == selection.SourceMark:
			field := q.gridField(g, row, line)
			out.Cells = append(out.Cells, page.Cell{Field: &field})
		case !line.Input.Valid:
			out.Cells = append(out.Cells, page.Cell{Text: "–"})
		default:
			out.Cells = append(out.Cells, page.Cell{Text: q.loc.Decimal(line.Points)})
		}
	}
	total, missing := page.Cell{Text: q.loc.Decimal(row.points.Total)}, page.Cell{}
	if n := len(row.points.Missing); n > 0 {
		missing.Text = q.loc.Number(n)
	}
	out.Cells = append(out.Cells, total, missing)
	return out
}

func (q *request) gridField(g grid, row candidate, line selection.Line) page.Field {
	cell := cellName(row.ID, line.Key)
	f := page.Field{
		Kind: page.Number, Short: true, HideLabel: true, Required: true, Name: "m." + cell, Value: localNumber(q, inputText(line)),
		Label: full(row.GivenNames, row.FamilyNames) + ": " + g.scheme.words(q.loc, line.Key),
	}
	if err := g.wrong[cell]; err != nil {
		f.Value, f.Error = g.typed.Get(f.Name), problemText(q.loc, err)
		if mobility.KindOf(err) == mobility.Stale {
			f.Error = q.loc.T("office.changed_meanwhile") + " " + q.loc.T("office.now_there", "Points", localNumber(q, inputText(line)))
		}
	}
	return f
}

func (q *request) gridErrors(g grid) page.ErrorSummary {
	if len(g.wrong) == 0 {
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: q.loc.N("office.cells_not_saved", len(g.wrong))}
	for _, row := range g.rows {
		for _, line := range row.points.Lines {
			if g.wrong[cellName(row.ID, line.Key)] != nil {
				f := q.gridField(g, row, line)
				out.Problems = append(out.Problems, page.Problem{Text: f.Label + ": " + f.Error, Href: "#" + f.ID()})
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
		cell, ok := strings.CutPrefix(name, "m.")
		id, key, two := strings.Cut(cell, ".")
		application, malformed := uuid.Parse(id)
		if !ok || !two || malformed != nil {
			continue
		}
		points, seen := strings.TrimSpace(q.r.PostForm.Get(name)), q.r.PostForm.Get("s."+cell)
		if samePoints(points, seen) {
			continue
		}
		err := s.Process.SetMark(q.ctx(), q.actor, process.Mark{Application: application, Criterion: key, Points: points, Seen: seen, Arrived: q.arrived})
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
