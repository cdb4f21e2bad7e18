package web

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The candidates of a call: filter, sort, page, export.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/calls/{call}/candidates", Guard: Coordinator, Handle: s.listCandidates},
		{Pattern: "GET /office/calls/{call}/candidates.csv", Guard: Coordinator, Handle: s.exportCandidates},
	}
})

// perPage is how many rows a page of a list has.
const perPage = 50

// candidateFilter is what the address of a list says.
type candidateFilter struct {
	name        string
	phase       string
	state       string
	duty        duty
	unit        *uuid.UUID
	destination *uuid.UUID
	missing     bool
	bounced     bool // the address does not work
	sort        string
	descending  bool
}

var candidateSorts = []string{"name", "unit", "average", "points", "state", "missing", "moved"}

func filterOf(v url.Values) candidateFilter {
	f := candidateFilter{name: v.Get("q"), phase: v.Get("phase"), state: v.Get("state"), duty: duty(v.Get("duty")), missing: v.Get("missing") == "true", bounced: v.Get("bounced") == "true"}
	if len(f.name) > 100 {
		f.name = f.name[:100]
	}
	if !slices.Contains(mobility.Phases, mobility.Phase(f.phase)) {
		f.phase = ""
	}
	if !slices.Contains(duties, f.duty) {
		f.duty = dutyNone
	}
	f.unit, f.destination = idOf(v.Get("unit")), idOf(v.Get("destination"))
	if slices.Contains(candidateSorts, v.Get("sort")) {
		f.sort, f.descending = v.Get("sort"), v.Get("down") == "true"
	}
	return f
}

func idOf(text string) *uuid.UUID {
	id, err := uuid.Parse(text)
	if err != nil {
		return nil
	}
	return &id
}

// query is the filter as an address, changes applied; with a name left out it
// is fit for an access line.
func (f candidateFilter) query(changes ...string) string {
	pairs := []string{"q", f.name, "phase", f.phase, "state", f.state, "duty", string(f.duty), "sort", f.sort}
	if f.unit != nil {
		pairs = append(pairs, "unit", f.unit.String())
	}
	if f.destination != nil {
		pairs = append(pairs, "destination", f.destination.String())
	}
	if f.missing {
		pairs = append(pairs, "missing", "true")
	}
	if f.bounced {
		pairs = append(pairs, "bounced", "true")
	}
	if f.descending {
		pairs = append(pairs, "down", "true")
	}
	return withQuery("", append(pairs, changes...)...)
}

// params are the filter for the database, for rows from skip on.
func (f candidateFilter) params(q *request, call uuid.UUID, def *lifecycle.Definition, skip, most int) store.OfficeCandidatesParams {
	p := store.OfficeCandidatesParams{
		CallID: call, Institutions: q.house(), Self: q.actor.Person, Phase: f.phase, States: []string{}, UnitID: f.unit, DestinationID: f.destination,
		Named: likeText(f.name), Unmarked: f.missing, Bounced: f.bounced, Sort: f.sort, Descending: f.descending, Skip: int32(skip), Most: int32(most),
	}
	switch {
	case f.state != "":
		p.States = []string{f.state}
	case f.duty != dutyNone:
		p.States = append(statesOf(def, f.duty), "") // a duty no state has finds nothing
	}
	return p
}

// candidates is one page of the list.
type candidates struct {
	call         store.OfficeCallRow
	def          *lifecycle.Definition
	scheme       scheme
	filter       candidateFilter
	rows         []candidate
	bounced      bouncedSince
	total        int
	skip         int
	units        []store.OfficeUnitsRow
	destinations []store.OfficeDestinationNamesRow
}

// candidate is one row with what was computed from it.
type candidate struct {
	store.OfficeCandidatesRow
	facts  process.SubmittedFacts
	points rules.Breakdown
	wishes []store.OfficeChoicesRow
}

