package process_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func TestAHeldBackEntryIsToldProvisionallyLater(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	if err := l.Process.HoldBack(ctx, l.Officer, l.b, "A document is looked at.", l.AfterClose); err != nil {
		t.Fatal(err)
	}
	_, closes := l.provisional(t)
	told := func() int {
		return testkit.One[int](l.World, `SELECT count(*)::int FROM letters WHERE kind = 'provisional_result' AND application_id = $1`, l.b)
	}
	if n := told(); n != 0 {
		t.Error("a held back result was told")
	}
	_, err := l.Process.FileAppeal(ctx, l.bert, process.NewAppeal{Application: l.b, Reason: "?", Arrived: l.AfterClose})
	refusedBy(t, err, "refusal.nothing_to_appeal")
	later := closes.Add(-time.Hour)
	for range 2 {
		if err := l.Process.HoldBack(ctx, l.Officer, l.b, "", later); err != nil {
			t.Fatal(err)
		}
	}
	if n := told(); n != 1 {
		t.Errorf("told %d times", n)
	}
	_, err = l.Process.Publish(ctx, l.Officer, l.draft(closes.Add(mobility.Grace)))
	refusedBy(t, err, "refusal.appeal_window_open")
	own := testkit.One[time.Time](l.World, `SELECT closes_at FROM deadlines WHERE kind = 'appeal' AND application_id = $1`, l.b)
	if _, err = l.Process.Publish(ctx, l.Officer, l.draft(own.Add(mobility.Grace))); err != nil {
		t.Fatal(err)
	}
	verifyClean(ctx, t, l.World)
}

func TestASecondPersonApprovesExactlyTheResult(t *testing.T) {
	t.Parallel()
	w, _, _, a, _ := ranked(t)
	ctx := t.Context()
	w.Exec(`UPDATE calls SET approval = 'second_person'`)
	l := &listed{World: w}
	p := l.draft(w.AfterClose)
	second, aunt := w.Staff("Second", mobility.RoleOfficer, w.Home, nil), w.Staff("Aunt", mobility.RoleOfficer, w.Home, nil)
	if err := w.Process.DeclareConflict(ctx, aunt, w.WhileOpen(), a, aunt.Person); err != nil {
		t.Fatal(err)
	}
	publish := func(by mobility.Actor) error {
		_, err := w.Process.Publish(ctx, by, p)
		return err
	}
	refusedBy(t, publish(w.Officer), "refusal.second_person_approves")
	refusedBy(t, w.Process.Approve(ctx, aunt, p), "refusal.barred_from_round")
	refusedBy(t, w.Process.Approve(ctx, w.Coordinator, p), "refusal.officers_only")
	if err := w.Process.Approve(ctx, w.Officer, p); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, publish(w.Officer), "refusal.second_person_approves") // one's own is none
	refusedBy(t, w.Process.Approve(ctx, w.Officer, p), "conflict.approved_already")
	other := p
	other.Hash = "another"
	refusedBy(t, w.Process.Approve(ctx, second, other), "conflict.other_draft")
	if won := atOnce(t, func(int) error { return w.Process.Approve(ctx, second, p) }); won != 1 {
		t.Errorf("approved %d times", won)
	}
	// Both press at once, each on the other's word; the conflicted on either's.
	who := []mobility.Actor{w.Officer, second, aunt}
	if won := atOnce(t, func(i int) error { return publish(who[i%len(who)]) }); won != 1 {
		t.Errorf("published %d times", won)
	}
	expect(t, w, a, "offered")
	refusedBy(t, w.Process.Approve(ctx, w.Staff("Third", mobility.RoleOfficer, w.Home, nil), p), "conflict.already_published")
	verifyClean(ctx, t, w)
}

