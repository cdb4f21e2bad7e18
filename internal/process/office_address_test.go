package process_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// toOffice freezes a letter to the office and returns it with its Message-ID.
func (p *posted) toOffice(address string) (uuid.UUID, string) {
	p.T.Helper()
	id := uuid.Must(uuid.NewV7())
	p.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, recipient, call_id, subject_key, status, planned_at, sent_at)
		VALUES ($1::uuid, $2, 'refused_office', 'decisions', 'en', 'office', $3, 'test:' || $1::uuid, 'sent', $4::timestamptz, $4)`, id, p.Home, p.Call, p.WhileOpen())
	message := "letter." + id.String() + "@peregrine.example"
	p.Exec(`INSERT INTO letter_texts (letter_id, address, subject, plain, html, message_id, frozen_at) VALUES ($1, $2, 'Refused', 'By the host.', '<p>By the host.</p>', $3, $4)`, id, address, message, p.WhileOpen())
	p.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at, finished_at, outcome) VALUES ($1, 1, $2, $2, 'sent')`, id, p.WhileOpen())
	return id, message
}

func TestAnOfficesOwnAddressIsCorrectedWhereverItStands(t *testing.T) {
	p := newPosted(t)
	old := testkit.One[string](p.World, `SELECT office_email FROM institutions WHERE id = $1`, p.Home)
	p.Exec(`UPDATE calls SET contact_email = upper($1)`, old)
	letter, message := p.toOffice(old)
	other, _ := p.toOffice("else@where.example")
	p.take(t, report(t, message, old, "failed", "5.1.1"))
	annas, hers := p.sent("sent")
	p.take(t, report(t, hers, p.email(), "failed", "5.1.1"))

	ask := process.CorrectOfficeAddress{Institution: p.Home, Old: strings.ToUpper(old), Email: "office@right.example", Letters: []uuid.UUID{letter}, Arrived: p.WhileOpen().Add(2 * time.Hour)}
	for _, who := range []mobility.Actor{p.Coordinator, p.anna, p.ForeignOfficer} {
		without := ask
		without.Letters = nil
		refusedBy(t, p.Process.CorrectOfficeAddress(t.Context(), who, without), "refusal.not_your_office")
	}
	for name, change := range map[string]func(*process.CorrectOfficeAddress){
		"error.invalid": func(a *process.CorrectOfficeAddress) { a.Email = "no address" }, "error.not_found": func(a *process.CorrectOfficeAddress) { a.Letters = []uuid.UUID{annas} },
		"conflict.office_address_gone": func(a *process.CorrectOfficeAddress) { a.Old, a.Letters = "gone@home.example", nil },
	} {
		wrong := ask
		change(&wrong)
		refusedBy(t, p.Process.CorrectOfficeAddress(t.Context(), p.Officer, wrong), name)
	}
	same, stranger := ask, ask
	same.Email, stranger.Letters = old, []uuid.UUID{other}
	refusedBy(t, p.Process.CorrectOfficeAddress(t.Context(), p.Officer, same), "error.invalid")
	refusedBy(t, p.Process.CorrectOfficeAddress(t.Context(), p.Officer, stranger), "error.not_found")

	if err := p.Process.CorrectOfficeAddress(t.Context(), p.Officer, ask); err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[string](p.World, `SELECT i.office_email || ' ' || c.contact_email FROM institutions i JOIN calls c ON c.institution_id = i.id WHERE i.id = $1`, p.Home); got != "office@right.example office@right.example" {
		t.Error(got)
	}
	if got := testkit.One[string](p.World, `SELECT t.address || ' ' || t.plain || ' ' || x.status FROM letters x JOIN letter_texts t ON t.letter_id = x.id WHERE x.again_of = $1`, letter); got != "office@right.example By the host. planned" {
		t.Error(got)
	}
	if got := testkit.One[string](p.World, `SELECT t.reason FROM acts a JOIN act_texts t ON t.act_id = a.id WHERE a.act = 'office_address_corrected'`); !strings.HasSuffix(got, " → office@right.example") {
		t.Error(got)
	}
	ask.Old, ask.Email = ask.Email, "office@better.example"
	refusedBy(t, p.Process.CorrectOfficeAddress(t.Context(), p.Officer, ask), "error.not_found") // the letter went to the first address
	ask.Letters = nil
	if err := p.Process.CorrectOfficeAddress(t.Context(), p.Administrator, ask); err != nil {
		t.Error(err)
	}
	verifyClean(t.Context(), t, p.World)
}
