package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// DeadlineScope is for whom a deadline is set.
type DeadlineScope string

// The scopes, from the widest: the closest one holds.
const (
	ForEverybody DeadlineScope = "everybody"
	ForUnit      DeadlineScope = "unit"
	ForPerson    DeadlineScope = "person"
)

// DeadlineMove asks for another time of a deadline, for everybody or for some.
type DeadlineMove struct {
	// Deadline is the one shown; zero: one of Kind that Round or Destination
	// does not have yet.
	Deadline    uuid.UUID
	Kind        string
	Round       *uuid.UUID
	Destination *uuid.UUID

	Scope   DeadlineScope // "": whom it is for now
	Unit    *uuid.UUID
	Person  *uuid.UUID
	Wall    mobility.WallMinute
	Zone    string // IANA; "": the one it has, else the call's
	Reason  string
	Tell    bool      // write to the applicants concerned
	Version int32     // of the deadline as it was shown; 0: whatever it is now
	Hash    string    // of the preview that is confirmed; "": nobody looked
	Arrived time.Time // system clock
}

// DeadlinePreview says what moving a deadline would do now.
type DeadlinePreview struct {
	Institution uuid.UUID
	Call        uuid.UUID
	Kind        string
	Scope       DeadlineScope
	Unit        *uuid.UUID
	Person      *uuid.UUID
	Was         *Deadline // what holds now for whom it is set, nil: nothing
	Becomes     Deadline
	Oddity      mobility.Oddity
	Concerned   []uuid.UUID    // applications, sorted
	Phases      map[string]int // of these
	Carried     int            // narrower extensions that would be over before and move along
	OwnLater    int            // who have a later one of their own and keep it
	Sooner      bool           // the end comes earlier
	Gone        int            // reminders of the old time that are sent
	Waiting     int            // reminders that lose their point
	Anew        int            // reminders that the new time brings
	OffersAfter int            // open offers that could be answered after the host's new deadline
	Tellable    bool           // it concerns applicants, who can be written to
	Hash        string
}

// movable are the kinds a page moves, with the phases they concern; those of
// one file are moved by the moves of its lifecycle, the stay's by a change of
// the destination.
var movable = map[string][]string{
	"opens":                          {"draft"},
	string(lifecycle.Closes):         {"draft", "submitted"},
	string(lifecycle.AssessBy):       {"submitted"},
	AppealDeadline:                   {"submitted", "closed"},
	string(lifecycle.HostNomination): {"submitted", "nominated"},
	string(lifecycle.HostAnswer):     {"nominated"},
	string(lifecycle.Documents):      {"submitted", "nominated", "accepted", "enrolled"},
}

// Settable are the kinds of deadline a round or a destination may get later,
// if it has none.
var Settable = []lifecycle.Deadline{lifecycle.AssessBy, lifecycle.Documents}

// Extendable reports whether a kind can be set for a unit or a person.
func Extendable(kind string) bool {
	return kind == string(lifecycle.Closes) || kind == string(lifecycle.AssessBy) || kind == string(lifecycle.Documents)
}

// ofApplicants are the kinds applicants keep: announced, they only move later,
// and who is concerned can be written to.
func ofApplicants(kind string) bool {
	return kind == string(lifecycle.Closes) || kind == AppealDeadline || kind == string(lifecycle.Documents)
}

// PreviewDeadline says what moving a deadline would do and whom it concerns,
// and changes nothing. An officer or administrator may. Errors: not found for
// what the actor does not see; invalid for a time, a zone or a person that
// cannot be; conflict for a deadline of one file, and for a round whose result
// is published.
func (r *Runner) PreviewDeadline(ctx context.Context, actor mobility.Actor, req DeadlineMove) (DeadlinePreview, error) {
	var out DeadlinePreview
	err := r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := s.planDeadline(ctx, req)
		if err == nil {
			out = p.preview
		}
		return err
	})
	return out, err
}

// MoveDeadline sets or moves a deadline and makes it a new version: reminders
// that were not sent are planned anew, whoever is concerned finds it in the
// file's history, and gets a letter if asked for. Errors: as PreviewDeadline's;
// invalid without a reason; stale if what was previewed is no longer so.
func (r *Runner) MoveDeadline(ctx context.Context, actor mobility.Actor, req DeadlineMove) error {
	if req.Reason == "" {
		return mobility.InvalidError(mobility.FieldProblem{Field: "reason", Code: "invalid.required"})
	}
	return r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := s.planDeadline(ctx, req)
		if err != nil {
			return err
		}
		if req.Hash != "" && req.Hash != p.preview.Hash {
			return mobility.StaleError("conflict.deadline_amended_meanwhile", nil)
		}
		return s.moveDeadline(ctx, p)
	})
}

