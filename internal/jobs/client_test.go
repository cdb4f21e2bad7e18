package jobs_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// Clients that only insert do not know which kinds have a worker, so this
// does: every job a process can ask for is worked off.
func TestEveryJobOfAProcessHasAWorker(t *testing.T) {
	t.Parallel()
	args := map[string]river.JobArgs{
		"LetterPlanned": process.LetterPlanned{Letter: uuid.New(), Queue: process.QueueDecisions},
		"PlaceFreed":    process.PlaceFreed{Round: uuid.New()}, "DueScan": process.DueScan{}, "DocumentsErased": process.DocumentsErased{},
		"SignInAsked": process.SignInAsked{SignIn: uuid.New()}, "HostCodeAsked": process.HostCodeAsked{Code: uuid.New()},
	}
	for _, name := range jobArgs(t) {
		if args[name] == nil {
			t.Errorf("process.%s is not in this test", name)
		}
	}
	r := newRig(t, testkit.WorldPlan{})
	w, err := newWorkers(t.Context(), r.World.URL, r.relay, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.close)
	for name, a := range args {
		// A client that works refuses kinds nobody works.
		if _, err := w.client.Insert(t.Context(), a, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestEveryQueueIsWorked(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.start(t)
	for _, queue := range process.Queues {
		r.until(t, `SELECT EXISTS (SELECT 1 FROM river_queue WHERE name = $1)`, queue)
	}
}

// jobArgs names the types of package process that have a method Kind.
func jobArgs(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../process/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || f.Recv == nil || f.Name.Name != "Kind" {
				continue
			}
			if name, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				out = append(out, name.Name)
			}
		}
	}
	if len(out) < 5 {
		t.Fatalf("only %v found", out)
	}
	return out
}
