package proof_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// Every other assignment breaks a promise of its own, not only the words
// about it.
func TestNoOtherAssignmentIsLetThrough(t *testing.T) {
	about := []string{
		proof.ViolationQuota, proof.ViolationPassedOver, proof.ViolationPlaceLeft, proof.ViolationShare, proof.ViolationTied, proof.ViolationNotBest,
		proof.ViolationByHand,
	}
	for _, p := range plans {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			p.crowd = 4
			for n := range max(instances()/len(plans)/20, 10) {
				in := p.instance(rand.New(rand.NewPCG(uint64(n), 2)))
				w, r := newWorld(in), allocate(t, in)
				right := w.granted(r)
				w.assignments(func(s set) {
					if s == right {
						return
					}
					found := proof.Verify(in, w.regrant(r, s))
					if !slices.ContainsFunc(found, func(v proof.Violation) bool { return slices.Contains(about, v.Code) }) {
						t.Fatalf("instance %d: right is %s, but %s is let through with %+v\n%s", n, w.say(right), w.say(s), found, text(in))
					}
				})
			}
		})
	}
}

// regrant writes s into a copy of r: who has what, and the reserve that
// follows.
func (w *world) regrant(r selection.Result, s set) selection.Result {
	out := copied(r)
	waiting := map[uuid.UUID][]*selection.Choice{}
	for i := range out.Entries {
		e := &out.Entries[i]
		a := slices.IndexFunc(w.in.Applicants, func(a selection.Applicant) bool { return a.ID == e.Applicant })
		has := -1
		for _, x := range w.own[a] {
			if s.has(x) {
				has = w.pref[x]
			}
		}
		for k := range e.Choices {
			c := &e.Choices[k]
			c.Reserve = 0
			switch {
			case c.Outcome == selection.Gated:
			case k == has:
				c.Outcome = selection.Placed
			default:
				if c.Outcome = selection.NotPlaced; has < 0 && !w.in.NoReserve {
					waiting[c.Destination] = append(waiting[c.Destination], c)
				}
			}
		}
	}
	for _, list := range waiting {
		slices.SortFunc(list, func(a, b *selection.Choice) int { return a.Rank - b.Rank })
		for k, c := range list {
			if w.in.ReserveLimit == 0 || k < w.in.ReserveLimit {
				c.Outcome, c.Reserve = selection.Reserve, k+1
			}
		}
	}
	return out
}

func copied(r selection.Result) selection.Result {
	r.Entries, r.Destinations = slices.Clone(r.Entries), slices.Clone(r.Destinations)
	for i := range r.Entries {
		r.Entries[i].Choices = slices.Clone(r.Entries[i].Choices)
	}
	return r
}

// Whatever a planted fault changes in the bytes, the verifier finds, but for
// what has more than one right form. Every promise is found broken by some.
func TestVerifierFindsEveryPlantedFault(t *testing.T) {
	seen := map[string]bool{}
	for k, p := range plans {
		p.crowd = 6
		for n := range max(instances()/len(plans), 200) {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(k)))
			in := p.instance(rng)
			right := allocate(t, in)
			wrong := copied(right)
			names := ""
			for range 1 + rng.IntN(3) {
				f := faults[rng.IntN(len(faults))]
				f.plant(rng, in, &wrong)
				names += " " + f.name
			}
			found := verify(in, wrong)
			for _, v := range found {
				seen[v.Code] = true
			}
			switch same := bytes.Equal(essence(wrong), essence(right)); {
			case !same && len(found) == 0, len(found) > 0 && bytes.Equal(selection.Canonical(wrong), selection.Canonical(right)):
				t.Fatalf("%s, instance %d,%s: found %+v\n%s%s%s", p.name, n, names, found, text(in), selection.Canonical(right), selection.Canonical(wrong))
			}
		}
	}
	for _, code := range []string{
		proof.ViolationInput, proof.ViolationAccounted, proof.ViolationOrder, proof.ViolationShare, proof.ViolationQuota, proof.ViolationPassedOver,
		proof.ViolationPlaceLeft, proof.ViolationTied, proof.ViolationNotBest, proof.ViolationByHand, proof.ViolationGate, proof.ViolationReserve,
		proof.ViolationMoney, proof.ViolationReason,
	} {
		if !seen[code] {
			t.Errorf("no fault was found as %s", code)
		}
	}
}

// essence leaves out what has more than one right form: the numbers of
// standings, of which the order counts, and which of two pools that went to
// the same person, or which of two equal ones, a reason names.
func essence(r selection.Result) []byte {
	r = copied(r)
	for i := range r.Entries {
		for k := range r.Entries[i].Choices {
			c := &r.Entries[i].Choices[k]
			c.Standing, c.Reason.Quota = 0, uuid.Nil
			if r.Tied == selection.TiedRefuse || r.Tied == selection.TiedAdmit {
				c.Reason.Shared = false
			}
		}
	}
	return selection.Canonical(r)
}
