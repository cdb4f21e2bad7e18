package store_test

import (
	"context"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// public is what anybody may read; public with an open call what belongs to
// one; everything else is somebody's.
var public = []string{
	"agreements", "call_units", "calls", "deadlines", "definition_moves", "definition_reminders", "definition_states", "definition_timers",
	"definitions", "destination_figures", "destination_pools", "destinations", "erasmus_codes", "forms", "holidays", "installation", "institutions", "rounds", "schemes", "unit_paths", "units",
}

// full is a world in which every table has a row that belongs to the first
// faculty's file: nominated, with a document, marks, letters, a conflict, a
// registration, an overbooking.
func full(t *testing.T) (*testkit.World, mobility.Actor, uuid.UUID) {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.8")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "29")
	w.Marked(b, "10")
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, a, "confirm", at, process.Given{})
	w.Move(w.Officer, a, "nominate", at, process.Given{})
	w.Exec(`INSERT INTO documents (id, institution_id, application_id, person_id, question, file_name, media_type, size, sha256, uploaded_at)
		SELECT gen_random_uuid(), institution_id, id, person_id, 'transcript', 'a.pdf', 'application/pdf', 1, '\x00', now() FROM applications WHERE id = $1`, a)
	w.Exec(`INSERT INTO submission_documents SELECT s.id, d.id FROM submissions s, documents d WHERE s.application_id = $1`, a)
	w.Exec(`INSERT INTO event_texts SELECT id, $2, 'why' FROM events WHERE application_id = $1 LIMIT 1`, a, anna.Person)
	w.Exec(`INSERT INTO event_comments SELECT id, $2, 'between offices' FROM events WHERE application_id = $1 LIMIT 1`, a, anna.Person)
	w.Exec(`INSERT INTO returned_questions SELECT id, 'motivation' FROM events WHERE application_id = $1 LIMIT 1`, a)
	w.Exec(`INSERT INTO letter_texts SELECT id, $2, 'a@home.example', 's', 'p', 'h', id::text, now() FROM letters WHERE application_id = $1`, a, anna.Person)
	w.Exec(`INSERT INTO letter_attempts SELECT id, 1, now(), now(), 'sent' FROM letters WHERE application_id = $1`, a)
	w.Exec(`INSERT INTO registrations (id, institution_id, call_id, unit_id, email, given_names, family_names, status, asked_at)
		VALUES (gen_random_uuid(), $1, $2, $3, 'new@home.example', 'New', 'Person', 'pending', now())`, w.Home, w.Call, w.Faculty)
	w.Exec(`INSERT INTO overbookings (id, institution_id, pool_id, number, rule, why, at) VALUES (gen_random_uuid(), $1, $2, 1, 'host_consent', 'asked', now())`, w.Home, w.Pools[0])
	w.Exec(`INSERT INTO access_lines (id, institution_id, page, count) VALUES (gen_random_uuid(), $1, 'file', 1)`, w.Home)
	return w, anna, a
}

