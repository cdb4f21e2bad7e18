package web

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One run: as a draft to look at before anybody learns of it, and as the
// published result with its letters on their way.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /office/rankings/{ranking}", Guard: Coordinator, Handle: s.showRanking}}
})

// ranking is everything the page of a run shows.
type ranking struct {
	store.OfficeRankingRow
	def      *lifecycle.Definition
	scheme   scheme
	lack     process.Lack
	barred   bool // a conflict of interest hides until publication whatever hangs on a hidden file
	page     int
	outcome  string
	run      *run                     // as far as the reader sees it
	unseen   []uuid.UUID              // who else is in it
	total    int                      // entries behind the filter
	entries  []store.OfficeEntriesRow // the first only for comparing with if page > 1
	wishes   map[uuid.UUID][]store.OfficeChoiceOutcomesRow
	places   []store.OfficeRoundPlacesRow
	plan     []store.OfficeLetterPlanRow
	held     []store.OfficeHeldBackRow
	unranked []store.OfficeUnrankedRow
	letters  []store.OfficePublishedLettersRow
	list     listing
}

func (r ranking) published() bool { return r.Status == "published" }

// readRankingHead reads the run itself.
func (s *Server) readRankingHead(ctx context.Context, q *request, db store.DBTX) (r ranking, err error) {
	id, err := q.id("ranking")
	if err != nil {
		return r, err
	}
	if r.OfficeRankingRow, err = queries.OfficeRanking(ctx, db, store.OfficeRankingParams{ID: id, Institutions: q.house()}); err != nil {
		return r, err
	}
	if r.def, err = s.Process.Definition(ctx, db, r.DefinitionID); err != nil {
		return r, err
	}
	if r.scheme, err = readScheme(r.Scheme); err != nil {
		return r, err
	}
	r.scheme.questions = r.Questions
	barred, err := queries.BarredFromRound(ctx, db, r.RoundID)
	r.barred = barred && !r.published()
	return r, err
}

func (s *Server) readRanking(q *request) (r ranking, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if r, err = s.readRankingHead(ctx, q, db); err != nil {
			return err
		}
		if err := s.readRun(ctx, q, db, &r); err != nil {
			return err
		}
		if err := q.readEntries(ctx, db, &r); err != nil {
			return err
		}
		if err := q.readFigures(ctx, db, &r); err != nil {
			return err
		}
		if err := readListing(ctx, q, db, &r); err != nil {
			return err
		}
		if err := readChanges(ctx, q, db, &r); err != nil {
			return err
		}
		if err := q.callNameless(ctx, db, r.names()); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: r.InstitutionID, subjects: []uuid.UUID{r.ID}, filter: withQuery("", "outcome", r.outcome, "page", strconv.Itoa(r.page)), count: len(r.entries)})
	})
	return r, err
}

// names are the names on the page, to be filled in where they are hidden.
func (r *ranking) names() map[uuid.UUID]*string {
	out := map[uuid.UUID]*string{}
	for i := range r.entries {
		out[r.entries[i].ApplicationID] = &r.entries[i].Name
	}
	for i := range r.unranked {
		out[r.unranked[i].ID] = &r.unranked[i].Name
	}
	return out
}

// readRun cuts the stored result down to what the reader sees.
func (s *Server) readRun(ctx context.Context, q *request, db store.DBTX, r *ranking) error {
	whole, err := s.storedRun(ctx, db, r.ID)
	if err != nil {
		return err
	}
	who, err := q.reach(ctx, db, r.InstitutionID, r.RoundID)
	if err == nil && !r.published() {
		err = who.withoutRivals(ctx, db)
	}
	if err != nil {
		return err
	}
	if !r.barred {
		r.lack = process.LackOf(whole.result, r.Selection)
	}
	r.run, r.unseen = whole.seenBy(who)
	return err
}

