package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
	"peregrine/internal/web/form"
)

func (s *scene) closingID() string {
	return testkit.One[uuid.UUID](s.World, `SELECT id FROM deadlines WHERE round_id = $1 AND kind = 'closes'`, s.Round).String()
}

func TestAnOfficerMovesADeadlineAndSeesWhomItConcerns(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.Draft(s.Student("Zdislava", "1.2"))
	file := s.Submitted(s.Student("Bohdana", "2"))
	s.at(s.WhileOpen())
	at, b := "/office/calls/"+s.Call.String()+"/deadlines", s.as(s.Officer)
	b.get("/office/calls/"+s.Call.String()).want(t, http.StatusOK, at)
	b.get(at).want(t, http.StatusOK, "Sunday 31 January 2027, 23:59 CET", "Host University", "Extend for a unit", "Grace period", "Nobody was let in late")
	coordinator := s.as(s.Coordinator).get(at).want(t, http.StatusOK, "Closes")
	for _, word := range []string{"Grace period", "Extend for", ">Move<", "Let one person in"} {
		if strings.Contains(coordinator.body, word) {
			t.Errorf("a coordinator reads %q", word)
		}
	}
	ask := at + "/move?deadline=" + s.closingID()
	b.get("/office/deadlines/"+s.closingID()).want(t, http.StatusSeeOther)
	b.get(ask).want(t, http.StatusOK, `value="2027-01-31T23:59"`, "Europe/Prague", "Europe/Lisbon")
	first := url.Values{"deadline": {s.closingID()}, "wall": {"2027-01-20T23:59"}, "zone": {"Europe/Prague"}, "scope": {"everybody"}}
	b.post(at+"/move", first).want(t, http.StatusUnprocessableEntity, "only be moved to a later time", `value="2027-01-20T23:59"`)
	first.Set("wall", "2027-03-28T02:30")
	look := b.post(at+"/move", first).want(t, http.StatusSeeOther).to
	preview := b.get(look).want(t, http.StatusOK, "jump over this minute", "weekend", "2 applications", "Zdislava", "Bohdana", "Write to the applicants it concerns")
	if !strings.Contains(b.get(look+"&phase=draft").body, "Zdislava") || strings.Contains(b.get(look+"&q=Zdi").body, "Bohdana") {
		t.Error("the names are not filtered")
	}
	second := url.Values{"deadline": {s.closingID()}, "wall": {"2027-03-28T02:30"}, "zone": {"Europe/Prague"}, "scope": {"everybody"}, "tell": {"true"}, "hash": {"old"}}
	b.post(at+"/preview", second).want(t, http.StatusUnprocessableEntity, "#f-reason")
	second.Set("reason", "The portal was down.")
	b.post(at+"/preview", second).want(t, http.StatusConflict)
	second.Set("hash", preview.hash(t))
	b.post(at+"/preview", second).want(t, http.StatusSeeOther)
	b.get(at).want(t, http.StatusOK, "Sunday 28 March 2027, 03:30 CEST", "moved once", "The portal was down.", "It concerned 2 applications", "They were written to")
	b.get("/office/applications/"+file.String()).want(t, http.StatusOK, "Deadline moved: Closes", "The portal was down.")
}

