package intake

import (
	"regexp"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Person is one row of what a student information system exports.
type Person struct {
	Row         int
	GivenNames  string // empty for people with a single name
	FamilyNames string
	BirthDate   time.Time // midnight UTC
	Nationality string    // ISO 3166-1 alpha-2
	Gender      int       // ISO 5218: 0 not known, 1 male, 2 female, 9 not applicable
	Email       string
	ESI         string // empty: has none yet
	Unit        string
	Cycle       int    // EQF 5 to 8
	ISCED       string // four digits
	Year        int    // of study
	Average     decimal.NullDecimal
	Credits     decimal.NullDecimal
	Values      map[string]string // further values, from columns value_<name>
}

// People reads students as of today, before which everybody was born. The
// error is Problems.
func People(data []byte, known Known, today time.Time) (File[Person], error) {
	return kind[Person]{
		columns: personColumns(known, today),
		further: func(p *Person, c cell) { p.value(c) },
		keys: []key[Person]{
			{"email", func(p Person) string { return strings.ToLower(p.Email) }},
			{"esi", func(p Person) string { return strings.ToLower(p.ESI) }},
		},
	}.read(data)
}

func personColumns(known Known, today time.Time) []column[Person] {
	return []column[Person]{
		{name: "given_names", read: func(p *Person, c cell) { p.Row, p.GivenNames = c.reader.row, c.optional() }},
		{name: "family_names", read: func(p *Person, c cell) { p.FamilyNames = c.required() }},
		{name: "birth_date", read: func(p *Person, c cell) { p.BirthDate = c.birthDate(today) }},
		{name: "nationality", read: func(p *Person, c cell) { p.Nationality = c.country() }},
		{name: "gender", read: func(p *Person, c cell) { p.Gender = c.gender() }},
		{name: "email", read: func(p *Person, c cell) { p.Email = c.email() }},
		{name: "esi", optional: true, read: func(p *Person, c cell) { p.ESI = c.esi() }},
		{name: "unit", read: func(p *Person, c cell) { p.Unit = c.unit(known) }},
		{name: "cycle", read: func(p *Person, c cell) { p.Cycle = c.cycle("intake.cycle") }},
		{name: "isced_f", read: func(p *Person, c cell) { p.ISCED = c.isced(4) }},
		{name: "year", read: func(p *Person, c cell) { p.Year = c.integer(1, 12) }},
		{name: "average", read: func(p *Person, c cell) { p.Average = c.decimal(100, 4) }},
		{name: "credits", read: func(p *Person, c cell) { p.Credits = c.decimal(1000, 2) }},
	}
}

// value keeps a further value: a number, a word or a day that a scheme of a
// call may ask for by its name.
func (p *Person) value(c cell) {
	switch {
	case c.text == "":
		return
	case !valuePattern.MatchString(c.text):
		c.fail("intake.value", nil)
		return
	}
	if p.Values == nil {
		p.Values = map[string]string{}
	}
	p.Values[c.column] = strings.Replace(c.text, ",", ".", 1)
}

// valuePattern takes codes and numbers, never what somebody wrote.
var valuePattern = regexp.MustCompile(`^[A-Za-z0-9-][A-Za-z0-9_:/.,-]{0,62}$`)

// birthDate refuses what is surely a slip: nobody applies at 12 or at 111.
func (c cell) birthDate(today time.Time) time.Time {
	day, ok := c.day()
	if ok && (day.After(today.AddDate(-14, 0, 0)) || day.Before(today.AddDate(-110, 0, 0))) {
		c.fail("intake.birth_date", nil)
		return time.Time{}
	}
	return day
}

func (c cell) gender() int {
	switch strings.ToUpper(c.text) {
	case "", "0":
		return 0
	case "1", "M":
		return 1
	case "2", "F":
		return 2
	case "9", "X":
		return 9
	}
	c.fail("intake.gender", nil)
	return 0
}

// esiPattern takes the forms of version 1.0 only: the scope is a country or a
// home organisation, and older drafts without "int:esi" are not one.
var esiPattern = regexp.MustCompile(`(?i)^urn:schac:personalUniqueCode:int:esi:([a-z]{2}|([a-z0-9-]+\.)+[a-z]{2,}):[a-z0-9][a-z0-9._~:@/-]{0,127}$`)

const esiPrefix = "urn:schac:personalUniqueCode:int:esi:"

// esi writes the fixed part the standard way; identifiers are compared
// without regard to case, so the rest stays as the institution issued it.
func (c cell) esi() string {
	if c.text == "" {
		return ""
	}
	if !esiPattern.MatchString(c.text) {
		c.fail("intake.esi", nil)
		return ""
	}
	return esiPrefix + c.text[len(esiPrefix):]
}
