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
	r.judge(t, kills)
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

func (r *rig) judge(t *testing.T, kills int) {
	t.Helper()
	status := map[string]string{}
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
	}
	count, sent, unknown := map[string]int{}, 0, 0
	for _, m := range r.Mails(catcher.Filter{}) {
		count[m.MessageID]++
		if s := status[m.MessageID]; s != "sent" && s != "unknown" {
			t.Errorf("%s is in the mail server and is %q here", m.MessageID, s)
		}
	}
	for id, s := range status {
		switch {
		case s == "sent" && count[id] != 1:
			t.Errorf("%s is marked sent and is in the mail server %d times", id, count[id])
		case s == "unknown" && count[id] > 1:
			t.Errorf("%s is in doubt and is in the mail server %d times", id, count[id])
		case s != "sent" && s != "unknown":
			t.Errorf("%s was left %s", id, s)
		}
		if s == "sent" {
			sent++
		} else {
			unknown++
		}
	}
	if unknown > connections*kills {
		t.Errorf("%d letters in doubt after %d kills of %d connections", unknown, kills, connections)
	}
	t.Logf("%d sent, %d in doubt after %d kills", sent, unknown, kills)
}
