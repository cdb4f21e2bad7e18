package bounce_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"peregrine/internal/bounce"
)

var update = flag.Bool("update", false, "write the golden files anew")

// What is read out of each kind of server's report is kept beside it, and was
// read by a person.
func TestReadsWhatServersWrite(t *testing.T) {
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil || len(names) < 13 {
		t.Fatal(names, err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, ending := range []string{"\n", "\r\n"} {
			r, err := bounce.Read(strings.NewReader(strings.ReplaceAll(string(raw), "\n", ending)))
			if err != nil {
				t.Fatal(name, err)
			}
			checkGolden(t, strings.TrimSuffix(name, ".eml")+".golden", r)
		}
	}
}

func checkGolden(t *testing.T, name string, r bounce.Report) {
	t.Helper()
	if len(r.Fingerprint) != 64 {
		t.Errorf("%s: fingerprint %q", name, r.Fingerprint)
	}
	r.Fingerprint = ""
	shown := struct {
		bounce.Report
		Reasons []bounce.Reason
	}{Report: r}
	for _, one := range r.Recipients {
		shown.Reasons = append(shown.Reasons, bounce.ReasonOf(one.Status, one.Diagnostic))
	}
	got, err := json.MarshalIndent(shown, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(name, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil || string(want) != string(got)+"\n" {
		t.Errorf("%s: %v\n got %s\nwant %s", name, err, got, want)
	}
}

func TestReasons(t *testing.T) {
	for _, c := range []struct {
		status, words string
		want          bounce.Reason
	}{
		{"5.1.1", "", bounce.NoMailbox},
		{"5.2.2", "", bounce.Full},
		{"4.2.2", "Over quota", bounce.Full},
		{"5.7.1", "blocked by policy", bounce.Refused},
		{"5.7.26", "unauthenticated", bounce.Refused},
		{"5.4.1", "Recipient address rejected: Access denied", bounce.NoMailbox},
		{"4.4.7", "queue expired", bounce.Expired},
		{"5.0.0", "550 user unknown", bounce.NoMailbox},
		{"5.0.0", "550 no", bounce.Unclear},
		{"", "", bounce.Unclear},
		{"5.6.7", "", bounce.Content},
	} {
		if got := bounce.ReasonOf(c.status, c.words); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.status, c.words, got, c.want)
		}
	}
	if !bounce.NoMailbox.AboutAddress() || bounce.Full.AboutAddress() {
		t.Error("what speaks against an address")
	}
}

func TestSameAddress(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Jana@Example.org", "jana@example.ORG", true},
		{"jana@příklad.example", "jana@xn--pklad-zsa96e.example", true},
		{"jana@example.org", "jana@example.org.", true},
		{"jana@example.org", "jana@example.com", false},
		{"jana", "JANA", true},
	} {
		if bounce.Same(c.a, c.b) != c.want {
			t.Errorf("%s and %s", c.a, c.b)
		}
	}
}

func TestNoMailIsNoReport(t *testing.T) {
	for _, text := range []string{"", "\n\n", "just words\n", "\x00\x01"} {
		r, err := bounce.Read(strings.NewReader(text))
		if err != nil || r.Kind != bounce.Other || r.Fingerprint == "" {
			t.Errorf("%q: %+v, %v", text, r, err)
		}
	}
}

// The same report by the pipe and by the mailbox has other marks of its way.
func TestSameMailTwice(t *testing.T) {
	raw, err := os.ReadFile("testdata/qmail.eml")
	if err != nil {
		t.Fatal(err)
	}
	a, _ := bounce.Read(strings.NewReader("From MAILER-DAEMON Mon Nov 16 09:14:02 2026\n" + string(raw)))
	b, _ := bounce.Read(strings.NewReader("Received: by another\r\n" + strings.ReplaceAll(string(raw), "\n", "\r\n")))
	c, _ := bounce.Read(strings.NewReader(strings.Replace(string(raw), "lukas.p@", "lukas.q@", 1)))
	if a.Fingerprint != b.Fingerprint || a.Fingerprint == c.Fingerprint {
		t.Error(a.Fingerprint, b.Fingerprint, c.Fingerprint)
	}
}

// A report is written by anybody who can send mail: nothing it holds may stop
// the reader, and what is kept is one bounded line.
func FuzzRead(f *testing.F) {
	names, err := filepath.Glob("testdata/*.eml")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := bounce.Read(bytes.NewReader(raw))
		if err != nil {
			return
		}
		if len(r.MessageIDs) > 12 {
			t.Errorf("%d ids", len(r.MessageIDs))
		}
		for _, one := range r.Recipients {
			if len([]rune(one.Diagnostic)) > 400 || strings.ContainsAny(one.Diagnostic+one.MTA+one.Status, "\r\n\x00") {
				t.Errorf("%q", one)
			}
			if len(one.Addresses) == 0 || one.Kind == bounce.Failure && r.Kind != bounce.Failure {
				t.Errorf("%+v", r)
			}
		}
	})
}
