package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

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
	result, err := w.gate.sendSecret(ctx, urgent{w.messageID(process.SignInMail, secret.Mail), secret.Language}, l, to)
	if result.Outcome != letter.Permanent {
		return err
	}
	return errors.Join(err, w.Process.SignInRefused(ctx, process.SignInRefused{Mail: secret.Mail, Code: result.Code, Response: result.Response, Arrived: w.Now()}))
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
	_, err = w.gate.sendSecret(ctx, urgent{w.messageID(fmt.Sprintf("code.%d", job.Attempt), job.Args.Code), secret.Language}, l, to)
	return err
}

// urgent is one attempt at a letter somebody waits for. Every attempt has other
// secrets, so it is another message.
type urgent struct{ message, language string }

// sendSecret sends a letter on the lane of its own. In doubt it is not sent
// again: whoever waits for it asks anew.
func (g *gate) sendSecret(ctx context.Context, u urgent, l letter.Letter, to outbox.Address) (letter.Result, error) {
	text, err := letter.Compose(g.Outbox.Catalogue, u.language, l)
	if err != nil {
		return letter.Result{}, err
	}
	m := g.envelope(to, text)
	m.Lane = letter.LaneSignIn
	m.MessageID = u.message
	result, err := g.Sender.Send(ctx, m)
	note(ctx, string(result.Outcome))
	heardErr := g.heard(ctx, result)
	switch {
	case err != nil || heardErr != nil:
		return result, cmp.Or(err, heardErr)
	case result.Unreached:
		return result, river.JobSnooze(atTheDoor)
	case result.Outcome == letter.Temporary:
		return result, fmt.Errorf("the mail server did not take the letter: %d", result.Code)
	case result.Outcome == letter.Permanent:
		return result, river.JobCancel(fmt.Errorf("the mail server refused the letter with %d", result.Code))
	}
	return result, nil
}
