package selection

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// A tale is a small instance that can be read. Places are written "X:1" for a
// destination with a pool of its own, "Q:2=XY" for a quota over destinations
// and "U:1=XY/unit" for one that counts a group alone. People are written one
// to a line: a name, then their wishes in order of preference with points,
// "X80", or with a class before them "X1/80", or closed "X!"; and "class=1",
// "tie=2", "share=A", "unit" for a quota's group, "came=3", "hand=X",
// "excluded".
func tale(method Method, tied TiePolicy, places, people string) Input {
	in := Input{Method: method, Tied: tied}
	if in.drawsLots() {
		in.Seed = "seed"
	}
	for _, word := range strings.Fields(places) {
		in.place(word)
	}
	for i, line := range strings.Split(strings.TrimSpace(people), "\n") {
		in.Applicants = append(in.Applicants, person(byte(i), strings.Fields(line)))
	}
	return in
}

func (in *Input) place(word string) {
	name, rest, _ := strings.Cut(word, ":")
	free, over, quota := strings.Cut(rest, "=")
	over, group, _ := strings.Cut(over, "/")
	n, _ := strconv.Atoi(free)
	in.Pools = append(in.Pools, Pool{ID: id('p', name[0]), Free: n, Group: group})
	if !quota {
		in.Destinations = append(in.Destinations, Destination{ID: id('d', name[0]), Pools: []uuid.UUID{id('p', name[0])}})
		return
	}
	for i := range in.Destinations {
		if d := &in.Destinations[i]; strings.ContainsRune(over, rune(d.ID[15])) {
			d.Pools = append(d.Pools, id('p', name[0]))
		}
	}
}

func person(n byte, words []string) Applicant {
	a := Applicant{ID: id('a', n), Name: words[0]}
	for _, word := range words[1:] {
		key, value, has := strings.Cut(word, "=")
		number, _ := strconv.Atoi(value)
		switch {
		case key == "class":
			a.Class = number
		case key == "tie":
			a.Ties = append(a.Ties, decimal.NewFromInt(int64(number)))
		case key == "share":
			a.Group = value
		case key == "came":
			a.Arrived = int64(number)
		case key == "hand":
			a.Hand = id('d', value[0])
		case key == "excluded":
			a.Excluded = ExcludedMarksMissing
		case !has && strings.ToUpper(word) == word:
			a.Wishes = append(a.Wishes, asked(word))
		default:
			a.Quotas = append(a.Quotas, word)
		}
	}
	for i := range a.Wishes {
		a.Points = decimal.Max(a.Points, a.Wishes[i].Points)
		a.Wishes[i].Class += a.Class
	}
	return a
}

func asked(word string) Wish {
	w := Wish{Destination: id('d', word[0])}
	if word[1:] == "!" {
		w.Gate = "gate.language"
		return w
	}
	class, points, has := strings.Cut(word[1:], "/")
	if !has {
		class, points = "0", class
	}
	w.Class, _ = strconv.Atoi(class)
	w.Points = dec(points)
	return w
}

// told writes a result: a line for each applicant in the order of entries, and
// for each wish the rank there, what became of it, and why, without "reason.".
func told(in Input, r Result) string {
	var b strings.Builder
	for _, e := range r.Entries {
		a := in.Applicants[slices.IndexFunc(in.Applicants, func(a Applicant) bool { return a.ID == e.Applicant })]
		b.WriteString(a.Name)
		if e.Grant != "" {
			fmt.Fprintf(&b, " (%s grant)", e.Grant)
		}
		for k, c := range e.Choices {
			b.WriteString([]string{": ", ", "}[min(k, 1)] + string(rune(c.Destination[15])) + fate(c))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func fate(c Choice) string {
	out := ""
	if c.Rank > 0 {
		out = strconv.Itoa(c.Rank)
	}
	switch {
	case c.Outcome == Placed:
		return out + " placed"
	case c.Reserve > 0:
		out += " waits " + strconv.Itoa(c.Reserve)
	}
	out += " " + strings.TrimPrefix(c.Reason.Code, "reason.")
	if c.Reason.LastPoints.Valid {
		out += " " + c.Reason.LastPoints.Decimal.String()
	}
	if c.Reason.Quota != uuid.Nil {
		out += " of " + string(rune(c.Reason.Quota[15]))
	}
	if c.Reason.Shared {
		out += " elsewhere"
	}
	return out
}

type telling struct {
	method         Method
	tied           TiePolicy
	places, people string
	change         func(*Input)
	want           string
}

func tell(t *testing.T, tales map[string]telling) {
	t.Helper()
	for name, tt := range tales {
		t.Run(name, func(t *testing.T) {
			in := tale(tt.method, tt.tied, tt.places, tt.people)
			if tt.change != nil {
				tt.change(&in)
			}
			if got, want := told(in, allocate(t, in)), lines(tt.want); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
		})
	}
}

// lines is a text without indentation.
func lines(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		b.WriteString(strings.TrimSpace(line) + "\n")
	}
	return b.String()
}
