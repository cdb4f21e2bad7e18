package scheme

import (
	"slices"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Scheme says how facts and marks become points. It is what the YAML says and
// nothing more, so that a form can edit it and YAML can write it down again.
// Conditions and formulas are kept as text; Check says whether they hold.
type Scheme struct {
	Name     string
	Title    mobility.Texts
	Scale    int32 // decimals of a criterion's points
	Inputs   []Input
	Criteria []Criterion
	Total    Bounds
	Gates    []Gate
	Classes  []Class
	Ties     []Tie
}

// Source says where an input's value comes from.
type Source string

// The sources. Formula and cohort are worked out here; the others are given.
const (
	FromImported    Source = "imported"    // the student information system, frozen at an instant
	FromAnswer      Source = "answer"      // the submitted form
	FromRecord      Source = "record"      // earlier mobilities and applications
	FromMark        Source = "mark"        // an assessor's mark, stated as a fact
	FromDestination Source = "destination" // differs per destination
	FromCohort      Source = "cohort"      // the place among the others
	FromFormula     Source = "formula"     // other inputs
)

// Sources lists every source, as forms offer them.
var Sources = []Source{FromImported, FromAnswer, FromRecord, FromMark, FromDestination, FromCohort, FromFormula}

// Kind is what sort of value an input has.
type Kind string

// The kinds.
const (
	KindNumber Kind = "number"
	KindCount  Kind = "count" // a whole number from 0
	KindYesNo  Kind = "yesno"
	KindLevel  Kind = "level"  // of a language, A1 to C2, in that order
	KindChoice Kind = "choice" // one word of several
	KindDate   Kind = "date"   // 2004-05-31
)

// Kinds lists every kind, as forms offer them.
var Kinds = []Kind{KindNumber, KindCount, KindYesNo, KindLevel, KindChoice, KindDate}

// Instant says when an imported value is frozen.
type Instant string

// The instants. The zero value means at submission.
const (
	FrozenAtSubmission Instant = "submission"
	FrozenAtInstant    Instant = "instant" // the call's stated instant
)

// Instants lists every instant.
var Instants = []Instant{FrozenAtSubmission, FrozenAtInstant}

// Best says which end of a cohort is the better one.
type Best string

// The ends.
const (
	BestHigh Best = "high"
	BestLow  Best = "low"
)

// Bests lists both ends; forms and Prefer use the same words.
var Bests = []Best{BestHigh, BestLow}

// PerDestination in the Per of an input, a criterion or a gate says that it
// differs from destination to destination.
const PerDestination = "destination"

// Recorded lists what an input from the record may count.
var Recorded = []string{"mobilities", "months", "years_since_last", "waivers", "applications"}

// Input is one value that goes in. Which other fields matter depends on From.
type Input struct {
	Key      string
	Label    mobility.Texts
	From     Source
	Kind     Kind
	Per      string              // PerDestination: looked up at each destination first
	Question string              // answer: the form's question; empty: the input's key
	Field    string              // imported: the value's name there; empty: the input's key
	Frozen   Instant             // imported
	Evidence string              // the file without which the value does not count
	Options  []string            // choice: the words there are; empty: any
	Min, Max decimal.NullDecimal // number, count: a value beyond is not believed

	Of         string   // record: one of Recorded. cohort: the expression that orders it
	SameCycle  bool     // record: only at the same study level
	Programmes []string // record: only of these programmes
	Years      int      // record: only of the last so many years; 0: ever

	By   []string // cohort: who is compared with whom
	Best Best     // cohort: which end of Of gets percentile 0

	Formula string // formula
	Instead string // an expression that stands in where the value is missing
}

// Criterion is one line of the points.
type Criterion struct {
	Key      string
	Label    mobility.Texts
	Per      string
	Mark     *Marking // assessors mark it; Points may then use "mark"
	Variants []Variant
	Points   Transform           // where no variant fits; nil: the mark as it is
	Weight   decimal.NullDecimal // points are multiplied by it before they are cut off and rounded; not valid: 1
	Missing  decimal.NullDecimal // points where a value is missing; not valid: nobody is ranked without
	Min, Max decimal.NullDecimal // the points are cut off there
	Scale    *int32              // decimals, where they differ from the scheme's
	Aside    bool                // shown, used by ties and gates, not part of the total
}

// Variant gives other points to some: by cycle, unit, programme, year.
type Variant struct {
	When   string
	Points Transform
}

// Bounds cut off a total.
type Bounds struct{ Min, Max decimal.NullDecimal }

// Effect is what a gate that is shut does.
type Effect string

// The effects. The zero value is out.
const (
	EffectOut     Effect = "out"
	EffectReserve Effect = "reserve" // no place, but a rank on the reserve
)

// Effects lists every effect.
var Effects = []Effect{EffectOut, EffectReserve}

// Unknown is what a gate is while it cannot be decided.
type Unknown string

// The answers. The zero value is wait.
const (
	UnknownWaits Unknown = "wait" // the application cannot be ranked yet
	UnknownShut  Unknown = "shut"
	UnknownOpen  Unknown = "open"
)

// Unknowns lists every answer.
var Unknowns = []Unknown{UnknownWaits, UnknownShut, UnknownOpen}

// Gate is a condition apart from the points. Either Require must hold, or
// somebody of the role Veto must not have said no.
type Gate struct {
	Key     string
	Label   mobility.Texts
	Require string
	Veto    mobility.Role
	Per     string
	Effect  Effect
	Missing Unknown
}

// Class is a priority class: whoever is in an earlier one goes before all of
// a later one, whatever the points.
type Class struct {
	Key   string
	Label mobility.Texts
	When  string // empty: everybody left
}

// Tie is one link of the chain that decides between equal points. A value
// that is not known loses.
type Tie struct {
	Label  mobility.Texts
	Of     string // an expression; points(key) is a criterion's points
	Prefer Best   // the zero value is high
}

// Input returns the input of that key.
func (s *Scheme) Input(key string) (Input, bool) {
	i := slices.IndexFunc(s.Inputs, func(in Input) bool { return in.Key == key })
	if i < 0 {
		return Input{}, false
	}
	return s.Inputs[i], true
}

// Criterion returns the criterion of that key.
func (s *Scheme) Criterion(key string) (Criterion, bool) {
	i := slices.IndexFunc(s.Criteria, func(c Criterion) bool { return c.Key == key })
	if i < 0 {
		return Criterion{}, false
	}
	return s.Criteria[i], true
}

// Gate returns the gate of that key.
func (s *Scheme) Gate(key string) (Gate, bool) {
	i := slices.IndexFunc(s.Gates, func(g Gate) bool { return g.Key == key })
	if i < 0 {
		return Gate{}, false
	}
	return s.Gates[i], true
}

// Marked returns the criteria that assessors mark, in order; each has a Mark.
func (s *Scheme) Marked() []Criterion {
	var out []Criterion
	for _, c := range s.Criteria {
		if c.Mark != nil {
			out = append(out, c)
		}
	}
	return out
}

// Vetoes returns the gates that somebody of a role may shut, in order.
func (s *Scheme) Vetoes() []Gate {
	var out []Gate
	for _, g := range s.Gates {
		if g.Veto != "" {
			out = append(out, g)
		}
	}
	return out
}

// scale is the number of decimals of one criterion's points.
func (s *Scheme) scale(c *Criterion) int32 {
	if c.Scale != nil {
		return *c.Scale
	}
	return s.Scale
}
