package web

import (
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"peregrine/internal/mobility"
	"peregrine/internal/outbox"
	rules "peregrine/internal/scheme"
	"peregrine/internal/web/page"
)

// pointsPart explains how facts and marks become points.
func (v *publicCall) pointsPart(q *request) page.Part {
	t := page.Table{Caption: q.loc.T("call.criteria"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("call.criterion")}, {Label: q.loc.T("call.how")}, {Label: q.loc.T("call.most"), Numeric: true},
	}}
	for _, c := range v.scheme.rules.Criteria {
		_, high := v.scheme.rules.Range(c.Key)
		most := "–"
		if high.Valid {
			most = q.loc.Decimal(high.Decimal)
		}
		name := page.Cell{Text: criterion{c.Key, c.Label, high}.label(q.loc)}
		if c.Per != "" {
			name.Note = q.loc.T("call.per_destination")
		}
		if c.Aside {
			name.Note = q.loc.T("scheme.aside")
		}
		t.Rows = append(t.Rows, page.Row{Cells: []page.Cell{name, {Text: v.how(q, c)}, {Text: most}}})
	}
	if most := v.scheme.rules.MaxTotal(); most.Valid {
		t.Rows = append(t.Rows, page.Row{Strong: true, Cells: page.Cells(q.loc.T("call.total"), "", q.loc.Decimal(most.Decimal))})
	}
	part := page.Part{ID: "decision", Title: q.loc.T("call.decision"), Table: t}
	if v.call.FactsAt != nil {
		part.Text = q.loc.T("call.facts_at", "When", q.both(*v.call.FactsAt, zoneOf(v.call.Zone)))
	}
	return part
}

// how says in words how a criterion gives points.
func (v *publicCall) how(q *request, c rules.Criterion) string {
	var words []string
	if c.Mark != nil {
		words = append(words, q.loc.T("call.by_mark"))
		if c.Mark.Assessors > 1 {
			words = append(words, q.loc.N("call.by_assessors", c.Mark.Assessors)+" "+q.loc.T("call.combine_"+string(c.Mark.Combine)))
		}
	}
	for i, variant := range c.Variants {
		words = append(words, q.loc.T("call.variant", "Number", i+1, "When", variant.When)+" "+v.transform(q, variant.Points))
	}
	if c.Points != nil {
		words = append(words, v.transform(q, c.Points))
	}
	return strings.Join(words, " ")
}

// transform words one rule for points.
func (v *publicCall) transform(q *request, t rules.Transform) string {
	name := func(of string) string { return v.scheme.words(q.loc, of) }
	switch t := t.(type) {
	case *rules.Fixed:
		return q.loc.T("how.fixed", "Points", t.Points)
	case *rules.Linear:
		return q.loc.T("how.linear", "Of", name(t.Of), "Best", t.Best, "Worst", t.Worst, "Max", t.Max, "Min", t.Min)
	case *rules.Bands:
		steps := make([]string, len(t.Steps))
		for i, s := range t.Steps {
			code, at := "how.step_from", s.From
			if s.To != "" {
				code, at = "how.step_to", s.To
			}
			steps[i] = q.loc.T(code, "At", at, "Points", s.Points)
		}
		return q.loc.T("how.bands", "Of", name(t.Of), "Steps", strings.Join(steps, "; "), "Otherwise", t.Otherwise)
	case *rules.Lookup:
		entries := make([]string, len(t.Table))
		for i, e := range t.Table {
			entries[i] = q.loc.T("how.entry", "Value", e.Value, "Points", e.Points)
		}
		return q.loc.T("how.lookup", "Of", name(t.Of), "Entries", strings.Join(entries, "; "))
	case *rules.Each:
		if t.Most.Valid {
			return q.loc.T("how.each_most", "Of", name(t.Of), "Points", t.Points, "Most", t.Most.Decimal)
		}
		return q.loc.T("how.each", "Of", name(t.Of), "Points", t.Points)
	case *rules.Ratio:
		return q.loc.T("how.ratio", "Of", name(t.Of), "Expected", name(t.Expected), "Max", t.Max)
	case *rules.When:
		return q.loc.T("how.when", "When", name(t.Cond), "Points", t.Points, "Otherwise", t.Otherwise)
	case *rules.Formula:
		return q.loc.T("how.formula", "Formula", t.Expr)
	}
	return ""
}

