package lifecycle

import "peregrine/internal/mobility"

// Definition is one version of one lifecycle, parsed and checked.
type Definition struct {
	Name      string
	Version   int
	Title     mobility.Texts
	States    []StateDef
	Moves     []MoveDef
	Timers    []Timer
	Reminders []Reminder
	Hash      string // hex SHA-256 of the meaning: comments and layout of the file do not count
}

// Audience is whose words a label is in.
type Audience string

// The audiences of a state's label.
const (
	AudienceApplicant Audience = "applicant"
	AudienceOffice    Audience = "office"
)

// Audiences lists every audience a state must have a label for.
var Audiences = []Audience{AudienceApplicant, AudienceOffice}

// StateDef is a state with what it declares about itself.
type StateDef struct {
	Name mobility.State
	mobility.Properties
	Label map[Audience]mobility.Texts // the state in a few words
	Next  map[Audience]mobility.Texts // what happens next, in one sentence
	Line  int
}

// End reports whether nothing more is expected to happen here; corrections
// may still lead out of it.
func (s StateDef) End() bool { return s.Phase == mobility.PhaseClosed }

// MoveDef is one way to change an application, with everything the process
// needs to carry it out and a page needs to offer it.
type MoveDef struct {
	Name  string
	From  []mobility.State // empty: the move that starts an application
	To    mobility.State
	Who   []mobility.Role
	Label mobility.Texts // what the button says
	// Confirm says what pressing it means, before it is pressed.
	Confirm mobility.Texts
	Done    mobility.Texts // the line in the history
	Guards  []string
	Reason  ReasonRule
	Asks    []Ask
	Effects []Effect
	// EndsOffer and EndsNomination say how the live one ends, required when
	// the change of state ends one. Where the new state has one as well, the
	// old one is replaced.
	EndsOffer      OfferEnding
	EndsNomination NominationEnding
	Outcome        RankingOutcome // not empty: made by publishing a ranking and by nothing else
	Letters        []string       // letter kinds; a kind implies its readers
	Correction     bool
	// FreedPlace says who disposes of a place this move frees.
	FreedPlace FreedPlace
	// Uses names the finite thing one such move uses up, so that automatic
	// moves cannot go round for ever.
	Uses string
	Line int
}

// Starts reports whether the move makes a new application.
func (m *MoveDef) Starts() bool { return len(m.From) == 0 }

// Automatic reports whether nobody but the system makes this move.
func (m *MoveDef) Automatic() bool { return len(m.Who) == 1 && m.Who[0] == mobility.RoleSystem }

// Has reports whether the move declares effect e.
func (m *MoveDef) Has(e Effect) bool {
	for _, x := range m.Effects {
		if x == e {
			return true
		}
	}
	return false
}

func (m *MoveDef) leaves(s mobility.State) bool {
	for _, f := range m.From {
		if f == s {
			return true
		}
	}
	return m.Starts() && s == ""
}

// madeBy returns the first of the move's roles that is among who.
func (m *MoveDef) madeBy(who []mobility.Role) (mobility.Role, bool) {
	for _, want := range m.Who {
		for _, r := range who {
			if r == want {
				return r, true
			}
		}
	}
	return "", false
}

// Timer makes Move when the deadline has passed and the application is still
// in State. It acts mobility.Grace after the deadline.
type Timer struct {
	State    mobility.State
	Deadline Deadline
	Move     string
	Line     int
}

// Reminder writes Letter to To when an application is in State and the
// deadline, moved by Offset, has come.
type Reminder struct {
	State    mobility.State
	Deadline Deadline
	Offset   Offset
	To       []mobility.Role
	Letter   string
	Hours    Hours
	Line     int
}

// State returns the state of that name.
func (d *Definition) State(name mobility.State) (StateDef, bool) {
	for _, s := range d.States {
		if s.Name == name {
			return s, true
		}
	}
	return StateDef{}, false
}

// MovesNamed returns the moves of that name, in file order.
func (d *Definition) MovesNamed(name string) []*MoveDef {
	var out []*MoveDef
	for i := range d.Moves {
		if d.Moves[i].Name == name {
			out = append(out, &d.Moves[i])
		}
	}
	return out
}

// MovesFrom returns the moves that leave s, in file order; "" gives the one
// that starts an application.
func (d *Definition) MovesFrom(s mobility.State) []*MoveDef {
	var out []*MoveDef
	for i := range d.Moves {
		if d.Moves[i].leaves(s) {
			out = append(out, &d.Moves[i])
		}
	}
	return out
}

// Start returns the move that makes a new application.
func (d *Definition) Start() *MoveDef {
	for i := range d.Moves {
		if d.Moves[i].Starts() {
			return &d.Moves[i]
		}
	}
	return nil
}

// ForOutcome returns the move that publishing a ranking makes for an
// application in state s with outcome o; nil if there is none.
func (d *Definition) ForOutcome(s mobility.State, o RankingOutcome) *MoveDef {
	for i := range d.Moves {
		if m := &d.Moves[i]; m.Outcome == o && o != "" && m.leaves(s) {
			return m
		}
	}
	return nil
}

// TimersIn returns the timers that run in s.
func (d *Definition) TimersIn(s mobility.State) []Timer {
	var out []Timer
	for _, t := range d.Timers {
		if t.State == s {
			out = append(out, t)
		}
	}
	return out
}

// RemindersIn returns the reminders that run in s.
func (d *Definition) RemindersIn(s mobility.State) []Reminder {
	var out []Reminder
	for _, r := range d.Reminders {
		if r.State == s {
			out = append(out, r)
		}
	}
	return out
}
