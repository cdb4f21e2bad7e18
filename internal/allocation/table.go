package allocation

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
)

// problem is one fault of a file, with where it stands: the physical line
// and the number of the cell in it, both from 1.
type problem struct {
	file         string
	line, column int
	name         string // of the column
	text         string
}

// Problems are all faults of all files, an error that makes the answer no.
type Problems struct {
	files []string // in the order in which they are listed
	found []problem
}

func (p *Problems) add(found problem) { p.found = append(p.found, found) }

// err returns the problems by file, line and column, nil if there are none.
func (p *Problems) err() error {
	if len(p.found) == 0 {
		return nil
	}
	slices.SortStableFunc(p.found, func(a, b problem) int {
		return cmp.Or(
			cmp.Compare(slices.Index(p.files, a.file), slices.Index(p.files, b.file)),
			cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column),
		)
	})
	return p
}

// Error implements error.
func (p *Problems) Error() string { return strings.Join(p.Lines(), "\n") }

// Lines words the problems, one line each, by file, line and column.
func (p *Problems) Lines() []string {
	out := make([]string, len(p.found))
	for i, f := range p.found {
		name := ""
		if f.name != "" {
			name = " (" + f.name + ")"
		}
		out[i] = fmt.Sprintf("%s, line %d, column %d%s: %s", f.file, f.line, f.column, name, strings.Join(strings.Fields(f.text), " "))
	}
	return out
}

// sheet reads a CSV with a header row by row. Cells are taken as they are:
// nothing is trimmed, so that no two ids become one.
type sheet struct {
	file     string
	reader   *csv.Reader
	header   []string
	row      []string // until next is called again
	line     int      // where row begins
	unread   bool     // the header could not be understood, so nothing below it can
	problems *Problems
}

// absent is the index of a column that is not there. What its cells say is
// zero, and nobody complains about it again.
const absent = -1

// newSheet reads the header: every required column must be there and each
// other must be optional.
func newSheet(r io.Reader, file string, problems *Problems, required []string, optional func(string) bool) (*sheet, error) {
	buffered := bufio.NewReaderSize(r, 1<<16)
	if start, err := buffered.Peek(3); err == nil && bytes.Equal(start, []byte("\ufeff")) {
		_, _ = buffered.Discard(3) // cannot fail: it was just peeked
	}
	s := &sheet{file: file, reader: csv.NewReader(buffered), problems: problems}
	s.reader.ReuseRecord, s.reader.FieldsPerRecord = true, -1
	problems.files = append(problems.files, file)
	ok, err := s.next()
	if err != nil {
		return nil, err
	}
	if !ok {
		if s.unread = true; !slices.ContainsFunc(problems.found, func(f problem) bool { return f.file == file }) {
			s.put(1, 1, "", "the file is empty; a header with the columns %s is expected", strings.Join(required, ", "))
		}
		return s, nil
	}
	s.header = slices.Clone(s.row)
	for i, name := range s.header {
		s.header[i] = strings.ToLower(strings.TrimSpace(name))
	}
	for i, name := range s.header {
		switch {
		case slices.Contains(s.header[:i], name):
			s.put(s.line, i+1, name, "there are two columns of this name")
		case !slices.Contains(required, name) && !optional(name):
			s.put(s.line, i+1, "", "there is no column %s", quoted(name))
		}
	}
	for _, name := range required {
		if s.column(name) == absent {
			s.put(s.line, len(s.header)+1, name, "this column is missing")
		}
	}
	return s, nil
}

// column returns the index of a column, absent if there is none.
func (s *sheet) column(name string) int { return slices.Index(s.header, name) }

// next goes on to the next row that has as many cells as the header and is
// text, and reports whether there is one. What is wrong with rows on the way
// is listed. The first row is the header itself.
func (s *sheet) next() (bool, error) {
	for !s.unread {
		row, err := s.reader.Read()
		var broken *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return false, nil
		case errors.As(err, &broken):
			s.put(broken.StartLine, len(row)+1, s.name(len(row)), "quotation marks are not in pairs around the whole cell")
			s.unread = s.header == nil
			continue
		case err != nil:
			return false, fmt.Errorf("%s: %w", s.file, err)
		}
		s.row = row
		s.line, _ = s.reader.FieldPos(0)
		if s.sound() {
			return true, nil
		}
		s.unread = s.header == nil
	}
	return false, nil
}

func (s *sheet) sound() bool {
	if s.header != nil && len(s.row) != len(s.header) {
		column := min(len(s.row), len(s.header)) + 1
		s.put(s.line, column, s.name(column-1), "this row has %s, the header has %d", count(len(s.row)), len(s.header))
		return false
	}
	good := true
	for i, text := range s.row {
		if !utf8.ValidString(text) {
			s.at(i, "%s is not UTF-8", quoted(text))
			good = false
		}
	}
	return good
}

func count(n int) string {
	if n == 1 {
		return "1 cell"
	}
	return strconv.Itoa(n) + " cells"
}

func (s *sheet) name(column int) string {
	if column < len(s.header) {
		return s.header[column]
	}
	return ""
}

func (s *sheet) put(line, column int, name, format string, args ...any) {
	s.problems.add(problem{file: s.file, line: line, column: column, name: name, text: fmt.Sprintf(format, args...)})
}

// at lists a problem of the current row.
func (s *sheet) at(column int, format string, args ...any) {
	line, _ := s.reader.FieldPos(column)
	s.put(line, column+1, s.name(column), format, args...)
}

// id reads a name, which may be any text but nothing, and nothing that looks
// like another name.
func (s *sheet) id(column int) (string, bool) {
	if column == absent {
		return "", false
	}
	text := s.row[column]
	if text == "" {
		s.at(column, "this cell is empty")
		return "", false
	}
	if strings.TrimFunc(text, unicode.IsSpace) != text {
		s.at(column, "%s begins or ends with a space", quoted(text))
		return "", false
	}
	return text, true
}

// whole reads a whole number between least and most.
func (s *sheet) whole(column, least, most int) (int, bool) {
	if column == absent {
		return 0, false
	}
	text := s.row[column]
	n, err := strconv.Atoi(text)
	if digits(text) == len(text) && text != "" && err == nil && n >= least && n <= most {
		return n, true
	}
	s.at(column, "%s is not a whole number from %d to %d", quoted(text), least, most)
	return 0, false
}

// number reads a decimal.
func (s *sheet) number(column int) (decimal.Decimal, bool) {
	if text := s.row[column]; decimalText(text) {
		if d, err := decimal.NewFromString(text); err == nil {
			return d, true
		}
	}
	s.at(column, "%s is not a number like 12, -3 or 87.25", quoted(s.row[column]))
	return decimal.Decimal{}, false
}

// longest is how many digits a number may have before and after its point.
const longest = 30

// decimalText reports whether text is a plain decimal: digits with at most
// one point between them, and a minus before them or not.
func decimalText(text string) bool {
	text = strings.TrimPrefix(text, "-")
	before := digits(text)
	if before == 0 || before > longest {
		return false
	}
	if before == len(text) {
		return true
	}
	after := text[before+1:]
	return text[before] == '.' && after != "" && len(after) <= longest && digits(after) == len(after)
}

// digits counts the leading digits 0 to 9.
func digits(text string) int {
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return i
		}
	}
	return len(text)
}

// quoted shows what a cell says, not more of it than helps.
func quoted(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		return strconv.Quote(string(runes[:most])) + "…"
	}
	return strconv.Quote(text)
}
