package process

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// change is one move being carried out. data goes into the history and must
// hold ids, codes and numbers only.
type change struct {
	out      lifecycle.Outcome
	given    Given
	ranking  *uuid.UUID          // published with this move
	promoted bool                // from the reserve
	replaced *store.LiveOfferRow // the open offer that a better one takes the place of
	event    uuid.UUID
	data     map[string]any
	jobs     []river.JobArgs
}

// follow carries out one consequence.
func (r *Runner) follow(ctx context.Context, s *step, f *file, c *change, what lifecycle.Consequence) error {
	switch what.Kind {
	case lifecycle.EndNomination:
		return f.endNomination(ctx, s, c, what.With)
	case lifecycle.EndOffer:
		return f.setOffer(ctx, s, c, what.With)
	case lifecycle.FreePlace:
		return f.freePlace(ctx, s, c, lifecycle.FreedPlace(what.With))
	case lifecycle.Apply:
		return f.apply(ctx, s, c, lifecycle.Effect(what.With))
	case lifecycle.TakePlace:
		return f.takePlace(ctx, s, c)
	case lifecycle.MakeOffer:
		return f.makeOffer(ctx, s, c)
	case lifecycle.ConfirmOffer:
		return f.setOffer(ctx, s, c, "confirmed")
	case lifecycle.ReopenOffer:
		return f.setOffer(ctx, s, c, "open")
	case lifecycle.MakeNomination:
		return f.makeNomination(ctx, s, c)
	case lifecycle.AcceptNomination:
		return f.answerNomination(ctx, s, c, "accepted")
	case lifecycle.ReopenNomination:
		return f.answerNomination(ctx, s, c, "sent")
	case lifecycle.SendLetter:
		return nil // planned once the event they belong to is written
	}
	return fmt.Errorf("nobody knows how to carry out %q", what.Kind)
}

func (f *file) apply(ctx context.Context, s *step, c *change, e lifecycle.Effect) error {
	switch e {
	case lifecycle.EffectSubmit:
		return f.submit(ctx, s, c)
	case lifecycle.EffectReturn:
		c.data["questions"] = len(c.given.Questions)
		return f.settleDraft(ctx, s, c.given.Questions)
	case lifecycle.EffectOverbook:
		return f.overbook(ctx, s, c)
	case lifecycle.EffectReserveFirst:
		return nil // done by keepReserve, which knows both states
	case lifecycle.EffectArrival:
		c.data["arrived_on"] = c.given.Arrival.Format("2006-01-02")
		return queries.SetNominationArrival(ctx, s.tx, store.SetNominationArrivalParams{ApplicationID: f.app.ID, ArrivedOn: c.given.Arrival})
	case lifecycle.EffectEnd:
		c.data["ended_on"] = c.given.End.Format("2006-01-02")
		return queries.SetNominationEnd(ctx, s.tx, store.SetNominationEndParams{ApplicationID: f.app.ID, EndedOn: c.given.End})
	case lifecycle.EffectStart:
	}
	return fmt.Errorf("effect %q cannot follow a move", e)
}

