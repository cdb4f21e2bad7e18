package selection_test

import (
	"fmt"
	"runtime"
	"testing"

	"peregrine/internal/selection"
	"peregrine/internal/selection/large"
	"peregrine/internal/selection/proof"
)

func allocate(t testing.TB, in selection.Input) selection.Result {
	t.Helper()
	r, err := selection.Allocate(in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var sizes = []int{1_000, 10_000, 120_000}

func BenchmarkAllocate(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			in := large.Input(n)
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
			in := large.Input(n)
			r := allocate(b, in)
			for b.Loop() {
				if found := proof.Verify(in, r); len(found) > 0 {
					b.Fatal(found[0])
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/applicant")
		})
	}
}

func BenchmarkHashResult(b *testing.B) {
	r := allocate(b, large.Input(10_000))
	for b.Loop() {
		selection.HashResult(r)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/10_000, "ns/applicant")
}

// The largest size is verified in the tests too, not only timed.
func TestLargeResultIsProven(t *testing.T) {
	n := 20_000
	if testing.Short() {
		n = 2_000
	}
	in := large.Input(n)
	if found := proof.Verify(in, allocate(t, in)); len(found) > 0 {
		t.Fatalf("%d violations, the first %+v", len(found), found[0])
	}
}
