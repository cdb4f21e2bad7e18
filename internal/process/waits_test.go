package process_test

import (
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/testkit"
)

const reservingScheme = `
name: reserving
criteria:
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
gates:
  - {key: eight, require: points(letter) >= 8, effect: reserve}
  - {key: seven, require: points(letter) >= 7, effect: reserve}
`

// A gate that leaves only the reserve has nothing to do with how quotas lie to
// each other: a quota of one faculty stays nested, and is not used up by who
// may only wait.
func TestWhoMayOnlyWaitCrossesNoQuota(t *testing.T) {
	t.Parallel()
	for _, ties := range []selection.TiePolicy{selection.TiedID, selection.TiedRefuse, selection.TiedAdmit} {
		t.Run(string(ties), func(t *testing.T) {
			t.Parallel()
			b, ids := reserving(t, ties, "9", "6", "8")
			run, err := b.Compute()
			if err != nil {
				t.Fatal(err)
			}
			for i, want := range []selection.Outcome{selection.Placed, selection.Reserve, selection.Reserve} {
				c := choiceOf(t, run.Result, ids[i])
				if c.Outcome != want {
					t.Errorf("candidate %d: %s for %s", i, c.Outcome, c.Reason.Code)
				}
			}
			if r := choiceOf(t, run.Result, ids[1]).Reason; r.Code != selection.ReasonWaitsOnly || r.Gate != process.SchemeGate+"eight" {
				t.Errorf("the reason is %+v", r)
			}
			if f := run.Result.Destinations[0]; f.Refused != 1 || f.Waiting != 2 || f.HighestRefused.Decimal.String() != "8" {
				t.Errorf("figures %+v", f)
			}
		})
	}
}

// Who is let through one such gate still waits for the next.
func TestALiftedGateLeavesTheNext(t *testing.T) {
	t.Parallel()
	b, ids := reserving(t, selection.TiedID, "6")
	for _, step := range []struct{ lift, gate string }{{"eight", "seven"}, {"seven", ""}} {
		b.Candidates[0].Wishes[0].Lifted = append(b.Candidates[0].Wishes[0].Lifted, step.lift)
		run, err := b.Compute()
		if err != nil {
			t.Fatal(err)
		}
		if c := choiceOf(t, run.Result, ids[0]); strings.TrimPrefix(c.Reason.Gate, process.SchemeGate) != step.gate || (c.Outcome == selection.Placed) != (step.gate == "") {
			t.Errorf("%s lifted: %s, %+v", step.lift, c.Outcome, c.Reason)
		}
	}
}

// reserving is the basis of a round with two places for everybody and one for
// the faculty they all are of.
func reserving(t *testing.T, ties selection.TiePolicy, points ...string) (*process.Basis, []uuid.UUID) {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	w.Scheme(reservingScheme)
	ids := make([]uuid.UUID, len(points))
	for i, p := range points {
		ids[i] = w.Submitted(w.Student("S", "1"))
		w.Marked(ids[i], p)
	}
	b, err := w.Process.Basis(t.Context(), w.Officer, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	quota := uuid.New()
	b.Rules.Method, b.Rules.Ties = string(selection.MethodFirstChoice), string(ties)
	b.Rules.Quotas = append(b.Rules.Quotas, mobility.QuotaRule{Pool: quota, Unit: b.Candidates[0].Units[0], Places: 1})
	b.Pools = append(b.Pools, selection.Pool{ID: quota, Free: 1, Group: quota.String()})
	b.Destinations[0].Pools = append(b.Destinations[0].Pools, quota)
	return b, ids
}

func choiceOf(t *testing.T, r selection.Result, application uuid.UUID) selection.Choice {
	t.Helper()
	for _, e := range r.Entries {
		if e.Applicant == application {
			return e.Choices[0]
		}
	}
	t.Fatal("not in the result")
	return selection.Choice{}
}
