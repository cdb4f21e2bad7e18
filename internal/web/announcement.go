package web

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// announcementView is a letter to many with what became of it.
type announcementView struct {
	store.AnnouncementPageRow
	texts    []store.AnnouncementTextsRow
	progress []store.AnnouncementProgressRow
	letters  []store.AnnouncementLettersRow
	at       int
}

func (s *Server) showAnnouncement(q *request) error {
	a, err := s.readAnnouncement(q)
	if err != nil {
		return err
	}
	return s.render(q, http.StatusOK, s.announcementPage(q, a))
}

func (s *Server) readAnnouncement(q *request) (a announcementView, err error) {
	id, err := q.id("announcement")
	if err != nil {
		return a, err
	}
	a.at = pageOf(q.r.URL.Query())
	err = s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if a.AnnouncementPageRow, err = queries.AnnouncementPage(ctx, db, id); err != nil {
			return err
		}
		if a.texts, err = queries.AnnouncementTexts(ctx, db, id); err != nil {
			return err
		}
		if a.progress, err = queries.AnnouncementProgress(ctx, db, id.String()); err != nil {
			return err
		}
		a.letters, err = queries.AnnouncementLetters(ctx, db, store.AnnouncementLettersParams{
			Announcement: id.String(), Self: q.actor.Person, Most: perPage, Skip: int32((a.at - 1) * perPage),
		})
		if err != nil {
			return err
		}
		return q.note(db, lookedAt{institution: a.InstitutionID, subjects: []uuid.UUID{id}, count: len(a.letters)})
	})
	return a, err
}

func (s *Server) announcementPage(q *request, a announcementView) page.Office {
	p := page.Office{Base: s.base(q, q.loc.T("letter_kind.announcement")), Turn: q.announcementTurn(a)}
	p.Wide = true
	if len(a.texts) > 0 {
		p.Title = a.texts[0].Subject
	}
	p.Breadcrumbs = []page.Link{{Label: q.loc.T("people.title"), Href: "/office/people"}}
	if a.CallID != nil {
		p.Kicker, p.Breadcrumbs = a.Call.In(q.loc.Lang()), q.callCrumbs(*a.CallID, a.Call)
	}
	sent := page.Summary{Rows: []page.Fact{
		{Term: q.loc.T("wording.by"), Text: a.Writer},
		{Term: q.loc.T("office.when"), When: page.MomentOf(q.loc, a.WrittenAt, time.Time{})},
		{Term: q.loc.T("write.list"), Text: q.loc.T("write.list_" + a.List)},
	}}
	p.Parts = []page.Part{{ID: "sent", Summary: sent}, q.announcementProgress(a), s.announcementTexts(q, a), q.announcementLetters(a)}
	return p
}

// waiting counts the letters that have not gone out.
func (a announcementView) waiting() int {
	for _, row := range a.progress {
		if row.Status == "planned" {
			return int(row.Letters)
		}
	}
	return 0
}

func (q *request) announcementTurn(a announcementView) page.WhoseTurn {
	if n := a.waiting(); n > 0 {
		return page.WhoseTurn{Whose: q.loc.N("write.waiting", n), What: q.loc.T("write.waiting_what")}
	}
	return page.WhoseTurn{Over: true, Whose: q.loc.T("write.over")}
}

func (q *request) announcementProgress(a announcementView) page.Part {
	t := page.Table{Caption: q.loc.T("ranking.progress"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.state")}, {Label: q.loc.T("ranking.how_many"), Numeric: true},
	}}
	for _, row := range a.progress {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{letterState(q.loc, row.Status, row.SkipReason), {Text: q.loc.Number(int(row.Letters))}}})
	}
	part := page.Part{ID: "progress", Title: q.loc.T("ranking.progress"), Table: t}
	if n := a.waiting(); n > 0 && q.mayRetract(a) {
		part.Buttons = []page.Button{{Label: q.loc.N("write.retract", n), Look: page.Secondary, Danger: true, Href: announcementPath(a.ID) + "/retracted"}}
	}
	return part
}

func (s *Server) announcementTexts(q *request, a announcementView) page.Part {
	part := page.Part{ID: "text", Fold: q.loc.T("write.text")}
	for _, t := range a.texts {
		part.Letters = append(part.Letters, page.LetterShown{
			Title: t.Subject, Plain: t.Body + "\n\n" + s.Catalogue.Printer(t.Language, nil).T("letter.why", "Why", t.Why),
			Facts: page.Summary{Rows: []page.Fact{{Term: q.loc.T("office.language"), Text: q.loc.Language(t.Language)}}},
		})
	}
	return part
}

func (q *request) announcementLetters(a announcementView) page.Part {
	t := page.Table{Caption: q.loc.T("office.letters"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.language")}, {Label: q.loc.T("office.state")},
	}, Empty: page.EmptyState{Title: q.loc.T("mail.none")}}
	total := 0
	for _, l := range a.letters {
		total = int(l.Total)
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{{Text: l.Name, Href: letterPath(l.ID)}, {Text: q.loc.Language(l.Language)}, letterState(q.loc, l.Status, l.SkipReason)}})
	}
	return page.Part{ID: "letters", Title: q.loc.T("office.letters"), Table: t, Pager: page.PagerOf(a.at, (total+perPage-1)/perPage, total, func(n int) string {
		return withQuery(announcementPath(a.ID), "page", strconv.Itoa(n))
	})}
}

func (q *request) mayRetract(a announcementView) bool {
	return q.isOfficer() || a.WrittenBy == q.actor.Person
}

func (s *Server) askRetraction(q *request) error {
	a, err := s.readAnnouncement(q)
	if err != nil {
		return err
	}
	if !q.mayRetract(a) {
		return mobility.ForbiddenError("refusal.not_your_office")
	}
	n := a.waiting()
	d := page.Dialog{
		Text: q.loc.T("write.retract_ask"), Action: announcementPath(a.ID) + "/retracted",
		Confirm: page.Button{Label: q.loc.N("write.retract", n), Danger: true}, Cancel: page.Link{Href: announcementPath(a.ID)},
	}
	return s.render(q, http.StatusOK, page.Confirm{Base: s.base(q, q.loc.N("write.retract", n)), Dialog: d})
}

func (s *Server) retractAnnouncement(q *request) error {
	id, err := q.id("announcement")
	if err != nil {
		return err
	}
	number, err := s.Process.RetractAnnouncement(q.ctx(), q.actor, id, q.arrived)
	if err != nil {
		return err
	}
	return s.done(q, announcementPath(id), "notice.announcement_retracted", "Number", strconv.Itoa(number))
}
