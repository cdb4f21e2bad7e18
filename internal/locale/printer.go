package locale

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/shopspring/decimal"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Printer writes for one reader: a language and the zone they live in. It is
// a small value; the zero value writes nothing but keys, in UTC.
type Printer struct {
	s    *speaker
	zone *time.Location
}

// Lang returns the language as a tag for the lang attribute: "cs".
func (p Printer) Lang() string {
	if p.s == nil {
		return Default
	}
	return p.s.lang
}

// Zone returns the reader's zone.
func (p Printer) Zone() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// In returns the same printer for another zone, for instance a call's.
func (p Printer) In(zone *time.Location) Printer {
	p.zone = zone
	return p
}

// Has reports whether the printer's own language has the message.
func (p Printer) Has(id string) bool { return p.s != nil && p.s.ids[id] }

// T returns the message id. Args are placeholder names and values in turn, or
// one map[string]any; times, dates and decimals among the values are written
// the reader's way. A message the language lacks comes in English, one that
// nobody has comes as its id: a page never fails for want of a word.
func (p Printer) T(id string, args ...any) string {
	if p.s == nil {
		return id
	}
	if text, ok := p.s.plain[id]; ok {
		return text
	}
	data := p.data(args)
	return p.localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: counted(data), TemplateData: data})
}

// counted is the number a refusal is about, which chooses the plural form:
// its Count, else its Limit, else nothing.
func counted(data map[string]any) any {
	for _, key := range []string{"Count", "Limit"} {
		switch n := data[key].(type) {
		case int, int32, int64:
			return n
		}
	}
	return nil
}

// N returns the message id in the plural form that n asks for. The
// placeholder {{.N}} is n written the reader's way; further args as for T.
func (p Printer) N(id string, n int, args ...any) string {
	if p.s == nil {
		return id
	}
	data := p.data(args)
	data["N"] = p.Number(n)
	return p.localize(&i18n.LocalizeConfig{MessageID: id, PluralCount: n, TemplateData: data})
}

// localize ignores the error on purpose: it accompanies the fallback text.
func (p Printer) localize(config *i18n.LocalizeConfig) string {
	text, _ := p.s.localizer.Localize(config)
	if text == "" {
		return config.MessageID
	}
	return strings.ReplaceAll(text, "<no value>", "")
}

func (p Printer) data(args []any) map[string]any {
	out := make(map[string]any, len(args)/2+1)
	if len(args) == 1 {
		if m, ok := args[0].(map[string]any); ok {
			for k, v := range m {
				out[k] = p.value(v)
			}
		}
		return out
	}
	for i := 0; i+1 < len(args); i += 2 {
		out[fmt.Sprint(args[i])] = p.value(args[i+1])
	}
	return out
}

func (p Printer) value(v any) any {
	switch v := v.(type) {
	case time.Time:
		return p.DateTime(v)
	case decimal.Decimal:
		return p.Decimal(v)
	case []string: // of words, or of messages
		words := slices.Clone(v)
		for i, word := range words {
			if p.Has(word) {
				words[i] = p.T(word)
			}
		}
		return p.List(words)
	}
	return v
}

// Number writes a whole number with the language's grouping: 12,400.
func (p Printer) Number(n int) string { return p.Decimal(decimal.NewFromInt(int64(n))) }

// Decimal writes an exact number, no digit more or less than it has: 80.25.
func (p Printer) Decimal(d decimal.Decimal) string { return p.manner().number(d.String()) }

// Fixed writes a number with exactly places decimals, for columns of figures.
func (p Printer) Fixed(d decimal.Decimal, places int) string {
	return p.manner().number(d.StringFixed(int32(places)))
}

// List joins items the way a sentence does: "a, b and c".
func (p Printer) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	last := len(items) - 1
	return strings.Join(items[:last], ", ") + " " + p.T("format.and") + " " + items[last]
}

// Country names a country by its ISO code, and by the two codes the European
// institutions use instead (EL for Greece, UK). An unknown code comes back.
func (p Printer) Country(code string) string {
	switch code {
	case "EL":
		code = "GR"
	case "UK":
		code = "GB"
	}
	region, err := language.ParseRegion(code)
	if err != nil {
		return code
	}
	if name := display.Regions(p.manner().tag).Name(region); name != "" {
		return name
	}
	return code
}

// Language names a language by its code. An unknown code comes back.
func (p Printer) Language(code string) string {
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(p.manner().tag).Name(tag); name != "" {
		return name
	}
	return code
}
