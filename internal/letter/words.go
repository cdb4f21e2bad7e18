package letter

import (
	"slices"
	"strings"
	"text/template"
	"time"

	"peregrine/internal/locale"
)

// words are what templates call to put values into a language. The printer's
// zone is the reader's.
type words struct {
	locale.Printer
	about Letter
}

func (w words) funcs() template.FuncMap {
	return template.FuncMap{
		"until":   w.until,
		"moment":  w.moment,
		"instant": w.DateTime,
		"day":     w.day,
		"place":   w.place,
		"points":  w.points,
		"count":   w.count,
		"covered": covered,

		"decision": w.decision,
		"why":      w.why,
	}
}

// until writes a deadline: its last minute in the zone it is set in, and in
// the reader's if their clocks differ then.
func (w words) until(u Until) string {
	return w.moment(u.ClosesAt.Add(-time.Minute), u.Zone)
}

// moment writes an instant in zone, and in the reader's if it differs.
func (w words) moment(t time.Time, zone *time.Location) string {
	there := w.In(zone).DateTime(t)
	_, theirs := t.In(zone).Zone()
	if _, mine := t.In(w.Zone()).Zone(); mine == theirs {
		return there
	}
	return w.T("letter.both_times", "There", there, "Here", w.DateTime(t))
}

// day writes a date as its own location has it; a day has no zone.
func (w words) day(t time.Time) string { return w.In(t.Location()).Weekday(t) }

func (w words) place(p Place) string {
	parts := []string{p.Host, p.City, w.Country(p.Country), p.Term}
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

func (w words) points(p Points) string {
	if p.Of.IsZero() {
		return w.Decimal(p.Reached)
	}
	return w.T("letter.points_of", "Reached", p.Reached, "Of", p.Of)
}

// count writes a number with its noun, by the message letter.count_<noun>.
func (w words) count(noun string, n int) string { return w.N("letter.count_"+noun, n) }

// decision says in the product's own words what was decided: no wording of an
// office can do without it. It is empty for letters that decide nothing.
func (w words) decision() string {
	d, ok := w.about.(decided)
	if !ok {
		return ""
	}
	return w.T("letter.decision_" + d.decision())
}

// decided is a letter that tells a decision, named by the id of its words.
type decided interface{ decision() string }

// covered shows enough of an address to recognize it and no more.
func covered(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" {
		return "…"
	}
	first := []rune(local)[:1]
	return string(first) + "…@" + domain
}
