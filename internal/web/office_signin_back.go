package web

import (
	"context"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// Sign-in letters that came back. They are no rows of letters, and over in
// minutes: what they tell is that an address does not work.

// mostSignInsBack is how many people one page lists.
const mostSignInsBack = 200

// signInsBack are people whose sign-in letter came back from the address of
// today; person, if not nil, is the only one that is asked for.
func (q *request) signInsBack(ctx context.Context, db store.DBTX, person *uuid.UUID) ([]store.SignInLettersBackRow, error) {
	return queries.SignInLettersBack(ctx, db, store.SignInLettersBackParams{Institutions: q.house(), Self: q.actor.Person, PersonID: person, Most: mostSignInsBack})
}

// signInsTurn asks for what is left when every letter is settled.
func (q *request) signInsTurn(w page.WhoseTurn, back []store.SignInLettersBackRow) page.WhoseTurn {
	if !w.Over || len(back) == 0 {
		return w
	}
	return page.WhoseTurn{Yours: true, Whose: q.loc.T("turn.yours"), What: q.loc.N("returned.sign_ins_what", len(back)), Next: q.loc.T("returned.sign_ins_next")}
}

func (q *request) signInsBackPart(back []store.SignInLettersBackRow) []page.Part {
	if len(back) == 0 {
		return nil
	}
	t := page.Table{Caption: q.loc.T("returned.sign_ins"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("office.name")}, {Label: q.loc.T("office.email")}, {Label: q.loc.T("mail.outcome")}, {Label: q.loc.T("returned.said")}, {Label: q.loc.T("office.when")},
	}}
	for _, b := range back {
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: b.Name, Href: personPath(b.PersonID) + "#address"},
			{Text: b.Address},
			q.bounceState(b.Reason, ""), serverWords(b.Diagnostic, b.Status),
			{When: page.MomentOf(q.loc, b.At, time.Time{})},
		}})
	}
	return []page.Part{{ID: "sign-ins", Title: q.loc.T("returned.sign_ins"), Text: q.loc.T("returned.sign_ins_text"), Table: t}}
}
