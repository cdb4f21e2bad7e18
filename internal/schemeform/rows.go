package schemeform

import (
	"regexp"
	"strconv"
	"strings"
)

// growing are the lists that rows are added to, moved in and taken from one by
// one; rows of tables come by being filled in and go by being emptied.
var growing = regexp.MustCompile(`^(inputs|criteria|gates|classes|ties|criteria\.[1-9][0-9]*\.variants)$`)

// Do is one press of a button: "add:criteria", "remove:criteria.2",
// "up:inputs.3", "down:criteria.1.variants.2". It returns the sheet after it
// with the name of the row it was about, which is "" after a removal; false if
// there is no such button.
func (s Sheet) Do(act string) (Sheet, string, bool) {
	verb, at, _ := strings.Cut(act, ":")
	if verb == "add" {
		return s.add(at)
	}
	name, i, ok := s.row(at)
	if !ok {
		return s, "", false
	}
	last := s.rows[name] - 1
	switch verb {
	case "remove":
		for ; i < last; i++ {
			s = s.swapped(name, i, i+1)
		}
		return s.shortened(name), "", true
	case "up":
		j := max(i-1, 0)
		return s.swapped(name, i, j), nth(name, j), true
	case "down":
		j := min(i+1, last)
		return s.swapped(name, i, j), nth(name, j), true
	}
	return s, "", false
}

func (s Sheet) add(name string) (Sheet, string, bool) {
	owner, n, nested := strings.Cut(name, ".variants")
	if !growing.MatchString(name) || s.rows[name] >= maxRows || nested && n != "" {
		return s, "", false
	}
	if nested {
		if _, _, ok := s.row(owner); !ok {
			return s, "", false
		}
	}
	out := s.copy()
	out.rows[name]++
	return out, nth(name, out.rows[name]-1), true
}

// row reads the name of a row that is there, counting from 0.
func (s Sheet) row(at string) (name string, i int, ok bool) {
	cut := strings.LastIndexByte(at, '.')
	if cut < 0 || !digits.MatchString(at[cut+1:]) {
		return "", 0, false
	}
	name = at[:cut]
	i, _ = strconv.Atoi(at[cut+1:])
	return name, i - 1, growing.MatchString(name) && i <= s.rows[name]
}

func (s Sheet) copy() Sheet {
	out := newSheet()
	for k, v := range s.typed {
		out.typed[k] = v
	}
	for k, v := range s.rows {
		out.rows[k] = v
	}
	return out
}

// swapped is the sheet with two rows in each other's place.
func (s Sheet) swapped(name string, i, j int) Sheet {
	a, b := nth(name, i), nth(name, j)
	out := newSheet()
	for k, v := range s.typed {
		out.typed[swap(k, a, b)] = v
	}
	for k, v := range s.rows {
		out.rows[swap(k, a, b)] = v
	}
	return out
}

func swap(name, a, b string) string {
	if rest, ok := strings.CutPrefix(name, a+"."); ok {
		return b + "." + rest
	}
	if rest, ok := strings.CutPrefix(name, b+"."); ok {
		return a + "." + rest
	}
	return name
}

// shortened is the sheet without the last row of a list.
func (s Sheet) shortened(name string) Sheet {
	out := newSheet()
	last := nth(name, s.rows[name]-1) + "."
	for k, v := range s.typed {
		if !strings.HasPrefix(k, last) {
			out.typed[k] = v
		}
	}
	for k, v := range s.rows {
		if !strings.HasPrefix(k, last) {
			out.rows[k] = v
		}
	}
	out.rows[name]--
	return out
}
