package process_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/testkit"
)

func TestASchemeIsTriedOnARound(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	w.Scheme("name: now\nscale: 2\ninputs:\n  average: {from: imported, kind: number}\ncriteria:\n  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}\n")
	better, worse := w.Submitted(w.Student("Zdislava", "1.2")), w.Submitted(w.Student("Kryštof", "2.4"))
	other, problems := scheme.Parse([]byte("name: turned\nscale: 2\ninputs:\n  average: {from: imported, kind: number}\ncriteria:\n  - {key: average, points: {formula: 10 * average}}\n"))
	if len(problems) > 0 {
		t.Fatal(problems[0])
	}
	if _, err := w.Process.TryScheme(ctx, w.Officer, w.Round, other, w.WhileOpen()); mobility.KindOf(err) != mobility.Conflict {
		t.Errorf("while the call is open: %v", err)
	}
	if _, err := w.Process.TryScheme(ctx, w.Coordinator, w.Round, other, w.AfterClose); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("by a coordinator: %v", err)
	}
	got, err := w.Process.TryScheme(ctx, w.Officer, w.Round, other, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	fares := map[uuid.UUID]selection.Direction{}
	for _, s := range got.Shifts {
		fares[s.Applicant] = s.Direction
	}
	if fares[better] != selection.MovedOut || fares[worse] != selection.MovedIn {
		t.Errorf("they fare %v", fares)
	}
	if c := got.CutOffs[0]; c.Before.LowestAdmitted.Decimal.String() != "27" || c.After.LowestAdmitted.Decimal.String() != "24" {
		t.Errorf("the cut-off goes from %v to %v", c.Before.LowestAdmitted, c.After.LowestAdmitted)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM rankings`); n != 0 || strings.Contains(testkit.One[string](w, `SELECT s.source FROM schemes s JOIN calls c ON c.scheme_id = s.id WHERE c.id = $1`, w.Call), "turned") {
		t.Error("trying left something behind")
	}
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, w.Home, worse, w.Officer.Person)
	if _, err := w.Process.TryScheme(ctx, w.Officer, w.Round, other, w.AfterClose); mobility.CodeOf(err) != "refusal.barred_from_round" {
		t.Errorf("by somebody barred: %v", err)
	}
}
