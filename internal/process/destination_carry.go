package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// destinationLetters are the letters about a change, by its kind.
var destinationLetters = map[ChangeKind]string{
	DestinationAdded: "destination_added", DestinationRestored: "destination_added",
	DestinationChanged: "destination_changed", DestinationDropped: "destination_dropped",
}

// changeDestination carries out what was planned.
func (r *Runner) changeDestination(ctx context.Context, s *step, p *destinationPlan) (DestinationDone, error) {
	kind := p.req.Kind
	var err error
	switch {
	case p.preview.Restored:
		kind, err = DestinationRestored, p.restore(ctx, s)
	case kind == DestinationAdded:
		err = p.add(ctx, s)
	case kind == DestinationDropped:
		err = p.drop(ctx, s)
	default:
		err = p.amend(ctx, s)
	}
	done := DestinationDone{Destination: p.at.ID}
	if err != nil {
		return done, err
	}
	t := &telling{kind: kind, change: newID()}
	if err := r.tell(ctx, s, p, t); err != nil {
		return done, err
	}
	done.Told, done.Returned = t.told, t.returned
	return done, p.record(ctx, s, t)
}

// add makes the destination from its agreement.
func (p *destinationPlan) add(ctx context.Context, s *step) error {
	g, err := queries.AgreementByID(ctx, s.tx, p.at.AgreementID)
	if err != nil {
		return store.Translate(err, "agreement")
	}
	if err := queries.AddMissingPools(ctx, s.tx, g.ID); err != nil {
		return fmt.Errorf("add the pools: %w", err)
	}
	m := &callMaker{step: s, planCheck: &planCheck{}, at: store.InstitutionByNameRow{ID: p.at.InstitutionID}, id: p.at.CallID}
	plan := DestinationPlan{Stays: map[string]StayPlan{g.Term: {Begins: day(p.req.Terms.Begins), Ends: day(p.req.Terms.Ends)}}}
	if limit := p.req.Terms.Limit; limit != nil {
		n := int(*limit)
		plan.NominationLimit = &n
	}
	if err := m.knownPools(ctx); err != nil {
		return err
	}
	if err := m.addDestination(ctx, p.at.RoundID, chosen{store.AgreementsForRow(g), plan}); err != nil {
		return err
	}
	p.at.ID, err = queries.DestinationInRound(ctx, s.tx, store.DestinationInRoundParams{RoundID: p.at.RoundID, AgreementID: g.ID})
	if err != nil {
		return fmt.Errorf("find the destination: %w", err)
	}
	return p.setHostDeadline(ctx, s)
}

// restore brings a dropped destination back with what was given of its terms.
func (p *destinationPlan) restore(ctx context.Context, s *step) error {
	if _, err := queries.RestoreDestination(ctx, s.tx, p.at.ID); err != nil {
		return fmt.Errorf("bring the destination back: %w", err)
	}
	t := &p.req.Terms
	t.Language, t.CEFR = p.at.Language, p.at.CEFR
	if t.Begins == nil {
		t.Begins, t.Ends = p.at.StartsOn, p.at.EndsOn
	}
	if t.Limit == nil {
		t.Limit = p.at.NominationLimit
	}
	return p.set(ctx, s)
}

// drop takes the destination out: nobody chooses it, waits there or is offered
// it any more. Offers and nominations stay as they are.
func (p *destinationPlan) drop(ctx context.Context, s *step) error {
	rows, err := queries.DropDestination(ctx, s.tx, store.DropDestinationParams{ID: p.at.ID, At: &s.now, DroppedBy: s.actorID()})
	if err != nil {
		return fmt.Errorf("drop the destination: %w", err)
	}
	if rows == 0 {
		return mobility.ConflictError("conflict.destination_dropped", nil)
	}
	if _, err := queries.EndReserveOf(ctx, s.tx, store.EndReserveOfParams{DestinationID: p.at.ID, At: &s.now}); err != nil {
		return fmt.Errorf("end its reserve: %w", err)
	}
	return nil
}

func (p *destinationPlan) amend(ctx context.Context, s *step) error {
	if err := p.set(ctx, s); err != nil {
		return err
	}
	return p.setPlaces(ctx, s)
}

// set writes the terms with the deadlines that follow from them.
func (p *destinationPlan) set(ctx context.Context, s *step) error {
	t := p.req.Terms
	err := queries.SetDestination(ctx, s.tx, store.SetDestinationParams{
		ID: p.at.ID, Language: t.Language, CEFR: t.CEFR, StartsOn: t.Begins, EndsOn: t.Ends, NominationLimit: t.Limit,
	})
	if err != nil {
		return fmt.Errorf("change the destination: %w", err)
	}
	if err := p.drawAgain(ctx, s); err != nil {
		return err
	}
	if err := p.setHostDeadline(ctx, s); err != nil || t.Begins == nil {
		return err
	}
	host, err := time.LoadLocation(p.at.HostZone)
	if err != nil {
		return fmt.Errorf("read the host's zone: %w", err)
	}
	first := mobility.Wall(t.Begins.Year(), t.Begins.Month(), t.Begins.Day(), 0, 0)
	last := mobility.Wall(t.Ends.Year(), t.Ends.Month(), t.Ends.Day(), 23, 59)
	for kind, wall := range map[lifecycle.Deadline]mobility.WallMinute{lifecycle.StayBegins: first, lifecycle.StayEnds: last} {
		if (kind == lifecycle.StayBegins && day(t.Begins) == day(p.at.StartsOn)) || (kind == lifecycle.StayEnds && day(t.Ends) == day(p.at.EndsOn)) {
			continue // another version of the same would remind again
		}
		if err := p.putDeadline(ctx, s, kind, wall, host); err != nil {
			return err
		}
	}
	return nil
}

