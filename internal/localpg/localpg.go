// Package localpg runs a private PostgreSQL without any set-up: it finds or
// fetches the programs, makes a data folder, starts a server on a socket of its
// own and stops it again. It works as root, where the server runs as another
// user because PostgreSQL refuses root, and as an ordinary user.
//
// The server dies with this process, however that ends. It listens on a Unix
// socket in a folder only its owner may enter, and on no port: so no port can
// be taken, and nobody else on the machine can reach a server that trusts its
// clients. It serves the demo and the tests, never production.
package localpg

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// superuser is the role the server is made with and URL signs in as.
const superuser = "peregrine"

// port only names the socket; nothing listens on it.
const port = "5432"

// Waits: a server recovering a large log after a crash may take its time.
const (
	startWait = 60 * time.Second
	stopWait  = 30 * time.Second
	probeWait = 20 * time.Millisecond
)

// Options say where the server keeps its data and how it treats it.
type Options struct {
	// Dir is the data folder: a new or empty one, or one an earlier Start
	// made; "" is a temporary one that Stop removes. As root it must lie
	// where another user may go, which root's home is not. DefaultDir
	// names a good place.
	Dir string
	// Fast leaves out everything that guards against loss of power. For tests.
	Fast bool
	// Log is told, in one line each, what takes long or changes the machine:
	// programs being fetched, a left-over server being stopped. May be nil.
	Log func(line string)
}

// Server is a running private PostgreSQL.
type Server struct {
	folder  *folder
	pg      installation
	fast    bool
	sockets string
	process *child
	stop    sync.Once
	stopErr error
}

// Start starts a server on the data folder and returns once it answers. An
// error is one line that says what to do. The context bounds the start alone;
// the server runs until Stop or until this process ends.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = func(string) {}
	}
	who, err := serverAccount(o.Dir)
	if err != nil {
		return nil, err
	}
	f, err := openFolder(o.Dir, who, o.Log)
	if err != nil {
		return nil, err
	}
	s, err := f.start(ctx, o)
	if err != nil {
		return nil, errors.Join(err, f.close())
	}
	return s, nil
}

// start finds programs of the folder's major version, makes the database files
// if there are none, and runs the server.
func (f *folder) start(ctx context.Context, o Options) (*Server, error) {
	major, err := f.major()
	if err != nil {
		return nil, err
	}
	pg, err := find(ctx, major, o.Log)
	if err != nil {
		return nil, err
	}
	if err := f.account.mayReach(pg.bin); err != nil {
		return nil, err
	}
	if major == "" {
		if err := f.initialise(ctx, pg, o.Fast); err != nil {
			return nil, err
		}
	}
	sockets, err := f.makeSockets()
	if err != nil {
		return nil, err
	}
	s := &Server{folder: f, pg: pg, fast: o.Fast, sockets: sockets}
	if err := s.run(ctx); err != nil {
		return nil, errors.Join(err, os.RemoveAll(sockets))
	}
	return s, nil
}

func (s *Server) run(ctx context.Context) error {
	log, err := os.Create(s.folder.path(logName))
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	cmd := s.pg.command(s.folder.account, "postgres", s.settings(s.fast)...)
	cmd.Stdout, cmd.Stderr = log, log
	// SIGINT is PostgreSQL's fast shutdown: sessions are ended, nothing is lost.
	if s.process, err = startChild(cmd, syscall.SIGINT); err != nil {
		return err
	}
	if err := s.ready(ctx); err != nil {
		return errors.Join(err, s.process.end(stopWait))
	}
	return nil
}

func (s *Server) settings(fast bool) []string {
	args := []string{"-D", s.folder.path(dataName)}
	set := func(name, value string) { args = append(args, "-c", name+"="+value) }
	set("listen_addresses", "")
	set("unix_socket_directories", s.sockets)
	set("port", port)
	set("max_connections", "300")
	set("timezone", "UTC")
	set("log_timezone", "UTC")
	if fast {
		set("fsync", "off")
		set("synchronous_commit", "off")
		set("full_page_writes", "off")
		set("wal_level", "minimal")
		set("max_wal_senders", "0")
	}
	return args
}

// ready waits until the server answers, or says why it will not.
func (s *Server) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	for {
		if s.answers(ctx) {
			return nil
		}
		select {
		case <-s.process.done:
			return fmt.Errorf("PostgreSQL stopped while starting: %s", s.folder.lastLogLine())
		case <-ctx.Done():
			return fmt.Errorf("PostgreSQL did not get ready: %s: %w", s.folder.lastLogLine(), ctx.Err())
		case <-time.After(probeWait):
		}
	}
}

func (s *Server) answers(ctx context.Context) bool {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

// URL returns the address of a database of the server for its superuser. The
// database need not exist: see CreateDatabase.
func (s *Server) URL(database string) string {
	query := url.Values{"host": {s.sockets}, "port": {port}, "sslmode": {"disable"}}
	return (&url.URL{
		Scheme: "postgres", User: url.User(superuser), Path: "/" + database, RawQuery: query.Encode(),
	}).String()
}

// CreateDatabase makes the database unless it exists.
func (s *Server) CreateDatabase(ctx context.Context, name string) error {
	conn, err := pgx.Connect(ctx, s.URL("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	_, err = conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	var refused *pgconn.PgError
	if errors.As(err, &refused) && refused.Code == "42P04" { // duplicate_database
		return nil
	}
	return err
}

// Done is closed when the server has ended, by Stop or by itself.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Stop ends the server in order, waits until it is gone, and gives the data
// folder free. Stopping twice does no harm.
func (s *Server) Stop() error {
	s.stop.Do(func() {
		s.stopErr = errors.Join(s.process.end(stopWait), os.RemoveAll(s.sockets), s.folder.close())
	})
	return s.stopErr
}

// DefaultDir returns the place for data of this name that lasts: below
// /var/lib/peregrine for root (whose home the server's user may not enter),
// else below the user's own data folder.
func DefaultDir(name string) (string, error) {
	if os.Geteuid() == 0 {
		return filepath.Join("/var/lib/peregrine", name), nil
	}
	if dir := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "peregrine", name), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(home, ".local/share/peregrine", name), nil
}
