package mailbox

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestParse(t *testing.T) {
	for _, c := range []struct{ address, shown, wrong string }{
		{address: "imaps://bounces:s3cret@mail.example.org", shown: "imaps://mail.example.org:993/INBOX"},
		{address: "imaps://bounces%40example.org:s3%2Fcret@mail.example.org/Returned/New", shown: "imaps://mail.example.org:993/Returned/New"},
		{address: "imap://b:s3cret@127.0.0.1:1143/X", shown: "imap://127.0.0.1:1143/X"},
		{address: "maildir:///var/mail/bounces/", shown: "maildir:///var/mail/bounces"},
		{address: "maildir://relative/s3cret", wrong: "whole path"},
		{address: "imaps://mail.example.org", wrong: "no user"},
		{address: "imaps://user:s3cret@", wrong: "no host"},
		{address: "pop3://user:s3cret@host", wrong: "begins with"},
		{address: "imaps://user:s3cret@host?x=1", wrong: "no ?"},
		{address: "imaps://user:s3cret@host:port%zz", wrong: "no address"},
		{address: "", wrong: "begins with"},
	} {
		source, err := Parse(c.address)
		switch {
		case c.wrong == "" && (err != nil || source.String() != c.shown):
			t.Errorf("%s: %v, %v", c.address, source, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong) || strings.Contains(err.Error(), "s3cret")):
			t.Errorf("%s: %v", c.address, err)
		case c.wrong == "" && strings.Contains(source.String(), "s3"):
			t.Errorf("%s shows its password", source)
		}
	}
}

// collected takes mails and can be told to refuse some.
type collected struct {
	mails  []string
	refuse string
}

func (c *collected) take(_ context.Context, raw []byte) error {
	if c.refuse != "" && bytes.Contains(raw, []byte(c.refuse)) {
		return errors.New("refused")
	}
	c.mails = append(c.mails, string(raw))
	return nil
}

func TestMaildir(t *testing.T) {
	folder := t.TempDir()
	for _, dir := range []string{"new", "cur", "tmp"} {
		if err := os.Mkdir(filepath.Join(folder, dir), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	leave := func(name, text string) {
		if err := os.WriteFile(filepath.Join(folder, "new", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	leave("1.a.host", "Subject: one\n\n")
	leave("2.b.host", "Subject: two\n\n")
	leave(".hidden", "no mail")
	source, err := Parse("maildir://" + folder)
	if err != nil {
		t.Fatal(err)
	}
	c := &collected{refuse: "one"}
	n, err := source.Read(t.Context(), c.take)
	if n != 1 || err == nil || len(c.mails) != 1 || !strings.Contains(c.mails[0], "two") {
		t.Fatal(n, err, c.mails)
	}
	if names(t, filepath.Join(folder, "cur")) != "2.b.host:2,S" || names(t, filepath.Join(folder, "new")) != ".hidden 1.a.host" {
		t.Error(names(t, filepath.Join(folder, "cur")), names(t, filepath.Join(folder, "new")))
	}
	c.refuse = ""
	if n, err := source.Read(t.Context(), c.take); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if n, err := source.Read(t.Context(), c.take); n != 0 || err != nil || len(c.mails) != 2 {
		t.Fatal(n, err, c.mails)
	}
	missing, _ := Parse("maildir:///nowhere/at/all")
	if _, err := missing.Read(t.Context(), c.take); err == nil {
		t.Error("a folder that is not there")
	}
}

func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}
