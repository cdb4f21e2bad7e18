package figures

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

// run prints the table in place of what go test says of benchmarks, which is
// kept for when one fails.
func run(m *testing.M) int {
	said, err := os.CreateTemp("", "figures-*")
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.Remove(said.Name()) }()
	stdout := os.Stdout
	os.Stdout = said
	code := testkit.Main(m)
	os.Stdout = stdout
	if code != 0 || len(table) == 0 {
		if _, err := said.Seek(0, io.SeekStart); err == nil {
			_, _ = io.Copy(os.Stdout, said)
		}
	}
	if len(table) > 0 {
		printTable(os.Stdout)
	}
	return code
}

// figure is one line of the table.
type figure struct {
	what      string
	ours      string
	reference string // what it is compared with, and that figure
	ratio     string
	target    string
}

// table collects the figures in the order they were taken; notes say under
// which settings.
var (
	table []figure
	notes []string
)

// report adds a line, and says on the way that it was taken.
func report(f figure) {
	table = append(table, f)
	if f.what != "" {
		_, _ = fmt.Fprintln(os.Stderr, "measured:", f.what)
	}
}

func note(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(notes, line) {
		notes = append(notes, line)
	}
}

func printTable(to io.Writer) {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "\nwhat\tours\tcompared with\tratio\tat least / at most")
	for _, f := range table {
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", f.what, f.ours, f.reference, f.ratio, f.target)
	}
	_ = w.Flush()
	_, _ = fmt.Fprintf(to, "\n%d processors, %s, %s\n", runtime.NumCPU(), runtime.Version(), runtime.GOARCH)
	for _, line := range notes {
		_, _ = fmt.Fprintln(to, line)
	}
}

// median of a few runs: other programs use the machine meanwhile.
func median[T cmp.Ordered](runs []T) T {
	sorted := slices.Sorted(slices.Values(runs))
	return sorted[len(sorted)/2]
}

func shown(d time.Duration) string {
	if d < 10*time.Millisecond {
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(time.Millisecond).String()
}

func times(of, to time.Duration) string { return fmt.Sprintf("%.2f×", of.Seconds()/to.Seconds()) }
