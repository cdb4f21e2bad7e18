package web

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"golang.org/x/net/html"

	"peregrine/internal/mobility"
	rules "peregrine/internal/scheme"
	"peregrine/internal/schemeform"
	"peregrine/internal/testkit"
)

// sentBy is what a browser would send for the page's form that posts to an
// address ending so.
func sentBy(t *testing.T, body, action string) url.Values {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	out, found := url.Values{}, false
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		if n.Type == html.ElementNode && n.Data == "form" {
			inside = strings.HasSuffix(nodeAttr(n, "action"), action)
			found = found || inside
		}
		if inside && n.Type == html.ElementNode {
			fillIn(out, n)
		}
		for c := range n.ChildNodes() {
			walk(c, inside)
		}
	}
	walk(doc, false)
	if !found {
		t.Fatalf("no form posts to %s", action)
	}
	return out
}

func nodeAttr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func nodeHas(n *html.Node, name string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == name })
}

func fillIn(out url.Values, n *html.Node) {
	name := nodeAttr(n, "name")
	switch {
	case name == "":
	case n.Data == "input":
		if kind := nodeAttr(n, "type"); kind != "checkbox" && kind != "radio" || nodeHas(n, "checked") {
			out.Add(name, nodeAttr(n, "value"))
		}
	case n.Data == "textarea":
		text := ""
		for c := range n.ChildNodes() {
			text += c.Data
		}
		out.Add(name, strings.TrimPrefix(text, "\n"))
	case n.Data == "select":
		chosen := ""
		for c := range n.Descendants() {
			if c.Data == "option" && nodeHas(c, "selected") {
				chosen = nodeAttr(c, "value")
			}
		}
		out.Add(name, chosen)
	}
}

