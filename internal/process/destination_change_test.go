package process_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// again is when those who chose a dropped destination have chosen anew.
var again = mobility.Wall(2027, time.February, 20, 12, 0)

func dropping(w *testkit.World, at time.Time) process.DestinationChange {
	return process.DestinationChange{
		Kind: process.DestinationDropped, Destination: w.Destinations[0], Reason: "The partner withdrew.", ChooseAgain: &again, Arrived: at,
	}
}

// terms are those a destination has.
func terms(w *testkit.World, at uuid.UUID) process.DestinationTerms {
	return process.DestinationTerms{
		Language: "en", CEFR: "B2", Places: int32(testkit.One[int](w, `SELECT min(p.places) FROM destination_pools d JOIN pools p ON p.id = d.pool_id WHERE d.destination_id = $1`, at)),
	}
}

func changing(w *testkit.World, at time.Time, change func(*process.DestinationTerms)) process.DestinationChange {
	t := terms(w, w.Destinations[0])
	change(&t)
	return process.DestinationChange{Kind: process.DestinationChanged, Destination: w.Destinations[0], Terms: t, Reason: "The partner wrote to us.", Arrived: at}
}

// previewed fills in the hash of the preview.
func previewed(t *testing.T, w *testkit.World, req process.DestinationChange) (process.DestinationChange, process.DestinationPreview) {
	t.Helper()
	p, err := w.Process.PreviewDestination(t.Context(), w.Officer, req)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	req.Hash = p.Hash
	return req, p
}

func changed(t *testing.T, w *testkit.World, req process.DestinationChange) (process.DestinationDone, process.DestinationPreview) {
	t.Helper()
	req, p := previewed(t, w, req)
	done, err := w.Process.ChangeDestination(t.Context(), w.Officer, req)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return done, p
}

// letters counts what was planned about an application, by kind.
func letters(w *testkit.World, id uuid.UUID, kind string) int {
	return testkit.One[int](w, `SELECT count(*) FROM letters WHERE application_id = $1 AND kind = $2 AND status = 'planned'`, id, kind)
}

func concernOf(p process.DestinationPreview, id uuid.UUID) process.Concern {
	i := slices.IndexFunc(p.People, func(x process.Concerned) bool { return x.Application == id })
	if i < 0 {
		return ""
	}
	return p.People[i].Concern
}

func TestDroppedInAnOpenRoundIsChosenAgainUntilItCloses(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, bert, cyril := w.Student("Anna", "1.2"), w.Student("Bert", "1.5"), w.Student("Cyril", "1.7")
	a, b, c := w.Submitted(anna), w.Draft(bert, w.Destinations[1], w.Destinations[0]), w.Submitted(cyril, w.Destinations[1])
	req := dropping(w, w.WhileOpen())
	req.ChooseAgain = nil
	done, p := changed(t, w, req)
	if concernOf(p, a) != process.ConcernOpen || concernOf(p, b) != "" || concernOf(p, c) != "" || p.Drafts != 1 || done.Told != 2 || done.Returned != 0 {
		t.Errorf("%+v, %+v", p, done)
	}
	if p.People[0].Position != 1 || p.Until == nil || !p.Until.Equal(w.ClosesAt) {
		t.Errorf("people %+v until %v", p.People, p.Until)
	}
	for id, want := range map[uuid.UUID]int{a: 1, b: 1, c: 0} {
		if n := letters(w, id, "destination_dropped"); n != want {
			t.Errorf("%d letters to %s, want %d", n, id, want)
		}
	}
	expect(t, w, a, "submitted")
	_, err := w.Process.Move(t.Context(), bert, process.MoveRequest{Application: b, Move: "submit", Arrived: w.WhileOpen()})
	if fields := fieldsOf(err); !slices.Contains(fields, "choices:field.destination_dropped") {
		t.Errorf("submitting a dropped destination: %v", fields)
	}
	if _, err := w.Process.SaveDraft(t.Context(), bert, process.DraftSave{Application: b, Revision: 2, Choices: w.Destinations[1:], Arrived: w.WhileOpen()}); err != nil {
		t.Fatal(err)
	}
	w.Move(bert, b, "submit", w.WhileOpen(), process.Given{})
	if got := testkit.One[string](w, `SELECT kind || ' ' || told || ' ' || returned FROM destination_changes`); got != "dropped 2 0" {
		t.Errorf("history says %q", got)
	}
	verifyClean(t.Context(), t, w)
}

