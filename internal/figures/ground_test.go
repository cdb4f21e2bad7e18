package figures

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

// ground is a world with as many applications as a figure needs, planted
// set-wise: bringing each through its processes would take longer than what
// is measured.
type ground struct {
	*testkit.World
	next int // number of the next application
}

// newGround opens a call with so many destinations of so many places each.
func newGround(t testing.TB, destinations, places int) *ground {
	t.Helper()
	plan := testkit.WorldPlan{Places: make([]int, destinations)}
	for i := range plan.Places {
		plan.Places[i] = places
	}
	return newGroundOf(t, plan)
}

func newGroundOf(t testing.TB, plan testkit.WorldPlan) *ground {
	t.Helper()
	g := &ground{World: testkit.NewWorld(t, plan)}
	// Ids are numbered, so that a statement can name what belongs to one
	// application, and in order, as those the product makes are.
	g.Exec(`CREATE FUNCTION planted(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE
		RETURN ('00000000-0000-7000-80' || kind || '-' || lpad(number::text, 12, '0'))::uuid`)
	return g
}

// The kinds of planted ids.
const (
	person      = "01"
	application = "02"
	submission  = "03"
	started     = "04" // event
	submitted   = "05" // event
	deadline    = "06"
)

// planted is the Go side of the function of that name.
func planted(kind string, number int) uuid.UUID {
	return uuid.MustParse(fmt.Sprintf("00000000-0000-7000-80%s-%012d", kind, number))
}

// drafts plants n applications with a complete working copy, and returns the
// number of the first.
func (g *ground) drafts(n int) int {
	first := g.plant(n, "draft", 1)
	g.settle()
	return first
}

// candidates plants n submitted and marked applications.
func (g *ground) candidates(n int) int {
	first := g.plant(n, "submitted", 2)
	g.fill(first, n)
	g.settle()
	return first
}

// settle does what the database does by itself after a while.
func (g *ground) settle() { g.Exec(`VACUUM (ANALYZE)`) }

func (g *ground) plant(n int, state string, revision int) (first int) {
	first = g.next + 1
	g.next += n
	g.together(
		quickly,
		statement{`INSERT INTO persons (id, email, esi, language)
			SELECT planted('01', i), 'student' || i || '@home.example', 'urn:schac:personalUniqueCode:int:esi:home.example:' || i, 'en'
			FROM generate_series($1::int, $2) i`, []any{first, g.next}},
		statement{`INSERT INTO person_facts (institution_id, person_id, given_names, family_names, birth_date, nationality, gender)
			SELECT $3, planted('01', i), 'Jana ' || i, 'Nováková', '2004-05-06', 'CZ', 2 FROM generate_series($1::int, $2) i`, []any{first, g.next, g.Home}},
		statement{`INSERT INTO affiliations (id, institution_id, person_id, unit_id, kind, cycle, field, year, average, credits, imported_at)
			SELECT planted('07', i), $3, planted('01', i), $4, 'student', 6, '0311', 2, 1 + (i::bigint * 7919 % 2000) / 1000.0, 90, '2026-11-01'
			FROM generate_series($1::int, $2) i`, []any{first, g.next, g.Home, g.Faculty}},
		statement{`INSERT INTO applications (id, institution_id, call_id, round_id, person_id, unit_id, definition_id, state, phase, revision, created_at, moved_at)
			SELECT planted('02', i), c.institution_id, c.id, $3, planted('01', i), $4, c.definition_id, s.name, s.phase, $6, $7, $7
			FROM generate_series($1::int, $2) i, calls c JOIN definition_states s ON s.definition_id = c.definition_id AND s.name = $5
			WHERE c.id = $8`, []any{first, g.next, g.Round, g.Faculty, state, revision, g.WhileOpen(), g.Call}},
		statement{`INSERT INTO drafts (application_id, person_id, answers, choices, saved_at)
			SELECT planted('02', i), planted('01', i), '{"motivation": "I want to learn."}', ` + fourOf + `, $4
			FROM generate_series($1::int, $2) i`, []any{first, g.next, g.Destinations, g.WhileOpen()}},
		statement{`INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, to_state, at, actor_id, actor_role)
			SELECT planted('04', i), a.institution_id, a.id, 1, 'start', a.definition_id, 'draft', $3, a.person_id, 'applicant'
			FROM generate_series($1::int, $2) i JOIN applications a ON a.id = planted('02', i)`, []any{first, g.next, g.WhileOpen()}},
		statement{`INSERT INTO events (id, institution_id, application_id, revision, kind, definition_id, move, from_state, to_state, at, actor_id, actor_role)
			SELECT planted('05', i), a.institution_id, a.id, 2, 'move', a.definition_id, 'submit', 'draft', 'submitted', $3, a.person_id, 'applicant'
			FROM generate_series($1::int, $2) i JOIN applications a ON a.id = planted('02', i) WHERE a.revision >= 2`, []any{first, g.next, g.WhileOpen()}},
		statement{submissionRow, []any{first, g.next, g.WhileOpen()}},
	)
	return first
}

