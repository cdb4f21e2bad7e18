package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// An officer moves a deadline and sees first whom it concerns; an applicant
// watches the last minutes of theirs run down.
func TestDeadlinesInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	people, _ := s.crowd(4)
	writing := s.Draft(s.Student("Zdislava", "1.2"))
	s.at(s.WhileOpen())
	v := s.viewer(t, testkit.AllowStatus(http.StatusUnprocessableEntity))
	at := "/office/calls/" + s.Call.String() + "/deadlines"
	v.enter(s.Officer.Person, at)
	v.looked("deadlines")
	v.look(at+"/move?deadline="+s.closingID(), "deadline-move")
	v.fill("#f-wall", "2027-02-06T23:59")
	v.press("main form button[type=submit]")
	v.looked("deadline-preview")
	if text := v.text("main"); !strings.Contains(text, "Zdislava") || !strings.Contains(text, "Draft: 1") {
		t.Errorf("whom it concerns is not shown: %s", text)
	}
	v.fill("#f-reason", "The portal was down on the last evening.")
	v.press("#confirm button[type=submit]")
	v.looked("deadlines-moved")
	if text := v.text("main"); !strings.Contains(text, "Saturday 6 February 2027, 23:59 CET") || !strings.Contains(text, "The portal was down") {
		t.Errorf("it did not move: %s", text)
	}
	v.look("/office/calls/"+s.Call.String()+"/late-links", "late-link-issue")
	v.look("/office/applications/"+writing.String()+"#history", "deadline-in-history")

	s.at(s.ClosesAt.AddDate(0, 0, 6).Add(-90*time.Minute - 20*time.Second))
	v.enter(testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, writing), "/applications/"+writing.String()+"/edit")
	v.looked("countdown")
	if text := v.text(".p-turn .p-relative"); text != "(in 1 h 30 min)" {
		t.Errorf("left are %s", text)
	}
	s.at(s.ClosesAt.AddDate(0, 0, 6).Add(-61 * time.Second))
	v.open("/applications/" + writing.String() + "/edit")
	if text := v.text(".p-turn .p-relative"); text != "(in 1 min)" {
		t.Errorf("left is %s", text)
	}
	if err := chromedp.Do(v.ctx, chromedp.Sleep(3*time.Second)); err != nil {
		t.Fatal(err)
	}
	if text := v.text(".p-turn .p-relative"); text != "(in less than a minute)" {
		t.Errorf("a little later left is %s", text)
	}
	s.at(s.ClosesAt.AddDate(0, 0, 6).Add(mobility.Grace))
	v.look("/applications/"+writing.String(), "just-closed")
	v.enter(people[0].Person, "/calls/"+s.Call.String())
	v.looked("call-closed")
}

func (v *viewer) fill(selector, value string) {
	v.t.Helper()
	if err := chromedp.Do(v.ctx, chromedp.SetValue(selector, value)); err != nil {
		v.t.Fatal(err)
	}
}

func (v *viewer) text(selector string) string {
	v.t.Helper()
	text, err := chromedp.Run(v.ctx, chromedp.Evaluate[string]("document.querySelector('"+selector+"')?.innerText ?? ''"))
	if err != nil {
		v.t.Fatal(err)
	}
	return text
}
