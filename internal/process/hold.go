package process

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// HoldBack keeps one entry out of the publication, by name and reason; the
// place it was given stays its own. An empty reason lets it go again: before
// publication it is published with the rest, where a provisional list is out it
// is told what that says; afterwards ReleaseHeld does it.
func (r *Runner) HoldBack(ctx context.Context, actor mobility.Actor, application uuid.UUID, why string, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, application)
		if err != nil {
			return err
		}
		return r.setHeld(ctx, s, seen, strings.TrimSpace(why))
	})
}

// HoldBackAll keeps several entries out of the publication, each by name, for
// one reason: all of them or none. Errors as HoldBack, and invalid without a
// reason or without anybody.
func (r *Runner) HoldBackAll(ctx context.Context, actor mobility.Actor, applications []uuid.UUID, why string, arrived time.Time) error {
	why = strings.TrimSpace(why)
	var problems []mobility.FieldProblem
	if len(applications) == 0 {
		problems = append(problems, mobility.FieldProblem{Field: "application", Code: "outbox.nobody_chosen"})
	}
	if why == "" {
		problems = append(problems, mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	if len(problems) > 0 {
		return mobility.InvalidError(problems...)
	}
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen := make([]store.VisibleApplicationRow, len(applications))
		for i, id := range applications { // all of them with the actor's own eyes, before anything changes
			var err error
			if seen[i], err = queries.VisibleApplication(ctx, s.tx, id); err != nil {
				return store.Translate(err, "application")
			}
		}
		if err := s.elevate(ctx); err != nil {
			return err
		}
		for _, one := range seen {
			if err := r.setHeld(ctx, s, one, why); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Runner) setHeld(ctx context.Context, s *step, seen store.VisibleApplicationRow, why string) error {
	if !isOfficer(s.actor, seen.InstitutionID, seen.CallID) || seen.PersonID == s.actor.Person {
		return mobility.ForbiddenError("refusal.officers_only")
	}
	if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return err
	}
	at, err := queries.RoundForRanking(ctx, s.tx, seen.RoundID)
	if err != nil {
		return err
	}
	if at.Published {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	if why == "" {
		if err := r.tellHeld(ctx, s, seen.ID, at); err != nil {
			return err
		}
	}
	return s.holdBack(ctx, seen, why)
}

// holdBack sets why, and leaves a line of who did so; the words go with the
// person they are about.
func (s *step) holdBack(ctx context.Context, seen store.VisibleApplicationRow, why string) error {
	if err := queries.SetHeldBack(ctx, s.tx, store.SetHeldBackParams{ID: seen.ID, Why: why}); err != nil {
		return err
	}
	name := "result_held_back"
	if why == "" {
		name = "result_let_go"
	}
	return s.record(ctx, act{institution: seen.InstitutionID, name: name, kind: "application", subject: seen.ID, reason: why, about: &seen.PersonID})
}

// ReleaseHeld publishes one entry that was held back, later and from the same
// ranking: nothing is computed again. Conflict if its place is at a destination
// that was dropped meanwhile: then it stays held back.
func (r *Runner) ReleaseHeld(ctx context.Context, actor mobility.Actor, application uuid.UUID, arrived time.Time) error {
	return r.do(ctx, actor, arrived, func(s *step) error {
		seen, err := r.visible(ctx, s, application)
		if err != nil {
			return err
		}
		if !isOfficer(s.actor, seen.InstitutionID, seen.CallID) || seen.PersonID == actor.Person {
			return mobility.ForbiddenError("refusal.officers_only")
		}
		return r.releaseHeld(ctx, s, seen)
	})
}

func (r *Runner) releaseHeld(ctx context.Context, s *step, seen store.VisibleApplicationRow) error {
	if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return err
	}
	id, err := queries.PublishedRanking(ctx, s.tx, seen.RoundID)
	if err != nil {
		return mobility.ConflictError("refusal.not_published_yet", nil)
	}
	pools, err := queries.RoundPoolIDs(ctx, s.tx, seen.RoundID)
	if err != nil {
		return err
	}
	if _, err := queries.LockPools(ctx, s.tx, pools); err != nil {
		return err
	}
	ranking, err := queries.RankingForPublishing(ctx, s.tx, id)
	if err != nil {
		return err
	}
	at, err := queries.RoundForRanking(ctx, s.tx, seen.RoundID)
	if err != nil {
		return err
	}
	return r.releaseOne(ctx, s, seen.ID, at, ranking)
}

func (r *Runner) releaseOne(ctx context.Context, s *step, application uuid.UUID, at store.RoundForRankingRow, ranking store.RankingForPublishingRow) error {
	call, err := queries.CallRules(ctx, s.tx, at.CallID)
	if err != nil {
		return err
	}
	def, err := r.definitions.load(ctx, s.tx, call.DefinitionID)
	if err != nil {
		return err
	}
	by, err := s.confirmBys(ctx, at, call)
	if err != nil {
		return err
	}
	rows, err := queries.PublishingRows(ctx, s.tx, ranking.ID)
	if err != nil {
		return err
	}
	b := &batch{s: s, call: call, at: at, ranking: ranking.ID, confirmBy: by, late: map[uuid.UUID]int{}}
	for _, row := range rows {
		if row.ID != application || row.HeldBack == "" {
			continue
		}
		if row.Dropped {
			return mobility.ConflictError("refusal.held_place_dropped", nil)
		}
		if err := queries.SetHeldBack(ctx, s.tx, store.SetHeldBackParams{ID: application}); err != nil {
			return err
		}
		if err := b.add(def, row); err != nil {
			return err
		}
		if err := b.inTime(ctx); err != nil {
			return err
		}
		if err := b.write(ctx, ranking, Published{Decided: 1}); err != nil {
			return err
		}
		_, _, err := s.openAppeals(ctx, at, appealWindow{application: &application, final: true})
		return err
	}
	return mobility.ConflictError("refusal.not_held_back", nil)
}
