// Package outbox turns a planned letter into the letter itself: it reads what
// the letter needs from the rows as they stand, words codes in the reader's
// language, and composes. The sending jobs use it, and pages that show a
// letter before it is sent; of a ranking not yet published it writes what
// publishing would send.
//
// It reads and changes nothing, so it runs under whatever role its database
// handle has. Personal links are asked for from the caller; without one the
// letter is as it may be stored and shown.
package outbox
