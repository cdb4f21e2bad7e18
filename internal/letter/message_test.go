package letter_test

import (
	"strings"
	"testing"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
)

func TestAddressesBeyondASCII(t *testing.T) {
	t.Parallel()
	able, unable := setup(t, catcher.Options{}), setup(t, catcher.Options{NoSMTPUTF8: true})
	m := message(1)
	m.To.Address = "žofie@příklad.cz"
	if r := able.send(t, m); r.Outcome != letter.Sent {
		t.Errorf("%+v", r)
	}
	if got := able.Mails(catcher.Filter{To: "žofie@xn--pklad-zsa96e.cz"}); len(got) != 1 {
		t.Errorf("envelope %v", able.Mails(catcher.Filter{})[0].To)
	}
	if r := unable.send(t, m); r.Outcome != letter.Permanent || !strings.Contains(r.Response, "ASCII") {
		t.Errorf("%+v", r)
	}
	m.To.Address = "zofie@příklad.cz" // only the domain: any relay can
	if r := unable.send(t, m); r.Outcome != letter.Sent {
		t.Errorf("%+v", r)
	}
}

func TestNothingCanBeSmuggledIntoHeaders(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{})
	m := message(1)
	m.Text.Subject = "Hello\r\nBcc: a@evil.example\n\nbody"
	m.To.Name = "Eve\r\nX-Evil: yes"
	m.From.Name = "Office\nX-Evil: yes"
	if r := w.send(t, m); r.Outcome != letter.Sent {
		t.Fatalf("%+v", r)
	}
	got := w.Mails(catcher.Filter{})[0]
	if got.Header.Get("Bcc") != "" || got.Header.Get("X-Evil") != "" || len(got.To) != 1 || got.Text != m.Text.Plain {
		t.Errorf("smuggled: %s", got.Raw)
	}
	for _, bad := range []func(*letter.Message){
		func(m *letter.Message) { m.To.Address = "a@example.org\r\nRCPT TO:<b@example.org>" },
		func(m *letter.Message) { m.To.Address = "a@example.org, b@example.org" },
		func(m *letter.Message) { m.To.Address = "" },
		func(m *letter.Message) { m.From.Address = "nobody" },
		func(m *letter.Message) { m.MessageID = "x@y>\r\nX-Evil: yes" },
		func(m *letter.Message) { m.InReplyTo = "x" },
		func(m *letter.Message) { m.References = []string{"a@b c@d"} },
		func(m *letter.Message) { m.ListUnsubscribe = "https://x\r\nX-Evil: yes" },
	} {
		m := message(2)
		bad(&m)
		if r := w.send(t, m); r.Outcome != letter.Permanent || r.Response == "" {
			t.Errorf("%+v let through: %+v", m, r)
		}
	}
	if n := w.Counts().Mails; n != 1 {
		t.Errorf("%d mails", n)
	}
}

func TestParseRelay(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]letter.Relay{
		"smtp://mail.example.edu":                            {Host: "mail.example.edu", Port: 587, Security: letter.StartTLS, Connections: 4},
		"smtp://u:p%40ss@mail.example.edu:2525?tls=required": {Host: "mail.example.edu", Port: 2525, User: "u", Password: "p@ss", Security: letter.StartTLS, Connections: 4},
		"smtp://127.0.0.1:1025?tls=none&connections=16":      {Host: "127.0.0.1", Port: 1025, Security: letter.PlainText, Connections: 16},
		"smtps://mail.example.edu":                           {Host: "mail.example.edu", Port: 465, Security: letter.ImplicitTLS, Connections: 4},
		"smtp://u:secret@mail.example.edu?tls=none":          {},
		"smtp://u:secret@mail.example.edu?tls=perhaps":       {},
		"smtp://u:secret@mail.example.edu?conections=4":      {},
		"smtp://u:secret@mail.example.edu?connections=0":     {},
		"smtp://u:secret@mail.example.edu:99999":             {},
		"smtps://u:secret@mail.example.edu?tls=none":         {},
		"http://u:secret@mail.example.edu":                   {},
		"u:secret@mail.example.edu":                          {},
		"smtp://u:secret@mail.example.edu:587/path":          {},
		"smtp://u:secret%zz@mail.example.edu":                {},
		"":                                                   {},
	} {
		got, err := letter.ParseRelay(address)
		if (err == nil) != (want.Host != "") {
			t.Errorf("%s: %v", address, err)
		}
		if err != nil {
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the password is in %q", err)
			}
			continue
		}
		got.Dial, got.Whole, got.Idle = 0, 0, 0
		if got != want {
			t.Errorf("%s: %+v, want %+v", address, got, want)
		}
	}
}
