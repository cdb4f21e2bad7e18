package intake

import (
	"errors"
	"testing"
)

// Whatever an office sends: rows or problems, never both, never a panic, and
// nothing but Problems as an error.
func judge[T any](t *testing.T, f File[T], err error) {
	var problems Problems
	switch {
	case err == nil:
	case !errors.As(err, &problems) || len(problems) == 0:
		t.Fatalf("an error without problems: %v", err)
	case len(f.Rows) > 0:
		t.Fatal("rows beside problems")
	}
	for _, p := range problems {
		if p.Code == "" || p.Row < 0 {
			t.Fatalf("a problem without a code: %v", p)
		}
	}
}

func every(t *testing.T, data []byte) {
	agreements, err := Agreements(data, known)
	judge(t, agreements, err)
	people, err := People(data, known, today)
	judge(t, people, err)
	institutions, err := Institutions(data)
	judge(t, institutions, err)
	units, err := Units(data)
	judge(t, units, err)
	staff, err := StaffRoles(data, known)
	judge(t, staff, err)
}

func FuzzCSV(f *testing.F) {
	f.Add([]byte(peopleHeader + personRow))
	f.Add([]byte(agreementsHeader + agreementRow))
	f.Add([]byte("code,name_en,name_local,parent\nA,a,a,B\nB,b,b,A\n"))
	f.Add(membersCSV)
	f.Add(institutionsCSV[:2000])
	f.Fuzz(every)
}

func FuzzXLSX(f *testing.F) {
	f.Add(workbook(f, [][]any{cells(peopleHeader, ";"), cells(personRow, ";")}))
	f.Add(workbook(f, [][]any{cells(agreementsHeader, ","), cells(agreementRow, ",")}, "Second"))
	f.Add(workbook(f, nil))
	f.Fuzz(every)
}
