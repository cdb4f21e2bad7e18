package lifecycle

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Offset is how far from a deadline a reminder is due. Days are days of the
// calendar on the wall where the deadline is set: three days before Monday
// 10:00 is Friday 10:00, also if the clocks change in between. Clock is time
// that passes: 24 hours before it is 24 hours, whatever the clocks do. Both
// are negative before the deadline.
type Offset struct {
	Days  int
	Clock time.Duration
}

var offsetText = regexp.MustCompile(`^([+-]?)(?:(\d{1,3})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?$`)

// ParseOffset reads an offset like -3d, -24h, 2d12h or 0h.
func ParseOffset(text string) (Offset, error) {
	parts := offsetText.FindStringSubmatch(text)
	if parts == nil || parts[2]+parts[3]+parts[4] == "" {
		return Offset{}, fmt.Errorf("an offset like -3d, -24h or 2d12h is expected here, not %q", text)
	}
	number := func(s string) int {
		n, _ := strconv.Atoi(s) // only digits, or nothing
		return n
	}
	o := Offset{number(parts[2]), time.Duration(number(parts[3]))*time.Hour + time.Duration(number(parts[4]))*time.Minute}
	if parts[1] == "-" {
		o.Days, o.Clock = -o.Days, -o.Clock
	}
	return o, nil
}

// After reports whether the offset is not before the deadline.
func (o Offset) After() bool { return o.Days >= 0 && o.Clock >= 0 }

// Minutes is the offset's length on a day like any other: what tells two
// offsets apart and which of them is later.
func (o Offset) Minutes() int { return o.Days*24*60 + int(o.Clock/time.Minute) }

// String writes the offset as ParseOffset reads it.
func (o Offset) String() string {
	var b strings.Builder
	if !o.After() {
		b.WriteByte('-')
	}
	days, minutes := int(math.Abs(float64(o.Days))), int(o.Clock.Abs()/time.Minute)
	if days > 0 {
		fmt.Fprintf(&b, "%dd", days)
	}
	if minutes/60 > 0 || days == 0 && minutes == 0 {
		fmt.Fprintf(&b, "%dh", minutes/60)
	}
	if minutes%60 > 0 {
		fmt.Fprintf(&b, "%dm", minutes%60)
	}
	return b.String()
}

// Hours says when in the day a reminder may go out.
type Hours string

// The hours.
const (
	HoursAny Hours = "any" // when it is due
	// HoursWorking waits for the reader's next working hour, from 08:00 to
	// 18:00 on a working day of the reader's institution, unless that comes
	// only after the deadline.
	HoursWorking Hours = "working"
)

// HoursKnown lists the hours.
var HoursKnown = []Hours{HoursAny, HoursWorking}
