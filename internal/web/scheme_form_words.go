package web

import (
	"strconv"
	"strings"

	rules "peregrine/internal/scheme"
)

// What each card says of itself in one line, from what is typed.

// of names what a rule looks at: a value by its name, a formula as it stands.
func (f *schemeForm) of(expression string) string {
	key := strings.TrimSuffix(strings.TrimPrefix(expression, "points("), ")")
	for _, list := range []string{"inputs", "criteria"} {
		for i := range f.sheet.Rows(list) {
			at := list + "." + strconv.Itoa(i+1)
			if f.sheet.Get(at+".key") == key && (list == "inputs") == (key == expression) {
				return f.title(at)
			}
		}
	}
	return expression
}

// figure is a number as the reader writes it, or what was typed.
func (f *schemeForm) figure(typed string) string {
	if typed == "" {
		return "…"
	}
	return shownNumber(f.q, typed)
}

func (f *schemeForm) wholeLine() string {
	var words []string
	if title := f.sheet.Get("title." + f.q.loc.Lang()); title != "" {
		words = append(words, title)
	}
	if scale := f.sheet.Get("scale"); scale != "" {
		words = append(words, f.word("sum_scale", "N", f.figure(scale)))
	}
	if most := f.sheet.Get("total.max"); most != "" {
		words = append(words, f.word("sum_most", "Max", f.figure(most)))
	}
	return strings.Join(words, " · ")
}

func (f *schemeForm) inputLine(at string) string {
	var words []string
	if kind := f.sheet.Get(at + ".kind"); kind != "" && f.q.loc.Has("scheme.kind."+kind) {
		words = append(words, f.q.loc.T("scheme.kind."+kind))
	}
	low, high := f.sheet.Get(at+".min"), f.sheet.Get(at+".max")
	if len(words) > 0 && low != "" && high != "" {
		words[0] += " " + f.word("sum_range", "Min", f.figure(low), "Max", f.figure(high))
	}
	switch from := f.sheet.Get(at + ".from"); {
	case from == string(rules.FromFormula):
		words = append(words, f.word("sum_formula", "Formula", f.sheet.Get(at+".formula")))
	case from != "" && f.q.loc.Has("schform.from_"+from):
		words = append(words, f.q.loc.T("schform.from_"+from))
	}
	if options := f.sheet.Get(at + ".options"); options != "" {
		words = append(words, options)
	}
	if f.sheet.Get(at+".evidence") != "" {
		words = append(words, f.word("sum_evidence"))
	}
	if f.sheet.Get(at+".per") != "" {
		words = append(words, f.word("sum_per"))
	}
	return strings.Join(words, " · ")
}

func (f *schemeForm) criterionLine(at string) string {
	f.said = f.title(at)
	defer func() { f.said = "" }()
	var words []string
	if f.sheet.Get(at+".marked") != "" {
		words = append(words, f.word("sum_mark", "Min", f.figure(f.sheet.Get(at+".mark.min")), "Max", f.figure(f.sheet.Get(at+".mark.max"))))
	}
	for i := range f.sheet.Rows(at + ".variants") {
		v := at + ".variants." + strconv.Itoa(i+1)
		words = append(words, f.word("sum_case", "When", f.sheet.Get(v+".when"), "Rule", f.ruleLine(v+".points")))
	}
	if line := f.ruleLine(at + ".points"); line != "" && len(words) > 0 && f.sheet.Rows(at+".variants") > 0 {
		words = append(words, f.word("sum_otherwise", "Rule", line))
	} else if line != "" {
		words = append(words, line)
	}
	if weight := f.sheet.Get(at + ".weight"); weight != "" {
		words = append(words, f.word("sum_weight", "Weight", f.figure(weight)))
	}
	if f.sheet.Get(at+".per") != "" {
		words = append(words, f.word("sum_per"))
	}
	if f.sheet.Get(at+".aside") != "" {
		words = append(words, f.word("sum_aside"))
	}
	return strings.Join(words, " · ")
}

