package process_test

import (
	"fmt"
	"io/fs"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
	"peregrine/workflows"
)

// goes is when a reminder goes to its reader, worked out here by looking at
// every minute in turn and by nothing the product uses.
func goes(closesAt time.Time, zone *time.Location, offset lifecycle.Offset, hours lifecycle.Hours, reader *time.Location, off map[string]bool) time.Time {
	due := closesAt
	if offset.Days != 0 {
		wall := closesAt.In(zone)
		due = onTheWall(wall, offset.Days, zone)
	}
	due = due.Add(offset.Clock)
	if hours == lifecycle.HoursAny {
		return due
	}
	at := due
	for !worked(at.In(reader), off) {
		at = at.Truncate(time.Minute).Add(time.Minute)
	}
	if !offset.After() && !at.Before(closesAt) {
		return due
	}
	return at
}

// onTheWall is the last minute that shows the same time so many days from
// wall; in a missing hour, that long after the jump as it lay in it.
func onTheWall(wall time.Time, days int, zone *time.Location) time.Time {
	want := time.Date(wall.Year(), wall.Month(), wall.Day()+days, wall.Hour(), wall.Minute(), 0, 0, time.UTC)
	var found time.Time
	for t := want.Add(-16 * time.Hour); t.Before(want.Add(16 * time.Hour)); t = t.Add(time.Minute) {
		if mobility.WallOf(t.In(zone)).Time().Equal(want) {
			found = t
		}
	}
	if !found.IsZero() {
		return found
	}
	return onTheWall(wall.Add(-time.Hour), days, zone).Add(time.Hour)
}

func worked(local time.Time, off map[string]bool) bool {
	return mobility.Weekdays(local) && !off[local.Format(time.DateOnly)] && local.Hour() >= 8 && local.Hour() < 18
}

// closing moves the round's end to a wall minute in a zone, as a new version.
func closing(w *testkit.World, wall string, zone *time.Location) time.Time {
	w.T.Helper()
	minute, err := mobility.ParseWall(wall)
	if err != nil {
		w.T.Fatal(err)
	}
	at := mobility.ClosesAt(minute, zone)
	w.Exec(`UPDATE deadlines SET wall = $1, zone = $2, closes_at = $3, version = version + 1 WHERE kind = 'closes'`, minute.Time(), zone.String(), at)
	return at
}

