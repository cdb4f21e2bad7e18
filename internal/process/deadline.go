package process

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// AmendDeadline asks for another wall minute of a round's or a destination's
// deadline, in the zone it has.
type AmendDeadline struct {
	Deadline uuid.UUID
	Version  int32 // of the page it was asked from; 0: whatever it is now
	Wall     mobility.WallMinute
	Reason   string
	Arrived  time.Time // system clock
}

// AmendDeadline moves a deadline and makes it a new version, so that reminders
// are planned anew. An officer or administrator may, with a reason. One's own
// deadline of an application or offer is moved by a move of its lifecycle and
// refused here, as is a round's end once its result is published.
func (r *Runner) AmendDeadline(ctx context.Context, actor mobility.Actor, req AmendDeadline) error {
	if req.Reason == "" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		d, err := queries.VisibleDeadline(ctx, s.tx, req.Deadline)
		if err != nil {
			return store.Translate(err, "deadline")
		}
		if err := s.asOffice(ctx, d.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if d.RoundID == nil && d.DestinationID == nil {
			return mobility.ConflictError("conflict.deadline_of_a_file", nil)
		}
		return s.amend(ctx, d, req)
	})
}

func (s *step) amend(ctx context.Context, d store.VisibleDeadlineRow, req AmendDeadline) error {
	call, err := queries.CallOfDeadline(ctx, s.tx, d.ID)
	if err != nil {
		return fmt.Errorf("find the call: %w", err)
	}
	if err := queries.LockCall(ctx, s.tx, call.String()); err != nil {
		return fmt.Errorf("lock the call: %w", err)
	}
	if err := s.mayAmend(ctx, d); err != nil {
		return err
	}
	zone, err := time.LoadLocation(d.Zone)
	if err != nil {
		return fmt.Errorf("read the deadline's zone: %w", err)
	}
	at := closesAt(d.Kind, req.Wall, zone)
	if err := s.inOrder(ctx, d, at); err != nil {
		return err
	}
	if d.Kind == AppealDeadline && at.Before(d.ClosesAt) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "wall", Code: "deadline.only_later"})
	}
	version := d.Version
	if req.Version != 0 {
		version = req.Version
	}
	n, err := queries.AmendDeadline(ctx, s.tx, store.AmendDeadlineParams{ID: d.ID, Wall: req.Wall.Time(), ClosesAt: at, Version: version})
	if err != nil {
		return fmt.Errorf("amend the deadline: %w", err)
	}
	if n == 0 {
		return mobility.StaleError("conflict.deadline_amended_meanwhile", nil)
	}
	err = s.record(ctx, act{
		institution: d.InstitutionID, name: "deadline_amended", kind: "deadline", subject: d.ID, reason: req.Reason,
		data: map[string]any{"call": call, "kind": d.Kind, "from": mobility.WallOf(d.Wall.UTC()).String(), "to": req.Wall.String(), "version": version + 1},
	})
	return err
}

func (s *step) mayAmend(ctx context.Context, d store.VisibleDeadlineRow) error {
	if d.RoundID == nil {
		return nil
	}
	if d.Kind == AppealDeadline {
		return s.mayAmendAppeal(ctx, *d.RoundID)
	}
	published, err := queries.RoundIsPublished(ctx, s.tx, *d.RoundID)
	if err != nil {
		return fmt.Errorf("look for the result: %w", err)
	}
	if published {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return nil
}

// mayAmendAppeal lets the window to appeal against a final list be moved, but
// not one whose final list is out.
func (s *step) mayAmendAppeal(ctx context.Context, round uuid.UUID) error {
	list, err := queries.ProvisionalList(ctx, s.tx, round)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for the provisional list: %w", err)
	}
	published, err := queries.RoundIsPublished(ctx, s.tx, round)
	if err != nil {
		return fmt.Errorf("look for the result: %w", err)
	}
	if published || list.Status == "published" {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return nil
}

// inOrder keeps a round's opening before its closing and its closing before
// the end of assessment.
func (s *step) inOrder(ctx context.Context, d store.VisibleDeadlineRow, at time.Time) error {
	if d.RoundID == nil {
		return nil
	}
	rows, err := queries.RoundDeadlines(ctx, s.tx, d.RoundID)
	if err != nil {
		return fmt.Errorf("read the round's deadlines: %w", err)
	}
	order := map[string]int{"opens": 1, string(lifecycle.Closes): 2, string(lifecycle.AssessBy): 3}
	for _, other := range rows {
		if order[other.Kind] == 0 || order[d.Kind] == 0 || other.Kind == d.Kind {
			continue
		}
		if order[other.Kind] < order[d.Kind] != other.ClosesAt.Before(at) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "wall", Code: "deadline.out_of_order", Data: map[string]any{"Other": other.Kind}})
		}
	}
	return nil
}

// Overbook asks for more places, or with a negative number fewer, than a
// pool's agreement gives.
type Overbook struct {
	Pool    uuid.UUID
	Number  int32
	Rule    string // one of OverbookingRules
	Why     string
	Arrived time.Time // system clock
}

// OverbookingRules lists by what rule a pool may be overbooked.
var OverbookingRules = []string{"tie_admitted_whole", "host_consent", "correction", "partner_cut_places"}

// Overbook records who gave how many places beyond the agreement and why. An
// officer or administrator may. Fewer places than are held are a conflict.
func (r *Runner) Overbook(ctx context.Context, actor mobility.Actor, req Overbook) error {
	if err := req.check(); err != nil {
		return err
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := queries.VisiblePool(ctx, s.tx, req.Pool)
		if err != nil {
			return store.Translate(err, "pool")
		}
		if err := s.asOffice(ctx, p.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
			return err
		}
		if _, err := queries.LockPools(ctx, s.tx, []uuid.UUID{req.Pool}); err != nil {
			return fmt.Errorf("lock the pool: %w", err)
		}
		err = queries.AddOverbookingOf(ctx, s.tx, store.AddOverbookingOfParams{
			ID: newID(), InstitutionID: p.InstitutionID, PoolID: p.ID, Number: req.Number, Rule: req.Rule, Why: req.Why, PersonID: s.actorID(), At: s.now,
		})
		return store.Translate(err, "pool")
	})
}

func (o Overbook) check() error {
	c := &planCheck{}
	c.require(o.Number != 0, "number", "invalid.required")
	c.require(o.Why != "", "why", "invalid.required")
	known := false
	for _, rule := range OverbookingRules {
		known = known || rule == o.Rule
	}
	c.require(known, "rule", "invalid.oneof")
	if len(c.problems) > 0 {
		return mobility.InvalidError(c.problems...)
	}
	return nil
}
