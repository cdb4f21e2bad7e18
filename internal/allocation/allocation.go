// Package allocation reads the files of peregrine allocate into the engine's
// input, and prints its result. It lists everything that is wrong with a
// file, each with line and column, and reads millions of rows.
package allocation

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// Options say what to read, and how places are given.
type Options struct {
	Applications, Destinations string // names of files
	Shares                     string // likewise; "": no shares
	Method                     selection.Method
	Ties                       selection.TiePolicy
	Seed                       string
	PartnerRanks               bool // scores are the partner's view, and its places bind besides the destinations'
	ReserveLimit               int
	NoReserve                  bool
}

// check refuses options that do not go together.
func (o Options) check() error {
	whole := o.Ties == selection.TiedRefuse || o.Ties == selection.TiedAdmit
	byList := o.Method == selection.MethodList || o.Method == selection.MethodLottery
	switch {
	case o.Seed == "" && o.Method == selection.MethodLottery:
		return errors.New("--method lottery needs --seed")
	case o.Seed == "" && o.Ties == selection.TiedLot:
		return errors.New("--ties lot needs --seed")
	case whole && o.Method == selection.MethodLottery:
		return fmt.Errorf("--ties %s does not go with --method lottery, where nobody is equal", o.Ties)
	case whole && o.Shares != "":
		return fmt.Errorf("--ties %s does not go with --shares, which need an order in which nobody is equal", o.Ties)
	case o.Shares != "" && o.PartnerRanks && !byList:
		return errors.New("--shares with --partner-ranks need --method list or lottery: each destination keeps the shares in its own places")
	case o.ReserveLimit < 0:
		return errors.New("--reserve-limit is below zero")
	}
	return nil
}

// Case is an allocation as its files have it. The engine's ids are the places
// of the names in ascending byte order, so that they stand in the same order.
type Case struct {
	Input        selection.Input
	applicants   []string // by engine id
	destinations []string
	preferences  []int32 // of all wishes, by engine id and in order
}

// Read reads the files. The error is *Problems if rows are wrong; any other
// means that the options do not go together or with the files, or that a file
// cannot be read.
func Read(o Options) (*Case, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	f := &files{
		options: o, partner: map[string]int32{}, person: map[string]int32{}, numbers: numbers{known: map[string]int32{}},
	}
	for _, read := range []func(*files) error{destinations, shares, applications} {
		if err := read(f); err != nil {
			return nil, err
		}
	}
	if err := f.problems.err(); err != nil {
		return nil, err
	}
	return f.asked(), nil
}

func destinations(f *files) error {
	required := []string{"destination", "places"}
	if f.options.PartnerRanks {
		required = append(required, "partner", "partner_places")
	}
	optional := func(name string) bool { return name == "partner" || name == "partner_places" }
	return f.readCSV(f.options.Destinations, required, optional, func(s *sheet) error {
		if column := s.column("partner_places"); column != absent && !f.options.PartnerRanks {
			return fmt.Errorf("%s, line %d, column %d (partner_places): these bind only with --partner-ranks", s.file, s.line, column+1)
		}
		if s.column("destination") != absent { // else every row of the applications would be listed for it
			f.destinations = map[string]int32{}
		}
		return f.readDestinations(s)
	})
}

func shares(f *files) error {
	if f.options.Shares == "" {
		return nil
	}
	nothing := func(string) bool { return false }
	return f.readCSV(f.options.Shares, []string{"group", "percent"}, nothing, f.readShares)
}

func applications(f *files) error {
	required := []string{"applicant", "preference", "destination", "score"}
	optional := func(name string) bool { return name == "group" || isTie(name) }
	return f.readCSV(f.options.Applications, required, optional, func(s *sheet) error {
		if err := f.readApplications(s); err != nil {
			return err
		}
		f.settle(s)
		return nil
	})
}

func (f *files) readCSV(file string, required []string, optional func(string) bool, read func(*sheet) error) error {
	opened, err := os.Open(file)
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // only read
	s, err := newSheet(opened, file, &f.problems, required, optional)
	if err != nil {
		return err
	}
	return read(s)
}

