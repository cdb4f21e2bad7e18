package jobs

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"peregrine/internal/identity"
	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
)

// Sign-in letters and host codes have no row: their secrets are made here,
// sent at once and kept only as hashes. A retry makes new ones.

// signInWorker sends the link and the code of a sign-in.
type signInWorker struct {
	river.WorkerDefaults[process.SignInAsked]
	Config
	gate *gate
}

// NextRetry implements river.Worker.
func (w *signInWorker) NextRetry(job *river.Job[process.SignInAsked]) time.Time {
	return w.Now().Add(soon(job.Attempt))
}

// atTheDoor is after how long somebody who waits is tried again, if the mail
// server does not answer anybody.
const atTheDoor = 5 * time.Second

// soon is how long somebody at the door waits: 2 s, 4 s … up to a minute.
func soon(attempt int) time.Duration {
	return min(time.Minute, time.Second<<min(attempt, 6))
}

// Work implements river.Worker.
func (w *signInWorker) Work(ctx context.Context, job *river.Job[process.SignInAsked]) error {
	if ok, err := w.gate.door(ctx); err != nil || !ok {
		return cmp.Or(err, river.JobSnooze(atTheDoor))
	}
	secret, err := w.Identity.MakeSignIn(ctx, job.Args.SignIn)
	if mobility.CodeOf(err) == "refusal.link_expired" {
		note(ctx, "over")
		return nil
	}
	if err != nil {
		return err
	}
	l, to, err := w.Outbox.SignIn(ctx, w.Pool, outbox.SignIn{
		Person: secret.Person, Language: secret.Language, Path: identity.SignInPath(secret.Token), Code: secret.Code,
		Minutes: secret.Minutes, LateMinutes: secret.LateMinutes,
	})
	if err != nil {
		return err
	}
	return w.gate.sendSecret(ctx, urgent{"sign-in", job.Args.SignIn, job.Attempt, secret.Language}, l, to)
}

// hostCodeWorker sends the code that opens documents on a host's device.
type hostCodeWorker struct {
	river.WorkerDefaults[process.HostCodeAsked]
	Config
	gate *gate
}

// NextRetry implements river.Worker.
func (w *hostCodeWorker) NextRetry(job *river.Job[process.HostCodeAsked]) time.Time {
	return w.Now().Add(soon(job.Attempt))
}

// Work implements river.Worker.
func (w *hostCodeWorker) Work(ctx context.Context, job *river.Job[process.HostCodeAsked]) error {
	if ok, err := w.gate.door(ctx); err != nil || !ok {
		return cmp.Or(err, river.JobSnooze(atTheDoor))
	}
	secret, err := w.Identity.MakeHostCode(ctx, job.Args.Code)
	if mobility.CodeOf(err) == "refusal.code_over" {
		note(ctx, "over")
		return nil
	}
	if err != nil {
		return err
	}
	l, to, err := w.Outbox.HostCode(ctx, w.Pool, outbox.HostCode{
		Link: secret.Link, Institution: secret.Institution, Call: secret.Call, Language: secret.Language, Code: secret.Code, Minutes: secret.Minutes,
	})
	if err != nil {
		return err
	}
	return w.gate.sendSecret(ctx, urgent{"code", job.Args.Code, job.Attempt, secret.Language}, l, to)
}

// urgent is one attempt at a letter somebody waits for.
type urgent struct {
	what     string
	id       uuid.UUID
	attempt  int
	language string
}

// sendSecret sends a letter on the lane of its own. In doubt it is not sent
// again: whoever waits for it asks anew.
func (g *gate) sendSecret(ctx context.Context, u urgent, l letter.Letter, to outbox.Address) error {
	text, err := letter.Compose(g.Outbox.Catalogue, u.language, l)
	if err != nil {
		return err
	}
	m := g.envelope(to, text)
	m.Lane = letter.LaneSignIn
	// Every attempt has other secrets, so it is another message.
	m.MessageID = g.messageID(fmt.Sprintf("%s.%d", u.what, u.attempt), u.id)
	result, err := g.Sender.Send(ctx, m)
	note(ctx, string(result.Outcome))
	heardErr := g.heard(ctx, result)
	switch {
	case err != nil || heardErr != nil:
		return cmp.Or(err, heardErr)
	case result.Unreached:
		return river.JobSnooze(atTheDoor)
	case result.Outcome == letter.Temporary:
		return fmt.Errorf("the mail server did not take the letter: %d", result.Code)
	case result.Outcome == letter.Permanent:
		return river.JobCancel(fmt.Errorf("the mail server refused the letter with %d", result.Code))
	}
	return nil
}
