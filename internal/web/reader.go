package web

import (
	"context"
	"time"

	"peregrine/internal/store"
)

// read runs fn with what the actor may see and keeps the business time for
// the frame and the count-downs of the page.
func (s *Server) read(q *request, fn func(ctx context.Context, db store.DBTX) error) error {
	return s.Reads.As(q.ctx(), q.actor, q.arrived, func(db store.DBTX, now time.Time) error {
		q.now = now
		return fn(q.ctx(), db)
	})
}
