package page

import "peregrine/internal/locale"

// Demand draws how many want each destination against the places there are,
// and shows the same figures as a table.
type Demand struct {
	ID      string // unique on the page
	Title   string
	Width   int // of the drawing, in its own units
	Height  int
	Bars    []DemandBar
	Figures Table
}

// DemandBar is one destination of the drawing: all who wish for it, those of
// them whose first wish it is, and a line at its places.
type DemandBar struct {
	Label       string
	TextY, Y    int
	All, First  int
	Places      int
	FiguresText string
	FiguresX    int
}

// Wanted is one destination's demand.
type Wanted struct {
	Label              string
	First, All, Places int
}

// The drawing's own units.
const (
	demandWidth = 640
	demandRow   = 46
	demandRoom  = 90 // behind the bars, for the figures
)

// DemandOf draws demand, in the order given.
func DemandOf(loc locale.Printer, id, title string, wanted []Wanted) Demand {
	d := Demand{ID: id, Title: title, Width: demandWidth, Height: demandRow * len(wanted), Figures: demandTable(loc, title, wanted)}
	most := 1
	for _, w := range wanted {
		most = max(most, w.All, w.Places)
	}
	scale := func(n int) int { return n * (demandWidth - demandRoom) / most }
	for i, w := range wanted {
		y := i*demandRow + 20
		d.Bars = append(d.Bars, DemandBar{
			Label: w.Label, TextY: y - 6, Y: y, All: scale(w.All), First: scale(w.First), Places: scale(w.Places),
			FiguresText: loc.T("part.demand_figures", "All", loc.Number(w.All), "Places", loc.Number(w.Places)), FiguresX: scale(max(w.All, w.Places)) + 8,
		})
	}
	return d
}

func demandTable(loc locale.Printer, title string, wanted []Wanted) Table {
	t := Table{Caption: title, Columns: []Column{
		{Label: loc.T("part.demand_destination")},
		{Label: loc.T("part.demand_places"), Numeric: true},
		{Label: loc.T("part.demand_first"), Numeric: true},
		{Label: loc.T("part.demand_all"), Numeric: true},
	}, Scroll: true}
	for _, w := range wanted {
		t.Rows = append(t.Rows, Row{Cells: Cells(w.Label, loc.Number(w.Places), loc.Number(w.First), loc.Number(w.All))})
	}
	return t
}
