package intake

import (
	"regexp"
	"strings"
)

// Institution is one row of a list of institutions.
type Institution struct {
	Row     int
	Code    string // Erasmus code, with single spaces: "CZ BRNO02"
	PIC     string // nine digits
	OID     string // "E10110096", or empty
	Name    string
	City    string
	Country string // ISO 3166-1 alpha-2: GR, not EL
	Website string // with https:// or http://, or empty
}

// CodeKey is what two ways of writing one Erasmus code have in common: the
// three-letter countries leave no room for the space ("IRLDUBLIN01").
func CodeKey(code string) string {
	return strings.ToUpper(strings.Join(strings.Fields(code), ""))
}

// erasmusCode is generous, as the Commission's list is: codes with one or
// three digits at the end ("E TOLEDO3", "F PARIS 063"), with eight letters or
// more, and "RSPROKUP01" without its space are all in it.
var erasmusCode = regexp.MustCompile(`^[A-Z]{1,3} ?[A-Z][A-Z-]*( ?[A-Z-]+)* ?[0-9]{1,3}$`)

func (c cell) erasmusCode() string {
	code := strings.ToUpper(c.text)
	if len(code) > 20 || !erasmusCode.MatchString(code) {
		c.fail("intake.erasmus_code", nil)
		return ""
	}
	return code
}

func (c cell) matching(pattern *regexp.Regexp, code string) string {
	if !pattern.MatchString(c.text) {
		c.fail(code, nil)
		return ""
	}
	return c.text
}

var (
	picPattern = regexp.MustCompile(`^[0-9]{9}$`)
	oidPattern = regexp.MustCompile(`^E[0-9]{8}$`)
	webPattern = regexp.MustCompile(`^(?i)(https?://)?([\pL0-9_-]+\.)+[a-z]{2,}(:[0-9]+)?([/?#][^\s@"<>]*)?$`)
)

// website returns an address that can be linked to. Many institutions gave
// the Commission something else, often a mailbox; that is noted and left out,
// not least because it may be a person's.
func (c cell) website() string {
	text, _, _ := strings.Cut(c.text, " / ") // two addresses: the first
	text = strings.Replace(strings.Replace(text, "http//", "http://", 1), "www. ", "www.", 1)
	switch {
	case text == "":
		return ""
	case !webPattern.MatchString(text):
		c.note("intake.website_left_out")
		return ""
	case !strings.Contains(text, "://"):
		return "https://" + text
	}
	return text
}

var institutionKind = kind[Institution]{
	columns: []column[Institution]{
		{name: "erasmus_code", read: func(i *Institution, c cell) { i.Row, i.Code = c.reader.row, c.erasmusCode() }},
		{name: "pic", read: func(i *Institution, c cell) { i.PIC = c.matching(picPattern, "intake.pic") }},
		{name: "oid", optional: true, read: func(i *Institution, c cell) {
			if c.text != "" {
				i.OID = c.matching(oidPattern, "intake.oid")
			}
		}},
		{name: "legal_name", read: func(i *Institution, c cell) { i.Name = c.required() }},
		{name: "city", read: func(i *Institution, c cell) { i.City = c.required() }},
		{name: "country", read: func(i *Institution, c cell) { i.Country = c.country() }},
		{name: "website", optional: true, read: func(i *Institution, c cell) { i.Website = c.website() }},
	},
	// Not the PIC: one legal entity may hold two charters.
	keys: []key[Institution]{{"erasmus_code", func(i Institution) string { return CodeKey(i.Code) }}},
}

// Institutions reads a list of institutions. The error is Problems.
func Institutions(data []byte) (File[Institution], error) { return institutionKind.read(data) }
