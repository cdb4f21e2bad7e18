package process_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/testkit"
)

const planYAML = `
institution: CZ HOME01
programme: erasmus-study
academic_year: 2027/28
title: {en: Study stays, cs: Studijní pobyty}
description: {en: Go abroad.}
lifecycle: erasmus-study
form:
  name: study
  questions:
    - {key: motivation, kind: long, required: true, per_destination: true, max_length: 4000, label: {en: Why?}}
    - {key: level, kind: choice, label: {en: Level}, options: [{value: b2, label: {en: B2}}]}
scheme:
  name: points
  inputs: {average: {from: imported, kind: number}}
  criteria:
    - {key: average, label: {en: Average}, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
    - {key: letter, label: {en: Letter}, mark: {min: 0, max: 30}, scale: 2}
  ties: [{of: points(letter)}]
selection:
  method: first-choice
  reserve: {second_class: true}
max_choices: 4
max_languages: 2
min_ects: 20
confirm: {days: 5, hour: 10}
units: [FBE]
registration: coordinator
contact: {email: office@home.example, phone: "+420 545 130 000"}
rounds:
  - opens: 2026-12-15 08:00
    closes: 2027-01-31 23:59
    assess_by: 2027-02-15 23:59
    destinations:
      - hosts: [SF HOST01]
        stays: {autumn: {begins: 2027-09-01, ends: 2028-01-31}}
        host_emails: {SF HOST01: incoming@host.example}
`

func plan(t *testing.T) process.CallPlan {
	t.Helper()
	p, err := process.ParseCallPlan([]byte(planYAML))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// planned is a world with a call made from the plan, not open yet.
func planned(t *testing.T) (*testkit.World, uuid.UUID) {
	t.Helper()
	w := office(t)
	w.Exec(`UPDATE agreements SET nomination_wall = '2027-04-15 23:59', nomination_zone = 'Europe/Helsinki'`)
	id, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, plan(t))
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return w, id
}