// readCandidates reads rows from skip on and leaves the access line.
func (s *Server) readCandidates(ctx context.Context, q *request, db store.DBTX, skip, most int) (c candidates, err error) {
	c.filter, c.skip = filterOf(q.r.URL.Query()), skip
	if c.call, err = s.officeCall(q, db); err != nil {
		return c, err
	}
	if c.def, err = s.Process.Definition(ctx, db, c.call.DefinitionID); err != nil {
		return c, err
	}
	if c.scheme, err = readScheme(c.call.Scheme); err != nil {
		return c, err
	}
	from, upTo := skip, most
	if c.filter.sort == byPoints {
		from, upTo = 0, math.MaxInt32
	}
	rows, err := queries.OfficeCandidates(ctx, db, c.filter.params(q, c.call.ID, c.def, from, upTo))
	if err != nil {
		return c, err
	}
	if err := c.fill(ctx, db, rows); err != nil {
		return c, err
	}
	if c.bounced, err = bouncedApplicants(ctx, db, c.call.ID); err != nil {
		return c, err
	}
	if c.filter.sort == byPoints {
		c.orderByPoints(skip, most)
	}
	logged := c.filter
	logged.name = ""
	return c, q.note(db, lookedAt{institution: c.call.InstitutionID, subjects: []uuid.UUID{c.call.ID}, filter: logged.query(), count: len(c.rows)})
}

func (c *candidates) fill(ctx context.Context, db store.DBTX, rows []store.OfficeCandidatesRow) error {
	var submissions []uuid.UUID
	ids := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	scored, err := c.scheme.score(ctx, db, valuesOf(c.call, ids))
	if err != nil {
		return err
	}
	for _, row := range rows {
		c.total = int(row.Total)
		one := candidate{OfficeCandidatesRow: row, points: scored[row.ID].Breakdown}
		if err := json.Unmarshal(row.Facts, &one.facts); err != nil {
			return fmt.Errorf("facts of %s: %w", row.ID, err)
		}
		c.rows = append(c.rows, one)
		if row.SubmissionID != nil {
			submissions = append(submissions, *row.SubmissionID)
		}
	}
	wishes, err := queries.OfficeChoices(ctx, db, submissions)
	if err != nil {
		return err
	}
	of := make(map[uuid.UUID][]store.OfficeChoicesRow, len(submissions))
	for _, w := range wishes {
		of[w.SubmissionID] = append(of[w.SubmissionID], w)
	}
	for i := range c.rows {
		if id := c.rows[i].SubmissionID; id != nil {
			c.rows[i].wishes = of[*id]
		}
	}
	return nil
}

func (s *Server) listCandidates(q *request) error {
	var c candidates
	at := pageOf(q.r.URL.Query())
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if c, err = s.readCandidates(ctx, q, db, (at-1)*perPage, perPage); err != nil {
			return err
		}
		if c.units, err = queries.OfficeUnits(ctx, db, store.OfficeUnitsParams{CallID: c.call.ID, Self: q.actor.Person}); err != nil {
			return err
		}
		c.destinations, err = queries.OfficeDestinationNames(ctx, db, c.call.ID)
		return err
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("office.tab_candidates")), Tabs: q.callTabs(c.call.ID, "candidates")}
	p.Wide, p.Kicker, p.Breadcrumbs = true, c.call.Title.In(q.loc.Lang()), q.callCrumbs(c.call.ID, c.call.Title)
	p.Turn = q.candidatesTurn(c)
	p.Filter = q.candidatesFilter(c)
	pages := (c.total + perPage - 1) / perPage
	path := callPath(c.call.ID, "candidates")
	part := page.Part{ID: "candidates", Table: q.candidatesTable(c), Pager: page.PagerOf(at, pages, c.total, func(n int) string {
		return path + c.filter.query("page", strconv.Itoa(n))
	})}
	if c.total > 0 {
		part.Buttons = []page.Button{
			{Label: q.loc.T("office.export"), Href: path + ".csv" + c.filter.query(), Look: page.Secondary},
			{Label: q.loc.T("office.tab_marks"), Href: callPath(c.call.ID, "marks") + c.filter.query(), Look: page.Secondary},
		}
		if q.mayWrite() {
			part.Buttons = append(part.Buttons, page.Button{Label: q.loc.T("write.to_these"), Href: callPath(c.call.ID, "write") + c.filter.query(), Look: page.Secondary})
		}
	}
	p.Parts = []page.Part{part}
	return s.render(q, http.StatusOK, p)
}