func (q *request) readEntries(ctx context.Context, db store.DBTX, r *ranking) (err error) {
	v := q.r.URL.Query()
	r.page = pageOf(v)
	if slices.Contains(lifecycle.RankingOutcomes, lifecycle.RankingOutcome(v.Get("outcome"))) {
		r.outcome = v.Get("outcome")
	}
	skip, most := (r.page-1)*perPage, perPage
	if skip > 0 {
		skip, most = skip-1, most+1
	}
	behind := r.run.narrowed(r.outcome, idOf(v.Get("destination")))
	r.total = len(behind.entries)
	r.entries, err = queries.OfficeEntries(ctx, db, store.OfficeEntriesParams{RankingID: r.ID, Applications: behind.ids(skip, most), Self: q.actor.Person})
	if err != nil {
		return err
	}
	ids := make([]uuid.UUID, len(r.entries))
	for i, e := range r.entries {
		ids[i] = e.ApplicationID
	}
	rows, err := queries.OfficeChoiceOutcomes(ctx, db, store.OfficeChoiceOutcomesParams{RankingID: r.ID, Applications: ids})
	r.wishes = make(map[uuid.UUID][]store.OfficeChoiceOutcomesRow, len(ids))
	for _, row := range rows {
		r.wishes[row.ApplicationID] = append(r.wishes[row.ApplicationID], row)
	}
	return err
}

func (q *request) readFigures(ctx context.Context, db store.DBTX, r *ranking) (err error) {
	if r.places, err = queries.OfficeRoundPlaces(ctx, db, r.RoundID); err != nil {
		return err
	}
	if r.held, err = queries.OfficeHeldBack(ctx, db, store.OfficeHeldBackParams{RankingID: r.ID, RoundID: r.RoundID, Self: q.actor.Person}); err != nil {
		return err
	}
	if r.unranked, err = queries.OfficeUnranked(ctx, db, store.OfficeUnrankedParams{RankingID: r.ID, Self: q.actor.Person}); err != nil {
		return err
	}
	if r.Status != "draft" {
		r.letters, err = queries.OfficePublishedLetters(ctx, db, store.OfficePublishedLettersParams{CallID: &r.CallID, Ranking: r.ID.String()})
	}
	if err != nil || r.published() {
		return err
	}
	r.plan, err = queries.OfficeLetterPlan(ctx, db, store.OfficeLetterPlanParams{RankingID: r.ID, Unseen: r.unseen})
	return err
}

func (s *Server) showRanking(q *request) error {
	r, err := s.readRanking(q)
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("ranking.title_draft", "Number", r.Number)), Tabs: q.callTabs(r.CallID, "ranking"), Turn: q.rankingTurn(r)}
	switch {
	case r.published():
		p.Title = q.loc.T("ranking.title_published")
	case r.Status == "provisional":
		p.Title = q.loc.T("ranking.title_provisional", "Number", r.Number)
	}
	if n := q.unmarkedNotice(r); !n.Zero() {
		p.Notices = append(p.Notices, n)
	}
	if n := q.lackNotice(r); !n.Zero() && !r.published() {
		p.Notices = append(p.Notices, n)
	}
	if n := q.listNotice(r); !n.Zero() {
		p.Notices = append(p.Notices, n)
	}
	p.Wide, p.Kicker = true, r.OfficeRankingRow.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(r.CallID, r.OfficeRankingRow.Title), page.Link{Label: q.loc.T("office.tab_ranking"), Href: callPath(r.CallID, "ranking")})
	p.Parts = present([]page.Part{q.approvalPart(r), q.changesPart(r), q.figuresPart(r), q.demandPart(r), q.spreadPart(r), q.orderPart(r), q.letterPlanPart(r), q.progressPart(r), q.heldPart(r), q.unrankedPart(r), q.proofPart(r)})
	return s.render(q, http.StatusOK, p)
}

func (q *request) rankingTurn(r ranking) page.WhoseTurn {
	if r.published() {
		return page.WhoseTurn{Over: true, Whose: q.loc.T("ranking.done"), What: q.loc.T("ranking.done_what", "At", value(r.PublishedAt), "Name", r.PublishedBy), Next: q.loc.T("stage.next_published")}
	}
	w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), What: q.loc.T("ranking.look_what"), Next: q.loc.T("ranking.look_next")}
	if q.actor.Has(mobility.RoleOfficer) {
		w.Yours, w.Whose = true, q.loc.T("turn.yours")
		w.Buttons = []page.Button{{Label: q.loc.T("ranking.publish"), Href: rankingPath(r.ID) + "/publish"}}
	}
	if q.mayAssign() && !r.barred {
		w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("variant.open"), Href: rankingPath(r.ID) + "/variants", Look: page.Secondary})
	}
	return q.listTurn(r, w)
}

