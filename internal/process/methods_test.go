package process_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// rulesYAML is a call with two destinations at two hosts, every input a
// scheme can have, and room for the rules a test is about.
const rulesYAML = `
institution: CZ HOME01
programme: erasmus-study
academic_year: 2027/28
title: {en: Study stays}
description: {en: Go abroad.}
lifecycle: erasmus-study
form:
  name: study
  questions:
    - {key: fewer, kind: "yes", label: {en: Fewer opportunities}}
    - {key: proof, kind: file, label: {en: Proof}}
scheme:
  name: rules
  inputs:
    average: {from: imported, kind: number, frozen: instant}
    fewer: {from: answer, kind: yesno}
    earlier: {from: record, kind: count, of: mobilities, years: 5}
  criteria:
    - {key: average, label: {en: Average}, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
    - {key: letter, label: {en: Letter}, mark: {min: 0, max: 30}, scale: 2}
    - {key: earlier, label: {en: Earlier stays}, points: {each: {of: earlier, points: -10, most: -20}}}
  ties: [{of: points(letter)}]
facts_at: 2027-01-20 12:00
%s
max_choices: 4
units: [FBE]
contact: {email: office@home.example}
rounds:
  - opens: 2026-12-15 08:00
    closes: 2027-01-31 23:59
    destinations:
      - hosts: [SF HOST01, SF HOST02]
`

// fair is a world with a call by the rules, open, with so many places at each
// of its two destinations.
type fair struct {
	*testkit.World
	places []uuid.UUID // destinations, the one with fewer ISCED digits first
}

func newFair(t *testing.T, rules string, places ...int) *fair {
	t.Helper()
	w := office(t)
	w.Exec(`UPDATE agreements SET nomination_wall = '2027-06-15 23:59', nomination_zone = 'Europe/Helsinki', places = $1`, places[0])
	w.Exec(`UPDATE pools SET places = $1`, places[0])
	second := uuid.New()
	w.Exec(`INSERT INTO institutions (id, name, country, tenant) VALUES ($1, 'Second Host', 'CZ', false)`, second)
	w.Exec(`INSERT INTO erasmus_codes (code, institution_id) VALUES ('SF HOST02', $1)`, second)
	agreement := uuid.New()
	w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id, nomination_wall, nomination_zone)
		SELECT $1, institution_id, unit_id, $2, isced_f, cycle, $3, months, language, cefr, term, academic_year, 'SECOND', nomination_wall, nomination_zone FROM agreements WHERE academic_year = '2027/28' LIMIT 1`, agreement, second, places[1])
	w.Exec(`INSERT INTO pools (id, institution_id, agreement_id, academic_year, term, places) SELECT $1, institution_id, id, academic_year, term, places FROM agreements WHERE id = $2`, uuid.New(), agreement)
	p, err := process.ParseCallPlan([]byte(fmt.Sprintf(rulesYAML, rules)))
	if err != nil {
		t.Fatal(err)
	}
	call, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	if err := w.Process.OpenCall(t.Context(), w.Officer, w.Opens, call); err != nil {
		t.Fatal(err)
	}
	w.Call = call
	w.Round = testkit.One[uuid.UUID](w, `SELECT id FROM rounds WHERE call_id = $1`, call)
	f := &fair{World: w}
	for _, host := range []string{"Host University", "Second Host"} {
		f.places = append(f.places, testkit.One[uuid.UUID](w, `SELECT d.id FROM destinations d JOIN institutions i ON i.id = d.host_institution_id WHERE d.round_id = $1 AND i.name = $2`, w.Round, host))
	}
	return f
}

// applies lets somebody apply with an average, a mark and an answer.
func (f *fair) applies(name, average, letter string, answers mobility.Answers, choices ...uuid.UUID) (mobility.Actor, uuid.UUID) {
	f.T.Helper()
	who := f.Student(name, average)
	id, err := f.Process.Start(f.T.Context(), who, f.Round, f.WhileOpen())
	if err != nil {
		f.T.Fatal(err)
	}
	_, err = f.Process.SaveDraft(f.T.Context(), who, process.DraftSave{Application: id, Revision: 1, Answers: answers, Choices: choices, Arrived: f.WhileOpen()})
	if err != nil {
		f.T.Fatal(err)
	}
	f.Move(who, id, "submit", f.WhileOpen().Add(time.Duration(len(name))*time.Minute), process.Given{})
	f.Marked(id, letter)
	return who, id
}

// got says what became of everybody: name → destination number, "reserve" or the outcome.
func (f *fair) got(ids map[string]uuid.UUID) map[string]string {
	f.T.Helper()
	out := map[string]string{}
	for name, id := range ids {
		row := testkit.One[string](f.World, `SELECT a.state || ' ' || coalesce(o.destination_id::text, '') FROM applications a LEFT JOIN offers o ON o.application_id = a.id AND o.status IN ('open', 'confirmed') WHERE a.id = $1`, id)
		state, at, _ := strings.Cut(row, " ")
		out[name] = state
		if at != "" {
			out[name] = fmt.Sprint(slices.Index(f.places, uuid.MustParse(at)) + 1)
		}
	}
	return out
}

func wantAll(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, w := range want {
		if got[name] != w {
			t.Errorf("%s: %s, want %s (%v)", name, got[name], w, got)
		}
	}
}

func TestEachMethodFromTheCallToTheOffers(t *testing.T) {
	t.Parallel()
	for method, c := range map[string]struct {
		rules string
		want  map[string]string
	}{
		// Anna leads everywhere and wants 1; Boris second, 1 then 2; Cyril third, 2 then 1; Dana last, 2.
		"deferred-acceptance": {"", map[string]string{"Anna": "1", "Boris": "2", "Cyril": "reserve", "Dana": "reserve"}},
		"list":                {"", map[string]string{"Anna": "1", "Boris": "2", "Cyril": "reserve", "Dana": "reserve"}},
		"first-choice":        {"", map[string]string{"Anna": "1", "Boris": "reserve", "Cyril": "2", "Dana": "reserve"}},
		"hardest-first":       {"", map[string]string{"Anna": "1", "Boris": "2"}},
		"first-come":          {"", map[string]string{"Anna": "1", "Dana": "2"}}, // the shorter name submits first
		"lottery":             {"", nil},
	} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			f := newFair(t, "selection: {method: "+method+"}", 1, 1)
			ids := map[string]uuid.UUID{}
			_, ids["Anna"] = f.applies("Anna", "1.0", "30", nil, f.places[0])
			_, ids["Boris"] = f.applies("Boris", "1.0", "20", nil, f.places[0], f.places[1])
			_, ids["Cyril"] = f.applies("Cyril", "1.0", "10", nil, f.places[1], f.places[0])
			_, ids["Dana"] = f.applies("Dana", "1.0", "5", nil, f.places[1])
			f.Published(f.AfterClose)
			got := f.got(ids)
			wantAll(t, got, c.want)
			if n := testkit.One[int](f.World, `SELECT count(*) FROM offers WHERE status = 'open'`); n != 2 {
				t.Errorf("%d offers for two places: %v", n, got)
			}
			if m := testkit.One[string](f.World, `SELECT method FROM rankings WHERE status = 'published'`); m != method {
				t.Errorf("by %s", m)
			}
			verifyClean(t.Context(), t, f.World)
		})
	}
}

func TestSharesQuotasPartnersAndGrantsBind(t *testing.T) {
	t.Parallel()
	f := newFair(t, `
