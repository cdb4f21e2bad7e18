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
func (in Input) Check() error { return new(checker).check(&in) }

// checker collects problems, and on the way what a sound input is in numbers.
type checker struct {
	problems []mobility.FieldProblem
	at       []int32 // destination of each wish of each applicant in turn
	uniform  bool    // everybody counts the same everywhere
	classed  bool    // wishes are of different priority classes
	ownTies  bool    // some wish has a tie chain of its own
	class    int     // of the first
}

func (c *checker) check(in *Input) error {
	c.settings(in)
	pools := c.pools("pool ", in.Pools)
	c.pools("money ", in.Money)
	c.applicants(in, c.destinations(in, pools))
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

func (c *checker) add(field, code string, data map[string]any) {
	c.problems = append(c.problems, mobility.FieldProblem{Field: field, Code: code, Data: data})
}

func (c *checker) settings(in *Input) {
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

func (c *checker) shares(in *Input) {
	for i, s := range in.Shares {
		field := "share " + s.Group
		if s.Group == "" || slices.ContainsFunc(in.Shares[:i], func(t Share) bool { return t.Group == s.Group }) {
			c.add(field, "selection.duplicate", nil)
		}
		if s.Percent < 0 || s.Percent > 100 {
			c.add(field, "selection.percent", nil)
		}
	}
	switch {
	case len(in.Shares) == 0:
	case in.Method == MethodByHand:
		c.add("shares", "selection.shares_not_by_hand", nil)
	case in.keepsTies():
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

func (c *checker) destinations(in *Input, pools map[uuid.UUID]bool) map[uuid.UUID]int32 {
	grouped := map[uuid.UUID]bool{}
	for _, p := range in.Pools {
		grouped[p.ID] = p.Group != ""
	}
	seen := make(map[uuid.UUID]int32, len(in.Destinations))
	for i, d := range in.Destinations {
		field := "destination " + d.ID.String()
		if _, twice := seen[d.ID]; twice {
			c.add(field, "selection.duplicate", nil)
		}
		seen[d.ID] = int32(i)
		if !slices.ContainsFunc(d.Pools, func(p uuid.UUID) bool { return !grouped[p] }) { // never places without a limit by mistake
			c.add(field, "selection.no_pool", nil)
		}
		if d.Minimum < 0 {
			c.add(field, "selection.negative", nil)
		}
		references(c, field, d.Pools, pools)
	}
	return seen
}

func (c *checker) applicants(in *Input, destinations map[uuid.UUID]int32) {
	wishes := 0
	for i := range in.Applicants {
		wishes += len(in.Applicants[i].Wishes)
	}
	c.at, c.uniform = make([]int32, 0, wishes), true
	seen := make(map[uuid.UUID]struct{}, len(in.Applicants))
	for i := range in.Applicants {
		a := &in.Applicants[i]
		before := len(seen)
		if seen[a.ID] = struct{}{}; len(seen) == before {
			c.add("applicant "+a.ID.String(), "selection.duplicate", nil)
		}
		if !a.chained(len(in.Applicants[0].Ties)) {
			c.add("applicant "+a.ID.String(), "selection.uneven_ties", nil)
		}
		if !a.sized() {
			c.add("applicant "+a.ID.String(), "selection.number_out_of_size", nil)
			continue
		}
		c.uniform = c.uniform && a.uniform()
		c.wishes(a, destinations)
	}
}

func (c *checker) wishes(a *Applicant, destinations map[uuid.UUID]int32) {
	from := len(c.at)
	sound := true
	for k := range a.Wishes {
		if len(c.at) == 0 {
			c.class = a.Wishes[k].Class
		}
		c.classed = c.classed || a.Wishes[k].Class != c.class
		c.ownTies = c.ownTies || a.Wishes[k].Ties != nil
		d, known := destinations[a.Wishes[k].Destination]
		sound = sound && known && !slices.Contains(c.at[from:], d)
		c.at = append(c.at, d)
	}
	if !sound { // the field's name is built only for those with a fault
		references(c, "applicant "+a.ID.String(), a.destinations(), destinations)
	}
	if a.Hand != uuid.Nil && !slices.ContainsFunc(a.Wishes, func(w Wish) bool { return w.Destination == a.Hand && w.Gate == "" && w.Waits == "" }) {
		c.add("applicant "+a.ID.String(), "selection.hand_is_no_wish", nil)
	}
}

// uniform reports whether a counts the same everywhere.
func (a *Applicant) uniform() bool {
	for k := range a.Wishes {
		if w := &a.Wishes[k]; w.Class != a.Class || !w.Points.Equal(a.Points) || w.Ties != nil && !slices.EqualFunc(w.Ties, a.Ties, decimal.Decimal.Equal) {
			return false
		}
	}
	return true
}

// chained reports whether every tie chain of a has so many links.
func (a *Applicant) chained(links int) bool {
	return len(a.Ties) == links && !slices.ContainsFunc(a.Wishes, func(w Wish) bool { return w.Ties != nil && len(w.Ties) != links })
}

func (a *Applicant) sized() bool {
	wrong := func(d decimal.Decimal) bool { return !sized(d) }
	return sized(a.Points) && !slices.ContainsFunc(a.Ties, wrong) &&
		!slices.ContainsFunc(a.Wishes, func(w Wish) bool { return wrong(w.Points) || slices.ContainsFunc(w.Ties, wrong) })
}

// sized refuses numbers like 1e1000000, on which comparing alone would take
// all memory.
func sized(d decimal.Decimal) bool {
	const digits = 40
	return d.Exponent() >= -digits && d.Exponent() <= digits && d.NumDigits() <= 2*digits
}

func (a *Applicant) destinations() []uuid.UUID {
	out := make([]uuid.UUID, len(a.Wishes))
	for i, w := range a.Wishes {
		out[i] = w.Destination
	}
	return out
}

// references checks that each id is known and named once.
func references[T any](c *checker, field string, ids []uuid.UUID, known map[uuid.UUID]T) {
	for i, id := range ids {
		if _, ok := known[id]; !ok {
			c.add(field, "selection.unknown_reference", map[string]any{"Reference": id.String()})
		}
		if slices.Contains(ids[:i], id) {
			c.add(field, "selection.duplicate_reference", map[string]any{"Reference": id.String()})
		}
	}
}
