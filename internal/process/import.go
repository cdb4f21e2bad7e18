package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Imported counts the rows of a file by what they did.
type Imported struct {
	Added, Changed, Unchanged int
}

// Rows is how many rows the file had.
func (i Imported) Rows() int { return i.Added + i.Changed + i.Unchanged }

func (i *Imported) count(c difference) {
	switch c {
	case isNew:
		i.Added++
	case isChanged:
		i.Changed++
	case isSame:
		i.Unchanged++
	}
}

// difference is what a row is to what is known.
type difference int

const (
	isNew difference = iota
	isChanged
	isSame
)

// importer is one import of one file: what is wrong is collected row by row,
// and nothing is written while anything is.
type importer struct {
	*step
	done     Imported
	problems intake.Problems
}

// importAs runs fn as the system, one import of a kind at a time. Problems
// make the whole import fail with them as its error (intake.Problems).
func (r *Runner) importAs(ctx context.Context, arrived time.Time, kind string, fn func(*importer) error) (Imported, error) {
	var done Imported
	err := r.system(ctx, arrived, func(s *step) error {
		if err := queries.LockImports(ctx, s.tx, kind); err != nil {
			return fmt.Errorf("wait for other imports: %w", err)
		}
		i := &importer{step: s}
		if err := fn(i); err != nil {
			return err
		}
		if len(i.problems) > 0 {
			return i.problems
		}
		done = i.done
		return nil
	})
	if err != nil {
		return Imported{}, err
	}
	return done, nil
}

// wrong reports whether a problem was found so far, which ends the import
// before its first statement.
func (i *importer) wrong() bool { return len(i.problems) > 0 }

func (i *importer) fail(row int, column, value, code string, data map[string]any) {
	i.problems = append(i.problems, intake.Problem{Row: row, Column: column, Value: value, Code: code, Data: data})
}

// home proves that there is the institution an import belongs to.
func (i *importer) home(ctx context.Context, institution uuid.UUID) error {
	_, err := queries.InstitutionExists(ctx, i.tx, institution)
	if errors.Is(err, pgx.ErrNoRows) {
		return mobility.NotFoundError("institution")
	}
	return err
}

// units returns the institution's units by code.
func (i *importer) units(ctx context.Context, institution uuid.UUID) (map[string]uuid.UUID, error) {
	rows, err := queries.KnownUnits(ctx, i.tx, institution)
	if err != nil {
		return nil, fmt.Errorf("read the units: %w", err)
	}
	out := make(map[string]uuid.UUID, len(rows))
	for _, u := range rows {
		out[u.Code] = u.ID
	}
	return out, nil
}

// institutions returns every institution with a code, by intake.CodeKey.
func (i *importer) institutions(ctx context.Context) (map[string]store.KnownInstitutionsRow, error) {
	rows, err := queries.KnownInstitutions(ctx, i.tx)
	if err != nil {
		return nil, fmt.Errorf("read the institutions: %w", err)
	}
	out := make(map[string]store.KnownInstitutionsRow, len(rows))
	for _, row := range rows {
		out[intake.CodeKey(row.Code)] = row
	}
	return out, nil
}
