package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"peregrine/internal/demo/data"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/workflows"
)

// Deps is what seeding needs.
type Deps struct {
	Process *process.Runner
	DB      Database                        // of the work role, to find what was made
	Tell    func(line string)               // how far it is, of what takes long; nil: nobody asks
	Settle  func(ctx context.Context) error // lets the database look at what it holds now; nil: it does so in its time
}

// The worlds there are.
const (
	Small    = "small"
	Alliance = "alliance"
)

// Database is a pool of connections.
type Database interface {
	store.DBTX
	Begin(ctx context.Context) (pgx.Tx, error)
}

// loaded is when, by the files' calendar, everybody came in: before the first
// of their acts.
const loaded = "2025-11-10 09:00"

// Seed fills the database of a demo with the world: lists of institutions,
// MENDELU's units, agreements, people and staff through the importers, the
// built-in lifecycles, and calls whose people acted at the times in which
// such things happen. Everything is done by the processes that pages use, at
// past business times; letters and jobs they asked for are left to the
// workers. now is system time. The same day gives the same world. A demo that
// holds the world already is left alone; any other database is an error.
func Seed(ctx context.Context, d Deps, now time.Time) error {
	return seed(ctx, d, now, story{world: Small, loaded: loaded, play: play})
}

// story is what is told of a world: when everybody came in, and what they did.
type story struct {
	world  string
	loaded string
	play   func(*stage)
}

func seed(ctx context.Context, d Deps, now time.Time, told story) error {
	todo, err := fresh(ctx, d.DB, told.world)
	if err != nil || !todo {
		return err
	}
	zone, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	dates := newCalendar(now, zone)
	at, err := dates.instant(told.loaded)
	if err != nil {
		return err
	}
	if _, err := d.Process.LoadBuiltIn(ctx, at, workflows.Files); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	l := &loader{Deps: d, calendar: dates, at: at}
	if err := l.load(ctx); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	s := &stage{ctx: ctx, Deps: d, calendar: dates, rnd: newRandom(), home: l.home}
	s.cast()
	told.play(s)
	if s.err != nil {
		return fmt.Errorf("seed the demo: %w", s.err)
	}
	if _, _, err := d.Process.Due(ctx, now); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	if err := queries.DemoNothingIsLate(ctx, d.DB); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	return queries.DemoIsWhole(ctx, d.DB, told.world)
}

// tell says how far it is to whoever asks.
func (d Deps) tell(format string, with ...any) {
	if d.Tell != nil {
		d.Tell(fmt.Sprintf(format, with...))
	}
}

// play tells the story of every call, in the order of time.
func play(s *stage) {
	s.lastYear(s.open("2025-12-10 10:00", data.CallStudy, data.CallStudyLastYear))
	s.spring(s.open("2026-11-18 10:00", data.CallSpring))
	s.early(s.open("2026-10-27 10:00", data.CallStudy, data.CallStudyEarly))
	s.week(s.open("2026-11-26 10:00", data.CallBIP))
	s.current(s.open("2026-12-10 10:00", data.CallStudy))
}
