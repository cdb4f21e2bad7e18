package letter

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/shopspring/decimal"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"

	"peregrine/internal/locale"
)

// catalogue words the letters a source is proved on.
var catalogue = sync.OnceValues(locale.Load)

// prove writes the letter with and without everything that can be there or
// not, and looks whether each still says what it must, and whether its links
// lead where a reader may be led.
func (s *Source) prove() SourceProblems {
	cat, err := catalogue()
	if err != nil {
		return SourceProblems{{Code: "syntax"}}
	}
	p := prover{source: s, found: map[string]bool{}}
	for _, l := range variants(probes()[s.kind]) {
		w := words{Printer: cat.Printer(s.lang, l.frame().Reader.Zone), about: l}
		p.letter(w, l)
	}
	return p.problems
}

type prover struct {
	source   *Source
	found    map[string]bool
	problems SourceProblems
}

func (p *prover) problem(line int, code, what string) {
	if key := code + " " + what; !p.found[key] {
		p.found[key] = true
		p.problems = append(p.problems, SourceProblem{Line: line, Code: code, Data: map[string]any{"What": what}})
	}
}

func (p *prover) letter(w words, l Letter) {
	subject, err := execute(p.source.parsed.subject, w, l)
	if err == nil && inline(subject) == "" {
		p.problem(1, "no_subject", "")
	}
	body, bodyErr := execute(p.source.parsed.body, w, l)
	if err != nil || bodyErr != nil {
		p.problem(0, "syntax", "")
		return
	}
	doc := md.Parser().Parse(text.NewReader([]byte(body)))
	p.markup(doc, []byte(body), l)
	said := flat(plainText(doc, []byte(body)))
	for _, n := range needsOf(w, l) {
		if !strings.Contains(said, flat(n.text)) {
			p.problem(0, "missing", n.write)
		}
	}
}

// flat makes one line of a text, so that where it was broken does not count.
func flat(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "> ", " ")), " ")
}

// markup refuses what a letter may not hold: HTML, pictures, blocks of code,
// and links to anywhere but the letter's own page, a mailbox or a safe address
// that stands in the source as it is.
func (p *prover) markup(doc ast.Node, body []byte, l Letter) {
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.RawHTML:
			p.at("html", string(n.Segments.Value(body)))
		case *ast.HTMLBlock:
			p.at("html", string(n.Lines().Value(body)))
		case *ast.CodeBlock:
			p.at("code", string(n.Lines().Value(body)))
		case *ast.FencedCodeBlock:
			p.at("code", string(n.Lines().Value(body)))
		case *ast.Image:
			p.at("picture", string(n.Destination))
		case *ast.Link:
			p.link(string(util.UnescapePunctuations(n.Destination)), l)
		case *ast.AutoLink:
			p.link(string(n.URL(body)), l)
		}
		return ast.WalkContinue, nil
	})
}

// at blames the first line of the source that has the beginning of what.
func (p *prover) at(code, what string) {
	first, _, _ := strings.Cut(strings.TrimSpace(what), "\n")
	p.problem(p.lineOf(first), code, first)
}

func (p *prover) lineOf(what string) int {
	if before, _, ok := strings.Cut(p.source.text, what); ok {
		return 1 + strings.Count(before, "\n")
	}
	return 0
}

func (p *prover) link(to string, l Letter) {
	f := l.frame()
	if to == "mailto:"+f.Office.Email || slices.Contains(linksOf(reflect.ValueOf(l)), to) {
		return
	}
	safe := strings.HasPrefix(to, "https://") || strings.HasPrefix(to, "mailto:")
	written := strings.Contains(p.source.text, to) || strings.Contains(p.source.text, strings.TrimPrefix(to, "mailto:"))
	if !safe || !written {
		p.problem(p.lineOf(to), "link", to)
	}
}

func linksOf(v reflect.Value) []string {
	var out []string
	for i := range v.NumField() {
		switch field := v.Field(i); {
		case field.Type() == reflect.TypeFor[Link]():
			out = append(out, field.String())
		case v.Type().Field(i).Anonymous:
			out = append(out, linksOf(field)...)
		}
	}
	return out
}

// need is a text a letter must hold, and the placeholder that brings it.
type need struct{ text, write string }

// needsOf lists what this very letter must say.
func needsOf(w words, l Letter) []need {
	var out []need
	if text := w.decision(); text != "" {
		out = append(out, need{text, "{{decision}}"})
	}
	v := reflect.ValueOf(l)
	for _, p := range Placeholders(l.Kind()) {
		if !p.Required || p.Field == "decision" {
			continue
		}
		at := v
		for name := range strings.SplitSeq(p.Field, ".") {
			at = at.FieldByName(name)
		}
		texts := w.texts(at)
		if p.Field == "NewAddress" {
			texts = []string{covered(at.String())}
		}
		for _, text := range texts {
			if text != "" {
				out = append(out, need{text, p.Write})
			}
		}
	}
	return out
}

