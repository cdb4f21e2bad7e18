package proof

import (
	"fmt"

	"github.com/google/uuid"

	"peregrine/internal/selection"
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

// The promises, by the code of breaking them.
const (
	ViolationInput      = "violation.input"       // the input is unusable, or the result names another method, policy or engine
	ViolationAccounted  = "violation.accounted"   // somebody, or some wish, is missing, double or unknown
	ViolationOrder      = "violation.order"       // an order is not as declared
	ViolationShare      = "violation.share"       // a guaranteed share is not kept
	ViolationQuota      = "violation.quota"       // more places given than there are, or than the tied group explains
	ViolationPassedOver = "violation.passed_over" // somebody lower has what somebody higher wanted more
	ViolationPlaceLeft  = "violation.place_left"  // a place is left that somebody wanted more than what they got
	ViolationTied       = "violation.tied"        // equal ones are not treated as declared
	ViolationNotBest    = "violation.not_best"    // another result that keeps every other promise is better for applicants
	ViolationByHand     = "violation.by_hand"     // what a person decided is not what was given
	ViolationGate       = "violation.gate"        // placed or waiting where a gate is, gated where none is, or placed where one may only wait
	ViolationReserve    = "violation.reserve"     // the reserve is not who it must be, in the order it must have
	ViolationMoney      = "violation.money"       // grants are not given down the order
	ViolationReason     = "violation.reason"      // a reason or figure that does not fit the facts
)

// Verify proves that r is what the method and tie policy of in promise, and
// returns what is not.
func Verify(in selection.Input, r selection.Result) []Violation {
	c := &claim{in: &in, result: &r}
	if err := in.Check(); err != nil {
		c.add(Violation{Code: ViolationInput, Detail: err.Error()})
		return c.found
	}
	if r.Engine != selection.Engine || r.Method != in.Method || r.Tied != in.Tied {
		c.add(Violation{Code: ViolationInput, Detail: fmt.Sprintf("engine %q, method %q, ties %q", r.Engine, r.Method, r.Tied)})
	}
	if c.accounted(); len(c.found) > 0 {
		return c.found // the rest would only repeat it
	}
	c.layOut()
	c.gates()
	c.entryOrder()
	if c.choiceOrder(); len(c.found) > 0 {
		return c.found // whoever stands where is not known
	}
	c.standings()
	c.quotas()
	c.places()
	c.reserves()
	c.money()
	c.reasons()
	c.figures()
	return c.found
}

// places checks what each method promises about who has which place.
func (c *claim) places() {
	switch {
	case c.in.Method == selection.MethodByHand:
		c.byHand()
	case c.in.Method == selection.MethodHardest && c.keepsTies():
		c.turnsOfTied()
	case c.in.Method == selection.MethodHardest:
		c.turns()
	case c.keepsTies():
		c.limits()
	default:
		if c.stable() && !c.pinned() {
			c.best()
		}
	}
}
