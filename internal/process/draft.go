package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// draft is an applicant's working copy with what would be wrong with it as a
// submission.
type draft struct {
	answers   mobility.Answers
	choices   []uuid.UUID
	revision  int32
	questions []mobility.Question
	documents []store.DraftDocumentsRow
	problems  []mobility.FieldProblem
}

func readDraft(ctx context.Context, db store.DBTX, f *file) (*draft, error) {
	row, err := queries.Draft(ctx, db, f.app.ID)
	if err != nil {
		return nil, fmt.Errorf("read the draft: %w", err)
	}
	d := &draft{answers: row.Answers, choices: row.Choices, revision: row.Revision}
	if d.questions, err = queries.FormQuestions(ctx, db, f.call.FormID); err != nil {
		return nil, fmt.Errorf("read the form: %w", err)
	}
	if d.documents, err = queries.DraftDocuments(ctx, db, f.app.ID); err != nil {
		return nil, fmt.Errorf("read the documents: %w", err)
	}
	destinations, err := queries.RoundDestinations(ctx, db, f.app.RoundID)
	if err != nil {
		return nil, fmt.Errorf("read the destinations: %w", err)
	}
	d.problems = d.check(f, destinations)
	return d, nil
}

// check names everything that keeps the draft from being submitted.
func (d *draft) check(f *file, destinations []store.RoundDestinationsRow) []mobility.FieldProblem {
	var out []mobility.FieldProblem
	keys := make([]string, len(d.choices))
	for i, c := range d.choices {
		keys[i] = c.String()
	}
	for _, key := range mobility.Missing(d.questions, d.answers, keys, d.hasDocument) {
		out = append(out, mobility.FieldProblem{Field: key, Code: "invalid.required"})
	}
	out = append(out, d.checkShapes(keys)...)
	return append(out, d.checkChoices(f, destinations)...)
}

func (d *draft) checkChoices(f *file, destinations []store.RoundDestinationsRow) []mobility.FieldProblem {
	problem := func(code string, n int32) []mobility.FieldProblem {
		return []mobility.FieldProblem{{Field: "choices", Code: code, Data: map[string]any{"Limit": n}}}
	}
	if len(d.choices) == 0 {
		return problem("field.choose_a_destination", 1)
	}
	if len(d.choices) > int(f.call.MaxChoices) {
		return problem("field.too_many_choices", f.call.MaxChoices)
	}
	languages := map[string]bool{}
	for _, id := range d.choices {
		at := slices.IndexFunc(destinations, func(x store.RoundDestinationsRow) bool { return x.ID == id })
		if at < 0 || destinations[at].UnitID != f.app.UnitID {
			return problem("field.unknown_destination", 0)
		}
		if destinations[at].Dropped {
			return []mobility.FieldProblem{{Field: "choices", Code: "field.destination_dropped", Data: map[string]any{"Host": destinations[at].Host}}}
		}
		languages[destinations[at].Language] = true
	}
	if f.call.MaxLanguages > 0 && len(languages) > int(f.call.MaxLanguages) {
		return problem("field.too_many_languages", f.call.MaxLanguages)
	}
	return nil
}

func (d *draft) hasDocument(key string) bool {
	return slices.ContainsFunc(d.documents, func(x store.DraftDocumentsRow) bool {
		return documentKey(x.Question, x.DestinationID) == key
	})
}

func documentKey(question string, destination *uuid.UUID) string {
	if destination == nil {
		return question
	}
	return mobility.AnswerKey(question, destination.String())
}

// Start makes an empty application of the actor in a round and returns its
// id; if there is one already it is returned instead. Errors: not found if
// the call is not open to see; forbidden with "refusal.not_your_call" if the
// person belongs to none of its units; conflict while the round is not open.
func (r *Runner) Start(ctx context.Context, actor mobility.Actor, round uuid.UUID, arrived time.Time) (uuid.UUID, error) {
	id, err := r.startOnce(ctx, actor, round, arrived)
	if mobility.CodeOf(err) == "conflict.already_applied" { // pressed twice at once: the other one made it
		return r.startOnce(ctx, actor, round, arrived)
	}
	return id, err
}

