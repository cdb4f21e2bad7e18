package lifecycle

import (
	"time"

	"peregrine/internal/mobility"
)

// Available is a move a page may show.
type Available struct {
	Move *MoveDef
	// Refusal is nil if the move is open now, else why it is not.
	Refusal *mobility.Error
	// Hide says that it is refused only because another move is meant in this
	// situation: not worth a line on the page.
	Hide bool
}

// Open returns the moves that lie open to an actor with these roles, in file
// order, those that a rule refuses now with their refusal. Moves that only
// publishing or the system makes are left out.
func (d *Definition) Open(f Facts, who []mobility.Role, now time.Time) []Available {
	var out []Available
	for _, m := range d.MovesFrom(f.State) {
		if _, ok := m.madeBy(who); !ok || m.Outcome != "" {
			continue
		}
		_, refused := d.try(m, f, who, now)
		out = append(out, Available{Move: m, Refusal: refused, Hide: refused != nil && m.pickedAgainst(f, now)})
	}
	return out
}

// pickedAgainst reports whether a guard that tells moves apart refuses m.
func (m *MoveDef) pickedAgainst(f Facts, now time.Time) bool {
	for _, name := range m.Guards {
		g := guards[name]
		if g.picks && g.test(question{f, m, now}) != nil {
			return true
		}
	}
	return false
}

// CanEdit returns nil if the applicant may change the working copy now: the
// state is editable and a move that submits it would be in time. Saving is no
// move; every save asks this.
func (d *Definition) CanEdit(f Facts, now time.Time) *mobility.Error {
	s, ok := d.State(f.State)
	if !ok || !s.Editable {
		return mobility.ConflictError("refusal.not_editable", map[string]any{"State": string(f.State)})
	}
	f.Grace = 0            // lets a submission in, not more writing
	f.DraftComplete = true // whether it is complete is asked when it is submitted
	refused := mobility.ConflictError("refusal.not_editable", map[string]any{"State": string(f.State)})
	for _, m := range d.MovesFrom(f.State) {
		if !m.Has(EffectSubmit) {
			continue
		}
		if _, refused = d.try(m, f, []mobility.Role{mobility.RoleApplicant}, now); refused == nil {
			return nil
		}
	}
	return refused
}

// Missing returns a problem for everything the move asks for and given does
// not have. given is asked with the name of an input, or with "reason".
func (m *MoveDef) Missing(given func(field string) bool) []mobility.FieldProblem {
	var out []mobility.FieldProblem
	if m.Reason == ReasonRequired && !given("reason") {
		out = append(out, mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	for _, a := range m.Asks {
		if !a.Optional && !given(string(a.Input)) {
			out = append(out, mobility.FieldProblem{Field: string(a.Input), Code: "invalid.required"})
		}
	}
	return out
}
