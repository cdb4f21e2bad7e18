package web

import (
	"context"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// pastYears is how many earlier results are shown beside a destination.
const pastYears = 2

// pastFigures are what the destinations of a call came to in earlier years, by
// destination, the newest first. What too few people are behind was never
// written down (design rule 13).
type pastFigures map[uuid.UUID][]store.PastFiguresRow

func readPast(ctx context.Context, db store.DBTX, call uuid.UUID) (pastFigures, error) {
	rows, err := queries.PastFigures(ctx, db, call)
	if err != nil {
		return nil, err
	}
	out := pastFigures{}
	for _, r := range rows {
		if len(out[r.DestinationID]) < pastYears {
			out[r.DestinationID] = append(out[r.DestinationID], r)
		}
	}
	return out, nil
}

// short is the lowest admitted points of one earlier year, or why there are
// none to show.
func (p pastFigures) short(q *request, r store.PastFiguresRow) string {
	year := r.AcademicYear
	if r.Round > 1 {
		year = q.loc.T("past.round", "Year", year, "Round", q.loc.Number(int(r.Round)))
	}
	switch {
	case !r.Enough:
		return q.loc.T("past.too_few", "Year", year)
	case r.Lowest == nil:
		return q.loc.T("past.no_points", "Year", year)
	case r.Most == nil:
		return q.loc.T("past.lowest", "Year", year, "Lowest", points(q, *r.Lowest))
	}
	return q.loc.T("past.lowest_of", "Year", year, "Lowest", points(q, *r.Lowest), "Most", points(q, *r.Most))
}

// rest is how many were ranked for how many places, and whether the points
// compare with this year's.
func (p pastFigures) rest(q *request, r store.PastFiguresRow) []string {
	if !r.Enough {
		return nil
	}
	out := []string{q.loc.N("past.ranked", int(r.Ranked), "Places", q.loc.N("catalogue.places", int(r.Places)))}
	if r.Lowest != nil && !r.SameScheme {
		out = append(out, q.loc.T("past.other_scheme"))
	}
	return out
}

func (p pastFigures) long(q *request, r store.PastFiguresRow) string {
	return strings.Join(append([]string{p.short(q, r)}, p.rest(q, r)...), "; ")
}

// cell is the earlier years of one destination in a table.
func (p pastFigures) cell(q *request, at uuid.UUID) page.Cell {
	rows := p[at]
	if len(rows) == 0 {
		return page.Cell{Text: "–"}
	}
	var notes []string
	if first := strings.Join(p.rest(q, rows[0]), "; "); first != "" {
		notes = append(notes, first)
	}
	for _, r := range rows[1:] {
		notes = append(notes, p.long(q, r))
	}
	return page.Cell{Text: p.short(q, rows[0]), Note: strings.Join(notes, " · ")}
}

// facts are the same beside a chosen destination.
func (p pastFigures) facts(q *request, at uuid.UUID) []string {
	var out []string
	for _, r := range p[at] {
		out = append(out, p.long(q, r))
	}
	return out
}

// points writes points without zeros that say nothing.
func points(q *request, d decimal.Decimal) string {
	text := d.String()
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	short, err := decimal.NewFromString(text)
	if err != nil {
		return text
	}
	return q.loc.Decimal(short)
}
