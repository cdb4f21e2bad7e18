// Package proof proves rankings and promotions against what their methods
// promise. It shares no code with what computes them.
package proof

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	. "peregrine/internal/selection" // its words
)

// Violation is one broken promise. Code names a message of the catalogue;
// Detail is for the person who looks into it and holds ids and numbers only.
type Violation struct {
	Code        string
	Applicant   uuid.UUID // zero: not about one applicant
	Destination uuid.UUID // zero: not about one destination
	Pool        uuid.UUID // zero: not about one pool
	Detail      string
}

// The promises of the list method, by the code of breaking them.
const (
	ViolationInput      = "violation.input"       // the input is unusable, or names another method or engine
	ViolationAccounted  = "violation.accounted"   // somebody, or some wish, is missing, double or unknown
	ViolationOrder      = "violation.order"       // the list is not in the order of points, ties and lot
	ViolationQuota      = "violation.quota"       // more places given than there are
	ViolationPassedOver = "violation.passed_over" // somebody lower has what somebody higher wanted more
	ViolationPlaceLeft  = "violation.place_left"  // a place is left that somebody wanted more than what they got
	ViolationGate       = "violation.gate"        // placed or waiting where a gate is, or gated where none is
	ViolationReserve    = "violation.reserve"     // the reserve is not who it must be, in the order it must have
	ViolationReason     = "violation.reason"      // a reason or figure that does not fit the facts
)

// Verify proves that r is what the method promises for in, and returns what
// is not. It shares no code with Allocate: what is declared about points,
// chain and lot is written out here a second time on purpose.
func Verify(in Input, r Result) []Violation {
	v := &proof{in: in, result: r, applicants: map[uuid.UUID]*Applicant{}, destinations: map[uuid.UUID]*Destination{}}
	if err := in.Check(); err != nil {
		v.add(Violation{Code: ViolationInput, Detail: err.Error()})
		return v.found
	}
	if r.Engine != Engine || r.Method != in.Method {
		v.add(Violation{Code: ViolationInput, Detail: fmt.Sprintf("engine %q, method %q", r.Engine, r.Method)})
	}
	v.index()
	if v.accounted(); len(v.found) > 0 {
		return v.found // the rest would only repeat it
	}
	v.ordered()
	v.gates()
	v.quotas()
	v.envy()
	v.reserves()
	v.reasons()
	v.figures()
	return v.found
}

type proof struct {
	in           Input
	result       Result
	applicants   map[uuid.UUID]*Applicant
	destinations map[uuid.UUID]*Destination
	free         map[uuid.UUID]int
	holders      map[uuid.UUID][]*Entry // of each pool, in the order of the list
	waiting      map[uuid.UUID][]*Entry // of each destination, in the order of the list
	found        []Violation
}

func (v *proof) add(x Violation) { v.found = append(v.found, x) }

func (v *proof) index() {
	for i := range v.in.Applicants {
		v.applicants[v.in.Applicants[i].ID] = &v.in.Applicants[i]
	}
	for i := range v.in.Destinations {
		v.destinations[v.in.Destinations[i].ID] = &v.in.Destinations[i]
	}
	v.free = map[uuid.UUID]int{}
	for _, p := range v.in.Pools {
		v.free[p.ID] = p.Free
	}
}

// accounted checks that everybody and every wish is there exactly once.
func (v *proof) accounted() {
	seen := map[uuid.UUID]bool{}
	for i := range v.result.Entries {
		e := &v.result.Entries[i]
		a := v.applicants[e.Applicant]
		switch {
		case a == nil:
			v.add(Violation{Code: ViolationAccounted, Applicant: e.Applicant, Detail: "unknown applicant"})
		case seen[e.Applicant]:
			v.add(Violation{Code: ViolationAccounted, Applicant: e.Applicant, Detail: "listed twice"})
		default:
			v.accountedWishes(e, a)
		}
		seen[e.Applicant] = true
	}
	for _, a := range v.in.Applicants {
		if !seen[a.ID] {
			v.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Detail: "not listed"})
		}
	}
}

