package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/rivermigrate"

	"peregrine/db"
	"peregrine/internal/mobility"
)

// migrationLock is the advisory lock that lets one migrator work at a time.
// Any constant serves; it spells "pere".
const migrationLock = 0x70657265

// Migrate brings the database at url to the newest version: the three roles,
// River's tables, then ours, forward only, under one advisory lock. Starting
// it several times at once is safe; all but the first find nothing to do. A
// database of a newer version is refused with code "store.newer_database".
func Migrate(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to migrate: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("wait for other migrators: %w", err)
	}
	if err := ensureRoles(ctx, conn); err != nil {
		return err
	}
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return err
	}
	owner := stdlib.OpenDB(*cfg, stdlib.OptionAfterConnect(func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "SET ROLE peregrine_owner")
		return err
	}))
	defer func() { _ = owner.Close() }()
	owner.SetMaxOpenConns(2)
	return migrateAsOwner(ctx, owner)
}

func migrateAsOwner(ctx context.Context, owner *sql.DB) error {
	provider, err := gooseProvider(owner)
	if err != nil {
		return err
	}
	if err := refuseNewer(ctx, provider); err != nil {
		return err
	}
	migrator, err := rivermigrate.New(riverdatabasesql.New(owner), nil)
	if err != nil {
		return fmt.Errorf("prepare River's migrations: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate River: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	_, err = owner.ExecContext(ctx, `DO $$ DECLARE t text; BEGIN
		FOR t IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname LIKE 'river%' LOOP
			EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO peregrine_work', t);
		END LOOP; END $$;
		GRANT SELECT ON goose_db_version TO peregrine_work;
		GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO peregrine_work`)
	if err != nil {
		return fmt.Errorf("grant the tables of migrations: %w", err)
	}
	return nil
}

func gooseProvider(owner *sql.DB) (*goose.Provider, error) {
	files, err := fs.Sub(db.Migrations, "migrations")
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, owner, files)
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return provider, nil
}

// Version returns the version this binary brings a database to: the highest
// number of a migration. Numbers may be left out.
func Version() int64 {
	entries, err := fs.ReadDir(db.Migrations, "migrations")
	if err != nil {
		return 0
	}
	var highest int64
	for _, e := range entries {
		if n, err := goose.NumericComponent(e.Name()); err == nil {
			highest = max(highest, n)
		}
	}
	return highest
}

// Applied is the number of the last migration that ran on a database.
func Applied(ctx context.Context, db DBTX) (int64, error) {
	var version int64
	err := db.QueryRow(ctx, "SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("look at the database's version: %w", err)
	}
	return version, nil
}

func refuseNewer(ctx context.Context, provider *goose.Provider) error {
	current, err := provider.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read the database's version: %w", err)
	}
	if known := Version(); current > known {
		return &mobility.Error{Kind: mobility.Conflict, Code: "store.newer_database", Data: map[string]any{"Database": current, "Program": known}}
	}
	return nil
}

// ensureRoles makes the three roles, which belong to the whole server and may
// be made by two databases' migrations at once, and lets the login user act as
// each.
func ensureRoles(ctx context.Context, conn *pgx.Conn) error {
	for _, role := range []string{"peregrine_owner", "peregrine_web", "peregrine_work"} {
		_, err := conn.Exec(ctx, fmt.Sprintf(`DO $$ BEGIN
			IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = '%[1]s') THEN
				CREATE ROLE %[1]s NOLOGIN;
			END IF;
			IF NOT pg_has_role(current_user, '%[1]s', 'MEMBER') THEN
				GRANT %[1]s TO current_user;
			END IF;
		EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`, role))
		if err != nil {
			return fmt.Errorf("make the role %s: %w", role, err)
		}
	}
	_, err := conn.Exec(ctx, `GRANT USAGE, CREATE ON SCHEMA public TO peregrine_owner;
		GRANT USAGE ON SCHEMA public TO peregrine_web, peregrine_work`)
	if err != nil {
		return fmt.Errorf("grant the schema: %w", err)
	}
	return nil
}

// errNoRows is what both database/sql and pgx mean by "nothing there".
func noRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) || errors.Is(err, sql.ErrNoRows) }
