package proof

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"

	"github.com/google/uuid"

	"peregrine/internal/selection"
)

// VerifyPromotion proves that promoted follows the declared rule for freed
// places (design rule 3) from the state before: nobody twice, only to where
// they waited and only upwards, no pool over what is free and what movers give
// back, no place left that somebody still wants, nobody passed over.
//
// By `upgrades: none` nobody passed over means: for each wish wanted more than
// what was given, a pool is used up by wishes that stand before it. Where
// quotas cross and people stand differently at different destinations, there
// may be no such outcome; then only that no place is left is promised.
//
// By `until_confirmed` who holds an offer never loses it, so it is promised
// among those who moved, for wishes that draw on one pool. A place that is
// given back goes to the best-standing: nobody moves within a pool while
// somebody who stands before that wish waits for a place of it.
func VerifyPromotion(before selection.ReserveState, promoted []selection.Promotion) []Violation {
	v := newPromotionProof(before)
	if v.known(promoted); len(v.found) > 0 {
		return v.found
	}
	v.quotas()
	crossing := v.crossing()
	for i := range v.state.Waiting {
		for k := range v.wanted(i) {
			if code := v.refused(claimed{i, k}, crossing); code != "" {
				w := v.state.Waiting[i]
				v.found = append(v.found, Violation{Code: code, Applicant: w.Applicant, Destination: w.Wishes[k].Destination})
			}
		}
	}
	return v.found
}

// claimed is wish k of the i-th who waits.
type claimed struct{ i, k int }

type promotionProof struct {
	state selection.ReserveState
	pool  map[uuid.UUID]selection.Pool
	drawn map[uuid.UUID][]uuid.UUID // the pools of each destination
	line  map[uuid.UUID]int         // who waits, by applicant
	got   []int                     // the wish each was given, how many there are for none
	free  map[uuid.UUID]int         // with what movers give back
	taken map[uuid.UUID][]claimed   // what was given of each pool
	want  map[uuid.UUID][]claimed   // what is still wanted of each pool
	found []Violation
}

func newPromotionProof(s selection.ReserveState) *promotionProof {
	v := &promotionProof{
		state: s, pool: map[uuid.UUID]selection.Pool{}, drawn: map[uuid.UUID][]uuid.UUID{}, line: map[uuid.UUID]int{},
		free: map[uuid.UUID]int{}, taken: map[uuid.UUID][]claimed{}, want: map[uuid.UUID][]claimed{},
	}
	for _, p := range s.Pools {
		v.pool[p.ID], v.free[p.ID] = p, p.Free // below zero where places were overbooked
	}
	for _, d := range s.Destinations {
		v.drawn[d.ID] = d.Pools
	}
	for i, w := range s.Waiting {
		v.line[w.Applicant] = i
		v.got = append(v.got, len(w.Wishes))
	}
	return v
}

// pools are what the i-th draws on at d.
func (v *promotionProof) pools(i int, d uuid.UUID) (out []uuid.UUID) {
	for _, p := range v.drawn[d] {
		if g := v.pool[p].Group; g == "" || slices.Contains(v.state.Waiting[i].Quotas, g) {
			out = append(out, p)
		}
	}
	return out
}

func (v *promotionProof) stand(c claimed) selection.Stand { return v.state.Waiting[c.i].Wishes[c.k] }

// ahead is the order of the reserve. Of one's own that stand the same the one
// wanted more goes first.
func (v *promotionProof) ahead(a, b claimed) bool {
	x, y := v.stand(a), v.stand(b)
	p, q := v.state.Waiting[a.i].Applicant, v.state.Waiting[b.i].Applicant
	return cmp.Or(cmp.Compare(x.Class, y.Class), cmp.Compare(x.Rank, y.Rank), bytes.Compare(p[:], q[:]), cmp.Compare(a.k, b.k)) < 0
}

// known takes the promotions in: each of somebody who waits there, once.
func (v *promotionProof) known(promoted []selection.Promotion) {
	for _, p := range promoted {
		i, waits := v.line[p.Applicant]
		if !waits || !v.may(i, p) {
			v.found = append(v.found, Violation{Code: ViolationAccounted, Applicant: p.Applicant, Destination: p.Destination})
			continue
		}
		v.got[i] = p.Preference - 1
		for _, pool := range v.pools(i, p.Destination) {
			v.taken[pool] = append(v.taken[pool], claimed{i, v.got[i]})
		}
		for _, pool := range v.pools(i, p.From) {
			v.free[pool]++
		}
	}
	for i := range v.state.Waiting {
		for k := range v.wanted(i) {
			for _, pool := range v.pools(i, v.state.Waiting[i].Wishes[k].Destination) {
				v.want[pool] = append(v.want[pool], claimed{i, k})
			}
		}
	}
}

