package outbox

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// addressChanged tells the old address.
func addressChanged(ctx context.Context, l *loader) (letter.Letter, error) {
	old, err := queries.OldAddress(ctx, l.db, *l.ref.Data.OldAddress)
	if err != nil {
		return nil, store.Translate(err, "address")
	}
	now, err := l.readers.get(ctx, l.ref.Kind, pair{l.ref.Institution, old.PersonID})
	return letter.AddressChanged{Frame: l.frame, NewAddress: now.Email, At: old.Until}, store.Translate(err, "person")
}

// registered tells who was let in where to apply.
func registered(ctx context.Context, l *loader) (letter.Letter, error) {
	title, err := l.call(ctx)
	if err != nil {
		return nil, err
	}
	return letter.Registered{Frame: l.frame, Call: title, Link: l.link(CallPath(*l.ref.Call))}, nil
}

// registrationRefused tells who was not let in, and why if the office says so.
func registrationRefused(ctx context.Context, l *loader) (letter.Letter, error) {
	title, err := l.call(ctx)
	if err != nil {
		return nil, err
	}
	asked, err := l.registration(ctx)
	if err != nil {
		return nil, err
	}
	return letter.RegistrationRefused{Frame: l.frame, Call: title, Reason: letter.Prose(asked.Reason), Link: l.link(CallPath(*l.ref.Call))}, nil
}

// registration is whoever asked to be let in and is no person of ours.
func (l *loader) registration(ctx context.Context) (store.RegistrationToTellRow, error) {
	if l.ref.Data.Registration == nil {
		return store.RegistrationToTellRow{}, errors.New("a letter to a registrant without a registration")
	}
	row, err := queries.RegistrationToTell(ctx, l.db, *l.ref.Data.Registration)
	return row, store.Translate(err, "registration")
}

// SignIn is what the job that made a sign-in's secrets knows of it.
type SignIn struct {
	Person      uuid.UUID
	Language    string
	Path        string // with the token
	Code        string
	Minutes     int
	LateMinutes int
}

// SignIn fills the letter with a link and a code. It is signed by the
// institution the person belongs to.
func (o *Outbox) SignIn(ctx context.Context, db store.DBTX, s SignIn) (letter.Letter, Address, error) {
	home, err := queries.HomeOf(ctx, db, s.Person)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, Address{}, mobility.NotFoundError("institution")
	}
	if err != nil {
		return nil, Address{}, fmt.Errorf("find who signs: %w", err)
	}
	ref := Ref{Kind: letter.KindSignIn, Language: s.Language, Recipient: "person", Institution: home, Person: &s.Person}
	l, err := o.Desk(db, ref).begin(ctx, ref, nil)
	if err != nil {
		return nil, Address{}, err
	}
	return letter.SignIn{Frame: l.frame, Link: l.link(s.Path), Code: s.Code, Minutes: s.Minutes, LateMinutes: s.LateMinutes}, l.to, nil
}

// HostCode is what the job that made a host's code knows of it.
type HostCode struct {
	Link        uuid.UUID
	Institution uuid.UUID
	Call        uuid.UUID
	Language    string
	Code        string
	Minutes     int
}

// HostCode fills the letter with the code that opens documents.
func (o *Outbox) HostCode(ctx context.Context, db store.DBTX, c HostCode) (letter.Letter, Address, error) {
	ref := Ref{
		Kind: letter.KindHostCode, Language: c.Language, Recipient: "host", Institution: c.Institution, Call: &c.Call, Data: Data{HostLink: &c.Link},
	}
	l, err := o.Desk(db, ref).begin(ctx, ref, nil)
	if err != nil {
		return nil, Address{}, err
	}
	return letter.HostCode{Frame: l.frame, Code: c.Code, Minutes: c.Minutes}, l.to, nil
}
