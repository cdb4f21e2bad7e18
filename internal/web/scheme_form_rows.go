package web

import (
	"strings"

	rules "peregrine/internal/scheme"
	"peregrine/internal/web/page"
)

// always is a group that is shown whatever is chosen.
func always(fields ...page.Field) page.FieldGroup { return page.FieldGroup{Fields: fields} }

// only is a group that is shown where one of some words is chosen.
func only(when string, fields ...page.Field) page.FieldGroup {
	return page.FieldGroup{When: when, Fields: fields}
}

func (f *schemeForm) wholeCard() page.SchemeCard {
	fields := append([]page.Field{f.field("name", "", "name")}, f.names("", "title", "title")...)
	fields = append(fields, f.number("scale", "", "scale"), f.number("total", "min", "total_min"), f.number("total", "max", "total_max"))
	c := page.SchemeCard{ID: "whole-1", Title: f.sheet.Get("name"), Line: f.wholeLine(), Blocks: []page.FieldBlock{{Groups: []page.FieldGroup{always(fields...)}}}}
	for _, p := range f.wrong {
		if p.Field == "" || p.Field == "total" {
			c.Errors = append(c.Errors, f.q.loc.T(p.Code, p.Data))
		}
		c.Open = c.Open || singular[strings.Split(p.Field, ".")[0]] == ""
	}
	if c.Title == "" {
		c.Title = f.word("unnamed")
	}
	if f.still {
		c.Blocks = nil
	}
	return c
}

func (f *schemeForm) inputCard(at string) page.SchemeCard {
	sources, kinds := wordsOf(rules.Sources), wordsOf(rules.Kinds)
	groups := []page.FieldGroup{
		f.keyed(at),
		always(f.choose(at, "from", "from", "schform.from_", sources...), f.choose(at, "kind", "kind", "scheme.kind.", kinds...)),
		only("answer", f.field(at, "question", "question")),
		only("imported", f.field(at, "field", "field"), f.choose(at, "frozen", "frozen", "schform.frozen_", wordsOf(rules.Instants)...)),
		only("record",
			f.choose(at, "recorded", "recorded", "schform.recorded_", rules.Recorded...), f.number(at, "years", "years"),
			f.field(at, "programmes", "programmes"), f.tick(at, "same_cycle", "same_cycle")),
		only("cohort", f.field(at, "of", "cohort_of"), f.field(at, "by", "by"), f.choose(at, "best", "best", "schform.best_", wordsOf(rules.Bests)...)),
		only("formula", f.field(at, "formula", "formula")),
		only("choice", f.field(at, "options", "options")),
		only("number count", f.number(at, "min", "min"), f.number(at, "max", "max")),
	}
	proof := only("stated", f.field(at, "evidence", "evidence"), f.perField(at)) // what is worked out is neither proved nor looked up
	if f.sheet.Get(at+".evidence")+f.sheet.Get(at+".per") != "" {
		proof.When = ""
	}
	more := []page.FieldGroup{proof, always(f.field(at, "instead", "instead"))}
	return page.SchemeCard{
		Title: f.title(at), Line: f.inputLine(at),
		Blocks: []page.FieldBlock{{Groups: groups}, f.more(at, more, "evidence", "per", "instead")},
	}
}

// keyed is what everything with a key begins with: the key and its names.
func (f *schemeForm) keyed(at string) page.FieldGroup {
	return always(append([]page.Field{f.field(at, "key", "key")}, f.names(at, "label", "label")...)...)
}

// more is what few need, folded while there is nothing in it.
func (f *schemeForm) more(at string, groups []page.FieldGroup, names ...string) page.FieldBlock {
	out := page.FieldBlock{Fold: f.word("more"), Groups: groups}
	for _, n := range names {
		out.Open = out.Open || f.sheet.Get(at+"."+n) != "" || f.error(at+"."+n) != ""
	}
	return out
}

func (f *schemeForm) gateCard(at string) page.SchemeCard {
	asked := []page.Field{
		f.field(at, "require", "require"), f.choose(at, "veto", "veto", "schform.veto_", wordsOf(rules.VetoRoles())...),
		f.choose(at, "effect", "effect", "schform.effect_", wordsOf(rules.Effects)...),
		f.choose(at, "missing", "unknown", "schform.unknown_", wordsOf(rules.Unknowns)...), f.perField(at),
	}
	return page.SchemeCard{Title: f.title(at), Line: f.gateLine(at), Blocks: []page.FieldBlock{{Groups: []page.FieldGroup{f.keyed(at), always(asked...)}}}}
}

func (f *schemeForm) classCard(at string) page.SchemeCard {
	return page.SchemeCard{
		Title: f.title(at), Line: f.classLine(at),
		Blocks: []page.FieldBlock{{Groups: []page.FieldGroup{f.keyed(at), always(f.field(at, "when", "class_when"))}}},
	}
}

func (f *schemeForm) tieCard(at string) page.SchemeCard {
	fields := append([]page.Field{
		f.field(at, "of", "tie_of"), f.choose(at, "prefer", "prefer", "schform.prefer_", wordsOf(rules.Bests)...),
	}, f.names(at, "label", "label")...)
	c := page.SchemeCard{Title: f.title(at), Line: f.tieLine(at), Blocks: []page.FieldBlock{{Groups: []page.FieldGroup{always(fields...)}}}}
	if c.Title == "" {
		c.Title = f.of(f.sheet.Get(at + ".of"))
	}
	return c
}

func wordsOf[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
