package allocation

import (
	"strings"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// files is what the files of an allocation say: the rows as read, small,
// because there may be millions of them.
type files struct {
	options      Options
	problems     Problems
	places       []placesRow
	destinations map[string]int32 // name → index into places
	partners     []partner
	partner      map[string]int32 // name → index into partners
	shares       []selection.Share
	people       []person
	person       map[string]int32 // name → index into people
	wishes       []wishRow
	numbers      numbers
	links        int     // of the tie chain
	ties         []int32 // of all people, links each, into numbers
}

type placesRow struct {
	name    string
	places  int
	partner int32 // index into partners; none
	line    int
}

// none is no partner.
const none = int32(-1)

type partner struct {
	name    string
	text    string // the cell partner_places; "": no limit of its own
	places  int
	line    int // where it is named first
	limited bool
}

type person struct {
	name, group string
	line        int32 // the first that names this person
	score       int32 // and the score there
}

// wishRow is one row of the applications: indices into people, places and
// numbers.
type wishRow struct{ person, destination, preference, score, line int32 }

// numbers keeps every decimal once that is written in the same way: scores
// repeat, and there are millions of them.
type numbers struct {
	known  map[string]int32
	values []decimal.Decimal
}

// mostKnown bounds the memory for telling repeated numbers.
const mostKnown = 1 << 20

func (n *numbers) read(s *sheet, column int) (int32, bool) {
	if column == absent {
		return 0, false
	}
	if i, ok := n.known[s.row[column]]; ok {
		return i, true
	}
	d, ok := s.number(column)
	if !ok {
		return 0, false
	}
	i := int32(len(n.values))
	n.values = append(n.values, d)
	if len(n.known) < mostKnown {
		n.known[strings.Clone(s.row[column])] = i
	}
	return i, true
}

func (n *numbers) equal(a, b int32) bool { return a == b || n.values[a].Equal(n.values[b]) }

// mostPlaces and mostPreference are beyond what anybody means.
const mostPlaces, mostPreference = 1_000_000_000, 1_000_000

func (f *files) readDestinations(s *sheet) error {
	name, places := s.column("destination"), s.column("places")
	partnerName, partnerPlaces := s.column("partner"), s.column("partner_places")
	for {
		if ok, err := s.next(); !ok || err != nil {
			return err
		}
		row := placesRow{line: s.line}
		row.places, _ = s.whole(places, 0, mostPlaces)
		row.partner = f.readPartner(s, partnerName, partnerPlaces)
		var ok bool
		if row.name, ok = s.id(name); !ok {
			continue
		}
		if at, known := f.destinations[row.name]; known {
			s.at(name, "%s is in line %d already", quoted(row.name), f.places[at].line)
			continue
		}
		row.name = strings.Clone(row.name)
		f.destinations[row.name] = int32(len(f.places))
		f.places = append(f.places, row)
	}
}

// readPartner returns the partner of the current row, none if it has none. The
// rows of one partner must agree on its places.
func (f *files) readPartner(s *sheet, name, places int) int32 {
	text, limit := "", 0
	if places != absent && s.row[places] != "" {
		text = s.row[places]
		var ok bool
		if limit, ok = s.whole(places, 0, mostPlaces); !ok {
			return none
		}
	}
	if name == absent {
		return none
	}
	if s.row[name] == "" {
		if text != "" {
			s.at(places, "there is no partner in this row whose places these could be")
		}
		return none
	}
	id, ok := s.id(name)
	if !ok {
		return none
	}
	at, known := f.partner[id]
	if !known {
		at = int32(len(f.partners))
		f.partner[strings.Clone(id)] = at
		f.partners = append(f.partners, partner{name: strings.Clone(id), text: strings.Clone(text), places: limit, line: s.line, limited: text != ""})
	} else if p := f.partners[at]; places != absent && (p.limited != (text != "") || p.places != limit) {
		s.at(places, "%s has %s in line %d", quoted(id), quoted(p.text), p.line)
	}
	return at
}

func (f *files) readShares(s *sheet) error {
	group, percent := s.column("group"), s.column("percent")
	lines := map[string]int{}
	for {
		if ok, err := s.next(); !ok || err != nil {
			return err
		}
		name, ok := s.id(group)
		least, sound := s.whole(percent, 0, 100)
		if line, known := lines[name]; known && ok {
			s.at(group, "%s is in line %d already", quoted(name), line)
			continue
		}
		if ok && sound {
			lines[strings.Clone(name)] = s.line
			f.shares = append(f.shares, selection.Share{Group: strings.Clone(name), Percent: least})
		}
	}
}
