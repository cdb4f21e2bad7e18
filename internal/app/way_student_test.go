package app_test

import (
	"os"
	"path/filepath"
)

// callTitle is the call of this world.
const callTitle = "Study stays 2041/42"

// The hosts of this world, as the European list names them.
const (
	fontys = "STICHTING FONTYS"
	porto  = "UNIVERSIDADE DO PORTO"
)

// student applies.
type student struct {
	*person
	letterText string // what they write
	at         string // path of their application
}

// entry is what a student chooses and attaches.
type entry struct {
	hosts []string // in the order they are added
	first string   // moved up to be the first
}

// findsTheCall reads in the public catalogue what the call offers and asks.
func (s *student) findsTheCall() {
	s.t.Helper()
	s.open("/calls")
	s.sees("Open now", callTitle, "3 places", "31 January 2041, 23:59 CET")
	s.lookOnPhone("catalogue")
	s.press(callTitle)
	s.sees("You can apply now", "31 January 2041, 23:59 CET", "You will be in at least your second year", "STICHTING FONTYS", "UNIVERSIDADE DO PORTO", "English B2", "1 May 2041")
	s.lookOnPhone("call")
}

// starts begins an application from the call's page.
func (s *student) starts() {
	s.t.Helper()
	s.open("/calls")
	s.press(callTitle)
	s.press("Apply")
	s.sees("Application form", "It is your turn")
	s.at = s.path()[:len("/applications/")+36]
}

// types writes the letter and waits until the page says that it is kept.
func (s *student) types() {
	s.t.Helper()
	s.fill("Cover letter", s.letterText)
	s.fill("Telephone", "+420 700 000 000")
	s.tick("I have read the call and its rules")
	if s.scriptless {
		s.press("Save draft")
		s.sees("Draft saved. Nothing is submitted yet.")
		return
	}
	s.wait("the draft to be saved by itself", `document.querySelector(".p-autosave").dataset.state === "saved"`)
}

// comesBack leaves and finds everything as typed.
func (s *student) comesBack() {
	s.t.Helper()
	s.open("/me")
	s.sees("It is your turn", callTitle, "Draft, not submitted")
	s.lookOnPhone("mine")
	s.open(s.at + "/edit")
	if got := s.value("Cover letter"); got != s.letterText {
		s.t.Errorf("%s wrote %q and finds %q", s.name, s.letterText, got)
	}
	if s.value("Telephone") != "+420 700 000 000" {
		s.t.Errorf("%s does not find the telephone number", s.name)
	}
}

// choosesAndAttaches adds destinations in an order and a document for each.
func (s *student) choosesAndAttaches(e entry) {
	s.t.Helper()
	for _, host := range e.hosts {
		s.choose("Another destination", host)
		s.press("Add")
	}
	if e.first != "" {
		s.press("Move " + e.first + " up")
	}
	for _, host := range e.hosts {
		label := "Proposal of the learning agreement (" + host + ")"
		s.attach(label, s.document())
		s.pressNear("Upload", label)
		s.sees("The document is attached.", "agreement.pdf")
	}
}

// document is a small file of the right kind.
func (s *student) document() string {
	s.t.Helper()
	file := filepath.Join(s.t.TempDir(), "agreement.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

// submits checks the answers, submits, and gets a receipt on the page and by mail.
func (s *student) submits(button, version string) {
	s.t.Helper()
	s.press("Check your answers")
	s.sees("Check your answers", s.letterText)
	s.lookOnPhone("check")
	s.press(button)
	s.sees("Submitted. This is version " + version)
	s.lookOnPhone("submitted")
	s.letter("We have your application: " + callTitle)
}

// submitsNewer changes the letter and submits it again.
func (s *student) submitsNewer(text string) {
	s.t.Helper()
	s.letterText = text
	s.open(s.at)
	s.press("Change the application")
	s.sees("Version 1 is submitted and counts until you submit a newer one.")
	s.fill("Cover letter", text)
	s.submits("Submit a newer version", "2")
}

// withdrawsAndStartsAgain changes their mind twice.
func (s *student) withdrawsAndStartsAgain() {
	s.t.Helper()
	s.open(s.at)
	s.move("Withdraw the application", func() { s.fill("Reason", "I am not sure any more.") })
	s.sees("You withdrew the application")
	s.lookOnPhone("withdrawn")
	s.letter("Your application was withdrawn: " + callTitle)
	s.move("Start again", nil)
	s.open(s.at + "/edit")
	if s.value("Cover letter") != s.letterText {
		s.t.Errorf("%s does not find the letter after starting again", s.name)
	}
	s.submits("Submit the application", "2")
}

// findsItClosed comes after the deadline.
func (s *student) findsItClosed() {
	s.t.Helper()
	s.open(s.at + "/edit")
	s.sees("This can no longer be changed", "Closed since Friday 1 February 2041, 00:00 CET", s.letterText)
	s.lookOnPhone("closed")
	s.open("/calls")
	s.press(callTitle)
	s.sees("This call is closed")
}

// completes changes what was asked for, and nothing else can be changed.
func (s *student) completes(text string) {
	s.t.Helper()
	s.letterText = text
	s.letter("Please complete your application: " + callTitle)
	s.open(s.at)
	s.sees("It is your turn", "Returned to you for completion")
	s.lookOnPhone("returned")
	s.press("Continue")
	s.sees("To be completed", "Please say which courses you want.", "What cannot be changed", "+420 700 000 000")
	s.lookOnPhone("complete")
	s.fill("Cover letter", text)
	s.submits("Send the completed application", "3")
}

// learns reads the same result on the page and in the letter.
func (s *student) learns(subject string, words ...string) {
	s.t.Helper()
	s.letter(subject)
	s.open(s.at)
	s.sees(words...)
	s.lookOnPhone("learns")
}

// confirms takes the offered place.
func (s *student) confirms() {
	s.t.Helper()
	s.open(s.at)
	s.move("Confirm the place", nil)
	s.sees("Place confirmed")
	s.letter("You confirmed your place")
}

// declines gives the offered place up.
func (s *student) declines() {
	s.t.Helper()
	s.open(s.at)
	s.move("Decline the place", func() { s.fill("Reason", "I found work at home.") })
	s.sees("You declined the place")
	s.lookOnPhone("declined")
	s.letter("You declined the place: " + fontys)
}
