package demo

import (
	"context"
	"fmt"
	"time"

	"peregrine/internal/demo/data"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/workflows"
)

// Deps is what seeding needs.
type Deps struct {
	Process *process.Runner
	DB      store.DBTX // of the work role, to find what was made
}

// loaded is when, by the files' calendar, everybody came in: before the first
// of their acts.
const loaded = "2025-11-10 09:00"

// Seed fills the database of a demo with the world: lists of institutions,
// MENDELU's units, agreements, people and staff through the importers, the
// built-in lifecycles, and four calls whose people acted at the times in
// which such things happen. Everything is done by the processes that pages
// use, at past business times; letters and jobs they asked for are left to
// the workers. now is system time. The same day gives the same world. A demo
// that has calls already is left alone; any other database is an error.
func Seed(ctx context.Context, d Deps, now time.Time) error {
	todo, err := fresh(ctx, d.DB)
	if err != nil || !todo {
		return err
	}
	zone, err := time.LoadLocation("Europe/Prague")
	if err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	dates := newCalendar(now, zone)
	at, err := dates.instant(loaded)
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
	if err := play(ctx, d, dates); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	if _, _, err := d.Process.Due(ctx, now); err != nil {
		return fmt.Errorf("seed the demo: %w", err)
	}
	return queries.DemoNothingIsLate(ctx, d.DB)
}

// play tells the story of every call, in the order of time.
func play(ctx context.Context, d Deps, dates calendar) error {
	s := &stage{ctx: ctx, Deps: d, calendar: dates, rnd: newRandom()}
	s.cast()
	s.lastYear(s.open("2025-12-10 10:00", data.CallStudy, data.CallStudyLastYear))
	s.spring(s.open("2026-11-18 10:00", data.CallSpring))
	s.early(s.open("2026-10-27 10:00", data.CallStudy, data.CallStudyEarly))
	s.week(s.open("2026-11-26 10:00", data.CallBIP))
	s.current(s.open("2026-12-10 10:00", data.CallStudy))
	return s.err
}
