package web

import (
	"context"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// All e-mail of an office: what waits to go, a pause of everything, who paused
// what and why, and the office's own addresses.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/mail", Guard: Officer, Handle: s.showAllMail},
		{Pattern: "POST /office/mail/pause", Guard: Officer, Handle: s.pauseMail},
		{Pattern: "POST /office/mail/resume", Guard: Officer, Handle: s.resumeMail},
	}
})

// mostPausesShown is how many pauses of the past one page lists.
const mostPausesShown = 50

// mail is what the page shows.
type mail struct {
	houses  []store.OfficeMailboxesRow
	waiting []store.MailWaitingRow
	pauses  []store.MailPausesRow
	silent  []page.Part
	own     ownAddresses
}

func (s *Server) readMail(q *request) (m mail, err error) {
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if m.houses, err = queries.OfficeMailboxes(ctx, db, q.house()); err != nil {
			return err
		}
		if m.waiting, err = queries.MailWaiting(ctx, db, q.house()); err != nil {
			return err
		}
		if m.pauses, err = queries.MailPauses(ctx, db, store.MailPausesParams{Institutions: q.house(), Most: mostPausesShown}); err != nil {
			return err
		}
		if m.silent, err = q.silentRelay(ctx, db); err != nil {
			return err
		}
		m.own, err = q.readOwnAddresses(ctx, db)
		return err
	})
	return m, err
}

// paused is the running pause of everything an institution sends.
func (m mail) paused(institution uuid.UUID) (store.MailPausesRow, bool) {
	at := slices.IndexFunc(m.pauses, func(p store.MailPausesRow) bool {
		return p.Everything && p.InstitutionID == institution && p.ResumedAt == nil
	})
	if at < 0 {
		return store.MailPausesRow{}, false
	}
	return m.pauses[at], true
}

func (s *Server) showAllMail(q *request) error {
	m, err := s.readMail(q)
	if err != nil {
		return err
	}
	return s.mailPage(q, http.StatusOK, m, pauseMailForm{}, nil)
}

func (s *Server) mailPage(q *request, status int, m mail, typed pauseMailForm, problems []mobility.FieldProblem) error {
	p := page.Office{Base: s.base(q, q.loc.T("all_mail.title"))}
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("office.letters"), Href: "/office/letters"}}
	p.Wide, p.Lead, p.Turn = true, q.loc.T("all_mail.lead"), q.mailTurn(m)
	p.Parts = append(p.Parts, m.silent...)
	p.Parts = append(p.Parts, q.mailWaitingPart(m))
	for _, house := range m.houses {
		var shown []mobility.FieldProblem
		if typed.Institution == house.ID {
			shown = problems
		}
		part, errors := q.mailPausePart(m, house, typed, shown)
		if len(shown) > 0 {
			p.Errors = errors
		}
		p.Parts = append(p.Parts, part)
	}
	p.Parts = append(p.Parts, q.ownAddressesPart(m.own))
	p.Parts = present(append(p.Parts, q.pastPausesPart(m)))
	return s.render(q, status, p)
}

func (q *request) mailTurn(m mail) page.WhoseTurn {
	waiting, paused := 0, 0
	for _, w := range m.waiting {
		waiting, paused = waiting+int(w.Number), paused+int(w.Paused)
	}
	now := slices.ContainsFunc(m.pauses, func(p store.MailPausesRow) bool { return p.ResumedAt == nil })
	switch {
	case now:
		return page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("all_mail.turn_paused", paused), Next: q.loc.T("all_mail.turn_paused_next")}
	case waiting == 0:
		return page.WhoseTurn{Over: true, Whose: q.loc.T("all_mail.turn_none"), What: q.loc.T("all_mail.turn_none_what")}
	}
	return page.WhoseTurn{Whose: q.loc.T("all_mail.turn_going"), What: q.loc.N("all_mail.turn_going_what", waiting)}
}

// mailWaitingPart counts what waits by kind and language.
func (q *request) mailWaitingPart(m mail) page.Part {
	t := page.Table{Caption: q.loc.T("all_mail.waiting"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")},
		{Label: q.loc.T("office.language")},
		{Label: q.loc.T("all_mail.number"), Numeric: true},
		{Label: q.loc.T("all_mail.of_these_paused"), Numeric: true},
		{Label: q.loc.T("all_mail.oldest")},
	}, Empty: page.EmptyState{Title: q.loc.T("all_mail.nothing_waits"), Text: q.loc.T("all_mail.nothing_waits_text")}}
	for _, w := range m.waiting {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.T("letter_kind." + w.Kind), Href: withQuery("/office/letters", "status", "waiting", "kind", w.Kind)},
			{Text: q.loc.Language(w.Language)},
			{Text: q.loc.Number(int(w.Number))},
			{Text: q.loc.Number(int(w.Paused))},
			{When: page.MomentOf(q.loc, w.Oldest, q.now)},
		}})
	}
	return page.Part{ID: "waiting", Title: q.loc.T("all_mail.waiting"), Text: q.loc.T("all_mail.waiting_text"), Table: t}
}

