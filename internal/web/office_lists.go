package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Lists before they are final: a second person's approval, and the provisional
// list with its window to appeal.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "POST /office/rankings/{ranking}/approved", Guard: Officer, Handle: s.approveRanking},
		{Pattern: "GET /office/rankings/{ranking}/provisional", Guard: Officer, Handle: s.askProvisional},
		{Pattern: "POST /office/rankings/{ranking}/provisional", Guard: Officer, Handle: s.publishProvisionally},
	}
})

// listing is how the list of a run comes out, and how far it is.
type listing struct {
	store.CallListsRow
	approvals []store.ApprovalsRow
	told      *store.ProvisionalListRow // of the round; nil: not yet
	window    *store.AppealWindowRow
	waiting   int       // appeals without an answer
	appealBy  time.Time // when the window of a list told now would close
	changed   []change
}

// change is one person whom a run gives another result than the provisional
// list told.
type change struct {
	selection.Shift
	name, before, after string
}

// provisionalNext reports whether this run's next step is a provisional list.
func (l listing) provisionalNext() bool { return l.ProvisionalDays != nil && l.told == nil }

func readListing(ctx context.Context, q *request, db store.DBTX, r *ranking) (err error) {
	l := &r.list
	if l.CallListsRow, err = queries.CallLists(ctx, db, r.CallID); err != nil {
		return err
	}
	if l.approvals, err = queries.Approvals(ctx, db, r.ID); err != nil {
		return err
	}
	if l.ProvisionalDays == nil {
		return nil
	}
	told, err := queries.ProvisionalList(ctx, db, r.RoundID)
	if store.NoRows(err) {
		l.appealBy, err = q.appealBy(ctx, db, *r)
		return err
	}
	if err != nil {
		return err
	}
	l.told = &told
	waiting, err := queries.AppealsWaiting(ctx, db, r.RoundID)
	if err != nil {
		return err
	}
	l.waiting = int(waiting)
	window, err := queries.AppealWindow(ctx, db, &r.RoundID)
	if err != nil {
		return err
	}
	l.window = &window
	return nil
}

// appealBy is when the window of a list told now would close.
func (q *request) appealBy(ctx context.Context, db store.DBTX, r ranking) (time.Time, error) {
	call, err := queries.CallRules(ctx, db, r.CallID)
	if err != nil {
		return time.Time{}, err
	}
	zone := zoneOf(r.Zone)
	rule, takes := call.AppealRule(r.list.CallListsRow, zone, false)
	if !takes {
		return time.Time{}, nil
	}
	working, err := store.WorkingDays(ctx, db, r.InstitutionID, q.now.In(zone))
	by, _ := rule.ConfirmBy(q.now, time.Time{}, working)
	return mobility.ClosesAt(by, zone), err
}

// readChanges compares a newer run with the provisional list, as far as the
// reader sees the files; whom a conflict bars from a file of the round sees
// none of it before the list is final.
func readChanges(ctx context.Context, q *request, db store.DBTX, r *ranking) error {
	if r.list.told == nil || r.list.told.ID == r.ID || r.barred {
		return nil
	}
	before, err := storedResult(ctx, db, r.list.told.ID)
	if err != nil {
		return err
	}
	after, err := storedResult(ctx, db, r.ID)
	if err != nil {
		return err
	}
	people, err := queries.VariantPeople(ctx, db, r.RoundID)
	if err != nil {
		return err
	}
	names := map[uuid.UUID]string{}
	for _, p := range people {
		names[p.ID] = p.Name
	}
	r.list.changed = q.changes(before, after, names, hostsOf(r.places))
	return nil
}

func storedResult(ctx context.Context, db store.DBTX, ranking uuid.UUID) (selection.Result, error) {
	text, err := queries.RankingResult(ctx, db, ranking)
	if err != nil {
		return selection.Result{}, err
	}
	return selection.ReadResult(strings.NewReader(text))
}

func hostsOf(places []store.OfficeRoundPlacesRow) map[uuid.UUID]string {
	out := make(map[uuid.UUID]string, len(places))
	for _, d := range places {
		out[d.ID] = d.Host
	}
	return out
}

// changes lists whoever gets another result, those with a name the reader
// sees; places first, then the reserve.
func (q *request) changes(before, after selection.Result, names, hosts map[uuid.UUID]string) []change {
	was, is := entriesOf(before), entriesOf(after)
	var out []change
	for _, s := range selection.Compare(before, after).Shifts {
		name, seen := names[s.Applicant]
		c := change{Shift: s, name: name, before: q.resultWords(was[s.Applicant], hosts), after: q.resultWords(is[s.Applicant], hosts)}
		if seen && c.before != c.after {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b change) int {
		return strings.Compare(strconv.FormatBool(a.Direction == selection.Stayed), strconv.FormatBool(b.Direction == selection.Stayed))
	})
	return out
}

func entriesOf(r selection.Result) map[uuid.UUID]*selection.Entry {
	out := make(map[uuid.UUID]*selection.Entry, len(r.Entries))
	for i := range r.Entries {
		out[r.Entries[i].Applicant] = &r.Entries[i]
	}
	return out
}

