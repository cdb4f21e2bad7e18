package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/letter"
	"peregrine/internal/store"
)

// The times of the way to the mail server.
const (
	lookPause  = 5 * time.Second  // the first look whether it is back; each later one waits twice as long
	longPause  = 15 * time.Minute // up to this
	lookLease  = 2 * time.Minute  // a look that takes longer is given up for lost
	stateLasts = time.Second      // how long what was read of it is taken for true
	lately     = 10 * time.Second // it took a letter so shortly ago: one failure says little
	silence    = 10 * time.Second // how long a letter waits for it before it makes room
)

// The rate of letters. After a silence it begins low and doubles, so that
// nobody is flooded with what has gathered.
const (
	firstRate  = 120 // letters a minute
	doubled    = 30 * time.Second
	rise       = 5 * time.Minute
	rateAhead  = 5 * time.Second        // how far ahead slots are given out
	slotBatch  = 250 * time.Millisecond // slots taken at once cover so much time
	slotsStale = time.Second
)

// gate is the way to the mail server, which all processes share through one
// row of the database: who knows that it does not answer, and how many letters
// may go. While it is silent no letter is begun; one process at a time looks
// whether it is back.
type gate struct {
	Config

	mu       sync.Mutex
	known    bool // its row is there
	read     time.Time
	down     bool
	due      bool
	rising   time.Duration // since it came back; negative: long ago
	slots    []time.Time
	failures int       // in a row, of this process
	answered time.Time // it last took or refused a letter of this process
}

// pass waits until a letter may be begun. ok is false if that took too long,
// and the letter should make room for others.
func (g *gate) pass(ctx context.Context) (ok bool, err error) {
	patient, cancel := context.WithTimeout(ctx, silence)
	defer cancel()
	for {
		open, err := g.open(ctx, false)
		if err != nil {
			return false, err
		}
		at, taken := g.Now(), false
		if open {
			if at, taken, err = g.slot(ctx, rateAhead); err != nil {
				return false, err
			}
		}
		if taken {
			return wait(ctx, at.Sub(g.Now())), nil
		}
		if !wait(patient, stateLasts/2) {
			return false, nil
		}
	}
}

// door is pass for somebody who stands at the door: counted by the rate, kept
// waiting by none, and never waiting for a mail server that is silent.
func (g *gate) door(ctx context.Context) (ok bool, err error) {
	if ok, err = g.open(ctx, true); err != nil || !ok {
		return false, err
	}
	_, _, err = g.slot(ctx, 24*time.Hour)
	return err == nil, err
}

// wait reports whether the time has passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// open reports whether the mail server answers, and looks if it is time to.
func (g *gate) open(ctx context.Context, urgent bool) (bool, error) {
	down, due, err := g.state(ctx)
	if err != nil || !down {
		return !down, err
	}
	if !due && !urgent {
		return false, nil
	}
	return g.look(ctx, urgent)
}

// state reads what is known of the mail server, at most once a second.
func (g *gate) state(ctx context.Context) (down, due bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.known && g.Now().Sub(g.read) < stateLasts {
		return g.down, g.due, nil
	}
	if !g.known {
		if err := queries.KnowRelay(ctx, g.Pool, g.Relay); err != nil {
			return false, false, fmt.Errorf("mail server's state: %w", err)
		}
		g.known = true
	}
	row, err := queries.RelayState(ctx, g.Pool, g.Relay)
	if err != nil {
		return false, false, fmt.Errorf("mail server's state: %w", err)
	}
	g.down, g.due, g.rising, g.read = row.Down, row.Due, time.Duration(row.Rising*float64(time.Second)), g.Now()
	return g.down, g.due, nil
}

// forget has the state read anew before the next letter.
func (g *gate) forget() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.read, g.slots, g.failures = time.Time{}, nil, 0
}

// every is the time between two letters, 0 if there is no rate to keep.
func (g *gate) every() time.Duration {
	rate := g.Rate
	if g.rising >= 0 && g.rising < rise {
		slow := firstRate << (g.rising / doubled)
		if rate == 0 || slow < rate {
			rate = slow
		}
	}
	if rate == 0 {
		return 0
	}
	return time.Minute / time.Duration(rate)
}

