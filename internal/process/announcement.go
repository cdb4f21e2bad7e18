package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	Address     string // the filter as the list's address has it: codes and ids, no text somebody typed
	Phase       string
	States      []string
	Unit        *uuid.UUID
	Destination *uuid.UUID
	Unmarked    bool
	Status      string // of nominations
	Sought      string // part of a name, fit for LIKE
}

// AnnouncementText is one language of it.
type AnnouncementText struct {
	Language string
	Subject  string
	Body     string // Markdown
	Why      string // ends the sentence "You get this letter because …"
}

// Reader is one person on the list.
type Reader struct {
	Person      uuid.UUID
	Application *uuid.UUID
	Name        string
	Language    string // the reader's own
	In          string // the language the letter comes in
	Out         string // why there is no letter: address, erased, double, unwanted; "" if there is one
}

// Readers is everybody on a list.
type Readers struct {
	All  []Reader
	Hash string // of those who get the letter, and in which language
}

// Getting are those who get the letter.
func (r Readers) Getting() []Reader {
	return slices.DeleteFunc(slices.Clone(r.All), func(one Reader) bool { return one.Out != "" })
}

// Missing are those who do not, and why.
func (r Readers) Missing() []Reader {
	return slices.DeleteFunc(slices.Clone(r.All), func(one Reader) bool { return one.Out == "" })
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

// announcementReaders proves that the writer may write to the list, reads it
// as the writer sees it, and elevates to learn whom a letter reaches.
func (s *step) announcementReaders(ctx context.Context, a Announcement) (Readers, error) {
	readers, err := s.onList(ctx, a)
	if err != nil {
		return Readers{}, err
	}
	if err := s.elevate(ctx); err != nil {
		return Readers{}, err
	}
	persons := make([]uuid.UUID, len(readers))
	for i, one := range readers {
		persons[i] = one.Person
	}
	rows, err := queries.AnnouncementReaders(ctx, s.tx, store.AnnouncementReadersParams{InstitutionID: a.Institution, Persons: persons})
	if err != nil {
		return Readers{}, fmt.Errorf("read who gets the letter: %w", err)
	}
	known := make(map[uuid.UUID]store.AnnouncementReadersRow, len(rows))
	for _, row := range rows {
		known[row.ID] = row
	}
	office, err := queries.InstitutionOffice(ctx, s.tx, a.Institution)
	if err != nil {
		return Readers{}, store.Translate(err, "institution")
	}
	return settle(readers, known, a.Texts, office.Language), nil
}

// settle decides for each reader whether and how the letter comes.
func settle(readers []Reader, known map[uuid.UUID]store.AnnouncementReadersRow, texts []AnnouncementText, house string) Readers {
	seen := map[uuid.UUID]bool{}
	hash := sha256.New()
	for i := range readers {
		one := &readers[i]
		row := known[one.Person]
		one.Name, one.Language, one.In = row.Name, row.Language, inAny(texts, row.Language, house)
		switch {
		case row.Erased:
			one.Out = "erased"
		case row.Email == "":
			one.Out = "address"
		case seen[one.Person]:
			one.Out = "double"
		case !row.Wants:
			one.Out = "unwanted"
		default:
			_, _ = fmt.Fprintf(hash, "%s %s\n", one.Person, one.In)
		}
		seen[one.Person] = true
	}
	return Readers{All: readers, Hash: hex.EncodeToString(hash.Sum(nil))}
}

// inAny is the language a reader gets: the own one if there is a text in it,
// else the institution's, else the first there is.
func inAny(texts []AnnouncementText, own, house string) string {
	for _, wanted := range []string{own, house} {
		for _, t := range texts {
			if t.Language == wanted {
				return wanted
			}
		}
	}
	if len(texts) == 0 {
		return house
	}
	return texts[0].Language
}

// onList is everybody on the list whom the actor may write to.
func (s *step) onList(ctx context.Context, a Announcement) ([]Reader, error) {
	if a.List == ToPeople {
		return s.onListOfPeople(ctx, a)
	}
	if a.Call == nil || !slices.Contains([]string{ToCandidates, ToNominations}, a.List) {
		return nil, mobility.NotFoundError("page")
	}
	var out []Reader
	add := func(id, person, unit uuid.UUID) {
		roles := s.actor.RolesAt(mobility.Place{Institution: a.Institution, Unit: unit, Call: *a.Call, Applicant: person})
		if slices.ContainsFunc(roles, mayWrite) {
			out = append(out, Reader{Person: person, Application: &id})
		}
	}
	if !slices.ContainsFunc(s.actor.Grants, func(g mobility.Grant) bool { return g.Institution == a.Institution && mayWrite(g.Role) }) {
		return nil, mobility.ForbiddenError("refusal.not_your_office")
	}
	f := a.Filter
	if a.List == ToNominations {
		rows, err := queries.AnnouncementNominations(ctx, s.tx, store.AnnouncementNominationsParams{CallID: *a.Call, InstitutionID: a.Institution, Self: s.actor.Person, Status: f.Status})
		for _, row := range rows {
			add(row.ID, row.PersonID, row.UnitID)
		}
		return out, err
	}
	rows, err := queries.AnnouncementCandidates(ctx, s.tx, store.AnnouncementCandidatesParams{
		CallID: *a.Call, InstitutionID: a.Institution, Self: s.actor.Person, Phase: f.Phase, States: nonNil(f.States), UnitID: f.Unit,
		DestinationID: f.Destination, Named: f.Sought, Unmarked: f.Unmarked,
	})
	for _, row := range rows {
		add(row.ID, row.PersonID, row.UnitID)
	}
	return out, err
}

func (s *step) onListOfPeople(ctx context.Context, a Announcement) ([]Reader, error) {
	if _, err := s.wide(a.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
		return nil, err
	}
	rows, err := queries.AnnouncementPeople(ctx, s.tx, store.AnnouncementPeopleParams{
		InstitutionID: a.Institution, Self: s.actor.Person, UnitID: a.Filter.Unit, Sought: a.Filter.Sought,
	})
	out := make([]Reader, len(rows))
	for i, row := range rows {
		out[i] = Reader{Person: row}
	}
	return out, err
}

// mayWrite reports whether a role writes to the people of its files.
func mayWrite(role mobility.Role) bool {
	return role == mobility.RoleOfficer || role == mobility.RoleAdministrator || role == mobility.RoleCoordinator
}

func nonNil(list []string) []string {
	if list == nil {
		return []string{}
	}
	return list
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