selection:
  method: list
  shares: [{label: {en: Fewer opportunities}, when: fewer, percent: 50}]
  quotas: [{label: {en: Faculty}, unit: FBE, places: 3}]
  partners: [{host: SF HOST01, places: 2}]
  grants: [{label: {en: Erasmus+}, places: 2}]
`, 4, 4)
	ids := map[string]uuid.UUID{}
	_, ids["Anna"] = f.applies("Anna", "1.0", "30", nil, f.places...)
	_, ids["Boris"] = f.applies("Boris", "1.0", "20", nil, f.places...)
	_, ids["Cyril"] = f.applies("Cyril", "1.0", "10", nil, f.places...)
	_, ids["Dana"] = f.applies("Dana", "1.0", "5", mobility.Answers{"fewer": "yes"}, f.places...)
	f.Published(f.AfterClose)
	// Of the first one at least half a person is of the group: Dana goes first; then Anna; the partner takes two, the
	// faculty three, and money is there for two.
	wantAll(t, f.got(ids), map[string]string{"Dana": "1", "Anna": "1", "Boris": "2", "Cyril": "reserve"})
	for name, want := range map[string]string{"Dana": "with", "Anna": "with", "Boris": "without"} {
		if got := testkit.One[string](f.World, `SELECT given FROM offers WHERE application_id = $1`, ids[name]); got != want {
			t.Errorf("%s goes %s a grant, want %s", name, got, want)
		}
	}
	verifyClean(t.Context(), t, f.World)
}

func TestAFreedGrantGoesToTheNextPlacedWithoutOne(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, grants: [{label: {en: Erasmus+}, places: 1}]}", 2, 2)
	anna, a := f.applies("Anna", "1.0", "30", nil, f.places...)
	_, b := f.applies("Boris", "1.0", "20", nil, f.places...)
	_, c := f.applies("Cyril", "1.0", "10", nil, f.places[1])
	f.Published(f.AfterClose)
	given := func(id uuid.UUID) string {
		return testkit.One[string](f.World, `SELECT coalesce((SELECT given FROM offers WHERE application_id = $1 AND status = 'open'), 'none')`, id)
	}
	if got := given(a) + given(b) + given(c); got != "withwithoutwithout" {
		t.Fatal(got)
	}
	f.Move(anna, a, "decline", f.AfterClose.Add(time.Hour), process.Given{})
	if _, err := f.Process.Promote(t.Context(), f.Round, f.AfterClose.Add(2*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if got := given(b) + given(c); got != "withwithout" {
		t.Error(got)
	}
	if n := testkit.One[int](f.World, `SELECT count(*) FROM letters WHERE kind = 'grant_awarded' AND application_id = $1`, b); n != 1 {
		t.Errorf("%d letters", n)
	}
	if n := testkit.One[int](f.World, `SELECT count(*) FROM acts WHERE act = 'grant_awarded'`); n != 1 {
		t.Errorf("%d acts", n)
	}
	verifyClean(t.Context(), t, f.World)
}

func TestValuesAreFrozenAsOfTheStatedInstantAndTheRecordIsCounted(t *testing.T) {
	t.Parallel()
	f := newFair(t, "", 2, 2)
	anna, a := f.applies("Anna", "2.0", "10", nil, f.places[0])
	_, b := f.applies("Boris", "2.0", "10", nil, f.places[0])
	f.Exec(`UPDATE affiliations SET average = 1.0, imported_at = '2027-01-15 10:00+01' WHERE person_id = $1`, anna.Person) // counts
	f.Exec(`UPDATE affiliations SET average = 3.0, imported_at = '2027-01-25 10:00+01' WHERE person_id = $1`, anna.Person) // too late
	boris := testkit.One[uuid.UUID](f.World, `SELECT person_id FROM applications WHERE id = $1`, b)
	for _, began := range []string{"2024-09-01", "2025-09-01", "2026-02-01", "2019-09-01"} { // the last is out of the window
		f.Exec(`INSERT INTO past_mobilities (id, institution_id, person_id, kind, programme, cycle, began_on, months, imported_at) VALUES ($1, $2, $3, 'mobility', 'erasmus-study', 6, $4, 5, now())`, uuid.New(), f.Home, boris, began)
	}
	f.Published(f.AfterClose)
	points := func(id uuid.UUID) string {
		return testkit.One[string](f.World, `SELECT points::float8::text FROM ranking_entries WHERE application_id = $1`, id)
	}
	if points(a) != "40" { // 30 + 10
		t.Errorf("Anna has %s", points(a))
	}
	if points(b) != "5" { // 15 + 10 - 20, capped
		t.Errorf("Boris has %s", points(b))
	}
	verifyClean(t.Context(), t, f.World)
}

func TestTooFewParticipantsAreSaidBeforeAnythingIsPublished(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: list, minimum: {destination: 2, overall: 4}}", 4, 4)
	f.applies("Anna", "1.0", "30", nil, f.places[0])
	f.applies("Boris", "1.0", "20", nil, f.places[0])
	id, err := f.Process.ComputeRanking(t.Context(), f.Officer, f.Round, f.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	p := process.Publication{Ranking: id, Hash: testkit.One[string](f.World, `SELECT result_hash FROM rankings WHERE id = $1`, id), Arrived: f.AfterClose}
	if _, err := f.Process.Publish(t.Context(), f.Officer, p); mobility.CodeOf(err) != "refusal.too_few_participants" {
		t.Fatalf("published: %v", err)
	}
	p.Although = true
	if _, err := f.Process.Publish(t.Context(), f.Officer, p); err != nil {
		t.Fatal(err)
	}
	verifyClean(t.Context(), t, f.World)
}

func TestPlacedByHandAndVetoed(t *testing.T) {
	t.Parallel()
	f := newFair(t, "selection: {method: by-hand}", 1, 1)
	_, a := f.applies("Anna", "1.0", "30", nil, f.places...)
	_, b := f.applies("Boris", "1.0", "20", nil, f.places...)
	_, c := f.applies("Cyril", "1.0", "10", nil, f.places...)
	place := func(who mobility.Actor, id uuid.UUID, at *uuid.UUID, reason string) error {
		return f.Process.PlaceByHand(t.Context(), who, process.Placement{Application: id, Destination: at, Reason: reason, Arrived: f.AfterClose})
	}
	for name, err := range map[string]error{
		"a coordinator":    place(f.Coordinator, a, &f.places[1], "Why not."),
		"without a reason": place(f.Officer, a, &f.places[1], ""),
		"somewhere else":   place(f.Officer, a, &f.Destinations[0], "There."),
	} {
		if err == nil {
			t.Errorf("%s places", name)
		}
	}
	for id, at := range map[uuid.UUID]*uuid.UUID{a: &f.places[1], b: &f.places[0], c: nil} {
		if err := place(f.Officer, id, at, "The department asked for it."); err != nil {
			t.Fatal(err)
		}
	}
	f.Published(f.AfterClose)
	wantAll(t, f.got(map[string]uuid.UUID{"Anna": a, "Boris": b, "Cyril": c}), map[string]string{"Anna": "2", "Boris": "1", "Cyril": "reserve"})
	verifyClean(t.Context(), t, f.World)
}

func TestAVetoShutsAGateUntilItIsTakenBack(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	w.Scheme(`
name: veto
criteria:
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
gates:
  - {key: dean, veto: coordinator}
