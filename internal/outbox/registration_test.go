package outbox_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// Who was not let in is nobody we know: the letter goes to the address they
// gave and says why, if the office does.
func TestWhoIsNotLetInReadsWhy(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Exec(`UPDATE calls SET registration = 'officer'`)
	for _, reason := range []string{"", "The call is for our students."} {
		err := w.Process.Register(t.Context(), process.Registration{Call: w.Call, Unit: w.Faculty, Email: "new" + reason[:min(3, len(reason))] + "@guest.example", FamilyNames: "Guest", Arrived: w.WhileOpen()})
		if err != nil {
			t.Fatal(err)
		}
		answer := process.AnswerRegistration{Registration: testkit.One[uuid.UUID](w, `SELECT id FROM registrations WHERE status = 'pending'`), Reason: reason, Arrived: w.WhileOpen()}
		if err := w.Process.AnswerRegistration(t.Context(), w.Officer, answer); err != nil {
			t.Fatal(err)
		}
		text := written(t, w, newOutbox(t))["registration_refused"].Plain
		text = strings.Join(strings.Fields(text), " ")
		if !strings.Contains(text, "cannot let you apply") || strings.Contains(text, "This is why") != (reason != "") || !strings.Contains(text, reason) {
			t.Errorf("with reason %q: %s", reason, text)
		}
		w.Exec(`UPDATE letters SET status = 'retracted'`)
	}
}
