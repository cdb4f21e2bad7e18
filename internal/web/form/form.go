// Package form reads what a person posted into a struct and checks its shape.
// A struct names its fields and rules:
//
//	type Return struct {
//		Reason string              `form:"reason" validate:"required,max=2000"`
//		By     mobility.WallMinute `form:"by" validate:"required"`
//	}
//
// Everything wrong comes back at once as one *mobility.Error of kind Invalid,
// with the catalogue code of each field's problem. What was typed stays
// available as Values, so that a refused form is shown again with nothing
// lost. The package knows no database; what only data can tell is checked by
// the process.
package form

import (
	"errors"
	"fmt"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Values is what was posted, as typed.
type Values url.Values

// First returns the first value of a name, "" if it was not posted.
func (v Values) First(name string) string { return url.Values(v).Get(name) }

// All returns every value of a name.
func (v Values) All(name string) []string { return v[name] }

// Has reports whether a name was posted at all; a box not ticked was not.
func (v Values) Has(name string) bool { return url.Values(v).Has(name) }

// memory is how much of an upload is held in memory; the rest goes to a
// temporary file, which the server removes after the request.
const memory = 1 << 20

// Decode reads the posted form of r into the struct dst points to, trims
// texts and checks the rules of its validate tags. Query parameters are not
// read. A multipart form is refused unless dst takes a file. The values come
// back in any case; the error is a *mobility.Error of kind Invalid.
func Decode(r *http.Request, dst any) (Values, error) {
	target := reflect.ValueOf(dst).Elem()
	fields := fieldsOf(target)
	if err := parse(r, fields); err != nil {
		return Values{}, &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
	}
	values := Values(r.PostForm)
	problems := bind(r, values, fields)
	problems = append(problems, validate(dst, problems)...)
	if len(problems) > 0 {
		return values, mobility.InvalidError(problems...)
	}
	return values, nil
}

// field is one field of the target with its posted name.
type field struct {
	name  string
	value reflect.Value
}

var fileType = reflect.TypeOf((*multipart.FileHeader)(nil))

func (f field) file() bool { return f.value.Type() == fileType }

func fieldsOf(target reflect.Value) []field {
	var out []field
	for i := range target.NumField() {
		def := target.Type().Field(i)
		if def.Anonymous && def.Type.Kind() == reflect.Struct {
			out = append(out, fieldsOf(target.Field(i))...)
			continue
		}
		if name := def.Tag.Get("form"); name != "" && def.IsExported() {
			out = append(out, field{name, target.Field(i)})
		}
	}
	return out
}

var errMultipart = errors.New("a form without files was sent as multipart")

func parse(r *http.Request, fields []field) error {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return fmt.Errorf("content type: %w", err)
	}
	if kind != "multipart/form-data" {
		return r.ParseForm()
	}
	for _, f := range fields {
		if f.file() {
			return r.ParseMultipartForm(memory)
		}
	}
	return errMultipart
}

func bind(r *http.Request, values Values, fields []field) []mobility.FieldProblem {
	var problems []mobility.FieldProblem
	for _, f := range fields {
		if f.file() {
			if r.MultipartForm != nil && len(r.MultipartForm.File[f.name]) > 0 {
				f.value.Set(reflect.ValueOf(r.MultipartForm.File[f.name][0]))
			}
			continue
		}
		if code := set(f.value, values.All(f.name)); code != "" {
			problems = append(problems, mobility.FieldProblem{Field: f.name, Code: code})
		}
	}
	return problems
}

// set writes the typed texts into a field and returns the code of what is
// wrong with them. An empty text leaves the zero value: whether that will do
// is for the required rule to say.
func set(v reflect.Value, typed []string) string {
	if v.Kind() == reflect.Slice {
		return setAll(v, typed)
	}
	text := ""
	if len(typed) > 0 {
		text = strings.TrimSpace(strings.ReplaceAll(typed[0], "\r\n", "\n"))
	}
	if text == "" {
		return ""
	}
	if v.Kind() == reflect.Pointer {
		inner := reflect.New(v.Type().Elem())
		code := set(inner.Elem(), []string{text})
		if code == "" {
			v.Set(inner)
		}
		return code
	}
	return setOne(v, text)
}

func setAll(v reflect.Value, typed []string) string {
	for _, text := range typed {
		if strings.TrimSpace(text) == "" {
			continue
		}
		item := reflect.New(v.Type().Elem()).Elem()
		if code := set(item, []string{text}); code != "" {
			return code
		}
		v.Set(reflect.Append(v, item))
	}
	return ""
}

func setOne(v reflect.Value, text string) string {
	switch v.Interface().(type) {
	case decimal.Decimal:
		d, err := Decimal(text)
		return assign(v, d, err, "invalid.number")
	case uuid.UUID:
		id, err := uuid.Parse(text)
		return assign(v, id, err, "invalid.uuid")
	case mobility.WallMinute:
		w, err := mobility.ParseWall(text)
		return assign(v, w, err, "invalid.datetime")
	case time.Time: // a day, at midnight UTC
		t, err := time.Parse(time.DateOnly, text)
		return assign(v, t, err, "invalid.date")
	}
	return setKind(v, text)
}

func assign[T any](v reflect.Value, x T, err error, code string) string {
	if err != nil {
		return code
	}
	v.Set(reflect.ValueOf(x))
	return ""
}

func setKind(v reflect.Value, text string) string {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Bool:
		v.SetBool(text == "true" || text == "on" || text == "1")
	case reflect.Int, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(strings.ReplaceAll(text, "\u00a0", ""), 10, v.Type().Bits())
		if err != nil {
			return "invalid.whole_number"
		}
		v.SetInt(n)
	default:
		panic(fmt.Sprintf("form: no way to read a %v", v.Type()))
	}
	return ""
}

// Decimal reads a number the way people write one: with a comma or a point
// before the decimals, and blanks between thousands. An exponent is refused:
// it is short to type and long to hold.
func Decimal(text string) (decimal.Decimal, error) {
	text = strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "", ",", ".", "\u2212", "-").Replace(text)
	if len(text) > 40 || strings.ContainsAny(text, "eE") {
		return decimal.Zero, fmt.Errorf("%q is no plain number", text)
	}
	return decimal.NewFromString(text)
}
