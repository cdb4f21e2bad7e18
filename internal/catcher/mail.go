package catcher

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Mail is one caught message, taken apart.
type Mail struct {
	ID   int // from 1, in the order of arrival
	At   time.Time
	From string   // of the envelope
	To   []string // of the envelope

	Header     mail.Header
	MessageID  string // without angle brackets
	InReplyTo  string
	References []string
	Subject    string // decoded
	Text       string // the plain part
	HTML       string
	Links      []string // of the HTML part, in order; web addresses only
	Raw        []byte
}

type envelope struct {
	ID   int
	At   time.Time
	From string
	To   []string
}

func (m Mail) sentTo(address string) bool {
	for _, to := range m.To {
		if strings.EqualFold(to, address) {
			return true
		}
	}
	return false
}

// Link returns the first link whose address contains part, "" if none does.
func (m Mail) Link(part string) string {
	for _, l := range m.Links {
		if strings.Contains(l, part) {
			return l
		}
	}
	return ""
}

// read takes a message apart as far as it can be; what cannot be read stays
// empty, and Raw has it all.
func read(e envelope, raw []byte) Mail {
	m := Mail{ID: e.ID, At: e.At, From: e.From, To: e.To, Raw: raw}
	msg, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		return m
	}
	m.Header = msg.Header
	m.MessageID = bare(msg.Header.Get("Message-Id"))
	m.InReplyTo = bare(msg.Header.Get("In-Reply-To"))
	for _, id := range strings.Fields(msg.Header.Get("References")) {
		m.References = append(m.References, bare(id))
	}
	m.Subject = decoded(msg.Header.Get("Subject"))
	m.part(msg.Header.Get("Content-Type"), msg.Header.Get("Content-Transfer-Encoding"), msg.Body)
	m.Links = links(m.HTML)
	return m
}

func bare(id string) string { return strings.Trim(strings.TrimSpace(id), "<>") }

func decoded(s string) string {
	if d, err := new(mime.WordDecoder).DecodeHeader(s); err == nil {
		return d
	}
	return s
}

func (m *Mail) part(contentType, encoding string, body io.Reader) {
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		kind = "text/plain"
	}
	if strings.HasPrefix(kind, "multipart/") {
		parts := multipart.NewReader(body, params["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err != nil {
				return
			}
			m.part(p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return
	}
	s := strings.ReplaceAll(string(text), "\r\n", "\n")
	switch {
	case kind == "text/plain" && m.Text == "":
		m.Text = s
	case kind == "text/html" && m.HTML == "":
		m.HTML = s
	}
}

func links(page string) []string {
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		return nil
	}
	var out []string
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if a.Key == "href" && strings.HasPrefix(a.Val, "http") {
				out = append(out, a.Val)
			}
		}
	}
	return out
}
