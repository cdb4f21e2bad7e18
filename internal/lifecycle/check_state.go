package lifecycle

import "peregrine/internal/mobility"

// properties holds that what a state declares about itself fits together.
func (c *checker) properties(s StateDef) {
	for _, rule := range propertyRules {
		if rule.broken(s.Properties) {
			c.add(s.Line, RuleProperties, "state %s: %s", s.Name, rule.text)
		}
	}
}

var propertyRules = []struct {
	text   string
	broken func(mobility.Properties) bool
}{
	{"an offer holds its place", func(p mobility.Properties) bool {
		return p.Offer != mobility.OfferNone && !p.HoldsPlace
	}},
	{"a place is held for an offer", func(p mobility.Properties) bool {
		return p.HoldsPlace && p.Offer == mobility.OfferNone
	}},
	{"an accepted nomination holds a place with a confirmed offer", func(p mobility.Properties) bool {
		return p.Nomination == mobility.NominationAccepted && p.Offer != mobility.OfferConfirmed
	}},
	{"a live nomination goes with a confirmed offer or, where the host selects, with none", func(p mobility.Properties) bool {
		return p.Nomination == mobility.NominationLive && p.Offer == mobility.OfferOpen
	}},
	{"before phase nominated there is no nomination", func(p mobility.Properties) bool {
		return early(p.Phase) && p.Nomination != mobility.NominationNone
	}},
	{"phase nominated means a live nomination", func(p mobility.Properties) bool {
		return p.Phase == mobility.PhaseNominated && p.Nomination != mobility.NominationLive
	}},
	{"phases accepted and enrolled mean an accepted nomination", func(p mobility.Properties) bool {
		admitted := p.Phase == mobility.PhaseAccepted || p.Phase == mobility.PhaseEnrolled
		return admitted && p.Nomination != mobility.NominationAccepted
	}},
	{"a draft has no offer, no decision and is the applicant's turn", func(p mobility.Properties) bool {
		return p.Phase == mobility.PhaseDraft &&
			(p.Offer != mobility.OfferNone || p.Decision != mobility.DecisionNone || p.Turn != mobility.TurnApplicant)
	}},
	{"a draft is seen at once by the one who writes it", func(p mobility.Properties) bool {
		return p.Phase == mobility.PhaseDraft && p.Visible != mobility.VisibleAtOnce
	}},
	{"only a draft or a submitted application is editable", func(p mobility.Properties) bool {
		return p.Editable && !early(p.Phase)
	}},
	{"an open offer is the applicant's turn", func(p mobility.Properties) bool {
		return p.Offer == mobility.OfferOpen && p.Turn != mobility.TurnApplicant
	}},
	{"at an end it is nobody's turn, elsewhere somebody's", func(p mobility.Properties) bool {
		return (p.Phase == mobility.PhaseClosed) != (p.Turn == mobility.TurnNone)
	}},
	{"an end leaves no offer open and no nomination without an answer", func(p mobility.Properties) bool {
		return p.Phase == mobility.PhaseClosed &&
			(p.Offer == mobility.OfferOpen || p.Nomination == mobility.NominationLive)
	}},
	{"what holds a place is no negative decision", func(p mobility.Properties) bool {
		return p.HoldsPlace && p.Decision == mobility.DecisionNegative
	}},
}

func early(p mobility.Phase) bool {
	return p == mobility.PhaseDraft || p == mobility.PhaseSubmitted
}
