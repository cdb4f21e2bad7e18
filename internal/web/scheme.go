package web

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	rules "peregrine/internal/scheme"
	"peregrine/internal/store"
)

// criterion is one line of the points, or a fact that assessors state, as
// pages show it.
type criterion struct {
	Key   string
	Label mobility.Texts
	Max   decimal.NullDecimal // the most it can be, where there is a most
}

func (c criterion) label(loc locale.Printer) string {
	if l := c.Label.In(loc.Lang()); l != "" {
		return l
	}
	return c.Key
}

// most is the most a criterion can be in words, "" where there is no end.
func (c criterion) most(q *request) string {
	if !c.Max.Valid {
		return ""
	}
	return q.loc.T("office.of", "Max", c.Max.Decimal)
}

// scheme is a call's scheme as pages show it.
type scheme struct {
	rules     *rules.Scheme
	criteria  []criterion               // the same at every destination, with the facts that assessors state
	perWish   []criterion               // differing per destination
	assessed  []process.MarkedCriterion // what assessors mark, and how
	questions []mobility.Question       // whose labels word inputs that have none
}

// readScheme reads a stored scheme.
func readScheme(source string) (scheme, error) {
	read, problems := rules.Parse([]byte(source))
	if len(problems) > 0 {
		return scheme{}, fmt.Errorf("read the scheme: %s", problems[0])
	}
	s := scheme{rules: read}
	for _, c := range read.Criteria {
		_, high := read.Range(c.Key)
		one := criterion{c.Key, c.Label, high}
		if c.Per == "" {
			s.criteria = append(s.criteria, one)
		} else {
			s.perWish = append(s.perWish, one)
		}
	}
	marked, err := process.MarkedJSON(read)
	if err != nil {
		return s, err
	}
	if s.assessed, err = process.MarkedCriteria(marked); err != nil {
		return s, err
	}
	for _, m := range s.assessed {
		if _, ok := read.Input(m.Key); ok {
			s.criteria = append(s.criteria, criterion{m.Key, m.Label, decimal.NewNullDecimal(m.Max)})
		}
	}
	return s, nil
}

// marked lists what an assessor gives points for.
func (s scheme) marked() []criterion {
	var out []criterion
	for _, c := range s.criteria {
		if slices.ContainsFunc(s.assessed, func(m process.MarkedCriterion) bool { return m.Key == c.Key }) {
			out = append(out, c)
		}
	}
	return out
}

// words names a criterion, a gate, an input or a question by key.
func (s scheme) words(loc locale.Printer, key string) string {
	for _, c := range slices.Concat(s.criteria, s.perWish) {
		if c.Key == key {
			return c.label(loc)
		}
	}
	if s.rules != nil {
		if g, ok := s.rules.Gate(key); ok && g.Label.In(loc.Lang()) != "" {
			return g.Label.In(loc.Lang())
		}
		if in, ok := s.rules.Input(key); ok && in.Label.In(loc.Lang()) != "" {
			return in.Label.In(loc.Lang())
		}
	}
	for _, question := range s.questions {
		if question.Key == key {
			return question.Label.In(loc.Lang())
		}
	}
	return key
}

// inputLabel names a value, which may share its key with the criterion that
// looks at it.
func (s scheme) inputLabel(loc locale.Printer, key string) string {
	if s.rules != nil {
		if in, ok := s.rules.Input(key); ok && in.Label.In(loc.Lang()) != "" {
			return in.Label.In(loc.Lang())
		}
	}
	return s.words(loc, key)
}

// ties words the chain that decides between equal points.
func (s scheme) ties(loc locale.Printer) []string {
	out := make([]string, len(s.rules.Ties))
	for i, t := range s.rules.Ties {
		if out[i] = t.Label.In(loc.Lang()); out[i] == "" {
			out[i] = s.words(loc, strings.TrimSuffix(strings.TrimPrefix(t.Of, "points("), ")"))
		}
	}
	return out
}

// gateWords says which gate shut somebody out.
func (s scheme) gateWords(loc locale.Printer, code string) string {
	key, ours := strings.CutPrefix(code, process.SchemeGate)
	switch {
	case ours && s.rules != nil:
		return loc.T("reason.scheme_gate", "Gate", s.gateLabel(loc, key))
	case code != "" && loc.Has(code):
		return loc.T(code)
	}
	return ""
}

// gateLabel names a gate, which may share its key with what it asks about.
func (s scheme) gateLabel(loc locale.Printer, key string) string {
	if g, ok := s.rules.Gate(key); ok && g.Label.In(loc.Lang()) != "" {
		return g.Label.In(loc.Lang())
	}
	return s.words(loc, key)
}

// score turns what there is of files into points, by id. A place among all
// the others is known to a run alone: lines that hang on one have none here.
func (s scheme) score(ctx context.Context, db store.DBTX, of process.ValuesOf) (map[uuid.UUID]rules.Scored, error) {
	out := map[uuid.UUID]rules.Scored{}
	of.Scheme = s.rules
	values, err := process.ReadValues(ctx, db, of)
	if err != nil {
		return nil, err
	}
	scored, err := s.rules.Score(values)
	if err != nil {
		return nil, fmt.Errorf("score: %w", err)
	}
	for _, one := range scored {
		withoutCohort(&one.Breakdown)
		out[one.Application] = one
	}
	return out, nil
}

// lackCohort stands in a line whose points a run alone can know: message
// "scheme.lack.cohort".
const lackCohort = "cohort"

func withoutCohort(b *rules.Breakdown) {
	for i := range b.Lines {
		l := &b.Lines[i]
		if !slices.ContainsFunc(l.Inputs, func(in rules.LineInput) bool { return in.Source == rules.FromCohort }) {
			continue
		}
		if !l.Aside {
			b.Total = b.Total.Sub(l.Points)
		}
		l.Points, l.Lack = decimal.Zero, lackCohort
	}
}

// known reports whether a line has points.
func known(l rules.Line) bool { return l.Lack == "" }
