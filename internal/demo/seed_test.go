package demo_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"peregrine/internal/demo"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// empty is a demo in a database of its own, with nothing in it yet.
func empty(t testing.TB) demo.Deps {
	t.Helper()
	ctx := context.Background()
	address := testkit.DatabaseURL(t)
	work, err := store.Open(ctx, address, store.RoleWork, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(work.Close)
	web, err := store.Open(ctx, address, store.RoleWeb, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(web.Close)
	jobs, err := river.NewClient(riverpgxv5.New(web), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := work.Exec(ctx, `INSERT INTO installation (kind) VALUES ('demo')`); err != nil {
		t.Fatal(err)
	}
	settle := func(ctx context.Context) error { return store.Settle(ctx, address) }
	return demo.Deps{Process: process.New(web, jobs, &testkit.MemoryFiles{}), DB: work, Settle: settle}
}

// seeded is a demo in a database of its own, as of now.
func seeded(t testing.TB, now time.Time) demo.Deps {
	t.Helper()
	d := empty(t)
	began := time.Now()
	if err := demo.Seed(context.Background(), d, now); err != nil {
		t.Fatal(err)
	}
	t.Logf("seeded in %s", time.Since(began).Round(10*time.Millisecond))
	return d
}

// keeps checks every invariant on the world.
func keeps(t *testing.T, d demo.Deps) {
	t.Helper()
	violations, err := process.Verify(context.Background(), d.DB)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range violations {
		t.Errorf("%s: %d, %v", v.Rule, len(v.Rows), v.Rows[:min(3, len(v.Rows))])
	}
}

func TestWorldHoldsEveryStateAndNoViolation(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	d := seeded(t, time.Now())
	keeps(t, d)
	var week, short int // the programme has its own agreement, and no other call has it
	err := d.DB.QueryRow(ctx, `SELECT count(*) FILTER (WHERE c.programme = 'bip'), count(*) FILTER (WHERE c.programme <> 'bip' AND t.months < 2)
		FROM destinations t JOIN calls c ON c.id = t.call_id`).Scan(&week, &short)
	if err != nil || week != 1 || short != 0 {
		t.Errorf("%d destinations of the programme, %d elsewhere, %v", week, short, err)
	}
	var unit, person, moved, links, holidays int
	err = d.DB.QueryRow(ctx, `SELECT (SELECT count(*) FROM deadlines WHERE unit_id IS NOT NULL), (SELECT count(*) FROM deadlines WHERE person_id IS NOT NULL),
		(SELECT count(*) FROM deadlines WHERE kind = 'assess_by' AND version > 1), (SELECT count(*) FROM late_links), (SELECT count(*) FROM holidays)`).Scan(&unit, &person, &moved, &links, &holidays)
	if err != nil || unit != 1 || person != 1 || moved != 1 || links != 1 || holidays < 50 {
		t.Errorf("deadlines: %d of a unit, %d of a person, %d moved, %d late links, %d holidays, %v", unit, person, moved, links, holidays, err)
	}
	rows, err := d.DB.Query(ctx, `SELECT s.name, (SELECT count(*) FROM applications a WHERE a.definition_id = s.definition_id AND a.state = s.name)
		FROM definition_states s JOIN definitions d ON d.id = s.definition_id WHERE d.name = 'erasmus-study' ORDER BY s.position`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var state mobility.State
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d", state, n)
		if n == 0 {
			t.Errorf("nobody is %s", state)
		}
	}
}