// setDeadlines gives the application, or its live offer, the deadlines a move
// was given. An offer made or reopened by the move has its own already.
func (f *file) setDeadlines(ctx context.Context, s *step, c *change) error {
	own := map[lifecycle.Deadline]*mobility.WallMinute{lifecycle.Closes: c.given.Closes, lifecycle.CompleteBy: c.given.CompleteBy}
	for _, ask := range c.out.Move.Asks {
		kind, ok := ask.Input.Deadline()
		if wall := own[kind]; ok && wall != nil {
			if err := f.putDeadline(ctx, s, kind, *wall); err != nil {
				return err
			}
		}
		if kind == lifecycle.ConfirmBy && c.given.ConfirmBy != nil && !c.out.Follows(lifecycle.MakeOffer) && !c.out.Follows(lifecycle.ReopenOffer) {
			live, err := queries.LiveOffer(ctx, s.tx, f.app.ID)
			if err != nil {
				return store.Translate(err, "offer")
			}
			c.data["offer"], c.data["destination"] = live.ID, live.DestinationID
			if err := f.setConfirmBy(ctx, s, c, live.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (f *file) putDeadline(ctx context.Context, s *step, kind lifecycle.Deadline, wall mobility.WallMinute) error {
	_, err := queries.PutApplicationDeadline(ctx, s.tx, store.PutApplicationDeadlineParams{
		ID: newID(), InstitutionID: f.app.InstitutionID, Kind: string(kind), ApplicationID: &f.app.ID,
		Wall: wall.Time(), Zone: f.call.Zone, ClosesAt: mobility.ClosesAt(wall, f.zone),
	})
	return err
}

func (f *file) destinationID() (uuid.UUID, error) {
	if f.destination == nil {
		return uuid.Nil, mobility.InvalidError(mobility.FieldProblem{Field: "destination", Code: "invalid.required"})
	}
	return f.destination.ID, nil
}

func (f *file) takePlace(ctx context.Context, s *step, c *change) error {
	at, err := f.destinationID()
	if err != nil {
		return err
	}
	rows, err := queries.HoldPlaces(ctx, s.tx, store.HoldPlacesParams{ApplicationID: f.app.ID, DestinationID: at, Since: s.now})
	if err != nil {
		return store.Translate(err, "place")
	}
	if rows == 0 {
		return mobility.ConflictError("conflict.no_place_left", nil)
	}
	c.data["destination"] = at
	return nil
}

// freePlace gives the place back. Freed by rule, every reserve that draws on
// the same pools is looked at next, this round's first.
func (f *file) freePlace(ctx context.Context, s *step, c *change, how lifecycle.FreedPlace) error {
	pools, err := queries.HeldPools(ctx, s.tx, f.app.ID)
	if err != nil {
		return err
	}
	if _, err := queries.FreePlaces(ctx, s.tx, f.app.ID); err != nil {
		return err
	}
	c.data["freed"] = string(how)
	if how != lifecycle.FreedByRule {
		return nil
	}
	return moveUp(ctx, s, c, pools)
}

// moveUp asks for every reserve that draws on the pools to be looked at, once
// what their partner no longer gives is gone.
func moveUp(ctx context.Context, s *step, c *change, pools []uuid.UUID) error {
	if _, err := queries.MeltCutPlaces(ctx, s.tx, store.MeltCutPlacesParams{Pools: pools, At: s.now}); err != nil {
		return fmt.Errorf("take back the cut places: %w", err)
	}
	rounds, err := queries.RoundsOnPools(ctx, s.tx, pools)
	if err != nil {
		return err
	}
	for _, round := range rounds {
		c.jobs = append(c.jobs, PlaceFreed{Round: round})
	}
	return nil
}

// passOn lets a place that waited for the office go on by the call's rule
// once the office has settled what becomes of the person it was freed by. If
// it settled on the same place, nothing is free and nothing moves.
func (f *file) passOn(ctx context.Context, s *step, c *change) error {
	pools, err := queries.PoolsLeftToOffice(ctx, s.tx, store.PoolsLeftToOfficeParams{ApplicationID: f.app.ID, Revision: f.app.Revision})
	if err != nil || len(pools) == 0 {
		return err
	}
	return moveUp(ctx, s, c, pools)
}

func (f *file) makeOffer(ctx context.Context, s *step, c *change) error {
	at, err := f.destinationID()
	if err != nil {
		return err
	}
	offer := newID()
	arg := store.AddOfferParams{
		ID: offer, InstitutionID: f.app.InstitutionID, ApplicationID: f.app.ID, DestinationID: at,
		RankingID: c.ranking, Status: "open", Promoted: c.promoted, MadeAt: s.now,
	}
	if err := f.giveMoney(ctx, s, c, &arg); err != nil {
		return err
	}
	if err := queries.AddOffer(ctx, s.tx, arg); err != nil {
		return store.Translate(err, "offer")
	}
	c.data["offer"], c.data["destination"], c.data["promoted"] = offer, at, c.promoted
	return f.setConfirmBy(ctx, s, c, offer)
}

// setConfirmBy gives the offer its own deadline: the one given, else by rule.
func (f *file) setConfirmBy(ctx context.Context, s *step, c *change, offer uuid.UUID) error {
	days := int(f.call.ConfirmDays)
	if c.promoted {
		days = int(f.call.PromotionDays)
	}
	by, _, err := f.confirmBy(ctx, s, days)
	if err != nil {
		return err
	}
	if c.given.ConfirmBy != nil {
		by = *c.given.ConfirmBy
	}
	id, err := queries.PutOfferDeadline(ctx, s.tx, store.PutOfferDeadlineParams{
		ID: newID(), InstitutionID: f.app.InstitutionID, OfferID: &offer,
		Wall: by.Time(), Zone: f.call.Zone, ClosesAt: mobility.ClosesAt(by, f.zone),
	})
	c.data["confirm_by"] = id
	return err
}

// setOffer moves the live offer to another status. Reopened, it gets a new
// deadline.
func (f *file) setOffer(ctx context.Context, s *step, c *change, status string) error {
	live, err := queries.LiveOffer(ctx, s.tx, f.app.ID)
	if err != nil {
		return store.Translate(err, "offer")
	}
	arg := store.SetOfferStatusParams{ID: live.ID, FromStatus: live.Status, Status: status}
	if status != "open" && status != "confirmed" {
		arg.EndedAt = &s.now
	}
	if _, err := queries.SetOfferStatus(ctx, s.tx, arg); err != nil {
		return err
	}
	if arg.EndedAt != nil && c.promoted {
		c.replaced = &live
		c.data["from"] = live.DestinationID
	}
	if _, set := c.data["offer"]; !set || status == "confirmed" {
		c.data["offer"], c.data["destination"] = live.ID, live.DestinationID
	}
	c.data["offer_became"] = status
	if status == "open" {
		return f.setConfirmBy(ctx, s, c, live.ID)
	}
	return nil
}

func (f *file) overbook(ctx context.Context, s *step, c *change) error {
	at, err := f.destinationID()
	if err != nil {
		return err
	}
	pools, err := queries.PoolsTaken(ctx, s.tx, store.PoolsTakenParams{ApplicationID: f.app.ID, DestinationID: at})
	if err != nil {
		return err
	}
	rule := c.given.Consent
	if rule == "" {
		rule = "correction"
	}
	for _, p := range pools {
		if p.Free > 0 {
			continue
		}
		err := queries.AddOverbooking(ctx, s.tx, store.AddOverbookingParams{
			ID: newID(), InstitutionID: f.app.InstitutionID, PoolID: p.ID, Rule: rule, Why: c.given.Reason, PersonID: s.actorID(), At: s.now,
		})
		if err != nil {
			return err
		}
	}
	c.data["overbooked"] = rule
	return nil
}

// waits reports whether state is one where an application waits on the
// reserve: where a ranking puts those it keeps there.
func waits(def *lifecycle.Definition, state mobility.State) bool {
	for i := range def.Moves {
		if def.Moves[i].Outcome == lifecycle.OutcomeReserve && def.Moves[i].To == state {
			return true
		}
	}
	return false
}

// keepReserve keeps the live reserve true to the states: leaving a waiting
// state ends every rank, unless the call lets holders of an open offer move
// up, who keep those they want more; coming back to one opens them again,
// behind those who never had an offer unless a correction says otherwise.
// Publishing writes the reserve of a whole round itself.
func (f *file) keepReserve(ctx context.Context, s *step, c *change) error {
	was, is := waits(f.def, c.out.From.Name), waits(f.def, c.out.To.Name)
	held := c.out.From.Offer == mobility.OfferOpen
	switch {
	case c.ranking != nil && !c.promoted:
		return nil
	case !is && !was && !held:
		return nil
	case !is && c.out.To.Offer == mobility.OfferOpen && f.facts.Upgrades:
		at, err := f.destinationID()
		if err != nil {
			return err
		}
		return queries.EndReserveFrom(ctx, s.tx, store.EndReserveFromParams{ApplicationID: f.app.ID, DestinationID: at, At: &s.now})
	case !is:
		_, err := queries.EndReserve(ctx, s.tx, store.EndReserveParams{ApplicationID: f.app.ID, At: &s.now})
		return err
	case c.out.Move.Has(lifecycle.EffectReserveFirst):
		return f.putFirst(ctx, s, c)
	case was:
		return nil
	}
	c.jobs = append(c.jobs, PlaceFreed{Round: f.app.RoundID}) // a place may be free already
	if !c.out.Move.Correction {
		_, err := queries.JoinReserve(ctx, s.tx, store.JoinReserveParams{ApplicationID: f.app.ID, OneList: f.oneList()})
		return err
	}
	_, err := queries.ReopenReserve(ctx, s.tx, store.ReopenReserveParams{ApplicationID: f.app.ID, Class: 1})
	return err
}

// oneList reports whether one reserve is for several destinations.
func (f *file) oneList() bool { return f.call.Selection.Reserve.Per != mobility.ReservePerDestination }

func (f *file) putFirst(ctx context.Context, s *step, c *change) error {
	at, err := f.destinationID()
	if err != nil {
		return err
	}
	ranking, err := queries.PublishedRanking(ctx, s.tx, f.app.RoundID)
	if errors.Is(err, pgx.ErrNoRows) {
		return mobility.ConflictError("refusal.not_published_yet", nil)
	}
	if err != nil {
		return err
	}
	c.data["destination"] = at
	c.jobs = append(c.jobs, PlaceFreed{Round: f.app.RoundID}) // a place may be free already
	return queries.PutFirstOnReserve(ctx, s.tx, store.PutFirstOnReserveParams{
		ApplicationID: f.app.ID, DestinationID: at, InstitutionID: f.app.InstitutionID, RankingID: ranking,
	})
}
