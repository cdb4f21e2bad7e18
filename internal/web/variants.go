package web

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What-if: a run computed otherwise, several variants beside each other.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/variants", Guard: Coordinator, Handle: s.listVariants},
		{Pattern: "POST /office/rankings/{ranking}/variants", Guard: Coordinator, Handle: s.tryVariant},
		{Pattern: "GET /office/variants/{variant}", Guard: Coordinator, Handle: s.showVariant},
		{Pattern: "GET /office/variants/{variant}/moves.csv", Guard: Coordinator, Handle: s.exportVariantCSV},
		{Pattern: "GET /office/variants/{variant}/moves.xlsx", Guard: Coordinator, Handle: s.exportVariantXLSX},
	}
})

func variantPath(id uuid.UUID) string { return "/office/variants/" + id.String() }

// variants is a run with what was tried on it.
type variants struct {
	ranking
	part    bool // the reader sees some of the files alone: everything is about those
	base    selection.Result
	tried   []variant
	people  map[uuid.UUID]store.VariantPeopleRow
	pools   []store.VariantPoolsRow
	hosts   map[uuid.UUID]store.OfficeRoundPlacesRow
	entries map[uuid.UUID]selection.Entry // of the run
	shares  map[uuid.UUID]string          // the share each belongs to
}

// variant is one of them with how people fare against the run.
type variant struct {
	store.VariantsOfRankingRow
	changes []process.VariantChange
	result  selection.Result
	compare selection.Comparison
}

func (s *Server) readVariants(q *request, ranking uuid.UUID) (v variants, err error) {
	if !q.mayAssign() {
		return v, mobility.ForbiddenError("refusal.role_needed")
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		q.r.SetPathValue("ranking", ranking.String())
		if v.ranking, err = s.readRankingHead(ctx, q, db); err != nil {
			return err
		}
		barred, err := queries.BarredFromRound(ctx, db, v.RoundID)
		if err != nil {
			return err
		}
		if barred {
			return mobility.ForbiddenError("refusal.barred_from_round")
		}
		who, err := q.reach(ctx, db, v.InstitutionID, v.RoundID)
		if err != nil {
			return err
		}
		v.part = !who.all
		if err := v.readTried(ctx, db, who); err != nil {
			return err
		}
		if err := v.readNames(ctx, q, db); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: v.InstitutionID, subjects: []uuid.UUID{v.ID}, filter: "variants", count: len(v.people)})
	})
	return v, err
}

func (v *variants) readTried(ctx context.Context, db store.DBTX, who reach) error {
	text, err := queries.RankingResult(ctx, db, v.ID)
	if err != nil {
		return err
	}
	if v.base, err = selection.ReadResult(strings.NewReader(text)); err != nil {
		return err
	}
	v.base = who.narrow(v.base)
	v.entries = make(map[uuid.UUID]selection.Entry, len(v.base.Entries))
	for _, e := range v.base.Entries {
		v.entries[e.Applicant] = e
	}
	if text, err = queries.RankingInputText(ctx, db, v.ID); err != nil {
		return err
	}
	in, err := selection.ReadInput(strings.NewReader(text))
	if err != nil {
		return err
	}
	v.shares = make(map[uuid.UUID]string, len(in.Applicants))
	for _, a := range in.Applicants {
		v.shares[a.ID] = a.Group
	}
	rows, err := queries.VariantsOfRanking(ctx, db, v.ID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		one := variant{VariantsOfRankingRow: row}
		if err := json.Unmarshal(row.Changes, &one.changes); err != nil {
			return err
		}
		if one.result, err = selection.ReadResult(strings.NewReader(row.Result)); err != nil {
			return err
		}
		one.result = who.narrow(one.result)
		one.compare = selection.Compare(v.base, one.result)
		v.tried = append(v.tried, one)
	}
	return nil
}

func (v *variants) readNames(ctx context.Context, q *request, db store.DBTX) error {
	people, err := queries.VariantPeople(ctx, db, v.RoundID)
	if err != nil {
		return err
	}
	names := make(map[uuid.UUID]*string, len(people))
	for i := range people {
		names[people[i].ID] = &people[i].Name
	}
	if err := q.callNameless(ctx, db, names); err != nil {
		return err
	}
	v.people = make(map[uuid.UUID]store.VariantPeopleRow, len(people))
	for _, p := range people {
		v.people[p.ID] = p
	}
	places, err := queries.OfficeRoundPlaces(ctx, db, v.RoundID)
	if err != nil {
		return err
	}
	v.places, v.hosts = places, make(map[uuid.UUID]store.OfficeRoundPlacesRow, len(places))
	for _, d := range places {
		v.hosts[d.ID] = d
	}
	v.pools, err = queries.VariantPools(ctx, db, store.VariantPoolsParams{RoundID: v.RoundID, CallID: &v.CallID})
	return err
}

