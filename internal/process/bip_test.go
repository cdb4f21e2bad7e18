package process_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// Where the host selects, more may be proposed than there are places; a place
// is held from the host's yes, and the last one goes once.
func TestWhereTheHostSelectsThePlaceIsHeldFromItsYes(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Lifecycle: "bip", SelectedBy: "host", Places: []int{2}})
	ctx := context.Background()
	at := w.AfterClose.Add(time.Hour)
	ids := make([]uuid.UUID, crowd)
	for i := range ids {
		ids[i] = w.Submitted(w.Student(fmt.Sprint("S", i), "1.5"))
		w.Move(w.Officer, ids[i], "propose", at, process.Given{})
	}
	if held := testkit.One[int](w, `SELECT held FROM pools`); held != 0 {
		t.Fatalf("%d places are held before the host answered", held)
	}
	host := mobility.Actor{HostLink: uuid.New(), HostInstitution: w.Host}
	won := atOnce(t, func(i int) error {
		_, err := w.Process.Move(ctx, host, process.MoveRequest{Application: ids[i], Move: "accept", Arrived: at})
		return err
	})
	if won != 2 {
		t.Errorf("the host accepted %d for 2 places", won)
	}
	verifyClean(ctx, t, w)
}

func TestNominationLimitOfTheHostHolds(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Lifecycle: "bip", SelectedBy: "host", Places: []int{2}})
	w.Exec(`UPDATE destinations SET nomination_limit = 1`)
	at := w.AfterClose.Add(time.Hour)
	a, b := w.Submitted(w.Student("Anna", "1.5")), w.Submitted(w.Student("Bert", "1.5"))
	w.Move(w.Officer, a, "propose", at, process.Given{})
	_, err := w.Process.Move(context.Background(), w.Officer, process.MoveRequest{Application: b, Move: "propose", Arrived: at})
	if mobility.CodeOf(err) != "refusal.nomination_limit" {
		t.Errorf("a second proposal: %v", err)
	}
}
