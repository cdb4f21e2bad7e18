package app_test

import "testing"

// The whole main job as its people do it, in a browser each, with letters over
// SMTP: from the opened call to the completed stay.
func TestWay(t *testing.T) {
	w := newWay(t)
	c := &cast{
		way:   w,
		clock: &timekeeper{w.sit("clock", "")},
		lenka: &officer{w.sit("officer", "lenka@mendelu.example")},
		anna:  &student{person: w.sit("anna", "anna@student.mendelu.example"), letterText: "I want to see how others farm."},
		petr:  &student{person: w.sit("petr", "petr@student.mendelu.example"), letterText: "I want to learn Dutch."},
		ema:   &student{person: w.sit("ema", "ema@student.mendelu.example"), letterText: "Porto has the vineyards I study."},
	}
	c.apply()
	c.areAssessed()
	c.answerTheirOffers()
	c.areNominatedTwice()
	c.goAndComeBack()
}

// cast are the people of the way.
type cast struct {
	*way
	clock           *timekeeper
	lenka           *officer
	anna, petr, ema *student
}

// apply: the call opens, they apply each in their own way, it closes.
func (c *cast) apply() {
	c.lenka.opensTheCall()
	c.clock.goes("Just after", "A round opens")

	c.anna.findsTheCall()
	c.anna.signInByCode()
	c.anna.starts()
	c.anna.types()
	c.anna.comesBack()
	c.anna.choosesAndAttaches(entry{hosts: []string{porto, fontys}, first: fontys})
	c.anna.lookOnPhone("form")
	c.anna.submits("Submit the application", "1")
	c.anna.submitsNewer("I want to see how others farm, and to bring it home.")

	c.petr.signInByCode()
	c.petr.starts()
	c.petr.types()
	c.petr.choosesAndAttaches(entry{hosts: []string{fontys}})
	c.petr.submits("Submit the application", "1")
	c.petr.withdrawsAndStartsAgain()

	c.ema.withoutScript()
	c.ema.signInByCode()
	c.ema.starts()
	c.ema.types()
	c.ema.comesBack()
	c.clock.goes("Just before", "Applications close")
	c.ema.letter("The call closes soon, your application is not sent yet: " + callTitle)
	c.ema.choosesAndAttaches(entry{hosts: []string{porto}})
	c.ema.submits("Submit the application", "1")
	c.clock.goes("Just after", "Applications close")
	c.petr.findsItClosed()
}

// areAssessed: applications are completed, marked, ranked and published.
func (c *cast) areAssessed() {
	karel := &coordinator{c.sit("coordinator", "karel@mendelu.example")}
	karel.seesCandidates([]string{"Nováková, Anna", "Svoboda, Petr"}, "Ema")
	karel.returns("Nováková, Anna", "2041-02-10T18:00")
	c.anna.completes("I want to see how others farm: soil, water, markets.")
	karel.declaresIneligible("Svoboda, Petr")
	c.petr.learns("Your application does not meet the conditions: "+callTitle, "Does not meet the conditions", "You are in your first year.")
	karel.reopens("Svoboda, Petr")
	c.petr.learns("Your application is open again: "+callTitle, "Submitted")
	karel.marks("Nováková, Anna", "28", "25,5")
	c.clock.goes("Just before", "Assessment is to be done")
	karel.letter("Applications to assess: " + callTitle)
	karel.marks("Svoboda, Petr", "20", "22.25")
	karel.look("marked")
	c.lenka.marks("Dvořáčková, Ema", "24", "20")
	c.lenka.computes()
	c.lenka.readsTheLetter("Anna", "We offer you a place: "+fontys)
	karel.seesTheRanking("Anna Nováková", "Petr Svoboda")
	c.noOtherMail()
	c.lenka.publishes()
	c.anna.learns("We offer you a place: "+fontys, "You have an offer", fontys)
	c.petr.learns("You are on the reserve list: "+callTitle, "On the reserve list")
	c.ema.learns("We offer you a place: "+porto, "You have an offer")
}

// answerTheirOffers: one declines, one confirms, one is put right and lets it lapse.
func (c *cast) answerTheirOffers() {
	c.anna.declines()
	c.petr.learns("A place has become free for you: "+fontys, "You have an offer")
	c.petr.confirms()
	c.clock.goes("Just before", "1 offer is to be confirmed")
	c.ema.letter("Your place is waiting for your answer: " + porto)
	c.lenka.withdrawsTheOffer("Dvořáčková, Ema")
	c.ema.learns("Correction: the place offered to you is withdrawn: "+porto, "The office is looking for a way", "Porto asks for one more year of study.")
	c.lenka.offers("Dvořáčková, Ema", porto, "2041-03-20T12:00")
	c.ema.learns("We offer you a place: "+porto, "You have an offer", "20 March 2041, 12:00 CET")
	c.clock.goes("Just after", "1 offer is to be confirmed")
	c.ema.learns("The offered place has lapsed: "+porto, "Lapsed: the deadline passed")
	c.noOtherMail()
	c.sound()
}

// areNominatedTwice: the first host refuses, another accepts.
func (c *cast) areNominatedTwice() {
	office := "office@mendelu.example"
	incoming := &host{c.sit("fontys", "incoming@fontys.example")}
	c.clock.goes("Just before", "A host’s deadline for nominations")
	c.mail(office, "Not nominated yet: "+fontys)
	c.lenka.nominates("Petr Svoboda")
	c.petr.learns("We have nominated you: "+fontys, "Proposed to the host university")
	incoming.comes("Nominations from Mendel University in Brno: 1 student", "Petr Svoboda")
	incoming.readsTheDocuments()
	incoming.refuses("Petr Svoboda", "Requirements not met", "His English is not strong enough for us.")
	c.mail(office, "Refused: Petr Svoboda, "+fontys)
	c.petr.learns("We are looking for another place for you: "+callTitle, "The office is looking for a way")
	c.petr.seesNot("His English")

	c.lenka.offers("Svoboda, Petr", porto, "2041-05-07T12:00")
	c.petr.learns("We offer you a place: "+porto, "You have an offer")
	c.petr.confirms()
	c.lenka.nominates("Petr Svoboda")
	c.petr.letter("We have nominated you: " + porto)
	acolhe := &host{c.sit("porto", "incoming@porto.example")}
	acolhe.letter("Nominations from Mendel University in Brno: 1 student")
	c.clock.goes("Just before", "A host is to answer")
	acolhe.comes("Nominations from Mendel University in Brno await your answer", "Petr Svoboda")
	acolhe.accepts("Petr Svoboda")
	c.mail(office, "Accepted: Petr Svoboda, "+porto)
	c.petr.learns("The host university has accepted you: "+porto, "Accepted by the host university")
}

// goAndComeBack: the stay begins and ends.
func (c *cast) goAndComeBack() {
	c.forward("2041-09-10 09:00")
	c.lenka.enrols("Svoboda, Petr", "2041-09-03")
	c.petr.learns("Your arrival is recorded: "+porto, "On the stay")
	c.forward("2042-02-05 09:00")
	c.lenka.finishes("Svoboda, Petr", "2042-01-30")
	c.petr.learns("Your stay is completed: "+porto, "Stay completed")
	c.noOtherMail()
	c.sound()
}
