package scheme

import "github.com/shopspring/decimal"

// Transform turns inputs into one criterion's points. It is one of *Fixed,
// *Linear, *Bands, *Lookup, *Each, *Ratio, *When and *Formula. Every Of,
// Expected and Expr is an expression; mostly it is just an input's key.
type Transform interface {
	rule() string
	fields() []field
	compile(c *compiler, at string) step
}

// The rules: the names of the transforms in the YAML, in a Line and in the
// messages "scheme.rule.<rule>". RuleMark is a mark as it was given.
const (
	RuleFixed   = "fixed"
	RuleLinear  = "linear"
	RuleBands   = "bands"
	RuleLookup  = "lookup"
	RuleEach    = "each"
	RuleRatio   = "ratio"
	RuleWhen    = "when"
	RuleFormula = "formula"
	RuleMark    = "mark"
)

// Rules lists every rule, as forms offer them.
var Rules = []string{RuleFixed, RuleLinear, RuleBands, RuleLookup, RuleEach, RuleRatio, RuleWhen, RuleFormula, RuleMark}

// Fixed gives everybody the same.
type Fixed struct{ Points decimal.Decimal }

// Linear gives Max at Best, Min at Worst, and in between in proportion; what
// lies beyond counts as the nearer end. Best may be the lower or the higher.
type Linear struct {
	Of          string
	Best, Worst decimal.Decimal
	Max         decimal.Decimal
	Min         decimal.Decimal
}

// Bands is a table of steps, all of them "from" (the highest that is reached
// counts) or all of them "to" (the lowest that is not exceeded counts).
type Bands struct {
	Of        string
	Steps     []Step
	Otherwise decimal.Decimal // outside all steps
}

// Step is one step of a table. Exactly one of From and To is given; both are
// written as the kind of value that Of has: 3.51, B2, 2004-05-31.
type Step struct {
	From, To string
	Points   decimal.Decimal
}

// Lookup gives points by name. Without Otherwise the table must name every
// value there is.
type Lookup struct {
	Of        string
	Table     []Entry
	Otherwise decimal.NullDecimal
}

// Entry is one row of a lookup.
type Entry struct {
	Value  string
	Points decimal.Decimal
}

// Each gives Points for every one of Of, up to Most in all (which is negative
// where Points are).
type Each struct {
	Of     string
	Points decimal.Decimal
	Most   decimal.NullDecimal
}

// Ratio gives Max times Of over Expected, not below 0 and not above Max.
type Ratio struct {
	Of, Expected string
	Max          decimal.Decimal
}

// When gives Points where Cond holds, else Otherwise.
type When struct {
	Cond      string
	Points    decimal.Decimal
	Otherwise decimal.Decimal
}

// Formula gives what Expr comes to.
type Formula struct{ Expr string }

func (*Fixed) rule() string   { return RuleFixed }
func (*Linear) rule() string  { return RuleLinear }
func (*Bands) rule() string   { return RuleBands }
func (*Lookup) rule() string  { return RuleLookup }
func (*Each) rule() string    { return RuleEach }
func (*Ratio) rule() string   { return RuleRatio }
func (*When) rule() string    { return RuleWhen }
func (*Formula) rule() string { return RuleFormula }

// newTransform returns an empty transform of a rule; nil if there is none.
func newTransform(rule string) Transform {
	switch rule {
	case RuleLinear:
		return &Linear{}
	case RuleBands:
		return &Bands{}
	case RuleLookup:
		return &Lookup{}
	case RuleEach:
		return &Each{}
	case RuleRatio:
		return &Ratio{}
	case RuleWhen:
		return &When{}
	case RuleFormula:
		return &Formula{}
	}
	return nil
}

// inline reports whether the rule's keys stand beside the rule's name, as in
// {when: disabled, points: 10}, instead of under it.
func inline(rule string) bool { return rule == RuleWhen || rule == RuleFormula }
