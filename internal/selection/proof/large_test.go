package proof_test

import (
	"os"
	"testing"

	"peregrine/internal/selection"
	"peregrine/internal/selection/large"
	"peregrine/internal/selection/proof"
)

// Large results are proven too, by every method and tie policy.
func TestLargeResultsAreProven(t *testing.T) {
	n := 10_000
	switch {
	case os.Getenv("PEREGRINE_SOAK") != "":
		n = 120_000
	case testing.Short():
		n = 1_000
	}
	for _, method := range selection.Methods {
		for _, tied := range all {
			if method == selection.MethodByHand || method == selection.MethodLottery && (tied == selection.TiedRefuse || tied == selection.TiedAdmit) {
				continue
			}
			t.Run(string(method)+" "+string(tied), func(t *testing.T) {
				in := largeInput(n, method, tied)
				if found := proof.Verify(in, allocate(t, in)); len(found) > 0 {
					t.Fatalf("%d violations, the first %+v", len(found), found[0])
				}
			})
		}
	}
}

// largeInput has coarse points, so that tied groups are large.
func largeInput(n int, method selection.Method, tied selection.TiePolicy) selection.Input {
	in := large.Input(n)
	if method == selection.MethodDeferred || method == selection.MethodFirstChoice || method == selection.MethodHardest {
		in = large.OwnPoints(n)
	}
	in.Method, in.Tied = method, tied
	for i := range in.Applicants {
		a := &in.Applicants[i]
		a.Points = a.Points.RoundDown(0)
		a.Arrived = int64(i * 7919 % 500)
		for k := range a.Wishes {
			a.Wishes[k].Points = a.Wishes[k].Points.RoundDown(0)
		}
		if i%5 == 0 {
			a.Group = "A"
		}
	}
	if tied == selection.TiedID {
		in.Shares = []selection.Share{{Group: "A", Percent: 25}}
		for d := range in.Destinations {
			in.Destinations[d].Pools = in.Destinations[d].Pools[:1]
		}
		in.Money = []selection.Pool{{ID: id('m', 0), Free: n / 3}}
	}
	return in
}

func BenchmarkVerify(b *testing.B) {
	for _, tied := range all {
		b.Run(string(tied), func(b *testing.B) {
			in := largeInput(120_000, selection.MethodDeferred, tied)
			r := allocate(b, in)
			for b.Loop() {
				if found := proof.Verify(in, r); len(found) > 0 {
					b.Fatalf("%d, the first %+v", len(found), found[0])
				}
			}
		})
	}
}
