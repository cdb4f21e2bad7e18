package web

import (
	"slices"
	"strconv"
	"strings"

	"peregrine/internal/locale"
	"peregrine/internal/schemeform"
	"peregrine/internal/web/page"
)

// schemeForm builds the fields of a scheme, each with what is wrong with it.
type schemeForm struct {
	q      *request
	sheet  schemeform.Sheet
	action string // where its buttons post
	open   string // the row that is shown unfolded
	still  bool   // nothing can be changed: only the lines are shown
	said   string // what the line that is being written need not say again
	wrong  []schemeform.Problem
	shown  map[string]string // the element of each field that is on the page
}

// word is a word of the form.
func (f *schemeForm) word(key string, pairs ...any) string {
	return f.q.loc.T("schform."+key, pairs...)
}

// sections is the whole scheme, list by list.
func (f *schemeForm) sections() []page.SchemeSection {
	out := []page.SchemeSection{
		{ID: "whole", Title: f.word("whole"), Cards: []page.SchemeCard{f.wholeCard()}},
		f.section("inputs", f.inputCard),
		f.section("criteria", f.criterionCard),
		f.section("gates", f.gateCard),
		f.section("classes", f.classCard),
		f.section("ties", f.tieCard),
	}
	return out
}

// singular is what one thing of a list is called in keys of the catalogue.
var singular = map[string]string{"inputs": "input", "criteria": "criterion", "gates": "gate", "classes": "class", "ties": "tie"}

func (f *schemeForm) section(list string, one func(at string) page.SchemeCard) page.SchemeSection {
	s := page.SchemeSection{ID: list, Title: f.word(list), Text: f.word(list + "_text"), None: f.word(list + "_none")}
	for i := range f.sheet.Rows(list) {
		at := list + "." + strconv.Itoa(i+1)
		card := one(at)
		f.finish(&card, at, list)
		s.Cards = append(s.Cards, card)
	}
	if !f.still {
		s.Add = f.button(f.word("add_"+singular[list]), "add:"+list, list+"."+strconv.Itoa(f.sheet.Rows(list)+1))
	}
	return s
}

// finish gives a card what every card has: its place, its moves, what is wrong
// with it as a whole.
func (f *schemeForm) finish(c *page.SchemeCard, at, list string) {
	c.ID = anchor(at)
	if c.Title == "" {
		c.Title = f.word("unnamed")
	}
	n := 0
	for _, p := range f.wrong {
		if p.Field != at && !strings.HasPrefix(p.Field, at+".") {
			continue
		}
		n++
		if _, on := f.shown[p.Field]; !on {
			f.shown[p.Field] = c.ID
			c.Errors = append(c.Errors, f.q.loc.T(p.Code, p.Data))
		}
	}
	if n > 0 {
		c.Tags = append(c.Tags, page.Tag{Label: f.q.loc.N("schform.problems", n), Tone: page.Danger})
	}
	c.Open = n > 0 || f.open == at || strings.HasPrefix(f.open, at+".")
	if f.still {
		c.Blocks, c.Cases, c.Add = nil, nil, page.Button{}
		return
	}
	c.Moves = f.moves(at, list)
}

// moves are the buttons that move a row or take it out.
func (f *schemeForm) moves(at, list string) []page.Button {
	if list == "" {
		return nil
	}
	place, _ := strconv.Atoi(at[len(list)+1:])
	var out []page.Button
	if place > 1 {
		out = append(out, f.button(f.word("up"), "up:"+at, list+"."+strconv.Itoa(place-1)))
	}
	if place < f.sheet.Rows(list) {
		out = append(out, f.button(f.word("down"), "down:"+at, list+"."+strconv.Itoa(place+1)))
	}
	remove := f.button(f.word("remove"), "remove:"+at, list)
	remove.Danger = true
	out = append(out, remove)
	for i := range out {
		out[i].Look = page.Quiet
	}
	return out
}

// button brings the page back, at a row.
func (f *schemeForm) button(label, act, at string) page.Button {
	b := page.Button{Label: label, Look: page.Secondary, Name: "do", Value: act, NoCheck: true}
	if at != "" {
		b.To = f.action + "#" + anchor(rowOf(at))
	}
	return b
}

// rowOf is the card that a row is in: "criteria.2" of "criteria.2.variants.1".
func rowOf(at string) string {
	parts := strings.Split(at, ".")
	return strings.Join(parts[:min(len(parts), 2)], ".")
}

