package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
)

// AskSignIn asks for a link and a code for an address.
type AskSignIn struct {
	Email    string
	Language string
	// Application is the one from whose page it was asked for, nil for none:
	// asked for before its deadline, it lets its owner submit a little later.
	Application *uuid.UUID
	Network     string    // the caller's IP address
	Arrived     time.Time // system time of the request's arrival
}

// Entrance is a proved identity: what a session begins with.
type Entrance struct {
	Person      uuid.UUID
	LateUntil   time.Time  // business time; zero: no late window
	Application *uuid.UUID // where to go first
}

// AskSignIn records the request and asks for its letter. The answer, and the
// time it takes, are the same whether anybody has the address or not: an id
// under which a code may be typed. Refused with "refusal.too_many_requests".
func (s *Service) AskSignIn(ctx context.Context, ask AskSignIn) (uuid.UUID, error) {
	least := time.NewTimer(s.answerTime)
	defer least.Stop()
	id := newID()
	err := s.do(ctx, func(tx pgx.Tx) error { return s.askSignIn(ctx, tx, id, ask) })
	select {
	case <-least.C:
	case <-ctx.Done():
	}
	if err != nil {
		return uuid.Nil, err
	}
	return id, nil
}

func (s *Service) askSignIn(ctx context.Context, tx pgx.Tx, id uuid.UUID, ask AskSignIn) error {
	email := strings.TrimSpace(ask.Email)
	if err := s.limit(ctx, tx, email, ask.Network); err != nil {
		return err
	}
	row := store.AddSignInParams{ID: id, Email: email, Language: ask.Language, Seconds: SecretLifetime.Seconds()}
	person, err := queries.PersonOfAddress(ctx, tx, email)
	known := err == nil
	if err != nil && !missing(err) {
		return fmt.Errorf("look for the address: %w", err)
	}
	if known {
		row.PersonID = &person
		if err := late(ctx, tx, &row, ask); err != nil {
			return err
		}
	}
	if err := queries.AddSignIn(ctx, tx, row); err != nil {
		return fmt.Errorf("record the sign-in: %w", err)
	}
	if !known {
		return nil
	}
	if _, err := s.jobs.InsertTx(ctx, tx, process.SignInAsked{SignIn: id}, nil); err != nil {
		return fmt.Errorf("ask for the letter: %w", err)
	}
	return nil
}

// late notes until when the person may still submit the application they
// asked from; of somebody else's it notes nothing.
func late(ctx context.Context, tx pgx.Tx, row *store.AddSignInParams, ask AskSignIn) error {
	if ask.Application == nil {
		return nil
	}
	now, err := businessTime(ctx, tx, ask.Arrived)
	if err != nil {
		return err
	}
	ahead, err := queries.OwnDeadlineAhead(ctx, tx, store.OwnDeadlineAheadParams{
		ApplicationID: *ask.Application, PersonID: *row.PersonID, BusinessNow: now,
	})
	if missing(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the deadline: %w", err)
	}
	until := ahead.ClosesAt.Add(mobility.LateWindow)
	row.ApplicationID, row.LateUntil = &ahead.ApplicationID, &until
	return nil
}

// SignInSecret is what the letter of a sign-in says. It is never stored.
type SignInSecret struct {
	Person      uuid.UUID
	Email       string
	Language    string
	Token       string // for SignInPath
	Code        string
	Minutes     int // how long both are still good
	LateMinutes int // submitting is allowed so long after the deadline; 0: no
	// Mail is the key its message is known by, should it come back.
	Mail        uuid.UUID
	Application *uuid.UUID
}

// SignInPath is the path of the page a sign-in link leads to.
func SignInPath(token string) string { return "/sign-in/link/" + token }

