package demo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/demo/data"
	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// home is the domain of the institution whose world this is.
const home = "mendelu.cz"

// loader brings files in through the product's importers, as of one instant.
type loader struct {
	Deps
	calendar
	at    time.Time
	home  uuid.UUID
	known intake.Known
}

// load imports the European list, the alliance's members and MENDELU's
// units, agreements of this and last year, people and staff.
func (l *loader) load(ctx context.Context) error {
	for _, step := range []func(context.Context) error{l.institutions, l.holidays, l.units, l.agreements, l.people, l.staff} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (l *loader) institutions(ctx context.Context) error {
	list, err := intake.BuiltInInstitutions()
	if err != nil {
		return err
	}
	if _, err := l.Process.ImportInstitutions(ctx, l.at, list.Rows); err != nil {
		return fmt.Errorf("import the institutions: %w", err)
	}
	members, err := intake.Members()
	if err != nil {
		return err
	}
	if _, err := l.Process.ImportMembers(ctx, l.at, members.Rows); err != nil {
		return fmt.Errorf("import the members: %w", err)
	}
	name := home
	at, err := queries.InstitutionByName(ctx, l.DB, &name)
	if err != nil {
		return fmt.Errorf("find %s: %w", home, err)
	}
	l.home = at.ID
	hosts := make(map[string]bool, len(list.Rows))
	for _, row := range list.Rows {
		hosts[intake.CodeKey(row.Code)] = true
	}
	l.known.Host = func(key string) bool { return hosts[key] }
	return nil
}

func (l *loader) units(ctx context.Context) error {
	f, err := intake.Units(data.Units)
	if err != nil {
		return fmt.Errorf("units: %w", err)
	}
	units := map[string]bool{}
	for _, row := range f.Rows {
		units[row.Code] = true
	}
	l.known.Unit = func(code string) bool { return units[code] }
	if _, err := l.Process.ImportUnits(ctx, l.at, l.home, f.Rows); err != nil {
		return fmt.Errorf("import the units: %w", err)
	}
	return nil
}

func (l *loader) agreements(ctx context.Context) error {
	var all []intake.Agreement
	for _, file := range [][]byte{data.Agreements, data.BIP} {
		f, err := intake.Agreements(file, l.known)
		if err != nil {
			return fmt.Errorf("agreements: %w", err)
		}
		all = append(all, f.Rows...)
	}
	// Agreements run for years: last year's call drew on the same ones.
	var rows []intake.Agreement
	for _, back := range []int{0, 1} {
		for _, row := range all {
			rows = append(rows, l.moved(row, back))
		}
	}
	spring, err := intake.Agreements(data.SpringAgreements, l.known)
	if err != nil {
		return fmt.Errorf("agreements: %w", err)
	}
	for _, row := range spring.Rows {
		rows = append(rows, l.moved(row, 0))
	}
	if _, err := l.Process.ImportAgreements(ctx, l.at, l.home, rows); err != nil {
		return fmt.Errorf("import the agreements: %w", err)
	}
	return nil
}

// moved is an agreement of the files in the academic year so many years back.
func (l *loader) moved(row intake.Agreement, back int) intake.Agreement {
	row.AcademicYear += l.years() - back
	if back > 0 && row.HostAgreementID == "" {
		row.HostAgreementID = slug(row.HostCode) + "-expired" // the partner gave a number then, and none yet for the renewal
	}
	if t := row.Deadline.Time(); !t.IsZero() {
		row.Deadline = mobility.WallOf(t.AddDate(-back, 0, l.days))
	}
	return row
}

func (l *loader) people(ctx context.Context) error {
	today, err := l.instant(loaded) // of whoever wrote the files
	if err != nil {
		return err
	}
	for _, file := range [][]byte{data.People, data.SpringPeople} {
		f, err := intake.People(file, l.known, today)
		if err != nil {
			return fmt.Errorf("people: %w", err)
		}
		if _, err := l.Process.ImportPeople(ctx, l.at, l.home, f.Rows); err != nil {
			return fmt.Errorf("import the people: %w", err)
		}
	}
	return nil
}

func (l *loader) staff(ctx context.Context) error {
	f, err := intake.StaffRoles(data.Staff, l.known)
	if err != nil {
		return fmt.Errorf("staff: %w", err)
	}
	// Roles at several institutions come from no one office: uuid.Nil.
	if _, err := l.Process.ImportStaff(ctx, l.at, uuid.Nil, f.Rows); err != nil {
		return fmt.Errorf("import the staff: %w", err)
	}
	return nil
}

// plan reads the plan of a call; what it leaves out is as in the one before.
func plan(sources ...[]byte) (process.CallPlan, error) {
	var out process.CallPlan
	for _, source := range sources {
		p, err := process.ParseCallPlan(source)
		if err != nil {
			return out, err
		}
		out = over(out, p)
	}
	return out, nil
}

// over lays what p says over base.
func over(base, p process.CallPlan) process.CallPlan {
	if base.Institution == "" {
		return p
	}
	base.AcademicYear = cmp.Or(p.AcademicYear, base.AcademicYear)
	base.Programme = cmp.Or(p.Programme, base.Programme)
	if p.Title != nil {
		base.Title = p.Title
	}
	if p.Units != nil {
		base.Units = p.Units
	}
	if p.Selection.Method != "" {
		base.Selection = p.Selection
	}
	if p.Rounds != nil {
		base.Rounds = p.Rounds
	}
	return base
}

// What keeps a database from being seeded.
var (
	errNoDemo      = errors.New("this database is no demo's: nothing was seeded")
	errInterrupted = errors.New("making this demo was interrupted: start it anew with --reset")
)

// fresh reports whether there is still everything to do to have a world.
func fresh(ctx context.Context, db store.DBTX, world string) (bool, error) {
	found, err := queries.IsSeededDemo(ctx, db)
	switch {
	case err != nil:
		return false, fmt.Errorf("look whether the demo was seeded: %w", err)
	case !found.Demo:
		return false, errNoDemo
	case !found.Begun:
		return true, nil
	case found.World == "":
		return false, errInterrupted
	case found.World != world:
		return false, fmt.Errorf("this demo holds the world %s: start it with --world %[1]s, or anew with --reset", found.World)
	}
	return false, nil
}

// queries is stateless: every call names what it runs on.
var queries = store.New()
