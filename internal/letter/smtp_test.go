package letter_test

import (
	"context"
	"fmt"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
)

// world is a catcher and a sender to it.
type world struct {
	*catcher.Catcher
	sender *letter.SMTP
}

func setup(t *testing.T, o catcher.Options, adjust ...func(*letter.Relay)) world {
	t.Helper()
	c, err := catcher.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	relay, err := letter.ParseRelay(c.URL())
	if err != nil {
		t.Fatal(err)
	}
	relay.TLS = c.TLS()
	relay.Whole = 5 * time.Second
	for _, f := range adjust {
		f(&relay)
	}
	w := world{c, letter.NewSMTP(relay)}
	t.Cleanup(func() {
		w.sender.Close()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func hasty(r *letter.Relay) { r.Whole = 500 * time.Millisecond }

func message(n int) letter.Message {
	return letter.Message{
		From:      mail.Address{Name: "Zahraniční oddělení", Address: "mobility@example.edu"},
		To:        mail.Address{Name: "Jana Nováková", Address: fmt.Sprintf("jana%d@example.org", n)},
		Text:      letter.Text{Subject: "Příliš žluťoučký kůň", Plain: "Dobrý den,\n.\n..tečky\n", HTML: `<p lang="cs">Dobrý den <a href="https://peregrine.example.edu/x">ano</a></p>`},
		MessageID: fmt.Sprintf("letter-%d@peregrine.example.edu", n),
	}
}

func (w world) send(t *testing.T, m letter.Message) letter.Result {
	t.Helper()
	result, err := w.sender.Send(t.Context(), m)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestSendArrivesWhole(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{})
	m := message(1)
	m.ReplyTo = &mail.Address{Address: "office@example.edu"}
	m.InReplyTo = "first@peregrine.example.edu"
	m.References = []string{"first@peregrine.example.edu", "second@peregrine.example.edu"}
	m.ListUnsubscribe = "https://peregrine.example.edu/stop/1"
	if r := w.send(t, m); r.Outcome != letter.Sent || r.Code != 250 {
		t.Fatalf("%+v", r)
	}
	got, err := w.Wait(t.Context(), catcher.Filter{MessageID: m.MessageID}.Match)
	if err != nil {
		t.Fatal(err)
	}
	if got.Subject != m.Text.Subject || got.Text != m.Text.Plain || strings.TrimSpace(got.HTML) != m.Text.HTML {
		t.Errorf("arrived changed: %q %q %q", got.Subject, got.Text, got.HTML)
	}
	if got.InReplyTo != m.InReplyTo || len(got.References) != 2 || got.Link("/x") == "" {
		t.Errorf("thread or links: %+v", got)
	}
	from, err := got.Header.AddressList("From")
	if err != nil || from[0].Name != m.From.Name || from[0].Address != m.From.Address {
		t.Errorf("from %v, %v", from, err)
	}
	for name, want := range map[string]string{
		"Reply-To": "<office@example.edu>", "Auto-Submitted": "auto-generated",
		"List-Unsubscribe": "<https://peregrine.example.edu/stop/1>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
	} {
		if got.Header.Get(name) != want {
			t.Errorf("%s: %q, want %q", name, got.Header.Get(name), want)
		}
	}
}

func TestEveryFaultHasItsOutcome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   catcher.Fault
		outcome letter.Delivery
		code    int
		taken   int // how many mails the server has
	}{
		"mailbox full":              {catcher.Refuse(452, "mailbox full"), letter.Temporary, 452, 0},
		"greylisted":                {catcher.Refuse(451, "come again"), letter.Temporary, 451, 0},
		"no such user":              {catcher.Refuse(550, "no such user"), letter.Permanent, 550, 0},
		"closing":                   {catcher.Refuse(421, "closing"), letter.Temporary, 421, 0},
		"disk full":                 {catcher.RefuseMessage(452, "disk full"), letter.Temporary, 452, 0},
		"taken for spam":            {catcher.RefuseMessage(554, "spam"), letter.Permanent, 554, 0},
		"dropped at recipient":      {catcher.Drop(catcher.AtRecipient, false), letter.Temporary, 0, 0},
		"dropped at data":           {catcher.Drop(catcher.AtData, false), letter.Temporary, 0, 0},
		"dropped in content":        {catcher.Drop(catcher.InContent, false), letter.Unknown, 0, 0},
		"dropped after data, lost":  {catcher.Drop(catcher.AfterData, false), letter.Unknown, 0, 0},
		"dropped after data, taken": {catcher.Drop(catcher.AfterData, true), letter.Unknown, 0, 1},
		"hangs at recipient":        {catcher.Hang(catcher.AtRecipient, false), letter.Temporary, 0, 0},
		"hangs after data, lost":    {catcher.Hang(catcher.AfterData, false), letter.Unknown, 0, 0},
		"hangs after data, taken":   {catcher.Hang(catcher.AfterData, true), letter.Unknown, 0, 1},
	} {
		for _, kept := range []bool{false, true} { // on a new connection, and on one used before
			t.Run(fmt.Sprintf("%s, kept %v", name, kept), func(t *testing.T) {
				t.Parallel()
				w := setup(t, catcher.Options{}, hasty)
				before := 0
				if kept {
					w.send(t, message(0))
					before = 1
				}
				m := message(1)
				w.FailAddress(m.To.Address, c.fault)
				r := w.send(t, m)
				if r.Outcome != c.outcome || r.Code != c.code || r.Response == "" {
					t.Errorf("%+v, want %s %d", r, c.outcome, c.code)
				}
				if strings.Contains(r.Response, m.MessageID) {
					t.Errorf("response %q", r.Response)
				}
				if got := len(w.Mails(catcher.Filter{})) - before; got != c.taken {
					t.Errorf("the server has %d mails, want %d", got, c.taken)
				}
				w.Heal()
				if r := w.send(t, message(2)); r.Outcome != letter.Sent {
					t.Errorf("afterwards: %+v", r)
				}
			})
		}
	}
}

func TestStaleConnectionIsReplacedUnnoticed(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{})
	w.send(t, message(0))
	for i, f := range []catcher.Fault{catcher.Drop(catcher.AtRecipient, false), catcher.Drop(catcher.AtData, false), catcher.Refuse(421, "enough for today")} {
		w.FailNext(1, f)
		if r := w.send(t, message(i+1)); r.Outcome != letter.Sent {
			t.Errorf("%+v: %+v", f, r)
		}
	}
	if c := w.Counts(); c.Mails != 4 || c.Connections != 4 {
		t.Errorf("%+v", c)
	}
}

