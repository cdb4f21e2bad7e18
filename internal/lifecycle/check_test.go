package lifecycle

import (
	"os"
	"strings"
	"testing"

	"peregrine/internal/mobility"
)

// breach is one way to break small.yaml: each pair replaces the first by the
// second, and the line that then has the mark "#!" is where it is to be told.
type breach []string

const endOfMoves = "\n\ntimers:"

// breaches has one for every rule but the size of the file.
var breaches = map[Rule]breach{
	RuleSyntax:       {"version: 1", "version: @1 #!"},
	RuleAlias:        {"title: {en: Small}", "title: &t {en: Small} #!"},
	RuleShape:        {"title: {en: Small}", "title: Small #!"},
	RuleUnknownKey:   {"version: 1", "version: 1\nauthor: me #!"},
	RuleDuplicateKey: {"version: 1", "version: 1\nversion: 1 #!"},
	RuleMissingKey:   {"  - {state: offered, deadline: confirm_by, move: lapse}", "  - {state: offered, deadline: confirm_by} #!"},
	RuleName:         {"name: small", "name: Small One #!"},
	RuleValue:        {"    turn: host", "    turn: neighbour #!"},

	RuleUnknownState:    {"{state: offered, deadline: confirm_by, move: lapse}", "{state: limbo, deadline: confirm_by, move: lapse} #!"},
	RuleUnknownRole:     {"to: [applicant], letter: remind_confirm}", "to: [postman], letter: remind_confirm} #!"},
	RuleUnknownGuard:    {"guards: [call_open@1], effects: [start], label: {en: Start}, confirm: {en: Yes}, done: {en: Started}}", "guards: [call_open@2], effects: [start], label: {en: Start}, confirm: {en: Yes}, done: {en: Started}} #!"},
	RuleUnknownDeadline: {"{state: offered, deadline: confirm_by, move: lapse}", "{state: offered, deadline: doomsday, move: lapse} #!"},
	RuleUnknownLetter:   {"letter: remind_confirm}", "letter: remind_me} #!"},
	RuleUnknownEffect:   {"effects: [end], ends_offer: withdrawn, ends_nomination: cancelled, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}}", "effects: [explode], ends_offer: withdrawn, ends_nomination: cancelled, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}} #!"},
	RuleUnknownInput:    {"asks: [comment?], label: {en: Drop}, confirm: {en: Yes}, done: {en: Dropped}}", "asks: [mood?], label: {en: Drop}, confirm: {en: Yes}, done: {en: Dropped}} #!"},
	RuleUnknownThing:    {"uses: choice, label: {en: Promote}, done: {en: Promoted}}", "uses: patience, label: {en: Promote}, done: {en: Promoted}} #!"},

	RuleDuplicate: {"{state: offered, deadline: confirm_by, offset: -48h, to: [applicant], letter: remind_confirm}", "{state: offered, deadline: confirm_by, offset: -48h, to: [applicant], letter: remind_confirm}\n  - {state: offered, deadline: confirm_by, offset: -48h, to: [applicant], letter: remind_confirm} #!"},
	RuleStart: {endOfMoves, "\n" + `  - {name: begin, from: [], to: draft, who: [officer], effects: [start], label: {en: B}, confirm: {en: Y}, done: {en: B}} #!
timers:`},
	RuleUnreachable: {"\n\nmoves:", "\n" + `  - {name: island, phase: closed, turn: none, label: {applicant: {en: I}, office: {en: I}}, next: {applicant: {en: I}, office: {en: I}}} #!
moves:`},
	RuleNoExit: {
		"\n\nmoves:", "\n" + `  - {name: pit, phase: submitted, turn: officer, label: {applicant: {en: I}, office: {en: I}}, next: {applicant: {en: I}, office: {en: I}}} #!
moves:`,
		endOfMoves, "\n" + `  - {name: fall, from: [submitted], to: pit, who: [officer], label: {en: P}, confirm: {en: Y}, done: {en: P}}
timers:`,
	},
	RuleNoOwner: {"from: [accepted], to: done, who: [officer]", "from: [accepted], to: done, who: [coordinator]", "- name: accepted", "- name: accepted #!"},
	RuleNoEnd: {
		"\n\nmoves:", "\n" + `  - {name: ping, phase: submitted, turn: officer, label: {applicant: {en: I}, office: {en: I}}, next: {applicant: {en: I}, office: {en: I}}} #!
  - {name: pong, phase: submitted, turn: officer, label: {applicant: {en: I}, office: {en: I}}, next: {applicant: {en: I}, office: {en: I}}}
moves:`,
		endOfMoves, "\n" + `  - {name: serve, from: [submitted, pong], to: ping, who: [officer], label: {en: P}, confirm: {en: Y}, done: {en: P}}
  - {name: back, from: [ping], to: pong, who: [officer], label: {en: P}, confirm: {en: Y}, done: {en: P}}
timers:`,
	},
	RuleAmbiguousMove: {endOfMoves, "\n" + `  - {name: drop, from: [reserve], to: submitted, who: [officer], label: {en: D}, confirm: {en: Y}, done: {en: D}} #!
timers:`},
	RuleAmbiguousOutcome: {endOfMoves, "\n" + `  - {name: skip, from: [submitted], to: done, who: [officer], outcome: reserve, label: {en: S}, done: {en: S}} #!
timers:`},
	RuleProperties:       {"{name: done, phase: closed, turn: none, label: {applicant: {en: Over}, office: {en: Over}}, next: {applicant: {en: Nothing}, office: {en: Nothing}}}", "{name: done, phase: closed, turn: officer, label: {applicant: {en: Over}, office: {en: Over}}, next: {applicant: {en: Nothing}, office: {en: Nothing}}} #!"},
	RuleOfferEnding:      {"who: [system], ends_offer: lapsed, label: {en: Lapse}, done: {en: Lapsed}}", "who: [system], label: {en: Lapse}, done: {en: Lapsed}} #!"},
	RuleNominationEnding: {"ends_offer: withdrawn, ends_nomination: cancelled, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}}", "ends_offer: withdrawn, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}} #!"},
	RulePlaceGuard:       {"guards: [place_free@1], uses: choice, label: {en: Promote}, done: {en: Promoted}}", "uses: choice, label: {en: Promote}, done: {en: Promoted}} #!"},
	RuleFreedPlace:       {"asks: [comment?], label: {en: Drop}, confirm: {en: Yes}, done: {en: Dropped}}", "freed_place: to_office, label: {en: Drop}, confirm: {en: Yes}, done: {en: Dropped}} #!"},
	RuleSubmit:           {"guards: [draft_complete@1], effects: [submit], letters: [receipt], label: {en: Submit}, confirm: {en: Yes}, done: {en: Submitted}}", "guards: [draft_complete@1], letters: [receipt], label: {en: Submit}, confirm: {en: Yes}, done: {en: Submitted}} #!"},
	RuleEffectInput:      {"asks: [end_date], effects: [end], ends_offer: withdrawn, ends_nomination: cancelled, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}}", "asks: [end_date?], effects: [end], ends_offer: withdrawn, ends_nomination: cancelled, label: {en: Finish}, confirm: {en: Yes}, done: {en: Finished}} #!"},
	RuleDeadlineFits: {"\n\nreminders:", "\n" + `  - {state: reserve, deadline: host_answer, move: promote} #!
reminders:`},
	RuleTimerMove:        {"deadline: confirm_by, move: lapse}", "deadline: confirm_by, move: confirm} #!"},
	RuleReminderLetter:   {"offset: -48h, to: [applicant], letter: remind_confirm}", "offset: 24h, to: [applicant], letter: remind_confirm} #!"},
	RuleReminderReader:   {"to: [applicant], letter: remind_confirm}", "to: [host], letter: remind_confirm} #!"},
	RuleCorrection:       {"correction: true, reason: required, ends_offer: withdrawn, freed_place", "reason: required, ends_offer: withdrawn, freed_place", "- name: offered", "- name: offered #!"},
	RuleCorrectionReason: {"correction: true, reason: required, ends_offer: withdrawn, freed_place: to_office, label: {en: Withdraw}, confirm: {en: Yes}, done: {en: Withdrawn}}", "correction: true, ends_offer: withdrawn, freed_place: to_office, label: {en: Withdraw}, confirm: {en: Yes}, done: {en: Withdrawn}} #!"},
	RuleAutomaticCycle:   {"guards: [place_free@1], uses: choice, label: {en: Promote}, done: {en: Promoted}}", "guards: [place_free@1], label: {en: Promote}, done: {en: Promoted}} #!"},
	RuleLabels:           {"done: {en: Dropped}}", "done: {cs: Vyřazeno}} #!"},
}