func TestDroppedInAClosedRoundGivesTheChoicesBack(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, bert, cyril := w.Student("Anna", "1.2"), w.Student("Bert", "1.5"), w.Student("Cyril", "1.7")
	a, b, c := w.Submitted(anna), w.Submitted(bert, w.Destinations[0]), w.Submitted(cyril, w.Destinations[1])
	at := w.AfterClose
	req := dropping(w, at)
	req.ChooseAgain = nil
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, req); !slices.Contains(fieldsOf(err), "choose_again:invalid.required") {
		t.Errorf("without a time to choose again: %v", err)
	}
	done, p := changed(t, w, dropping(w, at))
	if done.Told != 2 || done.Returned != 2 || p.Count(process.ConcernReturned) != 2 {
		t.Errorf("%+v, %+v", done, p)
	}
	expect(t, w, a, "returned")
	expect(t, w, b, "returned")
	expect(t, w, c, "submitted")
	if letters(w, a, "destination_dropped") != 1 || letters(w, a, "returned") != 0 {
		t.Error("want one letter that says it all")
	}
	_, err := w.Process.SaveDraft(t.Context(), anna, process.DraftSave{
		Application: a, Revision: 2, Choices: w.Destinations[1:], Answers: mobility.Answers{"motivation": "Another one."}, Arrived: at,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[string](w, `SELECT answers ->> 'motivation' || ' ' || cardinality(choices) FROM drafts WHERE application_id = $1`, a); got != "I want to learn. 1" {
		t.Errorf("the draft holds %q: only choices may change", got)
	}
	w.Move(anna, a, "complete", at.Add(time.Hour), process.Given{})
	until := mobility.ClosesAt(again, mustZone(t, "Europe/Prague"))
	if _, _, err := w.Process.Due(t.Context(), until.Add(mobility.Grace)); err != nil {
		t.Fatal(err)
	}
	expect(t, w, b, "submitted") // judged as it stands
	for _, id := range []uuid.UUID{a, b, c} {
		w.Marked(id, "20")
	}
	w.Published(until.Add(time.Hour))
	expect(t, w, b, "not_selected")
	if got := testkit.One[string](w, `SELECT outcome || ' ' || (data ->> 'gate') FROM choice_outcomes WHERE application_id = $1`, b); got != "gated "+process.GateDestinationDropped {
		t.Errorf("Bert's wish is %q", got)
	}
	verifyClean(t.Context(), t, w)
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestWhoeverIsReturnedAlreadyGetsTheChoicesAsWell(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	later := mobility.Wall(2027, time.March, 1, 12, 0)
	w.Move(w.Officer, a, "return", w.AfterClose, process.Given{Reason: "Say more.", Questions: []string{"motivation"}, CompleteBy: &later})
	done, _ := changed(t, w, dropping(w, w.AfterClose))
	if done.Returned != 1 {
		t.Errorf("%+v", done)
	}
	expect(t, w, a, "returned")
	st, err := w.Process.Standing(t.Context(), anna, a, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(st.EditOnly, "motivation") || !slices.Contains(st.EditOnly, "choices") {
		t.Errorf("open to change: %v", st.EditOnly)
	}
	if got := st.Deadlines["complete_by"].Wall; got != later {
		t.Errorf("complete by %v: an earlier time was taken away", got)
	}
	verifyClean(t.Context(), t, w)
}

func TestNobodyLosesAnOfferByADroppedDestination(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, bert, cyril := w.Student("Anna", "1.2"), w.Student("Bert", "1.9"), w.Student("Cyril", "2.5")
	a, b, c := w.Submitted(anna, w.Destinations[0]), w.Submitted(bert, w.Destinations[0]), w.Submitted(cyril, w.Destinations[0], w.Destinations[1])
	for id, points := range map[uuid.UUID]string{a: "30", b: "20", c: "10"} {
		w.Marked(id, points)
	}
	w.Published(w.AfterClose)
	expect(t, w, c, "offered") // the second choice
	at := w.AfterClose.Add(time.Hour)
	req := dropping(w, at)
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, req); !slices.Contains(fieldsOf(err), "choose_again:destination.too_late_to_choose") {
		t.Errorf("choosing again after publication: %v", err)
	}
	req.ChooseAgain = nil
	done, p := changed(t, w, req)
	if concernOf(p, a) != process.ConcernHolding || concernOf(p, b) != process.ConcernWaiting || concernOf(p, c) != process.ConcernNone || done.Told != 2 {
		t.Errorf("%+v, %+v", p.People, done)
	}
	expect(t, w, a, "offered")
	expect(t, w, b, "reserve")
	if n := testkit.One[int](w, `SELECT count(*) FROM reserve_places WHERE destination_id = $1 AND ended_at IS NULL`, w.Destinations[0]); n != 0 {
		t.Errorf("%d still wait there", n)
	}
	w.Move(anna, a, "decline", at, process.Given{})
	if n, err := w.Process.Promote(t.Context(), w.Round, at.Add(time.Minute)); err != nil || n != 0 {
		t.Errorf("promoted %d to a destination that is gone, %v", n, err)
	}
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	_, err := w.Process.Move(t.Context(), w.Officer, process.MoveRequest{
		Application: b, Move: "promote_by_hand", Arrived: at, Given: process.Given{Reason: "x", Destination: &w.Destinations[0], ConfirmBy: &by},
	})
	if !slices.Contains(fieldsOf(err), "destination:field.destination_gone") {
		t.Errorf("offering it by hand: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

func TestADraftRankingIsStaleOnceADestinationIsDropped(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	w.Marked(a, "20")
	run, err := w.Process.ComputeRanking(t.Context(), w.Officer, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	changed(t, w, dropping(w, w.AfterClose))
	w.Move(w.Officer, a, "cancel_return", w.AfterClose, process.Given{Reason: "Judged as it stands."})
	hash := testkit.One[string](w, `SELECT result_hash FROM rankings WHERE id = $1`, run)
	_, err = w.Process.Publish(t.Context(), w.Officer, process.Publication{Ranking: run, Hash: hash, Arrived: w.AfterClose})
	if mobility.CodeOf(err) != "conflict.inputs_changed" {
		t.Errorf("published all the same: %v", err)
	}
}

func TestAStalePreviewIsRefused(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	w.Submitted(w.Student("Anna", "1.2"))
	req := dropping(w, w.WhileOpen())
	req.ChooseAgain = nil
	for what, happens := range map[string]func(){
		"somebody else chose it":        func() { w.Submitted(w.Student("Bert", "1.2")) },
		"somebody put it on their list": func() { w.Draft(w.Student("Cyril", "1.2")) },
		"places were overbooked": func() {
			w.Exec(`INSERT INTO overbookings (id, institution_id, pool_id, number, rule, why, at) VALUES (gen_random_uuid(), $1, $2, 1, 'host_consent', 'x', now())`, w.Home, w.Pools[0])
		},
		"it was changed": func() { w.Exec(`UPDATE destinations SET cefr = 'C1' WHERE id = $1`, w.Destinations[0]) },
	} {
		asked, _ := previewed(t, w, req)
		happens()
		if _, err := w.Process.ChangeDestination(t.Context(), w.Officer, asked); mobility.CodeOf(err) != "conflict.destination_preview" {
			t.Errorf("%s: %v", what, err)
		}
	}
	asked, _ := previewed(t, w, req)
	asked.Reason = "Another one."
	if _, err := w.Process.ChangeDestination(t.Context(), w.Officer, asked); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("another reason than the one previewed: %v", err)
	}
}

func TestWhoMayChangeADestination(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	aunt := w.Staff("aunt", mobility.RoleOfficer, w.Home, nil)
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, w.Home, a, aunt.Person)
	req := dropping(w, w.AfterClose)
	for name, c := range map[string]struct {
		actor mobility.Actor
		code  string
	}{
		"an officer":           {w.Officer, ""},
		"a barred officer":     {aunt, "refusal.colleague_changes"},
		"an administrator":     {w.Administrator, "refusal.not_your_office"},
		"a coordinator":        {w.Coordinator, "refusal.not_your_office"},
		"the applicant":        {anna, "refusal.not_your_office"},
		"an officer elsewhere": {w.ForeignOfficer, "refusal.not_your_office"},
	} {
		p, err := w.Process.PreviewDestination(t.Context(), c.actor, req)
		if mobility.CodeOf(err) != c.code || (err != nil) != (len(p.People) == 0) {
			t.Errorf("%s: %v, %d people", name, err, len(p.People))
		}
		if _, err := w.Process.ChangeDestination(t.Context(), c.actor, req); err == nil {
			t.Errorf("%s changed it without a preview", name)
		}
	}
	w.Marked(a, "20")
	w.Published(w.AfterClose)
	req.ChooseAgain = nil
	p, err := w.Process.PreviewDestination(t.Context(), aunt, req) // now a matter of the office; whose file it is stays hidden
	if err != nil || len(p.People) != 0 || p.Unseen != 1 {
		t.Errorf("after publication: %v, %+v", err, p)
	}
}

func TestWhoReadsWhyADestinationChanged(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, stranger := w.Student("Anna", "1.2"), w.Student("Bert", "1.2")
	w.Submitted(anna)
	req := dropping(w, w.WhileOpen())
	req.ChooseAgain = nil
	changed(t, w, req)
	for name, c := range map[string]struct {
		actor mobility.Actor
		want  int
	}{"the applicant": {anna, 1}, "the house": {w.Coordinator, 1}, "a stranger": {stranger, 0}, "another house": {w.ForeignOfficer, 0}, "everybody": {mobility.Actor{}, 0}} {
		if got := seenBy(t, w, c.actor, `SELECT count(*)::int FROM destination_change_texts`); got != c.want {
			t.Errorf("%s reads %d reasons, want %d", name, got, c.want)
		}
		if got := seenBy(t, w, c.actor, `SELECT count(*)::int FROM destination_changes`); got != 1 {
			t.Errorf("%s does not know that it changed", name)
		}
	}
}

// seenBy counts under the web role as the actor.
func seenBy(t *testing.T, w *testkit.World, actor mobility.Actor, sql string) int {
	t.Helper()
	var n int
	err := store.NewReads(w.Web).As(t.Context(), actor, w.WhileOpen(), func(db store.DBTX, _ time.Time) error {
		return db.QueryRow(t.Context(), sql).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// fieldsOf lists what is wrong as "field:code".
func fieldsOf(err error) []string {
	var e *mobility.Error
	if !errors.As(err, &e) {
		return nil
	}
	var out []string
	for _, f := range e.Fields {
		out = append(out, f.Field+":"+f.Code)
	}
	return out
}
