package process

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// The lists an announcement may go to.
const (
	ToCandidates  = "candidates"
	ToNominations = "nominations"
	ToPeople      = "people"
)

// Announcement is a letter an office writes to everybody on a list.
type Announcement struct {
	ID          uuid.UUID // made with the form: the same form sends once
	Institution uuid.UUID
	Call        *uuid.UUID // nil: to people
	List        string
	Filter      AnnouncementFilter
	Texts       []AnnouncementText
	Seen        string    // Readers.Hash, of those the writer saw
	Arrived     time.Time // system clock
}

// AnnouncementFilter narrows a list; the zero value is everybody on it.
type AnnouncementFilter struct {
	Address    string                       // the filter as the list's address has it: codes and ids, no text somebody typed
	Candidates store.OfficeCandidatesParams // of ToCandidates: what the list itself asks for
	Status     string                       // of ToNominations
	Unit       *uuid.UUID                   // of ToPeople
	Role       string                       // of ToPeople
	Sought     string                       // of ToPeople: part of a name, fit for LIKE
}

// AnnouncementText is one language of it.
type AnnouncementText struct {
	Language string
	Subject  string
	Body     string // Markdown
	Why      string // ends the sentence "You get this letter because …"
}

// AnnouncementReaders says who would get an announcement, and who would not
// and why. It changes nothing. Errors: not found; forbidden for whoever may not
// write to that list.
func (r *Runner) AnnouncementReaders(ctx context.Context, actor mobility.Actor, a Announcement) (out Readers, err error) {
	err = r.do(ctx, actor, a.Arrived, func(s *step) error {
		out, err = s.announcementReaders(ctx, a)
		return err
	})
	return out, err
}

// SendAnnouncement plans a letter to everybody on the list and returns how
// many. The same announcement is sent once: again, it changes nothing and
// returns 0. Errors: invalid, with the fields of the texts; stale if the list
// is another one than the writer saw; conflict if nobody would get it.
func (r *Runner) SendAnnouncement(ctx context.Context, actor mobility.Actor, a Announcement) (number int, err error) {
	err = r.do(ctx, actor, a.Arrived, func(s *step) error {
		number = 0
		if err := s.checkAnnouncement(ctx, a); err != nil {
			return err
		}
		readers, err := s.announcementReaders(ctx, a)
		if err != nil {
			return err
		}
		fresh, err := s.addAnnouncement(ctx, a, readers.Hash, false)
		if err != nil || !fresh {
			return err
		}
		getting := readers.Getting()
		switch {
		case len(getting) == 0:
			return mobility.ConflictError("conflict.announcement_to_nobody", nil)
		case readers.Hash != a.Seen:
			return mobility.StaleError("stale.announcement_readers", nil)
		}
		number = len(getting)
		return s.planAnnouncement(ctx, a, getting)
	})
	return number, err
}

// CheckAnnouncement is what SendAnnouncement checks of the texts, and changes
// nothing. The error is invalid, with the fields of the texts.
func (r *Runner) CheckAnnouncement(ctx context.Context, actor mobility.Actor, a Announcement) error {
	return r.do(ctx, actor, a.Arrived, func(s *step) error { return s.checkAnnouncement(ctx, a) })
}

// SampleAnnouncement sends one language of the letter to the writer.
func (r *Runner) SampleAnnouncement(ctx context.Context, actor mobility.Actor, a Announcement, language string) error {
	a.ID = newID()
	return r.do(ctx, actor, a.Arrived, func(s *step) error {
		if err := s.checkAnnouncement(ctx, a); err != nil {
			return err
		}
		if _, err := s.announcementReaders(ctx, a); err != nil {
			return err
		}
		if _, err := s.addAnnouncement(ctx, a, "", true); err != nil {
			return err
		}
		return s.planLetter(ctx, letterPlan{
			institution: a.Institution, kind: letter.KindAnnouncement, recipient: "person", language: inAny(a.Texts, language, language), person: &s.actor.Person,
			call: a.Call, key: "announcement_sample:" + a.ID.String(), queue: QueueBulk, data: map[string]any{"announcement": a.ID},
		})
	})
}

