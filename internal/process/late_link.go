package process

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// LateLinkIssue asks for a link by which one person may write and submit once
// after the deadline of a round.
type LateLinkIssue struct {
	Round   uuid.UUID
	Person  uuid.UUID
	Wall    mobility.WallMinute // when the link ends
	Zone    string              // "": the call's
	Reason  string
	Arrived time.Time // system clock
}

// IssueLateLink makes the link and plans its letter, in which alone the secret
// stands. An officer or administrator may, not for themselves. Errors: not
// found for a round or a person the actor does not see; invalid for an end
// that is over or a person who could not apply; conflict while the deadline of
// that person still runs, while another link of theirs does, and once the
// result is published.
func (r *Runner) IssueLateLink(ctx context.Context, actor mobility.Actor, req LateLinkIssue) (uuid.UUID, error) {
	if req.Reason == "" {
		return uuid.Nil, mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	id := newID()
	err := r.office(ctx, actor, req.Arrived, func(s *step) error {
		at, err := queries.LateLinkSubject(ctx, s.tx, store.LateLinkSubjectParams{PersonID: req.Person, RoundID: req.Round})
		if err != nil {
			return store.Translate(err, "person")
		}
		if req.Person == actor.Person {
			return mobility.ForbiddenError("refusal.own_file")
		}
		if err := s.asOffice(ctx, at.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := queries.LockCall(ctx, s.tx, at.CallID.String()); err != nil {
			return fmt.Errorf("lock the call: %w", err)
		}
		if err := s.mayLetIn(ctx, at, req.Person); err != nil {
			return err
		}
		return s.issueLateLink(ctx, id, at, req)
	})
	return id, err
}

func (s *step) mayLetIn(ctx context.Context, at store.LateLinkSubjectRow, person uuid.UUID) error {
	switch at.Phase {
	case "", "draft", "submitted", "closed":
	default:
		return mobility.ConflictError("conflict.file_is_further", nil)
	}
	published, err := queries.RoundIsPublished(ctx, s.tx, at.RoundID)
	if err != nil {
		return fmt.Errorf("look for the result: %w", err)
	}
	if published {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	unit, err := queries.ApplicantUnit(ctx, s.tx, store.ApplicantUnitParams{CallID: at.CallID, PersonID: person})
	if errors.Is(err, pgx.ErrNoRows) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.cannot_apply"})
	}
	if err != nil {
		return fmt.Errorf("find the person's unit: %w", err)
	}
	closes, err := queries.CloseFor(ctx, s.tx, store.CloseForParams{RoundID: at.RoundID, PersonID: person, UnitID: unit})
	if err != nil {
		return store.Translate(err, "deadline")
	}
	if mobility.Open(s.now, closes) {
		return mobility.ConflictError("conflict.deadline_still_open", map[string]any{"Until": closes.Add(-time.Minute)})
	}
	if _, err := queries.EndLateLinks(ctx, s.tx, store.EndLateLinksParams{RoundID: at.RoundID, PersonID: person, Now: s.now}); err != nil {
		return fmt.Errorf("end old links: %w", err)
	}
	live, err := queries.LiveLateLink(ctx, s.tx, store.LiveLateLinkParams{RoundID: at.RoundID, PersonID: person})
	if err == nil && live {
		err = mobility.ConflictError("conflict.late_link_there", nil)
	}
	return err
}

func (s *step) issueLateLink(ctx context.Context, id uuid.UUID, at store.LateLinkSubjectRow, req LateLinkIssue) error {
	name := cmp.Or(req.Zone, at.Zone)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "zone", Code: "deadline.unknown_zone"})
	}
	ends := mobility.ClosesAt(req.Wall, zone)
	if !mobility.Open(s.now, ends) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "wall", Code: "field.in_the_past"})
	}
	err = queries.AddLateLink(ctx, s.tx, store.AddLateLinkParams{
		ID: id, InstitutionID: at.InstitutionID, CallID: at.CallID, RoundID: at.RoundID, PersonID: req.Person,
		Wall: req.Wall.Time(), Zone: name, ExpiresAt: ends, MadeAt: s.now, MadeBy: s.actorID(),
	})
	if err != nil {
		return store.Translate(err, "link")
	}
	err = s.planLetter(ctx, letterPlan{
		institution: at.InstitutionID, kind: "late_link", recipient: "person", language: at.Language, person: &req.Person, application: at.ApplicationID,
		call: &at.CallID, key: "late_link:" + id.String(), data: map[string]any{"late_link": id},
	})
	if err != nil {
		return err
	}
	return s.record(ctx, act{
		institution: at.InstitutionID, name: "late_link_issued", kind: "late_link", subject: id, reason: req.Reason, about: &req.Person,
		data: map[string]any{"call": at.CallID, "round": at.RoundID, "until": req.Wall.String(), "zone": name},
	})
}

// RevokeLateLink ends a link before it was used. An officer or administrator
// may. One that is used or revoked is a conflict.
func (r *Runner) RevokeLateLink(ctx context.Context, actor mobility.Actor, arrived time.Time, link uuid.UUID) error {
	return r.office(ctx, actor, arrived, func(s *step) error {
		l, err := queries.VisibleLateLink(ctx, s.tx, link)
		if err != nil {
			return store.Translate(err, "link")
		}
		if l.PersonID == actor.Person {
			return mobility.ForbiddenError("refusal.own_file")
		}
		if err := s.asOffice(ctx, l.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		n, err := queries.RevokeLateLink(ctx, s.tx, store.RevokeLateLinkParams{ID: link, At: &s.now, RevokedBy: s.actorID()})
		if err != nil {
			return fmt.Errorf("revoke the link: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("refusal.late_link_over", nil)
		}
		return s.record(ctx, act{institution: l.InstitutionID, name: "late_link_revoked", kind: "late_link", subject: link, data: map[string]any{"call": l.CallID}})
	})
}

// GraceSetting asks for a call's grace period.
type GraceSetting struct {
	Call    uuid.UUID
	Grace   time.Duration // whole minutes, at most mobility.GraceMost; 0: none
	Arrived time.Time     // system clock
}

// SetGrace sets for how long after the deadline a first submission is still
// let in, which only the office knows. An officer or administrator may; no
// round of the call may be published.
func (r *Runner) SetGrace(ctx context.Context, actor mobility.Actor, req GraceSetting) error {
	if req.Grace < 0 || req.Grace > mobility.GraceMost || req.Grace%time.Minute != 0 {
		return mobility.InvalidError(mobility.FieldProblem{Field: "grace", Code: "deadline.grace_too_long", Data: map[string]any{"Most": int(mobility.GraceMost.Minutes())}})
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		c, err := queries.VisibleCall(ctx, s.tx, req.Call)
		if err != nil {
			return store.Translate(err, "call")
		}
		if err := s.asOffice(ctx, c.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if err := queries.LockCall(ctx, s.tx, c.ID.String()); err != nil {
			return fmt.Errorf("lock the call: %w", err)
		}
		minutes := int32(req.Grace / time.Minute)
		err = queries.SetGrace(ctx, s.tx, store.SetGraceParams{CallID: c.ID, InstitutionID: c.InstitutionID, Minutes: minutes, At: s.now, SetBy: s.actorID()})
		if err != nil {
			return fmt.Errorf("set the grace period: %w", err)
		}
		return s.record(ctx, act{institution: c.InstitutionID, name: "grace_set", kind: "call", subject: c.ID, data: map[string]any{"minutes": minutes}})
	})
}
