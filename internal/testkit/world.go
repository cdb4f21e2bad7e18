package testkit

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/scheme"
	"peregrine/internal/store"
	"peregrine/workflows"
)

// World is the smallest world in which everything can happen: a home
// institution with two faculties, a host, people in every role, and one open
// call with one round and one destination per element of Places.
type World struct {
	T       testing.TB
	URL     string
	Admin   *pgxpool.Pool // superuser: sees and changes everything, for looking and for planting
	Web     *pgxpool.Pool
	Process *process.Runner

	Home, Host       uuid.UUID
	Faculty, Other   uuid.UUID
	Call, Round      uuid.UUID
	Destinations     []uuid.UUID
	Pools            []uuid.UUID
	Officer          mobility.Actor
	Coordinator      mobility.Actor // of Faculty
	OtherCoordinator mobility.Actor // of Other
	Administrator    mobility.Actor
	ForeignOfficer   mobility.Actor // of Host
	Opens, ClosesAt  time.Time
	HostClosesAt     time.Time
	AfterClose       time.Time // when timers and rankings may act
}

// WorldPlan says what a test cares about; the rest has defaults.
type WorldPlan struct {
	Lifecycle  string // default erasmus-study
	Places     []int  // of each destination; default one destination with one place
	Closes     mobility.WallMinute
	Zone       string // of the call; default Europe/Prague
	SelectedBy string // default home
	Database   string // address of an empty database of this version, for its superuser; default one of the test's own
	Production bool   // mark the installation as production instead of demo
}

// NewWorld builds a world in a database of its own.
func NewWorld(t testing.TB, plan WorldPlan) *World {
	t.Helper()
	ctx := context.Background()
	plan = plan.withDefaults()
	url := plan.Database
	if url == "" {
		url = DatabaseURL(t)
	}
	w := &World{T: t, URL: url}
	w.Admin = w.pool(pgxpool.New(ctx, url))
	w.Web = w.pool(store.Open(ctx, url, store.RoleWeb, 0))
	jobs, err := river.NewClient(riverpgxv5.New(w.Web), &river.Config{})
	w.must(err)
	w.Process = process.New(w.Web, jobs, &MemoryFiles{})
	if _, err := w.Process.LoadBuiltIn(ctx, time.Now(), workflows.Files); err != nil {
		t.Fatal(err)
	}
	w.people(ctx, plan)
	w.openCall(ctx, plan)
	return w
}

func (p WorldPlan) withDefaults() WorldPlan {
	if p.Lifecycle == "" {
		p.Lifecycle = "erasmus-study"
	}
	if p.Places == nil {
		p.Places = []int{1}
	}
	if p.Zone == "" {
		p.Zone = "Europe/Prague"
	}
	if p.SelectedBy == "" {
		p.SelectedBy = "home"
	}
	if p.Closes == (mobility.WallMinute{}) {
		p.Closes = mobility.Wall(2027, time.January, 31, 23, 59)
	}
	return p
}

func (w *World) pool(pool *pgxpool.Pool, err error) *pgxpool.Pool {
	w.must(err)
	w.T.Cleanup(pool.Close)
	return pool
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

// Exec plants or changes rows as the superuser; %s-free SQL with arguments.
func (w *World) Exec(sql string, args ...any) {
	w.T.Helper()
	_, err := w.Admin.Exec(context.Background(), sql, args...)
	w.must(err)
}

// One reads one value as the superuser.
func One[T any](w *World, sql string, args ...any) T {
	w.T.Helper()
	rows, err := w.Admin.Query(context.Background(), sql, args...)
	w.must(err)
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[T])
	w.must(err)
	return v
}

