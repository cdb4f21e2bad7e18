package lifecycle

import (
	"fmt"
	"html"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"peregrine/internal/mobility"
)

// Picture says how a definition is drawn as SVG.
type Picture struct {
	Lang     string
	Audience Audience       // whose labels; empty: the office's
	Here     mobility.State // the state to mark; empty: none
	Words    PictureWords
}

// PictureWords are the words of a picture that no definition has; empty ones
// are English.
type PictureWords struct {
	Here   string // "You are here"
	Ends   string // the heading of the lane of ends
	Leads  string // "may end in", before the numbers of ends
	Phases map[mobility.Phase]string
}

var englishWords = PictureWords{
	Here: "You are here", Ends: "Ends", Leads: "may end in",
	Phases: map[mobility.Phase]string{
		mobility.PhaseDraft: "Draft", mobility.PhaseSubmitted: "Submitted", mobility.PhaseNominated: "Nominated",
		mobility.PhaseAccepted: "Accepted", mobility.PhaseEnrolled: "Enrolled", mobility.PhaseClosed: "Closed",
	},
}

// SVG draws the definition: the way from left to right by phase, the other
// ends numbered below it, and in each box the numbers of the ends to which it
// may lead. Corrections are left out. The picture carries a title and a
// description, takes its colour from the text around it, and has no style of
// its own, so that a strict content policy lets it through. Classes for the
// theme: lc-node, lc-end, lc-here, lc-edge, lc-back, lc-phase.
func SVG(d *Definition, p Picture) string {
	p = p.filled()
	c := &canvas{d: d, p: p, l: d.lay()}
	c.open()
	c.phases()
	for _, a := range d.arrows() {
		c.edge(a)
	}
	for _, s := range c.l.order {
		c.node(s)
	}
	c.printf("</svg>\n")
	return c.b.String()
}

func (p Picture) filled() Picture {
	if p.Audience == "" {
		p.Audience = AudienceOffice
	}
	if p.Words.Here == "" {
		p.Words.Here = englishWords.Here
	}
	if p.Words.Ends == "" {
		p.Words.Ends = englishWords.Ends
	}
	if p.Words.Leads == "" {
		p.Words.Leads = englishWords.Leads
	}
	if p.Words.Phases == nil {
		p.Words.Phases = englishWords.Phases
	}
	return p
}

type canvas struct {
	b strings.Builder
	d *Definition
	p Picture
	l *layout
}

func (c *canvas) printf(format string, args ...any) { fmt.Fprintf(&c.b, format, args...) }

func (c *canvas) label(s StateDef) string { return s.Label[c.p.Audience].In(c.p.Lang) }

func (c *canvas) open() {
	id := "lc-" + c.d.Name
	c.printf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-labelledby="%s-title %s-desc" lang="%s" class="lc" font-family="inherit" font-size="14" color="currentColor">`+"\n",
		c.l.width, c.l.height, c.l.width, c.l.height, id, id, html.EscapeString(c.p.Lang))
	c.printf("<title id=\"%s-title\">%s</title>\n", id, html.EscapeString(c.d.Title.In(c.p.Lang)))
	c.printf("<desc id=\"%s-desc\">%s</desc>\n", id, html.EscapeString(c.description()))
	c.printf(`<defs><marker id="%s-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="currentColor"/></marker></defs>`+"\n", id)
}

// description says in words what the picture shows.
func (c *canvas) description() string {
	var out []string
	if here, ok := c.d.State(c.p.Here); ok {
		out = append(out, c.p.Words.Here+": "+c.label(here)+".")
	}
	for _, s := range c.d.States {
		var to []string
		for _, a := range c.d.arrows() {
			if a.from == s.Name {
				target, _ := c.d.State(a.to)
				to = append(to, c.label(target))
			}
		}
		if len(to) > 0 {
			out = append(out, c.label(s)+" → "+strings.Join(to, ", ")+".")
		}
	}
	return strings.Join(out, " ")
}

// phases writes the name of each phase above its first column, and the
// heading of the lane.
func (c *canvas) phases() {
	seen := map[mobility.Phase]bool{}
	for _, s := range c.l.order {
		if s.column >= 0 && !seen[s.Phase] {
			seen[s.Phase] = true
			c.heading(s.x, margin+4, c.p.Words.Phases[s.Phase])
		}
	}
	c.heading(margin, c.l.lane+8, c.p.Words.Ends)
}

