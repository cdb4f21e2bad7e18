package jobs_test

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
	"peregrine/internal/testkit"
)

// down is a mail server that is not there, at an address where one can come up.
func (r *rig) down(t *testing.T) (up func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	relay, err := letter.ParseRelay("smtp://" + addr + "?tls=none")
	if err != nil {
		t.Fatal(err)
	}
	relay.Connections = connections
	r.relay = relay
	return func() {
		c, err := catcher.Start(catcher.Options{Addr: addr})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
		r.Catcher = c
	}
}

// While the mail server is away letters wait without attempts and without
// lines in the log; reminders lose their point meanwhile; then all the others
// go, each once, slowly at first.
func TestMailServerThatIsAwayLosesNothingAndFloodsNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	up := r.down(t)
	late := r.Student("Late", "2")
	r.Draft(late)
	if _, n, err := r.Process.Due(t.Context(), r.ClosesAt.Add(-20*time.Hour)); err != nil || n == 0 {
		t.Fatalf("%d reminders, %v", n, err)
	}
	r.plantLetters(100)
	r.at(r.ClosesAt.Add(-20 * time.Hour))
	r.start(t)
	second := r.start(t) // two processes share what they know
	defer second()
	r.until(t, `SELECT EXISTS (SELECT 1 FROM relays WHERE failures >= 1)`)
	time.Sleep(2 * time.Second)
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letter_attempts`); n > 2*connections {
		t.Errorf("%d attempts at a mail server that is away", n)
	}
	if n := testkit.One[int](r.World, `SELECT coalesce(max(attempt), 0)::int FROM river_job WHERE kind = 'letter_planned' AND state NOT IN ('running', 'completed')`); n > 1 {
		t.Errorf("a job has used up %d attempts", n)
	}
	if n := strings.Count(r.logs.String(), "mail server"); n > 8 {
		t.Errorf("%d lines about it:\n%s", n, r.logs)
	}
	if !strings.Contains(r.logs.String(), "letters_waiting=1") {
		t.Errorf("nobody is told how many letters wait:\n%s", r.logs)
	}
	r.at(r.ClosesAt.Add(time.Minute))
	r.Exec(`UPDATE relays SET down_since = now() - interval '5 hours'`)
	up()
	r.hurry()
	r.until(t, `SELECT down_since IS NULL AND rising_since IS NOT NULL FROM relays`)
	time.Sleep(3 * time.Second)
	if n := len(r.Mails(catcher.Filter{})); n < 3 || n > 16 { // 120 a minute at first
		t.Errorf("%d letters in the first seconds", n)
	}
	r.Exec(`UPDATE relays SET rising_since = NULL, next_slot = now()`)
	r.settled(t)
	r.judge(t)
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letters WHERE status = 'sent' AND kind = 'receipt'`); n != 100 {
		t.Errorf("%d of 100 went", n)
	}
	if got := testkit.One[string](r.World, `SELECT string_agg(DISTINCT status || ' ' || skip_reason, ', ') FROM letters WHERE kind = 'remind_draft'`); !strings.Contains(got, "skipped deadline_over") || strings.Contains(got, "sent") {
		t.Errorf("reminders are %s", got)
	}
}

func TestSignInWaitsForTheMailServerAndComesAtOnce(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	up := r.down(t)
	r.start(t)
	r.askSignIn(t, r.Officer)
	r.until(t, `SELECT EXISTS (SELECT 1 FROM relays WHERE down_since IS NOT NULL)`)
	// The next look is far away, but somebody stands at the door.
	r.Exec(`UPDATE relays SET look_at = now() + interval '15 minutes', looked_at = now() - interval '1 minute'`)
	up()
	if _, err := r.Wait(t.Context(), catcher.Filter{To: r.address(r.Officer.Person)}.Match); err != nil {
		t.Fatal(err)
	}
}

// The rate holds for all processes together, and nobody at the door waits for it.
func TestRateIsSharedByAllProcesses(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.relay.Rate = 600 // ten a second
	r.plantLetters(60)
	r.start(t)
	second := r.start(t)
	defer second()
	r.until(t, `SELECT count(*) >= 5 FROM letters WHERE status = 'sent'`)
	r.askSignIn(t, r.Officer)
	begun := time.Now()
	if _, err := r.Wait(t.Context(), catcher.Filter{To: r.address(r.Officer.Person)}.Match); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("somebody at the door waited %v", took)
	}
	r.settled(t)
	mails := r.Mails(catcher.Filter{})
	for i := range mails {
		// Of any eleven in a row the last comes no sooner than a second after
		// the first, but for slots taken in advance and a busy machine.
		if i >= 15 && mails[i].At.Sub(mails[i-15].At) < time.Second {
			t.Fatalf("letters %d to %d went within %v", i-15, i, mails[i].At.Sub(mails[i-15].At))
		}
	}
	if len(mails) != 61 {
		t.Errorf("%d mails", len(mails))
	}
}

// plantLetters plants n letters about the files of a few students, and their
// jobs, and moves the clock to when they go.
func (r *rig) plantLetters(n int) {
	r.T.Helper()
	for i := range 5 {
		r.Submitted(r.Student(fmt.Sprint("Reader", i), "2"))
	}
	r.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at)
		SELECT gen_random_uuid(), l.institution_id, l.kind, l.queue, l.language, l.person_id, l.recipient, l.application_id, l.call_id, l.event_id,
			'planted:' || i || ':' || l.id, l.data, 'planned', l.planned_at
		FROM (SELECT * FROM letters WHERE kind = 'receipt' ORDER BY id LIMIT 5) l, generate_series(1, $1 / 5 - 1) i`, n)
	r.Exec(`INSERT INTO river_job (state, queue, kind, args, max_attempts, priority, scheduled_at)
		SELECT 'available', queue, 'letter_planned', jsonb_build_object('letter', id, 'queue', queue), 25, 1, now() FROM letters WHERE subject_key LIKE 'planted:%'`)
	r.at(r.WhileOpen())
}
