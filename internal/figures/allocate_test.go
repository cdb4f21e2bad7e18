package figures

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strings"
	"syscall"
	"testing"
	"time"

	"peregrine/internal/selection"
	"peregrine/internal/selection/large"
)

// series is one line of the plots: how an allocation grows.
type series struct {
	name   string
	colour string
	input  func(n int) selection.Input
	points []point
}

// point is one size of it: the quickest of a few runs, and the most memory in
// any.
type point struct {
	applicants int
	took       time.Duration
	busy       time.Duration // of processors, collecting garbage included
	memory     uint64        // bytes of the whole process, input and result included
}

func (p point) each() time.Duration { return p.took / time.Duration(p.applicants) }

func allocations() []series {
	return []series{
		{name: "deferred acceptance, own points per destination", colour: "#0b5fa5", input: large.OwnPoints},
		{name: "list", colour: "#b3500c", input: large.Input},
	}
}

var sizes = []int{1_000, 3_000, 10_000, 30_000, 120_000, 300_000, 1_000_000}

// The size the product is held to, and the least it is compared with.
const held, least = 120_000, 1_000

// benchmarksVariable makes BenchmarkAllocate write docs/benchmarks.md and its
// plots.
const benchmarksVariable = "PEREGRINE_WRITE_BENCHMARKS"

// BenchmarkAllocate runs the engine alone, reasons included: the time for
// each applicant must not grow with their number.
func BenchmarkAllocate(b *testing.B) {
	measured := allocations()
	for _, n := range sizes { // small ones first: a large one leaves its traces in the memory of the process
		for i := range measured {
			s := &measured[i]
			s.points = append(s.points, s.measure(b, n))
			s.report(n)
		}
	}
	if os.Getenv(benchmarksVariable) == "" {
		return
	}
	for name, content := range map[string][]byte{
		"benchmarks.md": benchmarksPage(measured), "benchmarks-time.svg": timePlot(measured).svg(), "benchmarks-memory.svg": memoryPlot(measured).svg(),
	} {
		if err := os.WriteFile("../../docs/"+name, content, 0o644); err != nil {
			b.Fatal(err)
		}
	}
}

// measure allocates over and over. The quickest counts, because it is the one
// that other programs disturbed the least; so does the most memory.
func (s *series) measure(b *testing.B, n int) point {
	in := s.input(n)
	p := point{applicants: n, took: time.Hour, busy: time.Hour}
	for range repeats(n) {
		debug.FreeOSMemory()
		stop := peak()
		start, before := time.Now(), busy(b)
		if _, err := selection.Allocate(in); err != nil {
			b.Fatal(err)
		}
		p.took, p.busy = min(p.took, time.Since(start)), min(p.busy, busy(b)-before)
		p.memory = max(p.memory, stop())
	}
	return p
}

// busy is the processor time this process has taken so far.
func busy(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// repeats is how often a size is measured: small ones, which are over before
// the machine has settled, more often.
func repeats(n int) int { return min(max(3, 1_000_000/n), 20) }

func (s *series) at(n int) point {
	for _, p := range s.points {
		if p.applicants == n {
			return p
		}
	}
	return point{}
}

func (s *series) report(n int) {
	p := s.at(n)
	f := figure{what: fmt.Sprintf("allocating %s applicants × 8 × 2,000, %s", thousands(n), s.name), ours: fmt.Sprintf("%s, %d MB", shown(p.took), p.memory>>20)}
	if n == held {
		first := s.at(least)
		f.reference = fmt.Sprintf("each of %s: %s, of %s: %s", thousands(least), first.each(), thousands(held), p.each())
		f.ratio, f.target = times(p.each(), first.each()), "1 s, 400 MB, each as quick"
	}
	report(f)
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

// benchmarksPage is docs/benchmarks.md.
func benchmarksPage(measured []series) []byte {
	var b bytes.Buffer
	b.WriteString(`# Benchmarks

` + "`make bench`" + ` measures the figures the product is held to and prints them in one table. This page keeps those of the allocation
engine, from 1,000 to 1,000,000 applicants with 8 wishes each among 2,000 destinations that hold about half of them, some wanted
much more than others, every fourth drawing on the places of its neighbour too.
` + "`" + benchmarksVariable + `=1 make bench ARGS="-bench Allocate"` + "`" + ` makes the page and its plots anew.

Each figure is the engine alone, with the reason for every wish, on an input in memory: the quickest of several runs, and the
most memory that the process held in any of them, the input and the result in it. Processor time, collecting garbage included, is
beside it because other programs that run meanwhile disturb it less. In the plots a straight line means that each applicant takes
the same however many there are.

![Time of an allocation against the number of applicants](benchmarks-time.svg)

![Memory of an allocation against the number of applicants](benchmarks-memory.svg)
`)
	for _, s := range measured {
		fmt.Fprintf(&b, "\n## %s%s\n\n| applicants | time | for each applicant | processor time | memory |\n| ---: | ---: | ---: | ---: | ---: |\n", strings.ToUpper(s.name[:1]), s.name[1:])
		for _, p := range s.points {
			fmt.Fprintf(&b, "| %s | %s | %.2f µs | %s | %d MB |\n",
				thousands(p.applicants), shown(p.took), float64(p.each().Nanoseconds())/1000, shown(p.busy), p.memory>>20)
		}
	}
	b.WriteString("\n## Held to\n\n| what, at 120,000 applicants | at most | deferred acceptance | list |\n| --- | ---: | ---: | ---: |\n")
	deferred, list := measured[0], measured[1]
	fmt.Fprintf(&b, "| time | 1 s | %s | %s |\n", shown(deferred.at(held).took), shown(list.at(held).took))
	fmt.Fprintf(&b, "| memory | 400 MB | %d MB | %d MB |\n", deferred.at(held).memory>>20, list.at(held).memory>>20)
	fmt.Fprintf(&b, "| time for each applicant, against 1,000 applicants | about 1× | %s | %s |\n", deferred.flat(), list.flat())
	fmt.Fprintf(&b, "\nMeasured on %s, %s, %s.\n", machine(), runtime.Version(), runtime.GOARCH)
	return b.Bytes()
}

func (s *series) flat() string { return times(s.at(held).each(), s.at(least).each()) }

// machine says what it was measured on, as far as the machine tells.
func machine() string {
	data, _ := os.ReadFile("/proc/cpuinfo") // where there is none, nothing more is said
	cores := fmt.Sprintf("%d cores", runtime.NumCPU())
	if bytes.Contains(data, []byte(" hypervisor")) {
		cores = fmt.Sprintf("%d shared cores of a virtual machine", runtime.NumCPU())
	}
	for line := range strings.Lines(string(data)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return cores + " (" + strings.TrimSpace(value) + ")"
		}
	}
	return cores
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
