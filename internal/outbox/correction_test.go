package outbox_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/letter"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// rendered is a planned letter of an application in English.
func rendered(t *testing.T, w *testkit.World, o *outbox.Outbox, application uuid.UUID, kind string) (letter.Text, error) {
	t.Helper()
	id := testkit.One[uuid.UUID](w, `SELECT id FROM letters WHERE application_id = $1 AND kind = $2 ORDER BY id DESC LIMIT 1`, application, kind)
	row, err := store.One(store.New().LettersToSend(t.Context(), w.Admin, []uuid.UUID{id}))
	if err != nil {
		t.Fatal(err)
	}
	ref, err := outbox.RefOf(row)
	if err != nil {
		t.Fatal(err)
	}
	ref.Language = "en"
	text, _, err := o.Render(t.Context(), w.Admin, ref)
	text.Plain = strings.Join(strings.Fields(text.Plain), " ") // however its lines break
	return text, err
}

// told makes a letter one that was sent under a subject.
func told(w *testkit.World, application uuid.UUID, kind, subject string) {
	w.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
		SELECT id, person_id, 'x@example.org', $3, 'x', 'x', id || '@x', planned_at FROM letters WHERE application_id = $1 AND kind = $2`, application, kind, subject)
	w.Exec(`UPDATE letters SET status = 'sent', sent_at = planned_at WHERE application_id = $1 AND kind = $2`, application, kind)
}

func TestACorrectionNamesTheLetterItCorrects(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}}), newOutbox(t)
	a, b := w.Submitted(w.Student("Anna", "1.2")), w.Submitted(w.Student("Bert", "2.4"))
	for _, id := range []uuid.UUID{a, b} {
		told(w, id, "receipt", "We have your application")
		w.Move(w.Coordinator, id, "return", w.AfterClose, process.Given{Reason: "The letter is empty.", Questions: []string{"motivation"}, CompleteBy: wall(w.AfterClose.AddDate(0, 0, 3))})
	}
	told(w, a, "returned", "Please complete it")
	for _, id := range []uuid.UUID{a, b} {
		w.Move(w.Coordinator, id, "cancel_return", w.AfterClose, process.Given{Reason: "A mistake."})
	}
	text, err := rendered(t, w, o, a, "correction")
	if err != nil || text.Subject != "Correction: Please complete it" || !strings.Contains(text.Plain, "That letter no longer counts.") {
		t.Errorf("what was told is corrected by %q\n%s\n%v", text.Subject, text.Plain, err)
	}
	text, err = rendered(t, w, o, b, "correction")
	if err != nil || !strings.HasPrefix(text.Subject, "What holds for your application") || strings.Contains(text.Plain, "We have your application") || !strings.Contains(text.Plain, "before our letter about it went out") {
		t.Errorf("what was taken back before it went is corrected by %q\n%s\n%v", text.Subject, text.Plain, err)
	}
	if got := testkit.One[string](w, `SELECT status FROM letters WHERE application_id = $1 AND kind = 'returned'`, b); got != "retracted" {
		t.Errorf("the letter that had not gone is %s", got)
	}

	// Where nothing was planned before, there is nothing to correct.
	w.Exec(`DELETE FROM letters WHERE application_id = $1 AND kind = 'returned'`, b)
	if _, err = rendered(t, w, o, b, "correction"); !errors.As(err, &outbox.Pointless{}) {
		t.Errorf("a correction of nothing: %v", err)
	}
}

func TestALetterOfACorrectingMoveSaysWhichItCorrects(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}}), newOutbox(t)
	a, b := w.Submitted(w.Student("Anna", "1.2")), w.Submitted(w.Student("Bert", "2.4"))
	for _, id := range []uuid.UUID{a, b} {
		w.Move(w.Coordinator, id, "declare_ineligible", w.AfterClose, process.Given{Reason: "Not enrolled."})
	}
	told(w, a, "ineligible", "It does not meet the conditions")
	for _, id := range []uuid.UUID{a, b} {
		w.Move(w.Coordinator, id, "reopen_ineligible", w.AfterClose, process.Given{Reason: "Enrolled after all."})
	}
	const names = `with the subject "It does not meet the conditions", which no longer holds`
	if text, err := rendered(t, w, o, a, "reopened"); err != nil || !strings.Contains(text.Plain, names) {
		t.Errorf("the letter that corrects says\n%s\n%v", text.Plain, err)
	}
	if text, err := rendered(t, w, o, b, "reopened"); err != nil || strings.Contains(text.Plain, "corrects our letter") {
		t.Errorf("the letter after one that never went says\n%s\n%v", text.Plain, err)
	}
}
