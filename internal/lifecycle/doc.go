// Package lifecycle reads, checks and steps the lifecycle of an application.
//
// A lifecycle is data: a file in workflows/ names the states, the moves
// between them, what happens at a deadline nobody met, who is reminded, and
// the words people read. This package turns such a file into a Definition,
// refuses it with file and line if it breaks a rule, and answers what one move
// would do to one application. It is pure: no clock, no database, no random
// source; the time is an argument and what is known about the application
// comes in as Facts.
package lifecycle
