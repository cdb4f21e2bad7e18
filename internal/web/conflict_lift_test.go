package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"peregrine/internal/testkit"
)

// A conflict of interest declared by mistake is lifted on the file's page, by
// another than the one who declared it, and stays in its history.
func TestAConflictDeclaredByMistakeIsLifted(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	file := s.Submitted(s.Student("Zdislava", "1.2"))
	path := "/office/applications/" + file.String()
	lift := path + "/conflicts/" + s.Coordinator.Person.String()
	officer, admin, coordinator := s.as(s.Officer), s.as(s.Administrator), s.as(s.Coordinator)
	officer.get(path+"/conflict").want(t, http.StatusOK)
	officer.post(path+"/conflict", url.Values{"person": {s.Coordinator.Person.String()}}).want(t, http.StatusSeeOther)
	coordinator.get(path).want(t, http.StatusNotFound)
	if got := officer.get(path).want(t, http.StatusOK, "Conflict of interest declared"); strings.Contains(got.body, lift) {
		t.Error("who declared it is offered to lift it")
	}
	officer.post(lift, url.Values{"reason": {"A namesake."}}).want(t, http.StatusForbidden)
	admin.get(path).want(t, http.StatusOK, lift)
	admin.get(lift).want(t, http.StatusOK, "will see this file again")
	admin.post(lift, url.Values{"reason": {""}}).want(t, http.StatusUnprocessableEntity, "will see this file again")
	admin.post(lift, url.Values{"reason": {"A namesake."}}).want(t, http.StatusSeeOther)
	officer.get(path).want(t, http.StatusOK, "Conflict of interest lifted", "A namesake.")
	coordinator.get(path).want(t, http.StatusOK, "Zdislava")
	admin.get(lift).want(t, http.StatusNotFound)
}
