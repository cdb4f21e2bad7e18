package process_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestWholeWayFromDraftToCompleted(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	ctx := context.Background()
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.4")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "28")
	w.Marked(b, "20,5")
	w.Published(w.AfterClose)
	expect(t, w, a, "offered")
	expect(t, w, b, "reserve")

	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	link := testkit.One[uuid.UUID](w, `SELECT id FROM host_links`)
	host := mobility.Actor{HostLink: link, HostInstitution: w.Host}
	w.Move(host, a, "refuse", at, process.Given{ReasonCode: "no_place", Comment: "Full, sorry."})
	expect(t, w, a, "to_place")

	w.Move(w.Officer, a, "nominate_again", at, process.Given{Reason: "The host found a place.", Destination: &w.Destinations[0]})
	w.Move(host, a, "accept", at, process.Given{})
	arrival := at.AddDate(0, 7, 0)
	w.Move(w.Officer, a, "enrol", arrival, process.Given{Arrival: &arrival})
	w.Move(w.Officer, a, "finish", arrival.AddDate(0, 5, 0), process.Given{End: &arrival})
	expect(t, w, a, "completed")
	verifyClean(ctx, t, w)
}

func TestDeclinedPlaceGoesDownTheReserve(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.4")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "28")
	w.Marked(b, "20")
	w.Published(w.AfterClose)
	w.Move(anna, a, "decline", w.AfterClose.Add(time.Hour), process.Given{})
	n, err := w.Process.Promote(context.Background(), w.Round, w.AfterClose.Add(2*time.Hour))
	if err != nil || n != 1 {
		t.Fatalf("promoted %d, %v", n, err)
	}
	expect(t, w, b, "offered")
	verifyClean(context.Background(), t, w)
}

func TestSilenceLapsesAndOnlyThen(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	a := w.Submitted(w.Student("Anna", "1.2"))
	w.Marked(a, "28")
	w.Published(w.AfterClose)
	closes := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines WHERE kind = 'confirm_by'`)
	for _, c := range []struct {
		at   time.Time
		want mobility.State
	}{{closes.Add(mobility.Grace - time.Second), "offered"}, {closes.Add(mobility.Grace), "lapsed"}} {
		if _, _, err := w.Process.Due(ctx, c.at); err != nil {
			t.Fatal(err)
		}
		expect(t, w, a, c.want)
	}
	verifyClean(ctx, t, w)
}

func expect(t *testing.T, w *testkit.World, id uuid.UUID, want mobility.State) {
	t.Helper()
	if got := w.State(id); got != want {
		t.Errorf("application is %s, want %s", got, want)
	}
}

func verifyClean(ctx context.Context, t *testing.T, w *testkit.World) {
	t.Helper()
	broken, err := process.Verify(ctx, w.Admin)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range broken {
		t.Errorf("%s: %v", v.Rule, v.Rows)
	}
}
