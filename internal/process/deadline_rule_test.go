package process_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/testkit"
)

// rule is a deadline as the reference sees it.
type rule struct {
	scope string // file, person, unit, round
	of    uuid.UUID
	at    time.Time
}

// holds is the rule of precedence, written a second time: a file's own, the
// person's, the closest unit's, everybody's.
func holds(rules []rule, file, person uuid.UUID, path []uuid.UUID) time.Time {
	find := func(scope string, of uuid.UUID) (time.Time, bool) {
		i := slices.IndexFunc(rules, func(r rule) bool { return r.scope == scope && r.of == of })
		if i < 0 {
			return time.Time{}, false
		}
		return rules[i].at, true
	}
	if at, ok := find("file", file); ok {
		return at
	}
	if at, ok := find("person", person); ok {
		return at
	}
	for _, unit := range path {
		if at, ok := find("unit", unit); ok {
			return at
		}
	}
	at, _ := find("round", uuid.Nil)
	return at
}

func TestDeadlinesInForceAgreeWithTheRule(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	rng := rand.New(rand.NewPCG(20, 27))
	school := below(w, w.Faculty, "S")
	group := below(w, school, "G")
	w.Exec(`UPDATE units SET parent_id = $2 WHERE id = $1`, w.Other, w.Faculty) // moved: its path follows
	paths := map[uuid.UUID][]uuid.UUID{w.Faculty: {w.Faculty}, school: {school, w.Faculty}, group: {group, school, w.Faculty}, w.Other: {w.Other, w.Faculty}}
	units := []uuid.UUID{w.Faculty, school, group, w.Other}
	type applicant struct{ file, person, unit uuid.UUID }
	var people []applicant
	for i := range 8 {
		who := w.Student(fmt.Sprintf("P%d", i), "1.5")
		file := w.Draft(who)
		unit := units[i%len(units)]
		w.Exec(`UPDATE applications SET unit_id = $2 WHERE id = $1`, file, unit)
		w.Exec(`UPDATE affiliations SET unit_id = $2 WHERE person_id = $1`, who.Person, unit)
		people = append(people, applicant{file, who.Person, unit})
	}
	for range 40 {
		w.Exec(`DELETE FROM deadlines WHERE kind = 'closes'`)
		var rules []rule
		put := func(scope, columns string, of uuid.UUID, args ...any) {
			at := w.ClosesAt.Add(time.Duration(rng.IntN(1000)) * time.Hour)
			rules = append(rules, rule{scope, of, at})
			names := strings.Split(columns, ",")
			values := make([]string, len(names))
			for i := range names {
				values[i] = fmt.Sprintf("$%d", i+3)
			}
			w.Exec(`INSERT INTO deadlines (id, institution_id, kind, wall, zone, closes_at, `+columns+`) VALUES (gen_random_uuid(), $1, 'closes', $2::timestamptz AT TIME ZONE 'UTC', 'UTC', $2, `+strings.Join(values, ",")+`)`,
				append([]any{w.Home, at}, args...)...)
		}
		put("round", "round_id", uuid.Nil, w.Round)
		for _, unit := range units {
			if rng.IntN(2) == 0 {
				put("unit", "within_round_id,unit_id", unit, w.Round, unit)
			}
		}
		for _, p := range people {
			if rng.IntN(4) == 0 {
				put("person", "within_round_id,person_id", p.person, w.Round, p.person)
			}
			if rng.IntN(4) == 0 {
				put("file", "application_id", p.file, p.file)
			}
		}
		for _, p := range people {
			want := holds(rules, p.file, p.person, paths[p.unit])
			got := testkit.One[string](w, `SELECT string_agg(to_char(closes_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), ', ') FROM deadlines_in_force WHERE application_id = $1 AND kind = $2`, p.file, string(lifecycle.Closes))
			if got != want.UTC().Format("2006-01-02 15:04") {
				t.Fatalf("holds %s, want %s, of %+v", got, want, rules)
			}
			before := holds(slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return r.scope == "file" }), p.file, p.person, paths[p.unit])
			got = testkit.One[string](w, `SELECT string_agg(to_char(closes_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI'), ', ') FROM round_deadlines_in_force WHERE round_id = $1 AND person_id = $2 AND unit_id = $3 AND kind = 'closes'`, w.Round, p.person, p.unit)
			if got != before.UTC().Format("2006-01-02 15:04") {
				t.Fatalf("before they begin %s holds, want %s, of %+v", got, before, rules)
			}
		}
	}
}
