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

// row is one row of the result. Scores are numbers written out digit by
// digit.
type row struct {
	Applicant       string       `json:"applicant"`
	Outcome         string       `json:"outcome"`
	Destination     string       `json:"destination"`
	Preference      int          `json:"preference"`
	Score           json.Number  `json:"score"`
	LowestAdmitted  *json.Number `json:"lowest_admitted"`
	HighestRefused  *json.Number `json:"highest_refused"`
	ReservePosition *int         `json:"reserve_position"`
	Reason          string       `json:"reason"`
}

// Form says what is printed of a result.
type Form struct {
	PerWish bool // every wish, instead of one row per applicant
	JSON    bool // instead of CSV
}

// Write prints the result, by applicant and preference.
func (a *Case) Write(to io.Writer, result selection.Result, form Form) error {
	buffered := bufio.NewWriterSize(to, 1<<16)
	var out rowWriter
	if form.JSON {
		out = &jsonRows{to: buffered}
	} else {
		out = newCSVRows(buffered)
	}
	entry := make([]int32, len(result.Entries)) // by engine id
	for i, e := range result.Entries {
		entry[engineNumber(e.Applicant)] = int32(i)
	}
	wish := 0
	for _, place := range entry {
		e := result.Entries[place]
		shown := e.Choices
		if !form.PerWish {
			i := telling(e)
			shown = e.Choices[i : i+1]
		}
		for _, c := range shown {
			figures := result.Destinations[engineNumber(c.Destination)]
			if err := out.row(a.row(e, c, figures, int(a.preferences[wish+c.Preference-1]))); err != nil {
				return err
			}
		}
		wish += len(e.Choices)
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

func (a *Case) row(e selection.Entry, c selection.Choice, f selection.Figures, preference int) row {
	r := row{
		Applicant: a.applicants[engineNumber(e.Applicant)], Outcome: outcomeWord(c.Outcome), Destination: a.destinations[engineNumber(c.Destination)],
		Preference: preference, Score: json.Number(c.Points.String()), Reason: reasonWord(c.Reason),
		LowestAdmitted: exact(f.LowestAdmitted), HighestRefused: exact(f.HighestRefused),
	}
	if c.Reserve > 0 {
		r.ReservePosition = &c.Reserve
	}
	return r
}

func exact(d decimal.NullDecimal) *json.Number {
	if !d.Valid {
		return nil
	}
	n := json.Number(d.Decimal.String())
	return &n
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
	"lost_share", "tied_refused", "no_places_offered",
}

func reasonWord(r selection.Reason) string {
	switch {
	case r.Code == selection.ReasonPlaced:
		return "placed"
	case r.Rule == selection.RuleID:
		return "lost_id"
	}
	return strings.TrimPrefix(r.Code, "reason.")
}

// rowWriter prints rows.
type rowWriter interface {
	row(r row) error
	end() error
}

type csvRows struct {
	to    *csv.Writer
	cells []string
}

// newCSVRows begins with the header; a failure shows at the end.
func newCSVRows(to io.Writer) *csvRows {
	c := &csvRows{to: csv.NewWriter(to)}
	_ = c.to.Write(Columns)
	return c
}

func (c *csvRows) row(r row) error {
	position := ""
	if r.ReservePosition != nil {
		position = strconv.Itoa(*r.ReservePosition)
	}
	c.cells = append(c.cells[:0], r.Applicant, r.Outcome, r.Destination, strconv.Itoa(r.Preference), r.Score.String(),
		written(r.LowestAdmitted), written(r.HighestRefused), position, r.Reason)
	return c.to.Write(c.cells)
}

func (c *csvRows) end() error {
	c.to.Flush()
	return c.to.Error()
}

func written(n *json.Number) string {
	if n == nil {
		return ""
	}
	return n.String()
}

// jsonRows is an array of objects, one a line.
type jsonRows struct {
	to   *bufio.Writer
	some bool
	line bytes.Buffer
}

func (j *jsonRows) row(r row) error {
	j.line.Reset()
	before := "[\n"
	if j.some {
		before = ",\n"
	}
	j.some = true
	j.line.WriteString(before)
	encoder := json.NewEncoder(&j.line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return err
	}
	_, err := j.to.Write(bytes.TrimSuffix(j.line.Bytes(), []byte("\n")))
	return err
}

func (j *jsonRows) end() error {
	text := "\n]\n"
	if !j.some {
		text = "[]\n"
	}
	_, err := j.to.WriteString(text)
	return err
}
