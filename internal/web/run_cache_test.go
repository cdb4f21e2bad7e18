package web

import (
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/selection"
)

func runOfSize(entries int) *run {
	r := &run{}
	for range entries {
		r.entries = append(r.entries, runEntry{choices: make([]selection.Choice, 4)})
	}
	return r
}

func TestRunCacheForgetsTheOneUsedLongestAgo(t *testing.T) {
	var c runCache
	size := runRoom / 5 / 3
	first, second, last, fourth := uuid.New(), uuid.New(), uuid.New(), uuid.New()
	for _, id := range []uuid.UUID{first, second, last} {
		c.keep(id, runOfSize(size))
	}
	kept := c.find(first)
	c.keep(fourth, runOfSize(size))
	if c.find(second) != nil {
		t.Error("the run used longest ago is still there")
	}
	if c.find(last) == nil || c.find(fourth) == nil || kept == nil || c.find(first) != kept {
		t.Error("a run used since is gone")
	}
	if c.sum > runRoom || c.sum != 3*size*5 || len(c.known) != 3 || c.order.Len() != 3 {
		t.Errorf("%d of %d in %d and %d runs", c.sum, runRoom, len(c.known), c.order.Len())
	}
}

func TestRunCacheKeepsARunLargerThanItsRoom(t *testing.T) {
	var c runCache
	large, small := uuid.New(), uuid.New()
	c.keep(small, runOfSize(1))
	c.keep(large, runOfSize(runRoom))
	c.keep(large, runOfSize(1)) // by another request
	if c.find(small) != nil || c.find(large).size() != runRoom*5 {
		t.Error("the largest run is not the one that is kept")
	}
	c.keep(small, runOfSize(1))
	if c.find(large) != nil || c.find(small) == nil || c.sum != 5 {
		t.Errorf("%d are held beside a small run", c.sum-5)
	}
}
