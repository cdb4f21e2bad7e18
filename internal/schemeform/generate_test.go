package schemeform

import (
	"fmt"
	"math/rand/v2"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
)

// anyScheme is a scheme of everything that a scheme may say, mostly sound.
func anyScheme(rng *rand.Rand) *scheme.Scheme {
	g := generator{rng}
	s := &scheme.Scheme{Name: "any-" + fmt.Sprint(rng.IntN(100)), Title: g.texts(), Scale: int32(rng.IntN(9))}
	kinds := []scheme.Kind{scheme.KindNumber, scheme.KindCount, scheme.KindYesNo, scheme.KindLevel, scheme.KindChoice, scheme.KindDate}
	for i, k := range append(kinds, scheme.KindNumber, scheme.KindNumber, scheme.KindCount) {
		s.Inputs = append(s.Inputs, g.input(fmt.Sprintf("v%d", i), k))
	}
	for i := range 1 + rng.IntN(5) {
		s.Criteria = append(s.Criteria, g.criterion(fmt.Sprintf("c%d", i)))
	}
	if g.one(4) {
		s.Total.Max = g.number(100, 200)
	}
	if g.one(4) {
		s.Total.Min = g.number(-50, 0)
	}
	for i := range rng.IntN(3) {
		gate := scheme.Gate{Key: fmt.Sprintf("g%d", i), Label: g.texts(), Require: "v0 >= 1.5 and v2", Effect: pick(g, "", scheme.EffectReserve), Missing: pick(g, "", scheme.UnknownShut, scheme.UnknownOpen)}
		if g.one(3) {
			gate.Require, gate.Veto = "", mobility.RoleCoordinator
		}
		s.Gates = append(s.Gates, gate)
	}
	if g.one(2) {
		s.Classes = []scheme.Class{{Key: "own", When: "v2 or v4 in ('bc', 'mg')", Label: g.texts()}, {Key: "rest"}}
	}
	for range rng.IntN(3) {
		s.Ties = append(s.Ties, scheme.Tie{Of: pick(g, "v0", "points(c0)", "v5", "total"), Prefer: pick(g, "", scheme.BestLow), Label: g.texts()})
	}
	return s
}

type generator struct{ *rand.Rand }

func (g generator) one(in int) bool { return g.IntN(in) == 0 }

func pick[T any](g generator, of ...T) T { return of[g.IntN(len(of))] }

func (g generator) texts() mobility.Texts {
	switch g.IntN(4) {
	case 0:
		return nil
	case 1:
		return mobility.Texts{"en": "It is: 12, or “more” # or 'less'"}
	case 2:
		return mobility.Texts{"en": "yes", "cs": "Žluťoučký kůň: 3,5 %", "pt-BR": "{a: b}"}
	}
	return mobility.Texts{"cs": "null", "de": "- 12"}
}

func (g generator) number(from, to int) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(decimal.New(int64(from)*10+g.Int64N(int64(to-from)*10), -1).String()))
}

func (g generator) maybe(in, from, to int) decimal.NullDecimal {
	if g.one(in) {
		return g.number(from, to)
	}
	return decimal.NullDecimal{}
}

