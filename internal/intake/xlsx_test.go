package intake

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"peregrine/internal/mobility"
)

// workbook makes an XLSX as an office would, with dates as dates and numbers
// as numbers.
func workbook(t testing.TB, rows [][]any, sheets ...string) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer func() { _ = book.Close() }()
	for i, row := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range sheets {
		if _, err := book.NewSheet(name); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := book.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func cells(line, separator string) (out []any) {
	for _, c := range strings.Split(strings.TrimSpace(line), separator) {
		out = append(out, c)
	}
	return out
}

func TestSheetsReadLikeCSV(t *testing.T) {
	want, err := Agreements([]byte(agreementsHeader+agreementRow), known)
	if err != nil {
		t.Fatal(err)
	}
	row := cells(agreementRow, ",")
	row[3], row[4], row[5] = 6, 2, 5.0
	row[9] = time.Date(2027, 5, 15, 17, 0, 0, 0, time.UTC)
	got, err := Agreements(workbook(t, [][]any{cells(agreementsHeader, ","), row}), known)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	person := cells(personRow, ";")
	person[2], person[11] = time.Date(2004, 2, 29, 0, 0, 0, 0, time.UTC), 1.6
	f, err := People(workbook(t, [][]any{cells(peopleHeader, ";"), nil, person}, "Notes"), known, today)
	if err != nil {
		t.Fatal(err)
	}
	if p := f.Rows[0]; p.Row != 3 || p.BirthDate.Format(time.DateOnly) != "2004-02-29" || p.Average.Decimal.String() != "1.6" {
		t.Errorf("%+v", p)
	}
	if len(f.Notes) != 1 || f.Notes[0].Code != "intake.first_sheet_only" {
		t.Errorf("notes %v", f.Notes)
	}
}

func TestSheetDateAloneEndsAtMidnight(t *testing.T) {
	row := cells(agreementRow, ",")
	row[9] = time.Date(2027, 5, 15, 0, 0, 0, 0, time.UTC)
	f, err := Agreements(workbook(t, [][]any{cells(agreementsHeader, ","), row}), known)
	if err != nil || f.Rows[0].Deadline != mobility.Wall(2027, 5, 15, 23, 59) {
		t.Errorf("%+v, %v", f, err)
	}
}

// A small file that unpacks to a large one is refused, not unpacked.
func TestUnpackingIsLimited(t *testing.T) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	block := make([]byte, 1<<20)
	for range maxUnpacked>>20 + 1 {
		if _, err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if b.Len() > 1<<20 {
		t.Fatalf("the file itself has %d bytes", b.Len())
	}
	_, err = People(b.Bytes(), known, today)
	var problems Problems
	if !errors.As(err, &problems) || problems[0].Code != "intake.not_xlsx" {
		t.Errorf("got %v", err)
	}
}
