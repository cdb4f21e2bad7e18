package web

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// begin starts an application in the browser and returns its id.
func (s *scene) begin(b *browser) uuid.UUID {
	s.T.Helper()
	t := s.site.t
	got := b.post("/calls/"+s.Call.String()+"/rounds/"+s.Round.String()+"/start", nil).want(t, http.StatusSeeOther)
	id, err := uuid.Parse(strings.TrimSuffix(strings.TrimPrefix(got.to, "/applications/"), "/edit"))
	if err != nil {
		t.Fatalf("led to %q", got.to)
	}
	return id
}

func TestAnApplicationIsFilledInAndSubmitted(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 2}})
	s.askEverything()
	student := s.Student("eva", "1.5")
	s.Exec(`UPDATE institutions SET time_zone = 'Europe/Lisbon' WHERE id = $1`, s.Home)
	b := s.as(student)
	b.get("/me").want(t, http.StatusOK, "You have no application yet")
	id := s.begin(b)
	edit, check := "/applications/"+id.String()+"/edit", "/applications/"+id.String()+"/check"
	if again := s.begin(b); again != id {
		t.Error("a second application was started")
	}
	form := func() url.Values { return url.Values{"revision": {b.get(edit).revision(t)}, "choices": {"1"}} }

	f := form()
	f["add"], f["act"], f["a.motivation"] = []string{s.Destinations[0].String()}, []string{"add"}, []string{"Because <b>"}
	if got := b.post(edit, f).want(t, http.StatusSeeOther); got.to != edit+"#destinations" {
		t.Errorf("led to %s", got.to)
	}
	f = form()
	f["choice"], f["add"], f["act"] = []string{s.Destinations[0].String()}, []string{s.Destinations[1].String()}, []string{"add"}
	f[answerKey("subjects", s.Destinations[0])] = []string{"Statistics"}
	b.post(edit, f).want(t, http.StatusSeeOther)
	f = form()
	f["choice"], f["order"] = []string{s.Destinations[0].String(), s.Destinations[1].String()}, []string{"up:" + s.Destinations[1].String()}
	b.post(edit, f).want(t, http.StatusSeeOther)
	if got := testkit.One[[]uuid.UUID](s.World, `SELECT choices FROM drafts`); got[0] != s.Destinations[1] || len(got) != 2 {
		t.Errorf("the order is %v", got)
	}
	page := b.get(edit).want(t, http.StatusOK, "Because &lt;b&gt;", "Statistics", "What would you study there?", "Up to 4 destinations", "Saved last on")
	if strings.Count(page.body, `name="choice"`) != 2 {
		t.Error("the form does not carry the order")
	}

	got := b.get(check).want(t, http.StatusOK, "Level of English: This is needed.", "#f-a-level", "#f-file-transcript", "Change something", "3 things")
	if strings.Contains(got.body, "/moves/submit") {
		t.Error("an incomplete application can be submitted")
	}
	b.get(edit+"?check=1").want(t, http.StatusOK, `aria-invalid="true"`)

	f = form()
	f["a.level"], f["a.buddy"], f["box"] = []string{"C1"}, []string{"true"}, []string{"buddy"}
	f[answerKey("subjects", s.Destinations[1])], f["act"] = []string{"Forestry"}, []string{"upload:transcript"}
	f["choice"] = []string{s.Destinations[1].String()}
	b.upload(edit, f, "file.transcript", "virus.exe", []byte("MZ")).want(t, http.StatusUnprocessableEntity, "Only PDF, PNG and JPEG", "#f-file-transcript", "Forestry")
	f["revision"] = form()["revision"]
	if got := b.upload(edit, f, "file.transcript", "../výpis známek.pdf", pdf).want(t, http.StatusSeeOther); got.to != edit+"#f-file-transcript" {
		t.Errorf("led to %s", got.to)
	}
	b.get(edit).want(t, http.StatusOK, "výpis známek.pdf", "The document is attached.", "Replace")
	got = b.get(check).want(t, http.StatusOK, "/moves/submit", "Forestry", "C1", "Yes", "výpis známek.pdf")

	done := b.post("/applications/"+id.String()+"/moves/submit", url.Values{"revision": {got.revision(t)}}).want(t, http.StatusSeeOther)
	if done.to != "/applications/"+id.String() {
		t.Errorf("led to %s", done.to)
	}
	b.get(done.to).want(t, http.StatusOK, "This is version 1 of your application", "09:00 CET", "08:00 WET in your time", "This version counts", "Forestry", "výpis známek.pdf", "you")
	b.get("/me").want(t, http.StatusOK, "Study stays", "Submitted")
	stale := b.post("/applications/"+id.String()+"/moves/submit", url.Values{"revision": {got.revision(t)}})
	stale.want(t, http.StatusConflict, "Something changed in the meantime")
	b.get("/calls/"+s.Call.String()).want(t, http.StatusOK, "You have an application in this call.")
}

func TestTwoWindowsLoseNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	b := s.as(s.Student("eva", "1.5"))
	edit := "/applications/" + s.begin(b).String() + "/edit"
	revision := b.get(edit).revision(t)
	auto := b.post(edit, url.Values{"revision": {revision}, "a.motivation": {"first window"}}, "Peregrine-Autosave", "1").want(t, http.StatusOK)
	if auto.header.Get("Peregrine-Revision") == "" {
		t.Error("autosave does not say the new revision")
	}
	b.post(edit, url.Values{"revision": {revision}, "a.motivation": {"second"}}, "Peregrine-Autosave", "1").want(t, http.StatusConflict, "another window")
	got := b.post(edit, url.Values{"revision": {revision}, "a.motivation": {"second window"}, "box": {"buddy"}, "choices": {"1"}, "choice": {s.Destinations[0].String()}})
	got.want(t, http.StatusConflict, "first window", "second window", "Typed here and saved elsewhere", "Host University")
	b.post(edit, url.Values{"revision": {got.revision(t)}, "a.motivation": {"both"}}).want(t, http.StatusSeeOther)
	b.get(edit).want(t, http.StatusOK, "both", "Draft saved")
	b.post(edit, url.Values{"a.motivation": {"no revision"}}).want(t, http.StatusUnprocessableEntity)
}

func TestAFormSentTooLateIsShownAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	b := s.as(s.Student("eva", "1.5"))
	edit := "/applications/" + s.begin(b).String() + "/edit"
	revision := b.get(edit).revision(t)
	s.at(s.ClosesAt.Add(-time.Second))
	b.post(edit, url.Values{"revision": {revision}, "a.motivation": {"in time"}}).want(t, http.StatusSeeOther)
	revision = b.get(edit).revision(t)
	s.at(s.ClosesAt)
	b.post(edit, url.Values{"revision": {revision}, "a.motivation": {"a minute late"}}).want(t, http.StatusConflict,
		"This was not saved", "a minute late", "Closed since Monday 1 February 2027, 00:00 CET")
	s.at(s.ClosesAt.Add(time.Hour))
	got := b.get(edit).want(t, http.StatusOK, "in time", "Closed since", "1 hour ago")
	if strings.Contains(got.body, "<textarea") {
		t.Error("a closed form can be typed into")
	}
	b.get(strings.TrimSuffix(edit, "edit")+"check").want(t, http.StatusSeeOther)
}

func TestAnExpiredSessionKeepsTheForm(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	id := s.Draft(s.Student("eva", "1.5"))
	edit := "/applications/" + id.String() + "/edit"
	b := s.site.browser()
	if got := b.get(edit).want(t, http.StatusSeeOther); got.to != "/sign-in?next="+url.QueryEscape(edit) || applicationOf(edit) == nil {
		t.Errorf("led to %s", got.to)
	}
	b.upload(edit, url.Values{"revision": {"1"}, "a.motivation": {"typed & kept"}}, "file.x", "a.pdf", pdf).want(t, http.StatusUnauthorized, `value="typed &amp; kept"`)
}

