package process

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// RevokeHostLink ends a host officer's personal link, with every device that
// showed documents by it. An officer or administrator may. A link revoked
// before is a conflict.
func (r *Runner) RevokeHostLink(ctx context.Context, actor mobility.Actor, arrived time.Time, link uuid.UUID) error {
	return r.office(ctx, actor, arrived, func(s *step) error {
		l, err := queries.VisibleHostLink(ctx, s.tx, link)
		if err != nil {
			return store.Translate(err, "link")
		}
		if err := s.asOffice(ctx, l.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		n, err := queries.RevokeHostLink(ctx, s.tx, store.RevokeHostLinkParams{ID: link, At: &s.now, RevokedBy: s.actorID()})
		if err != nil {
			return fmt.Errorf("revoke the link: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("conflict.link_revoked", nil)
		}
		err = s.record(ctx, act{institution: l.InstitutionID, name: "host_link_revoked", kind: "host_link", subject: link})
		return err
	})
}
