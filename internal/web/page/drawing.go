package page

import (
	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
)

// PointsBar shows points as a bar with the figures beside it, in words first
// and as a picture second.
type PointsBar struct {
	Label string
	Text  string // "61.5 of 100"
	Parts []BarPart
	Width int // of the drawing, in its own units
}

// BarPart is one stretch of a bar.
type BarPart struct {
	Label, Text string
	X, Width    int
	Shade       int // 1 to 4, for the colour
}

// Score is points of a maximum, for one criterion.
type Score struct {
	Label       string
	Points, Max decimal.Decimal
	Missing     bool // nobody gave points yet, which is not the same as none
}

const barWidth = 400

// BarOf draws scores beside each other on a bar as long as all their maxima.
func BarOf(loc locale.Printer, label string, scores ...Score) PointsBar {
	total, most := decimal.Zero, decimal.Zero
	for _, s := range scores {
		total, most = total.Add(s.Points), most.Add(s.Max)
	}
	bar := PointsBar{Label: label, Width: barWidth, Text: points(loc, total, most)}
	x := 0
	for i, s := range scores {
		w := share(s.Points, most, barWidth)
		text := points(loc, s.Points, s.Max)
		if s.Missing {
			text = loc.T("part.no_points")
		}
		bar.Parts = append(bar.Parts, BarPart{Label: s.Label, Text: text, X: x, Width: w, Shade: i%4 + 1})
		x += w
	}
	return bar
}

func points(loc locale.Printer, got, most decimal.Decimal) string {
	return loc.T("part.points", "Points", got, "Max", most)
}

// Several reports whether the bar has parts to tell apart.
func (b PointsBar) Several() bool { return len(b.Parts) > 1 }

// share is part of whole, of width units, never outside it.
func share(part, whole decimal.Decimal, width int) int {
	if !whole.IsPositive() || !part.IsPositive() {
		return 0
	}
	w := part.Mul(decimal.NewFromInt(int64(width))).Div(whole).Round(0).IntPart()
	return int(min(w, int64(width)))
}

// Distribution is how points are spread over applicants, with the cut-off,
// and the same figures as a table. The caller sees to it that it may be shown
// at all (design rule 13).
type Distribution struct {
	ID      string // unique on the page
	Title   string
	Columns []DistributionColumn
	Ticks   []DistributionTick
	Marks   []DistributionMark
	Figures Table
}

// DistributionColumn is one column of the drawing.
type DistributionColumn struct {
	X, Y, Width, Height int
	Above               bool // at or above the cut-off
}

// DistributionTick is a bound between columns, named below the axis.
type DistributionTick struct {
	X             int
	Label, Anchor string
}

// DistributionMark is an upright line at some points.
type DistributionMark struct {
	X, Top       int
	Text         string
	Own          bool // the reader's own points
	TextX, TextY int
	End          bool // the words stand to the left of the line
}

// Bin counts those with From <= points < To; the last bin includes To.
type Bin struct {
	From, To decimal.Decimal
	Count    int
}

// Spread is what a Distribution is drawn from. CutOff and Own may be nil.
type Spread struct {
	ID, Title string
	Bins      []Bin // ascending, without gaps
	CutOff    *decimal.Decimal
	Own       *decimal.Decimal
}

// The drawing's own units: its frame, and where the columns stand in it.
const (
	spreadWidth  = 640
	spreadTop    = 58
	spreadHeight = 154
)

// DistributionOf draws a spread.
func DistributionOf(loc locale.Printer, s Spread) Distribution {
	d := Distribution{ID: s.ID, Title: s.Title, Figures: spreadTable(loc, s)}
	if len(s.Bins) == 0 {
		return d
	}
	most := 1
	for _, b := range s.Bins {
		most = max(most, b.Count)
	}
	step := spreadWidth / len(s.Bins)
	for i, b := range s.Bins {
		h := b.Count * spreadHeight / most
		d.Columns = append(d.Columns, DistributionColumn{
			X: i*step + 2, Width: step - 4, Y: spreadTop + spreadHeight - h, Height: h,
			Above: s.CutOff != nil && b.From.GreaterThanOrEqual(*s.CutOff),
		})
	}
	d.Ticks = s.ticks(loc, step)
	d.Marks = s.marks(loc)
	return d
}

// ticks names every bound of the bins, the outermost inside the drawing.
func (s Spread) ticks(loc locale.Printer, step int) []DistributionTick {
	var out []DistributionTick
	for i, b := range s.Bins {
		out = append(out, DistributionTick{X: i * step, Label: loc.Decimal(b.From), Anchor: "middle"})
	}
	last := s.Bins[len(s.Bins)-1].To
	out = append(out, DistributionTick{X: len(s.Bins) * step, Label: loc.Decimal(last), Anchor: "end"})
	out[0].Anchor = "start"
	return out
}

// marks draws the reader's own points in the upper row of words and the
// cut-off in the lower one; its line starts below the other's words, and its
// words turn away from the other line.
func (s Spread) marks(loc locale.Printer) []DistributionMark {
	var out []DistributionMark
	if s.CutOff != nil {
		m := s.mark(*s.CutOff, loc.T("part.cut_off", "Points", *s.CutOff))
		m.Top, m.TextY = 30, 46
		out = append(out, m.turned(s.Own != nil && s.Own.GreaterThan(*s.CutOff)))
	}
	if s.Own != nil {
		m := s.mark(*s.Own, loc.T("part.yours", "Points", *s.Own))
		m.Own, m.Top, m.TextY = true, 4, 20
		out = append(out, m.turned(false))
	}
	return out
}

func (s Spread) mark(at decimal.Decimal, text string) DistributionMark {
	first, last := s.Bins[0].From, s.Bins[len(s.Bins)-1].To
	width := spreadWidth / len(s.Bins) * len(s.Bins)
	return DistributionMark{X: share(at.Sub(first), last.Sub(first), width), Text: text}
}

// turned puts the words to the left of the line if asked to, unless there is
// no room on that side.
func (m DistributionMark) turned(left bool) DistributionMark {
	const room = 240
	left = (left && m.X > room) || m.X > spreadWidth-room
	m.End, m.TextX = left, m.X+7
	if left {
		m.TextX = m.X - 7
	}
	return m
}

func spreadTable(loc locale.Printer, s Spread) Table {
	t := Table{
		Caption: s.Title,
		Columns: []Column{
			{Label: loc.T("part.from"), Numeric: true},
			{Label: loc.T("part.to"), Numeric: true},
			{Label: loc.T("part.count"), Numeric: true},
		},
		Scroll: true,
	}
	for _, b := range s.Bins {
		t.Rows = append(t.Rows, Row{Cells: Cells(loc.Decimal(b.From), loc.Decimal(b.To), loc.Number(b.Count))})
	}
	return t
}
