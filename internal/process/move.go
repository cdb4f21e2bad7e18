package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// MoveRequest asks for one move of one application.
type MoveRequest struct {
	Application uuid.UUID
	Move        string
	Revision    int32     // of the page it was asked from; 0: whatever it is now
	Arrived     time.Time // system clock, when the request came in
	Given       Given
}

// Given is what a person adds to a move; which of it a move wants, its
// definition says.
type Given struct {
	Reason      string // for the applicant
	Comment     string // for offices only
	ReasonCode  string
	Destination *uuid.UUID
	Closes      *mobility.WallMinute // wall minutes in the call's zone
	CompleteBy  *mobility.WallMinute
	ConfirmBy   *mobility.WallMinute
	Questions   []string // answer keys to complete
	Arrival     *time.Time
	End         *time.Time
	Consent     string // rule of an overbooking; the reason says whose consent
}

// Moved says what a move did.
type Moved struct {
	Event    uuid.UUID
	From, To mobility.State
	Revision int32
}

// Move makes one move of one application. Errors: not found if the actor does
// not see the application; stale, saying what happened meanwhile, if it is no
// longer at Revision; invalid with the fields a move asks for and did not
// get; forbidden or conflict with the rule that refuses it.
func (r *Runner) Move(ctx context.Context, actor mobility.Actor, req MoveRequest) (Moved, error) {
	var done Moved
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		var err error
		done, err = r.move(ctx, s, req)
		return err
	})
	return done, err
}

func (r *Runner) move(ctx context.Context, s *step, req MoveRequest) (Moved, error) {
	seen, err := r.visible(ctx, s, req.Application)
	if err != nil {
		return Moved{}, err
	}
	f, err := r.open(ctx, s, seen, req.Given.Destination)
	if err != nil {
		return Moved{}, err
	}
	if req.Revision != 0 && req.Revision != f.app.Revision {
		return Moved{}, f.stale(ctx, s)
	}
	roles, err := f.roles(ctx, s, seen)
	if err != nil {
		return Moved{}, err
	}
	if err := f.readGrace(ctx, s); err != nil {
		return Moved{}, err
	}
	out, err := f.step(req, roles, s.now)
	if err != nil {
		return Moved{}, err
	}
	out.Late = out.Late || (f.lateLink != nil && out.Move.Has(lifecycle.EffectSubmit))
	return r.carryOut(ctx, s, f, change{out: out, given: req.Given})
}

// visible proves under the web role that the actor sees the application, and
// elevates the step. A job sees everything.
func (r *Runner) visible(ctx context.Context, s *step, id uuid.UUID) (store.VisibleApplicationRow, error) {
	if s.actor.System {
		if err := s.elevate(ctx); err != nil {
			return store.VisibleApplicationRow{}, err
		}
	}
	seen, err := queries.VisibleApplication(ctx, s.tx, id)
	if err != nil {
		return seen, store.Translate(err, "application")
	}
	if !s.actor.System {
		err = s.elevate(ctx)
	}
	return seen, err
}

func (f *file) roles(ctx context.Context, s *step, seen store.VisibleApplicationRow) ([]mobility.Role, error) {
	at := place(seen)
	n, err := queries.LiveNomination(ctx, s.tx, seen.ID)
	switch {
	case err == nil:
		at.Host = n.HostInstitutionID
	case !errors.Is(err, pgx.ErrNoRows):
		return nil, fmt.Errorf("read the nomination: %w", err)
	}
	return s.actor.RolesAt(at), nil
}

// step asks the rules; a working copy that is not complete is answered with
// what is missing, field by field.
func (f *file) step(req MoveRequest, roles []mobility.Role, now time.Time) (lifecycle.Outcome, error) {
	out, err := lifecycle.Step(f.def, f.facts, req.Move, roles, now)
	if mobility.CodeOf(err) == "refusal.draft_incomplete" && f.draft != nil {
		return out, mobility.InvalidError(f.draft.problems...)
	}
	if err != nil {
		return out, err
	}
	if missing := out.Move.Missing(req.Given.has); len(missing) > 0 {
		return out, mobility.InvalidError(missing...)
	}
	if req.Given.Destination != nil && out.As != mobility.RoleSystem && !asks(out.Move, lifecycle.AskDestination) {
		// The move would be made for another destination than where the application stands.
		return out, mobility.InvalidError(mobility.FieldProblem{Field: "destination", Code: "field.unknown_destination"})
	}
	return out, req.Given.check(f.zone, now)
}

func asks(m *lifecycle.MoveDef, input lifecycle.Input) bool {
	return slices.ContainsFunc(m.Asks, func(a lifecycle.Ask) bool { return a.Input == input })
}

func (g Given) has(field string) bool {
	switch lifecycle.Input(field) {
	case lifecycle.AskCloses:
		return g.Closes != nil
	case lifecycle.AskCompleteBy:
		return g.CompleteBy != nil
	case lifecycle.AskConfirmBy:
		return g.ConfirmBy != nil
	case lifecycle.AskQuestions:
		return len(g.Questions) > 0
	case lifecycle.AskDestination:
		return g.Destination != nil
	case lifecycle.AskArrival:
		return g.Arrival != nil
	case lifecycle.AskEnd:
		return g.End != nil
	case lifecycle.AskReasonCode:
		return g.ReasonCode != ""
	case lifecycle.AskComment:
		return g.Comment != ""
	case lifecycle.AskConsent:
		return g.Consent != ""
	}
	return field == "reason" && g.Reason != ""
}

