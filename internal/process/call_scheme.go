package process

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/store"
)

// SchemePlan says how facts and marks become points: Source, a scheme as
// package scheme reads it, which becomes the next version of its name; or Use
// with Version (0: the newest), one that the institution has already.
type SchemePlan struct {
	Source  string `json:"source,omitempty"`
	Use     string `json:"use,omitempty"`
	Version int    `json:"version,omitempty"`

	read *scheme.Scheme
}

// Marked lists what assessors mark in a scheme that is written out.
func (s SchemePlan) Marked() ([]MarkedCriterion, error) {
	read, err := readScheme(s.Source)
	if err != nil {
		return nil, err
	}
	text, err := MarkedJSON(read)
	if err != nil {
		return nil, err
	}
	return MarkedCriteria(text)
}

// schemeText cuts the scheme that is written out in a plan, with its order and
// its comments; "" where there is none, or another one is named.
func schemeText(source []byte) (string, error) {
	var doc yaml.Node
	if err := yaml.Load(source, &doc); err != nil {
		return "", err
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		return "", nil
	}
	n := child(doc.Content[0], "scheme")
	if n == nil || n.Kind != yaml.MappingNode || child(n, "use") != nil || child(n, "source") != nil {
		return "", nil
	}
	text, err := yaml.Dump(n, yaml.WithIndent(2), yaml.WithLineWidth(-1))
	return string(text), err
}

