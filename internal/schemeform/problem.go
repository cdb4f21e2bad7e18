package schemeform

import (
	"regexp"
	"strconv"
	"strings"

	"peregrine/internal/scheme"
)

// Problem is one thing wrong with a sheet: what package scheme says, with the
// line in the sheet's YAML, and the field it belongs to, or the row or list
// where it is about more than one field.
type Problem struct {
	scheme.Problem
	Field string
}

// Check reads the sheet as a scheme and lists what is wrong in the order of
// its YAML. The scheme is nil where anything is.
func (s Sheet) Check() (*scheme.Scheme, []Problem) {
	out, found := scheme.Parse(s.YAML())
	if len(found) == 0 {
		return out, nil
	}
	problems := make([]Problem, len(found))
	for i, p := range found {
		problems[i] = Problem{p, s.Field(p)}
	}
	return nil, problems
}

// Codes that speak of a key that is not there.
var lacking = map[string]bool{"scheme.missing_key": true, "scheme.key_for_source": true}

// codeTwice is said of the second of two things of one name.
const codeTwice = "scheme.key_missing_or_double"

// codeNoPoints is said of a criterion that has neither a rule nor marks.
const codeNoPoints = "scheme.no_points"

// Field is the field that a problem is about.
func (s Sheet) Field(p scheme.Problem) string {
	out := ""
	rest := strings.Split(p.Path, ".")
	for i := 0; i < len(rest); i++ {
		list := under(out, rest[i])
		own := listsByName(list)
		if own == "" || i+1 >= len(rest) {
			out = list
			continue
		}
		i++
		out = s.named(list, own, rest[i], p.Code == codeTwice && i == len(rest)-1)
		if i == len(rest)-1 && own == valueName {
			out = under(out, pointsName)
			if p.Code == codeTwice || p.Code == "scheme.bad_value" || p.Code == "scheme.expr_option" {
				out = strings.TrimSuffix(out, pointsName) + valueName
			}
		}
		if i == len(rest)-1 && own == keyName && (p.Code == codeTwice || p.Code == "scheme.bad_name" || p.Code == "scheme.reserved") {
			out = under(out, keyName)
		}
	}
	if key, ok := p.Data["Key"].(string); ok && lacking[p.Code] {
		out = under(out, key)
	}
	if p.Code == codeNoPoints {
		out = under(out, pointsName)
	}
	return s.settle(out)
}

// listsByName says by which of its fields the rows of a list are told apart in
// a path; "" where they are counted, or where it is no list.
func listsByName(list string) string {
	switch {
	case list == "inputs":
		return keyName
	case strings.HasSuffix(list, "."+scheme.RuleLookup+".points"):
		return valueName
	}
	return ""
}

// named is the row whose own field says a name; of two, the last if asked.
func (s Sheet) named(list, own, name string, last bool) string {
	found := list
	for i := range s.Rows(list) {
		if strings.ReplaceAll(s.Get(under(nth(list, i), own)), ".", "·") == name {
			if found = nth(list, i); !last {
				break
			}
		}
	}
	return found
}

// settle turns paths below or above what is shown into fields: one word of
// several, the choice of a rule, what an input counts of the record.
func (s Sheet) settle(name string) string {
	at, end := cutLast(name)
	if strings.HasPrefix(name, "inputs.") && end == "of" && scheme.Source(s.Get(at+".from")) == scheme.FromRecord {
		return under(at, recordedName)
	}
	if _, err := strconv.Atoi(end); err == nil {
		for _, words := range []string{"options", "programmes", "by"} {
			if strings.HasPrefix(name, "inputs.") && strings.HasSuffix(at, "."+words) {
				return at
			}
		}
	}
	if end == pointsName && ruled.MatchString(at) && s.Get(under(name, ruleName)) != scheme.RuleFixed {
		return under(name, ruleName)
	}
	return name
}

// ruled are the rows whose points follow a rule that is chosen there.
var ruled = regexp.MustCompile(`^criteria\.[0-9]+(\.variants\.[0-9]+)?$`)

func cutLast(name string) (before, last string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 {
		return "", name
	}
	return name[:i], name[i+1:]
}
