package process_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestVerifyFindsNothingInAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	found, err := process.Verify(t.Context(), testkit.Database(t))
	if err != nil || found != nil {
		t.Fatalf("found %v, %v", found, err)
	}
}

// busyWorld has an applicant nominated, one on the reserve, one in draft, one
// offered at another destination, and a letter that was sent.
func busyWorld(t *testing.T) *testkit.World {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna, bert, cyril := w.Student("Anna", "1.2"), w.Student("Bert", "2.4"), w.Student("Cyril", "2")
	a, b := w.Submitted(anna, w.Destinations[0]), w.Submitted(bert, w.Destinations[0])
	c := w.Submitted(cyril, w.Destinations[1])
	w.Draft(w.Student("Dana", "1.5"))
	for id, points := range map[uuid.UUID]string{a: "28", b: "20", c: "25"} {
		w.Marked(id, points)
	}
	w.Published(w.AfterClose)
	w.Move(anna, a, "confirm", w.AfterClose.Add(time.Hour), process.Given{})
	w.Move(w.Officer, a, "nominate", w.AfterClose.Add(2*time.Hour), process.Given{})
	w.Exec(`UPDATE letters SET status = 'sent', sent_at = now() WHERE kind = 'receipt'`)
	w.Exec(`INSERT INTO letter_texts (letter_id, person_id, address, subject, plain, html, message_id, frozen_at)
		SELECT id, person_id, 'a@b.example', 's', 'p', 'h', id::text, now() FROM letters WHERE kind = 'receipt'`)
	w.Exec(`INSERT INTO letter_attempts (letter_id, number, started_at, finished_at, outcome) SELECT id, 1, now(), now(), 'sent' FROM letters WHERE kind = 'receipt'`)
	return w
}

