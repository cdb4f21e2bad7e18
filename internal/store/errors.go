package store

import (
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"peregrine/internal/mobility"
)

// conflicts maps a constraint, named as a sentence, to the answer a person
// gets when it is broken.
var conflicts = map[string]string{
	"one_application_per_person_and_round":  "conflict.already_applied",
	"pool_is_never_held_beyond_allowed":     "conflict.no_place_left",
	"application_has_one_live_offer":        "conflict.already_offered",
	"application_has_one_live_nomination":   "conflict.already_nominated",
	"event_is_the_only_one_of_its_revision": "conflict.moved_meanwhile",
	"round_is_published_once":               "conflict.already_published",
	"ranking_number_is_unique_in_round":     "conflict.computed_meanwhile",
	"one_standing_mark_per_assessor":        "conflict.marked_meanwhile",
	"assessor_has_no_conflict":              "conflict.assessor_barred",
	"assessor_is_assigned_once":             "conflict.assigned_meanwhile",
	"address_belongs_to_one_person":         "conflict.address_taken",
	"one_registration_per_call_and_address": "conflict.already_registered",
	"round_has_one_provisional_list":        "conflict.already_provisional",
	"application_has_one_open_appeal":       "conflict.appeal_waits",
	"appeal_is_decided_by_somebody_else":    "conflict.cannot_decide",
	"gate_is_lifted_once":                   "conflict.preview_changed",
	"definition_version_is_loaded_once":     "conflict.version_loaded",
	"publication_is_paused_once":            "conflict.letters_paused",
}

// Translate turns what the database refused into the product's words: a
// missing row into not found, a broken constraint into the conflict it names, text
// that is none (a NUL, bytes that are no UTF-8) into a form that cannot be read.
// Anything else passes unchanged and counts as internal. what names the thing
// looked for, as a catalogue word.
func Translate(err error, what string) error {
	if err == nil {
		return nil
	}
	if noRows(err) {
		return mobility.NotFoundError(what)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		if code, known := conflicts[pg.ConstraintName]; known {
			return &mobility.Error{Kind: mobility.Conflict, Code: code, Cause: err}
		}
		if pg.Code == "22021" || pg.Code == "22P05" {
			return &mobility.Error{Kind: mobility.Invalid, Code: "error.form", Cause: err}
		}
	}
	return err
}

// Retryable reports whether the whole transaction should be tried again: a
// serialization failure or a deadlock.
func Retryable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// NoRows reports whether a read of one row found none.
func NoRows(err error) bool { return errors.Is(err, pgx.ErrNoRows) }
