package jobs_test

import (
	"strings"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// TestRemindersGoOutAfterTheDeadlineAndOverviewsOnce lets the workers find by
// themselves what is due: what comes after a deadline is sent although it is
// over, and an overview reaches its reader once.
func TestRemindersGoOutAfterTheDeadlineAndOverviewsOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.Submitted(r.Student("Anna", "1.2"))
	r.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, 'assess_by', round_id, wall + interval '14 days', zone, closes_at + interval '14 days'
		FROM deadlines WHERE kind = 'closes'`)
	err := r.Process.ChooseReminders(t.Context(), r.Officer, process.ReminderChoice{Way: process.Daily, Weekday: 1, Hour: 0, Announcements: true, Arrived: r.WhileOpen()})
	if err != nil {
		t.Fatal(err)
	}
	tuesday := time.Date(2027, time.February, 16, 9, 0, 0, 0, time.UTC) // the assessment ended on Sunday night
	r.at(tuesday)
	r.start(t)
	deadline := time.Now().Add(60 * time.Second)
	state := func() string {
		return testkit.One[string](r.World, `SELECT coalesce(string_agg(kind || ' ' || rtrim(status || ' ' || skip_reason), ', ' ORDER BY kind, status), '') FROM letters WHERE cause IN ('reminder', 'digest')`)
	}
	want := "digest skipped nothing_left, remind_coordinator sent, remind_coordinator skipped deadline_over"
	for state() != want && time.Now().Before(deadline) {
		time.Sleep(200 * time.Millisecond)
	}
	if got := state(); got != want {
		t.Fatalf("reminders: %s", got)
	}
	var texts []string
	for _, m := range r.Mails(catcher.Filter{}) {
		if strings.Contains(m.Subject, "Applications to assess") {
			texts = append(texts, m.Text)
		}
	}
	if len(texts) != 1 || !strings.Contains(strings.Join(strings.Fields(texts[0]), " "), "The assessment was to end on Sunday 14 February 2027, 23:59 CET; the results wait for it.") {
		t.Errorf("sent: %q", texts)
	}
}
