package figures

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"peregrine/internal/catcher"
	"peregrine/internal/fetch"
	"peregrine/internal/testkit"
)

// The letters of each measurement through the whole product.
const wholeWay = 10_000

// BenchmarkSending sends letters as production does: a worker process takes
// planned letters from the database, commits an attempt, renders, freezes,
// sends and records each, to a sink that takes 10 ms a letter and to one that
// takes no time; in turn with Postfix's smtp-source, which sends one message
// over and over to the same sink.
func BenchmarkSending(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "peregrine")
	build := exec.Command("go", "build", "-trimpath", "-o", binary, "peregrine/cmd/peregrine")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	for _, delay := range []time.Duration{10 * time.Millisecond, 0} {
		c := newSink(b, delay)
		g := newGroundOf(b, testkit.WorldPlan{Places: slices.Repeat([]int{25}, 200), Production: true})
		g.candidates(2000)
		g.letters(wholeWay)
		w := g.worker(b, binary, c)
		rate, memory := w.follow(c)
		each := w.processor() / wholeWay
		w.stop()
		var rates []float64
		what := ""
		for range runs {
			source, missing := sourceRate(b, c, wholeWay/2)
			rates, what = append(rates, source), missing
		}
		report(perSecond(fmt.Sprintf("letters, whole way, to a sink of %s, %d connections", delay, wires), rate, cmp.Or(what, "smtp-source"), median(rates), ""))
		report(figure{
			what: fmt.Sprintf("work, memory after %s, %s and all letters", thousands(wholeWay/4), thousands(wholeWay/2)),
			ours: fmt.Sprintf("%d, %d and %d MB", memory[0], memory[1], memory[2]),
		})
		report(figure{what: "work, processor time of a letter", ours: each.Round(10 * time.Microsecond).String()})
	}
}

func newSink(b *testing.B, delay time.Duration) *catcher.Catcher {
	b.Helper()
	c, err := catcher.Start(catcher.Options{Forget: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close() })
	c.Delay(delay)
	return c
}

// letters plants n receipts about the planted files, with their jobs.
func (g *ground) letters(n int) {
	g.Exec(`INSERT INTO letters (id, institution_id, kind, queue, language, person_id, recipient, application_id, call_id, event_id, subject_key, data, status, planned_at)
		SELECT gen_random_uuid(), a.institution_id, 'receipt', 'decisions', CASE i % 2 WHEN 0 THEN 'en' ELSE 'cs' END, a.person_id, 'applicant', a.id, a.call_id, planted('05', 1 + i % $2),
			'planted:' || i, jsonb_build_object('submission', planted('03', 1 + i % $2)), 'planned', now()
		FROM generate_series(0, $1 - 1) i JOIN applications a ON a.id = planted('02', 1 + i % $2)`, n, g.next)
	g.Exec(`INSERT INTO river_job (state, queue, kind, args, max_attempts, priority, scheduled_at)
		SELECT 'available', queue, 'letter_planned', jsonb_build_object('letter', id, 'queue', queue), 25, 1, now() FROM letters`)
	g.settle()
}

// worker is a process that sends.
type worker struct {
	*server
}

func (g *ground) worker(b *testing.B, binary string, c *catcher.Catcher) worker {
	p := &server{b: b, cmd: exec.Command(binary, "work"), since: time.Now()}
	p.cmd.Env = []string{
		"PEREGRINE_DATABASE_URL=" + g.URL, "PEREGRINE_BASE_URL=https://peregrine.example.edu", "PEREGRINE_DOCUMENTS=" + b.TempDir(),
		fmt.Sprint("PEREGRINE_SMTP_URL=", c.URL(), "&connections=", wires), "PEREGRINE_MAIL_FROM=no-reply@example.edu",
		"PEREGRINE_DATABASE_CONNECTIONS=32", "PEREGRINE_LOG_LEVEL=warn",
		"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"),
	}
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	if err := p.cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return worker{p}
}

// follow waits until all letters have arrived and returns how many a second
// came between the first and the last, and what memory the process held after
// a quarter, half and all of them.
func (w worker) follow(c *catcher.Catcher) (rate float64, memory []int) {
	var first time.Time
	marks := []int{wholeWay / 4, wholeWay / 2, wholeWay}
	for {
		n := c.Counts().Mails
		if n > 0 && first.IsZero() {
			first = time.Now()
		}
		for len(marks) > 0 && n >= marks[0] {
			memory, marks = append(memory, w.memory()), marks[1:]
		}
		if n >= wholeWay {
			return wholeWay / time.Since(first).Seconds(), memory
		}
		if time.Since(w.since) > 10*time.Minute {
			w.b.Fatalf("%d letters arrived: %s", n, w.out.String())
		}
		time.Sleep(2 * time.Millisecond)
	}
}

// processor is how much time the process has had of the processors, in user
// and system mode, which other programs do not change.
func (w worker) processor() time.Duration {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", w.cmd.Process.Pid))
	if err != nil {
		w.b.Fatalf("this machine does not say how much a process has worked: %v", err)
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var ticks int
	for _, f := range fields[11:13] {
		n, err := strconv.Atoi(f)
		if err != nil {
			w.b.Fatal(err)
		}
		ticks += n
	}
	return time.Duration(ticks) * 10 * time.Millisecond // a tick is a hundredth of a second on every Linux
}

// sourceRate is how many messages a second smtp-source hands to the sink, of
// the size of a letter; or 0 and why there is none.
func sourceRate(b *testing.B, c *catcher.Catcher, count int) (rate float64, missing string) {
	b.Helper()
	source, err := smtpSource()
	if err != nil {
		note("smtp-source could not be had: %v", err)
		return 0, "no smtp-source here"
	}
	start := time.Now()
	cmd := exec.Command(source.program, "-s", fmt.Sprint(wires), "-m", fmt.Sprint(count), "-d", "-l", "3000", "-f", "a@example.edu", "-t", "b@example.org", c.Addr())
	cmd.Env = append(os.Environ(), source.libraries)
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, bytes.TrimSpace(out))
	}
	return float64(count) / time.Since(start).Seconds(), ""
}

// generator is a program and the variable by which it finds its libraries.
type generator struct{ program, libraries string }

// smtpSource finds Postfix's load generator on this machine, or has it fetched
// once and unpacked into the folder of fetched programs.
var smtpSource = sync.OnceValues(func() (generator, error) {
	if program, err := exec.LookPath("smtp-source"); err == nil {
		return generator{program: program, libraries: "LC_ALL=C"}, nil
	}
	cache, err := fetch.Cache()
	if err != nil {
		return generator{}, err
	}
	dir := filepath.Join(cache, "postfix")
	err = fetch.Once(dir, func(temporary string) error { return fetch.Debian(context.Background(), temporary, "postfix") })
	if err != nil {
		return generator{}, err
	}
	g := generator{program: filepath.Join(dir, "usr/sbin/smtp-source"), libraries: "LD_LIBRARY_PATH=" + filepath.Join(dir, "usr/lib/postfix")}
	if shared, ok := strings.CutPrefix(fetch.LibraryPath(dir), "LD_LIBRARY_PATH="); ok {
		g.libraries += ":" + shared
	}
	if _, err := os.Stat(g.program); err != nil {
		return generator{}, errors.New("the package postfix has none")
	}
	return g, nil
})
