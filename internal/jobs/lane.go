package jobs

import (
	"context"
	"time"

	"peregrine/internal/process"
)

// lanes lets no more letters begin than the sender has connections, so that a
// killed process leaves no more letters in doubt than it had on the wire. Of
// several connections one is always left to decisions.
type lanes struct {
	all   chan struct{}
	minor chan struct{} // everything but decisions
}

func newLanes(connections int) lanes {
	return lanes{all: make(chan struct{}, connections), minor: make(chan struct{}, max(1, connections-1))}
}

// patience is how long a letter waits for a connection before it makes room
// for others.
const patience = time.Minute

// take waits for a connection and returns how to give it back; ok is false if
// none became free.
func (l lanes) take(ctx context.Context, queue string) (give func(), ok bool) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	give = func() {}
	if queue != process.QueueDecisions {
		select {
		case l.minor <- struct{}{}:
			give = func() { <-l.minor }
		case <-ctx.Done():
			return give, false
		}
	}
	select {
	case l.all <- struct{}{}:
		minor := give
		return func() { <-l.all; minor() }, true
	case <-ctx.Done():
		give()
		return func() {}, false
	}
}
