package process_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestPlacesCutBelowWhatIsHeldAreOverbookedAndMeltAway(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{3}})
	var ids []uuid.UUID
	var people []mobility.Actor
	for i, name := range []string{"Anna", "Bert", "Cyril", "Dana"} {
		people = append(people, w.Student(name, "1.5"))
		ids = append(ids, w.Submitted(people[i]))
		w.Marked(ids[i], []string{"30", "20", "10", "5"}[i])
	}
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	_, p := changed(t, w, changing(w, at, func(x *process.DestinationTerms) { x.Places = 1 }))
	if p.Overbooked != 2 || p.Count(process.ConcernHolding) != 3 || p.Count(process.ConcernWaiting) != 1 {
		t.Errorf("%+v", p)
	}
	stock := func() string {
		return testkit.One[string](w, `SELECT places || ' + ' || overbooked || ' held ' || held FROM pools`)
	}
	if got := stock(); got != "1 + 2 held 3" {
		t.Errorf("after the cut %s", got)
	}
	if got := testkit.One[string](w, `SELECT rule || ': ' || why FROM overbookings`); got != "partner_cut_places: The partner wrote to us." {
		t.Errorf("recorded %q", got)
	}
	for i, want := range []string{"1 + 1 held 2", "1 + 0 held 1"} {
		w.Move(people[i], ids[i], "decline", at, process.Given{})
		if n, err := w.Process.Promote(t.Context(), w.Round, at.Add(time.Minute)); err != nil || n != 0 {
			t.Errorf("a place the partner took back went to somebody: %d, %v", n, err)
		}
		if got := stock(); got != want {
			t.Errorf("after decline %d: %s, want %s", i+1, got, want)
		}
	}
	w.Move(people[2], ids[2], "decline", at, process.Given{}) // the one that is left goes on by the rule
	if n, err := w.Process.Promote(t.Context(), w.Round, at.Add(time.Minute)); err != nil || n != 1 {
		t.Errorf("promoted %d, %v", n, err)
	}
	verifyClean(t.Context(), t, w)
}

func TestMorePlacesMoveTheReserveUp(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "1.9")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "30")
	w.Marked(b, "20")
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	changed(t, w, changing(w, at, func(x *process.DestinationTerms) { x.Places = 2 }))
	if n := testkit.One[int](w, `SELECT count(*) FROM river_job WHERE kind = 'place_freed'`); n != 1 {
		t.Errorf("%d jobs look at the reserve", n)
	}
	if n, err := w.Process.Promote(t.Context(), w.Round, at); err != nil || n != 1 {
		t.Errorf("promoted %d, %v", n, err)
	}
	if n := testkit.One[int](w, `SELECT places FROM agreements`); n != 2 {
		t.Errorf("the catalogue shows %d places", n)
	}
	verifyClean(t.Context(), t, w)
}

func TestChangedTermsAreTold(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2, 1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	begins, ends := time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 31, 0, 0, 0, 0, time.UTC)
	host, limit := mobility.Wall(2027, time.April, 1, 23, 59), int32(3)
	at := w.AfterClose
	req := changing(w, at, func(x *process.DestinationTerms) {
		x.Language, x.CEFR, x.Begins, x.Ends, x.HostDeadline, x.Limit = "de", "C1", &begins, &ends, &host, &limit
	})
	done, p := changed(t, w, req)
	var what []string
	for _, c := range p.Changes {
		what = append(what, c.What)
	}
	if got := strings.Join(what, " "); got != "language cefr begins ends limit host_deadline" || done.Told != 1 || done.Returned != 0 {
		t.Errorf("changed %s, %+v", got, done)
	}
	expect(t, w, a, "submitted")
	if got := testkit.One[string](w, `SELECT concat_ws(' ', language, cefr, starts_on, nomination_limit) FROM destinations WHERE id = $1`, w.Destinations[0]); got != "de C1 2027-09-01 3" {
		t.Errorf("now %s", got)
	}
	if got := testkit.One[string](w, `SELECT string_agg(kind || ' v' || version, ', ' ORDER BY kind) FROM deadlines WHERE destination_id = $1`, w.Destinations[0]); got != "host_nomination v2, stay_begins v1, stay_ends v1" {
		t.Errorf("deadlines %s", got)
	}
	if letters(w, a, "destination_changed") != 1 {
		t.Error("Anna is not told")
	}
	same := req
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, same); !slices.Contains(fieldsOf(err), "language:destination.nothing_changed") {
		t.Errorf("the same again: %v", err)
	}
	more := req
	more.Terms.Limit, more.ChooseAgain = nil, &again // offices alone go by the limit
	done, _ = changed(t, w, more)
	if done.Told != 0 {
		t.Errorf("told %d of the office's own limit", done.Told)
	}
	verifyClean(t.Context(), t, w)
}

