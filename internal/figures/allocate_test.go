package figures

import (
	"fmt"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

	"peregrine/internal/selection"
	"peregrine/internal/selection/large"
)

// BenchmarkAllocate runs the engine alone: the time for each applicant must
// not grow with their number.
func BenchmarkAllocate(b *testing.B) {
	var each []time.Duration
	for _, n := range []int{1_000, 10_000, 120_000} {
		in := large.Input(n)
		times := make([]time.Duration, 0, runs)
		var most uint64
		for range runs {
			debug.FreeOSMemory()
			stop := peak()
			start := time.Now()
			if _, err := selection.Allocate(in); err != nil {
				b.Fatal(err)
			}
			times = append(times, time.Since(start))
			most = max(most, stop())
		}
		took := median(times)
		each = append(each, took/time.Duration(n))
		f := figure{what: fmt.Sprintf("allocating %d applicants × 8 × 2,000", n), ours: fmt.Sprintf("%s, %d MB", shown(took), most>>20)}
		if n == 120_000 {
			f.reference = fmt.Sprintf("each of 1,000: %s, of 120,000: %s", each[0], each[2])
			f.ratio, f.target = fmt.Sprintf("%.2f×", each[2].Seconds()/each[0].Seconds()), "1 s, 400 MB"
		}
		report(f)
	}
}

// peak watches how much memory the program holds until the function it
// returns is called. Input and result are in it.
func peak() func() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	done, found := make(chan struct{}), make(chan uint64)
	go func() {
		var most uint64
		tick := time.NewTicker(2 * time.Millisecond)
		defer tick.Stop()
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64()-sample[1].Value.Uint64())
			select {
			case <-tick.C:
			case <-done:
				found <- most
				return
			}
		}
	}()
	return func() uint64 {
		close(done)
		return <-found
	}
}