func TestAConflictedOfficerPressesOnlyAfterSomebodyElseApproved(t *testing.T) {
	t.Parallel()
	w, _, _, a, _ := ranked(t)
	ctx := t.Context()
	colleague := w.Staff("Colleague", mobility.RoleOfficer, w.Home, nil)
	if err := w.Process.DeclareConflict(ctx, w.Officer, w.WhileOpen(), a, w.Officer.Person); err != nil {
		t.Fatal(err)
	}
	id, err := w.Process.ComputeRanking(ctx, colleague, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	p := process.Publication{Ranking: id, Hash: testkit.One[string](w, `SELECT result_hash FROM rankings`), Arrived: w.AfterClose}
	_, err = w.Process.Publish(ctx, w.Officer, p)
	refusedBy(t, err, "refusal.colleague_approves")
	if err := w.Process.Approve(ctx, colleague, p); err != nil {
		t.Fatal(err)
	}
	if _, err = w.Process.Publish(ctx, w.Officer, p); err != nil {
		t.Error(err)
	}
	expect(t, w, a, "offered")
	verifyClean(ctx, t, w)
}

func TestTheDeadlineToAppealOnlyMovesOn(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	_, closes := l.provisional(t)
	id := testkit.One[uuid.UUID](l.World, `SELECT id FROM deadlines WHERE kind = 'appeal'`)
	move := func(to time.Time) error {
		zone, _ := time.LoadLocation("Europe/Prague")
		return l.Process.MoveDeadline(t.Context(), l.Officer, process.DeadlineMove{Deadline: id, Wall: mobility.WallOf(to.In(zone)), Reason: "Holidays.", Arrived: l.AfterClose})
	}
	if err := move(closes.Add(-24 * time.Hour)); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("moved back: %v", err)
	}
	if err := move(closes.Add(24 * time.Hour)); err != nil {
		t.Error(err)
	}
	verifyClean(t.Context(), t, l.World)
}

func TestACallSaysHowItsListsComeOut(t *testing.T) {
	t.Parallel()
	w := office(t)
	p := plan(t)
	p.Approval, p.Provisional, p.Appeals = "a friend", &process.ProvisionalPlan{}, &process.AppealPlan{}
	_, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	var wrong *mobility.Error
	if !errors.As(err, &wrong) {
		t.Fatal(err)
	}
	for _, field := range []string{"approval", "provisional.appeal_days", "appeals.days"} {
		if !slices.ContainsFunc(wrong.Fields, func(f mobility.FieldProblem) bool { return f.Field == field }) {
			t.Errorf("nothing is said of %s: %+v", field, wrong.Fields)
		}
	}
	p, err = process.ParseCallPlan([]byte(planYAML + "approval: second_person\nprovisional: {appeal_days: 8, hour: 15}\nappeals: {days: 4}\n"))
	if err != nil {
		t.Fatal(err)
	}
	id, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	if err != nil {
		t.Fatal(err)
	}
	got := testkit.One[string](w, `SELECT concat_ws(' ', approval, provisional_days, provisional_hour, appeal_days) FROM calls WHERE id = $1`, id)
	if got != "second_person 8 15 4" {
		t.Errorf("kept is %q", got)
	}
}

// Whoever is told later, because the office held their result back, may still
// appeal, in a window of their own.
func TestAFinalResultReleasedLaterHasItsOwnWindow(t *testing.T) {
	t.Parallel()
	w, anna, _, a, _ := ranked(t)
	w.Exec(`UPDATE calls SET appeal_days = 2`)
	if err := w.Process.HoldBack(t.Context(), w.Officer, a, "The certificate is checked.", w.AfterClose); err != nil {
		t.Fatal(err)
	}
	w.Published(w.AfterClose)
	round := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines WHERE kind = 'appeal'`)
	later := round.Add(time.Hour)
	if err := w.Process.ReleaseHeld(t.Context(), w.Officer, a, later); err != nil {
		t.Fatal(err)
	}
	own := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines WHERE kind = 'appeal' AND application_id = $1`, a)
	for at, code := range map[time.Time]string{own: "refusal.appeal_window_closed", own.Add(-time.Second): ""} {
		_, err := w.Process.FileAppeal(t.Context(), anna, process.NewAppeal{Application: a, Reason: "Wrong.", Arrived: at})
		refusedBy(t, err, code)
	}
	verifyClean(t.Context(), t, w)
}
