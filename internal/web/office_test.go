package web

import (
	"context"
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

// lacks fails the test if the answer has any of the words.
func (a seen) lacks(t *testing.T, words ...string) {
	t.Helper()
	for _, word := range words {
		if strings.Contains(a.body, word) {
			t.Errorf("%q is shown", word)
		}
	}
}

func TestEachSeesTheFilesTheyReach(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	s.Exec(`UPDATE destinations SET unit_id = $2 WHERE id = $1`, s.Destinations[1], s.Other)
	mine, theirs := s.Student("Anna", "1.5"), s.StudentOf("Boris", "2.5", s.Other)
	a, b := s.Submitted(mine, s.Destinations[0]), s.Submitted(theirs, s.Destinations[1])
	list := "/office/calls/" + s.Call.String() + "/candidates"

	s.as(s.Officer).get(list).want(t, http.StatusOK, "Nováková, Anna", "Nováková, Boris", "FBE", "AF")
	s.as(s.Coordinator).get(list).want(t, http.StatusOK, "Anna").lacks(t, "Boris")
	s.as(s.OtherCoordinator).get(list).want(t, http.StatusOK, "Boris").lacks(t, "Anna")
	s.as(s.ForeignOfficer).get(list).want(t, http.StatusNotFound)
	s.as(mine).get(list).want(t, http.StatusForbidden)
	s.site.browser().get(list).want(t, http.StatusSeeOther)

	s.as(s.Coordinator).get("/office/applications/"+a.String()).want(t, http.StatusOK, "Anna Nováková", "I want to learn.", "Host University")
	s.as(s.Coordinator).get("/office/applications/"+b.String()).want(t, http.StatusNotFound)
	s.as(mine).get("/office/applications/"+a.String()).want(t, http.StatusForbidden)

	if err := s.Process.DeclareConflict(t.Context(), s.Officer, s.WhileOpen(), a, s.Officer.Person); err != nil {
		t.Fatal(err)
	}
	s.as(s.Officer).get(list).want(t, http.StatusOK, "Boris").lacks(t, "Anna")
	s.as(s.Officer).get(list+".csv").want(t, http.StatusOK, "Boris").lacks(t, "Anna")
	s.as(s.Officer).get("/office/applications/"+a.String()).want(t, http.StatusNotFound)
	s.as(s.Officer).get("/office/people?q=Anna").want(t, http.StatusOK, "Nobody found")
	s.as(s.Officer).get("/work").want(t, http.StatusOK)
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE $1 = ANY (subject_ids) AND actor_id = $2 AND count = 1`, a, s.Coordinator.Person); n != 1 {
		t.Errorf("%d access lines of one file", n)
	}
}

func TestCandidatesAreFilteredSortedAndExported(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2}})
	for name, average := range map[string]string{"Anna": "2.9", "Boris": "1.1", "=Cyril": "2.0"} {
		s.Submitted(s.Student(name, average))
	}
	list := "/office/calls/" + s.Call.String() + "/candidates"
	b := s.as(s.Coordinator)
	by := b.get(list+"?sort=points&down=true").want(t, http.StatusOK, `aria-sort="descending"`, "3 rows")
	if i, j := strings.Index(by.body, "Boris"), strings.Index(by.body, "Anna"); i < 0 || j < i {
		t.Error("points do not sort")
	}
	b.get(list+"?q=bor").want(t, http.StatusOK, "Boris", "1 row", "Show all").lacks(t, "Anna")
	b.get(list+"?q=%25").want(t, http.StatusOK, "Nobody here")
	b.get(list+"?duty=assess&missing=true").want(t, http.StatusOK, "3 rows")
	b.get(list+"?duty=offers").want(t, http.StatusOK, "Nobody here")
	b.get(list+"?state=submitted&destination="+s.Destinations[0].String()).want(t, http.StatusOK, "3 rows")
	b.get(list+"?sort=nonsense&page=99&unit=x").want(t, http.StatusOK)
	csv := b.get(list+".csv?q=cyr").want(t, http.StatusOK, "\ufeffFamily names,Given names", "Nováková,'=Cyril,FBE,6,2,2,", "Host University")
	if got := csv.header.Get("Content-Disposition"); !strings.Contains(got, ".csv") {
		t.Errorf("it is no file: %s", got)
	}
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE filter LIKE '%cyr%'`); n != 0 {
		t.Error("what somebody typed stands in an access line")
	}
	file := b.get(list+"?sort=name").want(t, http.StatusOK, "sort=name")
	if !strings.Contains(file.body, "at=1") {
		t.Error("the list does not lead on")
	}
	second := testkit.One[uuid.UUID](s.World, `SELECT a.id FROM applications a JOIN person_facts f USING (person_id) WHERE f.given_names = 'Anna'`)
	b.get("/office/applications/"+second.String()+"?sort=name&at=1").want(t, http.StatusOK, `rel="prev"`, `rel="next"`, "Cyril", "Boris")
}

