package data_test

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"peregrine/internal/demo/data"
	"peregrine/internal/intake"
)

// read returns the rows, or every problem as a failed test.
func read[T any](t *testing.T, f intake.File[T], err error) []T {
	t.Helper()
	var problems intake.Problems
	if errors.As(err, &problems) {
		for _, p := range problems {
			t.Errorf("%v, found %q", p, p.Value)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return f.Rows
}

func known(t *testing.T) intake.Known {
	t.Helper()
	units, hosts := map[string]bool{}, map[string]bool{}
	f, err := intake.Units(data.Units)
	for _, u := range read(t, f, err) {
		units[u.Code] = true
	}
	list, err := intake.BuiltInInstitutions()
	for _, i := range read(t, list, err) {
		hosts[intake.CodeKey(i.Code)] = true
	}
	return intake.Known{
		Unit: func(code string) bool { return units[code] },
		Host: func(key string) bool { return hosts[key] },
	}
}

func TestAgreementsAreRight(t *testing.T) {
	k := known(t)
	f, err := intake.Agreements(data.Agreements, k)
	rows := read(t, f, err)
	bip, err := intake.Agreements(data.BIP, k)
	if b := read(t, bip, err); len(b) != 1 || b[0].Places != 12 || b[0].HomeUnit != "PEF" || b[0].HostCode != "NL EINDHOV03" {
		t.Errorf("the programme at Fontys: %+v", b)
	}
	hosts, units, terms := map[string]bool{}, map[string]bool{}, map[intake.Term]int{}
	for _, a := range rows {
		hosts[intake.CodeKey(a.HostCode)], units[a.HomeUnit] = true, true
		terms[a.Term]++
		if a.AcademicYear != 2027 || a.SelectedBy != "home" || len(a.Languages) > 1 {
			t.Errorf("row %d: %+v", a.Row, a)
		}
	}
	if len(rows) < 40 || len(hosts) < 28 || len(units) != 6 || len(terms) != 3 {
		t.Errorf("%d agreements with %d hosts for %d units, terms %v", len(rows), len(hosts), len(units), terms)
	}
	members, err := intake.Members()
	for _, m := range read(t, members, err) {
		for _, code := range m.Codes {
			if m.Domain != "mendelu.cz" && !hosts[intake.CodeKey(code)] {
				t.Errorf("no agreement with %s (%s)", m.Domain, code)
			}
		}
	}
	staffAnswersFor(t, k, hosts)
}

// Every host has exactly one contact, every faculty its coordinator.
func staffAnswersFor(t *testing.T, k intake.Known, hosts map[string]bool) {
	t.Helper()
	f, err := intake.StaffRoles(data.Staff, k)
	contacts, coordinators := map[string]int{}, map[string]int{}
	for _, s := range read(t, f, err) {
		invented(t, s.Row, s.Email)
		switch s.Role {
		case "host":
			contacts[intake.CodeKey(s.Institution)]++
		case "coordinator":
			coordinators[s.Unit]++
		}
	}
	for host := range hosts {
		if contacts[host] != 1 && host != "BMECHELE14" { // the same institution as Geel
			t.Errorf("%s has %d contacts", host, contacts[host])
		}
	}
	if len(coordinators) != 6 {
		t.Errorf("coordinators of %v", coordinators)
	}
}

func TestPeopleAreRightAndOfEveryKind(t *testing.T) {
	f, err := intake.People(data.People, known(t), time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC))
	rows := read(t, f, err)
	nations, units := map[string]bool{}, map[string]int{}
	found := map[string]bool{}
	for _, p := range rows {
		invented(t, p.Row, p.Email)
		nations[p.Nationality] = true
		units[p.Unit]++
		found["no given name"] = found["no given name"] || p.GivenNames == ""
		found["one letter"] = found["one letter"] || len([]rune(p.GivenNames)) == 1
		found["right to left"] = found["right to left"] || strings.ContainsFunc(p.FamilyNames, rightToLeft)
		found["long"] = found["long"] || len([]rune(p.FamilyNames)) > 30
		found["no identifier"] = found["no identifier"] || p.ESI == ""
		found["no average"] = found["no average"] || !p.Average.Valid
		found["doctoral"] = found["doctoral"] || p.Cycle == 8
	}
	for what, ok := range found {
		if !ok {
			t.Errorf("nobody is: %s", what)
		}
	}
	for _, country := range []string{"CZ", "BE", "NL", "DK", "DE", "SE", "FI", "LT", "PT"} {
		if !nations[country] {
			t.Errorf("nobody is from %s", country)
		}
	}
	if len(rows) < 85 || len(units) != 6 || len(nations) < 30 {
		t.Errorf("%d people of %d nations in %v", len(rows), len(nations), units)
	}
}

func rightToLeft(r rune) bool { return unicode.Is(unicode.Hebrew, r) || unicode.Is(unicode.Arabic, r) }

func invented(t *testing.T, row int, email string) {
	t.Helper()
	if !strings.HasSuffix(email, ".example") {
		t.Errorf("row %d: the address could be somebody's", row)
	}
}
