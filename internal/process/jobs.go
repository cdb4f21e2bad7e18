package process

import (
	"github.com/google/uuid"
	"github.com/riverqueue/river"
)

// The queues. They are apart so that none waits for another: nobody stands at
// the door because 800 decisions are on their way.
const (
	QueueSignIn    = "sign_in"
	QueueDecisions = "decisions"
	QueueReminders = "reminders"
	QueueBulk      = "bulk"
	QueueUpkeep    = "upkeep"
)

// Queues lists every queue.
var Queues = []string{QueueSignIn, QueueDecisions, QueueReminders, QueueBulk, QueueUpkeep}

// LetterPlanned asks for one letter to be sent.
type LetterPlanned struct {
	Letter uuid.UUID `json:"letter"`
	Queue  string    `json:"queue"`
}

// Kind implements river.JobArgs.
func (LetterPlanned) Kind() string { return "letter_planned" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (a LetterPlanned) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: a.Queue} }

// PlaceFreed asks for the reserve of a round to be looked at, after a place
// was freed that moves on by the call's rule.
type PlaceFreed struct {
	Round uuid.UUID `json:"round"`
}

// Kind implements river.JobArgs.
func (PlaceFreed) Kind() string { return "place_freed" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (PlaceFreed) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueUpkeep} }

// DueScan looks for timers and reminders that have come due on the business
// clock. It is periodic, and also put in when the demo's clock is moved.
type DueScan struct{}

// Kind implements river.JobArgs.
func (DueScan) Kind() string { return "due_scan" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (DueScan) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueUpkeep} }

// DocumentsErased asks for the contents of erased documents to be removed from
// the document store; their rows are gone already.
type DocumentsErased struct {
	Documents []uuid.UUID `json:"documents"`
}

// Kind implements river.JobArgs.
func (DocumentsErased) Kind() string { return "documents_erased" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (DocumentsErased) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueUpkeep} }

// SignInAsked asks for a link and a code to be made and sent for a sign-in request.
type SignInAsked struct {
	SignIn uuid.UUID `json:"sign_in"`
}

// Kind implements river.JobArgs.
func (SignInAsked) Kind() string { return "sign_in_asked" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (SignInAsked) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueSignIn} }

// HostCodeAsked asks for the code that opens documents on one device.
type HostCodeAsked struct {
	Code uuid.UUID `json:"code"`
}

// Kind implements river.JobArgs.
func (HostCodeAsked) Kind() string { return "host_code_asked" }

// InsertOpts implements river.JobArgsWithInsertOpts.
func (HostCodeAsked) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: QueueSignIn} }