func TestPointsAreSavedCellByCell(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2}})
	a, c := s.Submitted(s.Student("Anna", "2.0")), s.Submitted(s.Student("Boris", "1.5"))
	grid := "/office/calls/" + s.Call.String() + "/marks"
	b := s.as(s.Coordinator)
	b.get(grid).want(t, http.StatusOK, `name="m.`+a.String()+`.letter"`, "0 to 30")
	cell := func(id uuid.UUID) string { return id.String() + ".letter" }
	form := url.Values{"m." + cell(a): {"25,5"}, "s." + cell(a): {""}, "m." + cell(c): {"31"}, "s." + cell(c): {""}}
	b.post(grid, form).want(t, http.StatusUnprocessableEntity, "1 cell was not saved", `value="31"`, "between 0 and 30", `value="25.5"`)
	form = url.Values{"m." + cell(a): {"25.5"}, "s." + cell(a): {"25.5"}, "m." + cell(c): {"20"}, "s." + cell(c): {""}}
	b.post(grid, form).want(t, http.StatusSeeOther)
	b.get(grid).want(t, http.StatusOK, "Saved: 1 changed", "40.5", "42.5")

	form = url.Values{"m." + cell(a): {"10"}, "s." + cell(a): {"12"}}
	b.post(grid, form).want(t, http.StatusUnprocessableEntity, "Somebody else changed this.", "Now it says: 25.5", `value="10"`)
	s.as(s.OtherCoordinator).post(grid, form).want(t, http.StatusNotFound)

	file := "/office/applications/" + a.String()
	b.post(file+"/marks?at=0", url.Values{"m.letter": {"x"}, "s.letter": {"25.5"}}).want(t, http.StatusUnprocessableEntity, "Write a number", `value="x"`)
	if got := b.post(file+"/marks?at=0", url.Values{"m.letter": {""}, "s.letter": {"25.5"}}).want(t, http.StatusSeeOther); got.to != file+"?at=0#marks" {
		t.Errorf("led to %s", got.to)
	}
	b.get(file).want(t, http.StatusOK, "Points saved.", "Marks are still missing.", "average: 2", "In proportion: 1 gives 30")
}

