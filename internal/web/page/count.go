package page

import (
	"time"

	"peregrine/internal/locale"
)

// countsFrom is how long before a deadline what is left is told to the minute,
// and counted down where script runs.
const countsFrom = 24 * time.Hour

// leftWords says what is left of the last day before a deadline, rounded
// towards less: nobody may believe to have more time than there is.
func leftWords(loc locale.Printer, left time.Duration) string {
	switch {
	case left >= time.Hour:
		return loc.T("countdown.in_hours_minutes", "Hours", int(left/time.Hour), "Minutes", int(left%time.Hour/time.Minute))
	case left >= time.Minute:
		return loc.T("countdown.in_minutes", "Minutes", int(left/time.Minute))
	}
	return loc.T("countdown.in_less")
}
