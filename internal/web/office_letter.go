package web

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// One letter, and what a person decides about it when it failed, came back,
// or nobody knows.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/letters/{letter}", Guard: Coordinator, Handle: s.showOfficeLetter},
		{Pattern: "POST /office/letters/{letter}/again", Guard: Officer, Handle: s.sendAgain},
		{Pattern: "POST /office/letters/{letter}/received", Guard: Officer, Handle: s.letterReceived},
	}
})

// letterView is one letter with what was tried and what came back.
type letterView struct {
	store.OfficeLetterRow
	attempts []store.OfficeLetterAttemptsRow
	bounces  []store.LetterBouncesRow
}

func (s *Server) readLetter(q *request) (l letterView, err error) {
	id, err := q.id("letter")
	if err != nil {
		return l, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		l, err = q.letterRead(ctx, db, id)
		return err
	})
	return l, err
}

func (q *request) letterRead(ctx context.Context, db store.DBTX, id uuid.UUID) (l letterView, err error) {
	if l.OfficeLetterRow, err = queries.OfficeLetter(ctx, db, store.OfficeLetterParams{ID: id, Institutions: q.house(), Self: q.actor.Person}); err != nil {
		return l, err
	}
	if l.attempts, err = queries.OfficeLetterAttempts(ctx, db, id); err != nil {
		return l, err
	}
	if l.bounces, err = queries.LetterBounces(ctx, db, id); err != nil {
		return l, err
	}
	return l, q.note(db, lookedAt{institution: l.InstitutionID, subjects: []uuid.UUID{id}, count: 1})
}

// bounced is the newest report that the letter came back which nobody has
// dealt with.
func (l letterView) bounced() (store.LetterBouncesRow, bool) {
	at := slices.IndexFunc(l.bounces, func(b store.LetterBouncesRow) bool { return b.Action == "failed" && b.SettledHow == "" })
	if at < 0 {
		return store.LetterBouncesRow{}, false
	}
	return l.bounces[at], true
}

// trouble names what somebody has to decide about: bounced, failed, unknown;
// "" for nothing.
func (l letterView) trouble() string {
	if (l.Status == "failed" || l.Status == "unknown") && l.SkipReason != "sent_again" {
		return l.Status
	}
	if _, ok := l.bounced(); ok {
		return "bounced"
	}
	return ""
}

// correctable reports whether the address is one the office can put right.
func (l letterView) correctable() bool {
	return l.Recipient == "host" || l.PersonID != nil && l.Recipient != "old_address"
}

func (s *Server) showOfficeLetter(q *request) error {
	l, err := s.readLetter(q)
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("letter_kind."+l.Kind)), Turn: q.letterTurn(l)}
	p.Kicker = l.Name
	if q.isOfficer() {
		p.Breadcrumbs = []page.Link{{Label: q.loc.T("office.letters"), Href: "/office/letters"}}
	}
	p.Parts = present([]page.Part{
		{ID: "facts", Summary: withoutEmpty(q.letterFacts(l))},
		q.bouncesPart(l), q.attemptsPart(l),
		{ID: "text", Title: q.loc.T("mail.text"), Letters: []page.LetterShown{{Plain: l.Plain, Missing: q.loc.T("mail.not_written")}}},
	})
	return s.render(q, http.StatusOK, p)
}

func (q *request) letterFacts(l letterView) page.Summary {
	state := letterState(q.loc, l.Status, l.SkipReason)
	if b, ok := l.bounced(); ok {
		state = q.bounceState(b.Reason, "")
	}
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.state"), Tag: state.Tag, Text: state.Note},
		{Term: q.loc.T("office.to"), Text: l.Address},
		{Term: q.loc.T("office.subject"), Text: l.Subject},
	}}
	if l.Email != "" && l.Email != l.Address {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("mail.address_now"), Text: l.Email})
	}
	if l.PersonID != nil && q.isOfficer() {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("returned.person"), Text: l.Name, Href: personPath(*l.PersonID)})
	}
	if l.ApplicationID != nil {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("office.application"), Text: q.loc.T("office.to_file"), Href: filePath(*l.ApplicationID)})
	}
	if l.AgainOf != nil {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("returned.again_of"), Text: q.loc.T("returned.show_letter"), Href: letterPath(*l.AgainOf)})
	}
	if l.AgainAs != uuid.Nil {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("returned.again_as"), Text: q.loc.T("returned.show_letter"), Href: letterPath(l.AgainAs)})
	}
	return facts
}