// breaks says, per invariant, how to break it by hand in a busy world, past
// triggers and foreign keys.
var breaks = map[string]string{
	"state_is_one_of_the_pinned_definition":         `UPDATE applications SET state = 'lost' WHERE state = 'draft'`,
	"application_pins_what_its_call_pins":           `UPDATE calls SET definition_id = (SELECT id FROM definitions WHERE name = 'bip')`,
	"offer_agrees_with_state":                       `UPDATE offers SET status = 'declined' WHERE status = 'open'`,
	"nomination_agrees_with_state":                  `UPDATE nominations SET status = 'cancelled'`,
	"place_agrees_with_state":                       `DELETE FROM place_holds`,
	"submitted_in_time":                             `UPDATE submissions SET arrived_at = (SELECT d.closes_at FROM deadlines d WHERE d.kind = 'closes' AND d.round_id IS NOT NULL)`,
	"submitted_means_a_submission":                  `DELETE FROM submissions`,
	"history_has_no_gap":                            `DELETE FROM events WHERE revision = 2`,
	"history_connects":                              `UPDATE events SET from_state = 'returned' WHERE move = 'nominate'`,
	"state_is_where_history_led":                    `UPDATE applications SET state = 'submitted', phase = 'submitted' WHERE state = 'draft'`,
	"event_is_a_move_of_its_definition":             `UPDATE events SET move = 'wish' WHERE move = 'submit'`,
	"pool_counts_its_holds":                         `UPDATE pools SET held = 0`,
	"pool_is_never_held_beyond_allowed":             `ALTER TABLE pools DROP CONSTRAINT pool_is_never_held_beyond_allowed; UPDATE pools SET places = 0`,
	"overbooking_is_recorded":                       `UPDATE pools SET overbooked = 1`,
	"held_are_the_pools_of_the_live_offer":          `UPDATE place_holds SET destination_id = gen_random_uuid()`,
	"application_has_one_live_offer":                `DROP INDEX application_has_one_live_offer; INSERT INTO offers SELECT gen_random_uuid(), institution_id, application_id, destination_id, ranking_id, status, promoted, made_at, ended_at FROM offers`,
	"application_has_one_live_nomination":           `DROP INDEX application_has_one_live_nomination; INSERT INTO nominations (id, institution_id, application_id, destination_id, host_institution_id, proposal_id, status) SELECT gen_random_uuid(), institution_id, application_id, destination_id, host_institution_id, proposal_id, 'draft' FROM nominations`,
	"nomination_is_where_the_offer_is":              `UPDATE nominations SET host_institution_id = institution_id`,
	"nomination_is_shared_with_its_host_alone":      `UPDATE shares SET visible_to = institution_id`,
	"submissions_are_numbered":                      `UPDATE submissions SET number = 3`,
	"choices_are_what_the_call_allows":              `UPDATE choices SET position = 9`,
	"choice_is_a_destination_of_the_round":          `UPDATE destinations SET round_id = gen_random_uuid()`,
	"round_is_published_once":                       `DROP INDEX round_is_published_once; INSERT INTO rankings SELECT gen_random_uuid(), institution_id, call_id, round_id, 7, status, engine, method, input, result, input_hash, result_hash, computed_at, computed_by, published_at, published_by FROM rankings`,
	"published_result_moved_everybody":              `UPDATE events SET data = data - 'ranking'`,
	"draft_ranking_moved_nobody":                    `UPDATE rankings SET status = 'draft', published_at = NULL, published_by = NULL`,
	"placed_was_offered_the_place":                  `UPDATE offers SET ranking_id = NULL`,
	"published_result_can_be_recomputed":            `UPDATE rankings SET input = replace(input, '"free":1', '"free":2')`,
	"published_points_can_be_counted_again":         `UPDATE ranking_details SET inputs = replace(inputs, '"marks"', '"marks_of_somebody_else"')`,
	"letter_is_planned_once":                        `ALTER TABLE letters DROP CONSTRAINT letter_is_planned_once, DROP CONSTRAINT letter_of_an_event_names_it; UPDATE letters SET subject_key = 'host_link:same'`,
	"letter_belongs_to_what_made_it":                `ALTER TABLE letters DROP CONSTRAINT letter_of_an_event_names_it; UPDATE letters l SET event_id = (SELECT e.id FROM events e WHERE e.application_id <> l.application_id LIMIT 1) WHERE l.cause = 'event'`,
	"event_has_its_letters":                         `ALTER TABLE letters DROP CONSTRAINT letter_of_an_event_names_it; UPDATE letters SET event_id = NULL WHERE kind = 'reserve'`,
	"sent_letter_has_one_sent_attempt":              `DELETE FROM letter_attempts`,
	"attempted_letter_has_a_frozen_text":            `DELETE FROM letter_texts`,
	"deadline_closes_after_its_wall_minute":         `UPDATE deadlines SET closes_at = closes_at - interval '1 minute' WHERE kind = 'closes'`,
	"open_offer_has_a_confirm_by":                   `DELETE FROM deadlines WHERE kind = 'confirm_by'`,
	"reserve_is_for_those_without_a_place":          `INSERT INTO reserve_places SELECT application_id, destination_id, institution_id, ranking_id, 1, 1, 1 FROM offers WHERE status = 'open'`,
	"rows_belong_to_their_applications_institution": `UPDATE events SET institution_id = gen_random_uuid() WHERE move = 'nominate'`,
	"calls_lie_in_one_institution":                  `UPDATE pools SET institution_id = (SELECT id FROM institutions WHERE country = 'FI')`,
	"assessor_has_no_conflict":                      `INSERT INTO conflicts SELECT gen_random_uuid(), institution_id, application_id, assessor_id, 'declared', NULL, now(), NULL FROM marks; UPDATE rankings SET status = 'draft', published_at = NULL, published_by = NULL`,
	"blind_call_numbers_its_candidates":             `UPDATE calls SET blind = true`,
	"list_was_approved_by_a_second_person":          `UPDATE calls SET approval = 'second_person'`,
	"provisional_list_may_be_appealed":              `UPDATE rankings SET provisional_at = published_at, provisional_by = published_by`,
	"final_list_waits_for_appeals":                  `UPDATE calls SET provisional_days = 3`,
	"appeal_lies_in_its_window":                     `INSERT INTO appeals (id, institution_id, application_id, ranking_id, number, filed_at, status) SELECT gen_random_uuid(), o.institution_id, o.application_id, o.ranking_id, 1, now(), 'filed' FROM offers o JOIN applications a ON a.id = o.application_id WHERE o.ranking_id IS NOT NULL LIMIT 1`,
	"answered_appeal_says_who_and_when":             `ALTER TABLE appeals DROP CONSTRAINT answered_appeal_says_who_and_when, DROP CONSTRAINT granted_appeal_says_by_what; INSERT INTO appeals (id, institution_id, application_id, ranking_id, number, filed_at, status) SELECT gen_random_uuid(), o.institution_id, o.application_id, o.ranking_id, 1, now(), 'granted' FROM offers o JOIN applications a ON a.id = o.application_id WHERE o.ranking_id IS NOT NULL LIMIT 1`,
	"appeal_is_decided_by_somebody_else":            `INSERT INTO appeals (id, institution_id, application_id, ranking_id, number, filed_at, status, decided_by, decided_at) SELECT gen_random_uuid(), o.institution_id, o.application_id, o.ranking_id, 1, now(), 'refused', a.person_id, now() FROM offers o JOIN applications a ON a.id = o.application_id WHERE o.ranking_id IS NOT NULL LIMIT 1`,
	"appeal_is_against_a_list_of_its_round":         `INSERT INTO appeals (id, institution_id, application_id, ranking_id, number, filed_at, status) SELECT gen_random_uuid(), (SELECT id FROM institutions WHERE country = 'FI'), o.application_id, o.ranking_id, 1, now(), 'filed' FROM offers o JOIN applications a ON a.id = o.application_id WHERE o.ranking_id IS NOT NULL LIMIT 1`,
	"erased_person_left_no_appeal":                  `INSERT INTO appeal_texts SELECT gen_random_uuid(), 'reason', institution_id, person_id, 'Wrong.' FROM applications LIMIT 1; UPDATE persons SET erased_at = now()`,
	"history_holds_no_words":                        `UPDATE events SET data = data || '{"said": "Anna asked for it"}' WHERE move = 'nominate'`,
	"erased_person_left_nothing":                    `UPDATE persons SET erased_at = now() WHERE id = (SELECT person_id FROM applications WHERE state = 'draft')`,
}

