package web

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	ical "github.com/emersion/go-ical"

	"peregrine/internal/lifecycle"
	"peregrine/internal/locale"
	"peregrine/internal/testkit"
)

func TestStaffSeeTheDeadlinesOfTheirCalls(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2, 3}})
	s.Submitted(s.Student("eva", "1.5"), s.Destinations[0])
	s.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, 'assess_by', round_id, wall + interval '14 days', zone, closes_at + interval '14 days'
		FROM deadlines WHERE kind = 'closes'`)
	officer, coordinator := s.as(s.Officer), s.as(s.Coordinator)
	month := officer.get("/calendar?month=2027-01").want(t, http.StatusOK, "January 2027", "23:59", "Applications close", "/office/calls/"+s.Call.String(), "Sunday 31 January 2027", "weekend")
	if n := strings.Count(month.body, "<td"); n != 35 {
		t.Errorf("January 2027 is drawn with %d days", n)
	}
	officer.get("/calendar?view=list&month=2027-01").want(t, http.StatusOK, "Applications close", "Assessment ends", "Nominate to 2 destinations", "Host University")
	officer.get("/calendar?month=2012-01").want(t, http.StatusOK, "No deadlines here", "This month")
	officer.get("/calendar?month=nonsense&call=nothing").want(t, http.StatusOK)
	officer.get("/calendar?view=list&month=2027-01&call="+s.Round.String()).want(t, http.StatusOK, "No deadlines here")
	officer.get("/calendar?view=list&month=2027-01", "Accept-Language", "cs").want(t, http.StatusOK)

	got := coordinator.get("/calendar?view=list&month=2027-01").want(t, http.StatusOK, "Assessment ends")
	if strings.Contains(got.body, "Nominate to") {
		t.Error("a coordinator is shown what is the office's to do")
	}
	s.as(s.Student("adam", "2")).get("/calendar").want(t, http.StatusForbidden)

	s.Exec(`UPDATE deadlines SET zone = 'Pacific/Auckland' WHERE kind = 'closes'`)
	officer.get("/calendar?month=2027-01").want(t, http.StatusOK, "NZDT")
}

func TestOwnDeadlinesInOnesOwnCalendar(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{2}})
	eva, adam := s.Student("eva", "1.5"), s.Student("adam", "2")
	draft := s.Draft(eva, s.Destinations[0])
	s.Draft(adam, s.Destinations[0])
	b := s.as(eva)
	b.get("/account/calendar").want(t, http.StatusOK, "Make a link")
	first := feedIn(t, b.post("/account/calendar", nil).want(t, http.StatusOK, "shown this once"))
	if got := b.get("/account/calendar").want(t, http.StatusOK, "not yet"); strings.Contains(got.body, first) {
		t.Error("the link is shown twice")
	}
	outside := s.site.browser()
	events := s.events(outside.get(first))
	if len(events) != 1 {
		t.Fatalf("%d deadlines, want that of the draft: %v", len(events), events)
	}
	e := events[0]
	if title, _ := e.Props.Text("SUMMARY"); !strings.HasPrefix(title, "Submit your application: ") {
		t.Errorf("its title is %q", title)
	}
	if at, err := e.DateTimeStart(time.UTC); err != nil || !at.Equal(time.Date(2027, 1, 31, 22, 59, 0, 0, time.UTC)) {
		t.Errorf("it is at %v (%v)", at, err)
	}
	if link := e.Props.Get("URL").Value; !strings.HasSuffix(link, "/applications/"+draft.String()) {
		t.Errorf("it leads to %q", link)
	}
	b.get("/account/calendar").want(t, http.StatusOK, "Last read by a calendar")

	tag := outside.get(first).header.Get("ETag")
	outside.get(first, "If-None-Match", tag).want(t, http.StatusNotModified)
	s.Exec(`UPDATE deadlines SET version = version + 1, closes_at = closes_at + interval '1 day', wall = wall + interval '1 day' WHERE kind = 'closes'`)
	moved := s.events(outside.get(first, "If-None-Match", tag).want(t, http.StatusOK))
	if uid, _ := moved[0].Props.Text("UID"); uid != must1(e.Props.Text("UID")) {
		t.Errorf("a moved deadline is another one: %q", uid)
	}
	if n, _ := moved[0].Props.Get("SEQUENCE").Int(); n != 2 {
		t.Errorf("moved once its sequence is %d", n)
	}

	second := feedIn(t, b.post("/account/calendar", nil))
	outside.get(first).want(t, http.StatusNotFound)
	outside.get(second).want(t, http.StatusOK)
	outside.get("/calendar/nothing").want(t, http.StatusNotFound)
	b.post("/account/calendar/end", nil).want(t, http.StatusSeeOther)
	outside.get(second).want(t, http.StatusNotFound)

	office := s.as(s.Officer)
	for _, e := range s.events(outside.get(feedIn(t, office.post("/account/calendar", nil)))) {
		if text := must1(e.Props.Text("SUMMARY")) + must1(e.Props.Text("DESCRIPTION")); strings.Contains(text, "Eva") || strings.Contains(text, "eva@") {
			t.Errorf("the feed names an applicant: %s", text)
		}
	}
}

var feedAddress = regexp.MustCompile(`https?://[^"/]+(/calendar/[A-Z0-9]+\.ics)`)

