package page

import (
	"strings"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

// FieldKind is what a field looks like and how it is filled in.
type FieldKind string

// The kinds of fields. Text is the zero value.
const (
	Text       FieldKind = ""
	LongText   FieldKind = "long"
	Number     FieldKind = "number"
	Email      FieldKind = "email"
	Phone      FieldKind = "tel"
	Search     FieldKind = "search"
	Date       FieldKind = "date"
	DateTime   FieldKind = "datetime-local" // a wall minute; the hint says in which zone
	Select     FieldKind = "select"
	Radios     FieldKind = "radios"
	Checkboxes FieldKind = "checkboxes"
	Checkbox   FieldKind = "checkbox" // one box; checked if Value is "true"
	File       FieldKind = "file"
)

// Field is one question of a form with its label, hint and error. Value is
// what was typed, as typed, so that a refused form loses nothing.
type Field struct {
	Kind         FieldKind
	Name         string // the name posted; also makes the element's id
	Label        string
	Hint         string
	Error        string
	Value        string
	Options      []Option // of Select, Radios and Checkboxes
	Blank        string   // of Select: words for no answer; "" for "Please choose"
	Required     bool
	ReadOnly     bool
	HideLabel    bool   // read out, not shown: only where the column or heading says the same
	Autocomplete string // as HTML names it: "email", "given-name", "one-time-code"
	InputMode    string // "numeric", "decimal"
	Unit         string // behind a number: "months", "of 30"
	Short        bool   // an input as wide as a few figures
	Rows         int    // of LongText; 0 is six
	MaxLength    int
	Min          string
	Max          string
	Step         string
	Accept       string // of File: ".pdf,.png"
	Multiple     bool   // of File
	Prefix       string // makes the id unique where a name occurs twice on a page
}

// Option is one answer to choose. Selected matters for Checkboxes; Select and
// Radios also take the one whose value is the field's.
type Option struct {
	Value, Label, Hint string
	Selected           bool
}

// ID is the element's id: letters, digits and dashes only.
func (f Field) ID() string { return domID(f.Prefix + "f-" + f.Name) }

// HintID and ErrorID are the ids aria-describedby names.
func (f Field) HintID() string { return f.ID() + "-hint" }

// ErrorID is the id of the error text.
func (f Field) ErrorID() string { return f.ID() + "-error" }

// DescribedBy lists the ids of what explains the field.
func (f Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.HintID())
	}
	if f.Error != "" {
		ids = append(ids, f.ErrorID())
	}
	return strings.Join(ids, " ")
}

// Invalid reports whether there is a problem with it.
func (f Field) Invalid() bool { return f.Error != "" }

// Checked reports whether a single Checkbox is ticked.
func (f Field) Checked() bool { return f.Value == "true" }

// InputType is the type attribute of a one-line input.
func (f Field) InputType() string {
	switch f.Kind {
	case Text:
		return "text"
	case Number: // a text input keeps what was typed, wheels and commas included
		return "text"
	default:
		return string(f.Kind)
	}
}

// Mode is the inputmode attribute, "" for the browser's own choice.
func (f Field) Mode() string {
	if f.InputMode == "" && f.Kind == Number {
		return "decimal"
	}
	return f.InputMode
}

// TextRows is how many rows a long text starts with.
func (f Field) TextRows() int {
	if f.Rows == 0 {
		return 6
	}
	return f.Rows
}

// Choices are the options with ids and selection settled.
func (f Field) Choices() []Choosing {
	out := make([]Choosing, len(f.Options))
	for i, o := range f.Options {
		out[i] = Choosing{
			Option: o,
			ID:     domID(f.ID() + "-" + o.Value),
			Name:   f.Name,
			Picked: o.Selected || (f.Value != "" && o.Value == f.Value),
		}
		if i == 0 { // the error summary leads to the first answer
			out[i].ID = f.ID()
		}
	}
	return out
}

// Choosing is an option as it stands on the page.
type Choosing struct {
	Option
	ID, Name string
	Picked   bool
}

// HintID is the id of the option's hint, which is not that of the question.
func (c Choosing) HintID() string { return c.ID + "-means" }

func domID(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '-'
	}, s)
}

// ErrorSummary stands above a refused form: every problem as a link to its
// field. The zero value shows nothing.
type ErrorSummary struct {
	Title    string
	Problems []Problem
}

// Problem is one line of the summary. Href "" is a problem of no one field.
type Problem struct{ Text, Href string }

// Refuse writes each problem to the field it belongs to and returns the
// summary, in the order of the fields; problems of no field come last.
func Refuse(loc locale.Printer, problems []mobility.FieldProblem, fields ...*Field) ErrorSummary {
	if len(problems) == 0 {
		return ErrorSummary{}
	}
	summary := ErrorSummary{Title: loc.N("part.errors", len(problems))}
	rest := append([]mobility.FieldProblem(nil), problems...)
	for _, f := range fields {
		kept := rest[:0]
		for _, problem := range rest {
			if problem.Field != f.Name {
				kept = append(kept, problem)
				continue
			}
			f.Error = loc.T(problem.Code, problem.Data)
			summary.Problems = append(summary.Problems, Problem{Text: f.Label + ": " + f.Error, Href: "#" + f.ID()})
		}
		rest = kept
	}
	for _, problem := range rest {
		summary.Problems = append(summary.Problems, Problem{Text: loc.T(problem.Code, problem.Data)})
	}
	return summary
}
