package process_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// listed is a round with two applicants for one place and a call whose first
// list is provisional for three days.
type listed struct {
	*testkit.World
	anna, bert mobility.Actor
	a, b       uuid.UUID
}

func newListed(t *testing.T) *listed {
	t.Helper()
	w, anna, bert, a, b := ranked(t)
	w.Exec(`UPDATE calls SET provisional_days = 3`)
	return &listed{w, anna, bert, a, b}
}

// draft computes a run and returns what pressing would send.
func (l *listed) draft(at time.Time) process.Publication {
	l.T.Helper()
	id, err := l.Process.ComputeRanking(context.Background(), l.Officer, l.Round, at)
	if err != nil {
		l.T.Fatal(err)
	}
	return process.Publication{Ranking: id, Hash: testkit.One[string](l.World, `SELECT result_hash FROM rankings WHERE id = $1`, id), Arrived: at}
}

// provisional tells the list and returns when the window closes.
func (l *listed) provisional(t *testing.T) (process.Publication, time.Time) {
	t.Helper()
	p := l.draft(l.AfterClose)
	if _, err := l.Process.PublishProvisionally(t.Context(), l.Officer, p); err != nil {
		t.Fatal(err)
	}
	return p, testkit.One[time.Time](l.World, `SELECT closes_at FROM deadlines WHERE kind = 'appeal'`)
}

