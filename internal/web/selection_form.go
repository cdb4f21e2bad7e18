package web

import (
	"slices"
	"strconv"
	"strings"

	"peregrine/internal/intake"
	"peregrine/internal/locale"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// hostsToTick is how many hosts are offered as boxes; of more, codes are
// typed.
const hostsToTick = 12

// selectionForm is the form for everything places are given out by.
func (q *request) selectionForm(v selectionView, t typedRules) page.Part {
	f := rulesFields{q: q, v: v, t: t, hosts: hostOptions(v.public.places)}
	part := page.Part{
		ID: "edit", Title: q.loc.T("selform.edit"), Text: q.loc.T("selform.edit_text"), Action: selectionPath(v) + "/preview",
		Sections: []page.Section{f.method(), f.choices(), f.shares(), f.quotas(), f.partners(), f.grants(), f.number(), f.reserve(), f.reason()},
		Buttons:  []page.Button{{Label: q.loc.T("rules.look")}},
	}
	for _, l := range ruleLists {
		part.Hidden = append(part.Hidden, page.Hidden{Name: countField(l.name), Value: strconv.Itoa(len(t.rows[l.name]))})
	}
	return part
}

// rulesFields makes the fields of the form, filled in as typed.
type rulesFields struct {
	q     *request
	v     selectionView
	t     typedRules
	hosts []page.Option
}

// hostOptions are the hosts of a call, each once, by name.
func hostOptions(places []store.PublicDestinationsRow) []page.Option {
	seen := map[string]bool{}
	var out []page.Option
	for _, d := range places {
		if key := intake.CodeKey(d.Code); d.Code != "" && !seen[key] && d.DroppedAt == nil {
			seen[key], out = true, append(out, page.Option{Value: d.Code, Label: d.Host + " (" + d.Code + ")"})
		}
	}
	slices.SortFunc(out, func(a, b page.Option) int { return strings.Compare(a.Label, b.Label) })
	return out
}

func (f rulesFields) words(key string, data ...any) string { return f.q.loc.T("selform."+key, data...) }

func (f rulesFields) one(field page.Field) page.Field {
	field.Value = f.t.single.First(field.Name)
	return field
}

func (f rulesFields) explained(prefix string, values ...string) []page.Option {
	out := make([]page.Option, len(values))
	for i, value := range values {
		out[i] = page.Option{Value: value, Label: f.words(prefix + "_" + value), Hint: f.words(prefix + "_" + value + "_means")}
	}
	return out
}

func (f rulesFields) method() page.Section {
	methods, ties := make([]string, len(selection.Methods)), make([]string, len(selection.TiePolicies))
	for i, m := range selection.Methods {
		methods[i] = string(m)
	}
	for i, t := range selection.TiePolicies {
		ties[i] = string(t)
	}
	return page.Section{ID: "method", Title: f.words("method"), Fields: []page.Field{
		f.one(page.Field{Kind: page.Radios, Name: "selection.method", Label: f.words("method_ask"), Hint: f.words("method_hint"), Options: f.explained("method", methods...), Required: true}),
		f.one(page.Field{Kind: page.Radios, Name: "selection.ties", Label: f.words("ties"), Hint: f.tieBreak(), Options: f.explained("ties", ties...), Required: true}),
	}}
}

// tieBreak says what the scheme puts before the last word on equal points.
func (f rulesFields) tieBreak() string {
	lines := f.v.public.scheme.ties(f.q.loc)
	if len(lines) == 0 {
		return f.words("ties_hint_none")
	}
	return f.words("ties_hint", "Rules", strings.TrimRight(strings.Join(lines, "; "), ".")+".")
}

func (f rulesFields) choices() page.Section {
	return page.Section{ID: "choices", Title: f.words("choices"), Text: f.words("choices_text"), Dense: true, Fields: []page.Field{
		f.one(page.Field{Kind: page.Number, Name: "max_choices", Label: f.words("max_choices"), Required: true, Short: true, InputMode: "numeric"}),
		f.one(page.Field{Kind: page.Number, Name: "max_languages", Label: f.words("max_languages"), Hint: f.words("no_limit"), Short: true, InputMode: "numeric"}),
	}}
}

// list lays out one list of rules, with buttons to take one out, and to move
// it where the order matters.
func (f rulesFields) list(name string, ordered bool, fields func(n int, row ruleRow) []page.Field) page.Section {
	s := page.Section{
		ID: name, Title: f.words(name), Text: f.words(name + "_text"), None: f.words(name + "_none"),
		Add: page.Button{Label: f.words("add_" + name), Look: page.Secondary, Name: "do", Value: "add:" + name, NoCheck: true},
	}
	rows := f.t.rows[name]
	for i, row := range rows {
		n := i + 1
		item := page.Item{ID: name + "-" + strconv.Itoa(n), Title: f.words("item_"+name, "N", n, "Name", row.first("label."+f.q.loc.Lang())), Fields: fields(n, row)}
		do := func(verb string) {
			b := page.Button{Label: f.words(verb), Look: page.Quiet, Name: "do", Value: verb + ":" + name + ":" + strconv.Itoa(n)}
			b.Danger = verb == "remove"
			item.Buttons = append(item.Buttons, b)
		}
		if ordered && n > 1 {
			do("up")
		}
		if ordered && n < len(rows) {
			do("down")
		}
		do("remove")
		s.Items = append(s.Items, item)
	}
	return s
}

// rowFields fills in fields of a row, which are named without their place in it.
func rowFields(list string, n int, typed ruleRow, fields ...page.Field) []page.Field {
	for i, field := range fields {
		value := typed.first(field.Name)
		if field.Kind == page.LongText || field.Name == "hosts" && field.Kind == page.Text {
			value = strings.Join(typed.codes(field.Name), ", ")
		}
		for j, o := range field.Options {
			field.Options[j].Selected = field.Kind == page.Checkboxes && slices.ContainsFunc(typed.codes(field.Name), func(code string) bool { return intake.CodeKey(code) == intake.CodeKey(o.Value) })
		}
		if field.Kind == page.Checkboxes {
			value = ""
		}
		field.Name, field.Value = rowField(list, n, field.Name), value
		fields[i] = field
	}
	return fields
}

// names are the names of a row in the languages the office writes in, and in
// those it has besides.
func (f rulesFields) names(typed ruleRow) []page.Field {
	there := slices.DeleteFunc(slices.Clone(locale.Languages), func(lang string) bool { return typed.first(labelField(lang)) == "" })
	var out []page.Field
	for _, lang := range locale.Written(f.q.writes[0], append(slices.Clone(f.q.writes), there...)...) {
		out = append(out, page.Field{
			Name: labelField(lang), Label: f.q.loc.T("selform.label_in", "Lang", f.q.loc.Language(lang)), Required: lang == locale.Default, MaxLength: 120,
		})
	}
	return out
}

func (f rulesFields) whole(name, label string) page.Field {
	return page.Field{Kind: page.Number, Name: name, Label: f.words(label), Required: true, Short: true, InputMode: "numeric"}
}

// condition asks for whom a rule is, over the values of the scheme.
func (f rulesFields) condition(required bool) page.Field {
	hint := ""
	if !required {
		hint = f.words("when_empty")
	}
	return page.Field{Name: "when", Label: f.words("when"), Hint: hint, Required: required, MaxLength: 300}
}

// howToAsk says once for a list how a condition is written, and over what.
func (f rulesFields) howToAsk(s page.Section) page.Section {
	var known []string
	for _, in := range f.v.public.scheme.rules.Inputs {
		if in.Per == "" {
			known = append(known, in.Key)
		}
	}
	if len(known) == 0 {
		s.Text += " " + f.words("when_nothing")
	} else {
		s.Text += " " + f.words("when_hint", "Values", strings.Join(known, ", "))
	}
	return s
}

func (f rulesFields) shares() page.Section {
	return f.howToAsk(f.list("shares", true, func(n int, typed ruleRow) []page.Field {
		percent := f.whole("percent", "percent")
		percent.Unit = "%"
		return rowFields("shares", n, typed, append(f.names(typed), percent, f.condition(true))...)
	}))
}

func (f rulesFields) quotas() page.Section {
	return f.howToAsk(f.list("quotas", false, func(n int, typed ruleRow) []page.Field {
		fields := append(f.names(typed), f.whole("places", "places"),
			page.Field{Kind: page.Select, Name: "unit", Label: f.words("unit"), Options: f.unitOptions(typed.first("unit")), Blank: f.words("any_unit")},
			page.Field{Kind: page.Select, Name: "cycle", Label: f.words("cycle"), Options: f.q.choices("cycle.", "5", "6", "7", "8"), Blank: f.words("any_cycle")},
			page.Field{Name: "field", Label: f.words("field"), Hint: f.words("field_hint"), Short: true, MaxLength: 4},
			f.condition(false),
			page.Field{Kind: page.Select, Name: "term", Label: f.words("term"), Options: f.q.choices("term.", "autumn", "spring"), Blank: f.words("any_term")},
			page.Field{Kind: page.Select, Name: "language", Label: f.words("language"), Options: f.languageOptions(typed.first("language")), Blank: f.words("any_language")},
			f.hostsField(typed))
		return rowFields("quotas", n, typed, fields...)
	}))
}

// hostsField offers the hosts as boxes where there are few.
func (f rulesFields) hostsField(typed ruleRow) page.Field {
	options := slices.Clone(f.hosts)
	for _, code := range typed.codes("hosts") {
		if !slices.ContainsFunc(options, func(o page.Option) bool { return intake.CodeKey(o.Value) == intake.CodeKey(code) }) {
			options = append(options, page.Option{Value: code, Label: code})
		}
	}
	if len(options) <= hostsToTick {
		return page.Field{Kind: page.Checkboxes, Name: "hosts", Label: f.words("hosts"), Hint: f.words("hosts_tick"), Options: options}
	}
	return page.Field{Kind: page.Text, Name: "hosts", Label: f.words("hosts"), Hint: f.words("hosts_type", "Code", options[0].Value), MaxLength: 2000}
}

func (f rulesFields) partners() page.Section {
	return f.list("partners", false, func(n int, typed ruleRow) []page.Field {
		options, own := slices.Clone(f.hosts), typed.first("host")
		for i, o := range options {
			if intake.CodeKey(o.Value) == intake.CodeKey(own) {
				options[i].Value = own
				own = ""
			}
		}
		if own != "" {
			options = append(options, page.Option{Value: own, Label: own})
		}
		return rowFields("partners", n, typed, page.Field{Kind: page.Select, Name: "host", Label: f.words("host"), Options: options, Required: true}, f.whole("places", "places"))
	})
}

func (f rulesFields) grants() page.Section {
	return f.howToAsk(f.list("grants", false, func(n int, typed ruleRow) []page.Field {
		return rowFields("grants", n, typed, append(f.names(typed), f.whole("places", "grants_number"), f.condition(false))...)
	}))
}

// number is how many participants it takes and how many there may be.
func (f rulesFields) number() page.Section {
	field := func(name, label, hint string) page.Field {
		return f.one(page.Field{Kind: page.Number, Name: name, Label: f.words(label), Hint: f.words(hint), Short: true, InputMode: "numeric"})
	}
	return page.Section{ID: "number", Title: f.words("number"), Text: f.words("number_text"), Dense: true, Fields: []page.Field{
		field("selection.minimum.destination", "minimum_destination", "no_minimum"),
		field("selection.minimum.overall", "minimum_overall", "no_minimum"),
		field("maximum", "maximum", "no_limit"),
	}}
}

func (f rulesFields) reserve() page.Section {
	limit := f.one(page.Field{Kind: page.Number, Name: "selection.reserve.limit", Label: f.words("reserve_limit"), Hint: f.words("reserve_limit_hint"), Short: true, InputMode: "numeric"})
	return page.Section{ID: "reserve", Title: f.words("reserve"), Text: f.gates(), Fields: []page.Field{
		f.one(page.Field{Kind: page.Radios, Name: "selection.upgrades", Label: f.words("upgrades"), Options: f.explained("upgrades", mobility.UpgradesNone, mobility.UpgradesUntilConfirmed), Required: true}),
		f.one(page.Field{Kind: page.Radios, Name: "selection.reserve.per", Label: f.words("reserve_per"), Options: f.explained("reserve", mobility.ReservePerDestination, mobility.ReservePerLanguage, mobility.ReserveOverall), Required: true}),
		limit,
		f.one(page.Field{Kind: page.Checkbox, Name: "selection.reserve.second_class", Label: f.words("second_class"), Hint: f.words("second_class_hint")}),
	}}
}

// gates says which conditions of the scheme lead to the reserve alone.
func (f rulesFields) gates() string {
	var names []string
	for _, g := range f.v.public.scheme.rules.Gates {
		if g.Effect == "reserve" {
			names = append(names, f.v.public.scheme.gateLabel(f.q.loc, g.Key))
		}
	}
	if len(names) == 0 {
		return f.words("reserve_text")
	}
	return f.words("reserve_text") + " " + f.words("reserve_gates", "Conditions", strings.Join(names, "; "))
}

func (f rulesFields) reason() page.Section {
	return page.Section{ID: "why", Title: f.q.loc.T("rules.reason"), Fields: []page.Field{
		f.one(page.Field{Kind: page.LongText, Rows: 3, Name: "reason", Label: f.q.loc.T("rules.reason"), Hint: f.words("reason_hint"), MaxLength: 2000}),
	}}
}

// choices are options whose labels are messages.
func (q *request) choices(prefix string, values ...string) []page.Option {
	out := make([]page.Option, len(values))
	for i, value := range values {
		out[i] = page.Option{Value: value, Label: q.loc.T(prefix + value)}
	}
	return out
}

// unitOptions are the units of the institution, each below the one it belongs
// to.
func (f rulesFields) unitOptions(own string) []page.Option {
	var out []page.Option
	var below func(parent string, depth int)
	below = func(parent string, depth int) {
		for _, u := range f.v.public.units {
			if u.Parent == parent && depth < 6 {
				out = append(out, page.Option{Value: u.Code, Label: strings.Repeat("\u2003", depth) + u.Name.In(f.q.loc.Lang()) + " (" + u.Code + ")"})
				below(u.Code, depth+1)
			}
		}
	}
	below("", 0)
	if own != "" && !slices.ContainsFunc(out, func(o page.Option) bool { return o.Value == own }) {
		out = append(out, page.Option{Value: own, Label: own})
	}
	return out
}

// languageOptions are the languages of instruction at the call's destinations.
func (f rulesFields) languageOptions(own string) []page.Option {
	codes := []string{own}
	for _, d := range f.v.public.places {
		codes = append(codes, d.Language)
	}
	slices.Sort(codes)
	var out []page.Option
	for _, code := range slices.Compact(codes) {
		if code != "" {
			out = append(out, page.Option{Value: code, Label: f.q.loc.Language(code)})
		}
	}
	return out
}
