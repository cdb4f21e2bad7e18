package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// members brings in every member with its units, students and staff.
func (h *chronicle) members() {
	all, err := allMembers()
	at := h.when(longAgo)
	if h.fail(err) {
		return
	}
	for n, m := range all {
		if h.err != nil {
			return
		}
		b := &housing{
			chronicle: h, house: &house{member: m, units: map[string]uuid.UUID{}}, all: all, at: at,
			rnd: rand.New(rand.NewPCG(2027, uint64(100+n))),
		} //nolint:gosec // the same world every time
		b.Students, b.Staff = h.part(m.Students), h.part(m.Staff)
		h.fail(b.bring())
		h.houses[m.Domain] = b.house
		h.tell("%s: %d students, %d members of staff", m.Domain, b.Students, b.Staff)
	}
	h.appoint()
}

// part is so many of a world of this size, at least some.
func (h *chronicle) part(whole int) int { return max(whole/h.OneIn, 8) }

// housing brings one member in.
type housing struct {
	*chronicle
	*house
	all []member
	at  time.Time
	rnd *rand.Rand
}

func (b *housing) bring() error {
	found, err := queries.InstitutionByName(b.ctx, b.DB, &b.Domain)
	if err != nil {
		return fmt.Errorf("find %s: %w", b.Domain, err)
	}
	b.id = found.ID
	for _, step := range []func() error{b.bringUnits, b.bringStudents, b.bringOffice, b.bringStaff} {
		if err := step(); err != nil {
			return fmt.Errorf("%s: %w", b.Domain, err)
		}
	}
	return nil
}

// bringUnits imports the units of a member that has none yet.
func (b *housing) bringUnits() error {
	var rows []intake.Unit
	for n, u := range b.house.Units {
		rows = append(rows, intake.Unit{Row: n + 2, Code: u.Code, NameEN: u.EN, NameLocal: u.Local})
	}
	if len(rows) > 0 {
		if _, err := b.Process.ImportUnits(b.ctx, b.at, b.id, rows); err != nil {
			return err
		}
	}
	known, err := queries.DemoUnits(b.ctx, b.DB, b.id)
	for _, u := range known {
		b.unitCodes = append(b.unitCodes, u.Code)
		b.house.units[u.Code] = u.ID
	}
	return err
}

// atOnce is how many people are planted together.
const atOnce = 10_000

// planted begins the number in the identifier of everybody who was planted.
const planted = "alliance"

var fields = []string{"0311", "0413", "0613", "0714", "0811", "0913", "0113", "0211"}

