package proof_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/selection"
	"peregrine/internal/selection/proof"
)

// reserve draws a live reserve with a few free places.
func reserve(rng *rand.Rand, s shape, upgrades, uniform bool) selection.ReserveState {
	p := plan{method: selection.MethodList, tied: strict, shape: s, crowd: 5, choices: 4}
	in := p.draw(rng)
	out := selection.ReserveState{UntilConfirmed: upgrades, Pools: in.Pools, Destinations: in.Destinations}
	ranks := make([][]int, len(in.Destinations))
	for d := range ranks {
		ranks[d] = rng.Perm(len(in.Applicants))
		if uniform {
			ranks[d] = ranks[0]
		}
	}
	for n, a := range in.Applicants {
		w := selection.Waiting{Applicant: a.ID, Quotas: a.Quotas}
		class := rng.IntN(6) / 4
		for _, x := range a.Wishes {
			d := int(x.Destination[15])
			w.Wishes = append(w.Wishes, selection.Stand{Destination: x.Destination, Class: class, Rank: ranks[d][n] + 1})
		}
		if k := len(w.Wishes); upgrades && k > 0 && chance(rng, 50) {
			w.Holds, w.Wishes = w.Wishes[k-1].Destination, w.Wishes[:k-1]
		}
		out.Waiting = append(out.Waiting, w)
	}
	return out
}

func sayReserve(s selection.ReserveState, promoted []selection.Promotion) string {
	var b strings.Builder
	name := func(id uuid.UUID) string {
		if id == uuid.Nil {
			return "-"
		}
		return fmt.Sprintf("%c%d", id[0], id[15])
	}
	fmt.Fprintf(&b, "until confirmed: %v\n", s.UntilConfirmed)
	for _, p := range s.Pools {
		fmt.Fprintf(&b, "%s free %d group %q\n", name(p.ID), p.Free, p.Group)
	}
	for _, d := range s.Destinations {
		fmt.Fprintf(&b, "%s draws on", name(d.ID))
		for _, p := range d.Pools {
			fmt.Fprintf(&b, " %s", name(p))
		}
		b.WriteString("\n")
	}
	for _, w := range s.Waiting {
		fmt.Fprintf(&b, "%s %v holds %s wants", name(w.Applicant), w.Quotas, name(w.Holds))
		for _, x := range w.Wishes {
			fmt.Fprintf(&b, " %s (class %d, rank %d)", name(x.Destination), x.Class, x.Rank)
		}
		b.WriteString("\n")
	}
	for _, p := range promoted {
		fmt.Fprintf(&b, "%s gets %s for %s, wish %d\n", name(p.Applicant), name(p.Destination), name(p.From), p.Preference)
	}
	return b.String()
}

// asInput says the same as a ranking: who stands before has more points.
func asInput(s selection.ReserveState) selection.Input {
	in := selection.Input{Method: selection.MethodDeferred, Tied: selection.TiedID, Pools: s.Pools, Destinations: s.Destinations}
	for _, w := range s.Waiting {
		a := selection.Applicant{ID: w.Applicant, Quotas: w.Quotas}
		for k, x := range w.Wishes {
			points := decimal.NewFromInt(int64(900 - 100*x.Class - x.Rank))
			if k == 0 {
				a.Points = points
			}
			a.Wishes = append(a.Wishes, selection.Wish{Destination: x.Destination, Points: points})
		}
		in.Applicants = append(in.Applicants, a)
	}
	return in
}

