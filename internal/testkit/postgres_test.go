package testkit_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }

// TestEachTestHasItsOwnDatabase writes the same row in several tests at once;
// a shared database would refuse all but one.
func TestEachTestHasItsOwnDatabase(t *testing.T) {
	for i := range 4 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			pool := testkit.Database(t)
			for _, sql := range []string{"CREATE TABLE mine (id int PRIMARY KEY)", "INSERT INTO mine VALUES (1)"} {
				if _, err := pool.Exec(t.Context(), sql); err != nil {
					t.Fatal(err)
				}
			}
			var jobs, migrations int
			err := pool.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM river_job), (SELECT max(version_id) FROM goose_db_version)").
				Scan(&jobs, &migrations)
			if err != nil || jobs != 0 || int64(migrations) != store.Version() {
				t.Errorf("%d jobs, version %d, %v; want 0 and %d", jobs, migrations, err, store.Version())
			}
		})
	}
}

func TestEmptyDatabasesMigrateAtOnce(t *testing.T) {
	for i := range 3 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			url := testkit.EmptyDatabaseURL(t)
			if err := store.Migrate(t.Context(), url); err != nil {
				t.Fatal(err)
			}
			conn, err := pgx.Connect(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close(t.Context()) }()
			if _, err := conn.Exec(t.Context(), "SET ROLE peregrine_web"); err != nil {
				t.Error(err)
			}
		})
	}
}