// rulesPart explains the announced rules of allocation, each in plain words:
// the method, equal points, shares, quotas, money, reserve.
func (v *publicCall) rulesPart(q *request) page.Part {
	r := v.call.Selection
	method := []string{q.loc.T("method." + r.Method)}
	if honest(r) {
		method = append(method, q.loc.T("method.honest"))
	}
	rows := []page.Fact{{Term: q.loc.T("call.method"), Lines: method}}
	for _, g := range v.scheme.rules.Gates {
		rows = append(rows, page.Fact{Term: q.loc.T("call.condition"), Text: v.gate(q, g)})
	}
	if lines := v.classes(q); len(lines) > 0 {
		rows = append(rows, page.Fact{Term: q.loc.T("call.classes"), Lines: lines})
	}
	rows = append(rows, page.Fact{Term: q.loc.T("call.ties"), Lines: append(v.scheme.ties(q.loc), q.loc.T("ties."+r.Ties))})
	if len(v.call.SeedHash) > 0 && (r.Ties == "lot" || r.Method == "lottery") {
		rows = append(rows, page.Fact{Term: q.loc.T("call.seed"), Text: hex.EncodeToString(v.call.SeedHash)})
	}
	rows = append(rows, v.limits(q)...)
	rows = append(rows,
		page.Fact{Term: q.loc.T("call.offer"), Text: q.loc.N("call.offer_days", int(v.call.ConfirmDays))},
		page.Fact{Term: q.loc.T("call.reserve"), Lines: v.reserve(q)},
		page.Fact{Term: q.loc.T("call.upgrades"), Text: q.loc.T("upgrades." + r.Upgrades)})
	return page.Part{ID: "rules", Title: q.loc.T("call.rules"), Summary: page.Summary{Rows: rows}}
}

// honest reports whether nobody can gain by another order of their list: only
// where the order of applicants is strict.
func honest(r mobility.SelectionRules) bool {
	strict := r.Ties == "id" || r.Ties == "lot"
	return strict && slices.Contains([]string{"deferred-acceptance", "list", "lottery", "first-come"}, r.Method)
}

func (v *publicCall) gate(q *request, g rules.Gate) string {
	text := v.scheme.gateLabel(q.loc, g.Key)
	switch {
	case g.Veto != "":
		text = q.loc.T("call.gate_veto", "Gate", text, "Role", q.loc.T("call.role_"+string(g.Veto)))
	case g.Effect == rules.EffectReserve:
		text = q.loc.T("call.gate_reserve", "Gate", text)
	}
	return text
}

func (v *publicCall) classes(q *request) []string {
	var out []string
	for i, c := range v.scheme.rules.Classes {
		label := c.Label.In(q.loc.Lang())
		if label == "" {
			label = c.Key
		}
		out = append(out, q.loc.Number(i+1)+". "+label)
	}
	return out
}

// limits are shares, quotas, limits per partner, grants and minima.
func (v *publicCall) limits(q *request) []page.Fact {
	r, lang := v.call.Selection, q.loc.Lang()
	var rows []page.Fact
	add := func(term string, lines []string) {
		if len(lines) > 0 {
			rows = append(rows, page.Fact{Term: q.loc.T(term), Lines: lines})
		}
	}
	var shares, quotas, partners, grants, least []string
	for _, s := range r.Shares {
		shares = append(shares, q.loc.T("call.share", "Group", s.Label.In(lang), "Percent", s.Percent))
	}
	for _, s := range r.Quotas {
		quotas = append(quotas, v.quota(q, s))
	}
	for _, p := range r.Partners {
		partners = append(partners, q.loc.N("call.partner", p.Places, "Host", v.hostName(p.Host)))
	}
	for _, g := range r.Grants {
		code := "call.grant"
		if g.When != "" {
			code = "call.grant_for"
		}
		grants = append(grants, q.loc.N(code, g.Places, "Grant", g.Label.In(lang)))
	}
	if n := r.Minimum.Destination; n > 0 {
		least = append(least, q.loc.N("call.minimum_destination", n))
	}
	if n := r.Minimum.Overall; n > 0 {
		least = append(least, q.loc.N("call.minimum_overall", n))
	}
	if len(shares) > 1 {
		shares = append(shares, q.loc.T("call.shares_order"))
	}
	if quotas = append(quotas, partners...); len(quotas) > 0 {
		quotas = append(quotas, q.loc.T("call.limits_nested"))
	}
	if len(least) > 0 {
		least = append(least, q.loc.T("call.minimum_below"))
	}
	add("call.shares", shares)
	add("call.quotas", quotas)
	add("call.grants", grants)
	add("call.minimum", least)
	return rows
}

