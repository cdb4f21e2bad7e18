package process_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

const crowd = 32

// atOnce runs crowd attempts at the same moment and returns how many did it;
// every other one must have been told no in a person's words.
func atOnce(t *testing.T, attempt func(i int) error) int {
	t.Helper()
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	errs := make([]error, crowd)
	for i := range crowd {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			errs[i] = attempt(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
	won := 0
	for _, err := range errs {
		switch mobility.KindOf(err) {
		case mobility.Conflict, mobility.Stale, mobility.NotFound: // a host no longer sees what was cancelled
		default:
			if err != nil {
				t.Errorf("an attempt ended badly: %v", err)
				continue
			}
			won++
		}
	}
	return won
}

// offeredTo brings an application to an offer, confirmedBy to its confirmation.
func offeredTo(w *testkit.World, s mobility.Actor) uuid.UUID {
	id := w.Submitted(s)
	w.Marked(id, "20")
	w.Published(w.AfterClose)
	return id
}

func confirmedBy(w *testkit.World, s mobility.Actor) uuid.UUID {
	id := offeredTo(w, s)
	w.Move(s, id, "confirm", w.AfterClose, process.Given{})
	return id
}

func TestOfManyMovesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	type attempt struct {
		who   func(w *testkit.World, student mobility.Actor) mobility.Actor
		move  string
		given process.Given
		after time.Duration // later than the others arrived
	}
	student := func(_ *testkit.World, s mobility.Actor) mobility.Actor { return s }
	officer := func(w *testkit.World, _ mobility.Actor) mobility.Actor { return w.Officer }
	coordinator := func(w *testkit.World, _ mobility.Actor) mobility.Actor { return w.Coordinator }
	system := func(*testkit.World, mobility.Actor) mobility.Actor { return mobility.Actor{System: true} }
	host := func(w *testkit.World, _ mobility.Actor) mobility.Actor {
		return mobility.Actor{HostLink: uuid.New(), HostInstitution: w.Host}
	}
	completeBy := mobility.Wall(2027, time.February, 20, 12, 0)
	returned := process.Given{Reason: "The letter is missing.", Questions: []string{"motivation"}, CompleteBy: &completeBy}
	for name, c := range map[string]struct {
		to       func(w *testkit.World, s mobility.Actor) uuid.UUID
		late     bool
		attempts []attempt
	}{
		"draft": {to: func(w *testkit.World, s mobility.Actor) uuid.UUID { return w.Draft(s) }, attempts: []attempt{{student, "submit", process.Given{}, 0}}},
		"submitted": {to: func(w *testkit.World, s mobility.Actor) uuid.UUID { return w.Submitted(s) }, attempts: []attempt{
			{student, "withdraw", process.Given{}, 0}, {coordinator, "return", returned, 0}, {coordinator, "declare_ineligible", process.Given{Reason: "Too few credits."}, 0},
		}},
		"offered": {to: offeredTo, late: true, attempts: []attempt{
			{system, "lapse", process.Given{}, 30 * 24 * time.Hour},
			{student, "confirm", process.Given{}, 0},
			{student, "decline", process.Given{}, 0},
			{officer, "withdraw_offer", process.Given{Reason: "Wrong person."}, 0},
		}},
		"confirmed": {to: confirmedBy, late: true, attempts: []attempt{
			{officer, "nominate", process.Given{}, 0}, {student, "withdraw", process.Given{}, 0}, {officer, "withdraw_offer", process.Given{Reason: "Wrong person."}, 0},
		}},
		"nominated": {to: func(w *testkit.World, s mobility.Actor) uuid.UUID {
			id := confirmedBy(w, s)
			w.Move(w.Officer, id, "nominate", w.AfterClose, process.Given{})
			return id
		}, late: true, attempts: []attempt{
			{host, "accept", process.Given{}, 0}, {host, "refuse", process.Given{ReasonCode: "no_place"}, 0}, {officer, "cancel", process.Given{Reason: "Ill."}, 0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := testkit.NewWorld(t, testkit.WorldPlan{})
			anna := w.Student("Anna", "1.5")
			id := c.to(w, anna)
			at := w.WhileOpen()
			if c.late {
				at = w.AfterClose.Add(time.Hour)
			}
			revision := testkit.One[int32](w, `SELECT revision FROM applications WHERE id = $1`, id)
			won := atOnce(t, func(i int) error {
				a := c.attempts[i%len(c.attempts)]
				_, err := w.Process.Move(context.Background(), a.who(w, anna), process.MoveRequest{
					Application: id, Move: a.move, Revision: revision, Arrived: at.Add(a.after), Given: a.given,
				})
				return err
			})
			if won != 1 {
				t.Errorf("%d of %d attempts won, want 1", won, crowd)
			}
			if n := testkit.One[int](w, `SELECT count(*) FROM events WHERE application_id = $1 AND revision > $2`, id, revision); n != 1 {
				t.Errorf("%d lines of history were added, want 1", n)
			}
			verifyClean(context.Background(), t, w)
		})
	}
}

func TestLastPlaceOfASharedPoolGoesOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{0}})
	round, destination := w.AnotherCall()
	ids := make([]uuid.UUID, crowd)
	at := make([]uuid.UUID, crowd)
	for i := range crowd {
		s := w.Student(fmt.Sprint("S", i), "1.5")
		if i%2 == 0 {
			ids[i], at[i] = w.Submitted(s), w.Destinations[0]
		} else {
			ids[i], at[i] = w.DraftIn(round, s, destination), destination
			w.Move(s, ids[i], "submit", w.WhileOpen(), process.Given{})
		}
		w.Marked(ids[i], "20")
	}
	w.Published(w.AfterClose)
	w.PublishedIn(round, w.AfterClose)
	w.Exec(`UPDATE pools SET places = 1`)
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	won := atOnce(t, func(i int) error {
		_, err := w.Process.Move(context.Background(), w.Officer, process.MoveRequest{
			Application: ids[i], Move: "promote_by_hand", Arrived: w.AfterClose.Add(time.Hour),
			Given: process.Given{Reason: "A place was added.", Destination: &at[i], ConfirmBy: &by},
		})
		return err
	})
	if won != 1 {
		t.Errorf("the last place was given %d times", won)
	}
	verifyClean(context.Background(), t, w)
}

func TestPublishingTwicePublishesOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	other := w.Staff("second", mobility.RoleOfficer, w.Home, nil)
	for i := range 5 {
		w.Marked(w.Submitted(w.Student(fmt.Sprint("S", i), "1.5")), "20")
	}
	ctx := context.Background()
	id, err := w.Process.ComputeRanking(ctx, w.Officer, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	hash := testkit.One[string](w, `SELECT result_hash FROM rankings WHERE id = $1`, id)
	won := atOnce(t, func(i int) error {
		who := w.Officer
		if i%2 == 1 {
			who = other
		}
		_, err := w.Process.Publish(ctx, who, process.Publication{Ranking: id, Hash: hash, Arrived: w.AfterClose})
		return err
	})
	if won != 1 {
		t.Errorf("published %d times", won)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM letters WHERE kind IN ('offer', 'reserve')`); n != 5 {
		t.Errorf("%d letters of decision, want 5", n)
	}
	verifyClean(ctx, t, w)
}

// Declines that cross: each frees a place on which others' reserves wait, and
// the reserves are walked at the same time. Nobody is told of a deadlock.
func TestCrossingDeclinesReachNobody(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{crowd / 2, crowd / 2}})
	ctx := context.Background()
	students := make([]mobility.Actor, 2*crowd)
	ids := make([]uuid.UUID, 2*crowd)
	for i := range students {
		students[i] = w.Student(fmt.Sprint("S", i), "1.5")
		first, second := w.Destinations[i%2], w.Destinations[1-i%2]
		ids[i] = w.Submitted(students[i], first, second)
		w.Marked(ids[i], "20")
	}
	w.Published(w.AfterClose)
	var offered []int
	for i := range ids {
		if w.State(ids[i]) == "offered" {
			offered = append(offered, i)
		}
	}
	if len(offered) != crowd {
		t.Fatalf("%d offered, want %d", len(offered), crowd)
	}
	at := w.AfterClose.Add(time.Hour)
	won := atOnce(t, func(i int) error {
		_, err := w.Process.Move(ctx, students[offered[i]], process.MoveRequest{Application: ids[offered[i]], Move: "decline", Arrived: at})
		if err != nil {
			return err
		}
		_, err = w.Process.Promote(ctx, w.Round, at)
		return err
	})
	if won != crowd {
		t.Errorf("%d of %d declines went through", won, crowd)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM applications WHERE state = 'offered'`); n != crowd {
		t.Errorf("%d hold an offer now, want %d: every freed place went on", n, crowd)
	}
	verifyClean(ctx, t, w)
}
