package bounce

import (
	"regexp"
	"strings"
)

// autoReply reports whether a person's program answered for them. Servers mark
// their own reports as replies too, so a mark counts only where no server
// speaks.
func (m message) autoReply() bool {
	if m.fromServer() {
		return false
	}
	auto, _, _ := strings.Cut(strings.ToLower(m.head.first("auto-submitted")), ";")
	return auto != "" && strings.TrimSpace(auto) != "no" || m.head.first("x-autoreply") != "" || m.head.first("x-autorespond") != "" ||
		strings.EqualFold(m.head.first("precedence"), "auto_reply")
}

// fromServer reports whether a mail server wrote the mail itself. That its
// envelope has no sender proves nothing: absence notices have none either.
func (m message) fromServer() bool {
	if m.head.first("x-failed-recipients") != "" {
		return true
	}
	local, _, ok := strings.Cut(strings.ToLower(addressOf(m.head.first("from"))), "@")
	return ok && (local == "mailer-daemon" || local == "postmaster" || local == "mailerdaemon")
}

// A server's own report names addresses on lines of their own, says why below
// each, and then gives the message back.
var (
	named    = regexp.MustCompile(`^\s{0,8}<?([^\s<>:;,"]+@[^\s<>:;,"]+\.[^\s<>:;,"]+?)>?:?(\s.*)?$`)
	copied   = regexp.MustCompile(`(?i)^\s*-{2,}.*(copy of the message|original message|returned message|below this line|headers follow|message header).*$|^\s*(return-path|received):`)
	delaying = regexp.MustCompile(`(?i)\b(delayed|not yet been delivered|will (?:continue to )?(?:be )?re?tr(?:y|ied)|warning message|still (?:being )?tr(?:y|ied))`)
	inText   = regexp.MustCompile(`(?im)^\s*message-id:\s*(<[^<>\s]+>)`)
)

// plain reads a server's own words. Without a status or an SMTP code there is
// no telling what became of the letter, so such a report names nobody.
func (m message) plain() Report {
	text := ""
	for _, p := range m.all() {
		if p.kind == "text/plain" {
			text = p.text()
			break
		}
	}
	before := beforeCopy(text)
	delayed := delaying.MatchString(m.head.first("subject")) || delaying.MatchString(before)
	failed := addresses(m.head.first("x-failed-recipients"))
	var r Report
	for _, p := range paragraphs(before) {
		one := Recipient{Addresses: []string{p.address}, Diagnostic: oneLine(p.words), Kind: Failure}
		one.Status = statusOf("", one.Diagnostic)
		switch {
		case one.Status == "" && !contains(failed, p.address) && !strings.Contains(before, "qmail-send"):
			continue
		case delayed && !strings.HasPrefix(one.Status, "5"):
			one.Kind = Delay
		case one.Status == "":
			one.Status = "5.0.0"
		}
		r.Recipients = append(r.Recipients, one)
	}
	for _, a := range failed { // the header is sure, whatever the text looks like
		if !among(r.Recipients, a) {
			r.Recipients = append(r.Recipients, Recipient{Addresses: []string{a}, Kind: Failure, Status: "5.0.0", Diagnostic: oneLine(firstReason(before))})
		}
	}
	return r
}

func among(all []Recipient, address string) bool {
	for _, r := range all {
		if r.Is(address) {
			return true
		}
	}
	return false
}

func contains(all []string, address string) bool {
	for _, a := range all {
		if Same(a, address) {
			return true
		}
	}
	return false
}

func beforeCopy(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if copied.MatchString(line) {
			return strings.Join(lines[:i], "\n")
		}
	}
	return text
}

// paragraph is an address with the words below it.
type paragraph struct{ address, words string }

func paragraphs(text string) []paragraph {
	var out []paragraph
	open := false
	for _, line := range strings.Split(text, "\n") {
		found := named.FindStringSubmatch(line)
		switch {
		case found != nil:
			out, open = append(out, paragraph{address: found[1], words: found[2]}), true
		case open && strings.TrimSpace(line) == "":
			open = out[len(out)-1].words == "" // some leave a line between address and words
		case open:
			out[len(out)-1].words += " " + strings.TrimSpace(line)
		}
	}
	return out
}

// firstReason is the first line that carries a code.
func firstReason(text string) string {
	for _, line := range strings.Split(text, "\n") {
		if statusOf("", line) != "" {
			return line
		}
	}
	return ""
}

// quotedID finds the id of a message given back inside the text.
func quotedID(text string) string {
	if found := inText.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}
