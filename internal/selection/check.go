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
	pools := c.pools(in)
	destinations := c.destinations(in, pools)
	c.applicants(in, destinations)
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
	if in.Method != MethodList {
		c.add("method", "selection.unknown_method", map[string]any{"Method": string(in.Method)})
	}
	if in.Seed == "" {
		c.add("seed", "selection.no_seed", nil)
	}
	if in.ReserveLimit < 0 {
		c.add("reserve_limit", "selection.negative", nil)
	}
}

func (c *checker) pools(in Input) map[uuid.UUID]bool {
	seen := make(map[uuid.UUID]bool, len(in.Pools))
	for _, p := range in.Pools {
		field := "pool " + p.ID.String()
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
	seen := make(map[uuid.UUID]bool, len(in.Destinations))
	for _, d := range in.Destinations {
		field := "destination " + d.ID.String()
		if seen[d.ID] {
			c.add(field, "selection.duplicate", nil)
		}
		seen[d.ID] = true
		if len(d.Pools) == 0 { // never places without a limit by mistake
			c.add(field, "selection.no_pool", nil)
		}
		c.references(field, d.Pools, pools)
	}
	return seen
}

func (c *checker) applicants(in Input, destinations map[uuid.UUID]bool) {
	seen := make(map[uuid.UUID]bool, len(in.Applicants))
	for _, a := range in.Applicants {
		if seen[a.ID] {
			c.add("applicant "+a.ID.String(), "selection.duplicate", nil)
		}
		seen[a.ID] = true
		if len(a.Ties) != len(in.Applicants[0].Ties) {
			c.add("applicant "+a.ID.String(), "selection.uneven_ties", nil)
		}
		if !sized(a.Points) || slices.ContainsFunc(a.Ties, func(d decimal.Decimal) bool { return !sized(d) }) {
			c.add("applicant "+a.ID.String(), "selection.number_out_of_size", nil)
		}
		if ids := a.destinations(); !c.clean(ids, destinations) {
			c.references("applicant "+a.ID.String(), ids, destinations)
		}
	}
}

// sized refuses numbers like 1e1000000, on which comparing alone would take
// all memory.
func sized(d decimal.Decimal) bool {
	const digits = 40
	return d.Exponent() >= -digits && d.Exponent() <= digits && d.NumDigits() <= 2*digits
}

// clean is the quick way for the many applicants without a fault: the field's
// name is built only for the others.
func (c *checker) clean(ids []uuid.UUID, known map[uuid.UUID]bool) bool {
	for i, id := range ids {
		if !known[id] || slices.Contains(ids[:i], id) {
			return false
		}
	}
	return true
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

func (a Applicant) destinations() []uuid.UUID {
	out := make([]uuid.UUID, len(a.Wishes))
	for i, w := range a.Wishes {
		out[i] = w.Destination
	}
	return out
}
