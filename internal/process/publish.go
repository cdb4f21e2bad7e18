package process

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// Publication is what pressing "publish" asks: the ranking and the hash of
// the result the officer saw.
type Publication struct {
	Ranking  uuid.UUID
	Hash     string
	Although bool // fewer participants than the call's minimum, and the office publishes all the same
	Arrived  time.Time
}

// Published says what publishing did.
type Published struct {
	Decided  int
	HeldBack int
}

// Publish releases a draft ranking: states, history, offers with their
// confirm-bys, places, reserve, one letter row and one job each, all in one
// transaction or not at all (design rules 1, 4 and 5). Errors: conflict with
// "conflict.already_published" for whoever comes second; stale if the hash is
// not the draft's, or if the inputs changed since it was computed; conflict while
// somebody else's approval is wanted and missing, before a provisional list can
// be final, with "refusal.too_little_to_confirm" if offers would leave less than
// the call's minimum to answer, or listing what is missing if somebody could not
// be ranked for want of marks.
func (r *Runner) Publish(ctx context.Context, actor mobility.Actor, p Publication) (Published, error) {
	var done Published
	err := r.do(ctx, actor, p.Arrived, func(s *step) error {
		ranking, at, err := r.rankingForOfficer(ctx, s, p.Ranking)
		if err != nil {
			return err
		}
		lists, err := r.publishable(ctx, s, at, ranking, p)
		if err != nil {
			return err
		}
		if err := s.finalNow(ctx, at.ID, lists); err != nil {
			return err
		}
		if err := r.sameInputs(ctx, s, at, ranking); err != nil {
			return err
		}
		call, err := queries.CallRules(ctx, s.tx, at.CallID)
		if err != nil {
			return err
		}
		if err := p.enough(ranking.Result, call.Selection); err != nil {
			return err
		}
		if done, err = r.release(ctx, s, at, ranking); err != nil || lists.AppealDays == nil {
			return err
		}
		_, _, err = s.openAppeals(ctx, at, appealWindow{final: true})
		return err
	})
	return done, err
}

func (r *Runner) rankingForOfficer(ctx context.Context, s *step, id uuid.UUID) (store.RankingForPublishingRow, store.RoundForRankingRow, error) {
	seen, err := queries.VisibleRanking(ctx, s.tx, id)
	if err != nil {
		return store.RankingForPublishingRow{}, store.RoundForRankingRow{}, store.Translate(err, "ranking")
	}
	at, err := r.roundForOfficer(ctx, s, seen.RoundID)
	if err != nil {
		return store.RankingForPublishingRow{}, at, err
	}
	ranking, err := queries.RankingForPublishing(ctx, s.tx, id)
	return ranking, at, err
}

// sameInputs recomputes the inputs from the rows as they are now: a mark, a
// withdrawal or a changed number of places since the draft makes it stale.
// Pools are locked first, so that no place goes while this looks.
func (r *Runner) sameInputs(ctx context.Context, s *step, at store.RoundForRankingRow, ranking store.RankingForPublishingRow) error {
	pools, err := queries.RoundPoolIDs(ctx, s.tx, at.ID)
	if err != nil {
		return err
	}
	if _, err := queries.LockPools(ctx, s.tx, pools); err != nil {
		return err
	}
	b, err := r.basis(ctx, s, at)
	if err != nil {
		return err
	}
	same, in, err := b.same(ranking)
	if err != nil {
		return err
	}
	if !same {
		return mobility.StaleError("conflict.inputs_changed", nil)
	}
	missing := 0
	for _, a := range in.Applicants {
		if a.Excluded == selection.ExcludedMarksMissing {
			missing++
		}
	}
	if missing > 0 {
		return mobility.ConflictError("refusal.marks_missing", map[string]any{"Count": missing})
	}
	return nil
}

