package jobs_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/identity"
	"peregrine/internal/jobs"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestReceiptArrivesOnceInTheThreadOfItsFile(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	a := r.Submitted(anna)
	r.at(r.WhileOpen())
	r.start(t)
	r.settled(t)
	mails := r.Mails(catcher.Filter{To: r.address(anna.Person)})
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	id := r.letterOf(a, "receipt")
	m := mails[0]
	if m.MessageID != "letter."+id.String()+"@peregrine.example.edu" || m.InReplyTo != "application."+a.String()+"@peregrine.example.edu" {
		t.Errorf("Message-ID %s in reply to %s", m.MessageID, m.InReplyTo)
	}
	if got := m.Header.Get("From"); !strings.Contains(got, "Home University") {
		t.Errorf("From: %s", got)
	}
	if !strings.Contains(m.Text, "Study stays") || m.Link("/applications/"+a.String()) == "" {
		t.Errorf("the receipt says\n%s", m.Text)
	}
	if r.status(id) != "sent" || r.attempts(id) != "sent" {
		t.Errorf("letter is %s after %s", r.status(id), r.attempts(id))
	}
	if strings.Contains(r.logs.String(), "Anna") || strings.Contains(r.logs.String(), "@home.example") {
		t.Errorf("the log has personal data:\n%s", r.logs)
	}
}

func TestRollbackSendsNothing(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	a := r.Draft(anna)
	r.at(r.WhileOpen())
	r.start(t)
	outer, err := r.Web.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	inserter, err := jobs.NewInserter(r.Web)
	if err != nil {
		t.Fatal(err)
	}
	inside := process.New(outer, inserter, &testkit.MemoryFiles{})
	_, err = inside.Move(t.Context(), anna, process.MoveRequest{Application: a, Move: "submit", Arrived: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond) // workers are awake and see nothing
	if err := outer.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if n := len(r.Mails(catcher.Filter{})); n != 0 {
		t.Errorf("%d mails of what never happened", n)
	}
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM river_job WHERE kind = 'letter_planned'`); n != 0 {
		t.Errorf("%d jobs of what never happened", n)
	}
}

func TestTemporaryRefusalIsTriedAgainWithTheFrozenText(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	a := r.Submitted(r.Student("Anna", "1.2"))
	r.at(r.WhileOpen())
	r.FailNext(3, catcher.RefuseMessage(451, "try later"))
	r.start(t)
	id := r.letterOf(a, "receipt")
	r.until(t, `SELECT EXISTS (SELECT 1 FROM letter_attempts WHERE letter_id = $1 AND outcome IS NOT NULL)`, id)
	r.Exec(`UPDATE calls SET title = '{"en": "Another title"}'`)
	r.settled(t)
	if r.status(id) != "sent" || r.attempts(id) != "temporary temporary temporary sent" {
		t.Errorf("letter is %s after %s", r.status(id), r.attempts(id))
	}
	mails := r.Mails(catcher.Filter{})
	if len(mails) != 1 || strings.Contains(mails[0].Text, "Another") {
		t.Errorf("%d mails, the text is not the frozen one", len(mails))
	}
}

func TestPermanentRefusalIsShownAndNotTriedAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	a := r.Submitted(anna)
	r.at(r.WhileOpen())
	r.FailAddress(r.address(anna.Person), catcher.Refuse(550, "no such mailbox"))
	r.start(t)
	r.settled(t)
	id := r.letterOf(a, "receipt")
	code := testkit.One[int](r.World, `SELECT code FROM letter_attempts WHERE letter_id = $1`, id)
	said := testkit.One[string](r.World, `SELECT response FROM letter_attempts WHERE letter_id = $1`, id)
	if r.status(id) != "failed" || r.attempts(id) != "permanent" || code != 550 || !strings.Contains(said, "no such mailbox") {
		t.Errorf("letter is %s after %s: %d %s", r.status(id), r.attempts(id), code, said)
	}
	if !testkit.One[bool](r.World, `SELECT NOT EXISTS (SELECT 1 FROM river_job WHERE kind = 'letter_planned' AND errors::text LIKE '%@home.example%')`) {
		t.Error("the job's record has an address")
	}
}

func TestDoubtIsNeverSentAgain(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	a := r.Submitted(r.Student("Anna", "1.2"))
	b := r.Submitted(r.Student("Bert", "1.2"))
	r.at(r.WhileOpen())
	r.FailNext(1, catcher.Drop(catcher.AfterData, true))
	// Of Bert's letter an earlier sender left an attempt behind.
	left := r.letterOf(b, "receipt")
	r.Exec(`UPDATE letters SET status = 'sending' WHERE id = $1`, left)
	r.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at) VALUES ($1, 1, now())`, left)
	r.start(t)
	r.settled(t)
	for _, id := range []uuid.UUID{r.letterOf(a, "receipt"), left} {
		if r.status(id) != "unknown" || r.attempts(id) != "unknown" {
			t.Errorf("letter is %s after %s", r.status(id), r.attempts(id))
		}
	}
	if n := len(r.Mails(catcher.Filter{})); n != 1 {
		t.Errorf("%d mails, want the one that was taken", n)
	}
}

