package web

import (
	"context"
	"net/http"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// The catalogue of calls, for everybody.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /calls", Guard: Public, Handle: s.showCatalogue, Nav: "nav.calls", NavOrder: 50}}
})

// closedFor is how long the catalogue remembers a call that has closed.
const closedFor = 120 * 24 * time.Hour

func (s *Server) showCatalogue(q *request) error {
	var rows []store.PublicCallsRow
	var own map[uuid.UUID]time.Time
	err := s.read(q, func(ctx context.Context, db store.DBTX) (err error) {
		if own, err = q.ownClosings(ctx, db, nil); err != nil {
			return err
		}
		rows, err = queries.PublicCalls(ctx, db, q.now)
		return err
	})
	if err != nil {
		return err
	}
	base := s.base(q, q.loc.T("catalogue.title"))
	base.Lead = q.loc.T("catalogue.lead")
	open := page.CardList{Title: q.loc.T("catalogue.open"), Empty: page.EmptyState{
		Title: q.loc.T("catalogue.none_title"), Text: q.loc.T("catalogue.none_text"),
	}}
	soon := page.CardList{Title: q.loc.T("catalogue.soon")}
	closed := page.CardList{Title: q.loc.T("catalogue.closed")}
	for _, row := range rows {
		row.ClosesAt = laterOf(row.ClosesAt, own[row.RoundID])
		switch card := q.callCard(row); {
		case !mobility.Open(q.now, row.ClosesAt):
			if q.now.Sub(row.ClosesAt) < closedFor {
				closed.Cards = append([]page.Card{card}, closed.Cards...)
			}
		case q.now.Before(row.OpensAt):
			soon.Cards = append(soon.Cards, card)
		default:
			open.Cards = append(open.Cards, card)
		}
	}
	return s.render(q, http.StatusOK, page.Catalogue{Base: base, Lists: []page.CardList{open, soon, closed}})
}

// callCard says of a call what decides whether to read on: whose, for whom,
// until when, how many places.
func (q *request) callCard(row store.PublicCallsRow) page.Card {
	zone := zoneOf(row.Zone)
	c := page.Card{
		Title: row.Title.In(q.loc.Lang()), Href: "/calls/" + row.ID.String(),
		Kicker: q.loc.T("catalogue.kicker", "Institution", row.Institution, "Programme", q.loc.T("programme."+row.Programme), "Year", row.AcademicYear),
		Label:  q.loc.T("catalogue.closes"), When: q.deadline(row.ClosesAt, zone),
		Facts: []string{q.loc.N("catalogue.places", int(row.Places)), q.loc.N("catalogue.destinations", int(row.Destinations)), q.mayApply(row.Units, row.Registration)},
	}
	switch {
	case !mobility.Open(q.now, row.ClosesAt):
		c.Label = q.loc.T("catalogue.closed_since")
	case q.now.Before(row.OpensAt):
		c.Label, c.When = q.loc.T("catalogue.opens"), q.moment(row.OpensAt, zone)
	}
	return c
}

// mayApply says who a call is for.
func (q *request) mayApply(units []byte, registration string) string {
	names := unitWords(q.loc, units)
	words := q.loc.T("catalogue.for_all")
	if len(names) > 0 {
		words = q.loc.T("catalogue.for_units", "Units", names)
	}
	if registration != "none" {
		words += " " + q.loc.T("catalogue.for_others")
	}
	return words
}
