package locale

import (
	"slices"
	"strings"
	"time"

	"github.com/go-playground/locales"
	"github.com/go-playground/locales/cs"
	"github.com/go-playground/locales/da"
	"github.com/go-playground/locales/de"
	"github.com/go-playground/locales/en_GB"
	"github.com/go-playground/locales/fi"
	"github.com/go-playground/locales/lt"
	"github.com/go-playground/locales/nl"
	"github.com/go-playground/locales/pt_PT"
	"github.com/go-playground/locales/sv"
	"golang.org/x/text/language"
)

// manner is what a language does with dates, numbers and plurals.
type manner struct {
	tag          language.Tag // whose names and plurals: a Portuguese zero counts otherwise than a Brazilian one
	names        locales.Translator
	shortWeekday bool   // Czech weekdays decline after a preposition; the abbreviation does not
	vocalised    bool   // Czech says "ve" instead of "v" before some hours
	group        string // between thousands
	point        string // before decimals
}

// The no-break space keeps a number on one line, in pages and in print.
var manners = map[string]manner{
	"en": {tag: language.English, names: en_GB.New(), group: ",", point: "."},
	"cs": {tag: language.Czech, names: cs.New(), shortWeekday: true, vocalised: true, group: "\u00a0", point: ","},
	"da": {tag: language.Danish, names: da.New(), group: ".", point: ","},
	"de": {tag: language.German, names: de.New(), group: ".", point: ","},
	"fi": {tag: language.Finnish, names: fi.New(), group: "\u00a0", point: ","},
	"lt": {tag: language.Lithuanian, names: lt.New(), group: "\u00a0", point: ","},
	"nl": {tag: language.Dutch, names: nl.New(), group: ".", point: ","},
	"pt": {tag: language.EuropeanPortuguese, names: pt_PT.New(), group: "\u00a0", point: ","},
	"sv": {tag: language.Swedish, names: sv.New(), group: "\u00a0", point: ","},
}

func (p Printer) manner() manner {
	if p.s == nil {
		return manners[Default]
	}
	return p.s.manner
}

// number rewrites a plain decimal numeral with the language's separators.
func (m manner) number(s string) string {
	sign := ""
	if strings.HasPrefix(s, "-") {
		sign, s = "\u2212", s[1:]
	}
	whole, fraction, has := strings.Cut(s, ".")
	var b strings.Builder
	for i, r := range whole {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteString(m.group)
		}
		b.WriteRune(r)
	}
	if has {
		b.WriteString(m.point + fraction)
	}
	return sign + b.String()
}

// Date writes the day t falls on in the reader's zone: 31 January 2027.
func (p Printer) Date(t time.Time) string {
	t = t.In(p.Zone())
	return p.T("format.date", "Day", t.Day(), "Month", p.manner().names.MonthWide(t.Month()), "Year", t.Year())
}

// DateTime writes an instant in full, with weekday and zone name: a deadline
// must leave no doubt. "Sunday 31 January 2027, 23:59 CET".
func (p Printer) DateTime(t time.Time) string {
	t = t.In(p.Zone())
	clock := p.Clock(t)
	words := p.T("format.datetime", "Weekday", p.weekday(t), "Date", p.Date(t), "Clock", clock, "Zone", p.ZoneName(t))
	if p.manner().vocalised && slices.Contains(vocalisedHours, t.Hour()) {
		words = strings.Replace(words, " v\u00a0"+clock, " ve\u00a0"+clock, 1)
	}
	return words
}

// vocalisedHours are those whose Czech word starts with a cluster that asks
// for "ve": dvě, tři, čtyři, dvanáct, třináct, čtrnáct, dvacet and on.
var vocalisedHours = []int{2, 3, 4, 12, 13, 14, 20, 21, 22, 23}

// Weekday writes the weekday and the day: "Sunday 31 January 2027".
func (p Printer) Weekday(t time.Time) string {
	t = t.In(p.Zone())
	return p.weekday(t) + " " + p.Date(t)
}

func (p Printer) weekday(t time.Time) string {
	if m := p.manner(); m.shortWeekday {
		return m.names.WeekdayAbbreviated(t.Weekday())
	}
	return p.manner().names.WeekdayWide(t.Weekday())
}

// Clock writes the time of day in the reader's zone: 23:59.
func (p Printer) Clock(t time.Time) string { return t.In(p.Zone()).Format("15:04") }

// ZoneName names the reader's zone at t: "CET", in Czech "SEČ".
func (p Printer) ZoneName(t time.Time) string {
	name, _ := t.In(p.Zone()).Zone()
	if translated := p.T("zone." + name); translated != "zone."+name {
		return translated
	}
	return name
}

// span is one step of Relative: below limit, t is told in this unit.
type span struct {
	limit, unit  time.Duration
	future, past string
}

var spans = []span{
	{time.Hour, time.Minute, "relative.in_minutes", "relative.minutes_ago"},
	{48 * time.Hour, time.Hour, "relative.in_hours", "relative.hours_ago"},
	{1 << 62, 24 * time.Hour, "relative.in_days", "relative.days_ago"},
}

// Relative says how far to is from from, rounded towards less: "in 3 days",
// "2 hours ago". Nobody may believe to have more time than there is.
func (p Printer) Relative(from, to time.Time) string {
	d, past := to.Sub(from), false
	if d < 0 {
		d, past = -d, true
	}
	if d < time.Minute {
		return p.T("relative.now")
	}
	for _, s := range spans {
		if d >= s.limit {
			continue
		}
		id := s.future
		if past {
			id = s.past
		}
		return p.N(id, int(d/s.unit))
	}
	return ""
}