// By `upgrades: none` what is free goes to those waiting as the places did:
// the best stable assignment for them, or down the list where there is one.
func TestPromoteIsTheBestForThoseWaiting(t *testing.T) {
	for k, shape := range []shape{single, common, nested, crossing} {
		for n := range max(instances()/40, 50) {
			s := reserve(rand.New(rand.NewPCG(uint64(n), uint64(k))), shape, false, chance(rand.New(rand.NewPCG(uint64(n), 9)), 30))
			got := selection.Promote(s)
			if found := proof.VerifyPromotion(s, got); len(found) > 0 {
				t.Fatalf("shape %d, state %d: the verifier refuses %+v\n%s", shape, n, found, sayReserve(s, got))
			}
			in := asInput(s)
			if in.Check() != nil { // quotas cross
				continue
			}
			w := newWorld(in)
			want := w.right(t)
			if has := w.promotedSet(got); has != want {
				t.Fatalf("shape %d, state %d: got %s, right is %s\n%s", shape, n, w.say(has), w.say(want), sayReserve(s, got))
			}
			w.assignments(func(other set) {
				if found := proof.VerifyPromotion(s, w.promotions(other)); other != want && w.feasible(other) && len(found) == 0 && !w.stable(other) {
					t.Fatalf("shape %d, state %d: %s is let through, right is %s\n%s", shape, n, w.say(other), w.say(want), sayReserve(s, got))
				}
			})
		}
	}
}

func (w *world) promotedSet(ps []selection.Promotion) (out set) {
	for _, p := range ps {
		for a, own := range w.own {
			for _, x := range own {
				if w.in.Applicants[a].ID == p.Applicant && w.pref[x] == p.Preference-1 {
					out |= 1 << x
				}
			}
		}
	}
	return out
}

func (w *world) promotions(s set) (out []selection.Promotion) {
	s.each(func(x int) {
		out = append(out, selection.Promotion{
			Applicant: w.in.Applicants[w.of[x]].ID, Destination: w.in.Destinations[w.at[x]].ID, Preference: w.pref[x] + 1,
		})
	})
	return out
}

// By `until_confirmed` a free place goes to the best-standing who wants it
// more than what they hold, and so does what they held.
func TestPromoteChainsUntilNobodyMoves(t *testing.T) {
	moved := 0
	for k, shape := range []shape{single, common, nested, crossing} {
		for n := range max(instances()/40, 50) {
			s := reserve(rand.New(rand.NewPCG(uint64(n), uint64(k))), shape, true, false)
			got := selection.Promote(s)
			if found := proof.VerifyPromotion(s, got); len(found) > 0 {
				t.Fatalf("shape %d, state %d: the verifier refuses %+v\n%s", shape, n, found, sayReserve(s, got))
			}
			if want := chain(s); shape == single && sayReserve(s, got) != sayReserve(s, want) {
				t.Fatalf("state %d: %s\nright is\n%s", n, sayReserve(s, got), sayReserve(s, want))
			}
			for _, p := range got {
				if p.From != uuid.Nil {
					moved++
				}
			}
		}
	}
	if moved == 0 {
		t.Error("nobody moved up")
	}
}

// chain moves one after another: as long as a destination of its own pool has
// a place, its best-standing takes it and gives back what they had.
func chain(s selection.ReserveState) (out []selection.Promotion) {
	free, has, pool := map[uuid.UUID]int{}, map[int]int{}, map[uuid.UUID]uuid.UUID{}
	for _, p := range s.Pools {
		free[p.ID] = p.Free
	}
	for _, d := range s.Destinations {
		pool[d.ID] = d.Pools[0]
	}
	for i, w := range s.Waiting {
		has[i] = len(w.Wishes)
	}
	for moved := true; moved; {
		moved = false
		for _, d := range s.Destinations {
			best, at := -1, 0
			for i, w := range s.Waiting {
				for _, x := range w.Wishes[:has[i]] {
					if x.Destination == d.ID && (best < 0 || x.Class*100+x.Rank < at) {
						best, at = i, x.Class*100+x.Rank
					}
				}
			}
			if best < 0 || free[pool[d.ID]] == 0 {
				continue
			}
			w := s.Waiting[best]
			left := w.Holds
			if has[best] < len(w.Wishes) {
				left = w.Wishes[has[best]].Destination
			}
			free[pool[left]]++
			free[pool[d.ID]]--
			has[best] = slices.IndexFunc(w.Wishes, func(x selection.Stand) bool { return x.Destination == d.ID })
			moved = true
		}
	}
	for i, w := range s.Waiting {
		if has[i] < len(w.Wishes) {
			out = append(out, selection.Promotion{Applicant: w.Applicant, Destination: w.Wishes[has[i]].Destination, From: w.Holds, Preference: has[i] + 1})
		}
	}
	return out
}

