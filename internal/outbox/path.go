package outbox

import "github.com/google/uuid"

// The pages letters lead to.

// ApplicationPath is the applicant's own page of an application.
func ApplicationPath(application uuid.UUID) string { return "/applications/" + application.String() }

// FilePath is the office's page of an application.
func FilePath(application uuid.UUID) string { return "/office/applications/" + application.String() }

// CandidatesPath is the list of a call's candidates, for faculty and office.
func CandidatesPath(call uuid.UUID) string { return "/office/calls/" + call.String() + "/candidates" }

// CallPath is a call's public page.
func CallPath(call uuid.UUID) string { return "/calls/" + call.String() }

// AppealPath is the office's page of an appeal.
func AppealPath(appeal uuid.UUID) string { return "/office/appeals/" + appeal.String() }