func (v *proof) accountedWishes(e *Entry, a *Applicant) {
	if e.Excluded != a.Excluded || !e.Points.Equal(a.Points) {
		v.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Detail: "exclusion or points differ from the input"})
	}
	if len(e.Choices) != len(a.Wishes) {
		v.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Detail: "number of wishes"})
		return
	}
	placed := 0
	for i, c := range e.Choices {
		if c.Destination != a.Wishes[i].Destination || c.Preference != i+1 {
			v.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Destination: c.Destination, Detail: "wish out of place"})
		}
		if c.Outcome == Placed {
			placed++
		}
	}
	if placed > 1 {
		v.add(Violation{Code: ViolationAccounted, Applicant: a.ID, Detail: "placed more than once"})
	}
}

// ordered checks that ranks are 1, 2, 3 … in the declared order, and the
// unranked follow without a rank.
func (v *proof) ordered() {
	ranked := 0
	var before, unranked *Applicant
	for i, e := range v.result.Entries {
		a := v.applicants[e.Applicant]
		if a.Excluded != "" {
			late := unranked == nil || bytes.Compare(unranked.ID[:], a.ID[:]) < 0
			if e.Rank != 0 || e.Rule != 0 || !late {
				v.add(Violation{Code: ViolationOrder, Applicant: a.ID, Detail: "not ranked, yet in the order"})
			}
			unranked = a
			continue
		}
		ranked++
		if ranked != i+1 || e.Rank != ranked {
			v.add(Violation{Code: ViolationOrder, Applicant: a.ID, Detail: fmt.Sprintf("rank %d in line %d", e.Rank, i+1)})
		}
		rule, ahead := RulePoints, true
		if before != nil {
			rule, ahead = v.ahead(before, a)
		}
		if !ahead || e.Rule != rule {
			v.add(Violation{Code: ViolationOrder, Applicant: a.ID, Detail: fmt.Sprintf("rule %d declared, %d holds", e.Rule, rule)})
		}
		before = a
	}
}

// ahead says by which rule a and b differ and whether a comes first.
func (v *proof) ahead(a, b *Applicant) (Rule, bool) {
	if !a.Points.Equal(b.Points) {
		return RulePoints, a.Points.GreaterThan(b.Points)
	}
	for i := range a.Ties {
		if !a.Ties[i].Equal(b.Ties[i]) {
			return Rule(i + 1), a.Ties[i].GreaterThan(b.Ties[i])
		}
	}
	drawnA := sha256.Sum256([]byte(v.in.Seed + "\x00" + string(a.ID[:])))
	drawnB := sha256.Sum256([]byte(v.in.Seed + "\x00" + string(b.ID[:])))
	return RuleLot, string(drawnA[:]) < string(drawnB[:])
}

func (v *proof) gates() {
	for _, e := range v.result.Entries {
		a := v.applicants[e.Applicant]
		for _, c := range e.Choices {
			shut := a.Excluded != "" || a.Wishes[c.Preference-1].Gate != ""
			if shut != (c.Outcome == Gated) || shut && c.Rank != 0 {
				v.add(Violation{Code: ViolationGate, Applicant: a.ID, Destination: c.Destination, Detail: string(c.Outcome)})
			}
		}
	}
}

// quotas collects who holds places of each pool and counts them.
func (v *proof) quotas() {
	v.holders, v.waiting = map[uuid.UUID][]*Entry{}, map[uuid.UUID][]*Entry{}
	for i := range v.result.Entries {
		e := &v.result.Entries[i]
		for _, c := range e.Choices {
			switch c.Outcome {
			case Placed:
				for _, p := range v.destinations[c.Destination].Pools {
					v.holders[p] = append(v.holders[p], e)
				}
			case Reserve:
				v.waiting[c.Destination] = append(v.waiting[c.Destination], e)
			}
		}
	}
	for _, p := range v.in.Pools {
		if held := len(v.holders[p.ID]); held > p.Free {
			v.add(Violation{Code: ViolationQuota, Pool: p.ID, Detail: fmt.Sprintf("%d given, %d free", held, p.Free)})
		}
		slices.SortStableFunc(v.holders[p.ID], byRank)
	}
	for _, w := range v.waiting {
		slices.SortStableFunc(w, byRank)
	}
}

func byRank(a, b *Entry) int { return cmp.Compare(a.Rank, b.Rank) }

// envy checks each wish an applicant wanted more than what they got: one of
// its pools must have gone wholly to people higher in the list. With quotas
// this pins the result down: no second one passes.
func (v *proof) envy() {
	for i := range v.result.Entries {
		e := &v.result.Entries[i]
		for _, c := range e.Choices {
			if c.Outcome == Placed {
				break
			}
			if c.Outcome == Gated || v.goneBefore(e, c.Destination) {
				continue
			}
			code := ViolationPlaceLeft
			if v.full(c.Destination) {
				code = ViolationPassedOver
			}
			v.add(Violation{Code: code, Applicant: e.Applicant, Destination: c.Destination})
		}
	}
}

