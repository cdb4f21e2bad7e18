package web

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"peregrine/internal/intake"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/web/form"
)

// The form of a call's rules of giving out places is posted whole and read
// back whole, so that a row may be added, taken out or moved without script
// and nothing typed is lost. Fields are named as problems name them:
// selection.quotas.2.places.

// ruleList is one list of rules with the fields of a row; the first is what a
// problem of the whole row is shown beside.
type ruleList struct {
	name   string
	fields []string
}

var ruleLists = []ruleList{
	{"shares", append([]string{"percent", "when"}, labelFields()...)},
	{"quotas", append([]string{"places", "unit", "cycle", "field", "when", "term", "language", "hosts"}, labelFields()...)},
	{"partners", []string{"places", "host"}},
	{"grants", append([]string{"places", "when"}, labelFields()...)},
}

func labelField(lang string) string { return "label." + lang }

// labelFields are those of a name in every language of the product.
func labelFields() []string {
	var out []string
	for _, lang := range locale.Languages {
		out = append(out, labelField(lang))
	}
	return out
}

// mostRows of one list are read; nobody announces more rules of a kind.
const mostRows = 60

// ruleRow is one row as it is typed, by field.
type ruleRow map[string][]string

func (r ruleRow) first(field string) string {
	if v := r[field]; len(v) > 0 {
		return strings.TrimSpace(v[0])
	}
	return ""
}

func (r ruleRow) blank() bool {
	for field := range r {
		if strings.TrimSpace(strings.Join(r[field], "")) != "" {
			return false
		}
	}
	return true
}

// typedRules is the whole form as it is typed.
type typedRules struct {
	single form.Values
	rows   map[string][]ruleRow
}

// singleRules are the fields that stand once.
var singleRules = []string{
	"selection.method", "selection.ties", "selection.upgrades", "selection.reserve.per", "selection.reserve.limit", "selection.reserve.second_class",
	"selection.minimum.destination", "selection.minimum.overall", "maximum", "max_choices", "max_languages", "reason",
}

func rowField(list string, n int, field string) string {
	return "selection." + list + "." + strconv.Itoa(n) + "." + field
}

// countField says how many rows a list was sent with.
func countField(list string) string { return "rows." + list }

// readTyped takes the form apart.
func readTyped(v form.Values) typedRules {
	t := typedRules{single: form.Values{}, rows: map[string][]ruleRow{}}
	for _, name := range singleRules {
		t.single[name] = []string{v.First(name)}
	}
	for _, l := range ruleLists {
		n, err := strconv.Atoi(v.First(countField(l.name)))
		if err != nil {
			continue
		}
		for i := range min(n, mostRows) {
			row := ruleRow{}
			for _, field := range l.fields {
				row[field] = v.All(rowField(l.name, i+1, field))
			}
			t.rows[l.name] = append(t.rows[l.name], row)
		}
	}
	return t
}

// values is what readTyped reads.
func (t typedRules) values() form.Values {
	out := form.Values{}
	for name, v := range t.single {
		out[name] = v
	}
	for _, l := range ruleLists {
		out[countField(l.name)] = []string{strconv.Itoa(len(t.rows[l.name]))}
		for i, row := range t.rows[l.name] {
			for _, field := range l.fields {
				out[rowField(l.name, i+1, field)] = row[field]
			}
		}
	}
	return out
}

// compact drops rows in which nothing is typed.
func (t typedRules) compact() {
	for name, rows := range t.rows {
		t.rows[name] = slices.DeleteFunc(rows, ruleRow.blank)
	}
}

// apply does what a button of the form asks: "add:quotas", "remove:quotas:2",
// "up:shares:2", "down:shares:1", or "edit" to go on editing. It reports
// whether it was one of these.
func (t typedRules) apply(do string) bool {
	verb, rest, _ := strings.Cut(do, ":")
	if verb == "edit" {
		return true
	}
	list, number, _ := strings.Cut(rest, ":")
	rows, n := t.rows[list], 0
	if !slices.ContainsFunc(ruleLists, func(l ruleList) bool { return l.name == list }) {
		return false
	}
	if verb == "add" {
		if len(rows) < mostRows {
			t.rows[list] = append(rows, ruleRow{})
		}
		return true
	}
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(rows) {
		return verb == "remove" || verb == "up" || verb == "down"
	}
	switch verb {
	case "remove":
		t.rows[list] = slices.Delete(rows, n-1, n)
	case "up":
		if n > 1 {
			rows[n-1], rows[n-2] = rows[n-2], rows[n-1]
		}
	case "down":
		if n < len(rows) {
			rows[n-1], rows[n] = rows[n], rows[n-1]
		}
	default:
		return false
	}
	return true
}

