package selection

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// VerifyPromotion proves that promoted follows `upgrades: none` from state s:
// nobody twice, only to where they waited, no pool over what is free, nobody
// passed over by a later one, no place left that somebody waits for. It
// shares no code with Promote.
func VerifyPromotion(s ReserveState, promoted []Promotion) []Violation {
	v := &promotionProof{
		pools: map[uuid.UUID][]uuid.UUID{}, free: map[uuid.UUID]int{}, waiting: map[uuid.UUID]Waiting{},
		got: map[uuid.UUID]Promotion{}, takers: map[uuid.UUID][]Waiting{},
	}
	for _, d := range s.Destinations {
		v.pools[d.ID] = d.Pools
	}
	for _, p := range s.Pools {
		v.free[p.ID] = max(p.Free, 0)
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
	pools   map[uuid.UUID][]uuid.UUID // of each destination
	free    map[uuid.UUID]int
	waiting map[uuid.UUID]Waiting
	got     map[uuid.UUID]Promotion
	takers  map[uuid.UUID][]Waiting // of each pool
	found   []Violation
}

func (v *promotionProof) known(promoted []Promotion) {
	for _, p := range promoted {
		_, twice := v.got[p.Applicant]
		w, waits := v.waiting[p.Applicant]
		if twice || !waits || !waitsFor(w, p) {
			v.found = append(v.found, Violation{Code: ViolationAccounted, Applicant: p.Applicant, Destination: p.Destination})
			continue
		}
		v.got[p.Applicant] = p
		for _, pool := range v.pools[p.Destination] {
			v.takers[pool] = append(v.takers[pool], w)
		}
	}
}

func waitsFor(w Waiting, p Promotion) bool {
	return p.Preference >= 1 && p.Preference <= len(w.Choices) && w.Choices[p.Preference-1] == p.Destination
}

func (v *promotionProof) quotas() {
	for _, pool := range slices.SortedFunc(maps.Keys(v.takers), func(a, b uuid.UUID) int { return strings.Compare(string(a[:]), string(b[:])) }) {
		if free, given := v.free[pool], len(v.takers[pool]); given > free {
			v.found = append(v.found, Violation{Code: ViolationQuota, Pool: pool, Detail: fmt.Sprintf("%d given, %d free", given, free)})
		}
	}
}

// wishes checks everything w wanted more than what they got.
func (v *promotionProof) wishes(w Waiting) {
	for i, d := range w.Choices {
		if p, ok := v.got[w.Applicant]; ok && p.Preference == i+1 {
			return
		}
		pools := v.pools[d]
		before := slices.ContainsFunc(pools, func(pool uuid.UUID) bool { return v.ahead(pool, w) >= v.free[pool] })
		if before || len(pools) == 0 {
			continue
		}
		x := Violation{Code: ViolationPlaceLeft, Applicant: w.Applicant, Destination: d}
		if slices.ContainsFunc(pools, func(pool uuid.UUID) bool { return len(v.takers[pool]) >= v.free[pool] }) {
			x.Code = ViolationPassedOver
		}
		v.found = append(v.found, x)
	}
}

// ahead counts the takers of pool who stand before w on the reserve.
func (v *promotionProof) ahead(pool uuid.UUID, w Waiting) int {
	n := 0
	for _, t := range v.takers[pool] {
		first := t.Rank < w.Rank || t.Rank == w.Rank && string(t.Applicant[:]) < string(w.Applicant[:])
		if t.Class < w.Class || t.Class == w.Class && first {
			n++
		}
	}
	return n
}
