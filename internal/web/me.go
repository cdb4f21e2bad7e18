package web

import (
	"context"
	"net/http"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// What is one's own: applications, and the letters about them.
var _ = screen(func(s *Server) []Route {
	return []Route{
		{Pattern: "GET /me", Guard: Applicant, Handle: s.showMe, Nav: "nav.me", NavOrder: 60},
	}
})

func (s *Server) showMe(q *request) error {
	var rows []store.MyApplicationsRow
	var letters []store.MyLettersRow
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if rows, err = queries.MyApplications(ctx, db, q.actor.Person); err != nil {
			return err
		}
		letters, err = queries.MyLetters(ctx, db, store.MyLettersParams{PersonID: &q.actor.Person})
		return err
	})
	if err != nil {
		return err
	}
	live := page.CardList{Title: q.loc.T("me.live")}
	over := page.CardList{Title: q.loc.T("me.over")}
	yours := 0
	for _, row := range rows {
		card, phase, err := s.applicationCard(q, row)
		if err != nil {
			return err
		}
		if phase == mobility.PhaseClosed {
			over.Cards = append(over.Cards, card)
			continue
		}
		live.Cards = append(live.Cards, card)
		if card.Yours {
			yours++
		}
	}
	if len(rows) == 0 {
		live.Empty = page.EmptyState{Title: q.loc.T("me.none"), Text: q.loc.T("me.none_text"), Buttons: []page.Button{{Label: q.loc.T("me.find"), Href: "/calls"}}}
	}
	p := page.Mine{Base: s.base(q, q.loc.T("me.title")), Lists: []page.CardList{live, over}}
	p.Base.Lead = q.loc.T("me.nothing_to_do")
	if yours > 0 {
		p.Base.Lead = q.loc.N("me.your_turn", yours)
	}
	p.Parts = []page.Part{q.letterPart(letters, q.loc.T("me.letters"))}
	return s.render(q, http.StatusOK, p)
}

// applicationCard says of one application whose turn it is, until when, and
// what happens next.
func (s *Server) applicationCard(q *request, row store.MyApplicationsRow) (page.Card, mobility.Phase, error) {
	st, err := s.Process.Standing(q.ctx(), q.actor, row.ID, q.arrived)
	if err != nil {
		return page.Card{}, "", err
	}
	turn := q.turn(st, lifecycle.AudienceApplicant)
	c := page.Card{
		Title: row.Title.In(q.loc.Lang()), Href: "/applications/" + row.ID.String(), Kicker: row.Institution + " · " + row.AcademicYear,
		Tag: labelTag(st.State, lifecycle.AudienceApplicant, q.loc.Lang()), Text: turn.Next, Yours: turn.Yours,
	}
	if row.Rounds > 1 {
		c.Facts = []string{q.loc.T("me.round", "Number", q.loc.Number(int(row.Round)))}
	}
	if !turn.Over {
		c.Label, c.When = turn.Whose, turn.Until
		if !turn.Until.Zero() {
			c.Label = q.loc.T("me.turn_until", "Whose", turn.Whose)
		} else {
			c.Facts = append([]string{turn.Whose}, c.Facts...)
		}
	}
	if turn.Yours && st.CanEdit == nil {
		c.Buttons = []page.Button{{Label: q.loc.T("call.continue"), Href: c.Href + "/edit"}}
	}
	return c, st.State.Phase, nil
}

// letterPart lists letters, those not opened yet marked.
func (q *request) letterPart(rows []store.MyLettersRow, title string) page.Part {
	t := page.Table{
		Caption: title, HideCaption: true, Columns: []page.Column{{Label: q.loc.T("letters.subject")}, {Label: q.loc.T("letters.sent")}},
		Empty: page.EmptyState{Title: q.loc.T("letters.none"), Text: q.loc.T("letters.none_text")},
	}
	unread := 0
	for _, row := range rows {
		cell := page.Cell{Text: q.subject(row.Subject, row.Kind), Href: "/letters/" + row.ID.String()}
		if row.ReadAt == nil {
			unread++
			cell.Tag = page.Tag{Label: q.loc.T("letters.unread"), Tone: page.Accent}
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{cell, {When: page.MomentOf(q.loc, row.At, q.now)}}})
	}
	part := page.Part{ID: "letters", Title: title, Table: t}
	if unread > 0 {
		part.Text = q.loc.N("letters.unread_count", unread)
	}
	return part
}
