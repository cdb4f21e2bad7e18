package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestAnOfferIsReadAndConfirmed(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	first, second := s.Student("eva", "1.5"), s.Student("jan", "2.5")
	a, b := s.Submitted(first), s.Submitted(second)
	s.Marked(a, "25.5")
	s.Marked(b, "10")
	before := s.as(first).get("/applications/"+a.String()).want(t, http.StatusOK)
	if strings.Contains(before.body, "Result") || strings.Contains(before.body, "25.5") {
		t.Error("a result is shown before it was published")
	}
	s.at(s.AfterClose.Add(time.Hour))
	s.Published(s.AfterClose.Add(time.Hour))

	placed := s.as(first)
	page := placed.get("/applications/"+a.String()).want(t, http.StatusOK, "It is your turn", "You are offered a place", "Host University", "Answer by", "25.5 of 30", "first choice that still had a place")
	if strings.Contains(page.body, ">10<") {
		t.Error("points of somebody else are shown")
	}
	s.as(second).get("/applications/"+b.String()).want(t, http.StatusOK, "Reserve, now number 1", "went to somebody with more points")

	confirm := "/applications/" + a.String() + "/moves/confirm"
	asked := placed.get(confirm).want(t, http.StatusOK, "Host University", "Until", "Not now")
	form := url.Values{"revision": {asked.revision(t)}}
	if got := placed.post(confirm, form).want(t, http.StatusSeeOther); got.to != "/applications/"+a.String() {
		t.Errorf("led to %s", got.to)
	}
	placed.get("/applications/"+a.String()).want(t, http.StatusOK, "Your place")
	placed.post(confirm, form).want(t, http.StatusConflict, "Something changed in the meantime", "(applicant)", "Back to the application")
	s.as(second).get(confirm).want(t, http.StatusNotFound)
	s.as(s.OtherCoordinator).post(confirm, form).want(t, http.StatusNotFound)
	s.as(s.Officer).get(confirm).want(t, http.StatusConflict, "no longer possible")
	placed.get("/applications/"+a.String()+"/moves/nonsense").want(t, http.StatusNotFound)
}

// TestWhoIsRefusedReadsWhy looks at the page of somebody declared ineligible
// before anybody gave them points, and of somebody who withdrew.
func TestWhoIsRefusedReadsWhy(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	eva, jan, call := s.Student("eva", "1.5"), s.Student("jan", "2.5"), "/calls/"+s.Call.String()
	a, b, c := s.Submitted(eva), s.Submitted(jan), s.Submitted(s.Student("ota", "2.5"))
	s.Marked(c, "10")
	s.as(jan).get("/applications/"+b.String()).want(t, http.StatusOK, "This version counts")
	withdraw := s.as(jan).get("/applications/"+b.String()+"/moves/withdraw").want(t, http.StatusOK)
	withdraw.lacks(t, "<dt>Until</dt>")
	s.as(jan).post("/applications/"+b.String()+"/moves/withdraw", url.Values{"revision": {withdraw.revision(t)}}).want(t, http.StatusSeeOther)
	s.as(jan).get("/applications/"+b.String()).want(t, http.StatusOK, "Start again").lacks(t, "This version counts")
	s.as(jan).get(call).want(t, http.StatusOK, "has ended", "Look at it", "/applications/"+b.String()).lacks(t, "It is your turn")

	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	s.Move(s.Coordinator, a, "declare_ineligible", after, process.Given{Reason: "You interrupted your studies."})
	want := []string{"Why, and what you can do", "You interrupted your studies.", "Write to the rector"}
	s.as(eva).get("/applications/"+a.String()).want(t, http.StatusOK, want...)
	s.Published(after)
	s.as(eva).get("/applications/"+a.String()).want(t, http.StatusOK, append(want, "none given")...)
}

func TestAnOfficeMoveAsksForWhatItNeeds(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	student := s.Student("eva", "1.5")
	id := s.Submitted(student)
	b := s.as(s.Officer)
	path := "/applications/" + id.String() + "/moves/return"
	got := b.get(path).want(t, http.StatusOK, "Nováková", `name="questions"`, `value="motivation"`, `value="choices"`, `name="complete_by"`, "Europe/Prague", `name="reason"`)
	form := url.Values{"revision": {got.revision(t)}, "questions": {"motivation"}, "complete_by": {"2020-01-01T12:00"}, "reason": {"Say <more>."}}
	b.post(path, form).want(t, http.StatusUnprocessableEntity, "Choose a time in the future", "Say &lt;more&gt;.", `value="motivation" checked`)
	form["reason"], form["complete_by"] = nil, []string{"2027-02-20T12:00"}
	b.post(path, form).want(t, http.StatusUnprocessableEntity, "#f-reason")
	form.Set("reason", "Say more.")
	if got := b.post(path, form).want(t, http.StatusSeeOther); got.to != "/office/applications/"+id.String() {
		t.Errorf("led to %s", got.to)
	}
	form.Set("reason", "And this?")
	b.post(path, form).want(t, http.StatusConflict, "Something changed in the meantime", "You had written: And this?")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE actor_id = $1`, s.Officer.Person); n < 3 {
		t.Errorf("%d access lines", n)
	}
}

func TestADestinationIsChosenWithItsPlaces(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 4}})
	student := s.Student("eva", "1.5")
	id := s.Submitted(student, s.Destinations[0])
	s.Marked(id, "20")
	later := s.AfterClose.Add(time.Hour)
	s.at(later)
	s.Published(later)
	s.Move(student, id, "decline", later, process.Given{})
	s.Move(s.Officer, id, "undo_decline", later, process.Given{Reason: "By mistake."})
	b := s.as(s.Officer)
	path := "/applications/" + id.String() + "/moves/offer_destination"
	got := b.get(path).want(t, http.StatusOK, "4 places free", "choice 1", `name="confirm_by" value="2027-02-08T12:00"`)
	form := url.Values{"revision": {got.revision(t)}, "destination": {s.Destinations[1].String()}, "confirm_by": {"2027-02-20T12:00"}, "reason": {"Found one."}}
	b.post(path, form).want(t, http.StatusSeeOther)
	if state := s.State(id); state == mobility.State("to_place") {
		t.Error("nothing was offered")
	}
	s.as(student).get("/applications/"+id.String()).want(t, http.StatusOK, "You are offered a place", "Found one.")
}
