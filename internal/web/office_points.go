package web

import (
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/process"
	"peregrine/internal/store"
)

// byPoints is the one order that the database does not know: what points come
// to, the scheme alone says.
const byPoints = "points"

// orderByPoints keeps the part of the rows that the page shows.
func (c *candidates) orderByPoints(skip, most int) {
	slices.SortStableFunc(c.rows, func(a, b candidate) int {
		if c.filter.descending {
			a, b = b, a
		}
		return a.points.Total.Cmp(b.points.Total)
	})
	c.rows = c.rows[min(skip, len(c.rows)):min(skip+most, len(c.rows))]
}

// valuesOf asks for the values of files of a call.
func valuesOf(call store.OfficeCallRow, ids []uuid.UUID) process.ValuesOf {
	of := process.ValuesOf{Institution: call.InstitutionID, Applications: ids, FactsAt: call.FactsAt}
	if call.ClosesAt != nil {
		of.At = *call.ClosesAt
	}
	return of
}
