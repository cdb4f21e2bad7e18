package process

import (
	"context"
	"fmt"
	"strings"
	"time"

	"peregrine/internal/lifecycle"
	"peregrine/internal/mobility"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// Violation is one invariant that does not hold, with a line for each row that
// breaks it: ids, states and numbers, no personal data.
type Violation struct {
	Rule string
	Rows []string
}

// Verify checks every invariant of design sections 3 and 4 that a live
// database can show, in the order of Invariants. db must see every row: the
// work role or the owner. Nothing found means nil. It changes nothing; for one
// picture of a database at work, give it a transaction of repeatable read.
func Verify(ctx context.Context, db store.DBTX) ([]Violation, error) {
	var out []Violation
	for _, c := range checks {
		rows, err := c.run(ctx, db)
		if err != nil {
			return nil, fmt.Errorf("verify %s: %w", c.rule, err)
		}
		if len(rows) > 0 {
			out = append(out, Violation{c.rule, rows})
		}
	}
	return out, nil
}

// Invariants lists the rules Verify checks, by name.
func Invariants() []string {
	out := make([]string, len(checks))
	for i, c := range checks {
		out[i] = c.rule
	}
	return out
}

type check struct {
	rule string
	run  func(context.Context, store.DBTX) ([]string, error)
}

var checks = []check{
	{"state_is_one_of_the_pinned_definition", queries.StateUnknown},
	{"application_pins_what_its_call_pins", queries.DefinitionNotTheCalls},
	{"offer_agrees_with_state", queries.OfferDisagrees},
	{"nomination_agrees_with_state", queries.NominationDisagrees},
	{"place_agrees_with_state", queries.PlaceDisagrees},
	{"submitted_means_a_submission", queries.SubmissionMissing},
	{"submitted_in_time", queries.SubmissionTooLate},
	{"history_has_no_gap", queries.HistoryHasGap},
	{"history_connects", queries.HistoryDoesNotConnect},
	{"state_is_where_history_led", queries.HistoryLedElsewhere},
	{"event_is_a_move_of_its_definition", queries.EventNoMove},
	{"pool_counts_its_holds", queries.PoolMiscounted},
	{"pool_is_never_held_beyond_allowed", queries.PoolBeyondAllowed},
	{"overbooking_is_recorded", queries.OverbookingMiscounted},
	{"held_are_the_pools_of_the_live_offer", queries.HoldElsewhere},
	{"application_has_one_live_offer", queries.OffersTwice},
	{"application_has_one_live_nomination", queries.NominationsTwice},
	{"nomination_is_where_the_offer_is", queries.NominationElsewhere},
	{"nomination_is_shared_with_its_host_alone", queries.ShareStrays},
	{"submissions_are_numbered", queries.SubmissionsMisnumbered},
	{"choices_are_what_the_call_allows", queries.ChoicesBeyondCall},
	{"choice_is_a_destination_of_the_round", queries.ChoiceElsewhere},
	{"round_is_published_once", queries.PublishedTwice},
	{"published_result_moved_everybody", queries.PublishedNotMoved},
	{"draft_ranking_moved_nobody", queries.DraftMoved},
	{"placed_was_offered_the_place", queries.PlacedWithoutOffer},
	{"published_result_can_be_recomputed", unrecomputable},
	{"published_points_can_be_counted_again", miscounted},
	{"letter_is_planned_once", queries.LettersTwice},
	{"event_has_its_letters", withoutLetters},
	{"letter_belongs_to_what_made_it", queries.LettersWithoutCause},
	{"sent_letter_has_one_sent_attempt", queries.SentUnaccounted},
	{"attempted_letter_has_a_frozen_text", queries.AttemptWithoutText},
	{"deadline_closes_after_its_wall_minute", wrongDeadlines},
	{"open_offer_has_a_confirm_by", queries.OfferWithoutDeadline},
	{"reserve_is_for_those_without_a_place", queries.ReserveStrays},
	{"rows_belong_to_their_applications_institution", queries.RowsOfAnotherInstitution},
	{"calls_lie_in_one_institution", queries.PlacesOfAnotherInstitution},
	{"assessor_has_no_conflict", queries.BarredAssessors},
	{"blind_call_numbers_its_candidates", queries.UnnumberedCandidates},
	{"list_was_approved_by_a_second_person", queries.PublishedUnapproved},
	{"provisional_list_may_be_appealed", queries.ProvisionalUntold},
	{"final_list_waits_for_appeals", queries.FinalTooEarly},
	{"appeal_lies_in_its_window", queries.AppealOutsideWindow},
	{"answered_appeal_says_who_and_when", queries.AppealHalfAnswered},
	{"appeal_is_decided_by_somebody_else", queries.AppealDecidedByParty},
	{"appeal_is_against_a_list_of_its_round", queries.AppealStrays},
	{"erased_person_left_no_appeal", queries.ErasedAppealWords},
	{"history_holds_no_words", queries.WordsInHistory},
	{"erased_person_left_nothing", queries.ErasedLeftovers},
}

// wrongDeadlines computes every deadline again from its wall minute and zone.
func wrongDeadlines(ctx context.Context, db store.DBTX) ([]string, error) {
	rows, err := queries.EveryDeadline(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []string
	zones := map[string]*time.Location{}
	for _, d := range rows {
		if zones[d.Zone] == nil {
			zone, err := time.LoadLocation(d.Zone)
			if err != nil {
				out = append(out, fmt.Sprintf("deadline %s is in the unknown zone %s", d.ID, d.Zone))
				continue
			}
			zones[d.Zone] = zone
		}
		want := closesAt(d.Kind, mobility.WallOf(d.Wall.UTC()), zones[d.Zone])
		if !want.Equal(d.ClosesAt) {
			out = append(out, fmt.Sprintf("deadline %s (%s) is at %s, should be at %s", d.ID, d.Kind, d.ClosesAt.UTC().Format(time.RFC3339), want.UTC().Format(time.RFC3339)))
		}
	}
	return out, nil
}

// withoutLetters asks each lifecycle what letters its moves promise, and looks
// for them. Letters to hosts are planned per host and not per event; a move of
// which there are several between the same states promises what all do.
func withoutLetters(ctx context.Context, db store.DBTX) ([]string, error) {
	made, err := queries.EventMoves(ctx, db)
	if err != nil {
		return nil, err
	}
	definitions := newDefinitionCache()
	var arg store.EventWithoutLetterParams
	for _, m := range made {
		d, err := definitions.load(ctx, db, m.DefinitionID)
		if err != nil {
			return nil, err
		}
		for _, kind := range promised(d, m) {
			arg.Definitions, arg.Moves = append(arg.Definitions, m.DefinitionID), append(arg.Moves, m.Move)
			arg.FromStates, arg.ToStates = append(arg.FromStates, m.FromState), append(arg.ToStates, string(m.ToState))
			arg.Kinds = append(arg.Kinds, kind)
		}
	}
	return queries.EventWithoutLetter(ctx, db, arg)
}

func promised(d *lifecycle.Definition, m store.EventMovesRow) []string {
	count, ways := map[string]int{}, 0
	var out []string
	for _, move := range d.MovesFrom(mobility.State(m.FromState)) {
		if move.Name != m.Move || move.To != m.ToState {
			continue
		}
		ways++
		for _, kind := range move.Letters {
			if lifecycle.Letters[kind] != mobility.RoleHost {
				count[kind]++
			}
		}
	}
	for kind, n := range count {
		if n == ways {
			out = append(out, kind)
		}
	}
	return out
}

// unrecomputable allocates every published ranking again from its stored
// input, where this program is the engine it names, and compares hashes.
func unrecomputable(ctx context.Context, db store.DBTX) ([]string, error) {
	rows, err := queries.PublishedRankings(ctx, db)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range rows {
		if what := recompute(r); what != "" {
			out = append(out, fmt.Sprintf("ranking %s: %s", r.ID, what))
		}
	}
	return out, nil
}

func recompute(r store.PublishedRankingsRow) string {
	in, err := selection.ReadInput(strings.NewReader(r.Input))
	switch {
	case err != nil:
		return "the stored input cannot be read"
	case selection.Hash(in) != r.InputHash:
		return "the input is not the one of its hash"
	case r.Engine != selection.Engine:
		return "" // another release's engine recomputes it
	}
	result, err := selection.Allocate(in)
	switch {
	case err != nil:
		return "the stored input cannot be allocated"
	case selection.HashResult(result) != r.ResultHash, string(selection.Canonical(result)) != r.Result:
		return "the result is not what its input gives"
	}
	return ""
}
