package process

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Amendment asks for the announced rules of a call to be changed: how points
// come about, how places are given out, or both. Until somebody has submitted
// the office changes them freely; afterwards one person proposes, another
// approves, and every applicant is told (design rule 4).
type Amendment struct {
	Call    uuid.UUID
	Scheme  string                   // as package scheme reads it; "": it stays
	Rules   *mobility.SelectionRules // nil: they stay
	Limits  *ChoiceLimits            // nil: they stay
	Mapping map[string]string        // key of a criterion that assessors mark → key under which its marks go on
	Reason  string                   // for those who are told; not needed while the change is free
	Hash    string                   // AmendmentPreview.Hash of what the officer saw
	Arrived time.Time                // system clock
}

// RuleChange is one thing that becomes another, in codes and numbers. What is
// a part of the scheme (scheme.Part) or a rule: method, equal, upgrades,
// reserve, reserve_limit, reserve_second, share, share_when, shares_order,
// quota, quota_of, partner, grant, grant_when, minimum_destination,
// minimum_overall, max_choices, max_languages.
type RuleChange struct {
	What  string         `json:"what"`
	Kind  string         `json:"kind"` // a scheme.ChangeKind
	Key   string         `json:"key,omitempty"`
	Label mobility.Texts `json:"label,omitempty"`
	From  string         `json:"from,omitempty"`
	To    string         `json:"to,omitempty"`
}

// Fate is what becomes of the marks of one criterion.
type Fate string

// The fates.
const (
	MarksKept    Fate = "kept"
	MarksCarried Fate = "carried" // go on under another key
	MarksAgain   Fate = "again"   // other marks are possible: to be given again
	MarksGone    Fate = "gone"
)

// MarksFate says what becomes of the marks of one criterion, or of one fact
// that assessors state. The figures count what the actor sees.
type MarksFate struct {
	Key, To             string
	Label               mobility.Texts
	Fate                Fate
	Marks, Applications int
}

// AmendmentPreview is what a change of the rules would do, and its hash: once
// anything of it is different the change is refused as stale.
type AmendmentPreview struct {
	Hash    string
	Free    bool // nobody has submitted: no second person, nobody is told
	Changes []RuleChange
	Marks   []MarksFate
	People  int    // applicants who are told, as far as the actor sees them
	Source  string // of the scheme as it would be
	Rules   mobility.SelectionRules
	Limits  ChoiceLimits
	Reason  string // of what was proposed
}

// RuleChangesJSON writes changes down as the history of the rules keeps them.
func RuleChangesJSON(changes []RuleChange) ([]byte, error) { return json.Marshal(changes) }

// AmendmentDone says what an amendment did.
type AmendmentDone struct{ Told, SetAside int }

// PreviewAmendment says what a change of the call's rules would do, without
// doing it. Only an officer may. Errors: invalid with every field that is
// wrong; conflict once a result was told.
func (r *Runner) PreviewAmendment(ctx context.Context, actor mobility.Actor, req Amendment) (AmendmentPreview, error) {
	var out AmendmentPreview
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		p, err := s.planAmendment(ctx, req)
		if err == nil {
			out = p.preview
		}
		return err
	})
	return out, err
}

// ChangeRules changes the rules of a call nobody has submitted to yet: a new
// version of the scheme is pinned, the one before stays on record. Errors: as
// PreviewAmendment's; stale if the preview no longer holds; conflict with
// "refusal.amendment_needed" once somebody submitted.
func (r *Runner) ChangeRules(ctx context.Context, actor mobility.Actor, req Amendment) error {
	return r.do(ctx, actor, req.Arrived, func(s *step) error {
		p, err := s.planAmendment(ctx, req)
		switch {
		case err != nil:
			return err
		case !p.preview.Free:
			return mobility.ConflictError("refusal.amendment_needed", nil)
		case p.preview.Hash != req.Hash:
			return mobility.StaleError("conflict.preview_outdated", nil)
		}
		if _, err := s.applyAmendment(ctx, p, nil); err != nil {
			return err
		}
		return s.record(ctx, act{institution: p.call.InstitutionID, name: "call_rules_changed", kind: "call", subject: p.call.ID, reason: req.Reason, data: map[string]any{"changes": len(p.preview.Changes)}})
	})
}

