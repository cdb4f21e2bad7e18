package bounce

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strings"
)

// Kind is what a mail that was read turned out to be.
type Kind string

// The kinds. Only failures and delays say something about a letter.
const (
	Failure   Kind = "failure"    // somebody will not get it
	Delay     Kind = "delay"      // it is still being tried
	Delivered Kind = "delivered"  // a receipt
	AutoReply Kind = "auto_reply" // somebody's absence notice
	Other     Kind = "other"      // anything else
)

// MostBytes is how much of a mail is read; a report says what it has to say
// well before.
const MostBytes = 1 << 20

// Report is what a mail says about messages sent before.
type Report struct {
	Fingerprint string // the same for the same mail read twice
	Kind        Kind
	Recipients  []Recipient // of a failure or delay; empty if the mail does not say
	MessageIDs  []string    // of the message it is about, the most certain first, without brackets
}

// Recipient is one address a report speaks of.
type Recipient struct {
	Addresses  []string // as it was given and as it was resolved
	Kind       Kind     // Failure, Delay or Delivered
	Status     string   // enhanced status code of RFC 3463: 5.1.1
	Diagnostic string   // the server's words, one line
	MTA        string   // the server that said so
}

// Permanent reports whether trying the address again is of no use.
func (r Recipient) Permanent() bool { return r.Kind == Failure && strings.HasPrefix(r.Status, "5") }

// Is reports whether the recipient is that address.
func (r Recipient) Is(address string) bool {
	return slices.ContainsFunc(r.Addresses, func(a string) bool { return Same(a, address) })
}

// Read reads one mail. A mail that is no report, and what is no mail, is no
// error: its kind says so. Errors are those of the reader.
func Read(from io.Reader) (Report, error) {
	raw, err := io.ReadAll(io.LimitReader(from, MostBytes))
	if err != nil {
		return Report{}, err
	}
	m := parse(withoutEnvelope(raw))
	r := m.report()
	r.Fingerprint = m.fingerprint()
	return r, nil
}

// fingerprint leaves out the header but for the mail's own id: what stations
// on its way write there differs between two copies.
func (m message) fingerprint() string {
	h := sha256.New()
	h.Write([]byte(m.head.first("message-id") + "\n"))
	h.Write(bytes.ReplaceAll(bytes.TrimSpace(m.body), []byte("\r\n"), []byte("\n")))
	return hex.EncodeToString(h.Sum(nil))
}

// report says what the mail is. The order matters: a report by its form, then
// an absence notice by its marks, then a server's own words.
func (m message) report() Report {
	var r Report
	switch {
	case m.kind == "multipart/report" && m.params["report-type"] != "" && !strings.EqualFold(m.params["report-type"], "delivery-status"):
		return Report{Kind: Other} // a read receipt, a complaint
	case m.has("message/delivery-status") || m.has("message/global-delivery-status"):
		r = m.standard()
	case m.autoReply():
		return Report{Kind: AutoReply}
	case m.fromServer():
		r = m.plain()
	default:
		return Report{Kind: Other}
	}
	r.Kind = worst(r.Recipients)
	r.MessageIDs = m.about()
	return r
}

// worst is what the report amounts to.
func worst(all []Recipient) Kind {
	for _, kind := range []Kind{Failure, Delay, Delivered} {
		if slices.ContainsFunc(all, func(r Recipient) bool { return r.Kind == kind }) {
			return kind
		}
	}
	return Other
}

// mostIDs bounds how many messages a mail may be thought to be about.
const mostIDs = 12

// about lists the ids of the message the report may be about: the returned
// one's own, then what the report answers.
func (m message) about() []string {
	var out []string
	add := func(field string) {
		for _, id := range messageIDs(field) {
			if len(out) < mostIDs && !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	for _, p := range m.all() {
		switch p.kind {
		case "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers":
			head, _ := split(p.body)
			add(head.first("message-id"))
		}
	}
	for _, p := range m.all() {
		if p.kind == "text/plain" {
			add(quotedID(p.text()))
		}
	}
	add(m.head.first("in-reply-to"))
	add(m.head.first("references"))
	return out
}
