package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"peregrine/internal/bounce"
	"peregrine/internal/mailbox"
)

// readBouncesEvery is how often the mailbox is looked into, and oneReading how
// long one look may take.
const (
	readBouncesEvery = time.Minute
	oneReading       = 5 * time.Minute
)

// takeBounce deals with one mail that came back. An error means that it was
// not dealt with and must be offered again.
func (p *parts) takeBounce(ctx context.Context, raw []byte) error {
	report, err := bounce.Read(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	taken, err := p.process.TakeBounce(ctx, report, p.now())
	if err != nil {
		return err
	}
	level := slog.LevelInfo
	if taken.Before {
		level = slog.LevelDebug
	}
	p.logger.Log(ctx, level, "returned mail", slog.String("verdict", taken.Verdict), slog.Int("letters", len(taken.Letters)), slog.Int("sign_ins", taken.SignIns), slog.Bool("before", taken.Before))
	return nil
}

// returnedMail looks into the mailbox beside everything else, if there is one,
// until ctx ends or the function it returns is called, which waits for it.
func (p *parts) returnedMail(ctx context.Context, from mailbox.Source, every time.Duration) (stop func()) {
	if from == nil {
		return func() {}
	}
	p.logger.InfoContext(ctx, "reading returned mail", slog.String("mailbox", from.String()))
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.readBounces(ctx, from, every)
	}()
	return func() {
		cancel()
		<-done
	}
}

// readBounces looks into the mailbox until ctx ends. What cannot be read now
// stays there and is read later.
func (p *parts) readBounces(ctx context.Context, from mailbox.Source, every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		once, cancel := context.WithTimeout(ctx, oneReading)
		if _, err := from.Read(once, p.takeBounce); err != nil && ctx.Err() == nil {
			p.logger.ErrorContext(ctx, "returned mail could not be read", slog.String("mailbox", from.String()), slog.String("cause", err.Error()))
		}
		cancel()
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

type bouncesCommand struct {
	Connected
}

// Run implements the command: one mail comes on standard input, as mail
// servers hand it to a program. Whatever keeps it from being dealt with, the
// program ends with exitLater, so that no report is lost to a database that
// restarts or a setting that is wrong.
func (c *bouncesCommand) Run(ctx context.Context, p Program) error {
	if p.In == nil {
		return errors.New("a mail is expected on standard input")
	}
	raw, err := io.ReadAll(io.LimitReader(p.In, bounce.MostBytes))
	if err != nil {
		return fmt.Errorf("read the mail: %w", err)
	}
	if _, err := io.Copy(io.Discard, p.In); err != nil { // a server that cannot write it all would think it failed
		return fmt.Errorf("read the mail: %w", err)
	}
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	return errors.Join(parts.takeBounce(ctx, raw), parts.close())
}
