package process

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
)

// ChoiceLimits is how much an applicant may choose. Once somebody has
// submitted it is only ever raised: what was sent stays as it was sent.
type ChoiceLimits struct {
	Choices   int `json:"choices"`   // destinations, at least one
	Languages int `json:"languages"` // of instruction; 0: no limit
}

func limitsOf(call store.CallToAmendRow) ChoiceLimits {
	return ChoiceLimits{Choices: int(call.MaxChoices), Languages: int(call.MaxLanguages)}
}

func limitChanges(was, now ChoiceLimits) []RuleChange {
	var l changeList
	l.code("max_choices", strconv.Itoa(was.Choices), strconv.Itoa(now.Choices))
	l.code("max_languages", strconv.Itoa(was.Languages), strconv.Itoa(now.Languages))
	return l
}

// checkLimits takes over the limits that are asked for.
func (p *amendmentPlan) checkLimits(c *planCheck) {
	was := limitsOf(p.call)
	p.limits = was
	if p.req.Limits == nil {
		return
	}
	p.limits = *p.req.Limits
	p.limited = p.limits != was
	c.require(p.limits.Choices >= 1, "max_choices", "plan.choices")
	c.require(p.limits.Languages >= 0, "max_languages", "plan.not_negative")
	if !p.stands.Submitted {
		return
	}
	c.require(p.limits.Choices >= was.Choices, "max_choices", "amendment.only_raised")
	c.require(p.limits.Languages == 0 || was.Languages > 0 && p.limits.Languages >= was.Languages, "max_languages", "amendment.only_raised")
}

// readLimits reads the limits of what was proposed; none are none.
func (req *Amendment) readLimits(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	req.Limits = &ChoiceLimits{}
	if err := json.Unmarshal(text, req.Limits); err != nil {
		return fmt.Errorf("read the limits of choices: %w", err)
	}
	return nil
}

// sameJSON compares what two texts say, however they are written.
func sameJSON(a, b []byte) bool {
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

// checkLifecycle holds new rules against what the call's lifecycle can do.
func (p *amendmentPlan) checkLifecycle(ctx context.Context, s *step, c *planCheck) error {
	if !p.ruled {
		return nil
	}
	def, err := newDefinitionCache().load(ctx, s.tx, p.call.DefinitionID)
	if err != nil {
		return err
	}
	c.fitsLifecycle(p.rules, def)
	return nil
}

// limitFields is where each limit stands in the rules, and what it is called.
type limitFields struct {
	at    map[string]string // by pool
	order []string          // fields as the rules have them
	names map[string]string // by pool
}

func (p *amendmentPlan) limitFields() limitFields {
	out := limitFields{at: map[string]string{}, names: map[string]string{}}
	add := func(pool uuid.UUID, at, name string) {
		out.at[pool.String()], out.names[pool.String()], out.order = at, name, append(out.order, at)
	}
	for pool, host := range p.maker.names {
		out.names[pool.String()] = host
	}
	for n, q := range p.rules.Quotas {
		add(q.Pool, fmt.Sprintf("selection.quotas.%d", n+1), q.Label.In("en"))
	}
	for n, x := range p.rules.Partners {
		add(x.Pool, fmt.Sprintf("selection.partners.%d", n+1), x.Host)
	}
	return out
}

// of is the field that a problem of the allocation belongs to. Of two limits
// that cross it is the one further down, and both are named.
func (l limitFields) of(f mobility.FieldProblem) string {
	at := ""
	for _, key := range []string{"Pool", "Other"} {
		pool := fmt.Sprint(f.Data[key])
		if name, ok := l.names[pool]; ok {
			f.Data[key] = name
		}
		if slices.Index(l.order, l.at[pool]) > slices.Index(l.order, at) {
			at = l.at[pool]
		}
	}
	switch f.Code {
	case "selection.shares_need_own_places", "selection.shares_need_strict_order":
		at = cmp.Or(at, "selection.shares")
	case "selection.one_score_needed", "selection.unknown_method":
		at = cmp.Or(at, "selection.method")
	}
	return cmp.Or(at, "selection")
}

// once names rules of a list that are called the same: history could not tell
// them apart.
func once[R any](c *planCheck, list, what, code string, rules []R, name func(R) string) {
	seen := map[string]bool{}
	for n, r := range rules {
		key := name(r)
		c.require(key == "" || !seen[key], fmt.Sprintf("selection.%s.%d.%s", list, n+1, what), code)
		seen[key] = true
	}
}

// checkNames holds that the rules of each list can be told apart.
func (c *planCheck) checkNames(r mobility.SelectionRules) {
	once(c, "shares", "label", "plan.name_twice", r.Shares, func(x mobility.ShareRule) string { return x.Label.In("en") })
	once(c, "quotas", "label", "plan.name_twice", r.Quotas, func(x mobility.QuotaRule) string { return x.Label.In("en") })
	once(c, "grants", "label", "plan.name_twice", r.Grants, func(x mobility.GrantRule) string { return x.Label.In("en") })
	once(c, "partners", "host", "plan.host_twice", r.Partners, func(x mobility.PartnerRule) string { return x.Host })
}
