package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// What becomes of the letters of a list that was told: progress, a pause of the
// e-mail, and what failed sent again.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/rankings/{ranking}/pause", Guard: Officer, Handle: s.askPause},
		{Pattern: "POST /office/rankings/{ranking}/pause", Guard: Officer, Handle: s.pauseLetters},
		{Pattern: "POST /office/rankings/{ranking}/resume", Guard: Officer, Handle: s.resumeLetters},
		{Pattern: "POST /office/rankings/{ranking}/again", Guard: Officer, Handle: s.sendManyAgain},
	}
})

// progress is where the letters of a told list stand.
type progress struct {
	rows   []store.OutboxProgressRow
	failed []store.OutboxFailedRow
	pauses []store.OutboxPausesRow
	held   int
}

// mostFailed is how many failed letters one page lists.
const mostFailed = 200

func (q *request) readProgress(ctx context.Context, db store.DBTX, r ranking) (p progress, err error) {
	if p.rows, err = queries.OutboxProgress(ctx, db, store.OutboxProgressParams{CallID: &r.CallID, Ranking: r.ID.String()}); err != nil {
		return p, err
	}
	if p.failed, err = queries.OutboxFailed(ctx, db, store.OutboxFailedParams{CallID: &r.CallID, Ranking: r.ID.String(), Self: q.actor.Person, Most: mostFailed}); err != nil {
		return p, err
	}
	if p.pauses, err = queries.OutboxPauses(ctx, db, store.OutboxPausesParams{InstitutionID: r.InstitutionID, RankingID: &r.ID}); err != nil {
		return p, err
	}
	held, err := queries.OfficeHeldBack(ctx, db, store.OfficeHeldBackParams{RankingID: r.ID, RoundID: r.RoundID, Self: q.actor.Person})
	p.held = len(held)
	return p, err
}

// byStatus counts letters by what became of them; those that wait because of a
// pause count by themselves.
func (p progress) byStatus() map[string]int {
	out := map[string]int{}
	for _, row := range p.rows {
		out[progressStatus(row)] += int(row.Letters)
	}
	return out
}

// underWay is how many letters are still to go.
func (p progress) underWay() int {
	n := p.byStatus()
	return n["planned"] + n["sending"]
}

// followEvery is how often a page that is followed is fetched anew, in seconds.
const followEvery = "10"

// follow lets the page come again by itself while letters go, if its reader
// asked for it: nothing moves under somebody who reads.
func (q *request) follow(p progress) {
	if q.r.URL.Query().Get("follow") == "true" && p.underWay() > 0 {
		q.w.Header().Set("Refresh", followEvery)
	}
}

func (q *request) progressTurn(r ranking, p progress) page.WhoseTurn {
	n := p.byStatus()
	w := page.WhoseTurn{Whose: q.loc.T("outbox.going"), What: q.loc.N("outbox.going_what", p.underWay()), Next: q.loc.T("outbox.going_next")}
	switch {
	case n["failed"]+n["unknown"] > 0:
		w.Yours, w.Whose, w.What, w.Next = true, q.loc.T("turn.yours"), q.loc.N("outbox.care", n["failed"]+n["unknown"]), q.loc.T("outbox.care_next")
	case len(p.pauses) > 0:
		w.Yours, w.Whose, w.What, w.Next = true, q.loc.T("turn.yours"), q.loc.N("outbox.waiting", n["paused"]), q.loc.T("outbox.waiting_next")
	case p.underWay() == 0:
		w = page.WhoseTurn{Over: true, Whose: q.loc.T("outbox.gone"), What: q.loc.N("outbox.gone_what", n["sent"]), Next: q.loc.T("outbox.gone_next")}
	}
	if p.underWay() > 0 {
		if q.r.URL.Query().Get("follow") == "true" {
			w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("outbox.unfollow"), Href: outboxPath(r.ID), Look: page.Secondary})
		} else {
			w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("outbox.follow"), Href: withQuery(outboxPath(r.ID), "follow", "true"), Look: page.Secondary})
		}
	}
	return w
}

