package process

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// provisionalLetter is the kind that tells a provisional list.
const provisionalLetter = "provisional_result"

// CheckedSource is the text of one kind of letter that was parsed and proved to
// hold everything the kind must say: nothing unchecked can be kept.
type CheckedSource interface {
	Kind() string
	Lang() string
	Text() string
}

// EditLetter is one letter of a draft ranking written by hand.
type EditLetter struct {
	Ranking     uuid.UUID
	Application uuid.UUID
	Source      CheckedSource
	Reason      string
	Arrived     time.Time // system clock
}

// EditLetter keeps a hand-written letter for one application of a draft; it
// goes with the letter when the list is told. It holds for this very result: a
// new run does not take it over. Errors: invalid without a reason, or in another
// language than the reader's; conflict once the list is published, or if the
// entry leads to no letter of that kind.
func (r *Runner) EditLetter(ctx context.Context, actor mobility.Actor, req EditLetter) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		e, err := r.draftEntry(ctx, s, req.Ranking, req.Application)
		if err != nil {
			return err
		}
		if err := r.leadsTo(ctx, s, e, req.Source.Kind()); err != nil {
			return err
		}
		reason := strings.TrimSpace(req.Reason)
		switch {
		case reason == "":
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		case req.Source.Lang() != e.row.Language:
			return mobility.InvalidError(mobility.FieldProblem{Field: "source", Code: "outbox.other_language"})
		}
		err = queries.PutLetterEdit(ctx, s.tx, store.PutLetterEditParams{
			RankingID: req.Ranking, ApplicationID: req.Application, Kind: req.Source.Kind(), InstitutionID: e.row.InstitutionID, PersonID: e.row.PersonID,
			Language: req.Source.Lang(), Source: req.Source.Text(), Reason: reason, ResultHash: e.ranking.ResultHash, EditedBy: actor.Person, EditedAt: s.now,
		})
		if err != nil {
			return fmt.Errorf("keep the letter's words: %w", err)
		}
		return s.recordLetter(ctx, e, "letter_edited")
	})
}

// DropEdit takes a hand-written letter back: the entry gets the usual one.
type DropEdit struct {
	Ranking     uuid.UUID
	Application uuid.UUID
	Kind        string
	Arrived     time.Time // system clock
}

// DropEdit deletes a hand-written letter of a draft. Errors as EditLetter, and
// conflict if there is none.
func (r *Runner) DropEdit(ctx context.Context, actor mobility.Actor, req DropEdit) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		e, err := r.draftEntry(ctx, s, req.Ranking, req.Application)
		if err != nil {
			return err
		}
		n, err := queries.DropLetterEdit(ctx, s.tx, store.DropLetterEditParams{RankingID: req.Ranking, ApplicationID: req.Application, Kind: req.Kind})
		if err != nil {
			return fmt.Errorf("drop the letter's words: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("conflict.letter_not_edited", nil)
		}
		return s.recordLetter(ctx, e, "letter_edit_dropped")
	})
}

// recordLetter records an act about a letter of a draft. Which kind it is would
// tell the result to whoever may read acts and not the file's rivals.
func (s *step) recordLetter(ctx context.Context, e entry, name string) error {
	return s.record(ctx, act{institution: e.row.InstitutionID, name: name, kind: "application", subject: e.application, data: map[string]any{"ranking": e.ranking.ID}})
}

// entry is one application in a run.
type entry struct {
	application uuid.UUID
	row         store.EntryOfRankingRow
	ranking     store.RankingForPublishingRow
	at          store.RoundForRankingRow
}

// entryOf reads an entry as far as the actor, an officer of the call, sees it.
func (r *Runner) entryOf(ctx context.Context, s *step, ranking, application uuid.UUID) (entry, error) {
	e := entry{application: application}
	var err error
	if e.row, err = queries.EntryOfRanking(ctx, s.tx, store.EntryOfRankingParams{RankingID: ranking, ApplicationID: application}); err != nil {
		return e, store.Translate(err, "application")
	}
	if e.row.PersonID == s.actor.Person {
		return e, mobility.ForbiddenError("refusal.own_file")
	}
	e.ranking, e.at, err = r.rankingForOfficer(ctx, s, ranking)
	return e, err
}

