package app_test

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

// opensFile goes to an application from the list of candidates.
func (p *person) opensFile(name string) {
	p.t.Helper()
	p.open("/office/calls")
	p.press(callTitle)
	p.press("Candidates")
	p.press(name)
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
