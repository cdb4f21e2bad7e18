package web

import (
	"net/http"
	"net/url"
	"testing"

	"peregrine/internal/testkit"
)

func TestAFileIsPlacedByHandAndObjectedTo(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Rules(`{"method": "by-hand"}`)
	s.Scheme(`
name: hand
criteria:
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
gates:
  - {key: plan, veto: coordinator, label: {en: The study plan fits}}
`)
	id := s.Submitted(s.Student("Anna", "1.5"))
	s.at(s.AfterClose)
	file := "/office/applications/" + id.String()
	officer, coordinator := s.as(s.Officer), s.as(s.Coordinator)
	officer.get(file).want(t, http.StatusOK, "Not decided yet.", "The study plan fits", "Nobody objects.")
	officer.post(file+"/placement", url.Values{"destination": {s.Destinations[0].String()}}).want(t, http.StatusUnprocessableEntity)
	officer.post(file+"/placement", url.Values{"destination": {s.Destinations[0].String()}, "reason": {"Asked for by name."}}).want(t, http.StatusSeeOther)
	officer.get(file).want(t, http.StatusOK, "Host University: Asked for by name.")
	coordinator.get(file+"/vetoes/plan").want(t, http.StatusOK, "The study plan fits", "I object")
	coordinator.post(file+"/vetoes/plan", url.Values{"stand": {"no"}, "reason": {"Nothing of it is taught there."}}).want(t, http.StatusSeeOther)
	coordinator.get(file).want(t, http.StatusOK, "Objection.", "Nothing of it is taught there.")
	officer.post(file+"/vetoes/plan", url.Values{"stand": {"yes"}}).want(t, http.StatusForbidden)
	coordinator.post(file+"/vetoes/plan", url.Values{"stand": {"yes"}}).want(t, http.StatusSeeOther)
	coordinator.get(file).want(t, http.StatusOK, "Nobody objects.")
}

func TestACallSaysHowItGivesOutPlaces(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	page := "/calls/" + s.Call.String()
	for method, words := range map[string]string{
		"deferred-acceptance": "An honest order within your list is safe",
		"first-choice":        "The first choice weighs more than the points",
		"lottery":             "drawn by lot",
	} {
		s.Rules(`{"method": "` + method + `", "ties": "lot", "shares": [{"label": {"en": "Fewer opportunities"}, "when": "buddy", "percent": 20}],
			"quotas": [{"label": {"en": "Doctoral students"}, "cycle": 8, "places": 2}], "grants": [{"label": {"en": "Erasmus+"}, "places": 9}],
			"reserve": {"per": "overall", "second_class": true}, "minimum": {"destination": 3}}`)
		s.as(s.Student("Anna", "1")).get(page).want(t, http.StatusOK, words, "Fewer opportunities: at least 20 %", "Doctoral students: at most 2 places", ": 9 grants",
			"one reserve for all destinations", "behind all who were never offered a place", "needs at least 3 participants", "1 gives 30 points, 3 gives 0")
	}
}
