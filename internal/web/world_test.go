package web

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"peregrine/internal/identity"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
	"peregrine/internal/web/page"
	"peregrine/internal/web/pagetest"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// What the tests of the frame need beside the product's own screens. Nobody
// but this test binary has these routes.
var errSecret = errors.New("the secret cause")

var _ = screen(func(*Server) []Route {
	echo := func(q *request) error {
		q.plain(http.StatusOK, string(q.route.Guard))
		return nil
	}
	routes := []Route{
		{Pattern: "GET /test/panic", Guard: Public, Handle: func(*request) error { panic(errSecret) }},
		{Pattern: "GET /test/internal", Guard: Public, Handle: func(*request) error { return errSecret }},
		{Pattern: "GET /test/wordless", Guard: Public, Handle: func(*request) error { return mobility.ForbiddenError("no.such.words") }},
		{Pattern: "GET /test/conflict", Guard: Public, Handle: func(*request) error { return mobility.ConflictError("refusal.link_used", nil) }},
		{Pattern: "GET /test/slow", Guard: Public, Timeout: time.Millisecond, Handle: func(q *request) error {
			<-q.ctx().Done()
			return q.ctx().Err()
		}},
		{Pattern: "POST /test/form", Guard: Applicant, Body: 2000, Handle: func(q *request) error {
			if err := q.r.ParseForm(); err != nil {
				return err
			}
			q.plain(http.StatusOK, q.r.PostForm.Get("text")+" by "+q.actor.Name)
			return nil
		}},
		{Pattern: "GET /test/host/{token}", Guard: Host, Handle: echo},
	}
	for path, g := range map[string]Guard{"signed": SignedIn, "applicant": Applicant, "coordinator": Coordinator, "officer": Officer, "administrator": Administrator, "operator": Operator} {
		routes = append(routes, Route{Pattern: "GET /test/" + path, Guard: g, Handle: echo})
	}
	return routes
})

// world is a running server on a database of its own.
type world struct {
	t        *testing.T
	server   *Server
	identity *identity.Service
	http     *httptest.Server
	db       *pgxpool.Pool // of the work role
	home     uuid.UUID
	student  uuid.UUID
	log      *lines
	tape     *tape // of a scene
}

func newWorld(t *testing.T, change ...func(*Config)) *world {
	t.Helper()
	address := testkit.DatabaseURL(t)
	work, reader := open(t, address, store.RoleWork), open(t, address, store.RoleWeb)
	jobs, err := river.NewClient(riverpgxv5.New(work), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	pages, err := page.New(cat)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: work, home: uuid.New(), student: uuid.New(), log: &lines{}}
	w.identity = identity.New(identity.Config{Pool: work, Jobs: jobs, Secure: true, AnswerTime: -1})
	config := Config{
		Reads: store.NewReads(reader), Process: process.New(reader, jobs, nil), Files: struct{ process.FileStore }{},
		Identity: w.identity, Catalogue: cat, Pages: pages, Logger: slog.New(slog.NewJSONHandler(w.log, nil)),
		Now: time.Now, BaseURL: "https://peregrine.example.org",
	}
	for _, c := range change {
		c(&config)
	}
	if w.server, err = New(config); err != nil {
		t.Fatal(err)
	}
	w.http = httptest.NewTLSServer(w.server.Handler()) // cookies are for https alone
	t.Cleanup(w.http.Close)
	w.exec(`INSERT INTO installation (kind) VALUES ('demo')`)
	w.exec(`INSERT INTO institutions (id, name, country, language, time_zone, tenant) VALUES ($1, 'Home', 'CZ', 'cs', 'Europe/Prague', true)`, w.home)
	w.exec(`INSERT INTO persons (id, email) VALUES ($1, 'student@example.org')`, w.student)
	w.exec(`INSERT INTO person_facts (institution_id, person_id, given_names, family_names) VALUES ($1, $2, 'Jana', 'Nováková')`, w.home, w.student)
	return w
}

