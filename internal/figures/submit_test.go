package figures

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"peregrine/internal/testkit"
)

const (
	clients = 32
	each    = 40 // applications of each client
)

// BenchmarkSubmit lets 32 browsers press "submit" in turn with pgbench and
// with a bare loop, which do the same statements on as many connections.
func BenchmarkSubmit(b *testing.B) {
	g := newGround(b, 200, 25)
	now := g.WhileOpen()
	warm := 64
	g.drafts(1 + warm + 3*runs*clients*each)
	s := newSite(g, now)
	s.drive(s.browsers(load{clients: 1, each: warm, first: 2}, now))
	one := s.browsers(load{clients: 1, each: 1, first: 1}, now)
	s.tape.start()
	s.drive(one)
	s.tape.stop()
	all := s.script(1)
	next := warm + 2
	part := func() load {
		l := load{clients: clients, each: each, first: next}
		next += l.total()
		return l
	}
	var ours, loop, bench []float64
	for range runs {
		if tps, ok := s.pgbench(all, part()); ok {
			bench = append(bench, tps)
		}
		ours = append(ours, s.drive(s.browsers(part(), now)))
		loop = append(loop, s.bareLoop(all, part()))
	}
	s.count(clients*each*(len(ours)+len(loop)+len(bench)) + warm + 1)
	what := fmt.Sprintf("submitting, HTTP to commit, %d clients", clients)
	if len(bench) > 0 {
		report(perSecond(what, median(ours), "pgbench", median(bench), "0.6"))
		what = ""
	}
	report(perSecond(what, median(ours), "bare loop in Go", median(loop), "0.6"))
	note("submitting is %d statements in %d transactions; all sides ran with fsync %s and synchronous_commit %s", len(all), transactions(all), s.setting("fsync"), s.setting("synchronous_commit"))
}

func perSecond(what string, ours float64, of string, reference float64, target string) figure {
	return figure{
		what: what, ours: fmt.Sprintf("%.0f/s", ours), reference: fmt.Sprintf("%s: %.0f/s", of, reference),
		ratio: fmt.Sprintf("%.2f", ours/reference), target: target,
	}
}

func transactions(all script) int {
	n := 0
	for _, c := range all {
		if c.sql == "begin" {
			n++
		}
	}
	return n
}

func (g *ground) setting(name string) string {
	return testkit.One[string](g.World, `SELECT current_setting($1)`, name)
}

// count proves that all sides submitted: each application once, with its
// event, letter and job.
func (s *site) count(want int) {
	s.T.Helper()
	for _, sql := range []string{
		`SELECT count(*)::int FROM applications WHERE state = 'submitted' AND revision = 2`,
		`SELECT count(*)::int FROM submissions s JOIN submission_contents c ON c.submission_id = s.id`,
		`SELECT count(*)::int FROM events e JOIN letters l ON l.event_id = e.id WHERE e.revision = 2`,
		`SELECT count(*)::int FROM river_job j JOIN letters l ON l.id = (j.args ->> 'letter')::uuid`,
	} {
		if got := testkit.One[int](s.World, sql); got != want {
			s.T.Errorf("%d, want %d: %s", got, want, sql)
		}
	}
}

// browser is one signed-in client and what it has to ask. It costs little,
// so that what is measured is the server.
type browser struct {
	conn     net.Conn
	requests [][]byte
}

// browsers prepares the clients of a load: each has its own connection, and
// for each application the session of its applicant.
func (s *site) browsers(l load, now time.Time) []browser {
	s.T.Helper()
	all := make([]browser, l.clients)
	for i := range all {
		all[i].conn = s.dial()
		for n := range l.each {
			number := l.first + i*l.each + n
			all[i].requests = append(all[i].requests, submitRequest(planted(application, number), s.cookie(student(number), now)))
		}
	}
	return all
}

// drive lets all ask at once, each one thing after another, and returns how
// many a second were answered.
func (s *site) drive(all []browser) float64 {
	s.T.Helper()
	asked, start := 0, time.Now()
	var group errgroup.Group
	for _, b := range all {
		asked += len(b.requests)
		group.Go(b.run)
	}
	s.check(group.Wait())
	return float64(asked) / time.Since(start).Seconds()
}

func (b browser) run() error {
	from := bufio.NewReader(b.conn)
	for _, r := range b.requests {
		if _, err := b.conn.Write(r); err != nil {
			return err
		}
		a, err := http.ReadResponse(from, nil)
		if err != nil {
			return err
		}
		if err := a.Body.Close(); err != nil {
			return err
		}
		if a.StatusCode != http.StatusSeeOther {
			return fmt.Errorf("answered %s", a.Status)
		}
	}
	return nil
}

// submitRequest is the press of the button as a browser sends it.
func submitRequest(application uuid.UUID, cookie string) []byte {
	body := "revision=1"
	return fmt.Appendf(nil, "POST /applications/%s/moves/submit HTTP/1.1\r\nHost: peregrine.example.org\r\nCookie: %s\r\nOrigin: http://peregrine.example.org\r\n"+
		"Sec-Fetch-Site: same-origin\r\nAccept-Language: en\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
		application, cookie, len(body), body)
}