// feedIn is the path of the link a page shows.
func feedIn(t *testing.T, got seen) string {
	t.Helper()
	found := feedAddress.FindStringSubmatch(got.body)
	if found == nil {
		t.Fatalf("no link is shown: %.2000s", got.body)
	}
	return found[1]
}

func (s *scene) events(got seen) []ical.Event {
	s.T.Helper()
	if kind := got.header.Get("Content-Type"); got.status != http.StatusOK || kind != "text/calendar; charset=utf-8" {
		s.T.Fatalf("status %d, %s: %.300s", got.status, kind, got.body)
	}
	c, err := ical.NewDecoder(strings.NewReader(got.body)).Decode()
	if err != nil {
		s.T.Fatal(err)
	}
	return c.Events()
}

func must1(text string, err error) string {
	if err != nil {
		return err.Error()
	}
	return text
}

func TestStayingSignedIn(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	at := time.Unix(0, s.now.Load())
	officer, student := s.as(s.Officer), s.as(s.Student("eva", "1.5"))
	if got := officer.get("/work").want(t, http.StatusOK, `class="p-leaving" data-left="43200" data-warn="900" hidden`); strings.Contains(got.body, `role="alert"`) {
		t.Error("a warning is told at once")
	}
	if got := student.get("/me"); strings.Contains(got.body, "p-leaving") {
		t.Error("somebody signed in for weeks is warned")
	}
	s.at(at.Add(11*time.Hour + 45*time.Minute))
	got := officer.get("/work").want(t, http.StatusOK, "You will be signed out at", `data-left="900"`)
	if strings.Contains(got.body, `data-left="900" data-warn="900" hidden`) {
		t.Error("a quarter of an hour before the end the warning lies hidden")
	}
	stayed := officer.post("/session/stay", nil).want(t, http.StatusOK, "You stay signed in")
	if left := stayed.header.Get("Peregrine-Session-Left"); left != "43200" {
		t.Errorf("the session lasts %s seconds more", left)
	}
	s.at(at.Add(23 * time.Hour))
	officer.get("/work").want(t, http.StatusOK)
	s.at(at.Add(24 * time.Hour))
	officer.post("/session/stay", nil).want(t, http.StatusUnauthorized)
}

func TestEveryDeadlineHasItsWordsInACalendar(t *testing.T) {
	t.Parallel()
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	has := func(key string) {
		for _, lang := range locale.Languages {
			if !cat.Printer(lang, nil).Has(key) {
				t.Errorf("%s lacks %s", lang, key)
			}
		}
	}
	for _, kind := range lifecycle.Deadlines {
		has("calendar.own_" + string(kind))
		has("calendar.files_" + string(kind))
	}
	for _, kind := range []string{"opens", "closes", "assess_by", "appeal", "documents"} {
		has("calendar.kind_" + kind)
	}
	for _, kind := range []string{"host_nomination", "host_answer", "documents"} {
		has("calendar.host_" + kind)
		has("calendar.hosts_" + kind)
	}
}
