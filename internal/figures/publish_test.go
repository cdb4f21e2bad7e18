package figures

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

const (
	decisions = 10_000
	runs      = 3 // of each side, in turn
)

// BenchmarkPublish publishes a ranking, takes what it wrote back, and writes
// the same rows again set-wise in a bare transaction, in turn.
func BenchmarkPublish(b *testing.B) {
	g := newGround(b, 200, 25)
	g.candidates(decisions)
	ranking := g.ranked()
	var ours, bare, free []time.Duration
	for run := range runs {
		ours = append(ours, g.publish(ranking))
		if run == 0 {
			g.keep()
		}
		g.takeBack()
		bare = append(bare, g.publishBare("origin"))
		g.takeBack()
		free = append(free, g.publishBare("replica"))
		g.takeBack()
	}
	report(figure{
		what: "publishing 10,000 decisions", ours: shown(median(ours)),
		reference: "bare set-wise statements: " + shown(median(bare)), ratio: times(median(ours), median(bare)), target: "4×",
	})
	report(figure{
		what: "", reference: "the same without constraints and triggers: " + shown(median(free)), ratio: times(median(ours), median(free)),
	})
}

// ranked computes the draft ranking and reports how long that takes.
func (g *ground) ranked() uuid.UUID {
	start := time.Now()
	id, err := g.Process.ComputeRanking(context.Background(), g.Officer, g.Round, g.AfterClose)
	g.check(err)
	took := time.Since(start)
	g.settle()
	report(figure{what: "computing a ranking of 10,000", ours: shown(took)})
	return id
}

func (g *ground) publish(ranking uuid.UUID) time.Duration {
	g.T.Helper()
	hash := testkit.One[string](g.World, `SELECT result_hash FROM rankings WHERE id = $1`, ranking)
	start := time.Now()
	done, err := g.Process.Publish(context.Background(), g.Officer, process.Publication{Ranking: ranking, Hash: hash, Arrived: g.AfterClose})
	took := time.Since(start)
	g.check(err)
	if done.Decided != decisions {
		g.T.Fatalf("%d decided", done.Decided)
	}
	return took
}

// written are the rows publishing adds, in an order their references allow.
var written = []struct{ table, which string }{
	{"events", "revision = 3"},
	{"offers", "true"},
	{"deadlines", "offer_id IS NOT NULL"},
	{"place_holds", "true"},
	{"reserve_places", "true"},
	{"letters", "true"},
	{"river_job", "true"},
	{"acts", "act = 'ranking_published'"},
}

// keep copies what a publication wrote.
func (g *ground) keep() {
	for _, w := range written {
		g.Exec(fmt.Sprintf(`CREATE TABLE kept_%s AS SELECT * FROM %[1]s WHERE %s`, w.table, w.which))
	}
	g.Exec(`CREATE TABLE kept_applications AS SELECT id, state, phase, revision, moved_at FROM applications`)
	g.Exec(`CREATE TABLE kept_rankings AS SELECT id, status, published_at, published_by FROM rankings`)
}

// takeBack undoes a publication, past every rule that forbids it.
func (g *ground) takeBack() {
	undo := []statement{
		{sql: `SET LOCAL session_replication_role = 'replica'`},
		{sql: `UPDATE applications SET state = 'submitted', phase = 'submitted', revision = 2`},
		{sql: `UPDATE rankings SET status = 'draft', published_at = NULL, published_by = NULL`},
		{sql: `UPDATE pools SET held = 0`},
	}
	for _, w := range written {
		undo = append(undo, statement{sql: fmt.Sprintf(`DELETE FROM %s WHERE %s`, w.table, w.which)})
	}
	g.together(undo...)
	g.settle()
}

// columns are those of a table that can be written.
func (g *ground) columns(table string) string {
	return testkit.One[string](g.World, `SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns
		WHERE table_schema = 'public' AND table_name = $1 AND is_generated = 'NEVER'`, table)
}

// publishBare writes the rows of a publication with nothing but the
// statements: as the database's owner would, with its constraints and
// triggers ("origin") or without ("replica").
func (g *ground) publishBare(role string) time.Duration {
	all := []statement{
		{sql: `SET LOCAL session_replication_role = '` + role + `'`},
		{sql: `UPDATE applications a SET state = k.state, phase = k.phase, revision = k.revision, moved_at = k.moved_at FROM kept_applications k WHERE k.id = a.id`},
		{sql: `UPDATE rankings r SET status = k.status, published_at = k.published_at, published_by = k.published_by FROM kept_rankings k WHERE k.id = r.id`},
	}
	for _, w := range written {
		all = append(all, statement{sql: strings.NewReplacer("#", w.table, "@", g.columns(w.table)).Replace(`INSERT INTO # (@) OVERRIDING SYSTEM VALUE SELECT @ FROM kept_#`)})
	}
	start := time.Now()
	g.together(all...)
	return time.Since(start)
}
