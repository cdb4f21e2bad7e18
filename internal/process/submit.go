package process

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/store"
)

// SubmittedFacts is what a submission copies of imported values; a later
// import changes no submission (design rule 10).
type SubmittedFacts struct {
	GivenNames  string           `json:"given_names"`
	FamilyNames string           `json:"family_names"`
	BirthDate   string           `json:"birth_date"`
	Nationality string           `json:"nationality"`
	Gender      int              `json:"gender"`
	Unit        string           `json:"unit"`
	Cycle       *int16           `json:"cycle,omitempty"` // EQF level
	Field       string           `json:"field,omitempty"` // ISCED-F
	Year        *int16           `json:"year,omitempty"`
	Average     *decimal.Decimal `json:"average,omitempty"`
	Credits     *decimal.Decimal `json:"credits,omitempty"`

	Extra map[string]string `json:"extra,omitempty"` // what else the import held, by name
}

// submit freezes the working copy as the next numbered submission.
func (f *file) submit(ctx context.Context, s *step, c *change) error {
	if f.draft == nil {
		return fmt.Errorf("state %s is not editable and cannot be submitted", f.app.State)
	}
	row, err := queries.SubmissionFacts(ctx, s.tx, f.app.ID)
	if err != nil {
		return store.Translate(err, "person")
	}
	answers, err := json.Marshal(f.draft.answers)
	if err != nil {
		return err
	}
	extra := map[string]string{}
	if err := json.Unmarshal(row.Extra, &extra); err != nil {
		return fmt.Errorf("read the imported values: %w", err)
	}
	facts, err := json.Marshal(SubmittedFacts{
		GivenNames: row.GivenNames, FamilyNames: row.FamilyNames, BirthDate: day(row.BirthDate), Nationality: row.Nationality,
		Gender: int(row.Gender), Unit: row.Unit, Cycle: row.Cycle, Field: row.Field, Year: row.Year, Average: row.Average, Credits: row.Credits, Extra: extra,
	})
	if err != nil {
		return err
	}
	id, number := newID(), int32(f.facts.Submissions+1)
	c.data["submission"], c.data["number"] = id, number
	err = queries.AddSubmission(ctx, s.tx, store.AddSubmissionParams{
		ID: id, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, Number: number, ArrivedAt: s.now,
		Late: c.out.Late, FormID: f.call.FormID, Hash: contentHash(row.Salt, answers, facts, f.draft),
	})
	if err != nil {
		return err
	}
	if err := f.markLate(ctx, s, c, id); err != nil {
		return err
	}
	if err := queries.AddSubmissionContent(ctx, s.tx, store.AddSubmissionContentParams{SubmissionID: id, PersonID: f.app.PersonID, Answers: f.draft.answers, Facts: facts}); err != nil {
		return err
	}
	if err := queries.AddChoices(ctx, s.tx, store.AddChoicesParams{SubmissionID: id, ApplicationID: f.app.ID, Destinations: f.draft.choices}); err != nil {
		return err
	}
	return queries.AddSubmissionDocuments(ctx, s.tx, store.AddSubmissionDocumentsParams{SubmissionID: id, Documents: f.draft.documentIDs()})
}

func (d *draft) documentIDs() []uuid.UUID {
	ids := make([]uuid.UUID, len(d.documents))
	for i, x := range d.documents {
		ids[i] = x.ID
	}
	return ids
}

// contentHash is salted per person, so that it proves the content while that
// exists and says nothing once the salt is erased.
func contentHash(salt, answers, facts []byte, d *draft) []byte {
	h := sha256.New()
	for _, part := range [][]byte{salt, answers, facts} {
		_, _ = fmt.Fprintf(h, "%d:", len(part))
		h.Write(part)
	}
	for _, id := range d.choices {
		h.Write(id[:])
	}
	for _, id := range d.documentIDs() {
		h.Write(id[:])
	}
	return h.Sum(nil)
}
