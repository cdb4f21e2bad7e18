package process_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// committee is a world in which two assessors mark each letter, from 0 to 30
// in halves, and marks more than 10 apart ask for a third.
type committee struct {
	*testkit.World
	a, b, c mobility.Actor
	files   []uuid.UUID
	people  []mobility.Actor
}

func newCommittee(t *testing.T, students int) *committee {
	t.Helper()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Scheme(`
name: committee
inputs: {average: {from: imported, kind: number}}
criteria:
  - {key: average, points: {linear: {of: average, best: 1, worst: 3, max: 30}}}
  - {key: letter, scale: 2, mark: {min: 0, max: 30, step: 0.5, assessors: 2, spread: 10}}
`)
	k := &committee{World: w}
	for i, to := range []*mobility.Actor{&k.a, &k.b, &k.c} {
		*to = w.Staff(fmt.Sprintf("assessor%d", i), mobility.RoleAssessor, w.Home, &w.Faculty)
	}
	for i := range students {
		p := w.Student(fmt.Sprintf("S%d", i), "1.5")
		k.people, k.files = append(k.people, p), append(k.files, w.Submitted(p))
	}
	return k
}

func (k *committee) mark(who mobility.Actor, file uuid.UUID, points, seen string) error {
	return k.Process.SetMark(context.Background(), who, process.Mark{Application: file, Criterion: "letter", Points: points, Seen: seen, Arrived: k.AfterClose})
}

func (k *committee) marks(t *testing.T, who mobility.Actor, file uuid.UUID, points, seen string) {
	t.Helper()
	if err := k.mark(who, file, points, seen); err != nil {
		t.Fatal(err)
	}
}

// total computes a draft and reads the file's points in it, and whether it is ranked.
func (k *committee) total(t *testing.T, file uuid.UUID) (string, string) {
	t.Helper()
	id, err := k.Process.ComputeRanking(t.Context(), k.Officer, k.Round, k.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	return testkit.One[string](k.World, `SELECT points::float8::text FROM ranking_entries WHERE ranking_id = $1 AND application_id = $2`, id, file),
		testkit.One[string](k.World, `SELECT outcome FROM ranking_entries WHERE ranking_id = $1 AND application_id = $2`, id, file)
}

func TestEachAssessorHasAMarkOfTheirOwn(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 1)
	f := k.files[0]
	k.marks(t, k.a, f, "20", "")
	if _, outcome := k.total(t, f); outcome != "gated" {
		t.Errorf("with one of two marks: %s", outcome)
	}
	k.marks(t, k.b, f, "25,5", "")
	if points, outcome := k.total(t, f); points != "45.25" || outcome != "placed" { // 22.5 and 22.75
		t.Errorf("with both: %s points, %s", points, outcome)
	}
	if err := k.mark(k.b, f, "24", "20"); mobility.KindOf(err) != mobility.Stale || mobility.CodeOf(err) != "conflict.marked_meanwhile" {
		t.Errorf("having seen another value: %v", err)
	}
	k.marks(t, k.b, f, "25.5", "") // the same again, as after a lost answer
	k.marks(t, k.b, f, "8", "25.5")
	if _, outcome := k.total(t, f); outcome != "gated" {
		t.Errorf("too far apart, without a third: %s", outcome)
	}
	k.marks(t, k.Coordinator, f, "17", "") // a coordinator's counts as an assessor's
	if points, _ := k.total(t, f); points != "37.5" {
		t.Errorf("with a third: %s", points)
	}
	for points, code := range map[string]string{"17.3": "assess.mark_between_steps", "31": "scheme.mark_out_of_range", "-1": "scheme.mark_out_of_range", "x": "field.not_a_number"} {
		var e *mobility.Error
		if err := k.mark(k.c, f, points, ""); !asInvalid(err, &e) || e.Fields[0].Code != code {
			t.Errorf("%s: %v", points, err)
		}
	}
	verifyClean(t.Context(), t, k.World)
}

func asInvalid(err error, e **mobility.Error) bool {
	return mobility.KindOf(err) == mobility.Invalid && errors.As(err, e) && len((*e).Fields) == 1
}