func (q *request) figuresPart(r ranking) page.Part {
	t := page.Table{Caption: q.loc.T("ranking.by_destination"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.destination")},
		{Label: q.loc.T("office.places"), Numeric: true},
		{Label: q.loc.T("ranking.listed"), Numeric: true},
		{Label: q.loc.T("ranking.placed"), Numeric: true},
		{Label: q.loc.T("ranking.lowest"), Numeric: true},
		{Label: q.loc.T("ranking.waiting"), Numeric: true},
	}}
	figures, places, sum := r.run.figures(), 0, runFigures{}
	for _, d := range r.places {
		f := figures[d.ID]
		cells := page.Cells(d.Host, q.loc.Number(int(d.Places)), q.loc.Number(f.listed), q.loc.Number(f.admitted), "–", q.loc.Number(f.waiting))
		cells[0].Note, cells[0].Href = q.loc.T("term."+d.Term)+" · "+d.Unit, withQuery(rankingPath(r.ID), "destination", d.ID.String())+"#order"
		if f.lowest != nil {
			cells[4].Text = q.loc.Decimal(*f.lowest)
		}
		if d.Barred && !r.published() {
			cells = page.Cells(d.Host, "–", "–", "–", "–", "–")
			cells[0].Tag = page.Tag{Label: q.loc.T("office.barred"), Tone: page.Warning}
			f = runFigures{}
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
		places, sum.admitted, sum.waiting = places+int(d.Places), sum.admitted+f.admitted, sum.waiting+f.waiting
	}
	t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("office.total"), q.loc.Number(places), "", q.loc.Number(sum.admitted), "", q.loc.Number(sum.waiting))})
	return page.Part{ID: "figures", Title: q.loc.T("ranking.by_destination"), Table: t}
}

// mostWanted is how many destinations the drawing of demand has; the table of
// the run has them all.
const mostWanted = 30

// demandPart draws how many want each destination against its places, the
// most wanted first.
func (q *request) demandPart(r ranking) page.Part {
	figures := r.run.figures()
	var wanted []page.Wanted
	for _, d := range r.places {
		if f := figures[d.ID]; f.listed > 0 && (!d.Barred || r.published()) {
			wanted = append(wanted, page.Wanted{Label: d.Host + ", " + q.loc.T("term."+d.Term), First: f.first, All: f.listed, Places: int(d.Places)})
		}
	}
	slices.SortStableFunc(wanted, func(a, b page.Wanted) int { return cmp.Compare(b.All*max(a.Places, 1), a.All*max(b.Places, 1)) })
	if len(wanted) == 0 {
		return page.Part{}
	}
	title := q.loc.T("ranking.demand")
	if len(wanted) > mostWanted {
		wanted, title = wanted[:mostWanted], q.loc.T("ranking.demand_most", "Count", mostWanted)
	}
	return page.Part{ID: "demand", Demand: page.DemandOf(q.loc, "demand-drawn", title, wanted)}
}

func (q *request) orderPart(r ranking) page.Part {
	part := page.Part{ID: "order", Title: q.loc.T("ranking.order"), Text: q.loc.T("ranking.order_text", "Rule", q.tieWords(r)), Table: page.Table{
		Caption: q.loc.T("ranking.order"), HideCaption: true, Columns: q.orderColumns(r),
		Empty: page.EmptyState{Title: q.loc.T("ranking.nobody"), Text: q.loc.T("ranking.nobody_text")},
	}}
	for i, e := range r.entries {
		if i == 0 && r.page > 1 {
			continue // only there to be compared with
		}
		tie := ""
		if i > 0 {
			tie = q.tie(r, r.entries[i-1], e)
		}
		part.Table.Rows = append(part.Table.Rows, q.entryRow(r, e, tie))
	}
	part.Pager = page.PagerOf(r.page, (r.total+perPage-1)/perPage, r.total, func(n int) string {
		return withQuery(rankingPath(r.ID), "outcome", r.outcome, "destination", q.r.URL.Query().Get("destination"), "page", strconv.Itoa(n)) + "#order"
	})
	part.Buttons = q.outcomeButtons(r)
	return part
}

// orderColumns are the headings of the order, one for each criterion between
// the sum and what came of it.
func (q *request) orderColumns(r ranking) []page.Column {
	out := []page.Column{{Label: q.loc.T("office.rank"), Numeric: true}, {Label: q.loc.T("office.name")}, {Label: q.loc.T("office.points"), Numeric: true}}
	for _, c := range r.scheme.criteria {
		out = append(out, page.Column{Label: c.label(q.loc), Numeric: true})
	}
	return append(out, page.Column{Label: q.loc.T("office.outcome")}, page.Column{Label: q.loc.T("office.why")}, page.Column{Label: q.loc.T("office.acts"), Hide: true})
}

