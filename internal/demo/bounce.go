package demo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"peregrine/internal/catcher"
)

// NobodyThere ends every address in the demo that nobody has: mail to it comes
// back, so that what an office does about that can be seen. A few have a
// reason of their own, by how they begin.
const NobodyThere = "@bounce.example"

// answers are what the server of those addresses says.
var answers = []struct{ begins, status, words string }{
	{"full", "5.2.2", "552 5.2.2 mailbox full, quota exceeded"},
	{"refused", "5.7.1", "550 5.7.1 not accepted for reasons of policy"},
	{"", "5.1.1", "550 5.1.1 user unknown"},
}

// Bounces is the mailbox to which mail comes back, as it is configured.
func (g *Ground) Bounces() string { return "maildir://" + filepath.ToSlash(g.path(bouncesName)) }

// ReturnMail sends back every mail to an address nobody has, until ctx ends. A
// mail returned by an earlier run comes back in the same words and counts once.
func (g *Ground) ReturnMail(ctx context.Context) error {
	for _, dir := range []string{"tmp", "new", "cur"} {
		if err := os.MkdirAll(filepath.Join(g.path(bouncesName), dir), 0o700); err != nil {
			return fmt.Errorf("folder of returned mail: %w", err)
		}
	}
	seen := 0
	for {
		m, err := g.Mail.Wait(ctx, func(m catcher.Mail) bool { return m.ID > seen && nobody(m) != "" })
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		seen = m.ID
		name := fmt.Sprintf("%08d.demo", m.ID)
		written := filepath.Join(g.path(bouncesName), "tmp", name)
		if err := os.WriteFile(written, report(m), 0o600); err != nil {
			return fmt.Errorf("return a mail: %w", err)
		}
		if err := os.Rename(written, filepath.Join(g.path(bouncesName), "new", name)); err != nil {
			return fmt.Errorf("return a mail: %w", err)
		}
	}
}

// nobody is the first recipient of a mail that nobody is.
func nobody(m catcher.Mail) string {
	for _, to := range m.To {
		if strings.HasSuffix(strings.ToLower(to), NobodyThere) {
			return to
		}
	}
	return ""
}

// report is what the server that took the mail writes.
func report(m catcher.Mail) []byte {
	to := nobody(m)
	at := 0
	for !strings.HasPrefix(strings.ToLower(to), answers[at].begins) {
		at++
	}
	text := fmt.Sprintf(`Return-Path: <>
From: MAILER-DAEMON@catcher.localhost (Mail Delivery System)
To: %[1]s
Subject: Undelivered Mail Returned to Sender
Message-ID: <returned.%[2]d.%[3]s>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="returned"

--returned
Content-Type: text/plain; charset=utf-8

<%[4]s>: host mx.bounce.example said: %[6]s

--returned
Content-Type: message/delivery-status

Reporting-MTA: dns; catcher.localhost

Final-Recipient: rfc822; %[4]s
Action: failed
Status: %[5]s
Remote-MTA: dns; mx.bounce.example
Diagnostic-Code: smtp; %[6]s

--returned
Content-Type: text/rfc822-headers

Message-ID: <%[3]s>
To: %[4]s
--returned--
`, m.From, m.ID, m.MessageID, to, answers[at].status, answers[at].words)
	return []byte(strings.ReplaceAll(text, "\n", "\r\n"))
}
