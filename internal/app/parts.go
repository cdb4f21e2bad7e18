package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/mail"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"riverqueue.com/riverui"

	"peregrine/internal/filestore"
	"peregrine/internal/identity"
	"peregrine/internal/jobs"
	"peregrine/internal/letter"
	"peregrine/internal/locale"
	"peregrine/internal/outbox"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web"
	"peregrine/internal/web/page"
)

// setup says what parts are made of, in production or for a demo.
type setup struct {
	databaseURL string
	connections int32
	baseURL     string
	documents   string // folder; "" for a process that opens none
	secure      bool   // pages come over https
	from        mail.Address
	logger      *slog.Logger
	now         func() time.Time
}

// parts is what web and workers share.
type parts struct {
	setup
	web, work *pgxpool.Pool
	catalogue *locale.Catalogue
	files     *filestore.Folder
	process   *process.Runner
	identity  *identity.Service
	outbox    *outbox.Outbox
}

// assemble opens the database in its two roles and makes the parts. The
// database is of this program's version; see fits.
func assemble(ctx context.Context, s setup) (*parts, error) {
	p := &parts{setup: s}
	if err := p.open(ctx); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

func (p *parts) open(ctx context.Context) error {
	var err error
	if p.catalogue, err = locale.Load(); err != nil {
		return err
	}
	if p.documents != "" {
		if p.files, err = filestore.Open(p.documents); err != nil {
			return err
		}
	}
	if p.web, err = store.Open(ctx, p.databaseURL, store.RoleWeb, p.connections); err != nil {
		return err
	}
	if p.work, err = store.Open(ctx, p.databaseURL, store.RoleWork, p.connections); err != nil {
		return err
	}
	inserter, err := jobs.NewInserter(p.work)
	if err != nil {
		return err
	}
	var files process.FileStore
	if p.files != nil {
		files = p.files
	}
	p.process = process.New(p.web, inserter, files)
	p.identity = identity.New(identity.Config{Pool: p.work, Jobs: inserter, Secure: p.secure})
	p.outbox = outbox.New(outbox.Settings{BaseURL: p.baseURL, Catalogue: p.catalogue, Email: p.from.Address})
	return nil
}

// close gives everything back, the database last.
func (p *parts) close() error {
	if p.work != nil {
		p.work.Close()
	}
	if p.web != nil {
		p.web.Close()
	}
	if p.files != nil {
		return p.files.Close()
	}
	return nil
}

// pages makes the web server's handler. ui is River's own pages, demo the
// tools of a demo; both may be nil.
func (p *parts) pages(ui http.Handler, demo *web.DemoTools, proxied bool) (*web.Server, error) {
	made, err := page.New(p.catalogue)
	if err != nil {
		return nil, err
	}
	return web.New(web.Config{
		Reads: store.NewReads(p.web), Process: p.process, Files: p.files, Identity: p.identity, Catalogue: p.catalogue, Pages: made,
		Logger: p.logger, Now: p.now, BaseURL: p.baseURL, Proxied: proxied, Jobs: ui, Demo: demo,
	})
}

// jobsPath is where River's pages stand; web guards it for operators.
const jobsPath = "/jobs"

// jobPages makes River's own pages, with the jobs' arguments hidden: they name
// files and people by id, and an operator sees nobody's file.
func (p *parts) jobPages(ctx context.Context) (http.Handler, error) {
	client, err := jobs.NewInserter(p.work)
	if err != nil {
		return nil, err
	}
	h, err := riverui.NewHandler(&riverui.HandlerOpts{
		Endpoints: riverui.NewEndpoints(client, nil), Logger: p.logger, Prefix: jobsPath, JobListHideArgsByDefault: true,
	})
	if err != nil {
		return nil, fmt.Errorf("pages of the jobs: %w", err)
	}
	return h, h.Start(ctx)
}

// workers makes the client that works, and the sender it holds.
func (p *parts) workers(relay letter.Relay) (*river.Client[pgx.Tx], *letter.SMTP, error) {
	sender := letter.NewSMTP(relay)
	client, err := jobs.NewClient(jobs.Config{
		Pool: p.work, Process: p.process, Identity: p.identity, Outbox: p.outbox, Sender: sender,
		Connections: relay.Connections, Relay: relay.Name(), Rate: relay.Rate, From: p.from, Logger: p.logger, Now: p.now,
	})
	if err != nil {
		sender.Close()
		return nil, nil, err
	}
	return client, sender, nil
}

// fits refuses a database that this program does not serve: another version,
// or not of the kind wanted.
func fits(ctx context.Context, databaseURL, kind string) error {
	found, err := store.Look(ctx, databaseURL)
	if err != nil {
		return err
	}
	wanted := store.Version()
	switch {
	case found.Kind == "demo" && kind != "demo":
		return errors.New("this database is a demo's: production never touches it")
	case found.Version > wanted:
		return fmt.Errorf("the database has version %d, and this program knows %d: run a newer program", found.Version, wanted)
	case found.Version < wanted || found.Kind != kind:
		return fmt.Errorf("the database has version %d, and this program needs %d: run peregrine migrate first", found.Version, wanted)
	}
	return nil
}
