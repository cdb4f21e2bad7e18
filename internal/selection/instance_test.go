package selection

import (
	"bytes"
	"flag"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"
)

// TestMain asks for many small instances unless the command line says how
// many (-rapid.checks).
func TestMain(m *testing.M) {
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		checks := "10000"
		if testing.Short() {
			checks = "1000"
		}
		if err := flag.Set("rapid.checks", checks); err != nil {
			panic(err)
		}
	}
	if err := flag.Set("rapid.nofailfile", "true"); err != nil { // the seed is printed; no files beside the sources
		panic(err)
	}
	os.Exit(m.Run())
}

func id(kind, n byte) uuid.UUID { return uuid.UUID{0: kind, 15: n} }

// instance draws a small input with many ties, shared pools, gates and
// applicants who are not ranked.
func instance(t *rapid.T) Input {
	in := Input{Method: MethodList, Tied: TiedLot, Seed: rapid.SampledFrom([]string{"seed", "other"}).Draw(t, "seed")}
	in.NoReserve = rapid.IntRange(0, 9).Draw(t, "no reserve") == 0
	in.ReserveLimit = max(0, rapid.IntRange(-3, 2).Draw(t, "limit"))
	pools := rapid.IntRange(1, 4).Draw(t, "pools")
	for n := range pools {
		in.Pools = append(in.Pools, Pool{ID: id('p', byte(n)), Free: rapid.IntRange(0, 3).Draw(t, "free")})
	}
	destinations := rapid.IntRange(1, 4).Draw(t, "destinations")
	for n := range destinations {
		d := Destination{ID: id('d', byte(n))}
		for _, p := range some(t, pools, min(2, pools), 1) {
			d.Pools = append(d.Pools, in.Pools[p].ID)
		}
		in.Destinations = append(in.Destinations, d)
	}
	ties := rapid.IntRange(0, 2).Draw(t, "ties")
	for n := range rapid.IntRange(0, 6).Draw(t, "applicants") {
		in.Applicants = append(in.Applicants, applicant(t, byte(n), in, ties))
	}
	return in
}

func applicant(t *rapid.T, n byte, in Input, ties int) Applicant {
	points := rapid.SampledFrom([]string{"0", "-1", "50.5", "50.50", "71.0001", "1e2"})
	a := Applicant{ID: id('a', n), Points: dec(points.Draw(t, "points"))}
	for range ties {
		a.Ties = append(a.Ties, decimal.NewFromInt(int64(rapid.IntRange(0, 1).Draw(t, "tie"))))
	}
	if rapid.IntRange(0, 7).Draw(t, "excluded") == 0 {
		a.Excluded = ExcludedMarksMissing
	}
	for _, d := range some(t, len(in.Destinations), 3, 0) {
		wish := Wish{Destination: in.Destinations[d].ID, Points: a.Points}
		if rapid.IntRange(0, 5).Draw(t, "gate") == 0 {
			wish.Gate = "gate.language"
		}
		a.Wishes = append(a.Wishes, wish)
	}
	return a
}

// anyInstance is an instance of any method, with everything an input can say.
func anyInstance(t *rapid.T) Input {
	in := instance(t)
	other := in
	other.Method = rapid.SampledFrom(Methods).Draw(t, "method")
	other.Tied = rapid.SampledFrom(TiePolicies).Draw(t, "tied")
	other.Applicants = slices.Clone(in.Applicants)
	for i := range other.Applicants {
		furnish(t, &other.Applicants[i], other.Method)
	}
	for _, g := range some(t, 2, 2, 0) {
		other.Shares = append(other.Shares, Share{Group: []string{"A", "B"}[g], Percent: rapid.IntRange(0, 100).Draw(t, "percent")})
	}
	if rapid.Bool().Draw(t, "money") {
		other.Money = []Pool{{ID: id('m', 1), Free: 2}, {ID: id('m', 2), Free: 1, Group: "x"}}
	}
	if rapid.Bool().Draw(t, "unit") {
		other.Pools = append(slices.Clone(in.Pools), Pool{ID: id('q', 1), Free: 1, Group: "x"})
		other.Destinations = slices.Clone(in.Destinations)
		other.Destinations[0].Pools = append(slices.Clone(other.Destinations[0].Pools), id('q', 1))
		other.Destinations[0].Minimum = 2
	}
	if other.Check() != nil {
		return in
	}
	return other
}