func TestADeadlineForAUnitAndForOnePerson(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	first, second := s.Student("Zdislava", "1.2"), s.Student("Zdislav", "1.2")
	s.at(s.WhileOpen())
	at, b := "/office/calls/"+s.Call.String()+"/deadlines", s.as(s.Officer)
	person := url.Values{"deadline": {s.closingID()}, "wall": {"2027-02-02T12:00"}, "zone": {"Europe/Lisbon"}, "scope": {"person"}, "person": {"Zd"}}
	b.post(at+"/move", person).want(t, http.StatusUnprocessableEntity, "at least three letters")
	person.Set("person", "Nobody here")
	b.post(at+"/move", person).want(t, http.StatusUnprocessableEntity, "Nobody at your university")
	person.Set("person", "Zdisl")
	b.post(at+"/move", person).want(t, http.StatusUnprocessableEntity, "Which of them?", first.Person.String(), second.Person.String())
	person.Set("which", first.Person.String())
	look := b.post(at+"/move", person).want(t, http.StatusSeeOther).to
	hash := b.get(look).want(t, http.StatusOK, "Zdislava", "has not begun an application", "12:00 WET").hash(t)
	confirm := url.Values{"deadline": {s.closingID()}, "wall": {"2027-02-02T12:00"}, "zone": {"Europe/Lisbon"}, "scope": {"person"}, "person": {first.Person.String()}, "hash": {hash}, "reason": {"Ill."}}
	b.post(at+"/preview", confirm).want(t, http.StatusSeeOther)
	unit := url.Values{"deadline": {s.closingID()}, "wall": {"2027-02-01T12:00"}, "zone": {"Europe/Prague"}, "scope": {"unit"}, "unit": {s.Faculty.String()}}
	look = b.post(at+"/move", unit).want(t, http.StatusSeeOther).to
	unit.Set("hash", b.get(look).want(t, http.StatusOK, "Faculty FBE and all below").hash(t))
	unit.Set("reason", "The faculty’s network was down.")
	b.post(at+"/preview", unit).want(t, http.StatusSeeOther)
	b.get(at).want(t, http.StatusOK, "Faculty FBE", "Zdislava", "Ill.")

	s.at(s.ClosesAt.Add(time.Hour))
	call := "/calls/" + s.Call.String()
	s.site.browser().get(call).want(t, http.StatusOK, "Longer for some", "Faculty FBE: until Monday 1 February 2027, 12:00 CET")
	s.as(second).get(call).want(t, http.StatusOK, "open longer than for everybody", "/start")
	s.at(s.ClosesAt.Add(13 * time.Hour)) // the faculty's is over, hers is not
	if got := s.as(second).get(call); strings.Contains(got.body, "/start") {
		t.Error("open after the unit's deadline")
	}
	s.as(first).get(call).want(t, http.StatusOK, "/start")
	s.as(first).get("/calls").want(t, http.StatusOK, "Open")
	s.as(first).post(call+"/rounds/"+s.Round.String()+"/start", nil).want(t, http.StatusSeeOther)
}

func TestALateLinkOpensOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Zdislava", "1.2")
	s.at(s.AfterClose.Add(mobility.GraceMost))
	at, b := "/office/calls/"+s.Call.String(), s.as(s.Officer)
	b.get(at+"/late-links").want(t, http.StatusOK, "Send the link")
	ask := url.Values{"person": {"Zdislava"}, "wall": {"2020-01-01T12:00"}, "zone": {"Europe/Prague"}, "reason": {"Power cut."}}
	b.post(at+"/late-links", ask).want(t, http.StatusUnprocessableEntity, "Power cut.")
	ask.Set("wall", "2027-02-05T12:00")
	b.post(at+"/late-links", ask).want(t, http.StatusSeeOther)
	b.get(at+"/deadlines").want(t, http.StatusOK, "not opened yet", "Power cut.", "Revoke")
	id := testkit.One[uuid.UUID](s.World, `SELECT id FROM late_links`)
	if got := testkit.One[string](s.World, `SELECT kind || ' ' || recipient FROM letters WHERE person_id = $1`, anna.Person); got != "late_link person" {
		t.Errorf("the letter is %s", got)
	}
	// The link's end is told by the business clock, which in tests is the request's alone.
	s.Exec(`UPDATE late_links SET expires_at = greatest(expires_at, now() + interval '1 day')`)
	token, err := s.site.identity.MakeLateLink(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	door := s.site.browser()
	door.get("/late/unknown").want(t, http.StatusConflict, "not known here")
	door.get("/late/"+token).want(t, http.StatusOK, "lets you in once more", "Go on")
	to := door.post("/late/"+token, nil).want(t, http.StatusSeeOther).to
	door.get(to).want(t, http.StatusOK, "You are signed in")
	door.get(to+"/edit").want(t, http.StatusOK, `name="revision"`)
	s.site.browser().post("/late/"+token, nil).want(t, http.StatusConflict, "opened before")
	b.get(at+"/deadlines").want(t, http.StatusOK, "opened")
	b.get("/office/late-links/"+id.String()+"/revoke").want(t, http.StatusOK, "Revoke the link?", "Zdislava")
	b.post("/office/late-links/"+id.String()+"/revoke", nil).want(t, http.StatusSeeOther)
	door.get(to+"/edit").want(t, http.StatusOK, "deadline")
	s.site.browser().get("/late/"+token).want(t, http.StatusConflict, "revoked this link")
}

