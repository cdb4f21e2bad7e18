// Package importtest holds the table of who may import whom, which is also the
// shortest description of the architecture, and the test that reads it.
//
// Direction in one line: cmd → app → {web, jobs} → process → {store, lifecycle,
// selection} → mobility.
package importtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "peregrine"

// rule says what a package may import: packages of ours by path, and modules
// of others by prefix. The standard library is free.
type rule struct {
	ours   []string
	others []string
}

// Sets that several rules name.
var (
	// anyOurs and anyOthers are for the packages that wire everything.
	anyOurs, anyOthers = []string{"*"}, []string{"*"}

	values = []string{"github.com/google/uuid", "github.com/shopspring/decimal"}
	pgx    = []string{"github.com/jackc/pgx/v5"}
	river  = []string{"github.com/riverqueue/river"}
)

// allowed is the table. A package that is not in it fails the test: say here
// what it may know before writing it.
var allowed = map[string]rule{
	// Sources that are not Go, embedded.
	"db":                 {},
	"workflows":          {},
	"internal/demo/data": {},

	// The words and rules of the trade: no database, no HTTP, no clock.
	"internal/mobility":        {others: values},
	"internal/lifecycle":       {ours: []string{"internal/mobility"}, others: list(values, "go.yaml.in/yaml/v4")},
	"internal/scheme":          {ours: []string{"internal/mobility"}, others: list(values, "go.yaml.in/yaml/v4")},
	"internal/schemeform":      {ours: []string{"internal/scheme"}, others: list(values, "go.yaml.in/yaml/v4")},
	"internal/selection":       {ours: []string{"internal/mobility"}, others: values},
	"internal/selection/proof": {ours: []string{"internal/selection", "internal/mobility"}, others: values},
	// Large instances, for tests and measurements.
	"internal/selection/large": {ours: []string{"internal/selection"}, others: values},

	// The engine on files.
	"internal/allocation": {ours: []string{"internal/selection"}, others: values},

	// What people read, and what offices send us.
	"internal/locale": {others: list(values, "github.com/nicksnyder/go-i18n/v2", "github.com/BurntSushi/toml",
		"github.com/go-playground/locales", "golang.org/x/text")},
	"internal/calendar": {others: []string{"github.com/arran4/golang-ical"}},
	"internal/intake":   {ours: []string{"internal/mobility"}, others: list(values, "github.com/xuri/excelize/v2", "golang.org/x/text")},
	"internal/letter": {
		ours:   []string{"internal/mobility", "internal/locale"},
		others: list(values, "github.com/wneessen/go-mail", "github.com/emersion/go-msgauth", "github.com/yuin/goldmark", "golang.org/x/net"),
	},

	// Mail that came back: what it says, and where it is read from.
	"internal/bounce":  {others: []string{"golang.org/x/net"}},
	"internal/mailbox": {others: []string{"github.com/emersion/go-imap"}},

	// The database, and the only package that begins a transaction for a change.
	"internal/store": {
		ours:   []string{"db", "internal/mobility"},
		others: list(values, pgx[0], river[0], "github.com/pressly/goose/v3"),
	},
	// identity asks for its letters as a process does, by a job in the transaction.
	"internal/identity": {
		ours:   []string{"internal/mobility", "internal/store", "internal/process"},
		others: list(values, pgx[0], river[0], "github.com/alexedwards/scs/v2", "golang.org/x/time", "golang.org/x/crypto"),
	},
	"internal/process": {
		ours: []string{
			"internal/mobility", "internal/lifecycle", "internal/scheme", "internal/selection", "internal/selection/proof", "internal/intake", "internal/store", "internal/bounce", "internal/locale", "internal/letter",
		},
		others: list(values, pgx[0], river[0], "github.com/gabriel-vasile/mimetype", "go.yaml.in/yaml/v4"),
	},

	// Planned letters, filled from rows: for who sends them and who shows them before.
	"internal/outbox": {
		ours:   []string{"internal/mobility", "internal/lifecycle", "internal/scheme", "internal/selection", "internal/locale", "internal/letter", "internal/store"},
		others: list(values, pgx[0]),
	},
	"internal/health":    {ours: []string{"internal/store"}},
	"internal/filestore": {ours: []string{"internal/mobility"}, others: values},

	// The two ways in: workers decide nothing, pages query nothing but reads.
	"internal/jobs": {ours: []string{
		"internal/mobility", "internal/lifecycle", "internal/locale", "internal/letter", "internal/identity",
		"internal/store", "internal/process", "internal/outbox",
	}, others: list(values, pgx[0], river[0])},
	"internal/web/asset": {},
	"internal/web/form":  {ours: []string{"internal/mobility"}, others: list(values, "github.com/go-playground/validator/v10")},
	"internal/web/page": {
		ours:   []string{"internal/mobility", "internal/locale", "internal/lifecycle", "internal/web/asset", "internal/web/form"},
		others: list(values, "github.com/jba/templatecheck"),
	},
	"internal/web": {
		ours: []string{
			"internal/mobility", "internal/locale", "internal/lifecycle", "internal/scheme", "internal/schemeform", "internal/selection", "internal/intake",
			"internal/calendar", "internal/health", "internal/letter", "internal/outbox", "internal/identity", "internal/store", "internal/process", "internal/bounce",
			"internal/web/asset", "internal/web/form", "internal/web/page",
		},
		// Neither pgx nor River: web holds no connection and enqueues nothing.
		others: list(values, "github.com/alexedwards/scs/v2", "github.com/gabriel-vasile/mimetype", "golang.org/x/time", "golang.org/x/text"),
	},

	"internal/web/pagetest": {others: []string{"golang.org/x/net/html"}},

	// The demo's ground: programs the machine lacks, its database, its mail.
	"internal/fetch":   {},
	"internal/localpg": {ours: []string{"internal/fetch"}, others: pgx},
	"internal/catcher": {others: []string{"github.com/emersion/go-smtp", "github.com/emersion/go-sasl", "golang.org/x/net"}},
	"internal/demo":    {ours: anyOurs, others: anyOthers},
	"internal/demo/view": {ours: []string{
		"internal/mobility", "internal/lifecycle", "internal/store", "internal/catcher", "internal/web",
	}, others: values},

	// Wiring and tests.
	"internal/app":                {ours: anyOurs, others: anyOthers},
	"internal/testkit":            {ours: anyOurs, others: anyOthers},
	"internal/figures":            {}, // all in tests
	"internal/testkit/cmd/withpg": {ours: []string{"internal/localpg"}},
	"internal/importtest":         {},
	"cmd/peregrine":               {ours: []string{"internal/app"}},
}

