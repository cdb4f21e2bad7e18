package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/bounce"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// letterTo freezes a letter of a file as the sending job leaves it and returns
// it with its Message-ID.
func (s *scene) letterTo(file uuid.UUID, kind, subject string) (uuid.UUID, string) {
	s.T.Helper()
	id := uuid.Must(uuid.NewV7())
	at := s.WhileOpen()
	s.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, subject_key, status, planned_at, sent_at)
		SELECT $1::uuid, institution_id, $2, 'decisions', 'en', person_id, 'applicant', id, call_id, 'test:' || $1::uuid, 'sent', $3::timestamptz, $3 FROM applications WHERE id = $4`, id, kind, at, file)
	message := "letter." + id.String() + "@peregrine.example"
	s.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
		SELECT $1, p.id, p.email, $2, 'Dear Anna, these are the words.', '<p>x</p>', $3, $4 FROM persons p JOIN applications a ON a.person_id = p.id WHERE a.id = $5`, id, subject, message, at, file)
	return id, message
}

// returned brings a report about a message into the product, as a mailbox does.
func (s *scene) returned(message, address, status, words string) {
	s.T.Helper()
	report, err := bounce.Read(strings.NewReader(fmt.Sprintf("From: mailer-daemon@mx.example\nMessage-ID: <%s@mx.example>\nMIME-Version: 1.0\n"+
		"Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\nContent-Type: message/delivery-status\n\n"+
		"Reporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822; %s\nAction: failed\nStatus: %s\nDiagnostic-Code: smtp; %s\n\n"+
		"--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <%s>\n--b--\n", uuid.NewString(), address, status, words, message)))
	if err != nil {
		s.T.Fatal(err)
	}
	if _, err := s.Process.TakeBounce(s.T.Context(), report, s.WhileOpen().Add(time.Minute)); err != nil {
		s.T.Fatal(err)
	}
}

func (s *scene) emailOf(who mobility.Actor) string {
	return testkit.One[string](s.World, `SELECT email FROM persons WHERE id = $1`, who.Person)
}

