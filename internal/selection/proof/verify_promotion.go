package proof

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	. "peregrine/internal/selection" // its words
)

// VerifyPromotion proves that promoted follows the declared rule for freed
// places from state s: nobody twice, only to where they waited and only
// upwards, no pool over what is free and what is given back, no place left
// that somebody still wants, nobody passed over by one who stands behind
// them. Under until_confirmed the last is promised where a wish draws on one
// pool; a wish for several may have to wait for the second while the first
// moves on. It shares no code with Promote.
func VerifyPromotion(s ReserveState, promoted []Promotion) []Violation {
	v := &promotionProof{
		state: s, pools: map[uuid.UUID][]uuid.UUID{}, group: map[uuid.UUID]string{}, free: map[uuid.UUID]int{}, waiting: map[uuid.UUID]Waiting{},
		got: map[uuid.UUID]Promotion{}, takers: map[uuid.UUID][]taker{},
	}
	for _, d := range s.Destinations {
		v.pools[d.ID] = d.Pools
	}
	for _, p := range s.Pools {
		v.free[p.ID], v.group[p.ID] = max(p.Free, 0), p.Group
	}
	for _, w := range s.Waiting {
		v.waiting[w.Applicant] = w
	}
	v.known(promoted)
	if len(v.found) > 0 {
		return v.found
	}
	v.quotas()
	for _, w := range s.Waiting {
		v.wishes(w)
	}
	return v.found
}

type promotionProof struct {
	state   ReserveState
	pools   map[uuid.UUID][]uuid.UUID // of each destination
	group   map[uuid.UUID]string      // of each pool
	free    map[uuid.UUID]int         // with what movers give back
	waiting map[uuid.UUID]Waiting
	got     map[uuid.UUID]Promotion
	takers  map[uuid.UUID][]taker // of each pool
	found   []Violation
}

// taker is who was given a place of a pool, and how they stand for it.
type taker struct {
	who uuid.UUID
	by  Stand
}

func (v *promotionProof) counted(w Waiting, d uuid.UUID) []uuid.UUID {
	return slices.DeleteFunc(slices.Clone(v.pools[d]), func(p uuid.UUID) bool {
		return v.group[p] != "" && !slices.Contains(w.Quotas, v.group[p])
	})
}

func (v *promotionProof) known(promoted []Promotion) {
	for _, p := range promoted {
		_, twice := v.got[p.Applicant]
		w, waits := v.waiting[p.Applicant]
		if twice || !waits || !waitsFor(w, p) || p.From != w.Holds || p.From != uuid.Nil && !v.state.UntilConfirmed {
			v.found = append(v.found, Violation{Code: ViolationAccounted, Applicant: p.Applicant, Destination: p.Destination})
			continue
		}
		v.got[p.Applicant] = p
		for _, pool := range v.counted(w, p.Destination) {
			v.takers[pool] = append(v.takers[pool], taker{w.Applicant, w.Wishes[p.Preference-1]})
		}
		for _, pool := range v.counted(w, p.From) {
			v.free[pool]++
		}
	}
}

func waitsFor(w Waiting, p Promotion) bool {
	return p.Preference >= 1 && p.Preference <= len(w.Wishes) && w.Wishes[p.Preference-1].Destination == p.Destination
}

func (v *promotionProof) quotas() {
	for _, pool := range slices.SortedFunc(maps.Keys(v.takers), func(a, b uuid.UUID) int { return strings.Compare(string(a[:]), string(b[:])) }) {
		if free, given := v.free[pool], len(v.takers[pool]); given > free {
			v.found = append(v.found, Violation{Code: ViolationQuota, Pool: pool, Detail: fmt.Sprintf("%d given, %d free", given, free)})
		}
	}
}

// wishes checks everything w wanted more than what they stand on now.
func (v *promotionProof) wishes(w Waiting) {
	p, moved := v.got[w.Applicant]
	now := w.Holds
	if moved {
		now = p.Destination
	}
	for i, s := range w.Wishes {
		if moved && p.Preference == i+1 {
			return
		}
		needed := slices.DeleteFunc(v.counted(w, s.Destination), func(pool uuid.UUID) bool {
			return now != uuid.Nil && slices.Contains(v.counted(w, now), pool) // their own place would do
		})
		x := Violation{Applicant: w.Applicant, Destination: s.Destination}
		full := slices.ContainsFunc(needed, func(pool uuid.UUID) bool { return len(v.takers[pool]) >= v.free[pool] })
		before := slices.ContainsFunc(needed, func(pool uuid.UUID) bool { return v.ahead(pool, w, s) >= v.free[pool] })
		several := v.state.UntilConfirmed && len(v.pools[s.Destination]) > 1
		switch {
		case before, len(v.pools[s.Destination]) == 0, full && several:
			continue
		case full:
			x.Code = ViolationPassedOver
		default:
			x.Code = ViolationPlaceLeft
		}
		v.found = append(v.found, x)
	}
}

// ahead counts the takers of pool who stand before w at wish s.
func (v *promotionProof) ahead(pool uuid.UUID, w Waiting, s Stand) int {
	n := 0
	for _, t := range v.takers[pool] {
		first := t.by.Rank < s.Rank || t.by.Rank == s.Rank && string(t.who[:]) < string(w.Applicant[:])
		if t.by.Class < s.Class || t.by.Class == s.Class && first {
			n++
		}
	}
	return n
}