func TestARankingIsLookedAtHeldBackAndPublishedOnce(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	a, c, d := s.Submitted(s.Student("Anna", "1.0")), s.Submitted(s.Student("Boris", "2.0")), s.Submitted(s.Student("Cyril", "2.0"))
	call := "/office/calls/" + s.Call.String()
	s.as(s.Officer).post(call+"/ranking", nil).want(t, http.StatusConflict, "No ranking was computed", "open until")
	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	for _, id := range []uuid.UUID{a, c, d} {
		s.mark(id, "20")
	}
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	s.Move(s.Officer, d, "return", after, process.Given{Reason: "Unreadable.", Questions: []string{"motivation"}, CompleteBy: &by})
	b := s.as(s.Officer)
	b.get(call+"/ranking").want(t, http.StatusOK, "Worth a look first")
	b.post(call+"/ranking", nil).want(t, http.StatusConflict, "1 application is with its applicant")
	s.Move(testPerson(s, d), d, "complete", after, process.Given{})
	to := b.post(call+"/ranking", nil).want(t, http.StatusSeeOther).to
	s.as(s.Coordinator).post(call+"/ranking", nil).want(t, http.StatusForbidden)

	b.get(to).want(t, http.StatusOK, "Run 1: preview", "Host University", "after the one above by lot", "Offer", "Reserve", "Publish")
	s.as(s.Coordinator).get(to).want(t, http.StatusOK, "Anna").lacks(t, `href="`+to+`/publish"`)
	s.as(s.OtherCoordinator).get(to).want(t, http.StatusOK).lacks(t, "Anna", "Boris")
	s.as(s.ForeignOfficer).get(to).want(t, http.StatusNotFound)
	b.get(to+"/letters/"+a.String()).want(t, http.StatusOK, "Dear Anna", "We offer you a place").lacks(t, `href="https://peregrine.example.org/applications`)

	b.post(to+"/held/"+c.String(), url.Values{"reason": {" "}}).want(t, http.StatusUnprocessableEntity)
	b.post(to+"/held/"+c.String(), url.Values{"reason": {"Being checked."}}).want(t, http.StatusSeeOther)
	b.get(to).want(t, http.StatusOK, "Being checked.", "Boris Nováková is held back.", "1 person gets no letter")
	asked := b.get(to+"/publish").want(t, http.StatusOK, "Publish this result?", `name="hash"`)
	hash := testkit.One[string](s.World, `SELECT result_hash FROM rankings`)
	asked.want(t, http.StatusOK, hash)
	b.post(to+"/publish", url.Values{"hash": {"other"}}).want(t, http.StatusConflict, "not the draft you looked at")
	b.post(to+"/publish", url.Values{"hash": {hash}}).want(t, http.StatusSeeOther)
	b.get(to).want(t, http.StatusOK, "Published result", "2 decided, 1 held back", "Letters on their way", "Waiting to be sent", "Publish this one")
	b.post(to+"/publish", url.Values{"hash": {hash}}).want(t, http.StatusConflict, "published already")
	b.get(to+"/publish").want(t, http.StatusConflict)
	b.post(to+"/released/"+c.String(), nil).want(t, http.StatusSeeOther)
	b.get(to).want(t, http.StatusOK).lacks(t, "Being checked.")
	b.get(to+"/letters/"+a.String()).want(t, http.StatusOK, "As it was planned", "We offer you a place")
}

// testPerson is the applicant of a file.
func testPerson(s *scene, application uuid.UUID) mobility.Actor {
	return mobility.Actor{Person: testkit.One[uuid.UUID](s.World, `SELECT person_id FROM applications WHERE id = $1`, application)}
}

func TestPublishingWarnsOfMissingPoints(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	a := s.Submitted(s.Student("Anna", "1.0"))
	s.Submitted(s.Student("Boris", "2.0"))
	s.at(s.AfterClose.Add(time.Hour))
	s.mark(a, "20")
	b := s.as(s.Officer)
	to := b.post("/office/calls/"+s.Call.String()+"/ranking", nil).want(t, http.StatusSeeOther).to
	for _, path := range []string{to, to + "/publish"} {
		b.get(path).want(t, http.StatusOK, "1 application would be refused only because points are missing", "Show where points are missing")
	}
}

func TestNominationsAreAskedForAndReportedRowByRow(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2}})
	a, c := s.Submitted(s.Student("Anna", "1.0")), s.Submitted(s.Student("Boris", "2.0"))
	s.Marked(a, "20")
	s.Marked(c, "20")
	after := s.AfterClose.Add(time.Hour)
	s.at(after)
	s.Published(after)
	for _, id := range []uuid.UUID{a, c} {
		s.Move(testPerson(s, id), id, "confirm", after, process.Given{})
	}
	s.Exec(`UPDATE person_facts SET nationality = '' WHERE person_id = $1`, testPerson(s, c).Person)
	page := "/office/calls/" + s.Call.String() + "/nominations"
	b := s.as(s.Officer)
	b.get(page).want(t, http.StatusOK, "2 students wait to be nominated", "Anna", "Boris", `name="pick"`)
	s.as(s.Coordinator).get(page).want(t, http.StatusForbidden)
	b.post(page+"/ask", nil).want(t, http.StatusUnprocessableEntity, "Nobody is ticked")
	b.get(page).want(t, http.StatusOK, "Tick all 2").lacks(t, " checked>")
	b.get(page+"?all=1").want(t, http.StatusOK, `value="`+a.String()+`" aria-label="Anna Nováková" checked>`)
	both := url.Values{"pick": {a.String(), c.String(), uuid.NewString()}}
	b.post(page+"/ask", both).want(t, http.StatusOK, "Nominate 2 students?", "Anna", "Boris", "Host University")
	b.post(page, both).want(t, http.StatusConflict, "Nominated: 1. Not nominated: 1", "Boris Nováková: The nomination lacks: nationality.")
	b.get(page).want(t, http.StatusOK, "Nominated, host&#39;s answer pending", "incoming@host.example", "Revoke")
	link := testkit.One[uuid.UUID](s.World, `SELECT id FROM host_links`)
	revoke := "/office/calls/" + s.Call.String() + "/links/" + link.String() + "/revoked"
	b.post(revoke, nil).want(t, http.StatusSeeOther)
	b.get(page).want(t, http.StatusOK, "The link no longer works.", "Revoked")
	b.post(revoke, nil).want(t, http.StatusConflict)
	s.as(s.ForeignOfficer).post(revoke, nil).want(t, http.StatusForbidden)
	b.get("/work").want(t, http.StatusOK, "To be nominated", "Waiting for the host&#39;s answer")
}