func (w *World) people(_ context.Context, plan WorldPlan) {
	kind := "demo"
	if plan.Production {
		kind = "production"
	}
	w.Exec(`INSERT INTO installation (kind) VALUES ($1)`, kind)
	w.Home = w.institution("Home University", "CZ", "cs", "Europe/Prague", true)
	w.Host = w.institution("Host University", "FI", "en", "Europe/Helsinki", true)
	w.Faculty, w.Other = w.unit("FBE"), w.unit("AF")
	w.Officer = w.Staff("officer", mobility.RoleOfficer, w.Home, nil)
	w.Coordinator = w.Staff("coordinator", mobility.RoleCoordinator, w.Home, &w.Faculty)
	w.OtherCoordinator = w.Staff("other", mobility.RoleCoordinator, w.Home, &w.Other)
	w.Administrator = w.Staff("administrator", mobility.RoleAdministrator, w.Home, nil)
	w.ForeignOfficer = w.Staff("foreign", mobility.RoleOfficer, w.Host, nil)
}

func (w *World) institution(name, country, language, zone string, tenant bool) uuid.UUID {
	id := uuid.New()
	w.Exec(`INSERT INTO institutions (id, name, country, language, time_zone, tenant, office_email, office_phone) VALUES ($1, $2, $3, $4, $5, $6, $7, '+420 545 130 000')`,
		id, name, country, language, zone, tenant, fmt.Sprintf("office-%s@%s.example", id.String()[:8], strings.ToLower(country)))
	return id
}

func (w *World) unit(code string) uuid.UUID {
	id := uuid.New()
	w.Exec(`INSERT INTO units (id, institution_id, code, name) VALUES ($1, $2, $3::text, jsonb_build_object('en', 'Faculty ' || $3::text))`, id, w.Home, code)
	return id
}

// Staff adds a person with one role.
func (w *World) Staff(name string, role mobility.Role, institution uuid.UUID, unit *uuid.UUID) mobility.Actor {
	id := w.person(name, institution)
	w.Exec(`INSERT INTO roles (id, person_id, institution_id, unit_id, role, valid_from) VALUES ($1, $2, $3, $4, $5, '2020-01-01')`, uuid.New(), id, institution, unit, string(role))
	grant := mobility.Grant{Role: role, Institution: institution, Unit: unit}
	if unit != nil {
		grant.Units = []uuid.UUID{*unit}
	}
	return mobility.Actor{Person: id, Name: name, Grants: []mobility.Grant{grant}}
}

func (w *World) person(name string, institution uuid.UUID) uuid.UUID {
	id := uuid.New()
	w.Exec(`INSERT INTO persons (id, email, esi, language) VALUES ($1, $2, $3, 'en')`, id,
		fmt.Sprintf("%s.%s@home.example", name, id.String()[:8]), "urn:schac:personalUniqueCode:int:esi:home.example:"+id.String())
	w.Exec(`INSERT INTO person_facts (institution_id, person_id, given_names, family_names, birth_date, nationality, gender) VALUES ($1, $2, $3, 'Nováková', '2004-05-06', 'CZ', 2)`, institution, id, name)
	return id
}

// Student adds a student of the first faculty.
func (w *World) Student(name string, average string) mobility.Actor {
	return w.StudentOf(name, average, w.Faculty)
}

// StudentOf adds a student of a unit; average "" leaves it unknown.
func (w *World) StudentOf(name, average string, unit uuid.UUID) mobility.Actor {
	id := w.person(name, w.Home)
	w.Exec(`INSERT INTO affiliations (id, institution_id, person_id, unit_id, kind, cycle, field, year, average, credits, imported_at)
		VALUES ($1, $2, $3, $4, 'student', 6, '0311', 2, nullif($5, '')::numeric, 90, '2026-11-01')`, uuid.New(), w.Home, id, unit, average)
	return mobility.Actor{Person: id, Name: name}
}

