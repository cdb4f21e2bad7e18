// Package bounce reads mail that came back: delivery reports after RFC 3464,
// the plain ones of servers that write their own, and what only looks like
// one. It knows no database: it says which message a report is about, for
// whom, what became of it and why. Whoever believes a report must find that
// message among its own.
package bounce
