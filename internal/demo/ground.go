package demo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"peregrine/internal/catcher"
	"peregrine/internal/localpg"
	"peregrine/internal/store"
)

// What lies in a demo's data folder; --reset removes these and nothing else.
const (
	postgresName  = "postgres"
	mailName      = "mail"
	documentsName = "documents"
	bouncesName   = "bounces"
	logName       = "log"
	lockName      = "lock"
)

// database is the demo's database on its private server.
const database = "peregrine"

// Place says where a demo lives.
type Place struct {
	Data        string // the data folder; "": a lasting one of this user's for each world
	World       string // Small or Alliance
	DatabaseURL string // a database to use in place of a private server; "": none
	Reset       bool   // forget everything first
	Log         func(line string)
}

// Ground is what a demo stands on: a data folder that is ours alone, a
// private database server and a mail server that delivers nothing.
type Ground struct {
	Data        string
	DatabaseURL string
	Mail        *catcher.Catcher
	lock        *os.File
	server      *localpg.Server // nil with a database of the user's
}

// folders are where the worlds are kept.
var folders = map[string]string{Small: "demo", Alliance: "demo-alliance"}

// Prepare takes the data folder, starts what is missing, and brings the
// database to this program's version, marked as a demo's. An error is one
// line; nothing that is not a demo's was touched.
func Prepare(ctx context.Context, p Place) (*Ground, error) {
	g := &Ground{Data: p.Data}
	if g.Data == "" {
		var err error
		if g.Data, err = localpg.DefaultDir(folders[p.World]); err != nil {
			return nil, fmt.Errorf("data folder: %w", err)
		}
	}
	if err := g.prepare(ctx, p); err != nil {
		return nil, errors.Join(err, g.Close())
	}
	return g, nil
}

func (g *Ground) prepare(ctx context.Context, p Place) error {
	if err := g.take(); err != nil {
		return err
	}
	if p.Reset {
		for _, name := range []string{postgresName, mailName, documentsName, bouncesName, logName} {
			if err := os.RemoveAll(g.path(name)); err != nil {
				return fmt.Errorf("data folder cannot be cleared: %w", err)
			}
		}
	}
	if err := g.openDatabase(ctx, p); err != nil {
		return err
	}
	var err error
	if g.Mail, err = catcher.Start(catcher.Options{Dir: g.path(mailName)}); err != nil {
		return err
	}
	return nil
}

// take makes the data folder, or opens one of an earlier demo, and locks it.
func (g *Ground) take() error {
	dir, err := filepath.Abs(g.Data)
	if err != nil {
		return fmt.Errorf("data folder: %w", err)
	}
	g.Data = dir
	if err := os.MkdirAll(dir, 0o755); err != nil { // the database server may be another user
		return fmt.Errorf("data folder cannot be made: %w", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("data folder cannot be read: %w", err)
	}
	known := map[string]bool{postgresName: true, mailName: true, documentsName: true, bouncesName: true, logName: true, lockName: true}
	for _, e := range entries {
		if !known[e.Name()] {
			return fmt.Errorf("data folder %s holds other files (%s): choose an empty one", dir, e.Name())
		}
	}
	g.lock, err = os.OpenFile(g.path(lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("data folder cannot be used: %w", err)
	}
	// The kernel takes the lock back when this process ends, however it ends.
	if err := syscall.Flock(int(g.lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		holder, _ := os.ReadFile(g.lock.Name()) // for the message alone
		return fmt.Errorf("a demo is running on the data folder %s already (process %s)", dir, bytes.TrimSpace(holder))
	}
	if err := g.lock.Truncate(0); err != nil {
		return fmt.Errorf("data folder cannot be used: %w", err)
	}
	if _, err := fmt.Fprintln(g.lock, os.Getpid()); err != nil {
		return fmt.Errorf("data folder cannot be used: %w", err)
	}
	return nil
}

// openDatabase opens the user's database or starts a private server, refuses
// one that is not a demo's, and migrates it.
func (g *Ground) openDatabase(ctx context.Context, p Place) error {
	g.DatabaseURL = p.DatabaseURL
	if g.DatabaseURL == "" {
		var err error
		if g.server, err = localpg.Start(ctx, localpg.Options{Dir: g.path(postgresName), Log: p.Log}); err != nil {
			return err
		}
		if err := g.server.CreateDatabase(ctx, database); err != nil {
			return fmt.Errorf("make the database: %w", err)
		}
		g.DatabaseURL = g.server.URL(database)
	}
	found, err := store.Look(ctx, g.DatabaseURL)
	if err != nil {
		return err
	}
	if found.Tables && found.Kind != "demo" && !g.halfMade(found) {
		return fmt.Errorf("the database %s holds something that is no demo: the demo takes an empty one or its own", nameOf(g.DatabaseURL))
	}
	if p.Reset && found.Tables {
		if err := store.Clear(ctx, g.DatabaseURL); err != nil {
			return err
		}
	}
	if err := store.Migrate(ctx, g.DatabaseURL); err != nil {
		return err
	}
	return mark(ctx, g.DatabaseURL)
}

// halfMade reports whether an earlier start was killed while it migrated,
// which only our own server's database may be left in.
func (g *Ground) halfMade(found store.State) bool { return g.server != nil && found.Kind == "" }

func mark(ctx context.Context, url string) error {
	pool, err := store.Open(ctx, url, store.RoleWork, 1)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := queries.MarkInstallation(ctx, pool, "demo"); err != nil {
		return fmt.Errorf("mark the database as a demo's: %w", err)
	}
	return nil
}

// nameOf is a database's address without its password.
func nameOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "named"
	}
	return u.Redacted()
}

// Documents is the folder for documents.
func (g *Ground) Documents() string { return g.path(documentsName) }

// Log is the file for log lines.
func (g *Ground) Log() string { return g.path(logName) }

func (g *Ground) path(name string) string { return filepath.Join(g.Data, name) }

// Died is closed when the private server ended by itself; nil without one.
func (g *Ground) Died() <-chan struct{} {
	if g.server == nil {
		return nil
	}
	return g.server.Done()
}

// Close stops the mail server, then the database, and gives the folder free.
func (g *Ground) Close() error {
	var errs []error
	if g.Mail != nil {
		errs = append(errs, g.Mail.Close())
	}
	if g.server != nil {
		errs = append(errs, g.server.Stop())
	}
	if g.lock != nil {
		errs = append(errs, g.lock.Close())
	}
	return errors.Join(errs...)
}
