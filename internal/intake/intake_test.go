package intake

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"peregrine/internal/mobility"
)

var update = flag.Bool("update", false, "write the golden files anew")

var today = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

var known = Known{
	Unit: func(code string) bool { return code == "PEF" || code == "AF" },
	Host: func(key string) bool { return key == "NLEINDHOV03" || key == "IRLDUBLIN01" },
}

const peopleHeader = "given_names;family_names;birth_date;nationality;gender;email;esi;unit;cycle;isced_f;year;average;credits\n"

const personRow = "Žofie;Nováková;2004-02-29;CZ;2;zofie@student.mendelu.example;urn:schac:personalUniqueCode:int:esi:mendelu.cz:1001;PEF;6;0311;2;1,60;90\n"

const agreementsHeader = "home_unit,host_code,isced_f,cycle,places,months,cefr,term,academic_year,nomination_deadline,deadline_zone,home_agreement_id,host_agreement_id,selected_by,valid_from,valid_to\n"

const agreementRow = "PEF,NL EINDHOV03,041,6,2,5,en B2 / nl B1,autumn,2027/28,2027-05-15 17:00,Europe/Amsterdam,H-1,X-1,host,2022/23,2028/29\n"

// with is a row with one of its cells replaced.
func with(row, separator string, at int, value string) string {
	cells := strings.Split(strings.TrimSuffix(row, "\n"), separator)
	cells[at] = value
	return strings.Join(cells, separator) + "\n"
}

func TestAPersonIsRead(t *testing.T) {
	f, err := People([]byte(peopleHeader+personRow), known, today)
	if err != nil {
		t.Fatal(err)
	}
	p := f.Rows[0]
	if p.Row != 2 || p.FamilyNames != "Nováková" || p.BirthDate.Format("2.1.2006") != "29.2.2004" || p.Gender != 2 || p.ISCED != "0311" ||
		p.Average.Decimal.String() != "1.6" || p.Credits.Decimal.String() != "90" || p.Cycle != 6 || p.Unit != "PEF" {
		t.Errorf("%+v", p)
	}
}

func TestAnAgreementIsRead(t *testing.T) {
	f, err := Agreements([]byte(agreementsHeader+agreementRow), known)
	if err != nil {
		t.Fatal(err)
	}
	want := Agreement{
		Row: 2, HomeUnit: "PEF", HostCode: "NL EINDHOV03", ISCED: "041", Cycle: 6, Places: 2, Months: 5,
		Languages: []Language{{"en", "B2"}, {"nl", "B1"}}, Term: TermAutumn, AcademicYear: 2027,
		Deadline: mobility.Wall(2027, 5, 15, 17, 0), DeadlineZone: "Europe/Amsterdam",
		HomeAgreementID: "H-1", HostAgreementID: "X-1", SelectedBy: "host", ValidFrom: 2022, ValidTo: 2028,
	}
	if !reflect.DeepEqual(f.Rows[0], want) {
		t.Errorf("got  %+v\nwant %+v", f.Rows[0], want)
	}
}

func TestWaysOfWritingTheSame(t *testing.T) {
	tests := map[string]struct {
		at    int
		value string
		want  func(Person) bool
	}{
		"Czech date":            {2, "29. 2. 2004", func(p Person) bool { return p.BirthDate.Day() == 29 }},
		"Lithuanian date":       {2, "2004.02.29", func(p Person) bool { return p.BirthDate.Month() == 2 }},
		"small country":         {3, "cz", func(p Person) bool { return p.Nationality == "CZ" }},
		"Greece":                {3, "EL", func(p Person) bool { return p.Nationality == "GR" }},
		"Kosovo":                {3, "XK", func(p Person) bool { return p.Nationality == "XK" }},
		"gender by letter":      {4, "f", func(p Person) bool { return p.Gender == 2 }},
		"gender X":              {4, "X", func(p Person) bool { return p.Gender == 9 }},
		"gender not stated":     {4, "", func(p Person) bool { return p.Gender == 0 }},
		"host of the address":   {5, "A.B@Student.MENDELU.Example", func(p Person) bool { return p.Email == "A.B@student.mendelu.example" }},
		"no ESI yet":            {6, "", func(p Person) bool { return p.ESI == "" }},
		"ESI of a country":      {6, "urn:schac:personaluniquecode:INT:esi:CZ:Ab-1", func(p Person) bool { return p.ESI == esiPrefix+"CZ:Ab-1" }},
		"no given name":         {0, "", func(p Person) bool { return p.GivenNames == "" }},
		"one letter":            {1, "O", func(p Person) bool { return p.FamilyNames == "O" }},
		"right to left":         {1, "\u200fכהן\u200e", func(p Person) bool { return p.FamilyNames == "כהן" }},
		"composed":              {1, "Nova\u0301kova\u0301", func(p Person) bool { return p.FamilyNames == "Nováková" }},
		"no-break space":        {1, "\u00a0van\u00a0 der Berg ", func(p Person) bool { return p.FamilyNames == "van der Berg" }},
		"joiner":                {1, "نمی\u200cدانم", func(p Person) bool { return strings.Contains(p.FamilyNames, "\u200c") }},
		"decimal point":         {11, "1.60", func(p Person) bool { return p.Average.Decimal.String() == "1.6" }},
		"no average yet":        {11, "", func(p Person) bool { return !p.Average.Valid }},
		"a spreadsheet's tail":  {11, "1.6000000000000001", func(p Person) bool { return p.Average.Decimal.String() == "1.6" }},
		"year as a spreadsheet": {10, "2.0", func(p Person) bool { return p.Year == 2 }},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, err := People([]byte(peopleHeader+with(personRow, ";", tt.at, tt.value)), known, today)
			if err != nil || !tt.want(f.Rows[0]) {
				t.Errorf("%+v, %v", f, err)
			}
		})
	}
}

