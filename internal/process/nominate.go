package process

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Nomination is what the nomination network asks of one outgoing student
// mobility (EWP omobilities v3): the person, the level now and at departure,
// the field, both agreement ids, the host's year and term.
type Nomination struct {
	ESI             string `json:"esi"`
	GivenNames      string `json:"given_names"` // empty for people with a single name: the network wants the element, not words in it
	FamilyNames     string `json:"family_names"`
	BirthDate       string `json:"birth_date"` // 2006-01-02
	Nationality     string `json:"nationality"`
	Gender          int    `json:"gender"` // ISO 5218
	Email           string `json:"email"`
	EQFNow          int    `json:"eqf_now"`
	EQFDeparture    int    `json:"eqf_departure"`
	ISCEDF          string `json:"isced_f"` // four digits
	HomeAgreementID string `json:"home_agreement_id"`
	HostAgreementID string `json:"host_agreement_id"`
	AcademicYear    string `json:"academic_year"`
	Term            string `json:"term"`
	Language        string `json:"language"`
	CEFR            string `json:"cefr"`
	Starts          string `json:"starts,omitempty"`
	Ends            string `json:"ends,omitempty"`
}

// missing names what the network requires and the nomination lacks, by the
// messages that word it.
func (n Nomination) missing() []string {
	var out []string
	for _, f := range []struct {
		name string
		ok   bool
	}{
		{"nomination_fact.esi", n.ESI != ""},
		{"nomination_fact.family_names", n.FamilyNames != ""},
		{"nomination_fact.birth_date", n.BirthDate != ""},
		{"nomination_fact.nationality", n.Nationality != ""},
		{"nomination_fact.email", n.Email != ""},
		{"nomination_fact.eqf_now", n.EQFNow != 0},
		{"nomination_fact.isced_f", len(n.ISCEDF) == 4},
		{"nomination_fact.home_agreement_id", n.HomeAgreementID != ""},
		{"nomination_fact.host_agreement_id", n.HostAgreementID != ""},
	} {
		if !f.ok {
			out = append(out, f.name)
		}
	}
	return out
}

// nominationContent builds the nomination of an application to a destination
// and names what is missing. An application of somebody without facts lacks
// everything.
func nominationContent(ctx context.Context, db store.DBTX, application, destination uuid.UUID) (Nomination, []string, error) {
	row, err := queries.NominationSource(ctx, db, store.NominationSourceParams{ApplicationID: application, DestinationID: destination})
	if errors.Is(err, pgx.ErrNoRows) {
		return Nomination{}, Nomination{}.missing(), nil
	}
	if err != nil {
		return Nomination{}, nil, fmt.Errorf("read the nomination's content: %w", err)
	}
	if row.FamilyNames == "" {
		row.GivenNames, row.FamilyNames = "", row.GivenNames // a single name, entered where the given ones stand
	}
	n := Nomination{
		ESI: row.ESI, GivenNames: row.GivenNames, FamilyNames: row.FamilyNames, BirthDate: day(row.BirthDate),
		Nationality: row.Nationality, Gender: int(row.Gender), Email: row.Email,
		EQFNow: int(row.Cycle), EQFDeparture: int(row.Cycle), ISCEDF: fourDigits(row.Field, row.ISCEDF),
		HomeAgreementID: row.HomeAgreementID, HostAgreementID: row.HostAgreementID,
		AcademicYear: row.AcademicYear, Term: row.Term, Language: row.Language, CEFR: row.CEFR,
		Starts: day(row.StartsOn), Ends: day(row.EndsOn),
	}
	return n, n.missing(), nil
}

// fourDigits prefers the person's own field; broader codes are filled up with
// zeros, as the classification does for "not further defined".
func fourDigits(own, agreed string) string {
	for _, code := range []string{own, agreed} {
		if code != "" {
			return (code + "0000")[:4]
		}
	}
	return ""
}

func day(t *time.Time) string {
	if t == nil {
		return ""
	}
	return t.Format(time.DateOnly)
}

