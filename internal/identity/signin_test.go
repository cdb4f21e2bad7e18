package identity_test

import (
	"errors"
	"regexp"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
)

func TestLinkIsGoodOnceAmongThirtyTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	secret := w.secret(w.ask("student@EXAMPLE.org"))
	won := race(func() error { _, err := w.service.UseLink(t.Context(), secret.Token); return err }, func(err error) {
		wantCode(t, err, mobility.Conflict, "refusal.link_used")
	})
	if won != 1 {
		t.Errorf("the link was good %d times", won)
	}
}

func TestCodeIsGoodOnceAmongThirtyTwo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask("student@example.org")
	secret := w.secret(asked)
	won := race(func() error { _, err := w.service.UseCode(t.Context(), asked, secret.Code); return err }, func(err error) {
		wantCode(t, err, mobility.Conflict, "refusal.code_over")
	})
	if won != 1 {
		t.Errorf("the code was good %d times", won)
	}
	_, err := w.service.UseLink(t.Context(), secret.Token)
	wantCode(t, err, mobility.Conflict, "refusal.link_used")
}

// race runs act 32 times at once and returns how many came through.
func race(act func() error, lost func(error)) int64 {
	var won atomic.Int64
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if err := act(); err == nil {
				won.Add(1)
			} else {
				lost(err)
			}
		})
	}
	wg.Wait()
	return won.Load()
}

func TestSecretIsFitToBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask(" student@example.org ")
	secret := w.secret(asked)
	if secret.Person != w.student || secret.Email != "Student@example.org" || secret.Language != "en" || secret.Minutes < 28 || secret.Minutes > 30 || secret.LateMinutes != 0 {
		t.Errorf("secret is for %v at %s in %s, %d minutes, %d late", secret.Person, secret.Email, secret.Language, secret.Minutes, secret.LateMinutes)
	}
	if !regexp.MustCompile(`^[2-9B-DF-HJ-NP-TV-Z]{4}-[2-9B-DF-HJ-NP-TV-Z]{4}$`).MatchString(secret.Code) || len(secret.Token) < 26 {
		t.Errorf("code %q, token of %d letters", secret.Code, len(secret.Token))
	}
	if n := w.one(`SELECT count(*) FROM sign_ins WHERE token_hash IS NOT NULL AND position($1::bytea IN token_hash) = 0 AND length(token_hash) = 32`, []byte(secret.Token)); n != 1 {
		t.Error("the token is not stored as a hash")
	}
	again := w.secret(asked)
	_, err := w.service.UseLink(t.Context(), secret.Token)
	wantCode(t, err, mobility.Conflict, "refusal.link_unknown")
	if e, err := w.service.UseLink(t.Context(), again.Token); err != nil || e.Person != w.student {
		t.Errorf("the link of the retry: %v, %v", e, err)
	}
	_, err = w.service.MakeSignIn(t.Context(), asked)
	wantCode(t, err, mobility.Conflict, "refusal.link_expired")
}

func TestCodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask("student@example.org")
	code := []byte(w.secret(asked).Code)
	typed := " " + string(append(append(code[:2:2], ' '), code[2:]...)) + "\n"
	for i, b := range typed {
		if b >= 'A' && b <= 'Z' {
			typed = typed[:i] + string(b+32) + typed[i+1:]
		}
	}
	if e, err := w.service.UseCode(t.Context(), asked, typed); err != nil || e.Person != w.student {
		t.Errorf("%q: %v, %v", typed, e, err)
	}
}

func TestFiveWrongCodesEndIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, email := range []string{"student@example.org", "nobody@example.org"} {
		asked := w.ask(email)
		code := "2222-2222"
		if email == "student@example.org" {
			code = w.secret(asked).Code
		}
		for range 5 {
			_, err := w.service.UseCode(t.Context(), asked, "XXXX-XXXX")
			wantCode(t, err, mobility.Conflict, "refusal.code_wrong")
		}
		_, err := w.service.UseCode(t.Context(), asked, code)
		wantCode(t, err, mobility.Conflict, "refusal.code_over")
	}
	_, err := w.service.UseCode(t.Context(), uuid.New(), "2222-2222")
	wantCode(t, err, mobility.Conflict, "refusal.code_over")
}

func TestSignInExpires(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asked := w.ask("student@example.org")
	secret := w.secret(asked)
	if err := w.service.CheckLink(t.Context(), secret.Token); err != nil {
		t.Errorf("a good link: %v", err)
	}
	w.exec(`UPDATE sign_ins SET expires_at = now()`)
	wantCode(t, w.service.CheckLink(t.Context(), secret.Token), mobility.Conflict, "refusal.link_expired")
	_, err := w.service.UseLink(t.Context(), secret.Token)
	wantCode(t, err, mobility.Conflict, "refusal.link_expired")
	_, err = w.service.UseCode(t.Context(), asked, secret.Code)
	wantCode(t, err, mobility.Conflict, "refusal.code_over")
	_, err = w.service.MakeSignIn(t.Context(), asked)
	wantCode(t, err, mobility.Conflict, "refusal.link_expired")
}

func TestErasedPersonDoesNotComeIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	cookie := w.begin(identity.Entrance{Person: w.student})
	secret := w.secret(w.ask("student@example.org"))
	w.exec(`UPDATE persons SET erased_at = now() WHERE id = $1`, w.student)
	_, err := w.service.UseLink(t.Context(), secret.Token)
	wantCode(t, err, mobility.Conflict, "refusal.link_unknown")
	if v := w.resume(time.Now(), cookie); v != nil {
		t.Error("an erased person is still signed in")
	}
}

