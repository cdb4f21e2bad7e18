package process

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// deadlinePlan is a move of a deadline worked out under the call's lock: a
// preview reads it, the move carries it out.
type deadlinePlan struct {
	req     DeadlineMove
	row     store.DeadlineToMoveRow // the one to move; fresh: as it would be made
	fresh   bool
	zone    *time.Location
	at      time.Time
	above   *store.BroaderDeadlineRow // what holds without it, of a unit or a person
	carried []uuid.UUID               // narrower ones that move along
	olds    []string                  // deadlines that hold no longer for those concerned
	preview DeadlinePreview
}

func (s *step) planDeadline(ctx context.Context, req DeadlineMove) (*deadlinePlan, error) {
	p := &deadlinePlan{req: req}
	if err := s.findDeadline(ctx, p); err != nil {
		return nil, err
	}
	if err := s.narrow(ctx, p); err != nil {
		return nil, err
	}
	if req.Version != 0 && !p.fresh && req.Version != p.row.Version {
		return nil, mobility.StaleError("conflict.deadline_amended_meanwhile", nil)
	}
	if err := s.mayAmend(ctx, p.row); err != nil {
		return nil, err
	}
	if err := p.readTime(); err != nil {
		return nil, err
	}
	if err := s.readAbove(ctx, p); err != nil {
		return nil, err
	}
	if err := s.readConcerned(ctx, p); err != nil {
		return nil, err
	}
	if err := s.checkTime(ctx, p); err != nil {
		return nil, err
	}
	if err := s.countLetters(ctx, p); err != nil {
		return nil, err
	}
	return p, p.seal()
}

// findDeadline proves that the actor sees what is to be moved and belongs to
// its office, elevates, and holds the call: nobody submits meanwhile.
func (s *step) findDeadline(ctx context.Context, p *deadlinePlan) error {
	var err error
	if p.req.Deadline != uuid.Nil {
		p.row, err = queries.DeadlineToMove(ctx, s.tx, p.req.Deadline)
	} else {
		err = s.newDeadline(ctx, p)
	}
	if err != nil {
		return store.Translate(err, "deadline")
	}
	if err := s.seesWhom(ctx, p); err != nil {
		return err
	}
	if err := s.asOffice(ctx, p.row.InstitutionID, mobility.RoleOfficer, mobility.RoleAdministrator); err != nil {
		return err
	}
	if p.row.ApplicationID != nil || p.row.OfferID != nil || movable[p.row.Kind] == nil {
		return mobility.ConflictError("conflict.deadline_of_a_file", nil)
	}
	if err := queries.LockCall(ctx, s.tx, p.row.CallID.String()); err != nil {
		return fmt.Errorf("lock the call: %w", err)
	}
	if p.fresh {
		return nil
	}
	p.row, err = queries.DeadlineToMove(ctx, s.tx, p.row.ID) // as it is under the lock
	return store.Translate(err, "deadline")
}

func (s *step) newDeadline(ctx context.Context, p *deadlinePlan) error {
	at, err := queries.DeadlineSubject(ctx, s.tx, store.DeadlineSubjectParams{RoundID: p.req.Round, DestinationID: p.req.Destination})
	if err != nil {
		return err
	}
	if !slices.Contains(Settable, lifecycle.Deadline(p.req.Kind)) || (p.req.Destination != nil && p.req.Kind != string(lifecycle.Documents)) {
		return mobility.InvalidError(mobility.FieldProblem{Field: "kind", Code: "invalid.oneof"})
	}
	p.fresh = true
	p.row = store.DeadlineToMoveRow{InstitutionID: at.InstitutionID, Kind: p.req.Kind, CallID: at.CallID, Zone: at.Zone, DestinationID: p.req.Destination}
	if p.req.Destination == nil {
		p.row.RoundID, p.row.InRound = &at.RoundID, &at.RoundID
	}
	return s.foundAlready(ctx, p)
}

