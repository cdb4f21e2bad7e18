package process

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// The ways to be reminded. ByDefault is at once, and for officers by the
// office's mailbox alone.
const (
	ByDefault = "default"
	AtOnce    = "at_once"
	Daily     = "daily"  // an overview on working days
	Weekly    = "weekly" // an overview on one day of the week
	Never     = "none"   // decisions still come
)

// ReminderWays lists the ways to be reminded.
var ReminderWays = []string{ByDefault, AtOnce, Daily, Weekly, Never}

// ReminderChoice is how somebody wants to be reminded.
type ReminderChoice struct {
	Way           string // one of ReminderWays
	Weekday       int    // of Weekly: 1 is Monday
	Hour          int    // of Daily and Weekly, in the reader's time zone
	Announcements bool
	Arrived       time.Time // system clock
}

func (c ReminderChoice) check() error {
	p := &planCheck{}
	p.require(slices.Contains(ReminderWays, c.Way), "way", "invalid.oneof")
	p.require(c.Weekday >= 1 && c.Weekday <= 7, "weekday", "invalid.oneof")
	p.require(c.Hour >= 0 && c.Hour <= 23, "hour", "invalid.oneof")
	if len(p.problems) > 0 {
		return mobility.InvalidError(p.problems...)
	}
	return nil
}

// ChooseReminders keeps how the actor wants to be reminded. It counts from
// now: reminders that wait to be sent go as they were planned, and an overview
// comes at the next of its hours.
func (r *Runner) ChooseReminders(ctx context.Context, actor mobility.Actor, c ReminderChoice) error {
	if err := c.check(); err != nil {
		return err
	}
	if !actor.SignedIn() {
		return mobility.NotFoundError("person")
	}
	return r.do(ctx, actor, c.Arrived, func(s *step) error {
		if err := s.elevate(ctx); err != nil {
			return err
		}
		err := queries.ChooseReminders(ctx, s.tx, store.ChooseRemindersParams{
			PersonID: actor.Person, Way: c.Way, Weekday: int32(c.Weekday), Hour: int32(c.Hour), Announcements: c.Announcements, ChosenAt: s.now,
		})
		if err != nil {
			return fmt.Errorf("keep the choice: %w", err)
		}
		return nil
	})
}

// LeaveReminders is what somebody asks for by the link in a reminder or an
// overview, without signing in: no more of them.
func (r *Runner) LeaveReminders(ctx context.Context, person uuid.UUID, arrived time.Time) error {
	return r.system(ctx, arrived, func(s *step) error {
		return queries.LeaveReminders(ctx, s.tx, store.LeaveRemindersParams{PersonID: person, ChosenAt: s.now})
	})
}

// LeaveAnnouncements is the same for announcements.
func (r *Runner) LeaveAnnouncements(ctx context.Context, person uuid.UUID, arrived time.Time) error {
	return r.system(ctx, arrived, func(s *step) error {
		return queries.LeaveAnnouncements(ctx, s.tx, store.LeaveAnnouncementsParams{PersonID: person, ChosenAt: s.now})
	})
}