// Where one mark is wanted it is everybody's: it is corrected, never averaged.
func TestASharedMarkIsCorrected(t *testing.T) {
	t.Parallel()
	w, _, _, a, _ := ranked(t)
	set := func(points, seen string) error {
		return w.Process.SetMark(t.Context(), w.Officer, process.Mark{Application: a, Criterion: "letter", Points: points, Seen: seen, Arrived: w.AfterClose})
	}
	if err := set("30", ""); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("without having seen the coordinator's: %v", err)
	}
	if err := set("30", "28"); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM marks WHERE application_id = $1 AND replaced_at IS NULL AND points = 30`, a); n != 1 {
		t.Errorf("%d marks stand", n)
	}
}

func TestMarksKeepToWhatTheySaw(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 2)
	f := k.files[0]
	k.marks(t, k.a, f, "20", "")
	k.marks(t, k.b, f, "24", "")
	by := mobility.Wall(2027, time.February, 20, 12, 0)
	k.Move(k.Officer, f, "return", k.AfterClose, process.Given{Reason: "Say more.", Questions: []string{"motivation"}, CompleteBy: &by})
	k.Move(k.people[0], f, "complete", k.AfterClose.Add(time.Minute), process.Given{})
	older := `SELECT count(*)::int FROM marks m JOIN submissions s ON s.id = m.submission_id WHERE m.application_id = $1 AND m.replaced_at IS NULL AND s.number = 1`
	if n := testkit.One[int](k.World, older, f); n != 2 {
		t.Fatalf("%d marks saw the first version", n)
	}
	if err := k.Process.KeepMark(t.Context(), k.a, f, "letter", k.AfterClose.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](k.World, older, f); n != 1 {
		t.Errorf("%d marks saw the first version after one was kept", n)
	}
	k.marks(t, k.b, f, "24", "24") // given again, the same
	if n := testkit.One[int](k.World, older, f); n != 0 {
		t.Errorf("%d marks saw the first version after the other was given again", n)
	}
	if err := k.Process.KeepMark(t.Context(), k.c, f, "letter", k.AfterClose); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("without a mark: %v", err)
	}
	k.EditScheme("{min: 0, max: 30,", "{min: 0, max: 22,")
	if _, outcome := k.total(t, f); outcome != "gated" {
		t.Errorf("with a mark beyond the new range: %s", outcome)
	}
	if err := k.Process.KeepMark(t.Context(), k.b, f, "letter", k.AfterClose); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("beyond the range: %v", err)
	}
}

func TestAConflictTakesAnAssessorOff(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 2)
	f := k.files[0]
	k.assign(t, process.AssignRequest{How: process.AssignByHand, Files: k.files, Assessors: []uuid.UUID{k.a.Person, k.b.Person}})
	k.marks(t, k.a, f, "20", "")
	k.marks(t, k.b, f, "20", "")
	if err := k.Process.DeclareConflict(t.Context(), k.a, k.AfterClose, f, k.a.Person); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM marks WHERE application_id = $1 AND replaced_at IS NULL`, f); n != 1 {
		t.Errorf("%d marks stand", n)
	}
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM assignments WHERE assessor_id = $1 AND ended_at IS NULL`, k.a.Person); n != 1 {
		t.Errorf("assigned to %d files", n)
	}
	plan := k.assign(t, process.AssignRequest{How: process.AssignByHand, Files: k.files[:1], Assessors: []uuid.UUID{k.a.Person, k.c.Person}})
	if len(plan.New) != 1 || len(plan.Barred) != 1 || plan.Barred[0].Assessor != k.a.Person {
		t.Errorf("assigned %v, barred %v", plan.New, plan.Barred)
	}
	if err := k.mark(k.a, f, "20", ""); mobility.KindOf(err) != mobility.NotFound {
		t.Errorf("marked despite it: %v", err)
	}
	verifyClean(t.Context(), t, k.World)
}

func TestWordsOfAssessors(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 1)
	f := k.files[0]
	say := func(who mobility.Actor, to process.Audience, body string, revision int32) error {
		return k.Process.SaveComment(t.Context(), who, process.Comment{Application: f, Audience: to, Body: body, Revision: revision, Arrived: k.AfterClose})
	}
	for _, err := range []error{say(k.a, process.ForCommittee, "weak", 0), say(k.a, process.ForApplicant, "Tell more.", 0), say(k.a, process.ForApplicant, "Tell much more.", 1)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := say(k.a, process.ForApplicant, "Lost", 1); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("from another window: %v", err)
	}
	reads := func(who mobility.Actor) (n int) {
		err := store.NewReads(k.Web).As(t.Context(), who, k.AfterClose, func(db store.DBTX, _ time.Time) error {
			rows, err := store.New().CommentsOf(t.Context(), db, f)
			n = len(rows)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := [3]int{reads(k.b), reads(k.people[0]), reads(k.OtherCoordinator)}; got != [3]int{2, 0, 0} {
		t.Errorf("committee, applicant, another faculty read %v", got)
	}
	k.marks(t, k.a, f, "20", "")
	k.marks(t, k.b, f, "20", "")
	k.Published(k.AfterClose)
	if n := reads(k.people[0]); n != 1 {
		t.Errorf("after publication the applicant reads %d", n)
	}
	k.Move(k.people[0], f, "decline", k.AfterClose.Add(time.Hour), process.Given{})
	if _, err := k.Process.ErasePerson(t.Context(), k.Administrator, process.Erasure{Institution: k.Home, Person: k.people[0].Person, Arrived: k.AfterClose.Add(2 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM assessment_comments`); n != 0 {
		t.Errorf("%d comments outlive the person", n)
	}
	verifyClean(t.Context(), t, k.World)
}