func (w *World) openCall(_ context.Context, plan WorldPlan) {
	zone, err := time.LoadLocation(plan.Zone)
	w.must(err)
	w.Opens = mobility.OpensAt(mobility.Wall(2026, time.December, 15, 8, 0), zone)
	w.ClosesAt = mobility.ClosesAt(plan.Closes, zone)
	w.AfterClose = w.ClosesAt.Add(mobility.Grace)
	definition := One[uuid.UUID](w, `SELECT id FROM definitions WHERE name = $1 ORDER BY version DESC LIMIT 1`, plan.Lifecycle)
	form, scheme := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO forms (id, institution_id, name, version, questions) VALUES ($1, $2, 'form', 1, $3)`, form, w.Home, encode(questions))
	w.Exec(`INSERT INTO schemes (id, institution_id, name, version, source) VALUES ($1, $2, 'scheme', 1, '')`, scheme, w.Home)
	w.keepScheme(scheme, schemeSource)
	w.Call, w.Round = uuid.New(), uuid.New()
	w.Exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, contact_email, appeal, opened_at)
		VALUES ($1, $2, 'erasmus-study', '2027/28', '{"en": "Study stays"}', '{"en": "Go abroad."}', $3, $4, $5, $6, 4, '{"method": "list", "ties": "lot", "upgrades": "none", "reserve": {"per": "destination"}}', 'office@home.example', '{"en": "Write to the rector within 7 days."}', $7)`,
		w.Call, w.Home, plan.Zone, definition, form, scheme, w.Opens)
	w.Exec(`INSERT INTO call_seeds (call_id, institution_id, seed) VALUES ($1, $2, 'seed')`, w.Call, w.Home)
	w.Exec(`INSERT INTO rounds (id, institution_id, call_id, number) VALUES ($1, $2, $3, 1)`, w.Round, w.Home, w.Call)
	w.deadline("opens", "round_id", w.Round, mobility.Wall(2026, time.December, 15, 8, 0), plan.Zone, w.Opens)
	w.deadline("closes", "round_id", w.Round, plan.Closes, plan.Zone, w.ClosesAt)
	for i, places := range plan.Places {
		w.destination(plan, i, places)
	}
}

func (w *World) deadline(kind, column string, subject uuid.UUID, wall mobility.WallMinute, zone string, at time.Time) {
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, `+column+`, wall, zone, closes_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		uuid.New(), w.Home, kind, subject, wall.Time(), zone, at)
}

func (w *World) destination(plan WorldPlan, i, places int) {
	agreement, pool, id := uuid.New(), uuid.New(), uuid.New()
	w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id, host_agreement_id)
		VALUES ($1, $2, $3, $4, '0311', 6, $5, 5, 'en', 'B2', 'autumn', '2027/28', $6, $6)`, agreement, w.Home, w.Faculty, w.Host, places, fmt.Sprint("A", i))
	w.Exec(`INSERT INTO pools (id, institution_id, agreement_id, academic_year, term, places) VALUES ($1, $2, $3, '2027/28', 'autumn', $4)`, pool, w.Home, agreement, places)
	w.Exec(`INSERT INTO destinations (id, institution_id, call_id, round_id, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, selected_by, host_email)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 'autumn', 6, '0311', 'en', 'B2', 5, $8, 'incoming@host.example')`, id, w.Home, w.Call, w.Round, agreement, w.Host, w.Faculty, plan.SelectedBy)
	w.Exec(`INSERT INTO destination_pools (destination_id, pool_id) VALUES ($1, $2)`, id, pool)
	wall := mobility.Wall(2027, time.April, 15, 23, 59)
	helsinki, err := time.LoadLocation("Europe/Helsinki")
	w.must(err)
	w.HostClosesAt = mobility.ClosesAt(wall, helsinki)
	w.deadline("host_nomination", "destination_id", id, wall, "Europe/Helsinki", w.HostClosesAt)
	w.Destinations, w.Pools = append(w.Destinations, id), append(w.Pools, pool)
}

var questions = []mobility.Question{
	{Key: "motivation", Kind: mobility.QuestionLong, Required: true, Label: mobility.Texts{"en": "Why do you want to go?"}},
	{Key: "buddy", Kind: mobility.QuestionYes, Label: mobility.Texts{"en": "Were you a buddy?"}},
}

const schemeSource = `
name: scheme
scale: 4
inputs:
  average: {from: imported, kind: number}
  buddy: {from: answer, kind: yesno}
criteria:
  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
ties:
  - {of: buddy}
