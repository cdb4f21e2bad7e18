package intake

// Unit is a faculty or department of the institution that imports it.
type Unit struct {
	Row       int
	Code      string // "PEF"
	NameEN    string
	NameLocal string
	Parent    string // code of the unit it belongs to, or empty
}

var unitKind = kind[Unit]{
	columns: []column[Unit]{
		{name: "code", read: func(u *Unit, c cell) { u.Row, u.Code = c.reader.row, c.required() }},
		{name: "name_en", read: func(u *Unit, c cell) { u.NameEN = c.required() }},
		{name: "name_local", read: func(u *Unit, c cell) { u.NameLocal = c.required() }},
		{name: "parent", optional: true, read: func(u *Unit, c cell) { u.Parent = c.optional() }},
	},
	keys: []key[Unit]{{"code", func(u Unit) string { return u.Code }}},
}

// Units reads the units of one institution. A parent must be in the file, and
// no unit may lie below itself. The error is Problems.
func Units(data []byte) (File[Unit], error) {
	f, err := unitKind.read(data)
	if err != nil {
		return f, err
	}
	parents := map[string]string{}
	for _, u := range f.Rows {
		parents[u.Code] = u.Parent
	}
	var problems Problems
	for _, u := range f.Rows {
		if u.Parent == "" {
			continue
		}
		if _, ok := parents[u.Parent]; !ok {
			problems = append(problems, Problem{Row: u.Row, Column: "parent", Value: u.Parent, Code: "intake.unit_unknown"})
		} else if below(parents, u.Code) {
			problems = append(problems, Problem{Row: u.Row, Column: "parent", Value: u.Parent, Code: "intake.unit_circle"})
		}
	}
	if len(problems) > 0 {
		return File[Unit]{}, problems
	}
	return f, nil
}

// below reports whether going up from code comes back to it.
func below(parents map[string]string, code string) bool {
	at := parents[code]
	for range parents {
		if at == code {
			return true
		}
		at = parents[at]
	}
	return false
}