// release steps every application by the pure rules and writes the result
// set-wise.
func (r *Runner) release(ctx context.Context, s *step, at store.RoundForRankingRow, ranking store.RankingForPublishingRow) (Published, error) {
	call, err := queries.CallRules(ctx, s.tx, at.CallID)
	if err != nil {
		return Published{}, err
	}
	def, err := r.definitions.load(ctx, s.tx, call.DefinitionID)
	if err != nil {
		return Published{}, err
	}
	by, err := s.confirmBys(ctx, at, call)
	if err != nil {
		return Published{}, err
	}
	rows, err := queries.PublishingRows(ctx, s.tx, ranking.ID)
	if err != nil {
		return Published{}, err
	}
	b := &batch{s: s, call: call, at: at, ranking: ranking.ID, confirmBy: by, late: map[uuid.UUID]int{}}
	var done Published
	for _, row := range rows {
		if row.HeldBack != "" {
			done.HeldBack++
			continue
		}
		if err := b.add(def, row); err != nil {
			return done, err
		}
		done.Decided++
	}
	if err := b.inTime(ctx); err != nil {
		return done, err
	}
	return done, b.write(ctx, ranking, done)
}

// batch gathers what publishing writes, one column at a time.
type batch struct {
	s         *step
	call      store.CallRulesRow
	at        store.RoundForRankingRow
	ranking   uuid.UUID
	confirmBy func(uuid.UUID) (mobility.WallMinute, bool)
	late      map[uuid.UUID]int // offers that would leave too little time, by destination

	moves     store.MoveApplicationsParams
	events    store.AddMoveEventsParams
	offers    store.AddOffersParams
	deadlines store.AddOfferDeadlinesParams
	holds     store.HoldManyPlacesParams
	money     store.HoldMoneyParams
	reserve   []uuid.UUID
	letters   store.AddLettersParams
	jobs      []river.InsertManyParams
}

// add steps one application by the move of its outcome. A refusal refuses the
// whole publication.
func (b *batch) add(def *lifecycle.Definition, row store.PublishingRowsRow) error {
	outcome := lifecycle.RankingOutcome(row.Outcome)
	move := def.ForOutcome(row.State, outcome)
	if move == nil {
		return mobility.StaleError("conflict.inputs_changed", map[string]any{"State": string(row.State)})
	}
	facts := lifecycle.Facts{State: row.State, Publishing: true, FreePlaces: 1, EnoughTime: true, DraftComplete: true, Submissions: 1}
	out, err := lifecycle.Step(def, facts, move.Name, []mobility.Role{mobility.RoleOfficer}, b.s.now)
	if err != nil {
		return err
	}
	event := newID()
	data := map[string]any{"ranking": b.ranking, "outcome": row.Outcome, "rank": row.Rank}
	if outcome == lifecycle.OutcomePlaced {
		b.place(row, data)
	}
	if outcome == lifecycle.OutcomeReserve || (outcome == lifecycle.OutcomePlaced && b.upgrades()) {
		b.reserve = append(b.reserve, row.ID)
	}
	text, err := json.Marshal(data)
	if err != nil {
		return err
	}
	b.move(row, out, event, string(text))
	for _, what := range out.Consequences {
		if what.Kind == lifecycle.SendLetter {
			b.letter(row, what.With, event, string(text))
		}
	}
	return nil
}

func (b *batch) upgrades() bool { return b.call.Selection.Upgrades == mobility.UpgradesUntilConfirmed }