// pauseNotices say that e-mail waits, why and since when, and that pages do not.
func (q *request) pauseNotices(p progress) []page.Notice {
	var out []page.Notice
	for _, x := range p.pauses {
		title := "outbox.paused"
		switch {
		case x.Everything:
			title = "all_mail.paused"
		case x.RankingID == nil:
			title = "outbox.paused_all"
		}
		n := page.Notice{Tone: page.Warning, Title: q.loc.T(title), Items: []string{
			q.loc.T("outbox.paused_by", "Name", x.PausedBy, "At", x.PausedAt), q.loc.T("outbox.paused_why", "Reason", x.Reason), q.loc.T("outbox.paused_pages"),
		}}
		if x.Everything {
			n.Links = []page.Link{{Label: q.loc.T("all_mail.title"), Href: "/office/mail"}}
		}
		out = append(out, n)
	}
	return out
}

// housePauses say all that makes e-mail wait, with the way to let it go on.
func (q *request) housePauses(pauses []store.OutboxHousePausesRow) []page.Notice {
	var out []page.Notice
	for _, x := range pauses {
		n := page.Notice{Tone: page.Warning, Title: q.loc.T("outbox.paused_all"), Items: []string{
			q.loc.T("outbox.paused_by", "Name", x.PausedBy, "At", x.PausedAt), q.loc.T("outbox.paused_why", "Reason", x.Reason), q.loc.T("outbox.paused_pages"),
		}, Links: []page.Link{{Label: q.loc.T("outbox.open_progress"), Href: outboxPath(x.Ranking) + "#pause"}}}
		switch {
		case x.Everything:
			n.Title, n.Links = q.loc.T("all_mail.paused"), []page.Link{{Label: q.loc.T("all_mail.title"), Href: "/office/mail"}}
		case !x.Whole:
			n.Title = q.loc.T("outbox.paused_call", "Call", x.Call.In(q.loc.Lang()))
		}
		out = append(out, n)
	}
	return out
}

func (q *request) progressParts(r ranking, p progress) []page.Part {
	return present([]page.Part{q.progressTable(r, p), q.pausePart(r, p), q.failedPart(r, p)})
}

// statusOrder is how the columns of the progress stand.
var statusOrder = []string{"planned", "paused", "sending", "sent", "failed", "unknown", "skipped", "retracted"}

// progressStatus is a letter's status, or that it waits because of a pause.
func progressStatus(row store.OutboxProgressRow) string {
	if row.Paused {
		return "paused"
	}
	return row.Status
}

func (q *request) progressTable(r ranking, p progress) page.Part {
	count := map[string]map[string]int{}
	var kinds, used []string
	for _, row := range p.rows {
		if count[row.Kind] == nil {
			count[row.Kind] = map[string]int{}
			kinds = append(kinds, row.Kind)
		}
		count[row.Kind][progressStatus(row)] += int(row.Letters)
	}
	sums := p.byStatus()
	for _, status := range statusOrder {
		if sums[status] > 0 || slices.Contains([]string{"planned", "sending", "sent", "failed", "unknown"}, status) {
			used = append(used, status)
		}
	}
	t := page.Table{Caption: q.loc.T("ranking.progress"), HideCaption: true, Columns: []page.Column{{Label: q.loc.T("office.letter")}}, Empty: page.EmptyState{Title: q.loc.T("ranking.no_letters_planned")}}
	for _, status := range used {
		t.Columns = append(t.Columns, page.Column{Label: q.loc.T("letter.status_" + status), Numeric: true})
	}
	line := func(label, kind string, n map[string]int) page.Row {
		row := page.Row{Cells: []page.Cell{{Text: label}}}
		for _, status := range used {
			c := page.Cell{Text: q.loc.Number(n[status])}
			if n[status] > 0 && kind != "" {
				real := status
				if status == "paused" {
					real = "planned"
				}
				c.Href = withQuery("/office/letters", "status", real, "kind", kind, "call", r.CallID.String())
			}
			row.Cells = append(row.Cells, c)
		}
		return row
	}
	for _, kind := range kinds {
		t.Rows = append(t.Rows, line(q.loc.T("letter_kind."+kind), kind, count[kind]))
	}
	if len(kinds) > 0 {
		total := line(q.loc.T("office.total"), "", sums)
		total.Strong = true
		t.Rows = append(t.Rows, total)
	}
	part := page.Part{ID: "progress", Title: q.loc.T("ranking.progress"), Text: q.loc.T("outbox.progress_text"), Table: t}
	if p.held > 0 {
		part.Notice = page.Notice{Text: q.loc.N("outbox.still_held", p.held), Links: []page.Link{{Label: q.loc.T("office.held_back"), Href: rankingPath(r.ID) + "#held"}}}
	}
	return part
}

