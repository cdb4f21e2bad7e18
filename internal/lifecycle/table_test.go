package lifecycle

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"peregrine/internal/mobility"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

// worlds are facts in which each pair of guards that tells moves apart is
// answered both ways; whatever else a guard asks is answered with yes.
func worlds(s mobility.State) []Facts {
	var out []Facts
	for bits := range 64 {
		yes := func(bit int) bool { return bits>>bit&1 == 1 }
		f := Facts{
			State: s, DraftComplete: true, Submissions: 1, EnoughTime: true, Upgrades: true,
			ConfirmedBefore: true, HostRefused: true,
			Published: yes(0), SelectedByHost: yes(2), Publishing: yes(3), Deadlines: map[Deadline]time.Time{},
		}
		if yes(1) {
			f.FreePlaces = 1
		}
		at := noon.Add(time.Hour)
		if yes(4) {
			at = noon.Add(-time.Hour)
		}
		for _, kind := range Deadlines {
			f.Deadlines[kind] = at
		}
		if yes(5) {
			f.Deadlines[HostNomination] = noon.Add(time.Hour)
		}
		out = append(out, f)
	}
	return out
}

// permitted returns "role state move→to" for every move that some world lets
// through, found by asking Step for every state, move and role.
func permitted(d *Definition) map[string]bool {
	out := map[string]bool{}
	states := []mobility.State{""}
	for _, s := range d.States {
		states = append(states, s.Name)
	}
	roles := append([]mobility.Role{mobility.RoleOperator}, mobility.Roles...)
	names := map[string]bool{}
	for _, m := range d.Moves {
		names[m.Name] = true
	}
	for _, s := range states {
		for name := range names {
			for _, role := range roles {
				for _, f := range worlds(s) {
					o, err := Step(d, f, name, []mobility.Role{role}, noon)
					if err == nil {
						out[line(role, s, name, o.To.Name)] = true
					}
					if c := mobility.CodeOf(err); c == "refusal.not_from_here" || c == "refusal.not_your_move" {
						break // no fact changes that
					}
				}
			}
		}
	}
	return out
}

func line(role mobility.Role, s mobility.State, move string, to mobility.State) string {
	if s == "" {
		s = "new"
	}
	return fmt.Sprintf("%s %s %s→%s", role, s, move, to)
}

// expected reads a hand-written table.
func expected(t *testing.T, path string) map[string]bool {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	role := ""
	for _, l := range strings.Split(string(src), "\n") {
		words := strings.Fields(l)
		switch {
		case len(words) == 0 || strings.HasPrefix(l, "#"):
		case !strings.HasPrefix(l, " "):
			role = words[0]
		default:
			for _, move := range words[1:] {
				out[role+" "+words[0]+" "+move] = true
			}
		}
	}
	return out
}

func TestEveryStateMoveAndRole(t *testing.T) {
	for _, name := range builtInNames {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := permitted(builtIn(t, name)), expected(t, "testdata/"+name+".moves")
			for l := range got {
				if !want[l] {
					t.Errorf("allowed, but should not be: %s", l)
				}
			}
			for l := range want {
				if !got[l] {
					t.Errorf("refused in every world: %s", l)
				}
			}
		})
	}
}

// TestRefusalsAreTyped asks the same questions for the shape of the answer.
func TestRefusalsAreTyped(t *testing.T) {
	d := builtIn(t, "erasmus-study")
	cases := []struct {
		name, state, move, role string
		kind                    mobility.Kind
		code                    string
	}{
		{"unknown state", "limbo", "submit", "applicant", mobility.Internal, "refusal.unknown_state"},
		{"unknown move", "draft", "fly", "applicant", mobility.Conflict, "refusal.unknown_move"},
		{"not from here", "draft", "confirm", "applicant", mobility.Conflict, "refusal.not_from_here"},
		{"not yours", "offered", "confirm", "coordinator", mobility.Forbidden, "refusal.not_your_move"},
		{"only by publishing", "submitted", "place", "officer", mobility.Conflict, "refusal.only_by_publishing"},
		{"timer not due", "offered", "lapse", "system", mobility.Conflict, "refusal.not_due"},
	}
	for _, c := range cases {
		f := Facts{State: mobility.State(c.state), Deadlines: map[Deadline]time.Time{ConfirmBy: noon}}
		_, err := Step(d, f, c.move, []mobility.Role{mobility.Role(c.role)}, noon)
		if mobility.KindOf(err) != c.kind || mobility.CodeOf(err) != c.code {
			t.Errorf("%s: got %v", c.name, err)
		}
	}
}
