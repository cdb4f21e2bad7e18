package selection

import (
	"cmp"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// groundOf is a sound input in numbers.
func groundOf(t interface {
	Helper()
	Fatal(...any)
}, in *Input,
) *ground {
	t.Helper()
	var c checker
	if err := c.check(in); err != nil {
		t.Fatal(err)
	}
	return newGround(in, &c)
}

// Where everybody counts the same everywhere and quotas are nested, letting
// pools choose gives what walking down the list gives.
func TestDeferredAcceptanceOfOneScoreIsTheList(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := instance(t)
		in.Method = MethodDeferred
		if len(newNest(in.Pools, in.Destinations).crossing(in.meeting())) > 0 {
			return
		}
		g := groundOf(t, &in)
		if walked, deferred := g.walk(), g.deferred(g.list, nil, nil); !slices.Equal(walked, deferred) {
			t.Fatalf("walked %v, deferred %v", walked, deferred)
		}
	})
}

// First choices first is what its rounds give: in each, what is left of every
// destination goes to the best of those whose wish of that number it is.
func TestFirstChoicesAreRounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInstance(t)
		in.Method, in.Tied, in.Seed, in.Shares, in.Money = MethodFirstChoice, TiedID, "", nil, nil
		in.Pools, in.Destinations = in.Pools[:0:0], slices.Clone(in.Destinations)
		for i := range in.Destinations { // places of its own for each
			in.Pools = append(in.Pools, Pool{ID: in.Destinations[i].ID, Free: i % 3})
			in.Destinations[i].Pools = append(in.Destinations[i].Pools[:0:0], in.Destinations[i].ID)
		}
		want := inRounds(in)
		for _, e := range allocate(t, in).Entries {
			i := slices.IndexFunc(in.Applicants, func(a Applicant) bool { return a.ID == e.Applicant })
			if c, _ := e.Placed(); c.Preference != want[i] {
				t.Fatalf("applicant %d has wish %d, in rounds it is %d", i, c.Preference, want[i])
			}
		}
	})
}

func inRounds(in Input) []int {
	got := make([]int, len(in.Applicants))
	free := map[[16]byte]int{}
	for _, p := range in.Pools {
		free[p.ID] = p.Free
	}
	for round := range 3 {
		for _, d := range in.Destinations {
			var asking []int
			for i, a := range in.Applicants {
				if got[i] == 0 && a.Excluded == "" && round < len(a.Wishes) && a.Wishes[round].Destination == d.ID && a.Wishes[round].Gate == "" {
					asking = append(asking, i)
				}
			}
			slices.SortFunc(asking, func(i, j int) int {
				a, b := in.Applicants[i], in.Applicants[j]
				c := cmp.Or(cmp.Compare(a.Wishes[round].Class, b.Wishes[round].Class), b.Wishes[round].Points.Cmp(a.Wishes[round].Points))
				for k := range a.Ties {
					c = cmp.Or(c, b.Ties[k].Cmp(a.Ties[k]))
				}
				return cmp.Or(c, compareIDs(a.ID, b.ID))
			})
			for _, i := range asking {
				if free[d.ID] > 0 {
					free[d.ID]--
					got[i] = round + 1
				}
			}
		}
	}
	return got
}

// Sorting by digits is a stable sort, whatever the numbers.
func TestSortingByDigits(t *testing.T) {
	number := rapid.OneOf(rapid.Int64(), rapid.Int64Range(-3, 3), rapid.SampledFrom([]int64{math.MinInt64, math.MaxInt64, 0, 1 << 32, 1<<32 - 1}))
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(number, 0, 40).Draw(t, "values")
		got := rapid.Permutation(upTo(len(values))).Draw(t, "order")
		want := slices.Clone(got)
		slices.SortStableFunc(want, func(a, b int32) int { return cmp.Compare(values[a], values[b]) })
		var s sorter
		s.sort(got, values)
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v of %v", got, want, values)
		}
	})
}

// A share's group has its part of every prefix of an order while it has
// anyone left, and nobody comes later than their share and the order say.
func TestSharesHoldInEveryPrefix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		shares := []Share{{"A", rapid.IntRange(0, 100).Draw(t, "percent")}}
		groups := rapid.SliceOfN(rapid.Int32Range(0, 1), 1, 30).Draw(t, "groups")
		all, had := 0, 0
		for _, g := range groups {
			all += int(g)
		}
		out := shared(shares, upTo(len(groups)), func(i int32) int32 { return groups[i] })
		for k, i := range out {
			had += int(groups[i])
			if had < min(shares[0].quota(k+1), all) {
				t.Fatalf("%d of the first %d in %v", had, k+1, out)
			}
		}
		if sorted := slices.Sorted(slices.Values(out)); !slices.Equal(sorted, upTo(len(groups))) {
			t.Fatalf("%v is no order of all", out)
		}
	})
}
