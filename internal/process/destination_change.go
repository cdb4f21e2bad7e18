package process

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
)

// ChangeKind says what happens to a destination of a call.
type ChangeKind string

// The kinds. Adding one that was dropped brings it back and is recorded as
// restored.
const (
	DestinationAdded    ChangeKind = "added"
	DestinationChanged  ChangeKind = "changed"
	DestinationDropped  ChangeKind = "dropped"
	DestinationRestored ChangeKind = "restored"
)

// GateDestinationDropped is the code of a wish for a destination that is no
// longer there.
const GateDestinationDropped = "gate.destination_dropped"

// CEFRLevels lists the levels a destination may ask for; "" asks for none.
var CEFRLevels = []string{"", "A1", "A2", "B1", "B2", "C1", "C2"}

// DestinationTerms is what may be changed of a destination.
type DestinationTerms struct {
	Language, CEFR string
	Begins, Ends   *time.Time           // days of the stay, both or none
	Places         int32                // of each pool it draws on
	Limit          *int32               // of open nominations, where the host selects; nil: none
	HostDeadline   *mobility.WallMinute // for nominations, in its own zone; nil: as it is
}

// DestinationChange asks for a destination to be added to a round, changed or
// dropped, and for those concerned to be told. Hash is that of the preview the
// officer saw.
type DestinationChange struct {
	Kind             ChangeKind
	Destination      uuid.UUID            // of what is changed or dropped
	Round, Agreement uuid.UUID            // of what is added
	Terms            DestinationTerms     // of what is added: stay, limit and host's deadline alone
	Reason           string               // for those who are told; what is added needs none
	Tell             bool                 // of what is added: write to those who could choose it
	ChooseAgain      *mobility.WallMinute // in the call's zone, once the round is closed
	Hash             string
	Arrived          time.Time // system clock
}

// Concern is how somebody's application is about a destination.
type Concern string

// The concerns.
const (
	ConcernDraft    Concern = "draft"     // named in a working copy never submitted
	ConcernOpen     Concern = "open"      // chosen; may choose again until the round closes
	ConcernReturned Concern = "returned"  // chosen; gets the choices back until the declared time
	ConcernStuck    Concern = "stuck"     // chosen; the lifecycle has no way to give the choices back
	ConcernTold     Concern = "told"      // chosen; is told, and no more
	ConcernWaiting  Concern = "waiting"   // on the reserve there
	ConcernHolding  Concern = "holding"   // has an offer or a nomination there
	ConcernHeldBack Concern = "held_back" // its published result is held back by name
	ConcernNone     Concern = "none"      // chose it, and what happens to it changes nothing
)

// told reports whether somebody so concerned is written to. A result that is
// held back must not be told by the way.
func (c Concern) told() bool { return c != ConcernNone && c != ConcernHeldBack }

// Concerned is one person whose application is about the destination, as far
// as the actor sees the file.
type Concerned struct {
	Application, Person     uuid.UUID
	GivenNames, FamilyNames string
	Unit                    string
	State                   mobility.State
	Position                int // of the choice; 0: not among them
	Concern                 Concern
	Nominated               bool // the host was told
	WaitsElsewhere          bool
}

// TermChange is one thing that becomes another: codes, dates, numbers.
type TermChange struct {
	What     string // language, cefr, begins, ends, places, limit, host_deadline
	From, To string
}

// DestinationPreview is what a change would do, and its hash: once anything of
// it is different the change is refused as stale.
type DestinationPreview struct {
	Hash       string
	Changes    []TermChange
	People     []Concerned
	Unseen     int              // more people, whose files the actor does not see
	Drafts     int              // working copies, which nobody but their authors reads
	Overbooked int              // places recorded as overbooked, since more are held than the partner still gives
	Shared     []mobility.Texts // other calls that draw on the same places
	Restored   bool
	RoundOpen  bool // those who chose it may choose again until it closes
	Published  bool
	Until      *time.Time // the first instant after the time to choose again
}

// Count is how many of the people seen are concerned in that way.
func (p DestinationPreview) Count(c Concern) int {
	n := 0
	for _, x := range p.People {
		if x.Concern == c {
			n++
		}
	}
	return n
}

// DestinationDone says what a change did.
type DestinationDone struct {
	Destination    uuid.UUID
	Told, Returned int
}

// PreviewDestination says what a change of a destination would do, without
// doing it. Only an officer of the institution may; one whom a conflict of
// interest bars from a file that names the destination is refused until the
// result is published (design rule 11). Errors: invalid with every field that
// is wrong; conflict if it is there already, or dropped already.
func (r *Runner) PreviewDestination(ctx context.Context, actor mobility.Actor, req DestinationChange) (DestinationPreview, error) {
	var out DestinationPreview
	err := r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := r.planDestination(ctx, s, req)
		if err == nil {
			out = p.preview
		}
		return err
	})
	return out, err
}

// ChangeDestination adds, changes or drops a destination: in one transaction
// the change with its history, a letter to each person concerned, and the
// choices given back to those who have to choose again. Nobody loses an offer
// or a nomination by it. Errors: as PreviewDestination's, and stale with
// "conflict.destination_preview" if the preview no longer holds.
func (r *Runner) ChangeDestination(ctx context.Context, actor mobility.Actor, req DestinationChange) (DestinationDone, error) {
	var out DestinationDone
	err := r.office(ctx, actor, req.Arrived, func(s *step) error {
		p, err := r.planDestination(ctx, s, req)
		if err != nil {
			return err
		}
		if p.preview.Hash != req.Hash {
			return mobility.StaleError("conflict.destination_preview", nil)
		}
		out, err = r.changeDestination(ctx, s, p)
		return err
	})
	return out, err
}

var languageForm = regexp.MustCompile(`^[a-z]{2,3}$`)

// check names what is wrong with a request by itself.
func (req *DestinationChange) check() error {
	c, t := &planCheck{}, req.Terms
	req.Reason = strings.TrimSpace(req.Reason)
	c.require(req.Kind == DestinationAdded || req.Reason != "", "reason", "invalid.required")
	c.require((t.Begins == nil) == (t.Ends == nil), "ends", "destination.stay_has_both")
	c.require(t.Begins == nil || t.Ends == nil || !t.Ends.Before(*t.Begins), "ends", "destination.stay_in_order")
	c.require(t.Limit == nil || *t.Limit > 0, "limit", "plan.limit")
	if req.Kind == DestinationChanged {
		c.require(languageForm.MatchString(t.Language), "language", "destination.language")
		c.require(slices.Contains(CEFRLevels, t.CEFR), "cefr", "invalid.oneof")
		c.require(t.Places >= 0, "places", "plan.not_negative")
	}
	if len(c.problems) > 0 {
		return mobility.InvalidError(c.problems...)
	}
	return nil
}
