package outbox_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// TestAnOverviewSaysWhatWaitsForItsReader: what waits for one is not what
// waits for another, and nothing is sent where nothing waits.
func TestAnOverviewSaysWhatWaitsForItsReader(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}}), newOutbox(t)
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.4")
	a := w.Submitted(anna)
	w.Submitted(bert)
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, 'assess_by', round_id, wall + interval '14 days', zone, closes_at + interval '14 days'
		FROM deadlines WHERE kind = 'closes'`)
	clock := func(at time.Time) { w.Exec(`UPDATE installation SET clock_offset = $1::timestamptz - now()`, at) }
	back := func() { w.Exec(`UPDATE installation SET clock_offset = '0'`) } // processes are told when they happen
	for _, who := range []mobility.Actor{w.Coordinator, w.OtherCoordinator, w.Officer} {
		err := w.Process.ChooseReminders(t.Context(), who, process.ReminderChoice{Way: process.Weekly, Weekday: 3, Hour: 9, Arrived: w.WhileOpen()})
		if err != nil {
			t.Fatal(err)
		}
	}
	read := func(who mobility.Actor, lang string) string {
		t.Helper()
		at := testkit.One[time.Time](w, `SELECT business_now()`)
		text, to, err := o.Render(t.Context(), w.Admin, outbox.Ref{
			Kind: "digest", Language: lang, Recipient: "person", Institution: w.Home, Person: &who.Person, Data: outbox.Data{Due: &at}, At: at,
		})
		var pointless outbox.Pointless
		if errors.As(err, &pointless) {
			return pointless.Reason
		}
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(to.Email, "@") {
			t.Errorf("goes to %+v", to)
		}
		return strings.Join(strings.Fields(text.Plain), " ")
	}
	has := func(who mobility.Actor, lang, want string) {
		t.Helper()
		if got := read(who, lang); !strings.Contains(got, want) {
			t.Errorf("it does not say %q:\n%s", want, got)
		}
	}

	clock(w.AfterClose.Add(time.Hour))
	has(w.Coordinator, "en", "Study stays: 2 applications to assess, by Sunday 14 February 2027, 23:59 CET")
	has(w.Coordinator, "cs", "Study stays: 2 přihlášky k hodnocení, termín ne 14. února 2027 ve 23:59 SEČ")
	has(w.OtherCoordinator, "en", "nothing_left")
	has(w.Officer, "en", "nothing_left")

	back()
	w.Marked(a, "20")
	clock(w.AfterClose.Add(time.Hour))
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) SELECT gen_random_uuid(), institution_id, id, $1, 'declared', now() FROM applications WHERE person_id = $2`, w.Coordinator.Person, bert.Person)
	has(w.Coordinator, "en", "nothing_left")
	w.Exec(`DELETE FROM conflicts`)

	back()
	w.Marked(testkit.One[uuid.UUID](w, `SELECT id FROM applications WHERE person_id = $1`, bert.Person), "18")
	w.Published(w.AfterClose.Add(2 * time.Hour))
	w.Move(anna, a, "confirm", w.AfterClose.Add(3*time.Hour), process.Given{})
	clock(w.HostClosesAt.AddDate(0, 0, -15))
	has(w.Officer, "en", "nothing_left")
	clock(w.HostClosesAt.AddDate(0, 0, -13))
	has(w.Officer, "en", "1 confirmed student to nominate (Host University), by Thursday 15 April 2027, 23:59 EEST")
	back()
	w.Move(w.Officer, a, "nominate", w.AfterClose.Add(4*time.Hour), process.Given{})
	clock(w.AfterClose.Add(5 * time.Hour))
	w.Exec(`UPDATE deadlines SET closes_at = business_now() - interval '1 hour' WHERE kind = 'host_answer'`)
	has(w.Officer, "en", "1 nomination without an answer in time (Host University)")
	has(w.Officer, "cs", "1 nominace bez včasné odpovědi (Host University)")

	w.Exec(`UPDATE reminder_choices SET way = 'none'`)
	has(w.Officer, "en", "not_wanted")
}

// TestALateReminderSaysSo looks at one that went in time, one that is late, and
// one that could not have gone earlier.
func TestALateReminderSaysSo(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{}), newOutbox(t)
	anna := w.Student("Anna", "1.2")
	w.Draft(anna)
	if _, _, err := w.Process.Due(t.Context(), w.ClosesAt.Add(-19*time.Hour)); err != nil {
		t.Fatal(err)
	}
	text := written(t, w, o)["remind_draft"]
	want := "This reminder should have reached you on Sunday 31 January 2027, 00:00 CET."
	if got := strings.Join(strings.Fields(text.Plain), " "); !strings.Contains(got, want) {
		t.Errorf("five hours late, it does not say %q:\n%s", want, got)
	}
	if err := w.Process.ChooseZone(t.Context(), anna, "Asia/Tokyo", w.WhileOpen()); err != nil {
		t.Fatal(err)
	}
	want = "This reminder should have reached you on Sunday 31 January 2027, 08:00 JST."
	if got := strings.Join(strings.Fields(written(t, w, o)["remind_draft"].Plain), " "); !strings.Contains(got, want) {
		t.Errorf("in Tokyo it does not say %q:\n%s", want, got)
	}
	w.Exec(`UPDATE letters SET planned_at = (data ->> 'due')::timestamptz + interval '20 seconds' WHERE kind = 'remind_draft'`)
	if text := written(t, w, o)["remind_draft"]; strings.Contains(text.Plain, "should have") {
		t.Errorf("in time, it apologizes:\n%s", text.Plain)
	}
	w.Exec(`UPDATE letters SET planned_at = $1, data = data || '{"moved": true}' WHERE kind = 'remind_draft'`, w.ClosesAt.Add(-19*time.Hour))
	if text := written(t, w, o)["remind_draft"]; strings.Contains(text.Plain, "should have") {
		t.Errorf("the deadline was moved, it apologizes:\n%s", text.Plain)
	}
}
