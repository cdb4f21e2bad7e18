package web

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/identity"
	"peregrine/internal/testkit"
)

// What is sent, waits, comes and was left out, how people choose to be reminded
// and in which time, and how they leave it by a letter's link.
func TestRemindersInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 1, 2}})
	s.furnish()
	s.assessBy()
	eva := s.Student("Zdislava", "1.2")
	s.Draft(eva)
	s.crowd(2)
	if _, err := s.Process.Start(t.Context(), s.Student("Bea", "1.4"), s.Round, s.ClosesAt.Add(-21*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Process.Due(t.Context(), s.ClosesAt.Add(-20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	s.at(s.ClosesAt.Add(-20 * time.Hour))
	v := s.viewer(t, testkit.AllowStatus(http.StatusConflict))
	v.enter(s.Officer.Person, "/office/calls/"+s.Call.String()+"/reminders")
	v.looked("reminders")
	v.look("/office/calls/"+s.Call.String()+"/reminders?what=skipped", "reminders-left-out")
	v.look("/account/reminders", "reminders-choice")
	v.look("/account/zone", "zone")
	v.look("/account", "account")
	v.enter(s.Coordinator.Person, "/work")
	v.looked("reminders-work")
	for _, group := range []string{identity.LeaveReminders, identity.LeaveAnnouncements} {
		token, err := s.site.identity.MakeUnsubscribe(t.Context(), eva.Person, group)
		if err != nil {
			t.Fatal(err)
		}
		v.look("/unsubscribe/"+token, "unsubscribe-"+group)
	}
	v.press(`main form button`)
	v.looked("unsubscribed")
	v.look("/unsubscribe/"+uuid.NewString(), "unsubscribe-nothing")
}
