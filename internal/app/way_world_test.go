package app_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peregrine/internal/app"
	"peregrine/internal/catcher"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
	"peregrine/workflows"
)

// mailWait is the longest a letter may take to arrive.
const mailWait = 20 * time.Second

// way is the whole program with a small world: a home university with two
// faculties, an officer, a coordinator, three students and two hosts.
type way struct {
	t     *testing.T
	stage *app.Stage
	mails *catcher.Catcher
	read  map[int]bool // letters that somebody expected
	zone  *time.Location

	browser context.Context // nil until somebody sits down
	onPhone map[string]bool // screens checked in a narrow window
}

// newWay starts everything in this process: web server, workers and SMTP
// server. The world stands in 2040, as no clock of a machine will for long.
func newWay(t *testing.T) *way {
	t.Helper()
	w := &way{t: t, read: map[int]bool{}, onPhone: map[string]bool{}}
	w.zone = must(time.LoadLocation("Europe/Prague"))(t)
	w.mails = must(catcher.Start(catcher.Options{}))(t)
	t.Cleanup(func() { _ = w.mails.Close() })
	url := testkit.DatabaseURL(t)
	w.mark(url)
	for _, table := range []string{"institutions", "members", "units", "agreements", "people", "staff"} {
		w.bringIn(url, table)
	}
	w.stage = must(app.NewStage(t.Context(), app.Prop{DatabaseURL: url, Folder: t.TempDir(), Mail: w.mails}, w.logger()))(t)
	w.forward("2040-12-12 09:00")
	w.makeCall()
	w.run()
	return w
}

// must fails the test for an error and returns the value.
func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// mark makes the database a demo's, whose clock may be moved.
func (w *way) mark(url string) {
	w.t.Helper()
	pool := must(store.Open(w.t.Context(), url, store.RoleWork, 1))(w.t)
	defer pool.Close()
	if err := store.New().MarkInstallation(w.t.Context(), pool, "demo"); err != nil {
		w.t.Fatal(err)
	}
}

// bringIn imports a file of the world by the command an office uses.
func (w *way) bringIn(url, table string) {
	w.t.Helper()
	args := []string{"import", table, filepath.Join("testdata", "way", table+".csv")}
	if table != "institutions" && table != "members" {
		args = append(args, "--institution", "mendelu.cz")
	}
	if code, _, errs := invoke(w.t, []string{"PEREGRINE_DATABASE_URL=" + url}, args...); code != 0 {
		w.t.Fatalf("import %s: code %d, %s", table, code, errs)
	}
}

func (w *way) makeCall() {
	w.t.Helper()
	ctx := w.t.Context()
	must(w.stage.Process.LoadBuiltIn(ctx, time.Now(), workflows.Files))(w.t)
	source := must(os.ReadFile(filepath.Join("testdata", "way", "call.yaml")))(w.t)
	plan := must(process.ParseCallPlan(source))(w.t)
	must(w.stage.Process.CreateCall(ctx, mobility.Actor{System: true}, time.Now(), plan))(w.t)
}

// run serves and works until the test ends.
func (w *way) run() {
	ctx, stop := context.WithCancel(context.WithoutCancel(w.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- w.stage.Run(ctx) }()
	w.t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			w.t.Error(err)
		}
		if err := w.stage.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

// logger shows warnings and errors among the test's lines.
func (w *way) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(w.t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
}

// at reads a wall minute of the call's zone.
func (w *way) at(wall string) time.Time {
	w.t.Helper()
	return must(time.ParseInLocation("2006-01-02 15:04", wall, w.zone))(w.t)
}

// now is the business time.
func (w *way) now() time.Time {
	w.t.Helper()
	var now time.Time
	err := w.stage.Work.QueryRow(w.t.Context(), `SELECT now() + clock_offset FROM installation`).Scan(&now)
	if err != nil {
		w.t.Fatal(err)
	}
	return now
}

// forward moves the business clock before anybody is there.
func (w *way) forward(wall string) {
	w.t.Helper()
	must(w.stage.Process.ForwardClock(w.t.Context(), time.Now(), w.at(wall).Sub(w.now())))(w.t)
}

// mail waits for a letter to an address, by a part of its subject, that nobody
// has read yet.
func (w *way) mail(to, subject string) catcher.Mail {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), mailWait)
	defer cancel()
	m, err := w.mails.Wait(ctx, func(m catcher.Mail) bool {
		return !w.read[m.ID] && catcher.Filter{To: to, Subject: subject}.Match(m)
	})
	if err != nil {
		w.t.Fatalf("no letter to %s about %q: %v", to, subject, err)
	}
	w.read[m.ID] = true
	return m
}

// noOtherMail fails for each letter that nobody expected.
func (w *way) noOtherMail() {
	w.t.Helper()
	for _, m := range w.mails.Mails(catcher.Filter{}) {
		if !w.read[m.ID] {
			w.t.Errorf("an unexpected letter to %s: %s", strings.Join(m.To, ", "), m.Subject)
			w.read[m.ID] = true
		}
	}
}

// sound fails for each invariant that does not hold.
func (w *way) sound() {
	w.t.Helper()
	for _, v := range must(process.Verify(w.t.Context(), w.stage.Work))(w.t) {
		w.t.Errorf("%s is violated: %s", v.Rule, strings.Join(v.Rows, "; "))
	}
}
