package process_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

func issue(w *testkit.World, who mobility.Actor, at time.Time, days int) (uuid.UUID, error) {
	return w.Process.IssueLateLink(context.Background(), w.Officer, process.LateLinkIssue{Round: w.Round, Person: who.Person, Wall: later(w, days), Reason: "Power cut.", Arrived: at})
}

// opened is what opening the letter's link does.
func opened(w *testkit.World, link uuid.UUID, at time.Time) {
	w.Exec(`UPDATE late_links SET opened_at = $2 WHERE id = $1`, link, at)
}

func TestALateLinkLetsOnePersonInOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	anna, bert := w.Student("Anna", "1.5"), w.Student("Bert", "2")
	file := w.Draft(anna)
	if _, err := issue(w, anna, w.WhileOpen(), 2); mobility.CodeOf(err) != "conflict.deadline_still_open" {
		t.Errorf("while it is open: %v", err)
	}
	ends := w.AfterClose.Add(mobility.GraceMost)
	if _, _, err := w.Process.Due(ctx, ends); err != nil {
		t.Fatal(err)
	}
	expect(t, w, file, "lapsed")
	at := ends.Add(time.Hour)
	link, err := issue(w, anna, at, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := issue(w, anna, at, 3); mobility.CodeOf(err) != "conflict.late_link_there" {
		t.Errorf("a second link: %v", err)
	}
	resume := func() error {
		_, err := w.Process.Move(ctx, anna, process.MoveRequest{Application: file, Move: "resume_late", Arrived: at})
		return err
	}
	if err := resume(); mobility.CodeOf(err) != "refusal.no_late_link" {
		t.Errorf("before the link is opened: %v", err)
	}
	if _, err := w.Process.ComputeRanking(ctx, w.Officer, w.Round, at); mobility.CodeOf(err) != "refusal.late_links_open" {
		t.Errorf("a ranking while somebody is let in: %v", err)
	}
	opened(w, link, at)
	if err := resume(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.Process.Due(ctx, at.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	expect(t, w, file, "draft") // it does not end while the link runs
	if _, err := w.Process.SaveDraft(ctx, anna, process.DraftSave{Application: file, Revision: 2, Answers: mobility.Answers{"motivation": "Written late."}, Arrived: at}); err != nil {
		t.Errorf("writing: %v", err)
	}
	w.Move(anna, file, "submit", at, process.Given{})
	if got := testkit.One[string](w, `SELECT m.let_in_by || ' ' || s.late || ' ' || a.late || ' ' || (l.used_at IS NOT NULL) FROM late_submissions m JOIN submissions s ON s.id = m.submission_id
		JOIN applications a ON a.id = m.application_id JOIN late_links l ON l.id = m.late_link_id AND l.submission_id = s.id`); got != "link true true true" {
		t.Errorf("it is marked %s", got)
	}
	if _, err := w.Process.Move(ctx, anna, process.MoveRequest{Application: file, Move: "resubmit", Arrived: at}); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("a second time: %v", err)
	}
	other, err := issue(w, bert, at, 2)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Process.Start(ctx, bert, w.Round, at); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("beginning before it is opened: %v", err)
	}
	opened(w, other, at)
	if _, err := w.Process.Start(ctx, bert, w.Round, at); err != nil {
		t.Errorf("beginning: %v", err)
	}
	if err := w.Process.RevokeLateLink(ctx, w.Officer, at, other); err != nil {
		t.Error(err)
	}
	if err := w.Process.RevokeLateLink(ctx, w.Officer, at, link); mobility.CodeOf(err) != "refusal.late_link_over" {
		t.Errorf("revoking a used one: %v", err)
	}
	if _, err := issue(w, w.Officer, at, 2); mobility.KindOf(err) == mobility.Internal || err == nil {
		t.Errorf("for oneself: %v", err)
	}
	verifyClean(ctx, t, w)
}

func TestTheGracePeriodTakesAFirstSubmissionAndTellsTheOfficeAlone(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	set := func(who mobility.Actor, grace time.Duration) error {
		return w.Process.SetGrace(ctx, who, process.GraceSetting{Call: w.Call, Grace: grace, Arrived: w.WhileOpen()})
	}
	if err := set(w.Coordinator, time.Minute); mobility.KindOf(err) != mobility.Forbidden {
		t.Errorf("a coordinator: %v", err)
	}
	if err := set(w.Officer, 3*time.Hour); mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("three hours: %v", err)
	}
	anna := w.Student("Anna", "1.5")
	file, sent := w.Draft(anna), w.Student("Bert", "2")
	second := w.Submitted(sent)
	at := w.ClosesAt.Add(29 * time.Minute)
	submit := func(who mobility.Actor, id uuid.UUID, move string, at time.Time) error {
		_, err := w.Process.Move(ctx, who, process.MoveRequest{Application: id, Move: move, Arrived: at})
		return err
	}
	if err := submit(anna, file, "submit", at); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("without one: %v", err)
	}
	pages := func() string { // what the applicant's pages are made of
		st, err := w.Process.Standing(ctx, anna, file, at)
		if err != nil {
			t.Fatal(err)
		}
		words := ""
		for _, m := range st.Moves {
			words += m.Move.Name + " "
			if m.Refusal != nil {
				words += m.Refusal.Code + " "
			}
		}
		return words + mobility.CodeOf(st.CanEdit) + st.Deadlines["closes"].ClosesAt.UTC().String()
	}
	without := pages()
	if err := set(w.Officer, 30*time.Minute); err != nil {
		t.Fatal(err)
	}
	if with := pages(); with != without {
		t.Errorf("a page tells:\n%s\n%s", without, with)
	}
	if _, err := w.Process.ComputeRanking(ctx, w.Officer, w.Round, at); mobility.CodeOf(err) != "refusal.still_open" {
		t.Errorf("a ranking within it: %v", err)
	}
	if _, err := w.Process.SaveDraft(ctx, anna, process.DraftSave{Application: file, Revision: 2, Answers: mobility.Answers{"motivation": "More."}, Arrived: at}); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("writing within it: %v", err)
	}
	if err := submit(anna, file, "submit", w.ClosesAt.Add(30*time.Minute)); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("after it: %v", err)
	}
	if err := submit(sent, second, "resubmit", at); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("a newer version within it: %v", err)
	}
	if err := submit(anna, file, "submit", at); err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[string](w, `SELECT m.let_in_by || ' ' || s.late || ' ' || a.late FROM late_submissions m JOIN submissions s ON s.id = m.submission_id JOIN applications a ON a.id = m.application_id`); got != "grace false false" {
		t.Errorf("it is marked %s", got)
	}
	verifyClean(ctx, t, w)
}