// bringStudents plants the students of a member: none of them was there
// before, so that nothing need be compared as an import does.
func (b *housing) bringStudents() error {
	for first := 0; first < b.Students; first += atOnce {
		var c crowd
		for n := first; n < min(first+atOnce, b.Students); n++ {
			b.student(&c, n)
		}
		c.facts.InstitutionID, c.studies.InstitutionID, c.studies.At = b.id, b.id, b.at
		err := b.together(func(tx store.DBTX) error {
			if err := c.write(b.ctx, tx); err != nil {
				return err
			}
			return queries.PutAffiliations(b.ctx, tx, c.studies)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// crowd is people as columns.
type crowd struct {
	people  store.AddPersonsParams
	facts   store.PutFactsParams
	studies store.PutAffiliationsParams
}

func (c *crowd) write(ctx context.Context, tx store.DBTX) error {
	if err := queries.AddPersons(ctx, tx, c.people); err != nil {
		return err
	}
	return queries.PutFacts(ctx, tx, c.facts)
}

// person adds somebody of a gender, ISO 5218, with a name as people have it at
// a member.
func (c *crowd) person(b *housing, from member, gender int) uuid.UUID {
	id := b.newID()
	given, family := from.named(b.rnd, gender)
	p, f := &c.people, &c.facts
	p.Ids, p.Languages = append(p.Ids, id), append(p.Languages, "")
	f.PersonIds, f.GivenNames, f.FamilyNames = append(f.PersonIds, id), append(f.GivenNames, given), append(f.FamilyNames, family)
	f.Nationalities, f.Genders = append(f.Nationalities, from.country()), append(f.Genders, int32(gender))
	return id
}

// student adds the n-th student of a member; most come from its country.
func (b *housing) student(c *crowd, n int) {
	from := b.member
	if b.rnd.IntN(7) == 0 {
		from = b.all[b.rnd.IntN(len(b.all))]
	}
	cycle, year := 6, 1+b.rnd.IntN(3)
	if b.rnd.IntN(4) == 0 {
		cycle, year = 7, 1+b.rnd.IntN(2)
	}
	id := c.person(b, from, 1+b.rnd.IntN(2))
	c.people.Emails = append(c.people.Emails, fmt.Sprintf("s%06d@student.%s.example", n+1, b.label()))
	c.people.Esis = append(c.people.Esis, fmt.Sprintf("urn:schac:personalUniqueCode:int:esi:%s:%s%06d", b.Domain, planted, n+1))
	c.facts.BirthDates = append(c.facts.BirthDates, fmt.Sprintf("%d-%02d-%02d", 1997+b.rnd.IntN(7), 1+b.rnd.IntN(12), 1+b.rnd.IntN(28)))
	s := &c.studies
	s.PersonIds, s.UnitIds = append(s.PersonIds, id), append(s.UnitIds, b.house.units[b.unitCodes[n%len(b.unitCodes)]])
	s.Cycles, s.Years, s.Fields = append(s.Cycles, int32(cycle)), append(s.Years, int32(year)), append(s.Fields, fields[n%len(b.unitCodes)])
	s.Averages = append(s.Averages, decimal.New(int64(100+b.rnd.IntN(100)+b.rnd.IntN(100)), -2).String())
	s.Credits, s.Extras = append(s.Credits, fmt.Sprint(30*(2*year-b.rnd.IntN(2)))), append(s.Extras, "{}")
}

// named is a name as people have it at a member; gender is ISO 5218.
func (m member) named(rnd *rand.Rand, gender int) (given, family string) {
	if gender == 2 {
		return m.Women[rnd.IntN(len(m.Women))], m.FamiliesWomen[rnd.IntN(len(m.FamiliesWomen))]
	}
	families := m.FamiliesMen
	if len(families) == 0 {
		families = m.FamiliesWomen
	}
	return m.Men[rnd.IntN(len(m.Men))], families[rnd.IntN(len(families))]
}

// bringOffice imports who holds a role: two officers and an administrator of
// the institution, a coordinator and two assessors of every unit.
func (b *housing) bringOffice() error {
	var rows []intake.Staff
	add := func(role mobility.Role, unit string) {
		s := intake.Staff{Row: len(rows) + 2, Institution: b.Code, Role: string(role), Unit: unit, Language: "en"}
		s.GivenNames, s.FamilyNames = b.named(b.rnd, 1+b.rnd.IntN(2))
		s.Email = fmt.Sprintf("%s%02d@%s.example", role, len(rows)+1, b.label())
		rows = append(rows, s)
	}
	add(mobility.RoleOfficer, "")
	add(mobility.RoleOfficer, "")
	add(mobility.RoleAdministrator, "")
	for _, unit := range b.unitCodes {
		for _, role := range []mobility.Role{mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleAssessor} {
			add(role, unit)
		}
	}
	_, err := b.Process.ImportStaff(b.ctx, b.at, b.id, rows)
	return err
}

// bringStaff plants the members of staff who hold no role.
func (b *housing) bringStaff() error {
	var c crowd
	c.facts.InstitutionID = b.id
	plant := store.PlantStaffParams{InstitutionID: b.id, At: b.at}
	for n := range b.Staff {
		id := c.person(b, b.member, 1+b.rnd.IntN(2))
		c.people.Emails, c.people.Esis = append(c.people.Emails, fmt.Sprintf("e%05d@%s.example", n+1, b.label())), append(c.people.Esis, "")
		c.facts.BirthDates = append(c.facts.BirthDates, "")
		plant.PersonIds, plant.UnitIds = append(plant.PersonIds, id), append(plant.UnitIds, b.house.units[b.unitCodes[n%len(b.unitCodes)]])
	}
	return b.together(func(tx store.DBTX) error {
		if err := c.write(b.ctx, tx); err != nil {
			return err
		}
		return queries.PlantStaff(b.ctx, tx, plant)
	})
}

// appoint finds who acts for every member, and who may apply there.
func (h *chronicle) appoint() {
	staff, err := queries.DemoStaff(h.ctx, h.DB)
	if h.fail(err) {
		return
	}
	for _, at := range h.houses {
		at.coordinators, at.students = map[uuid.UUID]mobility.Actor{}, map[uuid.UUID][]student{}
		for _, p := range staff {
			actor := mobility.Actor{Person: p.ID, Grants: []mobility.Grant{{Role: mobility.Role(p.Role), Institution: p.InstitutionID, Unit: p.UnitID}}}
			switch {
			case p.InstitutionID != at.id:
			case p.UnitID != nil && mobility.Role(p.Role) == mobility.RoleCoordinator:
				at.coordinators[*p.UnitID] = actor
			case mobility.Role(p.Role) == mobility.RoleOfficer:
				at.officer = actor
			}
		}
		like := "%:" + planted + "%"
		rows, err := queries.PlantPool(h.ctx, h.DB, store.PlantPoolParams{InstitutionID: at.id, ESI: &like})
		if h.fail(err) {
			return
		}
		for _, row := range rows {
			at.students[row.UnitID] = append(at.students[row.UnitID], student{Actor: mobility.Actor{Person: row.PersonID}, unitID: row.UnitID, cycle: int(row.Cycle)})
		}
	}
	h.houses[home].officer = h.officer
}

// newID gives ids in order, as those the product makes are.
func (h *chronicle) newID() uuid.UUID {
	h.next++
	return uuid.MustParse(fmt.Sprintf("01700000-0000-7000-8000-%012x", h.next))
}

// together runs statements in one transaction.
func (h *chronicle) together(do func(tx store.DBTX) error) error {
	tx, err := h.DB.Begin(h.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback(h.ctx) }() // after the commit it does nothing
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(h.ctx)
}

// plans of calls come from the same file, so that all of them count alike.
func (h *chronicle) plan(source []byte) process.CallPlan {
	out, err := plan(source)
	h.fail(err)
	return out
}
