package letter_test

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"net/textproto"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"peregrine/internal/letter"
)

// headers a message may have; one that is not here was smuggled in.
var expected = []string{
	"Auto-Submitted", "Content-Type", "Date", "From", "In-Reply-To", "List-Unsubscribe", "List-Unsubscribe-Post", "Message-Id",
	"Mime-Version", "Precedence", "References", "Reply-To", "Subject", "To", "X-Auto-Response-Suppress",
}

// What a person can have typed somewhere never becomes part of a header, of
// the envelope or of another part of the message: the standard library's
// parser, which shares nothing with the writer, finds exactly what was given.
func FuzzMessage(f *testing.F) {
	f.Add("Jana Nováková", "jana@example.org", "Nabídka místa", "Dobrý den\n", "<p>Dobrý den</p>", "office@example.edu", "https://example.edu/stop/1")
	f.Add("Eve\r\nBcc: a@evil.example", "a@example.org\r\nRCPT TO:<b@example.org>", "Hi\r\n\r\nbody", "x\r\n.\r\nMAIL FROM:<a@b.c>\r\n", "--b\r\n", "x\ny", "https://x/\r\nX-Evil: 1")
	f.Add("\u202eמִכְתָּב \u2066محمد\u2069", "žofie@příklad.cz", strings.Repeat("🐎", 300), strings.Repeat("a", 3000), "", "", "")
	f.Add(`"quoted" <b@example.org>, c@example.org`, `"a b"@example.org`, "=?utf-8?q?=0d=0aBcc:_x?=", "\x00\x01\x7f", "\u2028\u2029\u0085", "", "http://example.edu/stop")
	f.Add(strings.Repeat("Nováková ", 200), "a@"+strings.Repeat("b", 63)+".example", strings.Repeat("word ", 400), "From me\n>From you\n", "\xff\xfe", "a@b", "")
	f.Fuzz(func(t *testing.T, name, address, subject, plain, html, reply, leave string) {
		m := message(1)
		m.To = mail.Address{Name: name, Address: address}
		m.From.Name = name
		m.Text = letter.Text{Subject: subject, Plain: plain, HTML: html}
		m.InReplyTo, m.References = "first@example.edu", []string{"first@example.edu"}
		m.ListUnsubscribe = leave
		if reply != "" {
			m.ReplyTo = &mail.Address{Name: name, Address: reply}
		}
		raw, err := m.Wire(nil)
		if err != nil {
			return // refused: nothing goes out
		}
		parsed, err := mail.ReadMessage(bytes.NewReader(raw))
		if err != nil {
			t.Fatalf("no message: %v\n%q", err, raw)
		}
		checkHeaders(t, m, parsed.Header)
		checkLines(t, raw)
		checkParts(t, parsed)
	})
}

func checkHeaders(t *testing.T, m letter.Message, h mail.Header) {
	t.Helper()
	for key, values := range h {
		if !slices.Contains(expected, key) || len(values) != 1 {
			t.Errorf("%d times %s: %q", len(values), key, values)
		}
	}
	for key, want := range map[string]string{"From": m.From.Address, "To": m.To.Address} {
		list, err := h.AddressList(key)
		if err != nil || len(list) != 1 {
			t.Fatalf("%s: %q, %v", key, h.Get(key), err)
		}
		if local, _, _ := strings.Cut(list[0].Address, "@"); key == "From" && list[0].Address != want || !strings.HasPrefix(want, local+"@") {
			t.Errorf("%s is %q, want %q", key, list[0].Address, want)
		}
		if strings.ContainsFunc(list[0].Name, unicode.IsControl) {
			t.Errorf("%s has control characters: %q", key, list[0].Name)
		}
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(h.Get("Subject"))
	if err != nil {
		t.Fatalf("subject %q: %v", h.Get("Subject"), err)
	}
	if strings.ContainsFunc(subject, unicode.IsControl) {
		t.Errorf("the subject has control characters: %q", subject)
	}
	if utf8.ValidString(m.Text.Subject) && squeezed(subject) != squeezed(m.Text.Subject) {
		t.Errorf("the subject is %q, want %q", subject, m.Text.Subject)
	}
}

// squeezed leaves out what making one line of a text may change.
func squeezed(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return -1
		}
		return r
	}, s)
}

// checkLines holds the message to what a mail server must take: every line
// ends in CR LF, none is longer than 998 bytes, headers are ASCII but for
// addresses.
func checkLines(t *testing.T, raw []byte) {
	t.Helper()
	for line := range bytes.SplitSeq(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsAny(line, "\r\n\x00") {
			t.Errorf("a line of %d bytes: %.200q", len(line), line)
		}
	}
}

func checkParts(t *testing.T, m *mail.Message) {
	t.Helper()
	kind, parameters, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/alternative" {
		t.Fatalf("%s, %v", kind, err)
	}
	parts, kinds := multipart.NewReader(m.Body, parameters["boundary"]), []string{}
	for {
		p, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		kind, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		kinds = append(kinds, kind)
		if _, err := io.ReadAll(quotedprintable.NewReader(p)); err != nil && p.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
			t.Errorf("%s: %v", kind, err)
		}
	}
	if !slices.Equal(kinds, []string{"text/plain", "text/html"}) {
		t.Errorf("parts %v", kinds)
	}
}

// No two headers of one name: some readers show the first, some the last.
func TestHeadersAreThereOnce(t *testing.T) {
	t.Parallel()
	m := message(1)
	m.ListUnsubscribe = "https://peregrine.example.edu/stop/1"
	m.InReplyTo, m.References = "first@example.edu", []string{"first@example.edu"}
	raw, err := m.Wire(nil)
	if err != nil {
		t.Fatal(err)
	}
	h, err := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw))).ReadMIMEHeader()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range expected {
		if want := map[bool]int{true: 0, false: 1}[key == "Reply-To" || key == "Precedence"]; len(h[key]) != want {
			t.Errorf("%d times %s", len(h[key]), key)
		}
	}
}
