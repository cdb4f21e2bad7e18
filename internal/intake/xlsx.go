package intake

import (
	"bytes"

	"github.com/xuri/excelize/v2"
)

// readXLSX reads the first sheet. Cells come as stored, not as displayed: a
// date is a day number, a decimal has a point, whatever the sender's settings.
func readXLSX(data []byte) (t table, err error) {
	defer func() {
		if recover() != nil { // a damaged workbook must not end the process
			t, err = table{}, fileProblem("intake.not_xlsx", nil)
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
	})
	if err != nil {
		return table{}, fileProblem("intake.not_xlsx", nil)
	}
	defer func() { _ = book.Close() }() // nothing is written to it
	sheets := book.GetSheetList()
	if len(sheets) == 0 {
		return table{}, fileProblem("intake.empty", nil)
	}
	t = table{serial: true, ragged: true}
	if len(sheets) > 1 {
		t.notes = append(t.notes, Problem{Code: "intake.first_sheet_only", Data: map[string]any{"Sheet": sheets[0]}})
	}
	if err := t.sheet(book, sheets[0]); err != nil {
		return table{}, err
	}
	if t.header.row == 0 {
		return table{}, fileProblem("intake.empty", nil)
	}
	return t, nil
}

func (t *table) sheet(book *excelize.File, name string) error {
	rows, err := book.Rows(name)
	if err != nil {
		return fileProblem("intake.not_xlsx", nil)
	}
	defer func() { _ = rows.Close() }() // reading only
	for row := 1; rows.Next(); row++ {
		cells, err := rows.Columns()
		if err != nil {
			return fileProblem("intake.not_xlsx", nil)
		}
		if err := t.add(record{row, cells}); err != nil {
			return err
		}
	}
	if rows.Error() != nil {
		return fileProblem("intake.not_xlsx", nil)
	}
	return nil
}