func (v *promotionProof) may(i int, p selection.Promotion) bool {
	w := v.state.Waiting[i]
	twice := v.got[i] < len(w.Wishes)
	there := p.Preference >= 1 && p.Preference <= len(w.Wishes) && w.Wishes[p.Preference-1].Destination == p.Destination
	return !twice && there && p.From == w.Holds && (p.From == uuid.Nil || v.state.UntilConfirmed)
}

// wanted is how many of the i-th's wishes are wanted more than what they stand
// on now. By `none` who holds an offer has left the reserve.
func (v *promotionProof) wanted(i int) int {
	if !v.state.UntilConfirmed && v.state.Waiting[i].Holds != uuid.Nil {
		return 0
	}
	return v.got[i]
}

func (v *promotionProof) quotas() {
	for _, p := range v.state.Pools {
		if free, given := max(v.free[p.ID], 0), len(v.taken[p.ID]); given > free {
			v.found = append(v.found, Violation{Code: ViolationQuota, Pool: p.ID, Detail: fmt.Sprintf("%d given, %d free", given, free)})
		}
	}
}

func (v *promotionProof) full(p uuid.UUID) bool { return len(v.taken[p]) >= v.free[p] }

// refused returns the code of what is wrong with not giving c.
func (v *promotionProof) refused(c claimed, crossing bool) string {
	pools := v.pools(c.i, v.stand(c).Destination)
	if len(v.drawn[v.stand(c).Destination]) == 0 { // not to be had from the reserve
		return ""
	}
	if v.state.UntilConfirmed {
		return v.refusedUpgrade(c, pools)
	}
	code := ViolationPlaceLeft
	for _, p := range pools {
		if !v.full(p) {
			continue
		}
		if crossing || !slices.ContainsFunc(v.taken[p], func(t claimed) bool { return v.ahead(c, t) }) {
			return ""
		}
		code = ViolationPassedOver
	}
	return code
}

func (v *promotionProof) refusedUpgrade(c claimed, pools []uuid.UUID) string {
	now := v.state.Waiting[c.i].Holds
	if k := v.got[c.i]; k < len(v.state.Waiting[c.i].Wishes) {
		now = v.state.Waiting[c.i].Wishes[k].Destination
	}
	own := v.pools(c.i, now)
	code := ViolationPlaceLeft
	for _, p := range pools {
		switch {
		case !v.full(p):
		case slices.Contains(own, p):
			if slices.ContainsFunc(v.want[p], func(other claimed) bool { return other.i != c.i && v.ahead(other, c) }) {
				return ""
			}
		case len(pools) > 1 || !slices.ContainsFunc(v.taken[p], func(t claimed) bool { return v.ahead(c, t) }):
			return ""
		default:
			code = ViolationPassedOver
		}
	}
	return code
}

// crossing reports whether quotas cross and somebody stands differently at
// different destinations.
func (v *promotionProof) crossing() bool {
	differs := slices.ContainsFunc(v.state.Waiting, func(w selection.Waiting) bool {
		return slices.ContainsFunc(w.Wishes, func(s selection.Stand) bool {
			return s.Class != w.Wishes[0].Class || s.Rank != w.Wishes[0].Rank
		})
	})
	if !differs {
		return false
	}
	at := map[uuid.UUID]map[uuid.UUID]bool{} // the destinations of each pool
	for d, pools := range v.drawn {
		for _, p := range pools {
			if at[p] == nil {
				at[p] = map[uuid.UUID]bool{}
			}
			at[p][d] = true
		}
	}
	within := func(p, q uuid.UUID) bool {
		for d := range at[p] {
			if !at[q][d] {
				return false
			}
		}
		return v.pool[q].Group == "" || v.pool[p].Group == v.pool[q].Group
	}
	for _, pools := range v.drawn {
		for k, p := range pools {
			for _, q := range pools[:k] {
				if !within(p, q) && !within(q, p) && v.meet(p, q) {
					return true
				}
			}
		}
	}
	return false
}

// meet reports whether somebody who waits counts in both pools.
func (v *promotionProof) meet(p, q uuid.UUID) bool {
	return slices.ContainsFunc(v.state.Waiting, func(w selection.Waiting) bool {
		return counts(v.pool[p], &selection.Applicant{Quotas: w.Quotas}) && counts(v.pool[q], &selection.Applicant{Quotas: w.Quotas})
	})
}
