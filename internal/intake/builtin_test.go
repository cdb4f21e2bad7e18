package intake

import (
	"errors"
	"testing"
)

func TestBuiltInInstitutionsLoadWhole(t *testing.T) {
	f, err := BuiltInInstitutions()
	var problems Problems
	if errors.As(err, &problems) {
		for _, p := range problems[:min(20, len(problems))] {
			t.Errorf("%v %q", p, p.Value)
		}
	}
	if err != nil || len(f.Rows) != 5912 {
		t.Fatalf("%d rows, want 5912: %v", len(f.Rows), err)
	}
	left := 0
	for _, n := range f.Notes {
		if n.Code == "intake.website_left_out" {
			left++
		}
	}
	t.Logf("%d notes, %d web addresses left out", len(f.Notes), left)
	byCode := map[string]Institution{}
	for _, i := range f.Rows {
		byCode[CodeKey(i.Code)] = i
	}
	for _, code := range []string{"CZ BRNO02", "IRL DUBLIN01", "g athine01", "LUXLUX-VIL01", "F PARIS 063"} {
		if byCode[CodeKey(code)].Name == "" {
			t.Errorf("%s is not found", code)
		}
	}
	if got := byCode["GATHINE01"].Country; got != "GR" {
		t.Errorf("Athens lies in %q", got)
	}
}

func TestMembersHaveChartersOnTheList(t *testing.T) {
	list, err := BuiltInInstitutions()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, i := range list.Rows {
		known[CodeKey(i.Code)] = true
	}
	members, err := Members()
	if err != nil || len(members.Rows) != 9 {
		t.Fatalf("%d members: %v", len(members.Rows), err)
	}
	for _, m := range members.Rows {
		for _, code := range m.Codes {
			if !known[CodeKey(code)] {
				t.Errorf("%s of %s is not on the list", code, m.Domain)
			}
		}
	}
}