func TestConnectionsAreKeptAndEnd(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{}, func(r *letter.Relay) { r.Idle = 50 * time.Millisecond })
	for i := range 20 {
		w.send(t, message(i))
	}
	if c := w.Counts(); c.Connections != 1 || c.Mails != 20 {
		t.Errorf("%+v", c)
	}
	for deadline := time.Now().Add(5 * time.Second); w.Counts().Open > 0; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the idle connection stays open")
		}
	}
	if r := w.send(t, message(30)); r.Outcome != letter.Sent {
		t.Errorf("%+v", r)
	}
}

func TestManyAtOnceUseAllConnections(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{}, func(r *letter.Relay) { r.Connections = 3 })
	w.Delay(5 * time.Millisecond)
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			if r, err := w.sender.Send(t.Context(), message(i)); err != nil || r.Outcome != letter.Sent {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	all.Wait()
	if c := w.Counts(); c.MostOpen != 3 || c.Connections != 3 || c.Mails != 60 {
		t.Errorf("%+v", c)
	}
}

func TestHangingLettersDoNotBlockSignIn(t *testing.T) {
	t.Parallel()
	w := setup(t, catcher.Options{}, func(r *letter.Relay) { r.Connections = 2 })
	w.FailAddress("jana1@example.org", catcher.Hang(catcher.AtRecipient, false))
	ctx, cancel := context.WithCancel(t.Context())
	var hanging sync.WaitGroup
	for range 2 {
		hanging.Go(func() {
			if r, err := w.sender.Send(ctx, message(1)); err != nil || r.Outcome != letter.Temporary {
				t.Errorf("%+v, %v", r, err)
			}
		})
	}
	m := message(2)
	m.Lane = letter.LaneSignIn
	if r := w.send(t, m); r.Outcome != letter.Sent {
		t.Errorf("%+v", r)
	}
	for w.Counts().Open < 3 {
		time.Sleep(time.Millisecond)
	}
	waiting, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer stop()
	if r, err := w.sender.Send(waiting, message(3)); err == nil || r.Outcome != letter.Temporary {
		t.Errorf("without a free connection: %+v, %v", r, err)
	}
	cancel()
	hanging.Wait()
}

