package schemeform

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// yes is what a ticked box posts.
const yes = "true"

// Sheet is a scheme as fields: what was typed, by name. Rows of a list are
// counted from 1 with no gap. The zero value is an empty form.
type Sheet struct {
	typed map[string]string
	rows  map[string]int // by the name of a list
}

// Get is what was typed into a field, "" if nothing.
func (s Sheet) Get(name string) string { return s.typed[name] }

// Rows is how many rows a list has: "inputs", "criteria.2.variants",
// "criteria.2.points.bands.steps".
func (s Sheet) Rows(name string) int { return s.rows[name] }

// Names lists the fields into which something was typed, in order of name.
func (s Sheet) Names() []string { return slices.Sorted(maps.Keys(s.typed)) }

// Tags lists the languages in which a text is there: of "title",
// "inputs.1.label".
func (s Sheet) Tags(name string) []string {
	var out []string
	for _, n := range s.Names() {
		if tag, ok := strings.CutPrefix(n, name+"."); ok && !strings.Contains(tag, ".") {
			out = append(out, tag)
		}
	}
	return out
}

// Values is the sheet as it is posted.
func (s Sheet) Values() url.Values {
	out := url.Values{}
	for name, text := range s.typed {
		out.Set(name, text)
	}
	for name, n := range s.rows { // a row into which nothing was typed is there all the same
		for i := range n {
			if !droppable(name) && !s.typedUnder(nth(name, i)) {
				out.Set(nth(name, i)+"."+firstField(name), "")
			}
		}
	}
	return out
}

func (s Sheet) typedUnder(at string) bool {
	for n := range s.typed {
		if strings.HasPrefix(n, at+".") {
			return true
		}
	}
	return false
}

func firstField(name string) string {
	switch {
	case name == "ties":
		return "of"
	case strings.HasSuffix(name, ".variants"):
		return "when"
	}
	return keyName
}

// droppable reports whether empty rows of a list are passed over: those of
// tables, which are offered to be filled in.
func droppable(name string) bool {
	return strings.HasSuffix(name, ".steps") || strings.HasSuffix(name, ".points")
}

// maxRows is how many rows of one list are taken.
const maxRows = 500

// Decode reads what was posted. It takes whatever comes: a name that is no
// field of a scheme is passed over, gaps in lists are closed, empty rows of
// tables are dropped.
func Decode(posted url.Values) Sheet {
	d := decoder{posted: posted, indexes: map[string][]int{}, out: newSheet()}
	for name := range posted {
		d.index(name)
	}
	for name := range d.indexes {
		slices.Sort(d.indexes[name])
		d.indexes[name] = slices.Compact(d.indexes[name])
	}
	d.group("", "", whole)
	return d.out
}

func newSheet() Sheet { return Sheet{typed: map[string]string{}, rows: map[string]int{}} }

type decoder struct {
	posted  url.Values
	indexes map[string][]int // which rows a name has, as posted
	out     Sheet
}

var digits = regexp.MustCompile(`^[1-9][0-9]{0,6}$`)

// index notes every row that a posted name is in.
func (d *decoder) index(name string) {
	if len(name) > 200 {
		return
	}
	for i := 0; i < len(name); i++ {
		if name[i] != '.' {
			continue
		}
		end := strings.IndexByte(name[i+1:], '.')
		if end < 0 {
			return
		}
		if part := name[i+1 : i+1+end]; digits.MatchString(part) {
			n, _ := strconv.Atoi(part)
			d.indexes[name[:i]] = append(d.indexes[name[:i]], n)
		}
	}
}

// take moves one field from where it was posted to where it belongs.
func (d *decoder) take(posted, name string) {
	if text := clean(d.posted.Get(posted)); text != "" {
		d.out.typed[name] = text
	}
}

// clean makes one line of readable characters of a text.
func clean(text string) string {
	if !utf8.ValidString(text) {
		text = strings.ToValidUTF8(text, "")
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) && r != '\u00a0':
			return ' '
		case unreadable(r):
			return -1
		}
		return r
	}, text))
}

// unreadable are characters that no form can show; blanks are not among them.
func unreadable(r rune) bool {
	return unicode.IsControl(r) && !unicode.IsSpace(r) || r == '\ufeff' || r == utf8.RuneError || r >= 0xFFFE && r <= 0xFFFF
}

// isTag reports whether a name could be a language's; whether it is, the
// scheme's check says.
func isTag(tag string) bool {
	return tag != "" && len(tag) < 36 && !strings.Contains(tag, ".") && clean(tag) == tag
}

// group takes the fields of some keys; posted and name say where the keys
// were and where they belong.
func (d *decoder) group(posted, name string, keys []shape) {
	for _, k := range keys {
		d.key(under(posted, k.field()), under(name, k.field()), k)
		if k.name == "mark" {
			d.take(under(posted, markedName), under(name, markedName))
		}
	}
}

func (d *decoder) key(posted, name string, k shape) {
	switch k.sort {
	case texts:
		d.texts(posted, name)
	case group:
		d.group(posted, name, k.in)
	case list, keyed:
		d.list(posted, name, k)
	case table:
		d.list(posted, name, shape{in: []shape{{name: valueName}, {name: pointsName}}})
	case rule:
		d.rule(posted, name)
	case text, number, truth, words:
		d.take(posted, name)
	}
}

func (d *decoder) texts(posted, name string) {
	for n := range d.posted {
		if tag, ok := strings.CutPrefix(n, posted+"."); ok && isTag(tag) {
			d.take(n, under(name, tag))
		}
	}
}

func (d *decoder) list(posted, name string, k shape) {
	for _, i := range d.indexes[posted] {
		n := d.out.rows[name]
		if n == maxRows {
			return
		}
		at, to := posted+"."+strconv.Itoa(i), nth(name, n)
		if k.sort == keyed {
			d.take(under(at, keyName), under(to, keyName))
		}
		d.group(at, to, k.in)
		if !droppable(name) || d.out.typedUnder(to) {
			d.out.rows[name] = n + 1
		}
	}
}

// rule takes the fields of every rule, whichever is chosen: what was typed for
// another one is not lost by looking.
func (d *decoder) rule(posted, name string) {
	d.take(posted, name)
	d.take(under(posted, ruleName), under(name, ruleName))
	for _, keys := range inlineRules {
		d.group(posted, name, keys)
	}
	for word, keys := range nestedRules {
		d.group(under(posted, word), under(name, word), keys)
	}
}

func under(at, name string) string {
	if at == "" {
		return name
	}
	return at + "." + name
}

// nth names the row of a list that is the i-th counted from 0.
func nth(list string, i int) string { return list + "." + strconv.Itoa(i+1) }
