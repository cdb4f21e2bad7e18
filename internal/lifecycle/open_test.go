package lifecycle

import (
	"strings"
	"testing"
	"time"

	"peregrine/internal/mobility"
)

// seen writes what a page shows: open moves as they are, refused ones with
// why, those not meant here in brackets.
func seen(d *Definition, f Facts, role mobility.Role) string {
	var out []string
	for _, a := range d.Open(f, []mobility.Role{role}, noon) {
		words := a.Move.Name
		if a.Refusal != nil {
			words += "!" + strings.TrimPrefix(a.Refusal.Code, "refusal.")
		}
		if a.Hide {
			words = "(" + words + ")"
		}
		out = append(out, words)
	}
	return strings.Join(out, " ")
}

func TestOpenSaysWhyAButtonIsNotThere(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	passed := map[Deadline]time.Time{Closes: noon, ConfirmBy: noon, HostNomination: noon}
	cases := []struct {
		name  string
		facts Facts
		role  mobility.Role
		want  string
	}{
		{"applicant with an offer", Facts{State: "offered"}, mobility.RoleApplicant, "withdraw confirm (decline!no_second_class) decline"},
		{"too late to confirm", Facts{State: "offered", Deadlines: passed}, mobility.RoleApplicant, "withdraw confirm!confirm_by_passed (decline!no_second_class) decline"},
		{"draft with gaps", Facts{State: "draft", DraftProblems: 3, Deadlines: map[Deadline]time.Time{Closes: noon.Add(1)}}, mobility.RoleApplicant, "submit!draft_incomplete"},
		{"officer before publication", Facts{State: "withdrawn"}, mobility.RoleOfficer, "undo_withdrawal (undo_withdrawal_late!not_published_yet)"},
		{"officer after publication", Facts{State: "withdrawn", Published: true}, mobility.RoleOfficer, "(undo_withdrawal!already_published) undo_withdrawal_late"},
		{"host's deadline over", Facts{State: "confirmed", Deadlines: passed}, mobility.RoleOfficer, "withdraw_offer undo_confirmation nominate!host_deadline_passed nominate_late"},
		{"outcomes are no buttons", Facts{State: "ineligible"}, mobility.RoleOfficer, "reopen_ineligible (reopen_ineligible_late!not_published_yet)"},
		{"nobody's business", Facts{State: "draft"}, mobility.RoleCoordinator, ""},
	}
	for _, c := range cases {
		if got := seen(d, c.facts, c.role); got != c.want {
			t.Errorf("%s:\n got %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestSavingIsAllowedWhileSubmittingWouldBeInTime(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	open := map[Deadline]time.Time{Closes: noon, CompleteBy: noon}
	cases := []struct {
		state mobility.State
		now   time.Time
		code  string
	}{
		{"draft", noon.Add(-1), ""},
		{"draft", noon, "refusal.closed"},
		{"submitted", noon.Add(-1), ""},
		{"submitted", noon, "refusal.closed"},
		{"returned", noon.Add(-1), ""},
		{"returned", noon, "refusal.complete_by_passed"},
		{"offered", noon.Add(-1), "refusal.not_editable"},
	}
	for _, c := range cases {
		code := ""
		if refused := d.CanEdit(Facts{State: c.state, Deadlines: open}, c.now); refused != nil {
			code = refused.Code
		}
		if code != c.code {
			t.Errorf("%s at %s: got %q, want %q", c.state, c.now.Sub(noon), code, c.code)
		}
	}
}

func TestMissingNamesWhatWasNotGiven(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	m := d.MovesNamed("return")[0]
	fields := func(given ...string) string {
		var out []string
		for _, p := range m.Missing(func(field string) bool { return strings.Contains(strings.Join(given, " "), field) }) {
			out = append(out, p.Field)
		}
		return strings.Join(out, " ")
	}
	if got := fields(); got != "reason questions complete_by" {
		t.Errorf("nothing given: %s", got)
	}
	if got := fields("reason", "questions", "complete_by"); got != "" {
		t.Errorf("all given: %s", got)
	}
	if got := d.MovesNamed("accept")[0].Missing(func(string) bool { return false }); len(got) != 0 {
		t.Errorf("an optional comment is asked for: %v", got)
	}
}
