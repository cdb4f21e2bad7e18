package process

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
)

// selectionDefaults fills in what a plan leaves out.
func selectionDefaults(r mobility.SelectionRules) mobility.SelectionRules {
	r.Method = cmp.Or(r.Method, string(selection.MethodDeferred))
	r.Ties = cmp.Or(r.Ties, string(selection.TiedLot))
	r.Upgrades = cmp.Or(r.Upgrades, mobility.UpgradesNone)
	r.Reserve.Per = cmp.Or(r.Reserve.Per, mobility.ReservePerDestination)
	return r
}

// checkSelection names what is wrong with the announced rules. s is the
// scheme whose inputs conditions are about, nil where it is wrong itself.
func (c *planCheck) checkSelection(r mobility.SelectionRules, s *scheme.Scheme) {
	c.require(slices.Contains(selection.Methods, selection.Method(r.Method)), "selection.method", "invalid.oneof")
	c.require(slices.Contains(selection.TiePolicies, selection.TiePolicy(r.Ties)), "selection.ties", "invalid.oneof")
	c.require(slices.Contains([]string{mobility.UpgradesNone, mobility.UpgradesUntilConfirmed}, r.Upgrades), "selection.upgrades", "invalid.oneof")
	waits := []string{mobility.ReservePerDestination, mobility.ReservePerLanguage, mobility.ReserveOverall}
	c.require(slices.Contains(waits, r.Reserve.Per), "selection.reserve.per", "invalid.oneof")
	c.require(r.Reserve.Limit == nil || *r.Reserve.Limit >= 0, "selection.reserve.limit", "plan.not_negative")
	c.require(r.Minimum.Destination >= 0 && r.Minimum.Overall >= 0, "selection.minimum", "plan.not_negative")
	c.checkShares(r, s)
	c.checkQuotas(r, s)
	for n, g := range r.Grants {
		at := fmt.Sprintf("selection.grants.%d", n+1)
		c.require(g.Label.In("en") != "", at+".label", "invalid.required")
		c.require(g.Places >= 0, at+".places", "plan.not_negative")
		c.condition(at+".when", g.When, s, true)
	}
	c.checkNames(r)
	c.checkTogether(r, s)
}

func (c *planCheck) checkShares(r mobility.SelectionRules, s *scheme.Scheme) {
	for n, share := range r.Shares {
		at := fmt.Sprintf("selection.shares.%d", n+1)
		c.require(share.Label.In("en") != "", at+".label", "invalid.required")
		c.require(share.Percent > 0 && share.Percent <= 100, at+".percent", "plan.percent")
		c.condition(at+".when", share.When, s, false)
	}
}

func (c *planCheck) checkQuotas(r mobility.SelectionRules, s *scheme.Scheme) {
	for n, q := range r.Quotas {
		at := fmt.Sprintf("selection.quotas.%d", n+1)
		c.require(q.Label.In("en") != "", at+".label", "invalid.required")
		c.require(q.Places >= 0, at+".places", "plan.not_negative")
		c.require(slices.Contains([]string{"", "autumn", "spring"}, q.Term), at+".term", "invalid.oneof")
		c.require(q.Cycle == 0 || (q.Cycle >= 5 && q.Cycle <= 8), at+".cycle", "plan.cycle")
		c.condition(at+".when", q.When, s, true)
	}
	for n, p := range r.Partners {
		at := fmt.Sprintf("selection.partners.%d", n+1)
		c.require(p.Host != "", at+".host", "invalid.required")
		c.require(p.Places >= 0, at+".places", "plan.not_negative")
	}
}

// checkTogether holds rules against each other: what a method cannot do.
func (c *planCheck) checkTogether(r mobility.SelectionRules, s *scheme.Scheme) {
	method, ties := selection.Method(r.Method), selection.TiePolicy(r.Ties)
	whole := ties == selection.TiedRefuse || ties == selection.TiedAdmit
	c.require(method != selection.MethodLottery || !whole, "selection.ties", "selection.no_ties_in_a_lottery")
	c.require(len(r.Shares) == 0 || !whole, "selection.shares", "selection.shares_need_strict_order")
	c.require(len(r.Shares) == 0 || method != selection.MethodByHand, "selection.shares", "selection.shares_not_by_hand")
	if s == nil || method != selection.MethodList {
		return
	}
	c.require(!standsDifferently(s), "selection.method", "selection.one_score_needed")
}

// condition checks an expression over the scheme's inputs that is about the
// applicant.
func (c *planCheck) condition(field, when string, s *scheme.Scheme, mayLack bool) {
	if when == "" {
		c.require(mayLack, field, "invalid.required")
		return
	}
	if s == nil {
		return
	}
	problems := conditions(s, []string{when}).Check()
	for _, p := range problems {
		c.fail(field, p.Code, p.Data)
	}
}

var one = decimal.NewFromInt(1)

