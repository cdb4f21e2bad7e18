package letter

import (
	"fmt"
	netmail "net/mail"
	"net/url"
	"regexp"
	"strings"

	mail "github.com/wneessen/go-mail"
	"golang.org/x/net/idna"
)

var messageID = regexp.MustCompile(`^[A-Za-z0-9._+=-]+@[A-Za-z0-9.-]+$`)

// How long an address may be at most, by the standard.
const (
	maxLocal   = 64
	maxAddress = 254
)

var domains = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// build makes the message that goes over the wire, or says why it cannot.
func (m Message) build() (*mail.Msg, error) {
	if !messageID.MatchString(m.MessageID) {
		return nil, fmt.Errorf("%q is no message id", m.MessageID)
	}
	msg := mail.NewMsg(mail.WithNoDefaultUserAgent())
	if err := m.addresses(msg); err != nil {
		return nil, err
	}
	if err := m.thread(msg); err != nil {
		return nil, err
	}
	msg.Subject(inline(m.Text.Subject))
	// Nobody's absence notice shall answer, and no list server shall pass it on.
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetGenHeader(mail.HeaderXAutoResponseSuppress, "All")
	if m.Bulk {
		msg.SetGenHeader(mail.HeaderPrecedence, "bulk")
	}
	if m.ListUnsubscribe != "" {
		if err := unsubscribe(msg, m.ListUnsubscribe); err != nil {
			return nil, err
		}
	}
	msg.SetBodyString(mail.TypeTextPlain, m.Text.Plain)
	msg.AddAlternativeString(mail.TypeTextHTML, m.Text.HTML)
	return msg, nil
}

// unsubscribe offers one click where the standard allows it: over https.
func unsubscribe(msg *mail.Msg, address string) error {
	if strings.HasPrefix(address, "https:") {
		return msg.SetListUnsubscribeOneClick(address)
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("%q is no address to unsubscribe at", address)
	}
	msg.SetListUnsubscribe(u.String())
	return nil
}

// needsUTF8 reports whether the relay must take addresses outside ASCII.
func (m Message) needsUTF8() bool { return !ascii(m.From.Address) || !ascii(m.To.Address) }

func (m Message) addresses(msg *mail.Msg) error {
	from, err := cleanAddress(m.From)
	if err != nil {
		return fmt.Errorf("sender: %w", err)
	}
	to, err := cleanAddress(m.To)
	if err != nil {
		return fmt.Errorf("recipient: %w", err)
	}
	msg.FromMailAddress(from)
	msg.ToMailAddress(to)
	if m.ReplyTo != nil {
		reply, err := cleanAddress(*m.ReplyTo)
		if err != nil {
			return fmt.Errorf("reply address: %w", err)
		}
		msg.ReplyToMailAddress(reply)
	}
	return nil
}

func (m Message) thread(msg *mail.Msg) error {
	msg.SetMessageIDWithValue(m.MessageID)
	if m.InReplyTo != "" {
		if !messageID.MatchString(m.InReplyTo) {
			return fmt.Errorf("%q is no message id", m.InReplyTo)
		}
		msg.SetGenHeader(mail.HeaderInReplyTo, "<"+m.InReplyTo+">")
	}
	var references []string
	for _, id := range m.References {
		if !messageID.MatchString(id) {
			return fmt.Errorf("%q is no message id", id)
		}
		references = append(references, "<"+id+">")
	}
	if len(references) > 0 {
		msg.SetGenHeader(mail.HeaderReferences, strings.Join(references, " "))
	}
	return nil
}

// cleanAddress refuses what is no address, makes one line of the name, and
// writes the domain in ASCII, so that only a local part outside ASCII asks the
// relay for more.
func cleanAddress(a netmail.Address) (*netmail.Address, error) {
	parsed, err := netmail.ParseAddress(a.Address)
	if err != nil || parsed.Address != a.Address || inline(a.Address) != a.Address {
		return nil, fmt.Errorf("%q is no mail address", a.Address)
	}
	local, domain := cutLast(a.Address)
	if domain, err = domains.ToASCII(domain); err != nil {
		return nil, fmt.Errorf("%q is no mail address: %w", a.Address, err)
	}
	if len(local) > maxLocal || len(local)+1+len(domain) > maxAddress {
		return nil, fmt.Errorf("%q is too long for a mail address", a.Address)
	}
	return &netmail.Address{Name: inline(a.Name), Address: local + "@" + domain}, nil
}

func cutLast(address string) (local, domain string) {
	i := strings.LastIndexByte(address, '@')
	if i < 0 {
		return address, ""
	}
	return address[:i], address[i+1:]
}

// ascii reports whether the local part of an address is ASCII.
func ascii(address string) bool {
	local, _ := cutLast(address)
	for _, r := range local {
		if r >= 0x80 {
			return false
		}
	}
	return true
}
