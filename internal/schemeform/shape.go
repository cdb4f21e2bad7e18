package schemeform

import (
	"slices"

	"peregrine/internal/scheme"
)

// sort is what kind of thing stands under a key.
type sort int

const (
	text   sort = iota // a word, an expression
	number             // also a whole number
	truth              // ticked or not
	words              // several words, separated by commas
	texts              // one text per language
	group              // keys under a key
	list               // things of the same keys, one after another
	keyed              // likewise, each under a name of its own
	table              // from a value to its points
	rule               // how points come about: a number, or keys by the rule
)

// shape is one key of the YAML as a form sees it, in the order in which it is
// written.
type shape struct {
	name  string
	as    string // the field's name, where it is not the key's
	sort  sort
	in    []shape // of a group, a list and what is keyed
	flow  bool    // written on one line
	first bool    // names the rule, so that it is written even where it is empty
	only  func(s Sheet, at string) bool
}

func (k shape) field() string {
	if k.as != "" {
		return k.as
	}
	return k.name
}

// Names that are no keys of the YAML.
const (
	keyName    = "key"    // of an input: the name it stands under
	valueName  = "value"  // of a row of a table
	pointsName = "points" // likewise
	ruleName   = "rule"   // which rule points follow
	markedName = "marked" // of a criterion: assessors mark it

	recordedName = "recorded" // of an input: what of the record it counts, which YAML calls "of"
)

var whole = []shape{
	{name: "name"},
	{name: "title", sort: texts},
	{name: "scale", sort: number},
	{name: "inputs", sort: keyed, in: inputShape, flow: true},
	{name: "criteria", sort: list, in: criterionShape},
	{name: "total", sort: group, in: boundsShape, flow: true},
	{name: "gates", sort: list, in: gateShape},
	{name: "classes", sort: list, in: classShape},
	{name: "ties", sort: list, in: tieShape},
}

var boundsShape = []shape{{name: "min", sort: number}, {name: "max", sort: number}}

var stated = []scheme.Source{scheme.FromImported, scheme.FromAnswer, scheme.FromRecord, scheme.FromMark, scheme.FromDestination}

var inputShape = []shape{
	{name: "from"},
	{name: "kind"},
	{name: "per", only: from(stated...)},
	{name: "question", only: from(scheme.FromAnswer)},
	{name: "field", only: from(scheme.FromImported)},
	{name: "frozen", only: from(scheme.FromImported)},
	{name: "evidence", only: from(stated...)},
	{name: "options", sort: words, only: ofKind(scheme.KindChoice)},
	{name: "min", sort: number, only: ofKind(scheme.KindNumber, scheme.KindCount)},
	{name: "max", sort: number, only: ofKind(scheme.KindNumber, scheme.KindCount)},
	{name: "of", as: recordedName, only: from(scheme.FromRecord)},
	{name: "of", only: from(scheme.FromCohort)},
	{name: "same_cycle", sort: truth, only: from(scheme.FromRecord)},
	{name: "programmes", sort: words, only: from(scheme.FromRecord)},
	{name: "years", sort: number, only: from(scheme.FromRecord)},
	{name: "by", sort: words, only: from(scheme.FromCohort)},
	{name: "best", only: from(scheme.FromCohort)},
	{name: "formula", only: from(scheme.FromFormula)},
	{name: "instead"},
	{name: "label", sort: texts},
}

func from(sources ...scheme.Source) func(Sheet, string) bool {
	return func(s Sheet, at string) bool { return slices.Contains(sources, scheme.Source(s.Get(at+".from"))) }
}

func ofKind(kinds ...scheme.Kind) func(Sheet, string) bool {
	return func(s Sheet, at string) bool { return slices.Contains(kinds, scheme.Kind(s.Get(at+".kind"))) }
}

var criterionShape = []shape{
	{name: "key"},
	{name: "label", sort: texts},
	{name: "per"},
	{name: "mark", sort: group, in: markShape, flow: true, first: true, only: func(s Sheet, at string) bool { return s.Get(at+"."+markedName) == yes }},
	{name: "variants", sort: list, in: []shape{{name: "when"}, {name: "points", sort: rule}}},
	{name: "points", sort: rule},
	{name: "weight", sort: number},
	{name: "missing", sort: number},
	{name: "min", sort: number},
	{name: "max", sort: number},
	{name: "scale", sort: number},
	{name: "aside", sort: truth},
}

var markShape = []shape{
	{name: "min", sort: number},
	{name: "max", sort: number},
	{name: "step", sort: number},
	{name: "assessors", sort: number},
	{name: "combine"},
	{name: "spread", sort: number},
}

var gateShape = []shape{
	{name: "key"},
	{name: "label", sort: texts},
	{name: "require"},
	{name: "veto"},
	{name: "per"},
	{name: "effect"},
	{name: "missing"},
}

var classShape = []shape{{name: "key"}, {name: "label", sort: texts}, {name: "when"}}

var tieShape = []shape{{name: "of"}, {name: "prefer"}, {name: "label", sort: texts}}

// inlineRules are the rules whose keys stand beside the rule's name.
var inlineRules = map[string][]shape{
	scheme.RuleWhen:    {{name: "when", first: true}, {name: "points", sort: number}, {name: "otherwise", sort: number}},
	scheme.RuleFormula: {{name: "formula", first: true}},
}

// nestedRules are the rules whose keys stand under it.
var nestedRules = map[string][]shape{
	scheme.RuleLinear: {
		{name: "of"}, {name: "best", sort: number}, {name: "worst", sort: number}, {name: "max", sort: number}, {name: "min", sort: number},
	},
	scheme.RuleBands: {
		{name: "of"},
		{name: "steps", sort: list, in: stepShape, flow: true},
		{name: "otherwise", sort: number},
	},
	scheme.RuleLookup: {{name: "of"}, {name: "points", sort: table}, {name: "otherwise", sort: number}},
	scheme.RuleEach:   {{name: "of"}, {name: "points", sort: number}, {name: "most", sort: number}},
	scheme.RuleRatio:  {{name: "of"}, {name: "expected"}, {name: "max", sort: number}},
}

var stepShape = []shape{{name: "from"}, {name: "to"}, {name: "points", sort: number}}

// ordered are the rules in the order in which forms offer them.
var ordered = []string{
	scheme.RuleFixed, scheme.RuleLinear, scheme.RuleBands, scheme.RuleLookup, scheme.RuleEach, scheme.RuleRatio, scheme.RuleWhen, scheme.RuleFormula,
}

// Rules lists the rules that a field named "….rule" may name; none at all
// stands for the mark itself.
func Rules() []string { return slices.Clone(ordered) }
