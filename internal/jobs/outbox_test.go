package jobs_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// published is a rig with n offers that were published while nobody worked.
func published(t *testing.T, n int) (r *rig, students []mobility.Actor, files []uuid.UUID, ranking uuid.UUID) {
	t.Helper()
	places := make([]int, 1)
	places[0] = n
	r = newRig(t, testkit.WorldPlan{Places: places})
	for i := range n {
		who := r.Student(fmt.Sprint("Student", i), "1.5")
		id := r.Submitted(who)
		r.Marked(id, "20")
		students, files = append(students, who), append(files, id)
	}
	r.Exec(`UPDATE letters SET status = 'skipped', skip_reason = 'overtaken' WHERE status = 'planned'`) // receipts are another matter
	r.at(r.AfterClose)
	return r, students, files, r.Published(r.AfterClose)
}

// about counts the mails to somebody whose subject has the words.
func (r *rig) about(who mobility.Actor, words string) int {
	n := 0
	for _, m := range r.Mails(catcher.Filter{To: r.address(who.Person)}) {
		if strings.Contains(m.Subject, words) {
			n++
		}
	}
	return n
}

func TestPausedLettersWaitWithoutAnAttemptAndGoOnAtOnce(t *testing.T) {
	t.Parallel()
	r, students, files, ranking := published(t, 3)
	pause := process.PauseLetters{Ranking: ranking, Reason: "A mark is in doubt.", Arrived: r.AfterClose}
	if err := r.Process.PauseLetters(t.Context(), r.Officer, pause); err != nil {
		t.Fatal(err)
	}
	if err := r.Process.PauseLetters(t.Context(), r.Officer, pause); mobility.CodeOf(err) != "conflict.letters_paused" {
		t.Errorf("paused twice: %v", err)
	}
	all := pause
	all.All = true
	if err := r.Process.PauseLetters(t.Context(), r.Officer, all); err != nil {
		t.Fatal(err)
	}
	r.start(t)
	r.until(t, `SELECT count(*) = 3 FROM river_job WHERE kind = 'letter_planned' AND state = 'scheduled' AND args ->> 'letter' IN (SELECT id::text FROM letters WHERE kind = 'offer')`)
	resume := process.PauseLetters{Ranking: ranking, Arrived: r.AfterClose}
	if err := r.Process.ResumeLetters(t.Context(), r.Officer, resume); err != nil {
		t.Fatal(err)
	}
	r.until(t, `SELECT count(*) = 3 FROM river_job WHERE kind = 'letter_planned' AND state = 'scheduled' AND args ->> 'letter' IN (SELECT id::text FROM letters WHERE kind = 'offer')`)
	if n := len(r.Mails(catcher.Filter{})) + testkit.One[int](r.World, `SELECT count(*)::int FROM letter_attempts`); n != 0 {
		t.Errorf("%d mails and attempts while all e-mail of decisions is paused", n)
	}
	if r.State(files[0]) != "offered" {
		t.Error("the pause hides the result")
	}
	resume.All = true
	if err := r.Process.ResumeLetters(t.Context(), r.Officer, resume); err != nil {
		t.Fatal(err)
	}
	r.settled(t)
	for i, who := range students {
		if n := r.about(who, ""); n != 1 || r.status(r.letterOf(files[i], "offer")) != "sent" {
			t.Errorf("student %d has %d mails, the letter is %s", i, n, r.status(r.letterOf(files[i], "offer")))
		}
	}
	if err := r.Process.ResumeLetters(t.Context(), r.Officer, resume); mobility.CodeOf(err) != "conflict.letters_not_paused" {
		t.Errorf("resumed twice: %v", err)
	}
	for _, who := range []mobility.Actor{r.Coordinator, students[0]} {
		if err := r.Process.PauseLetters(t.Context(), who, pause); mobility.KindOf(err) != mobility.Forbidden && mobility.KindOf(err) != mobility.NotFound {
			t.Errorf("somebody else may pause: %v", err)
		}
	}
}