func TestAReturnOpensOnlyWhatItNames(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	s.askEverything()
	student := s.Student("eva", "1.5")
	b := s.as(student)
	id := s.begin(b)
	edit := "/applications/" + id.String() + "/edit"
	f := url.Values{
		"revision": {b.get(edit).revision(t)}, "choices": {"1"}, "choice": {s.Destinations[0].String()}, "a.motivation": {"m"}, "a.level": {"B2"},
		answerKey("subjects", s.Destinations[0]): {"x"}, "act": {"check"},
	}
	b.upload(edit, f, "file.transcript", "t.pdf", pdf).want(t, http.StatusSeeOther)
	s.Move(student, id, "submit", s.WhileOpen(), process.Given{})
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	s.at(s.AfterClose)
	s.Move(s.Officer, id, "return", s.AfterClose, process.Given{Reason: "Please say more.", Questions: []string{"subjects"}, CompleteBy: &by})
	b.get("/applications/"+id.String()).want(t, http.StatusOK, "It is your turn", "Please say more.", "What would you study there?", "20 February 2027, 12:00 CET")
	got := b.get(edit).want(t, http.StatusOK, "Please say more.", answerKey("subjects", s.Destinations[0]), "Level of English")
	if strings.Contains(got.body, `name="a.motivation"`) || strings.Contains(got.body, `name="order"`) || strings.Contains(got.body, `type="file"`) {
		t.Error("more than what was named can be changed")
	}
	b.post(edit, url.Values{"revision": {got.revision(t)}, answerKey("subjects", s.Destinations[0]): {"much more"}, "a.motivation": {"sneaked in"}, "act": {"check"}}).want(t, http.StatusSeeOther)
	checked := b.get("/applications/"+id.String()+"/check").want(t, http.StatusOK, "much more", "/moves/complete")
	if strings.Contains(checked.body, "sneaked in") {
		t.Error("a question not named was changed")
	}
	b.post("/applications/"+id.String()+"/moves/complete", url.Values{"revision": {checked.revision(t)}}).want(t, http.StatusSeeOther)
	b.get("/applications/"+id.String()).want(t, http.StatusOK, "This is version 2", "Version 1, arrived")
}

func TestNobodyElseFindsAnApplication(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.askEverything()
	owner := s.as(s.Student("eva", "1.5"))
	id := s.begin(owner)
	edit := "/applications/" + id.String() + "/edit"
	owner.upload(edit, url.Values{"revision": {owner.get(edit).revision(t)}, "act": {"save"}}, "file.transcript", "Žofie.pdf", pdf).want(t, http.StatusSeeOther)
	document := "/documents/" + testkit.One[uuid.UUID](s.World, `SELECT id FROM documents`).String()
	got := owner.get(document).want(t, http.StatusOK)
	if got.header.Get("Content-Disposition") != "attachment; filename*=utf-8''%C5%BDofie.pdf" || got.header.Get("Content-Type") != "application/pdf" ||
		got.header.Get("X-Content-Type-Options") != "nosniff" || !bytes.Equal([]byte(got.body), pdf) {
		t.Errorf("sent with %v", got.header)
	}
	for name, actor := range map[string]mobility.Actor{"student": s.Student("jan", "1"), "other unit": s.OtherCoordinator, "other institution": s.ForeignOfficer, "coordinator": s.Coordinator, "officer": s.Officer} {
		b := s.as(actor)
		for _, path := range []string{"/applications/" + id.String(), edit, "/applications/" + id.String() + "/check"} {
			if got := b.get(path); got.status != http.StatusNotFound {
				t.Errorf("%s: GET %s answers %d", name, path, got.status)
			}
		}
		if got := b.post(edit, url.Values{"revision": {"2"}, "a.motivation": {"x"}}); got.status != http.StatusNotFound {
			t.Errorf("%s: POST answers %d", name, got.status)
		}
		want := http.StatusNotFound
		if name == "officer" || name == "coordinator" {
			want = http.StatusOK
		}
		if got := b.get(document); got.status != want {
			t.Errorf("%s: GET %s answers %d", name, document, got.status)
		}
	}
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE page = 'GET /documents/{id}'`); n != 2 {
		t.Errorf("%d access lines of the document", n)
	}
}

func TestLettersAreReadOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	student := s.Student("eva", "1.5")
	id := s.Submitted(student)
	letter := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE application_id = $1`, id)
	b := s.as(student)
	s.Exec(`UPDATE letters SET status = 'sent', sent_at = $2 WHERE id = $1`, letter, s.WhileOpen())
	s.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at) VALUES ($1, $2, 'e@x', 'We have your application', 'Dear Eva,\n\nit is here.', '', 'm', now())`, letter, student.Person)
	b.get("/me").want(t, http.StatusOK, "We have your application", "1 letter is new.")
	s.as(s.Student("jan", "1")).get("/letters/"+letter.String()).want(t, http.StatusNotFound)
	s.as(s.Officer).get("/letters/"+letter.String()).want(t, http.StatusNotFound)
	b.get("/letters/"+letter.String()).want(t, http.StatusOK, "it is here.", "/applications/"+id.String())
	if got := b.get("/me"); strings.Contains(got.body, "is new") {
		t.Error("the letter is still new")
	}
}