func (b *batch) place(row store.PublishingRowsRow, data map[string]any) {
	offer, deadline, at := newID(), newID(), *row.DestinationID
	by, enough := b.confirmBy(at)
	if !enough {
		b.late[at]++
	}
	zone, _ := time.LoadLocation(b.call.Zone) // read once before: confirmBys
	data["offer"], data["destination"], data["confirm_by"], data["promoted"] = offer, at, deadline, false
	b.offers.Ids = append(b.offers.Ids, offer)
	b.offers.Applications = append(b.offers.Applications, row.ID)
	b.offers.Destinations = append(b.offers.Destinations, at)
	b.offers.Given = append(b.offers.Given, row.Given)
	b.offers.GrantRanks = append(b.offers.GrantRanks, row.GrantRank)
	if row.Given == string(selection.WithGrant) {
		b.money.Applications, b.money.Destinations = append(b.money.Applications, row.ID), append(b.money.Destinations, at)
	}
	if row.Given != "" {
		data["grant"] = row.Given
	}
	b.deadlines.Ids = append(b.deadlines.Ids, deadline)
	b.deadlines.Offers = append(b.deadlines.Offers, offer)
	b.deadlines.Walls = append(b.deadlines.Walls, by.Time())
	b.deadlines.ClosesAt = append(b.deadlines.ClosesAt, mobility.ClosesAt(by, zone))
	b.holds.Applications = append(b.holds.Applications, row.ID)
	b.holds.Destinations = append(b.holds.Destinations, at)
}

// inTime refuses to make offers that are over before anybody could answer, or
// leave less than the call's minimum (design rule 8): the office first agrees
// another deadline with the host, or holds those results back by name.
func (b *batch) inTime(ctx context.Context) error {
	if len(b.late) == 0 {
		return nil
	}
	rows, err := queries.RoundDestinations(ctx, b.s.tx, b.at.ID)
	if err != nil {
		return fmt.Errorf("read the destinations: %w", err)
	}
	var hosts []string
	offers := 0
	for _, d := range rows {
		if n := b.late[d.ID]; n > 0 {
			offers += n
			hosts = append(hosts, d.Host)
		}
	}
	slices.Sort(hosts)
	return mobility.ConflictError("refusal.too_little_to_confirm", map[string]any{"Count": offers, "Hosts": strings.Join(slices.Compact(hosts), ", ")})
}

func (b *batch) move(row store.PublishingRowsRow, out lifecycle.Outcome, event uuid.UUID, data string) {
	b.moves.Ids = append(b.moves.Ids, row.ID)
	b.moves.FromStates = append(b.moves.FromStates, string(row.State))
	b.moves.Revisions = append(b.moves.Revisions, row.Revision)
	b.moves.ToStates = append(b.moves.ToStates, string(out.To.Name))
	b.moves.ToPhases = append(b.moves.ToPhases, string(out.To.Phase))
	b.events.Ids = append(b.events.Ids, event)
	b.events.Applications = append(b.events.Applications, row.ID)
	b.events.Revisions = append(b.events.Revisions, row.Revision+1)
	b.events.Moves = append(b.events.Moves, out.Move.Name)
	b.events.FromStates = append(b.events.FromStates, string(row.State))
	b.events.ToStates = append(b.events.ToStates, string(out.To.Name))
	b.events.Datas = append(b.events.Datas, data)
}

func (b *batch) letter(row store.PublishingRowsRow, kind string, event uuid.UUID, data string) {
	id := newID()
	b.letters.Ids = append(b.letters.Ids, id)
	b.letters.Kinds = append(b.letters.Kinds, kind)
	b.letters.Languages = append(b.letters.Languages, row.Language)
	b.letters.Persons = append(b.letters.Persons, row.PersonID)
	b.letters.Applications = append(b.letters.Applications, row.ID)
	b.letters.Events = append(b.letters.Events, event)
	b.letters.Datas = append(b.letters.Datas, data)
	b.jobs = append(b.jobs, river.InsertManyParams{Args: LetterPlanned{Letter: id, Queue: QueueDecisions}})
}

