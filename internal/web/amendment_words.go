package web

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/web/page"
)

// rulesWords is one thing that rules say, in lines.
type rulesWords struct {
	term  string
	lines []string
}

// everyRule lists everything announced of a call in words: how much may be
// chosen, how points come about, how places are given out.
func (v *publicCall) everyRule(q *request) []rulesWords {
	out := []rulesWords{{q.loc.T("call.choices"), []string{limitWords(q.loc, v.call.MaxChoices, v.call.MaxLanguages)}}}
	add := func(term string, lines ...string) {
		i := slices.IndexFunc(out, func(w rulesWords) bool { return w.term == term })
		if i < 0 {
			out, i = append(out, rulesWords{term: term}), len(out)
		}
		out[i].lines = append(out[i].lines, lines...)
	}
	for _, row := range v.pointsPart(q).Table.Rows {
		if len(row.Cells) < 3 {
			continue
		}
		how := strings.TrimSpace(row.Cells[1].Text + " " + q.loc.T("call.most") + ": " + row.Cells[2].Text)
		if note := row.Cells[0].Note; note != "" {
			how += " " + note
		}
		add(row.Cells[0].Text, how)
	}
	for _, f := range v.rulesPart(q).Summary.Rows {
		add(f.Term, cmpLines(f)...)
	}
	return out
}

// sentences puts lines one after another, each ended as a sentence is.
func sentences(lines []string) string {
	out := make([]string, len(lines))
	for i, line := range lines {
		if out[i] = line; len(lines) > 1 && !strings.HasSuffix(line, ".") {
			out[i] += "."
		}
	}
	return strings.Join(out, " ")
}

func cmpLines(f page.Fact) []string {
	if len(f.Lines) > 0 {
		return f.Lines
	}
	return []string{f.Text}
}

// besideEachOther shows what becomes what, and nothing that stays.
func (q *request) besideEachOther(was, now *publicCall) page.Part {
	before, after := was.everyRule(q), now.everyRule(q)
	find := func(in []rulesWords, term string) string {
		if i := slices.IndexFunc(in, func(w rulesWords) bool { return w.term == term }); i >= 0 {
			return sentences(in[i].lines)
		}
		return ""
	}
	t := page.Table{Caption: q.loc.T("rules.preview_changes"), HideCaption: true, Columns: []page.Column{
		{Label: q.loc.T("selform.rule")}, {Label: q.loc.T("rules.before")}, {Label: q.loc.T("rules.after")},
	}}
	seen := map[string]bool{}
	for _, w := range slices.Concat(after, before) {
		a, b := find(before, w.term), find(after, w.term)
		if a != b && !seen[w.term] {
			t.Rows = append(t.Rows, page.Row{Cells: page.Cells(w.term, cmp.Or(a, "–"), cmp.Or(b, "–"))})
		}
		seen[w.term] = true
	}
	if len(t.Rows) == 0 {
		return page.Part{}
	}
	return page.Part{ID: "beside", Title: q.loc.T("rules.in_words"), Table: t}
}

// withRules is the call as it would be announced.
func (v publicCall) withRules(source string, r mobility.SelectionRules, limits process.ChoiceLimits) (*publicCall, error) {
	v.call.Selection, v.call.MaxChoices, v.call.MaxLanguages = r, int32(limits.Choices), int32(limits.Languages)
	read, err := readScheme(source)
	if err != nil {
		return nil, err
	}
	read.questions, v.scheme = v.call.Questions, read
	return &v, nil
}

// proposedWords are the rules before and after an amendment, as it keeps them.
func (q *request) proposedWords(v publicCall, row store.AmendmentByIDRow) (page.Part, error) {
	var r mobility.SelectionRules
	var limits process.ChoiceLimits
	for _, step := range []struct {
		text []byte
		into any
	}{{row.FromSelection, &r}, {row.FromLimits, &limits}} {
		if err := json.Unmarshal(step.text, step.into); err != nil {
			return page.Part{}, fmt.Errorf("read the rules before: %w", err)
		}
	}
	was, err := v.withRules(row.FromSource, r, limits)
	if err != nil {
		return page.Part{}, err
	}
	for _, step := range []struct {
		text []byte
		into any
	}{{row.Selection, &r}, {row.Limits, &limits}} {
		if len(step.text) == 0 {
			continue
		}
		if rules, ok := step.into.(*mobility.SelectionRules); ok {
			*rules = mobility.SelectionRules{} // what is left out of the new rules is not in them
		}
		if err := json.Unmarshal(step.text, step.into); err != nil {
			return page.Part{}, fmt.Errorf("read the rules proposed: %w", err)
		}
	}
	now, err := v.withRules(cmp.Or(row.Source, row.FromSource), r, limits)
	if err != nil {
		return page.Part{}, err
	}
	return q.besideEachOther(was, now), nil
}
