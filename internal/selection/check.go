package selection

import (
	"bytes"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Check returns everything that makes the input unusable, as one error of
// kind invalid with a field problem each, or nil. Fields name the row by its
// kind and id.
func (in Input) Check() error {
	c := checker{}
	c.settings(in)
	pools := c.pools("pool ", in.Pools)
	c.pools("money ", in.Money)
	destinations := c.destinations(in, pools)
	c.applicants(in, destinations)
	if len(c.problems) == 0 {
		c.rules(in)
	}
	if len(c.problems) == 0 {
		return nil
	}
	slices.SortStableFunc(c.problems, func(a, b mobility.FieldProblem) int {
		return bytes.Compare([]byte(a.Field), []byte(b.Field))
	})
	return mobility.InvalidError(c.problems...)
}

type checker struct{ problems []mobility.FieldProblem }

func (c *checker) add(field, code string, data map[string]any) {
	c.problems = append(c.problems, mobility.FieldProblem{Field: field, Code: code, Data: data})
}

func (c *checker) settings(in Input) {
	if !slices.Contains(Methods, in.Method) {
		c.add("method", "selection.unknown_method", map[string]any{"Method": string(in.Method)})
	}
	if !slices.Contains(TiePolicies, in.Tied) {
		c.add("ties", "selection.unknown_ties", map[string]any{"Ties": string(in.Tied)})
	}
	if in.Method == MethodLottery && in.keepsTies() {
		c.add("ties", "selection.no_ties_in_a_lottery", nil)
	}
	if in.drawsLots() && in.Seed == "" {
		c.add("seed", "selection.no_seed", nil)
	}
	if in.ReserveLimit < 0 {
		c.add("reserve_limit", "selection.negative", nil)
	}
	c.shares(in)
}

// keepsTies reports whether tied groups are refused or admitted whole.
func (in *Input) keepsTies() bool { return in.Tied == TiedRefuse || in.Tied == TiedAdmit }

func (c *checker) shares(in Input) {
	for i, s := range in.Shares {
		field := "share " + s.Group
		if s.Group == "" || slices.ContainsFunc(in.Shares[:i], func(t Share) bool { return t.Group == s.Group }) {
			c.add(field, "selection.duplicate", nil)
		}
		if s.Percent < 0 || s.Percent > 100 {
			c.add(field, "selection.percent", nil)
		}
	}
	if len(in.Shares) > 0 && (in.keepsTies() || in.Method == MethodByHand) {
		c.add("shares", "selection.shares_need_strict_order", nil)
	}
}

func (c *checker) pools(kind string, pools []Pool) map[uuid.UUID]bool {
	seen := make(map[uuid.UUID]bool, len(pools))
	for _, p := range pools {
		field := kind + p.ID.String()
		if seen[p.ID] {
			c.add(field, "selection.duplicate", nil)
		}
		if p.Free < 0 {
			c.add(field, "selection.negative", nil)
		}
		seen[p.ID] = true
	}
	return seen
}

func (c *checker) destinations(in Input, pools map[uuid.UUID]bool) map[uuid.UUID]bool {
	grouped := map[uuid.UUID]bool{}
	for _, p := range in.Pools {
		grouped[p.ID] = p.Group != ""
	}
	seen := make(map[uuid.UUID]bool, len(in.Destinations))
	for _, d := range in.Destinations {
		field := "destination " + d.ID.String()
		if seen[d.ID] {
			c.add(field, "selection.duplicate", nil)
		}
		seen[d.ID] = true
		if !slices.ContainsFunc(d.Pools, func(p uuid.UUID) bool { return !grouped[p] }) { // never places without a limit by mistake
			c.add(field, "selection.no_pool", nil)
		}
		if d.Minimum < 0 {
			c.add(field, "selection.negative", nil)
		}
		c.references(field, d.Pools, pools)
	}
	return seen
}

func (c *checker) applicants(in Input, destinations map[uuid.UUID]bool) {
	seen := make(map[uuid.UUID]bool, len(in.Applicants))
	for i := range in.Applicants {
		a := &in.Applicants[i]
		if seen[a.ID] {
			c.add("applicant "+a.ID.String(), "selection.duplicate", nil)
		}
		seen[a.ID] = true
		if len(a.Ties) != len(in.Applicants[0].Ties) {
			c.add("applicant "+a.ID.String(), "selection.uneven_ties", nil)
		}
		if !a.sized() {
			c.add("applicant "+a.ID.String(), "selection.number_out_of_size", nil)
		}
		if !a.clean(destinations) {
			c.references("applicant "+a.ID.String(), a.destinations(), destinations)
		}
		if a.Hand != uuid.Nil && !slices.ContainsFunc(a.Wishes, func(w Wish) bool { return w.Destination == a.Hand && w.Gate == "" }) {
			c.add("applicant "+a.ID.String(), "selection.hand_is_no_wish", nil)
		}
	}
}

func (a *Applicant) sized() bool {
	return sized(a.Points) && !slices.ContainsFunc(a.Ties, func(d decimal.Decimal) bool { return !sized(d) }) &&
		!slices.ContainsFunc(a.Wishes, func(w Wish) bool { return !sized(w.Points) })
}

// sized refuses numbers like 1e1000000, on which comparing alone would take
// all memory.
func sized(d decimal.Decimal) bool {
	const digits = 40
	return d.Exponent() >= -digits && d.Exponent() <= digits && d.NumDigits() <= 2*digits
}

// clean is the quick way for the many applicants without a fault: the field's
// name is built only for the others.
func (a *Applicant) clean(known map[uuid.UUID]bool) bool {
	for i, w := range a.Wishes {
		if !known[w.Destination] {
			return false
		}
		for k := range i {
			if a.Wishes[k].Destination == w.Destination {
				return false
			}
		}
	}
	return true
}

func (a *Applicant) destinations() []uuid.UUID {
	out := make([]uuid.UUID, len(a.Wishes))
	for i, w := range a.Wishes {
		out[i] = w.Destination
	}
	return out
}

// references checks that each id is known and named once.
func (c *checker) references(field string, ids []uuid.UUID, known map[uuid.UUID]bool) {
	for i, id := range ids {
		if !known[id] {
			c.add(field, "selection.unknown_reference", map[string]any{"Reference": id.String()})
		}
		if slices.Contains(ids[:i], id) {
			c.add(field, "selection.duplicate_reference", map[string]any{"Reference": id.String()})
		}
	}
}