// makeNomination proposes the application to the host of the destination in
// question, shares the record with that institution and nothing else.
func (f *file) makeNomination(ctx context.Context, s *step, c *change) error {
	at, err := f.destinationID()
	if err != nil {
		return err
	}
	content, _, err := nominationContent(ctx, s.tx, f.app.ID, at)
	if err != nil {
		return err
	}
	id := newID()
	err = queries.AddNomination(ctx, s.tx, store.AddNominationParams{
		ID: id, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, DestinationID: at,
		HostInstitutionID: f.destination.HostInstitutionID, ProposalID: uuid.New(), SentAt: &s.now,
	})
	if err != nil {
		return store.Translate(err, "nomination")
	}
	body, err := json.Marshal(content)
	if err != nil {
		return err
	}
	if err := queries.AddNominationContent(ctx, s.tx, store.AddNominationContentParams{NominationID: id, PersonID: f.app.PersonID, Content: body}); err != nil {
		return err
	}
	c.data["nomination"], c.data["destination"] = id, at
	answerBy := s.now.In(f.zone).AddDate(0, 0, hostAnswerDays)
	if err := f.putDeadline(ctx, s, lifecycle.HostAnswer, mobility.Wall(answerBy.Year(), answerBy.Month(), answerBy.Day(), 23, 59)); err != nil {
		return err
	}
	return queries.ShareNomination(ctx, s.tx, store.ShareNominationParams{
		ID: newID(), InstitutionID: f.app.InstitutionID, VisibleTo: f.destination.HostInstitutionID,
		ApplicationID: f.app.ID, NominationID: id, Since: s.now,
	})
}

// answerNomination records the host's yes, or takes it back.
func (f *file) answerNomination(ctx context.Context, s *step, c *change, status string) error {
	return f.setNomination(ctx, s, c, status, "")
}

// endNomination records the host's no with its reason, or cancels.
func (f *file) endNomination(ctx context.Context, s *step, c *change, ending string) error {
	code := c.given.ReasonCode
	if ending == string(lifecycle.NominationRefused) && code == "" {
		code = "other"
	}
	return f.setNomination(ctx, s, c, ending, code)
}

func (f *file) setNomination(ctx context.Context, s *step, c *change, status, code string) error {
	live, err := queries.LiveNomination(ctx, s.tx, f.app.ID)
	if err != nil {
		return store.Translate(err, "nomination")
	}
	_, err = queries.SetNominationStatus(ctx, s.tx, store.SetNominationStatusParams{
		ID: live.ID, FromStatuses: []string{live.Status}, Status: status, AnsweredAt: &s.now, ReasonCode: code,
	})
	if err != nil {
		return err
	}
	c.data["nomination"], c.data["destination"], c.data["nomination_became"] = live.ID, live.DestinationID, status
	if code != "" {
		c.data["reason_code"] = code
	}
	if status == string(lifecycle.NominationCancelled) { // a host that answered still sees what it answered
		return queries.EndShares(ctx, s.tx, store.EndSharesParams{NominationID: live.ID, Until: &s.now})
	}
	return nil
}

// hostAnswerDays is how many days the host is asked to answer within.
const hostAnswerDays = 21

// hostLinkLife is how long a host officer's personal link works.
const hostLinkLife = 60 * 24 * time.Hour

// planHostLetter plans a letter with a personal link to the host officer. A
// list of nominations that still waits to be sent will name a newcomer too.
func (f *file) planHostLetter(ctx context.Context, s *step, c change, kind string) error {
	at, err := f.hostOf(ctx, s, c)
	if err != nil {
		return err
	}
	named := kind == "host_cancelled" // about this one nomination
	if !named {
		_, err := queries.PlannedHostLetter(ctx, s.tx, store.PlannedHostLetterParams{Kind: kind, CallID: f.app.CallID, HostInstitutionID: at.HostInstitutionID})
		if !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
	}
	host, err := queries.HostAddress(ctx, s.tx, at.ID)
	if err != nil {
		return err
	}
	if host.Address == "" {
		return mobility.ConflictError("conflict.host_has_no_address", nil)
	}
	link := newID()
	err = queries.AddHostLink(ctx, s.tx, store.AddHostLinkParams{
		ID: link, InstitutionID: f.app.InstitutionID, CallID: f.app.CallID, HostInstitutionID: at.HostInstitutionID,
		Address: host.Address, CreatedAt: s.now, ExpiresAt: s.now.Add(hostLinkLife),
	})
	if err != nil {
		return err
	}
	p := letterPlan{
		institution: f.app.InstitutionID, kind: kind, recipient: "host", language: host.Language, call: &f.app.CallID,
		key: "host_link:" + link.String(), data: map[string]any{"host_link": link, "destination": at.ID},
	}
	if named {
		p.application, p.event, p.data["nomination"] = &f.app.ID, &c.event, c.data["nomination"]
	}
	return s.planLetter(ctx, p)
}

// hostOf is the destination whose host a letter goes to: where the nomination
// is or was.
func (f *file) hostOf(ctx context.Context, s *step, c change) (store.DestinationFactsRow, error) {
	at, ok := c.data["destination"].(uuid.UUID)
	if !ok && f.destination == nil {
		return store.DestinationFactsRow{}, fmt.Errorf("move %s writes to a host but stands at no destination", c.out.Move.Name)
	}
	if !ok || (f.destination != nil && f.destination.ID == at) {
		return *f.destination, nil
	}
	return queries.DestinationFacts(ctx, s.tx, store.DestinationFactsParams{ApplicationID: f.app.ID, ID: at})
}
