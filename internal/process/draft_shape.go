package process

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// checkShapes names every answer that is not of the kind its question asks
// for. A draft keeps whatever was typed; only submitting asks this.
func (d *draft) checkShapes(destinations []string) []mobility.FieldProblem {
	var out []mobility.FieldProblem
	for _, q := range d.questions {
		keys := []string{q.Key}
		if q.PerDestination {
			keys = keys[:0]
			for _, at := range destinations {
				keys = append(keys, mobility.AnswerKey(q.Key, at))
			}
		}
		for _, key := range keys {
			if p, wrong := misshapen(q, key, strings.TrimSpace(d.answers[key])); wrong {
				out = append(out, p)
			}
		}
	}
	return out
}

func misshapen(q mobility.Question, key, text string) (mobility.FieldProblem, bool) {
	p := mobility.FieldProblem{Field: key}
	if text == "" {
		return p, false
	}
	switch q.Kind {
	case mobility.QuestionNumber:
		p.Code = "invalid.number"
		_, err := decimal.NewFromString(strings.NewReplacer(",", ".", " ", "", "\u00a0", "").Replace(text))
		return p, err != nil || len(text) > 40 || strings.ContainsAny(text, "eE")
	case mobility.QuestionDate:
		p.Code = "invalid.date"
		_, err := time.Parse(time.DateOnly, text)
		return p, err != nil
	case mobility.QuestionChoice:
		p.Code = "invalid.oneof"
		return p, !slices.ContainsFunc(q.Options, func(o mobility.Option) bool { return o.Value == text })
	case mobility.QuestionText, mobility.QuestionLong, mobility.QuestionYes, mobility.QuestionFile:
	}
	p.Code, p.Data = "invalid.max_text", map[string]any{"Param": q.MaxLength}
	return p, q.MaxLength > 0 && utf8.RuneCountInString(text) > q.MaxLength
}
