package process

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// Run is one computation: what went in, what came out, how points came about.
type Run struct {
	Input   selection.Input
	Result  selection.Result
	Scored  []scheme.Scored // beside Basis.Values
	Overall int             // how many participants lack to the minimum of the whole round
}

// SchemeGate is what the code of a gate begins with that is one of the scheme.
const SchemeGate = "scheme_gate."

// Compute scores, allocates and proves the result against its method's
// properties. It reads nothing but the basis.
func (b *Basis) Compute() (Run, error) {
	scored, err := b.Scheme.Score(b.Values)
	if err != nil {
		return Run{}, err
	}
	groups, err := b.groups()
	if err != nil {
		return Run{}, err
	}
	run := Run{Scored: scored, Input: b.input(scored, groups)}
	if run.Result, err = selection.Allocate(run.Input); err != nil {
		return Run{}, b.named(err)
	}
	if broken := proof.Verify(run.Input, run.Result); len(broken) > 0 {
		return Run{}, fmt.Errorf("the ranking breaks its own promises: %s %s", broken[0].Code, broken[0].Detail)
	}
	if least := b.Rules.Minimum.Overall; least > 0 {
		run.Overall = max(0, least-admitted(run.Result))
	}
	return run, nil
}

// named puts labels where an error names limits by their ids.
func (b *Basis) named(err error) error {
	var e *mobility.Error
	if errors.As(err, &e) {
		b.namedFields(e.Fields)
	}
	return err
}

func (b *Basis) namedFields(fields []mobility.FieldProblem) []mobility.FieldProblem {
	labels := map[string]string{}
	for _, q := range b.Rules.Quotas {
		labels[q.Pool.String()] = q.Label.In("en")
	}
	for _, p := range b.Rules.Partners {
		labels[p.Pool.String()] = p.Host
	}
	for i := range fields {
		for _, key := range []string{"Pool", "Other"} {
			if label, ok := labels[fmt.Sprint(fields[i].Data[key])]; ok {
				fields[i].Data[key] = label
			}
		}
	}
	return fields
}

func admitted(r selection.Result) int {
	n := 0
	for _, e := range r.Entries {
		if _, ok := e.Placed(); ok {
			n++
		}
	}
	return n
}

// groups is, by application, the share it belongs to and the grouped pools
// that count it.
type groups struct {
	share string
	pools []string
}

// ShareGroup names the group of the n-th share of a call, from 1.
func ShareGroup(n int) string { return fmt.Sprintf("share%d", n) }

// groups asks every condition of the rules about every candidate.
func (b *Basis) groups() ([]groups, error) {
	var when []string
	ask := func(text string) int {
		if text == "" {
			return -1
		}
		when = append(when, text)
		return len(when) - 1
	}
	shares, quotas, grants := make([]int, len(b.Rules.Shares)), make([]int, len(b.Rules.Quotas)), make([]int, len(b.Rules.Grants))
	for i, s := range b.Rules.Shares {
		shares[i] = ask(s.When)
	}
	for i, q := range b.Rules.Quotas {
		quotas[i] = ask(q.When)
	}
	for i, g := range b.Rules.Grants {
		grants[i] = ask(g.When)
	}
	answers, err := holding(b.Scheme, when, b.Values)
	if err != nil {
		return nil, err
	}
	out := make([]groups, len(b.Candidates))
	for n, c := range b.Candidates {
		holds := func(at int) bool { return at < 0 || answers[n][at] }
		for i := range shares {
			if out[n].share == "" && holds(shares[i]) {
				out[n].share = ShareGroup(i + 1)
			}
		}
		for i, q := range b.Rules.Quotas {
			fits := (q.Unit == "" || slices.Contains(c.Units, q.Unit)) && (q.Cycle == 0 || q.Cycle == c.Cycle) && strings.HasPrefix(c.Field, q.Field)
			if q.Grouped() && fits && holds(quotas[i]) {
				out[n].pools = append(out[n].pools, q.Pool.String())
			}
		}
		for i, g := range b.Rules.Grants {
			if g.When != "" && holds(grants[i]) {
				out[n].pools = append(out[n].pools, g.Pool.String())
			}
		}
	}
	return out, nil
}

// holding says of each candidate which conditions hold; one that is not known
// does not.
func holding(s *scheme.Scheme, when []string, values []scheme.Values) ([][]bool, error) {
	out := make([][]bool, len(values))
	if len(when) == 0 {
		return out, nil
	}
	scored, err := conditions(s, when).Score(values)
	if err != nil {
		return nil, fmt.Errorf("ask the conditions: %w", err)
	}
	for i, one := range scored {
		out[i] = make([]bool, len(when))
		for n, line := range one.Breakdown.Lines {
			out[i][n] = line.Points.IsPositive()
		}
	}
	return out, nil
}

