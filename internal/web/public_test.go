package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"peregrine/internal/testkit"
	"peregrine/internal/web/form"
)

func TestEverybodySeesTheCalls(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2, 3}})
	b := s.site.browser()
	call := "/calls/" + s.Call.String()
	b.get("/calls").want(t, http.StatusOK, "Study stays", "Home University", "5 places", "Sunday 31 January 2027, 23:59 CET", "Open now")
	b.get(call).want(t, http.StatusOK, "Sign in to apply", "Go abroad.", "Host University", "English B2", "Write to the rector", "Were you a buddy?",
		"/help/lifecycles/erasmus-study", "15 April 2027", "home university", "Up to 4 destinations")
	b.get(call+"?country=FI&sort=places").want(t, http.StatusOK, "2 destinations", `aria-sort="descending"`)
	b.get(call+"?country=DE").want(t, http.StatusOK, "No place fits this choice")
	b.get("/calls/"+s.Round.String()).want(t, http.StatusNotFound)
	b.get("/calls/nonsense").want(t, http.StatusNotFound)
	s.as(s.Student("eva", "1.5")).get(call).want(t, http.StatusOK, "Apply", call+"/rounds/"+s.Round.String()+"/start")

	s.at(s.Opens.Add(-time.Hour))
	if got := b.get("/calls"); strings.Contains(got.body, "Study stays") {
		t.Error("a call is listed before it was opened")
	}
	s.at(s.AfterClose)
	b.get("/calls").want(t, http.StatusOK, "No call is open now", "Closed lately")
	got := b.get(call).want(t, http.StatusOK, "This call is closed", "Closed since Monday 1 February 2027, 00:00 CET")
	if strings.Contains(got.body, "Sign in to apply") {
		t.Error("a closed call asks to apply")
	}
}

func TestHelpDrawsEveryLifecycle(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	b := s.site.browser()
	b.get("/help").want(t, http.StatusOK, "/help/lifecycles/erasmus-study", "/help/lifecycles/bip", "23:59 is still in time")
	for _, name := range []string{"erasmus-study", "bip"} {
		b.get("/help/lifecycles/"+name+"?here=draft").want(t, http.StatusOK, "<svg", "You are here", "When a deadline passes", "to confirm the place")
	}
	b.get("/help/lifecycles/erasmus-study", "Accept-Language", "cs").want(t, http.StatusOK, "Možné konce", "Když uplyne termín")
	b.get("/help/lifecycles/nothing").want(t, http.StatusNotFound)
}

func TestRegistrationWhereTheCallAllowsIt(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	b := s.site.browser()
	path := "/calls/" + s.Call.String() + "/register"
	s.Exec(`UPDATE calls SET registration = 'officer'`)
	b.get("/calls/"+s.Call.String()).want(t, http.StatusOK, path)
	b.get(path).want(t, http.StatusOK, "Faculty FBE", "Register")
	b.post(path, url.Values{"email": {"nobody"}, "given_names": {"Ada"}}).want(t, http.StatusUnprocessableEntity, `value="nobody"`, "not an e-mail address", "#f-family-names")
	b.post(path, url.Values{"email": {"ada@example.org"}, "family_names": {"Lovelace"}, "unit": {s.Faculty.String()}}).want(t, http.StatusSeeOther)
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM registrations WHERE email = 'ada@example.org'`); n != 1 {
		t.Errorf("%d registrations", n)
	}
}

func TestFormsOfTheseScreensAreSound(t *testing.T) {
	t.Parallel()
	for _, f := range []any{moveForm{}, registerForm{}} {
		if err := form.Vet(f); err != nil {
			t.Error(err)
		}
	}
}
