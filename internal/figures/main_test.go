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

func TestMain(m *testing.M) {
	code := testkit.Main(m)
	if len(table) > 0 {
		print(os.Stdout)
	}
	os.Exit(code)
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

func report(f figure) { table = append(table, f) }

func note(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(notes, line) {
		notes = append(notes, line)
	}
}

func print(to io.Writer) {
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