func TestAddedAndBroughtBack(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	a := w.Submitted(w.Student("Anna", "1.2"))
	b := w.Draft(w.Student("Bert", "1.2"))
	agreement := uuid.New()
	w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, nomination_wall, home_agreement_id)
		VALUES ($1, $2, $3, $4, '0421', 6, 2, 10, 'fi', 'B1', 'year', '2027/28', '2027-05-01 12:00', 'NEW')`, agreement, w.Home, w.Faculty, w.Host)
	req := process.DestinationChange{Kind: process.DestinationAdded, Round: w.Round, Agreement: agreement, Tell: true, Arrived: w.WhileOpen()}
	done, p := changed(t, w, req)
	if done.Told != 2 || p.Drafts != 1 || concernOf(p, a) != process.ConcernOpen {
		t.Errorf("%+v, %+v", done, p)
	}
	if letters(w, a, "destination_added") != 1 || letters(w, b, "destination_added") != 1 {
		t.Error("not everybody was told")
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM destination_pools WHERE destination_id = $1`, done.Destination); n != 2 {
		t.Errorf("a stay of a year draws on %d pools", n)
	}
	if got := testkit.One[string](w, `SELECT wall || ' ' || zone FROM deadlines WHERE destination_id = $1`, done.Destination); got != "2027-05-01 12:00:00 Europe/Helsinki" {
		t.Errorf("host's deadline %s", got)
	}
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, req); mobility.CodeOf(err) != "conflict.destination_listed" {
		t.Errorf("added twice: %v", err)
	}
	drop := process.DestinationChange{Kind: process.DestinationDropped, Destination: done.Destination, Reason: "A mistake.", Arrived: w.WhileOpen()}
	changed(t, w, drop)
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, drop); mobility.CodeOf(err) != "conflict.destination_dropped" {
		t.Errorf("dropped twice: %v", err)
	}
	req.Tell = false
	back, p := changed(t, w, req)
	if back.Destination != done.Destination || !p.Restored || back.Told != 0 {
		t.Errorf("%+v, %+v", back, p)
	}
	if got := testkit.One[string](w, `SELECT string_agg(kind, ' ' ORDER BY id) FROM destination_changes`); got != "added dropped restored" {
		t.Errorf("history says %s", got)
	}
	verifyClean(t.Context(), t, w)
}

func TestAddedToAClosedRoundMayBeChosenByWhoIsGivenTime(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	agreement := uuid.New()
	w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id)
		VALUES ($1, $2, $3, $4, '0421', 6, 2, 5, 'en', 'B1', 'spring', '2027/28', 'NEW')`, agreement, w.Home, w.Faculty, w.Host)
	done, _ := changed(t, w, process.DestinationChange{Kind: process.DestinationAdded, Round: w.Round, Agreement: agreement, Tell: true, ChooseAgain: &again, Arrived: w.AfterClose})
	if done.Returned != 1 {
		t.Errorf("%+v", done)
	}
	if _, err := w.Process.SaveDraft(t.Context(), anna, process.DraftSave{Application: a, Revision: 2, Choices: []uuid.UUID{done.Destination}, Arrived: w.AfterClose}); err != nil {
		t.Fatal(err)
	}
	w.Move(anna, a, "complete", w.AfterClose, process.Given{})
	verifyClean(t.Context(), t, w)
}
