package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/store"
)

// ImportAgreements takes over the home institution's agreements and makes
// their pools of places: autumn, spring, or both for a whole year. The same
// home unit, host, field, cycle, year, term and home agreement id is the same
// agreement; what else a row says replaces what was known. Places are never
// lowered below what is held: that is a problem of the row, and the answer to
// it a recorded overbooking. Destinations of calls made before keep what they
// copied.
func (r *Runner) ImportAgreements(ctx context.Context, arrived time.Time, home uuid.UUID, rows []intake.Agreement) (Imported, error) {
	return r.importAs(ctx, arrived, "agreements", func(i *importer) error {
		a := &agreements{importer: i, home: home}
		if err := a.read(ctx); err != nil {
			return err
		}
		for _, row := range rows {
			a.row(row)
		}
		if i.wrong() {
			return nil
		}
		if err := queries.PutAgreements(ctx, i.tx, a.put); err != nil {
			return fmt.Errorf("keep the agreements: %w", err)
		}
		if err := queries.PutPools(ctx, i.tx, a.pools); err != nil {
			return fmt.Errorf("keep the pools: %w", err)
		}
		return nil
	})
}

// agreements is one file of agreements beside what is known.
type agreements struct {
	*importer
	home  uuid.UUID
	units map[string]uuid.UUID
	hosts map[string]store.KnownInstitutionsRow
	known map[agreementKey]store.KnownAgreementsRow
	held  map[poolKey]store.PoolsOfInstitutionRow
	put   store.PutAgreementsParams
	pools store.PutPoolsParams
}

type agreementKey struct {
	unit, host                     uuid.UUID
	field, year, term, homeAgreeID string
	cycle                          int
}

type poolKey struct {
	agreement  uuid.UUID
	year, term string
}

func (a *agreements) read(ctx context.Context) (err error) {
	if err = a.importer.home(ctx, a.home); err != nil {
		return err
	}
	if a.units, err = a.importer.units(ctx, a.home); err != nil {
		return err
	}
	if a.hosts, err = a.institutions(ctx); err != nil {
		return err
	}
	pools, err := queries.PoolsOfInstitution(ctx, a.tx, a.home)
	if err != nil {
		return fmt.Errorf("read the pools: %w", err)
	}
	a.held = make(map[poolKey]store.PoolsOfInstitutionRow, len(pools))
	for _, p := range pools {
		a.held[poolKey{p.AgreementID, p.AcademicYear, p.Term}] = p
	}
	known, err := queries.KnownAgreements(ctx, a.tx, a.home)
	if err != nil {
		return fmt.Errorf("read the agreements: %w", err)
	}
	a.known = make(map[agreementKey]store.KnownAgreementsRow, len(known))
	for _, k := range known {
		a.known[agreementKey{k.UnitID, k.HostInstitutionID, k.ISCEDF, k.AcademicYear, k.Term, k.HomeAgreementID, cycleOf(k.Cycle)}] = k
	}
	a.put.InstitutionID, a.pools.InstitutionID = a.home, a.home
	return nil
}

func cycleOf(c *int16) int {
	if c == nil {
		return 0
	}
	return int(*c)
}

// row checks one row against the database and notes what it changes.
func (a *agreements) row(row intake.Agreement) {
	want, ok := a.wanted(row)
	if !ok {
		return
	}
	key := agreementKey{want.UnitID, want.HostInstitutionID, want.ISCEDF, want.AcademicYear, want.Term, want.HomeAgreementID, cycleOf(want.Cycle)}
	k, known := a.known[key]
	what := isNew
	if known {
		want.ID = k.ID
		what = agreementChange(k, want)
	} else {
		want.ID = newID()
	}
	if a.lowers(row, want) {
		return
	}
	a.known[key] = want // a second row of the same agreement is compared with the first
	a.done.count(what)
	if what != isSame {
		a.note(want)
	}
}

