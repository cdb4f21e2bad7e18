package web

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/store"
)

// tape is what passes to the database of a scene, one client at a time.
type tape struct {
	mu   sync.Mutex
	said []string
}

// TraceQueryStart implements pgx.QueryTracer. How a transaction begins and
// ends is no question that a page asks.
func (t *tape) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	switch sql := strings.ToLower(data.SQL); {
	case strings.HasPrefix(sql, "begin"), sql == "commit", sql == "rollback":
	default:
		t.mu.Lock()
		t.said = append(t.said, data.SQL)
		t.mu.Unlock()
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*tape) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// taken returns what was said since it was last taken.
func (t *tape) taken() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.said
	t.said = nil
	return out
}

// openOn connects as open does, with a tape before the database.
func openOn(t *testing.T, address, role string, on *tape) *pgxpool.Pool {
	t.Helper()
	plain, err := store.Open(t.Context(), address, role, 4)
	if err != nil {
		t.Fatal(err)
	}
	config := plain.Config()
	plain.Close()
	config.ConnConfig.Tracer = on
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// What a page may cost: questions to the database, and how much more it may
// weigh than the table says before somebody looks at it.
const (
	mostQueries = 12
	heavier     = 1.25
	anyway      = 2 << 10 // bytes
)

// costs is the table of all pages: what the dearest of its readers gets.
const costs = "testdata/costs.tsv"

// tooDear is why the table must not grow: these ask more than mostQueries, and
// may only get cheaper.
var tooDear = map[string]int{
	"GET /calls/{call}":                                13,
	"GET /applications/{id}":                           26,
	"GET /applications/{id}/appeal":                    26,
	"GET /office/applications/{id}":                    37,
	"GET /office/applications/{id}/placement":          37,
	"GET /office/applications/{id}/conflict":           37,
	"GET /office/applications/{id}/conflicts/{barred}": 37,
	"GET /office/calls/{call}/candidates":              14,
	"GET /office/calls/{call}/marks":                   13,
	"GET /office/appeals/{appeal}":                     18,
	"GET /office/rankings/{ranking}":                   15,
	"GET /office/rankings/{ranking}/variants":          14,
	"GET /office/calls/{call}/rules/selection":         16,
	"GET /office/calls/{call}/amendments/{amendment}":  19,
	"GET /office/variants/{variant}":                   16,
	"GET /office/variants/{variant}/moves.csv":         16,
	"GET /office/variants/{variant}/moves.xlsx":        16,
}

var update = flag.Bool("update-costs", false, "write the table of what pages cost anew")

// cost is what one page asks and weighs.
type cost struct {
	queries, bytes int
	said           []string
}

// costOf asks for every page as every reader who is let in, the first of them
// twice: what is remembered from one time to the next counts as in service.
func costOf(t *testing.T, m *matrix) map[string]cost {
	t.Helper()
	out := map[string]cost{}
	for _, row := range routes {
		for _, r := range m.readers {
			c := cell{m, r, row}
			if c.posts() || !strings.HasPrefix(row.pattern, "GET ") || c.wants() != letIn {
				continue
			}
			if _, warm := out[row.pattern]; !warm {
				c.ask(false)
			}
			m.site.tape.taken()
			got := c.ask(false)
			said := m.site.tape.taken()
			if got.status != http.StatusOK {
				continue
			}
			most := out[row.pattern]
			if len(said) > most.queries {
				most.queries, most.said = len(said), said
			}
			most.bytes = max(most.bytes, len(got.body))
			out[row.pattern] = most
		}
	}
	return out
}

// TestPagesAskLittle holds every page against the table, and asks whether any
// puts more questions where there is more to show.
func TestPagesAskLittle(t *testing.T) {
	t.Parallel()
	few, many := costOf(t, newMatrix(t)), costOf(t, newMatrixOf(t, 14))
	listed := listedCosts(t)
	var table strings.Builder
	for _, row := range routes {
		page, had := few[row.pattern], listed[row.pattern]
		if page.bytes == 0 || strings.Contains(table.String(), row.pattern+"\t") {
			continue // nobody may, or another row had the same page
		}
		fmt.Fprintf(&table, "%s\t%d\t%d\n", row.pattern, page.queries, page.bytes)
		if grown := many[row.pattern].queries; grown > page.queries {
			t.Errorf("%s: %d queries, with more rows %d\n%s", row.pattern, page.queries, grown, more(page.said, many[row.pattern].said))
		}
		if most := max(mostQueries, tooDear[row.pattern]); page.queries > most {
			t.Errorf("%s: %d queries, at most %d:\n%s", row.pattern, page.queries, most, strings.Join(firsts(page.said), "\n"))
		} else if dear := tooDear[row.pattern]; dear > page.queries {
			t.Errorf("%s: %d queries: lower or strike out what tooDear says of it", row.pattern, page.queries)
		}
		if !*update && (page.queries > had.queries || float64(page.bytes) > heavier*float64(had.bytes)+anyway) {
			t.Errorf("%s: %d queries and %d bytes, the table says %d and %d; if that must be: -update-costs", row.pattern, page.queries, page.bytes, had.queries, had.bytes)
		}
	}
	if *update {
		if err := os.WriteFile(costs, []byte(table.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func listedCosts(t *testing.T) map[string]cost {
	t.Helper()
	out := map[string]cost{}
	text, err := os.ReadFile(costs)
	if err != nil && !*update {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		pattern, numbers, _ := strings.Cut(strings.TrimSpace(line), "\t")
		var c cost
		if _, err := fmt.Sscanf(numbers, "%d\t%d", &c.queries, &c.bytes); err != nil {
			t.Fatalf("%s: %q: %v", costs, line, err)
		}
		out[pattern] = c
	}
	return out
}

// firsts are the names of queries, which stand in their first lines.
func firsts(said []string) []string {
	out := make([]string, len(said))
	for i, sql := range said {
		out[i], _, _ = strings.Cut(sql, "\n")
		out[i] = "  " + out[i][:min(len(out[i]), 90)]
	}
	return out
}

// more is what was said oftener the second time.
func more(before, after []string) string {
	count := map[string]int{}
	for _, sql := range firsts(before) {
		count[sql]--
	}
	for _, sql := range firsts(after) {
		count[sql]++
	}
	var out []string
	for sql, n := range count {
		if n > 0 {
			out = append(out, fmt.Sprintf("%s ×%d", sql, n))
		}
	}
	return strings.Join(out, "\n")
}
