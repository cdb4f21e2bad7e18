package web

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

var (
	oneInput  = regexp.MustCompile(`<input [^>]*>`)
	attribute = regexp.MustCompile(`(name|value|type)="([^"]*)"`)
	oneSelect = regexp.MustCompile(`(?s)<select [^>]*name="([^"]*)".*?</select>`)
	picked    = regexp.MustCompile(`<option value="([^"]*)" selected>`)
	longText  = regexp.MustCompile(`(?s)<textarea [^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>`)
)

// formIn is what a browser would post of the form of the rules as it is shown.
func formIn(got seen) url.Values {
	out := url.Values{}
	_, part, _ := strings.Cut(got.body, `<section class="p-part" id="edit">`)
	part, _, _ = strings.Cut(part, "</form>")
	for _, tag := range oneInput.FindAllString(part, -1) {
		at := map[string]string{}
		for _, m := range attribute.FindAllStringSubmatch(tag, -1) {
			at[m[1]] = html.UnescapeString(m[2])
		}
		if box := at["type"] == "radio" || at["type"] == "checkbox"; at["name"] == "" || box && !strings.Contains(tag, " checked") {
			continue
		}
		out.Add(at["name"], at["value"])
	}
	for _, m := range oneSelect.FindAllStringSubmatch(part, -1) {
		value := ""
		if on := picked.FindStringSubmatch(m[0]); on != nil {
			value = html.UnescapeString(on[1])
		}
		out.Add(m[1], value)
	}
	for _, m := range longText.FindAllStringSubmatch(part, -1) {
		out.Add(m[1], html.UnescapeString(m[2]))
	}
	return out
}

// ruled is a scene at the form of the rules.
type ruled struct {
	*scene
	path string
	b    *browser
}

func newRuled(t *testing.T) *ruled {
	t.Helper()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1, 1}})
	s.Exec(`INSERT INTO erasmus_codes (code, institution_id, valid_from) VALUES ('FI HOST01', $1, '2020-01-01')`, s.Host)
	return &ruled{scene: s, path: "/office/calls/" + s.Call.String() + "/rules/selection", b: s.as(s.Officer)}
}

// press sends the form with one of its buttons and returns the form as it is
// then.
func (r *ruled) press(t *testing.T, f url.Values, do string) url.Values {
	t.Helper()
	f.Set("do", do)
	got := r.b.post(r.path+"/preview", f).want(t, http.StatusOK, `id="edit"`)
	return formIn(got)
}

// carry looks at what the change would do and does it.
func (r *ruled) carry(t *testing.T, f url.Values, says ...string) {
	t.Helper()
	f.Del("do")
	got := r.b.post(r.path+"/preview", f).want(t, http.StatusOK, says...)
	f.Set("hash", got.hash(t))
	r.b.post(r.path, f).want(t, http.StatusSeeOther)
}

