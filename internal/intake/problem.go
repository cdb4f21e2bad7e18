package intake

import (
	"fmt"
	"log/slog"
	"strconv"

	"peregrine/internal/mobility"
)

// Problem is one thing wrong with a file. Row is the line of a CSV or the row
// of a sheet, 0 for the file as a whole; Column is the header's name, empty
// for a whole row. Code names a message of the catalogue, Data its
// placeholders. Value is what stood there, for the sender's eyes alone.
type Problem struct {
	Row    int
	Column string
	Value  string
	Code   string
	Data   map[string]any
}

// String tells where and what, without the value.
func (p Problem) String() string {
	return fmt.Sprintf("row %d, column %q: %s", p.Row, p.Column, p.Code)
}

// LogValue keeps the value out of logs.
func (p Problem) LogValue() slog.Value { return slog.StringValue(p.String()) }

// Problems is everything wrong with a file, in the order of its rows.
type Problems []Problem

// Error counts the problems and names the first, without values.
func (p Problems) Error() string {
	if len(p) == 0 {
		return "no problems"
	}
	return fmt.Sprintf("%d problems in the file, the first in %s", len(p), p[0])
}

// Invalid returns the problems as an error of kind invalid; each field is
// named "row.column", or "row" or "file" where there is no more to say.
func (p Problems) Invalid() *mobility.Error {
	fields := make([]mobility.FieldProblem, 0, len(p))
	for _, x := range p {
		name := "file"
		if x.Row > 0 {
			name = strconv.Itoa(x.Row)
		}
		if x.Column != "" {
			name += "." + x.Column
		}
		fields = append(fields, mobility.FieldProblem{Field: name, Code: x.Code, Data: x.Data})
	}
	return mobility.InvalidError(fields...)
}

// fileProblem is the answer to a file that cannot be read at all.
func fileProblem(code string, data map[string]any) Problems {
	return Problems{{Code: code, Data: data}}
}
