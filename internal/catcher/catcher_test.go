package catcher_test

import (
	"context"
	"fmt"
	"net/smtp"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peregrine/internal/catcher"
)

func start(t *testing.T, o catcher.Options) *catcher.Catcher {
	t.Helper()
	c, err := catcher.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

const raw = "From: office@example.edu\r\nTo: %[1]s\r\nSubject: =?utf-8?q?Nab=C3=ADdka?= %[2]d\r\nMessage-ID: <m%[2]d@example.edu>\r\n" +
	"In-Reply-To: <m0@example.edu>\r\nReferences: <m0@example.edu>\r\n <m1@example.edu>\r\n" +
	"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n" +
	"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nDobr=C3=BD den\r\n" +
	"--b\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
	"PGEgaHJlZj0iaHR0cHM6Ly9leGFtcGxlLmVkdS94P2E9MSZhbXA7Yj0yIj54PC9hPg==\r\n--b--\r\n"

// deliver sends with the standard library's client, which shares nothing with
// the sender the catcher is used for.
func deliver(c *catcher.Catcher, to string, n int) error {
	return smtp.SendMail(c.Addr(), nil, "office@example.edu", []string{to}, fmt.Appendf(nil, raw, to, n))
}

func TestMailsAreTakenApart(t *testing.T) {
	t.Parallel()
	c := start(t, catcher.Options{})
	if err := deliver(c, "Jana@example.org", 1); err != nil {
		t.Fatal(err)
	}
	m, ok := c.Mail(1)
	if !ok || m.Subject != "Nabídka 1" || m.MessageID != "m1@example.edu" || m.InReplyTo != "m0@example.edu" || len(m.References) != 2 {
		t.Errorf("%+v", m)
	}
	if m.Text != "Dobrý den" || !strings.HasPrefix(m.HTML, "<a href") || m.Link("/x") != "https://example.edu/x?a=1&b=2" {
		t.Errorf("%q %q %v", m.Text, m.HTML, m.Links)
	}
	for f, want := range map[catcher.Filter]int{
		{}: 1, {To: "jana@EXAMPLE.org"}: 1, {To: "jan@example.org"}: 0,
		{Subject: "Nabídka"}: 1, {MessageID: "m2@example.edu"}: 0, {After: 1}: 0,
	} {
		if got := len(c.Mails(f)); got != want {
			t.Errorf("%+v chooses %d, want %d", f, got, want)
		}
	}
}

func TestFolderKeepsMailsOverRestarts(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	first := start(t, catcher.Options{Dir: dir})
	for n := range 3 {
		if err := deliver(first, "jana@example.org", n); err != nil {
			t.Fatal(err)
		}
	}
	before := first.Mails(catcher.Filter{})
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, catcher.Options{Dir: dir})
	after := second.Mails(catcher.Filter{})
	if len(after) != 3 || after[2].Subject != before[2].Subject || !after[2].At.Equal(before[2].At) || after[2].To[0] != "jana@example.org" {
		t.Errorf("%+v", after)
	}
	if err := deliver(second, "jana@example.org", 4); err != nil {
		t.Fatal(err)
	}
	if m, ok := second.Mail(4); !ok || m.MessageID != "m4@example.edu" {
		t.Errorf("%+v", m)
	}
	if err := second.Clear(); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 || len(second.Mails(catcher.Filter{})) != 0 {
		t.Errorf("left %v, %v", left, err)
	}
}

func TestFullFolderIsTemporary(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "mail")
	c := start(t, catcher.Options{Dir: dir})
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := deliver(c, "jana@example.org", 1); err == nil || !strings.HasPrefix(err.Error(), "452") {
		t.Errorf("%v", err)
	}
	if n := len(c.Mails(catcher.Filter{})); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestWait(t *testing.T) {
	t.Parallel()
	c := start(t, catcher.Options{})
	got := make(chan catcher.Mail, 1)
	failed := make(chan error, 1)
	go func() {
		m, err := c.Wait(t.Context(), catcher.Filter{MessageID: "m2@example.edu"}.Match)
		got <- m
		failed <- err
	}()
	for n := range 3 {
		if err := deliver(c, "jana@example.org", n); err != nil {
			t.Fatal(err)
		}
	}
	if m, err := <-got, <-failed; err != nil || m.ID != 3 {
		t.Errorf("%d, %v", m.ID, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := c.Wait(ctx, catcher.Filter{To: "nobody@example.org"}.Match); err == nil || !strings.Contains(err.Error(), "Nabídka 2") {
		t.Errorf("%v", err)
	}
}

func TestListensOnLoopbackOnly(t *testing.T) {
	t.Parallel()
	for _, addr := range []string{"0.0.0.0:0", ":0", "192.0.2.1:0", "example.org:25", "nonsense"} {
		if c, err := catcher.Start(catcher.Options{Addr: addr}); err == nil {
			t.Errorf("listens on %s", addr)
			_ = c.Close()
		}
	}
}

func TestTakenPortIsSaid(t *testing.T) {
	t.Parallel()
	c := start(t, catcher.Options{})
	if _, err := catcher.Start(catcher.Options{Addr: c.Addr()}); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("%v", err)
	}
}