// candidatesTurn says what is expected in the call now.
func (q *request) candidatesTurn(c candidates) page.WhoseTurn {
	stage := stageOf(callDates{c.call.OpenedAt, c.call.OpensAt, c.call.ClosesAt, c.call.AssessBy, c.call.PublishedAt}, q.now)
	until := stage.next(callDates{c.call.OpenedAt, c.call.OpensAt, c.call.ClosesAt, c.call.AssessBy, c.call.PublishedAt}).moment(q, c.call.Zone)
	w := page.WhoseTurn{Until: until, Next: q.loc.T("stage.next_" + string(stage)), What: q.loc.T("stage.list_" + string(stage))}
	switch stage {
	case stagePrepared:
		w.Whose = q.loc.T("turn.officer")
	case stageAnnounced, stageOpen:
		w.Whose = q.loc.T("turn.applicant")
	case stageAssessed:
		w.Whose = q.loc.T("turn.coordinator")
		if q.mineOf(dutyAssess) {
			w.Whose, w.Yours = q.loc.T("turn.yours"), true
		}
	case stagePublished:
		w.Whose = q.loc.T("stage.turn_published")
	}
	return w
}

func (q *request) candidatesFilter(c candidates) page.Filter {
	f, lang := c.filter, q.loc.Lang()
	path := callPath(c.call.ID, "candidates")
	phase := page.Field{Kind: page.Select, Name: "phase", Blank: q.loc.T("office.any"), Label: q.loc.T("office.phase"), Value: f.phase}
	for _, ph := range mobility.Phases {
		phase.Options = append(phase.Options, page.Option{Value: string(ph), Label: q.loc.T("phase." + string(ph))})
	}
	state := page.Field{Kind: page.Select, Name: "state", Blank: q.loc.T("office.any"), Label: q.loc.T("office.state"), Value: f.state}
	for _, st := range c.def.States {
		state.Options = append(state.Options, page.Option{Value: string(st.Name), Label: st.Label[lifecycle.AudienceOffice].In(lang)})
	}
	what := page.Field{Kind: page.Select, Name: "duty", Blank: q.loc.T("office.any"), Label: q.loc.T("office.waits_for"), Value: string(f.duty)}
	for _, d := range duties {
		if len(statesOf(c.def, d)) > 0 {
			what.Options = append(what.Options, page.Option{Value: string(d), Label: q.loc.T("duty." + string(d))})
		}
	}
	unit := page.Field{Kind: page.Select, Name: "unit", Blank: q.loc.T("office.any"), Label: q.loc.T("office.unit"), Value: idText(f.unit)}
	for _, u := range c.units {
		unit.Options = append(unit.Options, page.Option{Value: u.ID.String(), Label: u.Code + " · " + u.Name.In(lang)})
	}
	destination := page.Field{Kind: page.Select, Name: "destination", Blank: q.loc.T("office.any"), Label: q.loc.T("office.destination"), Value: idText(f.destination)}
	for _, d := range c.destinations {
		destination.Options = append(destination.Options, page.Option{Value: d.ID.String(), Label: d.Host + " · " + q.loc.T("term."+d.Term)})
	}
	missing := page.Field{Kind: page.Checkbox, Name: "missing", Label: q.loc.T("office.only_missing"), Value: strconv.FormatBool(f.missing)}
	out := page.Filter{Action: path, Fields: []page.Field{
		{Kind: page.Search, Name: "q", Label: q.loc.T("office.name"), Value: f.name, MaxLength: 100}, what, state, phase,
	}}
	if len(c.units) > 1 {
		out.Fields = append(out.Fields, unit)
	}
	out.Fields = append(out.Fields, destination, missing)
	if len(c.bounced) > 0 || f.bounced {
		out.Fields = append(out.Fields, page.Field{Kind: page.Checkbox, Name: "bounced", Label: q.loc.T("bounce.only_address"), Value: strconv.FormatBool(f.bounced)})
	}
	if f.sort != "" {
		out.Hidden = []page.Hidden{{Name: "sort", Value: f.sort}, {Name: "down", Value: strconv.FormatBool(f.descending)}}
	}
	if f.query() != "" {
		out.Clear = page.Link{Label: q.loc.T("office.show_all"), Href: path}
	}
	return out
}