func schemeExamples(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../scheme/testdata/*.yaml")
	if err != nil || len(files) < 20 {
		t.Fatalf("%d examples: %v", len(files), err)
	}
	out := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = string(text)
	}
	return out
}

// What the page's form would send for each example is the example: nothing of
// a scheme is without a field on the page.
func TestEveryExampleSurvivesThePage(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	for name, source := range schemeExamples(t) {
		want, problems := rules.Parse([]byte(source))
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		shown := b.post(path+"/form", url.Values{"view": {"text"}, "scheme": {source}, "do": {"form"}}).want(t, http.StatusOK)
		sent := sentBy(t, shown.body, "/rules/form")
		got, found := schemeform.Decode(sent).Check()
		if len(found) > 0 || !got.Equal(want) {
			t.Fatalf("%s came back otherwise: %v\n%s", name, found, schemeform.Decode(sent).YAML())
		}
		sent.Set("do", "text")
		text := sentBy(t, b.post(path+"/form", sent).want(t, http.StatusOK).body, "/rules/form")
		if back, problems := rules.Parse([]byte(text.Get("scheme"))); len(problems) > 0 || !back.Equal(want) {
			t.Fatalf("%s came back as text otherwise: %v", name, problems)
		}
	}
}

func TestTheFormKeepsWhatIsTypedAndSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	sent := sentBy(t, b.get(path).want(t, http.StatusOK, "Rules of the selection", "Criteria").body, "/rules/form")
	rows := schemeform.Decode(sent).Rows("criteria")
	sent.Set("do", "add:criteria")
	sent.Set("reason", "because & so")
	more := b.post(path+"/form", sent).want(t, http.StatusOK, "because &amp; so")
	sent = sentBy(t, more.body, "/rules/form")
	if n := schemeform.Decode(sent).Rows("criteria"); n != rows+1 {
		t.Fatalf("%d criteria, want %d", n, rows+1)
	}
	last := schemeform.Decode(sent)
	at := "criteria." + string(rune('0'+last.Rows("criteria")))
	for name, typed := range map[string]string{"key": "extra", "points.rule": "linear", "points.linear.of": "nowhere", "points.linear.best": "1,5", "points.linear.max": "many", "label.en": "Extra <b>"} {
		sent.Set(at+"."+name, typed)
	}
	sent.Set("do", "check")
	wrong := b.post(path+"/form", sent).want(t, http.StatusUnprocessableEntity, "“many” is no number", "Extra &lt;b&gt;", "many")
	again := sentBy(t, wrong.body, "/rules/form")
	for _, name := range []string{"points.linear.of", "points.linear.best", "points.linear.max", "label.en", "points.rule"} {
		if again.Get(at+"."+name) != sent.Get(at+"."+name) {
			t.Errorf("%s is %q, was %q", name, again.Get(at+"."+name), sent.Get(at+"."+name))
		}
	}
	again.Set("do", "text")
	text := b.post(path+"/form", again).want(t, http.StatusUnprocessableEntity, "Line ", "many")
	back := sentBy(t, text.body, "/rules/form")
	if back.Get("reason") != "because & so" {
		t.Error("the reason is lost in the other view")
	}
	back.Set("do", "form")
	returned := sentBy(t, b.post(path+"/form", back).want(t, http.StatusUnprocessableEntity).body, "/rules/form")
	if returned.Get(at+".points.linear.max") != "many" {
		t.Error("what is typed is lost on the way to the text and back")
	}
	back.Set("scheme", back.Get("scheme")+"\nsurprise: 1\n")
	b.post(path+"/form", back).want(t, http.StatusUnprocessableEntity, "The form has no field for this", "surprise: 1")
	returned.Set("do", "remove:"+at)
	fewer := sentBy(t, b.post(path+"/form", returned).want(t, http.StatusOK).body, "/rules/form")
	if n := schemeform.Decode(fewer).Rows("criteria"); n != rows {
		t.Errorf("%d criteria after one was removed", n)
	}
	s.as(s.Coordinator).get(path).want(t, http.StatusOK, "The international office changes the rules")
	s.as(s.Coordinator).post(path+"/form", returned).want(t, http.StatusForbidden)
}

// change presses a button of the form with some fields typed over.
func (b *browser) press(t *testing.T, path, do string, typed map[string]string) seen {
	t.Helper()
	sent := sentBy(t, b.get(path).want(t, http.StatusOK).body, "/rules/form")
	for name, text := range typed {
		sent.Set(name, text)
	}
	sent.Set("do", do)
	return b.post(path+"/form", sent)
}

func (s *scene) schemeSource() string {
	return testkit.One[string](s.World, `SELECT s.source FROM schemes s JOIN calls c ON c.scheme_id = s.id WHERE c.id = $1`, s.Call)
}

func TestTheSchemeChangesFreelyUntilSomebodySubmits(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	b.press(t, path, "look", map[string]string{"scale": "lots"}).want(t, http.StatusUnprocessableEntity, "lots")
	preview := b.press(t, path, "look", map[string]string{"scale": "3"}).want(t, http.StatusOK, "What the change would do", "Nobody has submitted yet", "Back to the form")
	back := sentBy(t, preview.body, "/rules/form")
	if back.Get("do") != "form" || !strings.Contains(back.Get("scheme"), "scale: 3") {
		t.Error("the way back loses the change")
	}
	b.post(path+"/form", back).want(t, http.StatusOK)
	b.post(path, sentBy(t, preview.body, "/rules")).want(t, http.StatusSeeOther)
	if source := s.schemeSource(); !strings.Contains(source, "scale: 3") {
		t.Errorf("the scheme is\n%s", source)
	}
	b.press(t, path, "look", nil).want(t, http.StatusUnprocessableEntity, "Nothing is different from what holds now")
}

func TestAnAnnouncedRuleChangesByTwoPeople(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	s.Submitted(s.Student("Zdislava", "1.2"))
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	preview := b.press(t, path, "look", map[string]string{"scale": "3", "reason": "The council decided so."}).
		want(t, http.StatusOK, "1 applicant is told by letter", "Propose the change", "The council decided so.")
	b.post(path, sentBy(t, preview.body, "/rules")).want(t, http.StatusSeeOther)
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

// A criterion with marks that is renamed takes its marks along if the office
// says that it is the same.
func TestARenamedCriterionKeepsItsMarks(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	a := s.Submitted(s.Student("Zdislava", "1.2"))
	s.Marked(a, "21")
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	renamed := strings.ReplaceAll(s.schemeSource(), "letter", "motivation")
	sent := url.Values{"view": {"text"}, "scheme": {renamed}, "reason": {"It has another name now."}, "do": {"look"}}
	asked := b.post(path+"/form", sent).want(t, http.StatusOK, "Marks that would be set aside", "set aside; no longer counted")
	mapping := url.Values{"view": {"text"}, "scheme": {renamed}, "reason": {"It has another name now."}, "do": {"look"}, "mapping.letter": {"motivation"}}
	if !strings.Contains(asked.body, `name="mapping.letter"`) {
		t.Fatal("it is not asked where the marks go")
	}
	kept := b.post(path+"/form", mapping).want(t, http.StatusOK, "go on under", "Propose the change")
	b.post(path, sentBy(t, kept.body, "/rules")).want(t, http.StatusSeeOther)
	if n := testkit.One[int](s.World, `SELECT count(*) FROM amendments WHERE mapping = '{"letter": "motivation"}'`); n != 1 {
		t.Error("the mapping is not proposed")
	}
}

func TestASchemeIsTriedOut(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	first, second := s.Submitted(s.Student("Zdislava", "1.2")), s.Submitted(s.Student("Kryštof", "2.0"))
	s.Marked(first, "21")
	s.Marked(second, "12")
	before := s.schemeSource()
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	b.press(t, path, "made_up", map[string]string{"try.value.average": "1,5", "try.mark.letter": "20; 25"}).want(t, http.StatusOK, "The points", "In all", "22.5")
	b.press(t, path, "made_up", map[string]string{"try.value.average": "good", "try.mark.letter": "200"}).
		want(t, http.StatusUnprocessableEntity, "cannot be read", "good", "Marks in the stated range")
	at := "criteria.1"
	if sent := sentBy(t, b.get(path).body, "/rules/form"); sent.Get(at+".key") == "letter" {
		at = "criteria.2"
	}
	more := map[string]string{at + ".weight": "2", "try.candidate": "zdislava"}
	b.press(t, path, "candidate", more).want(t, http.StatusOK, "The points of ", "Zdislava", "By the scheme that holds now")
	b.press(t, path, "everybody", more).want(t, http.StatusOK, "What it changes for 2 applications", "Those with the largest difference")
	b.press(t, path, "everybody", nil).want(t, http.StatusOK, "Nobody has other points", "This cannot be worked out now")
	b.press(t, path, "candidate", map[string]string{"try.candidate": "Nobody"}).want(t, http.StatusOK, "no candidate of this name or number")
	b.press(t, path, "candidate", map[string]string{"try.candidate": " "}).want(t, http.StatusUnprocessableEntity)
	if s.schemeSource() != before {
		t.Error("trying out changed something")
	}
	if n := testkit.One[int](s.World, `SELECT count(*) FROM access_lines WHERE filter = 'try' AND subject_ids = ARRAY[$1::uuid]`, first); n != 1 {
		t.Errorf("%d access lines for the candidate", n)
	}
	s.at(s.AfterClose)
	turned := s.as(s.Officer).press(t, path, "everybody", map[string]string{at + ".points.rule": "formula", at + ".points.formula": "20 * average"})
	turned.want(t, http.StatusOK, "Who would get a place", "Lowest admitted points")
}

// Whatever is sent, the page comes back or says why not.
func TestNonsenseIsSentToTheSchemeForm(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(s.Officer)
	whole := sentBy(t, b.get(path).want(t, http.StatusOK).body, "/rules/form")
	rng := rand.New(rand.NewPCG(6, 28))
	names := slices.Sorted(maps.Keys(whole))
	texts := []string{"", "\x00", "\xff", "true", "-1", "1e9", "<script>", "criteria.1", "((((", "null", "{a: b}", "99999999999999999999", "á\u202e", "linear", "destination"}
	acts := []string{"check", "text", "form", "look", "made_up", "candidate", "everybody", "add:criteria", "remove:criteria.1", "up:inputs.1", "add:criteria.1.variants", "down:ties.9", "nothing"}
	for range 60 {
		sent := maps.Clone(whole)
		for range 1 + rng.IntN(6) {
			name := names[rng.IntN(len(names))]
			switch rng.IntN(4) {
			case 0:
				delete(sent, name)
			case 1:
				name = fmt.Sprintf("criteria.%d.points.lookup.points.%d.value", rng.IntN(30), rng.IntN(3))
				fallthrough
			default:
				sent[name] = []string{texts[rng.IntN(len(texts))]}
			}
		}
		act := acts[rng.IntN(len(acts))]
		sent.Set("do", act)
		if got := b.post(path+"/form", sent); got.status >= 500 || got.status == http.StatusNotFound {
			t.Fatalf("%s: %d for %v", act, got.status, sent)
		}
	}
}

// Whoever is barred from a file learns by trying out neither its points, nor
// those of its rivals, nor what becomes of everybody.
func TestTryingOutTellsTheBarredNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	first := s.Submitted(s.Student("Zdislava", "1.2"))
	s.Submitted(s.Student("Kryštof", "2.0"))
	aunt := s.Staff("aunt", mobility.RoleOfficer, s.Home, nil)
	s.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, s.Home, first, aunt.Person)
	path, b := "/office/calls/"+s.Call.String()+"/rules", s.as(aunt)
	for _, name := range []string{"Zdislava", "Kryštof"} {
		b.press(t, path, "candidate", map[string]string{"try.candidate": name}).want(t, http.StatusOK, "no candidate of this name or number")
	}
	b.press(t, path, "everybody", nil).want(t, http.StatusOK, "A conflict of interest")
}

// An administrator reads the rules of a call; what only an officer may change
// is no form to them. What an officer typed while the result was told stays.
func TestRulesAreAFormOnlyWhereTheyCanBeChanged(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1}})
	at := "/office/calls/" + s.Call.String() + "/rules"
	for _, path := range []string{at, at + "/selection"} {
		officer := s.as(s.Officer).get(path).want(t, http.StatusOK)
		administrator := s.as(s.Administrator).get(path).want(t, http.StatusOK, "The international office changes the rules.")
		if action := `action="` + at; !strings.Contains(officer.body, action) || strings.Contains(administrator.body, action) {
			t.Errorf("%s: a form for the officer and none for the administrator is wanted", path)
		}
	}
	file := s.Submitted(s.Student("eva", "1.5"), s.Destinations[0])
	s.at(s.AfterClose)
	s.Marked(file, "10")
	s.Published(s.AfterClose)
	got := s.as(s.Officer).post(at+"/form", url.Values{"view": {"text"}, "scheme": {"typed: meanwhile"}, "do": {"check"}})
	if !strings.Contains(got.body, "typed: meanwhile") || !strings.Contains(got.body, "A result has been told.") || strings.Contains(got.body, `action="`+at) {
		t.Errorf("status %d: %.3000s", got.status, got.body)
	}
}
