package app_test

import (
	"net/http"

	"peregrine/internal/testkit"
)

// officer is the international office's.
type officer struct{ *person }

// opensTheCall signs in and puts the prepared call into the catalogue.
func (o *officer) opensTheCall() {
	o.t.Helper()
	o.open("/calls")
	o.sees("No call is open now")
	o.signInByLink()
	o.look("work")
	o.press("Our calls")
	o.look("calls")
	o.press(callTitle)
	o.look("call")
	o.press("Open the call")
	o.look("open")
	o.press("Open the call")
	o.sees("The call is open and in the public catalogue.")
	o.look("opened")
}

// timekeeper moves the demo's clock.
type timekeeper struct{ *person }

// goes moves the clock by the button beside a deadline.
func (k *timekeeper) goes(button, deadline string) {
	k.t.Helper()
	k.open("/demo/clock")
	k.pressNear(button, deadline)
	k.sees("Whatever came due on the way is being done.")
}

// computes makes a ranking to look at.
func (o *officer) computes() {
	o.t.Helper()
	o.open("/office/calls")
	o.press(callTitle)
	o.look("to-rank")
	o.press("Ranking")
	o.press("Compute the ranking")
	o.sees("The ranking was computed. Look at it before you publish.")
	o.look("preview")
}

// readsTheLetter previews the letter of one candidate.
func (o *officer) readsTheLetter(name string, words ...string) {
	o.t.Helper()
	back := o.path()
	o.pressNear("Letter", name)
	o.sees(words...)
	o.look("letter")
	o.open(back)
}

// publishes once; who presses again hears that it was done.
func (o *officer) publishes() {
	o.t.Helper()
	result := o.path()
	o.press("Publish")
	o.look("ask-publish")
	again := o.another("officer-again", result+"/publish", testkit.AllowStatus(http.StatusConflict))
	o.press("Publish and send the letters")
	o.sees("Published: 3 decided, 0 held back.", "The result is published")
	o.look("published")
	again.press("Publish and send the letters")
	again.sees("already")
	again.look("already")
}

// withdrawsTheOffer corrects a published offer; its place waits for the office.
func (o *officer) withdrawsTheOffer(name string) {
	o.t.Helper()
	o.opensFile(name)
	o.look("offered")
	o.unfold("Corrections and what is not possible now")
	o.move("Withdraw the offer", func() { o.fill("Reason", "Porto asks for one more year of study.") })
	o.sees("To be placed")
	o.look("to-place")
}

// offers holds a free place for somebody the office has to place.
func (o *officer) offers(name, host, until string) {
	o.t.Helper()
	o.opensFile(name)
	o.move("Offer a destination", func() {
		o.choose("Destination", host)
		o.fill("To be confirmed until", until)
		o.fill("Reason", "Agreed by telephone.")
	})
	o.sees("Offered")
}

// nominates proposes somebody to the host, after seeing the name once more.
func (o *officer) nominates(name string) {
	o.t.Helper()
	o.open("/work")
	o.look("work")
	o.open("/office/calls")
	o.press(callTitle)
	o.press("Nominations")
	o.tick(name)
	o.look("nominations")
	o.press("Nominate those ticked")
	o.sees(name)
	o.look("ask-nominate")
	o.press("Nominate 1 student")
	o.sees("Nominated: 1.")
	o.look("nominated")
}

// enrols records the arrival, and later the end of the stay.
func (o *officer) enrols(name, day string) {
	o.t.Helper()
	o.opensFile(name)
	o.look("accepted")
	o.move("Record the arrival", func() { o.fill("Day of arrival", day) })
	o.sees("On the stay")
}

func (o *officer) finishes(name, day string) {
	o.t.Helper()
	o.opensFile(name)
	o.move("Close the stay", func() { o.fill("Last day of the stay", day) })
	o.sees("Completed")
	o.look("completed")
}
