package process_test

import (
	"slices"
	"testing"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// inZone lets somebody choose a time zone while the round is open.
func inZone(t *testing.T, w *testkit.World, who mobility.Actor, zone string) {
	t.Helper()
	if err := w.Process.ChooseZone(t.Context(), who, zone, w.WhileOpen()); err != nil {
		t.Fatal(err)
	}
}

func TestWorkingHoursAreThoseOfTheZoneTheReaderChose(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ends := assessing(w)
	w.Submitted(w.Student("Anna", "1.2"))
	far := w.Staff("far", mobility.RoleCoordinator, w.Home, &w.Faculty)
	inZone(t, w, far, "America/New_York")
	noon := ends.Add(-72 * time.Hour) // in Prague; six in the morning in New York
	count := func(who mobility.Actor) int { return len(outcomes(t, w, "remind_coordinator", who.Person)) }
	if due(t, w, noon); count(w.Coordinator) != 1 || count(far) != 0 {
		t.Errorf("at noon in Prague: %d and %d", count(w.Coordinator), count(far))
	}
	due(t, w, noon.Add(time.Hour)) // all of the house are planned by now
	if due(t, w, noon.Add(2*time.Hour)); count(w.Coordinator) != 1 || count(far) != 1 {
		t.Errorf("at eight in New York: %d and %d", count(w.Coordinator), count(far))
	}
	// Whoever moves east after everybody there was reminded is reminded all the same.
	third := w.Staff("third", mobility.RoleCoordinator, w.Home, &w.Faculty)
	inZone(t, w, third, "America/Los_Angeles")
	due(t, w, noon.Add(3*time.Hour))
	if count(third) != 0 {
		t.Error("reminded before eight in Los Angeles")
	}
	if err := w.Process.ChooseZone(t.Context(), third, "", noon.Add(3*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if due(t, w, noon.Add(3*time.Hour)); count(third) != 1 {
		t.Error("not reminded after coming home")
	}
}

func TestWhoeverHasToAssessAFileThatCameTooLateIsLeftOutByName(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) VALUES (gen_random_uuid(), $1, 'assess_by', $2, $3::timestamptz AT TIME ZONE 'UTC', 'UTC', $3)`,
		w.Home, w.Round, w.WhileOpen().Add(48*time.Hour))
	due(t, w, w.WhileOpen())
	w.Submitted(w.Student("Anna", "1.2"))
	for range 2 {
		due(t, w, w.WhileOpen().Add(2*time.Hour))
	}
	if got := outcomes(t, w, "remind_coordinator", w.Coordinator.Person); !slices.Equal(got, []string{"skipped came_later"}) {
		t.Errorf("of the faculty: %v", got)
	}
	if got := outcomes(t, w, "remind_coordinator", w.OtherCoordinator.Person); len(got) != 0 {
		t.Errorf("of another: %v", got)
	}
}

func TestAZoneIsChecked(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	for _, zone := range []string{"Mars/Olympus", "Local", "../etc/passwd"} {
		if err := w.Process.ChooseZone(t.Context(), w.Officer, zone, w.WhileOpen()); mobility.KindOf(err) != mobility.Invalid {
			t.Errorf("%s: %v", zone, err)
		}
	}
	if err := w.Process.ChooseZone(t.Context(), mobility.Actor{}, "UTC", w.WhileOpen()); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("nobody: %v", err)
	}
}
