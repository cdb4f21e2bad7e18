package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

type exportCommand struct {
	Units        exportUnits        `cmd:"" help:"Faculties and departments of an institution, as import reads them."`
	Agreements   exportAgreements   `cmd:"" help:"Agreements of an institution, with their places, as import reads them."`
	People       exportPeople       `cmd:"" help:"Students of an institution, as import reads them."`
	Applications exportApplications `cmd:"" help:"Applications to an institution's calls, and what became of them."`
}

// export is one kind of file that leaves the database.
type export struct {
	name   string // in the access line
	filter string
	read   func(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error)
}

// toFile is for files made of what an institution has.
type toFile struct {
	Connected
	File        string `arg:"" optional:"" type:"path" help:"Where to write: CSV, or XLSX if the name ends in .xlsx. Without it CSV goes to standard output."`
	Institution string `required:"" help:"Whose file it is, by Erasmus code or domain."`
}

// write reads everything on one picture of the database, leaves the line that
// says so (design rule 12), and only then gives the file out of hand.
func (c toFile) write(ctx context.Context, p Program, e export) error {
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	sheet, err := parts.sheet(ctx, c.Institution, e)
	if err := errors.Join(err, parts.close()); err != nil {
		return err
	}
	if c.File == "" {
		return sheet.CSV(p.Out)
	}
	if err := keep(c.File, sheet); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "%d rows\n", len(sheet.Rows))
	return err
}

func (p *parts) sheet(ctx context.Context, institution string, e export) (intake.Sheet, error) {
	home, err := p.institution(ctx, institution)
	if err != nil {
		return intake.Sheet{}, err
	}
	var sheet intake.Sheet
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, p.work, options, func(tx pgx.Tx) (err error) {
		sheet, err = e.read(ctx, tx, home)
		return err
	})
	if err != nil {
		return sheet, fmt.Errorf("export %s: %w", e.name, err)
	}
	err = store.New().AddAccessLine(ctx, p.work, store.AddAccessLineParams{
		ID: uuid.Must(uuid.NewV7()), InstitutionID: &home, Page: "export " + e.name, SubjectIds: []uuid.UUID{}, Filter: e.filter, Count: int32(len(sheet.Rows)),
	})
	if err != nil {
		return sheet, fmt.Errorf("leave an access line: %w", err)
	}
	return sheet, nil
}

// keep writes a file that only its owner may read, whole or not at all.
func keep(file string, sheet intake.Sheet) (err error) {
	f, err := os.CreateTemp(filepath.Dir(file), ".peregrine-export-*") // not readable for others
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	if strings.EqualFold(filepath.Ext(file), ".xlsx") {
		err = sheet.XLSX(f)
	} else if _, err = io.WriteString(f, "\ufeff"); err == nil { // the mark spreadsheets look for
		err = sheet.CSV(f)
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), file)
}

type exportUnits struct{ toFile }

// Run implements the command.
func (c *exportUnits) Run(ctx context.Context, p Program) error {
	return c.write(ctx, p, export{name: "units", read: unitSheet})
}

func unitSheet(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error) {
	office, err := store.New().InstitutionOffice(ctx, db, home)
	if err != nil {
		return intake.Sheet{}, err
	}
	rows, err := store.New().ExportUnits(ctx, db, home)
	if err != nil {
		return intake.Sheet{}, err
	}
	units := make([]intake.Unit, len(rows))
	for i, r := range rows {
		units[i] = intake.Unit{Code: r.Code, NameEN: r.Name.In("en"), NameLocal: r.Name.In(office.Language), Parent: r.Parent}
	}
	return intake.UnitSheet(units), nil
}

type exportAgreements struct{ toFile }

// Run implements the command.
func (c *exportAgreements) Run(ctx context.Context, p Program) error {
	return c.write(ctx, p, export{name: "agreements", read: agreementSheet})
}

func agreementSheet(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error) {
	rows, err := store.New().ExportAgreements(ctx, db, home)
	if err != nil {
		return intake.Sheet{}, err
	}
	agreements := make([]intake.Agreement, len(rows))
	for i, r := range rows {
		if agreements[i], err = agreementOf(r); err != nil {
			return intake.Sheet{}, err
		}
	}
	return intake.AgreementSheet(agreements), nil
}

func agreementOf(r store.ExportAgreementsRow) (intake.Agreement, error) {
	start, _, _ := strings.Cut(r.AcademicYear, "/")
	year, err := strconv.Atoi(start)
	if err != nil {
		return intake.Agreement{}, fmt.Errorf("read the academic year %q: %w", r.AcademicYear, err)
	}
	a := intake.Agreement{
		HomeUnit: r.Unit, HostCode: r.HostCode, ISCED: r.ISCEDF, Cycle: int(value(r.Cycle)), Places: int(r.Places), Months: int(r.Months.IntPart()),
		Term: intake.Term(r.Term), AcademicYear: year, DeadlineZone: r.NominationZone,
		HomeAgreementID: r.HomeAgreementID, HostAgreementID: r.HostAgreementID, SelectedBy: r.SelectedBy,
	}
	if r.CEFR != "" {
		a.Languages = []intake.Language{{Language: r.Language, Level: r.CEFR}}
	}
	if r.NominationWall != nil {
		a.Deadline = mobility.WallOf(*r.NominationWall)
	}
	return a, nil
}

