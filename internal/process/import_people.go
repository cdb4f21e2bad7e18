package process

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/store"
)

// ImportPeople takes over what the institution's student information system
// says: persons by ESI, else by e-mail; their facts; the unit they study in.
// A changed average or credits changes the affiliation alone, submissions
// keep their copy. A changed address of somebody known by ESI is corrected as
// an officer would, and the old address is told; if another institution knows
// the person too, it is a problem of the row instead.
func (r *Runner) ImportPeople(ctx context.Context, arrived time.Time, home uuid.UUID, rows []intake.Person) (Imported, error) {
	return r.importAs(ctx, arrived, "people", func(i *importer) error {
		p := &people{importer: i, home: home, taken: map[uuid.UUID]int{}}
		if err := p.read(ctx, rows); err != nil {
			return err
		}
		for _, row := range rows {
			p.row(row)
		}
		if i.wrong() {
			return nil
		}
		return p.write(ctx)
	})
}

// people is one file of people beside what is known.
type people struct {
	*importer
	home         uuid.UUID
	units        map[string]uuid.UUID
	byESI        map[string]store.KnownPersonsRow // lower case
	byEmail      map[string]store.KnownPersonsRow // lower case
	facts        map[uuid.UUID]store.KnownFactsRow
	affiliations map[uuid.UUID][]store.KnownAffiliationsRow
	elsewhere    map[uuid.UUID]bool
	taken        map[uuid.UUID]int // person → row that was theirs

	add       store.AddPersonsParams
	esis      store.SetPersonESIsParams
	addresses []changedAddress
	put       store.PutFactsParams
	studies   store.PutAffiliationsParams
}

func (p *people) read(ctx context.Context, rows []intake.Person) (err error) {
	if err = p.importer.home(ctx, p.home); err != nil {
		return err
	}
	if p.units, err = p.importer.units(ctx, p.home); err != nil {
		return err
	}
	var emails, esis []string
	for _, row := range rows {
		emails = append(emails, strings.ToLower(row.Email))
		if row.ESI != "" {
			esis = append(esis, strings.ToLower(row.ESI))
		}
	}
	known, err := queries.KnownPersons(ctx, p.tx, store.KnownPersonsParams{Emails: emails, Esis: esis})
	if err != nil {
		return fmt.Errorf("look for the people: %w", err)
	}
	p.byESI, p.byEmail = map[string]store.KnownPersonsRow{}, map[string]store.KnownPersonsRow{}
	ids := make([]uuid.UUID, len(known))
	for n, k := range known {
		ids[n] = k.ID
		p.byEmail[strings.ToLower(k.Email)] = k
		if k.ESI != "" {
			p.byESI[strings.ToLower(k.ESI)] = k
		}
	}
	return p.readKnown(ctx, ids)
}

// readKnown reads what this institution, and whether another one, knows of
// those people.
func (p *people) readKnown(ctx context.Context, ids []uuid.UUID) error {
	facts, err := queries.KnownFacts(ctx, p.tx, store.KnownFactsParams{InstitutionID: p.home, PersonIds: ids})
	if err != nil {
		return fmt.Errorf("read the facts: %w", err)
	}
	p.facts = make(map[uuid.UUID]store.KnownFactsRow, len(facts))
	for _, f := range facts {
		p.facts[f.PersonID] = f
	}
	studies, err := queries.KnownAffiliations(ctx, p.tx, store.KnownAffiliationsParams{InstitutionID: p.home, PersonIds: ids})
	if err != nil {
		return fmt.Errorf("read the affiliations: %w", err)
	}
	p.affiliations = map[uuid.UUID][]store.KnownAffiliationsRow{}
	for _, a := range studies {
		p.affiliations[a.PersonID] = append(p.affiliations[a.PersonID], a)
	}
	others, err := queries.KnownElsewhere(ctx, p.tx, store.KnownElsewhereParams{InstitutionID: p.home, PersonIds: ids})
	if err != nil {
		return fmt.Errorf("look elsewhere: %w", err)
	}
	p.elsewhere = map[uuid.UUID]bool{}
	for _, id := range others {
		p.elsewhere[id] = true
	}
	return nil
}

func (p *people) row(row intake.Person) {
	unit, ok := p.units[row.Unit]
	if !ok {
		p.fail(row.Row, "unit", row.Unit, "intake.unit_unknown", nil)
	}
	id, touched, fine := p.person(row)
	if !ok || !fine {
		return
	}
	if before, twice := p.taken[id]; twice {
		p.fail(row.Row, "email", row.Email, "intake.duplicate", map[string]any{"Row": before})
		return
	}
	p.taken[id] = row.Row
	_, known := p.facts[id]
	changed := p.noteFacts(id, row)
	if p.noteStudies(id, unit, row) {
		changed = true
	}
	switch {
	case !known:
		p.done.count(isNew)
	case touched || changed:
		p.done.count(isChanged)
	default:
		p.done.count(isSame)
	}
}