// goneBefore reports whether a pool of d was used up by higher entries.
func (v *proof) goneBefore(e *Entry, d uuid.UUID) bool {
	return slices.ContainsFunc(v.destinations[d].Pools, func(p uuid.UUID) bool {
		free := v.free[p]
		return free == 0 || len(v.holders[p]) >= free && v.holders[p][free-1].Rank < e.Rank
	})
}

func (v *proof) full(d uuid.UUID) bool {
	return slices.ContainsFunc(v.destinations[d].Pools, func(p uuid.UUID) bool { return len(v.holders[p]) >= v.free[p] })
}

// reserves checks who waits where and in which order: everybody without any
// place, at every wish that was open to them, as far as the reserve reaches.
func (v *proof) reserves() {
	due := map[uuid.UUID]int{} // who should wait at each destination, counted down the list
	for _, e := range inOrder(v.result.Entries) {
		_, placed := e.Placed()
		for _, c := range e.Choices {
			want := 0
			if !placed && !v.in.NoReserve && c.Outcome != Gated {
				if due[c.Destination]++; v.in.ReserveLimit == 0 || due[c.Destination] <= v.in.ReserveLimit {
					want = due[c.Destination]
				}
			}
			if c.Reserve != want || (c.Outcome == Reserve) != (want > 0) {
				detail := fmt.Sprintf("%s at position %d, should be %d", c.Outcome, c.Reserve, want)
				v.add(Violation{Code: ViolationReserve, Applicant: e.Applicant, Destination: c.Destination, Detail: detail})
			}
		}
	}
}

func inOrder(entries []Entry) []*Entry {
	out := make([]*Entry, len(entries))
	for i := range entries {
		out[i] = &entries[i]
	}
	slices.SortStableFunc(out, byRank)
	return out
}

// figures counts each destination anew.
func (v *proof) figures() {
	want := map[uuid.UUID]*Figures{}
	for _, d := range v.in.Destinations {
		want[d.ID] = &Figures{Destination: d.ID}
	}
	for _, e := range inOrder(v.result.Entries) {
		_, placed := e.Placed()
		reached := false
		for _, c := range e.Choices {
			if c.Outcome == Gated {
				continue
			}
			f := want[c.Destination]
			if f.Listed++; c.Rank != f.Listed {
				v.add(Violation{Code: ViolationOrder, Applicant: e.Applicant, Destination: c.Destination, Detail: "rank at the destination"})
			}
			reached = count(f, e, c, placed && reached) || reached
		}
	}
	v.compareFigures(want)
}

// count adds one wish; after says that the applicant was placed at one
// further up. It reports whether this wish is the one granted.
func count(f *Figures, e *Entry, c Choice, after bool) bool {
	switch {
	case c.Outcome == Placed:
		f.Admitted++
		f.LowestAdmitted = decimal.NewNullDecimal(e.Points)
		return true
	case after:
		return false
	case c.Outcome == Reserve:
		f.Waiting++
	}
	f.Refused++
	if f.Refused == 1 {
		f.HighestRefused = decimal.NewNullDecimal(e.Points)
	}
	return false
}

func (v *proof) compareFigures(want map[uuid.UUID]*Figures) {
	if len(v.result.Destinations) != len(want) {
		v.add(Violation{Code: ViolationReason, Detail: "figures of every destination, once"})
	}
	for i, f := range v.result.Destinations {
		w := want[f.Destination]
		if i > 0 && bytes.Compare(v.result.Destinations[i-1].Destination[:], f.Destination[:]) >= 0 || w == nil || !sameFigures(f, *w) {
			v.add(Violation{Code: ViolationReason, Destination: f.Destination, Detail: "figures"})
		}
	}
}

func sameFigures(a, b Figures) bool {
	same := func(x, y decimal.NullDecimal) bool {
		return x.Valid == y.Valid && (!x.Valid || x.Decimal.Equal(y.Decimal))
	}
	return a.Listed == b.Listed && a.Admitted == b.Admitted && a.Refused == b.Refused && a.Waiting == b.Waiting &&
		same(a.LowestAdmitted, b.LowestAdmitted) && same(a.HighestRefused, b.HighestRefused)
}
