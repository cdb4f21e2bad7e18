package allocation

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
)

// Columns are the columns of the result.
var Columns = []string{
	"applicant", "outcome", "destination", "preference", "score", "lowest_admitted", "highest_refused", "reserve_position", "reason",
}

// cells are one row of the result, as the CSV has it.
type cells [9]string

// isText says which cells are no numbers.
var isText = [len(cells{})]bool{0: true, 1: true, 2: true, 8: true}

// Form says what is printed of a result.
type Form struct {
	PerWish bool // every wish, instead of one row per applicant
	JSON    bool // instead of CSV
}

// Write prints the result, by applicant and preference.
func (c *Case) Write(to io.Writer, result selection.Result, form Form) error {
	buffered := bufio.NewWriterSize(to, 1<<16)
	var out rowWriter = &jsonRows{to: buffered}
	if !form.JSON {
		out = newCSVRows(buffered)
	}
	entry := make([]int32, len(result.Entries)) // by engine id
	for i := range result.Entries {
		entry[engineNumber(result.Entries[i].Applicant)] = int32(i)
	}
	preferences := c.preferences
	for _, place := range entry {
		e := result.Entries[place]
		from, to := 0, len(e.Choices)
		if !form.PerWish {
			from = telling(e)
			to = from + 1
		}
		for i := from; i < to; i++ {
			figures := result.Destinations[engineNumber(e.Choices[i].Destination)]
			if err := out.row(c.row(e, e.Choices[i], figures, preferences[i])); err != nil {
				return err
			}
		}
		preferences = preferences[len(e.Choices):]
	}
	if err := out.end(); err != nil {
		return err
	}
	return buffered.Flush()
}

// telling returns the index of the wish that an applicant's one row is about:
// the place given, else the best wish still waiting, else the first.
func telling(e selection.Entry) int {
	waiting := -1
	for i, c := range e.Choices {
		switch {
		case c.Outcome == selection.Placed:
			return i
		case c.Outcome == selection.Reserve && waiting < 0:
			waiting = i
		}
	}
	return max(waiting, 0)
}

func (c *Case) row(e selection.Entry, w selection.Choice, f selection.Figures, preference int32) cells {
	position := ""
	if w.Reserve > 0 {
		position = strconv.Itoa(w.Reserve)
	}
	return cells{
		c.applicants[engineNumber(e.Applicant)], outcomeWord(w.Outcome), c.destinations[engineNumber(w.Destination)], strconv.Itoa(int(preference)),
		w.Points.String(), written(f.LowestAdmitted), written(f.HighestRefused), position, reasonWord(w.Reason),
	}
}

func written(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

func outcomeWord(o selection.Outcome) string {
	switch o {
	case selection.Placed, selection.Reserve:
		return string(o)
	default:
		return "unplaced"
	}
}

// Reasons are the short codes of reasons, as docs/allocate.md explains them.
var Reasons = []string{
	"placed", "placed_at_better_choice", "placed_elsewhere_before", "no_place_left", "lost_tie", "lost_lot", "lost_id", "lost_round",
	"lost_share", "tied_refused", "tied_refused_above", "no_places_offered",
}

func reasonWord(r selection.Reason) string {
	if r.Code == selection.ReasonPlaced {
		return "placed"
	}
	return strings.TrimPrefix(r.Code, "reason.")
}

// rowWriter prints rows.
type rowWriter interface {
	row(r cells) error
	end() error
}

type csvRows struct{ to *csv.Writer }

// newCSVRows begins with the header; a failure shows at the end.
func newCSVRows(to io.Writer) csvRows {
	c := csvRows{csv.NewWriter(to)}
	_ = c.to.Write(Columns)
	return c
}

func (c csvRows) row(r cells) error { return c.to.Write(r[:]) }

func (c csvRows) end() error {
	c.to.Flush()
	return c.to.Error()
}

// jsonRows is an array of objects, one a line.
type jsonRows struct {
	to   *bufio.Writer
	line []byte // again and again
}

func (j *jsonRows) row(r cells) error {
	before := ",\n{"
	if j.line == nil {
		before = "[\n{"
	}
	j.line = append(j.line[:0], before...)
	for i, cell := range r {
		if i > 0 {
			j.line = append(j.line, ',')
		}
		j.line = append(append(append(j.line, '"'), Columns[i]...), '"', ':')
		switch {
		case isText[i]:
			j.line = appendText(j.line, cell)
		case cell == "":
			j.line = append(j.line, "null"...)
		default:
			j.line = append(j.line, cell...)
		}
	}
	_, err := j.to.Write(append(j.line, '}'))
	return err
}

// appendText appends a JSON string. Most need no care, and there may be
// millions of them.
func appendText(to []byte, s string) []byte {
	if strings.IndexFunc(s, func(r rune) bool { return r < ' ' || r > '~' || r == '"' || r == '\\' }) < 0 {
		return append(append(append(to, '"'), s...), '"')
	}
	var quoted bytes.Buffer
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(s) // a string and a buffer cannot fail
	return append(to, bytes.TrimSuffix(quoted.Bytes(), []byte("\n"))...)
}

func (j *jsonRows) end() error {
	last := "\n]\n"
	if j.line == nil {
		last = "[]\n"
	}
	_, err := j.to.WriteString(last)
	return err
}
