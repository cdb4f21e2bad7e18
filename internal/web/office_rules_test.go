package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// rulesOf is the form as the page shows it.
func (s *scene) rulesOf(method, reason string) url.Values {
	source := testkit.One[string](s.World, `SELECT s.source FROM schemes s JOIN calls c ON c.scheme_id = s.id WHERE c.id = $1`, s.Call)
	return url.Values{"scheme": {source}, "method": {method}, "ties": {"lot"}, "upgrades": {"none"}, "reserve": {"destination"}, "reason": {reason}}
}

func TestRulesChangeFreelyUntilSomebodySubmits(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	b.get(path).want(t, http.StatusOK, "Rules of the selection", "See what it would do")
	s.as(s.Coordinator).get(path).want(t, http.StatusOK, "The international office changes the rules")
	f := s.rulesOf("lottery", "")
	preview := b.post(path+"/preview", f).want(t, http.StatusOK, "What the change would do", "Nobody has submitted yet", "Change the rules")
	f.Set("hash", preview.hash(t))
	b.post(path, f).want(t, http.StatusSeeOther)
	if m := testkit.One[string](s.World, `SELECT selection ->> 'method' FROM calls WHERE id = $1`, s.Call); m != "lottery" {
		t.Errorf("the method is %s", m)
	}
	broken := s.rulesOf("list", "")
	broken.Set("scheme", "name: x\ncriteria:\n  - kee: letter\n")
	got := b.post(path+"/preview", broken).want(t, http.StatusUnprocessableEntity, "Line 3", "kee: letter")
	if strings.Contains(got.body, "rules.problem") {
		t.Error("a problem has no words")
	}
}

func TestAnAnnouncedRuleChangesByTwoPeople(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Submitted(s.Student("Zdislava", "1.2"))
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	f := s.rulesOf("lottery", "The council decided so.")
	preview := b.post(path+"/preview", f).want(t, http.StatusOK, "1 applicant is told by letter", "Propose the change", "The council decided so.")
	f.Set("hash", preview.hash(t))
	b.post(path, f).want(t, http.StatusSeeOther)
	b.get(path).want(t, http.StatusOK, "A change waits for approval")
	id := testkit.One[uuid.UUID](s.World, `SELECT id FROM amendments`)
	one := "/office/calls/" + s.Call.String() + "/amendments/" + id.String()
	own := b.get(one).want(t, http.StatusOK, "You proposed this", "Take it back")
	if strings.Contains(own.body, "Approve and tell everybody") {
		t.Error("whoever proposed it is offered to approve it")
	}
	second := s.as(s.Staff("second", mobility.RoleOfficer, s.Home, nil))
	hash := second.get(one).want(t, http.StatusOK, "Approve and tell everybody").hash(t)
	b.post(one+"/approve", url.Values{"hash": {hash}}).want(t, http.StatusForbidden)
	second.post(one+"/refuse", url.Values{}).want(t, http.StatusUnprocessableEntity)
	second.post(one+"/approve", url.Values{"hash": {hash}}).want(t, http.StatusSeeOther)
	second.get(path).want(t, http.StatusOK, "Changes of the announced rules", "approved", "The council decided so.")
	if n := testkit.One[int](s.World, `SELECT count(*) FROM letters WHERE kind = 'rules_amended'`); n != 1 {
		t.Errorf("%d letters to one applicant", n)
	}
	s.site.browser().get("/calls/"+s.Call.String()).want(t, http.StatusOK, "Changes of the announced rules", "The council decided so.")
}
