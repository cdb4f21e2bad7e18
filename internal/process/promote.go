package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
	"peregrine/internal/store"
)

// Promote moves the free places of a round down its reserve by the declared
// rule and returns how many were offered; then it gives what grants are free
// to those who hold a place without one. It proves the rule before it
// commits. A destination with too little time left to answer is left to the
// office (design rule 8), which is told by an act. A job runs it whenever a
// place is freed; running it with nothing free changes nothing.
func (r *Runner) Promote(ctx context.Context, round uuid.UUID, arrived time.Time) (int, error) {
	promoted := 0
	err := r.system(ctx, arrived, func(s *step) error {
		at, err := queries.RoundForRanking(ctx, s.tx, round)
		if err != nil {
			return store.Translate(err, "round")
		}
		if err := queries.LockCall(ctx, s.tx, at.CallID.String()); err != nil {
			return err
		}
		call, err := queries.CallRules(ctx, s.tx, at.CallID)
		if err != nil {
			return err
		}
		state, err := r.reserveState(ctx, s, at, call)
		if err != nil {
			return err
		}
		next := selection.Promote(state)
		if broken := proof.VerifyPromotion(state, next); len(broken) > 0 {
			return fmt.Errorf("the promotion breaks its own promises: %s %s", broken[0].Code, broken[0].Detail)
		}
		promoted = len(next)
		if err := r.promoteAll(ctx, s, next); err != nil {
			return err
		}
		return s.awardGrants(ctx, at)
	})
	return promoted, err
}

// reserveState reads the live reserve and what is free, pools locked.
func (r *Runner) reserveState(ctx context.Context, s *step, at store.RoundForRankingRow, call store.CallRulesRow) (selection.ReserveState, error) {
	state := selection.ReserveState{UntilConfirmed: call.Selection.Upgrades == mobility.UpgradesUntilConfirmed}
	pools, err := queries.RoundPoolIDs(ctx, s.tx, at.ID)
	if err != nil {
		return state, err
	}
	if _, err := queries.LockPools(ctx, s.tx, pools); err != nil {
		return state, err
	}
	free, err := queries.RoundPools(ctx, s.tx, at.ID)
	if err != nil {
		return state, err
	}
	state.Destinations, state.Pools = poolsOf(free)
	open, err := r.promotable(ctx, s, at, call)
	if err != nil {
		return state, err
	}
	rows, err := queries.LiveReserve(ctx, s.tx, at.ID)
	if err != nil {
		return state, err
	}
	state.Waiting = waiting(rows, open)
	if call.Selection.Reserve.Per != mobility.ReservePerDestination {
		if err := r.anywhere(ctx, s, reserveRound{at, call, rows}, open, &state); err != nil {
			return state, err
		}
	}
	return state, s.tellOffice(ctx, at, rows, free, open)
}

// promotable returns whether a destination leaves the call's minimum to
// answer an offer made now.
func (r *Runner) promotable(ctx context.Context, s *step, at store.RoundForRankingRow, call store.CallRulesRow) (func(uuid.UUID) bool, error) {
	zone, err := time.LoadLocation(call.Zone)
	if err != nil {
		return nil, err
	}
	working, err := store.WorkingDays(ctx, s.tx, at.InstitutionID, s.now.In(zone))
	if err != nil {
		return nil, err
	}
	hosts, err := queries.HostDeadlines(ctx, s.tx, at.ID)
	if err != nil {
		return nil, err
	}
	closes := make(map[uuid.UUID]time.Time, len(hosts))
	for _, h := range hosts {
		closes[h.ID] = h.ClosesAt
	}
	rule := call.ConfirmRule(zone, int(call.PromotionDays))
	return func(destination uuid.UUID) bool {
		_, ok := rule.ConfirmBy(s.now, closes[destination], working)
		return ok
	}, nil
}

