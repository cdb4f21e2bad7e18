package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// A conflict declared by mistake is lifted by somebody it is not about and who
// did not declare it, with a reason; then the bar is over.
func TestADeclaredConflictIsLiftedBySomebodyElse(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	a := w.Submitted(w.Student("Anna", "1.2"))
	barred, at := w.Coordinator, w.WhileOpen()
	if err := w.Process.DeclareConflict(t.Context(), w.Officer, at, a, barred.Person); err != nil {
		t.Fatal(err)
	}
	comment := func(code string) {
		t.Helper()
		err := w.Process.SaveComment(t.Context(), barred, process.Comment{Application: a, Audience: process.ForCommittee, Body: "Good.", Arrived: at})
		if mobility.CodeOf(err) != code {
			t.Errorf("the coordinator's comment: %v, not %q", err, code)
		}
	}
	comment("error.not_found")
	for _, try := range []struct {
		actor  mobility.Actor
		reason string
		kind   mobility.Kind
	}{
		{w.Officer, "A namesake.", mobility.Forbidden},
		{w.OtherCoordinator, "A namesake.", mobility.NotFound},
		{barred, "A namesake.", mobility.NotFound},
		{w.ForeignOfficer, "A namesake.", mobility.NotFound},
		{w.Administrator, " ", mobility.Invalid},
	} {
		if err := lift(t, w, try.actor, a, barred.Person, try.reason); mobility.KindOf(err) != try.kind {
			t.Errorf("%s with %q: %v", try.actor.Name, try.reason, err)
		}
	}
	if err := lift(t, w, w.Administrator, a, barred.Person, "A namesake."); err != nil {
		t.Fatal(err)
	}
	comment("")
	if err := lift(t, w, w.Administrator, a, barred.Person, "Again."); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("twice: %v", err)
	}
	by := testkit.One[uuid.UUID](w, `SELECT s.actor_id FROM acts s JOIN act_texts x ON x.act_id = s.id WHERE s.act = 'conflict_lifted' AND s.subject_id = $1 AND x.reason = 'A namesake.'`, a)
	if by != w.Administrator.Person {
		t.Errorf("on record is %s", by)
	}
	if err := w.Process.DeclareConflict(t.Context(), w.Administrator, at.Add(time.Hour), a, barred.Person); err != nil {
		t.Fatal(err)
	}
	comment("error.not_found")
	if err := lift(t, w, w.Administrator, a, barred.Person, "Not again."); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("the one who declared it anew: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

// What the data shows nobody lifts, even if somebody had declared it first.
func TestWhatTheDataShowsIsNotLifted(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	if err := w.Process.DeclareConflict(t.Context(), w.Officer, w.WhileOpen(), a, w.Coordinator.Person); err != nil {
		t.Fatal(err)
	}
	w.Exec(`INSERT INTO person_addresses (id, person_id, email, until) SELECT gen_random_uuid(), $1, upper(email), now() FROM persons WHERE id = $2`, anna.Person, w.Coordinator.Person)
	for range 2 { // the second time it stands as what the data shows
		if err := lift(t, w, w.Administrator, a, w.Coordinator.Person, "A namesake."); mobility.CodeOf(err) != "conflict.shown_by_data" {
			t.Errorf("lifted: %v", err)
		}
		w.Exec(`UPDATE conflicts SET kind = 'same_address'`)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM acts WHERE act = 'conflict_lifted'`); n != 0 {
		t.Errorf("%d liftings on record", n)
	}
}

func lift(t *testing.T, w *testkit.World, actor mobility.Actor, application, person uuid.UUID, reason string) error {
	t.Helper()
	return w.Process.LiftConflict(t.Context(), actor, process.Lifting{Application: application, Person: person, Reason: reason, Arrived: w.WhileOpen()})
}
