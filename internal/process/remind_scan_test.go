package process_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"peregrine/internal/testkit"
)

// TestAnIdleScanLooksAtNoFile plans reminders for many drafts and then looks
// at what the next scan reads: no letter and no draft among them.
func TestAnIdleScanLooksAtNoFile(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Draft(w.Student("Anna", "1.2"))
	w.Exec(`INSERT INTO persons (id, email) SELECT gen_random_uuid(), 'p' || i || '@home.example' FROM generate_series(1, 500) i`)
	w.Exec(`WITH more AS (INSERT INTO applications (id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, created_at, moved_at)
			SELECT gen_random_uuid(), a.institution_id, a.call_id, a.round_id, p.id, a.unit_id, a.definition_id, a.state, a.phase, a.created_at, a.moved_at
			FROM applications a, persons p WHERE p.email LIKE 'p%@home.example' RETURNING *)
		INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, to_state, at, actor_role)
		SELECT gen_random_uuid(), institution_id, id, 1, 'start', definition_id, state, created_at, 'applicant' FROM more`)
	now := w.ClosesAt.Add(-71 * time.Hour)
	if n := due(t, w, now); n != 501 {
		t.Fatalf("%d planned", n)
	}
	w.Exec(`ANALYZE`)
	for _, name := range []string{"DueReminders", "HostsToRemind", "PassOverReminders"} {
		read := readBy(t, w, name, now.Add(time.Minute))
		if _, ok := read["definition_reminders"]; !ok {
			t.Errorf("%s looks at %v, and at no reminders", name, read)
		}
		for relation, rows := range read {
			if (relation == "applications" || relation == "letters" || relation == "persons") && rows > 0 {
				t.Errorf("%s reads %v rows of %s", name, rows, relation)
			}
		}
	}
	if n := due(t, w, now.Add(time.Minute)); n != 0 {
		t.Errorf("%d planned again", n)
	}
}

// readBy runs a query of the scan and says how many rows it read of each table.
func readBy(t *testing.T, w *testkit.World, name string, now time.Time) map[string]float64 {
	t.Helper()
	all, err := os.ReadFile("../../queries/reminders.sql")
	if err != nil {
		t.Fatal(err)
	}
	_, sql, ok := strings.Cut(string(all), "-- name: "+name+" :")
	if !ok {
		t.Fatalf("there is no query %s", name)
	}
	_, sql, _ = strings.Cut(sql, "\n") // how many rows it answers with
	sql, _, _ = strings.Cut(sql, ";\n\n")
	sql = strings.NewReplacer("sqlc.arg(now)", "$1::timestamptz", "sqlc.arg(since)", "$2::timestamptz", "sqlc.arg(most)", "1000", "@now", "$1::timestamptz").Replace(sql)
	args := []any{now}
	if strings.Contains(sql, "$2") {
		args = append(args, now.AddDate(0, 0, -14))
	}
	var plan []struct{ Plan planNode }
	if err := w.Admin.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+sql, args...).Scan(&plan); err != nil {
		t.Fatal(err)
	}
	read := map[string]float64{}
	plan[0].Plan.sum(read)
	return read
}

// planNode is a step of a query plan, as far as it says what was read.
type planNode struct {
	Relation string     `json:"Relation Name"`
	Rows     float64    `json:"Actual Rows"`
	Removed  float64    `json:"Rows Removed by Filter"`
	Loops    float64    `json:"Actual Loops"`
	Plans    []planNode `json:"Plans"`
}

func (p planNode) sum(read map[string]float64) {
	read[p.Relation] += (p.Rows + p.Removed) * p.Loops
	for _, below := range p.Plans {
		below.sum(read)
	}
}
