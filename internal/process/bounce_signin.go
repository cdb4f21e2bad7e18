package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/bounce"
	"peregrine/internal/store"
)

// SignInMail begins the Message-ID of a sign-in letter; a dot and the key of
// its row follow. Whoever asks for the letter is never told the key, so that
// only who has the letter can make up a report about it.
const SignInMail = "sign-in"

// signInKey reads the key out of a Message-ID.
func signInKey(messageID string) (uuid.UUID, bool) {
	rest, ok := strings.CutPrefix(messageID, SignInMail+".")
	local, _, _ := strings.Cut(rest, "@")
	key, err := uuid.Parse(local)
	return key, ok && err == nil
}

// signInSaying is one recipient's line of a report beside the sign-in letter
// it is about.
type signInSaying struct {
	to   store.SignInsByMailRow
	said bounce.Recipient
}

func (s *step) signInSayings(ctx context.Context, report bounce.Report) ([]signInSaying, error) {
	var keys []uuid.UUID
	for _, id := range report.MessageIDs {
		if key, ok := signInKey(id); ok {
			keys = append(keys, key)
		}
	}
	if len(keys) == 0 {
		return nil, nil
	}
	rows, err := queries.SignInsByMail(ctx, s.tx, keys)
	if err != nil {
		return nil, fmt.Errorf("look for the sign-in: %w", err)
	}
	var out []signInSaying
	for _, row := range rows {
		for _, said := range report.Recipients {
			if said.Is(row.Email) {
				out = append(out, signInSaying{row, said})
				break
			}
		}
	}
	return out, nil
}

// believeSignIn keeps what a failure tells of the address. A sign-in letter is
// over in minutes: there is nothing to settle about it, and a delay is no news.
func (s *step) believeSignIn(ctx context.Context, mail uuid.UUID, each signInSaying) error {
	if each.said.Kind != bounce.Failure {
		return nil
	}
	return s.keepAddressBounce(ctx, &mail, each)
}

func (s *step) keepAddressBounce(ctx context.Context, mail *uuid.UUID, each signInSaying) error {
	reason := bounce.ReasonOf(each.said.Status, each.said.Diagnostic)
	err := queries.AddAddressBounce(ctx, s.tx, store.AddAddressBounceParams{
		ID: newID(), MailID: mail, PersonID: each.to.PersonID, At: s.now, Address: each.to.Email, Status: each.said.Status, Reason: string(reason),
		AboutAddress: reason.AboutAddress(), Diagnostic: each.said.Diagnostic, Mta: each.said.MTA,
	})
	if err != nil {
		return fmt.Errorf("keep that the sign-in letter came back: %w", err)
	}
	return nil
}

// SignInRefused is what a mail server answered to a sign-in letter for good.
type SignInRefused struct {
	Mail     uuid.UUID // the key of its Message-ID
	Code     int
	Response string
	Arrived  time.Time // system clock
}

// SignInRefused keeps what a refusal tells of the address, as a report does
// that comes later. Of a sign-in that is gone meanwhile nothing is kept.
func (r *Runner) SignInRefused(ctx context.Context, req SignInRefused) error {
	return r.system(ctx, req.Arrived, func(s *step) error {
		rows, err := queries.SignInsByMail(ctx, s.tx, []uuid.UUID{req.Mail})
		if err != nil {
			return fmt.Errorf("look for the sign-in: %w", err)
		}
		for _, row := range rows {
			said := bounce.Recipient{Kind: bounce.Failure, Status: bounce.RefusalStatus(req.Code, req.Response), Diagnostic: strings.ToValidUTF8(req.Response, "")}
			if err := s.keepAddressBounce(ctx, nil, signInSaying{row, said}); err != nil {
				return err
			}
		}
		return nil
	})
}
