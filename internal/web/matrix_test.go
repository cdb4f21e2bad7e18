package web

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// cell is one question: this reader at this route.
type cell struct {
	*matrix
	r   *reader
	row row
}

var part = regexp.MustCompile(`\{(\w+)\}`)

// path fills the row's path. Made up, it names nothing there is.
func (c cell) path(madeUp bool) string {
	_, path, _ := strings.Cut(c.row.pattern, " ")
	if path == "" {
		path = c.row.pattern
	}
	with, err := url.ParseQuery(c.row.with)
	if err != nil {
		c.t.Fatal(err)
	}
	path = part.ReplaceAllStringFunc(strings.TrimSuffix(path, "{$}"), func(name string) string {
		name = strings.Trim(name, "{}")
		value := c.values[name]
		if with.Has(name) {
			value = c.text(with.Get(name))
		}
		if name == "token" && c.r.token != "" {
			return c.r.token
		}
		if _, err := uuid.Parse(value); madeUp && err == nil {
			return uuid.NewString()
		}
		return value
	})
	return path + c.text(with.Get("/"))
}

func (c cell) text(s string) string {
	return part.ReplaceAllStringFunc(s, func(name string) string { return c.values[strings.Trim(name, "{}")] })
}

func (c cell) posts() bool { return strings.HasPrefix(c.row.pattern, http.MethodPost) }

// ask requests the route and checks what holds for every answer.
func (c cell) ask(madeUp bool) seen {
	path := c.path(madeUp)
	var got seen
	if c.posts() {
		form, err := url.ParseQuery(c.text(c.row.send))
		if err != nil {
			c.t.Fatal(err)
		}
		got = c.r.b.post(path, form, "Origin", "https://peregrine.example.org")
	} else {
		if c.row.send != "" {
			path += "?" + c.text(c.row.send)
		}
		got = c.r.b.get(path)
	}
	for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Cache-Control", "Strict-Transport-Security", "Cross-Origin-Opener-Policy", "Peregrine-Request"} {
		if got.header.Get(name) == "" {
			c.t.Errorf("%s, %s: no %s", c.row.pattern, c.r.name, name)
		}
	}
	for _, secret := range secrets {
		if !strings.Contains(got.body, secret) {
			continue
		}
		if c.r.read[secret] = true; !slices.Contains(c.r.knows, secret) {
			c.t.Errorf("%s, %s: reads %q", c.row.pattern, c.r.name, secret)
		}
	}
	return got
}

// outcome is an answer in the letters of the table.
func (c cell) outcome(a seen) outcomeOf {
	switch {
	case a.status == http.StatusUnauthorized, a.status == http.StatusSeeOther && strings.HasPrefix(a.to, "/sign-in?next="):
		return signsIn
	case a.status == http.StatusForbidden:
		return forbidden
	case a.status == http.StatusNotFound:
		return notFound
	case a.status == http.StatusConflict:
		return conflict
	case a.status >= http.StatusInternalServerError, !c.posts() && a.status >= http.StatusBadRequest:
		return broken
	}
	return letIn
}

// wants is what the table says.
func (c cell) wants() outcomeOf {
	want, i := strings.ReplaceAll(c.row.want, " ", ""), slices.Index(c.readers, c.r)
	links := slices.IndexFunc(c.readers, func(r *reader) bool { return r.link != uuid.Nil })
	byLink := strings.Contains(c.row.pattern, "/host/{token}")
	if count := map[bool]int{false: links, true: len(c.readers) - links}[byLink]; len(want) != count {
		c.t.Fatalf("%s says of %d readers what they get, not of %d", c.row.pattern, len(want), count)
	}
	switch {
	case byLink && i < links:
		return notFound
	case byLink:
		return outcomeOf(want[i-links])
	case i >= links:
		return outcomeOf(want[0])
	}
	return outcomeOf(want[i])
}

// try asks and holds the answer against the table. What somebody may not have
// must answer as what there is not.
func (c cell) try() {
	c.t.Helper()
	want := c.wants()
	got := c.ask(false)
	if !want.is(c.outcome(got), c.posts()) {
		c.t.Errorf("%s %s, %s: %c (%d), want %c", c.row.pattern, c.row.with, c.r.name, c.outcome(got), got.status, want)
	}
	if c.row.blind || c.path(true) == c.path(false) || c.posts() && want == letIn {
		return // nothing in the path to make up
	}
	if want == letIn || want == denied || want == conflict {
		want = notFound
	}
	if got := c.ask(true); !want.is(c.outcome(got), c.posts()) {
		c.t.Errorf("%s %s, %s: %c (%d) for what there is not, want %c", c.row.pattern, c.row.with, c.r.name, c.outcome(got), got.status, want)
	}
}

