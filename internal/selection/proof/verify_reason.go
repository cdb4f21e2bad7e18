package proof

import (
	"github.com/google/uuid"

	. "peregrine/internal/selection" // its words
)

// reasons checks that each wish carries the reason its facts give.
func (v *proof) reasons() {
	for i := range v.result.Entries {
		e := &v.result.Entries[i]
		granted := 0
		for _, c := range e.Choices {
			if c.Outcome == Placed {
				granted = c.Preference
			}
			if !v.fits(e, c, granted) {
				v.add(Violation{Code: ViolationReason, Applicant: e.Applicant, Destination: c.Destination, Detail: c.Reason.Code})
			}
		}
	}
}

// fits reports whether the reason of c is true. granted is the wish granted
// so far, looking from the top: 0 while none was.
func (v *proof) fits(e *Entry, c Choice, granted int) bool {
	a, r := v.applicants[e.Applicant], c.Reason
	r.Quota = uuid.Nil
	switch {
	case c.Outcome == Gated && a.Excluded != "":
		return r == Reason{Code: ReasonExcluded, Gate: a.Excluded}
	case c.Outcome == Gated:
		return r == Reason{Code: ReasonGated, Gate: a.Wishes[c.Preference-1].Gate}
	case c.Outcome == Placed:
		return r == Reason{Code: ReasonPlaced, Preference: c.Preference}
	case granted > 0:
		return c.Outcome == NotPlaced && r == Reason{Code: ReasonBetterChoice, Preference: granted}
	case c.Outcome != NotPlaced && c.Outcome != Reserve:
		return false
	}
	_, placed := e.Placed()
	if r.ReserveFull != (!placed && c.Outcome == NotPlaced && !v.in.NoReserve) {
		return false
	}
	return v.lostAgainst(a, c.Destination, r)
}

// lostAgainst looks for the place the reason speaks of: the last of the pool
// that ran out first.
func (v *proof) lostAgainst(a *Applicant, d uuid.UUID, r Reason) bool {
	var last *Entry
	for _, p := range v.destinations[d].Pools {
		free := v.free[p]
		if free == 0 {
			return r == Reason{Code: ReasonNoPlaces, ReserveFull: r.ReserveFull}
		}
		if len(v.holders[p]) < free {
			continue
		}
		if h := v.holders[p][free-1]; last == nil || h.Rank < last.Rank {
			last = h
		}
	}
	if last == nil {
		return false
	}
	holder, _ := last.Placed()
	rule, ahead := v.ahead(v.applicants[last.Applicant], a)
	code := map[Rule]string{RulePoints: ReasonNoPlaceLeft, RuleLot: ReasonLostLot}[rule]
	if rule > 0 {
		code = ReasonLostTie
	}
	return ahead && r.Code == code && r.Rule == rule && r.Shared == (holder.Destination != d) && r.Preference == 0 &&
		r.Gate == "" && r.LastPoints.Valid && r.LastPoints.Decimal.Equal(last.Points)
}
