package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// A host's letter comes back: the address is corrected for the call, the
// links sent to the old one end, and the letters go again, each with a link of
// its own; one that waited goes to the right address too.
func TestAHostsAddressIsCorrectedWithNewLinks(t *testing.T) {
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "1.4")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "28")
	w.Marked(b, "27")
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(bert, b, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	first := testkit.One[uuid.UUID](w, `SELECT id FROM letters WHERE recipient = 'host'`)
	old := testkit.One[string](w, `SELECT address FROM host_links`)
	message := "letter." + first.String() + "@peregrine.example"
	w.Exec(`UPDATE letters SET status = 'sent', sent_at = $2 WHERE id = $1`, first, at)
	w.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at, finished_at, outcome) VALUES ($1, 1, $2, $2, 'sent')`, first, at)
	w.Exec(`INSERT INTO letter_texts (letter_id, address, subject, plain, html, message_id, frozen_at) VALUES ($1, $2, 'Nominations', 'x', 'x', $3, $4)`, first, old, message, at)
	w.Move(w.Officer, b, "nominate", at, process.Given{}) // its letter waits
	waiting := testkit.One[uuid.UUID](w, `SELECT id FROM letters WHERE recipient = 'host' AND status = 'planned'`)
	if _, err := w.Process.TakeBounce(t.Context(), report(t, message, old, "failed", "5.1.1"), at); err != nil {
		t.Fatal(err)
	}

	ask := process.RepeatLetters{Letter: first, Email: "incoming.right@host.example", Reason: "Their page says so.", Arrived: at.Add(time.Hour)}
	same := ask
	same.Email = old
	refusedBy(t, w.Process.RepeatLetters(t.Context(), w.Officer, same), "conflict.same_address")
	stranger := ask
	stranger.Others = []uuid.UUID{testkit.One[uuid.UUID](w, `SELECT id FROM letters WHERE application_id = $1 AND recipient = 'applicant' LIMIT 1`, a)}
	if err := w.Process.RepeatLetters(t.Context(), w.Officer, stranger); err == nil {
		t.Error("a student's letter went to a host")
	}
	if err := w.Process.RepeatLetters(t.Context(), w.ForeignOfficer, ask); err == nil {
		t.Error("another house's officer corrected the address")
	}
	if err := w.Process.RepeatLetters(t.Context(), w.Officer, ask); err != nil {
		t.Fatal(err)
	}
	again := testkit.One[uuid.UUID](w, `SELECT id FROM letters WHERE again_of = $1`, first)
	for _, letter := range []uuid.UUID{again, waiting} {
		got := testkit.One[string](w, `SELECT l.status || ' ' || h.address || ' ' || (h.revoked_at IS NULL) FROM letters l JOIN host_links h ON h.id = (l.data ->> 'host_link')::uuid WHERE l.id = $1`, letter)
		if got != "planned "+ask.Email+" true" {
			t.Error(got)
		}
	}
	if n := testkit.One[int](w, `SELECT count(DISTINCT data ->> 'host_link')::int FROM letters WHERE id IN ($1, $2)`, again, waiting); n != 2 {
		t.Error("two letters share a link: the second would end the first's")
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM host_links WHERE address = $1 AND revoked_at IS NULL`, old); n != 0 {
		t.Error("a link sent to the old address still opens")
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM letter_texts WHERE letter_id = $1`, again); n != 0 {
		t.Error("a host's letter is written anew")
	}
	if got := testkit.One[string](w, `SELECT host_email FROM destinations`); got != ask.Email {
		t.Error(got)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM acts c JOIN act_texts x ON x.act_id = c.id WHERE c.act = 'host_address_corrected' AND x.reason = $1`, ask.Reason); n != 1 {
		t.Error("nobody wrote down how the office knows")
	}
	verifyClean(t.Context(), t, w)
}
