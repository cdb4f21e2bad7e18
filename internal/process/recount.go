package process

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// miscounted scores every published ranking again from the values it stored
// and the scheme it names, and holds the points against its input. Values
// that were erased leave their hash: the others are still proved.
func miscounted(ctx context.Context, db store.DBTX) ([]string, error) {
	rows, err := queries.PublishedSchemes(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		entries, err := queries.RankingValues(ctx, db, r.ID)
		if err != nil {
			return nil, err
		}
		if what := recount(r, entries); what != "" {
			out = append(out, fmt.Sprintf("ranking %s: %s", r.ID, what))
		}
	}
	return out, nil
}

func recount(r store.PublishedSchemesRow, entries []store.RankingValuesRow) string {
	ids, hashes := make([]uuid.UUID, len(entries)), make([]string, len(entries))
	var values []scheme.Values
	for i, e := range entries {
		ids[i], hashes[i] = e.ApplicationID, hex.EncodeToString(e.ValuesHash)
		if e.Inputs == nil {
			continue
		}
		if e.Salt != nil && valuesHash(e.Salt, *e.Inputs) != hashes[i] {
			return fmt.Sprintf("the values of application %s are not those of their hash", e.ApplicationID)
		}
		one, err := scheme.ReadValues(strings.NewReader(*e.Inputs))
		if err != nil || len(one) != 1 {
			return fmt.Sprintf("the values of application %s cannot be read", e.ApplicationID)
		}
		values = append(values, one[0])
	}
	if hashOfValues(ids, hashes) != r.ValuesHash {
		return "the values are not those of their hash"
	}
	if len(values) < len(entries) {
		return "" // a cohort with somebody missing cannot be counted again
	}
	return recountAll(r, values)
}

func recountAll(r store.PublishedSchemesRow, values []scheme.Values) string {
	read, err := readScheme(r.Source)
	if err != nil {
		return "the scheme cannot be read"
	}
	in, err := selection.ReadInput(strings.NewReader(r.Input))
	if err != nil {
		return "" // another check says so
	}
	applicants := make(map[uuid.UUID]selection.Applicant, len(in.Applicants))
	for _, a := range in.Applicants {
		applicants[a.ID] = a
	}
	scored, err := read.Score(values)
	if err != nil {
		return "the values cannot be counted by the scheme"
	}
	for _, one := range scored {
		a, ok := applicants[one.Application]
		if !ok || !counts(a, one) {
			return fmt.Sprintf("the points of application %s are not what its values come to", one.Application)
		}
	}
	return ""
}

// counts reports whether an applicant went into the engine as scored.
func counts(a selection.Applicant, s scheme.Scored) bool {
	if !a.Points.Equal(s.Breakdown.Total) || a.Class != s.Class || len(a.Ties) != len(s.Ties) || len(a.Wishes) != len(s.Wishes) {
		return false
	}
	if !slices.EqualFunc(a.Ties, s.Ties, decimal.Decimal.Equal) {
		return false
	}
	for i, w := range a.Wishes {
		ties := w.Ties
		if ties == nil {
			ties = a.Ties
		}
		if !slices.EqualFunc(ties, s.Wishes[i].Ties, decimal.Decimal.Equal) {
			return false
		}
		if w.Destination != s.Wishes[i].Destination || w.Class != s.Wishes[i].Class || !w.Points.Equal(s.Wishes[i].Points) {
			return false
		}
	}
	return true
}
