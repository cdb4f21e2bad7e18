package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// delivery is a letter ready to go, unless its status or something it has to
// wait for says otherwise.
type delivery struct {
	status  string        // found when it was read
	wait    time.Duration // before anything is tried
	ref     outbox.Ref
	to      outbox.Address
	text    letter.Text // without secrets: what is frozen
	message string      // Message-ID
	leave   string      // where its reader unsubscribes, "" for a decision
	bulk    bool
	attempt int32
}

// outcome is what became of an attempt.
type outcome struct {
	of *delivery
	is letter.Result
}

// prepare reads a round of letters and writes each as it may be stored.
func (w *letterWorker) prepare(ctx context.Context, asked []process.LetterPlanned) ([]answer[*delivery], error) {
	ids := make([]uuid.UUID, len(asked))
	for i, args := range asked {
		ids[i] = args.Letter
	}
	found, err := w.toSend(ctx, w.Pool, ids)
	if err != nil {
		return nil, err
	}
	out := make([]answer[*delivery], len(asked))
	var refs []outbox.Ref
	for i, args := range asked {
		row, ok := found[args.Letter]
		if !ok {
			out[i].err = mobility.NotFoundError("letter")
			continue
		}
		if out[i].value, out[i].err = w.waiting(row); out[i].err == nil {
			refs = append(refs, out[i].value.ref)
		}
	}
	desk := w.Outbox.Desk(w.Pool, refs...)
	for i, args := range asked {
		if d := out[i].value; out[i].err == nil && d.status == planned && d.wait == 0 {
			out[i].err = w.write(ctx, desk, d, args.Queue)
		}
	}
	return out, nil
}

func (w *letterWorker) toSend(ctx context.Context, db store.DBTX, ids []uuid.UUID) (map[uuid.UUID]store.LettersToSendRow, error) {
	rows, err := queries.LettersToSend(ctx, db, ids)
	if err != nil {
		return nil, fmt.Errorf("load the letters: %w", err)
	}
	out := make(map[uuid.UUID]store.LettersToSendRow, len(rows))
	for _, row := range rows {
		out[row.ID] = row
	}
	return out, nil
}

// waiting is what is known of a letter before it is written.
func (w *letterWorker) waiting(row store.LettersToSendRow) (*delivery, error) {
	ref, err := outbox.RefOf(row)
	d := &delivery{status: row.Status, wait: waits(row), ref: ref, message: w.messageID("letter", row.ID)}
	if why := pointless(row); err == nil && d.status == planned && d.wait == 0 && why != "" {
		err = outbox.Pointless{Reason: why}
	}
	return d, err
}

func (w *letterWorker) write(ctx context.Context, desk *outbox.Desk, d *delivery, queue string) (err error) {
	if d.text, d.to, err = desk.Render(ctx, d.ref); err != nil {
		return err
	}
	return w.leavable(ctx, d, queue)
}

// begin commits an attempt for each letter of a round that still waits and
// freezes its text. Each answer is the status the letter was found in.
func (w *letterWorker) begin(ctx context.Context, round []*delivery) (out []answer[string], err error) {
	err = w.inTx(ctx, func(tx pgx.Tx) error {
		out = make([]answer[string], len(round))
		ids := make([]uuid.UUID, len(round))
		for i, d := range round {
			ids[i] = d.ref.Letter
		}
		locked, err := queries.LockLetters(ctx, tx, ids)
		if err != nil {
			return err
		}
		rows, err := w.toSend(ctx, tx, ids)
		if err != nil {
			return err
		}
		attempts := map[uuid.UUID]int32{}
		for _, row := range locked {
			attempts[row.ID] = row.Attempts
		}
		var going []*delivery
		for i, d := range round {
			if out[i].value, err = w.ready(ctx, tx, rows[d.ref.Letter]); err != nil {
				return err
			}
			if out[i].value == planned {
				d.attempt = attempts[d.ref.Letter] + 1
				going = append(going, d)
			}
		}
		return freeze(ctx, tx, going)
	})
	return out, err
}

// ready is the status of a letter that is locked: planned if it still may go.
func (w *letterWorker) ready(ctx context.Context, tx pgx.Tx, row store.LettersToSendRow) (string, error) {
	if row.ID == uuid.Nil {
		return "", errors.New("the letter is gone")
	}
	if row.Status != planned {
		return row.Status, nil
	}
	if why := pointless(row); why != "" {
		return skipped, w.skip(ctx, tx, row.ID, why)
	}
	if waits(row) > 0 {
		return paused, nil
	}
	return planned, nil
}

// freeze begins the attempts. A letter tried before keeps its first text.
func freeze(ctx context.Context, tx pgx.Tx, going []*delivery) error {
	if len(going) == 0 {
		return nil
	}
	var arg store.BeginSendingParams
	known := map[uuid.UUID]*delivery{}
	for _, d := range going {
		person := cmp.Or(d.ref.Person, &uuid.Nil)
		arg.Letters, arg.Persons, arg.Numbers = append(arg.Letters, d.ref.Letter), append(arg.Persons, *person), append(arg.Numbers, d.attempt)
		arg.Addresses, arg.MessageIds = append(arg.Addresses, d.to.Email), append(arg.MessageIds, d.message)
		arg.Subjects, arg.Plains, arg.Htmls = append(arg.Subjects, d.text.Subject), append(arg.Plains, d.text.Plain), append(arg.Htmls, d.text.HTML)
		known[d.ref.Letter] = d
	}
	frozen, err := queries.BeginSending(ctx, tx, arg)
	if err != nil {
		return err
	}
	for _, row := range frozen {
		d := known[row.LetterID]
		d.to.Email, d.message = row.Address, row.MessageID
		d.text = letter.Text{Subject: row.Subject, Plain: row.Plain, HTML: row.HTML}
	}
	return nil
}

// record keeps the outcomes of a round of attempts and what they mean for
// their letters.
func (w *letterWorker) record(ctx context.Context, round []outcome) ([]answer[struct{}], error) {
	var arg store.RecordAttemptsParams
	for _, o := range round {
		status := map[letter.Delivery]string{letter.Temporary: planned, letter.Permanent: failed}[o.is.Outcome]
		arg.Letters, arg.Numbers = append(arg.Letters, o.of.ref.Letter), append(arg.Numbers, o.of.attempt)
		arg.Outcomes, arg.Statuses = append(arg.Outcomes, string(o.is.Outcome)), append(arg.Statuses, cmp.Or(status, string(o.is.Outcome)))
		arg.Codes = append(arg.Codes, int32(o.is.Code)) //nolint:gosec // three digits
		arg.Responses = append(arg.Responses, strings.ToValidUTF8(o.is.Response, ""))
	}
	err := keep(ctx, func(ctx context.Context) error { return queries.RecordAttempts(ctx, w.Pool, arg) })
	if err != nil {
		return nil, fmt.Errorf("record the outcomes: %w", err)
	}
	return make([]answer[struct{}], len(round)), nil
}
