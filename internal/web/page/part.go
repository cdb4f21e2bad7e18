package page

import (
	"time"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

// Tone is the colour of a part and what it means; colour never says anything
// that a word beside it does not.
type Tone string

// The tones. Neutral is the zero value.
const (
	Neutral Tone = ""
	Accent  Tone = "accent"
	Info    Tone = "info"
	Success Tone = "success"
	Warning Tone = "warning"
	Danger  Tone = "danger"
)

// Colour is the tone in the design system's words.
func (t Tone) Colour() string {
	if t == Neutral {
		return "neutral"
	}
	return string(t)
}

// Moment is an instant as a reader sees it. The zero value shows nothing.
type Moment struct {
	Text     string // weekday, day, minute, zone
	Relative string // "in 3 days"
	ISO      string // for machines
	Until    int64  // Unix seconds of a deadline; 0: not one
	Counts   bool   // the deadline's last day has begun: what is left is told to the minute
	Here     string // words around "{}" for the same in the zone of a reader we do not know, by script; "" for none
	Offset   int    // with Here: minutes the zone of Text is ahead of UTC
}

// Zero reports whether there is no moment.
func (m Moment) Zero() bool { return m.Text == "" }

// MomentOf writes an instant; now gives the distance, zero leaves it out.
func MomentOf(loc locale.Printer, t, now time.Time) Moment {
	if t.IsZero() {
		return Moment{}
	}
	m := Moment{Text: loc.DateTime(t), ISO: t.UTC().Format(time.RFC3339)}
	if !now.IsZero() {
		m.Relative = loc.Relative(now, t)
	}
	return m
}

// DeadlineOf writes a deadline from its first closed instant: it names the
// last minute in which things are in time, "23:59", as people say it.
func DeadlineOf(loc locale.Printer, closesAt, now time.Time) Moment {
	if closesAt.IsZero() {
		return Moment{}
	}
	m := MomentOf(loc, closesAt.Add(-time.Minute), time.Time{})
	if !now.IsZero() {
		m.Relative = loc.Relative(now, closesAt)
		if left := closesAt.Sub(now); left > 0 && left < countsFrom {
			m.Counts, m.Relative = true, leftWords(loc, left)
		}
	}
	m.Until = closesAt.Unix()
	return m
}

// Notice tells something that matters on this page.
type Notice struct {
	Tone  Tone
	Title string
	Text  string
	Items []string
	Links []Link
}

// Zero reports whether there is nothing to tell.
func (n Notice) Zero() bool {
	return n.Title == "" && n.Text == "" && len(n.Items) == 0 && len(n.Links) == 0
}

// Role is how a screen reader takes it: at once for what went wrong.
func (n Notice) Role() string {
	if n.Tone == Danger {
		return "alert"
	}
	return "status"
}

// EmptyState says why there is nothing and what one may do.
type EmptyState struct {
	Title, Text string
	Buttons     []Button
}

// Tag is a short status in a coloured box.
type Tag struct {
	Label string
	Tone  Tone
}

// StateTag is the tag of an application's state: its label, coloured by phase
// and by what was decided.
func StateTag(label string, phase mobility.Phase, decision mobility.Decision) Tag {
	switch {
	case decision == mobility.DecisionNegative:
		return Tag{Label: label, Tone: Danger}
	case phase == mobility.PhaseAccepted, phase == mobility.PhaseEnrolled, decision == mobility.DecisionPositive:
		return Tag{Label: label, Tone: Success}
	case phase == mobility.PhaseNominated:
		return Tag{Label: label, Tone: Info}
	case phase == mobility.PhaseSubmitted:
		return Tag{Label: label, Tone: Accent}
	}
	return Tag{Label: label}
}

// WhoseTurn is the panel a page about a process starts with: whose turn it
// is, what is asked of them, until when, and what happens then.
type WhoseTurn struct {
	Yours   bool   // it is the reader's turn
	Whose   string // "It is your turn", "It is the faculty's turn"
	What    string // what is asked
	Until   Moment
	Next    string // what happens next
	Over    bool   // nothing is expected of anybody
	Buttons []Button
}

// Zero reports whether there is nothing to show.
func (w WhoseTurn) Zero() bool { return w.Whose == "" }

// Step is one of PathSteps.
type Step struct {
	Label string
	Note  string // a date, a name
	State StepState
}

// StepState is where a step lies as seen from here.
type StepState string

// The states of a step.
const (
	StepDone  StepState = "done"
	StepHere  StepState = "here"
	StepAhead StepState = "ahead"
)

// PathSteps is the way through the phases with "you are here".
type PathSteps struct {
	Label string // what the steps are, for who does not see them; "" for "Where this stands"
	Steps []Step
}

// PhaseSteps draws the six phases with current marked. Ended says the way
// ended before its goal; what would have come is left out.
func PhaseSteps(loc locale.Printer, current mobility.Phase, ended bool) PathSteps {
	var out PathSteps
	state := StepDone
	for _, phase := range mobility.Phases {
		if phase == current {
			state = StepHere
		}
		out.Steps = append(out.Steps, Step{Label: loc.T("phase." + string(phase)), State: state})
		if state == StepHere {
			state = StepAhead
			if ended {
				break
			}
		}
	}
	return out
}

// Timeline is a history, newest or oldest first as given.
type Timeline struct {
	Label  string
	Events []TimelineEvent
}

// TimelineEvent is one line of it.
type TimelineEvent struct {
	When  Moment
	Title string
	By    string // who did it
	Text  string // reason, detail
	Tone  Tone
	Links []Link
}

// ButtonLook is how strongly a button asks to be pressed.
type ButtonLook string

// The looks of a button; one primary a page is enough.
const (
	Primary   ButtonLook = "primary"
	Secondary ButtonLook = "secondary"
	Quiet     ButtonLook = "tertiary"
)

// Button submits the form it stands in, or leads to Href, or, with Action,
// brings a small form of its own that posts there.
type Button struct {
	Label   string
	Look    ButtonLook // zero: primary
	Danger  bool
	Name    string // posted with Value, to tell buttons of one form apart
	Value   string
	Href    string
	Action  string
	Hidden  []Hidden // of a form of its own
	Confirm string   // asked first where script runs; without it the act must have its own confirm page
	NoCheck bool     // lets a draft be sent half filled in
	To      string   // where the form goes by this button, instead of its own address
}

// Variant is the look in the design system's words.
func (b Button) Variant() string {
	if b.Look == "" {
		return string(Primary)
	}
	return string(b.Look)
}

// Colour is the button's colour in the design system's words.
func (b Button) Colour() string {
	if b.Danger {
		return "danger"
	}
	return "accent"
}