// check refuses a deadline that is over before it begins.
func (g Given) check(zone *time.Location, now time.Time) error {
	for _, d := range []struct {
		field string
		wall  *mobility.WallMinute
	}{{"closes", g.Closes}, {"complete_by", g.CompleteBy}, {"confirm_by", g.ConfirmBy}} {
		if d.wall != nil && !mobility.Open(now, mobility.ClosesAt(*d.wall, zone)) {
			return mobility.InvalidError(mobility.FieldProblem{Field: d.field, Code: "field.in_the_past"})
		}
	}
	return nil
}

// stale tells what happened since the page was made.
func (f *file) stale(ctx context.Context, s *step) error {
	data := map[string]any{"State": string(f.app.State)}
	if e, err := queries.EventAt(ctx, s.tx, store.EventAtParams{ApplicationID: f.app.ID, Revision: f.app.Revision}); err == nil {
		data["At"], data["Role"] = e.At, e.ActorRole
		if e.Move != nil {
			data["Move"] = *e.Move
		}
	}
	return mobility.StaleError("conflict.moved_meanwhile", data)
}

// carryOut writes a move that the rules allow: the guarded change of state,
// what follows from it, the line in the history, the letters and their jobs.
func (r *Runner) carryOut(ctx context.Context, s *step, f *file, c change) (Moved, error) {
	c.event = newID()
	c.data = map[string]any{}
	if err := f.changeState(ctx, s, c); err != nil {
		return Moved{}, err
	}
	for _, follows := range c.out.Consequences {
		if err := r.follow(ctx, s, f, &c, follows); err != nil {
			return Moved{}, fmt.Errorf("%s: %w", follows.Kind, err)
		}
	}
	if err := f.setDeadlines(ctx, s, &c); err != nil {
		return Moved{}, err
	}
	if err := f.keepReserve(ctx, s, &c); err != nil {
		return Moved{}, err
	}
	if err := f.passOn(ctx, s, &c); err != nil {
		return Moved{}, err
	}
	if err := f.record(ctx, s, c); err != nil {
		return Moved{}, err
	}
	if err := f.planLetters(ctx, s, c); err != nil {
		return Moved{}, err
	}
	for _, job := range c.jobs {
		if err := s.enqueue(ctx, job); err != nil {
			return Moved{}, err
		}
	}
	return Moved{Event: c.event, From: c.out.From.Name, To: c.out.To.Name, Revision: f.app.Revision + 1}, nil
}

func (f *file) changeState(ctx context.Context, s *step, c change) error {
	rows, err := queries.MoveApplication(ctx, s.tx, store.MoveApplicationParams{
		ID: f.app.ID, FromState: c.out.From.Name, Revision: f.app.Revision,
		ToState: c.out.To.Name, ToPhase: c.out.To.Phase, At: s.now, Late: c.out.Late,
	})
	if err != nil {
		return fmt.Errorf("move the application: %w", err)
	}
	if rows == 0 {
		return f.stale(ctx, s)
	}
	return nil
}

// record writes the line of history and the words that belong to it.
func (f *file) record(ctx context.Context, s *step, c change) error {
	data, err := json.Marshal(c.data)
	if err != nil {
		return err
	}
	name, from := c.out.Move.Name, c.out.From.Name
	err = queries.AddEvent(ctx, s.tx, store.AddEventParams{
		ID: c.event, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, Revision: f.app.Revision + 1,
		Kind: "move", DefinitionID: f.app.DefinitionID, Move: &name, FromState: &from, ToState: c.out.To.Name,
		At: s.now, ActorID: s.actorID(), ActorRole: string(c.out.As), Data: data,
	})
	if err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return f.recordWords(ctx, s, c)
}

func (f *file) recordWords(ctx context.Context, s *step, c change) error {
	if c.given.Reason != "" {
		if err := queries.AddEventText(ctx, s.tx, store.AddEventTextParams{EventID: c.event, PersonID: f.app.PersonID, Reason: c.given.Reason}); err != nil {
			return fmt.Errorf("keep the reason: %w", err)
		}
	}
	if c.given.Comment != "" {
		if err := queries.AddEventComment(ctx, s.tx, store.AddEventCommentParams{EventID: c.event, PersonID: f.app.PersonID, Comment: c.given.Comment}); err != nil {
			return fmt.Errorf("keep the comment: %w", err)
		}
	}
	if c.out.Move.Has(lifecycle.EffectReturn) {
		if err := queries.AddReturnedQuestions(ctx, s.tx, store.AddReturnedQuestionsParams{EventID: c.event, Questions: c.given.Questions}); err != nil {
			return fmt.Errorf("keep the questions: %w", err)
		}
	}
	return nil
}
