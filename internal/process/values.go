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

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/store"
)

// ValuesOf says whose values a scheme is to be given, and as of when.
type ValuesOf struct {
	Institution  uuid.UUID
	Scheme       *scheme.Scheme
	Applications []uuid.UUID
	FactsAt      *time.Time // the call's stated instant, for what the scheme freezes then
	At           time.Time  // what "years back" count from

	everywhere []store.RoundValueChoicesRow // instead of what was chosen: wherever one could go
}

// ReadValues reads what goes into a scheme, one element per application that
// was submitted, in order of id. db shows what the reader may see; what it
// hides is missing from the values.
func ReadValues(ctx context.Context, db store.DBTX, of ValuesOf) ([]scheme.Values, error) {
	read, err := readValues(ctx, db, of)
	if err != nil {
		return nil, err
	}
	out := make([]scheme.Values, len(read))
	for i := range read {
		out[i] = read[i].values
	}
	return out, nil
}

// applicantValues is one application's values with what they were read from.
type applicantValues struct {
	values  scheme.Values
	source  store.ValueSourcesRow
	facts   SubmittedFacts
	choices []store.ValueChoicesRow
}

// valueReader turns rows into values.
type valueReader struct {
	ValuesOf
	choices map[uuid.UUID][]store.ValueChoicesRow
	marks   map[uuid.UUID]map[string][]decimal.Decimal
	vetoes  map[uuid.UUID][]store.ValueVetoesRow
	record  map[uuid.UUID][]store.PersonsRecordRow
	cycles  map[uuid.UUID]int32 // study level at submission, by application
}