type exportPeople struct{ toFile }

// Run implements the command.
func (c *exportPeople) Run(ctx context.Context, p Program) error {
	return c.write(ctx, p, export{name: "people", read: personSheet})
}

func personSheet(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error) {
	rows, err := store.New().ExportPeople(ctx, db, home)
	if err != nil {
		return intake.Sheet{}, err
	}
	people := make([]intake.Person, len(rows))
	for i, r := range rows {
		people[i] = intake.Person{
			GivenNames: r.GivenNames, FamilyNames: r.FamilyNames, BirthDate: value(r.BirthDate), Nationality: r.Nationality, Gender: int(r.Gender),
			Email: r.Email, ESI: r.ESI, Unit: r.Unit, Cycle: int(value(r.Cycle)), ISCED: r.Field, Year: int(value(r.Year)),
			Average: nullable(r.Average), Credits: nullable(r.Credits),
		}
	}
	return intake.PersonSheet(people), nil
}

// value is what p points to, or nothing.
func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

func nullable(d *decimal.Decimal) decimal.NullDecimal {
	return decimal.NullDecimal{Decimal: value(d), Valid: d != nil}
}

type exportApplications struct {
	toFile
	Call string `default:"all" help:"One call, by its id, or all."`
}

// Run implements the command.
func (c *exportApplications) Run(ctx context.Context, p Program) error {
	e := export{name: "applications", read: func(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error) {
		return applicationSheet(ctx, db, store.ExportApplicationsParams{InstitutionID: home})
	}}
	if c.Call == "all" {
		return c.write(ctx, p, e)
	}
	call, err := uuid.Parse(c.Call)
	if err != nil {
		return fmt.Errorf("--call %s is neither the id of a call nor all", c.Call)
	}
	e.filter = "call=" + call.String()
	e.read = func(ctx context.Context, db store.DBTX, home uuid.UUID) (intake.Sheet, error) {
		if _, err := store.New().ExportedCall(ctx, db, store.ExportedCallParams{ID: call, InstitutionID: home}); err != nil {
			return intake.Sheet{}, store.Translate(err, "call")
		}
		return applicationSheet(ctx, db, store.ExportApplicationsParams{InstitutionID: home, CallID: &call})
	}
	return c.write(ctx, p, e)
}

// applicationColumns name what applicationCells gives.
var applicationColumns = []string{
	"family_names", "given_names", "email", "esi", "unit", "programme", "academic_year", "call", "call_id", "round", "application_id",
	"state", "phase", "submitted_at", "points", "rank", "outcome", "offer", "offer_host_code", "nomination", "host_code", "arrived_on", "ended_on",
}

func applicationSheet(ctx context.Context, db store.DBTX, which store.ExportApplicationsParams) (intake.Sheet, error) {
	sheet := intake.Sheet{Columns: applicationColumns, Numbers: []string{"round", "points", "rank"}}
	rows, err := store.New().ExportApplications(ctx, db, which)
	if err != nil {
		return sheet, err
	}
	for _, r := range rows {
		cells, err := applicationCells(r)
		if err != nil {
			return sheet, err
		}
		sheet.Rows = append(sheet.Rows, cells)
	}
	return sheet, nil
}

// applicationCells writes times by the clock of the call.
func applicationCells(r store.ExportApplicationsRow) ([]string, error) {
	zone, err := time.LoadLocation(r.Zone)
	if err != nil {
		return nil, fmt.Errorf("read the call's zone: %w", err)
	}
	submitted, points, rank := "", "", ""
	if r.SubmittedAt != nil {
		submitted = r.SubmittedAt.In(zone).Format(time.DateTime)
	}
	if r.Points != nil {
		points = r.Points.String()
	}
	if r.Rank != nil {
		rank = strconv.Itoa(int(*r.Rank))
	}
	return []string{
		r.FamilyNames, r.GivenNames, r.Email, r.ESI, r.Unit, r.Programme, r.AcademicYear, r.Title.In("en"), r.CallID.String(), strconv.Itoa(int(r.Round)), r.ID.String(),
		string(r.State), string(r.Phase), submitted, points, rank, r.Outcome, r.Offer, r.OfferHostCode, r.Nomination, r.HostCode,
		dayText(r.ArrivedOn), dayText(r.EndedOn),
	}, nil
}

func dayText(day *time.Time) string {
	if day == nil {
		return ""
	}
	return day.Format(time.DateOnly)
}