// foundAlready takes the row that stands where a new one would.
func (s *step) foundAlready(ctx context.Context, p *deadlinePlan) error {
	id, err := queries.DeadlineOfSubject(ctx, s.tx, store.DeadlineOfSubjectParams{
		Kind: p.row.Kind, RoundID: p.row.RoundID, DestinationID: p.row.DestinationID, WithinRoundID: p.row.WithinRoundID, UnitID: p.row.UnitID, PersonID: p.row.PersonID,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err == nil {
		p.row, err = queries.DeadlineToMove(ctx, s.tx, id)
		p.fresh = false
	}
	return err
}

// seesWhom proves under the web role that the unit or person is the house's
// and nobody the actor is barred from.
func (s *step) seesWhom(ctx context.Context, p *deadlinePlan) error {
	if s.actor.System {
		return nil
	}
	if p.req.Unit != nil {
		if _, err := queries.VisibleUnitOf(ctx, s.tx, store.VisibleUnitOfParams{ID: *p.req.Unit, InstitutionID: p.row.InstitutionID}); err != nil {
			return mobility.InvalidError(mobility.FieldProblem{Field: "unit", Code: "deadline.unknown_unit"})
		}
	}
	person := cmp.Or(p.req.Person, p.row.PersonID)
	if person == nil {
		return nil
	}
	if *person == s.actor.Person {
		return mobility.ForbiddenError("refusal.own_file")
	}
	if _, err := queries.VisiblePersonOf(ctx, s.tx, store.VisiblePersonOfParams{PersonID: *person, InstitutionID: p.row.InstitutionID}); err != nil {
		return mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.unknown_person"})
	}
	return nil
}

// narrow turns from the deadline shown to the one of whom it is asked for.
func (s *step) narrow(ctx context.Context, p *deadlinePlan) error {
	p.preview.Scope = ForEverybody
	switch {
	case p.row.UnitID != nil:
		p.preview.Scope = ForUnit
	case p.row.PersonID != nil:
		p.preview.Scope = ForPerson
	}
	asked := cmp.Or(p.req.Scope, p.preview.Scope)
	if asked == p.preview.Scope && (asked == ForEverybody || p.row.WithinRoundID != nil) {
		return nil
	}
	problem := map[DeadlineScope]mobility.FieldProblem{ForUnit: {Field: "unit", Code: "invalid.required"}, ForPerson: {Field: "person", Code: "invalid.required"}}
	switch {
	case p.row.RoundID == nil || !Extendable(p.row.Kind) || (asked != ForUnit && asked != ForPerson):
		return mobility.InvalidError(mobility.FieldProblem{Field: "scope", Code: "deadline.not_for_some"})
	case asked == ForUnit && p.req.Unit == nil, asked == ForPerson && p.req.Person == nil:
		return mobility.InvalidError(problem[asked])
	}
	p.preview.Scope, p.fresh = asked, true
	shown := p.row
	p.row = store.DeadlineToMoveRow{InstitutionID: shown.InstitutionID, Kind: shown.Kind, CallID: shown.CallID, Zone: shown.Zone, WithinRoundID: shown.RoundID, InRound: shown.RoundID}
	if asked == ForUnit {
		p.row.UnitID = p.req.Unit
		return s.foundAlready(ctx, p)
	}
	p.row.PersonID = p.req.Person
	return s.foundOwn(ctx, p)
}

// foundOwn takes the deadline a person's application has of its own, by a move
// of its lifecycle, before one of the person.
func (s *step) foundOwn(ctx context.Context, p *deadlinePlan) error {
	id, err := queries.OwnDeadlineOfKind(ctx, s.tx, store.OwnDeadlineOfKindParams{RoundID: *p.row.InRound, PersonID: *p.row.PersonID, Kind: p.row.Kind})
	if errors.Is(err, pgx.ErrNoRows) {
		return s.foundAlready(ctx, p)
	}
	if err != nil {
		return fmt.Errorf("look for a deadline of the file: %w", err)
	}
	asked := p.row
	if p.row, err = queries.DeadlineToMove(ctx, s.tx, id); err != nil {
		return err
	}
	p.row.CallID, p.row.InRound, p.row.PersonID, p.fresh = asked.CallID, asked.InRound, asked.PersonID, false
	return nil
}

func (p *deadlinePlan) readTime() error {
	name := cmp.Or(p.req.Zone, p.row.Zone)
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "zone", Code: "deadline.unknown_zone"})
	}
	p.zone, p.at = zone, closesAt(p.row.Kind, p.req.Wall, zone)
	if !p.fresh {
		p.preview.Was = &Deadline{Wall: mobility.WallOf(p.row.Wall.UTC()), Zone: p.row.Zone, ClosesAt: p.row.ClosesAt}
	}
	return nil
}