// quota says how many places there are at most, for whom and where.
func (v *publicCall) quota(q *request, r mobility.QuotaRule) string {
	if wholeQuota(r) {
		return q.loc.N("call.quota_all", r.Places)
	}
	text := q.loc.N("call.quota_is", r.Places, "Quota", r.Label.In(q.loc.Lang()), "Whom", strings.Join(v.whom(q, r), ", "))
	var where []string
	if r.Term != "" {
		where = append(where, q.loc.T("call.where_term", "Term", q.loc.T("term."+r.Term)))
	}
	if r.Language != "" {
		where = append(where, q.loc.T("call.where_language", "Language", q.loc.Language(r.Language)))
	}
	if len(r.Hosts) > 0 {
		names := make([]string, len(r.Hosts))
		for i, code := range r.Hosts {
			names[i] = v.hostName(code)
		}
		where = append(where, q.loc.T("call.where_hosts", "Hosts", strings.Join(names, ", ")))
	}
	if len(where) > 0 {
		text += fmt.Sprintf(" (%s)", strings.Join(where, "; "))
	}
	return text
}

// whom is who counts towards a quota.
func (v *publicCall) whom(q *request, r mobility.QuotaRule) []string {
	var out []string
	if r.Unit != "" {
		out = append(out, q.loc.T("call.whom_unit", "Unit", v.unitName(q, r.Unit)))
	}
	if r.Cycle != 0 {
		out = append(out, q.loc.T("call.whom_cycle", "Cycle", q.loc.T("cycle."+strconv.Itoa(r.Cycle))))
	}
	if r.Field != "" {
		out = append(out, q.loc.T("call.whom_field", "Field", r.Field))
	}
	if r.When != "" {
		out = append(out, q.loc.T("call.whom_when"))
	}
	if len(out) == 0 {
		out = append(out, q.loc.T("call.whom_all"))
	}
	return out
}

func (v *publicCall) unitName(q *request, code string) string {
	for _, u := range v.units {
		if u.Code == code {
			return u.Name.In(q.loc.Lang())
		}
	}
	return code
}

func (v *publicCall) hostName(code string) string {
	for _, d := range v.places {
		if strings.EqualFold(strings.ReplaceAll(d.Code, " ", ""), strings.ReplaceAll(code, " ", "")) {
			return d.Host
		}
	}
	return code
}

func (v *publicCall) reserve(q *request) []string {
	r := v.call.Selection.Reserve
	if r.Limit != nil && *r.Limit == 0 {
		return []string{q.loc.T("reserve.nobody")}
	}
	out := []string{q.loc.T("reserve." + r.Per)}
	if r.Limit != nil {
		out = append(out, q.loc.N("reserve.limit", *r.Limit))
	}
	if r.SecondClass {
		out = append(out, q.loc.T("reserve.second_class"))
	} else {
		out = append(out, q.loc.T("reserve.no_second_class"))
	}
	return out
}

// amendedPart tells everybody when an announced rule was changed, and why.
func (v *publicCall) amendedPart(q *request) page.Part {
	var rows []page.Fact
	for _, m := range v.amended {
		if m.Status != "approved" || m.DecidedAt == nil {
			continue
		}
		lines, err := outbox.RuleChanges(q.loc, m.Changes)
		if err != nil {
			continue // the reason is told all the same
		}
		lines = append(lines, q.loc.T("rules.because", "Reason", m.Reason))
		rows = append(rows, page.Fact{Term: q.loc.T("rules.history_line", "When", *m.DecidedAt), Lines: lines})
	}
	if len(rows) == 0 {
		return page.Part{}
	}
	return page.Part{ID: "amended", Title: q.loc.T("rules.history"), Summary: page.Summary{Rows: rows}}
}
