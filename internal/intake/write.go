package intake

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"
)

// Sheet is a table to be written.
type Sheet struct {
	Columns []string
	Numbers []string // columns that an XLSX holds as numbers; all others are text
	Rows    [][]string
}

// Guard keeps a spreadsheet from taking the text of a CSV's cell for a
// formula: an apostrophe goes before it. Reading takes it away again.
func Guard(text string) string {
	if formula(text) {
		return "'" + text
	}
	return text
}

// unguard undoes Guard.
func unguard(text string) string {
	if rest, ok := strings.CutPrefix(text, "'"); ok && formula(rest) {
		return rest
	}
	return text
}

// formula reports whether a spreadsheet might compute the text. Apostrophes
// before it count as nothing, so that a text that begins with one of its own
// is told from a guarded one.
func formula(text string) bool {
	text = strings.TrimLeft(text, "'")
	return text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0]))
}

// CSV writes the sheet with commas, in UTF-8. Numbers are not guarded: a
// negative one is no formula.
func (s Sheet) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true
	if err := out.Write(s.Columns); err != nil {
		return err
	}
	for _, row := range s.Rows {
		cells := make([]string, len(row))
		for i, text := range row {
			if cells[i] = text; !s.number(i) {
				cells[i] = Guard(text)
			}
		}
		if err := out.Write(cells); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func (s Sheet) number(column int) bool { return slices.Contains(s.Numbers, s.Columns[column]) }

// XLSX writes the sheet as a workbook whose first row stays in sight. Text is
// text, whatever it begins with.
func (s Sheet) XLSX(w io.Writer) error {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }() // its temporary files alone
	stream, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return fmt.Errorf("begin the workbook: %w", err)
	}
	err = stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
	if err != nil {
		return fmt.Errorf("begin the workbook: %w", err)
	}
	for n, row := range slices.Insert(slices.Clone(s.Rows), 0, s.Columns) {
		cells := make([]any, len(row))
		for i, text := range row {
			cells[i] = text
			if value, err := strconv.ParseFloat(text, 64); err == nil && n > 0 && s.number(i) {
				cells[i] = value
			}
		}
		if err := stream.SetRow("A"+strconv.Itoa(n+1), cells); err != nil {
			return fmt.Errorf("write row %d: %w", n+1, err)
		}
	}
	if err := stream.Flush(); err != nil {
		return fmt.Errorf("end the workbook: %w", err)
	}
	return book.Write(w)
}

// UnitSheet writes units as Units reads them.
func UnitSheet(units []Unit) Sheet {
	s := Sheet{Columns: unitKind.names()}
	for _, u := range units {
		s.Rows = append(s.Rows, []string{u.Code, u.NameEN, u.NameLocal, u.Parent})
	}
	return s
}

// AgreementSheet writes agreements as Agreements reads them.
func AgreementSheet(agreements []Agreement) Sheet {
	s := Sheet{Columns: kind[Agreement]{columns: agreementColumns(Known{})}.names()}
	for _, a := range agreements {
		s.Rows = append(s.Rows, []string{
			orAll(a.HomeUnit), a.HostCode, a.ISCED, orAll(blankZero(a.Cycle)), strconv.Itoa(a.Places), strconv.Itoa(a.Months), languageText(a.Languages),
			string(a.Term), yearText(a.AcademicYear), deadlineText(a), a.DeadlineZone, a.HomeAgreementID, a.HostAgreementID,
			a.SelectedBy, yearText(a.ValidFrom), yearText(a.ValidTo),
		})
	}
	return s
}

func orAll(text string) string {
	if text == "" {
		return "all"
	}
	return text
}

func blankZero(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func languageText(languages []Language) string {
	var out []string
	for _, l := range languages {
		out = append(out, strings.TrimSpace(l.Language+" "+l.Level))
	}
	return strings.Join(out, " / ")
}

func yearText(start int) string {
	if start == 0 {
		return ""
	}
	return fmt.Sprintf("%d/%02d", start, (start+1)%100)
}

func deadlineText(a Agreement) string {
	at := a.Deadline.Time()
	if at.IsZero() {
		return ""
	}
	return at.Format("2006-01-02 15:04")
}

// PersonSheet writes students as People reads them; what is not known of
// somebody stays empty.
func PersonSheet(people []Person) Sheet {
	s := Sheet{Columns: kind[Person]{columns: personColumns(Known{}, time.Time{})}.names()}
	for _, p := range people {
		born := ""
		if !p.BirthDate.IsZero() {
			born = p.BirthDate.Format(time.DateOnly)
		}
		s.Rows = append(s.Rows, []string{
			p.GivenNames, p.FamilyNames, born, p.Nationality, strconv.Itoa(p.Gender), p.Email, p.ESI, p.Unit,
			blankZero(p.Cycle), p.ISCED, blankZero(p.Year), decimalText(p.Average), decimalText(p.Credits),
		})
	}
	return s
}

func decimalText(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}
