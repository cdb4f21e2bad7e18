package form

import (
	"bytes"
	"errors"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
	"peregrine/internal/mobility"
)

type revision struct {
	Revision int `form:"revision" validate:"min=0"`
}

type sample struct {
	revision
	Name    string               `form:"name" validate:"required,max=10"`
	Email   string               `form:"email" validate:"omitempty,email"`
	Months  int                  `form:"months" validate:"min=2,max=12"`
	Points  *decimal.Decimal     `form:"points" validate:"required,min=0,max=30"`
	Average decimal.Decimal      `form:"average"`
	Host    uuid.UUID            `form:"host" validate:"required"`
	Hosts   []uuid.UUID          `form:"hosts" validate:"max=2"`
	Tongues []string             `form:"tongues" validate:"unique,dive,oneof=en cs"`
	By      mobility.WallMinute  `form:"by" validate:"required"`
	Until   *mobility.WallMinute `form:"until"`
	Born    time.Time            `form:"born"`
	Agree   bool                 `form:"agree" validate:"required"`
	State   mobility.State       `form:"state"`
}

func post(values url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/?name=query", strings.NewReader(values.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func right() url.Values {
	return url.Values{
		"revision": {"3"}, "name": {"  Žofie  "}, "email": {"z@example.org"}, "months": {"5"},
		"points": {"0"}, "average": {"1 234,5"}, "host": {"0190a8f0-0000-7000-8000-000000000001"},
		"hosts": {"0190a8f0-0000-7000-8000-000000000001", ""}, "tongues": {"en", "cs"},
		"by": {"2027-01-31T23:59"}, "born": {"2004-02-29"}, "agree": {"true"}, "state": {"draft"},
	}
}

func TestDecode(t *testing.T) {
	var got sample
	values, err := Decode(post(right()), &got)
	if err != nil {
		t.Fatal(err)
	}
	host := uuid.MustParse("0190a8f0-0000-7000-8000-000000000001")
	zero := decimal.Zero
	want := sample{
		revision: revision{3}, Name: "Žofie", Email: "z@example.org", Months: 5, Points: &zero,
		Average: decimal.RequireFromString("1234.5"), Host: host, Hosts: []uuid.UUID{host}, Tongues: []string{"en", "cs"},
		By: mobility.Wall(2027, 1, 31, 23, 59), Born: time.Date(2004, 2, 29, 0, 0, 0, 0, time.UTC), Agree: true, State: "draft",
	}
	if !got.Points.Equal(zero) || !got.Average.Equal(want.Average) {
		t.Errorf("numbers: %v %v", got.Points, got.Average)
	}
	got.Points, got.Average = want.Points, want.Average
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if values.First("name") != "  Žofie  " || len(values.All("tongues")) != 2 || values.Has("until") {
		t.Error("the values are not as typed")
	}
}

func TestDecodeNamesEveryProblem(t *testing.T) {
	for field, test := range map[string]struct {
		typed []string
		code  string
	}{
		"name":    {[]string{"  "}, "invalid.required"},
		"email":   {[]string{"zofie@"}, "invalid.email"},
		"months":  {[]string{"13"}, "invalid.max"},
		"points":  {[]string{"1e9"}, "invalid.number"},
		"average": {[]string{"two"}, "invalid.number"},
		"host":    {[]string{"x"}, "invalid.uuid"},
		"hosts":   {[]string{uuid.NewString(), uuid.NewString(), uuid.NewString()}, "invalid.max_items"},
		"tongues": {[]string{"en", "de"}, "invalid.oneof"},
		"by":      {[]string{"31. 1. 2027"}, "invalid.datetime"},
		"until":   {[]string{"soon"}, "invalid.datetime"},
		"born":    {[]string{"29.2.2004"}, "invalid.date"},
		"agree":   {nil, "invalid.required"},
	} {
		values := right()
		values[field] = test.typed
		var dst sample
		_, err := Decode(post(values), &dst)
		var refused *mobility.Error
		if !errors.As(err, &refused) || refused.Kind != mobility.Invalid {
			t.Errorf("%s: %v", field, err)
			continue
		}
		if len(refused.Fields) != 1 || refused.Fields[0].Field != field || refused.Fields[0].Code != test.code {
			t.Errorf("%s: %+v", field, refused.Fields)
		}
	}
	var dst sample
	_, err := Decode(post(url.Values{}), &dst)
	var refused *mobility.Error
	if !errors.As(err, &refused) || len(refused.Fields) != 6 {
		t.Errorf("an empty form: %+v", refused)
	}
}

func TestTooLongNamesTheLimit(t *testing.T) {
	values := right()
	values.Set("name", "Žofie Šťastná")
	var dst sample
	_, err := Decode(post(values), &dst)
	var refused *mobility.Error
	if !errors.As(err, &refused) || refused.Fields[0].Code != "invalid.max_text" || refused.Fields[0].Data["Param"] != "10" {
		t.Errorf("%+v", refused)
	}
}

func upload(t *testing.T) *http.Request {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("file", "výpis.pdf")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write([]byte("%PDF-1.7")); err != nil {
		t.Fatal(err)
	}
	if err := w.WriteField("kind", "transcript"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/", &body)
	r.Header.Set("Content-Type", w.FormDataContentType())
	return r
}

func TestDecodeUpload(t *testing.T) {
	var dst struct {
		Kind string                `form:"kind" validate:"required"`
		File *multipart.FileHeader `form:"file" validate:"required"`
	}
	if _, err := Decode(upload(t), &dst); err != nil {
		t.Fatal(err)
	}
	if dst.Kind != "transcript" || dst.File.Filename != "výpis.pdf" {
		t.Errorf("%+v", dst)
	}
	var without sample
	if _, err := Decode(upload(t), &without); mobility.CodeOf(err) != "error.form" {
		t.Errorf("a form without files took a multipart body: %v", err)
	}
}

func TestVet(t *testing.T) {
	if err := Vet(sample{}); err != nil {
		t.Error(err)
	}
	for name, zero := range map[string]any{
		"an unknown rule": struct {
			A string `form:"a" validate:"iban"`
		}{},
		"a rule without words": struct {
			A string `form:"a" validate:"isbn"`
		}{},
		"a rule without a name": struct {
			A string `validate:"required"`
		}{},
		"a type nobody can read": struct {
			A map[string]string `form:"a"`
		}{},
	} {
		if Vet(zero) == nil {
			t.Errorf("%s was taken", name)
		}
	}
}

func TestEveryRuleHasWords(t *testing.T) {
	cat, err := locale.Load()
	if err != nil {
		t.Fatal(err)
	}
	for rule, code := range messages {
		codes := []string{code}
		if sized[code] {
			codes = append(codes, code+"_text", code+"_items")
		}
		for _, c := range codes {
			if !cat.Has(c) {
				t.Errorf("rule %q: the catalogue lacks %q", rule, c)
			}
		}
	}
}