`)
	a := w.Submitted(w.Student("Anna", "1"))
	b := w.Submitted(w.Student("Boris", "1"))
	w.Marked(a, "30")
	w.Marked(b, "20")
	veto := process.Veto{Application: a, Gate: "dean", Reason: "No study plan.", Arrived: w.AfterClose}
	if err := w.Process.SetVeto(t.Context(), w.Officer, veto); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("the office vetoes for the dean: %v", err)
	}
	if err := w.Process.SetVeto(t.Context(), w.Coordinator, veto); err != nil {
		t.Fatal(err)
	}
	outcome := func() string {
		id, err := w.Process.ComputeRanking(t.Context(), w.Officer, w.Round, w.AfterClose)
		if err != nil {
			t.Fatal(err)
		}
		return testkit.One[string](w, `SELECT outcome || ' ' || (data ->> 'gate') FROM ranking_entries WHERE ranking_id = $1 AND application_id = $2`, id, a)
	}
	if got := outcome(); got != "gated scheme_gate.dean" {
		t.Error(got)
	}
	if err := w.Process.EndVeto(t.Context(), w.Coordinator, veto); err != nil {
		t.Fatal(err)
	}
	w.Published(w.AfterClose)
	if w.State(a) != "offered" || w.State(b) != "reserve" {
		t.Errorf("%s and %s", w.State(a), w.State(b))
	}
	verifyClean(t.Context(), t, w)
}

func TestWhoMayOnlyWaitWaits(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	w.Scheme(`
name: banded
criteria:
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
gates:
  - {key: five, require: points(letter) >= 5}
  - {key: eight, require: points(letter) >= 8, effect: reserve}