// readAbove reads what holds for a unit or a person without one of their own.
func (s *step) readAbove(ctx context.Context, p *deadlinePlan) error {
	if p.preview.Scope == ForEverybody {
		return nil
	}
	arg := store.BroaderDeadlineParams{RoundID: p.row.InRound, Kind: p.row.Kind, UnitID: p.row.UnitID}
	if p.row.PersonID != nil {
		unit, err := queries.ApplicantUnit(ctx, s.tx, store.ApplicantUnitParams{CallID: p.row.CallID, PersonID: *p.row.PersonID})
		if errors.Is(err, pgx.ErrNoRows) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "person", Code: "deadline.cannot_apply"})
		}
		if err != nil {
			return fmt.Errorf("find the person's unit: %w", err)
		}
		arg.UnitID, arg.Itself = &unit, true
	}
	above, err := queries.BroaderDeadline(ctx, s.tx, arg)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the broader deadline: %w", err)
	}
	p.above = &above
	if p.preview.Was == nil {
		p.preview.Was = &Deadline{Wall: mobility.WallOf(above.Wall.UTC()), Zone: above.Zone, ClosesAt: above.ClosesAt}
	}
	return nil
}

// checkTime refuses what cannot be: the past, an end before the beginning, an
// extension that is none, and less time than was announced to somebody who
// has begun.
func (s *step) checkTime(ctx context.Context, p *deadlinePlan) error {
	wrong := func(code string) error {
		return mobility.InvalidError(mobility.FieldProblem{Field: "wall", Code: code})
	}
	was := p.preview.Was
	switch {
	case was != nil && !p.fresh && was.Wall == p.req.Wall && was.Zone == p.zone.String():
		return wrong("deadline.unchanged")
	case p.row.Kind == "opens" && was != nil && !mobility.Open(s.now, was.ClosesAt) && len(p.preview.Concerned) > 0:
		return wrong("deadline.already_begun")
	case p.row.Kind != "opens" && !mobility.Open(s.now, p.at):
		return wrong("field.in_the_past")
	case p.above != nil && p.row.Kind == string(lifecycle.Closes) && !p.at.After(p.above.ClosesAt):
		return wrong("deadline.not_an_extension")
	case p.preview.Sooner && ofApplicants(p.row.Kind) && (len(p.preview.Concerned) > 0 || p.row.Kind == AppealDeadline):
		return wrong("deadline.only_later")
	}
	return s.inOrder(ctx, p)
}

// seal fingerprints what was shown. More time does nobody harm, so that who
// begins meanwhile changes nothing; less time is shown by name.
func (p *deadlinePlan) seal() error {
	shown := map[string]any{
		"deadline": p.row.ID, "version": p.row.Version, "kind": p.row.Kind, "unit": p.row.UnitID, "person": p.row.PersonID, "at": p.at, "zone": p.zone.String(),
		"above": p.above, "carried": p.carried,
	}
	if p.preview.Sooner {
		shown["concerned"] = p.preview.Concerned
	}
	text, err := json.Marshal(shown)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(text)
	p.preview.Hash = hex.EncodeToString(sum[:])
	return nil
}

func (p *deadlinePlan) wasWall() string {
	if p.preview.Was == nil {
		return ""
	}
	return p.preview.Was.Wall.String()
}