// importers names who alone may import a package, whatever the table says.
var importers = map[string][]string{
	"internal/app":             {"cmd/peregrine"},
	"internal/web/pagetest":    nil,
	"internal/selection/large": nil,
	"internal/testkit":         nil, // tests only, and those are not looked at
	"internal/demo":            {"internal/app", "internal/testkit"},
	"internal/demo/view":       {"internal/app", "internal/demo", "internal/testkit"},
	"internal/catcher":         {"internal/app", "internal/demo", "internal/demo/view", "internal/testkit"},
	"internal/localpg":         {"internal/app", "internal/demo", "internal/testkit", "internal/testkit/cmd/withpg"},
	"internal/fetch":           {"internal/localpg", "internal/testkit"},
}

func list(set []string, more ...string) []string { return append(slices.Clone(set), more...) }

// source is one package of the tree.
type source struct {
	doc     string
	imports []string // of its non-test files
}

func TestEveryPackageImportsOnlyWhatTheTableAllows(t *testing.T) {
	for name, p := range packages(t) {
		r, ok := allowed[name]
		if !ok {
			t.Errorf("%s is not in the table: say there what it may import", name)
		}
		for _, imported := range p.imports {
			if problem := r.refuses(name, imported); ok && problem != "" {
				t.Errorf("%s imports %s: %s", name, imported, problem)
			}
		}
	}
}

