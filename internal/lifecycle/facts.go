package lifecycle

import (
	"time"

	"peregrine/internal/mobility"
)

// Facts are what is known about one application at the time of a move. The
// process reads them under its locks; a page reads them without.
type Facts struct {
	State mobility.State // "": there is no application yet

	// Opens is the first instant of the round, zero: open since ever.
	Opens time.Time
	// Deadlines holds, per kind, the first closed instant that holds for this
	// application: its own if it has one. A missing kind never passes and
	// never comes due; a missing Closes means that nothing can be submitted.
	Deadlines map[Deadline]time.Time
	// LateUntil lets a submission in until then, because the sign-in was asked
	// for in time; zero: no.
	LateUntil time.Time

	// Grace is how long after Closes a first submission is still let in without
	// anybody having been told; the process that makes the move knows the call's,
	// a page that offers it takes the longest there can be, so that it tells
	// nothing.
	Grace time.Duration
	// LateLink reports that Closes is the end of a link by which the office lets
	// this person in once.
	LateLink bool

	LiveInRound   bool // the person has another live application in this round
	DraftComplete bool // the working copy passes every check of the form
	DraftProblems int  // how many checks it fails
	Submissions   int  // how many times it was submitted
	Published     bool // the round has a published ranking
	Publishing    bool // this step is part of publishing one

	// FreePlaces is allowed less held in the scarcest pool of the destination
	// in question: the one asked for, else the one of the live offer,
	// nomination or reserve rank.
	FreePlaces         int
	SelectedByHost     bool // the host selects at that destination
	NominationLimit    int  // how many may be proposed to it where the host selects; 0: no limit
	OpenNominations    int  // how many are live or accepted there
	EnoughTime         bool // an offer made now would leave the call's minimum to answer
	Upgrades           bool // the call's rule is upgrades: until_confirmed
	SecondClass        bool // who declines or lets lapse waits behind the others, and there is something to wait for
	ConfirmedBefore    bool // the person once confirmed the destination in question
	HostRefused        bool // a host refused a nomination of this application
	ConfirmedElsewhere bool // the person holds a confirmed place elsewhere for overlapping dates

	// NominationMissing names the facts the network asks for and nobody gave,
	// by the messages that word them.
	NominationMissing []string
}

// closesAt returns the deadline of that kind, ok false if there is none.
func (f Facts) closesAt(kind Deadline) (at time.Time, ok bool) {
	at = f.Deadlines[kind]
	return at, !at.IsZero()
}

// passed reports whether there is such a deadline and it is over.
func (f Facts) passed(kind Deadline, now time.Time) bool {
	at, ok := f.closesAt(kind)
	return ok && !mobility.Open(now, at)
}

// due reports whether a timer on that deadline may act.
func (f Facts) due(kind Deadline, now time.Time) bool {
	at, ok := f.closesAt(kind)
	return ok && mobility.Due(now, at)
}

// late reports whether something arriving now is in time only because the
// sign-in was asked for before the deadline. Asked for on account of another
// application, it opens no longer a window here than this deadline's own.
func (f Facts) late(now time.Time) bool {
	closes, ok := f.closesAt(Closes)
	return ok && !mobility.Open(now, closes) && mobility.Open(now, f.LateUntil) && mobility.Open(now, closes.Add(mobility.LateWindow))
}

// inGrace reports whether a first submission arriving now is let in by the
// grace period alone.
func (f Facts) inGrace(now time.Time) bool {
	closes, ok := f.closesAt(Closes)
	return ok && f.Submissions == 0 && !mobility.Open(now, closes) && mobility.Open(now, closes.Add(f.Grace))
}