func (s *Server) listVariants(q *request) error {
	id, err := q.id("ranking")
	if err != nil {
		return err
	}
	v, err := s.readVariants(q, id)
	if err != nil {
		return err
	}
	typed := form.Values{}
	if from := idOf(q.r.URL.Query().Get("from")); from != nil {
		typed = v.typedFrom(*from)
	}
	return s.variantsPage(q, http.StatusOK, v, typed, nil)
}

func (s *Server) variantsPage(q *request, status int, v variants, typed form.Values, refused error) error {
	p := page.Office{Base: s.base(q, q.loc.T("variant.title", "Number", v.Number)), Tabs: q.callTabs(v.CallID, "ranking")}
	p.Wide, p.Kicker = true, v.OfficeRankingRow.Title.In(q.loc.Lang())
	p.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", v.Number), Href: rankingPath(v.ID)})
	p.Turn = page.WhoseTurn{Whose: q.loc.T("turn.yours"), Yours: true, What: q.loc.T("variant.what"), Next: q.loc.T("variant.next")}
	if v.part {
		p.Notices = []page.Notice{{Text: q.loc.T("variant.part_text")}}
	}
	part, problems := q.variantForm(v, typed, refused)
	p.Errors = problems
	if len(v.tried) > 0 {
		p.Parts = []page.Part{q.besidePart(v), q.groupsPart(v)}
	}
	if v.published() {
		p.Turn = page.WhoseTurn{Over: true, Whose: q.loc.T("ranking.done"), What: q.loc.T("variant.over"), Next: q.loc.T("stage.next_published")}
	} else {
		p.Parts = append(p.Parts, part)
	}
	return s.render(q, status, p)
}

// besidePart lays the run and its variants side by side.
func (q *request) besidePart(v variants) page.Part {
	t := page.Table{Caption: q.loc.T("variant.beside"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("variant.one")},
		{Label: q.loc.T("ranking.placed"), Numeric: true},
		{Label: q.loc.T("variant.first_wish"), Numeric: true},
		{Label: q.loc.T("variant.in"), Numeric: true},
		{Label: q.loc.T("variant.up"), Numeric: true},
		{Label: q.loc.T("variant.down"), Numeric: true},
		{Label: q.loc.T("variant.out"), Numeric: true},
		{Label: q.loc.T("variant.cut_offs_changed"), Numeric: true},
		{Label: q.loc.T("variant.who_moves")},
	}}
	row := page.Row{Strong: true, Cells: append(page.Cells(q.loc.T("ranking.number", "Number", v.Number), q.loc.Number(placedIn(v.base)), q.loc.Number(firstWishes(v.base))), page.Cells("–", "–", "–", "–", "–", "")...)}
	row.Cells[0].Href = rankingPath(v.ID)
	t.Rows = append(t.Rows, row)
	for _, one := range v.tried {
		tally := one.tally(nil)
		changed := 0
		for _, c := range one.compare.CutOffs {
			if c.Changed() {
				changed++
			}
		}
		cells := page.Cells(q.loc.T("variant.number", "Number", one.Number, "Name", one.Name), q.loc.Number(placedIn(one.result)), q.loc.Number(firstWishes(one.result)),
			q.loc.Number(tally.In), q.loc.Number(tally.Up), q.loc.Number(tally.Down), q.loc.Number(tally.Out), q.loc.Number(changed))
		cells[0].Href, cells[0].Note = variantPath(one.ID), one.TriedBy
		t.Rows = append(t.Rows, page.Row{Cells: append(cells, page.Cell{Bar: q.movesBar(tally)})})
	}
	return page.Part{ID: "beside", Title: q.loc.T("variant.beside"), Text: q.loc.T("variant.beside_text"), Table: t}
}

func placedIn(r selection.Result) int {
	n := 0
	for _, e := range r.Entries {
		if _, ok := e.Placed(); ok {
			n++
		}
	}
	return n
}

func firstWishes(r selection.Result) int {
	n := 0
	for _, e := range r.Entries {
		if c, ok := e.Placed(); ok && c.Preference == 1 {
			n++
		}
	}
	return n
}

// tally counts shifts of those in a group; nil: of all.
func (v variant) tally(in func(uuid.UUID) bool) selection.Tally {
	var t selection.Tally
	for _, s := range v.compare.Shifts {
		if in == nil || in(s.Applicant) {
			t.Count(s)
		}
	}
	return t
}

