package figures

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"html"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// plot draws lines over two logarithmic axes, so that what grows evenly is
// straight: twice as far to the right, twice as far up.
type plot struct {
	title  string
	unit   func(float64) string // words a value of the upright axis
	lines  []line
	target float64 // at the size the product is held to
	low    float64 // powers of ten that bound the upright axis
	high   float64
}

type line struct {
	name, colour string
	x, y         []float64
}

func timePlot(measured []series) plot {
	return plot{
		title: "Time", target: 1, low: 1e-3, high: 100,
		unit: func(v float64) string {
			if v < 1 {
				return fmt.Sprintf("%g ms", v*1000)
			}
			return fmt.Sprintf("%g s", v)
		},
		lines: linesOf(measured, func(p point) float64 { return p.took.Seconds() }),
	}
}

func memoryPlot(measured []series) plot {
	return plot{
		title: "Memory", target: 400, low: 1, high: 10_000,
		unit:  func(v float64) string { return thousands(int(v)) + " MB" },
		lines: linesOf(measured, func(p point) float64 { return float64(p.memory) / (1 << 20) }),
	}
}

func linesOf(measured []series, of func(point) float64) []line {
	var out []line
	for _, s := range measured {
		l := line{name: s.name, colour: s.colour}
		for _, p := range s.points {
			l.x, l.y = append(l.x, float64(p.applicants)), append(l.y, of(p))
		}
		out = append(out, l)
	}
	return out
}

// The picture, in pixels: where the axes are.
const (
	plotWidth, plotHeight = 720, 400
	plotLeft, plotRight   = 80, 690
	plotTop, plotBottom   = 56, 340
)

func (p plot) x(v float64) float64 {
	const first, last = 3, 6 // 1,000 to 1,000,000
	return plotLeft + (math.Log10(v)-first)/(last-first)*(plotRight-plotLeft)
}

func (p plot) y(v float64) float64 {
	from, to := math.Log10(p.low), math.Log10(p.high)
	return plotBottom - (math.Log10(v)-from)/(to-from)*(plotBottom-plotTop)
}

// svg draws the plot. It stands on white, so that it can be read on any page.
func (p plot) svg() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" font-family="sans-serif" font-size="13">`+"\n", plotWidth, plotHeight)
	fmt.Fprintf(&b, "<title>%s of an allocation against the number of applicants</title>\n", p.title)
	fmt.Fprintf(&b, `<rect width="%d" height="%d" fill="#fff"/>`+"\n", plotWidth, plotHeight)
	p.grid(&b)
	p.held(&b)
	for i, l := range p.lines {
		l.draw(&b, p)
		y := plotTop - 32 + 18*i
		fmt.Fprintf(&b, `<rect x="%d" y="%d" width="18" height="4" fill="%s"/><text x="%d" y="%d" fill="#222">%s</text>`+"\n",
			plotLeft, y-6, l.colour, plotLeft+26, y, html.EscapeString(l.name))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (p plot) grid(b io.Writer) {
	for v := p.low; v <= p.high*1.01; v *= 10 {
		fmt.Fprintf(b, `<path d="M%d %.1fH%d" stroke="#ddd"/><text x="%d" y="%.1f" text-anchor="end" fill="#444">%s</text>`+"\n",
			plotLeft, p.y(v), plotRight, plotLeft-8, p.y(v)+4, p.unit(v))
	}
	for n := 1000; n <= 1_000_000; n *= 10 {
		x := p.x(float64(n))
		fmt.Fprintf(b, `<path d="M%.1f %dV%d" stroke="#ddd"/><text x="%.1f" y="%d" text-anchor="middle" fill="#444">%s</text>`+"\n",
			x, plotTop, plotBottom, x, plotBottom+20, thousands(n))
	}
	fmt.Fprintf(b, `<text x="%d" y="%d" text-anchor="middle" fill="#444">applicants, with 8 wishes each among 2,000 destinations</text>`+"\n",
		(plotLeft+plotRight)/2, plotBottom+44)
}

// held marks what the product is held to.
func (p plot) held(b io.Writer) {
	x, y := p.x(held), p.y(p.target)
	fmt.Fprintf(b, `<path d="M%d %.1fH%.1fV%d" fill="none" stroke="#777" stroke-dasharray="5 4"/><text x="%d" y="%.1f" fill="#444">at most %s at %s</text>`+"\n",
		plotLeft, y, x, plotBottom, plotLeft+8, y-6, p.unit(p.target), thousands(held))
}

func (l line) draw(b io.Writer, p plot) {
	var path strings.Builder
	for i := range l.x {
		step := "L"
		if i == 0 {
			step = "M"
		}
		fmt.Fprintf(&path, "%s%.1f %.1f", step, p.x(l.x[i]), p.y(l.y[i]))
	}
	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="2.5"/>`+"\n", path.String(), l.colour)
	for i := range l.x {
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`+"\n", p.x(l.x[i]), p.y(l.y[i]), l.colour)
	}
}

// A plot is sound XML and holds every measured point within its frame.
func TestPlotsAreDrawnWithinTheirFrame(t *testing.T) {
	t.Parallel()
	measured := allocations()
	for i := range measured {
		for _, n := range sizes {
			measured[i].points = append(measured[i].points, point{n, time.Duration(n*(i+1)) * 8 * time.Microsecond, time.Second, uint64(n)*3000*uint64(i+1) + 8<<20})
		}
	}
	for _, p := range []plot{timePlot(measured), memoryPlot(measured)} {
		circles := 0
		decoder := xml.NewDecoder(bytes.NewReader(p.svg()))
		for {
			token, err := decoder.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if start, ok := token.(xml.StartElement); ok && start.Name.Local == "circle" {
				circles++
			}
		}
		if circles != 2*len(sizes) {
			t.Errorf("%s: %d points", p.title, circles)
		}
		for _, l := range p.lines {
			for i := range l.y {
				if y := p.y(l.y[i]); y < plotTop || y > plotBottom || p.x(l.x[i]) < plotLeft || p.x(l.x[i]) > plotRight+1 {
					t.Errorf("%s: %v at %v is out of the frame", p.title, l.y[i], l.x[i])
				}
			}
		}
	}
	if page := string(benchmarksPage(measured)); strings.Count(page, "| 1,000,000 |") != 2 || !strings.Contains(page, "| time | 1 s | 960ms | 1.92s |") {
		t.Error(page)
	}
}
