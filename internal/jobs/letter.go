package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"peregrine/internal/identity"
	"peregrine/internal/letter"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// The statuses of a letter that a job sets or finds.
const (
	planned = "planned"
	sending = "sending"
	failed  = "failed"
	skipped = "skipped"
	paused  = "paused" // no status: it stays planned
)

// letterWorker sends one planned letter. Before anything goes out an attempt
// is on record; a job that finds one without an outcome knows that a sender
// died in the middle and leaves the letter to people (design rule 6).
type letterWorker struct {
	river.WorkerDefaults[process.LetterPlanned]
	Config
	lanes lanes
	gate  *gate

	// Between a letter and the mail server stands the database, and every way
	// there and back counts: letters that are on it together go together.
	preparing together[process.LetterPlanned, *delivery]
	beginning together[*delivery, string]
	recording together[outcome, struct{}]
}

// Letters that go together at most.
const roundOfLetters = 64

func newLetterWorker(c Config, g *gate) *letterWorker {
	w := &letterWorker{Config: c, lanes: newLanes(c.Connections), gate: g}
	w.preparing = together[process.LetterPlanned, *delivery]{most: roundOfLetters, rounds: 2, do: w.prepare}
	w.beginning = together[*delivery, string]{most: roundOfLetters, rounds: 2, do: w.begin}
	w.recording = together[outcome, struct{}]{most: roundOfLetters, rounds: 2, do: w.record}
	return w
}

// NextRetry implements river.Worker.
func (w *letterWorker) NextRetry(job *river.Job[process.LetterPlanned]) time.Time {
	return w.Now().Add(w.Pause(job.Attempt))
}

// pause grows from seconds to hours: 25 attempts take three days.
func pause(attempt int) time.Duration {
	d := 15 * time.Second
	for range attempt - 1 {
		if d *= 3; d > 4*time.Hour {
			return 4 * time.Hour
		}
	}
	return d
}

// Work implements river.Worker.
func (w *letterWorker) Work(ctx context.Context, job *river.Job[process.LetterPlanned]) error {
	outcome, err := w.deliver(ctx, job.Args)
	note(ctx, outcome)
	var later *river.JobSnoozeError
	if err != nil && job.Attempt >= job.MaxAttempts && !errors.As(err, &later) {
		why := "defect"
		if outcome == string(letter.Temporary) {
			why = "gave_up"
		}
		_, setErr := queries.SetLetterStatus(context.WithoutCancel(ctx), w.Pool, store.SetLetterStatusParams{
			ID: job.Args.Letter, FromStatus: planned, Status: failed, SkipReason: why,
		})
		return errors.Join(err, setErr)
	}
	return err
}

// deliver does one attempt and says in one word what became of it.
func (w *letterWorker) deliver(ctx context.Context, args process.LetterPlanned) (string, error) {
	d, err := w.preparing.ask(ctx, args)
	var pointless outbox.Pointless
	switch {
	case errors.As(err, &pointless):
		return skipped, w.skip(ctx, w.Pool, args.Letter, pointless.Reason)
	case err != nil:
		return "", err
	case d.status != planned:
		return w.settled(ctx, args.Letter, d.status)
	case d.wait > 0:
		return paused, river.JobSnooze(d.wait)
	}
	give, ok := w.lanes.take(ctx, args.Queue)
	if !ok {
		return "", river.JobSnooze(time.Second)
	}
	defer give()
	if ok, err := w.gate.pass(ctx); err != nil || !ok {
		return "", cmp.Or(err, river.JobSnooze(time.Second))
	}
	status, err := w.beginning.ask(ctx, d)
	switch {
	case err != nil:
		return "", fmt.Errorf("begin an attempt: %w", err)
	case status == paused:
		return paused, river.JobSnooze(pausedFor)
	case status != planned:
		return w.settled(ctx, args.Letter, status)
	}
	return w.send(ctx, d)
}

// settled is what is left to do for a letter that does not wait to be sent.
func (w *letterWorker) settled(ctx context.Context, id uuid.UUID, status string) (string, error) {
	if status != sending {
		return status, nil
	}
	w.Logger.WarnContext(ctx, "an earlier attempt has no outcome", slog.String("letter", id.String()))
	return string(letter.Unknown), w.inTx(ctx, func(tx pgx.Tx) error { return lost(ctx, tx, id) })
}

// lost marks a letter whose sender is gone.
func lost(ctx context.Context, tx pgx.Tx, id uuid.UUID) error {
	if _, err := queries.LockLetters(ctx, tx, []uuid.UUID{id}); err != nil {
		return err
	}
	if _, err := queries.EndOpenAttempts(ctx, tx, id); err != nil {
		return err
	}
	_, err := queries.SetLetterStatus(ctx, tx, store.SetLetterStatusParams{ID: id, FromStatus: sending, Status: string(letter.Unknown)})
	return err
}