// RetractAnnouncement takes back what has not gone out yet and returns how
// many letters. Errors: not found; forbidden for whoever did not write it and
// is not in the office.
func (r *Runner) RetractAnnouncement(ctx context.Context, actor mobility.Actor, id uuid.UUID, arrived time.Time) (number int, err error) {
	err = r.do(ctx, actor, arrived, func(s *step) error {
		row, err := queries.LockAnnouncement(ctx, s.tx, id)
		if err != nil {
			return store.Translate(err, "letter")
		}
		if _, err := s.wide(row.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil && row.WrittenBy != actor.Person {
			return err
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		taken, err := queries.RetractAnnouncement(ctx, s.tx, id.String())
		if err != nil {
			return fmt.Errorf("take the letters back: %w", err)
		}
		number = int(taken)
		return s.record(ctx, act{
			institution: row.InstitutionID, name: "announcement_retracted", kind: "announcement", subject: id, data: map[string]any{"letters": number},
		})
	})
	return number, err
}

// addAnnouncement keeps what is sent; false: it was before.
func (s *step) addAnnouncement(ctx context.Context, a Announcement, hash string, sample bool) (bool, error) {
	rows, err := queries.AddAnnouncement(ctx, s.tx, store.AddAnnouncementParams{
		ID: a.ID, InstitutionID: a.Institution, CallID: a.Call, List: a.List, Filter: a.Filter.Address, RecipientsHash: hash, Sample: sample,
		WrittenBy: s.actor.Person, WrittenAt: s.now,
	})
	if err != nil || rows == 0 {
		return false, err
	}
	for _, t := range a.Texts {
		err := queries.AddAnnouncementText(ctx, s.tx, store.AddAnnouncementTextParams{
			AnnouncementID: a.ID, Language: t.Language, InstitutionID: a.Institution, Subject: t.Subject, Body: t.Body, Why: t.Why,
		})
		if err != nil {
			return false, fmt.Errorf("keep the letter's text: %w", err)
		}
	}
	return true, nil
}

func (s *step) planAnnouncement(ctx context.Context, a Announcement, getting []Reader) error {
	p := store.AddAnnouncementLettersParams{InstitutionID: a.Institution, CallID: a.Call, Announcement: a.ID.String(), PlannedAt: s.now}
	for _, one := range getting {
		p.Ids, p.Persons, p.Languages = append(p.Ids, newID()), append(p.Persons, one.Person), append(p.Languages, one.In)
		application := uuid.Nil
		if one.Application != nil {
			application = *one.Application
		}
		p.Applications = append(p.Applications, application)
	}
	if err := queries.AddAnnouncementLetters(ctx, s.tx, p); err != nil {
		return fmt.Errorf("plan the letters: %w", err)
	}
	if err := s.enqueueLetters(ctx, p.Ids, QueueBulk); err != nil {
		return err
	}
	return s.record(ctx, act{
		institution: a.Institution, name: "announcement_sent", kind: "announcement", subject: a.ID,
		data: map[string]any{"letters": len(getting), "list": a.List, "call": a.Call},
	})
}

// checkAnnouncement refuses texts that cannot be sent. Fields are named
// "subject.<language>", "body.<language>", "why.<language>".
func (s *step) checkAnnouncement(ctx context.Context, a Announcement) error {
	office, err := queries.InstitutionOffice(ctx, s.tx, a.Institution)
	if err != nil {
		return store.Translate(err, "institution")
	}
	var problems []mobility.FieldProblem
	if !slices.ContainsFunc(a.Texts, func(t AnnouncementText) bool { return t.Language == office.Language }) {
		problems = append(problems, mobility.FieldProblem{Field: "subject." + office.Language, Code: "invalid.required"})
	}
	for _, t := range a.Texts {
		problems = append(problems, t.problems()...)
	}
	if len(problems) > 0 {
		return mobility.InvalidError(problems...)
	}
	return nil
}

func (t AnnouncementText) problems() []mobility.FieldProblem {
	if !slices.Contains(locale.Languages, t.Language) {
		return []mobility.FieldProblem{{Field: "subject." + t.Language, Code: "invalid.required"}}
	}
	var out []mobility.FieldProblem
	for field, text := range map[string]string{"subject.": t.Subject, "body.": t.Body, "why.": t.Why} {
		if strings.TrimSpace(text) == "" {
			out = append(out, mobility.FieldProblem{Field: field + t.Language, Code: "invalid.required"})
		}
	}
	if len(out) > 0 {
		slices.SortFunc(out, func(a, b mobility.FieldProblem) int { return strings.Compare(b.Field, a.Field) })
		return out
	}
	_, err := letter.ParseSource(letter.KindAnnouncement, t.Language, letter.AnnouncementSource(t.Subject, t.Body))
	for _, p := range letter.Problems(err) {
		field := "body."
		if p.Line == 1 {
			field = "subject."
		}
		data := map[string]any{"What": "", "Allowed": "", "Instead": "", "Max": 0}
		for key, value := range p.Data {
			data[key] = value
		}
		out = append(out, mobility.FieldProblem{Field: field + t.Language, Code: "letter_source." + p.Code, Data: data})
	}
	return out
}