// waiting groups reserve rows by application, in order of preference.
func waiting(rows []store.LiveReserveRow, open func(uuid.UUID) bool) []selection.Waiting {
	at := map[uuid.UUID]int{}
	positions := map[uuid.UUID][]int32{}
	var out []selection.Waiting
	for _, row := range rows {
		if !open(row.DestinationID) {
			continue
		}
		i, known := at[row.ApplicationID]
		if !known {
			i = len(out)
			at[row.ApplicationID] = i
			out = append(out, newWaiting(row))
		}
		before, _ := slices.BinarySearch(positions[row.ApplicationID], row.Position)
		positions[row.ApplicationID] = slices.Insert(positions[row.ApplicationID], before, row.Position)
		stand := selection.Stand{Destination: row.DestinationID, Class: int(row.Class), Rank: int(row.Rank)}
		out[i].Wishes = slices.Insert(out[i].Wishes, before, stand)
	}
	return out
}

func newWaiting(row store.LiveReserveRow) selection.Waiting {
	w := selection.Waiting{Applicant: row.ApplicationID}
	if row.Holds != nil {
		w.Holds = *row.Holds
	}
	for _, p := range row.Pools {
		w.Quotas = append(w.Quotas, p.String())
	}
	return w
}

// tellOffice leaves an act for each destination that has a free place and a
// reserve but too little time: names and telephone numbers are on its page.
func (s *step) tellOffice(ctx context.Context, at store.RoundForRankingRow, rows []store.LiveReserveRow, free []store.RoundPoolsRow, open func(uuid.UUID) bool) error {
	full := map[uuid.UUID]bool{}
	for _, f := range free {
		full[f.DestinationID] = full[f.DestinationID] || f.Free <= 0
	}
	var late []uuid.UUID
	for _, row := range rows {
		if !open(row.DestinationID) && !full[row.DestinationID] && !slices.Contains(late, row.DestinationID) {
			late = append(late, row.DestinationID)
		}
	}
	for _, d := range late {
		err := queries.AddAct(ctx, s.tx, store.AddActParams{
			ID: newID(), InstitutionID: at.InstitutionID, Act: "promotion_needs_office", SubjectKind: "destination", SubjectID: d, At: s.now, Data: []byte("{}"),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// promoteAll makes each promotion by the definition's own move, applications
// locked in order of id first.
func (r *Runner) promoteAll(ctx context.Context, s *step, next []selection.Promotion) error {
	ids := make([]uuid.UUID, len(next))
	var movers []uuid.UUID
	for i, p := range next {
		ids[i] = p.Applicant
		if p.From != uuid.Nil {
			movers = append(movers, p.Applicant)
		}
	}
	if _, err := queries.LockApplications(ctx, s.tx, ids); err != nil {
		return err
	}
	if err := queries.FreePlacesOf(ctx, s.tx, movers); err != nil {
		return fmt.Errorf("free what is given up: %w", err)
	}
	for _, p := range next {
		seen, err := queries.VisibleApplication(ctx, s.tx, p.Applicant)
		if err != nil {
			return err
		}
		f, err := r.open(ctx, s, seen, &p.Destination)
		if err != nil {
			return err
		}
		move := promotion(f.def, f.app.State)
		if move == "" {
			return fmt.Errorf("lifecycle %s has no move from %s that promotes", f.def.Name, f.app.State)
		}
		out, err := f.step(MoveRequest{Move: move}, []mobility.Role{mobility.RoleSystem}, s.now)
		if err != nil {
			return err
		}
		if _, err := r.carryOut(ctx, s, f, change{out: out, promoted: true}); err != nil {
			return err
		}
	}
	return nil
}

// promotion finds the system's move from a waiting state to an open offer.
func promotion(def *lifecycle.Definition, state mobility.State) string {
	for _, m := range def.MovesFrom(state) {
		to, _ := def.State(m.To)
		if m.Automatic() && to.Offer == mobility.OfferOpen {
			return m.Name
		}
	}
	return ""
}
