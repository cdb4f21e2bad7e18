package lifecycle

import "peregrine/internal/mobility"

// Difference is what a newer definition no longer has or says otherwise, as
// far as it matters to applications that live under the older one.
type Difference struct {
	// StatesGone are states that the newer lacks; applications in them need a
	// mapping.
	StatesGone []mobility.State
	// StatesChanged are states whose properties differ; the facts of
	// applications in them would contradict the newer definition.
	StatesChanged []mobility.State
	// MovesGone are moves, by name, that no longer leave a state both have.
	MovesGone []string
}

// Breaks reports whether applications could not simply go on under the newer.
func (d Difference) Breaks() bool { return len(d.StatesGone)+len(d.StatesChanged) > 0 }

// Compare returns what newer lacks of older.
func Compare(older, newer *Definition) Difference {
	var out Difference
	for _, s := range older.States {
		now, ok := newer.State(s.Name)
		switch {
		case !ok:
			out.StatesGone = append(out.StatesGone, s.Name)
		case now.Properties != s.Properties:
			out.StatesChanged = append(out.StatesChanged, s.Name)
		}
	}
	seen := map[string]bool{}
	for i := range older.Moves {
		m := &older.Moves[i]
		if !seen[m.Name] && newer.lacksMove(older, m.Name) {
			out.MovesGone = append(out.MovesGone, m.Name)
		}
		seen[m.Name] = true
	}
	return out
}

func (d *Definition) lacksMove(older *Definition, name string) bool {
	for _, m := range older.MovesNamed(name) {
		for _, from := range m.From {
			if _, ok := d.State(from); ok && len(d.movesOf(from, name)) == 0 {
				return true
			}
		}
	}
	return false
}

func (d *Definition) movesOf(s mobility.State, name string) []*MoveDef {
	var out []*MoveDef
	for _, m := range d.MovesFrom(s) {
		if m.Name == name {
			out = append(out, m)
		}
	}
	return out
}