// A pause of everything holds whatever kind a letter is, and nothing that signs
// somebody in.
func TestAllMailIsPausedButWhatSignsIn(t *testing.T) {
	t.Parallel()
	r := newRig(t, testkit.WorldPlan{})
	anna := r.Student("Anna", "1.5")
	receipt := r.letterOf(r.Submitted(anna), "receipt")
	r.at(r.WhileOpen())
	pause := process.PauseMail{Institution: r.Home, Reason: "The mail server is being moved.", Arrived: r.WhileOpen()}
	for _, who := range []mobility.Actor{r.Coordinator, anna, r.ForeignOfficer} {
		if err := r.Process.PauseMail(t.Context(), who, pause); mobility.CodeOf(err) != "refusal.not_your_office" {
			t.Errorf("somebody else pauses: %v", err)
		}
		if err := r.Process.ResumeMail(t.Context(), who, pause); mobility.CodeOf(err) != "refusal.not_your_office" {
			t.Errorf("somebody else lets it go on: %v", err)
		}
	}
	silent := pause
	silent.Reason = " "
	if err := r.Process.PauseMail(t.Context(), r.Officer, silent); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("paused without a reason: %v", err)
	}
	if err := r.Process.PauseMail(t.Context(), r.Administrator, pause); err != nil {
		t.Fatal(err)
	}
	if err := r.Process.PauseMail(t.Context(), r.Officer, pause); mobility.CodeOf(err) != "conflict.letters_paused" {
		t.Errorf("paused twice: %v", err)
	}
	r.start(t)
	r.askSignIn(t, anna)
	if _, err := r.Wait(t.Context(), catcher.Filter{To: r.address(anna.Person)}.Match); err != nil {
		t.Fatal(err)
	}
	r.until(t, `SELECT count(*) = 1 FROM river_job WHERE kind = 'letter_planned' AND state = 'scheduled' AND args ->> 'letter' = $1`, receipt.String())
	if n := len(r.Mails(catcher.Filter{})) + testkit.One[int](r.World, `SELECT count(*)::int FROM letter_attempts`); n != 1 {
		t.Errorf("%d mails and attempts, want the sign-in letter alone", n)
	}
	if got := testkit.One[string](r.World, `SELECT string_agg(k, ' ') FROM unnest(ARRAY['late_link', 'sample', 'digest', 'host_nominations', 'offer']) AS k WHERE letter_waits($1, k, NULL)`, r.Home); got != "digest host_nominations offer" {
		t.Errorf("these wait: %s", got)
	}
	if err := r.Process.ResumeMail(t.Context(), r.Officer, pause); err != nil {
		t.Fatal(err)
	}
	r.settled(t)
	if n := r.about(anna, ""); n != 2 || r.status(receipt) != "sent" {
		t.Errorf("%d mails, the letter is %s", n, r.status(receipt))
	}
	if err := r.Process.ResumeMail(t.Context(), r.Officer, pause); mobility.CodeOf(err) != "conflict.letters_not_paused" {
		t.Errorf("resumed twice: %v", err)
	}
}