// Whatever is done wrong to a right promotion is found, unless it is another
// right one.
func TestPromotionVerifierFindsEveryPlantedFault(t *testing.T) {
	seen := map[string]bool{}
	for n := range max(instances()/10, 500) {
		rng := rand.New(rand.NewPCG(uint64(n), 5))
		s := reserve(rng, single, chance(rng, 50), chance(rng, 50))
		done := selection.Promote(s)
		wrong := slices.Clone(done)
		switch rng.IntN(6) {
		case 0:
			wrong = dropOne(rng, wrong)
		case 1:
			wrong = doubleOne(rng, wrong)
		case 2:
			w := pick(rng, s.Waiting)
			wrong = append(wrong, selection.Promotion{Applicant: w.Applicant, Destination: pick(rng, s.Destinations).ID, From: w.Holds, Preference: 1 + rng.IntN(3)})
		case 3:
			if len(wrong) > 1 {
				a, b := &wrong[0], &wrong[1]
				a.Destination, b.Destination, a.Preference, b.Preference = b.Destination, a.Destination, b.Preference, a.Preference
			}
		case 4:
			if len(wrong) > 0 {
				wrong[0].From = pick(rng, s.Destinations).ID
			}
		case 5: // the next in line instead
			w := pick(rng, s.Waiting)
			for i, p := range wrong {
				for k, x := range w.Wishes {
					if x.Destination == p.Destination {
						wrong[i] = selection.Promotion{Applicant: w.Applicant, Destination: p.Destination, From: w.Holds, Preference: k + 1}
					}
				}
			}
		}
		found := proof.VerifyPromotion(s, wrong)
		for _, v := range found {
			seen[v.Code] = true
		}
		same := sayReserve(s, sorted(done)) == sayReserve(s, sorted(wrong))
		if right := same || len(found) == 0 && s.UntilConfirmed && stableUpgrades(s, wrong); right != (len(found) == 0) {
			t.Fatalf("state %d: found %+v\nright %s\nwrong %s", n, found, sayReserve(s, done), sayReserve(s, wrong))
		}
	}
	for _, code := range []string{proof.ViolationAccounted, proof.ViolationQuota, proof.ViolationPassedOver, proof.ViolationPlaceLeft} {
		if !seen[code] {
			t.Errorf("no fault was found as %s", code)
		}
	}
}

func sorted(ps []selection.Promotion) []selection.Promotion {
	return slices.SortedFunc(slices.Values(ps), func(a, b selection.Promotion) int { return bytes.Compare(a.Applicant[:], b.Applicant[:]) })
}

// stableUpgrades is, by definition, an outcome in which everybody who moved
// moved up within what there is, and no place is left or went past anybody.
func stableUpgrades(s selection.ReserveState, ps []selection.Promotion) bool {
	free, at, has := map[uuid.UUID]int{}, map[uuid.UUID]uuid.UUID{}, map[uuid.UUID]int{}
	for _, p := range s.Pools {
		free[p.ID] = p.Free
	}
	for _, d := range s.Destinations {
		at[d.ID] = d.Pools[0]
	}
	worst := map[uuid.UUID]int{}
	for _, p := range ps {
		free[at[p.Destination]]--
		free[at[p.From]]++
		has[p.Applicant] = p.Preference
	}
	for _, w := range s.Waiting {
		if k := has[w.Applicant]; k > 0 {
			x := w.Wishes[k-1]
			worst[x.Destination] = max(worst[x.Destination], x.Class*100+x.Rank)
		}
	}
	for _, w := range s.Waiting {
		for k, x := range w.Wishes {
			if has[w.Applicant] == k+1 {
				break
			}
			if free[at[x.Destination]] > 0 || x.Class*100+x.Rank < worst[x.Destination] {
				return false
			}
		}
	}
	return true
}
