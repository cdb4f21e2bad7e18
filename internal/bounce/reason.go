package bounce

import (
	"slices"
	"strings"
)

// Reason is why a letter came back, for words of our own.
type Reason string

// The reasons.
const (
	NoMailbox   Reason = "no_mailbox"  // nobody has this address
	NoDomain    Reason = "no_domain"   // what stands behind the @ does not exist or takes no mail
	Malformed   Reason = "malformed"   // it is no address at all
	Moved       Reason = "moved"       // its owner is gone
	Disabled    Reason = "disabled"    // the mailbox takes nothing any more
	Full        Reason = "full"        // the mailbox is full
	TooBig      Reason = "too_big"     // the letter is too long for it
	Refused     Reason = "refused"     // the server does not want letters from us
	Content     Reason = "content"     // or not such a letter
	Unreachable Reason = "unreachable" // the server did not answer
	Expired     Reason = "expired"     // it was tried for days
	Loop        Reason = "loop"        // it went round in circles
	Unclear     Reason = "unclear"     // the server gave no reason we know
)

// Reasons lists them all.
var Reasons = []Reason{NoMailbox, NoDomain, Malformed, Moved, Disabled, Full, TooBig, Refused, Content, Unreachable, Expired, Loop, Unclear}

// byStatus has the codes of RFC 3463 and its register, without their class.
// Servers use 4.1 of class 5 for an unknown mailbox: see ReasonOf.
var byStatus = map[string]Reason{
	"1.0": NoMailbox, "1.1": NoMailbox, "1.2": NoDomain, "1.3": Malformed, "1.4": NoMailbox, "1.6": Moved, "1.8": Refused, "1.10": NoMailbox,
	"2.1": Disabled, "2.2": Full, "2.3": TooBig, "2.4": Unclear, "3.1": Full, "3.4": TooBig,
	"4.1": Unreachable, "4.2": Unreachable, "4.3": Unreachable, "4.4": NoDomain, "4.5": Unreachable, "4.6": Loop, "4.7": Expired, "4.14": Loop,
	"5.2": Refused, "5.3": Refused,
}

// bySubject has what a code's middle number says where the last says nothing.
var bySubject = map[string]Reason{"1": NoMailbox, "3": Unreachable, "4": Unreachable, "6": Content, "7": Refused}

// byWords has what servers write beside a code that says nothing.
var byWords = []struct {
	reason Reason
	words  []string
}{
	{Full, []string{"quota", "mailbox full", "mailbox is full", "over storage", "insufficient storage"}},
	{NoMailbox, []string{"user unknown", "unknown user", "no such user", "no mailbox", "does not exist", "recipient unknown", "unknown recipient", "mailbox not found", "invalid recipient", "recipient address rejected: access denied", "unrouteable address"}},
	{NoDomain, []string{"host unknown", "host not found", "domain not found", "relay not permitted", "relaying denied", "name service error", "couldn't find any host", "no mx"}},
	{Disabled, []string{"disabled", "inactive", "suspended"}},
	{Refused, []string{"spam", "blocked", "blacklist", "denylist", "policy", "not allowed", "access denied"}},
	{Unreachable, []string{"timed out", "connection refused", "no route", "greylist"}},
}

// ReasonOf says why, from the code and, where that says nothing, from the
// server's words.
func ReasonOf(status, diagnostic string) Reason {
	words := byDiagnostic(diagnostic)
	class, detail, _ := strings.Cut(status, ".")
	if status == "5.4.1" && words == NoMailbox {
		return NoMailbox
	}
	if class != "" && detail != "0.0" {
		if known, ok := byStatus[detail]; ok {
			return known
		}
	}
	if words != Unclear {
		return words
	}
	subject, _, _ := strings.Cut(detail, ".")
	if known, ok := bySubject[subject]; ok {
		return known
	}
	return Unclear
}

func byDiagnostic(diagnostic string) Reason {
	low := strings.ToLower(diagnostic)
	for _, each := range byWords {
		if slices.ContainsFunc(each.words, func(w string) bool { return strings.Contains(low, w) }) {
			return each.reason
		}
	}
	return Unclear
}

// AboutAddress reports whether the reason speaks against the address itself,
// so that another letter to it will come back as well.
func (r Reason) AboutAddress() bool {
	return slices.Contains([]Reason{NoMailbox, NoDomain, Malformed, Moved, Disabled}, r)
}
