package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

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
	if a.List == ToNominations {
		rows, err := queries.AnnouncementNominations(ctx, s.tx, store.AnnouncementNominationsParams{
			CallID: *a.Call, InstitutionID: a.Institution, Self: s.actor.Person, Status: a.Filter.Status,
		})
		for _, row := range rows {
			add(row.ID, row.PersonID, row.UnitID)
		}
		return out, err
	}
	rows, err := s.candidatesOf(ctx, a)
	for _, row := range rows {
		add(row.ID, row.PersonID, row.UnitID)
	}
	return out, err
}

// candidatesOf are the files of the list of candidates, by the query that
// shows it, so that nobody is written to who was not shown.
func (s *step) candidatesOf(ctx context.Context, a Announcement) ([]store.AnnouncementFilesRow, error) {
	p := a.Filter.Candidates
	p.CallID, p.Institutions, p.Self, p.Skip, p.Most = *a.Call, []uuid.UUID{a.Institution}, s.actor.Person, 0, math.MaxInt32
	if p.States == nil {
		p.States = []string{}
	}
	shown, err := queries.OfficeCandidates(ctx, s.tx, p)
	if err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	ids := make([]uuid.UUID, len(shown))
	for i, row := range shown {
		ids[i] = row.ID
	}
	return queries.AnnouncementFiles(ctx, s.tx, store.AnnouncementFilesParams{Ids: ids, CallID: *a.Call, InstitutionID: a.Institution, Self: s.actor.Person})
}

func (s *step) onListOfPeople(ctx context.Context, a Announcement) ([]Reader, error) {
	if _, err := s.wide(a.Institution, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
		return nil, err
	}
	rows, err := queries.AnnouncementPeople(ctx, s.tx, store.AnnouncementPeopleParams{
		InstitutionID: a.Institution, Self: s.actor.Person, UnitID: a.Filter.Unit, Sought: a.Filter.Sought, Role: a.Filter.Role, Now: s.now,
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