// anchor is the id of a row's card.
func anchor(at string) string { return strings.ReplaceAll(at, ".", "-") }

// field is one field of a row with its label, what was typed and what is wrong.
func (f *schemeForm) field(at, name, label string) page.Field {
	full := at
	if name != "" {
		full = strings.TrimPrefix(at+"."+name, ".")
	}
	out := page.Field{Name: full, Label: f.word(label), Value: f.sheet.Get(full), MaxLength: 2000}
	if hint := "schform." + label + "_hint"; f.q.loc.Has(hint) {
		out.Hint = f.q.loc.T(hint)
	}
	out.Error = f.error(full)
	f.shown[full] = out.ID()
	return out
}

// error is what is wrong with a field.
func (f *schemeForm) error(name string) string {
	var words []string
	for _, p := range f.wrong {
		if text := f.q.loc.T(p.Code, p.Data); p.Field == name && !slices.Contains(words, text) {
			words = append(words, text)
		}
	}
	return strings.Join(words, " ")
}

func (f *schemeForm) number(at, name, label string) page.Field {
	out := f.field(at, name, label)
	out.Kind, out.Short = page.Number, true
	return out
}

func (f *schemeForm) tick(at, name, label string) page.Field {
	out := f.field(at, name, label)
	out.Kind = page.Checkbox
	return out
}

// choose is a choice of words; what was typed instead of them stays.
func (f *schemeForm) choose(at, name, label, prefix string, words ...string) page.Field {
	out := f.field(at, name, label)
	out.Kind, out.Blank = page.Select, f.word("choose")
	if usual := "schform." + label + "_usual"; f.q.loc.Has(usual) {
		out.Blank = f.q.loc.T(usual)
	}
	for _, w := range words {
		out.Options = append(out.Options, page.Option{Value: w, Label: f.q.loc.T(prefix + w)})
	}
	if out.Value != "" && !slices.Contains(words, out.Value) {
		out.Options = append(out.Options, page.Option{Value: out.Value, Label: out.Value})
	}
	return out
}

// perField says whether something differs per destination.
func (f *schemeForm) perField(at string) page.Field {
	return f.choose(at, "per", "per", "schform.per_", "destination")
}

// names are the texts of a row in the languages the office writes in, and in
// those it has besides.
func (f *schemeForm) names(at, name, label string) []page.Field {
	full := strings.TrimPrefix(at+"."+name, ".")
	var out []page.Field
	tags := slices.Clone(f.q.writes)
	for _, tag := range f.sheet.Tags(full) {
		if !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	for _, tag := range tags {
		field := f.field(full, tag, label+"_in")
		field.Label = f.word(label+"_in", "Lang", f.q.loc.Language(tag))
		out = append(out, field)
	}
	return out
}

// title is what a row is called: its name in the reader's language, else its key.
func (f *schemeForm) title(at string) string {
	for _, lang := range append([]string{f.q.loc.Lang()}, locale.Languages...) {
		if text := f.sheet.Get(at + ".label." + lang); text != "" {
			return text
		}
	}
	return f.sheet.Get(at + ".key")
}

// summary lists everything that is wrong, each leading to where it is.
func (f *schemeForm) summary() page.ErrorSummary {
	if len(f.wrong) == 0 {
		return page.ErrorSummary{}
	}
	out := page.ErrorSummary{Title: f.q.loc.N("part.errors", len(f.wrong))}
	for _, p := range f.wrong {
		row := rowOf(p.Field)
		href := "#whole"
		if id := f.shown[p.Field]; id != "" {
			href = "#" + id
		} else if strings.Contains(row, ".") || singular[row] != "" {
			href = "#" + anchor(row)
		}
		text := f.q.loc.T(p.Code, p.Data)
		if place := f.place(row); place != "" {
			text = place + ": " + text
		}
		out.Problems = append(out.Problems, page.Problem{Text: text, Href: href})
	}
	return out
}

// place says in words in which row something is.
func (f *schemeForm) place(row string) string {
	list, n, ok := strings.Cut(row, ".")
	if !ok || singular[list] == "" {
		return ""
	}
	if title := f.title(row); title != "" {
		return f.word("place_"+singular[list], "Name", title)
	}
	return f.word("item_"+singular[list], "N", n)
}