// broken returns small.yaml with the breach in it, and the marked line.
func broken(t *testing.T, b breach) (src string, at int) {
	t.Helper()
	raw, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	src = string(raw)
	for i := 0; i+1 < len(b); i += 2 {
		if strings.Count(src, b[i]) != 1 {
			t.Fatalf("%d times in small.yaml: %s", strings.Count(src, b[i]), b[i])
		}
		src = strings.Replace(src, b[i], b[i+1], 1)
	}
	before, _, marked := strings.Cut(src, "#!")
	if !marked {
		t.Fatal("no line is marked")
	}
	return src, strings.Count(before, "\n") + 1
}

func TestSmallDefinitionKeepsEveryRule(t *testing.T) {
	parsed(t, []string{"en"}, "testdata/small.yaml")
}

func TestEveryRuleRefusesWithFileAndLine(t *testing.T) {
	for _, rule := range Rules {
		if rule == RuleSize {
			continue
		}
		t.Run(string(rule), func(t *testing.T) {
			b, ok := breaches[rule]
			if !ok {
				t.Fatal("no test breaks this rule")
			}
			src, at := broken(t, b)
			d, found := ParseIn([]string{"en"}, "small.yaml", []byte(src))
			if d != nil {
				t.Fatal("not refused")
			}
			told := false
			for _, p := range found {
				told = told || p.Line == at
				if p.Rule != rule || p.File != "small.yaml" {
					t.Errorf("also told: %s", p)
				}
			}
			if !told {
				t.Errorf("line %d is not told, but %v", at, found)
			}
		})
	}
}

