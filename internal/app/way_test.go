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
	ema.types()
	ema.comesBack()
	clock.goes("Just before", "Applications close")
	ema.letter("The call closes soon, your application is not sent yet: " + callTitle)
	ema.choosesAndAttaches(entry{hosts: []string{porto}})
	ema.submits("Submit the application", "1")
	clock.goes("Just after", "Applications close")
	petr.findsItClosed()

	karel := &coordinator{w.sit("coordinator", "karel@mendelu.example")}
	karel.seesCandidates([]string{"Nováková, Anna", "Svoboda, Petr"}, "Ema")
	karel.returns("Nováková, Anna", "2041-02-10T18:00")
	anna.completes("I want to see how others farm: soil, water, markets.")
	karel.declaresIneligible("Svoboda, Petr")
	petr.learns("Your application does not meet the conditions: "+callTitle, "Does not meet the conditions", "You are in your first year.")
	karel.reopens("Svoboda, Petr")
	petr.learns("Your application is open again: "+callTitle, "Submitted")
	karel.marks("Nováková, Anna", "28", "25,5")
	clock.goes("Just before", "Assessment is to be done")
	karel.letter("Applications to assess: " + callTitle)
	karel.marks("Svoboda, Petr", "20", "22.25")
	karel.look("marked")
	lenka.marks("Dvořáčková, Ema", "24", "20")
	lenka.computes()
	lenka.readsTheLetter("Anna", "We offer you a place: "+fontys)
	karel.seesTheRanking("Anna Nováková", "Petr Svoboda")
	w.noOtherMail()
	lenka.publishes()
	anna.learns("We offer you a place: "+fontys, "You have an offer", fontys)
	petr.learns("You are on the reserve list: "+callTitle, "On the reserve list")
	ema.learns("We offer you a place: "+porto, "You have an offer")

	anna.declines()
	petr.learns("A place has become free for you: "+fontys, "You have an offer")
	petr.confirms()
	w.noOtherMail()
	w.sound()
}
