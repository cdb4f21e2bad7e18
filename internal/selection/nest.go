package selection

import (
	"slices"

	"github.com/google/uuid"
)

// rules checks what methods ask of an input that is sound in itself.
func (c *checker) rules(in *Input) {
	if in.Method == MethodList && !c.uniform {
		c.oneScore(in)
		return
	}
	if len(in.Shares) > 0 && !in.Method.oneList() {
		c.ownPlaces(in)
	}
	room := in.Method == MethodByHand || in.Method == MethodHardest && !in.keepsTies()
	walked := !in.keepsTies() && len(in.Shares) == 0 && c.uniform && in.Method == MethodDeferred
	if room || walked || in.Method.oneList() && !in.keepsTies() {
		return
	}
	for _, pair := range newNest(in.Pools, in.Destinations).crossing(in.meeting()) {
		c.add("pool "+pair[0].String(), "selection.quotas_cross", map[string]any{"Pool": pair[0].String(), "Other": pair[1].String()})
	}
}

// oneScore names those who do not count the same everywhere, as one list
// needs.
func (c *checker) oneScore(in *Input) {
	for i := range in.Applicants {
		if a := &in.Applicants[i]; !a.uniform() {
			c.add("applicant "+a.ID.String(), "selection.one_score_needed", nil)
		}
	}
}

// ownPlaces names destinations whose places are not their own alone, over
// which a share at each destination means nothing.
func (c *checker) ownPlaces(in *Input) {
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

// nest says how the pools of an input lie to each other. Pools are sets of
// wishes: those for some destinations, of everybody or of a group.
type nest struct {
	pools  []Pool
	span   []int            // destinations of each pool
	common map[[2]int32]int // of those that meet somewhere, how many destinations they have in common
}

func newNest(pools []Pool, destinations []Destination) *nest {
	n := &nest{pools: pools, span: make([]int, len(pools)), common: map[[2]int32]int{}}
	number := make(map[uuid.UUID]int32, len(pools))
	for i, p := range pools {
		number[p.ID] = int32(i)
	}
	for _, d := range destinations {
		for i, id := range d.Pools {
			p := number[id]
			n.span[p]++
			for _, other := range d.Pools[:i] {
				q := number[other]
				n.common[[2]int32{p, q}]++
				n.common[[2]int32{q, p}]++
			}
		}
	}
	return n
}

// within reports whether p lies within q, by how they are declared.
func (n *nest) within(p, q int32) bool {
	return n.common[[2]int32{p, q}] == n.span[p] && (n.pools[q].Group == "" || n.pools[q].Group == n.pools[p].Group)
}

// crossing returns every pair of pools of which neither is within the other
// and which yet count some wish together, by id.
func (n *nest) crossing(meet func(p, q string) bool) (out [][2]uuid.UUID) {
	for pair := range n.common {
		p, q := pair[0], pair[1]
		if a, b := n.pools[p], n.pools[q]; compareIDs(a.ID, b.ID) < 0 && !n.within(p, q) && !n.within(q, p) && meet(a.Group, b.Group) {
			out = append(out, [2]uuid.UUID{a.ID, b.ID})
		}
	}
	slices.SortFunc(out, func(a, b [2]uuid.UUID) int {
		if c := compareIDs(a[0], b[0]); c != 0 {
			return c
		}
		return compareIDs(a[1], b[1])
	})
	return out
}

// heights says for each pool how many lie strictly within each other below
// it.
func (n *nest) heights() []int {
	inner := make([][]int32, len(n.pools))
	for pair := range n.common {
		if p, q := pair[0], pair[1]; n.within(p, q) && !n.within(q, p) {
			inner[q] = append(inner[q], p)
		}
	}
	out, known := make([]int, len(n.pools)), make([]bool, len(n.pools))
	var height func(p int32) int
	height = func(p int32) int {
		if !known[p] {
			known[p] = true
			for _, q := range inner[p] {
				out[p] = max(out[p], height(q)+1)
			}
		}
		return out[p]
	}
	for p := range n.pools {
		height(int32(p))
	}
	return out
}

func (in *Input) heights() []int { return newNest(in.Pools, in.Destinations).heights() }

// meeting reports which groups of pools have anybody in common.
func (in *Input) meeting() func(p, q string) bool {
	groups := make(map[string]bool)
	for _, p := range in.Pools {
		groups[p.Group] = true
	}
	together := map[[2]string]bool{{"", ""}: true}
	for i := range in.Applicants {
		meetings(groups, in.Applicants[i].Quotas, together)
	}
	return func(p, q string) bool { return together[[2]string{p, q}] }
}

func meetings(groups map[string]bool, of []string, together map[[2]string]bool) {
	for i, g := range of {
		if !groups[g] {
			continue
		}
		for _, pair := range [][2]string{{g, g}, {g, ""}, {"", g}} {
			together[pair] = true
		}
		for _, h := range of[:i] {
			together[[2]string{g, h}], together[[2]string{h, g}] = true, true
		}
	}
}
