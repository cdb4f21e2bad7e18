package selection

import (
	"slices"

	"github.com/google/uuid"
)

// rules checks what methods ask of an input that is sound in itself.
func (c *checker) rules(in Input) {
	uniform := in.uniform()
	if in.Method == MethodList && !uniform {
		c.oneScore(in)
		return
	}
	if len(in.Shares) > 0 && !in.Method.oneList() {
		c.ownPlaces(in)
	}
	room := in.Method == MethodByHand || in.Method == MethodHardest && !in.keepsTies()
	walked := !in.keepsTies() && len(in.Shares) == 0 && uniform && in.Method == MethodDeferred
	if room || walked || in.Method.oneList() && !in.keepsTies() {
		return
	}
	c.nested(in)
}

// oneScore names those who do not count the same everywhere, as one list
// needs.
func (c *checker) oneScore(in Input) {
	for i := range in.Applicants {
		a := &in.Applicants[i]
		if slices.ContainsFunc(a.Wishes, func(w Wish) bool { return w.Class != a.Class || !w.Points.Equal(a.Points) }) {
			c.add("applicant "+a.ID.String(), "selection.one_score_needed", nil)
		}
	}
}

// ownPlaces names destinations whose places are not their own alone, over
// which a share at each destination means nothing.
func (c *checker) ownPlaces(in Input) {
	used := map[uuid.UUID]int{}
	for _, d := range in.Destinations {
		for _, p := range d.Pools {
			used[p]++
		}
	}
	for _, d := range in.Destinations {
		if len(d.Pools) != 1 || used[d.Pools[0]] > 1 {
			c.add("destination "+d.ID.String(), "selection.shares_need_own_places", nil)
		}
	}
}

// reach is the set of wishes a pool counts: those of a group, at some
// destinations.
type reach struct {
	pool         *Pool
	destinations map[uuid.UUID]bool
	people       map[int]bool // nil: everybody
}

// nested names every pair of quotas of which neither is within the other and
// which yet count some wish together.
func (c *checker) nested(in Input) {
	at := map[uuid.UUID]map[uuid.UUID]bool{}
	for _, d := range in.Destinations {
		for _, p := range d.Pools {
			if at[p] == nil {
				at[p] = map[uuid.UUID]bool{}
			}
			at[p][d.ID] = true
		}
	}
	reaches := map[uuid.UUID]*reach{}
	for i := range in.Pools {
		p := &in.Pools[i]
		reaches[p.ID] = &reach{pool: p, destinations: at[p.ID], people: in.counted(p.Group)}
	}
	told := map[[2]uuid.UUID]bool{}
	for _, d := range in.Destinations { // only pools that meet somewhere can cross
		for i, p := range d.Pools {
			for _, q := range d.Pools[:i] {
				first, second := min2(p, q)
				if key := [2]uuid.UUID{first, second}; !told[key] && crosses(reaches[p], reaches[q]) {
					told[key] = true
					c.add("pool "+first.String(), "selection.quotas_cross", map[string]any{"Pool": first.String(), "Other": second.String()})
				}
			}
		}
	}
}

func min2(p, q uuid.UUID) (uuid.UUID, uuid.UUID) {
	if compareIDs(p, q) > 0 {
		return q, p
	}
	return p, q
}

// counted are the applicants of a group; nil: everybody.
func (in *Input) counted(group string) map[int]bool {
	if group == "" {
		return nil
	}
	out := map[int]bool{}
	for i := range in.Applicants {
		if slices.Contains(in.Applicants[i].Quotas, group) {
			out[i] = true
		}
	}
	return out
}

func crosses(a, b *reach) bool {
	return meets(a.people, b.people) && !a.within(b) && !b.within(a)
}

func meets(a, b map[int]bool) bool {
	if a == nil || b == nil {
		return (a == nil || len(a) > 0) && (b == nil || len(b) > 0)
	}
	for x := range a {
		if b[x] {
			return true
		}
	}
	return false
}

func (a *reach) within(b *reach) bool {
	for d := range a.destinations {
		if !b.destinations[d] {
			return false
		}
	}
	if b.people == nil {
		return true
	}
	if a.people == nil {
		return false
	}
	for x := range a.people {
		if !b.people[x] {
			return false
		}
	}
	return true
}
