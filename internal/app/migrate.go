package app

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/workflows"
)

// Connected is for commands that only need the database.
type Connected struct {
	DatabaseURL string `name:"database-url" setting:"PEREGRINE_DATABASE_URL" placeholder:"URL" help:"PostgreSQL: postgres://user@host/database. ($$PEREGRINE_DATABASE_URL)"`
}

func (c Connected) check() error {
	return misconfigured(checkDatabase("PEREGRINE_DATABASE_URL", c.DatabaseURL))
}

// parts opens a database of this program's version.
func (c Connected) parts(ctx context.Context, p Program) (*parts, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	found, err := store.Look(ctx, c.DatabaseURL)
	if err != nil {
		return nil, err
	}
	if err := fits(ctx, c.DatabaseURL, found.Kind); err != nil || found.Kind == "" {
		return nil, errors.Join(err, unmarked(found))
	}
	return assemble(ctx, setup{databaseURL: c.DatabaseURL, connections: 2, baseURL: "http://localhost", logger: quietLogger(), now: p.Now})
}

func unmarked(found store.State) error {
	if found.Kind == "" && found.Version == store.Version() {
		return errors.New("the database belongs to no installation yet: run peregrine migrate first")
	}
	return nil
}

type migrateCommand struct{ Connected }

// Run implements the command: roles, tables, the built-in lifecycles, and the
// mark that says that this is no demo.
func (c *migrateCommand) Run(ctx context.Context, p Program) error {
	if err := c.check(); err != nil {
		return err
	}
	found, err := store.Look(ctx, c.DatabaseURL)
	if err != nil {
		return err
	}
	if found.Kind == "demo" {
		return errors.New("this database is a demo's: production never touches it")
	}
	if err := store.Migrate(ctx, c.DatabaseURL); err != nil {
		return err
	}
	if err := markProduction(ctx, c.DatabaseURL); err != nil {
		return err
	}
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	added, err := parts.process.LoadBuiltIn(ctx, p.Now(), workflows.Files)
	if err != nil {
		return errors.Join(err, parts.close())
	}
	_, err = fmt.Fprintf(p.Out, "from version %d to %d, %d new lifecycles\n", found.Version, store.Version(), added)
	return errors.Join(err, parts.close())
}

func markProduction(ctx context.Context, url string) error {
	pool, err := store.Open(ctx, url, store.RoleWork, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	return store.New().MarkInstallation(ctx, pool, "production")
}

type verifyCommand struct{ Connected }

// Run implements the command: every invariant on one picture of the database.
func (c *verifyCommand) Run(ctx context.Context, p Program) error {
	parts, err := c.parts(ctx, p)
	if err != nil {
		return err
	}
	var found []process.Violation
	options := pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	err = pgx.BeginTxFunc(ctx, parts.work, options, func(tx pgx.Tx) error {
		found, err = process.Verify(ctx, tx)
		return err
	})
	if err := errors.Join(err, parts.close()); err != nil {
		return err
	}
	for _, v := range found {
		fmt.Fprintf(p.Out, "%s\n", v.Rule)
		for _, row := range v.Rows {
			fmt.Fprintf(p.Out, "  %s\n", row)
		}
	}
	if len(found) > 0 {
		return answerNo{fmt.Errorf("%d of %d invariants are violated", len(found), len(process.Invariants()))}
	}
	_, err = fmt.Fprintf(p.Out, "%d invariants hold\n", len(process.Invariants()))
	return err
}
