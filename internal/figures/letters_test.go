package figures

import (
	"cmp"
	"fmt"
	"net/mail"
	"net/smtp"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"peregrine/internal/catcher"
	"peregrine/internal/letter"
)

const wires = 16 // connections to the mail server

// BenchmarkLetters sends over 16 connections to a sink that takes 10 ms a
// letter, and to one that takes no time, in turn with Postfix's smtp-source
// and with a bare SMTP loop.
func BenchmarkLetters(b *testing.B) {
	kept, err := catcher.Start(catcher.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = kept.Close() })
	raw := oneRaw(b, kept)
	for _, sink := range []struct {
		delay time.Duration
		count int
		goal  string
	}{{10 * time.Millisecond, 3200, "0.8"}, {0, 8000, ""}} {
		c := newSink(b, sink.delay)
		var ours, bare, source []float64
		missing := ""
		for range runs {
			ours = append(ours, sent(b, c, sink.count))
			bare = append(bare, sentBare(b, c, raw, sink.count))
			rate, why := sourceRate(b, c, sink.count)
			source, missing = append(source, rate), why
		}
		what := fmt.Sprintf("letters to a sink of %s, %d connections", sink.delay, wires)
		report(perSecond(what, median(ours), cmp.Or(missing, "smtp-source"), median(source), sink.goal))
		report(perSecond("", median(ours), "bare SMTP loop", median(bare), ""))
	}
}

// sent sends so many letters as the product does and returns how many a
// second went.
func sent(b *testing.B, c *catcher.Catcher, count int) float64 {
	relay, err := letter.ParseRelay(fmt.Sprint(c.URL(), "&connections=", wires))
	if err != nil {
		b.Fatal(err)
	}
	sender := letter.NewSMTP(relay)
	defer sender.Close()
	return spread(b, count, func(numbers []int) error {
		for _, n := range numbers {
			if r, err := sender.Send(b.Context(), message(n)); err != nil || r.Outcome != letter.Sent {
				return fmt.Errorf("%+v: %w", r, err)
			}
		}
		return nil
	})
}

// sentBare hands over the same bytes as often, composing nothing.
func sentBare(b *testing.B, c *catcher.Catcher, raw []byte, count int) float64 {
	return spread(b, count, func(numbers []int) error {
		client, err := smtp.Dial(c.Addr())
		if err != nil {
			return err
		}
		for _, n := range numbers {
			if err := hand(client, message(n), raw); err != nil {
				return err
			}
		}
		return client.Quit()
	})
}

func hand(client *smtp.Client, m letter.Message, raw []byte) error {
	if err := client.Mail(m.From.Address); err != nil {
		return err
	}
	if err := client.Rcpt(m.To.Address); err != nil {
		return err
	}
	w, err := client.Data()
	if err != nil {
		return err
	}
	if _, err := w.Write(raw); err != nil {
		return err
	}
	return w.Close()
}

// spread gives each connection its part of the letters and returns how many
// a second went.
func spread(b *testing.B, count int, send func(numbers []int) error) float64 {
	b.Helper()
	parts := make([][]int, wires)
	for n := range count {
		parts[n%wires] = append(parts[n%wires], n)
	}
	start := time.Now()
	var group errgroup.Group
	for _, part := range parts {
		group.Go(func() error { return send(part) })
	}
	if err := group.Wait(); err != nil {
		b.Fatal(err)
	}
	return float64(count) / time.Since(start).Seconds()
}

// oneRaw is a letter as it came over the wire.
func oneRaw(b *testing.B, c *catcher.Catcher) []byte {
	b.Helper()
	sent(b, c, 1)
	mails := c.Mails(catcher.Filter{})
	if len(mails) != 1 {
		b.Fatalf("%d letters arrived", len(mails))
	}
	return mails[0].Raw
}

func message(n int) letter.Message {
	return letter.Message{
		From: mail.Address{Name: "Zahraniční oddělení", Address: "mobility@example.edu"},
		To:   mail.Address{Name: "Jana Nováková", Address: fmt.Sprintf("jana%d@example.org", n)},
		Text: letter.Text{
			Subject: "Nabídka místa v Helsinkách", Plain: "Dobrý den,\n\nnabízíme vám místo.\n",
			HTML: `<p lang="cs">Dobrý den,</p><p>nabízíme vám místo, <a href="https://peregrine.example.edu/x">potvrďte je</a>.</p>`,
		},
		MessageID: fmt.Sprintf("letter-%d@peregrine.example.edu", n),
	}
}