// pausePart offers to stop the e-mail, or to let it go on.
func (q *request) pausePart(r ranking, p progress) page.Part {
	if !q.actor.Has(mobility.RoleOfficer) {
		return page.Part{}
	}
	part := page.Part{ID: "pause", Title: q.loc.T("outbox.pause"), Text: q.loc.T("outbox.pause_text")}
	this, all := false, false
	for _, x := range p.pauses {
		this, all = this || x.RankingID != nil, all || x.RankingID == nil && !x.Everything
	}
	button := func(paused bool, pause, resume, query string) page.Button {
		if paused {
			b := page.Button{Label: q.loc.T(resume), Action: rankingPath(r.ID) + "/resume"}
			if query != "" {
				b.Hidden = []page.Hidden{{Name: "all", Value: "true"}}
			}
			return b
		}
		return page.Button{Label: q.loc.T(pause), Look: page.Secondary, Href: withQuery(rankingPath(r.ID)+"/pause", "all", query)}
	}
	part.Buttons = []page.Button{button(this, "outbox.pause_this", "outbox.resume_this", "")}
	if q.wholeOffice(r.InstitutionID) {
		part.Buttons = append(part.Buttons, button(all, "outbox.pause_all", "outbox.resume_all", "true"))
	}
	return part
}

// wholeOffice reports whether the reader is an officer for all of an
// institution, not of single calls.
func (q *request) wholeOffice(institution uuid.UUID) bool {
	return slices.ContainsFunc(q.actor.Grants, func(g mobility.Grant) bool {
		return g.Role == mobility.RoleOfficer && g.Institution == institution && g.Unit == nil && g.Call == nil
	})
}

// failedPart lists what was refused for good, to be sent again to the address
// of today.
func (q *request) failedPart(r ranking, p progress) page.Part {
	if len(p.failed) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("outbox.failed"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.letter")}, {Label: q.loc.T("office.to")}, {Label: q.loc.T("mail.answer")},
	}}
	for _, l := range p.failed {
		to := page.Cell{Text: l.Address}
		if l.Email != "" && l.Email != l.Address {
			to.Note = q.loc.T("outbox.address_now", "Address", l.Email)
		}
		name := page.Cell{Text: l.Name, Tick: &page.Tick{Name: "letter", Value: l.ID.String(), Label: q.loc.T("outbox.choose_one", "Name", l.Name)}}
		if l.PersonID != nil {
			name.Href = personPath(*l.PersonID) + "#address"
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			name, {Text: q.loc.T("letter_kind." + l.Kind), Href: letterPath(l.ID)}, to, {Text: l.Response},
		}})
	}
	return page.Part{ID: "failed", Title: q.loc.T("outbox.failed"), Text: q.loc.T("outbox.failed_text"), Table: t, Action: rankingPath(r.ID) + "/again", Buttons: []page.Button{
		{Label: q.loc.T("outbox.again_chosen"), Name: "do", Value: "chosen"}, {Label: q.loc.T("outbox.again_all"), Name: "do", Value: "all", Look: page.Secondary},
	}}
}

