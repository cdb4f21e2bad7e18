package selection

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Outcome is what became of one wish.
type Outcome string

// The outcomes.
const (
	Placed    Outcome = "placed"     // the place is this applicant's
	Reserve   Outcome = "reserve"    // waiting for a place to be freed
	NotPlaced Outcome = "not_placed" // no place, and not waiting
	Gated     Outcome = "gated"      // this wish did not take part
)

// Rule says what put one applicant before another: points, a link of the tie
// chain, or the lot.
type Rule int32

// The rules; a positive Rule n is the n-th link of the chain.
const (
	RulePoints     Rule = 0
	RuleLot        Rule = -1
	RuleID         Rule = -2 // the byte order of the ids
	RuleClass      Rule = -3 // the priority class
	RuleShare      Rule = -4 // a guaranteed share
	RulePreference Rule = -5 // the earlier wish (first choices first)
	RuleArrival    Rule = -6 // the earlier arrival
)

// The codes of reasons; each names a message of the catalogue.
const (
	ReasonPlaced       = "reason.placed_first_free"       // the first wish with a place left when the turn came
	ReasonBetterChoice = "reason.placed_at_better_choice" // has a place at a wish further up
	ReasonNoPlaceLeft  = "reason.no_place_left"           // the last place went to more points
	ReasonLostTie      = "reason.lost_tie"                // the last place went by the tie chain at equal points
	ReasonLostLot      = "reason.lost_lot"                // the last place went by lot, all else equal
	ReasonLostID       = "reason.lost_id"                 // the last place went by the order of the ids, all else equal
	ReasonNoPlaces     = "reason.no_places_offered"       // there was no place to give out
	ReasonGated        = "reason.gated"                   // may not go there; Gate says why
	ReasonExcluded     = "reason.excluded"                // not ranked; Gate says why
	ReasonLostClass    = "reason.lost_class"              // the last place went to an earlier priority class
	ReasonLostShare    = "reason.lost_share"              // the last place was kept for a guaranteed share
	ReasonLostRound    = "reason.lost_round"              // the last place went to somebody's earlier wish
	ReasonLostArrival  = "reason.lost_arrival"            // the last place went to who came earlier
	ReasonTiedRefused  = "reason.tied_refused"            // the tied group did not fit into the places left
	ReasonTiedAbove    = "reason.tied_refused_above"      // a tied group further up did not fit, so nobody below it got a place either
	ReasonFilledBefore = "reason.placed_elsewhere_before" // hardest first: placed before this one was filled
	ReasonWaitsOnly    = "reason.waits_only"              // asked for no place and may only wait; Gate says why
	ReasonByHand       = "reason.by_hand"                 // decided by a person
)

// Reason says in a form for machines which rule decided about one wish.
type Reason struct {
	Code        string              `json:"code"`
	Preference  int                 `json:"preference,omitempty"`   // of the wish that was granted (placed, better choice)
	Rule        Rule                `json:"rule,omitempty"`         // what put the last admitted first
	Shared      bool                `json:"shared,omitempty"`       // that place went with another destination drawing on the same pool
	ReserveFull bool                `json:"reserve_full,omitempty"` // would wait if the reserve were longer
	LastPoints  decimal.NullDecimal `json:"last_points,omitzero"`   // points of who took the last place
	Quota       uuid.UUID           `json:"quota,omitzero"`         // the pool that was used up, where it is not the only one of the destination
	Gate        string              `json:"gate,omitempty"`         // code of the gate or of the exclusion, or of why one may only wait
}

// Data returns the placeholders of the reason's message. LastPoints may only
// be shown where enough people are behind it (design rule 13); that is the
// page's duty.
func (r Reason) Data() map[string]any {
	data := map[string]any{"Preference": r.Preference, "Tie": max(int(r.Rule), 0), "Gate": r.Gate, "Shared": r.Shared}
	if r.LastPoints.Valid {
		data["LastPoints"] = r.LastPoints.Decimal
	}
	return data
}

// Choice is the fate of one wish.
type Choice struct {
	Destination uuid.UUID       `json:"destination"`
	Preference  int             `json:"preference"` // 1 is the first wish
	Points      decimal.Decimal `json:"points"`     // there
	Outcome     Outcome         `json:"outcome"`
	Standing    int             `json:"standing,omitempty"` // place in the order in which wishes compete, comparable among all who draw on a common pool; 0: gated
	Rank        int             `json:"rank,omitempty"`     // among those who wished for it and were let in; 0: gated
	Reserve     int             `json:"reserve,omitempty"`  // position on its reserve as decided; 0: not waiting
	Reason      Reason          `json:"reason"`
}

// Entry is one applicant in the result.
type Entry struct {
	Applicant uuid.UUID       `json:"applicant"`
	Rank      int             `json:"rank,omitempty"` // in the whole list; 0: not ranked
	Points    decimal.Decimal `json:"points"`
	Rule      Rule            `json:"rule,omitempty"`       // what put the one directly above first
	Grant     Grant           `json:"grant,omitempty"`      // of somebody placed, where there is a money quota
	GrantRank int             `json:"grant_rank,omitempty"` // in the order in which grants are given, from 1
	Excluded  string          `json:"excluded,omitempty"`   // why not ranked
	Choices   []Choice        `json:"choices"`
}

// Grant says whether a place comes with money.
type Grant string

// The grants. Somebody placed without one waits for one that is freed.
const (
	WithGrant    Grant = "with"
	WithoutGrant Grant = "without"
)

// Placed returns the wish that was granted.
func (e Entry) Placed() (Choice, bool) {
	for _, c := range e.Choices {
		if c.Outcome == Placed {
			return c, true
		}
	}
	return Choice{}, false
}

// Waiting reports whether the applicant is on any reserve.
func (e Entry) Waiting() bool {
	for _, c := range e.Choices {
		if c.Outcome == Reserve {
			return true
		}
	}
	return false
}

// Figures are the counts of one destination: Listed wished for it and were
// let in, Admitted got it, Refused asked for it and wanted it more than what
// they got.
type Figures struct {
	Destination    uuid.UUID           `json:"destination"`
	Listed         int                 `json:"listed"`
	Admitted       int                 `json:"admitted"`
	Refused        int                 `json:"refused"`
	Waiting        int                 `json:"waiting"`
	Lacking        int                 `json:"lacking,omitempty"` // to the destination's minimum
	Over           int                 `json:"over,omitempty"`    // admitted beyond its pools, with a tied group
	LowestAdmitted decimal.NullDecimal `json:"lowest_admitted,omitzero"`
	HighestRefused decimal.NullDecimal `json:"highest_refused,omitzero"`
}

// Result is a complete ranking: Entries by rank, then those not ranked by
// id; Destinations by id.
type Result struct {
	Engine       string
	Method       Method
	Tied         TiePolicy
	Entries      []Entry
	Destinations []Figures
}