// seen returns how many rows of each table the actor sees.
func seen(t *testing.T, w *testkit.World, actor mobility.Actor) map[string]int {
	t.Helper()
	out := map[string]int{}
	err := store.NewReads(w.Web).As(context.Background(), actor, time.Now(), func(db store.DBTX, _ time.Time) error {
		rows, err := db.Query(context.Background(), `SELECT table_name FROM information_schema.role_table_grants
			WHERE grantee = 'peregrine_web' AND privilege_type = 'SELECT' AND table_schema = 'public' ORDER BY 1`)
		if err != nil {
			return err
		}
		tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			return err
		}
		for _, table := range tables {
			var n int
			if err := db.QueryRow(context.Background(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()).Scan(&n); err != nil {
				return err
			}
			out[table] = n
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestStrangersReadNothingThatIsSomebodys(t *testing.T) {
	t.Parallel()
	w, _, _ := full(t)
	third := uuid.New()
	w.Exec(`INSERT INTO institutions (id, name, country, tenant) VALUES ($1, 'Third', 'PT', true)`, third)
	for name, actor := range map[string]mobility.Actor{
		"nobody":                       {},
		"officer of a third house":     {Person: uuid.New(), Grants: []mobility.Grant{{Role: mobility.RoleOfficer, Institution: third}}},
		"administrator of a third one": {Person: uuid.New(), Grants: []mobility.Grant{{Role: mobility.RoleAdministrator, Institution: third}}},
		"coordinator of a third one":   {Person: uuid.New(), Grants: []mobility.Grant{{Role: mobility.RoleCoordinator, Institution: third, Unit: &third, Units: []uuid.UUID{third}}}},
		"operator":                     {Person: uuid.New(), Grants: []mobility.Grant{{Role: mobility.RoleOperator, Institution: w.Home}}},
		"somebody signed in":           {Person: uuid.New()},
		"link of another host":         {HostLink: uuid.New(), HostInstitution: third, HostDocuments: true},
	} {
		for table, n := range seen(t, w, actor) {
			if n > 0 && !slices.Contains(public, table) && table != "pool_places" && table != "deadlines_in_force" {
				t.Errorf("%s sees %d rows of %s", name, n, table)
			}
		}
	}
}

func TestEachReaderSeesTheirOwn(t *testing.T) {
	t.Parallel()
	w, anna, _ := full(t)
	bert := mobility.Actor{Person: testkit.One[uuid.UUID](w, `SELECT person_id FROM applications WHERE person_id <> $1`, anna.Person)}
	link := mobility.Actor{HostLink: uuid.New(), HostInstitution: w.Host}
	device := link
	device.HostDocuments = true
	for _, c := range []struct {
		name  string
		actor mobility.Actor
		want  map[string]int // only what tells the reader apart
	}{
		{"the applicant", anna, map[string]int{"applications": 1, "drafts": 1, "documents": 1, "events": 5, "event_texts": 1, "event_comments": 0, "marks": 0, "ranking_entries": 1, "nominations": 1, "person_facts": 1, "letters": 4, "conflicts": 0}},
		{"another applicant", bert, map[string]int{"applications": 1, "documents": 0, "nominations": 0, "ranking_entries": 1, "event_texts": 0, "person_facts": 1}},
		{"the faculty's coordinator", w.Coordinator, map[string]int{"applications": 2, "drafts": 0, "documents": 1, "marks": 2, "ranking_entries": 2, "event_comments": 1, "registrations": 1, "access_lines": 0, "host_links": 0}},
		{"another faculty's coordinator", w.OtherCoordinator, map[string]int{"applications": 0, "documents": 0, "marks": 0, "ranking_entries": 0, "events": 0, "letters": 0, "registrations": 0, "affiliations": 0}},
		{"the officer", w.Officer, map[string]int{"applications": 2, "drafts": 0, "documents": 1, "marks": 2, "host_links": 1, "access_lines": 1, "registrations": 1, "affiliations": 2}},
		{"the host by link", link, map[string]int{"applications": 1, "documents": 0, "marks": 0, "events": 0, "nominations": 1, "nomination_contents": 1, "submission_contents": 0, "event_comments": 0, "ranking_entries": 0, "person_facts": 0}},
		{"the host on a known device", device, map[string]int{"applications": 1, "documents": 1, "marks": 0, "events": 0, "letters": 0}},
		{"an officer of the host", w.ForeignOfficer, map[string]int{"applications": 1, "nominations": 1, "marks": 0, "events": 0, "ranking_entries": 0, "letters": 0, "documents": 1}},
	} {
		got := seen(t, w, c.actor)
		for table, n := range c.want {
			if got[table] != n {
				t.Errorf("%s sees %d rows of %s, want %d", c.name, got[table], table, n)
			}
		}
	}
}

func TestConflictHidesTheFileAndItsDestinations(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	anna, bert := w.Student("Anna", "1.2"), w.Student("Bert", "2.8")
	a, b := w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "29")
	w.Marked(b, "10")
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, w.Home, a, w.Coordinator.Person)
	if _, err := w.Process.ComputeRanking(context.Background(), w.Officer, w.Round, w.AfterClose); err != nil {
		t.Fatal(err)
	}
	got := seen(t, w, w.Coordinator)
	for table, n := range map[string]int{"applications": 1, "marks": 1, "submissions": 1, "choice_outcomes": 0, "ranking_entries": 0, "affiliations": 1} {
		if got[table] != n {
			t.Errorf("a barred coordinator sees %d rows of %s, want %d", got[table], table, n)
		}
	}
	if _, err := w.Process.Move(context.Background(), w.Coordinator, process.MoveRequest{Application: a, Move: "declare_ineligible", Arrived: w.AfterClose, Given: process.Given{Reason: "x"}}); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("a barred coordinator decided: %v", err)
	}
}

func TestWebRoleWritesNothingButAccessLines(t *testing.T) {
	t.Parallel()
	w, _, _ := full(t)
	ctx := context.Background()
	got := testkit.One[string](w, `SELECT coalesce(string_agg(table_name || ' ' || privilege_type, ', ' ORDER BY 1), '') FROM information_schema.role_table_grants
		WHERE grantee = 'peregrine_web' AND privilege_type <> 'SELECT'`)
	if got != "access_lines INSERT" {
		t.Errorf("the web role may: %s", got)
	}
	if _, err := w.Web.Exec(ctx, `UPDATE applications SET state = 'accepted'`); err == nil {
		t.Error("the web role changed an application")
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
		AND c.relname NOT LIKE 'river%' AND c.relname NOT LIKE 'goose%' AND NOT (c.relrowsecurity AND c.relforcerowsecurity)`); n != 0 {
		t.Errorf("%d tables have no forced row-level security", n)
	}
}

func TestHistoryIsNeverChanged(t *testing.T) {
	t.Parallel()
	w, _, a := full(t)
	for _, sql := range []string{
		`UPDATE events SET to_state = 'draft'`, `DELETE FROM events`, `TRUNCATE events CASCADE`,
		`UPDATE submissions SET late = true`, `DELETE FROM choices`, `UPDATE ranking_entries SET points = 0`,
		`UPDATE rankings SET input = ''`, `DELETE FROM rankings`, `UPDATE overbookings SET number = 2`, `DELETE FROM acts`,
		`UPDATE place_holds SET since = now()`,
		`INSERT INTO offers (id, institution_id, application_id, destination_id, status, made_at) SELECT gen_random_uuid(), institution_id, application_id, destination_id, 'open', now() FROM offers`,
		`UPDATE pools SET held = places + overbooked + 1`,
		`UPDATE applications SET state = 'offered', phase = 'submitted'`,
		`UPDATE applications SET state = 'nowhere'`,
		`DELETE FROM place_holds`,
		`INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_role)
			SELECT gen_random_uuid(), institution_id, id, 99, 'move', definition_id, 'accept', 'draft', 'accepted', now(), 'officer' FROM applications`,
	} {
		if _, err := w.Admin.Exec(context.Background(), sql); err == nil {
			t.Errorf("the database let this pass: %s", sql)
		}
	}
	if w.State(a) != "nominated" {
		t.Error("the application was changed")
	}
}
