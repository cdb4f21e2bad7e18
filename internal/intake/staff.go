package intake

import "strings"

// Staff is one role of one person: the same address may come in several rows.
type Staff struct {
	Row         int
	GivenNames  string
	FamilyNames string
	Email       string
	Institution string // Erasmus code
	Role        string // officer, coordinator, assessor, administrator, operator, or host: contact of a partner
	Unit        string // code; empty: the whole institution
	Language    string // ISO 639-1
}

// StaffRoles reads people and their roles. Units are those of the importing
// institution; the contacts of partners (role host) carry none. The error is
// Problems.
func StaffRoles(data []byte, known Known) (File[Staff], error) {
	return kind[Staff]{
		columns: staffColumns(known),
		keys:    []key[Staff]{{"", Staff.key}},
		check:   (*Staff).check,
	}.read(data)
}

func staffColumns(known Known) []column[Staff] {
	return []column[Staff]{
		{name: "given_names", read: func(s *Staff, c cell) { s.Row, s.GivenNames = c.reader.row, c.optional() }},
		{name: "family_names", read: func(s *Staff, c cell) { s.FamilyNames = c.required() }},
		{name: "email", read: func(s *Staff, c cell) { s.Email = c.email() }},
		{name: "institution", read: func(s *Staff, c cell) { s.Institution = c.host(known) }},
		{name: "role", read: func(s *Staff, c cell) {
			s.Role = c.oneOf("officer", "coordinator", "assessor", "administrator", "operator", "host")
		}},
		{name: "unit", optional: true, read: func(s *Staff, c cell) {
			if c.text != "" {
				s.Unit = c.unit(known)
			}
		}},
		{name: "language", read: func(s *Staff, c cell) { s.Language = c.languageTag() }},
	}
}

func (s *Staff) check(r *reader) {
	if s.Role == "coordinator" && s.Unit == "" {
		r.fail("unit", "", "intake.coordinator_without_unit", nil)
	}
	if s.Role == "host" && s.Unit != "" {
		r.fail("unit", "", "intake.host_with_unit", nil)
	}
}

func (s Staff) key() string {
	if s.Email == "" { // could not be read
		return ""
	}
	return strings.Join([]string{strings.ToLower(s.Email), CodeKey(s.Institution), s.Role, s.Unit}, "\x1f")
}
