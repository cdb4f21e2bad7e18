package jobs_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/identity"
	"peregrine/internal/letter"
	"peregrine/internal/testkit"
)

// Every fault a mail server can have, through the worker that sends: what was
// surely not taken is tried again until it is, what was refused for good or of
// which nobody knows is not, and nobody gets anything twice.
func TestEveryFaultThroughTheWorker(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.relay.Whole = time.Second
	faults := []struct {
		name   string
		fault  catcher.Fault
		first  string // outcome of the first attempt
		status string // at the end
		mails  int
	}{
		{"greylisted", catcher.Refuse(451, "come again"), "temporary", "sent", 1},
		{"mailbox full", catcher.Refuse(452, "mailbox full"), "temporary", "sent", 1},
		{"closing", catcher.Refuse(421, "closing"), "temporary", "sent", 1},
		{"full disk", catcher.RefuseMessage(452, "insufficient system storage"), "temporary", "sent", 1},
		{"nobody there", catcher.Refuse(550, "no such user"), "permanent", "failed", 0},
		{"taken for spam", catcher.RefuseMessage(554, "spam"), "permanent", "failed", 0},
		{"hangs", catcher.Hang(catcher.AtRecipient, false), "temporary", "sent", 1},
		{"hangs after the message, lost", catcher.Hang(catcher.AfterData, false), "unknown", "unknown", 0},
		{"hangs after the message, taken", catcher.Hang(catcher.AfterData, true), "unknown", "unknown", 1},
		{"drops", catcher.Drop(catcher.AtRecipient, false), "temporary", "sent", 1},
		{"drops before DATA", catcher.Drop(catcher.AtData, false), "temporary", "sent", 1},
		{"drops in DATA", catcher.Drop(catcher.InContent, false), "unknown", "unknown", 0},
		{"drops after DATA, lost", catcher.Drop(catcher.AfterData, false), "unknown", "unknown", 0},
		{"drops after DATA, taken", catcher.Drop(catcher.AfterData, true), "unknown", "unknown", 1},
	}
	ids, addresses := make([]uuid.UUID, len(faults)), make([]string, len(faults))
	for i, f := range faults {
		student := r.Student(fmt.Sprint("Student", i), "2")
		ids[i], addresses[i] = r.letterOf(r.Submitted(student), "receipt"), r.address(student.Person)
		r.FailAddress(addresses[i], f.fault)
	}
	healthy := r.letterOf(r.Submitted(r.Student("Well", "2")), "receipt")
	r.at(r.WhileOpen())
	r.Exec(`UPDATE river_job SET max_attempts = 10000`) // pauses are short here: nothing is given up while others hang
	r.start(t)
	r.until(t, `SELECT count(*) = $1 FROM (SELECT letter_id FROM letter_attempts WHERE outcome IS NOT NULL GROUP BY 1) x`, len(faults)+1)
	r.Heal()
	r.settled(t)
	for i, f := range faults {
		attempts := strings.Fields(r.attempts(ids[i]))
		if r.status(ids[i]) != f.status || attempts[0] != f.first || f.status != "sent" && len(attempts) != 1 {
			t.Errorf("%s: the letter is %s after %v", f.name, r.status(ids[i]), attempts)
		}
		if n := len(r.Mails(catcher.Filter{To: addresses[i]})); n != f.mails {
			t.Errorf("%s: %d mails, want %d", f.name, n, f.mails)
		}
	}
	if r.attempts(healthy) != "sent" {
		t.Errorf("a letter without a fault: %s", r.attempts(healthy))
	}
}

// Lines so slow that no letter gets through are a silent mail server: letters
// wait, and none is tried again and again.
func TestSlowLinesAndRefusedTLSMakeLettersWait(t *testing.T) {
	t.Parallel()
	for name, hinder := range map[string]func(*catcher.Catcher){
		"slow lines":  func(c *catcher.Catcher) { c.SlowLines(100 * time.Millisecond) },
		"refused TLS": func(c *catcher.Catcher) { c.RefuseTLS() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRigWith(t, testkit.WorldPlan{}, catcher.Options{TLS: true})
			r.relay.TLS, r.relay.Whole = r.Catcher.TLS(), 500*time.Millisecond
			for i := range 20 {
				r.Submitted(r.Student(fmt.Sprint("Student", i), "2"))
			}
			r.at(r.WhileOpen())
			hinder(r.Catcher)
			r.start(t)
			r.until(t, `SELECT EXISTS (SELECT 1 FROM relays WHERE down_since IS NOT NULL AND failures >= 1)`)
			if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letter_attempts`); n > 2*connections {
				t.Errorf("%d attempts against a wall", n)
			}
			r.Heal()
			r.hurry()
			r.settled(t)
			if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letters WHERE status = 'sent'`); n != 20 || len(r.Mails(catcher.Filter{})) != 20 {
				t.Errorf("%d letters sent, %d mails", n, len(r.Mails(catcher.Filter{})))
			}
		})
	}
}

