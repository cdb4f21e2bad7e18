package identity

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// LateLink is the link by which an office lets one person in after the
// deadline.
type LateLink struct {
	ID      uuid.UUID
	Person  uuid.UUID
	Round   uuid.UUID
	Call    uuid.UUID
	Title   mobility.Texts
	Zone    string // of ExpiresAt
	Expires time.Time
	Opened  bool
}

// LatePath is the path of the page a late link leads to.
func LatePath(token string) string { return "/late/" + token }

// MakeLateLink makes the token of a late link, for the job that sends it at
// once. Made again by a retry, the earlier one's stops working. Refused with
// "refusal.late_link_over" if it is opened, used, revoked or out of date: then
// there is nothing to send.
func (s *Service) MakeLateLink(ctx context.Context, link uuid.UUID) (token string, err error) {
	token = newToken()
	n, err := queries.MakeLateLink(ctx, s.pool, store.MakeLateLinkParams{ID: link, TokenHash: hashToken(token)})
	if err != nil {
		return "", fmt.Errorf("make the late link: %w", err)
	}
	if n == 0 {
		return "", refused("refusal.late_link_over")
	}
	return token, nil
}

// LateLinkOf looks at a late link without opening it. Refused with
// "refusal.late_link_unknown", "refusal.late_link_revoked",
// "refusal.late_link_used" or "refusal.late_link_over".
func (s *Service) LateLinkOf(ctx context.Context, token string) (LateLink, error) {
	row, err := queries.LateLinkOfToken(ctx, s.pool, hashToken(token))
	switch {
	case missing(err):
		return LateLink{}, refused("refusal.late_link_unknown")
	case err != nil:
		return LateLink{}, fmt.Errorf("look at the late link: %w", err)
	case row.RevokedAt != nil:
		return LateLink{}, refused("refusal.late_link_revoked")
	case row.UsedAt != nil:
		return LateLink{}, refused("refusal.late_link_used")
	case row.Expired:
		return LateLink{}, refused("refusal.late_link_over")
	}
	return LateLink{
		ID: row.ID, Person: row.PersonID, Round: row.RoundID, Call: row.CallID, Title: row.Title, Zone: row.Zone, Expires: row.ExpiresAt, Opened: row.OpenedAt != nil,
	}, nil
}

// OpenLateLink opens a late link: it proves who came, the first time, and lets
// them write and submit until it ends. Opened before, it opens nothing again,
// so that a letter read by somebody else later is worth nothing; then they
// sign in as usual. Refused as LateLinkOf.
func (s *Service) OpenLateLink(ctx context.Context, token string, arrived time.Time) (Entrance, LateLink, error) {
	link, err := s.LateLinkOf(ctx, token)
	if err != nil {
		return Entrance{}, link, err
	}
	now, err := businessTime(ctx, s.pool, arrived)
	if err != nil {
		return Entrance{}, link, err
	}
	n, err := queries.OpenLateLink(ctx, s.pool, store.OpenLateLinkParams{ID: link.ID, Now: now})
	if err != nil {
		return Entrance{}, link, fmt.Errorf("open the late link: %w", err)
	}
	if n == 0 {
		return Entrance{}, link, refused("refusal.late_link_opened")
	}
	return Entrance{Person: link.Person}, link, nil
}
