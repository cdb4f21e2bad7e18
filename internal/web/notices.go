package web

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/form"
	"peregrine/internal/web/page"
)

// Letters in the product, for everybody who is signed in: whatever becomes of
// the e-mail, they can be read here. No sign-in link is among them, and one to
// a host has no reader with an account.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /notices", Guard: SignedIn, Handle: s.listNotices},
		{Pattern: "POST /notices/read", Guard: SignedIn, Handle: s.readNotices},
		{Pattern: "GET /letters/{id}", Guard: SignedIn, Handle: s.showOwnLetter},
	}
})

// subject is a letter's own; one whose words are not written yet is named by
// its kind.
func (q *request) subject(written, kind string) string {
	if written != "" {
		return written
	}
	return q.loc.T("letter_kind." + kind)
}

func (s *Server) listNotices(q *request) error {
	v := q.r.URL.Query()
	at, unread := pageOf(v), v.Get("unread") == "true"
	var rows []store.NoticesRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		rows, err = queries.Notices(ctx, db, store.NoticesParams{PersonID: &q.actor.Person, UnreadOnly: unread, Skip: int32((at - 1) * perPage), Most: perPage})
		return err
	})
	if err != nil {
		return err
	}
	p := page.Mine{Base: s.base(q, q.loc.T("notices.title"))}
	p.Lead = q.loc.T("notices.lead")
	p.Notices = q.cameBack(rows)
	part := page.Part{ID: "letters", Table: q.noticesTable(rows, unread)}
	if len(rows) > 0 {
		total := int(rows[0].Total)
		part.Pager = page.PagerOf(at, (total+perPage-1)/perPage, total, func(n int) string {
			return withQuery("/notices", "unread", v.Get("unread"), "page", strconv.Itoa(n))
		})
	}
	p.Parts = []page.Part{part}
	if n := p.Unread; n > 0 && len(rows) > 0 {
		p.Parts[0].Text = q.loc.N("notices.unread", n)
		p.Parts[0].Buttons = q.noticesButtons(unread, newest(rows))
	} else if unread {
		p.Parts[0].Buttons = []page.Button{{Label: q.loc.T("notices.show_all"), Href: "/notices", Look: page.Secondary}}
	}
	return s.render(q, http.StatusOK, p)
}

// newest is when the newest letter of a page was planned. The first page has
// the newest of all.
func newest(rows []store.NoticesRow) time.Time {
	var at time.Time
	for _, r := range rows {
		if r.PlannedAt.After(at) {
			at = r.PlannedAt
		}
	}
	return at
}

func (q *request) noticesButtons(unread bool, until time.Time) []page.Button {
	all := page.Button{
		Label: q.loc.T("notices.read_all"), Look: page.Secondary, Action: "/notices/read",
		Hidden: []page.Hidden{{Name: "until", Value: strconv.FormatInt(until.UnixMicro(), 10)}},
	}
	other := page.Button{Label: q.loc.T("notices.only_unread"), Href: "/notices?unread=true", Look: page.Quiet}
	if unread {
		other = page.Button{Label: q.loc.T("notices.show_all"), Href: "/notices", Look: page.Quiet}
	}
	return []page.Button{all, other}
}

// cameBack tells a reader that e-mail to the address they have now does not
// arrive: here they learn it in any case.
func (q *request) cameBack(rows []store.NoticesRow) []page.Notice {
	for _, r := range rows {
		if r.Bounced && r.Address == q.visitor.Email {
			return []page.Notice{{Tone: page.Warning, Title: q.loc.T("notices.came_back", "Address", r.Address), Text: q.loc.T("notices.came_back_text")}}
		}
	}
	return nil
}

func (q *request) noticesTable(rows []store.NoticesRow, unread bool) page.Table {
	t := page.Table{
		Caption: q.loc.T("notices.title"), HideCaption: true,
		Columns: []page.Column{{Label: q.loc.T("letters.subject")}, {Label: q.loc.T("notices.from")}, {Label: q.loc.T("notices.when")}},
		Empty:   page.EmptyState{Title: q.loc.T("letters.none"), Text: q.loc.T("notices.none_text")},
	}
	if unread {
		t.Empty = page.EmptyState{Title: q.loc.T("notices.none_unread"), Text: q.loc.T("notices.none_unread_text")}
	}
	for _, r := range rows {
		cell := page.Cell{Text: q.subject(r.Subject, r.Kind), Href: "/letters/" + r.ID.String(), Note: r.Call.In(q.loc.Lang())}
		if r.ReadAt == nil {
			cell.Tag = page.Tag{Label: q.loc.T("letters.unread"), Tone: page.Accent}
		}
		when := page.Cell{When: page.MomentOf(q.loc, r.At, q.now)}
		switch {
		case r.Bounced:
			when.Note = q.loc.T("notices.email_came_back")
		case r.Status == "planned":
			when.Note = q.loc.T("notices.email_follows")
		case r.Status == "failed":
			when.Note = q.loc.T("notices.email_failed")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{cell, {Text: r.Institution}, when}})
	}
	return t
}