func (p *destinationPlan) setHostDeadline(ctx context.Context, s *step) error {
	wall := p.req.Terms.HostDeadline
	if wall == nil || (p.at.ID != uuid.Nil && p.at.HostClosesAt != nil && wallCode(*wall) == wallCode(mobility.WallOf(p.at.HostWall.UTC()))) {
		return nil
	}
	name := p.at.HostZone
	if p.at.HostDeadlineZone != nil && *p.at.HostDeadlineZone != "" {
		name = *p.at.HostDeadlineZone
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return fmt.Errorf("read the deadline's zone: %w", err)
	}
	return p.putDeadline(ctx, s, lifecycle.HostNomination, *wall, zone)
}

func (p *destinationPlan) putDeadline(ctx context.Context, s *step, kind lifecycle.Deadline, wall mobility.WallMinute, zone *time.Location) error {
	err := queries.PutDestinationDeadline(ctx, s.tx, store.PutDestinationDeadlineParams{
		ID: newID(), InstitutionID: p.at.InstitutionID, Kind: string(kind), DestinationID: &p.at.ID,
		Wall: wall.Time(), Zone: zone.String(), ClosesAt: mobility.ClosesAt(wall, zone),
	})
	if err != nil {
		return fmt.Errorf("set the deadline %s: %w", kind, err)
	}
	return nil
}

// setPlaces gives the pools another number of places. What is held beyond it
// is recorded as overbooked, by the rule "partner cut its places", and goes to
// nobody else once it is freed.
func (p *destinationPlan) setPlaces(ctx context.Context, s *step) error {
	places := p.req.Terms.Places
	var ids []uuid.UUID
	for _, x := range p.stock {
		ids = append(ids, x.ID)
		if lacking := p.lacking(x); lacking > 0 {
			err := queries.AddOverbookingOf(ctx, s.tx, store.AddOverbookingOfParams{
				ID: newID(), InstitutionID: p.at.InstitutionID, PoolID: x.ID, Number: lacking, Rule: "partner_cut_places", Why: p.req.Reason, PersonID: s.actorID(), At: s.now,
			})
			if err != nil {
				return fmt.Errorf("record the overbooking: %w", err)
			}
		}
	}
	if !slices.ContainsFunc(p.stock, func(x store.DestinationStockRow) bool { return x.Places != places }) {
		return nil
	}
	if err := queries.SetPoolPlaces(ctx, s.tx, store.SetPoolPlacesParams{Ids: ids, Places: places}); err != nil {
		return store.Translate(err, "pool")
	}
	if err := queries.SetAgreementPlaces(ctx, s.tx, store.SetAgreementPlacesParams{ID: p.at.AgreementID, Places: places}); err != nil {
		return fmt.Errorf("change the agreement's places: %w", err)
	}
	var follow change
	if err := moveUp(ctx, s, &follow, ids); err != nil { // more places: whoever waits moves up
		return err
	}
	for _, job := range follow.jobs {
		if err := s.enqueue(ctx, job); err != nil {
			return err
		}
	}
	return nil
}

// telling is what those concerned are told of a change.
type telling struct {
	kind           ChangeKind
	change         uuid.UUID
	told, returned int
}

// tell gives choices back and plans a letter to each person concerned.
func (r *Runner) tell(ctx context.Context, s *step, p *destinationPlan, t *telling) error {
	if p.req.Kind == DestinationChanged && !p.matters() {
		return nil
	}
	for _, d := range p.drafts {
		if err := p.write(ctx, s, t, store.DestinationConcernedRow{ID: d.ID, PersonID: d.PersonID, Language: d.Language, Position: d.Position}, ConcernDraft, nil); err != nil {
			return err
		}
	}
	var back []uuid.UUID
	for _, a := range p.people {
		if p.concerns[a.ID] == ConcernReturned {
			back = append(back, a.ID)
		}
	}
	if _, err := queries.LockApplications(ctx, s.tx, back); err != nil {
		return fmt.Errorf("lock the applications: %w", err)
	}
	for _, a := range p.people {
		concern := p.concerns[a.ID]
		if !concern.told() {
			continue
		}
		var event *uuid.UUID
		if concern == ConcernReturned {
			moved, err := r.giveBack(ctx, s, p, a)
			if err != nil {
				return err
			}
			event = &moved
			t.returned++
		}
		if err := p.write(ctx, s, t, a, concern, event); err != nil {
			return err
		}
	}
	return nil
}

