package jobs

import (
	"context"

	"github.com/riverqueue/river"

	"peregrine/internal/process"
)

// RelayWatch looks whether a mail server that did not answer is back, for when
// no letter waits that would look. It is periodic.
type RelayWatch struct{}

// Kind implements river.JobArgs.
func (RelayWatch) Kind() string { return "relay_watch" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (RelayWatch) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: process.QueueUpkeep} }

type watchWorker struct {
	river.WorkerDefaults[RelayWatch]
	gate *gate
}

// Work implements river.Worker.
func (w *watchWorker) Work(ctx context.Context, _ *river.Job[RelayWatch]) error {
	open, err := w.gate.open(ctx, false)
	if !open {
		note(ctx, "silent")
	}
	return err
}
