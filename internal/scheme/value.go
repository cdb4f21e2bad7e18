package scheme

import (
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Value is one value of one input. A yes is the number 1, a no 0; Text holds
// a level, a word or a date (2004-05-31).
type Value struct {
	Kind   Kind            `json:"kind"`
	Number decimal.Decimal `json:"number,omitzero"`
	Text   string          `json:"text,omitempty"`
	Source Source          `json:"source,omitempty"`
	At     time.Time       `json:"at,omitzero"`      // frozen as of
	Proved bool            `json:"proved,omitempty"` // the file that an input's Evidence asks for is there
}

// Number is a number's value.
func Number(d decimal.Decimal, from Source) Value {
	return Value{Kind: KindNumber, Number: d, Source: from}
}

// YesNo is the value of a question with two answers.
func YesNo(yes bool, from Source) Value {
	v := Value{Kind: KindYesNo, Source: from}
	if yes {
		v.Number = decimal.NewFromInt(1)
	}
	return v
}

// Level is the value of a language level, A1 to C2.
func Level(level string, from Source) Value {
	return Value{Kind: KindLevel, Text: level, Source: from}
}

// Choice is the value of one word of several.
func Choice(word string, from Source) Value { return Value{Kind: KindChoice, Text: word, Source: from} }

// Date is a day's value.
func Date(day time.Time, from Source) Value {
	return Value{Kind: KindDate, Text: day.Format(time.DateOnly), Source: from}
}

// Values are what is known about one application. What is not known is not in
// Inputs. Keys that the scheme does not have are passed over.
type Values struct {
	Application  uuid.UUID                    `json:"application"`
	Inputs       map[string]Value             `json:"inputs,omitempty"`
	Marks        map[string][]decimal.Decimal `json:"marks,omitempty"`  // of each assessor, by criterion
	Vetoes       []string                     `json:"vetoes,omitempty"` // keys of gates that somebody shut
	Destinations []DestinationValues          `json:"destinations,omitempty"`
}

// DestinationValues are what is known about one application at one of its
// destinations. A value that is not here is looked up in the application's.
type DestinationValues struct {
	ID     uuid.UUID                    `json:"id"`
	Inputs map[string]Value             `json:"inputs,omitempty"`
	Marks  map[string][]decimal.Decimal `json:"marks,omitempty"` // of criteria that are marked per destination
	Vetoes []string                     `json:"vetoes,omitempty"`
}

// read turns a given value into an exact one, as the input declares it.
func (in *Input) read(v Value) (value, *lack) {
	bad := &lack{code: LackUnreadable, inputs: []string{in.Key}}
	if in.Kind != v.Kind && (!numeric(in.Kind) || !numeric(v.Kind)) {
		return value{}, bad
	}
	switch in.Kind {
	case KindNumber, KindCount:
		if !in.believes(v.Number) {
			return value{}, bad
		}
		return numberValue(v.Number.Rat()), nil
	case KindYesNo:
		return truthValue(!v.Number.IsZero() && (in.Evidence == "" || v.Proved)), nil
	case KindChoice:
		if v.Text == "" || len(in.Options) > 0 && !slices.Contains(in.Options, v.Text) {
			return value{}, bad
		}
		return value{kind: isWord, word: v.Text}, nil
	default: // levels and dates
		out, ok := readLiteral(v.Text, kindOf(in.Kind))
		if !ok {
			return value{}, bad
		}
		return out, nil
	}
}

func numeric(k Kind) bool { return k == KindNumber || k == KindCount }

// believes reports whether a number can be what the input says it is.
func (in *Input) believes(d decimal.Decimal) bool {
	switch {
	case !storable(d):
		return false
	case in.Min.Valid && d.LessThan(in.Min.Decimal), in.Max.Valid && d.GreaterThan(in.Max.Decimal):
		return false
	}
	return in.Kind != KindCount || d.IsInteger() && !d.IsNegative()
}

// readLiteral reads a value as it is written in a table of a scheme.
func readLiteral(s string, kind valueKind) (value, bool) {
	switch kind {
	case isLevel:
		return levelOf(s)
	case isDate:
		return dateOf(s)
	case isTruth:
		return truthValue(s == "yes"), s == "yes" || s == "no"
	case isWord:
		return value{kind: isWord, word: s}, wordPattern.MatchString(s)
	default:
		d, ok := readNumber(s)
		if !ok {
			return value{}, false
		}
		return numberValue(d.Rat()), true
	}
}

func kindOf(k Kind) valueKind {
	switch k {
	case KindYesNo:
		return isTruth
	case KindLevel:
		return isLevel
	case KindChoice:
		return isWord
	case KindDate:
		return isDate
	default: // numbers and counts
		return isNumber
	}
}

// shown is an exact value as a reader sees it, of an input of kind k. What
// has no end is shown to twelve decimals.
func shown(v value, k Kind, from Source) Value {
	out := Value{Kind: k, Source: from}
	switch v.kind {
	case isTruth:
		out = YesNo(v.truth, from)
	case isWord:
		out.Text = v.word
	case isLevel:
		out.Text = Levels[int(v.num.Num().Int64())-1]
	case isDate:
		out.Text = time.Unix(v.num.Num().Int64()*24*60*60, 0).UTC().Format(time.DateOnly)
	default:
		out.Number = roundRat(v.num, shownScale)
	}
	return out
}

// shownScale is the number of decimals in which a value without end is shown
// and tie values are compared.
const shownScale = 12

// roundRat rounds half up, once.
func roundRat(r *big.Rat, scale int32) decimal.Decimal {
	ten := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	num := new(big.Int).Mul(r.Num(), ten)
	num.Lsh(num, 1).Add(num, r.Denom())
	den := new(big.Int).Lsh(r.Denom(), 1)
	return decimal.NewFromBigInt(num.Div(num, den), -scale) // Div rounds down, the denominator being positive
}
