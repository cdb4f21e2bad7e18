package lifecycle

import (
	"fmt"
	"sort"
)

// Rule is the name of one rule a definition must keep.
type Rule string

// The rules about the file itself.
const (
	RuleSize         Rule = "too-big"
	RuleSyntax       Rule = "syntax"
	RuleAlias        Rule = "alias"
	RuleShape        Rule = "shape"
	RuleUnknownKey   Rule = "unknown-key"
	RuleDuplicateKey Rule = "duplicate-key"
	RuleMissingKey   Rule = "missing-key"
	RuleName         Rule = "bad-name"
	RuleValue        Rule = "bad-value"
)

// The rules about what a definition names.
const (
	RuleUnknownState    Rule = "unknown-state"
	RuleUnknownRole     Rule = "unknown-role"
	RuleUnknownGuard    Rule = "unknown-guard"
	RuleUnknownDeadline Rule = "unknown-deadline"
	RuleUnknownLetter   Rule = "unknown-letter"
	RuleUnknownEffect   Rule = "unknown-effect"
	RuleUnknownInput    Rule = "unknown-input"
	RuleUnknownThing    Rule = "unknown-thing"
)

// The rules about what a definition means.
const (
	RuleDuplicate        Rule = "duplicate"
	RuleStart            Rule = "start"
	RuleUnreachable      Rule = "unreachable"
	RuleNoExit           Rule = "no-exit"
	RuleNoOwner          Rule = "no-owner"
	RuleNoEnd            Rule = "no-end"
	RuleAmbiguousMove    Rule = "ambiguous-move"
	RuleAmbiguousOutcome Rule = "ambiguous-outcome"
	RuleProperties       Rule = "properties"
	RuleOfferEnding      Rule = "offer-ending"
	RuleNominationEnding Rule = "nomination-ending"
	RulePlaceGuard       Rule = "place-guard"
	RuleFreedPlace       Rule = "freed-place"
	RuleSubmit           Rule = "submit"
	RuleEffectInput      Rule = "effect-input"
	RuleDeadlineFits     Rule = "deadline-fits"
	RuleTimerMove        Rule = "timer-move"
	RuleReminderReader   Rule = "reminder-reader"
	RuleReminderLetter   Rule = "reminder-letter"
	RuleCorrection       Rule = "correction"
	RuleCorrectionReason Rule = "correction-reason"
	RuleAutomaticCycle   Rule = "automatic-cycle"
	RuleLabels           Rule = "labels"
)

// Rules lists every rule, in the order they are asked.
var Rules = []Rule{
	RuleSize, RuleSyntax, RuleAlias, RuleShape, RuleUnknownKey, RuleDuplicateKey, RuleMissingKey, RuleName, RuleValue,
	RuleUnknownState, RuleUnknownRole, RuleUnknownGuard, RuleUnknownDeadline, RuleUnknownLetter, RuleUnknownEffect,
	RuleUnknownInput, RuleUnknownThing,
	RuleDuplicate, RuleStart, RuleUnreachable, RuleNoExit, RuleNoOwner, RuleNoEnd, RuleAmbiguousMove,
	RuleAmbiguousOutcome, RuleProperties, RuleOfferEnding, RuleNominationEnding, RulePlaceGuard, RuleFreedPlace,
	RuleSubmit, RuleEffectInput, RuleDeadlineFits, RuleTimerMove, RuleReminderReader, RuleReminderLetter, RuleCorrection,
	RuleCorrectionReason, RuleAutomaticCycle, RuleLabels,
}

// Problem is one breach of one rule, with where and why.
type Problem struct {
	File string
	Line int // from 1
	Rule Rule
	Text string
}

// String writes the problem as compilers do: file:line: text [rule].
func (p Problem) String() string {
	return fmt.Sprintf("%s:%d: %s [%s]", p.File, p.Line, p.Text, p.Rule)
}

// problems collects breaches in one file.
type problems struct {
	file string
	list []Problem
}

func (p *problems) add(line int, rule Rule, format string, args ...any) {
	p.list = append(p.list, Problem{p.file, max(line, 1), rule, fmt.Sprintf(format, args...)})
}

// sorted returns the problems in file order.
func (p *problems) sorted() []Problem {
	sort.SliceStable(p.list, func(i, j int) bool { return p.list[i].Line < p.list[j].Line })
	return p.list
}