// What applicants and everybody read is the same, to the byte, whether a call
// has a grace period or not, before the deadline, right after it, and later.
func TestNoByteTellsOfAGracePeriod(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Zdislava", "1.2")
	file := s.Draft(anna)
	pages := func() map[string]string {
		out := map[string]string{}
		for name, b := range map[string]*browser{"anna": s.as(anna), "nobody": s.site.browser()} {
			for _, path := range []string{"/calls", "/calls/" + s.Call.String(), "/me", "/applications/" + file.String(), "/applications/" + file.String() + "/edit", "/applications/" + file.String() + "/check", "/applications/" + file.String() + "/moves/submit"} {
				for _, lang := range []string{"en", "cs"} {
					got := b.get(path, "Accept-Language", lang)
					out[name+" "+lang+" "+path] = footer.ReplaceAllString(got.body, "")
				}
			}
		}
		return out
	}
	for _, after := range []time.Duration{-time.Hour, time.Minute, 29 * time.Minute, 3 * time.Hour} {
		s.at(s.ClosesAt.Add(after))
		s.Exec(`DELETE FROM call_graces`)
		if _, _, err := s.Process.Due(t.Context(), s.ClosesAt.Add(after)); err != nil {
			t.Fatal(err)
		}
		without := pages()
		s.as(s.Officer).post("/office/calls/"+s.Call.String()+"/grace", url.Values{"grace": {"30"}}).want(t, http.StatusSeeOther)
		differences(t, "without and with a grace period, "+after.String()+" after", without, pages())
	}
	s.Exec(`DELETE FROM call_graces`)
}

func TestASubmissionWithinTheGracePeriodIsMarkedForTheOffice(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	anna := s.Student("Zdislava", "1.2")
	file := s.Draft(anna)
	s.at(s.ClosesAt.Add(20 * time.Minute))
	own, office := s.as(anna), s.as(s.Officer)
	own.get("/applications/"+file.String()).want(t, http.StatusOK, "The deadline is over", "may still try to send it", "/moves/submit")
	send := url.Values{"revision": {own.get("/applications/"+file.String()+"/moves/submit").want(t, http.StatusOK).revision(t)}}
	own.post("/applications/"+file.String()+"/moves/submit", send).want(t, http.StatusConflict, "closed")
	grace := "/office/calls/" + s.Call.String() + "/grace"
	office.post(grace, url.Values{"grace": {"500"}}).want(t, http.StatusUnprocessableEntity, "from 0 to 120", `value="500"`)
	office.post(grace, url.Values{"grace": {"30"}}).want(t, http.StatusSeeOther)
	own.post("/applications/"+file.String()+"/moves/submit", send).want(t, http.StatusSeeOther)
	office.get("/office/applications/"+file.String()).want(t, http.StatusOK, "within the grace period")
	if got := own.get("/applications/" + file.String()); strings.Contains(got.body, "grace") || strings.Contains(got.body, "late") && strings.Contains(got.body, "marked") {
		t.Error("the applicant is told of it")
	}
}

func TestFormsOfDeadlinesAreSound(t *testing.T) {
	t.Parallel()
	for _, f := range []any{deadlineForm{}, deadlineMoveForm{}, lateLinkForm{}, graceForm{}} {
		if err := form.Vet(f); err != nil {
			t.Error(err)
		}
	}
}