func TestTooBigAFileIsRefused(t *testing.T) {
	_, found := Parse("big.yaml", make([]byte, maxSize+1))
	if len(found) != 1 || found[0].Rule != RuleSize || found[0].String() != "big.yaml:1: the file is longer than 1048576 bytes [too-big]" {
		t.Errorf("got %v", found)
	}
}

// TestEveryPropertyRuleRefuses breaks each combination of properties that
// cannot be.
func TestEveryPropertyRuleRefuses(t *testing.T) {
	for i, rule := range propertyRules {
		broken := 0
		everyProperties(func(p mobility.Properties) {
			if rule.broken(p) {
				broken++
			}
		})
		if broken == 0 {
			t.Errorf("rule %d (%s) refuses nothing", i, rule.text)
		}
	}
}

func everyProperties(visit func(mobility.Properties)) {
	for _, phase := range mobility.Phases {
		for _, turn := range mobility.Turns {
			for bits := range 4 {
				for _, offer := range []mobility.OfferProperty{mobility.OfferNone, mobility.OfferOpen, mobility.OfferConfirmed} {
					for _, nomination := range []mobility.NominationProperty{mobility.NominationNone, mobility.NominationLive, mobility.NominationAccepted} {
						for _, decision := range []mobility.Decision{mobility.DecisionNone, mobility.DecisionPositive, mobility.DecisionNegative} {
							for _, visible := range []mobility.Visible{mobility.VisibleAtOnce, mobility.VisibleWhenPublished} {
								visit(mobility.Properties{
									Phase: phase, Turn: turn, Editable: bits&1 == 1, HoldsPlace: bits&2 == 2,
									Offer: offer, Nomination: nomination, Decision: decision, Visible: visible,
								})
							}
						}
					}
				}
			}
		}
	}
}
