package identity_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"peregrine/internal/identity"
	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// world is a university with a tree of units, a student with a draft and an
// officer, a call that closes in an hour, and a host with a link.
type world struct {
	t       *testing.T
	service *identity.Service
	db      *pgxpool.Pool // of the work role, to look and to prepare

	home, host                   uuid.UUID
	root, faculty, department    uuid.UUID
	otherFaculty                 uuid.UUID
	student, officer             uuid.UUID
	call, application, otherFile uuid.UUID
	link                         uuid.UUID
	closesAt                     time.Time
}

func newWorld(t *testing.T, change ...func(*identity.Config)) *world {
	t.Helper()
	pool, err := store.Open(t.Context(), testkit.DatabaseURL(t), store.RoleWork, 40)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	jobs, err := river.NewClient(riverpgxv5.New(pool), &river.Config{})
	if err != nil {
		t.Fatal(err)
	}
	config := identity.Config{Pool: pool, Jobs: jobs, Secure: true, AnswerTime: -1}
	for _, c := range change {
		c(&config)
	}
	w := &world{t: t, db: pool, service: identity.New(config), closesAt: time.Now().Add(time.Hour).Truncate(time.Second)}
	w.people()
	w.files()
	return w
}

func (w *world) exec(sql string, args ...any) {
	w.t.Helper()
	if _, err := w.db.Exec(w.t.Context(), sql, args...); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
}

func (w *world) one(sql string, args ...any) int {
	w.t.Helper()
	var n int
	if err := w.db.QueryRow(w.t.Context(), sql, args...).Scan(&n); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

func id() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func (w *world) people() {
	w.home, w.host = id(), id()
	w.root, w.faculty, w.department, w.otherFaculty = id(), id(), id(), id()
	w.student, w.officer = id(), id()
	w.exec(`INSERT INTO installation (kind) VALUES ('demo')`)
	w.exec(`INSERT INTO institutions (id, name, country, language, time_zone, tenant) VALUES ($1, 'Home', 'CZ', 'cs', 'Europe/Prague', true), ($2, 'Host', 'FI', 'fi', 'Europe/Helsinki', false)`, w.home, w.host)
	for _, u := range []struct {
		id     uuid.UUID
		parent *uuid.UUID
		code   string
	}{{w.root, nil, "R"}, {w.faculty, &w.root, "F"}, {w.department, &w.faculty, "D"}, {w.otherFaculty, &w.root, "O"}} {
		w.exec(`INSERT INTO units (id, institution_id, parent_id, code, name) VALUES ($1, $2, $3, $4, '{"en": "Unit"}')`, u.id, w.home, u.parent, u.code)
	}
	w.exec(`INSERT INTO persons (id, email, language) VALUES ($1, 'Student@example.org', 'cs'), ($2, 'officer@example.org', '')`, w.student, w.officer)
	w.exec(`INSERT INTO person_facts (institution_id, person_id, given_names, family_names) VALUES ($1, $2, 'Jana', 'Nováková')`, w.home, w.student)
	w.grant(w.officer, mobility.RoleOfficer, nil)
}

func (w *world) grant(person uuid.UUID, role mobility.Role, unit *uuid.UUID) {
	w.t.Helper()
	w.exec(`INSERT INTO roles (id, person_id, institution_id, unit_id, role, valid_from) VALUES ($1, $2, $3, $4, $5, now() - interval '1 day')`, id(), person, w.home, unit, role)
}

// files lays an open call with two drafts: the student's and the officer's.
func (w *world) files() {
	definition, form, scheme, round := id(), id(), id(), id()
	w.call, w.application, w.otherFile, w.link = id(), id(), id(), id()
	w.exec(`INSERT INTO definitions (id, name, version, source, hash, loaded_at) VALUES ($1, 'test', 1, '', 'x', now())`, definition)
	w.exec(`INSERT INTO definition_states (definition_id, name, position, phase, turn, editable, holds_place, offer, nomination, decision, visible) VALUES ($1, 'draft', 1, 'draft', 'applicant', true, false, 'none', 'none', 'none', 'at_once')`, definition)
	w.exec(`INSERT INTO forms (id, institution_id, name, version, questions) VALUES ($1, $2, 'f', 1, '[]')`, form, w.home)
	w.exec(`INSERT INTO schemes (id, institution_id, name, version, source) VALUES ($1, $2, 's', 1, '')`, scheme, w.home)
	w.exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, opened_at)
		VALUES ($1, $2, 'erasmus-study', '2027/28', '{}', '{}', 'Europe/Prague', $3, $4, $5, 4, now())`, w.call, w.home, definition, form, scheme)
	w.exec(`INSERT INTO rounds (id, institution_id, call_id, number) VALUES ($1, $2, $3, 1)`, round, w.home, w.call)
	w.exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at) VALUES ($1, $2, 'closes', $3, now(), 'Europe/Prague', $4)`, id(), w.home, round, w.closesAt)
	for file, person := range map[uuid.UUID]uuid.UUID{w.application: w.student, w.otherFile: w.officer} {
		// With its event in one statement: history and state agree at commit.
		w.exec(`WITH a AS (INSERT INTO applications (id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, created_at, moved_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', 'draft', now(), now()))
			INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, to_state, at, actor_role) VALUES ($8, $2, $1, 1, 'start', $7, 'draft', now(), 'applicant')`,
			file, w.home, w.call, round, person, w.faculty, definition, id())
	}
	w.exec(`INSERT INTO host_links (id, institution_id, call_id, host_institution_id, address, created_at, expires_at) VALUES ($1, $2, $3, $4, 'iro@host.example', now(), now() + interval '30 days')`, w.link, w.home, w.call, w.host)
}

func (w *world) ask(email string, change ...func(*identity.AskSignIn)) uuid.UUID {
	w.t.Helper()
	ask := identity.AskSignIn{Email: email, Language: "en", Network: "192.0.2.1", Arrived: time.Now()}
	for _, c := range change {
		c(&ask)
	}
	asked, err := w.service.AskSignIn(w.t.Context(), ask)
	if err != nil {
		w.t.Fatal(err)
	}
	return asked
}

func (w *world) secret(signIn uuid.UUID) identity.SignInSecret {
	w.t.Helper()
	secret, err := w.service.MakeSignIn(w.t.Context(), signIn)
	if err != nil {
		w.t.Fatal(err)
	}
	return secret
}

// begin begins a session and returns its cookie.
func (w *world) begin(e identity.Entrance, before ...*http.Cookie) *http.Cookie {
	w.t.Helper()
	rec := httptest.NewRecorder()
	if err := w.service.Begin(rec, request(before...), e, time.Now()); err != nil {
		w.t.Fatal(err)
	}
	cookies := rec.Result().Cookies()
	if len(cookies) != 1 {
		w.t.Fatalf("%d cookies set, want 1", len(cookies))
	}
	return cookies[0]
}

func (w *world) resume(at time.Time, cookies ...*http.Cookie) *identity.Visitor {
	w.t.Helper()
	v, err := w.service.Resume(request(cookies...), at)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

func request(cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodGet, "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

func wantCode(t *testing.T, err error, kind mobility.Kind, code string) {
	t.Helper()
	if mobility.KindOf(err) != kind || mobility.CodeOf(err) != code {
		t.Errorf("got %v, want kind %d with %s", err, kind, code)
	}
}