func TestALetterThatCameBackIsCorrectedAndGoesAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Anna", "1.0")
	file := s.Submitted(anna)
	s.Exec(`UPDATE letters SET status = 'skipped'`)
	offer, m1 := s.letterTo(file, "offer", "A place for you")
	receipt, m2 := s.letterTo(file, "receipt", "We have your application")
	old := s.emailOf(anna)
	s.returned(m1, old, "5.1.1", "550 5.1.1 <script>no such user</script>")
	s.returned(m2, old, "5.1.1", "550 5.1.1 no such user")

	b := s.as(s.Officer)
	b.get("/office/letters").want(t, http.StatusOK, "2 letters need a decision", "Came back", "Nobody has this address", "&lt;script&gt;", "Returned mail read in the last 30 days").lacks(t, "<script>no")
	b.get("/office/letters?status=bounced").want(t, http.StatusOK, "Came back")
	b.get("/office/letters?status=failed").want(t, http.StatusOK).lacks(t, "Came back</span>")
	b.get("/work").want(t, http.StatusOK, "2 letters were not delivered")

	// Wherever the office sees her, she is marked.
	person := "/office/people/" + anna.Person.String()
	b.get(person).want(t, http.StatusOK, "address does not work", "E-mail to this person has been coming back since", "The address works")
	b.get("/office/people?q=anna").want(t, http.StatusOK, "address does not work")
	b.get("/office/applications/"+file.String()).want(t, http.StatusOK, "has been coming back since", "Nobody has this address")
	candidates := "/office/calls/" + s.Call.String() + "/candidates"
	b.get(candidates).want(t, http.StatusOK, "address does not work", "Only people whose address does not work")
	b.get(candidates+"?bounced=true").want(t, http.StatusOK, "Anna")
	s.as(s.Coordinator).get("/office/applications/"+file.String()).want(t, http.StatusOK, "has been coming back since").lacks(t, person)

	at := "/office/letters/" + offer.String()
	b.get(at).want(t, http.StatusOK, "Correct the address and send again", "Send again to the same address", "mx.example", "5.1.1")
	s.as(s.Coordinator).get(at+"/address").want(t, http.StatusForbidden)
	s.as(s.ForeignOfficer).get(at+"/address").want(t, http.StatusNotFound)
	b.get(at+"/address").want(t, http.StatusOK, old, "Also send again", "We have your application", "Where the address comes from")

	for _, c := range []struct {
		form url.Values
		say  string
	}{
		{url.Values{"email": {"anna@"}, "reason": {"x"}}, `value="anna@"`},
		{url.Values{"email": {"anna@right.example"}}, "How do you know the new address?"},
		{url.Values{"email": {s.emailOf(s.Coordinator)}, "reason": {"x"}}, "belongs to another person"},
		{url.Values{"email": {old}, "reason": {"x"}}, "already"},
	} {
		b.post(at+"/address", c.form).want(t, http.StatusUnprocessableEntity, c.say)
	}
	right := url.Values{"email": {"anna@right.example"}, "reason": {"She telephoned."}, "also": {receipt.String()}}
	s.as(s.Coordinator).post(at+"/address", right).want(t, http.StatusForbidden)
	b.post(at+"/address", right).want(t, http.StatusSeeOther)
	b.get("/office/letters").want(t, http.StatusOK, "The address was corrected, and the letters are being sent again.", "Every letter is settled")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters l JOIN letter_texts t ON t.letter_id = l.id WHERE l.status = 'planned' AND t.address = 'anna@right.example'
		AND EXISTS (SELECT 1 FROM river_job j WHERE j.args ->> 'letter' = l.id::text)`); n != 2 {
		t.Errorf("%d letters wait to go to the right address", n)
	}
	b.get(at).want(t, http.StatusOK, "Sent again as", "It was sent again.").lacks(t, "Send again to the same")
	b.get(at+"/address").want(t, http.StatusConflict)
	b.get(person).want(t, http.StatusOK).lacks(t, "address does not work", "did not arrive")
}

// An address put right on the person's page leaves the letters that came back,
// and the page leads to them; one of which nobody knew is settled as well.
func TestWhatCameBackIsSentAgainAfterTheAddressWasCorrected(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Anna", "1.0")
	file := s.Submitted(anna)
	s.Exec(`UPDATE letters SET status = 'skipped'`)
	offer, m1 := s.letterTo(file, "offer", "A place for you")
	s.Exec(`UPDATE letters SET status = 'unknown', sent_at = NULL WHERE id = $1`, offer)
	s.returned(m1, s.emailOf(anna), "5.1.1", "550 5.1.1 no such user")
	b := s.as(s.Officer)
	person, at := "/office/people/"+anna.Person.String(), "/office/letters/"+offer.String()
	b.get(person).want(t, http.StatusOK, at+"/address")
	b.post(person+"/address", url.Values{"email": {"anna@right.example"}}).want(t, http.StatusSeeOther)
	b.get(person).want(t, http.StatusOK, "The old one is not told", "1 letter to this person did not arrive", at+"/address").lacks(t, "address does not work")
	b.get(at+"/address").want(t, http.StatusOK, `value="anna@right.example"`, "was corrected after this letter had been sent", "Corrected here on")
	b.post(at+"/address", url.Values{"email": {"anna@right.example"}, "reason": {"x"}}).want(t, http.StatusSeeOther)
	b.get("/office/letters").want(t, http.StatusOK, "Every letter is settled")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters l JOIN letter_texts t ON t.letter_id = l.id WHERE l.again_of = $1 AND t.address = 'anna@right.example'`, offer); n != 1 {
		t.Errorf("%d letters go to the right address", n)
	}

	full, m2 := s.letterTo(file, "receipt", "We have it")
	s.Exec(`UPDATE letters SET status = 'unknown', sent_at = NULL WHERE id = $1`, full)
	s.returned(m2, "anna@right.example", "5.2.2", "552 5.2.2 full")
	b.get("/office/letters/"+full.String()).want(t, http.StatusOK, "The mailbox is full.", "This may pass")
	b.post("/office/letters/"+full.String()+"/again", nil).want(t, http.StatusSeeOther)
	b.get("/office/letters").want(t, http.StatusOK, "Every letter is settled")
}

