package lifecycle

import (
	"time"

	"peregrine/internal/mobility"
)

// Outcome is what a move does: the new state and everything that follows.
type Outcome struct {
	Move         *MoveDef
	As           mobility.Role // in which of the actor's roles it is made
	From, To     StateDef      // From is zero where the move starts an application
	Consequences []Consequence
	Late         bool // let in after the deadline, because the sign-in was asked for before it
	Grace        bool // let in after the deadline by the call's grace period: for the office alone to know
}

// Follows reports whether kind is among the consequences.
func (o Outcome) Follows(kind ConsequenceKind) bool {
	for _, c := range o.Consequences {
		if c.Kind == kind {
			return true
		}
	}
	return false
}

// Step returns what the move does to an application with these facts if an
// actor with these roles makes it at now, the instant the request arrived.
// The error is always a *mobility.Error with Code "refusal.<rule>": Forbidden
// if the move exists here but not for these roles, Conflict for the rest,
// Internal if the definition lacks the application's state.
func Step(d *Definition, f Facts, move string, who []mobility.Role, now time.Time) (Outcome, error) {
	from, ok := d.State(f.State)
	if !ok && f.State != "" {
		return Outcome{}, &mobility.Error{Code: "refusal.unknown_state", Data: map[string]any{"State": string(f.State)}}
	}
	here, err := d.candidates(f.State, move)
	if err != nil {
		return Outcome{}, err
	}
	var first *mobility.Error
	for _, m := range here {
		as, refused := d.try(m, f, who, now)
		if refused == nil {
			return d.outcome(m, as, from, f, now), nil
		}
		if first == nil || first.Kind == mobility.Forbidden {
			first = refused
		}
	}
	return Outcome{}, first
}

// candidates returns the moves of that name that leave s.
func (d *Definition) candidates(s mobility.State, name string) ([]*MoveDef, error) {
	data := map[string]any{"Move": name, "State": string(s)}
	named := d.MovesNamed(name)
	if len(named) == 0 {
		return nil, mobility.ConflictError("refusal.unknown_move", data)
	}
	var here []*MoveDef
	for _, m := range named {
		if m.leaves(s) {
			here = append(here, m)
		}
	}
	if len(here) == 0 {
		return nil, mobility.ConflictError("refusal.not_from_here", data)
	}
	return here, nil
}

// try asks every rule of m in order and returns the first refusal.
func (d *Definition) try(m *MoveDef, f Facts, who []mobility.Role, now time.Time) (mobility.Role, *mobility.Error) {
	as, ok := m.madeBy(who)
	if !ok {
		return "", &mobility.Error{
			Kind: mobility.Forbidden, Code: "refusal.not_your_move",
			Data: map[string]any{"Move": m.Name, "State": string(f.State)},
		}
	}
	if m.Outcome != "" && !f.Publishing {
		return as, mobility.ConflictError("refusal.only_by_publishing", nil)
	}
	if as == mobility.RoleSystem && !d.timerDue(m, f, now) {
		return as, mobility.ConflictError("refusal.not_due", nil)
	}
	if r := m.firstRefusal(f, now); r != nil {
		return as, r.err()
	}
	return as, nil
}

func (m *MoveDef) firstRefusal(f Facts, now time.Time) *refusal {
	for _, name := range m.Guards {
		if r := guards[name].test(question{f, m, now}); r != nil {
			return r
		}
	}
	return nil
}

// timerDue reports whether the system may make m: a timer's move only once
// one of its deadlines is over, any other automatic move at any time.
func (d *Definition) timerDue(m *MoveDef, f Facts, now time.Time) bool {
	timed := false
	for _, t := range d.TimersIn(f.State) {
		if t.Move != m.Name {
			continue
		}
		if f.due(t.Deadline, now) {
			return true
		}
		timed = true
	}
	return !timed
}

func (d *Definition) outcome(m *MoveDef, as mobility.Role, from StateDef, f Facts, now time.Time) Outcome {
	late, timed := f.late(now), m.Has(EffectSubmit) && as == mobility.RoleApplicant && m.guardedBy("call_open@1")
	to, _ := d.State(m.To)
	before := from.Properties
	if m.Starts() {
		before = mobility.Properties{Offer: mobility.OfferNone, Nomination: mobility.NominationNone}
	}
	return Outcome{
		Move: m, As: as, From: from, To: to,
		Consequences: consequences(m, before, to.Properties),
		Late:         late && timed,
		Grace:        !late && timed && f.inGrace(now),
	}
}

func (m *MoveDef) guardedBy(name string) bool {
	for _, g := range m.Guards {
		if g == name {
			return true
		}
	}
	return false
}