func (g generator) input(key string, kind scheme.Kind) scheme.Input {
	in := scheme.Input{Key: key, Kind: kind, Label: g.texts(), From: pick(g, scheme.FromImported, scheme.FromAnswer, scheme.FromMark)}
	switch key {
	case "v6":
		in.From = scheme.FromCohort
		in.Of, in.By, in.Best = "v0", []string{"v4", "v1"}, pick(g, scheme.Bests...)
	case "v7":
		in.From, in.Formula = scheme.FromFormula, "max(v0, 3) + v1 / 2"
	case "v8":
		in.From, in.Of, in.SameCycle, in.Years = scheme.FromRecord, pick(g, scheme.Recorded...), g.one(2), g.IntN(6)
		in.Programmes = pick(g, nil, []string{"erasmus-study"}, []string{"erasmus-study", "HE/2027:x"})
	}
	switch in.From {
	case scheme.FromAnswer:
		in.Question = pick(g, "", "asked")
	case scheme.FromImported:
		in.Field, in.Frozen = pick(g, "", "named"), pick(g, "", scheme.FrozenAtInstant)
	case scheme.FromRecord, scheme.FromMark, scheme.FromDestination, scheme.FromCohort, scheme.FromFormula:
	}
	if in.From != scheme.FromCohort && in.From != scheme.FromFormula {
		in.Evidence = pick(g, "", "", "letter_of_x")
	}
	switch kind {
	case scheme.KindNumber, scheme.KindCount:
		in.Min, in.Max = g.maybe(2, -3, 1), g.maybe(2, 5, 60)
	case scheme.KindChoice:
		in.Options = []string{"bc", "mg", "no", "12"}
	case scheme.KindYesNo, scheme.KindLevel, scheme.KindDate:
	}
	if kind == scheme.KindNumber && key == "v0" {
		in.Instead = pick(g, "", "v1")
	}
	return in
}

func (g generator) criterion(key string) scheme.Criterion {
	c := scheme.Criterion{
		Key: key, Label: g.texts(), Points: g.transform(), Weight: g.maybe(4, 1, 3), Missing: g.maybe(4, -5, 5),
		Min: g.maybe(4, -90, -80), Max: g.maybe(4, 70, 90), Aside: g.one(5),
	}
	if g.one(5) {
		scale := int32(g.IntN(4))
		c.Scale = &scale
	}
	if g.one(3) {
		c.Points = pick(g, nil, scheme.Transform(&scheme.Formula{Expr: "mark * 2 + v0"}))
		c.Mark = &scheme.Marking{Max: decimal.NewFromInt(30), Assessors: 1 + g.IntN(3), Combine: pick(g, scheme.CombineMean, scheme.CombineMedian, scheme.CombineTrimmed), SpreadLimit: g.maybe(2, 1, 9)}
		if g.one(2) {
			c.Mark.Step = decimal.RequireFromString("0.5")
		}
		return c
	}
	for range g.IntN(3) {
		c.Variants = append(c.Variants, scheme.Variant{When: pick(g, "v4 = 'bc'", "v1 >= 3", "not v2", "v5 > '2004-05-31'"), Points: g.transform()})
	}
	return c
}

func (g generator) transform() scheme.Transform {
	n := func(to int) decimal.Decimal { return g.number(0, to).Decimal }
	switch g.IntN(8) {
	case 0:
		return &scheme.Fixed{Points: n(20)}
	case 1:
		return &scheme.Linear{Of: pick(g, "v0", "v1"), Best: n(3), Worst: n(3).Add(decimal.NewFromInt(4)), Max: n(50), Min: pick(g, decimal.Zero, n(3))}
	case 2:
		return &scheme.Bands{Of: "v3", Steps: []scheme.Step{{From: "B1", Points: n(9)}, {From: "C1", Points: n(9)}}, Otherwise: pick(g, decimal.Zero, n(2))}
	case 3:
		return &scheme.Bands{Of: "v0", Steps: []scheme.Step{{To: "1.2", Points: n(9)}, {To: "3", Points: n(9)}, {To: "2.50", Points: n(9)}}}
	case 4:
		return &scheme.Lookup{Of: "v4", Table: []scheme.Entry{{Value: "no", Points: n(9)}, {Value: "12", Points: n(9)}}, Otherwise: g.number(0, 4)}
	case 5:
		return &scheme.Each{Of: "v1", Points: n(9).Neg(), Most: g.maybe(2, -40, -10)}
	case 6:
		return &scheme.Ratio{Of: "v0", Expected: "60 * (v1 + 0.5)", Max: n(20).Add(decimal.NewFromInt(1))}
	}
	if g.one(2) {
		return &scheme.When{Cond: "v4 in ('bc', 'mg') and v3 >= B2", Points: n(9), Otherwise: pick(g, decimal.Zero, n(2))}
	}
	return &scheme.Formula{Expr: "if(v2, 10 * v0, -3) + min(v1, 4)"}
}