// filed files Bert's appeal and gives it to somebody who had no part in it.
func (l *listed) filed(t *testing.T, at time.Time) (uuid.UUID, mobility.Actor) {
	t.Helper()
	id, err := l.Process.FileAppeal(t.Context(), l.bert, process.NewAppeal{Application: l.b, Reason: "My letter earned more.", Arrived: at})
	if err != nil {
		t.Fatal(err)
	}
	decider := l.Staff("Decider", mobility.RoleOfficer, l.Home, nil)
	if err := l.Process.AssignAppeal(t.Context(), l.Officer, process.GiveAppeal{Appeal: id, To: decider.Person, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	return id, decider
}

func (l *listed) mark(of uuid.UUID) uuid.UUID {
	l.T.Helper()
	return testkit.One[uuid.UUID](l.World, `SELECT id FROM marks WHERE application_id = $1 AND replaced_at IS NULL`, of)
}

func refusedBy(t *testing.T, err error, code string) {
	t.Helper()
	if mobility.CodeOf(err) != code {
		t.Errorf("got %v, want %s", err, code)
	}
}

func TestAProvisionalListIsAppealedCorrectedAndMadeFinal(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	_, err := l.Process.Publish(ctx, l.Officer, l.draft(l.AfterClose))
	refusedBy(t, err, "refusal.provisional_first")
	p, closes := l.provisional(t)
	expect(t, l.World, l.a, "submitted")
	if n := testkit.One[int](l.World, `SELECT count(*)::int FROM letters WHERE kind = 'provisional_result' AND status = 'planned'`); n != 2 {
		t.Errorf("%d letters, want one for each", n)
	}
	if n := testkit.One[int](l.World, `SELECT (SELECT count(*) FROM offers)::int + (SELECT count(*) FROM place_holds)::int`); n != 0 {
		t.Error("something was offered")
	}
	_, err = l.Process.PublishProvisionally(ctx, l.Officer, p)
	refusedBy(t, err, "conflict.already_provisional")
	refusedBy(t, l.Process.SetMark(ctx, l.Coordinator, process.Mark{Application: l.b, Criterion: "letter", Points: "29", Seen: "20", Arrived: l.AfterClose}), "conflict.provisional_out")
	id, decider := l.filed(t, closes.Add(-time.Second))

	p.Arrived = closes.Add(mobility.Grace - time.Second)
	_, err = l.Process.Publish(ctx, l.Officer, p)
	refusedBy(t, err, "refusal.appeal_window_open")
	p.Arrived = closes.Add(mobility.Grace)
	_, err = l.Process.Publish(ctx, l.Officer, p)
	refusedBy(t, err, "refusal.appeals_waiting")

	at := closes.Add(time.Hour)
	fix := process.Correction{Kind: process.CorrectMark, Mark: l.mark(l.b), Points: "30"}
	seen, err := l.Process.PreviewAppeal(ctx, decider, id, process.Correction{Kind: process.CorrectMark, Mark: l.mark(l.b), Points: "20.5"}, at)
	if err != nil || slices.ContainsFunc(selection.Compare(seen.Before, seen.After).Shifts, func(s selection.Shift) bool { return s.Direction != selection.Stayed }) {
		t.Errorf("half a point more moves somebody, or %v", err)
	}
	answer := process.AppealAnswer{Appeal: id, Granted: true, Answer: "A page was overlooked.", Note: "Second reader agrees.", Correction: fix, Preview: seen.Hash, Arrived: at}
	refusedBy(t, l.Process.AnswerAppeal(ctx, decider, answer), "conflict.preview_changed")
	_, err = l.Process.PreviewAppeal(ctx, decider, id, process.Correction{Kind: process.CorrectMark, Mark: l.mark(l.a), Points: "1"}, at)
	if mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("somebody else's mark was taken: %v", err)
	}
	seen, err = l.Process.PreviewAppeal(ctx, decider, id, fix, at)
	if err != nil {
		t.Fatal(err)
	}
	answer.Preview = seen.Hash
	if err := l.Process.AnswerAppeal(ctx, decider, answer); err != nil {
		t.Fatal(err)
	}
	refusedBy(t, l.Process.AnswerAppeal(ctx, decider, answer), "conflict.appeal_answered")
	if got := testkit.One[string](l.World, `SELECT points::text FROM marks WHERE application_id = $1 AND replaced_at IS NULL`, l.b); got != "30.0000" {
		t.Errorf("the mark is %s", got)
	}
	if n := testkit.One[int](l.World, `SELECT count(*)::int FROM marks WHERE application_id = $1`, l.b); n != 2 {
		t.Errorf("%d marks: history is lost", n)
	}
	_, err = l.Process.Publish(ctx, l.Officer, p)
	refusedBy(t, err, "conflict.inputs_changed")
	if _, err := l.Process.Publish(ctx, l.Officer, l.draft(at)); err != nil {
		t.Fatal(err)
	}
	expect(t, l.World, l.a, "offered")
	expect(t, l.World, l.b, "reserve")
	verifyClean(ctx, t, l.World)
}

// A mark that was wrong lets Bert pass Anna; the final list says so.
func TestAGrantedAppealLetsSomebodyPass(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	l.Exec(`UPDATE submission_contents SET facts = jsonb_set(facts, '{average}', '"2.4"')`)
	_, closes := l.provisional(t)
	id, decider := l.filed(t, l.AfterClose.Add(time.Hour))
	fix := process.Correction{Kind: process.CorrectMark, Mark: l.mark(l.b), Points: "29"}
	seen, err := l.Process.PreviewAppeal(ctx, decider, id, fix, l.AfterClose.Add(2*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	moves := map[uuid.UUID]selection.Direction{}
	for _, s := range selection.Compare(seen.Before, seen.After).Shifts {
		moves[s.Applicant] = s.Direction
	}
	if moves[l.a] != selection.MovedOut || moves[l.b] != selection.MovedIn {
		t.Errorf("shown were %v", moves)
	}
	if err := l.Process.AnswerAppeal(ctx, decider, process.AppealAnswer{Appeal: id, Granted: true, Answer: "Right.", Correction: fix, Preview: seen.Hash, Arrived: l.AfterClose.Add(3 * time.Hour)}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Process.Publish(ctx, l.Officer, l.draft(closes.Add(mobility.Grace))); err != nil {
		t.Fatal(err)
	}
	expect(t, l.World, l.b, "offered")
	expect(t, l.World, l.a, "reserve")
	verifyClean(ctx, t, l.World)
}

func TestAnAppealIsFiledInItsWindowByItsApplicantOnce(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	file := func(who mobility.Actor, of uuid.UUID, at time.Time) error {
		_, err := l.Process.FileAppeal(ctx, who, process.NewAppeal{Application: of, Reason: "Wrong.", Arrived: at})
		return err
	}
	refusedBy(t, file(l.anna, l.a, l.AfterClose), "refusal.nothing_to_appeal")
	_, closes := l.provisional(t)
	refusedBy(t, file(l.anna, l.a, closes), "refusal.appeal_window_closed")
	refusedBy(t, file(l.anna, l.a, closes.Add(time.Second)), "refusal.appeal_window_closed")
	refusedBy(t, file(l.anna, l.b, l.AfterClose), "error.not_found")
	refusedBy(t, file(l.Officer, l.b, l.AfterClose), "refusal.not_your_move")
	if _, err := l.Process.FileAppeal(ctx, l.anna, process.NewAppeal{Application: l.a, Reason: " ", Arrived: l.AfterClose}); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	if won := atOnce(t, func(int) error { return file(l.anna, l.a, closes.Add(-time.Second)) }); won != 1 {
		t.Errorf("%d of many appeals at once were filed", won)
	}
	id := testkit.One[uuid.UUID](l.World, `SELECT id FROM appeals`)
	refusedBy(t, l.Process.WithdrawAppeal(ctx, l.bert, id, l.AfterClose), "error.not_found")
	if err := l.Process.WithdrawAppeal(ctx, l.anna, id, l.AfterClose); err != nil {
		t.Fatal(err)
	}
	if err := file(l.anna, l.a, closes.Add(-time.Second)); err != nil {
		t.Errorf("another one after the first was withdrawn: %v", err)
	}
	verifyClean(ctx, t, l.World)
}

func TestNobodyDecidesTheirOwnOrWhatTheyMarked(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	l.provisional(t)
	id, err := l.Process.FileAppeal(ctx, l.bert, process.NewAppeal{Application: l.b, Reason: "Wrong.", Arrived: l.AfterClose})
	if err != nil {
		t.Fatal(err)
	}
	aunt := l.Staff("Aunt", mobility.RoleOfficer, l.Home, nil)
	if err := l.Process.DeclareConflict(ctx, aunt, l.AfterClose, l.a, aunt.Person); err != nil {
		t.Fatal(err)
	}
	give := func(by mobility.Actor, to uuid.UUID) error {
		return l.Process.AssignAppeal(ctx, by, process.GiveAppeal{Appeal: id, To: to, Arrived: l.AfterClose})
	}
	for name, to := range map[string]uuid.UUID{
		"who marked it": l.Coordinator.Person, "who filed it": l.bert.Person, "with a conflict in the round": aunt.Person,
		"of another faculty": l.OtherCoordinator.Person, "of another house": l.ForeignOfficer.Person,
	} {
		if err := give(l.Officer, to); mobility.KindOf(err) != mobility.Invalid {
			t.Errorf("given to somebody %s: %v", name, err)
		}
	}
	refusedBy(t, give(l.Coordinator, l.Officer.Person), "error.not_found")
	refusedBy(t, give(l.ForeignOfficer, l.Officer.Person), "error.not_found")
	answer := process.AppealAnswer{Appeal: id, Answer: "No.", Arrived: l.AfterClose}
	refusedBy(t, l.Process.AnswerAppeal(ctx, l.Officer, answer), "refusal.not_your_appeal")
	if err := give(l.Officer, l.Officer.Person); err != nil {
		t.Fatal(err)
	}
	other := l.Staff("Other", mobility.RoleOfficer, l.Home, nil)
	refusedBy(t, l.Process.AnswerAppeal(ctx, other, answer), "refusal.not_your_appeal")
	refusedBy(t, l.Process.AnswerAppeal(ctx, l.bert, answer), "refusal.own_file")
	if err := l.Process.AnswerAppeal(ctx, l.Officer, process.AppealAnswer{Appeal: id, Arrived: l.AfterClose}); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("without a reason: %v", err)
	}
	answer.Granted = true
	if err := l.Process.AnswerAppeal(ctx, l.Officer, answer); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("granted without a correction: %v", err)
	}
	answer.Granted = false
	if won := atOnce(t, func(int) error { return l.Process.AnswerAppeal(ctx, l.Officer, answer) }); won != 1 {
		t.Errorf("%d answers", won)
	}
	verifyClean(ctx, t, l.World)
}

func TestAnAppealAgainstAFinalListIsPutRightByAMove(t *testing.T) {
	t.Parallel()
	w, _, bert, a, b := ranked(t)
	ctx := t.Context()
	w.Exec(`UPDATE calls SET appeal_days = 2, selection = selection || '{"reserve": {"per": "destination", "limit": 0}}'`)
	w.Published(w.AfterClose)
	expect(t, w, b, "not_selected")
	l := &listed{World: w, bert: bert, a: a, b: b}
	id, decider := l.filed(t, w.AfterClose.Add(time.Hour))
	at := w.AfterClose.Add(2 * time.Hour)
	by := mobility.WallOf(at.Add(72 * time.Hour))
	fix := process.Correction{
		Kind: process.MakeMove, Move: "reopen_not_selected", Then: "overbook", Revision: testkit.One[int32](w, `SELECT revision FROM applications WHERE id = $1`, b),
		Given: process.Given{Destination: &w.Destinations[0], ConfirmBy: &by, Consent: "host_consent"},
	}
	_, err := l.Process.PreviewAppeal(ctx, decider, id, process.Correction{Kind: process.CorrectMark, Mark: l.mark(b), Points: "30"}, at)
	refusedBy(t, err, "refusal.already_final")
	seen, err := l.Process.PreviewAppeal(ctx, decider, id, fix, at)
	if err != nil || len(seen.Moves) != 2 {
		t.Fatalf("%v, %v", seen.Moves, err)
	}
	answer := process.AppealAnswer{Appeal: id, Granted: true, Answer: "The host agreed.", Correction: fix, Preview: seen.Hash, Arrived: at}
	answer.Correction.Given.ConfirmBy = nil
	if err := w.Process.AnswerAppeal(ctx, decider, answer); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("without a deadline: %v", err)
	}
	expect(t, w, b, "not_selected")
	answer.Correction.Given.ConfirmBy = &by
	if err := w.Process.AnswerAppeal(ctx, decider, answer); err != nil {
		t.Fatal(err)
	}
	expect(t, w, b, "offered")
	expect(t, w, a, "offered")
	verifyClean(ctx, t, w)
}

func TestALiftedGateLetsSomebodyTakePart(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	l.EditScheme("ties:", "gates:\n    - key: motivated\n      require: average <= 2\nties:")
	_, closes := l.provisional(t)
	if got := testkit.One[string](l.World, `SELECT outcome FROM ranking_entries WHERE application_id = $1`, l.b); got != "gated" {
		t.Fatalf("Bert is %s", got)
	}
	id, decider := l.filed(t, l.AfterClose)
	at := l.AfterClose.Add(time.Hour)
	fix := process.Correction{Kind: process.LiftGate, Gate: "unheard_of"}
	if _, err := l.Process.PreviewAppeal(ctx, decider, id, fix, at); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("an unknown gate: %v", err)
	}
	fix.Gate = "motivated"
	seen, err := l.Process.PreviewAppeal(ctx, decider, id, fix, at)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Process.AnswerAppeal(ctx, decider, process.AppealAnswer{Appeal: id, Granted: true, Answer: "The average was another's.", Correction: fix, Preview: seen.Hash, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Process.Publish(ctx, l.Officer, l.draft(closes.Add(mobility.Grace))); err != nil {
		t.Fatal(err)
	}
	expect(t, l.World, l.b, "reserve")
	verifyClean(ctx, t, l.World)
}

// What each reader sees of an appeal under row-level security: the words by
// part, and the provisional entries.
func TestWhoReadsAnAppeal(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	l.provisional(t)
	id, decider := l.filed(t, l.AfterClose)
	if err := l.Process.AnswerAppeal(ctx, decider, process.AppealAnswer{Appeal: id, Answer: "No.", Note: "Insists.", Arrived: l.AfterClose.Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	aunt, assigned := l.Staff("Aunt", mobility.RoleOfficer, l.Home, nil), l.Staff("Cousin", mobility.RoleCoordinator, l.Home, &l.Faculty)
	if err := l.Process.DeclareConflict(ctx, aunt, l.AfterClose, l.b, aunt.Person); err != nil {
		t.Fatal(err)
	}
	read := func(who mobility.Actor) []string {
		var parts []string
		err := pgx.BeginFunc(ctx, l.Web, func(tx pgx.Tx) error {
			if _, err := store.SetActor(ctx, tx, who); err != nil {
				return err
			}
			rows, err := tx.Query(ctx, `SELECT part FROM appeal_texts ORDER BY part`)
			if err != nil {
				return err
			}
			parts, err = pgx.CollectRows(rows, pgx.RowTo[string])
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return parts
	}
	for name, c := range map[string]struct {
		who  mobility.Actor
		want []string
	}{
		"applicant": {l.bert, []string{"answer", "reason"}}, "another applicant": {l.anna, nil}, "officer": {l.Officer, []string{"answer", "note", "reason"}},
		"whose it is": {decider, []string{"answer", "note", "reason"}}, "coordinator": {l.Coordinator, nil}, "another coordinator": {assigned, nil},
		"host": {l.ForeignOfficer, nil}, "barred": {aunt, nil}, "nobody": {mobility.Actor{}, nil},
	} {
		if got := read(c.who); !slices.Equal(got, c.want) {
			t.Errorf("%s reads %v, want %v", name, got, c.want)
		}
	}
	l.Exec(`ALTER TABLE appeals DISABLE TRIGGER USER`)
	l.Exec(`UPDATE appeals SET assigned_to = $1`, assigned.Person)
	if got := read(assigned); len(got) != 3 {
		t.Errorf("the coordinator to whom it was given reads %v", got)
	}
}

func TestAMarkIsCorrectedWithoutAnAppeal(t *testing.T) {
	t.Parallel()
	l := newListed(t)
	ctx := t.Context()
	fix := process.OwnCorrection{Application: l.b, Correction: process.Correction{Kind: process.CorrectMark, Mark: l.mark(l.b), Points: "21"}, Reason: "Typed wrongly.", Arrived: l.AfterClose}
	_, err := l.Process.PreviewCorrection(ctx, l.Officer, fix)
	refusedBy(t, err, "refusal.not_provisional_yet")
	l.provisional(t)
	_, err = l.Process.PreviewCorrection(ctx, l.Coordinator, fix)
	refusedBy(t, err, "refusal.officers_only")
	seen, err := l.Process.PreviewCorrection(ctx, l.Officer, fix)
	if err != nil {
		t.Fatal(err)
	}
	refusedBy(t, l.Process.Correct(ctx, l.Officer, fix), "conflict.preview_changed")
	fix.Preview = seen.Hash
	if won := atOnce(t, func(int) error {
		err := l.Process.Correct(ctx, l.Officer, fix)
		if mobility.KindOf(err) == mobility.Invalid { // the mark does not stand any more
			return mobility.ConflictError("appeal.no_such_mark", nil)
		}
		return err
	}); won != 1 {
		t.Errorf("corrected %d times", won)
	}
	verifyClean(ctx, t, l.World)
}
