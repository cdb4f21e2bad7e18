package calendar

import (
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
)

// Feed is a calendar others subscribe to.
type Feed struct {
	Name    string
	Text    string    // what the calendar is for
	Host    string    // whose UIDs its entries have
	Written time.Time // when what it says was true
	Entries []Entry
}

// Entry is one deadline.
type Entry struct {
	ID      string    // the same for as long as it is the same deadline
	At      time.Time // the last minute in which something is in time
	Version int       // counted up each time it is moved
	Title   string
	Text    string
	Link    string
}

// refresh is how often who subscribed is asked to look again.
const refresh = "PT1H"

// ICalendar writes the feed as RFC 5545 has it. An entry is a moment that
// takes no time of the day: it starts and ends at the deadline's last minute,
// in UTC, so that every calendar shows it in its reader's own zone. A moved
// deadline keeps its UID and counts its SEQUENCE up.
func (f Feed) ICalendar() string {
	c := ics.NewCalendarFor("Peregrine")
	c.SetMethod(ics.MethodPublish)
	c.SetName(text(f.Name))
	c.SetXWRCalName(text(f.Name))
	c.SetDescription(text(f.Text))
	c.SetXWRCalDesc(text(f.Text))
	c.SetRefreshInterval(refresh, ics.WithValue(string(ics.ValueDataTypeDuration)))
	c.SetXPublishedTTL(refresh)
	for _, e := range f.Entries {
		v := c.AddEvent(e.ID + "@" + f.Host)
		v.SetDtStampTime(f.Written)
		v.SetStartAt(e.At)
		v.SetEndAt(e.At)
		v.SetSequence(e.Version)
		v.SetSummary(text(e.Title))
		v.SetDescription(text(e.Text))
		v.SetTimeTransparency(ics.TransparencyTransparent)
		v.SetClass(ics.ClassificationPrivate)
		if e.Link != "" {
			v.SetURL(e.Link)
		}
	}
	return c.Serialize(ics.WithNewLineWindows)
}

// text leaves out what no text of iCalendar may hold: control characters,
// among them the carriage return, which the library writes as it is.
func text(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s)
}
