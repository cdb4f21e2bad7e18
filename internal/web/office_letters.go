package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Letters: what became of them, and what a person decides about those that
// failed or of which nobody knows.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/letters", Guard: Officer, Handle: s.listLetters, Nav: "nav.letters", NavOrder: 120},
		{Pattern: "GET /office/letters/{letter}", Guard: Coordinator, Handle: s.showOfficeLetter},
		{Pattern: "POST /office/letters/{letter}/again", Guard: Officer, Handle: s.sendAgain},
		{Pattern: "POST /office/letters/{letter}/received", Guard: Officer, Handle: s.letterReceived},
	}
})

var letterStatuses = []string{"planned", "sending", "sent", "failed", "unknown", "skipped", "retracted"}

func letterPath(id uuid.UUID) string { return "/office/letters/" + id.String() }

func (s *Server) listLetters(q *request) error {
	v := q.r.URL.Query()
	status, kind, call, at := v.Get("status"), v.Get("kind"), v.Get("call"), pageOf(v)
	if status != "all" && !slices.Contains(letterStatuses, status) {
		status = ""
	}
	if !slices.Contains(letter.Kinds, kind) {
		kind = ""
	}
	var rows []store.OfficeLettersRow
	var calls []store.OfficeCallsRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		rows, err = queries.OfficeLetters(ctx, db, store.OfficeLettersParams{
			Institutions: q.house(), Self: q.actor.Person, Status: status, Kind: kind, CallID: idOf(call), Skip: int32((at - 1) * perPage), Most: perPage,
		})
		if err != nil {
			return err
		}
		if calls, err = queries.OfficeCalls(ctx, db, store.OfficeCallsParams{Institutions: q.house(), Self: q.actor.Person}); err != nil || len(q.house()) == 0 {
			return err
		}
		return q.note(db, lookedAt{institution: q.house()[0], filter: withQuery("", "status", status, "kind", kind, "call", call), count: len(rows)})
	})
	if err != nil {
		return err
	}
	p := page.Office{Base: s.base(q, q.loc.T("office.letters"))}
	p.Wide, p.Lead = true, q.loc.T("mail.lead")
	p.Turn = q.lettersTurn(status, rows)
	p.Filter = q.lettersFilter(status, kind, call, calls)
	total := 0
	if len(rows) > 0 {
		total = int(rows[0].Total)
	}
	p.Parts = []page.Part{{ID: "letters", Table: q.allLetters(rows), Pager: page.PagerOf(at, (total+perPage-1)/perPage, total, func(n int) string {
		return withQuery("/office/letters", "status", status, "kind", kind, "call", call, "page", strconv.Itoa(n))
	})}}
	return s.render(q, http.StatusOK, p)
}

func (q *request) lettersTurn(status string, rows []store.OfficeLettersRow) page.WhoseTurn {
	if status != "" {
		return page.WhoseTurn{}
	}
	if len(rows) == 0 {
		return page.WhoseTurn{Over: true, Whose: q.loc.T("mail.turn_none"), What: q.loc.T("mail.turn_none_what")}
	}
	return page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("mail.turn_what", int(rows[0].Total)), Next: q.loc.T("mail.turn_next")}
}

func (q *request) lettersFilter(status, kind, call string, calls []store.OfficeCallsRow) page.Filter {
	st := page.Field{Kind: page.Select, Name: "status", Blank: q.loc.T("mail.unsettled"), Label: q.loc.T("office.state"), Value: status, Options: []page.Option{{Value: "all", Label: q.loc.T("mail.all")}}}
	for _, x := range letterStatuses {
		st.Options = append(st.Options, page.Option{Value: x, Label: q.loc.T("letter.status_" + x)})
	}
	kd := page.Field{Kind: page.Select, Name: "kind", Blank: q.loc.T("office.any"), Label: q.loc.T("office.letter"), Value: kind}
	for _, x := range letter.Kinds {
		kd.Options = append(kd.Options, page.Option{Value: x, Label: q.loc.T("letter_kind." + x)})
	}
	cl := page.Field{Kind: page.Select, Name: "call", Blank: q.loc.T("office.any"), Label: q.loc.T("office.call"), Value: call}
	for _, c := range calls {
		cl.Options = append(cl.Options, page.Option{Value: c.ID.String(), Label: c.Title.In(q.loc.Lang()) + " " + c.AcademicYear})
	}
	out := page.Filter{Action: "/office/letters", Fields: []page.Field{st, kd, cl}}
	if status+kind+call != "" {
		out.Clear = page.Link{Label: q.loc.T("mail.unsettled"), Href: "/office/letters"}
	}
	return out
}

