package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Erased says what an erasure left to do: the documents' contents lie outside
// the database, under their ids, and are removed after the commit.
type Erased struct {
	Documents []uuid.UUID
	Tombstone bool // nobody knows the person any more; else another institution does
}

// Erasure asks for everything a person gave to an institution to be deleted.
type Erasure struct {
	Institution uuid.UUID
	Person      uuid.UUID
	Arrived     time.Time // system clock
}

// ErasePerson is the one function that deletes what a person gave: facts,
// affiliations, working copies, answers, the words of events, letters,
// nominations and documents, and the salt, so that hashes in history stay
// valid and can no longer be linked. History itself keeps ids, codes and
// numbers. When no institution knows the person any longer, address and
// identifier go as well and a tombstone stays. Only an administrator of the
// institution may, nobody for themselves, and not while an application there
// is under way.
func (r *Runner) ErasePerson(ctx context.Context, actor mobility.Actor, req Erasure) (Erased, error) {
	var done Erased
	err := r.office(ctx, actor, req.Arrived, func(s *step) error {
		_, err := queries.VisiblePerson(ctx, s.tx, store.VisiblePersonParams{ID: req.Person, InstitutionID: req.Institution})
		if err != nil {
			return store.Translate(err, "person")
		}
		if err := s.asOffice(ctx, req.Institution, mobility.RoleAdministrator); err != nil {
			return err
		}
		if req.Person == actor.Person {
			return mobility.ForbiddenError("refusal.own_file")
		}
		if _, err := queries.LockPerson(ctx, s.tx, req.Person); err != nil {
			return store.Translate(err, "person")
		}
		done, err = s.erase(ctx, req)
		return err
	})
	return done, err
}

func (s *step) erase(ctx context.Context, req Erasure) (Erased, error) {
	here := []uuid.UUID{req.Institution}
	running, err := queries.UnderWay(ctx, s.tx, store.UnderWayParams{PersonID: req.Person, Institutions: here})
	if err != nil {
		return Erased{}, fmt.Errorf("look for applications: %w", err)
	}
	if running > 0 {
		return Erased{}, mobility.ConflictError("conflict.still_applying", map[string]any{"N": int(running)})
	}
	appealing, err := queries.AppealsOpenOf(ctx, s.tx, store.AppealsOpenOfParams{PersonID: req.Person, Institutions: here})
	if err != nil {
		return Erased{}, fmt.Errorf("look for appeals: %w", err)
	}
	if appealing > 0 {
		return Erased{}, mobility.ConflictError("conflict.still_appealing", nil)
	}
	var done Erased
	done.Documents, err = queries.ErasedDocuments(ctx, s.tx, store.ErasedDocumentsParams{PersonID: req.Person, Institutions: here, At: &s.now})
	if err != nil {
		return Erased{}, fmt.Errorf("forget the documents: %w", err)
	}
	if len(done.Documents) > 0 {
		if err := s.enqueue(ctx, DocumentsErased{Documents: done.Documents}); err != nil {
			return Erased{}, err
		}
	}
	if err := s.eraseWords(ctx, req.Person, here); err != nil {
		return Erased{}, err
	}
	if err := s.eraseFacts(ctx, req.Person, here); err != nil {
		return Erased{}, err
	}
	left, err := queries.PersonInstitutions(ctx, s.tx, req.Person)
	if err != nil {
		return Erased{}, fmt.Errorf("look elsewhere: %w", err)
	}
	if done.Tombstone = len(left) == 0; done.Tombstone {
		if err := s.tombstone(ctx, req.Person); err != nil {
			return Erased{}, err
		}
	}
	err = s.record(ctx, act{institution: req.Institution, name: "person_erased", kind: "person", subject: req.Person, data: map[string]any{"documents": len(done.Documents)}})
	return done, err
}

