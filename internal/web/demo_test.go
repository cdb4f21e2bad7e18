package web

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
)

// shown is a demo's world and inbox with one of everything.
type shown struct{ student uuid.UUID }

func (d shown) People(context.Context) ([]DemoPerson, error) {
	return []DemoPerson{
		{ID: uuid.New(), Name: "Olga Office", Role: mobility.RoleOfficer, Institution: "Home"},
		{ID: d.student, Name: "Jana Nováková", Role: mobility.RoleApplicant, Unit: mobility.Texts{"en": "Forestry"}, Standings: []DemoStanding{
			{Call: mobility.Texts{"en": "Stays"}, State: mobility.Texts{"en": "You have an offer"}, Phase: mobility.PhaseSubmitted, Decision: mobility.DecisionPositive},
		}},
		{ID: uuid.New(), Name: "Newcomer", Role: mobility.RoleApplicant},
	}, nil
}

func (d shown) Hosts(context.Context) ([]DemoHost, error) {
	return []DemoHost{{Institution: "Fontys", Address: "iro@fontys.example"}}, nil
}

func (d shown) Deadlines(_ context.Context, now time.Time) ([]DemoDeadline, error) {
	return []DemoDeadline{{Kind: "closes", ClosesAt: now.Add(48 * time.Hour), Zone: "Europe/Prague", Call: mobility.Texts{"en": "Stays"}, Number: 1}}, nil
}

var caughtMail = DemoMail{
	ID: 7, At: time.Now(), From: "peregrine@demo.example", To: []string{"iro@fontys.example"}, Subject: "Nominations", Text: "See <them>: https://x.example/host/t",
	HTML: "<html><head></head><body><a href=\"https://x.example/host/t\">See</a></body></html>", Links: []string{"https://x.example/host/t", "https://x.example/host/t"}, Raw: []byte("Subject: Nominations"),
}

func (d shown) Mails(to string) []DemoMail {
	if to != "" && to != caughtMail.To[0] {
		return nil
	}
	return []DemoMail{caughtMail}
}

func (d shown) Mail(id int) (DemoMail, bool) { return caughtMail, id == caughtMail.ID }

func newDemo(t *testing.T) *world {
	t.Helper()
	d := &shown{}
	w := newWorld(t, func(c *Config) { c.Demo = &DemoTools{World: d, Inbox: d} })
	d.student = w.student
	return w
}

func TestDemoLetsAnybodyInByOneClick(t *testing.T) {
	t.Parallel()
	w := newDemo(t)
	b := w.browser()
	b.get("/demo").want(t, http.StatusOK, "Olga Office", "You have an offer", "has not applied yet", "/demo/inbox?to=iro%40fontys.example", "What is real")
	b.post("/demo/enter", url.Values{"person": {w.student.String()}}).want(t, http.StatusSeeOther)
	b.get("/account").want(t, http.StatusOK, "Jana Nováková")
}

func TestDemoShowsLettersSafely(t *testing.T) {
	t.Parallel()
	b := newDemo(t).browser()
	b.get("/demo/inbox").want(t, http.StatusOK, "Nominations", "iro@fontys.example")
	b.get("/demo/inbox?to=nobody@x.example").want(t, http.StatusOK, "No letters")
	one := b.get("/demo/inbox/7").want(t, http.StatusOK, "See &lt;them&gt;", `src="/demo/inbox/7/html"`)
	if n := strings.Count(one.body, "<li><a"); n < 1 || !strings.Contains(one.header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("the letter's page: %d links, policy %s", n, one.header.Get("Content-Security-Policy"))
	}
	if strings.Contains(b.get("/demo/inbox").header.Get("Content-Security-Policy"), "frame-src") {
		t.Error("a page that frames nothing may frame")
	}
	answer, err := b.client.Get(b.w.http.URL + "/demo/inbox/7/html")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	if policy := answer.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "sandbox") || strings.Contains(policy, "script") {
		t.Errorf("a letter runs under %s", policy)
	}
	b.get("/demo/inbox/7/raw").want(t, http.StatusOK, "Subject: Nominations")
	b.get("/demo/inbox/8").want(t, http.StatusNotFound)
	b.get("/demo/inbox/x").want(t, http.StatusNotFound)
}

func TestDemoClockMovesForwardOnly(t *testing.T) {
	t.Parallel()
	w := newDemo(t)
	b := w.browser()
	b.get("/demo/clock").want(t, http.StatusOK, "Applications close", "Just before", "One week forward")
	to := func(d time.Duration) url.Values {
		return url.Values{"to": {strconv.FormatInt(time.Now().Add(d).Unix(), 10)}}
	}
	b.post("/demo/clock", to(48*time.Hour)).want(t, http.StatusSeeOther)
	b.post("/demo/clock", to(24*time.Hour)).want(t, http.StatusUnprocessableEntity, "only moves forward")
	var hours float64
	var scans int
	if err := w.db.QueryRow(t.Context(), `SELECT extract(epoch FROM clock_offset) / 3600, (SELECT count(*) FROM river_job WHERE kind = 'due_scan') FROM installation`).Scan(&hours, &scans); err != nil {
		t.Fatal(err)
	}
	if hours < 47 || hours > 49 || scans != 1 {
		t.Errorf("the clock is %.1f hours ahead, %d scans asked for", hours, scans)
	}
}

func TestNoneOfTheDemoElsewhere(t *testing.T) {
	t.Parallel()
	b := newWorld(t).browser()
	for _, path := range []string{"/demo", "/demo/inbox", "/demo/clock", "/styleguide"} {
		b.get(path).want(t, http.StatusNotFound)
	}
}
