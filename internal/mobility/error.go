package mobility

import (
	"errors"
	"fmt"
)

// Kind says what sort of answer an error is. Six kinds carry the product; each
// maps to one HTTP status in web and to one exit code in cmd.
type Kind int

// The kinds. Internal is the zero value on purpose: whatever nobody
// classified is logged in full and shown as a reference number only.
const (
	Internal  Kind = iota
	Invalid        // the input is wrong; Fields says where
	NotFound       // there is no such thing, or the actor may not know of it
	Forbidden      // the actor may see it but not do this
	Conflict       // the rules refuse it as things stand
	Stale          // it was true when the page was made, and no longer is
)

// Error is an answer a person can read. Code names a message of the
// catalogue ("refusal.closed"); Data fills its placeholders with values that
// are safe to show. Cause is for the log alone and never shown.
type Error struct {
	Kind   Kind
	Code   string
	Data   map[string]any
	Fields []FieldProblem
	Cause  error
}

// FieldProblem is one thing wrong with one field of a form or one cell of a
// file. Field is the public name; Code names a message of the catalogue.
type FieldProblem struct {
	Field string
	Code  string
	Data  map[string]any
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", e.Code, e.Cause)
	}
	return e.Code
}

func (e *Error) Unwrap() error { return e.Cause }

// KindOf returns the kind of err, Internal if nobody classified it.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf returns the message code of err, "" if it has none.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// NotFoundError says that what was asked for does not exist for this actor.
func NotFoundError(what string) *Error {
	return &Error{Kind: NotFound, Code: "error.not_found", Data: map[string]any{"What": what}}
}

// ForbiddenError says that the actor may not do this; code names the reason.
func ForbiddenError(code string) *Error { return &Error{Kind: Forbidden, Code: code} }

// ConflictError says that a rule refuses the act as things stand.
func ConflictError(code string, data map[string]any) *Error {
	return &Error{Kind: Conflict, Code: code, Data: data}
}

// StaleError says what happened since the page was made.
func StaleError(code string, data map[string]any) *Error {
	return &Error{Kind: Stale, Code: code, Data: data}
}

// InvalidError carries the problems of each field.
func InvalidError(fields ...FieldProblem) *Error {
	return &Error{Kind: Invalid, Code: "error.invalid", Fields: fields}
}
