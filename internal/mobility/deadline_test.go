package mobility

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestClosesAtIsTheFirstInstantAfterTheMinute(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ zone, wall, closes, opens string }{
		{"Europe/Prague", "2027-01-31T23:59", "2027-01-31T23:00:00Z", "2027-01-31T22:59:00Z"},
		{"Europe/Prague", "2027-07-31T23:59", "2027-07-31T22:00:00Z", "2027-07-31T21:59:00Z"},
		{"Europe/Lisbon", "2027-01-31T23:59", "2027-02-01T00:00:00Z", "2027-01-31T23:59:00Z"},
		{"Europe/Helsinki", "2027-01-31T23:59", "2027-01-31T22:00:00Z", "2027-01-31T21:59:00Z"},
		// 31 October 2027: 02:30 comes twice; it closes after the later and opens with the earlier.
		{"Europe/Prague", "2027-10-31T02:30", "2027-10-31T01:31:00Z", "2027-10-31T00:30:00Z"},
		{"Europe/Prague", "2027-10-31T02:59", "2027-10-31T02:00:00Z", "2027-10-31T00:59:00Z"},
		{"Europe/Prague", "2027-10-31T03:00", "2027-10-31T02:01:00Z", "2027-10-31T02:00:00Z"},
		// 28 March 2027: there is no 02:30; it is read after the jump, as 03:30.
		{"Europe/Prague", "2027-03-28T02:30", "2027-03-28T01:31:00Z", "2027-03-28T01:30:00Z"},
		{"Europe/Prague", "2027-03-28T01:59", "2027-03-28T01:00:00Z", "2027-03-28T00:59:00Z"},
		{"Europe/Prague", "2027-03-28T03:00", "2027-03-28T01:01:00Z", "2027-03-28T01:00:00Z"},
	} {
		wall, err := ParseWall(c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := ClosesAt(wall, zone(t, c.zone)).UTC().Format(time.RFC3339); got != c.closes {
			t.Errorf("%s in %s closes at %s, want %s", c.wall, c.zone, got, c.closes)
		}
		if got := OpensAt(wall, zone(t, c.zone)).UTC().Format(time.RFC3339); got != c.opens {
			t.Errorf("%s in %s opens at %s, want %s", c.wall, c.zone, got, c.opens)
		}
	}
}

// Whatever the zone and the minute: one nanosecond before closes_at is still
// read as that minute or, in the missing hour, as one after the jump; and
// nothing at or after closes_at is.
func TestClosesAtEndsItsMinuteEverywhere(t *testing.T) {
	t.Parallel()
	names := []string{"Europe/Prague", "Europe/Lisbon", "Europe/Helsinki", "Europe/Vilnius", "Atlantic/Azores", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"}
	rapid.Check(t, func(rt *rapid.T) {
		z := zone(t, rapid.SampledFrom(names).Draw(rt, "zone"))
		w := Wall(rapid.IntRange(2024, 2032).Draw(rt, "year"), time.Month(rapid.IntRange(1, 12).Draw(rt, "month")),
			rapid.IntRange(1, 28).Draw(rt, "day"), rapid.IntRange(0, 23).Draw(rt, "hour"), rapid.IntRange(0, 59).Draw(rt, "minute"))
		closes := ClosesAt(w, z)
		last, next := WallOf(closes.Add(-time.Nanosecond).In(z)), WallOf(closes.In(z))
		if last != w && !last.Time().After(w.Time()) {
			rt.Fatalf("%s in %s ends in %s", w, z, last)
		}
		if next == w {
			rt.Fatalf("%s in %s goes on after it closed", w, z)
		}
		if !Open(closes.Add(-time.Nanosecond), closes) || Open(closes, closes) {
			rt.Fatal("open means before closes_at, and nothing else")
		}
		if OpensAt(w, z).After(closes) {
			rt.Fatalf("%s in %s opens after it closed", w, z)
		}
	})
}

func TestTimersWaitTwoMinutes(t *testing.T) {
	t.Parallel()
	closes := time.Date(2027, 1, 31, 23, 0, 0, 0, time.UTC)
	for after, want := range map[time.Duration]bool{0: false, 2*time.Minute - 1: false, 2 * time.Minute: true} {
		if Due(closes.Add(after), closes) != want {
			t.Errorf("%s after closing: due is %t", after, !want)
		}
	}
}

func TestConfirmBy(t *testing.T) {
	t.Parallel()
	prague := zone(t, "Europe/Prague")
	rule := ConfirmRule{Days: 7, Hour: 12, Zone: prague, LeadDays: 3, Minimum: 48 * time.Hour}
	at := func(s string) time.Time {
		w, err := ParseWall(s)
		if err != nil {
			t.Fatal(err)
		}
		return OpensAt(w, prague)
	}
	closedOn := func(days ...string) WorkingDay {
		return func(day time.Time) bool {
			for _, d := range days {
				if day.Format(time.DateOnly) == d {
					return false
				}
			}
			return Weekdays(day)
		}
	}
	for name, c := range map[string]struct {
		now, host string
		working   WorkingDay
		want      string
		ok        bool
	}{
		"a week later at noon":            {"2027-03-15T09:00", "", Weekdays, "2027-03-22T12:00", true},
		"Saturday moves to Monday":        {"2027-03-13T09:00", "", Weekdays, "2027-03-22T12:00", true},
		"a holiday moves on":              {"2027-03-15T09:00", "", closedOn("2027-03-22", "2027-03-23"), "2027-03-24T12:00", true},
		"the host's deadline less 3 days": {"2027-03-15T09:00", "2027-03-23T23:59", Weekdays, "2027-03-18T12:00", true},
		"less than 48 hours left":         {"2027-03-16T13:00", "2027-03-23T23:59", Weekdays, "2027-03-18T12:00", false},
		"the host closed already":         {"2027-03-24T09:00", "2027-03-23T23:59", Weekdays, "2027-03-18T12:00", false},
		"over the summer-time night":      {"2027-03-25T09:00", "", Weekdays, "2027-04-01T12:00", true},
	} {
		var host time.Time
		if c.host != "" {
			host = at(c.host).Add(time.Minute)
		}
		by, ok := rule.ConfirmBy(at(c.now), host, c.working)
		if by.String() != c.want || ok != c.ok {
			t.Errorf("%s: %s %t, want %s %t", name, by, ok, c.want, c.ok)
		}
	}
}

func TestParseWallRefusesWhatIsNoMinute(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "2027-02-30T12:00", "2027-01-31", "31.1.2027 12:00", "2027-01-31T24:00", "2027-01-31T12:00:30"} {
		if w, err := ParseWall(s); err == nil {
			t.Errorf("%q was read as %s", s, w)
		}
	}
}