func readValues(ctx context.Context, db store.DBTX, of ValuesOf) ([]applicantValues, error) {
	sources, err := queries.ValueSources(ctx, db, store.ValueSourcesParams{Applications: of.Applications, FactsAt: of.FactsAt})
	if err != nil {
		return nil, fmt.Errorf("read the submissions: %w", err)
	}
	r := &valueReader{ValuesOf: of, cycles: map[uuid.UUID]int32{}}
	if err := r.read(ctx, db, sources); err != nil {
		return nil, err
	}
	out := make([]applicantValues, len(sources))
	for i, row := range sources {
		if out[i], err = r.applicant(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (r *valueReader) read(ctx context.Context, db store.DBTX, sources []store.ValueSourcesRow) error {
	submissions, persons := make([]uuid.UUID, len(sources)), make([]uuid.UUID, len(sources))
	for i, s := range sources {
		submissions[i], persons[i] = s.SubmissionID, s.PersonID
	}
	choices, err := queries.ValueChoices(ctx, db, submissions)
	if err != nil {
		return fmt.Errorf("read the choices: %w", err)
	}
	r.choices = grouped(choices, func(c store.ValueChoicesRow) uuid.UUID { return c.ApplicationID })
	marks, err := queries.ValueMarks(ctx, db, r.Applications)
	if err != nil {
		return fmt.Errorf("read the marks: %w", err)
	}
	r.marks = map[uuid.UUID]map[string][]decimal.Decimal{}
	for _, m := range marks {
		if r.marks[m.ApplicationID] == nil {
			r.marks[m.ApplicationID] = map[string][]decimal.Decimal{}
		}
		r.marks[m.ApplicationID][m.Criterion] = append(r.marks[m.ApplicationID][m.Criterion], m.Points)
	}
	vetoes, err := queries.ValueVetoes(ctx, db, r.Applications)
	if err != nil {
		return fmt.Errorf("read the vetoes: %w", err)
	}
	r.vetoes = grouped(vetoes, func(v store.ValueVetoesRow) uuid.UUID { return v.ApplicationID })
	return r.readRecord(ctx, db, persons)
}

func (r *valueReader) readRecord(ctx context.Context, db store.DBTX, persons []uuid.UUID) error {
	for _, in := range r.Scheme.Inputs {
		if in.From != scheme.FromRecord {
			continue
		}
		rows, err := queries.PersonsRecord(ctx, db, store.PersonsRecordParams{InstitutionID: r.Institution, Persons: persons})
		r.record = grouped(rows, func(row store.PersonsRecordRow) uuid.UUID { return row.PersonID })
		return err
	}
	return nil
}

func grouped[K comparable, T any](rows []T, key func(T) K) map[K][]T {
	out := map[K][]T{}
	for _, row := range rows {
		out[key(row)] = append(out[key(row)], row)
	}
	return out
}

func (r *valueReader) applicant(row store.ValueSourcesRow) (applicantValues, error) {
	out := applicantValues{source: row, choices: r.choices[row.ID], values: scheme.Values{Application: row.ID, Inputs: map[string]scheme.Value{}}}
	if err := json.Unmarshal(row.Facts, &out.facts); err != nil {
		return out, fmt.Errorf("read the submitted facts: %w", err)
	}
	answers, frozen := mobility.Answers{}, map[string]string{}
	if err := json.Unmarshal(row.Answers, &answers); err != nil {
		return out, fmt.Errorf("read the answers: %w", err)
	}
	if err := json.Unmarshal(row.Frozen, &frozen); err != nil {
		return out, fmt.Errorf("read the imported values: %w", err)
	}
	if out.facts.Cycle != nil {
		r.cycles[row.ID] = int32(*out.facts.Cycle)
	}
	if r.everywhere != nil {
		out.choices = asChosen(r.everywhere, row, out.facts.Cycle)
	}
	from := sources{row: row, answers: answers, atSubmission: importedAt(out.facts, row.Unit)}
	from.atInstant = maps.Clone(from.atSubmission)
	maps.Copy(from.atInstant, frozen)
	v := &out.values
	for _, in := range r.Scheme.Inputs {
		if in.Per != "" {
			continue
		}
		if value, ok := r.value(in, from, nil); ok {
			v.Inputs[in.Key] = value
		}
	}
	v.Marks = r.criterionMarks(row.ID)
	for _, veto := range r.vetoes[row.ID] {
		if veto.DestinationID == nil {
			v.Vetoes = append(v.Vetoes, veto.Gate)
		}
	}
	for _, c := range out.choices {
		if c.SelectedBy == "home" {
			v.Destinations = append(v.Destinations, r.destination(c, from, out.facts.Nationality))
		}
	}
	return out, nil
}

func (r *valueReader) destination(c store.ValueChoicesRow, from sources, nationality string) scheme.DestinationValues {
	out := scheme.DestinationValues{ID: c.DestinationID, Inputs: map[string]scheme.Value{}}
	at := destinationFacts(c, nationality)
	for _, in := range r.Scheme.Inputs {
		if in.Per == "" && in.From != scheme.FromDestination {
			continue
		}
		if value, ok := r.value(in, from, &atDestination{id: c.DestinationID.String(), facts: at}); ok {
			out.Inputs[in.Key] = value
		}
	}
	for _, veto := range r.vetoes[c.ApplicationID] {
		if veto.DestinationID != nil && *veto.DestinationID == c.DestinationID {
			out.Vetoes = append(out.Vetoes, veto.Gate)
		}
	}
	return out
}

func destinationFacts(c store.ValueChoicesRow, nationality string) map[string]string {
	out := map[string]string{
		"host": c.Host, "country": c.Country, "language": c.Language, "cefr": c.CEFR, "term": c.Term, "field": c.ISCEDF,
		"months": c.Months.String(), "unit": c.Unit,
	}
	if c.Cycle != nil {
		out["cycle"] = fmt.Sprint(*c.Cycle)
	}
	if nationality != "" {
		out["own_country"] = "no"
		if strings.EqualFold(nationality, c.Country) {
			out["own_country"] = "yes"
		}
	}
	return out
}

// importedAt is what a submission copied of the import, by name.
func importedAt(f SubmittedFacts, unit string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, f.Extra)
	out["unit"], out["field"], out["nationality"], out["birth_date"] = unit, f.Field, f.Nationality, f.BirthDate
	if f.Gender != 0 {
		out["gender"] = fmt.Sprint(f.Gender)
	}
	if f.Cycle != nil {
		out["cycle"] = fmt.Sprint(*f.Cycle)
	}
	if f.Year != nil {
		out["year"] = fmt.Sprint(*f.Year)
	}
	if f.Average != nil {
		out["average"] = f.Average.String()
	}
	if f.Credits != nil {
		out["credits"] = f.Credits.String()
	}
	return out
}

// criterionMarks are the marks of criteria; those that state a fact are
// values of their own.
func (r *valueReader) criterionMarks(application uuid.UUID) map[string][]decimal.Decimal {
	out := map[string][]decimal.Decimal{}
	for key, marks := range r.marks[application] {
		if c, ok := r.Scheme.Criterion(key); ok && c.Mark != nil {
			out[key] = marks
		}
	}
	return out
}