func TestHangingLetterBlocksNobody(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.relay.Whole = 8 * time.Second
	stuck := r.Student("Stuck", "1.2")
	r.FailAddress(r.address(stuck.Person), catcher.Hang(catcher.AtRecipient, false))
	a := r.Submitted(stuck)
	for i := range 20 {
		r.Submitted(r.Student(fmt.Sprint("Student", i), "2"))
	}
	r.at(r.WhileOpen())
	r.start(t)
	begun := time.Now()
	r.askSignIn(t, r.Officer)
	if _, err := r.Wait(t.Context(), catcher.Filter{To: r.address(r.Officer.Person)}.Match); err != nil {
		t.Fatal(err)
	}
	r.until(t, `SELECT count(*) = 20 FROM letters WHERE status = 'sent'`)
	if took := time.Since(begun); took > r.relay.Whole {
		t.Errorf("the others took %v", took)
	}
	if got := r.status(r.letterOf(a, "receipt")); got != "sending" {
		t.Errorf("the hanging letter is %s", got)
	}
	r.until(t, `SELECT EXISTS (SELECT 1 FROM letter_attempts WHERE letter_id = $1 AND number = 1 AND outcome = 'temporary')`, r.letterOf(a, "receipt"))
}

// askSignIn asks for a sign-in letter of somebody.
func (r *rig) askSignIn(t *testing.T, who mobility.Actor) uuid.UUID {
	t.Helper()
	inserter, err := jobs.NewInserter(r.Admin)
	if err != nil {
		t.Fatal(err)
	}
	s := identity.New(identity.Config{Pool: r.Admin, Jobs: inserter, AnswerTime: -1})
	id, err := s.AskSignIn(t.Context(), identity.AskSignIn{Email: r.address(who.Person), Language: "en", Network: "192.0.2.1", Arrived: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestSignInLetterBringsAWorkingCodeAndIsNotStored(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.FailNext(1, catcher.Refuse(421, "busy"))
	r.start(t)
	asked := r.askSignIn(t, r.Officer)
	m, err := r.Wait(t.Context(), catcher.Filter{To: r.address(r.Officer.Person)}.Match)
	if err != nil {
		t.Fatal(err)
	}
	link := m.Link("/sign-in/link/")
	if link == "" {
		t.Fatalf("no link in\n%s", m.Text)
	}
	s := identity.New(identity.Config{Pool: r.Admin, AnswerTime: -1})
	if err := s.CheckLink(t.Context(), link[strings.LastIndex(link, "/")+1:]); err != nil {
		t.Errorf("the link in the letter: %v", err)
	}
	entrance, err := s.UseCode(t.Context(), asked, code(m.Text))
	if err != nil || entrance.Person != r.Officer.Person {
		t.Errorf("the code in the letter: %+v, %v", entrance, err)
	}
	if n := testkit.One[int](r.World, `SELECT count(*)::int FROM letter_texts`); n != 0 {
		t.Error("the letter was stored")
	}
}

// Nobody who only asked for a sign-in letter knows what it is known by; one
// refused for good says what is wrong with the address.
func TestARefusedSignInLetterMarksTheAddress(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	r.start(t)
	asked := r.askSignIn(t, r.Officer)
	m, err := r.Wait(t.Context(), catcher.Filter{To: r.address(r.Officer.Person)}.Match)
	if err != nil {
		t.Fatal(err)
	}
	key := testkit.One[string](r.World, `SELECT mail_key::text FROM sign_ins WHERE id = $1`, asked)
	if !strings.HasPrefix(m.MessageID, "sign-in."+key+"@") || strings.Contains(m.MessageID, asked.String()) {
		t.Errorf("the letter is known by %s", m.MessageID)
	}
	r.FailAddress(r.address(r.Officer.Person), catcher.Refuse(550, "5.1.1 no such user"))
	r.askSignIn(t, r.Officer)
	r.until(t, `SELECT EXISTS (SELECT 1 FROM bounced_addresses WHERE person_id = $1)`, r.Officer.Person)
	r.until(t, `SELECT EXISTS (SELECT 1 FROM river_job WHERE kind = 'sign_in_asked' AND state = 'cancelled')`)
}

// code finds a code like K7PX-3MQD, alone on its line.
func code(text string) string {
	for _, line := range strings.Split(text, "\n") {
		line = strings.Trim(strings.TrimSpace(line), "*")
		if len(line) == 9 && line[4] == '-' {
			return line
		}
	}
	return ""
}

func TestHostLetterHasALinkOfItsOwnThatIsStoredNowhere(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	a := r.Submitted(anna)
	r.Marked(a, "28")
	r.Published(r.AfterClose)
	at := r.AfterClose.Add(time.Hour)
	r.Move(anna, a, "confirm", at, process.Given{})
	r.Move(r.Officer, a, "nominate", at, process.Given{})
	r.at(at)
	r.FailAddress("incoming@host.example", catcher.RefuseMessage(451, "later"))
	r.start(t)
	r.until(t, `SELECT EXISTS (SELECT 1 FROM letter_attempts WHERE number = 2)`)
	r.Heal()
	m, err := r.Wait(t.Context(), catcher.Filter{To: "incoming@host.example"}.Match)
	if err != nil {
		t.Fatal(err)
	}
	link := m.Link("/host/")
	if link == "" {
		t.Fatalf("no link in\n%s", m.Text)
	}
	token := link[strings.LastIndex(link, "/")+1:]
	if !testkit.One[bool](r.World, `SELECT EXISTS (SELECT 1 FROM host_links WHERE token_hash = sha256($1::text::bytea))`, token) {
		t.Error("the link in the letter opens nothing")
	}
	if testkit.One[bool](r.World, `SELECT EXISTS (SELECT 1 FROM letter_texts WHERE plain LIKE '%' || $1 || '%' OR html LIKE '%' || $1 || '%')`, token) {
		t.Error("the stored letter has the secret")
	}
	r.settled(t)
}

func TestReminderThatLostItsPointIsSkippedWithItsReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want   string
		change func(r *rig, student mobility.Actor, file uuid.UUID)
	}{
		{"sent", func(*rig, mobility.Actor, uuid.UUID) {}},
		{"skipped state_left", func(r *rig, who mobility.Actor, file uuid.UUID) {
			r.Move(who, file, "submit", time.Now(), process.Given{})
		}},
		{"skipped deadline_moved", func(r *rig, _ mobility.Actor, _ uuid.UUID) {
			r.Exec(`UPDATE deadlines SET closes_at = closes_at + interval '3 days', version = version + 1 WHERE kind = 'closes'`)
		}},
		{"skipped deadline_over", func(r *rig, _ mobility.Actor, _ uuid.UUID) { r.at(r.ClosesAt.Add(time.Second)) }},
		{"skipped erased", func(r *rig, who mobility.Actor, _ uuid.UUID) {
			r.Exec(`UPDATE persons SET erased_at = now() WHERE id = $1`, who.Person)
		}},
	} {
		t.Run(c.want, func(t *testing.T) {
			t.Parallel()
			r := newRig(t, testkit.WorldPlan{})
			anna := r.Student("Anna", "1.2")
			a := r.Draft(anna)
			if _, n, err := r.Process.Due(context.Background(), r.ClosesAt.Add(-20*time.Hour)); err != nil || n == 0 {
				t.Fatalf("%d reminders, %v", n, err)
			}
			r.at(r.ClosesAt.Add(-20 * time.Hour))
			c.change(r, anna, a)
			r.start(t)
			r.settled(t)
			got := testkit.One[string](r.World, `SELECT status || coalesce(nullif(' ' || skip_reason, ' '), '') FROM letters
				WHERE kind = 'remind_draft' AND skip_reason <> 'overtaken' ORDER BY planned_at LIMIT 1`)
			if got != c.want {
				t.Errorf("the reminder is %q", got)
			}
		})
	}
}

func TestScanRunsByItselfAndAFreedPlaceMovesOn(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna, bert := r.Student("Anna", "1.2"), r.Student("Bert", "2.4")
	a, b := r.Submitted(anna), r.Submitted(bert)
	r.Marked(a, "28")
	r.Marked(b, "20")
	r.Published(r.AfterClose)
	closes := testkit.One[time.Time](r.World, `SELECT closes_at FROM deadlines WHERE kind = 'confirm_by'`)
	r.at(closes.Add(mobility.Grace))
	r.start(t)
	r.until(t, `SELECT state = 'lapsed' FROM applications WHERE id = $1`, a)
	r.until(t, `SELECT state = 'offered' FROM applications WHERE id = $1`, b)
	if _, err := r.Wait(t.Context(), catcher.Filter{To: r.address(bert.Person), Subject: "has become free"}.Match); err != nil {
		t.Error(err)
	}
}