// draftEntry is entryOf before publication, with the call locked: no list is
// told while its letters change.
func (r *Runner) draftEntry(ctx context.Context, s *step, ranking, application uuid.UUID) (entry, error) {
	e, err := r.entryOf(ctx, s, ranking, application)
	if err != nil {
		return e, err
	}
	if e.at.Published {
		return e, mobility.ConflictError("conflict.already_published", nil)
	}
	return e, nil
}

// leadsTo refuses a kind of letter that telling the list would not send to the
// entry: the final list, or the provisional one where that comes first.
func (r *Runner) leadsTo(ctx context.Context, s *step, e entry, kind string) error {
	def, err := r.definitions.load(ctx, s.tx, e.row.DefinitionID)
	if err != nil {
		return err
	}
	move := def.ForOutcome(e.row.State, lifecycle.RankingOutcome(e.row.Outcome))
	if move == nil {
		return mobility.ConflictError("conflict.no_such_letter", nil)
	}
	lists, err := queries.CallLists(ctx, s.tx, e.at.CallID)
	if err != nil {
		return fmt.Errorf("read how lists are told: %w", err)
	}
	kinds := move.Letters
	if lists.ProvisionalDays != nil && len(kinds) > 0 {
		if out, err := s.provisionalOut(ctx, e.at.ID); err != nil {
			return err
		} else if !out {
			kinds = []string{provisionalLetter}
		}
	}
	if !slices.Contains(kinds, kind) {
		return mobility.ConflictError("conflict.no_such_letter", nil)
	}
	return nil
}

// carryEdits gives planned letters of a run the words written by hand for it.
func (s *step) carryEdits(ctx context.Context, ranking uuid.UUID, letters []uuid.UUID) error {
	if len(letters) == 0 {
		return nil
	}
	edited, err := queries.RankingHasEdits(ctx, s.tx, ranking)
	if err != nil || !edited {
		return err
	}
	if _, err := queries.CarryEdits(ctx, s.tx, store.CarryEditsParams{RankingID: ranking, Letters: letters}); err != nil {
		return fmt.Errorf("carry over what was written by hand: %w", err)
	}
	return nil
}

// samplesAnHour is how many samples one person may send to themselves.
const samplesAnHour = 20

// SendSample asks for one letter of a run to be sent to the actor, marked as a
// sample and with dead links.
type SendSample struct {
	Ranking     uuid.UUID
	Application uuid.UUID
	Letter      string    // kind
	Arrived     time.Time // system clock
}

// SendSample plans the sample; it goes to the actor's own address and to nobody
// else. Errors: forbidden for whoever is no officer of the call; conflict if
// the entry leads to no such letter, or after twenty in an hour.
func (r *Runner) SendSample(ctx context.Context, actor mobility.Actor, req SendSample) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		e, err := r.draftEntry(ctx, s, req.Ranking, req.Application)
		if err != nil {
			return err
		}
		if err := r.leadsTo(ctx, s, e, req.Letter); err != nil {
			return err
		}
		sent, err := queries.SamplesSince(ctx, s.tx, store.SamplesSinceParams{PersonID: &actor.Person, Since: s.now.Add(-time.Hour)})
		if err != nil {
			return fmt.Errorf("count the samples: %w", err)
		}
		if sent >= samplesAnHour {
			return mobility.ConflictError("conflict.too_many_samples", map[string]any{"Count": samplesAnHour})
		}
		id := newID()
		err = s.planLetter(ctx, letterPlan{
			institution: e.row.InstitutionID, kind: "sample", recipient: "person", language: e.row.Language, person: &actor.Person,
			application: &req.Application, call: &e.at.CallID, key: "sample:" + id.String(), queue: QueueBulk,
			data: map[string]any{"sample": req.Letter, "sample_of": req.Ranking, "outcome": e.row.Outcome},
		})
		if err != nil {
			return err
		}
		return s.recordLetter(ctx, e, "letter_sampled")
	})
}
