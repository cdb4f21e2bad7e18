package app

import (
	"context"
	"log/slog"
	"time"
)

// The clocks of program and database are compared at the start and every
// hour; further apart than this, a deadline would be judged differently by
// the two (design rule 7).
const (
	clockTolerance = time.Second
	clockEvery     = time.Hour
)

// watchClock compares until ctx ends. Readiness of the web server asks anew
// each time; this leaves the line in the log of every process.
func (p *parts) watchClock(ctx context.Context) {
	tick := time.NewTicker(clockEvery)
	defer tick.Stop()
	for {
		p.compareClocks(ctx)
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

func (p *parts) compareClocks(ctx context.Context) {
	before := p.now()
	there, err := p.identity.DatabaseTime(ctx)
	after := p.now()
	if err != nil {
		p.logger.WarnContext(ctx, "the clocks could not be compared", slog.String("cause", err.Error()))
		return
	}
	if apart := max(before.Sub(there), there.Sub(after)); apart > clockTolerance {
		p.logger.ErrorContext(ctx, "the clocks of program and database are apart", slog.Duration("apart", apart))
	}
}
