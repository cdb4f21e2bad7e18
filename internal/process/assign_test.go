package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// assign plans and then does what was planned.
func (k *committee) assign(t *testing.T, req process.AssignRequest) process.AssignPlan {
	t.Helper()
	req.Call, req.Arrived = k.Call, k.AfterClose
	plan, err := k.Process.PlanAssignments(t.Context(), k.Coordinator, req)
	if err != nil {
		t.Fatal(err)
	}
	req.Hash = plan.Hash
	if _, err := k.Process.Assign(t.Context(), k.Coordinator, req); err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestAssigningEvenly(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 7)
	k.Exec(`UPDATE persons SET email = (SELECT email FROM persons WHERE id = $2) || '.' WHERE id = $1`, k.people[1].Person, k.b.Person)
	k.Exec(`INSERT INTO person_addresses (id, person_id, email, until) SELECT gen_random_uuid(), $1, email, now() FROM persons WHERE id = $2`, k.people[1].Person, k.b.Person)
	k.marks(t, k.c, k.files[0], "12", "")
	plan := k.assign(t, process.AssignRequest{How: process.AssignEvenly})
	load, kept := map[uuid.UUID]int{}, false
	for _, pair := range plan.New {
		load[pair.Assessor]++
		kept = kept || pair == process.Assigned{Application: k.files[0], Assessor: k.c.Person}
		if pair.Application == k.files[1] && pair.Assessor == k.b.Person {
			t.Error("somebody assesses a person with their own address")
		}
	}
	if len(plan.New) != 14 || load[k.a.Person] < 4 || load[k.b.Person] < 4 || load[k.c.Person] < 4 || !kept || len(plan.Short) != 0 {
		t.Errorf("%d assigned: %v; who marked kept the file: %t; short: %v", len(plan.New), load, kept, plan.Short)
	}
	if again := k.assign(t, process.AssignRequest{How: process.AssignEvenly}); len(again.New) != 0 {
		t.Errorf("a second time: %v", again.New)
	}
	k.marks(t, k.a, k.files[2], "5", "")
	k.marks(t, k.b, k.files[2], "25", "")
	apart := k.assign(t, process.AssignRequest{How: process.AssignEvenly})
	three := testkit.One[int](k.World, `SELECT count(*)::int FROM assignments WHERE application_id = $1 AND ended_at IS NULL`, k.files[2])
	if three != 3 {
		t.Errorf("marks far apart brought %v, %d assessors", apart.New, three)
	}
	_, err := k.Process.Assign(t.Context(), k.Coordinator, process.AssignRequest{Call: k.Call, How: process.AssignEvenly, Hash: "stale", Arrived: k.AfterClose})
	if mobility.KindOf(err) != mobility.Stale {
		t.Errorf("from another plan: %v", err)
	}
	if _, err := k.Process.PlanAssignments(t.Context(), k.a, process.AssignRequest{Call: k.Call, How: process.AssignEvenly, Arrived: k.AfterClose}); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("an assessor assigns: %v", err)
	}
	if plan, err := k.Process.PlanAssignments(t.Context(), k.OtherCoordinator, process.AssignRequest{Call: k.Call, How: process.AssignEvenly, Arrived: k.AfterClose}); err != nil || len(plan.New) != 0 {
		t.Errorf("another faculty's: %v, %v", plan.New, err)
	}
	verifyClean(t.Context(), t, k.World)
}

// seesFile reports whether row-level security shows the file to the actor.
func seesFile(t *testing.T, w *testkit.World, who mobility.Actor, file uuid.UUID) bool {
	t.Helper()
	seen := false
	err := store.NewReads(w.Web).As(t.Context(), who, w.AfterClose, func(db store.DBTX, _ time.Time) error {
		_, err := store.New().VisibleApplication(t.Context(), db, file)
		if seen = err == nil; store.NoRows(err) {
			return nil
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return seen
}

func TestAssessorsSeeWhatTheyAreAssigned(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 2)
	if !seesFile(t, k.World, k.a, k.files[0]) {
		t.Error("an assessor does not see the unit's file")
	}
	change := process.Assessing{Call: k.Call, AssessorsSee: process.SeeAssigned, Arrived: k.AfterClose}
	if err := k.Process.SetAssessing(t.Context(), k.Coordinator, change); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("a coordinator changes how a call is assessed: %v", err)
	}
	if err := k.Process.SetAssessing(t.Context(), k.Officer, change); err != nil {
		t.Fatal(err)
	}
	k.assign(t, process.AssignRequest{How: process.AssignByHand, Files: k.files[:1], Assessors: []uuid.UUID{k.a.Person}})
	for who, want := range map[*mobility.Actor][2]bool{&k.a: {true, false}, &k.b: {false, false}, &k.Coordinator: {true, true}, &k.Officer: {true, true}, &k.people[1]: {false, true}} {
		for i, file := range k.files {
			if got := seesFile(t, k.World, *who, file); got != want[i] {
				t.Errorf("%s sees file %d: %t", who.Name, i, got)
			}
		}
	}
	if err := k.mark(k.b, k.files[0], "20", ""); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("marked without being assigned: %v", err)
	}
	if err := k.Process.Unassign(t.Context(), k.Coordinator, process.Assigned{Application: k.files[0], Assessor: k.a.Person}, k.AfterClose); err != nil {
		t.Fatal(err)
	}
	if seesFile(t, k.World, k.a, k.files[0]) {
		t.Error("taken off, still sees the file")
	}
	k.assign(t, process.AssignRequest{How: process.AssignByUnit})
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM assignments WHERE how = 'unit' AND ended_at IS NULL`); n != 6 {
		t.Errorf("%d by unit", n)
	}
}
