package figures

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/testkit"
)

const few = 20 // due among the many

// BenchmarkDue lets the scan for due timers and reminders look over many
// applications of which few or none are due: it must not take longer the more
// there are.
func BenchmarkDue(b *testing.B) {
	var nothing []time.Duration
	for _, n := range []int{10_000, 120_000} {
		g := newGround(b, 200, 25)
		first := g.returned(n)
		g.Exec(`UPDATE deadlines SET closes_at = $1 WHERE kind = 'complete_by' AND application_id BETWEEN planted('02', $2) AND planted('02', $3)`,
			g.AfterClose.Add(-time.Hour), first, first+few-1)
		g.settle()
		moved, took := g.scan(few)
		var idle []time.Duration
		for range 5 {
			_, took := g.scan(0)
			idle = append(idle, took)
		}
		nothing = append(nothing, median(idle))
		report(figure{what: fmt.Sprintf("scan over %d waiting applications, %d due", n, moved), ours: shown(took)})
	}
	report(figure{
		what: "scan over 120,000, none due", ours: shown(nothing[1]),
		reference: "over 10,000: " + shown(nothing[0]), ratio: times(nothing[1], nothing[0]),
	})
}

// returned plants applications that wait for their applicants, each with a
// deadline of its own a month from now.
func (g *ground) returned(n int) (first int) {
	first = g.plant(n, "returned", 3)
	at := g.AfterClose.AddDate(0, 1, 0)
	g.together(
		quickly,
		statement{`INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_id, actor_role)
			SELECT planted('09', i), a.institution_id, a.id, 3, 'move', a.definition_id, 'return', 'submitted', 'returned', $3, $4, 'coordinator'
			FROM generate_series($1::int, $2) i JOIN applications a ON a.id = planted('02', i)`, []any{first, g.next, g.AfterClose, g.Coordinator.Person}},
		statement{
			`INSERT INTO deadlines (id, institution_id, kind, application_id, wall, zone, closes_at)
			SELECT planted('06', i), $3, 'complete_by', planted('02', i), $4::timestamptz AT TIME ZONE 'UTC', 'UTC', $4 FROM generate_series($1::int, $2) i`,
			[]any{first, g.next, g.Home, at},
		},
	)
	g.fill(first, n)
	return first
}

// scan runs the scan after the round closed.
func (g *ground) scan(want int) (moved int, took time.Duration) {
	g.T.Helper()
	start := time.Now()
	moved, _, err := g.Process.Due(context.Background(), g.AfterClose)
	took = time.Since(start)
	g.check(err)
	if moved != want {
		g.T.Fatalf("moved %d, want %d", moved, want)
	}
	return moved, took
}

// BenchmarkRemind plans reminders to 120,000 applicants at once, with their
// jobs, and then copies the same rows into the same tables. The scans after it
// must not take longer the more there are.
func BenchmarkRemind(b *testing.B) {
	var nothing []time.Duration
	for _, n := range []int{10_000, 120_000} {
		g := newGround(b, 200, 25)
		g.drafts(n)
		at := g.ClosesAt.Add(-71 * time.Hour)
		g.remind(at.Add(-2*time.Hour), 0) // who looks every few seconds has seen the drafts before
		took := g.remind(at, n)
		var idle []time.Duration
		for range 5 {
			idle = append(idle, g.remind(at, 0))
		}
		nothing = append(nothing, median(idle))
		if n == 120_000 {
			copied := g.copied("letters", "river_job")
			report(figure{
				what: "120,000 due reminders to jobs", ours: shown(took), reference: "COPY of the same rows: " + shown(copied), ratio: times(took, copied), target: "3×",
			})
		}
	}
	report(figure{
		what: "the next scan, none left of 120,000", ours: shown(nothing[1]),
		reference: "of 10,000: " + shown(nothing[0]), ratio: times(nothing[1], nothing[0]),
	})
}

// remind runs the scan at a time before the round closes.
func (g *ground) remind(at time.Time, want int) time.Duration {
	g.T.Helper()
	start := time.Now()
	_, reminded, err := g.Process.Due(context.Background(), at)
	took := time.Since(start)
	g.check(err)
	if reminded != want {
		g.T.Fatalf("%d reminded, want %d", reminded, want)
	}
	return took
}

// copied empties the tables and copies their rows in again, in one
// transaction.
func (g *ground) copied(tables ...string) time.Duration {
	g.T.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, g.URL)
	g.check(err)
	defer func() { _ = conn.Close(ctx) }()
	rows := make([]bytes.Buffer, len(tables))
	for i, table := range tables {
		_, err := conn.PgConn().CopyTo(ctx, &rows[i], `COPY `+table+` TO STDOUT (FORMAT binary)`)
		g.check(err)
	}
	for _, table := range tables {
		g.together(quickly, statement{sql: `DELETE FROM ` + table})
	}
	g.settle()
	start := time.Now()
	_, err = conn.Exec(ctx, `BEGIN`)
	g.check(err)
	for i, table := range tables {
		_, err := conn.PgConn().CopyFrom(ctx, &rows[i], `COPY `+table+` FROM STDIN (FORMAT binary)`)
		g.check(err)
	}
	_, err = conn.Exec(ctx, `COMMIT`)
	g.check(err)
	took := time.Since(start)
	if n := testkit.One[int](g.World, `SELECT count(*)::int FROM letters`); n == 0 {
		g.T.Fatal("nothing was copied")
	}
	return took
}
