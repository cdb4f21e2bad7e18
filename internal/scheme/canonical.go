package scheme

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/shopspring/decimal"
)

// ErrNotCode says that a text in the values is no code: values hold ids,
// numbers, codes and days, never what somebody wrote.
var ErrNotCode = errors.New("scheme: a text is no code")

// WriteValues writes values as JSON, one application a line, in the order of
// ids: the same values are the same bytes, for storing and hashing.
func WriteValues(w io.Writer, all []Values) error {
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return bytes.Compare(all[a].Application[:], all[b].Application[:])
	})
	out := bufio.NewWriter(w)
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for _, i := range order {
		one, err := all[i].canonical()
		if err != nil {
			return err
		}
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return out.Flush()
}

// ReadValues reads what WriteValues wrote; nothing else is let in.
func ReadValues(r io.Reader) ([]Values, error) {
	decoder := json.NewDecoder(r)
	decoder.DisallowUnknownFields()
	var out []Values
	for {
		var v Values
		err := decoder.Decode(&v)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err == nil {
			v, err = v.canonical()
		}
		if err != nil {
			return nil, fmt.Errorf("values, application %d: %w", len(out)+1, err)
		}
		out = append(out, v)
	}
}

// canonical is v in the one form in which it is stored.
func (v Values) canonical() (Values, error) {
	var err error
	if v.Inputs, err = canonicalInputs(v.Inputs); err != nil {
		return v, err
	}
	v.Marks, v.Vetoes = canonicalMarks(v.Marks), canonicalWords(v.Vetoes)
	v.Destinations = slices.Clone(v.Destinations)
	for i := range v.Destinations {
		d := &v.Destinations[i]
		if d.Inputs, err = canonicalInputs(d.Inputs); err != nil {
			return v, err
		}
		d.Marks, d.Vetoes = canonicalMarks(d.Marks), canonicalWords(d.Vetoes)
	}
	return v, nil
}

func canonicalInputs(in map[string]Value) (map[string]Value, error) {
	if len(in) == 0 {
		return nil, nil
	}
	out := make(map[string]Value, len(in))
	for key, v := range in {
		if v.Text != "" && !wordPattern.MatchString(v.Text) || !keyPattern.MatchString(key) {
			return nil, fmt.Errorf("%w: input %.70q", ErrNotCode, key)
		}
		if !storable(v.Number) {
			return nil, fmt.Errorf("input %s: a number of too many digits", key)
		}
		v.Number = canonicalNumber(v.Number)
		if !v.At.IsZero() {
			v.At = v.At.UTC().Round(0)
		}
		out[key] = v
	}
	return out, nil
}

func canonicalMarks(in map[string][]decimal.Decimal) map[string][]decimal.Decimal {
	if len(in) == 0 {
		return nil
	}
	out := make(map[string][]decimal.Decimal, len(in))
	for key, marks := range in {
		sorted := make([]decimal.Decimal, len(marks))
		for i, m := range marks {
			sorted[i] = m
			if storable(m) {
				sorted[i] = canonicalNumber(m)
			}
		}
		slices.SortFunc(sorted, decimal.Decimal.Cmp)
		out[key] = sorted
	}
	return out
}

func canonicalWords(in []string) []string {
	if len(in) == 0 {
		return nil
	}
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}

// storable reports whether a number has no more digits than a person would
// write.
func storable(d decimal.Decimal) bool {
	const digits = 30
	return d.Exponent() >= -digits && d.Exponent() <= digits && d.NumDigits() <= digits
}
