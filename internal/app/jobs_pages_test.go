package app_test

import (
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peregrine/internal/app"
	"peregrine/internal/catcher"
	"peregrine/internal/testkit"
)

// newMachine is the whole program with nobody but its operator.
func newMachine(t *testing.T) *way {
	t.Helper()
	w := &way{t: t, read: map[int]bool{}, zone: time.UTC}
	w.mails = must(catcher.Start(catcher.Options{}))(t)
	t.Cleanup(func() { _ = w.mails.Close() })
	url := testkit.DatabaseURL(t)
	w.mark(url)
	w.bringIn(url, "institutions")
	w.bringIn(url, "members")
	staff := filepath.Join(t.TempDir(), "staff.csv")
	lines := "given_names,family_names,email,institution,role,unit,language\nMilan,Machine,milan@mendelu.example,CZ BRNO02,operator,,en\n"
	if err := os.WriteFile(staff, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := invoke(t, []string{"PEREGRINE_DATABASE_URL=" + url}, "import", "staff", staff, "--institution", "mendelu.cz"); code != 0 {
		t.Fatalf("import staff: code %d, %s", code, errs)
	}
	w.stage = must(app.NewStage(t.Context(), app.Prop{DatabaseURL: url, Folder: t.TempDir(), Mail: w.mails}, slog.New(slog.DiscardHandler)))(t)
	w.run()
	return w
}

// River's pages come under a policy of their own (web's jobsPolicy). One thing
// it refuses is meant to be refused: a library asks by a try whether it may
// make code out of text, and does without.
func TestOperatorSeesTheJobsUnderThePolicy(t *testing.T) {
	t.Parallel()
	w := newMachine(t)
	p := w.sit("operator", "milan@mendelu.example")
	p.open("/demo")
	p.press("Sign in as Milan Machine")
	for path, words := range map[string]string{
		"/jobs/": "Job State", "/jobs/jobs?state=completed": "due_scan", "/jobs/queues": "Queues", "/jobs/settings": "Theme",
	} {
		p.open(path)
		p.wait(path+" to say "+words, `document.body.innerText.includes(%s)`, words)
	}
	p.wait("River's own style", `document.querySelectorAll("head style").length > 0 && document.styleSheets.length > 1`)
	for _, problem := range testkit.Problems(p.tab) {
		if !strings.Contains(problem, "script-src refuses eval") {
			t.Errorf("browser: %s", problem)
		}
	}
	if policy := w.policy("/demo"); strings.Contains(policy, "unsafe") {
		t.Errorf("a page of ours has the policy %s", policy)
	}
}

// policy is the content security policy of a page.
func (w *way) policy(path string) string {
	w.t.Helper()
	req := must(http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.stage.Base+path, nil))(w.t)
	res := must(http.DefaultClient.Do(req))(w.t)
	if err := res.Body.Close(); err != nil {
		w.t.Error(err)
	}
	return res.Header.Get("Content-Security-Policy")
}