`

// Scheme lets the world's call count by another scheme, written as YAML.
func (w *World) Scheme(source string) {
	w.T.Helper()
	w.keepScheme(One[uuid.UUID](w, `SELECT scheme_id FROM calls WHERE id = $1`, w.Call), source)
}

func (w *World) keepScheme(id uuid.UUID, source string) {
	w.T.Helper()
	read, problems := scheme.Parse([]byte(source))
	if len(problems) > 0 {
		w.T.Fatalf("the scheme: %v", problems)
	}
	marked, err := process.MarkedJSON(read)
	w.must(err)
	var most *string
	if d := read.MaxTotal(); d.Valid {
		text := d.Decimal.String()
		most = &text
	}
	w.Exec(`UPDATE schemes SET source = $2, marked = $3, most = $4::text::numeric, points_hash = $5 WHERE id = $1`,
		id, string(read.YAML()), string(marked), most, process.PointsHash(read))
}

// EditScheme replaces part of the scheme's canonical text.
func (w *World) EditScheme(from, to string) {
	w.T.Helper()
	source := One[string](w, `SELECT h.source FROM calls c JOIN schemes h ON h.id = c.scheme_id WHERE c.id = $1`, w.Call)
	if !strings.Contains(source, from) {
		w.T.Fatalf("the scheme has no %q:\n%s", from, source)
	}
	w.Scheme(strings.Replace(source, from, to, 1))
}

// Rules sets one of the call's announced rules, or several: part of the JSON
// of mobility.SelectionRules.
func (w *World) Rules(part string) {
	w.T.Helper()
	w.Exec(`UPDATE calls SET selection = selection || $2::text::jsonb WHERE id = $1`, w.Call, part)
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only this file's own literals come here
	}
	return string(b)
}

// MemoryFiles is a document store in memory.
type MemoryFiles struct{ files map[string][]byte }

// Put implements process.FileStore.
func (m *MemoryFiles) Put(_ context.Context, key string, content io.Reader) error {
	b, err := io.ReadAll(content)
	if m.files == nil {
		m.files = map[string][]byte{}
	}
	m.files[key] = b
	return err
}

// Remove implements process.FileStore.
func (m *MemoryFiles) Remove(_ context.Context, key string) error {
	delete(m.files, key)
	return nil
}

// Open implements process.FileStore.
func (m *MemoryFiles) Open(_ context.Context, key string) (io.ReadCloser, error) {
	b, ok := m.files[key]
	if !ok {
		return nil, mobility.NotFoundError("document")
	}
	return io.NopCloser(strings.NewReader(string(b))), nil
}

// AnotherCall opens a second call whose one destination draws on the first
// pool, and returns its round and destination.
func (w *World) AnotherCall() (round, destination uuid.UUID) {
	w.T.Helper()
	call := uuid.New()
	round, destination = uuid.New(), uuid.New()
	w.Exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, appeal, opened_at)
		SELECT $1, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, appeal, opened_at FROM calls WHERE id = $2`, call, w.Call)
	w.Exec(`INSERT INTO call_seeds (call_id, institution_id, seed) VALUES ($1, $2, 'seed')`, call, w.Home)
	w.Exec(`INSERT INTO rounds (id, institution_id, call_id, number) VALUES ($1, $2, $3, 1)`, round, w.Home, call)
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, round_id, wall, zone, closes_at)
		SELECT gen_random_uuid(), institution_id, kind, $1, wall, zone, closes_at FROM deadlines WHERE round_id = $2`, round, w.Round)
	w.Exec(`INSERT INTO destinations (id, institution_id, call_id, round_id, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, selected_by, host_email)
		SELECT $1, institution_id, $2, $3, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, selected_by, host_email FROM destinations WHERE id = $4`,
		destination, call, round, w.Destinations[0])
	w.Exec(`INSERT INTO destination_pools (destination_id, pool_id) VALUES ($1, $2)`, destination, w.Pools[0])
	w.Exec(`INSERT INTO deadlines (id, institution_id, kind, destination_id, wall, zone, closes_at)
		SELECT gen_random_uuid(), institution_id, kind, $1, wall, zone, closes_at FROM deadlines WHERE destination_id = $2`, destination, w.Destinations[0])
	return round, destination
}
