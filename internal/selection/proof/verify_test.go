package proof_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// instances is how many small instances are tried in all.
func instances() int {
	switch {
	case os.Getenv("PEREGRINE_SOAK") != "":
		return 1_000_000
	case testing.Short():
		return 2_000
	}
	return 12_000
}

// Allocate gives what the oracle finds among all assignments, and Verify lets
// it through.
func TestAllocateIsWhatTheMethodMeans(t *testing.T) {
	for _, p := range plans {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for n := range instances() / len(plans) {
				in := p.instance(rand.New(rand.NewPCG(uint64(n), 1)))
				w, r := newWorld(in), allocate(t, in)
				if got, want := w.granted(r), w.right(t); got != want {
					t.Fatalf("instance %d: got %s, the oracle gives %s\n%s", n, w.say(got), w.say(want), text(in))
				}
				if found := verify(in, r); len(found) > 0 {
					t.Fatalf("instance %d: the verifier refuses a right result: %+v\n%s%s", n, found, text(in), selection.Canonical(r))
				}
			}
		})
	}
}

// verify leaves out that people may have decided more than there is.
func verify(in selection.Input, r selection.Result) []proof.Violation {
	return slices.DeleteFunc(proof.Verify(in, r), func(v proof.Violation) bool {
		return in.Method == selection.MethodByHand && v.Code == proof.ViolationQuota
	})
}

// say writes a set as applicant→destination.
func (w *world) say(s set) string {
	out := ""
	s.each(func(x int) { out += fmt.Sprintf(" a%d→d%d", w.of[x], w.at[x]) })
	return out
}
