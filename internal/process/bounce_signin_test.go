package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// askedToSignIn is a sign-in of Anna's whose letter has been sent: its id, which
// whoever asked knows, and the Message-ID, which only who has the letter does.
func (p *posted) askedToSignIn(s *identity.Service) (uuid.UUID, identity.SignInSecret, string) {
	p.T.Helper()
	id := uuid.Must(uuid.NewV7())
	p.Exec(`INSERT INTO sign_ins (id, email, person_id, language, expires_at) SELECT $1, upper(email), id, 'en', now() + interval '20 minutes' FROM persons WHERE id = $2`, id, p.anna.Person)
	secret, err := s.MakeSignIn(p.T.Context(), id)
	if err != nil {
		p.T.Fatal(err)
	}
	return id, secret, process.SignInMail + "." + secret.Mail.String() + "@peregrine.example"
}

func (p *posted) marked() int {
	return testkit.One[int](p.World, `SELECT count(*)::int FROM bounced_addresses WHERE person_id = $1`, p.anna.Person)
}

func TestASignInLetterThatCameBackMarksTheAddress(t *testing.T) {
	p := newPosted(t)
	s := identity.New(identity.Config{Pool: p.Admin, AnswerTime: -1})
	id, secret, message := p.askedToSignIn(s)
	for _, forged := range []string{
		process.SignInMail + "." + id.String() + "@peregrine.example", process.SignInMail + ".1." + id.String() + "@peregrine.example",
		process.SignInMail + "." + uuid.NewString() + "@peregrine.example", process.SignInMail + ".@x", process.SignInMail,
	} {
		if taken := p.take(t, report(t, forged, p.email(), "failed", "5.1.1")); taken.Verdict != process.Unmatched {
			t.Errorf("%s is believed: %+v", forged, taken)
		}
	}
	if taken := p.take(t, report(t, message, "else@where.example", "failed", "5.1.1")); taken.Verdict != process.Unmatched {
		t.Errorf("a report for another address is believed: %+v", taken)
	}
	if taken := p.take(t, report(t, message, p.email(), "delayed", "4.4.1")); taken.Verdict != "delay" || p.marked() != 0 {
		t.Errorf("a delay: %+v", taken)
	}
	r := report(t, message, p.email(), "failed", "5.1.1")
	for range 2 {
		if taken := p.take(t, r); taken.Verdict != "failure" || p.marked() != 1 {
			t.Errorf("%+v", taken)
		}
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM address_bounces WHERE address = $1 AND reason = 'no_mailbox'`, p.email()); n != 1 {
		t.Errorf("%d reports are kept", n)
	}
	verifyClean(t.Context(), t, p.World)

	if _, err := s.UseLink(t.Context(), secret.Token); err != nil {
		t.Fatal(err)
	}
	if p.marked() != 0 {
		t.Error("who signs in by the letter reads mail there, and the mark stays")
	}
}

func TestTheMarkOfASignInLetterGoes(t *testing.T) {
	p := newPosted(t)
	s := identity.New(identity.Config{Pool: p.Admin, AnswerTime: -1})
	at := p.WhileOpen().Add(2 * time.Hour)
	refuse := func() uuid.UUID {
		id, secret, _ := p.askedToSignIn(s)
		if err := p.Process.SignInRefused(t.Context(), process.SignInRefused{Mail: secret.Mail, Code: 550, Response: "user unknown", Arrived: at}); err != nil {
			t.Fatal(err)
		}
		if p.marked() != 1 {
			t.Error("a refusal does not mark the address")
		}
		p.Exec(`UPDATE sign_ins SET code_hash = NULL WHERE id = $1`, id)
		return id
	}
	refuse()
	if err := p.Process.AddressWorks(t.Context(), p.Officer, process.AddressWorks{Institution: p.Home, Person: p.anna.Person, Arrived: at}); err != nil || p.marked() != 0 {
		t.Errorf("the office knows better: %v", err)
	}

	refuse()
	err := p.Process.CorrectAddress(t.Context(), p.Officer, process.CorrectAddress{Institution: p.Home, Person: p.anna.Person, Email: "anna.right@example.org", Arrived: at})
	if err != nil || p.marked() != 0 {
		t.Errorf("the address was corrected: %v", err)
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM letters WHERE kind = 'address_changed'`); n != 0 {
		t.Error("an address nobody has was told")
	}

	refuse()
	p.Move(p.anna, p.file, "withdraw", at, process.Given{})
	admin := p.Staff("Admin", mobility.RoleAdministrator, p.Home, nil)
	if _, err := p.Process.ErasePerson(t.Context(), admin, process.Erasure{Institution: p.Home, Person: p.anna.Person, Arrived: at.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](p.World, `SELECT count(*)::int FROM address_bounces`); n != 0 {
		t.Error("an erased person's address is kept")
	}
	verifyClean(t.Context(), t, p.World)
}
