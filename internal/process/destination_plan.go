package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// destinationPlan is a change of a destination with everything it would do,
// read under the locks it is carried out with.
type destinationPlan struct {
	req       DestinationChange
	at        store.DestinationToChangeRow // of what is added, filled from its agreement
	def       *lifecycle.Definition
	zone      *time.Location // of the call
	stock     []store.DestinationStockRow
	drafts    []store.DestinationDraftsRow
	people    []store.DestinationConcernedRow
	concerns  map[uuid.UUID]Concern
	chooseBy  *mobility.WallMinute // for those whose choices are given back
	questions []string             // that are given back
	preview   DestinationPreview
}

// planDestination reads what a change concerns. What the actor may see is read
// under the web role, before the step is elevated.
func (r *Runner) planDestination(ctx context.Context, s *step, req DestinationChange) (*destinationPlan, error) {
	if err := req.check(); err != nil {
		return nil, err
	}
	p := &destinationPlan{req: req, concerns: map[uuid.UUID]Concern{}}
	if err := p.find(ctx, s); err != nil {
		return nil, err
	}
	seen, err := p.concerned(ctx, s)
	if err != nil {
		return nil, err
	}
	if err := s.asOffice(ctx, p.at.InstitutionID, mobility.RoleOfficer); err != nil {
		return nil, err
	}
	if p.at.Barred && !p.at.Published {
		return nil, mobility.ForbiddenError("refusal.colleague_changes")
	}
	if err := p.lock(ctx, s); err != nil {
		return nil, err
	}
	if p.def, err = r.definitions.load(ctx, s.tx, p.at.DefinitionID); err != nil {
		return nil, err
	}
	if err := p.read(ctx, s); err != nil {
		return nil, err
	}
	if err := p.decide(s.now); err != nil {
		return nil, err
	}
	if err := p.checkPools(ctx, s); err != nil {
		return nil, err
	}
	return p, p.show(ctx, s, seen)
}

// find reads the destination, or the agreement it is to be made from.
func (p *destinationPlan) find(ctx context.Context, s *step) error {
	if p.req.Kind != DestinationAdded {
		var err error
		if p.at, err = queries.DestinationToChange(ctx, s.tx, p.req.Destination); err != nil {
			return store.Translate(err, "destination")
		}
		return nil
	}
	g, err := queries.AgreementToAdd(ctx, s.tx, store.AgreementToAddParams{RoundID: p.req.Round, AgreementID: p.req.Agreement})
	if err != nil {
		return store.Translate(err, "agreement")
	}
	if g.DestinationID != nil {
		p.preview.Restored = true
		p.at, err = queries.DestinationToChange(ctx, s.tx, *g.DestinationID)
		return store.Translate(err, "destination")
	}
	p.at = store.DestinationToChangeRow{
		InstitutionID: g.InstitutionID, CallID: g.CallID, RoundID: g.RoundID, AgreementID: g.ID, HostInstitutionID: g.HostInstitutionID, UnitID: g.UnitID,
		Term: g.Term, Language: g.Language, CEFR: g.CEFR, Host: g.Host, HostZone: g.HostZone, Zone: g.Zone, DefinitionID: g.DefinitionID, FormID: g.FormID,
		OpenedAt: g.OpenedAt, OpensAt: g.OpensAt, ClosesAt: g.ClosesAt, ClosesWall: g.ClosesWall, HostWall: g.NominationWall, HostDeadlineZone: g.NominationZone,
		Published: g.Published,
	}
	return nil
}

// possible refuses to drop what is gone and to add what is there.
func (p *destinationPlan) possible() error {
	switch {
	case p.req.Kind != DestinationAdded && p.at.DroppedAt != nil:
		return mobility.ConflictError("conflict.destination_dropped", nil)
	case p.req.Kind == DestinationAdded && p.preview.Restored && p.at.DroppedAt == nil:
		return mobility.ConflictError("conflict.destination_listed", nil)
	}
	return nil
}

// lock takes the locks in the order that holds everywhere, and reads the row
// again under them.
func (p *destinationPlan) lock(ctx context.Context, s *step) error {
	if err := queries.LockCall(ctx, s.tx, p.at.CallID.String()); err != nil {
		return fmt.Errorf("lock the call: %w", err)
	}
	if err := p.find(ctx, s); err != nil {
		return err
	}
	if err := p.possible(); err != nil || p.at.ID == uuid.Nil {
		return err
	}
	ids, err := queries.DestinationPoolIDs(ctx, s.tx, p.at.ID)
	if err != nil {
		return fmt.Errorf("find the pools: %w", err)
	}
	if _, err := queries.LockPools(ctx, s.tx, ids); err != nil {
		return fmt.Errorf("lock the pools: %w", err)
	}
	return nil
}

