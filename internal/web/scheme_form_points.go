package web

import (
	"strconv"

	rules "peregrine/internal/scheme"
	"peregrine/internal/schemeform"
	"peregrine/internal/web/page"
)

func (f *schemeForm) criterionCard(at string) page.SchemeCard {
	marks := []page.FieldGroup{
		always(f.tick(at, "marked", "marked")),
		only("ticked",
			f.number(at, "mark.min", "mark_min"), f.number(at, "mark.max", "mark_max"), f.number(at, "mark.step", "mark_step"),
			f.number(at, "mark.assessors", "assessors"),
			f.choose(at, "mark.combine", "combine", "schform.combine_", string(rules.CombineMean), string(rules.CombineMedian), string(rules.CombineTrimmed)),
			f.number(at, "mark.spread", "spread")),
	}
	c := page.SchemeCard{Title: f.title(at), Line: f.criterionLine(at), Blocks: []page.FieldBlock{{Groups: []page.FieldGroup{f.keyed(at)}}, {Groups: marks}}}
	list := at + ".variants"
	for i := range f.sheet.Rows(list) {
		c.Cases = append(c.Cases, f.caseCard(list+"."+strconv.Itoa(i+1), list, i))
	}
	if !f.still {
		c.Add = f.button(f.word("add_variant"), "add:"+list, at)
	}
	points := f.ruleBlock(at + ".points")
	if len(c.Cases) > 0 {
		points.Title = f.word("rule_otherwise")
	}
	more := []page.FieldGroup{
		always(f.number(at, "weight", "weight"), f.number(at, "missing", "missing_points"), f.number(at, "min", "points_min"), f.number(at, "max", "points_max"),
			f.number(at, "scale", "criterion_scale")),
		always(f.perField(at), f.tick(at, "aside", "aside")),
	}
	c.Blocks = append(c.Blocks, points, f.more(at, more, "weight", "missing", "min", "max", "scale", "per", "aside"))
	return c
}

// caseCard is one case of a criterion: for whom, and how points come about
// then.
func (f *schemeForm) caseCard(at, list string, i int) page.SchemeCard {
	c := page.SchemeCard{Title: f.word("item_variant", "N", i+1), Blocks: []page.FieldBlock{
		{Groups: []page.FieldGroup{always(f.field(at, "when", "variant_when"))}},
		f.ruleBlock(at + ".points"),
	}}
	f.finish(&c, at, list)
	return c
}

// ruleBlock is how points come about: the choice of a rule, and the fields of
// each.
func (f *schemeForm) ruleBlock(at string) page.FieldBlock {
	rule := f.choose(at, "rule", "rule", "schform.rule_", schemeform.Rules()...)
	return page.FieldBlock{Groups: []page.FieldGroup{
		always(rule),
		only(rules.RuleFixed, f.number(at, "", "points")),
		only(rules.RuleLinear,
			f.field(at, "linear.of", "of"), f.number(at, "linear.best", "linear_best"), f.number(at, "linear.max", "linear_max"),
			f.number(at, "linear.worst", "linear_worst"), f.number(at, "linear.min", "linear_min")),
		{When: rules.RuleBands, Text: f.word("steps_hint"), Fields: []page.Field{f.field(at, "bands.of", "of"), f.number(at, "bands.otherwise", "otherwise_none")}, Table: f.steps(at + ".bands.steps")},
		{When: rules.RuleLookup, Text: f.word("table_hint"), Fields: []page.Field{f.field(at, "lookup.of", "of"), f.number(at, "lookup.otherwise", "otherwise_all")}, Table: f.table(at + ".lookup.points")},
		only(rules.RuleEach, f.field(at, "each.of", "each_of"), f.number(at, "each.points", "each_points"), f.number(at, "each.most", "most")),
		only(rules.RuleRatio, f.field(at, "ratio.of", "of"), f.field(at, "ratio.expected", "expected"), f.number(at, "ratio.max", "ratio_max")),
		only(rules.RuleWhen, f.field(at, "when", "condition"), f.number(at, "points", "when_points"), f.number(at, "otherwise", "otherwise_none")),
		only(rules.RuleFormula, f.field(at, "formula", "formula")),
	}}
}

// spare is how many empty rows a table is shown with.
const spare = 2

// steps is the table of the rule of steps.
func (f *schemeForm) steps(list string) page.Table {
	return f.grid(list, "steps", func(at string) []page.Field {
		return []page.Field{f.field(at, "from", "step_from"), f.field(at, "to", "step_to"), f.number(at, "points", "points")}
	})
}

func (f *schemeForm) table(list string) page.Table {
	return f.grid(list, "table", func(at string) []page.Field {
		return []page.Field{f.field(at, "value", "table_value"), f.number(at, "points", "points")}
	})
}

// grid shows the rows of a table with a few empty ones; a row goes by being
// emptied.
func (f *schemeForm) grid(list, caption string, row func(at string) []page.Field) page.Table {
	t := page.Table{Caption: f.word(caption), HideCaption: true}
	for i := range f.sheet.Rows(list) + spare {
		var cells []page.Cell
		for _, field := range row(list + "." + strconv.Itoa(i+1)) {
			if i == 0 {
				t.Columns = append(t.Columns, page.Column{Label: field.Label})
			}
			field.Label, field.HideLabel, field.Short = f.word("in_row", "Label", field.Label, "N", i+1), true, true
			cells = append(cells, page.Cell{Field: &field})
		}
		t.Rows = append(t.Rows, page.Row{Cells: cells})
	}
	return t
}