type pauseForm struct {
	Reason string `form:"reason" validate:"required,max=2000"`
	All    bool   `form:"all"`
}

func (s *Server) askPause(q *request) error {
	all := q.r.URL.Query().Get("all") == "true"
	return s.pausePage(q, http.StatusOK, all, "", nil)
}

func (s *Server) pausePage(q *request, status int, all bool, typed string, problems []mobility.FieldProblem) error {
	r, err := s.rankingHead(q)
	if err != nil {
		return err
	}
	if r.Status == "draft" {
		return mobility.ConflictError("refusal.not_published_yet", nil)
	}
	reason := page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: q.loc.T("office.reason"), Required: true, MaxLength: 2000, Value: typed}
	summary := page.Refuse(q.loc, problems, &reason)
	d := page.Dialog{
		Text: q.loc.T("outbox.pause_what"), Warning: page.Notice{Tone: page.Warning, Text: q.loc.T("outbox.paused_pages")}, Errors: summary, Fields: []page.Field{reason},
		Action: rankingPath(r.ID) + "/pause", Confirm: page.Button{Label: q.loc.T("outbox.pause_do")}, Cancel: page.Link{Href: outboxPath(r.ID)},
	}
	title := "outbox.pause_this"
	if all {
		title, d.Text, d.Hidden = "outbox.pause_all", q.loc.T("outbox.pause_all_what"), []page.Hidden{{Name: "all", Value: "true"}}
	}
	b := s.base(q, q.loc.T(title))
	b.Breadcrumbs = append(q.callCrumbs(r.CallID, r.OfficeRankingRow.Title), page.Link{Label: q.loc.T("outbox.title"), Href: outboxPath(r.ID)})
	return s.render(q, status, page.Confirm{Base: b, Dialog: d})
}

func (s *Server) rankingHead(q *request) (r ranking, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		r, err = s.readRankingHead(ctx, q, db)
		return err
	})
	return r, err
}

func (s *Server) pauseLetters(q *request) error {
	r, err := s.rankingHead(q)
	if err != nil {
		return err
	}
	var f pauseForm
	_, err = form.Decode(q.r, &f)
	if problems, invalid := problemsOf(err); invalid {
		return s.pausePage(q, http.StatusUnprocessableEntity, f.All, f.Reason, problems)
	}
	if err == nil {
		err = s.Process.PauseLetters(q.ctx(), q.actor, process.PauseLetters{Ranking: r.ID, All: f.All, Reason: f.Reason, Arrived: q.arrived})
	}
	if err != nil {
		return err
	}
	return s.done(q, outboxPath(r.ID), "notice.letters_paused")
}

type resumeForm struct {
	All bool `form:"all"`
}

func (s *Server) resumeLetters(q *request) error {
	r, err := s.rankingHead(q)
	if err != nil {
		return err
	}
	var f resumeForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	if err := s.Process.ResumeLetters(q.ctx(), q.actor, process.PauseLetters{Ranking: r.ID, All: f.All, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, outboxPath(r.ID), "notice.letters_resumed")
}

type againForm struct {
	Letters []string `form:"letter" validate:"max=1000"`
	Do      string   `form:"do" validate:"required,oneof=chosen all"`
}

func (s *Server) sendManyAgain(q *request) error {
	r, err := s.rankingHead(q)
	if err != nil {
		return err
	}
	var f againForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	req := process.ResendMany{Ranking: r.ID, All: f.Do == "all", Arrived: q.arrived}
	for _, text := range f.Letters {
		if id := idOf(text); id != nil {
			req.Letters = append(req.Letters, *id)
		}
	}
	if !req.All && len(req.Letters) == 0 {
		return s.done(q, outboxPath(r.ID)+"#failed", "notice.no_letter_chosen")
	}
	n, err := s.Process.ResendMany(q.ctx(), q.actor, req)
	if err != nil {
		return err
	}
	return s.done(q, outboxPath(r.ID), "notice.letters_again", "Count", strconv.Itoa(n))
}