func (w *letterWorker) skip(ctx context.Context, db store.DBTX, id uuid.UUID, why string) error {
	_, err := queries.SetLetterStatus(ctx, db, store.SetLetterStatusParams{ID: id, FromStatus: planned, Status: skipped, SkipReason: why})
	return err
}

// pointless says why a letter need not be sent any more, "" if it must.
func pointless(row store.LettersToSendRow) string {
	switch {
	case row.Erased:
		return "erased"
	case row.StateLeft:
		return "state_left"
	case row.DeadlineMoved:
		return "deadline_moved"
	case row.DeadlineOver:
		return "deadline_over"
	case row.TooLate:
		return "too_late"
	}
	return ""
}

// How long a letter waits before its job looks again. What ends a pause wakes
// the jobs, so that the first may be long.
const (
	pausedFor    = 10 * time.Minute
	overtakenFor = 2 * time.Second
)

// waits says how long a letter has to wait before anything is tried, 0 if it
// need not: while an office paused the e-mail, and while a letter that this one
// may have to correct is on its way.
func waits(row store.LettersToSendRow) time.Duration {
	switch {
	case row.Paused:
		return pausedFor
	case row.OvertakenOnItsWay:
		return overtakenFor
	}
	return 0
}

// send hands the letter over, outside any transaction, and records what
// became of it even if this process is being stopped.
func (w *letterWorker) send(ctx context.Context, d *delivery) (string, error) {
	text, err := w.wire(ctx, d)
	var result letter.Result
	if err != nil {
		result = letter.Result{Outcome: letter.Temporary, Response: "the letter could not be written"}
	} else {
		result, err = w.Sender.Send(ctx, w.message(d, text))
		if err != nil && result.Outcome == "" {
			result.Outcome = letter.Temporary
		}
	}
	if _, recordErr := w.recording.ask(ctx, outcome{d, result}); recordErr != nil {
		return "", recordErr // found without an outcome, the letter is left in doubt
	}
	if err := w.gate.heard(ctx, result); err != nil {
		w.Logger.WarnContext(ctx, "what the mail server is like could not be kept", slog.String("cause", err.Error()))
	}
	if result.Unreached { // that is no attempt of the letter's: it waits until there is a mail server
		return string(letter.Temporary), river.JobSnooze(w.Pause(1))
	}
	switch result.Outcome {
	case letter.Sent, letter.Unknown:
		return string(result.Outcome), nil
	case letter.Permanent:
		return string(result.Outcome), river.JobCancel(fmt.Errorf("the mail server refused the letter with %d", result.Code))
	default:
		return string(letter.Temporary), cmp.Or(err, fmt.Errorf("the mail server did not take the letter: %d", result.Code))
	}
}

// wire is the text that goes out: the frozen one, or for a letter with a
// personal link one with a new secret, which is stored only as its hash.
func (w *letterWorker) wire(ctx context.Context, d *delivery) (letter.Text, error) {
	if d.ref.Data.HostLink == nil && d.ref.Data.LateLink == nil {
		return d.text, nil
	}
	filled, _, err := w.Outbox.Load(ctx, w.Pool, d.ref, func(ctx context.Context, link uuid.UUID) (string, error) {
		if d.ref.Data.LateLink != nil {
			token, err := w.Identity.MakeLateLink(ctx, link)
			return identity.LatePath(token), err
		}
		token, err := w.Identity.MakeHostLink(ctx, link)
		return identity.HostPath(token), err
	})
	if err != nil {
		return letter.Text{}, err
	}
	return w.Outbox.Compose(ctx, w.Pool, d.ref, filled)
}

func (w *letterWorker) message(d *delivery, text letter.Text) letter.Message {
	m := w.envelope(d.to, text)
	m.MessageID, m.ListUnsubscribe, m.Bulk = d.message, d.leave, d.bulk
	if d.ref.Application != nil { // all letters of a file make one thread
		m.References = []string{w.messageID("application", *d.ref.Application)}
		m.InReplyTo = m.References[0]
	}
	return m
}

// envelope is what every message has.
func (c Config) envelope(to outbox.Address, text letter.Text) letter.Message {
	m := letter.Message{
		From: mail.Address{Name: cmp.Or(to.From, c.From.Name), Address: c.From.Address},
		To:   mail.Address{Name: to.Name, Address: to.Email}, Text: text,
	}
	if to.ReplyTo != "" {
		m.ReplyTo = &mail.Address{Address: to.ReplyTo}
	}
	return m
}

// messageID derives an id from what it belongs to, so that it is the same at
// each attempt.
func (c Config) messageID(of string, id uuid.UUID) string {
	_, domain, _ := strings.Cut(c.From.Address, "@")
	return of + "." + id.String() + "@" + domain
}
