package letter

import (
	"context"
	"net/mail"
)

// Text is a composed letter: what is frozen before the first attempt.
type Text struct {
	Subject string
	Plain   string
	HTML    string
}

// Lane chooses which connections carry a message.
type Lane int

// The lanes. Sign-in has connections of its own, so that no bulk and no slow
// relay keeps a person at the door.
const (
	LaneLetters Lane = iota
	LaneSignIn
)

// Message is one composed letter on its way to one person.
type Message struct {
	From    mail.Address
	ReplyTo *mail.Address
	To      mail.Address
	Text    Text
	// MessageID, InReplyTo and References are ids without angle brackets. The
	// caller derives MessageID from the letter's id, so that it is the same at
	// each attempt.
	MessageID  string
	InReplyTo  string
	References []string
	// ListUnsubscribe is an https address, for letters that are no decision.
	ListUnsubscribe string
	// Bulk says that many got the same letter.
	Bulk bool
	Lane Lane
}

// Delivery is the outcome of Send.
type Delivery string

// The outcomes. Unknown means the message was handed over but the answer never
// came: it must never be sent again without somebody deciding so.
const (
	Sent      Delivery = "sent"      // the relay took it
	Temporary Delivery = "temporary" // it was surely not taken; try again later
	Permanent Delivery = "permanent" // it was refused for good
	Unknown   Delivery = "unknown"   // it may or may not have been taken
)

// Result says what became of a message. Code is the relay's, 0 if none came;
// Response its words or the cause, fit for an officer's eyes.
type Result struct {
	Outcome  Delivery
	Code     int
	Response string
	// Unreached says that no conversation with the relay came about, so that
	// nothing about this letter was the cause.
	Unreached bool
}

// Sender sends one message. The error is not nil only if nothing was begun
// (no connection became free before ctx ended, or the sender is closed);
// the result is Temporary then.
type Sender interface {
	Send(ctx context.Context, m Message) (Result, error)
	// Probe begins a conversation with the relay and ends it; the error says
	// why none came about.
	Probe(ctx context.Context) error
}
