package intake

import (
	"bytes"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// files writes a sheet in both ways.
func files(t *testing.T, s Sheet) map[string][]byte {
	t.Helper()
	var plain, book bytes.Buffer
	if err := s.CSV(&plain); err != nil {
		t.Fatal(err)
	}
	if err := s.XLSX(&book); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"csv": plain.Bytes(), "xlsx": book.Bytes()}
}

func TestWhatIsWrittenReadsBackTheSame(t *testing.T) {
	t.Parallel()
	names := []string{"=HYPERLINK(1)", "'=1", "''+1", "@x", "-", "'t Hooft", "Žofie, ml.", `"O"`, "Nguyễn"}
	var people []Person
	for i, name := range names {
		f, err := People([]byte(peopleHeader+personRow), Known{}, today)
		if err != nil {
			t.Fatal(err)
		}
		p := f.Rows[0]
		p.Row, p.FamilyNames, p.GivenNames = i+2, name, name
		p.Email, p.ESI = strings.Repeat("a", i+1)+p.Email, p.ESI+strings.Repeat("1", i)
		people = append(people, p)
	}
	people[1].ESI, people[1].Gender, people[1].Average.Valid, people[1].Credits.Valid = "", 0, false, false
	for kind, data := range files(t, PersonSheet(people)) {
		f, err := People(data, Known{}, today)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		again := files(t, PersonSheet(f.Rows))["csv"]
		if first := files(t, PersonSheet(people))["csv"]; !bytes.Equal(first, again) {
			t.Errorf("%s: read back\n%s, was\n%s", kind, again, first)
		}
		for i, row := range f.Rows {
			if row.FamilyNames != names[i] {
				t.Errorf("%s: %q became %q", kind, names[i], row.FamilyNames)
			}
		}
	}

	all := strings.NewReplacer("PEF", "all", ",6,", ",all,", "en B2 / nl B1", "", "17:00", "00:00", "2022/23,2028/29", ",").Replace(agreementRow)
	agreements, err := Agreements([]byte(agreementsHeader+agreementRow+all), Known{})
	if err != nil {
		t.Fatal(err)
	}
	for kind, data := range files(t, AgreementSheet(agreements.Rows)) {
		f, err := Agreements(data, Known{})
		if err != nil || !reflect.DeepEqual(f.Rows, agreements.Rows) {
			t.Errorf("%s: %v\nread back %+v\nwas       %+v", kind, err, f.Rows, agreements.Rows)
		}
	}

	units := []Unit{{Row: 2, Code: "+1", NameEN: "=A", NameLocal: "Ústav"}, {Row: 3, Code: "B", NameEN: "B", NameLocal: "B", Parent: "+1"}}
	for kind, data := range files(t, UnitSheet(units)) {
		f, err := Units(data)
		if err != nil || !reflect.DeepEqual(f.Rows, units) {
			t.Errorf("%s: %v, read back %+v", kind, err, f.Rows)
		}
	}
}

func TestNothingWrittenIsComputed(t *testing.T) {
	t.Parallel()
	s := Sheet{Columns: []string{"name", "points"}, Numbers: []string{"points"}, Rows: [][]string{{"=1+1", "-2.5"}, {"@SUM(A1)", ""}}}
	both := files(t, s)
	if got, want := string(both["csv"]), "name,points\r\n'=1+1,-2.5\r\n'@SUM(A1),\r\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	book, err := excelize.OpenReader(bytes.NewReader(both["xlsx"]))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	sheet := book.GetSheetName(0)
	formula, _ := book.GetCellFormula(sheet, "A2")
	text, _ := book.GetCellValue(sheet, "A2")
	kind, err := book.GetCellType(sheet, "B2")
	if err != nil || formula != "" || text != "=1+1" || (kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber) {
		t.Errorf("A2 is %q, formula %q; B2 of type %v, %v", text, formula, kind, err)
	}
}