// letterTurn says what is asked of the office, and offers it.
func (q *request) letterTurn(l letterView) page.WhoseTurn {
	trouble := l.trouble()
	if trouble == "" {
		return page.WhoseTurn{}
	}
	w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), What: q.loc.T("mail.what_" + trouble), Next: q.loc.T("mail.next_" + trouble)}
	b, cameBack := l.bounced()
	if cameBack {
		w.What, w.Next = q.bounceWords(b.Reason), q.loc.T("returned.next_bounced")
	}
	if cameBack && !b.AboutAddress {
		w.Next = q.loc.T("returned.next_passing")
	}
	if !q.isOfficer() {
		return w
	}
	w.Yours, w.Whose = true, q.loc.T("turn.yours")
	correct := page.Button{Label: q.loc.T("returned.correct"), Href: letterPath(l.ID) + "/address"}
	again := page.Button{Label: q.loc.T("mail.again"), Action: letterPath(l.ID) + "/again", Confirm: q.loc.T("mail.again_ask"), Look: page.Secondary}
	if cameBack {
		again.Label = q.loc.T("returned.again_same")
	}
	received := page.Button{Label: q.loc.T("mail.received"), Action: letterPath(l.ID) + "/received"}
	switch {
	case trouble == "unknown":
		correct.Look = page.Secondary
		w.Buttons = append(w.Buttons, received, again)
	case !l.correctable():
		again.Look = page.Primary
		w.Buttons = append(w.Buttons, again)
	}
	if l.Recipient == "office" && l.Address != "" {
		w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("all_mail.correct"), Href: ownAddressPath(l.InstitutionID, l.Address), Look: page.Secondary})
	}
	if l.correctable() {
		w.Buttons = append(w.Buttons, correct)
		if trouble != "unknown" {
			w.Buttons = append(w.Buttons, again)
		}
	}
	return w
}

func (q *request) attemptsPart(l letterView) page.Part {
	if len(l.attempts) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("mail.attempts"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.when")}, {Label: q.loc.T("mail.outcome")}, {Label: q.loc.T("mail.answer")},
	}}
	for _, a := range l.attempts {
		outcome := a.Outcome
		if outcome == "" {
			outcome = "under_way"
		}
		answer := page.Cell{Text: a.Response}
		if a.Code != nil {
			answer.Note = q.loc.T("mail.code", "Code", *a.Code)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{When: page.MomentOf(q.loc, a.StartedAt, time.Time{})}, {Text: q.loc.T("mail.outcome_" + outcome)}, answer}})
	}
	return page.Part{ID: "attempts", Title: q.loc.T("mail.attempts"), Table: t}
}

// bouncesPart is what servers reported after they had taken the letter.
func (q *request) bouncesPart(l letterView) page.Part {
	if len(l.bounces) == 0 {
		return page.Part{}
	}
	t := page.Table{Caption: q.loc.T("returned.reports"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.when")}, {Label: q.loc.T("mail.outcome")}, {Label: q.loc.T("returned.said")}, {Label: q.loc.T("returned.server")},
	}}
	for _, b := range l.bounces {
		outcome := q.bounceState(b.Reason, b.SettledHow)
		if b.Action == "delayed" {
			outcome = page.Cell{Tag: page.Tag{Label: q.loc.T("bounce.delayed"), Tone: page.Warning}, Note: q.loc.T("bounce.delayed_text")}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{When: page.MomentOf(q.loc, b.At, time.Time{})}, outcome, serverWords(b.Diagnostic, b.Status), {Text: b.Mta},
		}})
	}
	return page.Part{ID: "reports", Title: q.loc.T("returned.reports"), Table: t}
}

func (s *Server) sendAgain(q *request) error {
	l, err := s.readLetter(q)
	if err != nil {
		return err
	}
	_, cameBack := l.bounced()
	switch {
	case l.Status == "unknown":
		err = s.Process.ResolveUnknown(q.ctx(), q.actor, process.ResolveUnknown{Letter: l.ID, Arrived: q.arrived})
	case cameBack:
		err = s.Process.RepeatLetters(q.ctx(), q.actor, process.RepeatLetters{Letter: l.ID, Arrived: q.arrived})
	default:
		err = s.Process.ResendLetter(q.ctx(), q.actor, process.ResendLetter{Letter: l.ID, Arrived: q.arrived})
	}
	if err != nil {
		return err
	}
	return s.done(q, "/office/letters", "notice.letter_again")
}

func (s *Server) letterReceived(q *request) error {
	l, err := s.readLetter(q)
	if err != nil {
		return err
	}
	if l.Status != "unknown" {
		return mobility.ConflictError("conflict.letter_settled", nil)
	}
	if err := s.Process.ResolveUnknown(q.ctx(), q.actor, process.ResolveUnknown{Letter: l.ID, Received: true, Arrived: q.arrived}); err != nil {
		return err
	}
	return s.done(q, "/office/letters", "notice.letter_received")
}
