package process

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/intake"
	"peregrine/internal/store"
)

// ImportMobilities takes over earlier mobilities, and places given up outside
// the window, that the institution knows of from elsewhere: schemes of calls
// may count them. A row is found again by person, kind, programme and first
// day. Everybody named must be known already.
func (r *Runner) ImportMobilities(ctx context.Context, arrived time.Time, home uuid.UUID, rows []intake.Mobility) (Imported, error) {
	return r.importAs(ctx, arrived, "mobilities", func(i *importer) error {
		if err := i.home(ctx, home); err != nil {
			return err
		}
		people, err := i.peopleOf(ctx, rows)
		if err != nil {
			return err
		}
		arg := store.PutPastMobilitiesParams{InstitutionID: home, At: i.now}
		for _, row := range rows {
			id, ok := people[strings.ToLower(row.ESI)]
			if !ok || row.ESI == "" {
				id, ok = people[row.Email]
			}
			if !ok {
				i.fail(row.Row, "email", row.Email, "import.person_unknown", nil)
			}
			if !slices.Contains(Programmes, row.Programme) {
				i.fail(row.Row, "programme", row.Programme, "import.programme_unknown", nil)
			}
			arg.Persons, arg.Kinds, arg.Programmes = append(arg.Persons, id), append(arg.Kinds, row.Kind), append(arg.Programmes, row.Programme)
			arg.Cycles, arg.Began, arg.Months = append(arg.Cycles, int32(row.Cycle)), append(arg.Began, row.Began), append(arg.Months, row.Months.String())
		}
		if i.wrong() {
			return nil
		}
		added, err := queries.PutPastMobilities(ctx, i.tx, arg)
		if err != nil {
			return fmt.Errorf("keep the earlier mobilities: %w", err)
		}
		i.done.Added, i.done.Unchanged = int(added), len(rows)-int(added)
		return nil
	})
}

// peopleOf finds the people of the rows by identifier and address.
func (i *importer) peopleOf(ctx context.Context, rows []intake.Mobility) (map[string]uuid.UUID, error) {
	var emails, esis []string
	for _, row := range rows {
		emails = append(emails, row.Email)
		if row.ESI != "" {
			esis = append(esis, strings.ToLower(row.ESI))
		}
	}
	known, err := queries.KnownPersons(ctx, i.tx, store.KnownPersonsParams{Emails: emails, Esis: esis})
	if err != nil {
		return nil, fmt.Errorf("look for the people: %w", err)
	}
	out := map[string]uuid.UUID{}
	for _, k := range known {
		out[strings.ToLower(k.Email)] = k.ID
		if k.ESI != "" {
			out[strings.ToLower(k.ESI)] = k.ID
		}
	}
	return out, nil
}