// concerned reads whose application is about the destination, as far as the
// step's role sees it.
func (p *destinationPlan) concerned(ctx context.Context, s *step) ([]store.DestinationConcernedRow, error) {
	if p.req.Kind != DestinationAdded {
		rows, err := queries.DestinationConcerned(ctx, s.tx, store.DestinationConcernedParams{DestinationID: p.at.ID, CallID: p.at.CallID})
		if err != nil {
			return nil, fmt.Errorf("read who chose it: %w", err)
		}
		return rows, nil
	}
	rows, err := queries.DestinationAudience(ctx, s.tx, store.DestinationAudienceParams{RoundID: p.at.RoundID, UnitID: p.at.UnitID, Now: s.now})
	if err != nil {
		return nil, fmt.Errorf("read who could choose it: %w", err)
	}
	out := make([]store.DestinationConcernedRow, len(rows))
	for i, a := range rows {
		out[i] = store.DestinationConcernedRow{
			ID: a.ID, PersonID: a.PersonID, State: a.State, Phase: a.Phase, HeldBack: a.HeldBack, Editable: a.Editable, Turn: a.Turn, Unit: a.Unit,
			GivenNames: a.GivenNames, FamilyNames: a.FamilyNames, Language: a.Language,
		}
	}
	return out, nil
}

func (p *destinationPlan) read(ctx context.Context, s *step) (err error) {
	if p.zone, err = time.LoadLocation(p.at.Zone); err != nil {
		return fmt.Errorf("read the call's zone: %w", err)
	}
	if p.people, err = p.concerned(ctx, s); err != nil {
		return err
	}
	if p.req.Kind == DestinationAdded {
		return p.audience()
	}
	if p.stock, err = queries.DestinationStock(ctx, s.tx, p.at.ID); err != nil {
		return fmt.Errorf("read the pools: %w", err)
	}
	p.drafts, err = queries.DestinationDrafts(ctx, s.tx, store.DestinationDraftsParams{DestinationID: p.at.ID, CallID: p.at.CallID, Now: s.now})
	if err != nil {
		return fmt.Errorf("read the drafts: %w", err)
	}
	shared, err := queries.SharedWith(ctx, s.tx, store.SharedWithParams{DestinationID: p.at.ID, CallID: p.at.CallID})
	for _, c := range shared {
		p.preview.Shared = append(p.preview.Shared, c.Title)
	}
	return err
}

// audience splits those who could choose an added destination: working copies
// are counted apart, as everywhere.
func (p *destinationPlan) audience() error {
	if !p.req.Tell {
		p.people = nil
		return nil
	}
	p.people = slices.DeleteFunc(p.people, func(a store.DestinationConcernedRow) bool {
		if a.Phase == mobility.PhaseDraft {
			p.drafts = append(p.drafts, store.DestinationDraftsRow{ID: a.ID, PersonID: a.PersonID, Language: a.Language})
		}
		return a.Phase == mobility.PhaseDraft
	})
	return nil
}

// decide finds what becomes of everybody concerned, and until when.
func (p *destinationPlan) decide(now time.Time) error {
	p.preview.Published = p.at.Published
	p.preview.Changes = p.changes()
	if p.req.Kind == DestinationChanged && len(p.preview.Changes) == 0 {
		return mobility.InvalidError(mobility.FieldProblem{Field: "language", Code: "destination.nothing_changed"})
	}
	p.preview.RoundOpen = p.at.OpenedAt != nil && p.at.ClosesAt != nil && mobility.Open(now, *p.at.ClosesAt)
	if err := p.time(now); err != nil {
		return err
	}
	choosing := false
	for _, a := range p.people {
		c := p.concern(a)
		p.concerns[a.ID] = c
		choosing = choosing || c == ConcernReturned || c == ConcernStuck || (c == ConcernTold && p.req.Kind == DestinationDropped)
	}
	if p.req.Kind == DestinationDropped && choosing && p.chooseBy == nil {
		return mobility.InvalidError(mobility.FieldProblem{Field: "choose_again", Code: "invalid.required"})
	}
	return nil
}

