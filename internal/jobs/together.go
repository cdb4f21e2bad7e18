package jobs

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// together does at once what several ask for at the same time. Whoever comes
// while it is busy is served by the next round, so that rounds grow with the
// load and nobody waits for a round to fill.
type together[A, R any] struct {
	most   int // of one round
	rounds int // at the same time
	// do answers a round, each place its own. If it fails or panics, each is
	// done alone: nobody pays for another.
	do func(ctx context.Context, asked []A) ([]answer[R], error)

	mu    sync.Mutex
	queue []*asking[A, R]
	busy  int
}

// answer is what one of a round gets.
type answer[R any] struct {
	value R
	err   error
}

type asking[A, R any] struct {
	ctx  context.Context
	of   A
	done chan answer[R]
}

// ask waits for its answer, also if ctx ends: what was begun for somebody must
// reach them.
func (t *together[A, R]) ask(ctx context.Context, a A) (R, error) {
	q := &asking[A, R]{ctx: ctx, of: a, done: make(chan answer[R], 1)}
	t.mu.Lock()
	t.queue = append(t.queue, q)
	if t.busy < t.rounds {
		t.busy++
		go t.work()
	}
	t.mu.Unlock()
	got := <-q.done
	return got.value, got.err
}

// work does rounds until nobody waits.
func (t *together[A, R]) work() {
	for round := t.next(); len(round) > 0; round = t.next() {
		for i, got := range t.answers(round) {
			round[i].done <- got
		}
	}
}

// answers is do, for all or for each alone.
func (t *together[A, R]) answers(round []*asking[A, R]) []answer[R] {
	out, err := t.try(round)
	switch {
	case err == nil:
		return out
	case len(round) == 1:
		return []answer[R]{{err: err}}
	}
	out = make([]answer[R], 0, len(round))
	for i := range round {
		out = append(out, t.answers(round[i:i+1])...)
	}
	return out
}

// try is do, in the context of the first of the round.
func (t *together[A, R]) try(round []*asking[A, R]) (out []answer[R], err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	asked := make([]A, len(round))
	for i, q := range round {
		asked[i] = q.of
	}
	if out, err = t.do(round[0].ctx, asked); err == nil && len(out) != len(asked) {
		err = fmt.Errorf("%d asked, %d were answered", len(asked), len(out))
	}
	return out, err
}

func (t *together[A, R]) next() []*asking[A, R] {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := min(t.most, len(t.queue))
	round := t.queue[:n:n]
	t.queue = t.queue[n:]
	if n == 0 {
		t.busy--
	}
	return round
}
