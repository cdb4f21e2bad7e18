package lifecycle

import (
	"sort"
	"time"

	"peregrine/internal/mobility"
)

// guard is one rule a move may be subject to. test returns nil if the move
// may go on, else the refusal's code without the prefix and its data.
type guard struct {
	// picks is true for a guard that only tells two moves apart: refused by
	// it, a move is not worth showing, because the other one is meant.
	picks bool
	test  func(q question) *refusal
}

// question is what a guard is asked.
type question struct {
	facts Facts
	move  *MoveDef
	now   time.Time
}

type refusal struct {
	rule string
	data map[string]any
}

func (r *refusal) err() *mobility.Error {
	return mobility.ConflictError("refusal."+r.rule, r.data)
}

// Guards returns the name of every guard, sorted.
func Guards() []string {
	out := make([]string, 0, len(guards))
	for name := range guards {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// guards are all rules by versioned name. A rule that changes its meaning
// gets a new version; pinned definitions keep the old one.
var guards = map[string]guard{
	"call_open@1":           {test: callOpen},
	"call_closed@1":         {test: callClosed},
	"in_time_to_complete@1": {test: inTime(CompleteBy, "complete_by_passed")},
	"in_time_to_confirm@1":  {test: inTime(ConfirmBy, "confirm_by_passed")},
	"host_deadline_open@1":  {test: inTime(HostNomination, "host_deadline_passed")},
	"host_deadline_passed@1": {picks: true, test: func(q question) *refusal {
		return unless(q.facts.passed(HostNomination, q.now), "host_deadline_open")
	}},
	"enough_time@1":   {test: holds("too_little_time", func(f Facts) bool { return f.EnoughTime })},
	"place_free@1":    {test: holds("no_place_free", func(f Facts) bool { return f.FreePlaces > 0 })},
	"no_place_free@1": {picks: true, test: holds("place_is_free", func(f Facts) bool { return f.FreePlaces <= 0 })},
	"draft_complete@1": {test: func(q question) *refusal {
		return unless(q.facts.DraftComplete, "draft_incomplete", "Problems", q.facts.DraftProblems)
	}},
	"has_submission@1":   {picks: true, test: holds("nothing_submitted", func(f Facts) bool { return f.Submissions > 0 })},
	"published@1":        {picks: true, test: holds("not_published_yet", func(f Facts) bool { return f.Published })},
	"not_published@1":    {picks: true, test: holds("already_published", func(f Facts) bool { return !f.Published })},
	"selected_by_home@1": {picks: true, test: holds("host_selects", func(f Facts) bool { return !f.SelectedByHost })},
	"selected_by_host@1": {picks: true, test: holds("home_selects", func(f Facts) bool { return f.SelectedByHost })},
	"nomination_limit@1": {test: func(q question) *refusal {
		limit := q.facts.NominationLimit
		return unless(limit == 0 || q.facts.OpenNominations < limit, "nomination_limit",
			"Limit", limit, "Open", q.facts.OpenNominations)
	}},
	"nomination_complete@1": {test: func(q question) *refusal {
		return unless(len(q.facts.NominationMissing) == 0, "nomination_incomplete", "Missing", q.facts.NominationMissing)
	}},
	"nothing_elsewhere@1": {test: holds("confirmed_elsewhere", func(f Facts) bool { return !f.ConfirmedElsewhere })},
	"none_live@1":         {test: holds("already_applied", func(f Facts) bool { return !f.LiveInRound })},
	"was_confirmed@1":     {picks: true, test: holds("never_confirmed", func(f Facts) bool { return f.ConfirmedBefore })},
	"host_refused@1":      {picks: true, test: holds("host_has_not_refused", func(f Facts) bool { return f.HostRefused })},
	"second_class@1":      {picks: true, test: holds("no_second_class", func(f Facts) bool { return f.SecondClass })},
	"late_link@1":         {picks: true, test: holds("no_late_link", func(f Facts) bool { return f.LateLink })},
	"no_second_class@1":   {picks: true, test: holds("second_class", func(f Facts) bool { return !f.SecondClass })},
	"upgrades@1":          {picks: true, test: holds("no_upgrades", func(f Facts) bool { return f.Upgrades })},
}

// callOpen lets a move through from the round's first instant to its
// deadline, and a submission also in the time after it that a sign-in asked
// for before gives, or a grace period.
func callOpen(q question) *refusal {
	closes, ok := q.facts.closesAt(Closes)
	switch {
	case q.now.Before(q.facts.Opens):
		return &refusal{"not_open_yet", map[string]any{"OpensAt": q.facts.Opens}}
	case ok && mobility.Open(q.now, closes), q.move.Has(EffectSubmit) && (q.facts.late(q.now) || q.facts.inGrace(q.now)):
		return nil
	}
	return &refusal{"closed", map[string]any{"Until": lastMinute(closes)}}
}

func callClosed(q question) *refusal {
	closes, _ := q.facts.closesAt(Closes)
	return unless(q.facts.due(Closes, q.now), "still_open", "Until", lastMinute(closes))
}

func inTime(kind Deadline, rule string) func(question) *refusal {
	return func(q question) *refusal {
		at, _ := q.facts.closesAt(kind)
		return unless(!q.facts.passed(kind, q.now), rule, "Until", lastMinute(at))
	}
}

// lastMinute is the minute people know a deadline by: 23:59, not the 00:00 that
// is the first closed instant.
func lastMinute(closesAt time.Time) time.Time {
	if closesAt.IsZero() {
		return closesAt
	}
	return closesAt.Add(-time.Minute)
}

func holds(rule string, test func(Facts) bool) func(question) *refusal {
	return func(q question) *refusal { return unless(test(q.facts), rule) }
}

// unless returns nil if ok, else the refusal with data given in pairs.
func unless(ok bool, rule string, pairs ...any) *refusal {
	if ok {
		return nil
	}
	data := map[string]any{}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	return &refusal{rule, data}
}
