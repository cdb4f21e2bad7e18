package lifecycle

import (
	"slices"

	"peregrine/internal/mobility"
)

// The measures of a picture, in user units.
const (
	boxWidth  = 168
	boxHeight = 82
	columnGap = 64
	rowGap    = 34
	margin    = 16
	headRoom  = 48 // above the first row: phases and "you are here"
	perLine   = 22 // letters that fit on a line of a box
)

// spot is where one state is drawn.
type spot struct {
	StateDef
	x, y   int
	column int
	number int // of an end in the lower lane, from 1; 0: on the way
}

// layout is where everything of a picture is drawn.
type layout struct {
	spots         map[mobility.State]*spot
	order         []*spot
	width, height int
	lane          int // y of the heading of the lane of ends
}

// lay puts the states of the way into columns, phase after phase and within a
// phase by the number of moves that lead there; the shortest way to the good
// end is the first row. The other ends stand in a lane below and are numbered.
func (d *Definition) lay() *layout {
	l := &layout{spots: map[mobility.State]*spot{}}
	columns := d.columns()
	way := d.shortestWay()
	rows := 0
	for c, names := range columns {
		row := 0
		if !slices.ContainsFunc(names, func(s mobility.State) bool { return way[s] }) {
			row = 1
		}
		slices.SortStableFunc(names, func(a, b mobility.State) int { return d.rank(a, way) - d.rank(b, way) })
		for _, name := range names {
			l.put(d, name, c, margin+c*(boxWidth+columnGap), headRoom+row*(boxHeight+rowGap))
			row++
		}
		rows = max(rows, row)
	}
	l.width = 2*margin + len(columns)*boxWidth + (len(columns)-1)*columnGap
	l.lane = headRoom + rows*(boxHeight+rowGap) + 4
	l.ends(d)
	return l
}

func (l *layout) put(d *Definition, name mobility.State, column, x, y int) *spot {
	s, _ := d.State(name)
	at := &spot{StateDef: s, x: x, y: y, column: column}
	l.spots[name] = at
	l.order = append(l.order, at)
	return at
}

// ends fills the lane.
func (l *layout) ends(d *Definition) {
	step := boxWidth + columnGap/2
	perRow := max(1, (l.width-2*margin+columnGap/2)/step)
	n := 0
	for _, s := range d.States {
		if l.spots[s.Name] != nil {
			continue
		}
		x, y := margin+n%perRow*step, l.lane+24+n/perRow*(boxHeight+rowGap)
		l.put(d, s.Name, -1, x, y).number = n + 1
		n++
	}
	laneRows := (n + perRow - 1) / perRow
	l.height = l.lane + 24 + laneRows*(boxHeight+rowGap)
}

// columns returns the states of the way, column by column.
func (d *Definition) columns() [][]mobility.State {
	var out [][]mobility.State
	placed := map[mobility.State]bool{"": true}
	for _, phase := range mobility.Phases {
		left := d.onTheWay(phase)
		for len(left) > 0 {
			next := d.enteredFrom(left, placed)
			if len(next) == 0 { // reached only from later on
				next = left
			}
			// the last column of a phase also takes what is reached only from later on
			if rest := without(left, next); len(rest) > 0 && len(d.enteredFrom(rest, withAll(placed, next))) == 0 && len(out) > 0 {
				next = left
			}
			for _, s := range next {
				placed[s] = true
			}
			out = append(out, next)
			left = without(left, next)
		}
	}
	return out
}

// onTheWay returns the states of a phase that are drawn on the way: all but
// the ends, and the end in which the place was used.
func (d *Definition) onTheWay(phase mobility.Phase) []mobility.State {
	var out []mobility.State
	for _, s := range d.States {
		if s.Phase == phase && (!s.End() || s.HoldsPlace) {
			out = append(out, s.Name)
		}
	}
	return out
}

// enteredFrom returns those of states that an arrow enters from a placed one.
func (d *Definition) enteredFrom(states []mobility.State, placed map[mobility.State]bool) []mobility.State {
	var out []mobility.State
	for _, s := range states {
		if slices.ContainsFunc(d.arrows(), func(a arrow) bool { return a.to == s && placed[a.from] }) {
			out = append(out, s)
		}
	}
	return out
}

// shortestWay returns the states of the shortest way from the start to an end
// in which a place was used.
func (d *Definition) shortestWay() map[mobility.State]bool {
	came := map[mobility.State]mobility.State{}
	next := []mobility.State{""}
	for len(next) > 0 {
		s := next[0]
		next = next[1:]
		if at, ok := d.State(s); ok && at.End() && at.HoldsPlace {
			way := map[mobility.State]bool{}
			for ; s != ""; s = came[s] {
				way[s] = true
			}
			return way
		}
		for _, a := range d.arrows() {
			if _, seen := came[a.to]; a.from == s && !seen {
				came[a.to] = s
				next = append(next, a.to)
			}
		}
	}
	return nil
}

// rank orders the states of a column: the shortest way first, then what holds
// a place, then the rest.
func (d *Definition) rank(name mobility.State, way map[mobility.State]bool) int {
	s, _ := d.State(name)
	switch {
	case way[name]:
		return 0
	case s.HoldsPlace:
		return 1
	}
	return 2
}

func without(all, some []mobility.State) []mobility.State {
	var out []mobility.State
	for _, s := range all {
		if !slices.Contains(some, s) {
			out = append(out, s)
		}
	}
	return out
}

func withAll(set map[mobility.State]bool, more []mobility.State) map[mobility.State]bool {
	out := map[mobility.State]bool{}
	for s := range set {
		out[s] = true
	}
	for _, s := range more {
		out[s] = true
	}
	return out
}
