package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The outbox of a run: before it is told, every letter that would go and who
// gets none; afterwards what became of them.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/outbox", Guard: Officer, Handle: s.showOutbox},
		{Pattern: "POST /office/rankings/{ranking}/hold", Guard: Officer, Handle: s.holdSeveral},
	}
})

func outboxPath(id uuid.UUID) string { return rankingPath(id) + "/outbox" }

// Why somebody in a run gets no letter when it is told.
const (
	noLetterHeld   = "held"
	noLetterTold   = "told"   // by a move of its own, before
	noLetterMoved  = "moved"  // the file stands where this outcome leads nowhere
	noLetterErased = "erased" // there is nobody to write to
)

// noLetters lists the reasons, in the order in which they are shown.
var noLetters = []string{noLetterHeld, noLetterTold, noLetterMoved, noLetterErased}

// outboxRow is one person in a run, with the letters they get or why none.
type outboxRow struct {
	store.OutboxEntriesRow
	kinds  []string
	none   string
	edited map[string]store.OutboxEditsRow // by kind
}

// outboxFilter narrows the list, and goes with its reader from letter to
// letter.
type outboxFilter struct{ sought, kind, language, show string }

// What the list can be narrowed to.
const (
	showEdited  = "edited"
	showRefused = "refused"
	showNone    = "none"
)

func outboxFilterOf(q *request) outboxFilter {
	v := q.r.URL.Query()
	f := outboxFilter{sought: strings.TrimSpace(v.Get("q")), kind: v.Get("kind"), language: v.Get("language"), show: v.Get("show")}
	if len(f.sought) > 100 {
		f.sought = ""
	}
	return f
}

// on puts the filter behind an address.
func (f outboxFilter) on(path string, more ...string) string {
	return withQuery(path, append([]string{"q", f.sought, "kind", f.kind, "language", f.language, "show", f.show}, more...)...)
}

func (f outboxFilter) any() bool { return f != outboxFilter{} }

func (f outboxFilter) admits(row outboxRow) bool {
	switch {
	case f.sought != "" && !strings.Contains(strings.ToLower(row.Name), strings.ToLower(f.sought)):
		return false
	case f.kind != "" && !slices.Contains(row.kinds, f.kind), f.language != "" && row.Language != f.language:
		return false
	}
	switch f.show {
	case showEdited:
		return len(row.edited) > 0
	case showRefused:
		return row.Refused && row.none == ""
	case showNone:
		return row.none != ""
	}
	return true
}

// outboxView is a run with everybody in it whom the reader sees, by rank.
type outboxView struct {
	ranking
	rows   []outboxRow
	before []store.OutboxEditsBeforeRow // written by hand for an earlier run
}

// decidedLetters counts what telling the run leads to: who gets letters and,
// by reason, who gets none. Together they are everybody in it.
func (v outboxView) decidedLetters() (people, letters int, none map[string]int) {
	none = map[string]int{}
	for _, row := range v.rows {
		if row.none != "" {
			none[row.none]++
			continue
		}
		people, letters = people+1, letters+len(row.kinds)
	}
	return people, letters, none
}

func (v outboxView) narrowed(f outboxFilter) []outboxRow {
	var out []outboxRow
	for _, row := range v.rows {
		if f.admits(row) {
			out = append(out, row)
		}
	}
	return out
}

// readOutbox reads the run and everybody's letters, as far as the reader sees.
func (s *Server) readOutbox(ctx context.Context, q *request, db store.DBTX) (v outboxView, err error) {
	if v.ranking, err = s.readRankingHead(ctx, q, db); err != nil {
		return v, err
	}
	if err = s.readRun(ctx, q, db, &v.ranking); err != nil {
		return v, err
	}
	if err = readListing(ctx, q, db, &v.ranking); err != nil {
		return v, err
	}
	entries := v.run.entries
	ask := store.OutboxEntriesParams{Applications: v.run.ids(0, len(entries)), Outcomes: v.run.outcomes(), Self: q.actor.Person}
	for _, e := range entries {
		ask.Ranks = append(ask.Ranks, int32(e.rank))
	}
	found, err := queries.OutboxEntries(ctx, db, ask)
	if err != nil {
		return v, err
	}
	byID := make(map[uuid.UUID]store.OutboxEntriesRow, len(found))
	for _, row := range found {
		byID[row.ID] = row
	}
	for _, e := range entries { // in the run's order
		if row, ok := byID[e.application]; ok {
			v.rows = append(v.rows, v.outboxRow(row))
		}
	}
	if err = v.readEdits(ctx, db); err != nil {
		return v, err
	}
	names := map[uuid.UUID]*string{}
	for i := range v.rows {
		names[v.rows[i].ID] = &v.rows[i].Name
	}
	return v, q.callNameless(ctx, db, names)
}

func (v *outboxView) readEdits(ctx context.Context, db store.DBTX) error {
	edits, err := queries.OutboxEdits(ctx, db, v.ID)
	if err != nil {
		return err
	}
	at := make(map[uuid.UUID]int, len(v.rows))
	for i, row := range v.rows {
		at[row.ID] = i
	}
	for _, e := range edits {
		if i, ok := at[e.ApplicationID]; ok && slices.Contains(v.rows[i].kinds, e.Kind) {
			if v.rows[i].edited == nil {
				v.rows[i].edited = map[string]store.OutboxEditsRow{}
			}
			v.rows[i].edited[e.Kind] = e
		}
	}
	v.before, err = queries.OutboxEditsBefore(ctx, db, store.OutboxEditsBeforeParams{RoundID: v.RoundID, Number: v.Number, RankingID: v.ID})
	return err
}

