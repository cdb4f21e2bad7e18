package form

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// rules is the one validator; it caches what it learns about a type.
var rules = newRules()

func newRules() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string { return f.Tag.Get("form") })
	v.RegisterCustomTypeFunc(func(x reflect.Value) any {
		return x.Interface().(decimal.Decimal).InexactFloat64() // bounds are whole or halves; the value itself stays exact
	}, decimal.Decimal{})
	v.RegisterCustomTypeFunc(func(x reflect.Value) any {
		return x.Interface().(mobility.WallMinute).Time()
	}, mobility.WallMinute{})
	return v
}

// messages maps each rule a form may use to the catalogue code of its
// refusal. Bounds read differently for texts, for lists and for numbers.
var messages = map[string]string{
	"required":         "invalid.required",
	"required_if":      "invalid.required",
	"required_with":    "invalid.required",
	"required_without": "invalid.required",
	"email":            "invalid.email",
	"url":              "invalid.url",
	"http_url":         "invalid.url",
	"uuid":             "invalid.uuid",
	"oneof":            "invalid.oneof",
	"datetime":         "invalid.date",
	"numeric":          "invalid.number",
	"number":           "invalid.whole_number",
	"len":              "invalid.len",
	"unique":           "invalid.unique",
	"eqfield":          "invalid.eqfield",
	"gtfield":          "invalid.gtfield",
	"gtefield":         "invalid.gtefield",
	"max":              "invalid.max",
	"lte":              "invalid.max",
	"lt":               "invalid.lt",
	"min":              "invalid.min",
	"gte":              "invalid.min",
	"gt":               "invalid.gt",
}

// quiet are tags that steer the validator and refuse nothing by themselves.
var quiet = map[string]bool{"omitempty": true, "omitzero": true, "omitnil": true, "dive": true, "-": true}

// sized are the codes that read differently for what is counted.
var sized = map[string]bool{"invalid.max": true, "invalid.min": true}

// validate checks the rules; fields that could not even be read are left out,
// one problem per field is enough.
func validate(dst any, known []mobility.FieldProblem) []mobility.FieldProblem {
	err := rules.Struct(dst)
	var found validator.ValidationErrors
	if !errors.As(err, &found) {
		return nil
	}
	seen := map[string]bool{}
	for _, k := range known {
		seen[k.Field] = true
	}
	var out []mobility.FieldProblem
	for _, f := range found {
		name, _, _ := strings.Cut(f.Field(), "[") // an item of a list is a problem of the list
		if !seen[name] {
			seen[name] = true
			out = append(out, mobility.FieldProblem{Field: name, Code: code(f), Data: map[string]any{"Param": f.Param()}})
		}
	}
	return out
}

func code(f validator.FieldError) string {
	c := messages[f.Tag()]
	if !sized[c] {
		return c
	}
	switch f.Kind() {
	case reflect.String:
		return c + "_text"
	case reflect.Slice:
		return c + "_items"
	}
	return c
}

// Vet checks a form type before it is used: its rules exist and have messages,
// its fields can be read. Every form type is vetted by a test, because the
// validator panics at the first use of a rule it does not know.
func Vet(zero any) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("form %T: %v", zero, p)
		}
	}()
	typ := reflect.TypeOf(zero)
	target := reflect.New(typ)
	_ = rules.Struct(target.Interface()) // only its panics matter here
	for i := range typ.NumField() {
		if err := vetTag(typ, typ.Field(i)); err != nil {
			return err
		}
	}
	for _, f := range fieldsOf(target.Elem()) {
		if !f.file() {
			set(f.value, []string{"1"})
		}
	}
	return nil
}

func vetTag(typ reflect.Type, f reflect.StructField) error {
	tag := f.Tag.Get("validate")
	if tag == "" {
		return nil
	}
	if f.Tag.Get("form") == "" {
		return fmt.Errorf("form %v: %s has rules and no form name", typ, f.Name)
	}
	for _, rule := range strings.FieldsFunc(tag, func(r rune) bool { return r == ',' || r == '|' }) {
		name, _, _ := strings.Cut(rule, "=")
		if messages[name] == "" && !quiet[name] {
			return fmt.Errorf("form %v: rule %q of %s has no message", typ, name, f.Name)
		}
	}
	return nil
}
