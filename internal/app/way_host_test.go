package app_test

// host is a partner's officer, who has no account: only letters.
type host struct{ *person }

// comes follows the personal link in a letter and sees who is nominated.
func (h *host) comes(subject string, words ...string) {
	h.t.Helper()
	h.open(h.letter(subject).Link("/host/"))
	h.sees("1 nomination", "It is your turn")
	h.sees(words...)
	h.lookOnPhone("desk")
}

// readsTheDocuments proves by a code that the letter came to them.
func (h *host) readsTheDocuments() {
	h.t.Helper()
	h.seesNot("agreement.pdf")
	h.press("Send me the code")
	h.sees("A code is on its way to")
	h.fill("Code from the letter", codeIn(h.t, h.letter("Your code for the documents")))
	h.look("code")
	h.press("Show the documents")
	h.sees("This device is known now", "agreement.pdf")
	h.look("documents")
}

// refuses says no with a reason for the student and a comment for offices.
func (h *host) refuses(name, reason, comment string) {
	h.t.Helper()
	h.tick(name)
	h.press("Refuse")
	h.choose("Reason of the host", reason)
	h.fill("Comment for offices", comment)
	h.look("refuse")
	h.press("Refuse")
	h.sees("1 answer recorded", name)
	h.look("refused")
}

// accepts says yes.
func (h *host) accepts(name string) {
	h.t.Helper()
	h.tick(name)
	h.press("Accept")
	h.look("accept")
	h.press("Accept")
	h.sees("1 answer recorded")
	h.look("accepted")
	h.press("Back to the nominations")
	h.sees("All answered")
}
