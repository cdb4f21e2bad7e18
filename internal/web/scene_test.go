package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"peregrine/internal/identity"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
	"peregrine/internal/web/page"
	"peregrine/internal/web/pagetest"
)

// scene is a world in which everything can happen, with the whole product in
// front of it and a clock of its own.
type scene struct {
	*testkit.World
	site *world
	now  atomic.Int64
}

// Entering by address, for browsers, which can be given no session.
var _ = screen(func(s *Server) []Route {
	return []Route{{Pattern: "GET /test/enter/{person}", Guard: Public, Handle: func(q *request) error {
		person, err := q.id("person")
		if err != nil {
			return err
		}
		if err := s.Identity.Begin(q.w, q.r, identity.Entrance{Person: person}, s.Now()); err != nil {
			return err
		}
		return q.redirect(q.r.URL.Query().Get("next"))
	}}}
})

func newScene(t *testing.T, plan testkit.WorldPlan) *scene {
	t.Helper()
	s := sceneOf(t, plan, true)
	s.site.http = httptest.NewTLSServer(s.site.server.Handler())
	t.Cleanup(s.site.http.Close)
	return s
}

// newView is a scene for real browsers, which know no certificate of ours.
func newView(t *testing.T, plan testkit.WorldPlan) *scene {
	t.Helper()
	s := sceneOf(t, plan, false)
	s.site.http = httptest.NewServer(s.site.server.Handler())
	t.Cleanup(s.site.http.Close)
	return s
}

func sceneOf(t *testing.T, plan testkit.WorldPlan, secure bool) *scene {
	t.Helper()
	s := &scene{World: testkit.NewWorld(t, plan)}
	on := &tape{}
	work, reader := openOn(t, s.URL, store.RoleWork, on), openOn(t, s.URL, store.RoleWeb, on)
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
	s.site = &world{t: t, db: work, home: s.Home, log: &lines{}, tape: on}
	s.site.identity = identity.New(identity.Config{Pool: work, Jobs: jobs, Secure: secure, AnswerTime: -1})
	s.at(s.WhileOpen())
	s.site.server, err = New(Config{
		Reads: store.NewReads(reader), Process: s.Process, Files: &testkit.MemoryFiles{}, Identity: s.site.identity,
		Catalogue: cat, Pages: pages, Logger: slog.New(slog.NewJSONHandler(s.site.log, nil)),
		Now: func() time.Time { return time.Unix(0, s.now.Load()) }, BaseURL: map[bool]string{true: "https", false: "http"}[secure] + "://peregrine.example.org",
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at moves the scene's clock.
func (s *scene) at(now time.Time) { s.now.Store(now.UnixNano()) }

// as is a browser in which the actor is signed in. Sessions live by the real
// clock, which may be anywhere around the scene's.
func (s *scene) as(actor mobility.Actor) *browser {
	s.T.Helper()
	rec := httptest.NewRecorder()
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	if err := s.site.identity.Begin(rec, r, identity.Entrance{Person: actor.Person}, time.Unix(0, s.now.Load())); err != nil {
		s.T.Fatal(err)
	}
	s.Exec(`UPDATE sessions SET expires_at = now() + interval '1 day'`)
	b := s.site.browser()
	u, _ := url.Parse(s.site.http.URL)
	b.client.Jar.SetCookies(u, rec.Result().Cookies())
	return b
}

// upload posts the form with a file.
func (b *browser) upload(path string, form url.Values, field, name string, content []byte) seen {
	b.w.t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for key, values := range form {
		for _, v := range values {
			_ = m.WriteField(key, v)
		}
	}
	part, err := m.CreateFormFile(field, name)
	if err != nil {
		b.w.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = m.Close()
	r, err := http.NewRequestWithContext(b.w.t.Context(), http.MethodPost, b.w.http.URL+path, &body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	r.Header.Set("Content-Type", m.FormDataContentType())
	r.Header.Set("Accept-Language", "en")
	answer, err := b.client.Do(r)
	if err != nil {
		b.w.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		b.w.t.Fatal(err)
	}
	for _, problem := range pagetest.Unsound(string(text)) {
		if answer.StatusCode != http.StatusSeeOther {
			b.w.t.Errorf("POST %s: %s", path, problem)
		}
	}
	return seen{answer.StatusCode, answer.Header, answer.Header.Get("Location"), string(text)}
}

var revisionField = regexp.MustCompile(`name="revision" value="(\d+)"`)

// revision is the one a page was made from.
func (a seen) revision(t *testing.T) string {
	t.Helper()
	found := revisionField.FindStringSubmatch(a.body)
	if found == nil {
		t.Fatalf("no revision on the page: %.600s", a.body)
	}
	return found[1]
}

// askEverything gives the call a form with every kind of question.
func (s *scene) askEverything() {
	s.Exec(`UPDATE forms SET questions = $1`, []mobility.Question{
		{Key: "motivation", Kind: mobility.QuestionLong, Required: true, Label: mobility.Texts{"en": "Why do you want to go?", "cs": "Proč chcete vyjet?"}, MaxLength: 3000},
		{
			Key: "level", Kind: mobility.QuestionChoice, Required: true, Label: mobility.Texts{"en": "Level of English", "cs": "Úroveň angličtiny"},
			Options: []mobility.Option{{Value: "B2", Label: mobility.Texts{"en": "B2"}}, {Value: "C1", Label: mobility.Texts{"en": "C1"}}},
		},
		{Key: "buddy", Kind: mobility.QuestionYes, Label: mobility.Texts{"en": "I was a buddy", "cs": "Byl(a) jsem buddy"}},
		{Key: "subjects", Kind: mobility.QuestionLong, PerDestination: true, Required: true, Label: mobility.Texts{"en": "What would you study there?", "cs": "Co byste tam studoval(a)?"}},
		{Key: "transcript", Kind: mobility.QuestionFile, Required: true, Label: mobility.Texts{"en": "Transcript of records", "cs": "Výpis známek"}, Hint: mobility.Texts{"en": "As issued by your faculty.", "cs": "Vydaný fakultou."}},
		{Key: "proposal", Kind: mobility.QuestionFile, PerDestination: true, Label: mobility.Texts{"en": "Learning agreement proposal", "cs": "Návrh studijní smlouvy"}},
	})
}

// pdf is the smallest thing that passes for one.
var pdf = []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n")

func answerKey(question string, at uuid.UUID) string {
	return answerPrefix + mobility.AnswerKey(question, at.String())
}