// Two assessors at one cell and at different ones, in transactions of their own.
func TestMarkingAtOnce(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 4)
	everywhere := make([]mobility.Actor, crowd)
	for i := range everywhere {
		everywhere[i] = k.Staff(fmt.Sprint("m", i), mobility.RoleAssessor, k.Home, &k.Faculty)
	}
	if won := atOnce(t, func(i int) error { return k.mark(everywhere[i], k.files[i%4], "20", "") }); won != crowd {
		t.Errorf("%d of %d own cells", won, crowd)
	}
	if won := atOnce(t, func(i int) error { return k.mark(k.a, k.files[0], fmt.Sprint(i%31), "") }); won < 1 || won > 2 { // 0 and 31 are equal here
		t.Errorf("one cell, never seen filled: %d won", won)
	}
	k.EditScheme(", assessors: 2, spread: 10", "")
	k.Exec(`UPDATE marks SET replaced_at = now()`)
	if won := atOnce(t, func(i int) error { return k.mark(everywhere[i], k.files[1], fmt.Sprint(float64(i)/2), "") }); won != 1 {
		t.Errorf("one shared cell: %d won", won)
	}
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM marks WHERE application_id = $1 AND replaced_at IS NULL`, k.files[1]); n != 1 {
		t.Errorf("%d marks stand in the shared cell", n)
	}
}

// A conflict declared while marks are being given leaves none of them.
func TestNoMarkSlipsPastAConflict(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 8)
	var all sync.WaitGroup
	for _, f := range k.files {
		all.Go(func() { _ = k.mark(k.a, f, "20", "") })
		all.Go(func() {
			if err := k.Process.DeclareConflict(context.Background(), k.Officer, k.AfterClose, f, k.a.Person); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := testkit.One[int](k.World, `SELECT count(*)::int FROM marks WHERE replaced_at IS NULL`); n != 0 {
		t.Errorf("%d marks of a barred assessor stand", n)
	}
}

// Whoever is not assigned, or has given their marks, is not asked for them.
func TestReminderIsForWhoseMarksAreMissing(t *testing.T) {
	t.Parallel()
	k := newCommittee(t, 2)
	waits := func(who mobility.Actor) int32 {
		n, err := store.New().ToAssess(t.Context(), k.Admin, store.ToAssessParams{CallID: k.Call, PersonID: who.Person})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if got := [2]int32{waits(k.a), waits(k.c)}; got != [2]int32{2, 2} {
		t.Errorf("nobody is assigned: %v wait", got)
	}
	k.assign(t, process.AssignRequest{How: process.AssignByHand, Files: k.files, Assessors: []uuid.UUID{k.a.Person, k.b.Person}})
	k.marks(t, k.a, k.files[0], "20", "")
	if got := [3]int32{waits(k.a), waits(k.b), waits(k.c)}; got != [3]int32{1, 2, 0} {
		t.Errorf("two are assigned, one gave a mark: %v wait", got)
	}
	k.marks(t, k.b, k.files[0], "21", "")
	if got := waits(k.b); got != 1 {
		t.Errorf("one file is complete: %d wait", got)
	}
}
