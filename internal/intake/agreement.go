package intake

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"peregrine/internal/mobility"
)

// Agreement is one row of places at a host: what an agreement gives one unit,
// for one field and cycle, in one academic year and term.
type Agreement struct {
	Row             int
	HomeUnit        string // code of the unit; empty: the whole institution
	HostCode        string // Erasmus code of the host
	ISCED           string // ISCED-F 2013: 2, 3 or 4 digits
	Cycle           int    // EQF 5 to 8; 0: all
	Places          int
	Months          int        // of one stay, 1 to 12
	Languages       []Language // any one of them will do; empty: no minimum
	Term            Term
	AcademicYear    int // the year it starts in: 2027 for 2027/28
	Deadline        mobility.WallMinute
	DeadlineZone    string // IANA; empty: the host's
	HomeAgreementID string
	HostAgreementID string
	SelectedBy      string // "home" or "host"
	ValidFrom       int    // academic years, by the year they start in; 0: open
	ValidTo         int
}

// Language is a minimum: a CEFR level, in a language by ISO 639-1 or, where
// that is empty, in the language of instruction.
type Language struct {
	Language string
	Level    string
}

// Term is the part of the academic year a stay takes.
type Term string

// The terms; a year draws on both.
const (
	TermAutumn Term = "autumn"
	TermSpring Term = "spring"
	TermYear   Term = "year"
)

// Known says which codes exist where the file is going; a nil func leaves
// that question open.
type Known struct {
	Unit func(code string) bool // by the code as written
	Host func(key string) bool  // by CodeKey
}

// Agreements reads a list of agreements. The error is Problems.
func Agreements(data []byte, known Known) (File[Agreement], error) {
	return kind[Agreement]{
		columns: agreementColumns(known),
		keys:    []key[Agreement]{{"", Agreement.key}},
		check:   (*Agreement).check,
	}.read(data)
}

func agreementColumns(known Known) []column[Agreement] {
	return []column[Agreement]{
		{name: "home_unit", read: func(a *Agreement, c cell) {
			if a.Row = c.reader.row; !strings.EqualFold(c.text, "all") {
				a.HomeUnit = c.unit(known)
			}
		}},
		{name: "host_code", read: func(a *Agreement, c cell) { a.HostCode = c.host(known) }},
		{name: "isced_f", read: func(a *Agreement, c cell) { a.ISCED = c.isced(2) }},
		{name: "cycle", read: func(a *Agreement, c cell) {
			if !strings.EqualFold(c.text, "all") {
				a.Cycle = c.cycle("intake.cycle_or_all")
			}
		}},
		{name: "places", read: func(a *Agreement, c cell) { a.Places = c.integer(0, 1000) }},
		{name: "months", read: func(a *Agreement, c cell) { a.Months = c.integer(1, 12) }},
		{name: "cefr", optional: true, read: func(a *Agreement, c cell) { a.Languages = c.languages() }},
		{name: "term", read: func(a *Agreement, c cell) {
			a.Term = Term(c.oneOf(string(TermAutumn), string(TermSpring), string(TermYear)))
		}},
		{name: "academic_year", read: func(a *Agreement, c cell) { a.AcademicYear = c.academicYear() }},
		{name: "nomination_deadline", read: func(a *Agreement, c cell) { a.Deadline = c.minute() }},
		{name: "deadline_zone", optional: true, read: func(a *Agreement, c cell) {
			if c.text != "" {
				a.DeadlineZone = c.zone()
			}
		}},
		{name: "home_agreement_id", read: func(a *Agreement, c cell) { a.HomeAgreementID = c.required() }},
		{name: "host_agreement_id", optional: true, read: func(a *Agreement, c cell) { a.HostAgreementID = c.optional() }},
		{name: "selected_by", optional: true, read: func(a *Agreement, c cell) { a.SelectedBy = c.selectedBy() }},
		{name: "valid_from", optional: true, read: func(a *Agreement, c cell) { a.ValidFrom = c.optionalYear() }},
		{name: "valid_to", optional: true, read: func(a *Agreement, c cell) { a.ValidTo = c.optionalYear() }},
	}
}

// check looks at what several cells say together. A cell that could not be
// read is zero and was reported already.
func (a *Agreement) check(r *reader) {
	if a.ValidFrom > 0 && a.ValidTo > 0 && a.ValidTo < a.ValidFrom {
		r.fail("valid_to", "", "intake.valid_to_before_from", nil)
	}
	year := a.AcademicYear
	if year == 0 {
		return
	}
	if a.ValidFrom > year || a.ValidTo > 0 && a.ValidTo < year {
		r.fail("academic_year", "", "intake.year_outside_validity", nil)
	}
	// Nominations for 2027/28 are due between January 2027 and June 2028.
	if at := a.Deadline.Time(); !at.IsZero() && (at.Year() < year || at.Year() > year+1 || at.Year() == year+1 && at.Month() > 6) {
		data := map[string]any{"From": fmt.Sprintf("%d-01", year), "To": fmt.Sprintf("%d-06", year+1)}
		r.fail("nomination_deadline", "", "intake.deadline_outside_year", data)
	}
}

func (a Agreement) key() string {
	if a.HostCode == "" { // could not be read
		return ""
	}
	return strings.Join([]string{
		a.HomeUnit, CodeKey(a.HostCode), a.ISCED, strconv.Itoa(a.Cycle), string(a.Term),
		strconv.Itoa(a.AcademicYear), a.HomeAgreementID,
	}, "\x1f")
}

func (c cell) unit(known Known) string {
	code := c.required()
	if code != "" && known.Unit != nil && !known.Unit(code) {
		c.fail("intake.unit_unknown", nil)
	}
	return code
}

func (c cell) host(known Known) string {
	code := c.erasmusCode()
	if code != "" && known.Host != nil && !known.Host(CodeKey(code)) {
		c.fail("intake.host_unknown", nil)
	}
	return code
}

func (c cell) cycle(code string) int {
	if n, err := strconv.Atoi(c.text); err == nil && n >= 5 && n <= 8 {
		return n
	}
	c.fail(code, nil)
	return 0
}

var levelPattern = regexp.MustCompile(`^([A-Za-z]{2} )?[A-Ca-c][12]$`)

// languages reads "en B2", "B2", or several with a slash: "en B2 / de B1".
func (c cell) languages() []Language {
	if c.text == "" {
		return nil
	}
	var out []Language
	for _, part := range strings.Split(c.text, "/") {
		part = strings.TrimSpace(part)
		if !levelPattern.MatchString(part) {
			c.fail("intake.cefr", nil)
			return nil
		}
		l := Language{Level: strings.ToUpper(part[len(part)-2:])}
		if len(part) > 2 {
			one := c
			one.text = part[:2]
			l.Language = one.languageTag()
		}
		out = append(out, l)
	}
	return out
}

var yearPattern = regexp.MustCompile(`^(20[0-9]{2})[/-]([0-9]{2}|20[0-9]{2})$`)

// academicYear reads "2027/28" or "2027/2028" as 2027.
func (c cell) academicYear() int {
	if m := yearPattern.FindStringSubmatch(c.text); m != nil {
		start, _ := strconv.Atoi(m[1])
		end, _ := strconv.Atoi(m[2])
		if end%100 == (start+1)%100 && (end < 100 || end == start+1) {
			return start
		}
	}
	c.fail("intake.academic_year", nil)
	return 0
}

func (c cell) optionalYear() int {
	if c.text == "" {
		return 0
	}
	return c.academicYear()
}

func (c cell) selectedBy() string {
	if c.text == "" {
		return "home"
	}
	return c.oneOf("home", "host")
}