// resultWords says in a few words what a result gives somebody.
func (q *request) resultWords(e *selection.Entry, hosts map[uuid.UUID]string) string {
	if e == nil {
		return q.loc.T("appeal.not_in_list")
	}
	if c, ok := e.Placed(); ok {
		return hosts[c.Destination]
	}
	var waits []string
	for _, c := range e.Choices {
		if c.Reserve > 0 {
			waits = append(waits, q.loc.T("ranking.reserve_at", "Host", hosts[c.Destination], "Rank", c.Reserve))
		}
	}
	if len(waits) > 0 {
		return strings.Join(waits, ", ")
	}
	return q.loc.T("outcome." + string(process.OutcomeOf(*e)))
}

// changesTable shows who moves and how.
func (q *request) changesTable(rows []change) page.Table {
	t := page.Table{Caption: q.loc.T("appeal.who_moves"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("variant.move")}, {Label: q.loc.T("appeal.before")}, {Label: q.loc.T("appeal.after")},
	}, Empty: page.EmptyState{Title: q.loc.T("variant.nobody_moves"), Text: q.loc.T("appeal.nobody_moves_text")}}
	for _, c := range rows {
		row := page.Row{Cells: []page.Cell{{Text: c.name, Href: filePath(c.Applicant)}, {}, {Text: c.before}, {Text: c.after}}}
		if c.Direction != selection.Stayed {
			row.Cells[1].Tag = page.Tag{Label: q.loc.T("variant." + string(c.Direction)), Tone: directionTones[c.Direction]}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// changesPart sets a newer run beside the provisional list.
func (q *request) changesPart(r ranking) page.Part {
	if r.list.told == nil || r.list.told.ID == r.ID {
		return page.Part{}
	}
	part := page.Part{ID: "changes", Title: q.loc.T("appeal.changes"), Text: q.loc.T("appeal.changes_text", "Number", r.list.told.Number)}
	if r.barred {
		part.Notice = page.Notice{Text: q.loc.T("refusal.barred_from_round")}
		return part
	}
	part.Table = q.changesTable(r.list.changed)
	return part
}

// listNotice says how far the list of the round is.
func (q *request) listNotice(r ranking) page.Notice {
	l := r.list
	if l.told == nil || r.published() {
		return page.Notice{}
	}
	n := page.Notice{Tone: page.Info, Title: q.loc.T("appeal.list_out", "Number", l.told.Number)}
	n.Items = []string{q.loc.T("appeal.list_told", "At", q.both(l.told.ProvisionalAt, zoneOf(r.Zone)), "Name", l.told.ProvisionalBy)}
	until := q.both(l.window.ClosesAt.Add(-time.Minute), zoneOf(l.window.Zone))
	if mobility.Open(q.now, l.window.ClosesAt) {
		n.Items = append(n.Items, q.loc.T("appeal.window_until", "Until", until))
	} else {
		n.Items = append(n.Items, q.loc.T("appeal.window_was", "Until", until))
	}
	if !r.barred { // the file one is barred from may be among them
		n.Items = append(n.Items, q.loc.N("appeal.waiting", l.waiting))
	}
	n.Links = []page.Link{{Label: q.loc.T("appeal.list"), Href: callPath(r.CallID, "appeals")}, {Label: q.loc.T("appeal.move_deadline"), Href: "/office/deadlines/" + l.window.ID.String()}}
	if !q.isOfficer() {
		n.Links = nil
	}
	return n
}

// approvalPart shows who stands for this very result, and lets an officer do
// so. Where nobody has to it is folded away.
func (q *request) approvalPart(r ranking) page.Part {
	l := r.list
	second := l.Approval == process.ApprovalSecond
	if r.published() && len(l.approvals) == 0 {
		return page.Part{}
	}
	part := page.Part{ID: "approval", Title: q.loc.T("appeal.approval"), Text: q.loc.T("appeal.approval_needed")}
	if !second {
		part.Text = q.loc.T("appeal.approval_for_barred")
		if len(l.approvals) == 0 && !r.barred {
			part.Title, part.Fold = "", q.loc.T("appeal.approval_fold")
		}
	}
	if r.published() {
		part.Text = ""
	}
	part.Table = page.Table{Caption: q.loc.T("appeal.approval"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("appeal.approved_by")}, {Label: q.loc.T("appeal.approved_at")}, {Label: q.loc.T("ranking.result_hash")},
	}, Empty: page.EmptyState{Title: q.loc.T("appeal.nobody_approved")}}
	mine := false
	for _, a := range l.approvals {
		mine = mine || a.ApprovedBy == q.actor.Person
		part.Table.Rows = append(part.Table.Rows, page.Row{Cells: []page.Cell{{Text: a.Name}, {When: q.moment(a.ApprovedAt, zoneOf(r.Zone))}, {Text: a.ResultHash[:min(12, len(a.ResultHash))]}}})
	}
	if r.barred { // what the result is
		for i := range part.Table.Rows {
			part.Table.Rows[i].Cells[2].Text = "–"
		}
	}
	if q.actor.Has(mobility.RoleOfficer) && !mine && !r.barred && !r.published() {
		look := page.Secondary
		part.Buttons = []page.Button{{
			Label: q.loc.T("appeal.approve"), Look: look, Action: rankingPath(r.ID) + "/approved", Hidden: []page.Hidden{{Name: "hash", Value: r.ResultHash}},
			Confirm: q.loc.T("appeal.approve_ask", "Hash", r.ResultHash[:min(12, len(r.ResultHash))]),
		}}
	}
	return part
}

func (s *Server) approveRanking(q *request) error {
	id, err := q.id("ranking")
	if err != nil {
		return err
	}
	var f publishForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	if err := s.Process.Approve(q.ctx(), q.actor, process.Publication{Ranking: id, Hash: f.Hash, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, rankingPath(id)+"#approval", "notice.approved")
}

func (s *Server) askProvisional(q *request) error {
	r, err := s.readRanking(q)
	if err != nil {
		return err
	}
	if r.published() {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return s.provisionalPage(q, http.StatusOK, r, nil)
}

// provisionalPage asks once more, with the numbers and until when one may
// appeal.
func (s *Server) provisionalPage(q *request, status int, r ranking, refused error) error {
	letters, held := 0, 0
	for _, row := range r.plan {
		switch {
		case row.Held:
			held += int(row.Files)
		case len(r.lettersOf(mobility.State(row.State), row.Outcome)) > 0:
			letters += int(row.Files)
		}
	}
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("ranking.letters"), Text: q.loc.Number(letters)},
		{Term: q.loc.T("office.held_back"), Text: q.loc.Number(held)},
		{Term: q.loc.T("appeal.until"), When: q.deadline(r.list.appealBy, zoneOf(r.Zone))},
	}}
	if !r.barred {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("ranking.result_hash"), Text: r.ResultHash})
	}
	d := page.Dialog{
		Text: q.loc.T("appeal.provisional_text"), Facts: facts, Action: rankingPath(r.ID) + "/provisional", Hidden: []page.Hidden{{Name: "hash", Value: r.ResultHash}},
		Warning: q.unmarkedNotice(r), Fields: q.althoughField(r, refused),
		Confirm: page.Button{Label: q.loc.T("appeal.provisional_do")}, Cancel: page.Link{Label: q.loc.T("ranking.back"), Href: rankingPath(r.ID)},
	}
	if refused != nil {
		d.Errors = page.ErrorSummary{Title: q.loc.T("ranking.not_published"), Problems: []page.Problem{{Text: problemText(q.loc, refused)}}}
	}
	b := s.base(q, q.loc.T("appeal.provisional_ask"))
	b.Kicker = r.OfficeRankingRow.Title.In(q.loc.Lang())
	b.Breadcrumbs = append(q.callCrumbs(r.CallID, r.OfficeRankingRow.Title), page.Link{Label: q.loc.T("ranking.number", "Number", r.Number), Href: rankingPath(r.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}

// althoughField asks whether to go on with fewer participants than announced.
func (q *request) althoughField(r ranking, refused error) []page.Field {
	if !r.lack.Any() && mobility.CodeOf(refused) != "refusal.too_few_participants" {
		return nil
	}
	return []page.Field{{Kind: page.Checkbox, Name: "although", Label: q.loc.T("ranking.although")}}
}

// listTurn is what comes next for a list that is not final: telling it
// provisionally, waiting, or making it final.
func (q *request) listTurn(r ranking, w page.WhoseTurn) page.WhoseTurn {
	l := r.list
	switch {
	case l.ProvisionalDays == nil:
		return w
	case l.provisionalNext():
		w.Next = q.loc.T("appeal.provisional_next")
		if len(w.Buttons) > 0 {
			w.Buttons[0] = page.Button{Label: q.loc.T("appeal.provisional"), Href: rankingPath(r.ID) + "/provisional"}
		}
	case !mobility.Due(q.now, l.window.ClosesAt):
		w.What, w.Next = q.loc.T("appeal.window_open"), q.loc.T("appeal.final_next")
		w.Until = q.deadline(l.window.ClosesAt, zoneOf(l.window.Zone))
		w.Yours, w.Whose = false, q.loc.T("appeal.turn_applicants")
		if len(w.Buttons) > 0 {
			w.Buttons = w.Buttons[1:]
		}
	default:
		w.Next = q.loc.T("appeal.final_next")
	}
	return w
}

func (s *Server) publishProvisionally(q *request) error {
	r, err := s.readRanking(q)
	if err != nil {
		return err
	}
	var f publishForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	done, err := s.Process.PublishProvisionally(q.ctx(), q.actor, process.Publication{Ranking: r.ID, Hash: f.Hash, Although: f.Although, Arrived: q.arrived})
	kind := mobility.KindOf(err)
	if (kind == mobility.Conflict || kind == mobility.Stale) && r.Status == "draft" {
		return s.provisionalPage(q, http.StatusConflict, r, err)
	}
	if err != nil {
		return err
	}
	return s.done(q, rankingPath(r.ID), "notice.provisional", "Decided", strconv.Itoa(done.Decided), "HeldBack", strconv.Itoa(done.HeldBack))
}
