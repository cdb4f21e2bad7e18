package process

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// rankingInput is everything a ranking of a round is computed from.
type rankingInput struct {
	input      selection.Input
	breakdowns map[uuid.UUID]selection.Breakdown
	states     map[uuid.UUID]mobility.State
	gated      map[uuid.UUID]bool // in a state that publishing only closes
}

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
		if !mobility.Due(s.now, at.ClosesAt) {
			return mobility.ConflictError("refusal.still_open", map[string]any{"Until": at.ClosesAt.Add(-time.Minute)})
		}
		in, err := r.rankingInput(ctx, s, at)
		if err != nil {
			return err
		}
		id, err = s.storeRanking(ctx, at, in)
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

func (r *Runner) rankingInput(ctx context.Context, s *step, at store.RoundForRankingRow) (*rankingInput, error) {
	call, err := queries.CallRules(ctx, s.tx, at.CallID)
	if err != nil {
		return nil, err
	}
	def, err := r.definitions.load(ctx, s.tx, call.DefinitionID)
	if err != nil {
		return nil, err
	}
	scheme, err := readScheme(ctx, s.tx, call)
	if err != nil {
		return nil, err
	}
	in := &rankingInput{
		input:      selection.Input{Method: selection.Method(call.Method), Tied: selection.TiedLot, Seed: call.Seed},
		breakdowns: map[uuid.UUID]selection.Breakdown{}, states: map[uuid.UUID]mobility.State{}, gated: map[uuid.UUID]bool{},
	}
	if limit := call.ReserveLimit; limit != nil {
		in.input.NoReserve, in.input.ReserveLimit = *limit == 0, int(*limit)
	}
	if err := in.readPools(ctx, s, at.ID); err != nil {
		return nil, err
	}
	return in, in.readApplicants(ctx, s, at, def, scheme)
}

func readScheme(ctx context.Context, db store.DBTX, call store.CallRulesRow) (selection.Scheme, error) {
	var scheme selection.Scheme
	raw, err := queries.SchemeCriteria(ctx, db, call.SchemeID)
	if err != nil {
		return scheme, err
	}
	if err := json.Unmarshal(raw, &scheme.Criteria); err != nil {
		return scheme, fmt.Errorf("read the scheme: %w", err)
	}
	scheme.Ties = call.TieChain
	return scheme, scheme.Check()
}

func (in *rankingInput) readPools(ctx context.Context, s *step, round uuid.UUID) error {
	rows, err := queries.RoundPools(ctx, s.tx, round)
	if err != nil {
		return err
	}
	in.input.Destinations, in.input.Pools = poolsOf(rows)
	return nil
}

// poolsOf turns rows ordered by destination into what selection works on.
func poolsOf(rows []store.RoundPoolsRow) ([]selection.Destination, []selection.Pool) {
	var destinations []selection.Destination
	var pools []selection.Pool
	seen := map[uuid.UUID]bool{}
	for _, row := range rows {
		if n := len(destinations); n == 0 || destinations[n-1].ID != row.DestinationID {
			destinations = append(destinations, selection.Destination{ID: row.DestinationID})
		}
		last := &destinations[len(destinations)-1]
		last.Pools = append(last.Pools, row.PoolID)
		if !seen[row.PoolID] {
			seen[row.PoolID] = true
			pools = append(pools, selection.Pool{ID: row.PoolID, Free: max(int(row.Free), 0)})
		}
	}
	return destinations, pools
}

func (in *rankingInput) readApplicants(ctx context.Context, s *step, at store.RoundForRankingRow, def *lifecycle.Definition, scheme selection.Scheme) error {
	rows, err := queries.RankingCandidates(ctx, s.tx, at.ID)
	if err != nil {
		return err
	}
	marks, err := standingMarks(ctx, s.tx, at)
	if err != nil {
		return err
	}
	choices, err := rankingChoices(ctx, s.tx, rows)
	if err != nil {
		return err
	}
	waiting := 0
	for _, row := range rows {
		placeable := def.ForOutcome(row.State, lifecycle.OutcomePlaced) != nil
		closable := def.ForOutcome(row.State, lifecycle.OutcomeGated) != nil
		if !placeable && !closable {
			if state, _ := def.State(row.State); state.Turn == mobility.TurnApplicant && state.Editable {
				waiting++
			}
			continue
		}
		if len(choices[row.ID]) == 0 {
			continue // every choice is at a host that selects for itself
		}
		a, b, err := applicant(row, scheme, marks[row.ID], choices[row.ID])
		if err != nil {
			return err
		}
		if !placeable {
			a.Excluded = "excluded.ineligible"
		}
		in.input.Applicants = append(in.input.Applicants, a)
		in.breakdowns[row.ID], in.states[row.ID], in.gated[row.ID] = b, row.State, !placeable
	}
	if waiting > 0 {
		return mobility.ConflictError("refusal.files_with_applicants", map[string]any{"Count": waiting})
	}
	open, err := queries.DraftsStillOpen(ctx, s.tx, store.DraftsStillOpenParams{RoundID: at.ID, Now: s.now})
	if err != nil {
		return fmt.Errorf("look for drafts: %w", err)
	}
	if open > 0 {
		return mobility.ConflictError("refusal.drafts_still_open", map[string]any{"Count": int(open)})
	}
	return nil
}

