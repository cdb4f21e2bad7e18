package store

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"peregrine/internal/mobility"
)

// Reads runs page queries as the web role: each request's reads share one
// transaction in which row-level security knows the actor.
type Reads struct{ pool *pgxpool.Pool }

// NewReads binds the web role's pool.
func NewReads(pool *pgxpool.Pool) *Reads { return &Reads{pool: pool} }

// As runs fn with a database that shows what actor may see. now is business
// time: the request's arrival plus the demo's offset. A missing row becomes
// not found. The transaction is committed only so that access lines stay.
func (r *Reads) As(ctx context.Context, actor mobility.Actor, arrived time.Time, fn func(db DBTX, now time.Time) error) error {
	tx, err := r.pool.Begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	ahead, err := SetActor(ctx, tx, actor)
	if err != nil {
		return err
	}
	if err := fn(tx, arrived.Add(ahead)); err != nil {
		return Translate(err, "page")
	}
	return tx.Commit(ctx)
}
