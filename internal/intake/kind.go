package intake

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// File is what came in: all rows, and notes about oddities that were let
// through (a web address that is none).
type File[T any] struct {
	Rows  []T
	Notes []Problem
}

// kind says what a file of rows T looks like.
type kind[T any] struct {
	columns []column[T]
	keys    []key[T]          // what no two rows may share
	check   func(*T, *reader) // what several cells say together
	further func(*T, cell)    // a column of which only the beginning of the name is given; nil: there are none
}

// furtherPrefix begins the names of columns that an institution names itself.
const furtherPrefix = "value_"

// takes reports whether a column is one that an institution names itself.
func (k kind[T]) takes(name string) bool {
	rest, ok := strings.CutPrefix(plain(name), furtherPrefix)
	return k.further != nil && ok && furtherName.MatchString(rest)
}

var furtherName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,40}$`)

// column reads one cell into a row. May a header lack it, it is optional.
type column[T any] struct {
	name     string
	optional bool
	read     func(*T, cell)
}

// key is what no two rows may have in common; an empty value is no key.
type key[T any] struct {
	column string
	value  func(T) string
}

// reader collects what is wrong while rows are read.
type reader struct {
	table    table
	row      int
	problems Problems
	notes    []Problem
}

func (r *reader) fail(column, value, code string, data map[string]any) {
	r.problems = append(r.problems, Problem{Row: r.row, Column: column, Value: value, Code: code, Data: data})
}

// read turns a file into rows, or lists every problem. The error is Problems.
func (k kind[T]) read(data []byte) (File[T], error) {
	t, err := readTable(data, k.known)
	if err != nil {
		var p Problems
		if !errors.As(err, &p) {
			err = fileProblem("intake.unreadable", nil)
		}
		return File[T]{}, err
	}
	r := &reader{table: t, notes: t.notes}
	places := k.header(r)
	if len(r.problems) > 0 { // without its columns no row can be judged
		return File[T]{}, r.problems
	}
	rows := make([]T, 0, len(t.records))
	for _, rec := range t.records {
		r.row = rec.row
		rows = append(rows, k.one(r, rec, places))
	}
	k.unique(r, rows, t.records)
	if len(r.problems) > 0 {
		slices.SortStableFunc(r.problems, func(a, b Problem) int { return a.Row - b.Row })
		return File[T]{}, r.problems
	}
	return File[T]{Rows: rows, Notes: r.notes}, nil
}

// plain makes a column's name out of what stands in a header.
func plain(header string) string { return strings.ToLower(strings.TrimSpace(header)) }

func (k kind[T]) find(name string) int {
	return slices.IndexFunc(k.columns, func(c column[T]) bool { return c.name == plain(name) })
}

func (k kind[T]) known(header []string) int {
	n := 0
	for _, name := range header {
		if k.find(name) >= 0 {
			n++
		}
	}
	return n
}

// header returns where each column of the kind stands in the file, -1 for an
// optional one that it lacks.
func (k kind[T]) header(r *reader) []int {
	places := make([]int, len(k.columns))
	for i := range places {
		places[i] = -1
	}
	r.row = r.table.header.row
	for at, name := range r.table.header.cells {
		switch i := k.find(name); {
		case plain(name) == "" && r.table.blank(at):
		case k.takes(name):
			r.table.further = append(r.table.further, at)
		case i < 0:
			r.fail(strings.TrimSpace(name), "", "intake.column_unknown", map[string]any{"Columns": k.names()})
		case places[i] >= 0:
			r.fail(plain(name), "", "intake.column_twice", nil)
		default:
			places[i] = at
		}
	}
	for i, c := range k.columns {
		if places[i] < 0 && !c.optional {
			r.fail(c.name, "", "intake.column_missing", nil)
		}
	}
	return places
}

// blank reports whether no row has anything in column at: spreadsheets leave
// empty columns behind.
func (t table) blank(at int) bool {
	return !slices.ContainsFunc(t.records, func(r record) bool {
		return at < len(r.cells) && strings.TrimSpace(r.cells[at]) != ""
	})
}

func (k kind[T]) names() []string {
	out := make([]string, len(k.columns))
	for i, c := range k.columns {
		out[i] = c.name
	}
	return out
}

func (k kind[T]) one(r *reader, rec record, places []int) T {
	var row T
	if want := len(r.table.header.cells); len(rec.cells) > want || len(rec.cells) < want && !r.table.ragged {
		r.fail("", "", "intake.cell_count", map[string]any{"Found": len(rec.cells), "Expected": want})
		return row
	}
	for i, c := range k.columns {
		text := ""
		if at := places[i]; at >= 0 && at < len(rec.cells) {
			text = rec.cells[at]
		}
		x := cell{reader: r, column: c.name}
		if x.clean(text) {
			c.read(&row, x)
		}
	}
	for _, at := range r.table.further {
		x := cell{reader: r, column: strings.TrimPrefix(plain(r.table.header.cells[at]), furtherPrefix)}
		if at < len(rec.cells) && x.clean(rec.cells[at]) {
			k.further(&row, x)
		}
	}
	if k.check != nil {
		k.check(&row, r)
	}
	return row
}

// unique reports each row that says again what an earlier one said.
func (k kind[T]) unique(r *reader, rows []T, records []record) {
	for _, key := range k.keys {
		first := make(map[string]int, len(rows))
		for i, row := range rows {
			value := key.value(row)
			if value == "" {
				continue
			}
			r.row = records[i].row
			if before, ok := first[value]; ok {
				r.fail(key.column, "", "intake.duplicate", map[string]any{"Row": before})
				continue
			}
			first[value] = r.row
		}
	}
}
