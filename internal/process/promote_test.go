package process_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// promoted looks at the reserve and says how many were offered a place.
func (f *fair) promoted(at time.Time) int {
	f.T.Helper()
	n, err := f.Process.Promote(f.T.Context(), f.Round, at)
	if err != nil {
		f.T.Fatal(err)
	}
	return n
}

func TestAFreedPlaceGoesToWhoWantsItMoreThanWhatTheyHold(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, upgrades: until_confirmed}", 1, 1)
	ids := map[string]uuid.UUID{}
	anna, a := f.applies("Anna", "1.0", "30", nil, f.places...)
	_, ids["Boris"] = f.applies("Boris", "1.0", "20", nil, f.places...)
	_, ids["Cyril"] = f.applies("Cyril", "1.0", "10", nil, f.places...)
	f.Published(f.AfterClose)
	f.Move(anna, a, "decline", f.AfterClose.Add(time.Hour), process.Given{})
	if n := f.promoted(f.AfterClose.Add(2 * time.Hour)); n != 2 {
		t.Errorf("%d moved", n)
	}
	wantAll(t, f.got(ids), map[string]string{"Boris": "1", "Cyril": "2"})
	if got := testkit.One[string](f.World, `SELECT string_agg(status, ' ' ORDER BY made_at, status) FROM offers WHERE application_id = $1`, ids["Boris"]); got != "withdrawn open" {
		t.Errorf("Boris's offers are %s", got)
	}
	if n := testkit.One[int](f.World, `SELECT count(*) FROM letters WHERE kind = 'offer' AND application_id = $1 AND data ->> 'from' = $2`, ids["Boris"], f.places[1].String()); n != 1 {
		t.Errorf("%d letters say what ends", n)
	}
	verifyClean(t.Context(), t, f.World)
}

func TestAConfirmedPlaceIsNeverMoved(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, upgrades: until_confirmed}", 1, 1)
	anna, a := f.applies("Anna", "1.0", "30", nil, f.places...)
	boris, b := f.applies("Boris", "1.0", "20", nil, f.places...)
	f.Published(f.AfterClose)
	f.Move(boris, b, "confirm", f.AfterClose.Add(time.Hour), process.Given{})
	f.Move(anna, a, "decline", f.AfterClose.Add(2*time.Hour), process.Given{})
	if n := f.promoted(f.AfterClose.Add(3 * time.Hour)); n != 0 {
		t.Errorf("%d moved", n)
	}
	wantAll(t, f.got(map[string]uuid.UUID{"Boris": b}), map[string]string{"Boris": "2"})
	verifyClean(t.Context(), t, f.World)
}

func TestWhoDeclinesWaitsBehindThoseNeverOffered(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, reserve: {second_class: true}}", 1, 1)
	ids := map[string]uuid.UUID{}
	anna, a := f.applies("Anna", "1.0", "30", nil, f.places...)
	boris, b := f.applies("Boris", "1.0", "20", nil, f.places[1])
	ids["Anna"], ids["Boris"] = a, b
	_, ids["Cyril"] = f.applies("Cyril", "1.0", "10", nil, f.places[1])
	f.Published(f.AfterClose)
	at := f.AfterClose
	f.Move(anna, a, "decline", at.Add(time.Hour), process.Given{})
	wantAll(t, f.got(ids), map[string]string{"Anna": "reserve", "Boris": "2", "Cyril": "reserve"})
	f.Move(boris, b, "decline", at.Add(2*time.Hour), process.Given{})
	f.promoted(at.Add(3 * time.Hour))
	wantAll(t, f.got(ids), map[string]string{"Anna": "reserve", "Boris": "declined", "Cyril": "2"}) // Boris has nothing else to wait for
	if n := testkit.One[int](f.World, `SELECT count(*) FROM offers WHERE application_id = $1 AND destination_id = $2`, a, f.places[0]); n != 1 {
		t.Errorf("what was declined was offered again: %d offers", n)
	}
	verifyClean(t.Context(), t, f.World)
}

func TestOneReserveOffersWhatWasNeverAskedForToTheBestRanked(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, reserve: {per: overall}}", 1, 1)
	ids := map[string]uuid.UUID{}
	anna, a := f.applies("Anna", "1.0", "30", nil, f.places[1])
	_, ids["Boris"] = f.applies("Boris", "1.0", "20", nil, f.places[0])
	_, ids["Cyril"] = f.applies("Cyril", "1.0", "10", nil, f.places[0]) // never asked for the other
	_, ids["Dana"] = f.applies("Dana", "1.0", "5", nil, f.places[1], f.places[0])
	f.Published(f.AfterClose)
	f.Move(anna, a, "decline", f.AfterClose.Add(time.Hour), process.Given{})
	if n := f.promoted(f.AfterClose.Add(2 * time.Hour)); n != 1 {
		t.Errorf("%d moved", n)
	}
	wantAll(t, f.got(ids), map[string]string{"Boris": "1", "Cyril": "2", "Dana": "reserve"})
	verifyClean(t.Context(), t, f.World)
}

// Two calls draw on one stock of places; everybody declines at once, and the
// reserves of both are looked at all the while.
func TestPromotionsUnderLoad(t *testing.T) {
	t.Parallel()
	const placed, waiting = 4, 6
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{placed}})
	w.Rules(`{"upgrades": "until_confirmed"}`)
	other, there := w.AnotherCall()
	at := w.AfterClose.Add(time.Hour)
	var acts []func() error
	for round, destination := range map[uuid.UUID]uuid.UUID{w.Round: w.Destinations[0], other: there} {
		for i := range placed + waiting {
			who := w.Student("S", "1.5")
			id := w.DraftIn(round, who, destination)
			w.Move(who, id, "submit", w.WhileOpen(), process.Given{})
			w.Marked(id, strconv.Itoa(30-i))
			if i < placed {
				acts = append(acts, func() error {
					_, err := w.Process.Move(t.Context(), who, process.MoveRequest{Application: id, Move: "decline", Arrived: at})
					return err
				})
			}
		}
	}
	w.Published(w.AfterClose)
	w.Exec(`UPDATE pools SET places = $1`, 2*placed)
	w.PublishedIn(other, w.AfterClose)
	promote := func() error {
		_, err := w.Process.Promote(t.Context(), w.Round, at)
		_, err2 := w.Process.Promote(t.Context(), other, at)
		return errors.Join(err, err2)
	}
	for range len(acts) {
		acts = append(acts, promote)
	}
	failures := make(chan error, len(acts))
	for _, act := range acts {
		go func() { failures <- act() }()
	}
	for range acts {
		if err := <-failures; err != nil {
			t.Error(err)
		}
	}
	if err := promote(); err != nil {
		t.Fatal(err)
	}
	if free := testkit.One[int](w, `SELECT free FROM pool_places WHERE pool_id = $1`, w.Pools[0]); free != 0 {
		t.Errorf("%d places are left while people wait", free)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM offers WHERE status = 'open'`); n != 2*placed {
		t.Errorf("%d offers", n)
	}
	verifyClean(t.Context(), t, w)
}
