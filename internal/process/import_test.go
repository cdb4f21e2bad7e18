package process_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// problemsOf returns the problems an import was refused with.
func problemsOf(t *testing.T, err error) intake.Problems {
	t.Helper()
	var p intake.Problems
	if !errors.As(err, &p) {
		t.Fatalf("no problems but %v", err)
	}
	return p
}

func counts(t *testing.T, what string, got process.Imported, err error, added, changed, unchanged int) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if want := (process.Imported{Added: added, Changed: changed, Unchanged: unchanged}); got != want {
		t.Errorf("%s: %+v, want %+v", what, got, want)
	}
}

func hasProblem(t *testing.T, err error, row int, column, code string) {
	t.Helper()
	for _, p := range problemsOf(t, err) {
		if p.Row == row && p.Column == column && p.Code == code {
			return
		}
	}
	t.Errorf("no problem %s in row %d, column %s: %v", code, row, column, problemsOf(t, err))
}

func TestImportTheEuropeanListAndTheMembers(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	list, err := intake.BuiltInInstitutions()
	if err != nil {
		t.Fatal(err)
	}
	members, err := intake.Members()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	got, err := w.Process.ImportInstitutions(t.Context(), start, list.Rows)
	counts(t, "list", got, err, len(list.Rows), 0, 0)
	t.Logf("%d institutions took %s", len(list.Rows), time.Since(start))
	got, err = w.Process.ImportMembers(t.Context(), start, members.Rows)
	counts(t, "members", got, err, 0, len(members.Rows), 0)
	got, err = w.Process.ImportMembers(t.Context(), start, members.Rows)
	counts(t, "members again", got, err, 0, 0, len(members.Rows))
	got, err = w.Process.ImportInstitutions(t.Context(), start, list.Rows)
	counts(t, "list again", got, err, 0, 0, len(list.Rows))
	if n := testkit.One[int](w, `SELECT count(*)::int FROM erasmus_codes c JOIN institutions i ON i.id = c.institution_id WHERE i.schac_domain = 'thomasmore.be'`); n != 2 {
		t.Errorf("Thomas More has %d codes", n)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM institutions i WHERE NOT tenant AND NOT EXISTS (SELECT 1 FROM erasmus_codes c WHERE c.institution_id = i.id)`); n != 0 {
		t.Errorf("%d institutions without a code are left", n)
	}
	list.Rows[0].City = "Elsewhere"
	got, err = w.Process.ImportInstitutions(t.Context(), start, list.Rows)
	counts(t, "one moved", got, err, 0, 1, len(list.Rows)-1)
}

func TestAMembersCodeInUseIsAProblem(t *testing.T) {
	t.Parallel()
	w := office(t)
	w.Exec(`INSERT INTO institutions (id, name, country) VALUES ('00000000-0000-0000-0000-00000000000a', 'Second', 'FI')`)
	w.Exec(`INSERT INTO erasmus_codes VALUES ('SF SECOND01', '00000000-0000-0000-0000-00000000000a')`)
	w.Exec(`UPDATE agreements SET host_institution_id = '00000000-0000-0000-0000-00000000000a'`)
	member := intake.Member{Row: 2, Domain: "host.example", Codes: []string{"SF HOST01", "SF SECOND01"}, NameEN: "Host", NameLocal: "Host", Country: "FI", Language: "fi", Zone: "Europe/Helsinki"}
	_, err := w.Process.ImportMembers(t.Context(), time.Now(), []intake.Member{member})
	hasProblem(t, err, 2, "erasmus_codes", "import.code_in_use")
	if n := testkit.One[int](w, `SELECT count(*)::int FROM institutions WHERE schac_domain = 'host.example'`); n != 0 {
		t.Error("half imported")
	}
}

// office is a world whose institutions have codes.
func office(t *testing.T) *testkit.World {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	w.Exec(`INSERT INTO erasmus_codes (code, institution_id) VALUES ('CZ HOME01', $1), ('SF HOST01', $2)`, w.Home, w.Host)
	return w
}

func TestImportUnits(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Unit{
		{Row: 2, Code: "FBE", NameEN: "Business", NameLocal: "Provozně ekonomická"},
		{Row: 3, Code: "D1", NameEN: "Department", NameLocal: "Ústav", Parent: "FBE"},
	}
	got, err := w.Process.ImportUnits(t.Context(), time.Now(), w.Home, rows)
	counts(t, "units", got, err, 1, 1, 0)
	got, err = w.Process.ImportUnits(t.Context(), time.Now(), w.Home, rows)
	counts(t, "units again", got, err, 0, 0, 2)
	rows[1].Parent = "AF"
	got, err = w.Process.ImportUnits(t.Context(), time.Now(), w.Home, rows)
	counts(t, "another parent", got, err, 0, 1, 1)
	if parent := testkit.One[string](w, `SELECT p.code FROM units u JOIN units p ON p.id = u.parent_id WHERE u.code = 'D1'`); parent != "AF" {
		t.Errorf("parent %s", parent)
	}
	if _, err := w.Process.ImportUnits(t.Context(), time.Now(), uuid.New(), rows); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("of nobody: %v", err)
	}
}

func agreementRow(row int, term intake.Term, places int) intake.Agreement {
	return intake.Agreement{
		Row: row, HomeUnit: "FBE", HostCode: "SFHOST01", ISCED: "0311", Cycle: 7, Places: places, Months: 5, Languages: []intake.Language{{Language: "en", Level: "B2"}},
		Term: term, AcademicYear: 2028, Deadline: mobility.Wall(2028, time.April, 15, 23, 59), HomeAgreementID: "H-" + string(term), SelectedBy: "home",
	}
}

func TestImportAgreementsMakesPools(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Agreement{agreementRow(2, "autumn", 2), agreementRow(3, "year", 1)}
	rows[1].Cycle, rows[1].DeadlineZone = 0, "Europe/Prague"
	got, err := w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, rows)
	counts(t, "agreements", got, err, 2, 0, 0)
	if n := testkit.One[int](w, `SELECT count(*)::int FROM pools WHERE academic_year = '2028/29'`); n != 3 {
		t.Errorf("%d pools, want one for the autumn and two for the year", n)
	}
	got, err = w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, rows)
	counts(t, "agreements again", got, err, 0, 0, 2)
	rows[1].Places = 4
	got, err = w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, rows)
	counts(t, "more places", got, err, 0, 1, 1)
	if n := testkit.One[int](w, `SELECT sum(places)::int FROM pools WHERE academic_year = '2028/29'`); n != 10 {
		t.Errorf("%d places in all", n)
	}
}

func TestBadAgreementsImportNothing(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := make([]intake.Agreement, 6)
	for n := range rows {
		rows[n] = agreementRow(n+2, "autumn", 1)
		rows[n].HomeAgreementID = fmt.Sprint(n)
	}
	rows[1].HomeUnit, rows[2].HostCode, rows[3].HomeUnit = "NOPE", "A NOWHERE01", ""
	rows[4].Languages = append(rows[4].Languages, intake.Language{Language: "de", Level: "B1"})
	rows[5].HostCode = "CZ HOME01"
	_, err := w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, rows)
	hasProblem(t, err, 3, "home_unit", "intake.unit_unknown")
	hasProblem(t, err, 4, "host_code", "intake.host_unknown")
	hasProblem(t, err, 5, "home_unit", "import.unit_needed")
	hasProblem(t, err, 6, "cefr", "import.one_language")
	hasProblem(t, err, 7, "host_code", "import.host_is_home")
	if n := testkit.One[int](w, `SELECT count(*)::int FROM agreements WHERE academic_year = '2028/29'`); n != 0 {
		t.Errorf("%d half imported", n)
	}
}

func TestPlacesAreNeverLoweredBelowWhatIsHeld(t *testing.T) {
	t.Parallel()
	w := office(t)
	for _, name := range []string{"Anna", "Bert"} {
		w.Marked(w.Submitted(w.Student(name, "1.2")), "28")
	}
	w.Published(w.AfterClose)
	row := agreementRow(2, "autumn", 1) // two are held
	row.AcademicYear, row.Cycle, row.HomeAgreementID = 2027, 6, "A0"
	row.Deadline = mobility.Wall(2027, time.April, 15, 23, 59)
	_, err := w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, []intake.Agreement{row})
	hasProblem(t, err, 2, "places", "import.places_below_held")
	err = w.Process.Overbook(t.Context(), w.Officer, process.Overbook{Pool: w.Pools[0], Number: 1, Rule: "partner_cut_places", Why: "One place fewer.", Arrived: w.AfterClose})
	if err != nil {
		t.Fatal(err)
	}
	got, err := w.Process.ImportAgreements(t.Context(), time.Now(), w.Home, []intake.Agreement{row})
	counts(t, "after overbooking", got, err, 0, 1, 0)
	verifyClean(t.Context(), t, w)
}

func personRow(row int, name, email, esi string) intake.Person {
	return intake.Person{
		Row: row, GivenNames: name, FamilyNames: "Nováková", BirthDate: time.Date(2004, 5, 6, 0, 0, 0, 0, time.UTC), Nationality: "CZ", Gender: 2,
		Email: email, ESI: esi, Unit: "FBE", Cycle: 6, ISCED: "0311", Year: 2, Average: nullDecimal("1.5"), Credits: nullDecimal("90"),
	}
}

func nullDecimal(s string) decimal.NullDecimal {
	return decimal.NewNullDecimal(decimal.RequireFromString(s))
}

const esi = "urn:schac:personalUniqueCode:int:esi:home.example:"

func TestImportPeople(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Person{personRow(2, "Anna", "anna@home.example", esi+"1"), personRow(3, "Bert", "bert@home.example", "")}
	rows[1].Average = decimal.NullDecimal{}
	got, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	counts(t, "people", got, err, 2, 0, 0)
	got, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	counts(t, "people again", got, err, 0, 0, 2)
	rows[0].Average, rows[1].ESI = nullDecimal("1.25"), esi+"2"
	got, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	counts(t, "another average, an identifier", got, err, 0, 2, 0)
	if a := testkit.One[string](w, `SELECT average::text FROM affiliations f JOIN persons p ON p.id = f.person_id WHERE p.email = 'anna@home.example'`); a != "1.2500" {
		t.Errorf("average %s", a)
	}
	rows[0].Unit = "AF"
	got, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	counts(t, "another faculty", got, err, 0, 1, 1)
	rows[0].Unit = "FBE"
	got, err = w.Process.ImportPeople(t.Context(), time.Now().Add(time.Hour), w.Home, rows)
	counts(t, "back", got, err, 0, 1, 1)
	if unit := testkit.One[string](w, `SELECT u.code FROM affiliations f JOIN units u ON u.id = f.unit_id JOIN persons p ON p.id = f.person_id
		WHERE p.email = 'anna@home.example' ORDER BY f.imported_at DESC LIMIT 1`); unit != "FBE" {
		t.Errorf("the newest affiliation is %s", unit)
	}
}

func TestASubmissionKeepsItsAverage(t *testing.T) {
	t.Parallel()
	w := office(t)
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	row := personRow(2, "Anna", testkit.One[string](w, `SELECT email FROM persons WHERE id = $1`, anna.Person), "")
	row.Average = nullDecimal("3")
	got, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, []intake.Person{row})
	counts(t, "a worse average", got, err, 0, 1, 0)
	if kept := testkit.One[string](w, `SELECT c.facts ->> 'average' FROM submission_contents c JOIN submissions s ON s.id = c.submission_id WHERE s.application_id = $1`, a); kept != "1.2" {
		t.Errorf("the submission says %s", kept)
	}
}

func TestAChangedAddressIsCorrectedAndTheOldOneTold(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Person{personRow(2, "Anna", "anna@home.example", esi+"1"), personRow(3, "Bert", "bert@home.example", esi+"2")}
	_, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	if err != nil {
		t.Fatal(err)
	}
	rows[0].Email = "anna.new@home.example"
	got, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	counts(t, "a new address", got, err, 0, 1, 1)
	old := testkit.One[string](w, `SELECT o.email FROM letters l JOIN person_addresses o ON o.id = (l.data ->> 'old_address')::uuid WHERE l.kind = 'address_changed' AND l.recipient = 'old_address'`)
	if old != "anna@home.example" {
		t.Errorf("told is %s", old)
	}
	rows[0].Email = "bert@home.example"
	_, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows[:1])
	hasProblem(t, err, 2, "email", "import.address_of_another")
	rows[0].Email = "anna.third@home.example"
	w.Exec(`INSERT INTO person_facts (institution_id, person_id) SELECT $1, id FROM persons WHERE email = 'anna.new@home.example'`, w.Host)
	_, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows[:1])
	hasProblem(t, err, 2, "email", "import.address_known_elsewhere")
	verifyClean(t.Context(), t, w)
}

func TestBadPeopleImportNothing(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Person{personRow(2, "Anna", "anna@home.example", esi+"1"), personRow(3, "Bert", "bert@home.example", "")}
	rows[1].Unit = "NOPE"
	_, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows)
	hasProblem(t, err, 3, "unit", "intake.unit_unknown")
	if n := testkit.One[int](w, `SELECT count(*)::int FROM persons WHERE email LIKE 'anna@%'`); n != 0 {
		t.Error("half imported")
	}
	rows[1].Unit = "FBE"
	if _, err := w.Process.ImportPeople(t.Context(), time.Now(), w.Home, rows); err != nil {
		t.Fatal(err)
	}
	_, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, []intake.Person{personRow(2, "Anna", "anna@home.example", esi+"9")})
	hasProblem(t, err, 2, "esi", "import.esi_differs")
	twice := []intake.Person{personRow(2, "Anna", "anna@home.example", ""), personRow(3, "Anna", "other@home.example", esi+"1")}
	_, err = w.Process.ImportPeople(t.Context(), time.Now(), w.Home, twice)
	hasProblem(t, err, 3, "email", "intake.duplicate")
}

func TestImportStaff(t *testing.T) {
	t.Parallel()
	w := office(t)
	rows := []intake.Staff{
		{Row: 2, GivenNames: "Olga", FamilyNames: "Malá", Email: "olga@home.example", Institution: "CZ HOME01", Role: "officer", Language: "cs"},
		{Row: 3, GivenNames: "Olga", FamilyNames: "Malá", Email: "olga@home.example", Institution: "CZ HOME01", Role: "coordinator", Unit: "FBE", Language: "cs"},
		{Row: 4, GivenNames: "Hanna", FamilyNames: "Host", Email: "hanna@host.example", Institution: "SF HOST01", Role: "host", Language: "en"},
	}
	got, err := w.Process.ImportStaff(t.Context(), time.Now(), w.Home, rows)
	counts(t, "staff", got, err, 2, 1, 0)
	got, err = w.Process.ImportStaff(t.Context(), time.Now(), w.Home, rows)
	counts(t, "staff again", got, err, 0, 0, 3)
	rows[0].Institution, rows[1].Unit = "SF HOST01", "NOPE"
	rows = append(rows, intake.Staff{Row: 5, Email: "other@host.example", FamilyNames: "Other", Institution: "SF HOST01", Role: "host"})
	_, err = w.Process.ImportStaff(t.Context(), time.Now(), w.Home, rows)
	hasProblem(t, err, 2, "institution", "import.other_institution")
	hasProblem(t, err, 3, "unit", "intake.unit_unknown")
	hasProblem(t, err, 5, "email", "import.second_contact")
	verifyClean(t.Context(), t, w)
}

func TestARoleForAnApplicantBarsThemFromTheirFile(t *testing.T) {
	t.Parallel()
	w := office(t)
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	email := testkit.One[string](w, `SELECT email FROM persons WHERE id = $1`, anna.Person)
	row := intake.Staff{Row: 2, FamilyNames: "Nováková", Email: email, Institution: "CZ HOME01", Role: "assessor", Language: "cs"}
	if _, err := w.Process.ImportStaff(t.Context(), time.Now(), w.Home, []intake.Staff{row}); err != nil {
		t.Fatal(err)
	}
	if kind := testkit.One[string](w, `SELECT kind FROM conflicts WHERE application_id = $1 AND person_id = $2`, a, anna.Person); kind != "same_person" {
		t.Errorf("conflict %s", kind)
	}
}