// person says whose row it is, and notes what changes about how the person is
// known. fine is false if that could not be decided.
func (p *people) person(row intake.Person) (id uuid.UUID, touched, fine bool) {
	byESI, hasESI := p.byESI[strings.ToLower(row.ESI)]
	byEmail, hasEmail := p.byEmail[strings.ToLower(row.Email)]
	switch {
	case row.ESI != "" && hasESI:
		return p.knownByESI(row, byESI, byEmail, hasEmail)
	case hasEmail && row.ESI != "" && byEmail.ESI != "":
		p.fail(row.Row, "esi", row.ESI, "import.esi_differs", nil)
		return uuid.Nil, false, false
	case hasEmail && row.ESI != "":
		p.esis.Ids, p.esis.Esis = append(p.esis.Ids, byEmail.ID), append(p.esis.Esis, row.ESI)
		return byEmail.ID, true, true
	case hasEmail:
		return byEmail.ID, false, true
	}
	id = newID()
	p.add.Ids, p.add.Emails = append(p.add.Ids, id), append(p.add.Emails, row.Email)
	p.add.Esis, p.add.Languages = append(p.add.Esis, row.ESI), append(p.add.Languages, "")
	return id, true, true
}

func (p *people) knownByESI(row intake.Person, k, other store.KnownPersonsRow, taken bool) (id uuid.UUID, touched, fine bool) {
	switch {
	case strings.EqualFold(k.Email, row.Email):
		return k.ID, false, true
	case taken && other.ID != k.ID:
		p.fail(row.Row, "email", row.Email, "import.address_of_another", nil)
		return k.ID, false, false
	case p.elsewhere[k.ID]:
		p.fail(row.Row, "email", row.Email, "import.address_known_elsewhere", nil)
		return k.ID, false, false
	}
	p.addresses = append(p.addresses, changedAddress{person: k.ID, old: k.Email, address: row.Email})
	return k.ID, true, true
}

func (p *people) noteFacts(id uuid.UUID, row intake.Person) bool {
	want := store.KnownFactsRow{
		PersonID: id, GivenNames: row.GivenNames, FamilyNames: row.FamilyNames, Nationality: row.Nationality, Gender: int16(row.Gender),
	}
	if !row.BirthDate.IsZero() {
		want.BirthDate = row.BirthDate.Format(time.DateOnly)
	}
	if p.facts[id] == want {
		return false
	}
	q := &p.put
	q.PersonIds, q.GivenNames, q.FamilyNames = append(q.PersonIds, id), append(q.GivenNames, want.GivenNames), append(q.FamilyNames, want.FamilyNames)
	q.BirthDates, q.Nationalities, q.Genders = append(q.BirthDates, want.BirthDate), append(q.Nationalities, want.Nationality), append(q.Genders, int32(want.Gender))
	return true
}

// noteStudies notes where the person studies. An affiliation known but not
// the newest is touched, so that the newest is always what the last file said.
func (p *people) noteStudies(id, unit uuid.UUID, row intake.Person) bool {
	want := store.KnownAffiliationsRow{PersonID: id, UnitID: unit, Kind: "student", Cycle: int32(row.Cycle), Field: row.ISCED, Year: int32(row.Year), Newest: true}
	average, credits := decimalText(row.Average), decimalText(row.Credits)
	for _, k := range p.affiliations[id] {
		sameValues := sameDecimal(k.Average, row.Average) && sameDecimal(k.Credits, row.Credits) && sameFurther(k.Extra, row.Values)
		k.Average, k.Credits, k.Extra = nil, nil, ""
		if k == want && sameValues {
			return false
		}
	}
	q := &p.studies
	q.PersonIds, q.UnitIds = append(q.PersonIds, id), append(q.UnitIds, unit)
	q.Cycles, q.Fields, q.Years = append(q.Cycles, want.Cycle), append(q.Fields, want.Field), append(q.Years, want.Year)
	q.Averages, q.Credits, q.Extras = append(q.Averages, average), append(q.Credits, credits), append(q.Extras, furtherText(row.Values))
	return true
}

// furtherText writes further values as the database keeps them.
func furtherText(values map[string]string) string {
	if len(values) == 0 {
		return "{}"
	}
	text, err := json.Marshal(values)
	if err != nil {
		return "{}" // a map of texts is always written
	}
	return string(text)
}

func sameFurther(kept string, values map[string]string) bool {
	known := map[string]string{}
	return json.Unmarshal([]byte(kept), &known) == nil && maps.Equal(known, values)
}

func decimalText(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

func sameDecimal(a *decimal.Decimal, b decimal.NullDecimal) bool {
	if a == nil || !b.Valid {
		return a == nil && !b.Valid
	}
	return a.Equal(b.Decimal)
}

func (p *people) write(ctx context.Context) error {
	if err := queries.AddPersons(ctx, p.tx, p.add); err != nil {
		return fmt.Errorf("add the people: %w", err)
	}
	if err := queries.SetPersonESIs(ctx, p.tx, p.esis); err != nil {
		return fmt.Errorf("set the identifiers: %w", err)
	}
	p.put.InstitutionID, p.studies.InstitutionID, p.studies.At = p.home, p.home, p.now
	if err := queries.PutFacts(ctx, p.tx, p.put); err != nil {
		return fmt.Errorf("keep the facts: %w", err)
	}
	if err := queries.PutAffiliations(ctx, p.tx, p.studies); err != nil {
		return fmt.Errorf("keep the affiliations: %w", err)
	}
	for _, a := range p.addresses {
		a.institution = p.home
		if err := p.changeAddress(ctx, a); err != nil {
			return err
		}
	}
	return nil
}