// movesBar draws who moves, as shares of all who are in the run.
func (q *request) movesBar(t selection.Tally) *page.PointsBar {
	all := t.Moves() + t.Same
	score := func(label string, n int) page.Score {
		return page.Score{Label: q.loc.T(label), Points: decimalOf(n), Max: decimalOf(n)}
	}
	bar := page.BarOf(q.loc, "", score("variant.in", t.In), score("variant.up", t.Up), score("variant.down", t.Down), score("variant.out", t.Out), page.Score{Label: q.loc.T("variant.same"), Max: decimalOf(t.Same)})
	bar.Text = q.loc.T("variant.moves_of", "Moves", q.loc.Number(t.Moves()), "All", q.loc.Number(all))
	bar.Parts = bar.Parts[:4]
	for i, n := range []int{t.In, t.Up, t.Down, t.Out} {
		bar.Parts[i].Text = q.loc.Number(n)
	}
	return &bar
}

// group is some of the people in a run, as counts beside each other tell of
// them.
type group struct {
	label string
	in    func(uuid.UUID) bool
}

// groups are units, genders, cycles and the groups of guaranteed shares.
func (q *request) groups(v variants) []group {
	var out []group
	add := func(prefix string, of func(store.VariantPeopleRow) string) {
		seen := map[string]bool{}
		for _, e := range v.base.Entries {
			key := of(v.people[e.Applicant])
			if key == "" || seen[key] {
				continue
			}
			seen[key] = true
		}
		for _, key := range slices.Sorted(maps.Keys(seen)) {
			label := key
			if prefix != "" {
				label = q.loc.T(prefix + key)
			}
			out = append(out, group{label, func(id uuid.UUID) bool { return of(v.people[id]) == key }})
		}
	}
	add("", func(p store.VariantPeopleRow) string { return p.Unit })
	add("gender.", func(p store.VariantPeopleRow) string { return p.Gender })
	add("cycle.", func(p store.VariantPeopleRow) string { return p.Cycle })
	for i, rule := range v.Selection.Shares {
		name := process.ShareGroup(i + 1)
		out = append(out, group{rule.Label.In(q.loc.Lang()), func(id uuid.UUID) bool { return v.shares[id] == name }})
	}
	return out
}

// groupsPart counts who is placed, by group, in the run and in each variant.
func (q *request) groupsPart(v variants) page.Part {
	t := page.Table{Caption: q.loc.T("variant.groups"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("variant.group")}, {Label: q.loc.T("ranking.ranked"), Numeric: true}, {Label: q.loc.T("ranking.number", "Number", v.Number), Numeric: true},
	}}
	for _, one := range v.tried {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.T("variant.short", "Number", one.Number), Numeric: true})
	}
	for _, g := range q.groups(v) {
		all, placed := 0, 0
		for id, e := range v.entries {
			if !g.in(id) {
				continue
			}
			all++
			if _, ok := e.Placed(); ok {
				placed++
			}
		}
		cells := page.Cells(g.label, q.loc.Number(all), q.loc.Number(placed))
		for _, one := range v.tried {
			cells = append(cells, page.Cell{Text: q.loc.Number(one.tally(g.in).PlacedAfter)})
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return page.Part{ID: "groups", Title: q.loc.T("variant.groups"), Text: q.loc.T("variant.groups_text"), Table: t}
}

func (s *Server) tryVariant(q *request) error {
	id, err := q.id("ranking")
	if err != nil {
		return err
	}
	v, err := s.readVariants(q, id)
	if err != nil {
		return err
	}
	typed, trial, err := q.decodeTrial(v)
	if err == nil {
		trial.Ranking, trial.Arrived = v.ID, q.arrived
		var made uuid.UUID
		if made, err = s.Process.TryVariant(q.ctx(), q.actor, trial); err == nil {
			return s.done(q, variantPath(made), "notice.variant_tried")
		}
		err = besideFields(err, trial.Changes)
	}
	return s.variantRefused(q, v, typed, err)
}

// variantRefused shows the form again with what is wrong, typed text kept.
func (s *Server) variantRefused(q *request, v variants, typed form.Values, err error) error {
	_, invalid := problemsOf(err)
	if invalid && v.published() { // the form to be mended is gone
		return mobility.ConflictError("conflict.already_published", nil)
	}
	if invalid {
		return s.variantsPage(q, http.StatusUnprocessableEntity, v, typed, err)
	}
	if mobility.KindOf(err) == mobility.Stale {
		return s.variantsPage(q, http.StatusConflict, v, typed, err)
	}
	return err
}

func decimalOf(n int) decimal.Decimal { return decimal.NewFromInt(int64(n)) }
