package app_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/app"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// programVariable makes this test program the product's own, for tests that
// send it signals.
const programVariable = "PEREGRINE_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		context.AfterFunc(ctx, stop)
		os.Exit(app.Main(ctx, app.Program{Args: os.Args[1:], Environ: os.Environ(), Out: os.Stdout, Err: os.Stderr, Now: time.Now}))
	}
	os.Exit(testkit.Main(m))
}

// output is a buffer that is written while it is read.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// invoke runs the program to its end.
func invoke(t *testing.T, environ []string, args ...string) (code int, out, errs string) {
	t.Helper()
	var o, e output
	code = app.Main(t.Context(), app.Program{Args: args, Environ: environ, Out: &o, Err: &e, Now: time.Now})
	return code, o.String(), e.String()
}

var right = map[string]string{
	"PEREGRINE_DATABASE_URL": "postgres://user:hunter2@localhost/peregrine", "PEREGRINE_BASE_URL": "https://peregrine.example.org",
	"PEREGRINE_SMTP_URL": "smtp://user:hunter2@mail.example.org", "PEREGRINE_MAIL_FROM": "Peregrine <no-reply@peregrine.example.org>",
	"PEREGRINE_DOCUMENTS": "/srv/documents",
}

// environ is the right environment with changes; "" unsets.
func environ(changes map[string]string) []string {
	var out []string
	for name, value := range right {
		if changed, ok := changes[name]; ok {
			value = changed
		}
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	for name, value := range changes {
		if _, ok := right[name]; !ok {
			out = append(out, name+"="+value)
		}
	}
	return out
}

func TestConfigurationIsCheckedBeforeAnythingOpens(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		command string
		change  map[string]string
		want    string // "": fine
	}{
		{"serve", "serve", nil, ""},
		{"work", "work", nil, ""},
		{"no database", "serve", map[string]string{"PEREGRINE_DATABASE_URL": ""}, "PEREGRINE_DATABASE_URL is not set"},
		{"bad database", "work", map[string]string{"PEREGRINE_DATABASE_URL": "mysql://x:hunter2@y"}, "PEREGRINE_DATABASE_URL is no address"},
		{"connections", "serve", map[string]string{"PEREGRINE_DATABASE_CONNECTIONS": "0"}, "PEREGRINE_DATABASE_CONNECTIONS is no number from 2"},
		{"connections no number", "serve", map[string]string{"PEREGRINE_DATABASE_CONNECTIONS": "many"}, "database-connections"},
		{"no base", "work", map[string]string{"PEREGRINE_BASE_URL": ""}, "PEREGRINE_BASE_URL is not set"},
		{"base with path", "serve", map[string]string{"PEREGRINE_BASE_URL": "https://example.org/peregrine"}, "without a path"},
		{"base in the open", "serve", map[string]string{"PEREGRINE_BASE_URL": "http://example.org"}, "must be https"},
		{"base at home", "serve", map[string]string{"PEREGRINE_BASE_URL": "http://127.0.0.1:8080"}, ""},
		{"no mail server", "work", map[string]string{"PEREGRINE_SMTP_URL": ""}, "PEREGRINE_SMTP_URL is not set"},
		{"password in the open", "work", map[string]string{"PEREGRINE_SMTP_URL": "smtp://user:hunter2@mail.example.org?tls=none"}, "a password is not sent without TLS"},
		{"no sender", "work", map[string]string{"PEREGRINE_MAIL_FROM": ""}, "PEREGRINE_MAIL_FROM is not set"},
		{"bad sender", "work", map[string]string{"PEREGRINE_MAIL_FROM": "nobody"}, "PEREGRINE_MAIL_FROM is no address"},
		{"rate", "work", map[string]string{"PEREGRINE_SMTP_URL": "smtp://user:hunter2@mail.example.org?rate=600"}, ""},
		{"bad rate", "work", map[string]string{"PEREGRINE_SMTP_URL": "smtp://user:hunter2@mail.example.org?rate=0"}, "rate=0 is no number of letters a minute"},
		{"half a signature", "work", map[string]string{"PEREGRINE_DKIM_SELECTOR": "peregrine"}, "the key and the selector are set together"},
		{"no key to sign with", "work", map[string]string{"PEREGRINE_DKIM_KEY": "/nowhere", "PEREGRINE_DKIM_SELECTOR": "peregrine"}, "the key cannot be read"},
		{"signature, serve", "serve", map[string]string{"PEREGRINE_DKIM_KEY": "/nowhere", "PEREGRINE_DKIM_SELECTOR": "peregrine"}, ""},
		{"no documents", "serve", map[string]string{"PEREGRINE_DOCUMENTS": ""}, "PEREGRINE_DOCUMENTS is not set"},
		{"bad addr", "serve", map[string]string{"PEREGRINE_ADDR": "8080"}, "PEREGRINE_ADDR is no host:port"},
		{"unknown level", "serve", map[string]string{"PEREGRINE_LOG_LEVEL": "loud"}, "log-level"},
		{"mistyped", "serve", map[string]string{"PEREGRINE_DATABSE_URL": "x"}, "PEREGRINE_DATABSE_URL is set, and there is no such setting: is PEREGRINE_DATABASE_URL meant?"},
		{"unheard of", "serve", map[string]string{"PEREGRINE_COLOUR_OF_THE_SKY": "blue"}, "there is no such setting"},
		{"all at once", "work", map[string]string{"PEREGRINE_BASE_URL": "", "PEREGRINE_MAIL_FROM": ""}, "PEREGRINE_BASE_URL is not set; PEREGRINE_MAIL_FROM is not set"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			code, out, errs := invoke(t, environ(c.change), c.command, "--check")
			if strings.Contains(out+errs, "hunter2") {
				t.Errorf("a password was printed: %s%s", out, errs)
			}
			if c.want == "" {
				if code != 0 || !strings.Contains(out, "fine") {
					t.Errorf("code %d: %s", code, errs)
				}
				return
			}
			if code != 2 || !strings.Contains(errs, c.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("code %d, want 2 and one line with %q: %s", code, c.want, errs)
			}
		})
	}
}