// input is what the engine gets.
func (b *Basis) input(scored []scheme.Scored, groups []groups) selection.Input {
	in := selection.Input{
		Method: selection.Method(b.Rules.Method), Tied: selection.TiePolicy(b.Rules.Ties), Seed: b.Seed,
		Pools: b.Pools, Money: b.Money, Destinations: b.Destinations,
	}
	if limit := b.Rules.Reserve.Limit; limit != nil {
		in.NoReserve, in.ReserveLimit = *limit == 0, *limit
	}
	for i, s := range b.Rules.Shares {
		in.Shares = append(in.Shares, selection.Share{Group: ShareGroup(i + 1), Percent: s.Percent})
	}
	for i, c := range b.Candidates {
		in.Applicants = append(in.Applicants, c.applicant(scored[i], groups[i]))
	}
	return in
}

func (c Candidate) applicant(s scheme.Scored, g groups) selection.Applicant {
	a := selection.Applicant{
		ID: c.Application, Class: s.Class, Points: s.Breakdown.Total, Ties: s.Ties, Group: g.share, Quotas: g.pools,
		Arrived: c.Arrived.UnixMicro(), Hand: c.Hand, Excluded: c.excluded(s),
	}
	for i, w := range c.Wishes {
		score := s.Wishes[i]
		wish := selection.Wish{Destination: w.Destination, Class: score.Class, Points: score.Points, Gate: w.Gate}
		if !slices.EqualFunc(score.Ties, s.Ties, decimal.Decimal.Equal) {
			wish.Ties = score.Ties
		}
		if wish.Gate == "" && a.Excluded == "" {
			wish.Gate = shutBy(score.Gate, slices.Concat(s.Breakdown.Gates, score.Gates), w.Lifted)
		}
		if key := waitsBy(slices.Concat(s.Breakdown.Gates, score.Gates), w.Lifted); key != "" && a.Excluded == "" && wish.Gate == "" {
			wish.Waits = SchemeGate + key
		}
		a.Wishes = append(a.Wishes, wish)
	}
	return a
}

func (c Candidate) excluded(s scheme.Scored) string {
	if c.Closing {
		return "excluded.ineligible"
	}
	return shutBy(s.Excluded, s.Breakdown.Gates, c.Lifted)
}

// shutBy is the code of what shuts somebody out: the first gate that is shut
// and was not lifted, else what is missing.
func shutBy(shut string, gates []scheme.GateLine, lifted []string) string {
	switch shut {
	case "":
		return ""
	case scheme.ExcludedMarks:
		return selection.ExcludedMarksMissing
	case scheme.ExcludedMissing:
		return "excluded.missing"
	}
	for _, g := range gates {
		if g.Standing == scheme.GateShut && g.Effect != scheme.EffectReserve && !slices.Contains(lifted, g.Key) {
			return SchemeGate + g.Key
		}
	}
	return ""
}

// waitsBy is the first gate that leaves somebody only the reserve and was not
// lifted.
func waitsBy(gates []scheme.GateLine, lifted []string) string {
	for _, g := range gates {
		if g.Standing == scheme.GateShut && g.Effect == scheme.EffectReserve && !slices.Contains(lifted, g.Key) {
			return g.Key
		}
	}
	return ""
}

// ValuesText is the canonical text of one application's values.
func ValuesText(v scheme.Values) (string, error) {
	var text bytes.Buffer
	err := scheme.WriteValues(&text, []scheme.Values{v})
	return text.String(), err
}

// valuesHash is salted per person, so that it says nothing once the salt is
// erased.
func valuesHash(salt []byte, text string) string {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "%d:", len(salt))
	h.Write(salt)
	h.Write([]byte(text))
	return hex.EncodeToString(h.Sum(nil))
}

// hashOfValues is over the hash of every application's values, in order of
// id.
func hashOfValues(ids []uuid.UUID, hashes []string) string {
	h := sha256.New()
	for i, id := range ids {
		h.Write(id[:])
		h.Write([]byte(hashes[i]))
	}
	return hex.EncodeToString(h.Sum(nil))
}

func cloneValues(v scheme.Values) scheme.Values {
	v.Inputs, v.Marks, v.Vetoes = maps.Clone(v.Inputs), cloneMarks(v.Marks), slices.Clone(v.Vetoes)
	v.Destinations = slices.Clone(v.Destinations)
	for i := range v.Destinations {
		d := &v.Destinations[i]
		d.Inputs, d.Marks, d.Vetoes = maps.Clone(d.Inputs), cloneMarks(d.Marks), slices.Clone(d.Vetoes)
	}
	return v
}

func cloneMarks(marks map[string][]decimal.Decimal) map[string][]decimal.Decimal {
	out := maps.Clone(marks)
	for key := range out {
		out[key] = slices.Clone(out[key])
	}
	return out
}
