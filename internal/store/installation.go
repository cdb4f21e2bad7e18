package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// State is what a database is found to be before anything is done to it.
type State struct {
	Tables  bool   // it holds tables of anybody
	Version int64  // of our migrations, 0: none
	Kind    string // demo or production; "": not marked, or not ours
}

// Look finds out what the database at url is. It changes nothing.
func Look(ctx context.Context, url string) (State, error) {
	var s State
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return s, fmt.Errorf("reach the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	var ours bool
	err = conn.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')),
		to_regclass('public.installation') IS NOT NULL AND to_regclass('public.goose_db_version') IS NOT NULL`).Scan(&s.Tables, &ours)
	if err != nil {
		return s, fmt.Errorf("look at the database: %w", err)
	}
	if !ours {
		return s, nil
	}
	if _, err := conn.Exec(ctx, "SET ROLE peregrine_owner"); err != nil {
		return s, fmt.Errorf("look at the database: %w", err)
	}
	err = conn.QueryRow(ctx, `SELECT (SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied),
		coalesce((SELECT kind FROM installation), '')`).Scan(&s.Version, &s.Kind)
	if err != nil {
		return s, fmt.Errorf("look at the database: %w", err)
	}
	return s, nil
}

// Settle does at once what the database does by itself after a while: it looks
// how much of what there is, so that queries are planned for that.
func Settle(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "SET ROLE peregrine_owner; ANALYZE"); err != nil {
		return fmt.Errorf("look at the tables: %w", err)
	}
	return nil
}

// Clear drops everything in the database at url. The caller has made sure
// that it is a demo's.
func Clear(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("reach the database: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if _, err := conn.Exec(ctx, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"); err != nil {
		return fmt.Errorf("clear the database: %w", err)
	}
	return nil
}