func set(f url.Values, pairs ...string) url.Values {
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

func TestRulesAreReadAndFilledInWholeByForm(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	got := r.b.get(r.path).want(t, http.StatusOK, "How places are given out", "What holds now", "Deferred acceptance", "An honest order of the list is safe", "No limit besides the places", "buddy")
	f := formIn(got)
	for _, do := range []string{"add:shares", "add:quotas", "add:quotas", "add:partners", "add:grants"} {
		f = r.press(t, f, do)
	}
	set(f, "selection.method", "list", "selection.ties", "id", "selection.upgrades", "until_confirmed", "selection.reserve.per", "overall", "selection.reserve.limit", "5",
		"selection.reserve.second_class", "true", "selection.minimum.destination", "2", "selection.minimum.overall", "4", "maximum", "20", "max_choices", "6", "max_languages", "2",
		"selection.shares.1.percent", "15", "selection.shares.1.label.en", "Buddies", "selection.shares.1.label.cs", "Buddíci", "selection.shares.1.when", "buddy",
		"selection.quotas.1.places", "3", "selection.quotas.1.label.en", "Bachelors of the faculty", "selection.quotas.1.unit", "FBE", "selection.quotas.1.cycle", "6", "selection.quotas.1.field", "03",
		"selection.quotas.2.places", "2", "selection.quotas.2.label.en", "Autumn", "selection.quotas.2.term", "autumn", "selection.quotas.2.hosts", "FI HOST01",
		"selection.partners.1.places", "2", "selection.partners.1.host", "FI HOST01",
		"selection.grants.1.places", "7", "selection.grants.1.label.en", "Top-up", "selection.grants.1.when", "buddy")
	r.carry(t, f, "Change the rules", "In words", "Bachelors of the faculty: at most 3 places for applicants of Faculty FBE, applicants at the level bachelor, applicants of fields 03")
	stored := testkit.One[mobility.SelectionRules](r.World, `SELECT selection FROM calls WHERE id = $1`, r.Call)
	if len(stored.Quotas) != 3 || stored.Quotas[1].Hosts[0] != "FI HOST01" || !wholeQuota(stored.Quotas[2]) || stored.Quotas[2].Places != 20 || stored.Minimum.Overall != 4 || *stored.Reserve.Limit != 5 || stored.Shares[0].Label["cs"] != "Buddíci" {
		t.Errorf("%+v", stored)
	}
	again := r.b.get(r.path).want(t, http.StatusOK)
	if same := formIn(again); same.Encode() != set(f, "hash", "").Encode() && !sameForm(t, same, f) {
		t.Error("the form reads back something else")
	}
	r.b.post(r.path+"/preview", formIn(again)).want(t, http.StatusUnprocessableEntity, "Nothing is different")
	r.site.browser().get("/calls/"+r.Call.String()).want(t, http.StatusOK, "At most 20 participants in all from here", "Buddies: at least 15 %", "in the winter semester; at ", "7 grants, for those their name says only", "at most 2 places over all its destinations", "With fewer the office decides")
}

func sameForm(t *testing.T, a, b url.Values) bool {
	t.Helper()
	same := true
	for name, v := range a {
		if strings.Join(v, "|") != strings.Join(b[name], "|") {
			t.Logf("%s: %q, typed %q", name, v, b[name])
			same = false
		}
	}
	return same
}

func TestRowsAreAddedMovedAndTakenOutAndNothingTypedIsLost(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	f := formIn(r.b.get(r.path).want(t, http.StatusOK))
	f = r.press(t, r.press(t, f, "add:shares"), "add:shares")
	set(f, "selection.shares.1.label.en", "First", "selection.shares.1.percent", "lots", "selection.shares.2.label.en", "Second", "reason", "Because so.")
	f = r.press(t, f, "down:shares:1")
	if f.Get("selection.shares.1.label.en") != "Second" || f.Get("selection.shares.2.percent") != "lots" || f.Get("reason") != "Because so." {
		t.Errorf("after moving down: %v", f)
	}
	f = r.press(t, f, "up:shares:2")
	f = r.press(t, f, "remove:shares:2")
	if f.Get("rows.shares") != "1" || f.Get("selection.shares.1.label.en") != "First" {
		t.Errorf("after taking one out: %v", f)
	}
	f.Del("do")
	got := r.b.post(r.path+"/preview", f).want(t, http.StatusUnprocessableEntity, "Write a whole number", `value="lots"`, "Because so.")
	if n := strings.Count(got.body, `aria-invalid="true"`); n == 0 {
		t.Error("the problem is not beside its field")
	}
	r.b.post(r.path+"/preview", set(f, "do", "remove:nothing:9")).want(t, http.StatusUnprocessableEntity, `value="First"`)
}

func TestLimitsThatCrossAreRefusedByNameBesideTheField(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	r.Exec(`UPDATE destinations SET term = 'spring' WHERE id = $1`, r.Destinations[1])
	r.Exec(`UPDATE destinations SET language = 'de' WHERE id = $1`, r.Destinations[2])
	f := formIn(r.b.get(r.path).want(t, http.StatusOK))
	f = r.press(t, r.press(t, f, "add:quotas"), "add:quotas")
	set(f, "selection.method", "deferred-acceptance", "selection.ties", "refuse", "selection.quotas.1.places", "1", "selection.quotas.1.label.en", "Winter", "selection.quotas.1.term", "autumn",
		"selection.quotas.2.places", "1", "selection.quotas.2.label.en", "In English", "selection.quotas.2.label.cs", "Anglicky", "selection.quotas.2.language", "en")
	f.Del("do")
	got := r.b.post(r.path+"/preview", f).want(t, http.StatusUnprocessableEntity, "Two limits cross", "“Winter”", "“In English”")
	if !strings.Contains(got.body, `href="#f-selection-quotas-2-places"`) {
		t.Error("the problem does not lead to the limit")
	}
	if testkit.One[int](r.World, `SELECT count(*) FROM pools WHERE kind = 'quota'`) != 0 {
		t.Error("a refused rule was kept")
	}
}

func TestAfterASubmissionTheFormMakesAnAmendmentForAnotherPerson(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	r.Submitted(r.Student("Zdislava", "1.2"))
	f := formIn(r.b.get(r.path).want(t, http.StatusOK))
	f = r.press(t, f, "add:partners")
	set(f, "selection.partners.1.places", "1", "selection.partners.1.host", "FI HOST01")
	f.Del("do")
	r.b.post(r.path+"/preview", f).want(t, http.StatusUnprocessableEntity, "Reason")
	set(f, "reason", "The partner takes fewer.")
	r.carry(t, f, "1 applicant is told by letter", "Propose the change", "at most 1 place over all its destinations")
	if n := testkit.One[int](r.World, `SELECT count(*) FROM pools WHERE kind = 'partner'`); n != 0 {
		t.Error("it holds before anybody approved it")
	}
	id := testkit.One[uuid.UUID](r.World, `SELECT id FROM amendments`)
	one := "/office/calls/" + r.Call.String() + "/amendments/" + id.String()
	own := r.b.get("/work").want(t, http.StatusOK)
	if strings.Contains(own.body, one) {
		t.Error("whoever proposed it is asked to decide about it")
	}
	r.b.get(one).want(t, http.StatusOK, "Somebody else of the office has to decide", "Take it back", "The partner takes fewer.", "at most 1 place over all its destinations")
	second := r.as(r.Staff("second", mobility.RoleOfficer, r.Home, nil))
	second.get("/work").want(t, http.StatusOK, one, "Changes of rules that wait for your approval", "The partner takes fewer.", "Look at the change")
	hash := second.get(one).want(t, http.StatusOK, "Until now", "From now on", "Approve and tell everybody", "Refuse").hash(t)
	second.post(one+"/approve", url.Values{"hash": {"other"}}).want(t, http.StatusConflict, "Approve and tell everybody")
	second.post(one+"/refuse", url.Values{}).want(t, http.StatusUnprocessableEntity)
	second.post(one+"/approve", url.Values{"hash": {hash}}).want(t, http.StatusSeeOther)
	if n := testkit.One[int](r.World, `SELECT places FROM pools WHERE kind = 'partner'`); n != 1 {
		t.Errorf("%d places at the partner", n)
	}
	after := second.get(one).want(t, http.StatusOK, "Approved. It holds since then.", "1 applicant was told by letter", "at most 1 place over all its destinations")
	if strings.Contains(after.body, one+"/approve") {
		t.Error("what is decided can be decided again")
	}
	second.post(one+"/approve", url.Values{"hash": {hash}}).want(t, http.StatusConflict, "decided about already")
	if got := second.get("/work").want(t, http.StatusOK); strings.Contains(got.body, one) {
		t.Error("what is decided still waits")
	}
}

func TestAnAmendmentThatCanNoLongerBeApprovedCanBeEnded(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	a := r.Submitted(r.Student("Zdislava", "1.2"))
	r.Marked(a, "20")
	f := formIn(r.b.get(r.path).want(t, http.StatusOK))
	r.carry(t, set(f, "selection.minimum.overall", "2", "reason", "Fewer are not worth it."))
	one := "/office/calls/" + r.Call.String() + "/amendments/" + testkit.One[uuid.UUID](r.World, `SELECT id FROM amendments`).String()
	ranking, err := r.Process.ComputeRanking(t.Context(), r.Officer, r.Round, r.AfterClose)
	if err == nil {
		_, err = r.Process.Publish(t.Context(), r.Officer, process.Publication{
			Ranking: ranking, Hash: testkit.One[string](r.World, `SELECT result_hash FROM rankings WHERE id = $1`, ranking), Arrived: r.AfterClose,
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	r.at(r.AfterClose)
	r.b = r.as(r.Officer)
	got := r.b.get(one).want(t, http.StatusOK, "This can no longer be approved", "Take it back")
	if strings.Contains(got.body, "/approve") {
		t.Error("approving is offered")
	}
	r.b.get(r.path).want(t, http.StatusOK, "A result has been told")
	r.b.post(one+"/refuse", url.Values{}).want(t, http.StatusSeeOther)
	r.b.get(one).want(t, http.StatusOK, "Taken back. Nothing was changed.")
}

func TestCoordinatorsReadTheRulesAndChangeNothing(t *testing.T) {
	t.Parallel()
	r := newRuled(t)
	got := r.as(r.Coordinator).get(r.path).want(t, http.StatusOK, "What holds now", "The international office changes the rules")
	if strings.Contains(got.body, `id="edit"`) {
		t.Error("the form is shown to who may not send it")
	}
}
