package outbox_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/outbox"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// counting counts the statements that go through it.
type counting struct {
	store.DBTX
	statements int
}

func (c *counting) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.statements++
	return c.DBTX.Query(ctx, sql, args...)
}

func (c *counting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	c.statements++
	return c.DBTX.QueryRow(ctx, sql, args...)
}

// Letters written together say what each says written alone, and what they ask
// of the database does not grow with their number.
func TestLettersWrittenTogether(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2, 1}})
	for n := range 9 {
		id := w.Submitted(w.Student(fmt.Sprint("Student ", n), "1.2"))
		w.Marked(id, fmt.Sprint(10+n))
	}
	w.Published(w.AfterClose)
	var refs []outbox.Ref
	ids := many[uuid.UUID](t, w, `SELECT id FROM letters WHERE status IN ('planned', 'retracted') ORDER BY kind, id`)
	rows, err := reads.LettersToSend(t.Context(), w.Admin, ids)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		ref, err := outbox.RefOf(row)
		if err != nil {
			t.Fatal(err)
		}
		refs = append(refs, ref)
	}
	if len(refs) < 18 {
		t.Fatalf("%d letters are planned", len(refs))
	}
	together, few := writtenTogether(t, w, refs), refs[:0:0]
	seen := map[string]bool{}
	for _, ref := range refs { // one of each kind
		if !seen[ref.Kind] {
			seen[ref.Kind] = true
			few = append(few, ref)
		}
	}
	if n, least := together.statements, writtenTogether(t, w, few).statements; n > least+3 {
		t.Errorf("%d letters take %d statements, one of each of %d kinds %d", len(refs), n, len(few), least)
	}
	for i, ref := range refs {
		alone, to, err := newOutbox(t).Render(t.Context(), w.Admin, ref)
		if err != nil {
			t.Fatal(err)
		}
		if alone != together.texts[i] || to != together.to[i] {
			t.Errorf("%s together is\n%s\nalone\n%s", ref.Kind, together.texts[i].Plain, alone.Plain)
		}
	}
}

type letters struct {
	texts      []letter.Text
	to         []outbox.Address
	statements int
}

func writtenTogether(t *testing.T, w *testkit.World, refs []outbox.Ref) (out letters) {
	t.Helper()
	db := &counting{DBTX: w.Admin}
	desk := newOutbox(t).Desk(db, refs...)
	for _, ref := range refs {
		text, to, err := desk.Render(t.Context(), ref)
		if err != nil {
			t.Fatalf("%s: %v", ref.Kind, err)
		}
		out.texts, out.to = append(out.texts, text), append(out.to, to)
	}
	out.statements = db.statements
	return out
}
