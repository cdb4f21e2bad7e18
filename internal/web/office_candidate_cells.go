package web

import (
	"fmt"

	"peregrine/internal/locale"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// cycleYear is "bachelor, year 2".
func cycleYear(loc locale.Printer, f process.SubmittedFacts) string {
	out := ""
	if f.Cycle != nil {
		out = loc.T(fmt.Sprintf("cycle.%d", *f.Cycle))
	}
	if f.Year != nil {
		if out != "" {
			out += ", "
		}
		out += loc.T("office.year", "Year", *f.Year)
	}
	return out
}

// wishCell is the first choice, and how many more there are.
func wishCell(loc locale.Printer, wishes []store.OfficeChoicesRow) page.Cell {
	if len(wishes) == 0 {
		return page.Cell{}
	}
	c := page.Cell{Text: wishes[0].Host, Note: loc.T("term." + wishes[0].Term)}
	if more := len(wishes) - 1; more > 0 {
		c.Note += " · " + loc.N("office.more_choices", more)
	}
	return c
}
