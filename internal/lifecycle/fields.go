package lifecycle

import (
	"strings"

	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// The keys of a file, one table per thing. workflows/schema.json says the same
// to editors; a test holds the two together.

func (r *reader) definitionFields(d *Definition) map[string]field {
	return map[string]field{
		"name":    {true, func(n *yaml.Node) { d.Name = r.name(n, fileWord) }},
		"version": {true, func(n *yaml.Node) { d.Version = r.count(n) }},
		"title":   {true, func(n *yaml.Node) { d.Title = r.texts(n) }},
		"states": {true, func(n *yaml.Node) {
			r.each(n, func(item *yaml.Node) { d.States = append(d.States, r.state(item)) })
		}},
		"moves": {true, func(n *yaml.Node) {
			r.each(n, func(item *yaml.Node) { d.Moves = append(d.Moves, r.move(item)) })
		}},
		"timers": {false, func(n *yaml.Node) {
			r.each(n, func(item *yaml.Node) {
				t := Timer{Line: item.Line}
				r.fields(item, "timer", r.timerFields(&t))
				d.Timers = append(d.Timers, t)
			})
		}},
		"reminders": {false, func(n *yaml.Node) {
			r.each(n, func(item *yaml.Node) {
				m := Reminder{Line: item.Line, Hours: HoursAny}
				r.fields(item, "reminder", r.reminderFields(&m))
				d.Reminders = append(d.Reminders, m)
			})
		}},
	}
}

func (r *reader) state(n *yaml.Node) StateDef {
	s := StateDef{Line: n.Line, Properties: mobility.Properties{
		Offer: mobility.OfferNone, Nomination: mobility.NominationNone,
		Decision: mobility.DecisionNone, Visible: mobility.VisibleAtOnce,
	}}
	r.fields(n, "state", r.stateFields(&s))
	return s
}

func (r *reader) stateFields(s *StateDef) map[string]field {
	offers := []mobility.OfferProperty{mobility.OfferNone, mobility.OfferOpen, mobility.OfferConfirmed}
	nominations := []mobility.NominationProperty{mobility.NominationNone, mobility.NominationLive, mobility.NominationAccepted}
	decisions := []mobility.Decision{mobility.DecisionNone, mobility.DecisionPositive, mobility.DecisionNegative}
	visible := []mobility.Visible{mobility.VisibleAtOnce, mobility.VisibleWhenPublished}
	return map[string]field{
		"name":        {true, func(n *yaml.Node) { s.Name = mobility.State(r.name(n, word)) }},
		"phase":       {true, func(n *yaml.Node) { s.Phase = oneOf(r, n, RuleValue, mobility.Phases) }},
		"turn":        {true, func(n *yaml.Node) { s.Turn = oneOf(r, n, RuleValue, mobility.Turns) }},
		"editable":    {false, func(n *yaml.Node) { s.Editable = r.truth(n) }},
		"holds_place": {false, func(n *yaml.Node) { s.HoldsPlace = r.truth(n) }},
		"offer":       {false, func(n *yaml.Node) { s.Offer = oneOf(r, n, RuleValue, offers) }},
		"nomination":  {false, func(n *yaml.Node) { s.Nomination = oneOf(r, n, RuleValue, nominations) }},
		"decision":    {false, func(n *yaml.Node) { s.Decision = oneOf(r, n, RuleValue, decisions) }},
		"visible":     {false, func(n *yaml.Node) { s.Visible = oneOf(r, n, RuleValue, visible) }},
		"label":       {true, func(n *yaml.Node) { s.Label = r.labels(n) }},
		"next":        {true, func(n *yaml.Node) { s.Next = r.labels(n) }},
	}
}

func (r *reader) move(n *yaml.Node) MoveDef {
	m := MoveDef{Line: n.Line, Reason: ReasonNone, FreedPlace: FreedByRule}
	r.fields(n, "move", r.moveFields(&m))
	return m
}

func (r *reader) moveFields(m *MoveDef) map[string]field {
	reasons := []ReasonRule{ReasonNone, ReasonOptional, ReasonRequired}
	offerEndings := []OfferEnding{OfferDeclined, OfferLapsed, OfferWithdrawn}
	nominationEndings := []NominationEnding{NominationRefused, NominationCancelled}
	return map[string]field{
		"name":            {true, func(n *yaml.Node) { m.Name = r.name(n, word) }},
		"from":            {true, func(n *yaml.Node) { m.From = r.states(n) }},
		"to":              {true, func(n *yaml.Node) { m.To = mobility.State(r.name(n, word)) }},
		"who":             {true, func(n *yaml.Node) { m.Who = r.roles(n) }},
		"label":           {true, func(n *yaml.Node) { m.Label = r.texts(n) }},
		"confirm":         {false, func(n *yaml.Node) { m.Confirm = r.texts(n) }},
		"done":            {true, func(n *yaml.Node) { m.Done = r.texts(n) }},
		"guards":          {false, func(n *yaml.Node) { m.Guards = manyOf(r, n, RuleUnknownGuard, Guards()) }},
		"reason":          {false, func(n *yaml.Node) { m.Reason = oneOf(r, n, RuleValue, reasons) }},
		"asks":            {false, func(n *yaml.Node) { m.Asks = r.asks(n) }},
		"effects":         {false, func(n *yaml.Node) { m.Effects = manyOf(r, n, RuleUnknownEffect, Effects) }},
		"ends_offer":      {false, func(n *yaml.Node) { m.EndsOffer = oneOf(r, n, RuleValue, offerEndings) }},
		"ends_nomination": {false, func(n *yaml.Node) { m.EndsNomination = oneOf(r, n, RuleValue, nominationEndings) }},
		"outcome":         {false, func(n *yaml.Node) { m.Outcome = oneOf(r, n, RuleValue, RankingOutcomes) }},
		"letters":         {false, func(n *yaml.Node) { m.Letters = manyOf(r, n, RuleUnknownLetter, sortedKeys(Letters)) }},
		"correction":      {false, func(n *yaml.Node) { m.Correction = r.truth(n) }},
		"freed_place": {false, func(n *yaml.Node) {
			m.FreedPlace = oneOf(r, n, RuleValue, []FreedPlace{FreedByRule, FreedToOffice})
		}},
		"uses": {false, func(n *yaml.Node) { m.Uses = oneOf(r, n, RuleUnknownThing, FiniteThings) }},
	}
}

func (r *reader) timerFields(t *Timer) map[string]field {
	return map[string]field{
		"state":    {true, func(n *yaml.Node) { t.State = mobility.State(r.name(n, word)) }},
		"deadline": {true, func(n *yaml.Node) { t.Deadline = oneOf(r, n, RuleUnknownDeadline, Deadlines) }},
		"move":     {true, func(n *yaml.Node) { t.Move = r.name(n, word) }},
	}
}

func (r *reader) reminderFields(m *Reminder) map[string]field {
	return map[string]field{
		"state":    {true, func(n *yaml.Node) { m.State = mobility.State(r.name(n, word)) }},
		"deadline": {true, func(n *yaml.Node) { m.Deadline = oneOf(r, n, RuleUnknownDeadline, Deadlines) }},
		"offset":   {true, func(n *yaml.Node) { m.Offset = r.offset(n) }},
		"to":       {true, func(n *yaml.Node) { m.To = r.roles(n) }},
		"letter":   {true, func(n *yaml.Node) { m.Letter = oneOf(r, n, RuleUnknownLetter, sortedKeys(Letters)) }},
		"hours":    {false, func(n *yaml.Node) { m.Hours = oneOf(r, n, RuleValue, HoursKnown) }},
	}
}

func (r *reader) states(n *yaml.Node) []mobility.State {
	var out []mobility.State
	r.each(n, func(item *yaml.Node) { out = append(out, mobility.State(r.name(item, word))) })
	return out
}

func (r *reader) roles(n *yaml.Node) []mobility.Role {
	out := manyOf(r, n, RuleUnknownRole, mobility.Roles)
	if len(out) == 0 {
		r.breach(n, RuleShape, "at least one role is expected here")
	}
	return out
}

// asks reads inputs; a trailing "?" makes one optional.
func (r *reader) asks(n *yaml.Node) []Ask {
	var out []Ask
	r.each(n, func(item *yaml.Node) {
		plain := *item
		plain.Value = strings.TrimSuffix(item.Value, "?")
		out = append(out, Ask{oneOf(r, &plain, RuleUnknownInput, Inputs), plain.Value != item.Value})
	})
	return out
}