func TestSlowLinesEndInTime(t *testing.T) {
	t.Parallel()
	slow, bearable := setup(t, catcher.Options{}, hasty), setup(t, catcher.Options{})
	slow.SlowLines(50 * time.Millisecond)
	if r := slow.send(t, message(1)); r.Outcome != letter.Temporary {
		t.Errorf("%+v", r)
	}
	bearable.SlowLines(100 * time.Microsecond)
	if r := bearable.send(t, message(2)); r.Outcome != letter.Sent {
		t.Errorf("%+v", r)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	t.Run("is used and signs in", func(t *testing.T) {
		t.Parallel()
		w := setup(t, catcher.Options{TLS: true, User: "peregrine", Password: "s3cret"})
		if r := w.send(t, message(1)); r.Outcome != letter.Sent {
			t.Errorf("%+v", r)
		}
	})
	t.Run("a certificate nobody trusts", func(t *testing.T) {
		t.Parallel()
		w := setup(t, catcher.Options{TLS: true}, func(r *letter.Relay) { r.TLS = nil })
		if r := w.send(t, message(1)); r.Outcome != letter.Temporary || !strings.Contains(r.Response, "certificate") {
			t.Errorf("%+v", r)
		}
	})
	t.Run("is refused", func(t *testing.T) {
		t.Parallel()
		w := setup(t, catcher.Options{TLS: true})
		w.RefuseTLS()
		if r := w.send(t, message(1)); r.Outcome != letter.Temporary {
			t.Errorf("%+v", r)
		}
		if c := w.Counts(); c.Mails != 0 {
			t.Errorf("%+v", c)
		}
	})
	t.Run("is not offered", func(t *testing.T) {
		t.Parallel()
		w := setup(t, catcher.Options{}, func(r *letter.Relay) { r.Security = letter.StartTLS })
		if r := w.send(t, message(1)); r.Outcome != letter.Temporary || w.Counts().Mails != 0 {
			t.Errorf("%+v", r)
		}
	})
	t.Run("wrong password is not the letter's fault", func(t *testing.T) {
		t.Parallel()
		w := setup(t, catcher.Options{TLS: true, User: "peregrine", Password: "s3cret"}, func(r *letter.Relay) { r.Password = "other" })
		r := w.send(t, message(1))
		if r.Outcome != letter.Temporary || r.Code != 535 || strings.Contains(r.Response, "other") {
			t.Errorf("%+v", r)
		}
	})
}

func TestRelayThatIsDown(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	relay, err := letter.ParseRelay("smtp://" + l.Addr().String() + "?tls=none")
	if err != nil {
		t.Fatal(err)
	}
	relay.Whole = 100 * time.Millisecond
	sender := letter.NewSMTP(relay) // the listener never answers: a relay that does not greet
	if r, err := sender.Send(t.Context(), message(1)); err != nil || r.Outcome != letter.Temporary {
		t.Errorf("%+v, %v", r, err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if r, err := sender.Send(t.Context(), message(1)); err != nil || r.Outcome != letter.Temporary {
		t.Errorf("%+v, %v", r, err)
	}
	sender.Close()
	if r, err := sender.Send(t.Context(), message(1)); err == nil || r.Outcome != letter.Temporary {
		t.Errorf("closed: %+v, %v", r, err)
	}
}