func furnish(t *rapid.T, a *Applicant, method Method) {
	a.Arrived = int64(rapid.IntRange(0, 2).Draw(t, "arrived"))
	a.Group = rapid.SampledFrom([]string{"", "A", "B"}).Draw(t, "share")
	if rapid.Bool().Draw(t, "of the unit") {
		a.Quotas = []string{"x", "y"}
	}
	a.Wishes = slices.Clone(a.Wishes)
	if method == MethodByHand {
		for _, w := range a.Wishes {
			if w.Gate == "" {
				a.Hand = w.Destination
			}
		}
	}
	if method == MethodList || rapid.Bool().Draw(t, "one score") {
		return
	}
	for k := range a.Wishes {
		a.Wishes[k].Points = dec(rapid.SampledFrom([]string{"1", "2", "2.0"}).Draw(t, "own points"))
		a.Wishes[k].Class = rapid.IntRange(0, 1).Draw(t, "class")
	}
}

// some draws between least and most different numbers below n, in any order.
func some(t *rapid.T, n, most, least int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	all = rapid.Permutation(all).Draw(t, "which")
	return all[:rapid.IntRange(least, min(most, n)).Draw(t, "how many")]
}

func allocate(t interface {
	Helper()
	Fatal(...any)
}, in Input,
) Result {
	t.Helper()
	r, err := Allocate(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// shuffled is in with every order changed that carries no meaning.
func shuffled(in Input, seed uint64) Input {
	rng := rand.New(rand.NewPCG(seed, 1))
	out := in
	out.Money = slices.Clone(in.Money)
	slices.Reverse(out.Money)
	out.Pools, out.Destinations, out.Applicants = slices.Clone(in.Pools), slices.Clone(in.Destinations), slices.Clone(in.Applicants)
	rng.Shuffle(len(out.Pools), func(i, j int) { out.Pools[i], out.Pools[j] = out.Pools[j], out.Pools[i] })
	rng.Shuffle(len(out.Applicants), func(i, j int) { out.Applicants[i], out.Applicants[j] = out.Applicants[j], out.Applicants[i] })
	rng.Shuffle(len(out.Destinations), func(i, j int) {
		out.Destinations[i], out.Destinations[j] = out.Destinations[j], out.Destinations[i]
	})
	for i := range out.Destinations {
		p := slices.Clone(out.Destinations[i].Pools)
		rng.Shuffle(len(p), func(i, j int) { p[i], p[j] = p[j], p[i] })
		out.Destinations[i].Pools = p
	}
	return out
}

func TestOrderOfRowsCarriesNoMeaning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInstance(t)
		other := shuffled(in, rapid.Uint64().Draw(t, "shuffle"))
		if Hash(in) != Hash(other) {
			t.Fatal("the hash of the input hangs on the order of its rows")
		}
		if a, b := Canonical(allocate(t, in)), Canonical(allocate(t, other)); !bytes.Equal(a, b) {
			t.Fatalf("%s\n%s", a, b)
		}
	})
}

func TestStoredInputsAndResultsComeBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInstance(t)
		var b bytes.Buffer
		if err := WriteInput(&b, in); err != nil {
			t.Fatal(err)
		}
		back, err := ReadInput(&b)
		if err != nil {
			t.Fatal(err)
		}
		r := allocate(t, in)
		if again := allocate(t, back); Hash(back) != Hash(in) || HashResult(again) != HashResult(r) {
			t.Fatal("the stored input gives another result")
		}
		read, err := ReadResult(bytes.NewReader(Canonical(r)))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(Canonical(read), Canonical(r)) {
			t.Fatal("the stored result is another")
		}
	})
}

// world is three applicants for one place each at two destinations.
func world() Input {
	d1, d2 := id('d', 1), id('d', 2)
	return Input{
		Method: MethodList, Tied: TiedLot, Seed: "s",
		Pools:        []Pool{{ID: id('p', 1), Free: 1}, {ID: id('p', 2), Free: 1}},
		Destinations: []Destination{{ID: d1, Pools: []uuid.UUID{id('p', 1)}}, {ID: d2, Pools: []uuid.UUID{id('p', 2)}}},
		Applicants: []Applicant{
			{ID: id('a', 1), Points: dec("90"), Wishes: Wishes(0, dec("90"), d1, d2)},
			{ID: id('a', 2), Points: dec("80"), Wishes: Wishes(0, dec("80"), d1, d2)},
			{ID: id('a', 3), Points: dec("70"), Wishes: Wishes(0, dec("70"), d1, d2)},
		},
	}
}
