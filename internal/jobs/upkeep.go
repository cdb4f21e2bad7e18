package jobs

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"peregrine/internal/process"
)

// placeWorker lets the reserve of a round move up.
type placeWorker struct {
	river.WorkerDefaults[process.PlaceFreed]
	Config
}

// Work implements river.Worker.
func (w *placeWorker) Work(ctx context.Context, job *river.Job[process.PlaceFreed]) error {
	n, err := w.Process.Promote(ctx, job.Args.Round, w.Now())
	if err == nil && n > 0 {
		note(ctx, fmt.Sprintf("promoted %d", n))
	}
	return err
}

// erasureWorker removes the contents of erased documents.
type erasureWorker struct {
	river.WorkerDefaults[process.DocumentsErased]
	Config
}

// Work implements river.Worker.
func (w *erasureWorker) Work(ctx context.Context, job *river.Job[process.DocumentsErased]) error {
	return w.Process.RemoveDocuments(ctx, job.Args.Documents)
}

// scanWorker finds what the business clock has brought due.
type scanWorker struct {
	river.WorkerDefaults[process.DueScan]
	Config
}

// Work implements river.Worker.
func (w *scanWorker) Work(ctx context.Context, _ *river.Job[process.DueScan]) error {
	moved, reminded, err := w.Process.Due(ctx, w.Now())
	if moved+reminded > 0 {
		note(ctx, fmt.Sprintf("moved %d, reminded %d", moved, reminded))
	}
	return err
}

// Upkeep clears away what is over. It is periodic.
type Upkeep struct{}

// Kind implements river.JobArgs.
func (Upkeep) Kind() string { return "upkeep" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (Upkeep) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: process.QueueUpkeep} }

type upkeepWorker struct {
	river.WorkerDefaults[Upkeep]
	Config
}

// Work implements river.Worker: sign-ins, sessions, codes and counters that
// are over go, and letters whose sender died long ago are left to people.
func (w *upkeepWorker) Work(ctx context.Context, _ *river.Job[Upkeep]) error {
	swept, err := w.Identity.Sweep(ctx)
	if err != nil {
		return err
	}
	note(ctx, fmt.Sprintf("swept %d", swept))
	return w.inTx(ctx, func(tx pgx.Tx) error {
		ids, err := queries.SettleLostLetters(ctx, tx)
		if err != nil {
			return fmt.Errorf("settle lost letters: %w", err)
		}
		for _, id := range ids {
			w.Logger.WarnContext(ctx, "an earlier attempt has no outcome", slog.String("letter", id.String()))
			if _, err := queries.EndOpenAttempts(ctx, tx, id); err != nil {
				return fmt.Errorf("settle lost letters: %w", err)
			}
		}
		return nil
	})
}
