package lifecycle

import "peregrine/internal/mobility"

// ReasonRule says whether a move is made with a reason in words.
type ReasonRule string

// The reason rules.
const (
	ReasonNone     ReasonRule = "none"
	ReasonOptional ReasonRule = "optional"
	ReasonRequired ReasonRule = "required"
)

// Deadline is a kind of deadline. Of each kind an application has at most one
// at a time: its own if a move gave it one, else its round's, offer's or
// destination's.
type Deadline string

// The kinds of deadline.
const (
	Closes         Deadline = "closes"          // the round's last minute to submit, or the applicant's own
	AssessBy       Deadline = "assess_by"       // until when the committee is asked to have assessed
	CompleteBy     Deadline = "complete_by"     // the deadline of a return
	ConfirmBy      Deadline = "confirm_by"      // the deadline of the open offer
	HostNomination Deadline = "host_nomination" // until when the host takes nominations for the destination in question
	HostAnswer     Deadline = "host_answer"     // until when the host is asked to answer the live nomination
	ReserveEnds    Deadline = "reserve_ends"    // after which nobody is promoted: the last host_nomination of the choices still on reserve
	StayBegins     Deadline = "stay_begins"     // planned arrival
	StayEnds       Deadline = "stay_ends"       // planned end of the stay
	Documents      Deadline = "documents"       // until when the documents of a stay under way are asked for
)

// Deadlines lists every kind of deadline.
var Deadlines = []Deadline{Closes, AssessBy, CompleteBy, ConfirmBy, HostNomination, HostAnswer, ReserveEnds, StayBegins, StayEnds, Documents}

// Input is a kind of extra input a move asks for.
type Input string

// The kinds of input. The first three are deadlines of the same name: the
// answer becomes the application's own.
const (
	AskCloses      Input = "closes"
	AskCompleteBy  Input = "complete_by"
	AskConfirmBy   Input = "confirm_by"   // a suggestion by the call's rule stands in the field
	AskQuestions   Input = "questions"    // the questions and files to complete
	AskDestination Input = "destination"  // which destination the move is about
	AskArrival     Input = "arrival_date" // the actual day of arrival
	AskEnd         Input = "end_date"     // the actual last day
	AskReasonCode  Input = "reason_code"  // the host's reason from the network's list, worded for the applicant
	AskComment     Input = "comment"      // free text for offices only
	AskConsent     Input = "consent"      // by which rule and with whose consent a pool is overbooked
)

// Inputs lists every kind of input.
var Inputs = []Input{
	AskCloses, AskCompleteBy, AskConfirmBy, AskQuestions, AskDestination,
	AskArrival, AskEnd, AskReasonCode, AskComment, AskConsent,
}

// Deadline returns the kind of deadline the input sets, ok false for others.
func (i Input) Deadline() (Deadline, bool) {
	if i == AskCloses || i == AskCompleteBy || i == AskConfirmBy {
		return Deadline(i), true
	}
	return "", false
}

// Ask is one input of a move. In a file a trailing "?" makes it optional.
type Ask struct {
	Input    Input
	Optional bool
}

// Effect is a consequence that does not follow from the properties of the two
// states.
type Effect string

// The effects.
const (
	EffectStart        Effect = "start"         // make the application with an empty working copy
	EffectSubmit       Effect = "submit"        // freeze the working copy as the next numbered submission
	EffectReturn       Effect = "return"        // record the questions to complete; only those can change
	EffectOverbook     Effect = "overbook"      // record an overbooking of the destination's pools with the consent given
	EffectReserveFirst Effect = "reserve_first" // put the application first on the reserve of the destination asked for
	EffectArrival      Effect = "arrival"       // record the actual day of arrival
	EffectEnd          Effect = "end"           // record the actual last day of the stay
)

// Effects lists every effect.
var Effects = []Effect{EffectStart, EffectSubmit, EffectReturn, EffectOverbook, EffectReserveFirst, EffectArrival, EffectEnd}

// OfferEnding is how an offer ends.
type OfferEnding string

// The endings of an offer.
const (
	OfferDeclined  OfferEnding = "declined"  // by the applicant's no
	OfferLapsed    OfferEnding = "lapsed"    // by silence
	OfferWithdrawn OfferEnding = "withdrawn" // by anything else
)

