package mobility

// State is the name of a state of a lifecycle definition. It is text on
// purpose: code and SQL decide by phase and properties, never by this name.
type State string

// Phase is the fixed core of every lifecycle (draft → submitted → nominated →
// accepted → enrolled → closed): what statistics, the nomination network and
// the alliance speak.
type Phase string

// The phases, in order.
const (
	PhaseDraft     Phase = "draft"     // the applicant is still writing
	PhaseSubmitted Phase = "submitted" // with the home institution, up to the confirmed place
	PhaseNominated Phase = "nominated" // proposed to the host
	PhaseAccepted  Phase = "accepted"  // the host said yes
	PhaseEnrolled  Phase = "enrolled"  // arrived
	PhaseClosed    Phase = "closed"    // over, one way or another
)

// Phases lists every phase in order.
var Phases = []Phase{PhaseDraft, PhaseSubmitted, PhaseNominated, PhaseAccepted, PhaseEnrolled, PhaseClosed}

// Turn says whose turn it is in a state.
type Turn string

// The turns. TurnNone belongs to ends.
const (
	TurnApplicant   Turn = "applicant"
	TurnCoordinator Turn = "coordinator"
	TurnOfficer     Turn = "officer"
	TurnHost        Turn = "host"
	TurnNone        Turn = "none"
)

// Turns lists every turn.
var Turns = []Turn{TurnApplicant, TurnCoordinator, TurnOfficer, TurnHost, TurnNone}

// OfferProperty says what a state claims about the application's live offer.
type OfferProperty string

// The offer properties.
const (
	OfferNone      OfferProperty = "none"
	OfferOpen      OfferProperty = "open"
	OfferConfirmed OfferProperty = "confirmed"
)

// NominationProperty says what a state claims about the live nomination.
type NominationProperty string

// The nomination properties; live means draft or sent.
const (
	NominationNone     NominationProperty = "none"
	NominationLive     NominationProperty = "live"
	NominationAccepted NominationProperty = "accepted"
)

// Decision says whether a state is a decision about the applicant.
type Decision string

// The decisions.
const (
	DecisionNone     Decision = "none"
	DecisionPositive Decision = "positive"
	DecisionNegative Decision = "negative"
)

// Visible says when people outside the committee may see a state.
type Visible string

// The visibilities.
const (
	VisibleAtOnce        Visible = "at_once"
	VisibleWhenPublished Visible = "when_published"
)

// Properties are what a state declares about itself; everything but its name.
type Properties struct {
	Phase      Phase
	Turn       Turn
	Editable   bool
	HoldsPlace bool
	Offer      OfferProperty
	Nomination NominationProperty
	Decision   Decision
	Visible    Visible
}
