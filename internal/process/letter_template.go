package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Wording says which letter of which institution, in one language.
type Wording struct {
	Institution uuid.UUID
	Kind        string // one of letter.Kinds
	Language    string
	Arrived     time.Time // system clock
}

func (w Wording) check() error {
	if !letter.Own(w.Kind) || !slices.Contains(locale.Languages, w.Language) {
		return mobility.NotFoundError("letter")
	}
	return nil
}

// SaveWording keeps an institution's own text of a letter as a new version, to
// be looked at before UseWording takes it into use. It must pass
// letter.ParseSource; seen is the number of the newest version the writer saw,
// 0 if there was none. It returns the version's number. Errors: letter.SourceProblems; stale if somebody wrote meanwhile;
// forbidden for whoever is no administrator.
func (r *Runner) SaveWording(ctx context.Context, actor mobility.Actor, w Wording, text string, seen int) (version int, err error) {
	if err := w.check(); err != nil {
		return 0, err
	}
	src, err := letter.ParseSource(w.Kind, w.Language, text)
	if err != nil {
		return 0, err
	}
	err = r.office(ctx, actor, w.Arrived, func(s *step) error {
		last, err := s.wordings(ctx, w)
		if err != nil {
			return err
		}
		if int(last.Version) != seen {
			return mobility.StaleError("stale.letter_wording", nil)
		}
		version = seen + 1
		err = queries.AddLetterTemplate(ctx, s.tx, store.AddLetterTemplateParams{
			ID: newID(), InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language, Version: int32(version),
			Body: src.Text(), WrittenBy: s.actorID(), WrittenAt: s.now,
		})
		if err != nil {
			return fmt.Errorf("keep the wording: %w", err)
		}
		return s.recordWording(ctx, w, "letter_wording_kept", version)
	})
	return version, err
}

// UseWording takes an earlier version into use again; version 0 returns to the
// product's built-in text. Errors: not found; conflict if it is in use already
// or no longer passes the check; forbidden.
func (r *Runner) UseWording(ctx context.Context, actor mobility.Actor, w Wording, version int) error {
	if err := w.check(); err != nil {
		return err
	}
	return r.office(ctx, actor, w.Arrived, func(s *step) error {
		last, err := s.wordings(ctx, w)
		if err != nil {
			return err
		}
		if int(last.Active) == version {
			return mobility.ConflictError("conflict.wording_in_use", nil)
		}
		if err := s.stillGood(ctx, w, version); err != nil {
			return err
		}
		return s.useWording(ctx, w, version)
	})
}

// stillGood checks a stored wording again: what a letter must say may have
// become more since it was written.
func (s *step) stillGood(ctx context.Context, w Wording, version int) error {
	if version == 0 {
		return nil
	}
	all, err := queries.LetterTemplateVersions(ctx, s.tx, store.LetterTemplateVersionsParams{InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language})
	if err != nil {
		return fmt.Errorf("read the wordings: %w", err)
	}
	for _, one := range all {
		if int(one.Version) != version {
			continue
		}
		if _, err := letter.ParseSource(w.Kind, w.Language, one.Body); err != nil {
			return mobility.ConflictError("conflict.wording_no_longer_good", nil)
		}
		return nil
	}
	return mobility.NotFoundError("letter")
}

// wordings proves that the actor keeps the institution's letters, and lets one
// write at a time.
func (s *step) wordings(ctx context.Context, w Wording) (store.LastLetterTemplateRow, error) {
	var none store.LastLetterTemplateRow
	if err := s.asOffice(ctx, w.Institution, mobility.RoleAdministrator); err != nil {
		return none, err
	}
	if err := queries.LockLetterTemplates(ctx, s.tx, w.Institution); err != nil {
		return none, fmt.Errorf("lock the wordings: %w", err)
	}
	last, err := queries.LastLetterTemplate(ctx, s.tx, store.LastLetterTemplateParams{InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language})
	if err != nil {
		return none, fmt.Errorf("read the wordings: %w", err)
	}
	return last, nil
}

func (s *step) useWording(ctx context.Context, w Wording, version int) error {
	_, err := queries.RetireLetterTemplate(ctx, s.tx, store.RetireLetterTemplateParams{InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language})
	if err != nil {
		return fmt.Errorf("take the wording out of use: %w", err)
	}
	if version > 0 {
		rows, err := queries.UseLetterTemplate(ctx, s.tx, store.UseLetterTemplateParams{
			InstitutionID: w.Institution, Kind: w.Kind, Language: w.Language, Version: int32(version),
		})
		if err != nil || rows != 1 {
			return fmt.Errorf("take the wording into use (%d rows): %w", rows, err)
		}
	}
	name := "letter_wording_used"
	if version == 0 {
		name = "letter_built_in_used"
	}
	return s.recordWording(ctx, w, name, version)
}

func (s *step) recordWording(ctx context.Context, w Wording, name string, version int) error {
	return s.record(ctx, act{
		institution: w.Institution, name: name, kind: "letter", subject: w.Institution,
		data: map[string]any{"kind": w.Kind, "language": w.Language, "version": version},
	})
}