func TestVerifyFindsEachBrokenInvariant(t *testing.T) {
	t.Parallel()
	w := busyWorld(t)
	verifyClean(t.Context(), t, w)
	for _, rule := range process.Invariants() {
		t.Run(rule, func(t *testing.T) {
			sql, ok := breaks[rule]
			if !ok {
				t.Fatal("no way to break it is known: add one")
			}
			found := foundAfter(t, w, sql)
			if !slices.ContainsFunc(found, func(v process.Violation) bool { return v.Rule == rule && len(v.Rows) > 0 }) {
				t.Errorf("not found; found were %v", found)
			}
		})
	}
	if len(breaks) != len(process.Invariants()) {
		t.Errorf("%d ways to break %d invariants", len(breaks), len(process.Invariants()))
	}
}

// foundAfter verifies after sql ran with triggers and foreign keys off, and
// rolls everything back.
func foundAfter(t *testing.T, w *testkit.World, sql string) []process.Violation {
	t.Helper()
	ctx := t.Context()
	tx, err := w.Admin.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	if _, err := tx.Exec(ctx, `SET LOCAL session_replication_role = replica; `+sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatal(err)
	}
	found, err := process.Verify(ctx, tx)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestVerifyRunsAsTheWorkRole(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Draft(w.Student("Anna", "1.2"))
	w.Exec(`UPDATE pools SET overbooked = 1`)
	var found []process.Violation
	err := pgx.BeginFunc(t.Context(), w.Web, func(tx pgx.Tx) error {
		if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE peregrine_work`); err != nil {
			return err
		}
		var err error
		found, err = process.Verify(t.Context(), tx)
		return err
	})
	if err != nil || len(found) != 1 || found[0].Rule != "overbooking_is_recorded" {
		t.Errorf("found %v, %v", found, err)
	}
}
