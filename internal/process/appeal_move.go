package process

import (
	"context"
	"fmt"
	"slices"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// moveCorrection puts an appeal right by moves of the lifecycle: a correcting
// one, then perhaps what gives the place.
type moveCorrection struct {
	Correction
	runner *Runner
	appeal store.LockAppealRow
}

// Corrects reports whether a move can put an appeal right: it is a correction,
// or gives a place or a place on the reserve.
func Corrects(d *lifecycle.Definition, m *lifecycle.MoveDef) bool {
	to, _ := d.State(m.To)
	return m.Correction || m.Has(lifecycle.EffectOverbook) || m.Has(lifecycle.EffectReserveFirst) || to.Offer == mobility.OfferOpen
}

// Follows lists the moves that may be made right after a correcting one, by
// the office: what gives the place.
func Follows(d *lifecycle.Definition, m *lifecycle.MoveDef, who []mobility.Role) []*lifecycle.MoveDef {
	to, _ := d.State(m.To)
	if !m.Correction || to.End() || to.Turn != mobility.TurnOfficer {
		return nil
	}
	var out []*lifecycle.MoveDef
	for _, next := range d.MovesFrom(m.To) {
		office := slices.ContainsFunc(next.Who, func(r mobility.Role) bool { return r != mobility.RoleSystem && slices.Contains(who, r) })
		if office && next.Outcome == "" && !next.Correction && Corrects(d, next) {
			out = append(out, next)
		}
	}
	return out
}

// preview names the moves and the revision they are made from. It does not
// try guards: the move itself does.
func (c *moveCorrection) preview(ctx context.Context, s *step) (Consequences, error) {
	app, err := queries.ApplicationRow(ctx, s.tx, c.appeal.ApplicationID)
	if err != nil {
		return Consequences{}, store.Translate(err, "application")
	}
	def, err := c.runner.definitions.load(ctx, s.tx, app.DefinitionID)
	if err != nil {
		return Consequences{}, err
	}
	state, out := app.State, Consequences{Hash: fmt.Sprintf("%s>%s@%d", c.Move, c.Then, app.Revision)}
	for _, name := range []string{c.Move, c.Then} {
		if name == "" && len(out.Moves) > 0 {
			break
		}
		m := among(def, state, name)
		if m == nil {
			return Consequences{}, mobility.InvalidError(mobility.FieldProblem{Field: "correction", Code: "appeal.no_such_move"})
		}
		out.Moves, state = append(out.Moves, m), m.To
	}
	return out, nil
}

// among finds a move that can put an appeal right in a state.
func among(d *lifecycle.Definition, state mobility.State, name string) *lifecycle.MoveDef {
	for _, m := range d.MovesFrom(state) {
		if m.Name == name && Corrects(d, m) {
			return m
		}
	}
	return nil
}

func (c *moveCorrection) carryOut(ctx context.Context, s *step, reason string) (map[string]any, error) {
	seen, err := c.preview(ctx, s)
	if err != nil {
		return nil, err
	}
	made := []string{}
	revision := c.Revision
	for _, m := range seen.Moves {
		given := c.Given.asked(m)
		if given.Reason == "" {
			given.Reason = reason
		}
		done, err := c.runner.move(ctx, s, MoveRequest{Application: c.appeal.ApplicationID, Move: m.Name, Revision: revision, Given: given})
		if err != nil {
			return nil, err
		}
		made, revision = append(made, m.Name), done.Revision
	}
	return map[string]any{"moves": made}, nil
}

// asked is what of g a move asks for.
func (g Given) asked(m *lifecycle.MoveDef) Given {
	out := Given{Reason: g.Reason}
	for _, a := range m.Asks {
		switch a.Input {
		case lifecycle.AskDestination:
			out.Destination = g.Destination
		case lifecycle.AskConfirmBy:
			out.ConfirmBy = g.ConfirmBy
		case lifecycle.AskConsent:
			out.Consent = g.Consent
		case lifecycle.AskComment:
			out.Comment = g.Comment
		case lifecycle.AskReasonCode:
			out.ReasonCode = g.ReasonCode
		case lifecycle.AskCloses:
			out.Closes = g.Closes
		case lifecycle.AskCompleteBy:
			out.CompleteBy = g.CompleteBy
		case lifecycle.AskQuestions, lifecycle.AskArrival, lifecycle.AskEnd: // no appeal leads to these
		}
	}
	return out
}