// refuses says why the package may not import the path, "" if it may.
func (r rule) refuses(name, imported string) string {
	if of, ok := strings.CutPrefix(imported, module+"/"); ok {
		who, restricted := importers[of]
		switch {
		case restricted && !slices.Contains(who, name):
			return "only " + strings.Join(list(who, "tests"), ", ") + " may"
		case !slices.Contains(r.ours, of) && !slices.Equal(r.ours, anyOurs):
			return "the table does not allow it"
		}
		return ""
	}
	first, _, _ := strings.Cut(imported, "/")
	if !strings.Contains(first, ".") || slices.Equal(r.others, anyOthers) {
		return ""
	}
	for _, prefix := range r.others {
		if imported == prefix || strings.HasPrefix(imported, prefix+"/") {
			return ""
		}
	}
	return "the table allows no such module"
}

func TestTheTableNamesOnlyPackagesAndSaysNo(t *testing.T) {
	for _, c := range []struct {
		name, imported string
		want           bool
	}{
		{"internal/web", "github.com/jackc/pgx/v5/pgxpool", false},
		{"internal/web", "github.com/riverqueue/river", false},
		{"internal/web", "peregrine/internal/process", true},
		{"internal/mobility", "peregrine/internal/store", false},
		{"internal/process", "net/http", true},
		{"internal/process", "peregrine/internal/web", false},
		{"internal/demo", "peregrine/internal/testkit", false},
		{"internal/store", "github.com/riverqueue/river/rivermigrate", true},
	} {
		if problem := allowed[c.name].refuses(c.name, c.imported); (problem == "") != c.want {
			t.Errorf("%s importing %s: %q, want allowed %t", c.name, c.imported, problem, c.want)
		}
	}
	for name, r := range allowed {
		for _, other := range r.ours {
			if _, ok := allowed[other]; !ok && other != "*" {
				t.Errorf("the rule of %s names %s, which is not in the table", name, other)
			}
		}
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	for name, p := range packages(t) {
		want := "Package " + path.Base(name) + " "
		if strings.Contains(name, "cmd/") {
			want = "Command " + path.Base(name) + " "
		}
		if !strings.HasPrefix(p.doc, want) {
			t.Errorf("%s has no package comment that begins with %q", name, want)
		}
	}
}

// packages parses every Go file of the tree.
func packages(t *testing.T) map[string]*source {
	t.Helper()
	found := map[string]*source{}
	root := treeRoot(t)
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && skipped(root, file):
			return fs.SkipDir
		case !strings.HasSuffix(file, ".go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(file))
		if err != nil {
			return err
		}
		if found[dir] == nil {
			found[dir] = &source{}
		}
		found[dir].add(parsed, strings.HasSuffix(file, "_test.go"))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) < 10 {
		t.Fatalf("only %d packages found below %s", len(found), root)
	}
	return found
}

// skipped leaves out what is no package of ours: hidden folders, test data, and
// at the top what is built and stored there and the module of the tools.
func skipped(root, dir string) bool {
	name := filepath.Base(dir)
	return dir != root && (strings.HasPrefix(name, ".") || name == "testdata" ||
		filepath.Dir(dir) == root && slices.Contains([]string{"bin", "data", "tools"}, name))
}

func (p *source) add(f *ast.File, test bool) {
	if doc := f.Doc.Text(); p.doc == "" || strings.HasPrefix(doc, "Package ") {
		p.doc = doc
	}
	if test {
		return
	}
	for _, i := range f.Imports {
		p.imports = append(p.imports, strings.Trim(i.Path.Value, `"`))
	}
}

// treeRoot returns the folder of go.mod.
func treeRoot(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above this package")
		}
		dir = filepath.Dir(dir)
	}
}
