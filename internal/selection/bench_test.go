package selection_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
	"time"

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

// kinds are the large selections.
var kinds = []struct {
	name  string
	input func(n int) selection.Input
}{
	{"list", large.Input},
	{"own points", large.OwnPoints},
	{"two levels", large.TwoLevel},
	{"shares", large.Shares},
	{"refuse", func(n int) selection.Input { return large.Tied(n, selection.TiedRefuse) }},
	{"admit", func(n int) selection.Input { return large.Tied(n, selection.TiedAdmit) }},
	{"first choice", func(n int) selection.Input {
		in := large.OwnPoints(n)
		in.Method = selection.MethodFirstChoice
		return in
	}},
	{"hardest first", func(n int) selection.Input {
		in := large.OwnPoints(n)
		in.Method = selection.MethodHardest
		return in
	}},
}

var sizes = []int{1_000, 10_000, 120_000}

func BenchmarkAllocate(b *testing.B) {
	for _, kind := range kinds {
		for _, n := range sizes {
			b.Run(fmt.Sprintf("%s %d", kind.name, n), func(b *testing.B) {
				in := kind.input(n)
				b.ReportAllocs()
				var most uint64
				for b.Loop() {
					b.StopTimer()
					debug.FreeOSMemory()
					stop := peak()
					b.StartTimer()
					allocate(b, in)
					most = max(most, stop())
				}
				b.ReportMetric(float64(most)/(1<<20), "MB-of-process")
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/applicant")
			})
		}
	}
}

// peak watches the memory of the process until it is asked how much it was.
func peak() func() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	done, found := make(chan struct{}), make(chan uint64)
	go func() {
		most, tick := uint64(0), time.NewTicker(2*time.Millisecond)
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

// A reserve of a size and places freed at once.
func BenchmarkPromote(b *testing.B) {
	for _, until := range []bool{false, true} {
		b.Run(fmt.Sprintf("until confirmed %v", until), func(b *testing.B) {
			s := liveReserve(large.OwnPoints(20_000), until)
			b.ReportMetric(float64(len(s.Waiting)), "waiting")
			for b.Loop() {
				b.ReportMetric(float64(len(selection.Promote(s))), "promoted")
			}
		})
	}
}

// liveReserve is what is left of a selection when every twentieth offer is
// declined; by until confirmed the others hold theirs and want to move up.
func liveReserve(in selection.Input, until bool) selection.ReserveState {
	r, err := selection.Allocate(in)
	if err != nil {
		panic(err)
	}
	s := selection.ReserveState{UntilConfirmed: until, Pools: in.Pools, Destinations: in.Destinations}
	for i := range s.Pools {
		s.Pools[i].Free = 0
	}
	for k, e := range r.Entries {
		w := selection.Waiting{Applicant: e.Applicant}
		placed, ok := e.Placed()
		switch {
		case ok && k%20 == 0:
			for d := range s.Destinations {
				for p := range s.Pools {
					if s.Destinations[d].ID == placed.Destination && s.Destinations[d].Pools[0] == s.Pools[p].ID {
						s.Pools[p].Free++
					}
				}
			}
			continue
		case ok && !until:
			continue
		case ok:
			w.Holds = placed.Destination
		}
		for _, c := range e.Choices {
			if ok && c.Preference >= placed.Preference {
				break
			}
			w.Wishes = append(w.Wishes, selection.Stand{Destination: c.Destination, Rank: c.Standing})
		}
		s.Waiting = append(s.Waiting, w)
	}
	return s
}

// Results of every kind are proven at a size where nobody could look through
// them, and are the same bytes whatever the order of rows and the number of
// processors.
func TestLargeResults(t *testing.T) {
	n := 8_000
	if testing.Short() {
		n = 2_000
	}
	for _, kind := range kinds {
		t.Run(kind.name, func(t *testing.T) {
			in := kind.input(n)
			r := allocate(t, in)
			if found := proof.Verify(in, r); len(found) > 0 {
				t.Fatalf("%d violations, the first %+v", len(found), found[0])
			}
			rng := rand.New(rand.NewPCG(5, 5))
			rng.Shuffle(len(in.Pools), func(i, j int) { in.Pools[i], in.Pools[j] = in.Pools[j], in.Pools[i] })
			rng.Shuffle(len(in.Destinations), func(i, j int) { in.Destinations[i], in.Destinations[j] = in.Destinations[j], in.Destinations[i] })
			rng.Shuffle(len(in.Applicants), func(i, j int) { in.Applicants[i], in.Applicants[j] = in.Applicants[j], in.Applicants[i] })
			for _, processors := range []int{1, 2} {
				before := runtime.GOMAXPROCS(processors)
				other := allocate(t, in)
				runtime.GOMAXPROCS(before)
				if !bytes.Equal(selection.Canonical(other), selection.Canonical(r)) {
					t.Fatalf("other bytes with %d processors", processors)
				}
			}
		})
	}
}

// Promotions from a large reserve keep the declared rule.
func TestLargePromotions(t *testing.T) {
	for _, until := range []bool{false, true} {
		s := liveReserve(large.OwnPoints(2_000), until)
		promoted := selection.Promote(s)
		if found := proof.VerifyPromotion(s, promoted); len(found) > 0 {
			t.Errorf("until confirmed %v: %d violations, the first %+v", until, len(found), found[0])
		}
		if len(promoted) == 0 {
			t.Error("nobody is promoted")
		}
	}
}