// MakeSignIn makes the link and the code of a sign-in, for the job that sends
// them at once. Made again by a retry, those made before are good for nothing.
// Refused with "refusal.link_expired" if it was used, is out of date or
// belongs to nobody: then there is nothing to send.
func (s *Service) MakeSignIn(ctx context.Context, id uuid.UUID) (SignInSecret, error) {
	token, code, mail := newToken(), newCode(), uuid.New() // at random: it is not to be guessed from another
	row, err := queries.MakeSignIn(ctx, s.pool, store.MakeSignInParams{
		ID: id, TokenHash: hashToken(token), CodeHash: hashCode(id, code), MailKey: &mail,
	})
	if missing(err) {
		return SignInSecret{}, refused("refusal.link_expired")
	}
	if err != nil {
		return SignInSecret{}, fmt.Errorf("make the sign-in: %w", err)
	}
	secret := SignInSecret{
		Person: row.PersonID, Email: row.Email, Language: row.Language, Token: token, Code: code, Mail: mail,
		Minutes: max(1, int(row.Minutes)), Application: row.ApplicationID,
	}
	if row.LateUntil != nil {
		secret.LateMinutes = int(mobility.LateWindow.Minutes())
	}
	return secret, nil
}

// CheckLink reports, without using it up, whether a link is still good; the
// refusals are those of UseLink.
func (s *Service) CheckLink(ctx context.Context, token string) error {
	row, err := queries.SignInOfLink(ctx, s.pool, hashToken(token))
	switch {
	case missing(err):
		return refused("refusal.link_unknown")
	case err != nil:
		return fmt.Errorf("look at the link: %w", err)
	case row.Used:
		return refused("refusal.link_used")
	case row.Expired:
		return refused("refusal.link_expired")
	}
	return nil
}

// UseLink uses up a link, once, on any device. Refused with
// "refusal.link_used", "refusal.link_expired" or "refusal.link_unknown".
func (s *Service) UseLink(ctx context.Context, token string) (Entrance, error) {
	row, err := queries.UseSignInLink(ctx, s.pool, hashToken(token))
	if missing(err) {
		if why := s.CheckLink(ctx, token); why != nil {
			return Entrance{}, why
		}
		return Entrance{}, refused("refusal.link_unknown") // its person was erased
	}
	if err != nil {
		return Entrance{}, fmt.Errorf("use the link: %w", err)
	}
	return entrance(row.PersonID, row.LateUntil, row.ApplicationID), nil
}

// UseCode uses up the code of the sign-in asked for under id, once. Refused
// with "refusal.code_wrong", and after five wrong ones, or out of date, with
// "refusal.code_over", the same for an address nobody has.
func (s *Service) UseCode(ctx context.Context, id uuid.UUID, code string) (Entrance, error) {
	var e Entrance
	var wrong bool
	err := s.do(ctx, func(tx pgx.Tx) error {
		row, err := queries.TrySignInCode(ctx, tx, store.TrySignInCodeParams{ID: id, Most: codeTries})
		if missing(err) {
			return refused("refusal.code_over")
		}
		if err != nil {
			return fmt.Errorf("try the code: %w", err)
		}
		if wrong = !codeFits(id, code, row.CodeHash) || row.PersonID == nil; wrong {
			return nil // the try counts
		}
		n, err := queries.UseSignInCode(ctx, tx, id)
		if err != nil {
			return fmt.Errorf("use the code: %w", err)
		}
		if n == 0 {
			return refused("refusal.code_over")
		}
		e = entrance(*row.PersonID, row.LateUntil, row.ApplicationID)
		return nil
	})
	if err == nil && wrong {
		err = refused("refusal.code_wrong")
	}
	return e, err
}

// SignInAs lets anyone be anyone, in a demo's database and nowhere else;
// elsewhere, and for nobody, it is not found.
func (s *Service) SignInAs(ctx context.Context, person uuid.UUID) (Entrance, error) {
	id, err := queries.DemoPerson(ctx, s.pool, person)
	if err != nil {
		return Entrance{}, store.Translate(err, "person")
	}
	return Entrance{Person: id}, nil
}

func entrance(person uuid.UUID, late *time.Time, application *uuid.UUID) Entrance {
	e := Entrance{Person: person, Application: application}
	if late != nil {
		e.LateUntil = *late
	}
	return e
}
