package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/bounce"
	"peregrine/internal/store"
)

// Unmatched is the verdict on a report about no letter of ours, or for another
// address than the letter went to: somebody made it up, or the letter is gone.
const Unmatched = "unmatched"

// TakenBounce is what came of a mail that was read.
type TakenBounce struct {
	Verdict string      // a bounce.Kind, or Unmatched
	Before  bool        // the mail was read before; nothing was done again
	Letters []uuid.UUID // which it said something about
	SignIns int         // how many sign-in letters it said something about
}

// TakeBounce keeps what a mail says about letters of ours, once for each mail
// however often it is read. It believes a report only if the message it is
// about is ours and went to the address it names. A letter of which nobody
// knew is settled by it: a failure says that it came back, anything else that
// a server has it. Nothing of the mail itself is kept.
func (r *Runner) TakeBounce(ctx context.Context, report bounce.Report, arrived time.Time) (TakenBounce, error) {
	var taken TakenBounce
	err := r.system(ctx, arrived, func(s *step) (err error) {
		taken, err = s.takeBounce(ctx, report)
		return err
	})
	return taken, err
}

// saying is one recipient's line of a report beside the letter it is about.
type saying struct {
	letter store.LettersByMessageIDRow
	said   bounce.Recipient
}

func (s *step) takeBounce(ctx context.Context, report bounce.Report) (TakenBounce, error) {
	taken := TakenBounce{Verdict: string(report.Kind)}
	all, err := s.sayings(ctx, report)
	if err != nil {
		return taken, err
	}
	signIns, err := s.signInSayings(ctx, report)
	if err != nil {
		return taken, err
	}
	taken.SignIns = len(signIns)
	if len(all)+len(signIns) == 0 && (report.Kind == bounce.Failure || report.Kind == bounce.Delay) {
		taken.Verdict = Unmatched
	}
	mail := newID()
	n, err := queries.AddBounceMail(ctx, s.tx, store.AddBounceMailParams{ID: mail, Fingerprint: report.Fingerprint, At: s.now, Verdict: taken.Verdict})
	if err != nil {
		return taken, fmt.Errorf("keep that the mail was read: %w", err)
	}
	if taken.Before = n == 0; taken.Before {
		return taken, nil
	}
	for _, each := range all {
		taken.Letters = append(taken.Letters, each.letter.ID)
		if err := s.believe(ctx, mail, each); err != nil {
			return taken, err
		}
	}
	for _, each := range signIns {
		if err := s.believeSignIn(ctx, mail, each); err != nil {
			return taken, err
		}
	}
	return taken, nil
}

func (s *step) sayings(ctx context.Context, report bounce.Report) ([]saying, error) {
	if len(report.MessageIDs) == 0 || len(report.Recipients) == 0 {
		return nil, nil
	}
	letters, err := queries.LettersByMessageID(ctx, s.tx, report.MessageIDs)
	if err != nil {
		return nil, fmt.Errorf("look for the letter: %w", err)
	}
	var out []saying
	for _, l := range letters {
		for _, said := range report.Recipients {
			if said.Is(l.Address) {
				out = append(out, saying{l, said})
				break
			}
		}
	}
	return out, nil
}

// believe keeps what is said about one letter.
func (s *step) believe(ctx context.Context, mail uuid.UUID, each saying) error {
	settle := func() (int64, error) {
		return queries.SentUnknown(ctx, s.tx, store.SentUnknownParams{ID: each.letter.ID, At: &s.now})
	}
	action := ""
	switch each.said.Kind {
	case bounce.Failure:
		action, settle = "failed", func() (int64, error) { return queries.FailUnknown(ctx, s.tx, each.letter.ID) }
	case bounce.Delay:
		action = "delayed"
	default: // a receipt
	}
	if action != "" {
		reason := bounce.ReasonOf(each.said.Status, each.said.Diagnostic)
		_, err := queries.AddBounce(ctx, s.tx, store.AddBounceParams{
			ID: newID(), LetterID: each.letter.ID, MailID: mail, PersonID: each.letter.PersonID, At: s.now, Address: each.letter.Address,
			Action: action, Status: each.said.Status, Reason: string(reason), AboutAddress: action == "failed" && reason.AboutAddress(),
			Diagnostic: each.said.Diagnostic, Mta: each.said.MTA,
		})
		if err != nil {
			return fmt.Errorf("keep that the letter came back: %w", err)
		}
	}
	if _, err := settle(); err != nil {
		return fmt.Errorf("settle the letter: %w", err)
	}
	return nil
}