// wholeQuota is the limit over everybody and every destination: the most
// participants in all.
func wholeQuota(q mobility.QuotaRule) bool {
	return !q.Grouped() && q.Term == "" && q.Language == "" && len(q.Hosts) == 0
}

// typeRules writes rules as the form has them.
func typeRules(r mobility.SelectionRules, choices, languages int) typedRules {
	t := typedRules{single: form.Values{}, rows: map[string][]ruleRow{}}
	one := func(name, value string) { t.single[name] = []string{value} }
	one("selection.method", r.Method)
	one("selection.ties", r.Ties)
	one("selection.upgrades", r.Upgrades)
	one("selection.reserve.per", r.Reserve.Per)
	if r.Reserve.Limit != nil {
		one("selection.reserve.limit", strconv.Itoa(*r.Reserve.Limit))
	}
	if r.Reserve.SecondClass {
		one("selection.reserve.second_class", "true")
	}
	one("selection.minimum.destination", notZero(r.Minimum.Destination))
	one("selection.minimum.overall", notZero(r.Minimum.Overall))
	one("max_choices", strconv.Itoa(choices))
	one("max_languages", notZero(languages))
	for _, s := range r.Shares {
		t.add("shares", labelled(s.Label, ruleRow{"percent": {strconv.Itoa(s.Percent)}, "when": {s.When}}))
	}
	whole := false
	for _, q := range r.Quotas {
		if wholeQuota(q) && !whole {
			one("maximum", strconv.Itoa(q.Places))
			whole = true
			continue
		}
		t.add("quotas", labelled(q.Label, ruleRow{
			"places": {strconv.Itoa(q.Places)}, "unit": {q.Unit}, "cycle": {notZero(q.Cycle)}, "field": {q.Field}, "when": {q.When},
			"term": {q.Term}, "language": {q.Language}, "hosts": q.Hosts,
		}))
	}
	for _, p := range r.Partners {
		t.add("partners", ruleRow{"host": {p.Host}, "places": {strconv.Itoa(p.Places)}})
	}
	for _, g := range r.Grants {
		t.add("grants", labelled(g.Label, ruleRow{"places": {strconv.Itoa(g.Places)}, "when": {g.When}}))
	}
	return t
}

func (t typedRules) add(list string, row ruleRow) { t.rows[list] = append(t.rows[list], row) }

func labelled(label mobility.Texts, row ruleRow) ruleRow {
	for lang, text := range label {
		row[labelField(lang)] = []string{text}
	}
	return row
}

func notZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

// rulesReader turns what is typed into rules, and names what is no number.
type rulesReader struct {
	t        typedRules
	whole    mobility.Texts // what the limit over all is called, if it has no name yet
	problems []mobility.FieldProblem
}