// hurry lets the next look at a silent mail server happen at once.
func (r *rig) hurry() {
	r.T.Helper()
	r.Exec(`UPDATE relays SET look_at = now() - interval '1 second' WHERE down_since IS NOT NULL`)
}

// A mail server that does everything wrong at random: none of thousands of
// letters is lost, and none is there twice.
func TestThousandsOfLettersAgainstRandomFaults(t *testing.T) {
	t.Parallel()
	n := 300
	if os.Getenv("PEREGRINE_SOAK") != "" {
		n = 10_000
	}
	r := newRig(t, testkit.WorldPlan{})
	r.relay.Whole = time.Second
	r.plantLetters(n)
	chance := rand.New(rand.NewPCG(2, uint64(time.Now().UnixNano())))
	kinds := []catcher.Fault{
		catcher.Refuse(451, "come again"), catcher.Refuse(421, "closing"), catcher.RefuseMessage(452, "full disk"),
		catcher.Refuse(550, "no such user"), catcher.RefuseMessage(554, "spam"),
		catcher.Hang(catcher.AtRecipient, false), catcher.Hang(catcher.AfterData, true), catcher.Hang(catcher.AfterData, false),
		catcher.Drop(catcher.AtRecipient, false), catcher.Drop(catcher.AtData, false), catcher.Drop(catcher.InContent, false),
		catcher.Drop(catcher.AfterData, true), catcher.Drop(catcher.AfterData, false),
	}
	r.FailWhen(func(string) (catcher.Fault, bool) {
		return kinds[chance.IntN(len(kinds))], chance.IntN(10) == 0
	})
	r.start(t)
	r.untilIn(t, 20*time.Minute, `SELECT NOT EXISTS (SELECT 1 FROM letters WHERE status IN ('planned', 'sending'))`)
	counts := r.judge(t)
	// Of a hundred letters some three come into doubt and one or two are refused; what chance adds is far less.
	if counts["sent"] < n*8/10 || counts["failed"] > n/10 || counts["unknown"] > n/10 {
		t.Errorf("outcomes %v", counts)
	}
	t.Logf("outcomes %v", counts)
}

func TestRemindersCanBeUnsubscribedFromAndDecisionsCannot(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	r.Draft(anna)
	bert := r.Student("Bert", "1.2")
	r.Submitted(bert)
	if _, _, err := r.Process.Due(t.Context(), r.ClosesAt.Add(-20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	r.at(r.ClosesAt.Add(-20 * time.Hour))
	r.start(t)
	r.settled(t)
	reminders := r.Mails(catcher.Filter{To: r.address(anna.Person)})
	if len(reminders) == 0 {
		t.Fatal("no reminder")
	}
	leave, _ := strings.CutSuffix(reminders[0].Header.Get("List-Unsubscribe"), ">")
	token, ok := strings.CutPrefix(leave, "<https://peregrine.example.edu/unsubscribe/")
	if !ok || reminders[0].Header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" {
		t.Fatalf("List-Unsubscribe: %q, -Post: %q", reminders[0].Header.Get("List-Unsubscribe"), reminders[0].Header.Get("List-Unsubscribe-Post"))
	}
	person, group, err := identity.New(identity.Config{Pool: r.Admin}).ReadUnsubscribe(t.Context(), token)
	if err != nil || person != anna.Person || group != identity.LeaveReminders {
		t.Errorf("%v %s, %v", person, group, err)
	}
	for _, m := range r.Mails(catcher.Filter{To: r.address(bert.Person)}) {
		if m.Header.Get("List-Unsubscribe") != "" {
			t.Errorf("%q can be unsubscribed from", m.Subject)
		}
	}
}

func TestAddressTheMailServerCannotTakeIsRefusedInWords(t *testing.T) {
	t.Parallel()
	r := newRigWith(t, testkit.WorldPlan{}, catcher.Options{NoSMTPUTF8: true})
	anna := r.Student("Anna", "1.2")
	r.Exec(`UPDATE persons SET email = 'žofie@example.cz' WHERE id = $1`, anna.Person)
	id := r.letterOf(r.Submitted(anna), "receipt")
	r.at(r.WhileOpen())
	r.start(t)
	r.settled(t)
	said := testkit.One[string](r.World, `SELECT response FROM letter_attempts WHERE letter_id = $1`, id)
	if r.status(id) != "failed" || r.attempts(id) != string(letter.Permanent) || !strings.Contains(said, "ASCII") {
		t.Errorf("letter is %s after %s: %s", r.status(id), r.attempts(id), said)
	}
}
