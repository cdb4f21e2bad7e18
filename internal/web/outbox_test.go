package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// drafted is a scene with a draft ranking of four students for three places,
// two of them offered at once.
func drafted(t *testing.T) (s *scene, people []mobility.Actor, files []uuid.UUID, ranking string) {
	t.Helper()
	s = newScene(t, testkit.WorldPlan{Places: []int{2}})
	for i, name := range []string{"Anna", "Bert", "Cyril", "Dana"} {
		who := s.Student(name, []string{"1.1", "1.3", "1.6", "2.8"}[i])
		id := s.Submitted(who, s.Destinations[0])
		s.Marked(id, []string{"29", "26", "20", "11"}[i])
		people, files = append(people, who), append(files, id)
	}
	s.Exec(`UPDATE persons SET language = 'en' WHERE id = ANY ($1)`, []uuid.UUID{people[0].Person, people[2].Person, people[3].Person})
	s.Exec(`UPDATE persons SET language = 'cs' WHERE id = $1`, people[1].Person)
	s.at(s.AfterClose)
	return s, people, files, "/office/rankings/" + s.computed(t).String()
}

func (s *scene) computed(t *testing.T) uuid.UUID {
	t.Helper()
	id, err := s.Process.ComputeRanking(t.Context(), s.Officer, s.Round, s.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

var sourceField = regexp.MustCompile(`(?s)<textarea[^>]*name="source"[^>]*>(.*?)</textarea>`)

// written is the form of a letter as its page has it, with more at its end.
func written(t *testing.T, page seen, more, reason string) url.Values {
	t.Helper()
	source := sourceField.FindStringSubmatch(page.body)
	if source == nil {
		t.Fatalf("no letter to edit on the page: %.800s", page.body)
	}
	return url.Values{"source": {strings.TrimPrefix(html.UnescapeString(source[1]), "\n") + more}, "reason": {reason}}
}

func TestTheOutboxShowsEveryLetterAndWhoGetsNone(t *testing.T) {
	t.Parallel()
	s, people, files, ranking := drafted(t)
	b := s.as(s.Officer)
	before := s.tells(people[0], files[0])
	if err := s.Process.HoldBack(t.Context(), s.Officer, files[3], "Her certificate is being checked.", s.AfterClose); err != nil {
		t.Fatal(err)
	}
	b.get(ranking+"/outbox").want(t, http.StatusOK, "3 letters are ready to go to 3 people", "Held back", "Decided about", "Letters by kind and language", "Czech", "No letter")
	none := b.get(ranking+"/outbox?show=none").want(t, http.StatusOK, "Dana").body
	if strings.Contains(none, "Anna") {
		t.Error("the list without letters names somebody with one")
	}
	czech := b.get(ranking+"/outbox?language=cs").want(t, http.StatusOK, "Bert").body
	if strings.Contains(czech, ">Anna") {
		t.Error("the Czech letters name a reader of English")
	}
	b.get(ranking+"/outbox?q=cYr").want(t, http.StatusOK, "Cyril")
	letter := b.get(ranking+"/letters/"+files[1].String()).want(t, http.StatusOK, "Before: Anna", "Next: Cyril", "Send me a sample", "Edit this letter")
	if !strings.Contains(letter.header.Get("Content-Security-Policy"), "frame-src 'self'") {
		t.Errorf("the letter cannot be framed: %s", letter.header.Get("Content-Security-Policy"))
	}
	framed := b.get(ranking+"/letters/"+files[1].String()+"/offer/html").want(t, http.StatusOK, "Host University")
	if strings.Contains(framed.body, "href=") || !strings.Contains(framed.header.Get("Content-Security-Policy"), "sandbox") {
		t.Errorf("its links live: %s", framed.header.Get("Content-Security-Policy"))
	}
	b.get(ranking+"/letters/"+files[1].String()+"/reserve/html").want(t, http.StatusNotFound)
	s.as(s.Coordinator).get(ranking+"/letters/"+files[1].String()).want(t, http.StatusOK, "Host University")
	s.as(s.Coordinator).get(ranking+"/outbox").want(t, http.StatusForbidden)

	chosen := url.Values{"application": {files[0].String(), files[1].String()}}
	b.post(ranking+"/hold", url.Values{}).want(t, http.StatusSeeOther)
	b.post(ranking+"/hold", chosen).want(t, http.StatusOK, "Hold back 2 results?", "Anna", "Bert")
	chosen.Set("asked", "true")
	b.post(ranking+"/hold", chosen).want(t, http.StatusUnprocessableEntity, "Reason")
	chosen.Set("reason", "The dean wants to look again.")
	b.post(ranking+"/hold", chosen).want(t, http.StatusSeeOther)
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM applications WHERE held_back = 'The dean wants to look again.'`); n != 2 {
		t.Errorf("%d held back", n)
	}
	b.get(ranking+"/outbox").want(t, http.StatusOK, "1 letter is ready to go to 1 person")
	if after := s.tells(people[0], files[0]); !slices.Equal(before, after) {
		t.Error("the applicant's pages differ once the office worked on the outbox")
	}
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM access_lines WHERE page LIKE '%/outbox'`); n == 0 {
		t.Error("no access line")
	}
}

// tells is all that an applicant can see, without what changes by itself.
func (s *scene) tells(who mobility.Actor, file uuid.UUID) []string {
	b := s.as(who)
	var out []string
	for _, path := range []string{"/me", "/me/letters", "/applications/" + file.String(), "/calls/" + s.Call.String(), "/account/calendar"} {
		got := b.get(path)
		out = append(out, anySuffix.ReplaceAllString(footer.ReplaceAllString(got.body, ""), "@"))
	}
	return out
}

func TestOneLetterOfADraftIsWrittenByHand(t *testing.T) {
	t.Parallel()
	s, _, files, ranking := drafted(t)
	b := s.as(s.Officer)
	letter := ranking + "/letters/" + files[0].String()
	edit := letter + "/offer/edit"
	form := written(t, b.get(edit).want(t, http.StatusOK, "Edit one letter: Anna"), "\nCome and see us before Friday.\n", "She asked for a word.")
	lacking := url.Values{"source": {"Subject: Hello\nCome soon.\n"}, "reason": form["reason"]}
	b.post(edit, lacking).want(t, http.StatusUnprocessableEntity, "This text cannot be sent yet.", "Come soon.")
	look := url.Values{"source": form["source"], "do": {"look"}}
	b.post(edit, look).want(t, http.StatusOK, "before Friday")
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letter_edits`); n != 0 {
		t.Error("looking kept it")
	}
	nameless := url.Values{"source": form["source"]}
	b.post(edit, nameless).want(t, http.StatusUnprocessableEntity, "Reason")
	b.post(edit, form).want(t, http.StatusSeeOther)
	b.get(letter).want(t, http.StatusOK, "before Friday", "Edited by", "She asked for a word.", "Back to the usual text")
	b.get(letter+"/offer/html").want(t, http.StatusOK, "before Friday")
	b.get(ranking+"/outbox?show=edited").want(t, http.StatusOK, "Anna", "Edited", "She asked for a word.")
	b.post(letter+"/offer/sample", nil).want(t, http.StatusSeeOther)
	if got := testkit.One[string](s.World, `SELECT p.id || l.queue FROM letters l JOIN persons p ON p.id = l.person_id WHERE l.kind = 'sample'`); got != s.Officer.Person.String()+"bulk" {
		t.Errorf("the sample goes to %s", got)
	}
	sample := "/office/letters/" + testkit.One[string](s.World, `SELECT id::text FROM letters WHERE kind = 'sample'`)
	b.get(sample).want(t, http.StatusNotFound) // it is no letter of the office's, but one to its reader
	s.as(s.Staff("Colleague", mobility.RoleOfficer, s.Home, nil)).get(sample).want(t, http.StatusNotFound)

	// Another run does not take it over, and says so.
	again := "/office/rankings/" + s.computed(t).String()
	b.get(again+"/outbox").want(t, http.StatusOK, "1 letter was edited in run number 1 and is not taken over", "Anna")
	old := strings.TrimPrefix(ranking, "/office/rankings/")
	fresh := again + "/letters/" + files[0].String() + "/offer/edit"
	form = written(t, b.get(fresh+"?from="+old).want(t, http.StatusOK, "These words were written for run number 1.", "before Friday"), "", "She asked for a word.")
	b.post(fresh, form).want(t, http.StatusSeeOther)
	if body := b.get(again + "/outbox").body; strings.Contains(body, "not taken over") {
		t.Error("what was taken over by hand is still called lost")
	}
	b.post(again+"/letters/"+files[0].String()+"/offer/original", nil).want(t, http.StatusSeeOther)
	b.post(again+"/letters/"+files[0].String()+"/offer/original", nil).want(t, http.StatusConflict)
	if body := b.get(again + "/letters/" + files[0].String()).body; strings.Contains(body, "before Friday") {
		t.Error("the usual text did not come back")
	}
}

func TestLettersOfAPublicationAreFollowedPausedAndSentAgain(t *testing.T) {
	t.Parallel()
	s, people, files, ranking := drafted(t)
	id := uuid.MustParse(strings.TrimPrefix(ranking, "/office/rankings/"))
	b := s.as(s.Officer)
	b.get(ranking+"/pause").want(t, http.StatusConflict)
	hash := testkit.One[string](s.World, `SELECT result_hash FROM rankings WHERE id = $1`, id)
	if _, err := s.Process.Publish(t.Context(), s.Officer, process.Publication{Ranking: id, Hash: hash, Arrived: s.AfterClose}); err != nil {
		t.Fatal(err)
	}
	page := b.get(ranking+"/outbox?follow=true").want(t, http.StatusOK, "4 letters are still to go.", "Stop following", "Waiting to be sent")
	if page.header.Get("Refresh") == "" || b.get(ranking+"/outbox").header.Get("Refresh") != "" {
		t.Error("the page comes again by itself without being asked, or not although it was")
	}
	b.get(ranking+"/pause?all=true").want(t, http.StatusOK, "Only e-mail waits.")
	b.post(ranking+"/pause", url.Values{"reason": {" "}}).want(t, http.StatusUnprocessableEntity, "Reason")
	b.post(ranking+"/pause", url.Values{"reason": {"A mark is in doubt."}}).want(t, http.StatusSeeOther)
	b.get(ranking+"/outbox").want(t, http.StatusOK, "The e-mail of this publication is paused", "A mark is in doubt.", "Paused", "4 letters wait because the e-mail is paused.")
	b.get("/office/letters").want(t, http.StatusOK, "The e-mail of a publication is paused: Study stays", "A mark is in doubt.")
	s.as(people[0]).get("/applications/"+files[0].String()).want(t, http.StatusOK, "Host University")
	b.post(ranking+"/resume", nil).want(t, http.StatusSeeOther)
	b.post(ranking+"/resume", nil).want(t, http.StatusConflict)

	s.Exec(`UPDATE letters SET status = 'failed' WHERE kind = 'offer'`)
	s.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
		SELECT id, person_id, 'old@example.org', 'A place', 'The words as they went.', '', id || '@x', now() FROM letters WHERE kind = 'offer'`)
	b.get(ranking+"/outbox").want(t, http.StatusOK, "2 letters did not arrive, or nobody knows.", "old@example.org", "Now:")
	b.get(ranking+"/letters/"+files[0].String()).want(t, http.StatusOK, "The words as they went.")
	b.post(ranking+"/again", url.Values{"do": {"chosen"}}).want(t, http.StatusSeeOther)
	one := testkit.One[string](s.World, `SELECT id::text FROM letters WHERE kind = 'offer' AND application_id = $1`, files[0])
	b.post(ranking+"/again", url.Values{"do": {"chosen"}, "letter": {one}}).want(t, http.StatusSeeOther)
	if n := testkit.One[int](s.World, `SELECT count(*)::int FROM letters WHERE again_of::text = $1 AND cause = 'again'`, one); n != 1 {
		t.Errorf("%d planned again", n)
	}
	b.post(ranking+"/again", url.Values{"do": {"all"}}).want(t, http.StatusSeeOther)
	b.post(ranking+"/again", url.Values{"do": {"all"}}).want(t, http.StatusUnprocessableEntity)
	b.get("/office/applications/"+files[0].String()).want(t, http.StatusOK, "Belongs to:", "Sent once more")
}