func idText(id *uuid.UUID) string {
	if id == nil {
		return ""
	}
	return id.String()
}

// sortable is a heading that sorts by key, the other way when pressed again.
func (f candidateFilter) sortable(path, label, key string, numeric bool) page.Column {
	next, col := f, page.Column{Label: label, Numeric: numeric}
	next.sort, next.descending = key, numeric
	if f.sort == key || (f.sort == "" && key == "name") {
		col.Sorted, next.descending = "ascending", !f.descending
		if f.descending {
			col.Sorted = "descending"
		}
	}
	col.Href = path + next.query()
	return col
}

func (q *request) candidatesTable(c candidates) page.Table {
	path, f := callPath(c.call.ID, "candidates"), c.filter
	t := page.Table{
		Caption: q.loc.T("office.tab_candidates"), HideCaption: true,
		Columns: []page.Column{
			f.sortable(path, q.loc.T("office.name"), "name", false), f.sortable(path, q.loc.T("office.unit"), "unit", false),
			f.sortable(path, q.loc.T("office.average"), "average", true),
			{Label: q.loc.T("office.choices")},
			f.sortable(path, q.loc.T("office.state"), "state", false), f.sortable(path, q.loc.T("office.points"), "points", true),
			f.sortable(path, q.loc.T("office.missing"), "missing", true),
		},
		Empty: page.EmptyState{Title: q.loc.T("office.no_candidates"), Text: q.loc.T("office.no_candidates_text")},
	}
	for i, row := range c.rows {
		t.Rows = append(t.Rows, q.candidateRow(c, row, c.skip+i))
	}
	return t
}

func (q *request) candidateRow(c candidates, row candidate, at int) page.Row {
	name := page.Cell{Text: q.candidateName(row.GivenNames, row.FamilyNames, row.Candidate), Href: filePath(row.ID) + c.filter.query("at", strconv.Itoa(at))}
	name.Tag = c.bounced.tag(q, row.ID)
	if row.Late {
		name.Tag = page.Tag{Label: q.loc.T("office.late"), Tone: page.Warning}
	}
	average := page.Cell{}
	if row.facts.Average != nil {
		average.Text = q.loc.Fixed(*row.facts.Average, 2)
	}
	cells := []page.Cell{
		name,
		{Text: row.UnitCode, Note: cycleYear(q.loc, row.facts)},
		average, wishCell(q.loc, row.wishes),
		{Tag: stateTag(q.loc, c.def, row.State)},
		{},
		{},
	}
	if row.SubmissionID != nil {
		cells[5].Text = q.loc.Decimal(row.points.Total)
		if n := len(row.points.Missing); n > 0 {
			cells[6] = page.Cell{Text: q.loc.Number(n), Note: missingWords(q.loc, c.scheme, row.points.Missing)}
		}
	}
	if row.HeldBack != "" {
		cells[4].Note = q.loc.T("office.held_back")
	}
	return page.Row{Cells: cells}
}

func missingWords(loc locale.Printer, s scheme, keys []string) string {
	words := make([]string, len(keys))
	for i, key := range keys {
		words[i] = s.words(loc, key)
	}
	return loc.List(words)
}