func (s *step) moveDeadline(ctx context.Context, p *deadlinePlan) error {
	version, err := s.writeDeadline(ctx, p)
	if err != nil {
		return err
	}
	if _, err := queries.CarryDeadlines(ctx, s.tx, store.CarryDeadlinesParams{Ids: p.carried, Wall: p.req.Wall.Time(), Zone: p.zone.String(), ClosesAt: p.at}); err != nil {
		return fmt.Errorf("carry the narrower deadlines: %w", err)
	}
	if _, err := queries.SkipReminders(ctx, s.tx, store.SkipRemindersParams{Applications: p.preview.Concerned, Deadlines: p.olds}); err != nil {
		return fmt.Errorf("skip reminders: %w", err)
	}
	id := newID()
	err = s.record(ctx, act{
		id: id, institution: p.row.InstitutionID, name: "deadline_amended", kind: "deadline", subject: p.row.ID, reason: p.req.Reason, about: p.preview.Person,
		data: map[string]any{"call": p.row.CallID, "kind": p.row.Kind, "from": p.wasWall(), "to": p.req.Wall.String(), "zone": p.zone.String(), "version": version, "concerned": len(p.preview.Concerned)},
	})
	if err != nil {
		return err
	}
	return s.traceDeadline(ctx, p, id, version)
}

// writeDeadline moves the row that is there, or makes the one that is not.
func (s *step) writeDeadline(ctx context.Context, p *deadlinePlan) (int32, error) {
	if !p.fresh {
		n, err := queries.MoveDeadline(ctx, s.tx, store.MoveDeadlineParams{ID: p.row.ID, Wall: p.req.Wall.Time(), Zone: p.zone.String(), ClosesAt: p.at, Version: p.row.Version})
		if err != nil {
			return 0, fmt.Errorf("move the deadline: %w", err)
		}
		if n == 0 {
			return 0, mobility.StaleError("conflict.deadline_amended_meanwhile", nil)
		}
		return p.row.Version + 1, nil
	}
	p.row.ID = newID()
	version, err := queries.SetDeadline(ctx, s.tx, store.SetDeadlineParams{
		ID: p.row.ID, InstitutionID: p.row.InstitutionID, Kind: p.row.Kind, RoundID: p.row.RoundID, DestinationID: p.row.DestinationID,
		WithinRoundID: p.row.WithinRoundID, UnitID: p.row.UnitID, PersonID: p.row.PersonID, Wall: p.req.Wall.Time(), Zone: p.zone.String(), ClosesAt: p.at,
	})
	return version, store.Translate(err, "deadline")
}

// traceDeadline keeps what was moved and whom it concerned, and writes to them
// if asked to.
func (s *step) traceDeadline(ctx context.Context, p *deadlinePlan, id uuid.UUID, version int32) error {
	var told []uuid.UUID
	if p.req.Tell && p.preview.Tellable {
		told = p.preview.Concerned
	}
	change := store.AddDeadlineChangeParams{
		ID: id, InstitutionID: p.row.InstitutionID, CallID: p.row.CallID, DeadlineID: p.row.ID, Kind: p.row.Kind, Version: version,
		Wall: p.req.Wall.Time(), Zone: p.zone.String(), ClosesAt: p.at, MadeAt: s.now, MadeBy: s.actorID(), Told: int32(len(told)),
	}
	if was := p.preview.Was; was != nil {
		wall := was.Wall.Time()
		change.WasWall, change.WasZone = &wall, &was.Zone
	}
	if err := queries.AddDeadlineChange(ctx, s.tx, change); err != nil {
		return fmt.Errorf("keep the change: %w", err)
	}
	if err := queries.AddDeadlineConcerns(ctx, s.tx, store.AddDeadlineConcernsParams{ChangeID: id, Applications: p.preview.Concerned}); err != nil {
		return fmt.Errorf("keep whom it concerns: %w", err)
	}
	letters, err := queries.TellDeadline(ctx, s.tx, store.TellDeadlineParams{DeadlineID: p.row.ID.String(), Version: version, ChangeID: id, At: s.now, Applications: told})
	if err != nil {
		return fmt.Errorf("plan the letters: %w", err)
	}
	return s.enqueueLetters(ctx, letters, QueueBulk)
}

// mayAmend refuses to move what a published result has decided by.
func (s *step) mayAmend(ctx context.Context, d store.DeadlineToMoveRow) error {
	if d.InRound == nil || d.Kind == string(lifecycle.Documents) {
		return nil
	}
	if d.Kind == AppealDeadline {
		return s.mayAmendAppeal(ctx, *d.InRound)
	}
	published, err := queries.RoundIsPublished(ctx, s.tx, *d.InRound)
	if err != nil {
		return fmt.Errorf("look for the result: %w", err)
	}
	if published {
		return mobility.ConflictError("conflict.already_published", nil)
	}
	return nil
}

// inOrder keeps a round's opening before its closing and its closing before
// the end of assessment. One person's end may come after all that.
func (s *step) inOrder(ctx context.Context, p *deadlinePlan) error {
	if p.row.InRound == nil || p.preview.Scope == ForPerson {
		return nil
	}
	rows, err := queries.RoundDeadlines(ctx, s.tx, p.row.InRound)
	if err != nil {
		return fmt.Errorf("read the round's deadlines: %w", err)
	}
	order := []string{"opens", string(lifecycle.Closes), string(lifecycle.AssessBy)}
	mine := slices.Index(order, p.row.Kind)
	for _, other := range rows {
		theirs := slices.Index(order, other.Kind)
		if mine < 0 || theirs < 0 || theirs == mine {
			continue
		}
		if (theirs < mine) != other.ClosesAt.Before(p.at) {
			return mobility.InvalidError(mobility.FieldProblem{Field: "wall", Code: "deadline.out_of_order", Data: map[string]any{"Other": other.Kind}})
		}
	}
	return nil
}
