package web

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Letters: what became of them.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /office/letters", Guard: Officer, Handle: s.listLetters, Nav: "nav.letters", NavOrder: 120},
	}
})

// letterFilters are what the list can be narrowed to, what needs somebody first.
var letterFilters = []string{"bounced", "failed", "unknown", "waiting", "sent", "skipped", "retracted"}

func letterPath(id uuid.UUID) string { return "/office/letters/" + id.String() }

func (s *Server) listLetters(q *request) error {
	v := q.r.URL.Query()
	status, kind, call, at := v.Get("status"), v.Get("kind"), v.Get("call"), pageOf(v)
	if status != "all" && !slices.Contains(letterFilters, status) {
		status = ""
	}
	if !slices.Contains(letter.Kinds, kind) {
		kind = ""
	}
	var rows []store.OfficeLettersRow
	var calls []store.OfficeCallsRow
	var read []store.BounceCountsRow
	var silent []page.Part
	var pauses []store.OutboxHousePausesRow
	var back []store.SignInLettersBackRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		rows, err = queries.OfficeLetters(ctx, db, store.OfficeLettersParams{
			Institutions: q.house(), Self: q.actor.Person, Status: status, Kind: kind, CallID: idOf(call), Skip: int32((at - 1) * perPage), Most: perPage,
		})
		if err != nil {
			return err
		}
		if read, err = queries.BounceCounts(ctx, db); err != nil {
			return err
		}
		if silent, err = q.silentRelay(ctx, db); err != nil {
			return err
		}
		if back, err = q.signInsBack(ctx, db, nil); err != nil {
			return err
		}
		if pauses, err = queries.OutboxHousePauses(ctx, db, q.house()); err != nil {
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
	p.Turn = q.signInsTurn(q.lettersTurn(status, rows), back)
	p.Notices = q.housePauses(pauses)
	p.Filter = q.lettersFilter(status, kind, call, calls)
	total := 0
	if len(rows) > 0 {
		total = int(rows[0].Total)
	}
	toMail := page.Button{Label: q.loc.T("all_mail.open"), Href: "/office/mail", Look: page.Secondary}
	p.Parts = append(silent, page.Part{ID: "letters", Buttons: []page.Button{toMail}, Table: q.allLetters(rows), Pager: page.PagerOf(at, (total+perPage-1)/perPage, total, func(n int) string {
		return withQuery("/office/letters", "status", status, "kind", kind, "call", call, "page", strconv.Itoa(n))
	})})
	p.Parts = append(p.Parts, q.signInsBackPart(back)...)
	p.Parts = append(p.Parts, q.returnedPart(read)...)
	return s.render(q, http.StatusOK, p)
}

// returnedPart says what the mails were that came back, so that a mailbox
// nobody reads any more is noticed, and reports about nothing of ours too.
func (q *request) returnedPart(read []store.BounceCountsRow) []page.Part {
	if len(read) == 0 {
		return nil
	}
	var sum page.Summary
	for _, r := range read {
		sum.Rows = append(sum.Rows, page.Fact{Term: q.loc.T("returned.verdict_" + r.Verdict), Text: q.loc.Number(int(r.Number))})
	}
	return []page.Part{{ID: "returned", Fold: q.loc.T("returned.title"), Text: q.loc.T("returned.text"), Summary: sum}}
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
	for _, x := range letterFilters {
		st.Options = append(st.Options, page.Option{Value: x, Label: q.loc.T("returned.filter_" + x)})
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
		state := letterState(q.loc, l.Status, l.SkipReason)
		answer := page.Cell{Text: l.Response}
		if l.Code != nil {
			answer.Note = q.loc.T("mail.code", "Code", *l.Code)
		}
		switch {
		case l.Bounce != "":
			state, answer = q.bounceState(l.Bounce, l.BounceSettled), serverWords(l.BounceWords, l.BounceStatus)
		case l.Status == "failed" && l.Response != "":
			state.Note = q.bounceWords(refusalOf(l.Code, l.Response))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.T("letter_kind." + l.Kind), Href: letterPath(l.ID), Note: l.Call.In(q.loc.Lang())},
			to, state, answer,
			{When: page.MomentOf(q.loc, at, time.Time{})},
		}})
	}
	return t
}
