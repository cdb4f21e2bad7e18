package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/intake"
	"peregrine/internal/store"
)

// ImportStaff takes over people and their roles at home; with home uuid.Nil,
// at any institution that uses Peregrine. A row of role "host" is the contact
// of a partner: its address becomes where that office reads its mail. Roles
// the file does not name stay.
func (r *Runner) ImportStaff(ctx context.Context, arrived time.Time, home uuid.UUID, rows []intake.Staff) (Imported, error) {
	return r.importAs(ctx, arrived, "people", func(i *importer) error {
		f := &staff{importer: i, home: home, contacts: map[uuid.UUID]contact{}}
		if err := f.read(ctx, rows); err != nil {
			return err
		}
		for _, row := range rows {
			f.row(row)
		}
		if i.wrong() {
			return nil
		}
		return f.write(ctx)
	})
}

// staff is one file of roles beside what is known.
type staff struct {
	*importer
	home         uuid.UUID
	institutions map[string]store.KnownInstitutionsRow
	units        map[unitKey]uuid.UUID
	persons      map[string]store.KnownPersonsRow // by address, lower case; new ones are added
	names        map[nameKey]store.KnownNamesRow
	roles        map[roleKey]bool
	contacts     map[uuid.UUID]contact

	add       store.AddPersonsParams
	languages store.SetPersonLanguagesParams
	put       store.PutNamesParams
	grant     store.AddRolesParams
}

type unitKey struct {
	institution uuid.UUID
	code        string
}

type nameKey struct{ institution, person uuid.UUID }

type roleKey struct {
	person, institution, unit uuid.UUID
	role                      string
}

type contact struct {
	email string
	row   int
}

func (f *staff) read(ctx context.Context, rows []intake.Staff) (err error) {
	if f.institutions, err = f.importer.institutions(ctx); err != nil {
		return err
	}
	var emails []string
	var places []uuid.UUID
	for _, row := range rows {
		emails = append(emails, strings.ToLower(row.Email))
		places = append(places, f.institutions[intake.CodeKey(row.Institution)].ID)
	}
	units, err := queries.UnitsOfInstitutions(ctx, f.tx, places)
	if err != nil {
		return fmt.Errorf("read the units: %w", err)
	}
	f.units = map[unitKey]uuid.UUID{}
	for _, u := range units {
		f.units[unitKey{u.InstitutionID, u.Code}] = u.ID
	}
	known, err := queries.KnownPersons(ctx, f.tx, store.KnownPersonsParams{Emails: emails, Esis: []string{}})
	if err != nil {
		return fmt.Errorf("look for the people: %w", err)
	}
	f.persons = map[string]store.KnownPersonsRow{}
	ids := make([]uuid.UUID, len(known))
	for n, k := range known {
		ids[n] = k.ID
		f.persons[strings.ToLower(k.Email)] = k
	}
	return f.readKnown(ctx, ids)
}

func (f *staff) readKnown(ctx context.Context, ids []uuid.UUID) error {
	names, err := queries.KnownNames(ctx, f.tx, ids)
	if err != nil {
		return fmt.Errorf("read the names: %w", err)
	}
	f.names = map[nameKey]store.KnownNamesRow{}
	for _, n := range names {
		f.names[nameKey{n.InstitutionID, n.PersonID}] = n
	}
	roles, err := queries.KnownRoles(ctx, f.tx, ids)
	if err != nil {
		return fmt.Errorf("read the roles: %w", err)
	}
	f.roles = map[roleKey]bool{}
	for _, k := range roles {
		f.roles[roleKey{k.PersonID, k.InstitutionID, idOrNil(k.UnitID), k.Role}] = true
	}
	return nil
}

func idOrNil(id *uuid.UUID) uuid.UUID {
	if id == nil {
		return uuid.Nil
	}
	return *id
}

func (f *staff) row(row intake.Staff) {
	at, ok := f.institutions[intake.CodeKey(row.Institution)]
	switch {
	case !ok:
		f.fail(row.Row, "institution", row.Institution, "intake.host_unknown", nil)
	case row.Role == "host":
		f.contact(row, at)
	case !at.Tenant:
		f.fail(row.Row, "institution", row.Institution, "import.no_member", nil)
	case f.home != uuid.Nil && at.ID != f.home:
		f.fail(row.Row, "institution", row.Institution, "import.other_institution", nil)
	default:
		f.role(row, at.ID)
	}
}