// outboxRow says which letters an entry leads to, or why to none.
func (r ranking) outboxRow(e store.OutboxEntriesRow) outboxRow {
	row := outboxRow{OutboxEntriesRow: e, kinds: r.nextLetters(e.State, e.Outcome)}
	switch {
	case e.Erased:
		row.none = noLetterErased
	case e.Held:
		row.none = noLetterHeld
	case r.def.ForOutcome(e.State, lifecycle.RankingOutcome(e.Outcome)) == nil:
		row.none = noLetterMoved
	case len(row.kinds) == 0:
		row.none = noLetterTold
	}
	if row.none != "" {
		row.kinds = nil
	}
	return row
}

func (s *Server) showOutbox(q *request) error {
	var v outboxView
	var p progress
	filter, at := outboxFilterOf(q), pageOf(q.r.URL.Query())
	var rows []outboxRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if v.ranking, err = s.readRankingHead(ctx, q, db); err != nil {
			return err
		}
		if v.Status != "draft" {
			if p, err = q.readProgress(ctx, db, v.ranking); err != nil {
				return err
			}
		}
		if !v.published() {
			if v, err = s.readOutbox(ctx, q, db); err != nil {
				return err
			}
		}
		rows = v.narrowed(filter)
		return q.note(db, lookedAt{
			institution: v.InstitutionID, subjects: []uuid.UUID{v.ID},
			filter: withQuery("", "kind", filter.kind, "language", filter.language, "show", filter.show, "page", strconv.Itoa(at)), count: min(len(rows), perPage) + len(p.failed),
		})
	})
	if err != nil {
		return err
	}
	out := page.Office{Base: s.base(q, q.loc.T("outbox.title")), Tabs: q.callTabs(v.CallID, "ranking")}
	out.Wide, out.Kicker = true, v.OfficeRankingRow.Title.In(q.loc.Lang())
	out.Breadcrumbs = append(q.callCrumbs(v.CallID, v.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", v.Number), Href: rankingPath(v.ID)})
	if v.published() {
		out.Title = q.loc.T("outbox.title_told")
		q.follow(p)
		out.Turn, out.Notices, out.Parts = q.progressTurn(v.ranking, p), q.pauseNotices(p), q.progressParts(v.ranking, p)
		return s.render(q, http.StatusOK, out)
	}
	out.Turn, out.Lead = q.outboxTurn(v), q.loc.T("outbox.lead")
	if n := q.editsBefore(v); !n.Zero() {
		out.Notices = append(out.Notices, n)
	}
	if v.Status != "draft" {
		out.Notices = append(out.Notices, q.pauseNotices(p)...)
		out.Parts = q.progressParts(v.ranking, p)
	}
	out.Parts = append(out.Parts, q.outboxSum(v), q.outboxCounts(v), q.outboxList(v, filter, rows, at))
	out.Filter = q.outboxFilter(v, filter)
	out.Parts = present(out.Parts)
	return s.render(q, http.StatusOK, out)
}

func (q *request) outboxTurn(v outboxView) page.WhoseTurn {
	people, letters, _ := v.decidedLetters()
	w := page.WhoseTurn{
		Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("outbox.turn_what", letters, "People", q.loc.N("outbox.people", people)),
		Next: q.loc.T("outbox.turn_next"),
	}
	next := "/publish"
	if v.list.provisionalNext() {
		next = "/provisional"
	}
	w.Buttons = []page.Button{{Label: q.loc.T("outbox.to_publish"), Href: rankingPath(v.ID) + next}}
	for _, row := range v.rows {
		if row.none == "" {
			w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("outbox.read_first"), Look: page.Secondary, Href: rankingPath(v.ID) + "/letters/" + row.ID.String()})
			break
		}
	}
	return w
}

// editsBefore says which letters were written by hand for an earlier run and
// are not taken over.
func (q *request) editsBefore(v outboxView) page.Notice {
	if len(v.before) == 0 {
		return page.Notice{}
	}
	n := page.Notice{Tone: page.Warning, Title: q.loc.N("outbox.edits_before", len(v.before), "Number", v.before[0].Number), Text: q.loc.T("outbox.edits_before_text")}
	for _, b := range v.before {
		i := slices.IndexFunc(v.rows, func(r outboxRow) bool { return r.ID == b.ApplicationID })
		switch {
		case i < 0:
		case slices.Contains(v.rows[i].kinds, b.Kind):
			n.Links = append(n.Links, page.Link{
				Label: v.rows[i].Name + ": " + q.loc.T("letter_kind."+b.Kind),
				Href:  withQuery(editPath(v.ID, b.ApplicationID, b.Kind), "from", b.RankingID.String()),
			})
		default:
			n.Items = append(n.Items, q.loc.T("outbox.edit_before_gone", "Name", v.rows[i].Name, "Letter", q.loc.T("letter_kind."+b.Kind)))
		}
	}
	return n
}

func editPath(ranking, application uuid.UUID, kind string) string {
	return rankingPath(ranking) + "/letters/" + application.String() + "/" + kind + "/edit"
}

// mayAct reports whether the reader writes, samples and holds back.
func (q *request) mayAct(r ranking) bool { return !r.published() && q.actor.Has(mobility.RoleOfficer) }
