package scheme

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"peregrine/internal/mobility"
)

// Problem is one thing wrong with a scheme. Code names a message of the
// catalogue; Data fills it. Path says where in words of the YAML, lists
// counted from 1: "criteria.3.points.linear.best". Line and Column count from
// 1 and are 0 where there is no source.
type Problem struct {
	Line   int
	Column int
	Path   string
	Code   string
	Data   map[string]any
}

// String writes the problem as compilers do.
func (p Problem) String() string {
	keys := make([]string, 0, len(p.Data))
	for k := range p.Data {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	out := fmt.Sprintf("%d:%d: %s: %s", p.Line, p.Column, p.Path, p.Code)
	for _, k := range keys {
		out += fmt.Sprintf(" %s=%v", k, p.Data[k])
	}
	return out
}

// ProblemsError is what is wrong as one error of kind invalid, with the paths
// as fields; nil if nothing is.
func ProblemsError(found []Problem) error {
	if len(found) == 0 {
		return nil
	}
	fields := make([]mobility.FieldProblem, len(found))
	for i, p := range found {
		fields[i] = mobility.FieldProblem{Field: p.Path, Code: p.Code, Data: p.Data}
	}
	return mobility.InvalidError(fields...)
}

// About the file.
const (
	codeTooBig    = "scheme.too_big"
	codeTooMany   = "scheme.too_many"
	codeSyntax    = "scheme.syntax"
	codeAlias     = "scheme.alias"
	codeShape     = "scheme.shape"
	codeKey       = "scheme.unknown_key"
	codeTwice     = "scheme.key_missing_or_double"
	codeNoKey     = "scheme.missing_key"
	codeName      = "scheme.bad_name"
	codeNumber    = "scheme.bad_number"
	codeWhole     = "scheme.bad_whole"
	codeTruth     = "scheme.bad_truth"
	codeWord      = "scheme.bad_word"
	codeOneRule   = "scheme.one_rule"
	codeLanguage  = "scheme.bad_language"
	codeText      = "scheme.bad_text"
	codeNothing   = "scheme.no_criteria"
	codeScale     = "scheme.scale_out_of_range"
	codeWeight    = "scheme.weight_not_positive"
	codeBestWorst = "scheme.best_is_worst"
)

// About what it means.
const (
	codeNoInput      = "scheme.unknown_input"
	codeNoCriterion  = "scheme.no_such_criterion"
	codeCircle       = "scheme.circle"
	codeNotNeeded    = "scheme.key_not_for_source"
	codeNeeded       = "scheme.key_for_source"
	codeKindOfSource = "scheme.kind_of_source"
	codeOptions      = "scheme.options_of_kind"
	codeRange        = "scheme.range"
	codeRangeKind    = "scheme.range_of_kind"
	codeCohortDest   = "scheme.cohort_per_destination"
	codePerMissing   = "scheme.per_missing"
	codePerNotNeeded = "scheme.per_not_needed"
	codeNoPoints     = "scheme.no_points"
	codeMarkRange    = "scheme.mark_range"
	codeMarkStep     = "scheme.mark_step"
	codeAssessors    = "scheme.assessors"
	codeMarkUnused   = "scheme.mark_unused"
	codeFine         = "scheme.finer_than_scale"
	codeSteps        = "scheme.steps_empty"
	codeStepEnds     = "scheme.step_ends"
	codeStepTwice    = "scheme.step_twice"
	codeBadValue     = "scheme.bad_value"
	codeEntryLacks   = "scheme.lookup_lacks"
	codeMostSign     = "scheme.most_sign"
	codeGate         = "scheme.gate_one"
	codeReserved     = "scheme.reserved"
	codeClassRest    = "scheme.class_rest"
	codeLookupKind   = "scheme.lookup_kind"
	codeRatioMax     = "scheme.max_not_positive"
)

// About an expression. Data has At, the character counted from 1.
const (
	codeExprEmpty    = "scheme.expr_empty"
	codeExprLong     = "scheme.expr_long"
	codeExprDeep     = "scheme.expr_deep"
	codeExprChar     = "scheme.expr_character"
	codeExprQuote    = "scheme.expr_quote"
	codeExprNumber   = "scheme.expr_number"
	codeExprExpected = "scheme.expr_expected"
	codeExprEnd      = "scheme.expr_end"
	codeExprFunction = "scheme.expr_function"
	codeExprArgs     = "scheme.expr_arguments"
	codeExprKind     = "scheme.expr_kind"
	codeExprResult   = "scheme.expr_result"
	codeExprOption   = "scheme.expr_option"
	codeExprMark     = "scheme.expr_mark"
	codeExprPoints   = "scheme.expr_points"
	codeExprZero     = "scheme.expr_zero"
)

// problems collects what is wrong.
type problems struct{ list []Problem }

func (p *problems) add(path, code string, data map[string]any) {
	p.list = append(p.list, Problem{Path: path, Code: code, Data: data})
}

type position struct {
	line, column int
	quoted       bool // the text begins one column later
	block        bool // the text begins on a later line
}

// locate fills in where each path stands, or where the nearest part of it
// that is written down does, and sorts by place.
func (p *problems) locate(at map[string]position) []Problem {
	for i := range p.list {
		found := &p.list[i]
		if found.Line > 0 {
			continue
		}
		for path := found.Path; ; path = parent(path) {
			if pos, ok := at[path]; ok {
				found.Line, found.Column = pos.line, pos.column
				if offset, is := found.Data["At"].(int); is && path == found.Path && !pos.block {
					found.Column += offset - 1
					if pos.quoted {
						found.Column++
					}
				}
				break
			}
			if path == "" {
				found.Line, found.Column = 1, 1
				break
			}
		}
	}
	sort.SliceStable(p.list, func(i, j int) bool {
		a, b := p.list[i], p.list[j]
		return a.Line < b.Line || a.Line == b.Line && a.Column < b.Column
	})
	return p.list
}

func parent(path string) string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return ""
	}
	return path[:i]
}

func under(path, key string) string {
	key = strings.ReplaceAll(key, ".", "·") // a point would look like a path
	if path == "" {
		return key
	}
	return path + "." + key
}

func nth(path string, i int) string { return under(path, strconv.Itoa(i+1)) }
