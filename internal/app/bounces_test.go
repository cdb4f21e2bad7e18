package app_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peregrine/internal/app"
	"peregrine/internal/catcher"
	"peregrine/internal/testkit"
)

// returning is the whole program on a small world in which one student's
// address is one that nobody has.
type returning struct {
	*way
	world *testkit.World
}

const (
	nobodys = "anna.novakova@bounce.example"
	annas   = "anna@right.example"
)

func newReturning(t *testing.T) returning {
	t.Helper()
	w := &way{t: t, read: map[int]bool{}, onPhone: map[string]bool{}, zone: time.UTC}
	world := testkit.NewWorld(t, testkit.WorldPlan{})
	w.mails = must(catcher.Start(catcher.Options{}))(t)
	t.Cleanup(func() { _ = w.mails.Close() })
	w.stage = must(app.NewStage(t.Context(), app.Prop{DatabaseURL: world.URL, Folder: t.TempDir(), Mail: w.mails}, w.logger()))(t)
	anna := world.Student("Anna", "1.0")
	world.Exec(`UPDATE persons SET email = $1 WHERE id = $2`, nobodys, anna.Person)
	world.Submitted(anna)
	w.run()
	return returning{w, world}
}

// A letter goes to an address nobody has and comes back into the mailbox. The
// office finds it in its list, puts the address right, and the same letter
// goes again, over real SMTP, and is read by e-mail and in the product.
func TestALetterComesBackAndGoesAgain(t *testing.T) {
	w := newReturning(t)
	first := w.mail(nobodys, "")
	officer := w.sit("office", testkit.One[string](w.world, `SELECT email FROM persons WHERE id = $1`, w.world.Officer.Person))
	officer.signInByLink()
	deadline := time.Now().Add(mailWait)
	for testkit.One[int](w.world, `SELECT count(*)::int FROM letter_bounces`) == 0 {
		if time.Now().After(deadline) {
			t.Fatal("what came back was not read")
		}
		time.Sleep(100 * time.Millisecond)
	}

	w.sit("lost", nobodys).askToSignIn()
	for testkit.One[int](w.world, `SELECT count(*)::int FROM address_bounces`) == 0 {
		if time.Now().After(deadline.Add(mailWait)) {
			t.Fatal("the sign-in letter that came back was not read")
		}
		time.Sleep(100 * time.Millisecond)
	}

	officer.open("/office/letters")
	officer.sees("Sign-in letters that came back", "1 letter needs a decision", "Came back", "Nobody has this address", nobodys)
	officer.look("letters")
	officer.lookOnPhone("letters")
	officer.press("Receipt")
	officer.sees("Correct the address and send again", "550 5.1.1 user unknown", "mx.bounce.example")
	officer.look("letter")
	officer.lookOnPhone("letter")
	officer.press("Correct the address and send again")
	officer.fill("New address", annas)
	officer.fill("How do you know the new address?", "She telephoned.")
	officer.look("address")
	officer.lookOnPhone("address")
	officer.press("Correct and send again")
	officer.sees("The address was corrected, and the letters are being sent again.", "Every letter is settled")
	officer.seesNot("Sign-in letters that came back")

	again := w.mail(annas, "")
	if again.Subject != first.Subject || again.Text != first.Text || again.HTML != first.HTML {
		t.Errorf("another letter went: %q and %q", first.Subject, again.Subject)
	}
	if again.MessageID == first.MessageID || again.MessageID == "" {
		t.Error("two letters have one Message-ID")
	}
	anna := w.sit("anna", annas)
	anna.signInByLink()
	anna.open("/notices")
	anna.sees("My letters", first.Subject, "1 letter you have not opened")
	anna.look("notices")
	anna.lookOnPhone("notices")
	anna.press(first.Subject)
	anna.sees(first.Subject)
	anna.open("/notices")
	anna.seesNot("not opened")
	if got := testkit.One[int](w.world, `SELECT count(*)::int FROM letters WHERE kind = 'address_changed'`); got != 0 {
		t.Error("an address nobody has was told that it changed")
	}
}

// A mail server hands over a report by a pipe: dealt with, or to be offered
// again, and never lost.
func TestBouncesByThePipe(t *testing.T) {
	url := testkit.NewWorld(t, testkit.WorldPlan{}).URL
	report := must(os.ReadFile(filepath.Join("..", "bounce", "testdata", "postfix_unknown.eml")))(t)
	pipe := func(environ []string, mail string, args ...string) (int, string) {
		var out, errs output
		code := app.Main(t.Context(), app.Program{Args: append([]string{"bounces"}, args...), Environ: environ, In: strings.NewReader(mail), Out: &out, Err: &errs, Now: time.Now})
		return code, out.String() + errs.String()
	}
	right := []string{"PEREGRINE_DATABASE_URL=" + url}
	for range 2 {
		if code, said := pipe(right, string(report)); code != 0 || said != "" {
			t.Errorf("code %d, %q", code, said)
		}
	}
	if code, said := pipe(right, "\x00 no mail at all"); code != 0 || said != "" {
		t.Errorf("what is no mail: code %d, %q", code, said)
	}
	for _, environ := range [][]string{
		nil, {"PEREGRINE_DATABASE_URL=postgres://user:hunter2@127.0.0.1:1/none"}, append(right, "PEREGRINE_DATABSE_URL=x"),
	} {
		if code, said := pipe(environ, string(report)); code != 75 || said == "" || strings.Contains(said, "hunter2") {
			t.Errorf("%v: code %d, %q", environ, code, said)
		}
	}
	if code, said := pipe(right, string(report), "--wrong"); code != 75 || said == "" {
		t.Errorf("code %d, %q", code, said)
	}
}

func TestTheMailboxOfReturnedMailIsCheckedFirst(t *testing.T) {
	for address, wanted := range map[string]int{
		"imaps://bounces:hunter2@mail.example.org/Returned": 0, "maildir:///var/mail/bounces": 0,
		"imaps://mail.example.org": 2, "pop3://bounces:hunter2@mail.example.org": 2, "maildir://relative": 2,
	} {
		code, out, errs := invoke(t, environ(map[string]string{"PEREGRINE_BOUNCES_URL": address}), "work", "--check")
		if code != wanted || strings.Contains(out+errs, "hunter2") || (wanted != 0) != strings.Contains(errs, "PEREGRINE_BOUNCES_URL") {
			t.Errorf("%s: code %d, %q", address, code, errs)
		}
	}
}
