package lifecycle

import (
	"slices"

	"peregrine/internal/mobility"
)

// graph holds that every state can be reached, left and ended.
func (c *checker) graph() {
	reached := c.d.reachable(c.d.Start())
	ending := c.d.endable()
	for _, s := range c.d.States {
		if !reached[s.Name] {
			c.add(s.Line, RuleUnreachable, "no way leads to state %s", s.Name)
		}
		if s.End() {
			continue
		}
		if !c.hasExit(s) {
			c.add(s.Line, RuleNoExit, "state %s is no end, and nothing but corrections leads on", s.Name)
			continue
		}
		if !ending[s.Name] {
			c.add(s.Line, RuleNoEnd, "from state %s no way leads to an end", s.Name)
		}
		if !c.hasOwner(s) && len(c.d.TimersIn(s.Name)) == 0 {
			c.add(s.Line, RuleNoOwner, "state %s waits for the %s, who has no move, and for no timer", s.Name, s.Turn)
		}
	}
}

func (c *checker) hasExit(s StateDef) bool {
	return slices.ContainsFunc(c.d.MovesFrom(s.Name), func(m *MoveDef) bool { return !m.Correction && m.To != s.Name })
}

// hasOwner reports whether the one whose turn it is has a move that is no
// correction.
func (c *checker) hasOwner(s StateDef) bool {
	role, ok := ownerRole(s.Turn)
	return ok && slices.ContainsFunc(c.d.MovesFrom(s.Name), func(m *MoveDef) bool {
		return !m.Correction && slices.Contains(m.Who, role)
	})
}

// reachable returns the states to which some way leads from the start.
func (d *Definition) reachable(start *MoveDef) map[mobility.State]bool {
	seen := map[mobility.State]bool{}
	if start == nil {
		return seen
	}
	next := []mobility.State{start.To}
	for len(next) > 0 {
		s := next[0]
		next = next[1:]
		if seen[s] {
			continue
		}
		seen[s] = true
		for _, m := range d.MovesFrom(s) {
			next = append(next, m.To)
		}
	}
	return seen
}

// endable returns the states from which a way without corrections leads to an
// end.
func (d *Definition) endable() map[mobility.State]bool {
	ok := map[mobility.State]bool{}
	for _, s := range d.States {
		ok[s.Name] = s.End()
	}
	for changed := true; changed; {
		changed = false
		for i := range d.Moves {
			m := &d.Moves[i]
			if m.Correction || !ok[m.To] {
				continue
			}
			for _, from := range m.From {
				changed = changed || !ok[from]
				ok[from] = true
			}
		}
	}
	return ok
}

// automaticCycles holds that moves which the system makes by itself cannot go
// round for ever: without those that use up something finite, no cycle is left.
func (c *checker) automaticCycles() {
	var endless []*MoveDef
	for i := range c.d.Moves {
		if m := &c.d.Moves[i]; slices.Contains(m.Who, mobility.RoleSystem) && m.Uses == "" {
			endless = append(endless, m)
		}
	}
	for _, m := range endless {
		for _, from := range m.From {
			if leadsTo(endless, m.To, from) {
				c.add(m.Line, RuleAutomaticCycle,
					"move %s from %s can come round by itself for ever: one move of the cycle says what it uses", m.Name, from)
			}
		}
	}
}

// leadsTo reports whether moves alone lead from a to b.
func leadsTo(moves []*MoveDef, a, b mobility.State) bool {
	seen := map[mobility.State]bool{}
	next := []mobility.State{a}
	for len(next) > 0 {
		s := next[0]
		next = next[1:]
		if s == b {
			return true
		}
		if seen[s] {
			continue
		}
		seen[s] = true
		for _, m := range moves {
			if slices.Contains(m.From, s) {
				next = append(next, m.To)
			}
		}
	}
	return false
}
