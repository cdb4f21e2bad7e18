package calendar

import (
	"fmt"
	"time"
)

// Month is a month of a year.
type Month struct {
	Year  int
	Month time.Month
}

// MonthOf is the month t falls in, in its own location.
func MonthOf(t time.Time) Month { return Month{t.Year(), t.Month()} }

// The years a calendar shows. Beyond them nobody has a deadline, and a crawler
// that follows "next" comes to an end.
const firstYear, lastYear = 2000, 2100

// ParseMonth reads "2027-01".
func ParseMonth(s string) (Month, error) {
	t, err := time.Parse("2006-01", s)
	if err != nil || t.Year() < firstYear || t.Year() > lastYear {
		return Month{}, fmt.Errorf("%q is no month like 2027-01 between %d and %d", s, firstYear, lastYear)
	}
	return MonthOf(t), nil
}

// String writes the month as ParseMonth reads it.
func (m Month) String() string { return fmt.Sprintf("%04d-%02d", m.Year, m.Month) }

// Add is the month n months later.
func (m Month) Add(n int) Month {
	return MonthOf(time.Date(m.Year, m.Month+time.Month(n), 1, 0, 0, 0, 0, time.UTC))
}

// Begins is the first instant of the month in zone.
func (m Month) Begins(zone *time.Location) time.Time {
	return time.Date(m.Year, m.Month, 1, 0, 0, 0, 0, zone)
}

// Day is a day of the calendar, without a zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the day t falls on, in its own location.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

// String writes the day as 2027-01-31.
func (d Day) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day) }

// Noon is the middle of the day in zone, which every zone has.
func (d Day) Noon(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, zone)
}

// Weeks are the weeks the month touches, Monday to Sunday as ISO 8601 has
// them, with the days of the months before and after that fill them.
func (m Month) Weeks() [][7]Day {
	first := m.Begins(time.UTC)
	day := first.AddDate(0, 0, -(int(first.Weekday())+6)%7)
	var weeks [][7]Day
	for len(weeks) == 0 || MonthOf(day) == m {
		var week [7]Day
		for i := range week {
			week[i] = DayOf(day)
			day = day.AddDate(0, 0, 1)
		}
		weeks = append(weeks, week)
	}
	return weeks
}