// slot takes the next time at which the rate lets a letter go. taken is false
// if that lies beyond the horizon.
func (g *gate) slot(ctx context.Context, horizon time.Duration) (at time.Time, taken bool, err error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	every, now := g.every(), g.Now()
	if every == 0 {
		return now, true, nil
	}
	for len(g.slots) > 0 && now.Sub(g.slots[0]) > slotsStale {
		g.slots = g.slots[1:] // unused too long: they would go in one burst
	}
	if len(g.slots) == 0 {
		n := max(1, slotBatch/every)
		ahead, err := queries.TakeSlots(ctx, g.Pool, store.TakeSlotsParams{Name: g.Relay, Length: n * every, Horizon: horizon})
		if errors.Is(err, pgx.ErrNoRows) {
			return now, false, nil
		}
		if err != nil {
			return now, false, fmt.Errorf("mail server's rate: %w", err)
		}
		first := now.Add(time.Duration(ahead * float64(time.Second)))
		for i := range n {
			g.slots = append(g.slots, first.Add(i*every))
		}
	}
	at, g.slots = g.slots[0], g.slots[1:]
	return at, true, nil
}

// look tries whether the mail server is back, unless another process does.
func (g *gate) look(ctx context.Context, urgent bool) (back bool, err error) {
	failures, err := queries.LookAtRelay(ctx, g.Pool, store.LookAtRelayParams{Name: g.Relay, Lease: lookLease, Urgent: urgent})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the mail server: %w", err)
	}
	cause := g.Sender.Probe(ctx)
	if ctx.Err() != nil {
		return false, nil //nolint:nilerr // this process stops; another looks
	}
	defer g.forget()
	if cause == nil {
		return true, g.back(ctx)
	}
	silent, err := queries.RelayStillSilent(ctx, g.Pool, store.RelayStillSilentParams{
		Name: g.Relay, Pause: growing(int(failures)), Response: cause.Error(),
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look at the mail server: %w", err)
	}
	return false, g.tell(ctx, slog.LevelWarn, "the mail server is still silent", silent, slog.String("cause", cause.Error()))
}

// growing doubles from look to look: 5 s, 10 s … a quarter of an hour.
func growing(failures int) time.Duration {
	return min(longPause, lookPause<<min(max(failures, 0), 10))
}

func (g *gate) back(ctx context.Context) error {
	silent, err := queries.RelayAnswers(ctx, g.Pool, g.Relay)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the mail server: %w", err)
	}
	return g.tell(ctx, slog.LevelInfo, "the mail server answers again", silent)
}

// tell writes one line with how long the mail server has been silent and how
// many letters wait.
func (g *gate) tell(ctx context.Context, level slog.Level, words string, seconds float64, more ...slog.Attr) error {
	waiting, err := queries.LettersWaiting(ctx, g.Pool)
	if err != nil {
		return fmt.Errorf("count the letters that wait: %w", err)
	}
	attrs := append([]slog.Attr{
		slog.String("mail_server", g.Relay), slog.Duration("silent", time.Duration(seconds*float64(time.Second)).Round(time.Second)),
		slog.Int("letters_waiting", int(waiting)),
	}, more...)
	g.Logger.LogAttrs(ctx, level, words, attrs...)
	return nil
}

// heard keeps what a letter's outcome says about the mail server itself.
func (g *gate) heard(ctx context.Context, r letter.Result) error {
	g.mu.Lock()
	if !r.Unreached {
		if r.Code != 0 { // an answer, whatever it said of the letter
			g.failures, g.answered = 0, g.Now()
		}
		g.mu.Unlock()
		return nil
	}
	g.failures++
	// While others get through, one that does not may have been one too many.
	silent := g.failures >= g.Connections || g.Now().Sub(g.answered) > lately
	g.mu.Unlock()
	if !silent {
		return nil
	}
	defer g.forget()
	known, err := queries.RelaySilent(ctx, g.Pool, store.RelaySilentParams{Name: g.Relay, Pause: lookPause, Response: r.Response})
	if err != nil {
		return fmt.Errorf("mail server's state: %w", err)
	}
	if known {
		return nil
	}
	return g.tell(ctx, slog.LevelWarn, "the mail server does not answer", 0, slog.String("cause", r.Response))
}
