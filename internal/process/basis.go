package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// Basis is everything a ranking of a round is computed from. It is plain
// data: who changes a copy and computes it sees what would be, without
// touching anything.
type Basis struct {
	Round        uuid.UUID
	Call         uuid.UUID
	SchemeID     uuid.UUID
	Scheme       *scheme.Scheme
	Rules        mobility.SelectionRules
	Seed         string
	Values       []scheme.Values // by application id, one for each candidate
	Candidates   []Candidate     // beside Values
	Destinations []selection.Destination
	Pools        []selection.Pool // Group of a grouped one is its id
	Money        []selection.Pool // likewise
}

// Candidate is what the allocation asks about an application beside its
// values.
type Candidate struct {
	Application uuid.UUID
	Person      uuid.UUID
	State       mobility.State
	Closing     bool     // in a state that publishing only closes: not ranked
	Units       []string // codes of the unit and of those above it
	Cycle       int      // EQF level, 0: not known
	Field       string   // ISCED-F
	Arrived     time.Time
	Hand        uuid.UUID // by hand: where placed; zero: nowhere
	Lifted      []string  // keys of gates that do not hold for this application any more
	Wishes      []CandidateWish

	salt []byte
}

// CandidateWish is one wish. Gate is why it does not take part whatever the
// scheme says; "" if it does.
type CandidateWish struct {
	Destination uuid.UUID
	Gate        string
	Lifted      []string // keys of gates that do not hold at this destination any more
}

// lift lets a gate hold no longer, wherever it stands.
func (c *Candidate) lift(gate string) {
	c.Lifted = append(slices.Clone(c.Lifted), gate)
	for i := range c.Wishes {
		c.Wishes[i].lift(gate)
	}
}

// lift lets a gate hold no longer at this destination.
func (w *CandidateWish) lift(gate string) {
	w.Lifted = append(slices.Clone(w.Lifted), gate)
	if w.Gate == gate {
		w.Gate = ""
	}
}

// Basis reads what a ranking of the round would be computed from now, for
// trying things out. Only an officer of the institution may; what bars an
// officer from a file is the caller's to respect (design rule 11). Errors as
// ComputeRanking's, except that a published round may be read too.
func (r *Runner) Basis(ctx context.Context, actor mobility.Actor, round uuid.UUID, arrived time.Time) (*Basis, error) {
	var out *Basis
	err := r.do(ctx, actor, arrived, func(s *step) error {
		at, err := r.roundForOfficer(ctx, s, round)
		if err != nil {
			return err
		}
		if err := s.closedForAll(ctx, at); err != nil {
			return err
		}
		out, err = r.basis(ctx, s, at)
		return err
	})
	return out, err
}

// basis reads a round's basis under the work role.
func (r *Runner) basis(ctx context.Context, s *step, at store.RoundForRankingRow) (*Basis, error) {
	return r.basisBy(ctx, s, at, nil)
}

// basisBy reads it for points by another scheme than the call's; nil is the
// call's.
func (r *Runner) basisBy(ctx context.Context, s *step, at store.RoundForRankingRow, other *scheme.Scheme) (*Basis, error) {
	call, err := queries.CallRules(ctx, s.tx, at.CallID)
	if err != nil {
		return nil, err
	}
	def, err := r.definitions.load(ctx, s.tx, call.DefinitionID)
	if err != nil {
		return nil, err
	}
	source, err := queries.SchemeSource(ctx, s.tx, call.SchemeID)
	if err != nil {
		return nil, err
	}
	b := &Basis{Round: at.ID, Call: at.CallID, SchemeID: call.SchemeID, Rules: call.Selection, Seed: call.Seed}
	if b.Scheme, err = readScheme(source); err != nil {
		return nil, err
	}
	if other != nil {
		b.Scheme = other
	}
	if err := b.readPools(ctx, s.tx); err != nil {
		return nil, err
	}
	return b, b.readCandidates(ctx, s, def, valueWindow{institution: at.InstitutionID, closes: at.ClosesAt, factsAt: call.FactsAt})
}

// valueWindow is as of when values are read.
type valueWindow struct {
	institution uuid.UUID
	closes      time.Time
	factsAt     *time.Time
}

func (b *Basis) readPools(ctx context.Context, db store.DBTX) error {
	rows, err := queries.RoundPools(ctx, db, b.Round)
	if err != nil {
		return fmt.Errorf("read the places: %w", err)
	}
	b.Destinations, b.Pools = poolsOf(rows)
	for i := range b.Destinations {
		b.Destinations[i].Minimum = b.Rules.Minimum.Destination
	}
	money, err := queries.CallMoney(ctx, db, &b.Call)
	if err != nil {
		return fmt.Errorf("read the grants: %w", err)
	}
	for _, m := range money {
		b.Money = append(b.Money, pool(m.ID, m.Free, m.Grouped))
	}
	return nil
}

func pool(id uuid.UUID, free int32, grouped bool) selection.Pool {
	p := selection.Pool{ID: id, Free: max(int(free), 0)}
	if grouped {
		p.Group = id.String()
	}
	return p
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
			pools = append(pools, pool(row.PoolID, row.Free, row.Grouped))
		}
	}
	return destinations, pools
}

