package mobility

import (
	"fmt"
	"time"
)

// WallMinute is a minute on a wall clock, without a zone: "2027-01-31 23:59".
type WallMinute struct{ t time.Time } // in UTC, only its fields count

// Wall makes a wall minute from its parts.
func Wall(year int, month time.Month, day, hour, minute int) WallMinute {
	return WallMinute{time.Date(year, month, day, hour, minute, 0, 0, time.UTC)}
}

// WallOf reads t's fields in its own location as a wall minute.
func WallOf(t time.Time) WallMinute {
	return Wall(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute())
}

const wallLayout = "2006-01-02T15:04"

// ParseWall reads "2027-01-31T23:59" or "2027-01-31 23:59".
func ParseWall(s string) (WallMinute, error) {
	for _, layout := range []string{wallLayout, "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, time.UTC); err == nil {
			return WallMinute{t}, nil
		}
	}
	return WallMinute{}, fmt.Errorf("%q is no date and minute like 2027-01-31T23:59", s)
}

// String writes the wall minute as 2027-01-31T23:59.
func (w WallMinute) String() string { return w.t.Format(wallLayout) }

// Time returns the fields as a time in UTC, for storing as "timestamp".
func (w WallMinute) Time() time.Time { return w.t }

// ClosesAt returns the first instant after the wall minute w in zone (design
// rule 7). In the doubled hour of autumn the later instant holds; a minute in
// the missing hour of spring is read after the jump: 02:30 becomes 03:30.
func ClosesAt(w WallMinute, zone *time.Location) time.Time {
	return instant(w, zone).Add(time.Minute)
}

// OpensAt returns the first instant of the wall minute w in zone; a minute
// that exists twice opens at its first occurrence.
func OpensAt(w WallMinute, zone *time.Location) time.Time {
	first, _ := candidates(w, zone)
	return first
}

// Oddity says what summer time does to a wall minute.
type Oddity string

// The oddities.
const (
	WallPlain   Oddity = ""
	WallMissing Oddity = "missing" // the clocks jump over it in spring
	WallDoubled Oddity = "doubled" // it comes twice in autumn
)

// OddityOf reports what summer time does to the wall minute w in zone.
func OddityOf(w WallMinute, zone *time.Location) Oddity {
	first, last := candidates(w, zone)
	switch {
	case !first.Equal(last):
		return WallDoubled
	case WallOf(first.In(zone)) != w:
		return WallMissing
	}
	return WallPlain
}

func instant(w WallMinute, zone *time.Location) time.Time {
	_, last := candidates(w, zone)
	return last
}

// candidates returns the first and the last instant whose fields in zone are
// w. In the missing hour both are w read with the offset before the jump,
// which lands after it by as much as w lay inside the gap.
func candidates(w WallMinute, zone *time.Location) (first, last time.Time) {
	before := offsetAt(w.t.Add(-24*time.Hour), zone)
	after := offsetAt(w.t.Add(24*time.Hour), zone)
	a := w.t.Add(-before).In(zone)
	b := w.t.Add(-after).In(zone)
	okA, okB := WallOf(a) == w, WallOf(b) == w
	switch {
	case okA && okB && b.Before(a):
		return b, a
	case okA && okB:
		return a, b
	case okB:
		return b, b
	default: // only a fits, or none does: the missing hour, read before the jump
		return a, a
	}
}

func offsetAt(t time.Time, zone *time.Location) time.Duration {
	_, seconds := t.In(zone).Zone()
	return time.Duration(seconds) * time.Second
}

// Open reports whether something arriving at arrived is in time for a
// deadline whose first closed instant is closesAt. It is the one function
// that form, mail, job and page ask (design rule 7).
func Open(arrived, closesAt time.Time) bool { return arrived.Before(closesAt) }

// Grace is how long after a deadline timers and rankings wait, longer than
// the longest request, so that nothing which arrived in time is judged late.
const Grace = 2 * time.Minute

// LateWindow is how long after a deadline somebody may still submit who asked
// to be let in before it, and got the letter too late.
const LateWindow = 20 * time.Minute

// GraceMost is the longest grace period a call can have, and how long a draft
// outlasts its deadline in every call: whether there is one may be told by
// nothing an applicant sees, not even by when a draft ends.
const GraceMost = 2 * time.Hour

// Due reports whether a timer or ranking may act on a deadline at now.
func Due(now, closesAt time.Time) bool { return !now.Before(closesAt.Add(Grace)) }

// ConfirmRule says how a confirm-by is computed (design rule 8).
type ConfirmRule struct {
	Days     int            // calendar days from publication or promotion
	Hour     int            // hour of the day in Zone at which it ends
	Zone     *time.Location // the call's zone
	LeadDays int            // working days the office needs before the host's deadline
	Minimum  time.Duration  // less than this left: nobody is asked automatically
}

// WorkingDay reports whether day (its date, in the call's zone) is worked.
type WorkingDay func(day time.Time) bool

// Weekdays is the plain calendar: Monday to Friday.
func Weekdays(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday
}

// ConfirmBy returns the wall minute by which an offer made at now must be
// confirmed: Days later at Hour, moved to the next working day, but never
// later than the host's nomination deadline less LeadDays working days.
// hostClosesAt zero means the host has no deadline. ok is false when less than
// Minimum would be left; then a person has to decide.
func (r ConfirmRule) ConfirmBy(now, hostClosesAt time.Time, working WorkingDay) (by WallMinute, ok bool) {
	local := now.In(r.Zone)
	day := time.Date(local.Year(), local.Month(), local.Day()+r.Days, r.Hour, 0, 0, 0, time.UTC)
	for !working(day) {
		day = day.AddDate(0, 0, 1)
	}
	if !hostClosesAt.IsZero() {
		if latest := r.latest(hostClosesAt, working); day.After(latest) {
			day = latest
		}
	}
	by = WallMinute{day}
	return by, ClosesAt(by, r.Zone).Sub(now) >= r.Minimum
}

func (r ConfirmRule) latest(hostClosesAt time.Time, working WorkingDay) time.Time {
	h := hostClosesAt.Add(-time.Minute).In(r.Zone)
	day := time.Date(h.Year(), h.Month(), h.Day(), r.Hour, 0, 0, 0, time.UTC)
	for left := r.LeadDays; left > 0; {
		day = day.AddDate(0, 0, -1)
		if working(day) {
			left--
		}
	}
	return day
}
