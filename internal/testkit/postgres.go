// Package testkit gives tests a world of their own: a database per test on a
// private PostgreSQL, a headless browser that reports what goes wrong on a
// page, the accessibility check. What is missing on the machine it fetches;
// what cannot be had fails the test, and never skips it.
//
// Only tests import it. Tests of store use it from package store_test, as
// testkit itself imports store.
package testkit

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver pgtestdb opens by name
	"github.com/peterldowns/pgtestdb"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"

	"peregrine/db"
	"peregrine/internal/localpg"
	"peregrine/internal/store"
)

// DatabaseVariable holds the address of a running server for its superuser,
// which make test exports so that all packages share one.
const DatabaseVariable = "PEREGRINE_TEST_DATABASE_URL"

// own is the server of this process, started by the first test that asks when
// DatabaseVariable names none. It dies with the process; Main stops it in order.
var own struct {
	once   sync.Once
	server *localpg.Server
	err    error
}

// Main runs the tests of a package and stops the server they started:
//
//	func TestMain(m *testing.M) { os.Exit(testkit.Main(m)) }
//
// It is a courtesy: without it the server still dies with the process, but its
// folder stays until a later run removes it.
func Main(m *testing.M) int {
	code := m.Run()
	if own.server == nil {
		return code
	}
	if err := own.server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, "testkit:", err)
		return max(code, 1)
	}
	return code
}

// server returns the superuser's address of the server tests use.
func server(t testing.TB) *url.URL {
	t.Helper()
	address := os.Getenv(DatabaseVariable)
	if address == "" {
		own.once.Do(func() {
			// Not the test's context: the server outlives the first test.
			own.server, own.err = localpg.Start(context.Background(), localpg.Options{Fast: true, Log: announce})
		})
		if own.err != nil {
			t.Fatalf("no database, no test: %v", own.err)
		}
		address = own.server.URL("postgres")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatalf("%s: %v", DatabaseVariable, err)
	}
	return u
}

func announce(line string) { fmt.Fprintln(os.Stderr, "testkit:", line) }

// DatabaseURL returns the address of a fresh, migrated database of this test
// alone, for a superuser who may act as each of the product's roles. It is
// dropped when the test passed and kept for a look when it failed.
func DatabaseURL(t testing.TB) string {
	t.Helper()
	return database(t, migrator{})
}

// EmptyDatabaseURL is DatabaseURL for a database without any table.
func EmptyDatabaseURL(t testing.TB) string {
	t.Helper()
	return database(t, pgtestdb.NoopMigrator{})
}

// Database returns a superuser's pool on a database like that of DatabaseURL.
func Database(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := pgxpool.New(t.Context(), DatabaseURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

func database(t testing.TB, m pgtestdb.Migrator) string {
	t.Helper()
	return address(*pgtestdb.Custom(t, configuration(server(t)), m))
}

// configuration describes the server as pgtestdb wants it. A socket's folder
// stands among the options, where it overrides the host.
func configuration(u *url.URL) pgtestdb.Config {
	password, _ := u.User.Password()
	c := pgtestdb.Config{
		DriverName: "pgx", User: u.User.Username(), Password: password,
		Host: u.Hostname(), Port: u.Port(), Database: strings.TrimPrefix(u.Path, "/"), Options: u.RawQuery,
		// Pools a failed test left open must not keep its database.
		ForceTerminateConnections: true,
	}
	if c.Port == "" {
		c.Port = "5432"
	}
	if c.Host == "" {
		c.Host = "localhost"
	}
	c.TestRole = &pgtestdb.Role{Username: c.User, Password: c.Password, Capabilities: "SUPERUSER"}
	return c
}

func address(c pgtestdb.Config) string {
	u := url.URL{Scheme: "postgres", User: url.User(c.User), Host: c.Host + ":" + c.Port, Path: "/" + c.Database, RawQuery: c.Options}
	if c.Password != "" {
		u.User = url.UserPassword(c.User, c.Password)
	}
	return u.String()
}

// migrator makes the template all migrated databases are copied from.
type migrator struct{}

// Hash changes with our migrations and with River's.
func (migrator) Hash() (string, error) {
	river, err := rivermigrate.New(riverdatabasesql.New(nil), nil)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, m := range river.AllVersions() {
		_, _ = io.WriteString(h, m.SQLUp) // a hash takes everything
	}
	err = fs.WalkDir(db.Migrations, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := fs.ReadFile(db.Migrations, name)
		_, _ = fmt.Fprintf(h, "%s %d\n%s", name, len(content), content)
		return err
	})
	return hex.EncodeToString(h.Sum(nil)[:8]), err
}

// Migrate runs the product's own migrations.
func (migrator) Migrate(ctx context.Context, _ *sql.DB, c pgtestdb.Config) error {
	if err := store.Migrate(ctx, address(c)); err != nil {
		return errors.Join(errors.New("the migrations fail"), err)
	}
	return nil
}