type readForm struct {
	Until int64 `form:"until" validate:"required"` // microseconds
}

func (s *Server) readNotices(q *request) error {
	var f readForm
	if _, err := form.Decode(q.r, &f); err != nil {
		return err
	}
	if _, err := s.Process.ReadAllLetters(q.ctx(), q.actor, time.UnixMicro(f.Until), q.arrived); err != nil {
		return err
	}
	return s.done(q, "/notices", "notice.letters_read")
}

// ownLetter is a letter as its reader sees it.
type ownLetter struct {
	id          uuid.UUID
	subject     string
	plain       string
	institution string
	application *uuid.UUID
	at          time.Time // zero: the e-mail has not gone yet
	note        string    // what became of the e-mail, if there is something to say
}

// showOwnLetter shows a letter as it was sent, or as it will be, and remembers
// that it was read.
func (s *Server) showOwnLetter(q *request) error {
	id, err := q.id("id")
	if err != nil {
		return err
	}
	l, err := s.readOwnLetter(q, id)
	if err != nil {
		return err
	}
	base := s.base(q, l.subject)
	base.Kicker = l.institution
	base.Breadcrumbs = []page.Link{{Label: q.loc.T("notices.title"), Href: "/notices"}}
	part := page.Part{Letters: []page.LetterShown{{Plain: l.plain, Facts: page.Summary{}}}}
	if !l.at.IsZero() {
		part.Letters[0].Facts.Rows = []page.Fact{{Term: q.loc.T("letters.sent"), When: page.MomentOf(q.loc, l.at, q.now)}}
	}
	if l.application != nil && *l.application != uuid.Nil {
		part.Buttons = []page.Button{{Label: q.loc.T("letters.application"), Href: "/applications/" + l.application.String(), Look: page.Secondary}}
	}
	p := page.Mine{Base: base, Parts: []page.Part{part}}
	if l.note != "" {
		p.Notices = []page.Notice{{Tone: page.Info, Text: l.note}}
	}
	return s.render(q, http.StatusOK, p)
}

// readOwnLetter finds the letter's words: as they were written, else written
// now.
func (s *Server) readOwnLetter(q *request, id uuid.UUID) (ownLetter, error) {
	var l store.MyLetterRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		l, err = queries.MyLetter(ctx, db, store.MyLetterParams{ID: id, PersonID: &q.actor.Person})
		return err
	})
	if mobility.KindOf(err) == mobility.NotFound {
		return s.writeOwnLetter(q, id)
	}
	if err != nil {
		return ownLetter{}, err
	}
	if l.ReadAt == nil && q.r.Method == http.MethodGet {
		if err := s.Process.ReadLetter(q.ctx(), q.actor, id, q.arrived); err != nil {
			return ownLetter{}, err
		}
		q.opened()
	}
	own := ownLetter{id: id, subject: l.Subject, plain: l.Plain, institution: l.Institution, application: l.ApplicationID, at: l.At}
	if l.Bounced {
		own.note = q.loc.T("notices.came_back", "Address", l.Address) + " " + q.loc.T("notices.came_back_text")
	}
	return own, nil
}

// opened counts one letter less in this page's frame.
func (q *request) opened() {
	if q.visitor != nil && q.visitor.Unread > 0 {
		q.visitor.Unread--
	}
}

// writeOwnLetter writes a decision whose e-mail has not gone yet. What it is
// made of is read with the rights of who writes letters, once it is proved
// that the letter is the reader's; they get its words alone.
func (s *Server) writeOwnLetter(q *request, id uuid.UUID) (ownLetter, error) {
	own := ownLetter{id: id, note: q.loc.T("notices.email_follows_text")}
	unread := false
	err := s.Process.WriteOwnLetter(q.ctx(), q.actor, process.OwnLetter{Letter: id, Arrived: q.arrived}, func(db store.DBTX, now time.Time) error {
		q.now = now
		n, err := queries.Notice(q.ctx(), db, store.NoticeParams{ID: id, PersonID: &q.actor.Person})
		if err != nil {
			return err
		}
		unread, own.institution, own.application = n.ReadAt == nil, n.Institution, n.ApplicationID
		row, err := store.One(queries.LettersToSend(q.ctx(), db, []uuid.UUID{id}))
		if err != nil {
			return err
		}
		ref, err := outbox.RefOf(row)
		if err != nil {
			return err
		}
		text, _, err := s.letters.Render(q.ctx(), db, ref)
		var pointless outbox.Pointless
		if errors.As(err, &pointless) {
			own.subject, own.note = q.loc.T("letter_kind."+n.Kind), q.loc.T("letter.skipped_"+pointless.Reason)
			return nil
		}
		own.subject, own.plain = text.Subject, text.Plain
		return err
	})
	if err == nil && unread {
		q.opened()
	}
	return own, err
}