// outcomeButtons narrow the order to one outcome.
func (q *request) outcomeButtons(r ranking) []page.Button {
	out := []page.Button{}
	if r.outcome != "" || q.r.URL.Query().Get("destination") != "" {
		out = append(out, page.Button{Label: q.loc.T("office.show_all"), Href: rankingPath(r.ID) + "#order", Look: page.Secondary})
	}
	for _, o := range lifecycle.RankingOutcomes {
		if r.outcome != string(o) {
			out = append(out, page.Button{Label: q.loc.T("ranking.only", "Outcome", q.loc.T("outcome."+string(o))), Href: withQuery(rankingPath(r.ID), "outcome", string(o)) + "#order", Look: page.Quiet})
		}
	}
	return out
}

// entryRow is one line of the order; tie says what put the one above first,
// if it was not points.
func (q *request) entryRow(r ranking, e store.OfficeEntriesRow, tie string) page.Row {
	rank := page.Cell{Text: "–"}
	if e.Rank > 0 && !r.barred { // where somebody hidden stands would show in it
		rank.Text = q.loc.Number(int(e.Rank))
	}
	outcome := page.Cell{Tag: outcomeTag(q.loc, e.Outcome), Note: e.Host}
	for _, w := range r.wishes[e.ApplicationID] {
		if w.ReserveRank != nil {
			outcome.Note = strings.TrimPrefix(outcome.Note+", "+q.loc.T("ranking.reserve_at", "Host", w.Host, "Rank", *w.ReserveRank), ", ")
		}
	}
	row, acts := page.Row{}, q.entryActs(r, e)
	if e.HeldBack != "" {
		row.Tone, outcome.Note = page.Warning, q.loc.T("office.held_back")
	}
	row.Cells = append([]page.Cell{rank, {Text: e.Name, Href: filePath(e.ApplicationID), Note: e.Unit}, {Text: q.loc.Decimal(e.Points), Note: tie}}, q.lineCells(r, e.Breakdown)...)
	row.Cells = append(row.Cells, outcome, page.Cell{Text: r.scheme.reasonText(q.loc, e.Data)}, page.Cell{Buttons: acts})
	return row
}

// entryActs are what may be done with an entry: read its letter, hold it back.
func (q *request) entryActs(r ranking, e store.OfficeEntriesRow) []page.Button {
	if e.HeldBack != "" {
		return nil
	}
	acts := []page.Button{{Label: q.loc.T("ranking.letter"), Href: rankingPath(r.ID) + "/letters/" + e.ApplicationID.String(), Look: page.Quiet}}
	if !r.published() && q.actor.Has(mobility.RoleOfficer) {
		if r.list.told != nil && !r.barred {
			acts = append(acts, page.Button{Label: q.loc.T("appeal.correct"), Href: filePath(e.ApplicationID) + "/correct", Look: page.Quiet})
		}
		acts = append(acts, page.Button{Label: q.loc.T("ranking.hold"), Href: rankingPath(r.ID) + "/held/" + e.ApplicationID.String(), Look: page.Quiet})
	}
	return acts
}

// lineCells are the points of each criterion; a dash where none were given.
func (q *request) lineCells(r ranking, data []byte) []page.Cell {
	var b rules.Scored
	_ = json.Unmarshal(data, &b) // erased: nothing is left of it
	return q.linesOf(r.scheme, b.Breakdown)
}

// tie says what put the one above first, if it was not points.
func (q *request) tie(r ranking, above, e store.OfficeEntriesRow) string {
	if e.Rank == 0 || above.Rank == 0 || !above.Points.Equal(e.Points) || r.outcome != "" {
		return ""
	}
	var a, b rules.Scored
	if json.Unmarshal(above.Breakdown, &a) != nil || json.Unmarshal(e.Breakdown, &b) != nil {
		return ""
	}
	chain := r.scheme.ties(q.loc)
	for i := range min(len(a.Ties), len(b.Ties), len(chain)) {
		if !a.Ties[i].Equal(b.Ties[i]) {
			return q.loc.T("ranking.by_tie", "Rule", chain[i])
		}
	}
	return q.loc.T("ranking.by_lot")
}

func (q *request) tieWords(r ranking) string {
	return strings.Join(append(r.scheme.ties(q.loc), q.loc.T("rule."+r.Selection.Ties)), " → ")
}
