package process

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// belongs refuses to repeat l together with the first letter.
func belongs(first, l store.LetterToRepeatRow, actor mobility.Actor) error {
	switch {
	case l.PersonID != nil && *l.PersonID == actor.Person:
		return mobility.ForbiddenError("refusal.own_file")
	case l.SkipReason == settledAgain || !l.Bounced && l.Status != "failed" && l.Status != "unknown":
		return mobility.ConflictError("conflict.letter_settled", nil)
	case l.InstitutionID != first.InstitutionID || l.Recipient == "host" != (first.Recipient == "host"):
		return mobility.NotFoundError("letter")
	case l.PersonID != nil && (first.PersonID == nil || *l.PersonID != *first.PersonID):
		return mobility.NotFoundError("letter")
	}
	return nil
}

// repeatToHost corrects where a host is written to for a call: at its
// destinations, in links and in letters that wait, and sends again what came
// back. Every letter gets a link of its own, as it had before.
func (s *step) repeatToHost(ctx context.Context, rep repetition) error {
	host, err := queries.HostOfLetter(ctx, s.tx, rep.first.ID)
	if err != nil {
		return store.Translate(err, "letter")
	}
	if strings.EqualFold(host.Address, rep.Email) {
		return mobility.ConflictError("conflict.same_address", nil)
	}
	mine, err := queries.BouncedHostLetters(ctx, s.tx, store.BouncedHostLettersParams{
		CallID: host.CallID, HostInstitutionID: host.HostInstitutionID, Address: host.Address,
	})
	if err != nil {
		return fmt.Errorf("look for the host's letters: %w", err)
	}
	if err := s.moveHost(ctx, host, rep); err != nil {
		return err
	}
	together := map[uuid.UUID]bool{}
	for _, l := range mine {
		together[l.ID] = true
	}
	for _, l := range rep.letters {
		if !together[l.ID] {
			return mobility.NotFoundError("letter")
		}
		link, err := s.newHostLink(ctx, host, rep.Email)
		if err != nil {
			return err
		}
		if err := s.repeat(ctx, l, repeated{address: rep.Email, link: &link}); err != nil {
			return err
		}
	}
	return nil
}

func (s *step) moveHost(ctx context.Context, host store.HostOfLetterRow, rep repetition) error {
	n, err := queries.CorrectHostAddress(ctx, s.tx, store.CorrectHostAddressParams{
		CallID: host.CallID, HostInstitutionID: host.HostInstitutionID, Address: host.Address, Email: rep.Email,
	})
	if err != nil {
		return fmt.Errorf("correct the host's address: %w", err)
	}
	ended, err := queries.RevokeHostLinksAt(ctx, s.tx, store.RevokeHostLinksAtParams{
		CallID: host.CallID, HostInstitutionID: host.HostInstitutionID, Address: host.Address, At: &s.now, RevokedBy: s.actorID(),
	})
	if err != nil {
		return fmt.Errorf("end the links: %w", err)
	}
	waiting, err := queries.PlannedLettersOfLinks(ctx, s.tx, ended)
	if err != nil {
		return fmt.Errorf("look for letters that wait: %w", err)
	}
	for _, id := range waiting {
		link, err := s.newHostLink(ctx, host, rep.Email)
		if err != nil {
			return err
		}
		if err := queries.PointToLink(ctx, s.tx, store.PointToLinkParams{ID: id, Link: link}); err != nil {
			return fmt.Errorf("point a letter to its link: %w", err)
		}
	}
	return s.record(ctx, act{
		institution: host.InstitutionID, name: "host_address_corrected", kind: "call", subject: host.CallID, reason: rep.Reason,
		data: map[string]any{"host_institution": host.HostInstitutionID, "destinations": n, "links": len(ended)},
	})
}

func (s *step) newHostLink(ctx context.Context, host store.HostOfLetterRow, address string) (uuid.UUID, error) {
	id := newID()
	err := queries.AddHostLink(ctx, s.tx, store.AddHostLinkParams{
		ID: id, InstitutionID: host.InstitutionID, CallID: host.CallID, HostInstitutionID: host.HostInstitutionID,
		Address: address, CreatedAt: s.now, ExpiresAt: s.now.Add(hostLinkLife),
	})
	if err != nil {
		return uuid.Nil, fmt.Errorf("make a link: %w", err)
	}
	return id, nil
}