// mailPausePart stops everything an institution sends, or lets it go on.
func (q *request) mailPausePart(m mail, house store.OfficeMailboxesRow, typed pauseMailForm, problems []mobility.FieldProblem) (page.Part, page.ErrorSummary) {
	if !q.keepsHouse(house.ID) {
		return page.Part{}, page.ErrorSummary{}
	}
	id := "pause"
	if len(m.houses) > 1 {
		id += "-" + house.ID.String()
	}
	title := q.loc.T("all_mail.pause")
	if len(m.houses) > 1 {
		title += ": " + house.Name
	}
	institution := []page.Hidden{{Name: "institution", Value: house.ID.String()}}
	if p, ok := m.paused(house.ID); ok {
		return page.Part{ID: id, Title: title, Notice: page.Notice{Tone: page.Warning, Title: q.loc.T("all_mail.paused"), Items: []string{
			q.loc.T("outbox.paused_by", "Name", p.PausedBy, "At", p.PausedAt), q.loc.T("outbox.paused_why", "Reason", p.Reason), q.loc.T("all_mail.paused_pages"),
		}}, Buttons: []page.Button{{Label: q.loc.T("all_mail.resume"), Action: "/office/mail/resume", Hidden: institution}}}, page.ErrorSummary{}
	}
	reason := page.Field{Kind: page.LongText, Rows: 2, Name: "reason", Label: q.loc.T("office.reason"), Hint: q.loc.T("all_mail.reason_hint"), Required: true, MaxLength: 2000}
	if typed.Institution == house.ID {
		reason.Value = typed.Reason
	}
	errors := page.Refuse(q.loc, problems, &reason)
	return page.Part{
		ID: id, Title: title, Text: q.loc.T("all_mail.pause_text"), Action: "/office/mail/pause", Hidden: institution, Fields: []page.Field{reason},
		Buttons: []page.Button{{Label: q.loc.T("all_mail.pause_do"), Look: page.Secondary}},
	}, errors
}

// keepsHouse reports whether the reader is an officer or administrator for all
// of an institution.
func (q *request) keepsHouse(institution uuid.UUID) bool {
	return q.wholeOffice(institution) || slices.ContainsFunc(q.actor.Grants, func(g mobility.Grant) bool {
		return g.Role == mobility.RoleAdministrator && g.Institution == institution && g.Unit == nil && g.Call == nil
	})
}

// pastPausesPart lists who paused what, when and why, and who let it go on.
func (q *request) pastPausesPart(m mail) page.Part {
	if len(m.pauses) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("all_mail.pauses"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("all_mail.what")}, {Label: q.loc.T("all_mail.from")}, {Label: q.loc.T("office.reason")}, {Label: q.loc.T("all_mail.until")},
	}}
	for _, p := range m.pauses {
		what := q.loc.T("all_mail.what_decisions")
		switch {
		case p.Everything:
			what = q.loc.T("all_mail.what_everything")
		case p.RankingID != nil:
			what = q.loc.T("all_mail.what_publication", "Call", p.Call.In(q.loc.Lang()))
		}
		until := page.Cell{Tag: page.Tag{Label: q.loc.T("all_mail.now"), Tone: page.Warning}}
		if p.ResumedAt != nil {
			until = page.Cell{When: page.MomentOf(q.loc, *p.ResumedAt, q.now), Note: p.ResumedBy}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: what}, {When: page.MomentOf(q.loc, p.PausedAt, q.now), Note: p.PausedBy}, {Text: p.Reason}, until}})
	}
	return page.Part{ID: "pauses", Title: q.loc.T("all_mail.pauses"), Table: t}
}

type pauseMailForm struct {
	Institution uuid.UUID `form:"institution" validate:"required"`
	Reason      string    `form:"reason" validate:"required,max=2000"`
}

func (s *Server) pauseMail(q *request) error {
	var f pauseMailForm
	_, err := form.Decode(q.r, &f)
	if err == nil {
		err = s.Process.PauseMail(q.ctx(), q.actor, process.PauseMail{Institution: f.Institution, Reason: f.Reason, Arrived: q.arrived})
	}
	if problems, invalid := problemsOf(err); invalid {
		m, err := s.readMail(q)
		if err != nil {
			return err
		}
		return s.mailPage(q, http.StatusUnprocessableEntity, m, f, problems)
	}
	if err != nil {
		return err
	}
	return s.done(q, "/office/mail", "notice.mail_paused")
}

type resumeMailForm struct {
	Institution uuid.UUID `form:"institution" validate:"required"`
}

func (s *Server) resumeMail(q *request) error {
	var f resumeMailForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	if err := s.Process.ResumeMail(q.ctx(), q.actor, process.PauseMail{Institution: f.Institution, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, "/office/mail", "notice.letters_resumed")
}
