package process_test

import (
	"testing"
	"time"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// A call with a provisional list may take appeals against the final one as
// well: then a window of its own opens, and nobody has less of it.
func TestTheFinalListHasAWindowOfItsOwn(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	l.Exec(`UPDATE calls SET appeal_days = 3`)
	_, provisional := l.provisional(t)
	l.Exec(`INSERT INTO deadlines (id, institution_id, kind, application_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, 'appeal', $1, wall, zone, closes_at FROM deadlines WHERE kind = 'appeal'`, l.b)
	final := provisional.Add(time.Hour)
	appeal := func(at time.Time) error {
		_, err := l.Process.FileAppeal(t.Context(), l.bert, process.NewAppeal{Application: l.b, Reason: "My letter earned more.", Arrived: at})
		return err
	}
	refusedBy(t, appeal(final), "refusal.appeal_window_closed")
	if _, err := l.Process.Publish(t.Context(), l.Officer, l.draft(final)); err != nil {
		t.Fatal(err)
	}
	closes := testkit.One[time.Time](l.World, `SELECT min(closes_at) FROM deadlines WHERE kind = 'appeal'`)
	if closes.Before(final.Add(48 * time.Hour)) {
		t.Errorf("the window against the final list closes at %s, told at %s", closes, final)
	}
	refusedBy(t, appeal(closes), "refusal.appeal_window_closed")
	refusedBy(t, appeal(closes.Add(-time.Second)), "")
	verifyClean(t.Context(), t, l.World)
}

// Where nothing is declared for it, the final list opens no window.
func TestTheFinalListOpensNoWindowUndeclared(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	_, provisional := l.provisional(t)
	final := provisional.Add(time.Hour)
	if _, err := l.Process.Publish(t.Context(), l.Officer, l.draft(final)); err != nil {
		t.Fatal(err)
	}
	_, err := l.Process.FileAppeal(t.Context(), l.bert, process.NewAppeal{Application: l.b, Reason: "My letter earned more.", Arrived: final})
	refusedBy(t, err, "refusal.appeal_window_closed")
}
