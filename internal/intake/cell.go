package intake

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"

	"peregrine/internal/mobility"
)

const maxText = 500 // characters of one cell

// cell is one value with the place it stands at. Its methods read it as what
// it should be, or report what was expected and return the zero value.
type cell struct {
	reader *reader
	column string
	text   string
}

func (c cell) fail(code string, data map[string]any) { c.reader.fail(c.column, c.text, code, data) }

func (c cell) note(code string) {
	p := Problem{Row: c.reader.row, Column: c.column, Value: c.text, Code: code}
	c.reader.notes = append(c.reader.notes, p)
}

// clean takes the text without the marks that spreadsheets and web pages
// leave at its ends, composed (é as one character), and refuses what no
// name or code holds. It reports whether the cell can be read.
func (c *cell) clean(text string) bool {
	if !c.reader.table.serial { // a workbook needs no guard
		text = unguard(text)
	}
	text = strings.Map(dropMarks, text)
	c.text = norm.NFC.String(strings.Join(strings.FieldsFunc(text, blank), " "))
	switch {
	case utf8.RuneCountInString(c.text) > maxText:
		c.text = ""
		c.fail("intake.too_long", map[string]any{"Most": maxText})
		return false
	case strings.ContainsFunc(c.text, hidden):
		c.fail("intake.control_character", nil)
		return false
	}
	return true
}

func dropMarks(r rune) rune {
	switch r {
	case '\u200e', '\u200f', '\ufeff', '\u00ad': // direction marks, byte order mark, soft hyphen
		return -1
	}
	return r
}

// blank is what separates words; line breaks inside a cell count as one.
func blank(r rune) bool { return unicode.IsSpace(r) || r == '\u00a0' || r == '\u202f' }

// hidden is a control or format character. The two joiners are letters' own
// business in Persian and in Indic scripts.
func hidden(r rune) bool {
	if r == '\u200c' || r == '\u200d' {
		return false
	}
	return unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == unicode.ReplacementChar
}

func (c cell) optional() string { return c.text }

func (c cell) required() string {
	if c.text == "" {
		c.fail("intake.required", nil)
	}
	return c.text
}

// oneOf returns the text in lower case if it is one of the words.
func (c cell) oneOf(words ...string) string {
	text := strings.ToLower(c.text)
	for _, w := range words {
		if text == w {
			return w
		}
	}
	c.fail("intake.one_of", map[string]any{"Words": words})
	return ""
}

func (c cell) integer(least, most int) int {
	n, err := strconv.Atoi(strings.TrimSuffix(c.text, ".0"))
	if err != nil || n < least || n > most {
		c.fail("intake.integer", map[string]any{"Least": least, "Most": most})
		return 0
	}
	return n
}

// plainDecimal leaves out exponents, which only a spreadsheet's rounding
// would write here.
var plainDecimal = regexp.MustCompile(`^[0-9]{1,9}([.,][0-9]{1,20})?$`)

// decimal reads a number with a point or a comma; empty is not valid, and no
// problem. What goes beyond scale decimals is a spreadsheet's binary tail
// (1.6000000000000001) and is rounded away.
func (c cell) decimal(most int64, scale int32) decimal.NullDecimal {
	if c.text == "" {
		return decimal.NullDecimal{}
	}
	limit := map[string]any{"Most": most}
	if !plainDecimal.MatchString(c.text) {
		c.fail("intake.decimal", limit)
		return decimal.NullDecimal{}
	}
	d, err := decimal.NewFromString(strings.Replace(c.text, ",", ".", 1))
	if err != nil || d.GreaterThan(decimal.NewFromInt(most)) {
		c.fail("intake.decimal", limit)
		return decimal.NullDecimal{}
	}
	return decimal.NewNullDecimal(mobility.RoundPoints(d, scale))
}

// dayLayouts: ISO, and the ways Czech, German, Lithuanian systems export.
var dayLayouts = []string{"2006-01-02", "2.1.2006", "2. 1. 2006", "2006.01.02", "2006-01-02T00:00:00", "2006-01-02 00:00:00"}

