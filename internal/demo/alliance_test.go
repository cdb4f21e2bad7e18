package demo_test

import (
	"context"
	"os"
	"testing"
	"time"

	"peregrine/internal/demo"
)

// small is the alliance in little: everything there is of the whole, and
// little of each.
var small = demo.Size{OneIn: 400, Years: 2, CallsAYear: 2, Applicants: 25, Candidates: 60, Destinations: 24}

// alliance is the alliance's world of a size, and how long it took.
func alliance(t *testing.T, size demo.Size) (demo.Deps, time.Duration) {
	t.Helper()
	d := empty(t)
	began := time.Now()
	d.Tell = func(line string) { t.Logf("%6.1f s  %s", time.Since(began).Seconds(), line) }
	if err := demo.SeedAlliance(context.Background(), d, size, time.Now()); err != nil {
		t.Fatal(err)
	}
	return d, time.Since(began)
}

// counted is one number of the world.
func counted(t *testing.T, d demo.Deps, sql string) int {
	t.Helper()
	var n int
	if err := d.DB.QueryRow(context.Background(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// What the world is asked for, as its size says.
func holds(t *testing.T, d demo.Deps, size demo.Size) {
	t.Helper()
	calls := size.Years*size.CallsAYear + 8 + 5 + 1 // of the past, of the other members, of the small world, the large one
	for _, q := range []struct {
		what, sql string
		least     int
	}{
		{"members with students", `SELECT count(DISTINCT institution_id) FROM affiliations WHERE kind = 'student'`, 9},
		{"students", `SELECT count(*) FROM affiliations WHERE kind = 'student'`, 120_000 / size.OneIn},
		{"members of staff", `SELECT count(*) FROM affiliations WHERE kind = 'staff'`, 14_000 / size.OneIn},
		{"calls", `SELECT count(*) FROM calls`, calls},
		{"published results", `SELECT count(*) FROM rankings WHERE status = 'published'`, calls - 3},
		{"candidates of the largest call", `SELECT max(n) FROM (SELECT count(*) AS n FROM applications GROUP BY call_id) c`, size.Candidates},
		{"completed stays", `SELECT count(*) FROM applications a JOIN definition_states s ON s.definition_id = a.definition_id AND s.name = a.state
			WHERE s.phase = 'closed' AND s.nomination = 'accepted'`, size.Years * size.CallsAYear * 10},
		{"states that somebody stands in", `SELECT count(DISTINCT a.state) FROM applications a JOIN definitions d ON d.id = a.definition_id WHERE d.name = 'erasmus-study'`, 17},
		{"people from abroad", `SELECT count(DISTINCT nationality) FROM person_facts`, 9},
	} {
		n := counted(t, d, q.sql)
		t.Logf("%s: %d", q.what, n)
		if n < q.least {
			t.Errorf("%s: %d, at least %d are wanted", q.what, n, q.least)
		}
	}
	if n := counted(t, d, `SELECT count(*) FROM persons WHERE email NOT LIKE '%.example'`); n > 0 {
		t.Errorf("%d people have an address that mail could reach", n)
	}
}

func TestAllianceInLittle(t *testing.T) {
	t.Parallel()
	d, _ := alliance(t, small)
	holds(t, d, small)
	keeps(t, d)
}

// TestWholeAlliance is part of make soak.
func TestWholeAlliance(t *testing.T) {
	if os.Getenv("PEREGRINE_SOAK") == "" {
		t.Skip("the whole alliance is seeded by make soak")
	}
	d, took := alliance(t, demo.Whole())
	t.Logf("seeded in %s, under 3 minutes are wanted of two cores that have nothing else to do", took.Round(time.Second))
	holds(t, d, demo.Whole())
	keeps(t, d)
}
