package web

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"peregrine/internal/testkit"
)

func TestCalendarInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{2, 1, 3, 4}})
	s.furnish()
	v := s.viewer(t)
	v.enter(s.Officer.Person, "/calendar?month=2027-01")
	v.looked("calendar")
	v.look("/calendar?month=2027-01&view=list", "calendar-list")
	v.look("/account/calendar", "calendar-link")
	v.press(`form[action="/account/calendar"] button`)
	v.looked("calendar-link-made")
}

// Whoever is still there shortly before the session ends stays by one press,
// and loses nothing of what they typed.
func TestStayingSignedInInABrowser(t *testing.T) {
	s := newView(t, testkit.WorldPlan{Places: []int{1}})
	v := s.viewer(t)
	v.enter(s.Officer.Person, "/work")
	s.at(time.Unix(0, s.now.Load()).Add(12*time.Hour - leavingSoon - 2*time.Second))
	v.open("/office/people")
	err := chromedp.Do(v.ctx,
		chromedp.SetValue("#f-q", "typed"),
		chromedp.WaitVisible(".p-leaving"))
	if err != nil {
		t.Fatal(err)
	}
	v.looked("leaving")
	var typed string
	err = chromedp.Do(v.ctx, chromedp.Click(".p-leaving button"), chromedp.WaitNotVisible(".p-leaving"))
	if err == nil {
		typed, err = chromedp.Run(v.ctx, chromedp.Evaluate[string](`document.querySelector("#f-q").value`))
	}
	if err != nil || typed != "typed" {
		t.Fatalf("%q is left of what was typed (%v)", typed, err)
	}
	s.at(time.Unix(0, s.now.Load()).Add(11 * time.Hour))
	v.look("/work", "stayed")
}
