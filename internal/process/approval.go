package process

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// Approve says that the actor stands for exactly this result (design rules 4
// and 11): another officer may press then. Errors: forbidden for whoever has a
// conflict of interest with a file of the round, or a file of their own in it;
// stale if the hash is not the run's; conflict once it was published, or if
// the actor approved it before.
func (r *Runner) Approve(ctx context.Context, actor mobility.Actor, p Publication) error {
	return r.do(ctx, actor, p.Arrived, func(s *step) error {
		ranking, at, err := r.rankingForOfficer(ctx, s, p.Ranking)
		if err != nil {
			return err
		}
		if at.Published {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		if ranking.ResultHash != p.Hash {
			return mobility.StaleError("conflict.other_draft", nil)
		}
		if err := s.unbarred(ctx, at.ID); err != nil {
			return err
		}
		n, err := queries.AddApproval(ctx, s.tx, store.AddApprovalParams{
			ID: newID(), InstitutionID: at.InstitutionID, RankingID: ranking.ID, ResultHash: ranking.ResultHash, ApprovedBy: actor.Person, ApprovedAt: s.now,
		})
		if err != nil {
			return fmt.Errorf("keep the approval: %w", err)
		}
		if n == 0 {
			return mobility.ConflictError("conflict.approved_already", nil)
		}
		return s.record(ctx, act{institution: at.InstitutionID, name: "ranking_approved", kind: "ranking", subject: ranking.ID, data: map[string]any{"result_hash": ranking.ResultHash}})
	})
}

// unbarred refuses whom a conflict of interest, or a file of their own, bars
// from the round.
func (s *step) unbarred(ctx context.Context, round uuid.UUID) error {
	barred, err := queries.BarredInRound(ctx, s.tx, store.BarredInRoundParams{RoundID: round, PersonID: s.actor.Person})
	if err != nil {
		return fmt.Errorf("look for conflicts of interest: %w", err)
	}
	if barred {
		return mobility.ForbiddenError("refusal.barred_from_round")
	}
	return nil
}

// approved refuses to tell a list that needs somebody else's approval and has
// none: where the call asks for a second person, and always where a conflict
// of interest bars whoever presses from a file of the round (design rule 11).
func (s *step) approved(ctx context.Context, at store.RoundForRankingRow, ranking uuid.UUID, lists store.CallListsRow) error {
	barred, err := queries.BarredInRound(ctx, s.tx, store.BarredInRoundParams{RoundID: at.ID, PersonID: s.actor.Person})
	if err != nil {
		return fmt.Errorf("look for conflicts of interest: %w", err)
	}
	if !barred && lists.Approval != ApprovalSecond {
		return nil
	}
	approved, err := queries.ApprovedByAnother(ctx, s.tx, store.ApprovedByAnotherParams{RankingID: ranking, PersonID: s.actor.Person})
	switch {
	case err != nil:
		return fmt.Errorf("look for an approval: %w", err)
	case approved:
		return nil
	case barred:
		return mobility.ConflictError("refusal.colleague_approves", nil)
	}
	return mobility.ConflictError("refusal.second_person_approves", nil)
}
