package lifecycle

import (
	"slices"

	"peregrine/internal/mobility"
)

// move asks every rule about one move on its own.
func (c *checker) move(m *MoveDef) {
	frees := false
	for _, name := range m.From {
		from, to := c.states[name], c.states[m.To]
		c.offerEnding(m, from, to)
		c.nominationEnding(m, from, to)
		c.placeGuard(m, from, to)
		c.submits(m, from, to)
		frees = frees || from.HoldsPlace && (!to.HoldsPlace || m.EndsOffer != "")
	}
	if m.FreedPlace == FreedToOffice && !frees {
		c.add(m.Line, RuleFreedPlace, "move %s frees no place", m.Name)
	}
	if m.Correction && m.Reason != ReasonRequired {
		c.add(m.Line, RuleCorrectionReason, "move %s is a correction: it needs reason: required", m.Name)
	}
	c.effectInputs(m)
}

// offerEnding holds that a move which ends an offer says how, and no other
// does; one that goes to another offer replaces the old.
func (c *checker) offerEnding(m *MoveDef, from, to StateDef) {
	had := from.Offer != mobility.OfferNone
	switch {
	case had && to.Offer == mobility.OfferNone && m.EndsOffer == "":
		c.add(m.Line, RuleOfferEnding, "move %s from %s ends the offer: ends_offer says how", m.Name, from.Name)
	case !had && m.EndsOffer != "":
		c.add(m.Line, RuleOfferEnding, "move %s from %s: there is no offer to end", m.Name, from.Name)
	}
}

func (c *checker) nominationEnding(m *MoveDef, from, to StateDef) {
	had := from.Nomination != mobility.NominationNone
	switch {
	case had && to.Nomination == mobility.NominationNone && m.EndsNomination == "":
		c.add(m.Line, RuleNominationEnding, "move %s from %s ends the nomination: ends_nomination says how", m.Name, from.Name)
	case !had && m.EndsNomination != "":
		c.add(m.Line, RuleNominationEnding, "move %s from %s: there is no nomination to end", m.Name, from.Name)
	}
}

// placeGuard holds that a place is taken only where one is free, by a
// recorded overbooking, or by a ranking that was verified as a whole.
func (c *checker) placeGuard(m *MoveDef, from, to StateDef) {
	takes := to.HoldsPlace && (!from.HoldsPlace || m.EndsOffer != "")
	if takes && !m.guardedBy("place_free@1") && !m.Has(EffectOverbook) && m.Outcome != OutcomePlaced {
		c.add(m.Line, RulePlaceGuard,
			"move %s takes a place: it needs the guard place_free@1, the effect overbook or the outcome placed", m.Name)
	}
	if m.Outcome != "" && (m.Outcome == OutcomePlaced) != to.HoldsPlace {
		c.add(m.Line, RulePlaceGuard, "move %s: outcome %s and state %s disagree about a place", m.Name, m.Outcome, to.Name)
	}
}

// submits holds that a draft is handed in by the applicant and as a numbered
// submission, and by nothing else.
func (c *checker) submits(m *MoveDef, from, to StateDef) {
	handsIn := from.Phase == mobility.PhaseDraft && to.Phase != mobility.PhaseDraft && to.Phase != mobility.PhaseClosed
	switch {
	case handsIn && !m.Has(EffectSubmit):
		c.add(m.Line, RuleSubmit, "move %s hands a draft in: it needs the effect submit", m.Name)
	case m.Has(EffectSubmit) && !from.Editable:
		c.add(m.Line, RuleSubmit, "move %s submits from %s, where nothing can be written", m.Name, from.Name)
	case m.Has(EffectSubmit) && !m.guardedBy("draft_complete@1"):
		c.add(m.Line, RuleSubmit, "move %s submits: it needs the guard draft_complete@1", m.Name)
	case m.Has(EffectSubmit) && !slices.Equal(m.Who, []mobility.Role{mobility.RoleApplicant}):
		c.add(m.Line, RuleSubmit, "move %s submits: only the applicant does that", m.Name)
	}
}

// effectInputs holds that an effect's input is asked for.
func (c *checker) effectInputs(m *MoveDef) {
	for _, e := range m.Effects {
		for _, input := range effectInputs[e] {
			if !slices.Contains(m.Asks, Ask{Input: input}) {
				c.add(m.Line, RuleEffectInput, "move %s: effect %s needs asks: [%s]", m.Name, e, input)
			}
		}
	}
}

var effectInputs = map[Effect][]Input{
	EffectReturn:   {AskQuestions, AskCompleteBy},
	EffectOverbook: {AskConsent},
	EffectArrival:  {AskArrival},
	EffectEnd:      {AskEnd},
}

// labels holds that a person finds words in every language.
func (c *checker) labels() {
	c.complete(1, "the title", c.d.Title)
	for _, s := range c.d.States {
		for _, a := range Audiences {
			c.complete(s.Line, "the "+string(a)+"'s label of state "+string(s.Name), s.Label[a])
			c.complete(s.Line, "what the "+string(a)+" reads comes next in state "+string(s.Name), s.Next[a])
		}
	}
	for i := range c.d.Moves {
		m := &c.d.Moves[i]
		c.complete(m.Line, "the label of move "+m.Name, m.Label)
		c.complete(m.Line, "the history line of move "+m.Name, m.Done)
		if !m.Automatic() && m.Outcome == "" {
			c.complete(m.Line, "what move "+m.Name+" means (confirm)", m.Confirm)
		}
	}
}

func (c *checker) complete(line int, what string, words mobility.Texts) {
	for _, lang := range c.languages {
		if words[lang] == "" {
			c.add(line, RuleLabels, "%s is missing in %s", what, lang)
		}
	}
}