// wrongCell is a value in one column, and what is said about it.
type wrongCell struct {
	at    int
	value string
	code  string
}

func (w wrongCell) judge(t *testing.T, column string, err error) {
	t.Helper()
	t.Run(column+" "+w.code, func(t *testing.T) {
		var problems Problems
		if !errors.As(err, &problems) {
			t.Fatalf("%q passed: %v", w.value, err)
		}
		for _, p := range problems {
			if p.Code == w.code && p.Row == 2 && p.Column == column {
				return
			}
		}
		t.Errorf("%q gives %v, want %s", w.value, problems, w.code)
	})
}

func TestWrongCellsOfPeople(t *testing.T) {
	columns := strings.Split(strings.TrimSpace(peopleHeader), ";")
	for _, tt := range []wrongCell{
		{1, "", "intake.required"},
		{1, strings.Repeat("x", 501), "intake.too_long"},
		{1, "a\u202eb", "intake.control_character"},
		{2, "31.2.2004", "intake.date"},
		{2, "2014-01-01", "intake.birth_date"},
		{2, "1904-01-01", "intake.birth_date"},
		{2, "38000", "intake.date"}, // a day number only counts in a sheet
		{3, "CZE", "intake.country"},
		{3, "ZZ", "intake.country"},
		{3, "001", "intake.country"},
		{4, "3", "intake.gender"},
		{5, "Žofie <zofie@mendelu.example>", "intake.email"},
		{5, "zofie@mendelu", "intake.email"},
		{5, "žofie@mendelu.example", "intake.email"},
		{6, "urn:schac:personalUniqueCode:cz:mendelu.cz:1", "intake.esi"},
		{6, "urn:schac:personalUniqueCode:int:esi:mendelu:1", "intake.esi"},
		{6, "urn:schac:personalUniqueCode:int:esi:cz:", "intake.esi"},
		{7, "", "intake.required"},
		{7, "XX", "intake.unit_unknown"},
		{8, "9", "intake.cycle"},
		{8, "all", "intake.cycle"},
		{9, "041", "intake.isced_detailed"},
		{9, "311", "intake.isced_zero_lost"},
		{9, "1234", "intake.isced_detailed"},
		{10, "0", "intake.integer"},
		{10, "second", "intake.integer"},
		{11, "1e3", "intake.decimal"},
		{11, "-1", "intake.decimal"},
		{12, "1001", "intake.decimal"},
	} {
		_, err := People([]byte(peopleHeader+with(personRow, ";", tt.at, tt.value)), known, today)
		tt.judge(t, columns[tt.at], err)
	}
}

