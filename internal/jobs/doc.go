// Package jobs works off what processes asked for: it sends letters, lets the
// reserve move up, looks for what has come due, and keeps the house clean. It
// decides nothing: it asks a process, or the outbox, and records what became
// of it. Log lines and River's own records name jobs and letters by id and
// hold no personal data.
//
// Queues are apart, and so are the connections of sign-in letters, so that
// nobody stands at the door because decisions are on their way.
package jobs
