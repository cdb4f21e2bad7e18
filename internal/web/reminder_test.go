package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/testkit"
)

// assessBy gives the round an end of assessment two weeks after it closes.
func (s *scene) assessBy() {
	s.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) SELECT gen_random_uuid(), institution_id, 'assess_by', round_id, wall + interval '14 days', zone, closes_at + interval '14 days'
		FROM deadlines WHERE kind = 'closes'`)
}

func TestEverybodySeesTheRemindersThatCome(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.assessBy()
	eva, adam := s.Student("Eva", "1.5"), s.Student("Adam", "2")
	draft := s.Draft(eva)
	file := s.Submitted(adam)
	s.at(s.WhileOpen().Add(time.Hour))
	own := "/applications/" + draft.String()
	s.as(eva).get(own).want(t, http.StatusOK, "Reminders to come", "Reminder to submit", "Friday 29 January 2027, 00:00", "Sunday 31 January 2027, 00:00")
	s.as(adam).get(own).want(t, http.StatusNotFound)
	if got := s.as(adam).get("/applications/" + file.String()); strings.Contains(got.body, "Reminders to come") {
		t.Error("what is submitted has reminders for its applicant")
	}
	s.as(s.Officer).get("/office/applications/"+file.String()).want(t, http.StatusOK, "Reminders to come", "Reminder to assess", "coordinator", "assessor")
	s.as(s.Coordinator).get("/work").want(t, http.StatusOK, "Reminders to come", "Reminder to assess", "1 application", "Choose how you are reminded")
	if got := s.as(s.OtherCoordinator).get("/work"); strings.Contains(got.body, "Reminder to assess") {
		t.Error("a coordinator is told of another faculty's reminders")
	}

	list := "/office/calls/" + s.Call.String() + "/reminders"
	officer := s.as(s.Officer)
	officer.get(list).want(t, http.StatusOK, "Reminder to submit", "Reminder to assess", "Coming", "1 application")
	officer.get(list, "Accept-Language", "cs").want(t, http.StatusOK)
	s.as(s.Coordinator).get(list).want(t, http.StatusForbidden)
	s.as(s.ForeignOfficer).get(list).want(t, http.StatusNotFound)
}

func TestTheOfficeSeesWhatWentAndWhatWasLeftOut(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	for range 3 {
		s.Draft(s.Student("Eva", "1.5"))
	}
	if _, n, err := s.Process.Due(t.Context(), s.ClosesAt.Add(-20*time.Hour)); n != 3 || err != nil {
		t.Fatalf("%d planned, %v", n, err)
	}
	s.Exec(`UPDATE letters SET status = 'sent', sent_at = planned_at WHERE id = (SELECT id FROM letters WHERE status = 'planned' LIMIT 1)`)
	s.at(s.ClosesAt.Add(-20 * time.Hour))
	officer := s.as(s.Officer)
	list := "/office/calls/" + s.Call.String() + "/reminders"
	officer.get(list).want(t, http.StatusOK, "Sent", "Waits to be sent", "Left out", "A later reminder of the same deadline was due at the same time.", "3 letters", "2 letters", "1 letter")
	left := officer.get(list+"?what=skipped").want(t, http.StatusOK, "A later reminder", "3 letters")
	if strings.Contains(left.body, "1 letter<") || strings.Contains(left.body, "2 letters") {
		t.Error("the filter lets others through")
	}
	officer.get(list+"?what=coming&kind=remind_host").want(t, http.StatusOK, "No reminders here", "Show all")
	officer.get(list+"?what=nonsense&kind=sign_in&page=99").want(t, http.StatusOK)
}

func TestPeopleChooseHowTheyAreReminded(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.at(s.WhileOpen())
	eva := s.Student("Eva", "1.5")
	officer, coordinator, student := s.as(s.Officer), s.as(s.Coordinator), s.as(eva)
	for _, b := range []*browser{officer, coordinator, student} {
		b.get("/account").want(t, http.StatusOK, "/account/reminders")
	}
	officer.get("/account/reminders").want(t, http.StatusOK, "To the office", "One overview a week")
	if got := student.get("/account/reminders").want(t, http.StatusOK, "No reminders"); strings.Contains(got.body, "overview") {
		t.Error("a student is offered overviews of work")
	}
	coordinator.post("/account/reminders", url.Values{"way": {"weekly"}, "weekday": {"3"}, "hour": {"7"}}).want(t, http.StatusSeeOther)
	got := testkit.One[string](s.World, `SELECT way || weekday || hour || announcements FROM reminder_choices WHERE person_id = $1`, s.Coordinator.Person)
	if got != "weekly37false" {
		t.Errorf("kept %q", got)
	}
	coordinator.get("/account/reminders").want(t, http.StatusOK, "Saved", "In your time zone, Europe/Prague")
	coordinator.post("/account/reminders", url.Values{"way": {"loudly"}, "weekday": {"3"}, "hour": {"7"}}).want(t, http.StatusUnprocessableEntity, "choose one of the answers")
	coordinator.post("/account/reminders", url.Values{}).want(t, http.StatusUnprocessableEntity)
	student.post("/account/reminders", url.Values{"way": {"none"}, "announcements": {"true"}}).want(t, http.StatusSeeOther)
}

// TestALinkInALetterAsksAndAPostSaysNo: following the link changes nothing,
// and one click of a mail program needs no session.
func TestALinkInALetterAsksAndAPostSaysNo(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.at(s.WhileOpen())
	eva := s.Student("Eva", "1.5")
	way := func() string {
		return testkit.One[string](s.World, `SELECT coalesce((SELECT way || announcements FROM reminder_choices WHERE person_id = $1), 'nothing')`, eva.Person)
	}
	for _, c := range []struct{ group, want string }{{identity.LeaveReminders, "nonetrue"}, {identity.LeaveAnnouncements, "nonefalse"}} {
		token, err := s.site.identity.MakeUnsubscribe(t.Context(), eva.Person, c.group)
		if err != nil {
			t.Fatal(err)
		}
		before := way()
		nobody := s.site.browser()
		nobody.get("/unsubscribe/"+token).want(t, http.StatusOK, "No more "+c.group)
		if way() != before {
			t.Error("a link that was only followed changed something")
		}
		nobody.post("/unsubscribe/"+token, url.Values{"List-Unsubscribe": {"One-Click"}}).want(t, http.StatusOK, "Done")
		if way() != c.want {
			t.Errorf("%s: %q", c.group, way())
		}
	}
	for _, token := range []string{"x.reminders", uuid.NewString() + ".reminders", "nonsense"} {
		if got := s.site.browser().post("/unsubscribe/"+token, url.Values{}); got.status < 400 {
			t.Errorf("%s: %d", token, got.status)
		}
	}
}

// TestPeopleAreToldTheTimeInTheZoneTheyChoose: a student who is away sees the
// deadline on the wall of where they are, beside the call's.
func TestPeopleAreToldTheTimeInTheZoneTheyChoose(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{})
	s.at(s.WhileOpen())
	eva := s.Student("Eva", "1.5")
	file := "/applications/" + s.Draft(eva).String()
	student := s.as(eva)
	tokyo := "1 February 2027" // 31 January, 23:59 in Prague
	if got := student.get(file).want(t, http.StatusOK, "31 January 2027"); strings.Contains(got.body, tokyo) {
		t.Error("told in a zone nobody chose")
	}
	student.get("/account").want(t, http.StatusOK, "/account/zone", "Europe/Prague")
	student.get("/account/zone").want(t, http.StatusOK, "That of my university", "Asia/Tokyo")
	student.post("/account/zone", url.Values{"zone": {"Mars/Olympus"}}).want(t, http.StatusUnprocessableEntity, "choose one of the answers")
	student.post("/account/zone", url.Values{"zone": {"Asia/Tokyo"}}).want(t, http.StatusSeeOther)
	student.get("/account").want(t, http.StatusOK, "Saved", "Asia/Tokyo")
	student.get(file).want(t, http.StatusOK, "31 January 2027", tokyo)
	student.post("/account/zone", url.Values{"zone": {"house"}}).want(t, http.StatusSeeOther)
	student.get("/account").want(t, http.StatusOK, "Europe/Prague")
}