func TestLettersAreSettledByAPerson(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	student := s.Student("Anna", "1.0")
	s.Submitted(student)
	letter := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters`)
	s.Exec(`UPDATE letters SET status = 'failed'`)
	b := s.as(s.Officer)
	b.get("/office/letters").want(t, http.StatusOK, "1 letter needs a decision", "Receipt", "Not delivered")
	at := "/office/letters/" + letter.String()
	b.get(at).want(t, http.StatusOK, "Send again", "Correct the address")
	s.as(s.Coordinator).get(at).want(t, http.StatusOK).lacks(t, "Send again")
	s.as(s.OtherCoordinator).get(at).want(t, http.StatusNotFound)
	s.as(s.Coordinator).post(at+"/again", nil).want(t, http.StatusForbidden)
	b.post(at+"/received", nil).want(t, http.StatusConflict)
	b.post(at+"/again", nil).want(t, http.StatusSeeOther)
	b.get("/office/letters").want(t, http.StatusOK, "Every letter is settled", "The letter is being sent again.")
	b.post(at+"/again", nil).want(t, http.StatusConflict, "settled already")
	again := testkit.One[uuid.UUID](s.World, `SELECT id FROM letters WHERE status = 'planned' AND subject_key = 'again:' || $1::text`, letter.String())
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM river_job WHERE args ->> 'letter' = $1`, again.String()); n != 1 {
		t.Errorf("%d jobs for the new letter", n)
	}

	s.Exec(`UPDATE letters SET status = 'unknown' WHERE id = $1`, again)
	unknown := "/office/letters/" + again.String()
	b.get(unknown).want(t, http.StatusOK, "It was received", "gets it twice")
	b.post(unknown+"/received", nil).want(t, http.StatusSeeOther)
	if got := testkit.One[string](s.World, `SELECT status FROM letters WHERE id = $1`, again); got != "sent" {
		t.Errorf("it is %s", got)
	}
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM acts WHERE act IN ('letter_sent_again', 'letter_known_received') AND actor_id = $1`, s.Officer.Person); n != 2 {
		t.Errorf("%d acts", n)
	}
}

func TestPeopleAreFoundAndPutRight(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	student := s.Student("Anna", "1.0")
	id := s.Submitted(student)
	b := s.as(s.Officer)
	b.get("/office/people?q=anna").want(t, http.StatusOK, "Nováková, Anna")
	at := "/office/people/" + student.Person.String()
	b.get(at).want(t, http.StatusOK, "Anna Nováková", "/office/applications/"+id.String(), "Receipt")
	s.as(s.ForeignOfficer).get(at).want(t, http.StatusNotFound)
	s.as(s.Coordinator).get(at).want(t, http.StatusForbidden)
	b.post(at+"/address", url.Values{"email": {"anna@"}}).want(t, http.StatusUnprocessableEntity, `value="anna@"`)
	taken := testkit.One[string](s.World, `SELECT email FROM persons WHERE id = $1`, s.Coordinator.Person)
	b.post(at+"/address", url.Values{"email": {taken}}).want(t, http.StatusUnprocessableEntity, "belongs to another person")
	b.post(at+"/address", url.Values{"email": {"anna@home.example"}}).want(t, http.StatusSeeOther)
	b.get(at).want(t, http.StatusOK, "anna@home.example", "The address was corrected", "Address changed")

	asked := uuid.New()
	s.Exec(`UPDATE calls SET registration = 'officer'`)
	s.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, status, asked_at) VALUES ($1, $2, $3, $4, 'ana@else.example', 'Ana', 'Kovač', 'pending', now())`, asked, s.Home, s.Call, s.Faculty)
	b.get("/work").want(t, http.StatusOK, "1 person asks to be registered")
	b.get("/office/people").want(t, http.StatusOK, "Kovač, Ana", "Confirm")
	answer := "/office/registrations/" + asked.String()
	s.as(s.Coordinator).post(answer, url.Values{"answer": {"confirm"}}).want(t, http.StatusForbidden)
	b.post(answer, url.Values{"answer": {"perhaps"}}).want(t, http.StatusUnprocessableEntity)
	b.post(answer, url.Values{"answer": {"confirm"}}).want(t, http.StatusSeeOther)
	b.post(answer, url.Values{"answer": {"confirm"}}).want(t, http.StatusConflict)
}