func (b *Basis) readCandidates(ctx context.Context, s *step, def *lifecycle.Definition, window valueWindow) error {
	rows, err := queries.BasisCandidates(ctx, s.tx, b.Round)
	if err != nil {
		return fmt.Errorf("read the candidates: %w", err)
	}
	candidates := map[uuid.UUID]Candidate{}
	var ids []uuid.UUID
	waiting := 0
	for _, row := range rows {
		placeable := def.ForOutcome(row.State, lifecycle.OutcomePlaced) != nil
		if !placeable && def.ForOutcome(row.State, lifecycle.OutcomeGated) == nil {
			if state, _ := def.State(row.State); state.Turn == mobility.TurnApplicant && state.Editable {
				waiting++
			}
			continue
		}
		c := Candidate{Application: row.ID, Person: row.PersonID, State: row.State, Closing: !placeable, Units: row.Units, salt: row.Salt}
		if row.Hand != nil {
			c.Hand = *row.Hand
		}
		candidates[row.ID] = c
		ids = append(ids, row.ID)
	}
	if err := s.nobodyWrites(ctx, b.Round, waiting); err != nil {
		return err
	}
	read, err := readValues(ctx, s.tx, ValuesOf{Institution: window.institution, Scheme: b.Scheme, Applications: ids, FactsAt: window.factsAt, At: window.closes})
	if err != nil {
		return err
	}
	for _, v := range read {
		b.add(candidates[v.values.Application], v)
	}
	return b.liftGates(ctx, s.tx)
}

// liftGates lets those gates hold no longer that an appeal lifted.
func (b *Basis) liftGates(ctx context.Context, db store.DBTX) error {
	rows, err := queries.LiftedGates(ctx, db, b.Round)
	if err != nil {
		return fmt.Errorf("read the lifted gates: %w", err)
	}
	for _, row := range rows {
		i := b.candidate(row.ApplicationID)
		if i < 0 {
			continue
		}
		if row.DestinationID == nil {
			b.Candidates[i].lift(row.Gate)
			continue
		}
		for n := range b.Candidates[i].Wishes {
			if w := &b.Candidates[i].Wishes[n]; w.Destination == *row.DestinationID {
				w.lift(row.Gate)
			}
		}
	}
	return nil
}

// nobodyWrites refuses to rank while files are with their applicants.
func (s *step) nobodyWrites(ctx context.Context, round uuid.UUID, waiting int) error {
	if waiting > 0 {
		return mobility.ConflictError("refusal.files_with_applicants", map[string]any{"Count": waiting})
	}
	grace, err := queries.GraceOfRound(ctx, s.tx, round)
	if err != nil {
		return fmt.Errorf("read the grace period: %w", err)
	}
	open, err := queries.DraftsStillOpen(ctx, s.tx, store.DraftsStillOpenParams{RoundID: round, Grace: grace, Now: s.now})
	if err != nil {
		return fmt.Errorf("look for drafts: %w", err)
	}
	if open > 0 {
		return mobility.ConflictError("refusal.drafts_still_open", map[string]any{"Count": int(open)})
	}
	links, err := queries.LateLinksOpen(ctx, s.tx, store.LateLinksOpenParams{RoundID: round, Now: s.now})
	if err != nil {
		return fmt.Errorf("look for late links: %w", err)
	}
	if links > 0 {
		return mobility.ConflictError("refusal.late_links_open", map[string]any{"Count": int(links)})
	}
	return nil
}

// add takes a candidate with its values, unless every wish is at a host that
// selects for itself.
func (b *Basis) add(c Candidate, v applicantValues) {
	c.Arrived, c.Field = v.source.ArrivedAt, v.facts.Field
	if v.facts.Cycle != nil {
		c.Cycle = int(*v.facts.Cycle)
	}
	for _, choice := range v.choices {
		if choice.SelectedBy != "home" {
			continue
		}
		wish := CandidateWish{Destination: choice.DestinationID}
		if choice.Cycle != nil && c.Cycle != 0 && int(*choice.Cycle) != c.Cycle {
			wish.Gate = "gate.cycle"
		}
		if choice.Dropped {
			wish.Gate = GateDestinationDropped
		}
		c.Wishes = append(c.Wishes, wish)
	}
	if len(c.Wishes) == 0 {
		return
	}
	b.Candidates, b.Values = append(b.Candidates, c), append(b.Values, v.values)
}

// Clone copies a basis so deeply that changing the copy leaves the original
// as it is; the scheme is shared and must be replaced, not changed.
func (b *Basis) Clone() *Basis {
	out := *b
	out.Rules.Shares, out.Rules.Quotas = slices.Clone(b.Rules.Shares), slices.Clone(b.Rules.Quotas)
	out.Rules.Partners, out.Rules.Grants = slices.Clone(b.Rules.Partners), slices.Clone(b.Rules.Grants)
	out.Values, out.Candidates = slices.Clone(b.Values), slices.Clone(b.Candidates)
	for i := range out.Candidates {
		out.Candidates[i].Wishes = slices.Clone(b.Candidates[i].Wishes)
		out.Values[i] = cloneValues(b.Values[i])
	}
	out.Destinations, out.Pools, out.Money = slices.Clone(b.Destinations), slices.Clone(b.Pools), slices.Clone(b.Money)
	for i := range out.Destinations {
		out.Destinations[i].Pools = slices.Clone(b.Destinations[i].Pools)
	}
	return &out
}
