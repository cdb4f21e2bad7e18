package jobs_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/testkit"
)

// A worker process is killed again and again while it sends. Whatever the
// moment: a letter marked sent is in the mail server exactly once, and what is
// there belongs to a letter that is sent or in doubt.
func TestKilledWorkersSendNothingTwiceAndLoseNothing(t *testing.T) {
	t.Parallel()
	letters, kills := 60, 6
	if os.Getenv("PEREGRINE_SOAK") != "" {
		letters, kills = 500, 100
	}
	r := newRig(t, testkit.WorldPlan{})
	for i := range letters {
		r.Submitted(r.Student(fmt.Sprint("Student", i), "2"))
	}
	r.at(r.WhileOpen())
	r.Delay(60 * time.Millisecond)
	moments := rand.New(rand.NewPCG(1, uint64(time.Now().UnixNano())))
	for range kills {
		child := r.child(t)
		// From the start on, so that some die while they begin.
		time.Sleep(time.Duration(100+moments.IntN(700)) * time.Millisecond)
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // killed, as it should be
		r.rescue()
	}
	r.Delay(0)
	r.start(t)
	r.settled(t)
	counts := r.judge(t)
	if counts["sent"]+counts["unknown"] != letters || counts["unknown"] > connections*kills {
		t.Errorf("%v of %d letters after %d kills of %d connections", counts, letters, kills, connections)
	}
	t.Logf("%v after %d kills", counts, kills)
}

func (r *rig) child(t *testing.T) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), childVariable+"="+r.World.URL+" "+r.Catcher.URL())
	child.Stderr = os.Stderr
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	return child
}

// rescue does at once what River does after some minutes: the jobs of a dead
// process are taken up again, and another process leads.
func (r *rig) rescue() {
	r.Exec(`UPDATE river_job SET state = 'available', attempt = greatest(attempt - 1, 0) WHERE state = 'running'`)
	r.Exec(`DELETE FROM river_leader`)
}

// judge holds the letters to what the mail server has: none is there twice,
// what is marked sent is there, and what is there is sent or in doubt. It
// returns how many letters have which status.
func (r *rig) judge(t *testing.T) map[string]int {
	t.Helper()
	status, counts := map[string]string{}, map[string]int{}
	rows, err := r.Admin.Query(t.Context(), `SELECT 'letter.' || id || '@peregrine.example.edu', status FROM letters`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, s string
		if err := rows.Scan(&id, &s); err != nil {
			t.Fatal(err)
		}
		status[id] = s
		counts[s]++
	}
	there := map[string]int{}
	for _, m := range r.Mails(catcher.Filter{}) {
		there[m.MessageID]++
		if s := status[m.MessageID]; s != "sent" && s != "unknown" {
			t.Errorf("%s is in the mail server and is %q here", m.MessageID, s)
		}
	}
	for id, s := range status {
		if there[id] > 1 || s == "sent" && there[id] != 1 {
			t.Errorf("%s is marked %s and is in the mail server %d times", id, s, there[id])
		}
		if s == "planned" || s == "sending" {
			t.Errorf("%s was left %s", id, s)
		}
	}
	return counts
}
