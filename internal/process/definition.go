package process

import (
	"context"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/store"
)

// definitionCache keeps parsed lifecycles by id. A loaded version never
// changes, so nothing is ever thrown away.
type definitionCache struct {
	mu   sync.RWMutex
	byID map[uuid.UUID]*lifecycle.Definition
}

func newDefinitionCache() *definitionCache {
	return &definitionCache{byID: map[uuid.UUID]*lifecycle.Definition{}}
}

func (c *definitionCache) load(ctx context.Context, db store.DBTX, id uuid.UUID) (*lifecycle.Definition, error) {
	c.mu.RLock()
	d := c.byID[id]
	c.mu.RUnlock()
	if d != nil {
		return d, nil
	}
	row, err := queries.DefinitionSource(ctx, db, id)
	if err != nil {
		return nil, fmt.Errorf("load the lifecycle: %w", err)
	}
	// English alone: a version loaded before a language was added stays usable.
	d, problems := lifecycle.ParseIn([]string{"en"}, row.Name, []byte(row.Source))
	if len(problems) > 0 {
		return nil, fmt.Errorf("the loaded lifecycle %s version %d no longer passes its checks: %v", row.Name, row.Version, problems[0])
	}
	c.mu.Lock()
	c.byID[id] = d
	c.mu.Unlock()
	return d, nil
}

// Definition returns a loaded lifecycle by id, for pages that draw or label it.
func (r *Runner) Definition(ctx context.Context, db store.DBTX, id uuid.UUID) (*lifecycle.Definition, error) {
	return r.definitions.load(ctx, db, id)
}
