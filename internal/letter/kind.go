package letter

// The kinds of letters. A lifecycle names them in its moves and reminders.
const (
	KindSignIn              = "sign_in"
	KindAddressChanged      = "address_changed"
	KindRegistered          = "registered"
	KindRegistrationRefused = "registration_refused"
	KindDeadlineMoved       = "deadline_moved"
	KindLateLink            = "late_link"
	KindReceipt             = "receipt"
	KindWithdrawn           = "withdrawn"
	KindReturned            = "returned"
	KindIneligible          = "ineligible"
	KindReopened            = "reopened"
	KindDestinationDropped  = "destination_dropped"
	KindDestinationChanged  = "destination_changed"
	KindDestinationAdded    = "destination_added"
	KindRulesAmended        = "rules_amended"
	KindProvisionalResult   = "provisional_result"
	KindAppealReceived      = "appeal_received"
	KindAppealAnswered      = "appeal_answered"
	KindAppealAssigned      = "appeal_assigned"
	KindOffer               = "offer"
	KindReserve             = "reserve"
	KindNotSelected         = "not_selected"
	KindConfirmed           = "confirmed"
	KindDeclined            = "declined"
	KindLapsed              = "lapsed"
	KindGrantAwarded        = "grant_awarded"
	KindOfferWithdrawn      = "offer_withdrawn"
	KindNominated           = "nominated"
	KindHostNominations     = "host_nominations"
	KindHostCode            = "host_code"
	KindHostCancelled       = "host_cancelled"
	KindAccepted            = "accepted"
	KindAcceptedOffice      = "accepted_office"
	KindRefusedOffice       = "refused_office"
	KindRefused             = "refused"
	KindToPlace             = "to_place"
	KindCancelled           = "cancelled"
	KindEnrolled            = "enrolled"
	KindCompleted           = "completed"
	KindCorrection          = "correction"
	KindRemindDraft         = "remind_draft"
	KindRemindComplete      = "remind_complete"
	KindRemindConfirm       = "remind_confirm"
	KindRemindNominate      = "remind_nominate"
	KindRemindHost          = "remind_host"
	KindRemindCoordinator   = "remind_coordinator"
	KindDigest              = "digest"
	KindRemindDocuments     = "remind_documents"
	KindAnnouncement        = "announcement"
)

// Kinds lists every kind of letter there is, in the order of the way.
var Kinds = []string{
	KindSignIn, KindAddressChanged, KindRegistered, KindRegistrationRefused,
	KindDeadlineMoved, KindLateLink,
	KindReceipt, KindWithdrawn, KindReturned, KindIneligible, KindReopened,
	KindDestinationDropped, KindDestinationChanged, KindDestinationAdded,
	KindRulesAmended,
	KindProvisionalResult, KindAppealReceived, KindAppealAnswered, KindAppealAssigned,
	KindOffer, KindGrantAwarded, KindReserve, KindNotSelected,
	KindConfirmed, KindDeclined, KindLapsed, KindOfferWithdrawn,
	KindNominated, KindHostNominations, KindHostCode, KindHostCancelled,
	KindAccepted, KindAcceptedOffice, KindRefusedOffice, KindRefused, KindToPlace, KindCancelled,
	KindEnrolled, KindCompleted, KindCorrection,
	KindRemindDraft, KindRemindComplete, KindRemindConfirm,
	KindRemindNominate, KindRemindHost, KindRemindCoordinator, KindRemindDocuments, KindDigest,
	KindAnnouncement,
}

// Letter is one letter with everything its text needs. Only the types of this
// package implement it.
type Letter interface {
	// Kind is one of Kinds.
	Kind() string
	frame() Frame
}

// Stored returns l as it may be kept or previewed: letters that carry a
// personal link or a code come back without them, all others unchanged. The
// sending job composes l for the wire and Stored(l) for the file.
func Stored(l Letter) Letter {
	if s, ok := l.(interface{ withoutSecrets() Letter }); ok {
		return s.withoutSecrets()
	}
	return l
}
