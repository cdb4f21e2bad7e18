package intake

import (
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Mobility is one earlier mobility of somebody, or a place they gave up
// outside the window for it.
type Mobility struct {
	Row       int
	Email     string
	ESI       string // empty: known by e-mail
	Kind      string // "mobility" or "waiver"
	Programme string
	Cycle     int       // EQF 5 to 8; 0: not known
	Began     time.Time // midnight UTC
	Months    decimal.Decimal
}

// Mobilities reads earlier mobilities. The error is Problems.
func Mobilities(data []byte) (File[Mobility], error) {
	return kind[Mobility]{columns: []column[Mobility]{
		{name: "email", read: func(m *Mobility, c cell) { m.Row, m.Email = c.reader.row, strings.ToLower(c.email()) }},
		{name: "esi", optional: true, read: func(m *Mobility, c cell) { m.ESI = c.esi() }},
		{name: "kind", optional: true, read: func(m *Mobility, c cell) { m.Kind = c.mobilityKind() }},
		{name: "programme", read: func(m *Mobility, c cell) { m.Programme = c.required() }},
		{name: "cycle", optional: true, read: func(m *Mobility, c cell) {
			if c.text != "" {
				m.Cycle = c.cycle("intake.cycle")
			}
		}},
		{name: "began_on", read: func(m *Mobility, c cell) { m.Began, _ = c.day() }},
		{name: "months", optional: true, read: func(m *Mobility, c cell) { m.Months = c.decimal(60, 1).Decimal }},
	}, check: func(m *Mobility, _ *reader) {
		if m.Kind == "" {
			m.Kind = "mobility"
		}
	}}.read(data)
}

func (c cell) mobilityKind() string {
	switch text := strings.ToLower(c.text); text {
	case "", "mobility":
		return "mobility"
	case "waiver":
		return text
	}
	c.fail("intake.mobility_kind", nil)
	return ""
}