// The kinds of engine ids.
const (
	kindApplicant   = 'a'
	kindDestination = 'd'
	kindPlaces      = 'p'
	kindPartner     = 'q'
)

func engineID(kind byte, n int) (id uuid.UUID) {
	id[0] = kind
	binary.BigEndian.PutUint32(id[12:], uint32(n))
	return id
}

func engineNumber(id uuid.UUID) int { return int(binary.BigEndian.Uint32(id[12:])) }

// asked makes the case. What the files were read into is not needed
// afterwards.
func (f *files) asked() *Case {
	c := &Case{Input: selection.Input{
		Method: f.options.Method, Tied: f.options.Ties, Seed: f.options.Seed, Shares: f.shares,
		ReserveLimit: f.options.ReserveLimit, NoReserve: f.options.NoReserve,
	}}
	in := &c.Input
	for i, p := range f.partners {
		if p.limited && f.options.PartnerRanks {
			in.Pools = append(in.Pools, selection.Pool{ID: engineID(kindPartner, i), Free: p.places})
		}
	}
	destination := make([]uuid.UUID, len(f.places)) // by row
	for n, row := range ordered(len(f.places), func(i int) string { return f.places[i].name }) {
		d := f.places[row]
		destination[row] = engineID(kindDestination, n)
		pools := []uuid.UUID{engineID(kindPlaces, n)}
		if d.partner != none && f.partners[d.partner].limited && f.options.PartnerRanks {
			pools = append(pools, engineID(kindPartner, int(d.partner)))
		}
		in.Pools = append(in.Pools, selection.Pool{ID: pools[0], Free: d.places})
		in.Destinations = append(in.Destinations, selection.Destination{ID: destination[row], Pools: pools})
		c.destinations = append(c.destinations, d.name)
	}
	f.applicants(c, destination)
	return c
}

func (f *files) applicants(c *Case, destination []uuid.UUID) {
	rows := make([][]wishRow, len(f.people))
	for wishes := range f.eachPerson() {
		rows[wishes[0].person] = wishes
	}
	chain := make([]decimal.Decimal, 0, len(f.ties))
	wishes := make([]selection.Wish, 0, len(f.wishes))
	c.applicants, c.preferences = make([]string, 0, len(f.people)), make([]int32, 0, len(f.wishes))
	c.Input.Applicants = make([]selection.Applicant, 0, len(f.people))
	for n, i := range ordered(len(f.people), func(i int) string { return f.people[i].name }) {
		from, first := len(chain), len(wishes)
		for _, value := range f.ties[i*f.links : (i+1)*f.links] {
			chain = append(chain, f.numbers.values[value])
		}
		for _, row := range rows[i] {
			wishes = append(wishes, selection.Wish{Destination: destination[row.destination], Points: f.numbers.values[row.score]})
			c.preferences = append(c.preferences, row.preference)
		}
		one := selection.Applicant{
			ID: engineID(kindApplicant, n), Name: lotName(f.people[i].name), Group: f.people[i].group,
			Ties: chain[from:len(chain):len(chain)], Wishes: wishes[first:len(wishes):len(wishes)],
		}
		one.Points = one.Wishes[0].Points // a valid file has a wish of each
		c.Input.Applicants = append(c.Input.Applicants, one)
		c.applicants = append(c.applicants, f.people[i].name)
	}
}

// lotName is what the lot is drawn for: the applicant's id as it stands. The
// product draws for the 16 bytes of its own ids, so a UUID in the usual form
// stands for those, and an audit of a published ranking draws the same lot.
func lotName(name string) string {
	if id, err := uuid.Parse(name); err == nil && id.String() == name {
		return string(id[:])
	}
	return name
}

// ordered returns the indices below n in ascending byte order of their names.
func ordered(n int, name func(int) string) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return strings.Compare(name(a), name(b)) })
	return out
}