// day reads a date. In a sheet it may be a day number.
func (c cell) day() (time.Time, bool) {
	if t, ok := c.serial(); ok {
		return t.Truncate(24 * time.Hour), true
	}
	for _, layout := range dayLayouts {
		if t, err := time.ParseInLocation(layout, c.text, time.UTC); err == nil {
			return t, true
		}
	}
	c.fail("intake.date", nil)
	return time.Time{}, false
}

// minute reads a wall minute; a date alone ends at 23:59.
func (c cell) minute() mobility.WallMinute {
	if t, ok := c.serial(); ok {
		return endOfDay(t)
	}
	if w, err := mobility.ParseWall(c.text); err == nil {
		return w
	}
	for _, layout := range []string{"2.1.2006 15:04", "2. 1. 2006 15:04", "2006-01-02 15:04:05"} {
		if t, err := time.ParseInLocation(layout, c.text, time.UTC); err == nil {
			return endOfDay(t)
		}
	}
	for _, layout := range dayLayouts {
		if t, err := time.ParseInLocation(layout, c.text, time.UTC); err == nil {
			return endOfDay(t)
		}
	}
	c.fail("intake.date_time", nil)
	return mobility.WallMinute{}
}

// endOfDay takes midnight, which is what a date without a time becomes, as
// the last minute of that day.
func endOfDay(t time.Time) mobility.WallMinute {
	if t.Hour() == 0 && t.Minute() == 0 {
		return mobility.Wall(t.Year(), t.Month(), t.Day(), 23, 59)
	}
	return mobility.WallOf(t)
}

// serial reads a spreadsheet's day number: days since 30 December 1899, with
// the time of day as the fraction. Only what falls between 1900 and 2100 is a
// date and not some other number.
func (c cell) serial() (time.Time, bool) {
	if !c.reader.table.serial {
		return time.Time{}, false
	}
	days, err := strconv.ParseFloat(c.text, 64)
	if err != nil || days < 61 || days > 73_050 {
		return time.Time{}, false
	}
	epoch := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	minutes := time.Duration(days*24*60 + 0.5)
	return epoch.Add(minutes * time.Minute), true
}

// country reads ISO 3166-1 alpha-2 and what the European institutions write
// instead; EL and UK come back as GR and GB.
func (c cell) country() string {
	code := strings.ToUpper(c.text)
	switch code {
	case "EL":
		return "GR"
	case "UK":
		return "GB"
	}
	region, err := language.ParseRegion(code)
	if len(code) != 2 || err != nil || !region.IsCountry() || region.String() != code {
		c.fail("intake.country", nil)
		return ""
	}
	return code
}

func (c cell) languageTag() string {
	base, err := language.ParseBase(strings.ToLower(c.text))
	if err != nil || len(c.text) != 2 {
		c.fail("intake.language", nil)
		return ""
	}
	return base.String()
}

func (c cell) zone() string {
	if c.text == "Local" || c.text == "" || !strings.Contains(c.text, "/") && c.text != "UTC" {
		c.fail("intake.zone", nil)
		return ""
	}
	if _, err := time.LoadLocation(c.text); err != nil {
		c.fail("intake.zone", nil)
		return ""
	}
	return c.text
}

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

func (c cell) domain() string {
	name := strings.ToLower(c.text)
	if len(name) > 253 || !domainName.MatchString(name) {
		c.fail("intake.domain", nil)
		return ""
	}
	return name
}

// email reads an address without a display name. The host is written small;
// the part before it is left as it is.
func (c cell) email() string {
	address, err := mail.ParseAddress(c.text)
	at := strings.LastIndexByte(c.text, '@')
	if err != nil || address.Address != c.text || at < 0 || len(c.text) > 254 || at > 64 ||
		!domainName.MatchString(strings.ToLower(c.text[at+1:])) || strings.ContainsAny(c.text, "\" ") || strings.ContainsFunc(c.text, func(r rune) bool { return r > unicode.MaxASCII }) {
		c.fail("intake.email", nil)
		return ""
	}
	return c.text[:at] + strings.ToLower(c.text[at:])
}
