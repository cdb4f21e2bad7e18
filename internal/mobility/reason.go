package mobility

import "slices"

// HostReason is why a host says no, in the codes of the nomination network.
// It is worded for the applicant by the message "host_reason.<code>" and for
// offices by "host_reason_office.<code>".
type HostReason string

// The reasons.
const (
	HostNoPlace             HostReason = "no_place"
	HostRequirementsNotMet  HostReason = "requirements_not_met"
	HostFieldNotOffered     HostReason = "field_not_offered"
	HostDocumentsIncomplete HostReason = "documents_incomplete"
	HostDeadlineMissed      HostReason = "deadline_missed"
	HostOther               HostReason = "other"
)

// HostReasons lists every reason, in the order pages offer them.
var HostReasons = []HostReason{
	HostNoPlace, HostRequirementsNotMet, HostFieldNotOffered, HostDocumentsIncomplete, HostDeadlineMissed, HostOther,
}

// HostReasonOf reads a code; one nobody knows is HostOther.
func HostReasonOf(code string) HostReason {
	if r := HostReason(code); slices.Contains(HostReasons, r) {
		return r
	}
	return HostOther
}