func (c *canvas) heading(x, y int, words string) {
	c.printf(`<text class="lc-phase" x="%d" y="%d" font-size="12" font-weight="600" fill="currentColor" fill-opacity="0.75">%s</text>`+"\n",
		x, y, html.EscapeString(words))
}

// node draws a box with its label and the numbers of the ends it leads to.
func (c *canvas) node(s *spot) {
	class, width, opacity := "lc-node", "1.25", "0.04"
	if s.End() {
		class += " lc-end"
	}
	if s.Name == c.p.Here {
		class, width, opacity = class+" lc-here", "3", "0.14"
	}
	c.printf(`<g class="%s" data-phase="%s">`+"\n", class, s.Phase)
	c.printf(`<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="currentColor" fill-opacity="%s" stroke="currentColor" stroke-width="%s"/>`+"\n",
		s.x, s.y, boxWidth, boxHeight, opacity, width)
	if s.Name == c.p.Here {
		c.printf(`<text x="%d" y="%d" font-size="12" font-weight="700" fill="currentColor">▼ %s</text>`+"\n", s.x, s.y-7, html.EscapeString(c.p.Words.Here))
	}
	words := c.label(s.StateDef)
	if s.number > 0 {
		words = strconv.Itoa(s.number) + " " + words
	}
	for i, line := range wrap(words, perLine) {
		c.printf(`<text x="%d" y="%d" fill="currentColor">%s</text>`+"\n", s.x+10, s.y+20+i*16, html.EscapeString(line))
	}
	if ends := c.endsFrom(s.Name); ends != "" {
		c.printf(`<text x="%d" y="%d" font-size="11" fill="currentColor" fill-opacity="0.75">%s %s</text>`+"\n",
			s.x+10, s.y+boxHeight-6, html.EscapeString(c.p.Words.Leads), ends)
	}
	c.printf("</g>\n")
}

// endsFrom returns the numbers of the ends to which s may lead.
func (c *canvas) endsFrom(s mobility.State) string {
	var numbers []int
	for _, a := range c.d.arrows() {
		if to := c.l.spots[a.to]; a.from == s && to.number > 0 {
			numbers = append(numbers, to.number)
		}
	}
	slices.Sort(numbers)
	out := make([]string, len(numbers))
	for i, n := range numbers {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ", ")
}

// edge draws an arrow between two states of the way; onward ones leave to the
// right, those that go back to the left, those within a column bend out.
func (c *canvas) edge(a arrow) {
	from, to := c.l.spots[a.from], c.l.spots[a.to]
	if from == nil || to == nil || to.number > 0 || from.number > 0 {
		return
	}
	class, path := "lc-edge", ""
	switch {
	case to.column > from.column:
		x1, y1, x2, y2 := from.x+boxWidth, from.y+24, to.x-2, to.y+24
		path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+columnGap/2, y1, x2-columnGap/2, y2, x2, y2)
	case to.column < from.column:
		class += " lc-back"
		x1, y1, x2, y2 := from.x, from.y+44, to.x+boxWidth+2, to.y+44
		path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1-columnGap/2, y1, x2+columnGap/2, y2, x2, y2)
	default:
		x1, y1, x2, y2 := from.x+boxWidth, from.y+34, to.x+boxWidth+2, to.y+34
		path = fmt.Sprintf("M%d %d C%d %d %d %d %d %d", x1, y1, x1+columnGap/2, y1, x2+columnGap/2, y2, x2, y2)
	}
	dash := ""
	if strings.Contains(class, "lc-back") {
		dash = ` stroke-dasharray="5 4"`
	}
	c.printf(`<path class="%s" d="%s" fill="none" stroke="currentColor" stroke-opacity="0.7" stroke-width="1.25"%s marker-end="url(#lc-%s-tip)"><title>%s</title></path>`+"\n",
		class, path, dash, c.d.Name, html.EscapeString(a.words(c.p.Lang)))
}

// wrap breaks words into lines of at most n letters.
func wrap(words string, n int) []string {
	var out []string
	line := ""
	for _, w := range strings.Fields(words) {
		switch {
		case line == "":
			line = w
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(w) <= n:
			line += " " + w
		default:
			out = append(out, line)
			line = w
		}
	}
	return append(out, line)
}