// Both nights in which the clocks change, in three zones: at the same instant,
// at three different minutes of the wall.
func TestOddityOfTheNightsTheClocksChange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone, wall string
		want       Oddity
	}{
		{"Europe/Lisbon", "2027-03-28T00:59", WallPlain},
		{"Europe/Lisbon", "2027-03-28T01:00", WallMissing},
		{"Europe/Lisbon", "2027-03-28T01:59", WallMissing},
		{"Europe/Lisbon", "2027-03-28T02:00", WallPlain},
		{"Europe/Prague", "2027-03-28T01:59", WallPlain},
		{"Europe/Prague", "2027-03-28T02:00", WallMissing},
		{"Europe/Prague", "2027-03-28T02:59", WallMissing},
		{"Europe/Prague", "2027-03-28T03:00", WallPlain},
		{"Europe/Helsinki", "2027-03-28T02:59", WallPlain},
		{"Europe/Helsinki", "2027-03-28T03:00", WallMissing},
		{"Europe/Helsinki", "2027-03-28T03:59", WallMissing},
		{"Europe/Helsinki", "2027-03-28T04:00", WallPlain},
		{"Europe/Lisbon", "2027-10-31T00:59", WallPlain},
		{"Europe/Lisbon", "2027-10-31T01:00", WallDoubled},
		{"Europe/Lisbon", "2027-10-31T01:59", WallDoubled},
		{"Europe/Lisbon", "2027-10-31T02:00", WallPlain},
		{"Europe/Prague", "2027-10-31T01:59", WallPlain},
		{"Europe/Prague", "2027-10-31T02:00", WallDoubled},
		{"Europe/Prague", "2027-10-31T02:59", WallDoubled},
		{"Europe/Prague", "2027-10-31T03:00", WallPlain},
		{"Europe/Helsinki", "2027-10-31T02:59", WallPlain},
		{"Europe/Helsinki", "2027-10-31T03:00", WallDoubled},
		{"Europe/Helsinki", "2027-10-31T03:59", WallDoubled},
		{"Europe/Helsinki", "2027-10-31T04:00", WallPlain},
	} {
		wall, err := ParseWall(c.wall)
		if err != nil {
			t.Fatal(err)
		}
		if got := OddityOf(wall, zone(t, c.zone)); got != c.want {
			t.Errorf("%s in %s is %q, want %q", c.wall, c.zone, got, c.want)
		}
	}
}
