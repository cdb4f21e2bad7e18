package letter

import (
	"fmt"
	"reflect"
	"strings"
)

// Placeholder is one thing a source of a kind may name.
type Placeholder struct {
	Field    string // "Place", "Appeal.Text"; "decision" for the decision's words
	Write    string // how it is written, "{{place .Place}}"
	Required bool   // a source without it is refused
	Optional bool   // not every letter has it: Write stands in a condition
}

// MeaningOf is the id of the message that says in plain words what a field of
// a letter is.
func MeaningOf(field string) string {
	return "letter_source.field_" + strings.ToLower(strings.ReplaceAll(field, ".", "_"))
}

// Placeholders lists what a source of this kind may name, what it must name
// first, then in the order of the kind's letter. MeaningOf explains each.
func Placeholders(kind string) []Placeholder {
	l, ok := probes()[kind]
	if !ok {
		return nil
	}
	var must, may []Placeholder
	add := func(p Placeholder) {
		if p.Required {
			must = append(must, p)
		} else {
			may = append(may, p)
		}
	}
	if _, decides := l.(decided); decides {
		add(Placeholder{Field: "decision", Write: "{{decision}}", Required: true})
	}
	collect(reflect.TypeOf(l), "", kind, add)
	return append(must, may...)
}

func collect(typ reflect.Type, path, kind string, add func(Placeholder)) {
	for i := range typ.NumField() {
		field := typ.Field(i)
		name := strings.TrimPrefix(path+"."+field.Name, ".")
		switch {
		case field.Anonymous:
			collect(field.Type, path, kind, add)
		case !field.IsExported() || hiddenField(field.Name) || field.Type == locationType:
		case field.Type.Kind() == reflect.Struct && !ready(field.Type) && field.Type != placeType:
			collect(field.Type, name, kind, add)
		default:
			optional := field.Tag.Get("letter") == "optional" || field.Type.Kind() == reflect.Bool
			add(Placeholder{Field: name, Write: placeholder(name, field, kind), Required: required(kind, name, field), Optional: optional})
		}
	}
}

// hiddenField reports whether a field is the frame's own affair.
func hiddenField(name string) bool {
	return name == "Base" || name == "Corrects" || name == "Late" || name == "Why"
}

// placeholder is how a field is written, within a condition if it may be missing.
func placeholder(path string, field reflect.StructField, kind string) string {
	typ := field.Type
	switch {
	case typ.Kind() == reflect.Bool:
		return fmt.Sprintf("{{if .%s}}…{{else}}…{{end}}", path)
	case typ.Kind() == reflect.Slice:
		return fmt.Sprintf("{{range .%s}}- %s\n{{end}}", path, element(typ.Elem()))
	case path == "Rule":
		return "{{$.Rule}}"
	}
	if typ == intType {
		if nouns := nounsOf(kind); len(nouns) > 0 && (path == "Count" || path == "Minutes") {
			return fmt.Sprintf("{{count %q .%s}}", nouns[0], path)
		}
	}
	if typ.Kind() == reflect.Pointer {
		return fmt.Sprintf("{{with .%s}}…%s…{{end}}", path, writing("", typ.Elem()))
	}
	if field.Tag.Get("letter") == "optional" {
		return fmt.Sprintf("{{with .%s}}…%s…{{end}}", path, writing("", typ))
	}
	if path == "NewAddress" {
		return "{{covered .NewAddress}}"
	}
	return writing(path, typ)
}

// element is how one member of a list is written.
func element(typ reflect.Type) string {
	switch typ {
	case reflect.TypeFor[Choice]():
		return "{{.Order}}. {{place .Place}}"
	case reflect.TypeFor[Outcome]():
		return "{{place .Place}}: {{.Reason}}"
	case reflect.TypeFor[Waiting]():
		return "{{place .Place}}: {{.Rank}}"
	}
	return "{{.}}"
}

// writing is how a value at path is printed; "" is the dot.
func writing(path string, typ reflect.Type) string {
	path = "." + strings.TrimSuffix(path, "[]")
	switch {
	case typ == untilType:
		return "{{until " + path + "}}"
	case typ == placeType:
		return "{{place " + path + "}}"
	case typ == pointsType:
		return "{{points " + path + "}}"
	case typ == timeType && strings.HasSuffix(path, "Arrived"):
		return "{{day " + path + "}}"
	case typ == timeType:
		return "{{instant " + path + "}}"
	case typ.Kind() == reflect.Bool:
		return "{{if " + path + "}}…{{end}}"
	case typ.Kind() == reflect.Slice:
		return "{{range " + path + "}}" + element(typ.Elem()) + "{{end}}"
	}
	return "{{" + path + "}}"
}

// requiredFields are what no wording may drop where a letter has it.
var requiredFields = map[string]bool{
	"Link": true, "Place": true, "ConfirmBy": true, "Reason": true, "Answer": true, "Changed": true, "Choices": true,
	"Waiting": true, "Places": true, "Rule": true, "Items": true, "Changes": true, "Student": true, "Earlier": true, "Instead": true,
	"Next": true, "Lines": true, "Settings": true, "NewAddress": true, "Appeal.Text": true, "Appeal.Contact": true, "Appeal.Until": true,
}

// required reports whether a wording of a kind must hold a field. A deadline
// the letter always has is one the reader must know. A provisional list is
// appealed against on its page, until its own Until.
func required(kind, path string, field reflect.StructField) bool {
	if kind == KindAnnouncement || field.Type.Kind() == reflect.Bool || kind == KindProvisionalResult && (path == "Appeal.Contact" || path == "Appeal.Until") {
		return false
	}
	return requiredFields[path] || path == "Until" && field.Type == untilType
}
