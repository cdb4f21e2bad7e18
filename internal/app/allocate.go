package app

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/locale"
	"peregrine/internal/outbox"
	"peregrine/internal/selection"
)

type allocateCommand struct {
	Applications string `required:"" type:"existingfile" placeholder:"A.csv" help:"Columns id, points, choices (destinations in order, separated by |); optional: excluded (why not ranked), and one column tie1, tie2 … per rule for equal points."`
	Destinations string `required:"" type:"existingfile" placeholder:"D.csv" help:"Columns id, places; optional: pool, for destinations that share places."`
	Seed         string `required:"" help:"The seed of the lot, as revealed with the result."`
	ReserveLimit int    `help:"At most so many wait at one destination; 0: no limit."`
	NoReserve    bool   `help:"Nobody waits."`
}

// Run implements the command: the engine on files, for try-outs, audits and
// appeals. The lot is drawn for ids: with those of the database it is the
// same lot.
func (c *allocateCommand) Run(p Program) error {
	in := selection.Input{Method: selection.MethodList, Tied: selection.TiedLot, Seed: c.Seed, NoReserve: c.NoReserve, ReserveLimit: c.ReserveLimit}
	names := ids{}
	if err := names.destinations(c.Destinations, &in); err != nil {
		return err
	}
	if err := names.applications(c.Applications, &in); err != nil {
		return err
	}
	if err := in.Check(); err != nil {
		return answerNo{err}
	}
	result, err := selection.Allocate(in)
	if err != nil {
		return err
	}
	if broken := selection.Verify(in, result); len(broken) > 0 {
		return fmt.Errorf("the result breaks its own promises: %s %s", broken[0].Code, broken[0].Detail)
	}
	return names.write(p.Out, result)
}

// ids gives names of a file an id, and back.
type ids map[uuid.UUID]string

// space is the namespace of ids made from names that are none.
var space = uuid.MustParse("5b4e1d0e-6f0a-4f7e-9d5c-2f4c1f3d9a10")

func (n ids) of(kind, name string) uuid.UUID {
	id, err := uuid.Parse(name)
	if err != nil {
		id = uuid.NewSHA1(space, []byte(kind+"\x00"+name))
	}
	n[id] = name
	return id
}

// rowProblem is a fault of a file, which makes the answer no.
func rowProblem(file string, row int, format string, args ...any) error {
	return answerNo{fmt.Errorf("%s, row %d: %s", file, row, fmt.Sprintf(format, args...))}
}

// sheet is a CSV with a header.
type sheet struct {
	file    string
	columns map[string]int
	rows    [][]string
}

func readSheet(file string, required, optional []string) (sheet, error) {
	s := sheet{file: file, columns: map[string]int{}}
	f, err := os.Open(file)
	if err != nil {
		return s, err
	}
	defer func() { _ = f.Close() }() // only read
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return s, answerNo{fmt.Errorf("%s: %w", file, err)}
	}
	if len(rows) == 0 {
		return s, answerNo{fmt.Errorf("%s is empty", file)}
	}
	for i, name := range rows[0] {
		name = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(name, "\ufeff")))
		if !slices.Contains(required, name) && !slices.Contains(optional, name) && !tieColumn(name) {
			return s, rowProblem(file, 1, "there is no column %q", name)
		}
		s.columns[name] = i
	}
	for _, name := range required {
		if _, ok := s.columns[name]; !ok {
			return s, rowProblem(file, 1, "column %q is missing", name)
		}
	}
	s.rows = rows[1:]
	return s, nil
}

func tieColumn(name string) bool {
	number, ok := strings.CutPrefix(name, "tie")
	_, err := strconv.Atoi(number)
	return ok && err == nil
}

func (s sheet) cell(row int, column string) string {
	if i, ok := s.columns[column]; ok {
		return strings.TrimSpace(s.rows[row][i])
	}
	return ""
}

// destinations reads the places; those that name the same pool share them,
// and must agree how many there are.
func (n ids) destinations(file string, in *selection.Input) error {
	s, err := readSheet(file, []string{"id", "places"}, []string{"pool"})
	if err != nil {
		return err
	}
	free := map[uuid.UUID]int{}
	for i := range s.rows {
		name, pool := s.cell(i, "id"), s.cell(i, "pool")
		places, err := strconv.Atoi(s.cell(i, "places"))
		if name == "" || err != nil || places < 0 {
			return rowProblem(file, i+2, "an id and a number of places are expected")
		}
		if pool == "" {
			pool = name
		}
		id := n.of("pool", pool)
		if known, ok := free[id]; ok && known != places {
			return rowProblem(file, i+2, "pool %q has %d places further up", pool, known)
		} else if !ok {
			in.Pools = append(in.Pools, selection.Pool{ID: id, Free: places})
		}
		free[id] = places
		in.Destinations = append(in.Destinations, selection.Destination{ID: n.of("destination", name), Pools: []uuid.UUID{id}})
	}
	return nil
}

func (n ids) applications(file string, in *selection.Input) error {
	s, err := readSheet(file, []string{"id", "points", "choices"}, []string{"excluded"})
	if err != nil {
		return err
	}
	for i := range s.rows {
		a := selection.Applicant{ID: n.of("application", s.cell(i, "id")), Excluded: s.cell(i, "excluded")}
		if s.cell(i, "id") == "" {
			return rowProblem(file, i+2, "an id is expected")
		}
		if a.Points, err = number(s.cell(i, "points")); err != nil {
			return rowProblem(file, i+2, "%q is no number of points", s.cell(i, "points"))
		}
		for link := 1; ; link++ {
			column := fmt.Sprintf("tie%d", link)
			if _, ok := s.columns[column]; !ok {
				break
			}
			value, err := number(s.cell(i, column))
			if err != nil {
				return rowProblem(file, i+2, "%q is no number", s.cell(i, column))
			}
			a.Ties = append(a.Ties, value)
		}
		for _, choice := range strings.Split(s.cell(i, "choices"), "|") {
			if choice = strings.TrimSpace(choice); choice != "" {
				a.Wishes = append(a.Wishes, selection.Wish{Destination: n.of("destination", choice), Points: a.Points})
			}
		}
		in.Applicants = append(in.Applicants, a)
	}
	return nil
}

func number(s string) (decimal.Decimal, error) {
	return decimal.NewFromString(strings.ReplaceAll(s, ",", "."))
}

// write lists every wish with its outcome and reason, in order of rank.
func (n ids) write(to io.Writer, result selection.Result) error {
	cat, err := locale.Load()
	if err != nil {
		return err
	}
	printer := cat.Printer(locale.Default, nil)
	figures := map[uuid.UUID]selection.Figures{}
	for _, f := range result.Destinations {
		figures[f.Destination] = f
	}
	w := csv.NewWriter(to)
	rows := [][]string{{"rank", "application", "points", "preference", "destination", "outcome", "reserve", "reason"}}
	for _, e := range result.Entries {
		for _, c := range e.Choices {
			rows = append(rows, []string{
				blankZero(e.Rank), n[e.Applicant], e.Points.String(), strconv.Itoa(c.Preference), n[c.Destination], string(c.Outcome),
				blankZero(c.Reserve), outbox.Reason(printer, c.Reason, figures[c.Destination]),
			})
		}
	}
	return errors.Join(w.WriteAll(rows), w.Error())
}

func blankZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}
