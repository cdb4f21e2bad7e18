package demo

import (
	"testing"
	"time"
)

func TestEasterIsWhenItIs(t *testing.T) {
	t.Parallel()
	for _, want := range []string{"2024-03-31", "2025-04-20", "2026-04-05", "2027-03-28", "2028-04-16", "2038-04-25"} {
		day, err := time.Parse(time.DateOnly, want)
		if err != nil {
			t.Fatal(err)
		}
		if got := easterSunday(day.Year()); !got.Equal(day) {
			t.Errorf("%d: %s", day.Year(), got.Format(time.DateOnly))
		}
	}
	if n := len(czechHolidays(2027)); n != 13 {
		t.Errorf("%d days", n)
	}
}
