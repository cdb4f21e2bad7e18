package demo

import (
	"context"
	"fmt"
	"time"

	"peregrine/internal/store"
)

// holidays puts the public holidays of the Czech Republic into the working
// calendar of home, for the years the world's stories play in. They are the
// real ones, whatever day the world is moved to: reminders and confirm-bys
// keep clear of them.
func (l *loader) holidays(ctx context.Context) error {
	var days []time.Time
	for year := l.at.Year() - 1; year <= l.at.Year()+3; year++ {
		days = append(days, czechHolidays(year)...)
	}
	if err := queries.DemoHolidays(ctx, l.DB, store.DemoHolidaysParams{InstitutionID: l.home, Days: days}); err != nil {
		return fmt.Errorf("enter the holidays: %w", err)
	}
	return nil
}

func czechHolidays(year int) []time.Time {
	easter := easterSunday(year)
	days := []time.Time{easter.AddDate(0, 0, -2), easter.AddDate(0, 0, 1)}
	for _, d := range []struct {
		month time.Month
		day   int
	}{{1, 1}, {5, 1}, {5, 8}, {7, 5}, {7, 6}, {9, 28}, {10, 28}, {11, 17}, {12, 24}, {12, 25}, {12, 26}} {
		days = append(days, time.Date(year, d.month, d.day, 0, 0, 0, 0, time.UTC))
	}
	return days
}

// easterSunday is by the Gregorian calendar, as Gauss's rule in the form of
// Meeus, Jones and Butcher has it.
func easterSunday(year int) time.Time {
	a, b, c := year%19, year/100, year%100
	h := (19*a + b - b/4 - (b-(b+8)/25+1)/3 + 15) % 30
	l := (32 + 2*(b%4) + 2*(c/4) - h - c%4) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}