func location(t testing.TB, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// TestRemindersOnTheNightsTheClocksChange has a reminder three days and one
// 24 hours before deadlines around both nights of 2027, in three zones. What
// is right stands here as it was worked out by hand.
func TestRemindersOnTheNightsTheClocksChange(t *testing.T) {
	t.Parallel()
	for zone, winter := range map[string]int{"Europe/Lisbon": 0, "Europe/Prague": 1, "Europe/Helsinki": 2} {
		t.Run(zone, func(t *testing.T) {
			t.Parallel()
			w := testkit.NewWorld(t, testkit.WorldPlan{Zone: zone, Closes: mobility.Wall(2027, time.March, 1, 12, 0)})
			file := w.Draft(w.Student("Anna", "1.2"))
			here := location(t, zone)
			for _, c := range []struct{ name, wall, days, hours string }{
				{"the same night in spring", "2027-03-28T10:00", at("03-25", 10-winter, 1), at("03-27", 9-winter, 1)},
				{"after the night in spring", "2027-03-29T10:00", at("03-26", 10-winter, 1), at("03-28", 9-winter, 1)},
				{"three days before does not exist", fmt.Sprintf("2027-03-31T%02d:30", winter+1), at("03-28", 1, 31), at("03-30", 0, 31)},
				{"the same night in autumn", "2027-10-31T10:00", at("10-28", 9-winter, 1), at("10-30", 10-winter, 1)},
				{"after the night in autumn", "2027-11-01T10:00", at("10-29", 9-winter, 1), at("10-31", 10-winter, 1)},
				{"three days before comes twice", fmt.Sprintf("2027-11-03T%02d:30", winter+1), at("10-31", 1, 31), at("11-02", 1, 31)},
			} {
				closing(w, c.wall, here)
				for shift, want := range map[string]string{"-3 days": c.days, "-24 hours": c.hours} {
					got := testkit.One[time.Time](w, `SELECT due_at FROM file_reminders WHERE application_id = $1 AND extract(day FROM shift) = extract(day FROM $2::text::interval)`, file, shift)
					if got.UTC().Format("2006-01-02T15:04") != want {
						t.Errorf("%s: %s before %s is %s UTC, want %s", c.name, shift, c.wall, got.UTC(), want)
					}
				}
				goesAt(t, w, file, c.days, -3*24*60)
				goesAt(t, w, file, c.hours, -24*60)
			}
		})
	}
}

func at(day string, hour, minute int) string {
	return fmt.Sprintf("2027-%sT%02d:%02d", day, hour, minute)
}

func TestWorkingHoursAreTheReadersAndNeverPastTheDeadline(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Exec(`INSERT INTO holidays (institution_id, day) VALUES ($1, '2027-03-29')`, w.Home)
	prague := location(t, "Europe/Prague")
	off := map[string]bool{"2027-03-29": true}
	for _, c := range []struct {
		closes, offset, want string // Prague
	}{
		{"2027-03-18T10:00", "-24h", "2027-03-17T10:01"}, // in a working hour
		{"2027-03-18T23:59", "-24h", "2027-03-18T08:00"}, // in the night
		{"2027-03-22T06:59", "-1d", "2027-03-21T07:00"},  // the next working hour is past the deadline
		{"2027-03-22T12:00", "-1d", "2027-03-22T08:00"},  // a Sunday
		{"2027-03-26T17:59", "1d", "2027-03-30T08:00"},   // a weekend and Easter Monday
		{"2027-03-30T09:00", "-1d", "2027-03-30T08:00"},  // on Easter Monday
	} {
		wall, err := mobility.ParseWall(c.closes)
		if err != nil {
			t.Fatal(err)
		}
		offset, err := lifecycle.ParseOffset(c.offset)
		if err != nil {
			t.Fatal(err)
		}
		closesAt := mobility.ClosesAt(wall, prague)
		got := testkit.One[time.Time](w, `SELECT reminder_goes($1, 'Europe/Prague', make_interval(days => $2, mins => $3), 'working', 'Europe/Prague', $4)`,
			closesAt, offset.Days, int(offset.Clock.Minutes()), w.Home)
		if got.In(prague).Format("2006-01-02T15:04") != c.want {
			t.Errorf("%s from %s goes %s, want %s", c.offset, c.closes, got.In(prague), c.want)
		}
		if by := goes(closesAt, prague, offset, lifecycle.HoursWorking, prague, off); !by.Equal(got) {
			t.Errorf("%s from %s: worked out %s", c.offset, c.closes, by)
		}
	}
}

// goesAt holds that a reminder is planned at that minute and not a second
// before.
func goesAt(t *testing.T, w *testkit.World, file uuid.UUID, when string, minutes int) {
	t.Helper()
	due, err := time.Parse("2006-01-02T15:04", when)
	if err != nil {
		t.Fatal(err)
	}
	written := func() int {
		return testkit.One[int](w, `SELECT count(*)::int FROM letters l JOIN deadlines d ON d.id = (l.data ->> 'deadline')::uuid
			WHERE l.application_id = $1 AND l.status = 'planned' AND l.subject_key LIKE '%:v' || d.version || ':' || $2`, file, fmt.Sprint(minutes*60))
	}
	for _, step := range []struct {
		at   time.Time
		want int
	}{{due.Add(-time.Second), 0}, {due, 1}} {
		if _, _, err := w.Process.Due(t.Context(), step.at); err != nil {
			t.Fatal(err)
		}
		if got := written(); got != step.want {
			t.Errorf("at %s: %d reminders at %d minutes, want %d", step.at, got, minutes, step.want)
		}
	}
}

func studyStaySource(t testing.TB) []byte {
	t.Helper()
	source, err := fs.ReadFile(workflows.Files, "erasmus-study.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return source
}