func TestCreateCallFromAPlan(t *testing.T) {
	t.Parallel()
	w, id := planned(t)
	for sql, want := range map[string]string{
		`SELECT title ->> 'cs' FROM calls WHERE id = $1`: "Studijní pobyty",
		`SELECT zone FROM calls WHERE id = $1`:           "Europe/Prague",
		`SELECT confirm_days || ' ' || promotion_days || ' ' || confirm_hour || ' ' || confirm_minimum FROM calls WHERE id = $1`:                                            "5 3 10 48:00:00",
		`SELECT selection ->> 'method' || ' ' || (selection ->> 'ties') || ' ' || (selection -> 'reserve' ->> 'per') FROM calls WHERE id = $1`:                              "first-choice lot destination",
		`SELECT u.code FROM call_units x JOIN units u ON u.id = x.unit_id WHERE x.call_id = $1`:                                                                             "FBE",
		`SELECT host_email || ' ' || starts_on FROM destinations WHERE call_id = $1`:                                                                                        "incoming@host.example 2027-09-01",
		`SELECT count(*)::text FROM destination_pools p JOIN destinations d ON d.id = p.destination_id WHERE d.call_id = $1`:                                                "1",
		`SELECT string_agg(t.kind || ' ' || t.zone, ', ' ORDER BY t.kind) FROM deadlines t JOIN destinations d ON d.id = t.destination_id WHERE d.call_id = $1`:             "host_nomination Europe/Helsinki, stay_begins Europe/Helsinki, stay_ends Europe/Helsinki",
		`SELECT string_agg(t.kind, ', ' ORDER BY t.closes_at) FROM deadlines t JOIN rounds r ON r.id = t.round_id WHERE r.call_id = $1`:                                     "opens, closes, assess_by",
		`SELECT (f.questions -> 0 ->> 'per_destination') FROM calls c JOIN forms f ON f.id = c.form_id WHERE c.id = $1`:                                                     "true",
		`SELECT (s.marked -> 0 ->> 'max') || ' ' || (s.marked -> 0 -> 'label' ->> 'en') || ' ' || s.most FROM calls c JOIN schemes s ON s.id = c.scheme_id WHERE c.id = $1`: "30 Letter 60",
	} {
		if got := testkit.One[string](w, sql, id); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	verifyClean(t.Context(), t, w)
}

func TestEveryProblemOfAPlanIsNamed(t *testing.T) {
	t.Parallel()
	w := office(t)
	p := plan(t)
	p.Programme, p.Title, p.Lifecycle, p.MaxChoices, p.Units = "travel", nil, "unheard-of", 0, []string{"NOPE"}
	p.Contact.Email, p.Scheme.Source, p.Form.Questions[1].Options = "nobody", "name: x\ncriteria: [{key: a}]", nil
	p.Selection.Shares, p.Selection.Quotas = []mobility.ShareRule{{Percent: 120}}, []mobility.QuotaRule{{Hosts: []string{"A NOWHERE01"}}}
	p.Rounds[0].Closes, p.Rounds[0].AssessBy = "2026-12-01 23:59", "2026-11-31"
	p.Rounds[0].Destinations[0].Hosts = []string{"A NOWHERE01"}
	_, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	var e *mobility.Error
	if !errors.As(err, &e) || e.Kind != mobility.Invalid {
		t.Fatalf("answer %v", err)
	}
	for _, field := range []string{
		"programme", "title", "lifecycle", "max_choices", "contact.email", "scheme.criteria.1", "form.questions.2.options",
		"selection.shares.1.percent", "selection.shares.1.when", "selection.quotas.1.label", "selection.quotas.1.hosts",
		"rounds.1.closes", "rounds.1.assess_by", "rounds.1.destinations.1.hosts", "rounds.1.destinations.1.units",
	} {
		if !slices.ContainsFunc(e.Fields, func(f mobility.FieldProblem) bool { return f.Field == field }) {
			t.Errorf("%s is not named: %v", field, e.Fields)
		}
	}
	if _, err := process.ParseCallPlan([]byte(planYAML + "max_choises: 3\n")); err == nil || !strings.Contains(err.Error(), "max_choises") {
		t.Errorf("a slip of the pen: %v", err)
	}
}

func TestOnlyTheOfficeMakesAndOpensACall(t *testing.T) {
	t.Parallel()
	w, id := planned(t)
	for _, who := range []mobility.Actor{w.Coordinator, w.ForeignOfficer, w.Student("Anna", "1")} {
		if _, err := w.Process.CreateCall(t.Context(), who, w.Opens, plan(t)); mobility.KindOf(err) != mobility.Forbidden {
			t.Errorf("%s makes: %v", who.Name, err)
		}
		err := w.Process.OpenCall(t.Context(), who, w.Opens, id)
		if k := mobility.KindOf(err); k != mobility.Forbidden && k != mobility.NotFound {
			t.Errorf("%s opens: %v", who.Name, err)
		}
	}
	if _, err := w.Process.CreateCall(t.Context(), mobility.Actor{System: true}, w.Opens, plan(t)); err != nil {
		t.Errorf("the system: %v", err)
	}
}

func TestOfTwoOpenersOneOpens(t *testing.T) {
	t.Parallel()
	w, id := planned(t)
	won := atOnce(t, func(int) error { return w.Process.OpenCall(t.Context(), w.Officer, w.Opens, id) })
	if won != 1 {
		t.Errorf("%d opened it", won)
	}
	seed := testkit.One[string](w, `SELECT seed FROM call_seeds WHERE call_id = $1`, id)
	hash := testkit.One[string](w, `SELECT encode(seed_hash, 'hex') FROM calls WHERE id = $1`, id)
	if len(seed) < 20 || selection.SeedCommitment(seed) != hash {
		t.Errorf("seed of %d characters, commitment %s", len(seed), hash)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM acts WHERE act = 'call_opened' AND data ->> 'seed_hash' = $1`, hash); n != 1 {
		t.Errorf("%d acts", n)
	}
	verifyClean(t.Context(), t, w)
}

func TestOpeningProblems(t *testing.T) {
	t.Parallel()
	w, id := planned(t)
	if found := opening(t, w, id, w.Opens); len(found) != 0 {
		t.Errorf("a sound call: %v", found)
	}
	w.Exec(`DELETE FROM deadlines WHERE kind = 'host_nomination'`)
	w.Exec(`UPDATE destinations SET host_email = '', starts_on = NULL WHERE call_id = $1`, id)
	want := []string{"opening.no_host_deadline", "opening.no_host_address", "opening.no_stay"}
	found := opening(t, w, id, w.Opens)
	for n, p := range found {
		if n >= len(want) || p.Code != want[n] || p.Blocking || p.Data["N"] != 1 {
			t.Errorf("warning %d: %+v", n, p)
		}
	}
	w.Exec(`UPDATE pools SET places = 0`)
	if err := w.Process.OpenCall(t.Context(), w.Officer, w.Opens, id); mobility.CodeOf(err) != "opening.no_places_at_all" {
		t.Errorf("without places: %v", err)
	}
	w.Exec(`UPDATE pools SET places = 1`)
	if err := w.Process.OpenCall(t.Context(), w.Officer, w.ClosesAt, id); mobility.CodeOf(err) != "opening.closed_already" {
		t.Errorf("after its deadline: %v", err)
	}
	if err := w.Process.OpenCall(t.Context(), w.Officer, w.ClosesAt.Add(-time.Second), id); err != nil {
		t.Errorf("with warnings alone: %v", err)
	}
}

func opening(t *testing.T, w *testkit.World, id uuid.UUID, now time.Time) []process.OpeningProblem {
	t.Helper()
	found, err := process.OpeningProblems(t.Context(), w.Admin, id, now)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestAmendDeadline(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	id := testkit.One[uuid.UUID](w, `SELECT id FROM deadlines WHERE kind = 'closes'`)
	req := process.DeadlineMove{Deadline: id, Version: 1, Wall: mobility.Wall(2027, time.March, 28, 2, 30), Reason: "The portal was down.", Arrived: w.Opens}
	for _, who := range []mobility.Actor{w.Coordinator, w.ForeignOfficer} {
		if err := w.Process.MoveDeadline(t.Context(), who, req); mobility.KindOf(err) != mobility.Forbidden {
			t.Errorf("%s: %v", who.Name, err)
		}
	}
	if err := w.Process.MoveDeadline(t.Context(), w.Officer, req); err != nil {
		t.Fatal(err)
	}
	if err := w.Process.MoveDeadline(t.Context(), w.Officer, req); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("from an old page: %v", err)
	}
	if v := testkit.One[int](w, `SELECT version FROM deadlines WHERE id = $1`, id); v != 2 {
		t.Errorf("version %d", v)
	}
	req.Version, req.Wall = 0, mobility.Wall(2026, time.December, 1, 0, 0)
	if err := w.Process.MoveDeadline(t.Context(), w.Officer, req); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("before it opens: %v", err)
	}
	verifyClean(t.Context(), t, w) // also the minute that night does not have
}

func TestAPublishedRoundsEndIsNotAmended(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Marked(w.Submitted(w.Student("Anna", "1.2")), "28")
	w.Published(w.AfterClose)
	for kind, code := range map[string]string{"closes": "conflict.already_published", "confirm_by": "conflict.deadline_of_a_file"} {
		id := testkit.One[uuid.UUID](w, `SELECT id FROM deadlines WHERE kind = $1`, kind)
		err := w.Process.MoveDeadline(t.Context(), w.Officer, process.DeadlineMove{Deadline: id, Wall: mobility.Wall(2027, time.March, 1, 12, 0), Reason: "late", Arrived: w.AfterClose})
		if mobility.CodeOf(err) != code {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestOverbook(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Marked(w.Submitted(w.Student("Anna", "1.2")), "28")
	w.Published(w.AfterClose)
	book := process.Overbook{Pool: w.Pools[0], Number: -1, Rule: "correction", Why: "A mistake.", Arrived: w.AfterClose}
	if err := w.Process.Overbook(t.Context(), w.Officer, book); mobility.CodeOf(err) != "conflict.no_place_left" {
		t.Errorf("below what is held: %v", err)
	}
	book.Number = 2
	if err := w.Process.Overbook(t.Context(), w.Coordinator, book); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("a coordinator: %v", err)
	}
	if err := w.Process.Overbook(t.Context(), w.Officer, book); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT overbooked FROM pools WHERE id = $1`, w.Pools[0]); n != 2 {
		t.Errorf("%d overbooked", n)
	}
	book.Rule, book.Why = "because", ""
	if err := w.Process.Overbook(t.Context(), w.Officer, book); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("without a rule: %v", err)
	}
	verifyClean(t.Context(), t, w)
}
