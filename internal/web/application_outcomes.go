package web

import (
	"strings"

	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// grantFacts say whether a place comes with a grant, where the call gives any.
func grantFacts(q *request, o store.MyOffersRow) []page.Fact {
	if o.Given == "" {
		return nil
	}
	fact := page.Fact{Term: q.loc.T("application.grant"), Text: q.loc.T("outcome.given_" + o.Given)}
	if o.Given == string(selection.WithoutGrant) {
		fact.Text = q.loc.T("application.grant_waits")
	}
	return []page.Fact{fact}
}

var outcomeTones = map[string]page.Tone{
	string(selection.Placed): page.Success, string(selection.Reserve): page.Info, string(selection.NotPlaced): page.Danger, string(selection.Gated): page.Danger,
}

func (v *ownView) outcomeTable(q *request) page.Table {
	t := page.Table{Caption: q.loc.T("application.choices"), Columns: []page.Column{
		{Label: q.loc.T("application.choice")},
		{Label: q.loc.T("application.outcome")},
		{Label: q.loc.T("application.rank_there"), Numeric: true},
		{Label: q.loc.T("application.lowest"), Numeric: true},
		{Label: q.loc.T("application.highest"), Numeric: true},
		{Label: q.loc.T("application.why")},
	}}
	for _, o := range v.outcomes {
		outcome := page.Cell{Tag: v.outcomeNow(q, o), Note: v.reserveNote(q, o)}
		rank := page.Cell{}
		if o.Rank > 0 {
			rank.Text = q.loc.Number(int(o.Rank))
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{
			{Text: q.loc.Number(int(o.Position)) + ". " + v.anywhere(o.DestinationID).Host}, outcome, rank, lowestCell(q, o), highestCell(q, o), {Text: v.scheme.ownReason(q.loc, o.Data)},
		}})
	}
	return t
}

// liveOffer is the place that somebody is offered or has confirmed, nil for
// none.
func (v *ownView) liveOffer() *store.MyOffersRow {
	for i := range v.offers {
		if s := v.offers[i].Status; s == "open" || s == "confirmed" {
			return &v.offers[i]
		}
	}
	return nil
}

// outcomeNow is what a choice came to, and what has become of that since: a
// place that came down the reserve, one given up for it, a reserve that is
// over.
func (v *ownView) outcomeNow(q *request, o store.MyOutcomesRow) page.Tag {
	live := v.liveOffer()
	if v.result == nil { // a provisional list: nothing has followed from it
		live = nil
	}
	switch {
	case o.Reason == selection.ReasonBetterChoice:
		return page.Tag{Label: q.loc.T("application.not_needed")}
	case live != nil && live.DestinationID == o.DestinationID:
		return page.Tag{Label: q.loc.T("outcome.placed"), Tone: page.Success}
	case live != nil && o.Outcome == string(selection.Placed):
		return page.Tag{Label: q.loc.T("application.given_up")}
	case v.result != nil && o.Outcome == string(selection.Reserve) && v.waiting[o.DestinationID] == 0:
		return page.Tag{Label: q.loc.T("application.reserve_over")}
	}
	return page.Tag{Label: q.loc.T("outcome." + o.Outcome), Tone: outcomeTones[o.Outcome]}
}

// reserveNote says where somebody waits: as decided, and as it stands now.
func (v *ownView) reserveNote(q *request, o store.MyOutcomesRow) string {
	var words []string
	if o.ReserveRank > 0 {
		words = append(words, q.loc.T("application.reserve_was", "Number", q.loc.Number(int(o.ReserveRank))))
	}
	if live := v.liveOffer(); v.result != nil && live != nil && live.Promoted && live.DestinationID == o.DestinationID {
		words = append(words, q.loc.T("application.promoted"))
	}
	if n := v.waiting[o.DestinationID]; n > 0 {
		words = append(words, q.loc.T("application.reserve_now", "Number", q.loc.Number(n)))
	}
	return strings.Join(words, "; ")
}

// lowestCell and highestCell are figures about others: where too few are
// behind them they are withheld, and the page says so (design rule 13).
func lowestCell(q *request, o store.MyOutcomesRow) page.Cell {
	switch {
	case !o.Figures:
		return page.Cell{Text: "–", Note: q.loc.T("application.figures_later")}
	case o.Lowest != nil:
		return page.Cell{Text: q.loc.Decimal(*o.Lowest)}
	case !o.Enough:
		return page.Cell{Text: "–", Note: q.loc.T("application.withheld")}
	}
	return page.Cell{Text: "–"}
}

func highestCell(q *request, o store.MyOutcomesRow) page.Cell {
	switch {
	case !o.Figures:
		return page.Cell{Text: "–", Note: q.loc.T("application.figures_later")}
	case o.Highest != nil:
		return page.Cell{Text: q.loc.Decimal(*o.Highest)}
	case o.HighestWithheld:
		return page.Cell{Text: "–", Note: q.loc.T("application.withheld")}
	}
	return page.Cell{Text: "–"}
}
