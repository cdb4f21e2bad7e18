package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// A place that was held back is not offered once its destination is gone: the
// officer is told, and the result stays held back until it is there again.
func TestAHeldPlaceIsNotOfferedWhereTheDestinationIsGone(t *testing.T) {
	t.Parallel()
	w, _, _, a, b := ranked(t)
	if err := w.Process.HoldBack(t.Context(), w.Officer, a, "The certificate is checked.", w.AfterClose); err != nil {
		t.Fatal(err)
	}
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	req := dropping(w, at)
	req.ChooseAgain = nil
	changed(t, w, req)
	before := w.State(a)
	if err := w.Process.ReleaseHeld(t.Context(), w.Officer, a, at); mobility.CodeOf(err) != "refusal.held_place_dropped" {
		t.Fatalf("the release of a place that is gone: %v", err)
	}
	held := testkit.One[bool](w, `SELECT held_back <> '' FROM applications WHERE id = $1`, a)
	if offers := testkit.One[int](w, `SELECT count(*) FROM offers`); w.State(a) != before || !held || offers != 0 {
		t.Errorf("%s, held back %t, %d offers", w.State(a), held, offers)
	}
	back := process.DestinationChange{Kind: process.DestinationAdded, Round: w.Round, Agreement: testkit.One[uuid.UUID](w, `SELECT agreement_id FROM destinations`), Arrived: at}
	changed(t, w, back)
	if err := w.Process.ReleaseHeld(t.Context(), w.Officer, a, at); err != nil {
		t.Fatal(err)
	}
	if w.State(a) != "offered" || w.State(b) != "reserve" {
		t.Errorf("%s and %s", w.State(a), w.State(b))
	}
	verifyClean(t.Context(), t, w)
}
