package scheme

import (
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Why an application or one of its wishes is not ranked, apart from the keys
// of gates: messages "excluded.<code>".
const (
	ExcludedMissing = "missing"       // a value is not known
	ExcludedMarks   = "marks_missing" // nothing but marks is missing
)

// Scored is what one application comes to.
type Scored struct {
	Application uuid.UUID         `json:"application"`
	Breakdown   Breakdown         `json:"breakdown"`      // of the application itself
	Ties        []decimal.Decimal `json:"ties,omitempty"` // the higher one first; TieUnknown where nothing is known
	Class       int               `json:"class"`          // 0 goes first
	Excluded    string            `json:"excluded,omitempty"`
	Reserve     string            `json:"reserve,omitempty"` // key of a gate that leaves only the reserve
	Wishes      []WishScore       `json:"wishes,omitempty"`  // in the order of preference
}

// TieUnknown stands in a tie where nothing is known; it loses against every
// value.
var TieUnknown = decimal.New(-1, 30)

// WishScore is what an application comes to at one destination. Everything an
// allocation needs to rank it there is in it, whether it differs per
// destination or not.
type WishScore struct {
	Destination uuid.UUID         `json:"destination"`
	Points      decimal.Decimal   `json:"points"` // in all
	Bounded     bool              `json:"bounded,omitempty"`
	Class       int               `json:"class"`
	Ties        []decimal.Decimal `json:"ties,omitempty"`
	Gate        string            `json:"gate,omitempty"`    // "" open, else a gate's key or why nothing can be said
	Reserve     string            `json:"reserve,omitempty"` // key of a gate that leaves only the reserve
	Missing     []string          `json:"missing,omitempty"` // criteria, gates, classes without what they need
	Lines       []Line            `json:"lines,omitempty"`   // only those that differ per destination
	Gates       []GateLine        `json:"gates,omitempty"`   // likewise
}

// Breakdown is how the points of one application came about: what went in,
// by which rule, what came out. It is stored with the result and shown to the
// applicant. Total is the exact sum of lines that were each rounded once; the
// lines that differ per destination are in the wishes.
type Breakdown struct {
	Lines   []Line          `json:"lines"`
	Total   decimal.Decimal `json:"total"`
	Bounded bool            `json:"bounded,omitempty"` // the total was cut off
	Missing []string        `json:"missing,omitempty"` // then nobody is ranked on it
	Gates   []GateLine      `json:"gates,omitempty"`
	Class   string          `json:"class,omitempty"` // key
}

// Complete reports whether the application can be ranked.
func (b Breakdown) Complete() bool { return len(b.Missing) == 0 }

// Line returns the line of a criterion.
func (b Breakdown) Line(key string) (Line, bool) {
	for _, l := range b.Lines {
		if l.Key == key {
			return l, true
		}
	}
	return Line{}, false
}

// Line is one criterion.
type Line struct {
	Key     string              `json:"key"`
	Rule    Rule                `json:"rule"`
	Variant int                 `json:"variant,omitempty"` // which one applied, from 1
	Inputs  []LineInput         `json:"inputs,omitempty"`
	Points  decimal.Decimal     `json:"points"`
	Weight  decimal.NullDecimal `json:"weight,omitzero"`   // what the points were multiplied by
	Max     decimal.NullDecimal `json:"max,omitzero"`      // the most this line can be, where there is a most
	Clamped bool                `json:"clamped,omitempty"` // the value or the points lay beyond an end
	Aside   bool                `json:"aside,omitempty"`   // not part of the total
	Stood   bool                `json:"stood,omitempty"`   // a value was missing, and the scheme says what then
	Lack    string              `json:"lack,omitempty"`    // one of Lacks: why there are no points
	Missing []string            `json:"missing,omitempty"` // inputs
	Marks   []decimal.Decimal   `json:"marks,omitempty"`   // that count, lowest first
	Mark    decimal.NullDecimal `json:"mark,omitzero"`     // what they come to
	Spread  decimal.NullDecimal `json:"spread,omitzero"`
	Wanted  int                 `json:"wanted,omitempty"` // how many assessors must mark
}

// Rule says which transform was used and with what. Its maps are shared and
// must not be changed.
type Rule struct {
	Kind    string                     `json:"kind"` // one of Rules
	Numbers map[string]decimal.Decimal `json:"numbers,omitempty"`
	Words   map[string]string          `json:"words,omitempty"`
}

// Message is the rule in words: a code of the catalogue and what fills it.
func (r Rule) Message() (code string, data map[string]any) {
	data = map[string]any{}
	for k, v := range r.Numbers {
		data[k] = v
	}
	for k, v := range r.Words {
		data[k] = v
	}
	if r.Kind == "" {
		return "scheme.rule.none", data
	}
	code = "scheme.rule." + r.Kind
	for _, end := range []string{"From", "To", "Most", "Value"} {
		if _, ok := data[end]; ok {
			return code + "_" + map[string]string{"From": "from", "To": "to", "Most": "most", "Value": "value"}[end], data
		}
	}
	return code, data
}

// LineInput is one value that went into a line, or that another one was
// worked out from.
type LineInput struct {
	Key string `json:"key"`
	Value
	Missing  bool `json:"missing,omitempty"`
	Instead  bool `json:"instead,omitempty"`  // another value stands in
	Unproved bool `json:"unproved,omitempty"` // it does not count, its file is not there
}

// Standing is what a gate is for an application.
type Standing string

// The standings.
const (
	GateOpen    Standing = "open"
	GateShut    Standing = "shut"
	GateUnknown Standing = "unknown"
)

// GateLine is one gate: what went in and how it stands.
type GateLine struct {
	Key      string      `json:"key"`
	Standing Standing    `json:"standing"`
	Effect   Effect      `json:"effect,omitempty"`
	Vetoed   bool        `json:"vetoed,omitempty"`
	Inputs   []LineInput `json:"inputs,omitempty"`
}
