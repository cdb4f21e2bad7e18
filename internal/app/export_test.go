package app

import (
	"context"
	"log/slog"
	"net"
	"net/mail"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/catcher"
	"peregrine/internal/demo"
	"peregrine/internal/process"
)

// Stage is the demo's program, all of it, on a world that a test made in
// place of the seeded one.
type Stage struct {
	Base     string // of every address
	Process  *process.Runner
	Work     *pgxpool.Pool // sees every row
	parts    *parts
	ground   *demo.Ground
	listener net.Listener
}

// Prop is what a stage stands on: a migrated database marked as a demo's, an
// empty folder, a mail server.
type Prop struct {
	DatabaseURL, Folder string
	Mail                *catcher.Catcher
}

// NewStage assembles the program and takes a free port.
func NewStage(ctx context.Context, prop Prop, logger *slog.Logger) (*Stage, error) {
	ground := &demo.Ground{Data: prop.Folder, DatabaseURL: prop.DatabaseURL, Mail: prop.Mail}
	listener, err := listen(ctx, "127.0.0.1:0", "--addr")
	if err != nil {
		return nil, err
	}
	s := &Stage{Base: baseOf(listener.Addr()), ground: ground, listener: listener}
	s.parts, err = assemble(ctx, setup{
		databaseURL: ground.DatabaseURL, connections: demoConnections, baseURL: s.Base, documents: ground.Documents(),
		from: mail.Address{Name: "Peregrine", Address: "peregrine@demo.example"}, logger: logger, now: time.Now,
	})
	if err != nil {
		return nil, err
	}
	s.Process, s.Work = s.parts.process, s.parts.work
	return s, nil
}

// Run serves pages and works off jobs until ctx ends.
func (s *Stage) Run(ctx context.Context) error {
	return s.parts.demonstrate(ctx, s.ground, s.listener)
}

// Close gives the database back.
func (s *Stage) Close() error { return s.parts.close() }
