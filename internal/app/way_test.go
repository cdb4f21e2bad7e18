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
	clock.goes("Just before", "1 offer is to be confirmed")
	ema.letter("Your place is waiting for your answer: " + porto)
	lenka.withdrawsTheOffer("Dvořáčková, Ema")
	ema.learns("Correction: the place offered to you is withdrawn: "+porto, "The office is looking for a way", "Porto asks for one more year of study.")
	lenka.offers("Dvořáčková, Ema", porto, "2041-03-20T12:00")
	ema.learns("We offer you a place: "+porto, "You have an offer", "20 March 2041, 12:00 CET")
	clock.goes("Just after", "1 offer is to be confirmed")
	ema.learns("The offered place has lapsed: "+porto, "Lapsed: the deadline passed")
	w.noOtherMail()
	w.sound()

	office := "office@mendelu.example"
	incoming := &host{w.sit("fontys", "incoming@fontys.example")}
	clock.goes("Just before", "A host’s deadline for nominations")
	w.mail(office, "Not nominated yet: "+fontys)
	lenka.nominates("Petr Svoboda")
	petr.learns("We have nominated you: "+fontys, "Proposed to the host university")
	incoming.comes("Nominations from Mendel University in Brno: 1 student", "Petr Svoboda")
	incoming.readsTheDocuments()
	incoming.refuses("Petr Svoboda", "Requirements not met", "His English is not strong enough for us.")
	w.mail(office, "Refused: Petr Svoboda, "+fontys)
	petr.learns("We are looking for another place for you: "+callTitle, "The office is looking for a way")
	petr.seesNot("His English")

	lenka.offers("Svoboda, Petr", porto, "2041-05-07T12:00")
	petr.learns("We offer you a place: "+porto, "You have an offer")
	petr.confirms()
	lenka.nominates("Petr Svoboda")
	petr.letter("We have nominated you: " + porto)
	acolhe := &host{w.sit("porto", "incoming@porto.example")}
	acolhe.letter("Nominations from Mendel University in Brno: 1 student")
	clock.goes("Just before", "A host is to answer")
	acolhe.comes("Nominations from Mendel University in Brno await your answer", "Petr Svoboda")
	acolhe.accepts("Petr Svoboda")
	w.mail(office, "Accepted: Petr Svoboda, "+porto)
	petr.learns("The host university has accepted you: "+porto, "Accepted by the host university")

	w.forward("2041-09-10 09:00")
	lenka.enrols("Svoboda, Petr", "2041-09-03")
	petr.learns("Your arrival is recorded: "+porto, "On the stay")
	w.forward("2042-02-05 09:00")
	lenka.finishes("Svoboda, Petr", "2042-01-30")
	petr.learns("Your stay is completed: "+porto, "Stay completed")
	w.noOtherMail()
	w.sound()
}