func TestOneLetterIsWrittenByHandSampledAndSent(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	r := newRig(t, testkit.WorldPlan{Places: []int{2}})
	anna, bert := r.Student("Anna", "1.1"), r.Student("Bert", "1.9")
	a, b := r.Submitted(anna), r.Submitted(bert)
	r.Marked(a, "28")
	r.Marked(b, "18")
	r.Exec(`UPDATE letters SET status = 'skipped', skip_reason = 'overtaken' WHERE status = 'planned'`)
	r.at(r.AfterClose)
	ranking, err := r.Process.ComputeRanking(ctx, r.Officer, r.Round, r.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	hash := testkit.One[string](r.World, `SELECT result_hash FROM rankings WHERE id = $1`, ranking)
	language := testkit.One[string](r.World, `SELECT coalesce(nullif(p.language, ''), i.language) FROM persons p, institutions i WHERE p.id = $1 AND i.id = $2`, anna.Person, r.Home)
	src, err := letter.ParseSource("offer", language, letter.BuiltIn("offer", language)+"\nCome and see us before Friday.\n")
	if err != nil {
		t.Fatal(err)
	}
	edit := process.EditLetter{Ranking: ranking, Application: a, Source: src, Reason: "She asked us.", Arrived: r.AfterClose}
	for name, change := range map[string]func(e *process.EditLetter){
		"conflict.no_such_letter": func(e *process.EditLetter) {
			e.Source, _ = letter.ParseSource("reserve", language, letter.BuiltIn("reserve", language))
		},
		"error.invalid": func(e *process.EditLetter) { e.Reason = " " },
	} {
		wrong := edit
		change(&wrong)
		if err := r.Process.EditLetter(ctx, r.Officer, wrong); mobility.CodeOf(err) != name && (name != "error.invalid" || mobility.KindOf(err) != mobility.Invalid) {
			t.Errorf("want %s, got %v", name, err)
		}
	}
	if err := r.Process.EditLetter(ctx, r.Officer, edit); err != nil {
		t.Fatal(err)
	}
	if err := r.Process.EditLetter(ctx, r.Coordinator, edit); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("the coordinator edits: %v", err)
	}
	r.start(t)
	if err := r.Process.SendSample(ctx, r.Officer, process.SendSample{Ranking: ranking, Application: a, Letter: "offer", Arrived: r.AfterClose}); err != nil {
		t.Fatal(err)
	}
	m, err := r.Wait(ctx, catcher.Filter{To: r.address(r.Officer.Person)}.Match)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(m.Subject, "[sample] ") || !strings.Contains(m.Text, "before Friday") || strings.Contains(m.HTML, "href") || strings.Contains(m.Text, "https://") {
		t.Errorf("the sample %q says\n%s\n%s", m.Subject, m.Text, m.HTML)
	}
	if n := len(r.Mails(catcher.Filter{})); n != 1 {
		t.Errorf("%d mails before anything is published", n)
	}
	for range 19 {
		if err := r.Process.SendSample(ctx, r.Officer, process.SendSample{Ranking: ranking, Application: b, Letter: "offer", Arrived: r.AfterClose}); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Process.SendSample(ctx, r.Officer, process.SendSample{Ranking: ranking, Application: b, Letter: "offer", Arrived: r.AfterClose}); mobility.CodeOf(err) != "conflict.too_many_samples" {
		t.Errorf("a twenty-first sample: %v", err)
	}
	if _, err := r.Process.Publish(ctx, r.Officer, process.Publication{Ranking: ranking, Hash: hash, Arrived: r.AfterClose}); err != nil {
		t.Fatal(err)
	}
	r.settled(t)
	for who, want := range map[uuid.UUID]bool{anna.Person: true, bert.Person: false} {
		mails := r.Mails(catcher.Filter{To: r.address(who)})
		if len(mails) != 1 || strings.Contains(mails[0].Text, "before Friday") != want || strings.Contains(mails[0].Subject, "sample") || !strings.Contains(mails[0].HTML, "href") {
			t.Errorf("%d mails, written by hand: %v", len(mails), want)
		}
	}
	if err := r.Process.EditLetter(ctx, r.Officer, edit); mobility.CodeOf(err) != "conflict.already_published" {
		t.Errorf("edited after publication: %v", err)
	}
	if words := testkit.One[int](r.World, `SELECT count(*)::int FROM acts WHERE data::text LIKE '%asked%'`); words != 0 {
		t.Error("the act holds words")
	}
}

// withdraws corrects an offer.
func (r *rig) withdraws(id uuid.UUID) {
	r.Move(r.Officer, id, "withdraw_offer", r.AfterClose.Add(time.Hour), process.Given{Reason: "A mark was another's."})
}

func TestACorrectionTakesBackWhatHasNotGone(t *testing.T) {
	t.Parallel()
	r, students, files, _ := published(t, 2)
	r.withdraws(files[0]) // before any job ran
	r.start(t)
	r.settled(t)
	if got := r.status(r.letterOf(files[0], "offer")); got != "retracted corrected" || r.attempts(r.letterOf(files[0], "offer")) != "" {
		t.Errorf("the offer is %s after %q", got, r.attempts(r.letterOf(files[0], "offer")))
	}
	if n := r.about(students[0], ""); n != 1 || r.about(students[0], "withdrawn") != 1 {
		t.Errorf("%d mails, %d of them say that it is withdrawn", n, r.about(students[0], "withdrawn"))
	}
	if n := r.about(students[1], ""); n != 1 || r.about(students[1], "withdrawn") != 0 {
		t.Errorf("the other has %d mails", n)
	}
}

func TestALetterOnItsWayThatIsCorrectedIsNotTriedAgain(t *testing.T) {
	t.Parallel()
	r, students, files, _ := published(t, 1)
	r.relay.Whole = 4 * time.Second
	r.FailAddress(r.address(students[0].Person), catcher.Hang(catcher.AtRecipient, false))
	r.start(t)
	offer := r.letterOf(files[0], "offer")
	r.until(t, `SELECT status = 'sending' FROM letters WHERE id = $1`, offer)
	r.withdraws(files[0])
	withdrawal := r.letterOf(files[0], "offer_withdrawn")
	time.Sleep(500 * time.Millisecond)
	if got := r.status(withdrawal) + r.attempts(withdrawal); got != "planned" {
		t.Errorf("the correction is %s while the letter it corrects is on its way", got)
	}
	r.Heal()
	r.settled(t)
	if got := r.status(offer); got != "retracted corrected" || r.attempts(offer) != "temporary" {
		t.Errorf("the offer is %s after %q", got, r.attempts(offer))
	}
	if n := r.about(students[0], ""); n != 1 || r.about(students[0], "withdrawn") != 1 {
		t.Errorf("%d mails, %d of them say that it is withdrawn", n, r.about(students[0], "withdrawn"))
	}
}

func TestAFailedLetterThatIsCorrectedIsNotSentAgain(t *testing.T) {
	t.Parallel()
	r, students, files, ranking := published(t, 2)
	r.FailAddress(r.address(students[0].Person), catcher.Refuse(550, "no such mailbox"))
	r.FailAddress(r.address(students[1].Person), catcher.Refuse(550, "no such mailbox"))
	r.start(t)
	r.settled(t)
	r.Heal()
	r.withdraws(files[0])
	r.settled(t)
	offer := r.letterOf(files[0], "offer")
	if err := r.Process.ResendLetter(t.Context(), r.Officer, process.ResendLetter{Letter: offer, Arrived: r.AfterClose}); mobility.CodeOf(err) != "conflict.letter_overtaken" {
		t.Errorf("an overtaken letter sent again: %v", err)
	}
	n, err := r.Process.ResendMany(t.Context(), r.Officer, process.ResendMany{Ranking: ranking, All: true, Arrived: r.AfterClose})
	if err != nil || n != 1 {
		t.Fatalf("%d sent again: %v", n, err)
	}
	r.settled(t)
	if r.about(students[0], "") != 1 || r.about(students[0], "withdrawn") != 1 || r.about(students[1], "") != 1 {
		t.Errorf("mails: %d, %d", r.about(students[0], ""), r.about(students[1], ""))
	}
}

// However a correction meets the letter it corrects, its reader never gets the
// wrong one after the right one, nor any twice.
func TestCorrectionsRaceWithTheWorkers(t *testing.T) {
	t.Parallel()
	const many = 40
	r, students, files, _ := published(t, many)
	var mu sync.Mutex
	nth := 0
	r.FailWhen(func(string) (catcher.Fault, bool) {
		mu.Lock()
		defer mu.Unlock()
		nth++
		return catcher.RefuseMessage(451, "try later"), nth%3 == 0
	})
	r.Delay(3 * time.Millisecond)
	r.start(t)
	for i, id := range files {
		if i%2 == 0 {
			r.withdraws(id)
		}
	}
	r.settled(t)
	tookBack := 0
	for i, who := range students {
		offers, withdrawals := 0, 0
		for _, m := range r.Mails(catcher.Filter{To: r.address(who.Person)}) { // newest first or last: the order is checked by time
			if strings.Contains(m.Subject, "withdrawn") {
				withdrawals++
				continue
			}
			offers++
		}
		want := 0
		if i%2 == 0 {
			want = 1
		}
		status := r.status(r.letterOf(files[i], "offer"))
		if withdrawals != want || offers > 1 || (offers == 1) != (status == "sent") {
			t.Errorf("student %d: %d offers, %d withdrawals, the offer is %s", i, offers, withdrawals, status)
		}
		if status == "retracted corrected" {
			tookBack++
		}
	}
	late := testkit.One[int](r.World, `SELECT count(*)::int FROM letters o JOIN letters w ON w.application_id = o.application_id AND w.kind = 'offer_withdrawn'
		JOIN letter_attempts x ON x.letter_id = o.id AND x.outcome = 'sent' JOIN letter_attempts y ON y.letter_id = w.id AND y.outcome = 'sent'
		WHERE o.kind = 'offer' AND y.started_at < x.finished_at`)
	if late != 0 {
		t.Errorf("%d corrections went before what they correct had gone", late)
	}
	t.Logf("%d of %d offers were taken back", tookBack, many/2)
}