func TestACallIsCheckedOpenedAndAmended(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1, 1}})
	prepared := s.preparedCall()
	at := "/office/calls/" + prepared.String()
	b := s.as(s.Officer)
	b.get(at).want(t, http.StatusOK, "Before you open the call", "worth a look", `href="`+at+`/open"`)
	s.as(s.Coordinator).get(at).want(t, http.StatusOK).lacks(t, at+"/open", "Overbook")
	s.as(s.Coordinator).post(at+"/open", nil).want(t, http.StatusForbidden)
	s.as(s.ForeignOfficer).post(at+"/open", nil).want(t, http.StatusNotFound)
	b.get(at+"/open").want(t, http.StatusOK, "Open the call?")
	b.post(at+"/open", nil).want(t, http.StatusSeeOther)
	b.get(at).want(t, http.StatusOK, "The call is open")
	b.post(at+"/open", nil).want(t, http.StatusConflict)

	pool := "/office/calls/" + s.Call.String() + "/pools/" + s.Pools[0].String()
	b.get(pool).want(t, http.StatusOK, "Overbook: Host University")
	b.post(pool, url.Values{"number": {"1"}, "why": {"They wrote."}}).want(t, http.StatusUnprocessableEntity, "They wrote.")
	b.post(pool, url.Values{"number": {"1"}, "rule": {"host_consent"}, "why": {"They wrote."}}).want(t, http.StatusSeeOther)
	b.get("/office/calls/"+s.Call.String()).want(t, http.StatusOK, "1 agreed")
	s.as(s.Coordinator).get(pool).want(t, http.StatusForbidden)
}

func TestAnAdministratorMovesACallToAnotherVersion(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.Submitted(s.Student("Anna", "1.0"))
	b := s.as(s.Administrator)
	source := testkit.One[string](s.World, `SELECT source FROM definitions WHERE name = 'erasmus-study'`)
	newer, _, err := s.Process.LoadDefinition(context.Background(), time.Now(), nil, []byte(strings.Replace(source, "\nversion: 1\n", "\nversion: 2\n", 1)))
	if err != nil {
		t.Fatal(err)
	}
	b.get("/admin/lifecycles").want(t, http.StatusOK, "erasmus-study", "Move to another version", "Study stays")
	b.get("/admin/lifecycles/"+newer.String()).want(t, http.StatusOK, "<svg", "version 2")
	s.as(s.Officer).get("/admin/lifecycles").want(t, http.StatusForbidden)
	at := "/admin/calls/" + s.Call.String() + "/version"
	b.get(at).want(t, http.StatusOK, "erasmus-study 2")
	form := url.Values{"definition": {newer.String()}}
	look := b.post(at+"/look", form).want(t, http.StatusOK, "1 application", "Submitted, to be assessed", "Move the call", `name="seen"`)
	seenHash := strings.SplitN(strings.SplitN(look.body, `name="seen" value="`, 2)[1], `"`, 2)[0]
	form.Set("seen", "stale")
	b.post(at, form).want(t, http.StatusConflict, "Something has changed since the preview")
	form.Set("seen", seenHash)
	b.post(at, form).want(t, http.StatusSeeOther)
	b.get("/admin/lifecycles").want(t, http.StatusOK, "follows version 2 now")
	b.get("/admin/units").want(t, http.StatusOK, "FBE")
	b.get("/admin/roles").want(t, http.StatusOK, "officer")
}