// number reads a whole number that is not below zero; empty is zero where it
// may be.
func (d *rulesReader) number(field, text string, mayLack bool) int {
	if text = strings.TrimSpace(text); text == "" {
		if !mayLack {
			d.problems = append(d.problems, mobility.FieldProblem{Field: field, Code: "invalid.required"})
		}
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > 100_000 {
		d.problems = append(d.problems, mobility.FieldProblem{Field: field, Code: "selform.whole_number"})
		return 0
	}
	return n
}

func (d *rulesReader) one(field string) string { return strings.TrimSpace(d.t.single.First(field)) }

// rules reads the form. was gives the name of the limit over all, where it has
// one.
func (d *rulesReader) rules(was mobility.SelectionRules) mobility.SelectionRules {
	r := mobility.SelectionRules{
		Method: d.one("selection.method"), Ties: d.one("selection.ties"), Upgrades: d.one("selection.upgrades"),
		Reserve: mobility.ReserveRule{Per: d.one("selection.reserve.per"), SecondClass: d.one("selection.reserve.second_class") == "true"},
		Minimum: mobility.MinimumRule{
			Destination: d.number("selection.minimum.destination", d.one("selection.minimum.destination"), true),
			Overall:     d.number("selection.minimum.overall", d.one("selection.minimum.overall"), true),
		},
	}
	if text := d.one("selection.reserve.limit"); text != "" {
		n := d.number("selection.reserve.limit", text, true)
		r.Reserve.Limit = &n
	}
	d.lists(&r)
	if text := d.one("maximum"); text != "" {
		r.Quotas = append(r.Quotas, mobility.QuotaRule{Label: d.wholeLabel(was), Places: d.number("maximum", text, true)})
	}
	return r
}

// wholeLabel is what the limit over all is called.
func (d *rulesReader) wholeLabel(was mobility.SelectionRules) mobility.Texts {
	for _, q := range was.Quotas {
		if wholeQuota(q) {
			return q.Label
		}
	}
	return d.whole
}

func (d *rulesReader) lists(r *mobility.SelectionRules) {
	for i, row := range d.t.rows["shares"] {
		r.Shares = append(r.Shares, mobility.ShareRule{Label: row.label(), When: row.first("when"), Percent: d.number(rowField("shares", i+1, "percent"), row.first("percent"), false)})
	}
	for i, row := range d.t.rows["quotas"] {
		q := mobility.QuotaRule{
			Label: row.label(), Places: d.number(rowField("quotas", i+1, "places"), row.first("places"), false),
			Unit: row.first("unit"), Cycle: d.number(rowField("quotas", i+1, "cycle"), row.first("cycle"), true), Field: row.first("field"),
			When: row.first("when"), Term: row.first("term"), Language: row.first("language"), Hosts: row.codes("hosts"),
		}
		if wholeQuota(q) {
			d.problems = append(d.problems, mobility.FieldProblem{Field: rowField("quotas", i+1, "places"), Code: "selform.counts_all"})
		}
		r.Quotas = append(r.Quotas, q)
	}
	for i, row := range d.t.rows["partners"] {
		r.Partners = append(r.Partners, mobility.PartnerRule{Host: row.first("host"), Places: d.number(rowField("partners", i+1, "places"), row.first("places"), false)})
	}
	for i, row := range d.t.rows["grants"] {
		r.Grants = append(r.Grants, mobility.GrantRule{Label: row.label(), When: row.first("when"), Places: d.number(rowField("grants", i+1, "places"), row.first("places"), false)})
	}
}

// label is the name in each language; where one is lacking it is the English
// one.
func (r ruleRow) label() mobility.Texts {
	out := mobility.Texts{}
	for _, lang := range locale.Languages {
		if text := r.first(labelField(lang)); text != "" {
			out[lang] = text
		}
	}
	return out
}

// codes reads codes that are ticked or typed with commas between them, each
// once.
func (r ruleRow) codes(field string) []string {
	var out []string
	seen := map[string]bool{}
	for _, text := range r[field] {
		for _, code := range strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c == '\n' }) {
			code = strings.TrimSpace(code)
			if key := intake.CodeKey(code); code != "" && !seen[key] {
				seen[key], out = true, append(out, code)
			}
		}
	}
	return out
}

// beside puts problems of whole rows and lists beside the field that says most
// about them.
func (t typedRules) beside(problems []mobility.FieldProblem) []mobility.FieldProblem {
	out := slices.Clone(problems)
	for i := range out {
		out[i].Field = t.field(out[i].Field)
	}
	return out
}

func (t typedRules) field(at string) string {
	switch at {
	case "selection.minimum":
		return "selection.minimum.overall"
	case "selection.shares":
		return cmp.Or(t.firstOf("shares", "percent"), "selection.method")
	}
	parts := strings.Split(at, ".")
	if len(parts) < 3 || parts[0] != "selection" {
		return at
	}
	i := slices.IndexFunc(ruleLists, func(l ruleList) bool { return l.name == parts[1] })
	n, err := strconv.Atoi(parts[2])
	switch {
	case i < 0 || err != nil:
		return at
	case parts[1] == "quotas" && n > len(t.rows["quotas"]): // the limit over all comes last
		return "maximum"
	case len(parts) == 3:
		return rowField(parts[1], n, ruleLists[i].fields[0])
	case parts[3] == "label":
		return at + ".en"
	}
	return at
}

func (t typedRules) firstOf(list, field string) string {
	if len(t.rows[list]) == 0 {
		return ""
	}
	return rowField(list, 1, field)
}
