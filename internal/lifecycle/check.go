package lifecycle

import (
	"slices"

	"peregrine/internal/mobility"
)

// check asks every rule about what the definition means.
func check(p *problems, d *Definition, languages []string) {
	c := &checker{problems: p, d: d, languages: languages, states: map[mobility.State]StateDef{}}
	c.names()
	if len(p.list) > 0 { // what follows would only repeat it in other words
		return
	}
	c.start()
	c.graph()
	c.determinism()
	for _, s := range d.States {
		c.properties(s)
		c.correctable(s)
	}
	for i := range d.Moves {
		c.move(&d.Moves[i])
	}
	c.timers()
	c.reminders()
	c.automaticCycles()
	c.labels()
}

type checker struct {
	*problems
	d         *Definition
	languages []string
	states    map[mobility.State]StateDef
}

// names holds that every state has one definition and every state named has one.
func (c *checker) names() {
	for _, s := range c.d.States {
		if earlier, twice := c.states[s.Name]; twice {
			c.add(s.Line, RuleDuplicate, "state %s is already defined in line %d", s.Name, earlier.Line)
		}
		c.states[s.Name] = s
	}
	for i := range c.d.Moves {
		m := &c.d.Moves[i]
		for j, from := range m.From {
			c.known(from, m.Line)
			if slices.Contains(m.From[:j], from) {
				c.add(m.Line, RuleDuplicate, "move %s names state %s twice", m.Name, from)
			}
		}
		c.known(m.To, m.Line)
	}
	for _, t := range c.d.Timers {
		c.known(t.State, t.Line)
	}
	for _, r := range c.d.Reminders {
		c.known(r.State, r.Line)
	}
}

func (c *checker) known(s mobility.State, line int) {
	if _, ok := c.states[s]; !ok {
		c.add(line, RuleUnknownState, "there is no state %s", s)
	}
}

// start holds that applications begin in one way, as a draft.
func (c *checker) start() {
	found := false
	for i := range c.d.Moves {
		m := &c.d.Moves[i]
		switch {
		case m.Starts() && found:
			c.add(m.Line, RuleStart, "move %s is a second one from nowhere", m.Name)
		case m.Starts() && c.states[m.To].Phase != mobility.PhaseDraft:
			c.add(m.Line, RuleStart, "move %s starts an application in %s, which is no draft", m.Name, m.To)
		case m.Starts() != m.Has(EffectStart):
			c.add(m.Line, RuleStart, "move %s: from nowhere and the effect start go together", m.Name)
		}
		found = found || m.Starts()
	}
	if !found {
		c.add(1, RuleStart, "no move starts an application: one has from: []")
	}
}

// determinism holds that state, name and role, or state and outcome, give one
// move.
func (c *checker) determinism() {
	type key struct {
		state mobility.State
		name  string
		role  mobility.Role
	}
	moves, outcomes := map[key][]*MoveDef{}, map[key]int{}
	for i := range c.d.Moves {
		m := &c.d.Moves[i]
		for _, s := range m.sources() {
			for _, role := range m.Who {
				k := key{s, m.Name, role}
				for _, other := range moves[k] {
					if !apart(m, other) {
						c.add(m.Line, RuleAmbiguousMove, "from %s, %s of the %s is already the move of line %d", s, m.Name, role, other.Line)
					}
				}
				moves[k] = append(moves[k], m)
			}
			k := key{state: s, name: string(m.Outcome)}
			if line, twice := outcomes[k]; twice && m.Outcome != "" {
				c.add(m.Line, RuleAmbiguousOutcome, "from %s, outcome %s is already the move of line %d", s, m.Outcome, line)
			}
			outcomes[k] = m.Line
		}
	}
}

// opposites are guards of which exactly one lets a move through.
var opposites = map[string]string{
	"second_class@1": "no_second_class@1", "published@1": "not_published@1", "selected_by_home@1": "selected_by_host@1",
	"host_deadline_open@1": "host_deadline_passed@1", "place_free@1": "no_place_free@1",
}

// apart reports whether guards tell two moves of one name apart, whatever the
// facts are.
func apart(a, b *MoveDef) bool {
	for one, other := range opposites {
		if (a.guardedBy(one) && b.guardedBy(other)) || (a.guardedBy(other) && b.guardedBy(one)) {
			return true
		}
	}
	return false
}

// correctable holds that every decision can be put right.
func (c *checker) correctable(s StateDef) {
	if s.Decision == mobility.DecisionNone {
		return
	}
	for _, m := range c.d.MovesFrom(s.Name) {
		if m.Correction {
			return
		}
	}
	c.add(s.Line, RuleCorrection, "state %s is a decision, and no correction leads out of it", s.Name)
}

// timers holds that what a timer names exists and may be made by the system.
func (c *checker) timers() {
	seen := map[Timer]int{}
	for _, t := range c.d.Timers {
		k := Timer{State: t.State, Deadline: t.Deadline}
		if line, twice := seen[k]; twice {
			c.add(t.Line, RuleDuplicate, "state %s has a timer on %s in line %d", t.State, t.Deadline, line)
		}
		seen[k] = t.Line
		c.deadlineFits(t.State, t.Deadline, t.Line)
		if !slices.ContainsFunc(c.d.MovesFrom(t.State), func(m *MoveDef) bool {
			return m.Name == t.Move && slices.Contains(m.Who, mobility.RoleSystem)
		}) {
			c.add(t.Line, RuleTimerMove, "no move %s of the system leaves %s", t.Move, t.State)
		}
	}
}

func (c *checker) reminders() {
	type key struct {
		state    mobility.State
		deadline Deadline
		offset   int
		letter   string
	}
	seen := map[key]int{}
	for _, r := range c.d.Reminders {
		k := key{r.State, r.Deadline, r.Offset.Minutes(), r.Letter}
		if line, twice := seen[k]; twice {
			c.add(r.Line, RuleDuplicate, "the same reminder stands in line %d", line)
		}
		seen[k] = r.Line
		c.deadlineFits(r.State, r.Deadline, r.Line)
		if after, reminds := reminders[r.Letter]; !reminds {
			c.add(r.Line, RuleReminderLetter, "letter %s tells of a move and reminds of nothing", r.Letter)
		} else if r.Offset.After() && !after {
			c.add(r.Line, RuleReminderLetter, "letter %s is worded for the time before the deadline, and %s is after it", r.Letter, r.Offset)
		}
		reader := Letters[r.Letter]
		for _, role := range r.To {
			assesses := reader == mobility.RoleCoordinator && role == mobility.RoleAssessor
			if role != reader && !assesses {
				c.add(r.Line, RuleReminderReader, "letter %s is worded for the %s, not for the %s", r.Letter, reader, role)
			}
		}
	}
}

// deadlineFits holds that a state has what its deadline belongs to.
func (c *checker) deadlineFits(s mobility.State, kind Deadline, line int) {
	state := c.states[s]
	if kind == ConfirmBy && state.Offer != mobility.OfferOpen {
		c.add(line, RuleDeadlineFits, "%s is the deadline of an open offer, and state %s has none", kind, s)
	}
	if kind == HostAnswer && state.Nomination != mobility.NominationLive {
		c.add(line, RuleDeadlineFits, "%s is the deadline of a live nomination, and state %s has none", kind, s)
	}
}
