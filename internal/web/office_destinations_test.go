package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

var previewHash = regexp.MustCompile(`name="hash" value="([0-9a-f]+)"`)

// destinationAt is the address of a destination's page.
func (s *scene) destinationAt(i int, rest string) string {
	return "/office/calls/" + s.Call.String() + "/destinations/" + s.Destinations[i].String() + rest
}

func TestOfficerDropsADestinationAndTheApplicantChoosesAgain(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	s.Exec(`UPDATE institutions SET name = 'Åbo Akademi' WHERE id = $1`, s.Host)
	anna := s.Student("Anna", "1.2")
	id := s.Submitted(anna)
	s.Draft(s.Student("Bertram", "1.5"), s.Destinations[0])
	s.at(s.AfterClose.Add(time.Hour))
	officer := s.as(s.Officer)
	officer.get("/office/calls/"+s.Call.String()+"/destinations").want(t, http.StatusOK, "Åbo Akademi", "Add a destination")
	if body := officer.get(s.destinationAt(0, "")).want(t, http.StatusOK, "Anna", "Drop").body; strings.Contains(body, "Bertram") {
		t.Error("the office reads who has a draft")
	}
	form := url.Values{"reason": {"The partner closed the field."}}
	officer.post(s.destinationAt(0, "/drop/look"), form).want(t, http.StatusUnprocessableEntity, "Choose again until", "The partner closed the field.")
	form.Set("choose_again", "2027-02-20T12:00")
	look := officer.post(s.destinationAt(0, "/drop/look"), form).want(t, http.StatusOK, "Anna", "gets the choices back", "Nothing has happened yet")
	expectState(t, s, id, "submitted")
	form.Set("hash", previewHash.FindStringSubmatch(look.body)[1])
	stale := url.Values{"reason": {"Another reason."}, "choose_again": form["choose_again"], "hash": form["hash"]}
	officer.post(s.destinationAt(0, "/drop"), stale).want(t, http.StatusConflict, "Something has changed since you looked")
	if got := officer.post(s.destinationAt(0, "/drop"), form); got.status != http.StatusSeeOther {
		t.Fatalf("%d %s", got.status, got.body)
	}
	expectState(t, s, id, "returned")
	officer.get(s.destinationAt(0, "")).want(t, http.StatusOK, "The destination is dropped.", "Dropped", "The partner closed the field.", "1 person was written to")
	officer.get(s.destinationAt(0, "/drop")).want(t, http.StatusConflict)

	applicant := s.as(anna)
	own := "/applications/" + id.String()
	applicant.get(own).want(t, http.StatusOK, "Åbo Akademi is no longer offered", "You can choose again until", "The partner closed the field.")
	edit := applicant.get(own+"/edit").want(t, http.StatusOK, "Dropped", "Take it off the list")
	if strings.Contains(edit.body, `<option value="`+s.Destinations[0].String()) {
		t.Error("what was dropped can be added")
	}
	applicant.post(own+"/edit", url.Values{"revision": {edit.revision(t)}, "choices": {"1"}, "choice": {s.Destinations[0].String(), s.Destinations[1].String()}, "order": {"remove:" + s.Destinations[0].String()}}).want(t, http.StatusSeeOther)
	check := applicant.get(own+"/moves/complete").want(t, http.StatusOK)
	if got := applicant.post(own+"/moves/complete", url.Values{"revision": {check.revision(t)}}); got.status != http.StatusSeeOther {
		t.Errorf("%d %s", got.status, got.body)
	}
	if body := applicant.get(own).want(t, http.StatusOK).body; strings.Contains(body, "is no longer offered") {
		t.Error("the banner stays after choosing again")
	}
	s.site.browser().get("/calls/"+s.Call.String()).want(t, http.StatusOK, "Dropped", "1 place, 1 destination")
	if n := testkit.One[int](s.World, `SELECT count(*) FROM access_lines WHERE page LIKE '%destinations%'`); n < 3 {
		t.Errorf("%d access lines", n)
	}
}