// conditions is a scheme that says of everybody which of the conditions hold,
// by criteria named c1, c2 …: 1 if so, 0 if not or not known.
func conditions(s *scheme.Scheme, when []string) *scheme.Scheme {
	out := &scheme.Scheme{Name: "conditions", Inputs: s.Inputs}
	for n, text := range when {
		k := scheme.Criterion{Key: fmt.Sprintf("c%d", n+1), Points: &scheme.When{Cond: text, Points: one}}
		k.Missing.Valid = true
		out.Criteria = append(out.Criteria, k)
	}
	return out
}

// perDestination reports whether an expression comes to something else from
// destination to destination.
func perDestination(s *scheme.Scheme, of string) bool {
	probe := &scheme.Scheme{Name: "probe", Inputs: s.Inputs, Criteria: slices.Clone(s.Criteria), Ties: []scheme.Tie{{Of: of}}}
	probe.Gates = []scheme.Gate{{Key: "probe", Require: "(" + of + ") = (" + of + ")"}}
	return slices.ContainsFunc(probe.Check(), func(p scheme.Problem) bool { return p.Path == "gates.1" && p.Code == "scheme.per_missing" })
}

// fitsLifecycle holds that the lifecycle can do what the reserve's rules ask:
// let somebody move from one offer to a better one, or from an offer that was
// declined to the reserve.
func (c *planCheck) fitsLifecycle(r mobility.SelectionRules, def *lifecycle.Definition) {
	second, up := false, false
	for i := range def.Moves {
		m := &def.Moves[i]
		for _, name := range m.From {
			from, _ := def.State(name)
			to, _ := def.State(m.To)
			second = second || (from.Offer == mobility.OfferOpen && waits(def, m.To) && m.EndsOffer == lifecycle.OfferDeclined)
			up = up || (from.Offer == mobility.OfferOpen && to.Offer == mobility.OfferOpen && m.EndsOffer != "" && m.Automatic())
		}
	}
	c.require(second || !r.Reserve.SecondClass, "selection.reserve.second_class", "plan.lifecycle_has_no_second_class")
	c.require(up || r.Upgrades != mobility.UpgradesUntilConfirmed, "selection.upgrades", "plan.lifecycle_has_no_upgrades")
}

// crossing finds two limits that cross where the method needs them nested:
// it asks the engine about somebody who counts in everything and stands
// differently everywhere.
func (m *callMaker) crossing(rounds [][]chosen) {
	if selection.Method(m.plan.Selection.Method) == selection.MethodByHand || len(m.problems) > 0 {
		return
	}
	for _, round := range rounds {
		if err := m.probe(round).Check(); err != nil {
			var e *mobility.Error
			if !errors.As(err, &e) {
				continue
			}
			for _, f := range (&Basis{Rules: m.plan.Selection}).namedFields(e.Fields) {
				if f.Code == "selection.quotas_cross" || f.Code == "selection.shares_need_own_places" {
					m.fail("selection", f.Code, f.Data)
				}
			}
		}
	}
}

// probe is a round with two applicants who differ from place to place, as a
// scheme with points per destination could make them.
func (m *callMaker) probe(round []chosen) selection.Input {
	in := selection.Input{
		Method: selection.Method(m.plan.Selection.Method), Tied: selection.TiePolicy(m.plan.Selection.Ties), Seed: "probe",
		Destinations: make([]selection.Destination, len(round)),
	}
	for i, s := range m.plan.Selection.Shares {
		in.Shares = append(in.Shares, selection.Share{Group: ShareGroup(i + 1), Percent: s.Percent})
	}
	a := selection.Applicant{ID: newID()}
	per := m.plan.Scheme.read != nil && standsDifferently(m.plan.Scheme.read)
	for i, c := range round {
		own := selection.Pool{ID: newID(), Free: 1}
		in.Pools = append(in.Pools, own)
		in.Destinations[i] = selection.Destination{ID: newID(), Pools: []uuid.UUID{own.ID}}
		points := one
		if per {
			points = decimal.NewFromInt(int64(i))
		}
		a.Wishes = append(a.Wishes, selection.Wish{Destination: in.Destinations[i].ID, Points: points})
		for _, p := range m.pools {
			if p.covers(c) {
				in.Destinations[i].Pools = append(in.Destinations[i].Pools, p.id)
			}
		}
	}
	for _, p := range m.pools {
		if p.kind != "money" {
			in.Pools = append(in.Pools, pool(p.id, int32(p.places), p.grouped))
			a.Quotas = append(a.Quotas, p.id.String())
		}
	}
	a.Points = one
	in.Applicants = []selection.Applicant{a}
	return in
}

// standsDifferently reports whether the scheme can make anybody stand
// differently from place to place: by points, class, or what decides between
// equal points.
func standsDifferently(s *scheme.Scheme) bool {
	return slices.ContainsFunc(s.Criteria, func(k scheme.Criterion) bool { return k.Per != "" && !k.Aside }) ||
		slices.ContainsFunc(s.Classes, func(k scheme.Class) bool { return k.When != "" && perDestination(s, k.When) }) ||
		slices.ContainsFunc(s.Ties, func(t scheme.Tie) bool { return perDestination(s, t.Of) })
}
