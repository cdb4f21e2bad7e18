package web

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// malformed is what no page's form sends, and anybody can.
var malformed = []string{
	"\x00", "\xff\xfe", "99999999999999999999", "9999-12-31T23:59", strings.Repeat("ř", 4000),
}

// fieldNames are all names that forms and queries of this package are read by.
func fieldNames(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file) //nolint:gosec // this package's own files
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`form:"(\w+)"|(?:Get|Has|First)\("(\w+)"\)|PostForm\["(\w+)"\]`).FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1]+m[2]+m[3])
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// TestWhatIsMalformedIsRefusedAndBreaksNothing sends nonsense under every name
// to every route, as everybody who gets in there.
func TestWhatIsMalformedIsRefusedAndBreaksNothing(t *testing.T) {
	t.Parallel()
	s := newScene(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, bert := s.Student("Anna", "1.2"), s.Student("Bert", "2")
	a, b := s.Submitted(anna), s.Submitted(bert)
	s.Marked(a, "28")
	s.Marked(b, "20")
	ranking := s.Published(s.AfterClose)
	s.Move(anna, a, "confirm", s.AfterClose.Add(time.Hour), process.Given{})
	s.Move(s.Officer, a, "nominate", s.AfterClose.Add(time.Hour), process.Given{})
	ids := map[string]string{
		"application": a.String(), "call": s.Call.String(), "round": s.Round.String(), "ranking": ranking.String(), "person": anna.Person.String(),
		"unit": s.Faculty.String(), "destination": s.Destinations[0].String(), "pool": s.Pools[0].String(), "move": "withdraw", "criterion": "letter",
		"letter": testkit.One[uuid.UUID](s.World, `SELECT id FROM letters ORDER BY id LIMIT 1`).String(),
	}
	s.at(s.AfterClose.Add(2 * time.Hour))
	names := fieldNames(t)
	readers := []mobility.Actor{anna, s.Officer, s.Administrator}
	nonsense := url.Values{}
	for _, route := range s.site.server.Table() {
		method, path, ok := strings.Cut(route.Pattern, " ")
		if !ok || strings.HasPrefix(path, "/test/") || strings.HasPrefix(path, "/sign-out") || strings.HasPrefix(path, "/assets") || path == "/readyz" {
			continue
		}
		for _, reader := range readers {
			browser := s.as(reader)
			for i, bad := range malformed {
				at := part.ReplaceAllStringFunc(strings.TrimSuffix(path, "{$}"), func(name string) string {
					if value, known := ids[strings.Trim(name, "{}")]; known && i > 0 {
						return value
					}
					return url.PathEscape(bad[:min(len(bad), 60)])
				})
				if method == http.MethodGet { // a server takes no long address
					bad = bad[:min(len(bad), 100)]
				}
				for _, name := range names {
					nonsense.Set(name, bad[:min(len(bad), 1000)])
				}
				got := seen{}
				if method == http.MethodGet {
					got = browser.get(at + "?" + nonsense.Encode())
				} else {
					got = browser.post(at, nonsense, "Origin", "https://peregrine.example.org")
				}
				if got.status >= http.StatusInternalServerError {
					t.Errorf("%s, %s, %.20q: %d", route.Pattern, reader.Name, bad, got.status)
				}
			}
		}
	}
}
