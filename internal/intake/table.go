package intake

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// Limits that keep a file from taking the machine: whole files, what an XLSX
// may unpack to, rows, and cells of a row.
const (
	MaxBytes    = 32 << 20
	maxUnpacked = 128 << 20
	maxRows     = 200_000
	maxCells    = 200
)

// table is a file as rows of cells, before anything is known about columns.
type table struct {
	header  record
	records []record
	notes   []Problem
	serial  bool  // dates may come as a spreadsheet's day numbers
	further []int // where columns are that an institution names itself
	ragged  bool  // rows may end early: a spreadsheet drops empty cells
}

type record struct {
	row   int
	cells []string
}

// readTable tells CSV from XLSX by the first bytes. known says how many of
// the cells are names of columns, which decides the separator of a CSV.
func readTable(data []byte, known func([]string) int) (table, error) {
	switch {
	case len(data) > MaxBytes:
		return table{}, fileProblem("intake.too_large", map[string]any{"Megabytes": MaxBytes >> 20})
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readXLSX(data)
	}
	return readCSV(data, known)
}

func readCSV(data []byte, known func([]string) int) (table, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 {
		return table{}, fileProblem("intake.not_utf8", nil)
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return table{}, fileProblem("intake.empty", nil)
	}
	r := csvReader(data, separator(data, known))
	var t table
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return table{}, brokenCSV(err)
		}
		line, _ := r.FieldPos(0)
		if err := t.add(record{line, cells}); err != nil {
			return table{}, err
		}
	}
	if t.header.row == 0 {
		return table{}, fileProblem("intake.empty", nil)
	}
	return t, nil
}

func csvReader(data []byte, comma rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma, r.FieldsPerRecord = comma, -1
	return r
}

// separator takes the one whose first line has most names of columns in it.
func separator(data []byte, known func([]string) int) rune {
	best, most := ',', -1
	for _, comma := range []rune{',', ';', '\t'} {
		cells, err := csvReader(data, comma).Read()
		if err != nil {
			continue
		}
		if n := known(cells); n > most {
			best, most = comma, n
		}
	}
	return best
}

func brokenCSV(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	return Problems{{Row: parse.Line, Code: "intake.quotes"}}
}

// add takes one row. The first that is not blank is the header.
func (t *table) add(r record) error {
	if len(r.cells) > maxCells {
		return Problems{{Row: r.row, Code: "intake.too_many_columns", Data: map[string]any{"Most": maxCells}}}
	}
	if strings.TrimSpace(strings.Join(r.cells, "")) == "" {
		return nil
	}
	if t.header.row == 0 {
		t.header = r
		return nil
	}
	if len(t.records) == maxRows {
		return fileProblem("intake.too_many_rows", map[string]any{"Most": maxRows})
	}
	t.records = append(t.records, r)
	return nil
}
