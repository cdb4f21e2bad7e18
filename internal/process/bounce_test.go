package process_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/bounce"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// posted is a world in which letters were sent, as the sending job leaves them.
type posted struct {
	*testkit.World
	anna mobility.Actor
	file uuid.UUID
}

func newPosted(t *testing.T) *posted {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.5")
	return &posted{w, anna, w.Submitted(anna)}
}

// sent freezes a letter to Anna and returns it with its Message-ID.
func (p *posted) sent(status string) (uuid.UUID, string) {
	p.T.Helper()
	id := uuid.Must(uuid.NewV7())
	p.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, status, planned_at, sent_at)
		SELECT $1::uuid, institution_id, 'receipt', 'decisions', 'en', person_id, 'applicant', id, call_id, 'test:' || $1::uuid, $2, $3::timestamptz, $3 FROM applications WHERE id = $4`,
		id, status, p.WhileOpen(), p.file)
	message := "letter." + id.String() + "@peregrine.example"
	p.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
		SELECT $1, id, email, 'Received', 'We have it.', '<p>We have it.</p>', $2, $3 FROM persons WHERE id = $4`, id, message, p.WhileOpen(), p.anna.Person)
	p.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at, finished_at, outcome) VALUES ($1, 1, $2, $2, $3)`, id, p.WhileOpen(), status)
	return id, message
}

func (p *posted) email() string {
	return testkit.One[string](p.World, `SELECT email FROM persons WHERE id = $1`, p.anna.Person)
}

// report is a delivery report as servers write it.
func report(t *testing.T, message, address, action, status string) bounce.Report {
	t.Helper()
	r, err := bounce.Read(strings.NewReader(fmt.Sprintf("From: mailer-daemon@mx.example\nMessage-ID: <%s>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"+
		"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; %s\nAction: %s\nStatus: %s\nDiagnostic-Code: smtp; 550 %s as it is\n\n"+
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n--b--\n", uuid.NewString()+"@mx.example", address, action, status, status, message)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func (p *posted) take(t *testing.T, r bounce.Report) process.TakenBounce {
	t.Helper()
	taken, err := p.Process.TakeBounce(t.Context(), r, p.WhileOpen().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return taken
}

func (p *posted) bounces(letter uuid.UUID) int {
	return testkit.One[int](p.World, `SELECT count(*)::int FROM letter_bounces WHERE letter_id = $1`, letter)
}

func TestAReportCountsOnceHoweverOftenItIsRead(t *testing.T) {
	p := newPosted(t)
	letter, message := p.sent("sent")
	r := report(t, message, strings.ToUpper(p.email()), "failed", "5.1.1")
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			if _, err := p.Process.TakeBounce(t.Context(), r, p.WhileOpen()); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if again := p.take(t, r); !again.Before || p.bounces(letter) != 1 {
		t.Errorf("%+v, %d", again, p.bounces(letter))
	}
	got := testkit.One[string](p.World, `SELECT reason || ' ' || status || ' ' || about_address || ' ' || action FROM letter_bounces WHERE letter_id = $1`, letter)
	if got != "no_mailbox 5.1.1 true failed" {
		t.Error(got)
	}
	if status := testkit.One[string](p.World, `SELECT status FROM letters WHERE id = $1`, letter); status != "sent" {
		t.Error("what happened to a letter stays as it is:", status)
	}
	verifyClean(t.Context(), t, p.World)
}

func TestForgedReportsAreCountedAndBelievedByNobody(t *testing.T) {
	p := newPosted(t)
	letter, message := p.sent("sent")
	for _, r := range []bounce.Report{
		report(t, message, "somebody@else.example", "failed", "5.1.1"),
		report(t, "letter."+uuid.NewString()+"@peregrine.example", p.email(), "failed", "5.1.1"),
		report(t, "no'id\x00;--@x", p.email(), "failed", "5.1.1"),
	} {
		if taken := p.take(t, r); taken.Verdict != process.Unmatched || len(taken.Letters) != 0 {
			t.Errorf("%+v", taken)
		}
	}
	if p.bounces(letter) != 0 || testkit.One[int](p.World, `SELECT count(*)::int FROM bounce_mails WHERE verdict = 'unmatched'`) != 3 {
		t.Error("a forged report was believed or not counted")
	}
	if taken := p.take(t, bounce.Report{Fingerprint: "absent", Kind: bounce.AutoReply, MessageIDs: []string{message}}); taken.Verdict != "auto_reply" {
		t.Errorf("%+v", taken)
	}
}

func TestAReportSettlesALetterOfWhichNobodyKnew(t *testing.T) {
	for _, c := range []struct{ action, status, becomes, why string }{
		{"failed", "5.2.2", "failed", "bounced"}, {"delayed", "4.4.1", "sent", "reported"}, {"relayed", "2.0.0", "sent", "reported"},
	} {
		p := newPosted(t)
		letter, message := p.sent("unknown")
		p.Exec(`UPDATE letters SET sent_at = NULL WHERE id = $1`, letter)
		p.take(t, report(t, message, p.email(), c.action, c.status))
		verifyClean(t.Context(), t, p.World)
		got := testkit.One[string](p.World, `SELECT status || ' ' || skip_reason FROM letters WHERE id = $1`, letter)
		if got != c.becomes+" "+c.why {
			t.Errorf("%s: %s", c.action, got)
		}
	}
}

func TestTheAddressIsCorrectedAndEverythingGoesAgain(t *testing.T) {
	p := newPosted(t)
	first, message := p.sent("sent")
	second, other := p.sent("sent")
	old := p.email()
	p.take(t, report(t, message, old, "failed", "5.1.1"))
	p.take(t, report(t, other, old, "failed", "5.1.1"))
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 1 {
		t.Error("nobody's address is marked")
	}
	ask := process.RepeatLetters{Letter: first, Others: []uuid.UUID{second, first}, Email: "anna.right@example.org", Reason: "She telephoned.", Arrived: p.WhileOpen().Add(2 * time.Hour)}

	refusedBy(t, p.Process.RepeatLetters(t.Context(), p.Coordinator, ask), "refusal.not_your_office")
	refusedBy(t, p.Process.RepeatLetters(t.Context(), p.anna, ask), "refusal.own_file")
	taken := ask
	taken.Email = testkit.One[string](p.World, `SELECT email FROM persons WHERE id = $1`, p.Officer.Person)
	refusedBy(t, p.Process.RepeatLetters(t.Context(), p.Officer, taken), "conflict.address_taken")
	wrong := ask
	wrong.Email = "no address"
	refusedBy(t, p.Process.RepeatLetters(t.Context(), p.Officer, wrong), "error.invalid")

	if err := p.Process.RepeatLetters(t.Context(), p.Officer, ask); err != nil {
		t.Fatal(err)
	}
	if p.email() != ask.Email {
		t.Error(p.email())
	}
	for _, id := range []uuid.UUID{first, second} {
		got := testkit.One[string](p.World, `SELECT t.address || '|' || t.subject || '|' || t.plain || '|' || x.status || '|' || (t.message_id = 'letter.' || x.id || '@peregrine.example')
			FROM letters x JOIN letter_texts t ON t.letter_id = x.id WHERE x.again_of = $1`, id)
		if got != "anna.right@example.org|Received|We have it.|planned|true" {
			t.Error(got)
		}
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM letters WHERE kind = 'address_changed'`); n != 0 {
		t.Error("an address nobody has was told")
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 0 {
		t.Error("the mark stays after the address was corrected")
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM act_texts WHERE reason = 'She telephoned.'`); n != 1 {
		t.Error("nobody wrote down how the office knows")
	}
	refusedBy(t, p.Process.RepeatLetters(t.Context(), p.Officer, ask), "conflict.letter_settled")
	verifyClean(t.Context(), t, p.World)
}

// A full mailbox is no wrong address: its owner is told of a change, and the
// letter may go again to the same.
func TestAFullMailboxIsTriedAgainAndStaysTheReaders(t *testing.T) {
	p := newPosted(t)
	letter, message := p.sent("sent")
	p.take(t, report(t, message, p.email(), "failed", "5.2.2"))
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 0 {
		t.Error("a full mailbox marks the address")
	}
	at := p.WhileOpen().Add(2 * time.Hour)
	if err := p.Process.RepeatLetters(t.Context(), p.Officer, process.RepeatLetters{Letter: letter, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[string](p.World, `SELECT t.address FROM letters x JOIN letter_texts t ON t.letter_id = x.id WHERE x.again_of = $1`, letter); got != p.email() {
		t.Error(got)
	}
	err := p.Process.CorrectAddress(t.Context(), p.Officer, process.CorrectAddress{Institution: p.Home, Person: p.anna.Person, Email: "anna.new@example.org", Arrived: at})
	if err != nil || testkit.One[int](p.World, `SELECT count(*)::int FROM letters WHERE kind = 'address_changed'`) != 1 {
		t.Error("a mailbox somebody has is told of the change", err)
	}
}

func TestAnOfficeThatKnowsBetterTakesTheMarkAway(t *testing.T) {
	p := newPosted(t)
	_, message := p.sent("sent")
	p.take(t, report(t, message, p.email(), "failed", "5.1.1"))
	ask := process.AddressWorks{Institution: p.Home, Person: p.anna.Person, Arrived: p.WhileOpen().Add(2 * time.Hour)}
	refusedBy(t, p.Process.AddressWorks(t.Context(), p.Coordinator, ask), "refusal.not_your_office")
	if err := p.Process.AddressWorks(t.Context(), p.Officer, ask); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 0 {
		t.Error("the mark stays")
	}
	refusedBy(t, p.Process.AddressWorks(t.Context(), p.Officer, ask), "conflict.letter_settled")
}

// A later letter that stayed away for three days takes the mark away too.
func TestALaterLetterThatArrivedTakesTheMarkAway(t *testing.T) {
	p := newPosted(t)
	_, message := p.sent("sent")
	p.take(t, report(t, message, p.email(), "failed", "5.1.1"))
	later, _ := p.sent("sent")
	p.Exec(`UPDATE letter_bounces SET at = business_now() - interval '10 days'`)
	p.Exec(`UPDATE letters SET sent_at = business_now() - interval '2 days' WHERE id = $1`, later)
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 1 {
		t.Error("too early")
	}
	p.Exec(`UPDATE letters SET sent_at = business_now() - interval '4 days' WHERE id = $1`, later)
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses`); n != 0 {
		t.Error("the mark stays")
	}
}

func TestWhatCameBackIsErasedWithThePerson(t *testing.T) {
	p := newPosted(t)
	letter, message := p.sent("sent")
	p.take(t, report(t, message, p.email(), "failed", "5.1.1"))
	p.Move(p.anna, p.file, "withdraw", p.WhileOpen().Add(2*time.Hour), process.Given{})
	admin := p.Staff("Admin", mobility.RoleAdministrator, p.Home, nil)
	if _, err := p.Process.ErasePerson(t.Context(), admin, process.Erasure{Institution: p.Home, Person: p.anna.Person, Arrived: p.WhileOpen().Add(3 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if p.bounces(letter) != 0 {
		t.Error("an erased person's address is kept with what came back")
	}
	if taken := p.take(t, report(t, message, "anna@example.org", "failed", "5.1.1")); taken.Verdict != process.Unmatched {
		t.Errorf("%+v", taken)
	}
}
