package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/identity"
)

// ask asks for a sign-in in the browser and makes its secret, as the job does.
func (b *browser) ask(email, next string) (codePage string, secret identity.SignInSecret) {
	b.w.t.Helper()
	got := b.post("/sign-in", url.Values{"email": {email}, "next": {next}}).want(b.w.t, http.StatusSeeOther)
	codePage = got.to
	path, _, _ := strings.Cut(strings.TrimPrefix(codePage, "/sign-in/code/"), "?")
	id, err := uuid.Parse(path)
	if err != nil {
		b.w.t.Fatalf("led to %q", got.to)
	}
	secret, err = b.w.identity.MakeSignIn(b.w.t.Context(), id)
	if err != nil && email == "student@example.org" {
		b.w.t.Fatal(err)
	}
	return codePage, secret
}

func TestSignInByLinkOnAnotherDevice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	asking, other := w.browser(), w.browser()
	asking.get("/sign-in?next=/account").want(t, http.StatusOK, `type="email"`, `autocomplete="email"`, `name="next" value="/account"`)
	codePage, secret := asking.ask("student@example.org", "/account")
	asking.get(codePage).want(t, http.StatusOK, "Look into your mail", `autocomplete="one-time-code"`)
	link := identity.SignInPath(secret.Token)
	for range 3 { // scanners of mail follow links
		other.get(link).want(t, http.StatusOK, "One more step")
	}
	if got := other.post(link, nil).want(t, http.StatusSeeOther); got.to != "/" {
		t.Errorf("led to %s", got.to)
	}
	other.get("/account").want(t, http.StatusOK, "Jana Nováková", "You are signed in.", "this device")
	if got := other.get("/account"); strings.Contains(got.body, "You are signed in.") {
		t.Error("the notice is shown twice")
	}
	other.get(link).want(t, http.StatusConflict, "already used", `href="/sign-in"`)
	asking.post(link, nil).want(t, http.StatusConflict, "already used")
	asking.get("/account").want(t, http.StatusSeeOther)
	asking.get("/sign-in/link/nothing").want(t, http.StatusConflict, "do not know this link")
}

func TestSignInByCode(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	codePage, secret := b.ask("student@example.org", "/account?x=1")
	path, _, _ := strings.Cut(codePage, "?")
	b.post(path, url.Values{"code": {""}}).want(t, http.StatusUnprocessableEntity, "This is needed")
	b.post(path, url.Values{"code": {"XXXX-XXXX"}, "next": {"/account?x=1"}}).want(t, http.StatusUnprocessableEntity,
		"not the code", `value="XXXX-XXXX"`, `name="next" value="/account?x=1"`)
	got := b.post(path, url.Values{"code": {strings.ToLower(secret.Code)}, "next": {"/account?x=1"}}).want(t, http.StatusSeeOther)
	if got.to != "/account?x=1" {
		t.Errorf("led to %s", got.to)
	}
	cookies := got.header.Values("Set-Cookie")
	if len(cookies) != 2 || !strings.HasPrefix(cookies[0], "__Host-peregrine=") {
		t.Fatalf("cookies are %v", cookies)
	}
	for _, c := range cookies {
		for _, flag := range []string{"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} {
			if !strings.Contains(c, flag) || strings.Contains(c, "Domain") {
				t.Errorf("%s: %s", flag, c)
			}
		}
	}
	if got := b.get("/sign-in?next=/account").want(t, http.StatusSeeOther); got.to != "/account" {
		t.Errorf("who is signed in is led to %s", got.to)
	}
	b.get("/sign-in/code/nothing").want(t, http.StatusNotFound)
}

func TestUnknownAddressLooksTheSame(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	b := w.browser()
	pages := map[string]string{}
	for _, email := range []string{"student@example.org", "nobody@example.org"} {
		codePage, _ := b.ask(email, "")
		path, _, _ := strings.Cut(codePage, "?")
		id := strings.TrimPrefix(path, "/sign-in/code/")
		got := b.get(codePage).want(t, http.StatusOK).body + b.post(path, url.Values{"code": {"XXXX-XXXX"}}).body
		pages[email] = strings.ReplaceAll(got, id, "")
	}
	if pages["student@example.org"] != pages["nobody@example.org"] {
		t.Error("the pages differ")
	}
	b.post("/sign-in", url.Values{"email": {"nobody"}}).want(t, http.StatusUnprocessableEntity, "not an e-mail address", `value="nobody"`)
	for range 4 {
		b.ask("nobody@example.org", "")
	}
	b.post("/sign-in", url.Values{"email": {"nobody@example.org"}}).want(t, http.StatusTooManyRequests, "too often")
}

func TestSignOutHereAndEverywhere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	here, there := w.as(w.student), w.as(w.student)
	here.get("/account").want(t, http.StatusOK, "2 devices")
	if got := here.post("/sign-out", nil).want(t, http.StatusSeeOther); got.to != "/sign-in" || got.header.Get("Clear-Site-Data") == "" {
		t.Errorf("signed out to %s with %v", got.to, got.header)
	}
	here.get("/sign-in").want(t, http.StatusOK, "You are signed out.")
	here.get("/account").want(t, http.StatusSeeOther)
	there.get("/account").want(t, http.StatusOK, "1 device")
	again := w.as(w.student)
	again.post("/account/sign-out-everywhere", nil).want(t, http.StatusSeeOther)
	there.get("/account").want(t, http.StatusSeeOther)
	here.post("/sign-out", nil).want(t, http.StatusSeeOther)
}

func TestOneClickOnlyInTheDemo(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(c *Config) { c.Demo = &DemoTools{} })
	b := w.browser()
	b.get("/styleguide").want(t, http.StatusOK, "Demonstration")
	if got := b.post("/demo/enter", url.Values{"person": {w.student.String()}, "next": {"/account"}}).want(t, http.StatusSeeOther); got.to != "/account" {
		t.Errorf("led to %s", got.to)
	}
	b.get("/account").want(t, http.StatusOK, "Jana Nováková", "It is ")
	b.post("/demo/enter", url.Values{"person": {uuid.NewString()}}).want(t, http.StatusNotFound)
	w.exec(`UPDATE installation SET kind = 'production'`)
	b.post("/demo/enter", url.Values{"person": {w.student.String()}}).want(t, http.StatusNotFound)
	outside := newWorld(t)
	outside.browser().post("/demo/enter", url.Values{"person": {outside.student.String()}}).want(t, http.StatusNotFound)
	outside.browser().get("/styleguide").want(t, http.StatusNotFound)
}

func TestHomeLeadsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if got := w.browser().get("/").want(t, http.StatusSeeOther); got.to == "/" || got.to == "" {
		t.Errorf("nobody is led to %q", got.to)
	}
	if got := w.as(w.student).get("/").want(t, http.StatusSeeOther); got.to == "/" || strings.HasPrefix(got.to, "/sign-in") {
		t.Errorf("a student is led to %q", got.to)
	}
}