func TestOfficerChangesAndAddsADestination(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2, 1}})
	anna := s.Student("Anna", "1.2")
	id := s.Submitted(anna, s.Destinations[0])
	s.at(s.WhileOpen().Add(time.Hour))
	officer := s.as(s.Officer)
	officer.get(s.destinationAt(0, "/change")).want(t, http.StatusOK, `name="places"`, `value="2"`, "2027-04-15T23:59")
	form := url.Values{"reason": {"New term dates."}, "language": {"en"}, "cefr": {"C1"}, "places": {"two"}}
	officer.post(s.destinationAt(0, "/change/look"), form).want(t, http.StatusUnprocessableEntity, "two")
	form["places"], form["begins"], form["ends"] = []string{"1"}, []string{"2027-09-01"}, []string{"2028-01-31"}
	look := officer.post(s.destinationAt(0, "/change/look"), form).want(t, http.StatusOK, "Places: 2 → 1", "Level asked for: B2 → C1", "may choose again until the round closes")
	form.Set("hash", previewHash.FindStringSubmatch(look.body)[1])
	officer.post(s.destinationAt(0, "/change"), form).want(t, http.StatusSeeOther)
	s.as(anna).get("/applications/"+id.String()).want(t, http.StatusOK, "has changed", "Places: 2 → 1", "You can choose again until")

	agreement := uuid.New()
	s.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id)
		VALUES ($1, $2, $3, $4, '0421', 6, 2, 5, 'fi', 'B1', 'spring', '2027/28', 'NEW')`, agreement, s.Home, s.Faculty, s.Host)
	add := "/office/calls/" + s.Call.String() + "/destinations/add"
	officer.get(add).want(t, http.StatusOK, agreement.String())
	officer.post(add+"/look", url.Values{}).want(t, http.StatusUnprocessableEntity)
	form = url.Values{"agreement": {agreement.String()}, "tell": {"true"}}
	look = officer.post(add+"/look", form).want(t, http.StatusOK, "Anna")
	form.Set("hash", previewHash.FindStringSubmatch(look.body)[1])
	officer.post(add, form).want(t, http.StatusSeeOther)
	s.as(anna).get("/applications/"+id.String()+"/edit").want(t, http.StatusOK, "Finnish B1")
}

// A conflict of interest hides what becomes of a destination that the file
// names until the result is published (design rule 11).
func TestBarredOfficerLearnsNothingOfADestination(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna := s.Student("Anna", "1.2")
	id := s.Submitted(anna, s.Destinations[0])
	other := s.Submitted(s.Student("Bertram", "1.5"), s.Destinations[0])
	aunt := s.Staff("aunt", mobility.RoleOfficer, s.Home, nil)
	s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, s.Home, id, aunt.Person)
	req := process.DestinationChange{
		Kind: process.DestinationChanged, Destination: s.Destinations[0], Reason: "The partner wrote to us.", Arrived: s.WhileOpen(),
		Terms: process.DestinationTerms{Language: "en", CEFR: "C1", Places: 1},
	}
	p, err := s.Process.PreviewDestination(t.Context(), s.Officer, req)
	if err != nil {
		t.Fatal(err)
	}
	req.Hash = p.Hash
	if _, err := s.Process.ChangeDestination(t.Context(), s.Officer, req); err != nil {
		t.Fatal(err)
	}
	s.at(s.AfterClose)
	b := s.as(aunt)
	for _, path := range []string{s.destinationAt(0, ""), "/office/calls/" + s.Call.String() + "/destinations"} {
		if body := b.get(path).want(t, http.StatusOK, "The partner wrote to us.").body; strings.Contains(body, "written to") {
			t.Errorf("%s tells whoever is barred how many chose it", path)
		}
	}
	if body := b.get(s.destinationAt(0, "")).want(t, http.StatusOK, "conflict of interest").body; strings.Contains(body, "Anna") || strings.Contains(body, "Bertram") {
		t.Error("whoever is barred reads who chose it")
	}
	b.get("/office/calls/"+s.Call.String()+"/destinations").want(t, http.StatusOK, "–")
	b.get(s.destinationAt(0, "/drop")).want(t, http.StatusForbidden)
	b.post(s.destinationAt(0, "/drop/look"), url.Values{"reason": {"x"}, "choose_again": {"2027-02-20T12:00"}}).want(t, http.StatusForbidden)
	b.get(s.destinationAt(1, "/drop")).want(t, http.StatusOK)
	s.Marked(id, "20")
	s.Marked(other, "10")
	s.Published(s.AfterClose)
	if body := b.get(s.destinationAt(0, "")).want(t, http.StatusOK, "Bertram").body; strings.Contains(body, "Anna") {
		t.Error("the file itself is shown")
	}
}

// pastResult publishes a year before with so many ranked.
func (s *scene) pastResult(ranked int) {
	s.T.Helper()
	for i := range ranked {
		s.Marked(s.Submitted(s.Student(fmt.Sprint("S", i), "2"), s.Destinations[0]), fmt.Sprint(20-i))
	}
	s.Published(s.AfterClose)
	s.Exec(`UPDATE calls SET academic_year = '2026/27'; ALTER TABLE destination_figures DISABLE TRIGGER USER`)
	s.Exec(`UPDATE destination_figures SET academic_year = '2026/27'`)
}

// followingCall opens a call of the year after and returns its round.
func (s *scene) followingCall() (call, round uuid.UUID) {
	s.T.Helper()
	round, _ = s.AnotherCall()
	call = testkit.One[uuid.UUID](s.World, `SELECT call_id FROM rounds WHERE id = $1`, round)
	s.Exec(`UPDATE calls SET academic_year = '2027/28' WHERE id = $1`, call)
	return call, round
}

func TestEarlierYearsAreShownWhileChoosing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ranked int
		words  string
	}{{6, "2026/27: from 31 of 60 points"}, {4, "2026/27: too few to say"}} {
		t.Run(fmt.Sprint(c.ranked, " ranked"), func(t *testing.T) {
			t.Parallel()
			s := newScene(t, testkit.WorldPlan{Places: []int{5}})
			s.pastResult(c.ranked)
			call, round := s.followingCall()
			s.site.browser().get("/calls/"+call.String()).want(t, http.StatusOK, "Earlier years", c.words)
			if body := s.site.browser().get("/calls/" + s.Call.String()).body; strings.Contains(body, "Earlier years") {
				t.Error("a call shows figures of its own year")
			}
			anna := s.Student("Anna", "1.2")
			s.at(s.WhileOpen())
			id, err := s.Process.Start(context.Background(), anna, round, s.WhileOpen())
			if err != nil {
				t.Fatal(err)
			}
			edit := "/applications/" + id.String() + "/edit"
			s.as(anna).get(edit).want(t, http.StatusOK, c.words)
			destination := testkit.One[uuid.UUID](s.World, `SELECT id FROM destinations WHERE round_id = $1`, round)
			if _, err := s.Process.SaveDraft(context.Background(), anna, process.DraftSave{Application: id, Revision: 1, Choices: []uuid.UUID{destination}, Arrived: s.WhileOpen()}); err != nil {
				t.Fatal(err)
			}
			s.as(anna).get(edit).want(t, http.StatusOK, c.words)
		})
	}
}
