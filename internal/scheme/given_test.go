package scheme

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// What tests say in short.

func id(n int) uuid.UUID {
	var out uuid.UUID
	binary.BigEndian.PutUint64(out[8:], uint64(n))
	return out
}

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// of writes values down as "gpa=3.20 cycle=bachelor disability=yes"; the
// kinds are the scheme's. A yes comes with its file unless it is "yes?".
func of(t testing.TB, s *Scheme, text string) map[string]Value {
	t.Helper()
	out := map[string]Value{}
	for _, pair := range strings.Fields(text) {
		key, word, _ := strings.Cut(pair, "=")
		in, ok := s.Input(key)
		if !ok {
			t.Fatalf("the scheme has no input %s", key)
		}
		v := Value{Kind: in.Kind, Source: in.From, Proved: !strings.HasSuffix(word, "?")}
		word = strings.TrimSuffix(word, "?")
		switch in.Kind {
		case KindNumber, KindCount:
			v.Number = dec(word)
		case KindYesNo:
			v.Number = decimal.NewFromInt(int64(btoi(word == "yes")))
		default:
			v.Text = word
		}
		out[key] = v
	}
	return out
}

// marksOf writes marks down as "letter=20,25 talk=3".
func marksOf(text string) map[string][]decimal.Decimal {
	out := map[string][]decimal.Decimal{}
	for _, pair := range strings.Fields(text) {
		key, list, _ := strings.Cut(pair, "=")
		for _, mark := range strings.Split(list, ",") {
			out[key] = append(out[key], dec(mark))
		}
	}
	return out
}

// person is one application with one destination.
type person struct {
	inputs, marks     string
	there, thereMarks string // at the destination
	vetoes            string
	thereVetoes       string
}

func (p person) values(t testing.TB, s *Scheme, n int) Values {
	t.Helper()
	return Values{
		Application: id(n), Inputs: of(t, s, p.inputs), Marks: marksOf(p.marks), Vetoes: strings.Fields(p.vetoes),
		Destinations: []DestinationValues{{
			ID: id(1000), Inputs: of(t, s, p.there), Marks: marksOf(p.thereMarks), Vetoes: strings.Fields(p.thereVetoes),
		}},
	}
}

func scores(t testing.TB, s *Scheme, people ...person) []Scored {
	t.Helper()
	all := make([]Values, len(people))
	for i, p := range people {
		all[i] = p.values(t, s, i+1)
	}
	out, err := s.Score(all)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// points holds what one person comes to at the destination.
func points(t *testing.T, s *Scheme, p person, want string) Scored {
	t.Helper()
	got := scores(t, s, p)[0]
	if len(got.Breakdown.Missing) > 0 || len(got.Wishes[0].Missing) > 0 {
		t.Fatalf("missing %v and %v", got.Breakdown.Missing, got.Wishes[0].Missing)
	}
	if !got.Wishes[0].Points.Equal(dec(want)) {
		t.Errorf("%s: %s points, want %s\n%+v", p.inputs, got.Wishes[0].Points, want, got.Breakdown.Lines)
	}
	return got
}

// line holds what one criterion comes to, for the application or there.
func line(t *testing.T, got Scored, key, want string) Line {
	t.Helper()
	lines := slices.Concat(got.Breakdown.Lines, got.Wishes[0].Lines)
	i := slices.IndexFunc(lines, func(l Line) bool { return l.Key == key })
	if i < 0 {
		t.Fatalf("no line %s", key)
	}
	if !lines[i].Points.Equal(dec(want)) {
		t.Errorf("%s: %s points, want %s", key, lines[i].Points, want)
	}
	return lines[i]
}

// better holds that the first of the people goes before the second by ties.
func better(t *testing.T, got []Scored) {
	t.Helper()
	for i := 1; i < len(got); i++ {
		a, b := got[i-1].Wishes[0], got[i].Wishes[0]
		if !a.Points.Equal(b.Points) {
			t.Errorf("%s and %s points are no tie", a.Points, b.Points)
		}
		if slices.CompareFunc(a.Ties, b.Ties, decimal.Decimal.Cmp) <= 0 {
			t.Errorf("%v does not go before %v", a.Ties, b.Ties)
		}
	}
}
