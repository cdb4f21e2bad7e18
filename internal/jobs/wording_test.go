package jobs_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestLettersArriveInTheInstitutionsWords(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.2")
	r.Submitted(anna)
	for _, lang := range locale.Languages {
		w := process.Wording{Institution: r.Home, Kind: letter.KindReceipt, Language: lang, Arrived: r.WhileOpen()}
		text := strings.Replace(letter.BuiltIn(w.Kind, lang), "Subject: ", "Subject: Mendel! ", 1) + "\n\n[Survey](https://survey.example/)\n"
		version, err := r.Process.SaveWording(t.Context(), r.Administrator, w, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Process.UseWording(t.Context(), r.Administrator, w, version); err != nil {
			t.Fatal(err)
		}
	}
	r.at(r.WhileOpen())
	r.start(t)
	r.settled(t)
	mails := r.Mails(catcher.Filter{To: r.address(anna.Person)})
	if len(mails) != 1 || !strings.HasPrefix(mails[0].Subject, "Mendel! ") || mails[0].Link("https://survey.example/") == "" || !strings.Contains(mails[0].Text, "Study stays") {
		t.Fatalf("%d mails, %+v", len(mails), mails)
	}
}

// write is an announcement to all candidates of the call.
func (r *rig) write(subject string) process.Announcement {
	r.T.Helper()
	a := process.Announcement{
		ID: uuid.Must(uuid.NewV7()), Institution: r.Home, Call: &r.Call, List: process.ToCandidates, Arrived: r.WhileOpen(),
	}
	for _, lang := range locale.Languages {
		a.Texts = append(a.Texts, process.AnnouncementText{Language: lang, Subject: subject, Body: "We meet on **Tuesday**.\n\n[Open]({{.Link}})", Why: "you applied."})
	}
	readers, err := r.Process.AnnouncementReaders(r.T.Context(), r.Officer, a)
	if err != nil {
		r.T.Fatal(err)
	}
	a.Seen = readers.Hash
	return a
}

func TestALetterToManyArrivesOnceAtEach(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	const many = 30
	var students []uuid.UUID
	for i := range many {
		one := r.Student(fmt.Sprintf("Anna%d", i), "1.2")
		r.Submitted(one)
		students = append(students, one.Person)
	}
	back := r.write("Taken back")
	if n, err := r.Process.SendAnnouncement(t.Context(), r.Officer, back); err != nil || n != many {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := r.Process.RetractAnnouncement(t.Context(), r.Officer, back.ID, r.WhileOpen()); err != nil || n != many {
		t.Fatalf("%d taken back, %v", n, err)
	}
	a := r.write("Tuesday")
	for i := range 3 {
		if _, err := r.Process.SendAnnouncement(t.Context(), r.Officer, a); err != nil {
			t.Fatalf("time %d: %v", i+1, err)
		}
	}
	r.Exec(`INSERT INTO reminder_choices (person_id, way, announcements, chosen_at) VALUES ($1, 'default', false, now())`, students[0])
	r.at(r.WhileOpen().Add(time.Minute))
	r.start(t)
	r.untilIn(t, time.Minute, `SELECT NOT EXISTS (SELECT 1 FROM letters WHERE status IN ('planned', 'sending'))`)
	if got := testkit.One[string](r.World, `SELECT status || ' ' || skip_reason FROM letters WHERE kind = 'announcement' AND person_id = $1 AND status <> 'retracted'`, students[0]); got != "skipped unwanted" {
		t.Errorf("the letter to somebody who wants none any more is %s", got)
	}
	for _, person := range students[1:] {
		var got []catcher.Mail
		for _, m := range r.Mails(catcher.Filter{To: r.address(person)}) {
			if strings.Contains(m.Text, "We meet on Tuesday.") {
				got = append(got, m)
			}
		}
		if len(got) != 1 || got[0].Subject != "Tuesday" || !strings.Contains(got[0].Text, "you applied.") || got[0].Link("/applications/") == "" || got[0].Header.Get("List-Unsubscribe") == "" {
			t.Fatalf("%d letters, %+v", len(got), got)
		}
	}
	if n := testkit.One[int](r.World, `SELECT count(*) FROM letter_texts t JOIN letters l ON l.id = t.letter_id WHERE l.kind = 'announcement' AND l.status = 'sent'`); n != many-1 {
		t.Errorf("%d frozen texts", n)
	}
}