// time settles until when people choose again: in an open round until it
// closes, in a closed one until the declared time, after publication not at
// all.
func (p *destinationPlan) time(now time.Time) error {
	wrong := func(code string) error {
		data := map[string]any{}
		if p.at.ClosesAt != nil {
			data["Until"] = p.at.ClosesAt.Add(-time.Minute)
		}
		return mobility.InvalidError(mobility.FieldProblem{Field: "choose_again", Code: code, Data: data})
	}
	by := p.req.ChooseAgain
	if by != nil && !mobility.Open(now, mobility.ClosesAt(*by, p.zone)) {
		return wrong("field.in_the_past")
	}
	switch {
	case p.preview.RoundOpen:
		if by != nil && mobility.ClosesAt(*by, p.zone).After(*p.at.ClosesAt) {
			return wrong("destination.round_still_open")
		}
		wall := mobility.WallOf(p.at.ClosesWall.UTC())
		p.chooseBy, p.preview.Until = &wall, p.at.ClosesAt
	case p.at.Published && by != nil:
		return wrong("destination.too_late_to_choose")
	case by != nil:
		until := mobility.ClosesAt(*by, p.zone)
		p.chooseBy, p.preview.Until = by, &until
	}
	return nil
}

// concern says how one application is about the destination.
func (p *destinationPlan) concern(a store.DestinationConcernedRow) Concern {
	switch {
	case a.Offer != "" || a.Nomination != "":
		return ConcernHolding
	case a.Waiting:
		return ConcernWaiting
	case a.HeldBack != "" && p.at.Published:
		return ConcernHeldBack
	case !a.Editable || a.Phase != mobility.PhaseSubmitted || p.at.Published:
		return ConcernNone
	}
	mine := mobility.Turn(a.Turn) == mobility.TurnApplicant // returned for something already
	switch {
	case p.preview.RoundOpen && !mine:
		return ConcernOpen
	case p.chooseBy == nil || (mine && p.preview.RoundOpen && p.req.Kind == DestinationAdded):
		return ConcernTold
	case givesBack(p.def, a.State) == nil:
		return ConcernStuck
	}
	return ConcernReturned
}

// givesBack is the definition's own move by which an office gives the choices
// of an application back: a return, or from a state in which it is returned
// already the move that gives more time. nil: there is none.
func givesBack(def *lifecycle.Definition, from mobility.State) *lifecycle.MoveDef {
	var more *lifecycle.MoveDef
	for _, m := range def.MovesFrom(from) {
		if m.Correction || !slices.Contains(m.Who, mobility.RoleOfficer) || !asks(m, lifecycle.AskCompleteBy) {
			continue
		}
		if m.Has(lifecycle.EffectReturn) {
			return m
		}
		if state, _ := def.State(from); m.To == from && state.Turn == mobility.TurnApplicant && len(m.Asks) == 1 {
			more = m
		}
	}
	return more
}

// show fills the preview with what the actor may see, and seals it.
func (p *destinationPlan) show(ctx context.Context, s *step, seen []store.DestinationConcernedRow) error {
	visible := map[uuid.UUID]bool{}
	for _, a := range seen {
		visible[a.ID] = true
	}
	for _, a := range p.people {
		if !visible[a.ID] && !s.actor.System {
			p.preview.Unseen++
			continue
		}
		p.preview.People = append(p.preview.People, Concerned{
			Application: a.ID, Person: a.PersonID, GivenNames: a.GivenNames, FamilyNames: a.FamilyNames, Unit: a.Unit, State: a.State,
			Position: int(a.Position), Concern: p.concerns[a.ID], Nominated: a.Nomination == "sent" || a.Nomination == "accepted", WaitsElsewhere: a.WaitsElsewhere,
		})
	}
	p.preview.Drafts = len(p.drafts)
	for _, x := range p.stock {
		p.preview.Overbooked = max(p.preview.Overbooked, int(p.lacking(x)))
	}
	if p.chooseBy != nil {
		keys, err := queries.PerDestinationQuestions(ctx, s.tx, p.at.FormID)
		if err != nil {
			return fmt.Errorf("read the form: %w", err)
		}
		p.questions = append([]string{"choices"}, keys...)
	}
	var err error
	p.preview.Hash, err = p.hash()
	return err
}

// hash covers the request and everything it was previewed upon.
func (p *destinationPlan) hash() (string, error) {
	req := p.req
	req.Hash, req.Arrived = "", time.Time{}
	type line struct {
		ID       uuid.UUID
		State    mobility.State
		Concern  Concern
		Position int32
	}
	var lines []line
	for _, a := range p.people {
		lines = append(lines, line{a.ID, a.State, p.concerns[a.ID], a.Position})
	}
	b, err := json.Marshal([]any{req, p.at, p.stock, p.drafts, lines, p.preview.RoundOpen, p.preview.Until})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}
