package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

func TestTogetherAnswersEachItsOwn(t *testing.T) {
	var mu sync.Mutex
	rounds := 0
	tog := together[int, int]{most: 10, rounds: 2, do: func(_ context.Context, asked []int) ([]answer[int], error) {
		mu.Lock()
		rounds++
		mu.Unlock()
		if len(asked) > 10 {
			t.Errorf("%d in one round", len(asked))
		}
		time.Sleep(time.Millisecond)
		out := make([]answer[int], len(asked))
		for i, n := range asked {
			out[i].value = 2 * n
		}
		return out, nil
	}}
	const askers = 300
	var group sync.WaitGroup
	for n := range askers {
		group.Go(func() {
			if got, err := tog.ask(t.Context(), n); got != 2*n || err != nil {
				t.Errorf("%d: %d, %v", n, got, err)
			}
		})
	}
	group.Wait()
	if rounds >= askers {
		t.Errorf("%d rounds for %d: nobody went together", rounds, askers)
	}
}

// One whose work fails or panics costs the others of its round nothing.
func TestTogetherSparesTheOthers(t *testing.T) {
	bad := errors.New("bad")
	for name, fail := range map[string]func() error{"an error": func() error { return bad }, "a panic": func() error { panic("bad") }} {
		t.Run(name, func(t *testing.T) {
			tog := together[int, string]{most: 8, rounds: 1, do: func(_ context.Context, asked []int) ([]answer[string], error) {
				time.Sleep(time.Millisecond)
				out := make([]answer[string], len(asked))
				for i, n := range asked {
					if n == 3 {
						return nil, fail()
					}
					out[i].value = fmt.Sprint(n)
				}
				return out, nil
			}}
			var group sync.WaitGroup
			for n := range 8 {
				group.Go(func() {
					got, err := tog.ask(t.Context(), n)
					if (n == 3) != (err != nil) || n != 3 && got != fmt.Sprint(n) {
						t.Errorf("%d: %q, %v", n, got, err)
					}
				})
			}
			group.Wait()
		})
	}
}

// A round whose first asker gives up is done anew by those who did not.
func TestTogetherOutlivesWhoGaveUp(t *testing.T) {
	first, cancel := context.WithCancel(t.Context())
	started := make(chan struct{}, 16)
	tog := together[int, int]{most: 8, rounds: 1, do: func(ctx context.Context, asked []int) ([]answer[int], error) {
		started <- struct{}{}
		if asked[0] == 0 {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return make([]answer[int], len(asked)), nil
	}}
	var group sync.WaitGroup
	group.Go(func() {
		if _, err := tog.ask(first, 0); !errors.Is(err, context.Canceled) {
			t.Errorf("who gave up got %v", err)
		}
	})
	<-started
	group.Go(func() {
		if _, err := tog.ask(t.Context(), 1); err != nil {
			t.Error(err)
		}
	})
	cancel()
	group.Wait()
}