`)
	var ids []uuid.UUID
	for _, points := range []string{"9", "6", "4"} {
		id := w.Submitted(w.Student("S", "1"))
		w.Marked(id, points)
		ids = append(ids, id)
	}
	w.Published(w.AfterClose)
	if got := fmt.Sprint(w.State(ids[0]), w.State(ids[1]), w.State(ids[2])); got != "offered reserve not_selected" && got != "offeredreservenot_selected" {
		t.Error(got)
	}
	verifyClean(t.Context(), t, w)
}

func TestLimitsThatCrossAreRefusedWhenTheCallIsMade(t *testing.T) {
	t.Parallel()
	w := office(t)
	text := strings.Replace(fmt.Sprintf(rulesYAML, `
selection:
  method: first-choice
  quotas:
    - {label: {en: Autumn}, term: autumn, hosts: [SF HOST01], places: 3}
    - {label: {en: Bachelors}, cycle: 6, places: 3}
    - {label: {en: Faculty}, unit: FBE, places: 2}
`), "[SF HOST01, SF HOST02]", "[SF HOST01]", 1)
	p, err := process.ParseCallPlan([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	var e *mobility.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 || e.Fields[0].Code != "selection.quotas_cross" || e.Fields[0].Data["Pool"] == "" {
		t.Fatalf("%v %+v", err, e)
	}
	names := fmt.Sprint(e.Fields[0].Data["Pool"], " ", e.Fields[0].Data["Other"])
	if !strings.Contains(names, "Bachelors") || !strings.Contains(names, "Faculty") {
		t.Errorf("named are %s", names)
	}
}