func TestWrongUseIsOneLineAndTwo(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"fly"}, {"serve", "--no-such-flag"}, {"workflow", "check"}, {"workflow", "diagram", "no-such"}, {"workflow", "load", "--institution", "x"}} {
		if code, _, errs := invoke(t, nil, args...); code != 2 || strings.Count(errs, "\n") != 1 {
			t.Errorf("%v: code %d, %s", args, code, errs)
		}
	}
	if code, out, _ := invoke(t, nil, "--help"); code != 0 || !strings.Contains(out, "demo") || !strings.Contains(out, "allocate") {
		t.Errorf("help: code %d\n%s", code, out)
	}
}

func TestWorkflowCommands(t *testing.T) {
	t.Parallel()
	if code, out, errs := invoke(t, nil, "workflow", "check", "../../workflows/erasmus-study.yaml", "../../workflows/bip.yaml"); code != 0 {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	source, err := os.ReadFile("../../workflows/bip.yaml")
	if err != nil {
		t.Fatal(err)
	}
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, bytes.Replace(source, []byte("to: submitted"), []byte("to: nowhere"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := invoke(t, nil, "workflow", "check", broken)
	if code != 1 || !regexp.MustCompile(`broken\.yaml:\d+: .*nowhere`).MatchString(out) {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	for format, want := range map[string]string{"mermaid": "stateDiagram-v2", "svg": "<svg"} {
		if code, out, _ := invoke(t, nil, "workflow", "diagram", "erasmus-study", "--format", format); code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("%s: code %d, %.60s", format, code, out)
		}
	}
}

// production is a migrated database that is marked as one of production.
func production(t *testing.T) (url string, env []string) {
	t.Helper()
	url = testkit.EmptyDatabaseURL(t)
	env = environ(map[string]string{
		"PEREGRINE_DATABASE_URL": url, "PEREGRINE_DOCUMENTS": t.TempDir(), "PEREGRINE_ADDR": "127.0.0.1:0", "PEREGRINE_DRAIN": "1ms",
		"PEREGRINE_SMTP_URL": "smtp://127.0.0.1:9?tls=none", "PEREGRINE_LOG_FORMAT": "text",
	})
	if code, out, errs := invoke(t, env, "migrate"); code != 0 || !strings.Contains(out, "from version 0") {
		t.Fatalf("migrate: code %d, %s%s", code, out, errs)
	}
	return url, env
}

func exec(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(t.Context())) }()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestMigrateImportVerify(t *testing.T) {
	t.Parallel()
	_, env := production(t)
	if code, out, errs := invoke(t, env, "migrate"); code != 0 || !strings.Contains(out, " 0 new") {
		t.Errorf("again: code %d, %s%s", code, out, errs)
	}
	for _, want := range []string{"5912 rows: 59", "5912 rows: 0 new, 0 changed"} {
		if code, out, errs := invoke(t, env, "import", "institutions"); code != 0 || !strings.HasPrefix(out, want) {
			t.Errorf("code %d, want %q: %s%s", code, want, out, errs)
		}
	}
	if code, out, errs := invoke(t, env, "import", "members"); code != 0 {
		t.Errorf("code %d: %s%s", code, out, errs)
	}
	bad := filepath.Join(t.TempDir(), "people.csv")
	if err := os.WriteFile(bad, []byte("given_names\nAnna\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := invoke(t, env, "import", "people", bad, "--institution", "mendelu.cz"); code != 1 || !strings.Contains(errs, "This column is missing") {
		t.Errorf("a bad file: code %d, %s", code, errs)
	}
	if code, _, errs := invoke(t, env, "import", "people", bad, "--institution", "nowhere.example"); code != 2 {
		t.Errorf("nowhere: code %d, %s", code, errs)
	}
	if code, out, errs := invoke(t, env, "verify"); code != 0 || !strings.Contains(out, "invariants hold") {
		t.Errorf("verify: code %d, %s%s", code, out, errs)
	}
	if code, out, errs := invoke(t, env, "workflow", "check", "--pinned"); code != 0 {
		t.Errorf("pinned: code %d, %s%s", code, out, errs)
	}
}

func TestProductionAndDemoNeverTouchEachOther(t *testing.T) {
	t.Parallel()
	url, env := production(t)
	before := dump(t, url)
	data := t.TempDir()
	code, _, errs := invoke(t, []string{"PEREGRINE_DEMO_DATABASE_URL=" + url}, "demo", "--addr", "127.0.0.1:0", "--data", data, "--reset")
	if code != 2 || !strings.Contains(errs, "no demo") {
		t.Errorf("demo on production: code %d, %s", code, errs)
	}
	if dump(t, url) != before {
		t.Error("the demo changed production's database")
	}
	exec(t, url, `UPDATE installation SET kind = 'demo'`)
	for _, command := range []string{"serve", "work", "migrate"} {
		if code, _, errs := invoke(t, env, command); code != 2 || !strings.Contains(errs, "is a demo's") {
			t.Errorf("%s on a demo's: code %d, %s", command, code, errs)
		}
	}
	foreign := testkit.EmptyDatabaseURL(t)
	exec(t, foreign, `CREATE TABLE customers (id int)`)
	code, _, errs = invoke(t, []string{"PEREGRINE_DEMO_DATABASE_URL=" + foreign}, "demo", "--addr", "127.0.0.1:0", "--data", data, "--reset")
	if code != 2 || !strings.Contains(errs, "no demo") {
		t.Errorf("demo on somebody's database: code %d, %s", code, errs)
	}
	exec(t, foreign, `SELECT * FROM customers`)
}

func dump(t *testing.T, url string) string {
	t.Helper()
	found, err := store.Look(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return found.Kind
}

func TestDatabaseOfAnotherVersionIsRefused(t *testing.T) {
	t.Parallel()
	url, env := production(t)
	for sql, want := range map[string]string{
		`INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)`: "newer program",
		`DELETE FROM goose_db_version WHERE version_id > 1`:                         "run peregrine migrate first",
	} {
		exec(t, url, sql)
		if code, _, errs := invoke(t, env, "serve"); code != 2 || !strings.Contains(errs, want) || strings.Count(errs, "peregrine:") != 1 {
			t.Errorf("code %d, want %q: %s", code, want, errs)
		}
		exec(t, url, `DELETE FROM goose_db_version WHERE version_id = 9999`)
	}
}

func TestDemoRefusesADatabaseOfANewerVersion(t *testing.T) {
	t.Parallel()
	url, _ := production(t)
	exec(t, url, `UPDATE installation SET kind = 'demo'`)
	exec(t, url, fmt.Sprintf(`INSERT INTO goose_db_version (version_id, is_applied) VALUES (%d, true)`, store.Version()+1))
	code, out, errs := invoke(t, []string{"PEREGRINE_DEMO_DATABASE_URL=" + url}, "demo", "--addr", "127.0.0.1:0", "--data", t.TempDir())
	want := fmt.Sprintf("The database has version %d, and this program knows %d", store.Version()+1, store.Version())
	if code != 2 || out != "" || !strings.Contains(errs, want) || strings.Count(errs, "\n") != 1 {
		t.Errorf("code %d, want 2 and one line with %q: %s%s", code, want, out, errs)
	}
}