// NominationEnding is how a nomination ends.
type NominationEnding string

// The endings of a nomination.
const (
	NominationRefused   NominationEnding = "refused"   // the host's no
	NominationCancelled NominationEnding = "cancelled" // anything else
)

// RankingOutcome is what a published ranking says about an application.
type RankingOutcome string

// The outcomes of a ranking.
const (
	OutcomePlaced    RankingOutcome = "placed"
	OutcomeReserve   RankingOutcome = "reserve"
	OutcomeNotPlaced RankingOutcome = "not_placed"
	OutcomeGated     RankingOutcome = "gated" // shut out by a requirement or declared ineligible
)

// RankingOutcomes lists every outcome of a ranking.
var RankingOutcomes = []RankingOutcome{OutcomePlaced, OutcomeReserve, OutcomeNotPlaced, OutcomeGated}

// FreedPlace says who disposes of a place that a move frees.
type FreedPlace string

// The ways a freed place goes.
const (
	FreedByRule   FreedPlace = "by_rule"   // the call's rule moves it on at once
	FreedToOffice FreedPlace = "to_office" // it waits for the office, which may want it for the same person
)

// FiniteThings are what an automatic move may use up.
var FiniteThings = []string{
	"choice",     // one of the applicant's choices, never offered again by itself
	"submission", // one submission, never judged again by itself
}

// ownerRole returns the role of the one whose turn it is.
func ownerRole(t mobility.Turn) (mobility.Role, bool) {
	switch t {
	case mobility.TurnApplicant:
		return mobility.RoleApplicant, true
	case mobility.TurnCoordinator:
		return mobility.RoleCoordinator, true
	case mobility.TurnOfficer:
		return mobility.RoleOfficer, true
	case mobility.TurnHost:
		return mobility.RoleHost, true
	case mobility.TurnNone:
	}
	return "", false
}

// Letters is every letter kind a definition may name, with the role that
// reads it.
var Letters = map[string]mobility.Role{
	"receipt":            mobility.RoleApplicant, // a submission arrived, and what counts
	"withdrawn":          mobility.RoleApplicant, // the answer to the applicant's own withdrawal
	"returned":           mobility.RoleApplicant, // what to complete, why and until when
	"ineligible":         mobility.RoleApplicant,
	"reopened":           mobility.RoleApplicant, // judged or open again
	"offer":              mobility.RoleApplicant, // a place, and until when it waits
	"reserve":            mobility.RoleApplicant,
	"not_selected":       mobility.RoleApplicant, // with the deciding rule
	"confirmed":          mobility.RoleApplicant,
	"declined":           mobility.RoleApplicant,
	"lapsed":             mobility.RoleApplicant,
	"offer_withdrawn":    mobility.RoleApplicant,
	"nominated":          mobility.RoleApplicant, // proposed to the host, not yet admitted
	"accepted":           mobility.RoleApplicant, // the host said yes
	"refused":            mobility.RoleApplicant, // the host's no ends it
	"to_place":           mobility.RoleApplicant, // the place fell through, the office looks for a way
	"cancelled":          mobility.RoleApplicant,
	"enrolled":           mobility.RoleApplicant,
	"completed":          mobility.RoleApplicant,
	"correction":         mobility.RoleApplicant, // follows an earlier letter that no longer holds
	"accepted_office":    mobility.RoleOfficer,
	"refused_office":     mobility.RoleOfficer,
	"host_nominations":   mobility.RoleHost, // the personal link to the names
	"host_cancelled":     mobility.RoleHost, // a sent nomination no longer holds
	"remind_draft":       mobility.RoleApplicant,
	"remind_complete":    mobility.RoleApplicant,
	"remind_confirm":     mobility.RoleApplicant,
	"remind_nominate":    mobility.RoleOfficer,
	"remind_host":        mobility.RoleHost,
	"remind_coordinator": mobility.RoleCoordinator,
	"remind_documents":   mobility.RoleApplicant,
}

// reminders are the letters that remind, and whether they are worded for
// after the deadline too.
var reminders = map[string]bool{
	"remind_draft": false, "remind_complete": false, "remind_confirm": false, "remind_nominate": false,
	"remind_host": true, "remind_coordinator": true, "remind_documents": true,
}
