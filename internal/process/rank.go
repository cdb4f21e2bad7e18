package process

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// ComputeRanking computes a draft ranking of a round with places allocated,
// proves it against its method's properties and stores it with its inputs.
// Only an officer of the institution may; conflict while the round is open,
// after it was published, or while files are with their applicants.
func (r *Runner) ComputeRanking(ctx context.Context, actor mobility.Actor, round uuid.UUID, arrived time.Time) (uuid.UUID, error) {
	var id uuid.UUID
	err := r.do(ctx, actor, arrived, func(s *step) error {
		at, err := r.roundForOfficer(ctx, s, round)
		if err != nil {
			return err
		}
		if at.Published {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		if err := s.closedForAll(ctx, at); err != nil {
			return err
		}
		b, err := r.basis(ctx, s, at)
		if err != nil {
			return err
		}
		run, err := b.Compute()
		if err != nil {
			return err
		}
		id, err = s.storeRanking(ctx, at, b, run)
		return err
	})
	return id, err
}

// roundForOfficer proves that the actor sees the round and is an officer of
// its institution, elevates, and holds the call against other publishers.
func (r *Runner) roundForOfficer(ctx context.Context, s *step, round uuid.UUID) (store.RoundForRankingRow, error) {
	seen, err := queries.VisibleRound(ctx, s.tx, round)
	if err != nil {
		return store.RoundForRankingRow{}, store.Translate(err, "round")
	}
	if !isOfficer(s.actor, seen.InstitutionID, seen.CallID) {
		return store.RoundForRankingRow{}, mobility.ForbiddenError("refusal.officers_only")
	}
	if err := s.elevate(ctx); err != nil {
		return store.RoundForRankingRow{}, err
	}
	if err := queries.LockCall(ctx, s.tx, seen.CallID.String()); err != nil {
		return store.RoundForRankingRow{}, err
	}
	return queries.RoundForRanking(ctx, s.tx, round)
}

// isOfficer reports whether the actor is an officer for all of the call.
func isOfficer(actor mobility.Actor, institution, call uuid.UUID) bool {
	for _, g := range actor.Grants {
		if g.Role == mobility.RoleOfficer && g.Institution == institution && g.Unit == nil && (g.Call == nil || *g.Call == call) {
			return true
		}
	}
	return actor.System
}

// storeRanking keeps a run; every run made stays on record (design rule 4).
func (s *step) storeRanking(ctx context.Context, at store.RoundForRankingRow, b *Basis, run Run) (uuid.UUID, error) {
	number, err := queries.NextRankingNumber(ctx, s.tx, at.ID)
	if err != nil {
		return uuid.Nil, err
	}
	var input bytes.Buffer
	if err := selection.WriteInput(&input, run.Input); err != nil {
		return uuid.Nil, err
	}
	texts, hashes, err := b.hashes()
	if err != nil {
		return uuid.Nil, err
	}
	id := newID()
	err = queries.AddRanking(ctx, s.tx, store.AddRankingParams{
		ID: id, InstitutionID: at.InstitutionID, CallID: at.CallID, RoundID: at.ID, Number: number, Engine: run.Result.Engine, Method: string(run.Result.Method),
		Input: input.String(), Result: string(selection.Canonical(run.Result)), InputHash: selection.Hash(run.Input), ResultHash: selection.HashResult(run.Result),
		SchemeID: &b.SchemeID, ValuesHash: hashOfValues(b.ids(), hashes), ComputedAt: s.now, ComputedBy: s.actor.Person,
	})
	if err != nil {
		return uuid.Nil, store.Translate(err, "ranking")
	}
	if err := s.storeEntries(ctx, id, b, run, hashes); err != nil {
		return uuid.Nil, err
	}
	return id, s.storeDetails(ctx, id, run, texts)
}

// same reports whether a stored ranking was computed from this basis, and
// returns what the engine would get now.
func (b *Basis) same(ranking store.RankingForPublishingRow) (bool, selection.Input, error) {
	scored, err := b.Scheme.Score(b.Values)
	if err != nil {
		return false, selection.Input{}, err
	}
	members, err := b.groups()
	if err != nil {
		return false, selection.Input{}, err
	}
	_, hashes, err := b.hashes()
	if err != nil {
		return false, selection.Input{}, err
	}
	in := b.input(scored, members)
	same := selection.Hash(in) == ranking.InputHash && hashOfValues(b.ids(), hashes) == ranking.ValuesHash && selection.Engine == ranking.Engine &&
		(ranking.SchemeID == nil || *ranking.SchemeID == b.SchemeID)
	return same, in, nil
}

func (b *Basis) ids() []uuid.UUID {
	out := make([]uuid.UUID, len(b.Candidates))
	for i, c := range b.Candidates {
		out[i] = c.Application
	}
	return out
}

// hashes writes every application's values down and hashes each with its
// person's salt.
func (b *Basis) hashes() (texts, hashes []string, err error) {
	texts, hashes = make([]string, len(b.Values)), make([]string, len(b.Values))
	for i, v := range b.Values {
		if texts[i], err = ValuesText(v); err != nil {
			return nil, nil, err
		}
		hashes[i] = valuesHash(b.Candidates[i].salt, texts[i])
	}
	return texts, hashes, nil
}

func (s *step) storeEntries(ctx context.Context, id uuid.UUID, b *Basis, run Run, hashes []string) error {
	entries := store.AddRankingEntriesParams{RankingID: id}
	wishes := store.AddChoiceOutcomesParams{RankingID: id}
	at := make(map[uuid.UUID]int, len(b.Candidates))
	for i, c := range b.Candidates {
		at[c.Application] = i
	}
	for _, e := range run.Result.Entries {
		i := at[e.Applicant]
		if err := addEntry(&entries, e, groupedPools(run.Input.Applicants[i].Quotas, b), hashes[i]); err != nil {
			return err
		}
		for _, c := range e.Choices {
			if err := addWish(&wishes, e.Applicant, c); err != nil {
				return err
			}
		}
	}
	if err := queries.AddRankingEntries(ctx, s.tx, entries); err != nil {
		return fmt.Errorf("keep the entries: %w", err)
	}
	return queries.AddChoiceOutcomes(ctx, s.tx, wishes)
}

// groupedPools is an array of those pools of the rules that count the
// applicant, as the database writes one.
func groupedPools(quotas []string, b *Basis) string {
	var out []string
	for _, p := range slices.Concat(b.Pools, b.Money) {
		if p.Group != "" && slices.Contains(quotas, p.Group) {
			out = append(out, p.ID.String())
		}
	}
	return "{" + strings.Join(out, ",") + "}"
}

func addEntry(to *store.AddRankingEntriesParams, e selection.Entry, pools, hash string) error {
	outcome, at, reason := summary(e)
	data, err := json.Marshal(reason)
	if err != nil {
		return err
	}
	to.Applications = append(to.Applications, e.Applicant)
	to.Ranks = append(to.Ranks, int32(e.Rank))
	to.Points = append(to.Points, e.Points.String())
	to.Outcomes = append(to.Outcomes, string(outcome))
	to.Destinations = append(to.Destinations, at)
	to.Reasons = append(to.Reasons, reason.Code)
	to.Datas = append(to.Datas, string(data))
	to.Given = append(to.Given, string(e.Grant))
	to.GrantRanks = append(to.GrantRanks, int32(e.GrantRank))
	to.Pools = append(to.Pools, pools)
	to.ValuesHashes = append(to.ValuesHashes, hash)
	return nil
}

func (s *step) storeDetails(ctx context.Context, id uuid.UUID, run Run, texts []string) error {
	arg := store.AddRankingDetailsParams{RankingID: id, Inputs: texts}
	for _, one := range run.Scored {
		text, err := json.Marshal(one)
		if err != nil {
			return err
		}
		arg.Applications, arg.Breakdowns = append(arg.Applications, one.Application), append(arg.Breakdowns, string(text))
	}
	if err := queries.AddRankingDetails(ctx, s.tx, arg); err != nil {
		return fmt.Errorf("keep how points came about: %w", err)
	}
	return nil
}

func addWish(to *store.AddChoiceOutcomesParams, applicant uuid.UUID, c selection.Choice) error {
	data, err := json.Marshal(c.Reason)
	if err != nil {
		return err
	}
	to.Applications = append(to.Applications, applicant)
	to.Destinations = append(to.Destinations, c.Destination)
	to.Positions = append(to.Positions, int32(c.Preference))
	to.Points = append(to.Points, c.Points.String())
	to.Standings = append(to.Standings, int32(c.Standing))
	to.Outcomes = append(to.Outcomes, string(c.Outcome))
	to.Ranks = append(to.Ranks, int32(c.Rank))
	to.ReserveRanks = append(to.ReserveRanks, int32(c.Reserve))
	to.Reasons = append(to.Reasons, c.Reason.Code)
	to.Datas = append(to.Datas, string(data))
	return nil
}

// summary is what an entry comes to: the granted wish, else waiting, else the
// reason of the first wish.
func summary(e selection.Entry) (lifecycle.RankingOutcome, string, selection.Reason) {
	if c, ok := e.Placed(); ok {
		return lifecycle.OutcomePlaced, c.Destination.String(), c.Reason
	}
	outcome, reason := lifecycle.OutcomeGated, selection.Reason{Code: selection.ReasonExcluded, Gate: e.Excluded}
	for _, c := range e.Choices {
		if e.Excluded == "" && c.Outcome != selection.Gated {
			outcome, reason = lifecycle.OutcomeNotPlaced, c.Reason
			break
		}
		if e.Excluded == "" {
			reason = c.Reason
		}
	}
	if e.Waiting() {
		outcome = lifecycle.OutcomeReserve
	}
	return outcome, "", reason
}