// is reports whether a request that became got is what the table means. A
// form that is let in may be refused for what is in it or for what stands.
func (o outcomeOf) is(got outcomeOf, form bool) bool {
	return got == o || o == denied && got == forbidden || o == letIn && form && got == conflict
}

// state is everything that matters in the database.
func (m *matrix) state() map[string]string {
	out := map[string]string{}
	for _, table := range testkit.One[[]string](m.World, `SELECT array_agg(tablename::text) FROM pg_tables WHERE schemaname = 'public'
		AND tablename !~ '^(river|goose|access_lines|sessions|sign_ins|rate_counters|host_codes)'`) {
		out[table] = testkit.One[string](m.World, `SELECT coalesce(md5(string_agg(t::text, '' ORDER BY t::text)), '') FROM `+table+` t`)
	}
	return out
}

func TestEveryRouteForEveryReader(t *testing.T) {
	t.Parallel()
	m := newMatrix(t)
	m.complete()
	m.foreign()
	var refused, last []cell
	for _, row := range routes {
		for _, r := range m.readers {
			switch c := (cell{m, r, row}); {
			case !c.posts():
				c.try()
			case c.wants() == letIn:
				last = append(last, c)
			default:
				refused = append(refused, c)
			}
		}
	}
	for _, r := range m.readers {
		for _, secret := range r.knows {
			if !r.read[secret] {
				t.Errorf("%s: reads %q nowhere", r.name, secret)
			}
		}
	}
	before := m.state()
	for _, c := range refused {
		c.try()
	}
	for table, sum := range m.state() {
		if sum != before[table] {
			t.Errorf("what was refused changed %s", table)
		}
	}
	for _, c := range last {
		if c.r.actor.SignedIn() {
			c.r.b = m.as(c.r.actor) // the one before may have signed them out
		}
		c.try()
	}
}

// complete fails the test where the table and the product's own differ.
func (m *matrix) complete() {
	listed, there := map[string]bool{}, map[string]bool{}
	for _, row := range routes {
		listed[row.pattern] = true
	}
	for _, route := range m.site.server.Table() {
		there[route.Pattern] = true
		if !listed[route.Pattern] && !strings.HasPrefix(route.Path(), "/test/") {
			m.t.Errorf("nobody said who may %s", route.Pattern)
		}
	}
	for pattern := range listed {
		if !there[pattern] {
			m.t.Errorf("there is no %s", pattern)
		}
	}
}

// foreign sends every form from elsewhere and asks every address for what it
// is not for, as somebody who has much to lose.
func (m *matrix) foreign() {
	r := m.readers[slices.IndexFunc(m.readers, func(r *reader) bool { return r.actor.Has(mobility.RoleAdministrator) })]
	at := map[string]string{}
	for _, row := range routes {
		c := cell{m, r, row}
		method, _, named := strings.Cut(row.pattern, " ")
		path := c.path(false)
		if !named {
			continue // answers to whatever is asked
		}
		at[path] += method + " "
		if method == http.MethodPost {
			for _, headers := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}} {
				r.b.post(path, nil, headers...).want(m.t, http.StatusForbidden, "another site")
			}
		} else if head, get := r.b.do(http.MethodHead, path, nil), r.b.get(path); head.status != get.status || head.body != "" {
			m.t.Errorf("HEAD %s: %d, GET: %d", path, head.status, get.status)
		}
	}
	for path, methods := range at {
		for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
			if strings.Contains(methods, method) {
				continue
			}
			got := r.b.do(method, path, nil, "Origin", "https://peregrine.example.org")
			allow := got.header.Get("Allow")
			if got.status != http.StatusMethodNotAllowed || strings.Contains(allow, "GET") != strings.Contains(methods, "GET") || strings.Contains(allow, "POST") != strings.Contains(methods, "POST") {
				m.t.Errorf("%s %s: %d, allowed is %q", method, path, got.status, allow)
			}
		}
	}
}