// texts are what a value must be recognized by in a letter.
func (w words) texts(v reflect.Value) []string {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch x := v.Interface().(type) {
	case Until:
		return []string{w.until(x)}
	case Place:
		return []string{x.Host}
	case Choice:
		return []string{x.Place.Host}
	case Waiting:
		return []string{x.Place.Host}
	case Outcome:
		return []string{x.Place.Host, x.Reason}
	}
	switch v.Kind() {
	case reflect.String:
		return []string{v.String()}
	case reflect.Slice:
		var out []string
		for i := range v.Len() {
			out = append(out, w.texts(v.Index(i))...)
		}
		return out
	}
	return nil
}

// probes holds one letter of each kind in which everything there can be is
// there, and every text is one nobody would write by hand.
var probes = sync.OnceValue(func() map[string]Letter {
	out := map[string]Letter{}
	for _, l := range usualSampler().letters() {
		n := 0
		v := reflect.New(reflect.TypeOf(l)).Elem()
		fill(v, "", &n)
		out[l.Kind()] = v.Interface().(Letter)
	}
	return out
})

func fill(v reflect.Value, name string, n *int) {
	*n++
	switch v.Type() {
	case timeType:
		v.Set(reflect.ValueOf(time.Date(2031, time.January, 1+*n, 9, *n, 0, 0, time.UTC)))
		return
	case locationType:
		v.Set(reflect.ValueOf(zone("Europe/Prague")))
		return
	case pointsType:
		v.Set(reflect.ValueOf(Points{Reached: decimal.NewFromInt(int64(3000 + *n)), Of: decimal.NewFromInt(9000)}))
		return
	case reflect.TypeFor[Link]():
		v.SetString(fmt.Sprintf("%s/zq%d", sampleBase, *n))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(probeWord(name, *n))
	case reflect.Int:
		v.SetInt(int64(1000 + *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), name, n)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), name, n)
		fill(v.Index(1), name, n)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), v.Type().Field(i).Name, n)
		}
	}
}

func probeWord(name string, n int) string {
	switch name {
	case "Base":
		return sampleBase
	case "Country":
		return "NL"
	case "Email":
		return fmt.Sprintf("zq%d@example.edu", n)
	}
	return fmt.Sprintf("Zq%dqz", n)
}

// most bounds how many things are tried in every combination.
const most = 9

// variants are the letters that can be made of l by leaving out what may be
// missing and by turning its flags: all of them up to a number of flags, above
// it each flag alone, all but each, all and none.
func variants(l Letter) []Letter {
	v := reflect.ValueOf(l)
	flags := flagsOf(v.Type(), nil)
	var out []Letter
	for _, off := range masks(len(flags)) {
		one := reflect.New(v.Type()).Elem()
		one.Set(v)
		for i, index := range flags {
			if off>>i&1 == 1 {
				one.FieldByIndex(index).SetZero()
			}
		}
		if made := one.Interface().(Letter); Check(made) == nil && !impossible(made) {
			out = append(out, made)
		}
	}
	return out
}

// impossible reports whether no file can stand as l says.
func impossible(l Letter) bool {
	switch l := l.(type) {
	case ProvisionalResult:
		return l.Place != nil && len(l.Waiting) > 0 || l.Rule != "" && len(l.Choices) == 0
	case Correction:
		return (l.EarlierSubject == "") != l.EarlierAt.IsZero()
	case NotSelected:
		return l.Rule != "" && len(l.Choices) == 0
	}
	return false
}

func masks(flags int) []uint {
	all := uint(1)<<flags - 1
	var out []uint
	if flags <= most {
		for m := range all + 1 {
			out = append(out, m)
		}
		return out
	}
	out = append(out, 0, all)
	for i := range flags {
		out = append(out, 1<<i, all&^(1<<i))
	}
	return out
}

func flagsOf(typ reflect.Type, at []int) [][]int {
	var out [][]int
	for i := range typ.NumField() {
		field := typ.Field(i)
		index := append(slices.Clone(at), i)
		switch {
		case field.Type == reflect.TypeFor[Frame]():
		case field.Type.Kind() == reflect.Bool, field.Tag.Get("letter") == "optional" && !field.Anonymous:
			out = append(out, index)
		case field.Type.Kind() == reflect.Struct && field.Type != placeType && !ready(field.Type):
			out = append(out, flagsOf(field.Type, index)...)
		}
	}
	return out
}