// ruleLine is one rule in words: "Language: B2 → 60, C1 → 80 points".
func (f *schemeForm) ruleLine(at string) string {
	rule := f.sheet.Get(at + ".rule")
	get := func(name string) string { return f.sheet.Get(at + "." + name) }
	switch rule {
	case rules.RuleFixed:
		return f.word("sum_fixed", "Points", f.figure(f.sheet.Get(at)))
	case rules.RuleLinear:
		return f.about(get("linear.of")) + f.word("sum_linear", "Best", f.figure(get("linear.best")), "Max", f.figure(get("linear.max")),
			"Worst", f.figure(get("linear.worst")), "Min", f.figure(orZero(get("linear.min"))))
	case rules.RuleBands:
		return f.about(get("bands.of")) + f.word("sum_table", "Rows", f.stepsLine(at+".bands"))
	case rules.RuleLookup:
		return f.about(get("lookup.of")) + f.word("sum_table", "Rows", f.tableLine(at+".lookup"))
	case rules.RuleEach:
		if most := get("each.most"); most != "" {
			return f.word("sum_each_most", "Of", f.of(get("each.of")), "Points", f.figure(get("each.points")), "Most", f.figure(most))
		}
		return f.word("sum_each", "Of", f.of(get("each.of")), "Points", f.figure(get("each.points")))
	case rules.RuleRatio:
		return f.word("sum_ratio", "Of", f.of(get("ratio.of")), "Expected", f.of(get("ratio.expected")), "Max", f.figure(get("ratio.max")))
	case rules.RuleWhen:
		if otherwise := get("otherwise"); otherwise != "" {
			return f.word("sum_when_otherwise", "When", f.of(get("when")), "Points", f.figure(get("points")), "Otherwise", f.figure(otherwise))
		}
		return f.word("sum_when", "When", f.of(get("when")), "Points", f.figure(get("points")))
	case rules.RuleFormula:
		return f.word("sum_formula", "Formula", get("formula"))
	}
	return ""
}

// about begins a line with what a rule looks at, unless the card is called so.
func (f *schemeForm) about(expression string) string {
	of := f.of(expression)
	if of == "" || of == f.said {
		return ""
	}
	return of + ": "
}

func orZero(typed string) string {
	if typed == "" {
		return "0"
	}
	return typed
}

func (f *schemeForm) stepsLine(at string) string {
	var rows []string
	for i := range f.sheet.Rows(at + ".steps") {
		row := at + ".steps." + strconv.Itoa(i+1)
		points := f.figure(f.sheet.Get(row + ".points"))
		if to := f.sheet.Get(row + ".to"); to != "" {
			rows = append(rows, f.word("sum_to", "To", f.figure(to), "Points", points))
		} else {
			rows = append(rows, f.word("sum_from", "From", f.figure(f.sheet.Get(row+".from")), "Points", points))
		}
	}
	return f.rowsLine(rows, f.sheet.Get(at+".otherwise"))
}

// rowsLine joins the rows of a table with what holds for all others.
func (f *schemeForm) rowsLine(rows []string, otherwise string) string {
	if otherwise != "" {
		rows = append(rows, f.word("sum_entry", "Value", f.word("sum_others"), "Points", f.figure(otherwise)))
	}
	return strings.Join(rows, f.word("sum_comma"))
}

func (f *schemeForm) tableLine(at string) string {
	var rows []string
	for i := range f.sheet.Rows(at + ".points") {
		row := at + ".points." + strconv.Itoa(i+1)
		rows = append(rows, f.word("sum_entry", "Value", f.sheet.Get(row+".value"), "Points", f.figure(f.sheet.Get(row+".points"))))
	}
	return f.rowsLine(rows, f.sheet.Get(at+".otherwise"))
}

func (f *schemeForm) gateLine(at string) string {
	words := []string{f.sheet.Get(at + ".require")}
	if veto := f.sheet.Get(at + ".veto"); veto != "" && f.q.loc.Has("schform.veto_"+veto) {
		words[0] = f.word("sum_veto", "Who", f.q.loc.T("schform.veto_"+veto))
	}
	if effect := f.sheet.Get(at + ".effect"); effect == string(rules.EffectReserve) {
		words = append(words, f.word("sum_reserve"))
	}
	if f.sheet.Get(at+".per") != "" {
		words = append(words, f.word("sum_per"))
	}
	return strings.Join(words, " · ")
}

func (f *schemeForm) classLine(at string) string {
	if when := f.sheet.Get(at + ".when"); when != "" {
		return f.of(when)
	}
	return f.word("sum_rest")
}

func (f *schemeForm) tieLine(at string) string {
	prefer := f.sheet.Get(at + ".prefer")
	if prefer == "" {
		prefer = string(rules.BestHigh)
	}
	of := f.of(f.sheet.Get(at + ".of"))
	if of == "" || !f.q.loc.Has("schform.sum_prefer_"+prefer) {
		return of
	}
	return f.word("sum_prefer_"+prefer, "Of", of)
}