// fourOf picks four different destinations of $3 for application i, some
// wanted more than others.
const fourOf = `(SELECT array_agg(($3::uuid[])[1 + (j * j + i * 31 + j * 7 * (i % 13)) % cardinality($3::uuid[])]) FROM (VALUES (0), (1), (2), (3)) AS f(j))`

const submissionRow = `INSERT INTO submissions (id, institution_id, application_id, number, arrived_at, form_id, hash)
	SELECT planted('03', i), a.institution_id, a.id, 1, $3, c.form_id, sha256(a.id::text::bytea)
	FROM generate_series($1::int, $2) i JOIN applications a ON a.id = planted('02', i) JOIN calls c ON c.id = a.call_id WHERE a.revision >= 2`

// fill gives submissions their content and marks.
func (g *ground) fill(first, n int) {
	last := first + n - 1
	g.together(
		quickly,
		statement{`INSERT INTO submission_contents (submission_id, person_id, answers, facts)
			SELECT planted('03', i), planted('01', i), '{"motivation": "I want to learn."}',
				jsonb_build_object('given_names', 'Jana ' || i, 'family_names', 'Nováková', 'birth_date', '2004-05-06', 'nationality', 'CZ', 'gender', 2,
					'unit', 'FBE', 'cycle', 6, 'field', '0311', 'year', 2, 'average', f.average::text, 'credits', '90')
			FROM generate_series($1::int, $2) i JOIN affiliations f ON f.id = planted('07', i)`, []any{first, last}},
		statement{`INSERT INTO choices (submission_id, application_id, position, destination_id)
			SELECT planted('03', i), planted('02', i), c.position, c.destination
			FROM generate_series($1::int, $2) i JOIN drafts d ON d.application_id = planted('02', i), unnest(d.choices) WITH ORDINALITY c(destination, position)`, []any{first, last}},
		statement{`INSERT INTO marks (id, institution_id, application_id, submission_id, criterion, assessor_id, points, marked_at)
			SELECT planted('08', i), $3, planted('02', i), planted('03', i), 'letter', $4, (i::bigint * 104729 % 3001) / 100.0, $5
			FROM generate_series($1::int, $2) i`, []any{first, last, g.Home, g.Coordinator.Person, g.AfterClose}},
	)
}

// quickly leaves out checks and triggers: what is planted is right.
var quickly = statement{sql: `SET LOCAL session_replication_role = 'replica'`}

type statement struct {
	sql  string
	args []any
}

// together runs statements as the superuser in one transaction: facts must
// agree with states when it ends.
func (g *ground) together(all ...statement) {
	g.T.Helper()
	tx, err := g.Admin.Begin(context.Background())
	g.check(err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	for _, s := range all {
		if _, err := tx.Exec(context.Background(), s.sql, s.args...); err != nil {
			g.T.Fatalf("%v: %s", err, s.sql)
		}
	}
	g.check(tx.Commit(context.Background()))
}

func (g *ground) check(err error) {
	g.T.Helper()
	if err != nil {
		var refused *mobility.Error
		if errors.As(err, &refused) {
			g.T.Fatalf("%s %v: %v", refused.Code, refused.Fields, refused.Cause)
		}
		g.T.Fatal(err)
	}
}

// student is the applicant of a planted application.
func student(number int) mobility.Actor {
	return mobility.Actor{Person: planted(person, number), Name: fmt.Sprint("Jana ", number)}
}
