package process_test

import (
	"context"
	"testing"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func submitAt(w *testkit.World, at time.Time, late time.Time) error {
	s := w.Student("Anna", "1.5")
	id := w.Draft(s)
	s.LateUntil = late
	_, err := w.Process.Move(context.Background(), s, process.MoveRequest{Application: id, Move: "submit", Arrived: at})
	return err
}

func TestSubmittingEndsWithTheMinute(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		zone   string
		closes mobility.WallMinute
		want   string // first closed instant, in UTC
	}{
		"Prague in winter":              {"Europe/Prague", mobility.Wall(2027, time.January, 31, 23, 59), "2027-01-31T23:00:00Z"},
		"the doubled hour, later holds": {"Europe/Prague", mobility.Wall(2027, time.October, 31, 2, 30), "2027-10-31T01:31:00Z"},
		"the missing hour, after jump":  {"Europe/Prague", mobility.Wall(2027, time.March, 28, 2, 30), "2027-03-28T01:31:00Z"},
		"Lisbon":                        {"Europe/Lisbon", mobility.Wall(2027, time.January, 31, 23, 59), "2027-02-01T00:00:00Z"},
		"Helsinki":                      {"Europe/Helsinki", mobility.Wall(2027, time.January, 31, 23, 59), "2027-01-31T22:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.NewWorld(t, testkit.WorldPlan{Zone: c.zone, Closes: c.closes})
			if got := w.ClosesAt.UTC().Format(time.RFC3339); got != c.want {
				t.Fatalf("closes at %s, want %s", got, c.want)
			}
			if err := submitAt(w, w.ClosesAt.Add(-time.Second), time.Time{}); err != nil {
				t.Errorf("one second before: %v", err)
			}
			for _, late := range []time.Duration{0, time.Second} {
				if err := submitAt(w, w.ClosesAt.Add(late), time.Time{}); mobility.CodeOf(err) != "refusal.closed" {
					t.Errorf("%s after: %v, want refusal.closed", late, err)
				}
			}
		})
	}
}

func TestArrivalInTimeCountsHoweverLongItWaits(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	anna := w.Student("Anna", "1.5")
	id := w.Draft(anna)
	held, err := w.Admin.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Rollback(ctx) }() // else a failure here would wait for itself
	if _, err := held.Exec(ctx, `SELECT 1 FROM applications WHERE id = $1 FOR NO KEY UPDATE`, id); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { // its clock has long passed the deadline when it gets its turn; what counts is when it arrived
		_, err := w.Process.Move(ctx, anna, process.MoveRequest{Application: id, Move: "submit", Arrived: w.ClosesAt.Add(-time.Second)})
		done <- err
	}()
	select {
	case err := <-done:
		t.Fatalf("did not wait for the lock: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	if _, _, err := w.Process.Due(ctx, w.ClosesAt.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := held.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	expect(t, w, id, "submitted")
	verifyClean(ctx, t, w)
}

func TestSignInAskedForInTimeGivesTwentyMinutes(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	until := w.ClosesAt.Add(20 * time.Minute)
	if err := submitAt(w, until.Add(-time.Second), until); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM submissions s JOIN applications a ON a.id = s.application_id WHERE s.late AND a.late`); n != 1 {
		t.Errorf("%d submissions are marked late, want 1", n)
	}
	if err := submitAt(w, until, until); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("after the twenty minutes: %v", err)
	}
}

func TestDraftOutlastsItsDeadlineAndWhoeverIsBeingLetIn(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	id := w.Draft(w.Student("Anna", "1.5"))
	ends := w.ClosesAt.Add(mobility.GraceMost + mobility.Grace)
	until := ends.Add(mobility.LateWindow)
	w.Exec(`INSERT INTO sign_ins (id, email, language, application_id, late_until, expires_at) VALUES (gen_random_uuid(), 'a@home.example', 'en', $1, $2, $2)`, id, until)
	for _, c := range []struct {
		at   time.Time
		want mobility.State
	}{{ends.Add(-time.Second), "draft"}, {until.Add(-time.Second), "draft"}, {until, "lapsed"}} {
		if _, _, err := w.Process.Due(ctx, c.at); err != nil {
			t.Fatal(err)
		}
		expect(t, w, id, c.want)
	}
}

func TestTypedTextIsKeptWhenTheDeadlinePasses(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	anna := w.Student("Anna", "1.5")
	id := w.Draft(anna)
	_, err := w.Process.SaveDraft(ctx, anna, process.DraftSave{
		Application: id, Revision: 2, Answers: mobility.Answers{"motivation": "Typed too late."}, Arrived: w.ClosesAt,
	})
	if mobility.CodeOf(err) != "refusal.closed" {
		t.Fatalf("saving after the deadline: %v", err)
	}
	if _, _, err := w.Process.Due(ctx, w.AfterClose.Add(mobility.GraceMost)); err != nil {
		t.Fatal(err)
	}
	expect(t, w, id, "lapsed")
	if got := testkit.One[string](w, `SELECT answers ->> 'motivation' FROM drafts WHERE application_id = $1`, id); got != "I want to learn." {
		t.Errorf("the working copy holds %q", got)
	}
	verifyClean(ctx, t, w)
}

func TestReturnLetsOnlyItsQuestionsChange(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	ctx := context.Background()
	anna := w.Student("Anna", "1.5")
	id := w.Submitted(anna, w.Destinations[0])
	by := mobility.Wall(2027, time.February, 10, 12, 0)
	w.Move(w.Coordinator, id, "return", w.AfterClose, process.Given{Reason: "Say more.", Questions: []string{"motivation"}, CompleteBy: &by})
	_, err := w.Process.SaveDraft(ctx, anna, process.DraftSave{
		Application: id, Revision: 2, Answers: mobility.Answers{"motivation": "More.", "buddy": "yes"}, Choices: w.Destinations, Arrived: w.AfterClose,
	})
	if err != nil {
		t.Fatal(err)
	}
	got := testkit.One[string](w, `SELECT concat_ws('|', answers ->> 'motivation', answers ->> 'buddy', cardinality(choices)) FROM drafts WHERE application_id = $1`, id)
	if got != "More.|1" {
		t.Errorf("the draft holds %q, want only the named question changed", got)
	}
	w.Move(anna, id, "complete", w.AfterClose.Add(time.Hour), process.Given{})
	expect(t, w, id, "submitted")
	verifyClean(ctx, t, w)
}
