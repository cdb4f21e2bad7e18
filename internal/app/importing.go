package app

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/google/uuid"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
)

type importCommand struct {
	Institutions importInstitutions `cmd:"" help:"Institutions: the European list that comes with the program, or a file."`
	Members      importMembers      `cmd:"" help:"Institutions that use Peregrine: the HEROES alliance, or a file."`
	Units        importUnits        `cmd:"" help:"Faculties and departments of an institution."`
	Agreements   importAgreements   `cmd:"" help:"Agreements of an institution, with their places."`
	People       importPeople       `cmd:"" help:"What a student information system exports."`
	Staff        importStaff        `cmd:"" help:"People and their roles."`
	Mobilities   importMobilities   `cmd:"" help:"Earlier mobilities of people, for schemes that count them."`
}

// refusal makes an error about the input an answer of no.
func refusal(err error) error {
	var rows intake.Problems
	if errors.As(err, &rows) || mobility.KindOf(err) == mobility.Invalid {
		return answerNo{err}
	}
	return err
}

// bringIn opens the database, runs one import and tells what it did.
func bringIn(ctx context.Context, p Program, c Connected, do func(*parts) (process.Imported, error)) error {
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	done, err := do(parts)
	if err := errors.Join(refusal(err), parts.close()); err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.Out, "%d rows: %d new, %d changed, %d as they were\n", done.Rows(), done.Added, done.Changed, done.Unchanged)
	return err
}

// read reads a file's rows; builtIn gives them where no file is named.
func read[T any](file string, parse func([]byte) (intake.File[T], error), builtIn func() (intake.File[T], error)) ([]T, error) {
	if file == "" {
		f, err := builtIn()
		return f.Rows, err
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	f, err := parse(data)
	return f.Rows, err
}

type importInstitutions struct {
	Connected
	File string `arg:"" optional:"" type:"existingfile"`
}

// Run implements the command.
func (c *importInstitutions) Run(ctx context.Context, p Program) error {
	return bringIn(ctx, p, c.Connected, func(parts *parts) (process.Imported, error) {
		rows, err := read(c.File, intake.Institutions, intake.BuiltInInstitutions)
		if err != nil {
			return process.Imported{}, err
		}
		return parts.process.ImportInstitutions(ctx, p.Now(), rows)
	})
}

type importMembers struct {
	Connected
	File string `arg:"" optional:"" type:"existingfile"`
}

// Run implements the command.
func (c *importMembers) Run(ctx context.Context, p Program) error {
	return bringIn(ctx, p, c.Connected, func(parts *parts) (process.Imported, error) {
		rows, err := read(c.File, intake.AllianceMembers, intake.Members)
		if err != nil {
			return process.Imported{}, err
		}
		return parts.process.ImportMembers(ctx, p.Now(), rows)
	})
}

// ofInstitution is for files that belong to one.
type ofInstitution struct {
	Connected
	File        string `arg:"" type:"existingfile"`
	Institution string `required:"" help:"Whose file it is, by Erasmus code or domain."`
}

// bringInTo is bringIn for a file of an institution.
func bringInTo[T any](ctx context.Context, p Program, c ofInstitution, parse func([]byte) (intake.File[T], error),
	do func(*parts, uuid.UUID, []T) (process.Imported, error),
) error {
	return bringIn(ctx, p, c.Connected, func(parts *parts) (process.Imported, error) {
		home, err := parts.institution(ctx, c.Institution)
		if err != nil {
			return process.Imported{}, err
		}
		rows, err := read(c.File, parse, nil)
		if err != nil {
			return process.Imported{}, err
		}
		return do(parts, home, rows)
	})
}

type importUnits struct{ ofInstitution }

// Run implements the command.
func (c *importUnits) Run(ctx context.Context, p Program) error {
	return bringInTo(ctx, p, c.ofInstitution, intake.Units, func(parts *parts, home uuid.UUID, rows []intake.Unit) (process.Imported, error) {
		return parts.process.ImportUnits(ctx, p.Now(), home, rows)
	})
}

type importAgreements struct{ ofInstitution }

// Run implements the command.
func (c *importAgreements) Run(ctx context.Context, p Program) error {
	parse := func(data []byte) (intake.File[intake.Agreement], error) {
		return intake.Agreements(data, intake.Known{})
	}
	return bringInTo(ctx, p, c.ofInstitution, parse, func(parts *parts, home uuid.UUID, rows []intake.Agreement) (process.Imported, error) {
		return parts.process.ImportAgreements(ctx, p.Now(), home, rows)
	})
}

type importPeople struct{ ofInstitution }

// Run implements the command.
func (c *importPeople) Run(ctx context.Context, p Program) error {
	parse := func(data []byte) (intake.File[intake.Person], error) {
		return intake.People(data, intake.Known{}, p.Now())
	}
	return bringInTo(ctx, p, c.ofInstitution, parse, func(parts *parts, home uuid.UUID, rows []intake.Person) (process.Imported, error) {
		return parts.process.ImportPeople(ctx, p.Now(), home, rows)
	})
}

type importMobilities struct{ ofInstitution }

// Run implements the command.
func (c *importMobilities) Run(ctx context.Context, p Program) error {
	return bringInTo(ctx, p, c.ofInstitution, intake.Mobilities, func(parts *parts, home uuid.UUID, rows []intake.Mobility) (process.Imported, error) {
		return parts.process.ImportMobilities(ctx, p.Now(), home, rows)
	})
}

type importStaff struct {
	Connected
	File        string `arg:"" type:"existingfile"`
	Institution string `help:"Whose file it is, by Erasmus code or domain; without it rows may name any institution that uses Peregrine."`
}

// Run implements the command.
func (c *importStaff) Run(ctx context.Context, p Program) error {
	return bringIn(ctx, p, c.Connected, func(parts *parts) (process.Imported, error) {
		home := uuid.Nil
		if c.Institution != "" {
			var err error
			if home, err = parts.institution(ctx, c.Institution); err != nil {
				return process.Imported{}, err
			}
		}
		parse := func(data []byte) (intake.File[intake.Staff], error) { return intake.StaffRoles(data, intake.Known{}) }
		rows, err := read(c.File, parse, nil)
		if err != nil {
			return process.Imported{}, err
		}
		return parts.process.ImportStaff(ctx, p.Now(), home, rows)
	})
}
