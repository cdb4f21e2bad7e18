package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"peregrine/internal/mobility"
)

// Mermaid draws the definition as a Mermaid state diagram with the office's
// labels in lang. Corrections are left out: they lead from nearly everywhere
// and hide the way.
func Mermaid(d *Definition, lang string) string {
	var b strings.Builder
	b.WriteString("stateDiagram-v2\n    direction LR\n")
	for _, s := range d.States {
		fmt.Fprintf(&b, "    %s: %s\n", s.Name, mermaidText(s.Label[AudienceOffice].In(lang)))
	}
	for _, a := range d.arrows() {
		fmt.Fprintf(&b, "    %s --> %s: %s\n", mermaidNode(a.from), a.to, mermaidText(a.words(lang)))
	}
	for _, s := range d.States {
		if s.End() {
			fmt.Fprintf(&b, "    %s --> [*]\n", s.Name)
		}
	}
	return b.String()
}

func mermaidNode(s mobility.State) string {
	if s == "" {
		return "[*]"
	}
	return string(s)
}

// mermaidText keeps characters out that Mermaid reads as its own.
func mermaidText(s string) string {
	return strings.NewReplacer(":", " –", ";", ",", "#", "", "\n", " ", "[", "(", "]", ")", "{", "(", "}", ")").Replace(s)
}

// arrow is everything that leads from one state to another.
type arrow struct {
	from, to mobility.State
	moves    []*MoveDef
}

// words are the labels of the moves, each once.
func (a arrow) words(lang string) string {
	var out []string
	for _, m := range a.moves {
		if w := m.Label.In(lang); !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return strings.Join(out, " / ")
}

// arrows returns the ways between different states in file order, several
// moves of one way together, without corrections.
func (d *Definition) arrows() []arrow {
	var out []arrow
	index := map[[2]mobility.State]int{}
	for i := range d.Moves {
		m := &d.Moves[i]
		if m.Correction {
			continue
		}
		for _, from := range m.sources() {
			if from == m.To {
				continue
			}
			k := [2]mobility.State{from, m.To}
			at, ok := index[k]
			if !ok {
				at = len(out)
				index[k] = at
				out = append(out, arrow{from: from, to: m.To})
			}
			out[at].moves = append(out[at].moves, m)
		}
	}
	return out
}

// sources returns the states the move leaves, "" for the start.
func (m *MoveDef) sources() []mobility.State {
	if m.Starts() {
		return []mobility.State{""}
	}
	return m.From
}
