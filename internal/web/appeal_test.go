package web

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// hiddenValue reads a hidden field of a page.
func hiddenValue(t *testing.T, page seen, name string) string {
	t.Helper()
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(page.body)
	if m == nil {
		t.Fatalf("no hidden %s in %.600s", name, page.body)
	}
	return m[1]
}

func TestAProvisionalListIsApprovedAppealedAndMadeFinalOnThePages(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.Exec(`UPDATE calls SET provisional_days = 3, approval = 'second_person', appeal = '{"en": "Say which points are wrong."}'`)
	her, him := s.Student("Zdislava", "1.2"), s.Student("Bohdan", "1.2")
	first, second := s.Submitted(her), s.Submitted(him)
	s.Marked(first, "27.31")
	s.Marked(second, "12.65")
	s.at(s.AfterClose)
	id, err := s.Process.ComputeRanking(context.Background(), s.Officer, s.Round, s.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	run := "/office/rankings/" + id.String()
	officer, other := s.as(s.Officer), s.Staff("Second", mobility.RoleOfficer, s.Home, nil)
	colleague, mine := s.as(other), s.as(him)
	file := "/applications/" + second.String()

	// Before anything is told.
	officer.get(run).want(t, http.StatusOK, "Publish provisionally", "after an officer other than the one who publishes has approved", "Nobody has approved")
	officer.get(run+"/letters/"+second.String()).want(t, http.StatusOK, "The provisional list of Study stays is out", "you can appeal until")
	if got := mine.get(file); strings.Contains(got.body, "rovisional") {
		t.Error("the applicant learns of the draft")
	}
	ask := officer.get(run+"/provisional").want(t, http.StatusOK, "Publish this list provisionally?", "Thursday 4 February 2027, 12:00")
	press := url.Values{"hash": {hiddenValue(t, ask, "hash")}}
	officer.post(run+"/provisional", press).want(t, http.StatusConflict, "need the approval of a second officer")
	colleague.post(run+"/approved", press).want(t, http.StatusSeeOther)
	officer.get(run).want(t, http.StatusOK, "Second Nov")
	officer.post(run+"/provisional", press).want(t, http.StatusSeeOther)

	// The applicant reads it and appeals.
	mine.get(file).want(t, http.StatusOK, "Your provisional result", "may change until the final list", "Thursday 4 February 2027, 12:00", "Reserve list, provisionally", "shown with the final list", "Say which points are wrong.", file+"/appeal")
	mine.get(file+"/appeal").want(t, http.StatusOK, "the provisional list", "Thursday 4 February 2027, 12:00")
	mine.post(file+"/appeal", url.Values{"reason": {""}}).want(t, http.StatusUnprocessableEntity, "What is wrong?")
	mine.post(file+"/appeal", url.Values{"reason": {"A page was not read."}}).want(t, http.StatusSeeOther)
	mine.get(file).want(t, http.StatusOK, "No. 1", "A page was not read.", "Your appeal arrived", "Withdraw the appeal")
	s.as(her).get("/applications/"+first.String()).want(t, http.StatusOK, "A place, provisionally")

	// The office gives it to somebody else.
	officer.get("/work").want(t, http.StatusOK, "Open appeals")
	list := "/office/calls/" + s.Call.String() + "/appeals"
	officer.get(list).want(t, http.StatusOK, "Bohdan", "the office, to assign")
	appeal := "/office/appeals/" + testkit.One[uuid.UUID](s.World, `SELECT id FROM appeals`).String()
	officer.get(appeal).want(t, http.StatusOK, "A page was not read.", "Who decides?")
	officer.post(appeal+"/assigned", url.Values{"to": {s.Coordinator.Person.String()}}).want(t, http.StatusUnprocessableEntity, "This person cannot decide")
	officer.post(appeal+"/assigned", url.Values{"to": {other.Person.String()}}).want(t, http.StatusSeeOther)
	officer.post(appeal+"/answer", url.Values{"act": {"do"}, "decision": {"refused"}, "answer": {"No."}}).want(t, http.StatusForbidden)

	// They look at what follows, and grant it.
	s.grant(t, colleague, appeal, second)
	mine.get(file).want(t, http.StatusOK, "Granted", "The page was overlooked.")

	// The final list is another run.
	closes := testkit.One[time.Time](s.World, `SELECT closes_at FROM deadlines WHERE kind = 'appeal'`)
	s.at(closes.Add(mobility.Grace))
	officer, colleague, mine = s.as(s.Officer), s.as(other), s.as(him)
	officer.post(run+"/publish", press).want(t, http.StatusConflict, "changed")
	final, err := s.Process.ComputeRanking(context.Background(), s.Officer, s.Round, closes.Add(mobility.Grace))
	if err != nil {
		t.Fatal(err)
	}
	run = "/office/rankings/" + final.String()
	officer.get(run).want(t, http.StatusOK, "Against the provisional list", "The provisional list is out: run 1")
	ask = officer.get(run+"/publish").want(t, http.StatusOK, "2 people get another result")
	press.Set("hash", hiddenValue(t, ask, "hash"))
	officer.get(run+"/letters/"+second.String()).want(t, http.StatusOK, "This differs from the provisional list")
	colleague.post(run+"/approved", press).want(t, http.StatusSeeOther)
	officer.post(run+"/publish", press).want(t, http.StatusSeeOther)
	if got := s.State(second); got != "offered" {
		t.Errorf("Bohdan is %s", got)
	}
	mine.get(file).want(t, http.StatusOK, "Result", "The list is final", "write to the office", "mailto:")
}

// grant answers an appeal after a look at what would follow, for points that
// are at most 30.
func (s *scene) grant(t *testing.T, decider *browser, appeal string, file uuid.UUID) {
	t.Helper()
	decider.get(appeal).want(t, http.StatusOK, "Your decision", "letter, 12.65 by coordinator")
	mark := testkit.One[uuid.UUID](s.World, `SELECT id FROM marks WHERE application_id = $1`, file)
	decide := url.Values{"act": {"look"}, "decision": {"granted"}, "answer": {"The page was overlooked."}, "correction": {"mark:" + mark.String()}, "points": {"99"}}
	decider.post(appeal+"/answer", decide).want(t, http.StatusUnprocessableEntity, "The page was overlooked.")
	decide.Set("points", "30")
	shown := decider.post(appeal+"/answer", decide).want(t, http.StatusOK, "What follows", "Zdislava", "Bohdan", "Grant, and correct it now")
	decide.Set("act", "do")
	decide.Set("preview", "old")
	decider.post(appeal+"/answer", decide).want(t, http.StatusConflict, "Something changed since")
	decide.Set("preview", hiddenValue(t, shown, "preview"))
	decider.post(appeal+"/answer", decide).want(t, http.StatusSeeOther)
	decider.get(appeal).want(t, http.StatusOK, "12.65 → 30", "The page was overlooked.")
}

// Whoever a conflict bars from a file of the round learns nothing of what a
// newer run changes, nor of the appeal.
func TestABarredOfficerLearnsNothingOfAnAppeal(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.Exec(`UPDATE calls SET provisional_days = 3`)
	her, him := s.Student("Zdislava", "1.2"), s.Student("Bohdan", "1.4")
	first, second := s.Submitted(her), s.Submitted(him)
	s.Marked(first, "27.31")
	s.Marked(second, "12.65")
	s.at(s.AfterClose)
	aunt := s.Staff("aunt", mobility.RoleOfficer, s.Home, nil)
	if err := s.Process.DeclareConflict(t.Context(), aunt, s.AfterClose, second, aunt.Person); err != nil {
		t.Fatal(err)
	}
	id, err := s.Process.ComputeRanking(context.Background(), s.Officer, s.Round, s.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	run, officer, barred := "/office/rankings/"+id.String(), s.as(s.Officer), s.as(aunt)
	press := url.Values{"hash": {testkit.One[string](s.World, `SELECT result_hash FROM rankings`)}}
	barred.post(run+"/approved", press).want(t, http.StatusForbidden)
	barred.post(run+"/provisional", press).want(t, http.StatusConflict, "once a colleague without one has approved")
	officer.post(run+"/approved", press).want(t, http.StatusSeeOther)
	barred.post(run+"/provisional", press).want(t, http.StatusSeeOther)
	pages := []string{run, "/work", "/office/calls/" + s.Call.String() + "/appeals", "/office/calls/" + s.Call.String() + "/ranking"}
	before := map[string]string{}
	for _, path := range pages {
		before[path] = barred.get(path).want(t, http.StatusOK).body
	}
	s.as(him).post("/applications/"+second.String()+"/appeal", url.Values{"reason": {"A page was not read."}}).want(t, http.StatusSeeOther)
	for _, path := range pages {
		now := barred.get(path).want(t, http.StatusOK).body
		if strings.Contains(now, "A page") || strings.Contains(now, "Bohdan") || len(now) > len(before[path]) {
			t.Errorf("%s says something else once the hidden person appealed", path)
		}
	}
	appeal := "/office/appeals/" + testkit.One[uuid.UUID](s.World, `SELECT id FROM appeals`).String()
	barred.get(appeal).want(t, http.StatusNotFound)
	barred.get("/office/applications/"+second.String()+"/correct").want(t, http.StatusNotFound)
}
