package allocation

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"peregrine/internal/selection"
)

// wishColumns are the columns of the applications.
type wishColumns struct {
	applicant, preference, destination, score, group int
	ties                                             []int
}

func (f *files) wishColumns(s *sheet) wishColumns {
	c := wishColumns{
		applicant: s.column("applicant"), preference: s.column("preference"), destination: s.column("destination"),
		score: s.column("score"), group: s.column("group"),
	}
	for link := 1; s.column(tieName(link)) != absent; link++ {
		c.ties = append(c.ties, s.column(tieName(link)))
	}
	for i, name := range s.header {
		if isTie(name) && !slices.Contains(c.ties, i) {
			s.put(s.line, i+1, name, "column %s is missing before it", tieName(len(c.ties)+1))
		}
	}
	if f.options.Shares != "" && c.group == absent && !s.unread {
		s.put(s.line, len(s.header)+1, "group", "this column is missing, and --shares speaks of groups")
	}
	return c
}

func tieName(link int) string { return "tie" + strconv.Itoa(link) }

func isTie(name string) bool {
	number, ok := strings.CutPrefix(name, "tie")
	link, err := strconv.Atoi(number)
	return ok && err == nil && name == tieName(link) && link > 0
}

func (f *files) readApplications(s *sheet) error {
	c := f.wishColumns(s)
	f.links = len(c.ties)
	chain := make([]int32, f.links)
	for {
		if ok, err := s.next(); !ok || err != nil {
			return err
		}
		row := wishRow{line: int32(s.line)}
		preference, ranked := s.whole(c.preference, 1, mostPreference)
		row.preference = int32(preference)
		destination, known := f.readDestination(s, c.destination)
		row.destination = destination
		score, scored := f.numbers.read(s, c.score)
		row.score = score
		chained := f.readChain(s, c.ties, chain)
		group := ""
		if c.group != absent && s.row[c.group] != "" {
			group, _ = s.id(c.group)
		}
		name, named := s.id(c.applicant)
		if !named || !chained || !scored {
			continue // nothing to compare this person's other rows with
		}
		row.person = f.personOf(s, c, name, person{group: group, score: score, line: row.line}, chain)
		if ranked && known {
			f.wishes = append(f.wishes, row)
		}
	}
}

func (f *files) readDestination(s *sheet, column int) (int32, bool) {
	name, ok := s.id(column)
	if !ok || f.destinations == nil {
		return 0, false
	}
	at, known := f.destinations[name]
	if !known {
		s.at(column, "there is no destination %s", quoted(name))
	}
	return at, known
}

func (f *files) readChain(s *sheet, columns []int, chain []int32) bool {
	good := true
	for link, column := range columns {
		value, ok := f.numbers.read(s, column)
		chain[link], good = value, good && ok
	}
	return good
}

// personOf returns who the current row is about. All rows of one person must
// say the same about that person.
func (f *files) personOf(s *sheet, c wishColumns, name string, p person, chain []int32) int32 {
	at, known := f.person[name]
	if !known {
		p.name, p.group = strings.Clone(name), strings.Clone(p.group)
		at = int32(len(f.people))
		f.person[p.name] = at
		f.people = append(f.people, p)
		f.ties = append(f.ties, chain...)
		return at
	}
	first := f.people[at]
	if first.group != p.group {
		s.at(c.group, "%s has group %s in line %d", quoted(name), quoted(first.group), first.line)
	}
	for link, value := range chain {
		if before := f.ties[int(at)*f.links+link]; !f.numbers.equal(before, value) {
			s.at(c.ties[link], "%s has %s in line %d", quoted(name), f.numbers.values[before], first.line)
		}
	}
	if f.options.Method == selection.MethodList && !f.numbers.equal(first.score, p.score) {
		s.at(c.score, "%s has %s in line %d, and --method list takes one score of each applicant", quoted(name), f.numbers.values[first.score], first.line)
	}
	return at
}

// settle brings the wishes into order, by person and preference, and lists
// what contradicts itself between rows.
func (f *files) settle(s *sheet) {
	slices.SortFunc(f.wishes, func(a, b wishRow) int {
		return cmp.Or(cmp.Compare(a.person, b.person), cmp.Compare(a.preference, b.preference), cmp.Compare(a.line, b.line))
	})
	var byDestination []wishRow
	for rows := range f.eachPerson() {
		f.twice(s, rows, "preference", func(r wishRow) int32 { return r.preference })
		byDestination = append(byDestination[:0], rows...)
		slices.SortFunc(byDestination, func(a, b wishRow) int {
			return cmp.Or(cmp.Compare(a.destination, b.destination), cmp.Compare(a.line, b.line))
		})
		f.twice(s, byDestination, "destination", func(r wishRow) int32 { return r.destination })
		if f.options.PartnerRanks {
			f.onePartnerScore(s, rows)
		}
	}
}

// twice lists rows, ordered by what the key says, that say the same as an
// earlier one.
func (f *files) twice(s *sheet, rows []wishRow, column string, key func(wishRow) int32) {
	first := 0
	for i := 1; i < len(rows); i++ {
		if key(rows[i]) != key(rows[first]) {
			first = i
			continue
		}
		what := fmt.Sprintf("preference %d", rows[i].preference)
		if column == "destination" {
			what = "destination " + quoted(f.places[rows[i].destination].name)
		}
		s.put(int(rows[i].line), s.column(column)+1, column, "%s has %s in line %d already", quoted(f.people[rows[i].person].name), what, rows[first].line)
	}
}

// onePartnerScore lists rows of one person that carry another score than an
// earlier one at the same partner.
func (f *files) onePartnerScore(s *sheet, rows []wishRow) {
	byLine := slices.Clone(rows)
	slices.SortFunc(byLine, func(a, b wishRow) int { return cmp.Compare(a.line, b.line) })
	first := map[int32]wishRow{}
	for _, row := range byLine {
		at := f.places[row.destination].partner
		before, known := first[at]
		switch {
		case at == none:
		case !known:
			first[at] = row
		case !f.numbers.equal(before.score, row.score):
			s.put(int(row.line), s.column("score")+1, "score", "%s has %s from partner %s in line %d, and with --partner-ranks a partner gives one score to each applicant",
				quoted(f.people[row.person].name), f.numbers.values[before.score], quoted(f.partners[at].name), before.line)
		}
	}
}

// eachPerson goes through the settled wishes of one person after another.
func (f *files) eachPerson() func(func([]wishRow) bool) {
	return func(yield func([]wishRow) bool) {
		for start := 0; start < len(f.wishes); {
			end := start
			for end < len(f.wishes) && f.wishes[end].person == f.wishes[start].person {
				end++
			}
			if !yield(f.wishes[start:end]) {
				return
			}
			start = end
		}
	}
}
