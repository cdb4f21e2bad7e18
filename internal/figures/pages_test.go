package figures

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"
)

const asks = 20 // of each page

// BenchmarkPages asks for the heaviest pages of an office as its officer:
// those of a call with 10,000 candidates, and the list of 50 calls.
func BenchmarkPages(b *testing.B) {
	g := newGround(b, 200, 25)
	g.candidates(decisions)
	ranking, err := g.Process.ComputeRanking(context.Background(), g.Officer, g.Round, g.AfterClose)
	g.check(err)
	for range 49 {
		g.AnotherCall()
	}
	g.settle()
	s := newSite(g, g.AfterClose)
	for _, page := range []struct{ what, path, goal string }{
		{"ranking page of 10,000 candidates, 95 in 100", "/office/rankings/" + ranking.String(), "50 ms"},
		{"list of the 10,000 candidates, 95 in 100", "/office/calls/" + g.Call.String() + "/candidates", "50 ms"},
		{"an officer's 50 calls, 95 in 100", "/office/calls", "50 ms"},
		{"an officer's work, 95 in 100", "/work", "50 ms"},
	} {
		took, size := s.ask(page.path, s.cookie(g.Officer, g.AfterClose))
		report(figure{what: page.what, ours: shown(took), reference: fmt.Sprintf("%d kB", size>>10), target: page.goal})
	}
}

// ask gets a page so often and returns the 95th percentile of how
// long it takes, and how large it is.
func (s *site) ask(path, cookie string) (took time.Duration, size int) {
	s.T.Helper()
	conn := s.dial()
	from := bufio.NewReader(conn)
	var all []time.Duration
	for range asks {
		start := time.Now()
		_, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: peregrine.example.org\r\nCookie: %s\r\nAccept-Language: en\r\n\r\n", path, cookie)
		s.check(err)
		a, err := http.ReadResponse(from, nil)
		s.check(err)
		body, err := io.ReadAll(a.Body)
		s.check(err)
		if a.StatusCode != http.StatusOK {
			s.T.Fatalf("%s answered %s: %.500s", path, a.Status, body)
		}
		all, size = append(all, time.Since(start)), len(body)
	}
	slices.Sort(all)
	return all[len(all)*95/100], size
}
