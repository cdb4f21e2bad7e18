package process

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"peregrine/internal/lifecycle"
	"peregrine/internal/store"
)

// letterPlan is one letter to be written and sent by a job. data holds ids,
// codes and numbers; the words come when the letter is rendered.
type letterPlan struct {
	institution uuid.UUID
	kind        string
	recipient   string // applicant, person, office, host, old_address, registrant
	language    string
	person      *uuid.UUID
	application *uuid.UUID
	call        *uuid.UUID
	event       *uuid.UUID
	key         string // what it is about: with the kind, unique
	queue       string // decisions unless said otherwise
	data        map[string]any
}

// planLetter writes the letter's row and its job; a letter planned before
// under the same key and kind is left as it is.
func (s *step) planLetter(ctx context.Context, p letterPlan) error {
	data, err := json.Marshal(p.data)
	if err != nil {
		return err
	}
	if p.queue == "" {
		p.queue = QueueDecisions
	}
	id := newID()
	rows, err := queries.AddLetter(ctx, s.tx, store.AddLetterParams{
		ID: id, InstitutionID: p.institution, Kind: p.kind, Queue: p.queue, Language: p.language, PersonID: p.person,
		Recipient: p.recipient, ApplicationID: p.application, CallID: p.call, EventID: p.event, SubjectKey: p.key, Data: data, PlannedAt: s.now,
	})
	if err != nil {
		return fmt.Errorf("plan the letter: %w", err)
	}
	if rows == 0 {
		return nil
	}
	return s.enqueue(ctx, LetterPlanned{Letter: id, Queue: p.queue})
}

// toOffice and toHost are the kinds that do not go to the applicant; a kind
// implies its readers.
var (
	toOffice = map[string]bool{"accepted_office": true, "refused_office": true}
	toHost   = map[string]bool{"host_nominations": true, "host_cancelled": true}
)

// planLetters plans the letters a move causes and retracts what it overtakes.
func (f *file) planLetters(ctx context.Context, s *step, c change) error {
	if c.out.Move.Correction {
		_, err := queries.RetractLetters(ctx, s.tx, store.RetractLettersParams{
			ApplicationID: &f.app.ID, Reason: "corrected", Kinds: decisionKinds, At: &s.now,
		})
		if err != nil {
			return err
		}
	}
	for _, what := range c.out.Consequences {
		if what.Kind != lifecycle.SendLetter {
			continue
		}
		if err := f.planEventLetter(ctx, s, c, what.With); err != nil {
			return err
		}
	}
	return nil
}

// decisionKinds are the letters a correction overtakes: all that tell an
// applicant how things stand, also an earlier correction.
var decisionKinds = []string{"returned", "reopened", "offer_withdrawn", "correction", "provisional_result", "offer", "grant_awarded", "reserve", "not_selected", "ineligible", "confirmed", "declined", "lapsed", "nominated", "accepted", "refused", "to_place", "withdrawn", "cancelled", "enrolled", "completed"}

func (f *file) planEventLetter(ctx context.Context, s *step, c change, kind string) error {
	if toHost[kind] {
		return f.planHostLetter(ctx, s, c, kind)
	}
	p := letterPlan{
		institution: f.app.InstitutionID, kind: kind, recipient: "applicant", person: &f.app.PersonID,
		application: &f.app.ID, call: &f.app.CallID, event: &c.event, key: "event:" + c.event.String(), data: c.data,
	}
	if toOffice[kind] {
		office, err := queries.InstitutionOffice(ctx, s.tx, f.app.InstitutionID)
		if err != nil {
			return err
		}
		p.recipient, p.person, p.language = "office", nil, office.Language
		return s.planLetter(ctx, p)
	}
	language, err := queries.PersonLanguage(ctx, s.tx, store.PersonLanguageParams{PersonID: f.app.PersonID, InstitutionID: f.app.InstitutionID})
	if err != nil {
		return err
	}
	p.language = language
	return s.planLetter(ctx, p)
}

// enqueueLetters puts in one job per letter; a job for one that was planned
// as skipped finds that out by itself.
func (s *step) enqueueLetters(ctx context.Context, ids []uuid.UUID, queue string) error {
	if len(ids) == 0 {
		return nil
	}
	params := make([]river.InsertManyParams, len(ids))
	for i, id := range ids {
		params[i] = river.InsertManyParams{Args: LetterPlanned{Letter: id, Queue: queue}}
	}
	if _, err := s.jobs.InsertManyFastTx(ctx, s.tx, params); err != nil {
		return fmt.Errorf("enqueue the letters: %w", err)
	}
	return nil
}
