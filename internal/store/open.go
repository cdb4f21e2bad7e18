// Package store is the only package that knows the tables: sqlc's output, the
// connection pools of the three database roles, the migrations, and the
// translation of database errors into the product's. It begins no transaction
// and decides nothing.
package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/mobility"
)

// The roles connections act as. Web reads under row-level security and writes
// nothing but access lines; Work makes the changes a process decided.
const (
	RoleWeb  = "peregrine_web"
	RoleWork = "peregrine_work"
)

// Limits keep one bad statement from holding everything: longer than the
// longest honest one, shorter than a person's patience.
const (
	statementTimeout = "30s"
	idleTimeout      = "60s"
)

// Open connects a pool of at most size connections that act as role.
func Open(ctx context.Context, url, role string, size int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read the database's address: %w", err)
	}
	if size > 0 {
		cfg.MaxConns = size
	}
	params := cfg.ConnConfig.RuntimeParams
	params["statement_timeout"] = statementTimeout
	params["idle_in_transaction_session_timeout"] = idleTimeout
	params["application_name"] = role
	params["timezone"] = "UTC"
	params["jit"] = "off" // compiling a query under row-level security takes longer than it runs
	cfg.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SET ROLE "+pgx.Identifier{role}.Sanitize())
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("reach the database: %w", err)
	}
	return pool, nil
}

// SetActor tells the transaction who is asking, for row-level security: the
// person; the institutions, units and calls their roles reach; every
// institution where they hold any role; the hosts whose shared records they
// may see; and what other roles than assessor reach, from whom no name is hidden.
// Roles out of date were never loaded. With it comes, so that nobody need ask,
// how far the business clock is ahead of the system's.
func SetActor(ctx context.Context, tx DBTX, actor mobility.Actor) (ahead time.Duration, err error) {
	scope := scopeOf(actor)
	var microseconds int64
	err = tx.QueryRow(ctx, `SELECT set_config('peregrine.person', $1, true), set_config('peregrine.institutions', $2, true),
		set_config('peregrine.units', $3, true), set_config('peregrine.calls', $4, true), set_config('peregrine.staff_of', $5, true),
		set_config('peregrine.hosts', $6, true), set_config('peregrine.host_documents', $7, true),
		set_config('peregrine.full_institutions', $8, true), set_config('peregrine.full_units', $9, true), set_config('peregrine.full_calls', $10, true),
		coalesce((SELECT (extract(epoch FROM clock_offset) * 1000000)::bigint FROM installation), 0)`,
		scope.person, array(scope.institutions), array(scope.units), array(scope.calls), array(scope.staffOf), array(scope.hosts), scope.documents,
		array(scope.full.institutions), array(scope.full.units), array(scope.full.calls)).Scan(nil, nil, nil, nil, nil, nil, nil, nil, nil, nil, &microseconds)
	if err != nil {
		return 0, fmt.Errorf("set the actor: %w", err)
	}
	return time.Duration(microseconds) * time.Microsecond, nil
}

// Elevate lets the rest of the transaction change what it has proved the
// actor may see. The only callers are processes.
func Elevate(ctx context.Context, tx DBTX) error {
	if _, err := tx.Exec(ctx, "SET LOCAL ROLE "+RoleWork); err != nil {
		return fmt.Errorf("elevate: %w", err)
	}
	return nil
}

type scope struct {
	person, documents                          string
	institutions, units, calls, staffOf, hosts []uuid.UUID
	full                                       reached // by another role than assessor
}

// reached is what roles reach.
type reached struct{ institutions, units, calls []uuid.UUID }

func (r *reached) add(g mobility.Grant) {
	switch {
	case g.Call != nil:
		r.calls = append(r.calls, *g.Call)
	case g.Unit != nil:
		r.units = append(r.units, g.Units...)
	default:
		r.institutions = append(r.institutions, g.Institution)
	}
}

func scopeOf(actor mobility.Actor) scope {
	s := scope{staffOf: actor.Institutions()}
	if actor.SignedIn() {
		s.person = actor.Person.String()
	}
	for _, g := range actor.Grants {
		if g.Role != mobility.RoleOperator && g.Role != mobility.RoleAssessor {
			s.full.add(g)
		}
		switch {
		case g.Role == mobility.RoleOperator: // runs the machine, sees nobody's file
		case g.Call != nil:
			s.calls = append(s.calls, *g.Call)
		case g.Unit != nil:
			s.units = append(s.units, g.Units...)
		default:
			s.institutions = append(s.institutions, g.Institution)
			if g.Role == mobility.RoleOfficer {
				s.hosts = append(s.hosts, g.Institution)
			}
		}
	}
	if actor.HostLink != uuid.Nil {
		s.hosts = append(s.hosts, actor.HostInstitution)
	}
	if actor.HostDocuments || len(s.institutions) > 0 {
		s.documents = "yes"
	}
	return s
}

func array(ids []uuid.UUID) string {
	texts := make([]string, len(ids))
	for i, id := range ids {
		texts[i] = id.String()
	}
	return "{" + strings.Join(texts, ",") + "}"
}
