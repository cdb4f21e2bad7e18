package app_test

import "testing"

// The whole main job as its people do it, in a browser each, with letters over
// SMTP: from the opened call to the completed stay.
func TestWay(t *testing.T) {
	w := newWay(t)
	clock := &timekeeper{w.sit("clock", "")}
	lenka := &officer{w.sit("officer", "lenka@mendelu.example")}
	anna := &student{person: w.sit("anna", "anna@student.mendelu.example"), letterText: "I want to see how others farm."}
	petr := &student{person: w.sit("petr", "petr@student.mendelu.example"), letterText: "I want to learn Dutch."}
	ema := &student{person: w.sit("ema", "ema@student.mendelu.example"), letterText: "Porto has the vineyards I study."}

	lenka.opensTheCall()
	clock.goes("Just after", "A round opens")

	anna.findsTheCall()
	anna.signInByCode()
	anna.starts()
	anna.types()
	anna.comesBack()
	anna.choosesAndAttaches(entry{hosts: []string{porto, fontys}, first: fontys})
	anna.lookOnPhone("form")
	anna.submits("Submit the application", "1")
	anna.submitsNewer("I want to see how others farm, and to bring it home.")

	petr.signInByCode()
	petr.starts()
	petr.types()
	petr.choosesAndAttaches(entry{hosts: []string{fontys}})
	petr.submits("Submit the application", "1")
	petr.withdrawsAndStartsAgain()

	ema.withoutScript()
	ema.signInByCode()
	ema.starts()
	w.sound()
}
