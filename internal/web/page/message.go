package page

import (
	"errors"

	"peregrine/internal/mobility"
)

// Message is a page that says one thing: what went wrong, or what was done,
// and where to go from there.
type Message struct {
	Base
	Text    string
	Items   []string
	Buttons []Button
}

var _ = define[Message]("message")

// Confirm is a page that asks before something is done.
type Confirm struct {
	Base
	Dialog Dialog
}

var _ = define[Confirm]("confirm")

// failures are the titles of the kinds of errors.
var failures = map[mobility.Kind]string{
	mobility.Invalid:   "error.invalid_title",
	mobility.NotFound:  "error.not_found_title",
	mobility.Forbidden: "error.forbidden_title",
	mobility.Conflict:  "error.conflict_title",
	mobility.Stale:     "error.stale_title",
	mobility.Internal:  "error.internal_title",
}

// Failed says in the reader's words why something did not happen. What nobody
// classified shows the reference under which the log has it, and nothing else.
func Failed(base Base, err error, reference string) Message {
	kind := mobility.KindOf(err)
	base.Title = base.Loc.T(failures[kind])
	page := Message{Base: base}
	var known *mobility.Error
	if kind == mobility.Internal || !errors.As(err, &known) {
		page.Text = base.Loc.T("error.internal", "Reference", reference)
		return page
	}
	page.Text = base.Loc.T(known.Code, known.Data)
	for _, f := range known.Fields {
		page.Items = append(page.Items, f.Field+": "+base.Loc.T(f.Code, f.Data))
	}
	return page
}
