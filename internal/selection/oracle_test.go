package selection

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"testing"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// The oracle knows nothing of a walk down the list. It enumerates every way
// to give places out and takes, among those within the pools, the one that is
// best for the first of the list, then for the second, and so on.

// oracle returns the wish granted to each applicant by input index, from 1;
// 0: none.
func oracle(in Input) []int {
	order := oracleOrder(in)
	best, try := []int(nil), make([]int, len(order))
	var walk func(k int)
	walk = func(k int) {
		if k == len(order) {
			if feasible(in, order, try) && (best == nil || better(try, best)) {
				best = slices.Clone(try)
			}
			return
		}
		a := in.Applicants[order[k]]
		for wish := 0; wish <= len(a.Wishes); wish++ {
			if wish > 0 && a.Wishes[wish-1].Gate != "" {
				continue
			}
			try[k] = wish
			walk(k + 1)
		}
	}
	walk(0)
	granted := make([]int, len(in.Applicants))
	for k, a := range order {
		granted[a] = best[k]
	}
	return granted
}

// oracleOrder ranks by counting who beats whom.
func oracleOrder(in Input) []int {
	out := []int{}
	for i := range in.Applicants {
		if in.Applicants[i].Excluded == "" {
			out = append(out, i)
		}
	}
	ranked := make([]int, len(out))
	for _, i := range out {
		place := 0
		for _, j := range out {
			if i != j && beats(in, in.Applicants[j], in.Applicants[i]) {
				place++
			}
		}
		ranked[place] = i
	}
	return ranked
}

func beats(in Input, a, b Applicant) bool {
	for i, x := range append([]string{a.Points.StringFixed(6)}, fixed(a)...) {
		y := append([]string{b.Points.StringFixed(6)}, fixed(b)...)[i]
		if x != y {
			return dec(x).GreaterThan(dec(y))
		}
	}
	draw := func(id uuid.UUID) string {
		return fmt.Sprintf("%x", sha256.Sum256(slices.Concat([]byte(in.Seed), []byte{0}, id[:])))
	}
	return draw(a.ID) < draw(b.ID)
}

func fixed(a Applicant) (out []string) {
	for _, tie := range a.Ties {
		out = append(out, tie.StringFixed(6))
	}
	return out
}

func feasible(in Input, order, wishes []int) bool {
	used := map[uuid.UUID]int{}
	for k, wish := range wishes {
		if wish == 0 {
			continue
		}
		for _, d := range in.Destinations {
			if d.ID == in.Applicants[order[k]].Wishes[wish-1].Destination {
				for _, p := range d.Pools {
					used[p]++
				}
			}
		}
	}
	return !slices.ContainsFunc(in.Pools, func(p Pool) bool { return used[p.ID] > p.Free })
}

func better(a, b []int) bool {
	for k := range a {
		if a[k] != b[k] {
			return a[k] != 0 && (b[k] == 0 || a[k] < b[k])
		}
	}
	return false
}

func TestAllocateAgreesWithEnumeration(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := instance(t)
		want := oracle(in)
		r := allocate(t, in)
		for _, e := range r.Entries {
			i := slices.IndexFunc(in.Applicants, func(a Applicant) bool { return a.ID == e.Applicant })
			got, _ := e.Placed()
			if got.Preference != want[i] {
				t.Fatalf("applicant %d got wish %d, the enumeration gives %d", i, got.Preference, want[i])
			}
		}
	})
}