// matters reports whether the change is of anything applicants go by.
func (p *destinationPlan) matters() bool {
	return slices.ContainsFunc(p.preview.Changes, func(c TermChange) bool { return c.What != "limit" })
}

// giveBack returns one application for its choices, by the definition's own
// move; the letter about the destination says what that move's would.
func (r *Runner) giveBack(ctx context.Context, s *step, p *destinationPlan, a store.DestinationConcernedRow) (uuid.UUID, error) {
	f, err := r.open(ctx, s, store.VisibleApplicationRow{ID: a.ID, InstitutionID: p.at.InstitutionID, CallID: p.at.CallID, PersonID: a.PersonID}, nil)
	if err != nil {
		return uuid.Nil, err
	}
	move := givesBack(f.def, f.app.State)
	if move == nil {
		return uuid.Nil, mobility.StaleError("conflict.destination_preview", nil)
	}
	given := Given{Reason: p.req.Reason, Questions: p.questions, CompleteBy: p.chooseBy}
	if given.Reason == "" {
		given.Reason = p.at.Host
	}
	if !move.Has(lifecycle.EffectReturn) { // returned already: what was asked for stays asked for
		asked, err := queries.OpenQuestions(ctx, s.tx, a.ID)
		if err != nil {
			return uuid.Nil, fmt.Errorf("read what was returned: %w", err)
		}
		given.Questions = slices.Compact(slices.Sorted(slices.Values(append(asked, p.questions...))))
		if d, ok := f.deadlines[lifecycle.CompleteBy]; ok && d.ClosesAt.After(*p.preview.Until) {
			later := mobility.WallOf(d.Wall.UTC())
			given.CompleteBy = &later
		}
	}
	out, err := f.step(MoveRequest{Move: move.Name, Given: given}, []mobility.Role{mobility.RoleOfficer}, s.now)
	if err != nil {
		return uuid.Nil, err
	}
	done, err := r.carryOut(ctx, s, f, change{out: out, given: given})
	if err != nil {
		return uuid.Nil, err
	}
	if !move.Has(lifecycle.EffectReturn) {
		if err := queries.AddReturnedQuestions(ctx, s.tx, store.AddReturnedQuestionsParams{EventID: done.Event, Questions: given.Questions}); err != nil {
			return uuid.Nil, fmt.Errorf("keep the questions: %w", err)
		}
	}
	err = queries.SkipLettersOfEvent(ctx, s.tx, store.SkipLettersOfEventParams{EventID: &done.Event, Kind: destinationLetters[p.req.Kind], Reason: "with_destination"})
	return done.Event, err
}

// write plans one letter about the change.
func (p *destinationPlan) write(ctx context.Context, s *step, t *telling, a store.DestinationConcernedRow, concern Concern, event *uuid.UUID) error {
	t.told++
	data := map[string]any{"destination": p.at.ID, "change": t.change, "concern": concern}
	if a.Position > 0 {
		data["position"] = a.Position
	}
	queue := QueueDecisions
	if t.kind == DestinationAdded || t.kind == DestinationRestored {
		queue = QueueBulk
	}
	return s.planLetter(ctx, letterPlan{
		institution: p.at.InstitutionID, kind: destinationLetters[t.kind], recipient: "applicant", language: a.Language, person: &a.PersonID,
		application: &a.ID, call: &p.at.CallID, event: event, key: "destination:" + t.change.String() + ":" + a.ID.String(), queue: queue, data: data,
	})
}

// record writes the history of the destination and the act.
func (p *destinationPlan) record(ctx context.Context, s *step, t *telling) error {
	changes := map[string]any{}
	for _, c := range p.preview.Changes {
		changes[c.What] = map[string]string{"from": c.From, "to": c.To}
	}
	data, err := json.Marshal(changes)
	if err != nil {
		return err
	}
	row := store.AddDestinationChangeParams{
		ID: t.change, InstitutionID: p.at.InstitutionID, DestinationID: p.at.ID, Kind: string(t.kind), At: s.now, ActorID: s.actorID(),
		Data: data, Told: int32(t.told), Returned: int32(t.returned),
	}
	if p.preview.Until != nil && t.told > 0 {
		row.ChooseAgainAt, row.ChooseAgainZone = p.preview.Until, &p.at.Zone
	}
	if err := queries.AddDestinationChange(ctx, s.tx, row); err != nil {
		return fmt.Errorf("keep the change: %w", err)
	}
	if p.req.Reason != "" {
		err := queries.AddDestinationChangeText(ctx, s.tx, store.AddDestinationChangeTextParams{ChangeID: t.change, InstitutionID: p.at.InstitutionID, Reason: p.req.Reason})
		if err != nil {
			return fmt.Errorf("keep the reason: %w", err)
		}
	}
	return s.record(ctx, act{
		institution: p.at.InstitutionID, name: "destination_" + string(t.kind), kind: "destination", subject: p.at.ID,
		reason: p.req.Reason, data: map[string]any{"change": t.change, "told": t.told, "returned": t.returned},
	})
}
