package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// A calendar link is a secret address under which a calendar program reads a
// person's own deadlines, without signing in. It is stored as its hash, shown
// once, and works until it is taken back or a new one is made.

// CalendarLink says when a person's link was made and when it was last used,
// the zero time for never (system clock).
type CalendarLink struct {
	Made time.Time
	Read time.Time
}

// MakeCalendarLink gives a person a new link and returns its secret. The one
// they had leads nowhere from then on. Entries are written in language.
func (s *Service) MakeCalendarLink(ctx context.Context, person uuid.UUID, language string) (string, error) {
	token := newToken()
	err := queries.MakeCalendarLink(ctx, s.pool, store.MakeCalendarLinkParams{PersonID: person, TokenHash: hashToken(token), Language: language})
	if err != nil {
		return "", fmt.Errorf("make the calendar link: %w", err)
	}
	return token, nil
}

// CalendarLinkOf returns a person's link; ok is false if they have none.
func (s *Service) CalendarLinkOf(ctx context.Context, person uuid.UUID) (link CalendarLink, ok bool, err error) {
	row, err := queries.CalendarLinkOf(ctx, s.pool, person)
	if missing(err) {
		return CalendarLink{}, false, nil
	}
	if err != nil {
		return CalendarLink{}, false, fmt.Errorf("look for the calendar link: %w", err)
	}
	link.Made = row.MadeAt
	if row.ReadAt != nil {
		link.Read = *row.ReadAt
	}
	return link, true, nil
}

// EndCalendarLink takes a person's link back. Having none is no error.
func (s *Service) EndCalendarLink(ctx context.Context, person uuid.UUID) error {
	if err := queries.EndCalendarLink(ctx, s.pool, person); err != nil {
		return fmt.Errorf("end the calendar link: %w", err)
	}
	return nil
}

// OpenCalendarLink returns whose calendar a secret leads to, in the language
// it was made in. It is not found if there is no such link, or no longer.
func (s *Service) OpenCalendarLink(ctx context.Context, token string) (Visitor, error) {
	row, err := queries.OpenCalendarLink(ctx, s.pool, hashToken(token))
	if missing(err) {
		return Visitor{}, mobility.NotFoundError("page")
	}
	if err != nil {
		return Visitor{}, fmt.Errorf("open the calendar link: %w", err)
	}
	v, err := s.visitor(ctx, row.PersonID)
	v.Language = row.Language
	return v, err
}