// ProposeAmendment keeps a change of announced rules for another officer to
// approve. Errors: as PreviewAmendment's; invalid without a reason; stale if
// the preview no longer holds; conflict while another one waits.
func (r *Runner) ProposeAmendment(ctx context.Context, actor mobility.Actor, req Amendment) (uuid.UUID, error) {
	var id uuid.UUID
	err := r.do(ctx, actor, req.Arrived, func(s *step) error {
		p, err := s.planAmendment(ctx, req)
		switch {
		case err != nil:
			return err
		case p.preview.Free:
			return mobility.StaleError("conflict.preview_outdated", nil)
		case p.stands.Waiting:
			return mobility.ConflictError("conflict.amendment_waits", nil)
		case strings.TrimSpace(req.Reason) == "":
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		case p.preview.Hash != req.Hash:
			return mobility.StaleError("conflict.preview_outdated", nil)
		}
		id = newID()
		return s.keepAmendment(ctx, id, p)
	})
	return id, err
}

// PreviewProposed says what an amendment that waits would do now. Errors: not
// found if the actor does not see it; stale if the rules changed since it was
// proposed; conflict once it was decided.
func (r *Runner) PreviewProposed(ctx context.Context, actor mobility.Actor, id uuid.UUID, arrived time.Time) (AmendmentPreview, error) {
	var out AmendmentPreview
	err := r.do(ctx, actor, arrived, func(s *step) error {
		_, p, err := s.proposed(ctx, id, arrived)
		if err == nil {
			out = p.preview
		}
		return err
	})
	return out, err
}

// Decision is another officer's word on an amendment.
type Decision struct {
	Amendment uuid.UUID
	Hash      string // of the preview that is approved
	Reason    string // of a refusal
	Arrived   time.Time
}

// ApproveAmendment carries an amendment out, in one transaction: the new
// version is pinned, marks that no longer fit are set aside, every applicant
// gets one letter; rankings computed before cannot be published any more.
// Errors: forbidden for whoever proposed it, and for whom a conflict of
// interest or a file of their own bars; stale if anything of the preview is
// different.
func (r *Runner) ApproveAmendment(ctx context.Context, actor mobility.Actor, d Decision) (AmendmentDone, error) {
	var done AmendmentDone
	err := r.do(ctx, actor, d.Arrived, func(s *step) error {
		row, p, err := s.proposed(ctx, d.Amendment, d.Arrived)
		if err != nil {
			return err
		}
		if err := s.mayApprove(ctx, row); err != nil {
			return err
		}
		if p.preview.Hash != d.Hash {
			return mobility.StaleError("conflict.preview_outdated", nil)
		}
		if done.SetAside, err = s.applyAmendment(ctx, p, &row.ID); err != nil {
			return err
		}
		if done.Told, err = s.tellAmendment(ctx, row); err != nil {
			return err
		}
		return s.decideAmendment(ctx, row, "approved", done, "")
	})
	return done, err
}

// RefuseAmendment ends a proposal without effect: another officer refuses it,
// whoever proposed it takes it back.
func (r *Runner) RefuseAmendment(ctx context.Context, actor mobility.Actor, d Decision) error {
	return r.do(ctx, actor, d.Arrived, func(s *step) error {
		row, err := s.waitingAmendment(ctx, d.Amendment)
		if err != nil {
			return err
		}
		if row.ProposedBy == actor.Person {
			return s.decideAmendment(ctx, row, "withdrawn", AmendmentDone{}, d.Reason)
		}
		if strings.TrimSpace(d.Reason) == "" {
			return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
		}
		return s.decideAmendment(ctx, row, "refused", AmendmentDone{}, d.Reason)
	})
}

func (s *step) mayApprove(ctx context.Context, row store.AmendmentByIDRow) error {
	if row.ProposedBy == s.actor.Person {
		return mobility.ForbiddenError("refusal.amendment_of_your_own")
	}
	barred, err := queries.BarredInCall(ctx, s.tx, store.BarredInCallParams{CallID: row.CallID, PersonID: s.actor.Person})
	if err != nil {
		return fmt.Errorf("look for conflicts of interest: %w", err)
	}
	if barred {
		return mobility.ForbiddenError("refusal.barred_from_round")
	}
	return nil
}