func applicant(row store.RankingCandidatesRow, scheme selection.Scheme, marks map[string]decimal.Decimal, choices []store.RankingChoicesRow) (selection.Applicant, selection.Breakdown, error) {
	var facts SubmittedFacts
	if err := json.Unmarshal(row.Facts, &facts); err != nil {
		return selection.Applicant{}, selection.Breakdown{}, fmt.Errorf("read the submitted facts: %w", err)
	}
	values := selection.Values{Marks: marks, Facts: map[string]decimal.Decimal{}}
	if facts.Average != nil {
		values.Average = decimal.NewNullDecimal(*facts.Average)
	}
	for _, tie := range scheme.Ties {
		if row.Answers[tie] == "yes" {
			values.Facts[tie] = decimal.NewFromInt(1)
		}
	}
	b, err := scheme.Total(values)
	if err != nil {
		return selection.Applicant{}, b, err
	}
	a := selection.Applicant{ID: row.ID, Points: b.Total, Ties: b.Ties}
	if !b.Complete() {
		a.Excluded = selection.ExcludedMarksMissing
	}
	for _, c := range choices {
		wish := selection.Wish{Destination: c.DestinationID, Points: b.Total}
		if c.Cycle != nil && facts.Cycle != nil && *c.Cycle != *facts.Cycle {
			wish.Gate = "gate.cycle"
		}
		if c.Dropped {
			wish.Gate = GateDestinationDropped
		}
		a.Wishes = append(a.Wishes, wish)
	}
	return a, b, nil
}

// standingMarks is what the marks of all assessors come to, by application
// and criterion; a criterion that lacks marks is missing.
func standingMarks(ctx context.Context, db store.DBTX, at store.RoundForRankingRow) (map[uuid.UUID]map[string]decimal.Decimal, error) {
	call, err := queries.CallAssessing(ctx, db, at.CallID)
	if err != nil {
		return nil, err
	}
	criteria, err := MarkedCriteria(call.Criteria)
	if err != nil {
		return nil, err
	}
	rows, err := queries.StandingMarks(ctx, db, at.ID)
	if err != nil {
		return nil, err
	}
	given := map[uuid.UUID]map[string][]decimal.Decimal{}
	for _, m := range rows {
		if given[m.ApplicationID] == nil {
			given[m.ApplicationID] = map[string][]decimal.Decimal{}
		}
		given[m.ApplicationID][m.Criterion] = append(given[m.ApplicationID][m.Criterion], m.Points)
	}
	out := make(map[uuid.UUID]map[string]decimal.Decimal, len(given))
	for id, marks := range given {
		out[id] = CombineMarks(criteria, marks)
	}
	return out, nil
}

func rankingChoices(ctx context.Context, db store.DBTX, rows []store.RankingCandidatesRow) (map[uuid.UUID][]store.RankingChoicesRow, error) {
	submissions := make([]uuid.UUID, len(rows))
	for i, row := range rows {
		submissions[i] = row.SubmissionID
	}
	choices, err := queries.RankingChoices(ctx, db, submissions)
	if err != nil {
		return nil, err
	}
	out := map[uuid.UUID][]store.RankingChoicesRow{}
	for _, c := range choices {
		if c.SelectedBy == "home" {
			out[c.ApplicationID] = append(out[c.ApplicationID], c)
		}
	}
	return out, nil
}

// storeRanking allocates, verifies and keeps the run; every run made stays on
// record (design rule 4).
func (s *step) storeRanking(ctx context.Context, at store.RoundForRankingRow, in *rankingInput) (uuid.UUID, error) {
	result, err := selection.Allocate(in.input)
	if err != nil {
		return uuid.Nil, err
	}
	if broken := selection.Verify(in.input, result); len(broken) > 0 {
		return uuid.Nil, fmt.Errorf("the ranking breaks its own promises: %s %s", broken[0].Code, broken[0].Detail)
	}
	number, err := queries.NextRankingNumber(ctx, s.tx, at.ID)
	if err != nil {
		return uuid.Nil, err
	}
	var input bytes.Buffer
	if err := selection.WriteInput(&input, in.input); err != nil {
		return uuid.Nil, err
	}
	id := newID()
	err = queries.AddRanking(ctx, s.tx, store.AddRankingParams{
		ID: id, InstitutionID: at.InstitutionID, CallID: at.CallID, RoundID: at.ID, Number: number, Engine: result.Engine, Method: string(result.Method),
		Input: input.String(), Result: string(selection.Canonical(result)), InputHash: selection.Hash(in.input), ResultHash: selection.HashResult(result),
		ComputedAt: s.now, ComputedBy: s.actor.Person,
	})
	if err != nil {
		return uuid.Nil, store.Translate(err, "ranking")
	}
	return id, s.storeEntries(ctx, id, in, result)
}

func (s *step) storeEntries(ctx context.Context, id uuid.UUID, in *rankingInput, result selection.Result) error {
	entries := store.AddRankingEntriesParams{RankingID: id}
	wishes := store.AddChoiceOutcomesParams{RankingID: id}
	for _, e := range result.Entries {
		breakdown, err := json.Marshal(in.breakdowns[e.Applicant])
		if err != nil {
			return err
		}
		outcome, at, reason := summary(e)
		data, err := json.Marshal(reason)
		if err != nil {
			return err
		}
		entries.Applications = append(entries.Applications, e.Applicant)
		entries.Ranks = append(entries.Ranks, int32(e.Rank))
		entries.Points = append(entries.Points, e.Points.String())
		entries.Breakdowns = append(entries.Breakdowns, string(breakdown))
		entries.Outcomes = append(entries.Outcomes, string(outcome))
		entries.Destinations = append(entries.Destinations, at)
		entries.Reasons = append(entries.Reasons, reason.Code)
		entries.Datas = append(entries.Datas, string(data))
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

func addWish(to *store.AddChoiceOutcomesParams, applicant uuid.UUID, c selection.Choice) error {
	data, err := json.Marshal(c.Reason)
	if err != nil {
		return err
	}
	to.Applications = append(to.Applications, applicant)
	to.Destinations = append(to.Destinations, c.Destination)
	to.Positions = append(to.Positions, int32(c.Preference))
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