func TestLettersAreReadHereWhateverBecomesOfTheMail(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna, boris := s.Student("Anna", "1.0"), s.Student("Boris", "1.2")
	file := s.Submitted(anna)
	planned := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE status = 'planned' AND person_id = $1`, anna.Person)
	sent, message := s.letterTo(file, "offer", "A place for you")
	s.returned(message, s.emailOf(anna), "5.2.2", "552 5.2.2 full")

	b := s.as(anna)
	b.get("/notices").want(t, http.StatusOK, "2 letters you have not opened", "A place for you", "The e-mail came back.", "The e-mail has not gone yet.", "does not reach you", `<span class="p-count" aria-hidden="true">2</span>`)
	s.as(boris).get("/notices").want(t, http.StatusOK, "No letter yet").lacks(t, "A place for you")
	for _, id := range []uuid.UUID{planned, sent} {
		s.as(boris).get("/letters/"+id.String()).want(t, http.StatusNotFound)
		s.as(s.Officer).get("/letters/"+id.String()).want(t, http.StatusNotFound)
	}
	b.get("/letters/"+planned.String()).want(t, http.StatusOK, "the e-mail with the same words has not gone yet", "Dear Anna")
	b.get("/letters/"+sent.String()).want(t, http.StatusOK, "these are the words", "does not reach you").lacks(t, "p-count")
	b.get("/notices?unread=true").want(t, http.StatusOK, "You have opened every letter")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters WHERE person_id = $1 AND read_at IS NOT NULL`, anna.Person); n != 2 {
		t.Errorf("%d letters are read", n)
	}

	s.Exec(`UPDATE letters SET read_at = NULL`)
	until := fmt.Sprint(s.WhileOpen().Add(time.Hour).UnixMicro())
	b.post("/notices/read", url.Values{"until": {"soon"}}).want(t, http.StatusUnprocessableEntity)
	b.post("/notices/read", url.Values{"until": {until}}).want(t, http.StatusSeeOther)
	b.get("/notices").want(t, http.StatusOK, "All letters are marked as read.").lacks(t, "p-count")
	s.as(s.Officer).get("/notices").want(t, http.StatusOK, "My letters")
}