func TestUnknownAddressGetsTheSameAnswer(t *testing.T) {
	t.Parallel()
	const least = 150 * time.Millisecond
	w := newWorld(t, func(c *identity.Config) { c.AnswerTime = least })
	for _, email := range []string{"student@example.org", "nobody@example.org"} {
		begun := time.Now()
		if asked := w.ask(email); asked == uuid.Nil {
			t.Errorf("%s: no id", email)
		}
		if took := time.Since(begun); took < least {
			t.Errorf("%s: answered after %v", email, took)
		}
	}
	if n := w.one(`SELECT count(*) FROM sign_ins`); n != 2 {
		t.Errorf("%d sign-ins recorded, want 2", n)
	}
	if n := w.one(`SELECT count(*) FROM river_job WHERE kind = 'sign_in_asked' AND queue = 'sign_in'`); n != 1 {
		t.Errorf("%d letters asked for, want 1", n)
	}
	var unknown uuid.UUID
	if err := w.db.QueryRow(t.Context(), `SELECT id FROM sign_ins WHERE person_id IS NULL`).Scan(&unknown); err != nil {
		t.Fatal(err)
	}
	_, err := w.service.MakeSignIn(t.Context(), unknown)
	wantCode(t, err, mobility.Conflict, "refusal.link_expired")
}

func TestAskingIsLimited(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ask := func(email, network string) error {
		_, err := w.service.AskSignIn(t.Context(), identity.AskSignIn{Email: email, Language: "en", Network: network, Arrived: time.Now()})
		return err
	}
	for _, email := range []string{"student@example.org", "nobody@example.org"} {
		for range 5 {
			if err := ask(email, "2001:db8::1"); err != nil {
				t.Fatal(err)
			}
		}
		wantCode(t, ask(email, "192.0.2.7"), mobility.Conflict, "refusal.too_many_requests")
	}
	for range 20 {
		if err := ask(uuid.NewString()+"@example.org", "2001:db8::abcd"); err != nil {
			t.Fatal(err)
		}
	}
	wantCode(t, ask("new@example.org", "2001:db8::9"), mobility.Conflict, "refusal.too_many_requests")
	if err := ask("new@example.org", "2001:db8:0:1::1"); err != nil {
		t.Errorf("another network: %v", err)
	}
	w.exec(`UPDATE rate_counters SET period = period - interval '1 hour'`)
	if err := ask("student@example.org", "2001:db8::1"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

func TestAskedBeforeTheDeadlineOpensTheLateWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.exec(`UPDATE installation SET clock_offset = '30 minutes'`) // the call closes half an hour from now
	for _, c := range []struct {
		name    string
		email   string
		file    uuid.UUID
		arrived time.Time
		late    bool
	}{
		{"in time", "student@example.org", w.application, w.closesAt.Add(-30*time.Minute - time.Second), true},
		{"at the deadline", "student@example.org", w.application, w.closesAt.Add(-30 * time.Minute), false},
		{"somebody else's", "student@example.org", w.otherFile, time.Now(), false},
		{"unknown", "nobody@example.org", w.application, time.Now(), false},
	} {
		asked := w.ask(c.email, func(a *identity.AskSignIn) { a.Application, a.Arrived = &c.file, c.arrived })
		secret, err := w.service.MakeSignIn(t.Context(), asked)
		if err != nil && c.email == "student@example.org" {
			t.Fatal(err)
		}
		if got := secret.LateMinutes == 20; got != c.late {
			t.Errorf("%s: late minutes %d", c.name, secret.LateMinutes)
		}
		if !c.late {
			continue
		}
		e, err := w.service.UseLink(t.Context(), secret.Token)
		if err != nil || !e.LateUntil.Equal(w.closesAt.Add(20*time.Minute)) || e.Application == nil || *e.Application != c.file {
			t.Errorf("%s: %+v, %v", c.name, e, err)
		}
		if v := w.resume(time.Now(), w.begin(e)); v == nil || !v.Actor.LateUntil.Equal(w.closesAt.Add(20*time.Minute)) {
			t.Errorf("%s: the session forgot the late window", c.name)
		}
	}
}

func TestSignInAsOnlyInADemo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if e, err := w.service.SignInAs(t.Context(), w.student); err != nil || e.Person != w.student {
		t.Errorf("in the demo: %v, %v", e, err)
	}
	_, err := w.service.SignInAs(t.Context(), uuid.New())
	if mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("nobody: %v", err)
	}
	w.exec(`UPDATE installation SET kind = 'production'`)
	_, err = w.service.SignInAs(t.Context(), w.student)
	if mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("in production: %v", err)
	}
}

func TestSweepKeepsWhatIsAlive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.ask("student@example.org")
	w.exec(`UPDATE sign_ins SET asked_at = now() - interval '25 hours' WHERE id = $1`, old)
	fresh := w.ask("student@example.org")
	gone := w.begin(identity.Entrance{Person: w.student})
	w.exec(`UPDATE sessions SET expires_at = now()`)
	alive := w.begin(identity.Entrance{Person: w.student})
	n, err := w.service.Sweep(t.Context())
	if err != nil || n != 2 {
		t.Errorf("swept %d, %v; want 2", n, err)
	}
	if w.one(`SELECT count(*) FROM sign_ins WHERE id = $1`, fresh) != 1 || w.resume(time.Now(), alive) == nil || w.resume(time.Now(), gone) != nil {
		t.Error("the wrong ones went")
	}
}

func TestRolledBackRequestSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 5 {
		w.ask("student@example.org")
	}
	_, err := w.service.AskSignIn(t.Context(), identity.AskSignIn{Email: "student@example.org", Arrived: time.Now()})
	var e *mobility.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v", err)
	}
	if n := w.one(`SELECT count(*) FROM river_job`); n != 5 {
		t.Errorf("%d jobs, want 5", n)
	}
}