func (q *request) allLetters(rows []store.OfficeLettersRow) page.Table {
	t := page.Table{Caption: q.loc.T("office.letters"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.letter")}, {Label: q.loc.T("office.to")}, {Label: q.loc.T("office.state")}, {Label: q.loc.T("mail.answer")}, {Label: q.loc.T("office.when")},
	}, Empty: page.EmptyState{Title: q.loc.T("mail.none"), Text: q.loc.T("mail.none_text")}}
	for _, l := range rows {
		at := l.PlannedAt
		if l.SentAt != nil {
			at = *l.SentAt
		}
		to := page.Cell{Text: l.Address, Note: l.Name}
		if to.Text == "" {
			to.Text = l.Email
		}
		if to.Text == "" {
			to.Text = q.loc.T("office.to_" + l.Recipient)
		}
		answer := page.Cell{Text: l.Response}
		if l.Code != nil {
			answer.Note = q.loc.T("mail.code", "Code", *l.Code)
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.T("letter_kind." + l.Kind), Href: letterPath(l.ID), Note: l.Call.In(q.loc.Lang())},
			to, letterState(q.loc, l.Status, l.SkipReason), answer,
			{When: page.MomentOf(q.loc, at, time.Time{})},
		}})
	}
	return t
}

// letterView is one letter with what was tried.
type letterView struct {
	store.OfficeLetterRow
	attempts []store.OfficeLetterAttemptsRow
}

func (s *Server) readLetter(q *request) (l letterView, err error) {
	id, err := q.id("letter")
	if err != nil {
		return l, err
	}
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if l.OfficeLetterRow, err = queries.OfficeLetter(ctx, db, store.OfficeLetterParams{ID: id, Institutions: q.house(), Self: q.actor.Person}); err != nil {
			return err
		}
		if l.attempts, err = queries.OfficeLetterAttempts(ctx, db, id); err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: l.InstitutionID, subjects: []uuid.UUID{id}, count: 1})
	})
	return l, err
}

// unsettled reports whether somebody has to decide about the letter.
func (l letterView) unsettled() bool {
	return (l.Status == "failed" || l.Status == "unknown") && l.SkipReason != "sent_again"
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
	facts := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("office.state"), Tag: letterState(q.loc, l.Status, l.SkipReason).Tag, Text: letterState(q.loc, l.Status, l.SkipReason).Note},
		{Term: q.loc.T("office.to"), Text: l.Address},
		{Term: q.loc.T("office.subject"), Text: l.Subject},
	}}
	if l.Email != "" && l.Email != l.Address {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("mail.address_now"), Text: l.Email})
	}
	if l.ApplicationID != nil {
		facts.Rows = append(facts.Rows, page.Fact{Term: q.loc.T("office.application"), Text: q.loc.T("office.to_file"), Href: filePath(*l.ApplicationID)})
	}
	p.Parts = present([]page.Part{
		{ID: "facts", Summary: withoutEmpty(facts)},
		q.attemptsPart(l),
		{ID: "text", Title: q.loc.T("mail.text"), Letters: []page.LetterShown{{Plain: l.Plain, Missing: q.loc.T("mail.not_written")}}},
	})
	return s.render(q, http.StatusOK, p)
}

func (q *request) letterTurn(l letterView) page.WhoseTurn {
	if !l.unsettled() {
		return page.WhoseTurn{}
	}
	w := page.WhoseTurn{Whose: q.loc.T("turn.officer"), What: q.loc.T("mail.what_" + l.Status), Next: q.loc.T("mail.next_" + l.Status)}
	if !q.isOfficer() {
		return w
	}
	w.Yours, w.Whose = true, q.loc.T("turn.yours")
	again := page.Button{Label: q.loc.T("mail.again"), Action: letterPath(l.ID) + "/again", Confirm: q.loc.T("mail.again_ask")}
	if l.Status == "unknown" {
		again.Look = page.Secondary
		w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("mail.received"), Action: letterPath(l.ID) + "/received"})
	}
	w.Buttons = append(w.Buttons, again)
	if l.PersonID != nil {
		w.Buttons = append(w.Buttons, page.Button{Label: q.loc.T("mail.correct_address"), Href: personPath(*l.PersonID) + "#address", Look: page.Secondary})
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

func (s *Server) sendAgain(q *request) error {
	l, err := s.readLetter(q)
	if err != nil {
		return err
	}
	if l.Status == "unknown" {
		err = s.Process.ResolveUnknown(q.ctx(), q.actor, process.ResolveUnknown{Letter: l.ID, Arrived: q.arrived})
	} else {
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