func TestAHostsLetterThatCameBackIsCorrectedForTheCall(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Anna", "1.0")
	file := s.Submitted(anna)
	s.Marked(file, "20")
	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	s.Published(after)
	s.Move(anna, file, "confirm", after, process.Given{})
	s.Move(s.Officer, file, "nominate", after, process.Given{})
	s.Exec(`UPDATE letters SET status = 'sent', sent_at = $1`, after)
	letter := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE recipient = 'host'`)
	old := testkit.One[string](s.World, `SELECT address FROM host_links`)
	s.Exec(`INSERT INTO letter_texts (letter_id, address, subject, plain, html, message_id, frozen_at) VALUES ($1, $2, 'Nominations', 'x', 'x', 'host@peregrine.example', $3)`, letter, old, after)
	s.returned("host@peregrine.example", old, "5.1.2", "550 5.1.2 Host unknown")

	b, at := s.as(s.Officer), "/office/letters/"+letter.String()
	nominations := "/office/calls/" + s.Call.String() + "/nominations"
	b.get(nominations).want(t, http.StatusOK, "Came back", at+"/address")
	b.get(at).want(t, http.StatusOK, "What stands behind the @ does not exist", "Correct the address and send again")
	b.get(at+"/address").want(t, http.StatusOK, old, "The address of Host University", "with a new personal link")
	b.post(at+"/address", url.Values{"email": {old}, "reason": {"x"}}).want(t, http.StatusUnprocessableEntity)
	b.post(at+"/address", url.Values{"email": {"right@host.example"}, "reason": {"Their page says so."}}).want(t, http.StatusSeeOther)
	b.get(nominations).want(t, http.StatusOK, "right@host.example", "Revoked").lacks(t, at+"/address")
	b.get("/office/letters").want(t, http.StatusOK, "Every letter is settled")
}

// Somebody who cannot sign in because the letter comes back is found by the
// office, and learns no more at the door than anybody else.
func TestASignInLetterThatCameBackIsFoundByTheOfficeAlone(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Anna", "1.0")
	s.Submitted(anna)
	old, key := s.emailOf(anna), uuid.New()
	s.Exec(`INSERT INTO sign_ins (id, email, person_id, language, expires_at, mail_key) VALUES (gen_random_uuid(), $1, $2, 'en', now() + interval '20 minutes', $3)`, old, anna.Person, key)
	s.returned(process.SignInMail+"."+key.String()+"@peregrine.example", old, "5.1.1", "550 5.1.1 no such user")

	b, person := s.as(s.Officer), "/office/people/"+anna.Person.String()
	b.get("/office/letters").want(t, http.StatusOK, "The sign-in letter of one person came back", "Sign-in letters that came back", old, "Nobody has this address", person+"#address")
	b.get(person).want(t, http.StatusOK, "address does not work", "Sign-in letters that came back", "The address works", `href="#address"`)
	b.get("/office/calls/"+s.Call.String()+"/candidates").want(t, http.StatusOK, "address does not work")
	s.as(s.ForeignOfficer).get("/office/letters").want(t, http.StatusOK).lacks(t, old)
	s.as(s.Coordinator).get("/office/letters").want(t, http.StatusForbidden)

	said := map[string]bool{}
	for _, email := range []string{old, "nobody.at.all@example.org", s.emailOf(s.Coordinator)} {
		door := s.site.browser()
		at := door.post("/sign-in", url.Values{"email": {email}}).want(t, http.StatusSeeOther).header.Get("Location")
		words := door.get(at).want(t, http.StatusOK).body
		id := strings.TrimPrefix(at[:strings.Index(at, "?")], "/sign-in/code/")
		said[strings.ReplaceAll(words, id, "ID")] = true
	}
	if len(said) != 1 {
		t.Errorf("the page behind the door says %d different things", len(said))
	}

	b.post(person+"/address", url.Values{"email": {"anna@right.example"}}).want(t, http.StatusSeeOther)
	b.get(person).want(t, http.StatusOK, "The old one is not told").lacks(t, "address does not work", "Sign-in letters that came back")
	b.get("/office/letters").want(t, http.StatusOK).lacks(t, "Sign-in letters that came back")
}

// What came back says where a person reads mail: nobody outside the house
// learns of it, and nobody barred from their file.
func TestWhatCameBackIsTheHousesAndTheReaders(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Anna", "1.0")
	file := s.Submitted(anna)
	_, message := s.letterTo(file, "offer", "A place for you")
	s.returned(message, s.emailOf(anna), "5.1.1", "550 5.1.1 no such user")
	s.as(s.ForeignOfficer).get("/office/letters?status=all").want(t, http.StatusOK).lacks(t, "Came back</span>")
	s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) SELECT gen_random_uuid(), institution_id, id, $2, 'declared', now() FROM applications WHERE id = $1`, file, s.Officer.Person)
	b := s.as(s.Officer)
	b.get("/office/letters?status=all").want(t, http.StatusOK).lacks(t, "A place for you", "Came back</span>")
	b.get("/office/calls/"+s.Call.String()+"/candidates?bounced=true").want(t, http.StatusOK).lacks(t, "Anna")
}
