package web

import (
	"container/list"
	"sync"

	"github.com/google/uuid"
)

// runRoom is how many entries and choices of runs are remembered, some 100 MB:
// thirty runs of 2,000 applicants with four choices each, or two of 30,000.
const runRoom = 300_000

// runCache remembers the computed rankings looked at last. A ranking never
// changes, so that nothing in it goes stale. The zero value is empty. It is
// safe for use by many goroutines.
type runCache struct {
	mu    sync.Mutex
	order list.List // of *kept, the last used first
	known map[uuid.UUID]*list.Element
	sum   int // of the sizes
}

// kept is one remembered run.
type kept struct {
	ranking uuid.UUID
	run     *run
	size    int
}

// find returns a remembered run, or nil.
func (c *runCache) find(ranking uuid.UUID) *run {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.known[ranking]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*kept).run
}

// keep remembers a run and forgets those used longest ago that there is no
// room for beside it.
func (c *runCache) keep(ranking uuid.UUID, r *run) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known[ranking] != nil {
		return // another request was faster
	}
	if c.known == nil {
		c.known = map[uuid.UUID]*list.Element{}
	}
	one := &kept{ranking, r, r.size()}
	c.known[ranking], c.sum = c.order.PushFront(one), c.sum+one.size
	for c.sum > runRoom && c.order.Len() > 1 {
		last := c.order.Remove(c.order.Back()).(*kept)
		delete(c.known, last.ranking)
		c.sum -= last.size
	}
}

// size counts what a run is made of.
func (r *run) size() int {
	n := len(r.entries)
	for _, e := range r.entries {
		n += len(e.choices)
	}
	return n
}