func (r *Runner) startOnce(ctx context.Context, actor mobility.Actor, round uuid.UUID, arrived time.Time) (uuid.UUID, error) {
	var id uuid.UUID
	err := r.do(ctx, actor, arrived, func(s *step) error {
		at, err := queries.RoundForStart(ctx, s.tx, round)
		if err != nil {
			return store.Translate(err, "call")
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		// Against moving the call to another version: what it pins is read again under the lock.
		if err := queries.ShareCall(ctx, s.tx, at.CallID.String()); err != nil {
			return fmt.Errorf("hold the call: %w", err)
		}
		if at, err = queries.RoundForStart(ctx, s.tx, round); err != nil {
			return store.Translate(err, "call")
		}
		there, err := queries.ApplicationInRound(ctx, s.tx, store.ApplicationInRoundParams{PersonID: actor.Person, RoundID: round})
		if err == nil {
			id = there.ID
			return nil
		}
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		id, err = r.start(ctx, s, at)
		return err
	})
	return id, err
}

func (r *Runner) start(ctx context.Context, s *step, at store.RoundForStartRow) (uuid.UUID, error) {
	unit, err := queries.ApplicantUnit(ctx, s.tx, store.ApplicantUnitParams{CallID: at.CallID, PersonID: s.actor.Person})
	if errors.Is(err, pgx.ErrNoRows) {
		return uuid.Nil, mobility.ForbiddenError("refusal.not_your_call")
	}
	if err != nil {
		return uuid.Nil, err
	}
	def, err := r.definitions.load(ctx, s.tx, at.DefinitionID)
	if err != nil {
		return uuid.Nil, err
	}
	facts := lifecycle.Facts{Deadlines: map[lifecycle.Deadline]time.Time{}}
	if err := s.readRoundFacts(ctx, at.ID, unit, &facts); err != nil {
		return uuid.Nil, err
	}
	out, err := lifecycle.Step(def, facts, def.Start().Name, []mobility.Role{mobility.RoleApplicant}, s.now)
	if err != nil {
		return uuid.Nil, err
	}
	return s.addApplication(ctx, at, unit, out)
}

func (s *step) addApplication(ctx context.Context, at store.RoundForStartRow, unit uuid.UUID, out lifecycle.Outcome) (uuid.UUID, error) {
	id := newID()
	err := queries.AddApplication(ctx, s.tx, store.AddApplicationParams{
		ID: id, InstitutionID: at.InstitutionID, CallID: at.CallID, RoundID: at.ID, PersonID: s.actor.Person, UnitID: unit,
		DefinitionID: at.DefinitionID, State: out.To.Name, Phase: out.To.Phase, At: s.now,
	})
	if err != nil {
		return id, store.Translate(err, "application")
	}
	if err := queries.AddDraft(ctx, s.tx, store.AddDraftParams{ApplicationID: id, PersonID: s.actor.Person, SavedAt: s.now}); err != nil {
		return id, err
	}
	err = queries.AddEvent(ctx, s.tx, store.AddEventParams{
		ID: newID(), InstitutionID: at.InstitutionID, ApplicationID: id, Revision: 1, Kind: "start", DefinitionID: at.DefinitionID,
		ToState: out.To.Name, At: s.now, ActorID: s.actorID(), ActorRole: string(out.As), Data: []byte("{}"),
	})
	if err != nil {
		return id, err
	}
	return id, s.detectConflicts(ctx, []uuid.UUID{id}, nil)
}

// DraftSave is what an applicant's form holds. Answers replace those of the
// same key; keys not named stay. Choices replace all, nil leaves them.
type DraftSave struct {
	Application uuid.UUID
	Revision    int32 // of the draft the form was made from
	Answers     mobility.Answers
	Choices     []uuid.UUID
	Arrived     time.Time
}

// SaveDraft keeps what was typed and returns the draft's new revision. Saving
// is no move: it never withdraws or changes a submission. Errors: conflict if
// the application cannot be edited now (after a return only the questions it
// names can change); stale with "conflict.draft_saved_elsewhere" if another
// tab or device saved since.
func (r *Runner) SaveDraft(ctx context.Context, actor mobility.Actor, save DraftSave) (int32, error) {
	var revision int32
	err := r.edit(ctx, actor, save.Application, save.Arrived, func(s *step, f *file) error {
		if save.Revision != f.draft.revision {
			return mobility.StaleError("conflict.draft_saved_elsewhere", nil)
		}
		allowed, err := f.editable(ctx, s)
		if err != nil {
			return err
		}
		revision = save.Revision + 1
		return f.saveDraft(ctx, s, save, allowed)
	})
	return revision, err
}

func (f *file) saveDraft(ctx context.Context, s *step, save DraftSave, allowed func(string) bool) error {
	answers := f.draft.answers
	if answers == nil {
		answers = mobility.Answers{}
	}
	for key, text := range save.Answers {
		if allowed(key) && f.draft.knows(key) {
			answers[key] = text
		}
	}
	choices := f.draft.choices
	if save.Choices != nil && allowed("choices") {
		choices = save.Choices
	}
	rows, err := queries.SaveDraft(ctx, s.tx, store.SaveDraftParams{
		ApplicationID: f.app.ID, Revision: f.draft.revision, Answers: answers, Choices: choices, SavedAt: s.now,
	})
	if err == nil && rows == 0 {
		return mobility.StaleError("conflict.draft_saved_elsewhere", nil)
	}
	return err
}

// knows reports whether key is an answer to a question of the form.
func (d *draft) knows(key string) bool {
	question, _, _ := strings.Cut(key, "@")
	return slices.ContainsFunc(d.questions, func(q mobility.Question) bool { return q.Key == question })
}

// editable returns which answer keys may change now: all of them, or after a
// return those it names.
func (f *file) editable(ctx context.Context, s *step) (func(string) bool, error) {
	asked, err := queries.OpenQuestions(ctx, s.tx, f.app.ID)
	if err != nil {
		return nil, fmt.Errorf("read what was returned: %w", err)
	}
	if len(asked) == 0 {
		return func(string) bool { return true }, nil
	}
	return func(key string) bool { return asksFor(asked, key) }, nil
}

// settleDraft sets the working copy back to the last submission, but for what
// a return asks for: what else was typed and not submitted before the round
// closed must not come in by completing something (design rule 10). While the
// round is open a newer version may be submitted anyway, and nothing is lost.
func (f *file) settleDraft(ctx context.Context, s *step, questions []string) error {
	if f.draft == nil || mobility.Open(s.now, f.facts.Deadlines[lifecycle.Closes]) {
		return nil
	}
	sent, err := queries.SubmittedCopy(ctx, s.tx, f.app.ID)
	if err != nil {
		return fmt.Errorf("read the last submission: %w", err)
	}
	answers, choices := mobility.Answers{}, sent.Choices
	maps.Copy(answers, sent.Answers)
	for key, text := range f.draft.answers {
		if asksFor(questions, key) {
			answers[key] = text
		}
	}
	if asksFor(questions, "choices") {
		choices = f.draft.choices
	}
	if !maps.Equal(answers, f.draft.answers) || !slices.Equal(choices, f.draft.choices) {
		if _, err := queries.SaveDraft(ctx, s.tx, store.SaveDraftParams{
			ApplicationID: f.app.ID, Revision: f.draft.revision, Answers: answers, Choices: choices, SavedAt: s.now,
		}); err != nil {
			return fmt.Errorf("settle the draft: %w", err)
		}
	}
	return queries.RestoreDocuments(ctx, s.tx, store.RestoreDocumentsParams{ApplicationID: f.app.ID, Questions: questions, At: s.now})
}

// asksFor reports whether what a return names covers an answer's key: the
// key itself, or its question for every destination.
func asksFor(questions []string, key string) bool {
	question, _, _ := strings.Cut(key, "@")
	return slices.Contains(questions, key) || slices.Contains(questions, question)
}

// edit runs fn on the actor's own application while it can be edited.
func (r *Runner) edit(ctx context.Context, actor mobility.Actor, application uuid.UUID, arrived time.Time, fn func(*step, *file) error) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, application)
		if err != nil {
			return err
		}
		if seen.PersonID != actor.Person {
			return mobility.ForbiddenError("refusal.not_your_move")
		}
		f, err := r.open(ctx, s, seen, nil)
		if err != nil {
			return err
		}
		if refused := f.def.CanEdit(f.facts, s.now); refused != nil {
			return refused
		}
		return fn(s, f)
	})
}