func TestWrongCellsOfAgreements(t *testing.T) {
	columns := strings.Split(strings.TrimSpace(agreementsHeader), ",")
	for _, tt := range []wrongCell{
		{0, "XX", "intake.unit_unknown"},
		{0, "", "intake.required"},
		{1, "Fontys", "intake.erasmus_code"},
		{1, "NL EINDHOV99", "intake.host_unknown"},
		{2, "4", "intake.isced"},
		{2, "99", "intake.isced"},
		{3, "0", "intake.cycle_or_all"},
		{4, "-1", "intake.integer"},
		{5, "13", "intake.integer"},
		{6, "English B2", "intake.cefr"},
		{6, "qq B2", "intake.language"},
		{6, "en D1", "intake.cefr"},
		{7, "winter", "intake.one_of"},
		{8, "2027", "intake.academic_year"},
		{8, "2027/29", "intake.academic_year"},
		{8, "2029/30", "intake.year_outside_validity"},
		{9, "tomorrow", "intake.date_time"},
		{9, "2029-05-15", "intake.deadline_outside_year"},
		{10, "CET", "intake.zone"},
		{10, "Europe/Brno", "intake.zone"},
		{11, "", "intake.required"},
		{13, "both", "intake.one_of"},
		{14, "1999/00", "intake.academic_year"},
		{15, "2021/22", "intake.valid_to_before_from"},
	} {
		_, err := Agreements([]byte(agreementsHeader+with(agreementRow, ",", tt.at, tt.value)), known)
		tt.judge(t, columns[tt.at], err)
	}
}

