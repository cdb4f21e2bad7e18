package intake

import "strings"

// Member is one institution of an alliance. Several Erasmus codes: it holds
// several charters.
type Member struct {
	Row       int
	Domain    string   // SCHAC home organisation: "mendelu.cz"
	Codes     []string // Erasmus codes, at least one
	NameEN    string
	NameLocal string
	Country   string // ISO 3166-1 alpha-2
	Language  string // ISO 639-1
	Zone      string // IANA: "Europe/Prague"
}

var memberKind = kind[Member]{
	columns: []column[Member]{
		{name: "domain", read: func(m *Member, c cell) { m.Row, m.Domain = c.reader.row, c.domain() }},
		{name: "erasmus_codes", read: func(m *Member, c cell) { m.Codes = c.erasmusCodes() }},
		{name: "name_en", read: func(m *Member, c cell) { m.NameEN = c.required() }},
		{name: "name_local", read: func(m *Member, c cell) { m.NameLocal = c.required() }},
		{name: "country", read: func(m *Member, c cell) { m.Country = c.country() }},
		{name: "language", read: func(m *Member, c cell) { m.Language = c.languageTag() }},
		{name: "time_zone", read: func(m *Member, c cell) { m.Zone = c.zone() }},
	},
	keys: []key[Member]{{"domain", func(m Member) string { return m.Domain }}},
}

// erasmusCodes reads codes separated by semicolons.
func (c cell) erasmusCodes() []string {
	var out []string
	for _, part := range strings.Split(c.text, ";") {
		one := c
		one.text = strings.TrimSpace(part)
		if code := one.erasmusCode(); code != "" {
			out = append(out, code)
		}
	}
	return out
}

// AllianceMembers reads a list of members. The error is Problems.
func AllianceMembers(data []byte) (File[Member], error) { return memberKind.read(data) }
