package selection

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// large makes n applicants with 8 wishes each among 2,000 destinations that
// hold about half of them, each drawing on one or two pools.
func large(n int) Input {
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	number := func(kind byte, i int) (out uuid.UUID) {
		out[0] = kind
		binary.BigEndian.PutUint32(out[12:], uint32(i))
		return out
	}
	const destinations = 2000
	in := Input{Method: MethodList, Seed: "bench"}
	for i := range destinations {
		in.Pools = append(in.Pools, Pool{number('p', i), 1 + rng.IntN(1+n/destinations)})
		d := Destination{ID: number('d', i), Pools: []uuid.UUID{number('p', i)}}
		if i%4 == 1 {
			d.Pools = append(d.Pools, number('p', i-1))
		}
		in.Destinations = append(in.Destinations, d)
	}
	for i := range n {
		a := Applicant{ID: number('a', i), Points: decimal.New(rng.Int64N(1_000_000), -4), Ties: []decimal.Decimal{decimal.New(rng.Int64N(2), 0)}}
		for len(a.Choices) < 8 {
			wish := in.Destinations[int(float64(destinations)*rng.Float64()*rng.Float64())].ID // some are wanted more
			if !contains(a.Choices, wish) {
				a.Choices = append(a.Choices, wish)
			}
		}
		in.Applicants = append(in.Applicants, a)
	}
	return in
}

func contains(ids []uuid.UUID, id uuid.UUID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}

var sizes = []int{1_000, 10_000, 120_000}

func BenchmarkAllocate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := large(n)
			b.ReportAllocs()
			for b.Loop() {
				allocate(b, in)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/applicant")
			b.ReportMetric(float64(heap())/(1<<20), "MB-from-system")
		})
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapSys - m.HeapReleased
}

func BenchmarkVerify(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := large(n)
			r := allocate(b, in)
			for b.Loop() {
				if found := Verify(in, r); len(found) > 0 {
					b.Fatal(found[0])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/applicant")
		})
	}
}

func BenchmarkHashResult(b *testing.B) {
	r := allocate(b, large(10_000))
	for b.Loop() {
		HashResult(r)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/applicant")
}

// The largest size is verified in the tests too, not only timed.
func TestLargeResultIsProven(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	in := large(n)
	if found := Verify(in, allocate(t, in)); len(found) > 0 {
		t.Fatalf("%d violations, the first %+v", len(found), found[0])
	}
}