// wanted is the row as the database would hold it.
func (a *agreements) wanted(row intake.Agreement) (store.KnownAgreementsRow, bool) {
	ok := true
	unit, known := a.units[row.HomeUnit]
	if row.HomeUnit == "" {
		a.fail(row.Row, "home_unit", "", "import.unit_needed", nil)
		ok = false
	} else if !known {
		a.fail(row.Row, "home_unit", row.HomeUnit, "intake.unit_unknown", nil)
		ok = false
	}
	host, known := a.hosts[intake.CodeKey(row.HostCode)]
	if !known {
		a.fail(row.Row, "host_code", row.HostCode, "intake.host_unknown", nil)
		ok = false
	} else if host.ID == a.home {
		a.fail(row.Row, "host_code", row.HostCode, "import.host_is_home", nil)
		ok = false
	}
	if len(row.Languages) > 1 {
		a.fail(row.Row, "cefr", "", "import.one_language", nil)
		ok = false
	}
	if !ok {
		return store.KnownAgreementsRow{}, false
	}
	out := store.KnownAgreementsRow{
		UnitID: unit, HostInstitutionID: host.ID, ISCEDF: row.ISCED, Places: int32(row.Places), Months: decimal.NewFromInt(int64(row.Months)),
		Term: string(row.Term), AcademicYear: academicYear(row.AcademicYear), NominationZone: row.DeadlineZone,
		HomeAgreementID: row.HomeAgreementID, HostAgreementID: row.HostAgreementID, SelectedBy: row.SelectedBy,
	}
	a.fill(&out, row, host)
	return out, true
}

func (a *agreements) fill(out *store.KnownAgreementsRow, row intake.Agreement, host store.KnownInstitutionsRow) {
	if row.Cycle > 0 {
		cycle := int16(row.Cycle)
		out.Cycle = &cycle
	}
	if len(row.Languages) == 1 {
		out.Language, out.CEFR = row.Languages[0].Language, row.Languages[0].Level
	}
	if out.NominationZone == "" {
		out.NominationZone = host.TimeZone
	}
	if out.SelectedBy == "" {
		out.SelectedBy = "home"
	}
	if at := row.Deadline.Time(); !at.IsZero() {
		out.NominationWall = &at
	}
}

// academicYear writes 2027 as 2027/28.
func academicYear(start int) string { return fmt.Sprintf("%d/%02d", start, (start+1)%100) }

func agreementChange(k, want store.KnownAgreementsRow) difference {
	if k.Places == want.Places && k.Months.Equal(want.Months) && k.Language == want.Language && k.CEFR == want.CEFR &&
		sameWall(k.NominationWall, want.NominationWall) && k.NominationZone == want.NominationZone &&
		k.HostAgreementID == want.HostAgreementID && k.SelectedBy == want.SelectedBy {
		return isSame
	}
	return isChanged
}

func sameWall(a, b *time.Time) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Equal(*b)
}

// lowers reports, as a problem, a row that would leave a pool held beyond what
// is allowed.
func (a *agreements) lowers(row intake.Agreement, want store.KnownAgreementsRow) bool {
	for _, term := range poolTerms(want.Term) {
		p, ok := a.held[poolKey{want.ID, want.AcademicYear, term}]
		if ok && p.Held > want.Places+p.Overbooked {
			a.fail(row.Row, "places", fmt.Sprint(row.Places), "import.places_below_held", map[string]any{"Held": p.Held, "Overbooked": p.Overbooked})
			return true
		}
	}
	return false
}

// poolTerms are the terms a stay draws on.
func poolTerms(term string) []string {
	if term == string(intake.TermYear) {
		return []string{string(intake.TermAutumn), string(intake.TermSpring)}
	}
	return []string{term}
}

// note adds the agreement and its pools to what is written at the end.
func (a *agreements) note(w store.KnownAgreementsRow) {
	wall := ""
	if w.NominationWall != nil {
		wall = w.NominationWall.Format("2006-01-02 15:04")
	}
	p := &a.put
	p.Ids, p.UnitIds, p.HostIds = append(p.Ids, w.ID), append(p.UnitIds, w.UnitID), append(p.HostIds, w.HostInstitutionID)
	p.IscedFs, p.Cycles, p.Places = append(p.IscedFs, w.ISCEDF), append(p.Cycles, int32(cycleOf(w.Cycle))), append(p.Places, w.Places)
	p.Months, p.Languages, p.Cefrs = append(p.Months, int32(w.Months.IntPart())), append(p.Languages, w.Language), append(p.Cefrs, w.CEFR)
	p.Terms, p.AcademicYears = append(p.Terms, w.Term), append(p.AcademicYears, w.AcademicYear)
	p.Walls, p.Zones = append(p.Walls, wall), append(p.Zones, w.NominationZone)
	p.HomeAgreementIds, p.HostAgreementIds = append(p.HomeAgreementIds, w.HomeAgreementID), append(p.HostAgreementIds, w.HostAgreementID)
	p.SelectedBys = append(p.SelectedBys, w.SelectedBy)
	for _, term := range poolTerms(w.Term) {
		q := &a.pools
		q.AgreementIds, q.AcademicYears = append(q.AgreementIds, w.ID), append(q.AcademicYears, w.AcademicYear)
		q.Terms, q.Places = append(q.Terms, term), append(q.Places, w.Places)
	}
}