func child(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (s *SchemePlan) check(c *planCheck) {
	if (s.Source == "") == (s.Use == "") {
		c.fail("scheme", "plan.scheme_or_use", nil)
		return
	}
	if s.Source == "" {
		return
	}
	read, problems := scheme.Parse([]byte(s.Source))
	c.schemeProblems("scheme", problems)
	if len(problems) == 0 {
		s.read = read
	}
}

func (c *planCheck) schemeProblems(field string, problems []scheme.Problem) {
	for _, p := range problems {
		at := field
		if p.Path != "" {
			at += "." + p.Path
		}
		c.fail(at, p.Code, p.Data)
	}
}

// scheme returns the version the plan names, or makes the next one. The
// plan's scheme is read by then, or a problem is noted.
func (m *callMaker) scheme(ctx context.Context) (uuid.UUID, error) {
	plan := &m.plan.Scheme
	if plan.Use == "" {
		return newID(), nil
	}
	row, err := queries.SchemeByVersion(ctx, m.tx, store.SchemeByVersionParams{InstitutionID: m.at.ID, Name: plan.Use, Version: int32(plan.Version)})
	if errors.Is(err, pgx.ErrNoRows) {
		m.fail("scheme.use", "plan.unknown_scheme", map[string]any{"Name": plan.Use})
		return uuid.Nil, nil
	}
	if err != nil {
		return uuid.Nil, fmt.Errorf("find the scheme: %w", err)
	}
	if plan.read, err = readScheme(row.Source); err != nil {
		return uuid.Nil, err
	}
	return row.ID, nil
}

// readScheme reads a scheme that was checked when it was kept.
func readScheme(source string) (*scheme.Scheme, error) {
	s, problems := scheme.Parse([]byte(source))
	if len(problems) > 0 {
		return nil, fmt.Errorf("read the stored scheme: %s", problems[0])
	}
	return s, nil
}

func (m *callMaker) addScheme(ctx context.Context, id uuid.UUID) error {
	if m.plan.Scheme.Use != "" {
		return nil
	}
	return m.step.addScheme(ctx, id, m.at.ID, m.plan.Scheme.read)
}

// addScheme keeps a scheme as the next version of its name.
func (s *step) addScheme(ctx context.Context, id, institution uuid.UUID, from *scheme.Scheme) error {
	version, err := queries.NextSchemeVersion(ctx, s.tx, store.NextSchemeVersionParams{InstitutionID: institution, Name: from.Name})
	if err != nil {
		return fmt.Errorf("number the scheme: %w", err)
	}
	marked, err := MarkedJSON(from)
	if err != nil {
		return err
	}
	arg := store.AddSchemeParams{
		ID: id, InstitutionID: institution, Name: from.Name, Version: version, Source: string(from.YAML()), Marked: marked, PointsHash: PointsHash(from),
	}
	if most := from.MaxTotal(); most.Valid {
		arg.Most = &most.Decimal
	}
	err = queries.AddScheme(ctx, s.tx, arg)
	if err != nil {
		return fmt.Errorf("add the scheme: %w", err)
	}
	return nil
}

// PointsHash is the same for schemes that give everybody the same points,
// whatever they call things.
func PointsHash(s *scheme.Scheme) string {
	bare := *s
	bare.Name, bare.Title, bare.Inputs, bare.Criteria, bare.Gates, bare.Classes, bare.Ties = "scheme", nil, slices.Clone(s.Inputs), slices.Clone(s.Criteria), nil, nil, nil
	for i := range bare.Inputs {
		bare.Inputs[i].Label = nil
	}
	for i := range bare.Criteria {
		bare.Criteria[i].Label = nil
	}
	hash := sha256.Sum256(bare.YAML())
	return hex.EncodeToString(hash[:])
}

// markedPlan is one element of schemes.marked. Kind is that of an input which
// assessors state as a fact; "" is a criterion.
type markedPlan struct {
	Key       string             `json:"key"`
	Kind      scheme.Kind        `json:"kind,omitempty"`
	Label     mobility.Texts     `json:"label,omitempty"`
	Scale     int32              `json:"scale"`
	Min       decimal.Decimal    `json:"min"`
	Max       decimal.Decimal    `json:"max"`
	Step      decimal.Decimal    `json:"step,omitzero"`
	Assessors int                `json:"assessors"`
	Combine   scheme.Combination `json:"combine"`
	Spread    *decimal.Decimal   `json:"spread,omitempty"`
}

// MarkedJSON is what schemes.marked holds: the criteria that assessors mark,
// and the facts that they state: a yes as 1, a level from 1 (A1) to 6 (C2).
func MarkedJSON(s *scheme.Scheme) ([]byte, error) {
	out := []markedPlan{}
	for _, c := range s.Marked() {
		p := markedPlan{Key: c.Key, Label: c.Label, Scale: s.Scale, Min: c.Mark.Min, Max: c.Mark.Max, Step: c.Mark.Step, Assessors: c.Mark.Assessors, Combine: c.Mark.Combine}
		if c.Scale != nil {
			p.Scale = *c.Scale
		}
		if c.Mark.SpreadLimit.Valid {
			p.Spread = &c.Mark.SpreadLimit.Decimal
		}
		out = append(out, p)
	}
	for _, in := range s.Inputs {
		if in.From == scheme.FromMark {
			out = append(out, statedPlan(in))
		}
	}
	return json.Marshal(out)
}

func statedPlan(in scheme.Input) markedPlan {
	p := markedPlan{
		Key: in.Key, Kind: in.Kind, Label: in.Label, Assessors: 1, Combine: scheme.CombineMedian,
		Max: decimal.NewFromInt(1), Step: decimal.NewFromInt(1),
	}
	switch in.Kind {
	case scheme.KindLevel:
		p.Min, p.Max = decimal.NewFromInt(1), decimal.NewFromInt(int64(len(scheme.Levels)))
	case scheme.KindNumber, scheme.KindCount:
		p.Min, p.Max = in.Min.Decimal, in.Max.Decimal
		if in.Kind == scheme.KindNumber {
			p.Step, p.Scale = decimal.Zero, mobility.Scale
		}
	case scheme.KindYesNo, scheme.KindChoice, scheme.KindDate:
	}
	return p
}

// fits holds that the scheme asks for what this call can know: questions and
// files of its form, facts of destinations, values of the import.
func (m *callMaker) fits() {
	s := m.plan.Scheme.read
	if s == nil {
		return
	}
	for _, in := range s.Inputs {
		at := "scheme.inputs." + in.Key
		switch in.From {
		case scheme.FromAnswer:
			m.fitsQuestion(at, in)
		case scheme.FromDestination:
			kind, known := destinationFields[in.Key]
			m.require(known && numericOr(kind, in.Kind), at, "plan.scheme_destination_field")
		case scheme.FromImported:
			kind, known := importedFields[fieldOf(in)]
			m.require(!known || numericOr(kind, in.Kind), at, "plan.scheme_imported_kind")
			m.require(in.Frozen != scheme.FrozenAtInstant || m.plan.FactsAt != "", "facts_at", "invalid.required")
		case scheme.FromMark:
			stated := in.Kind == scheme.KindYesNo || in.Kind == scheme.KindLevel || (numericOr(in.Kind, scheme.KindNumber) && in.Max.Valid)
			m.require(stated && in.Per == "", at, "plan.scheme_stated")
		case scheme.FromRecord, scheme.FromCohort, scheme.FromFormula:
		}
		if in.Evidence != "" {
			m.require(m.question(in.Evidence, mobility.QuestionFile), at+".evidence", "plan.scheme_evidence")
		}
	}
	for n, c := range s.Criteria {
		at := fmt.Sprintf("scheme.criteria.%d", n+1)
		m.require(c.Mark == nil || c.Per == "", at, "plan.marks_per_destination")
		m.require(c.Mark == nil || c.Scale == nil || *c.Scale <= mobility.Scale, at+".scale", "plan.mark_scale")
	}
}

func numericOr(a, b scheme.Kind) bool {
	count := func(k scheme.Kind) bool { return k == scheme.KindNumber || k == scheme.KindCount }
	return a == b || count(a) && count(b)
}

// answerKinds says which questions can answer an input of a kind.
var answerKinds = map[scheme.Kind][]mobility.QuestionKind{
	scheme.KindNumber: {mobility.QuestionNumber, mobility.QuestionChoice},
	scheme.KindCount:  {mobility.QuestionNumber, mobility.QuestionChoice},
	scheme.KindYesNo:  {mobility.QuestionYes},
	scheme.KindLevel:  {mobility.QuestionChoice},
	scheme.KindChoice: {mobility.QuestionChoice},
	scheme.KindDate:   {mobility.QuestionDate},
}

func (m *callMaker) fitsQuestion(at string, in scheme.Input) {
	i := slices.IndexFunc(m.plan.Form.Questions, func(q mobility.Question) bool { return q.Key == questionOf(in) })
	if i < 0 {
		m.fail(at, "plan.scheme_question", map[string]any{"Key": questionOf(in)})
		return
	}
	q := m.plan.Form.Questions[i]
	m.require(slices.Contains(answerKinds[in.Kind], q.Kind), at, "plan.scheme_question_kind")
	m.require(q.PerDestination == (in.Per != ""), at, "plan.scheme_question_per")
}

func (m *callMaker) question(key string, kind mobility.QuestionKind) bool {
	return slices.ContainsFunc(m.plan.Form.Questions, func(q mobility.Question) bool { return q.Key == key && q.Kind == kind })
}