func open(t *testing.T, address, role string) *pgxpool.Pool {
	t.Helper()
	pool, err := store.Open(t.Context(), address, role, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

// person makes somebody with the given roles in the whole institution.
func (w *world) person(roles ...mobility.Role) uuid.UUID {
	w.t.Helper()
	id := uuid.New()
	w.exec(`INSERT INTO persons (id, email) VALUES ($1, $2)`, id, id.String()+"@example.org")
	for _, role := range roles {
		w.exec(`INSERT INTO roles (id, person_id, institution_id, role, valid_from) VALUES ($1, $2, $3, $4, now() - interval '1 day')`, uuid.New(), id, w.home, role)
	}
	return id
}

// hostLink lays a call and a link to it for a host, and returns the token.
func (w *world) hostLink() string {
	w.t.Helper()
	definition, form, scheme, call, link := uuid.New(), uuid.New(), uuid.New(), uuid.New(), uuid.New()
	w.exec(`INSERT INTO definitions (id, name, version, source, hash, loaded_at) VALUES ($1, 'test', 1, '', 'x', now())`, definition)
	w.exec(`INSERT INTO forms (id, institution_id, name, version, questions) VALUES ($1, $2, 'f', 1, '[]')`, form, w.home)
	w.exec(`INSERT INTO schemes (id, institution_id, name, version, source) VALUES ($1, $2, 's', 1, '')`, scheme, w.home)
	w.exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, opened_at)
		VALUES ($1, $2, 'bip', '2027/28', '{}', '{}', 'Europe/Prague', $3, $4, $5, 1, now())`, call, w.home, definition, form, scheme)
	w.exec(`INSERT INTO host_links (id, institution_id, call_id, host_institution_id, address, created_at, expires_at)
		VALUES ($1, $2, $3, $2, 'iro@host.example', now(), now() + interval '1 day')`, link, w.home, call)
	token, err := w.identity.MakeHostLink(w.t.Context(), link)
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// browser keeps cookies and follows no redirect.
type browser struct {
	w      *world
	client *http.Client
}

func (w *world) browser() *browser {
	jar, _ := cookiejar.New(nil)
	return &browser{w, &http.Client{
		Jar: jar, Transport: w.http.Client().Transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// as is a browser in which the person is signed in.
func (w *world) as(person uuid.UUID) *browser {
	w.t.Helper()
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	if err := w.identity.Begin(rec, r, identity.Entrance{Person: person}, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	b := w.browser()
	u, _ := url.Parse(w.http.URL)
	b.client.Jar.SetCookies(u, rec.Result().Cookies())
	return b
}

// seen is an answer with its body read.
type seen struct {
	status int
	header http.Header
	to     string // where it leads
	body   string
}

func (b *browser) do(method, path string, form url.Values, headers ...string) seen {
	b.w.t.Helper()
	r, err := http.NewRequestWithContext(b.w.t.Context(), method, b.w.http.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.w.t.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Accept-Language", "en")
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	answer, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	if method != http.MethodHead && strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && !strings.Contains(answer.Header.Get("Content-Security-Policy"), "sandbox") {
		for _, problem := range pagetest.Unsound(string(body)) {
			b.w.t.Errorf("%s %s: %s", method, path, problem)
		}
	}
	return seen{answer.StatusCode, answer.Header, answer.Header.Get("Location"), string(body)}
}

func (b *browser) get(path string, headers ...string) seen {
	b.w.t.Helper()
	return b.do(http.MethodGet, path, nil, headers...)
}

func (b *browser) post(path string, form url.Values, headers ...string) seen {
	b.w.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.do(http.MethodPost, path, form, headers...)
}

// want fails the test unless the answer has the status and all the words.
func (a seen) want(t *testing.T, status int, words ...string) seen {
	t.Helper()
	if a.status != status {
		t.Errorf("status %d, want %d: %.400s", a.status, status, a.body)
	}
	for _, word := range words {
		if !strings.Contains(a.body, word) {
			t.Errorf("%q is missing in %s", word, a.body)
		}
	}
	return a
}

// lines is a log to read back.
type lines struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
