package jobs_test

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/localpg"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// Worker processes and PostgreSQL are killed at random moments while letters
// go out. Whatever the moment: every letter marked sent is in the mail server
// exactly once, whatever is there is sent or in doubt, no more letters are in
// doubt than connections were cut, and there is nothing else.
func TestKilledWorkersAndDatabaseSendNothingTwiceAndLoseNothing(t *testing.T) {
	t.Parallel()
	letters, kills, delay := 100, 6, 40*time.Millisecond
	if os.Getenv("PEREGRINE_SOAK") != "" {
		letters, kills, delay = 10_000, 100, 80*time.Millisecond
	}
	server, url := ownServer(t)
	r := newRig(t, testkit.WorldPlan{Database: url})
	r.plantLetters(letters)
	r.Delay(delay)
	workers := []*exec.Cmd{r.child(t), r.child(t)}
	moments := rand.New(rand.NewPCG(3, uint64(time.Now().UnixNano())))
	for range kills {
		time.Sleep(time.Duration(300+moments.IntN(900)) * time.Millisecond)
		if which := moments.IntN(3); which < len(workers) {
			if err := workers[which].Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = workers[which].Wait() // killed, as it should be
			r.takeUp(t)
			workers[which] = r.child(t)
		} else if err := server.Crash(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	r.finish(t, letters)
	for _, w := range workers {
		if err := w.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = w.Wait()
	}
	counts := r.judge(t)
	if counts["sent"]+counts["unknown"] != letters || counts["unknown"] > len(workers)*connections*kills {
		t.Errorf("%v of %d letters after %d kills of %d connections", counts, letters, kills, len(workers)*connections)
	}
	t.Logf("%v after %d kills", counts, kills)
}

// ownServer is a PostgreSQL that may be killed, as it answers for what was
// committed to it, and the address of a database of this version.
func ownServer(t *testing.T) (*localpg.Server, string) {
	t.Helper()
	server, err := localpg.Start(t.Context(), localpg.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	url := server.URL("killed")
	if err := server.CreateDatabase(t.Context(), "killed"); err != nil {
		t.Fatal(err)
	}
	admin, err := pgxpool.New(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	// A quick server answers before it has written; this one must not.
	if _, err := admin.Exec(t.Context(), `ALTER DATABASE killed SET synchronous_commit = on`); err != nil {
		t.Fatal(err)
	}
	if err := store.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return server, url
}

// takeUp does after seconds what River does after minutes: jobs of processes
// that are gone, or could not say how they ended, are taken up again. A
// database that is just starting is asked again.
func (r *rig) takeUp(t *testing.T) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, err := r.Admin.Exec(context.WithoutCancel(t.Context()), `WITH gone AS (DELETE FROM river_leader)
			UPDATE river_job SET state = 'available', attempt = greatest(attempt - 1, 0) WHERE state = 'running' AND attempted_at < now() - interval '3 seconds'`)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatal(err)
		}
	}
}

// finish lets all letters go that have not gone.
func (r *rig) finish(t *testing.T, letters int) {
	t.Helper()
	begun, patience := time.Now(), time.Minute+time.Duration(letters)*20*time.Millisecond
	left := -1
	for left != 0 && time.Since(begun) < patience {
		r.takeUp(t)
		r.Delay(0)
		// Those whose pause is long: they were put back while the database was away.
		_, _ = r.Admin.Exec(t.Context(), `UPDATE river_job SET state = 'available', scheduled_at = now() WHERE kind = 'letter_planned' AND state IN ('retryable', 'scheduled')`)
		time.Sleep(500 * time.Millisecond)
		if err := r.Admin.QueryRow(t.Context(), `SELECT count(*)::int FROM letters WHERE status IN ('planned', 'sending')`).Scan(&left); err != nil {
			slog.Debug("the database is away", "cause", err)
			left = -1
		}
	}
	if left != 0 {
		t.Errorf("%d letters were left after %v", left, time.Since(begun))
	}
}
