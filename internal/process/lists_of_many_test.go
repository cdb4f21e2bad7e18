package process_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// What lists count of all files at once is what is said of each.
func TestUnmarkedFilesAreThoseThatLackMarks(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 6)
	one := func(i int, marks ...string) {
		for n, points := range marks {
			k.marks(t, []mobility.Actor{k.a, k.b, k.c}[n], k.files[i], points, "")
		}
	}
	one(1, "20")            // of two
	one(2, "20", "21")      // complete
	one(3, "5", "25")       // too far apart: a third is wanted
	one(4, "5", "25", "20") // and given
	one(5, "20.5", "30")    // taken back below
	k.Exec(`UPDATE marks SET replaced_at = now() WHERE application_id = $1`, k.files[5])
	lacking := testkit.One[[]uuid.UUID](k.World, `SELECT array_agg(a.id ORDER BY a.id) FROM applications a JOIN calls c ON c.id = a.call_id JOIN schemes h ON h.id = c.scheme_id
		WHERE EXISTS (SELECT FROM lacking_marks(a.id, h.marked))`)
	if want := sorted(k.files[0], k.files[1], k.files[3], k.files[5]); !slices.Equal(lacking, want) {
		t.Fatalf("%d files lack marks, want four", len(lacking))
	}
	k.AnotherCall()
	for name, of := range map[string]*uuid.UUID{"a call": &k.Call, "all calls": nil} {
		if got := readIDs(t, k.World, k.Officer, `SELECT unmarked_applications($1, $2)`, []uuid.UUID{k.Home}, of); !slices.Equal(got, lacking) {
			t.Errorf("of %s: %d files, want %d", name, len(got), len(lacking))
		}
	}
}

// Counts that go past row-level security are made for the house alone.
func TestCountsOfARunAreTheHousesAlone(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	var files []uuid.UUID
	for _, name := range []string{"Anna", "Bert", "Cleo"} {
		files = append(files, w.Submitted(w.Student(name, "1.5")))
	}
	w.Marked(files[0], "20")
	w.Marked(files[1], "25")
	ranking, err := w.Process.ComputeRanking(t.Context(), w.Officer, w.Round, w.AfterClose)
	done(t, err)
	late := w.Student("Dora", "1.5")
	extra := w.Submitted(late)
	for _, c := range []struct {
		who    mobility.Actor
		unseen []uuid.UUID
		files  int
		others []uuid.UUID
	}{
		{w.Officer, []uuid.UUID{}, 3, []uuid.UUID{extra}},
		{w.Officer, files[:1], 2, []uuid.UUID{extra}},
		{w.ForeignOfficer, []uuid.UUID{}, 0, nil},
		{late, []uuid.UUID{}, 0, nil},
	} {
		plan := 0
		done(t, store.NewReads(w.Web).As(t.Context(), c.who, w.AfterClose, func(db store.DBTX, _ time.Time) error {
			rows, err := store.New().OfficeLetterPlan(t.Context(), db, store.OfficeLetterPlanParams{RankingID: ranking, Unseen: c.unseen})
			for _, row := range rows {
				plan += int(row.Files)
			}
			return err
		}))
		if plan != c.files {
			t.Errorf("%d letters are counted, want %d", plan, c.files)
		}
		if got := readIDs(t, w, c.who, `SELECT unranked_applications($1)`, ranking); !slices.Equal(got, c.others) {
			t.Errorf("%v are not ranked, want %v", got, c.others)
		}
		if got := readIDs(t, w, c.who, `SELECT unmarked_applications($1, NULL)`, []uuid.UUID{w.Home}); (len(got) > 0) != (c.files > 0) {
			t.Errorf("%d unmarked files are told", len(got))
		}
	}
}

// Whoever has a file of their own in a round, or a conflict with one, is
// barred from what it would come to.
func TestBarredRounds(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.5")
	file := w.Submitted(anna)
	barred := func(who mobility.Actor) bool { return len(readIDs(t, w, who, `SELECT unnest(barred_rounds())`)) == 1 }
	if barred(w.Officer) || barred(w.Coordinator) || !barred(anna) {
		t.Error("without a conflict the applicant alone is barred")
	}
	done(t, w.Process.DeclareConflict(t.Context(), w.Coordinator, w.AfterClose, file, w.Coordinator.Person))
	if barred(w.Officer) || !barred(w.Coordinator) {
		t.Error("a conflict bars whoever has it")
	}
}

// readIDs are what a query answers under the web role, in order.
func readIDs(t *testing.T, w *testkit.World, who mobility.Actor, sql string, args ...any) (out []uuid.UUID) {
	t.Helper()
	done(t, store.NewReads(w.Web).As(t.Context(), who, w.AfterClose, func(db store.DBTX, _ time.Time) error {
		rows, err := db.Query(t.Context(), sql, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id uuid.UUID
			if err := rows.Scan(&id); err != nil {
				return err
			}
			out = append(out, id)
		}
		return rows.Err()
	}))
	return sorted(out...)
}

func sorted(ids ...uuid.UUID) []uuid.UUID {
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) })
	return ids
}
