package process

import (
	"cmp"
	"context"
	"fmt"

	"peregrine/internal/store"
)

// How a call's lists are approved.
const (
	ApprovalNone   = "none"          // whoever presses decides
	ApprovalSecond = "second_person" // another officer approves exactly the result first
)

// ProvisionalPlan is a list that is told before it is final: for how many days
// one may appeal, and at which hour of the last day that ends (default 12).
type ProvisionalPlan struct {
	AppealDays int  `json:"appeal_days"`
	Hour       *int `json:"hour"`
}

// AppealPlan is for how many days one may appeal against a final list.
type AppealPlan struct {
	Days int `json:"days"`
}

// checkLists names what is wrong with how lists come out.
func (p *CallPlan) checkLists(c *planCheck) {
	c.require(p.Approval == "" || p.Approval == ApprovalNone || p.Approval == ApprovalSecond, "approval", "invalid.oneof")
	if l := p.Provisional; l != nil {
		c.require(l.AppealDays >= 1, "provisional.appeal_days", "plan.appeal_days")
		c.require(l.Hour == nil || (*l.Hour >= 0 && *l.Hour < 24), "provisional.hour", "plan.hour")
	}
	if p.Appeals != nil {
		c.require(p.Appeals.Days >= 1, "appeals.days", "plan.appeal_days")
	}
}

// setLists keeps how the call's lists come out.
func (m *callMaker) setLists(ctx context.Context) error {
	arg := store.SetListsParams{ID: m.id, Approval: cmp.Or(m.plan.Approval, ApprovalNone), ProvisionalHour: 12}
	if l := m.plan.Provisional; l != nil {
		arg.ProvisionalDays = small(&l.AppealDays)
		if l.Hour != nil {
			arg.ProvisionalHour = int32(*l.Hour)
		}
	}
	if m.plan.Appeals != nil {
		arg.AppealDays = small(&m.plan.Appeals.Days)
	}
	if err := queries.SetLists(ctx, m.tx, arg); err != nil {
		return fmt.Errorf("say how the call's lists come out: %w", err)
	}
	return nil
}