func TestFileProblems(t *testing.T) {
	tests := map[string]struct{ data, code string }{
		"empty":              {"", "intake.empty"},
		"byte order mark":    {"\xef\xbb\xbf\n", "intake.empty"},
		"UTF-16":             {"\xff\xfeg\x00i\x00", "intake.not_utf8"},
		"Windows-1250":       {peopleHeader + "\x8eofie", "intake.not_utf8"},
		"NUL":                {peopleHeader + "\x00", "intake.not_utf8"},
		"quotes":             {peopleHeader + "\"a;b\nc", "intake.quotes"},
		"no workbook":        {"PK\x03\x04 and nothing more", "intake.not_xlsx"},
		"unknown column":     {strings.Replace(peopleHeader, "credits", "ects", 1), "intake.column_unknown"},
		"missing column":     {strings.Replace(peopleHeader, ";credits", "", 1), "intake.column_missing"},
		"double column":      {strings.Replace(peopleHeader, "\n", ";Unit\n", 1), "intake.column_twice"},
		"too few cells":      {peopleHeader + "Jan;Novák\n", "intake.cell_count"},
		"too many cells":     {peopleHeader + strings.Replace(personRow, "\n", ";1\n", 1), "intake.cell_count"},
		"too many columns":   {strings.Repeat("a,", 300), "intake.too_many_columns"},
		"address twice":      {peopleHeader + personRow + with(personRow, ";", 6, ""), "intake.duplicate"},
		"identifier twice":   {peopleHeader + personRow + with(personRow, ";", 5, "other@mendelu.example"), "intake.duplicate"},
		"too large":          {strings.Repeat("x", MaxBytes+1), "intake.too_large"},
		"letters of no name": {peopleHeader + with(personRow, ";", 1, "\ufffd"), "intake.control_character"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := People([]byte(tt.data), known, today)
			var problems Problems
			if !errors.As(err, &problems) || problems[0].Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestOtherKinds(t *testing.T) {
	tests := map[string]struct {
		read func() error
		code string
	}{
		"a charter twice": {func() error {
			_, err := Institutions([]byte("erasmus_code,pic,legal_name,city,country\nIRL DUBLIN01,999999999,A,B,IE\nIRLDUBLIN01,999999998,A,B,IE\n"))
			return err
		}, "intake.duplicate"},
		"PIC": {func() error {
			_, err := Institutions([]byte("erasmus_code,pic,legal_name,city,country\nIRL DUBLIN01,99,A,B,IE\n"))
			return err
		}, "intake.pic"},
		"OID": {func() error {
			_, err := Institutions([]byte("erasmus_code,pic,legal_name,city,country,oid\nIRL DUBLIN01,999999999,A,B,IE,10110096\n"))
			return err
		}, "intake.oid"},
		"domain": {func() error {
			_, err := AllianceMembers([]byte("domain,erasmus_codes,name_en,name_local,country,language,time_zone\nhttps://mendelu.cz,CZ BRNO02,A,B,CZ,cs,Europe/Prague\n"))
			return err
		}, "intake.domain"},
		"unit above is unknown": {func() error {
			_, err := Units([]byte("code,name_en,name_local,parent\nA,a,a,B\n"))
			return err
		}, "intake.unit_unknown"},
		"unit below itself": {func() error {
			_, err := Units([]byte("code,name_en,name_local,parent\nA,a,a,B\nB,b,b,A\n"))
			return err
		}, "intake.unit_circle"},
		"coordinator of nothing": {func() error {
			_, err := StaffRoles([]byte("given_names,family_names,email,institution,role,unit,language\nA,B,a@b.example,NL EINDHOV03,coordinator,,nl\n"), known)
			return err
		}, "intake.coordinator_without_unit"},
		"partner's contact in a unit": {func() error {
			_, err := StaffRoles([]byte("given_names,family_names,email,institution,role,unit,language\nA,B,a@b.example,NL EINDHOV03,host,PEF,nl\n"), known)
			return err
		}, "intake.host_with_unit"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			var problems Problems
			if err := tt.read(); !errors.As(err, &problems) || problems[0].Code != tt.code {
				t.Errorf("got %v, want %s", err, tt.code)
			}
		})
	}
}

func TestSeparatorsMarksAndOrderDoNotMatter(t *testing.T) {
	want, err := People([]byte(peopleHeader+personRow), known, today)
	if err != nil {
		t.Fatal(err)
	}
	comma := strings.ReplaceAll(strings.Replace(peopleHeader+personRow, "1,60", `"1,60"`, 1), ";", ",")
	variants := map[string]string{
		"comma":           comma,
		"tab":             strings.ReplaceAll(peopleHeader+personRow, ";", "\t"),
		"byte order mark": "\xef\xbb\xbf" + peopleHeader + personRow,
		"CRLF":            strings.ReplaceAll(peopleHeader+personRow, "\n", "\r\n"),
		"capitals":        strings.ToUpper(peopleHeader) + personRow,
		"trailing blanks": peopleHeader + personRow + ";;;;;;;;;;;;\n\n",
		"last newline":    strings.TrimSuffix(peopleHeader+personRow, "\n"),
		"empty column":    strings.Replace(peopleHeader, "\n", ";\n", 1) + strings.Replace(personRow, "\n", ";\n", 1),
		"other order":     "credits;" + strings.Replace(peopleHeader, ";credits", "", 1) + "90;" + strings.Replace(personRow, ";90\n", "\n", 1),
	}
	for name, data := range variants {
		t.Run(name, func(t *testing.T) {
			got, err := People([]byte(data), known, today)
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, %v", got, err)
			}
		})
	}
}

func TestWebAddresses(t *testing.T) {
	tests := map[string]string{
		"www.uoi.gr / www.rc.uoi.gr":    "https://www.uoi.gr",
		"http//www.univ-perp.fr":        "http://www.univ-perp.fr",
		"www. iesadaja.centros.example": "https://www.iesadaja.centros.example",
		"www.lycée-edc.com":             "https://www.lycée-edc.com",
		"HTTPS://www.kug.ac.at/a?b":     "HTTPS://www.kug.ac.at/a?b",
		"someone@school.example":        "",
		"http://someone@school.example": "",
		"javascript:alert(1)":           "",
		"20004497200087":                "",
		"https://a.example/\"onclick=":  "",
	}
	for text, want := range tests {
		r := &reader{}
		if got := (cell{reader: r, text: text}).website(); got != want || len(r.notes) != map[bool]int{true: 1}[want == ""] {
			t.Errorf("%q gives %q, want %q; notes %v", text, got, want, r.notes)
		}
	}
}

// A file with every sort of problem, and what the sender is told: golden.
func TestProblemsAsTold(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "people-bad.csv"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = People(data, known, today)
	var problems Problems
	if !errors.As(err, &problems) {
		t.Fatalf("the file passed: %v", err)
	}
	var b strings.Builder
	for _, p := range problems {
		fmt.Fprintf(&b, "%s %v\n", p, p.Data)
	}
	golden := filepath.Join("testdata", "people-bad.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("got\n%swant\n%s", b.String(), want)
	}
}

func TestValuesStayOutOfLogsAndErrors(t *testing.T) {
	_, err := People([]byte(peopleHeader+with(personRow, ";", 5, "secret value")), known, today)
	var problems Problems
	if !errors.As(err, &problems) || problems[0].Value != "secret value" {
		t.Fatalf("%v", err)
	}
	for _, text := range []string{err.Error(), problems[0].String(), problems[0].LogValue().String(), problems.Invalid().Error()} {
		if strings.Contains(text, "secret") {
			t.Errorf("%q tells the value", text)
		}
	}
	if fields := problems.Invalid().Fields; fields[0].Field != "2.email" || fields[0].Code != "intake.email" {
		t.Errorf("fields %+v", fields)
	}
}