// write carries everything out; applications moved must equal applications
// decided, else nothing is.
func (b *batch) write(ctx context.Context, ranking store.RankingForPublishingRow, done Published) error {
	s := b.s
	b.moves.At, b.events.At, b.offers.MadeAt, b.holds.Since, b.money.Since, b.letters.PlannedAt = s.now, s.now, s.now, s.now, s.now, s.now
	b.events.InstitutionID, b.offers.InstitutionID, b.deadlines.InstitutionID = b.at.InstitutionID, b.at.InstitutionID, b.at.InstitutionID
	b.holds.InstitutionID, b.letters.InstitutionID = b.at.InstitutionID, b.at.InstitutionID
	b.events.DefinitionID, b.events.ActorID, b.events.ActorRole = b.call.DefinitionID, s.actorID(), string(mobility.RoleOfficer)
	b.offers.RankingID, b.deadlines.Zone = &b.ranking, b.call.Zone
	b.letters.CallID, b.letters.Queue = &b.at.CallID, QueueDecisions
	moved, err := queries.MoveApplications(ctx, s.tx, b.moves)
	if err != nil {
		return fmt.Errorf("move the applications: %w", err)
	}
	if int(moved) != done.Decided {
		return mobility.StaleError("conflict.inputs_changed", nil)
	}
	if err := b.writeRows(ctx); err != nil {
		return err
	}
	if len(b.jobs) > 0 {
		if _, err := s.jobs.InsertManyFastTx(ctx, s.tx, b.jobs); err != nil {
			return fmt.Errorf("enqueue the letters: %w", err)
		}
	}
	return b.close(ctx, ranking, done)
}

func (b *batch) writeRows(ctx context.Context) error {
	tx := b.s.tx
	if err := queries.AddMoveEvents(ctx, tx, b.events); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	if err := queries.AddOffers(ctx, tx, b.offers); err != nil {
		return fmt.Errorf("make the offers: %w", err)
	}
	if err := queries.AddOfferDeadlines(ctx, tx, b.deadlines); err != nil {
		return fmt.Errorf("set the confirm-bys: %w", err)
	}
	if err := queries.AddPoolMembers(ctx, tx, b.ranking); err != nil {
		return fmt.Errorf("say whom the quotas count: %w", err)
	}
	if _, err := queries.HoldManyPlaces(ctx, tx, b.holds); err != nil {
		return fmt.Errorf("hold the places: %w", err)
	}
	if _, err := queries.HoldMoney(ctx, tx, b.money); err != nil {
		return fmt.Errorf("hold the grants: %w", err)
	}
	err := queries.AddReservePlaces(ctx, tx, store.AddReservePlacesParams{
		InstitutionID: b.at.InstitutionID, RankingID: b.ranking, Applications: b.reserve,
		OneList: b.call.Selection.Reserve.Per != mobility.ReservePerDestination, Upgrades: b.upgrades(),
	})
	if err != nil {
		return fmt.Errorf("write the reserve: %w", err)
	}
	if err := queries.AddLetters(ctx, tx, b.letters); err != nil {
		return fmt.Errorf("plan the letters: %w", err)
	}
	return b.s.carryEdits(ctx, b.ranking, b.letters.Ids)
}

func (b *batch) close(ctx context.Context, ranking store.RankingForPublishingRow, done Published) error {
	s := b.s
	if ranking.Status != "published" {
		rows, err := queries.MarkPublished(ctx, s.tx, store.MarkPublishedParams{ID: b.ranking, At: &s.now, By: s.actorID()})
		if err != nil {
			return err
		}
		if rows == 0 {
			return mobility.ConflictError("conflict.already_published", nil)
		}
		if err := queries.KeepFigures(ctx, s.tx, b.ranking); err != nil {
			return fmt.Errorf("keep the figures: %w", err)
		}
	}
	data, err := json.Marshal(map[string]any{"decided": done.Decided, "held_back": done.HeldBack, "result_hash": ranking.ResultHash})
	if err != nil {
		return err
	}
	return queries.AddAct(ctx, s.tx, store.AddActParams{
		ID: newID(), InstitutionID: b.at.InstitutionID, Act: "ranking_published", SubjectKind: "ranking", SubjectID: b.ranking,
		At: s.now, ActorID: s.actorID(), Data: data,
	})
}