func (f *staff) contact(row intake.Staff, at store.KnownInstitutionsRow) {
	if before, twice := f.contacts[at.ID]; twice && !strings.EqualFold(before.email, row.Email) {
		f.fail(row.Row, "email", row.Email, "import.second_contact", map[string]any{"Row": before.row})
		return
	}
	f.contacts[at.ID] = contact{row.Email, row.Row}
}

func (f *staff) role(row intake.Staff, institution uuid.UUID) {
	unit, ok := f.units[unitKey{institution, row.Unit}]
	if row.Unit != "" && !ok {
		f.fail(row.Row, "unit", row.Unit, "intake.unit_unknown", nil)
		return
	}
	person, changed := f.person(row)
	if f.noteName(row, institution, person) {
		changed = true
	}
	key := roleKey{person, institution, unit, row.Role}
	switch {
	case !f.roles[key]:
		f.roles[key] = true
		g := &f.grant
		g.PersonIds, g.InstitutionIds = append(g.PersonIds, person), append(g.InstitutionIds, institution)
		g.Units, g.Roles = append(g.Units, row.Unit), append(g.Roles, row.Role)
		f.done.count(isNew)
	case changed:
		f.done.count(isChanged)
	default:
		f.done.count(isSame)
	}
}

// person finds or makes the person; a language known already stays.
func (f *staff) person(row intake.Staff) (id uuid.UUID, changed bool) {
	key := strings.ToLower(row.Email)
	k, ok := f.persons[key]
	switch {
	case !ok:
		k = store.KnownPersonsRow{ID: newID(), Email: row.Email, Language: row.Language}
		f.add.Ids, f.add.Emails = append(f.add.Ids, k.ID), append(f.add.Emails, row.Email)
		f.add.Esis, f.add.Languages = append(f.add.Esis, ""), append(f.add.Languages, row.Language)
	case k.Language == "" && row.Language != "":
		k.Language = row.Language
		f.languages.Ids, f.languages.Languages = append(f.languages.Ids, k.ID), append(f.languages.Languages, row.Language)
		changed = true
	}
	f.persons[key] = k
	return k.ID, changed
}

// noteName keeps the name, unless the student information system knows it.
func (f *staff) noteName(row intake.Staff, institution, person uuid.UUID) bool {
	key := nameKey{institution, person}
	k, known := f.names[key]
	if known && (k.Student || (k.GivenNames == row.GivenNames && k.FamilyNames == row.FamilyNames)) {
		return false
	}
	f.names[key] = store.KnownNamesRow{InstitutionID: institution, PersonID: person, GivenNames: row.GivenNames, FamilyNames: row.FamilyNames, Student: true}
	p := &f.put
	p.InstitutionIds, p.PersonIds = append(p.InstitutionIds, institution), append(p.PersonIds, person)
	p.GivenNames, p.FamilyNames = append(p.GivenNames, row.GivenNames), append(p.FamilyNames, row.FamilyNames)
	return true
}

func (f *staff) write(ctx context.Context) error {
	if err := queries.AddPersons(ctx, f.tx, f.add); err != nil {
		return fmt.Errorf("add the people: %w", err)
	}
	if err := queries.SetPersonLanguages(ctx, f.tx, f.languages); err != nil {
		return fmt.Errorf("set the languages: %w", err)
	}
	if err := queries.PutNames(ctx, f.tx, f.put); err != nil {
		return fmt.Errorf("keep the names: %w", err)
	}
	f.grant.At = f.now
	if err := queries.AddRoles(ctx, f.tx, f.grant); err != nil {
		return fmt.Errorf("grant the roles: %w", err)
	}
	if err := f.detectConflicts(ctx, nil, f.grant.PersonIds); err != nil {
		return err
	}
	for id, c := range f.contacts {
		n, err := queries.SetOfficeAddress(ctx, f.tx, store.SetOfficeAddressParams{Email: c.email, ID: id})
		if err != nil {
			return fmt.Errorf("keep the contact in row %d: %w", c.row, err)
		}
		if n > 0 {
			f.done.count(isChanged)
		} else {
			f.done.count(isSame)
		}
	}
	return nil
}