// eraseWords deletes answers, words and letters, and plans no further letter.
func (s *step) eraseWords(ctx context.Context, person uuid.UUID, here []uuid.UUID) error {
	err := errors.Join(
		queries.SkipLettersOf(ctx, s.tx, store.SkipLettersOfParams{PersonID: &person, Institutions: here}),
		queries.EraseBounces(ctx, s.tx, store.EraseBouncesParams{PersonID: &person, Institutions: here}),
		queries.EraseLetterTexts(ctx, s.tx, store.EraseLetterTextsParams{PersonID: &person, Institutions: here}),
		queries.EraseLetterEdits(ctx, s.tx, store.EraseLetterEditsParams{PersonID: person, Institutions: here}),
		queries.EraseLetterSources(ctx, s.tx, store.EraseLetterSourcesParams{PersonID: person, Institutions: here}),
		queries.EraseDrafts(ctx, s.tx, store.EraseDraftsParams{PersonID: person, Institutions: here}),
		queries.EraseSubmissionContents(ctx, s.tx, store.EraseSubmissionContentsParams{PersonID: person, Institutions: here}),
		queries.EraseEventTexts(ctx, s.tx, store.EraseEventTextsParams{PersonID: person, Institutions: here}),
		queries.EraseComments(ctx, s.tx, store.EraseCommentsParams{PersonID: person, Institutions: here}),
		queries.EraseEventComments(ctx, s.tx, store.EraseEventCommentsParams{PersonID: person, Institutions: here}),
		queries.EraseNominationContents(ctx, s.tx, store.EraseNominationContentsParams{PersonID: person, Institutions: here}),
		queries.EraseActTexts(ctx, s.tx, store.EraseActTextsParams{PersonID: &person, Institutions: here}),
		queries.EraseHeldBack(ctx, s.tx, store.EraseHeldBackParams{PersonID: person, Institutions: here}),
		queries.EraseRankingDetails(ctx, s.tx, store.EraseRankingDetailsParams{PersonID: person, Institutions: here}),
		queries.EraseVetoTexts(ctx, s.tx, store.EraseVetoTextsParams{PersonID: person, Institutions: here}),
		queries.ErasePlacementTexts(ctx, s.tx, store.ErasePlacementTextsParams{PersonID: person, Institutions: here}),
		queries.EraseAppealTexts(ctx, s.tx, store.EraseAppealTextsParams{PersonID: person, Institutions: here}),
		queries.EraseExceptionTexts(ctx, s.tx, store.EraseExceptionTextsParams{PersonID: person, Institutions: here}),
	)
	if err != nil {
		return fmt.Errorf("erase the words: %w", err)
	}
	return nil
}

// eraseFacts deletes who the person is to the institution, and ends roles.
func (s *step) eraseFacts(ctx context.Context, person uuid.UUID, here []uuid.UUID) error {
	err := errors.Join(
		queries.EndAssignmentsOf(ctx, s.tx, store.EndAssignmentsOfParams{PersonID: person, Institutions: here, At: &s.now}),
		queries.EndRoles(ctx, s.tx, store.EndRolesParams{PersonID: person, Institutions: here, At: &s.now}),
		queries.EraseRegistrations(ctx, s.tx, store.EraseRegistrationsParams{PersonID: person, Institutions: here}),
		queries.EraseAffiliations(ctx, s.tx, store.EraseAffiliationsParams{PersonID: person, Institutions: here}),
		queries.EraseImportedValues(ctx, s.tx, store.EraseImportedValuesParams{PersonID: person, Institutions: here}),
		queries.ErasePastMobilities(ctx, s.tx, store.ErasePastMobilitiesParams{PersonID: person, Institutions: here}),
		queries.ErasePersonFacts(ctx, s.tx, store.ErasePersonFactsParams{PersonID: person, Institutions: here}),
	)
	if err != nil {
		return fmt.Errorf("erase the facts: %w", err)
	}
	return nil
}

func (s *step) tombstone(ctx context.Context, person uuid.UUID) error {
	err := errors.Join(
		queries.EraseSignIns(ctx, s.tx, person),
		queries.EndSessions(ctx, s.tx, &person),
		queries.EndCalendarLink(ctx, s.tx, person),
		queries.EraseReminderChoice(ctx, s.tx, person),
		queries.EraseAddresses(ctx, s.tx, person),
		queries.EraseAddressBounces(ctx, s.tx, person),
		queries.Tombstone(ctx, s.tx, store.TombstoneParams{ID: person, At: &s.now}),
	)
	if err != nil {
		return fmt.Errorf("leave a tombstone: %w", err)
	}
	return nil
}
