package jobs

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// outcomeKey carries where a worker says what became of its job.
type outcomeKey struct{}

// note says in one word what a job came to, for its log line.
func note(ctx context.Context, outcome string) {
	if said, ok := ctx.Value(outcomeKey{}).(*string); ok {
		*said = outcome
	}
}

// logMiddleware writes one line per job: kind, id, outcome, how long. River
// keeps the arguments under the job's id.
func logMiddleware(logger *slog.Logger, now func() time.Time) rivertype.WorkerMiddleware {
	return river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		began, said := now(), "done"
		err := work(context.WithValue(ctx, outcomeKey{}, &said))
		if err != nil && said == "done" {
			said = "failed"
		}
		var cancelled *river.JobCancelError
		var later *river.JobSnoozeError
		level := slog.LevelInfo
		switch {
		case errors.As(err, &later):
			said, level = "later", slog.LevelDebug
		case err != nil && !errors.As(err, &cancelled):
			level = slog.LevelWarn
		}
		attrs := []slog.Attr{
			slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Int("attempt", job.Attempt),
			slog.String("outcome", said), slog.Duration("duration", now().Sub(began)),
		}
		logger.LogAttrs(context.WithoutCancel(ctx), level, "job", attrs...)
		return err
	})
}

// errorHandler writes the causes of what failed.
type errorHandler struct{ logger *slog.Logger }

// HandleError implements river.ErrorHandler.
func (h errorHandler) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	level := slog.LevelWarn
	if job.Attempt >= job.MaxAttempts {
		level = slog.LevelError
	}
	h.logger.LogAttrs(ctx, level, "job failed", slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Int("attempt", job.Attempt), slog.String("cause", err.Error()))
	return nil
}

// HandlePanic implements river.ErrorHandler.
func (h errorHandler) HandlePanic(ctx context.Context, job *rivertype.JobRow, panicked any, trace string) *river.ErrorHandlerResult {
	h.logger.LogAttrs(ctx, slog.LevelError, "job panicked", slog.String("kind", job.Kind), slog.Int64("job", job.ID), slog.Any("panic", panicked), slog.String("trace", trace))
	return nil
}

// quiet keeps River's own lines below warnings out of ours.
func quiet(logger *slog.Logger) *slog.Logger { return slog.New(quietHandler{logger.Handler()}) }

type quietHandler struct{ slog.Handler }

// Enabled implements slog.Handler.
func (h quietHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && h.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (h quietHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quietHandler{h.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (h quietHandler) WithGroup(name string) slog.Handler {
	return quietHandler{h.Handler.WithGroup(name)}
}
