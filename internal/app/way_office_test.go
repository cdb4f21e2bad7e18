package app_test

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

// opensFile goes to an application from the list of candidates.
func (p *person) opensFile(name string) {
	p.t.Helper()
	p.open("/office/calls")
	p.press(callTitle)
	p.press("Candidates")
	p.press(name)
}

// coordinator is a faculty's.
type coordinator struct{ *person }

// seesCandidates finds exactly the faculty's.
func (c *coordinator) seesCandidates(names []string, others string) {
	c.t.Helper()
	c.signInByCode()
	c.look("work")
	c.open("/office/calls")
	c.press(callTitle)
	c.look("call")
	c.press("Candidates")
	c.sees(names...)
	c.seesNot(others)
	c.look("candidates")
}

// returns asks a candidate to complete the letter, by a deadline of their own.
func (c *coordinator) returns(name, until string) {
	c.t.Helper()
	c.opensFile(name)
	c.look("file")
	c.move("Return for completion", func() {
		c.tick("Cover letter")
		c.fill("To be completed until", until)
		c.fill("Reason", "Please say which courses you want.")
	})
	c.sees("Returned for completion")
	c.look("returned")
}

// declaresIneligible is wrong and takes it back.
func (c *coordinator) declaresIneligible(name string) {
	c.t.Helper()
	c.opensFile(name)
	c.move("Declare ineligible", func() { c.fill("Reason", "You are in your first year.") })
	c.sees("Ineligible")
}

func (c *coordinator) reopens(name string) {
	c.t.Helper()
	c.opensFile(name)
	c.unfold("Corrections and what is not possible now")
	c.move("Reopen", func() { c.fill("Reason", "I looked at the wrong year. You are in your second.") })
	c.sees("Submitted, to be assessed")
}

// marks enters points of one candidate on the file's page.
func (p *person) marks(name, language, letter string) {
	p.t.Helper()
	p.opensFile(name)
	p.fillNear("Language test", "Save points", language)
	p.fillNear("Cover letter", "Save points", letter)
	p.press("Save points")
	p.sees("Points saved.")
}

// seesTheRanking looks at the draft, which only the committee and the office may.
func (c *coordinator) seesTheRanking(words ...string) {
	c.t.Helper()
	c.open("/office/calls")
	c.press(callTitle)
	c.press("Ranking")
	c.look("rankings")
	c.press("Run 1")
	c.sees(words...)
	c.look("ranking")
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
	again := o.another("officer-again", result+"/publish")
	o.press("Publish and send the letters")
	o.sees("Published: 3 decided, 0 held back.", "The result is published")
	o.look("published")
	again.press("Publish and send the letters")
	again.sees("already")
	again.look("already")
}
