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
	"peregrine/internal/testkit"
)

// closingOf is the call's deadline for everybody, as a page shows it.
func closingOf(w *testkit.World) uuid.UUID {
	return testkit.One[uuid.UUID](w, `SELECT id FROM deadlines WHERE round_id = $1 AND kind = 'closes'`, w.Round)
}

// later is the closing minute so many days on.
func later(w *testkit.World, days int) mobility.WallMinute {
	zone, _ := time.LoadLocation("Europe/Prague")
	return mobility.WallOf(w.ClosesAt.Add(-time.Minute).In(zone).AddDate(0, 0, days))
}

func moves(t *testing.T, w *testkit.World, req process.DeadlineMove) error {
	t.Helper()
	if req.Reason == "" {
		req.Reason = "The portal was down."
	}
	return w.Process.MoveDeadline(context.Background(), w.Officer, req)
}

func fieldCode(err error) string {
	var e *mobility.Error
	if errors.As(err, &e) && len(e.Fields) > 0 {
		return e.Fields[0].Code
	}
	return mobility.CodeOf(err)
}

func TestMovingTheDeadlineShowsWhomItConcernsFirst(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	ctx := context.Background()
	anna := w.Draft(w.Student("Anna", "1.5"))
	bert := w.Submitted(w.Student("Bert", "2.0"))
	if _, _, err := w.Process.Due(ctx, w.ClosesAt.Add(-20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	now := w.ClosesAt.Add(-19 * time.Hour)
	req := process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 7), Tell: true, Arrived: now}
	p, err := w.Process.PreviewDeadline(ctx, w.Officer, req)
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Concerned) != 2 || p.Phases["draft"] != 1 || p.Phases["submitted"] != 1 || p.Waiting != 1 || p.Gone != 0 || !p.Tellable || p.Sooner {
		t.Errorf("the preview says %+v", p)
	}
	if n := testkit.One[int](w, `SELECT version FROM deadlines WHERE id = $1`, req.Deadline); n != 1 {
		t.Errorf("looking made version %d", n)
	}
	req.Hash = "another"
	if err := moves(t, w, req); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("from a stale preview: %v", err)
	}
	req.Hash = p.Hash
	if err := moves(t, w, req); err != nil {
		t.Fatal(err)
	}
	got := testkit.One[string](w, `SELECT string_agg(kind || ' ' || status || ' ' || skip_reason, ', ' ORDER BY kind, status) FROM letters WHERE application_id = $1 AND skip_reason <> 'overtaken'`, anna)
	if got != "deadline_moved planned , remind_draft skipped deadline_moved" {
		t.Errorf("Anna's letters: %s", got)
	}
	if letters(w, bert, "deadline_moved") != 1 {
		t.Error("Bert was not told")
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM deadline_concerns c JOIN deadline_changes x ON x.id = c.change_id WHERE x.version = 2 AND x.told = 2`); n != 2 {
		t.Errorf("%d files keep a trace", n)
	}
	if _, _, err := w.Process.Due(ctx, w.ClosesAt.AddDate(0, 0, 7).Add(-20*time.Hour)); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM letters WHERE application_id = $1 AND kind = 'remind_draft' AND status = 'planned'`, anna); n != 1 {
		t.Errorf("%d reminders of the new time", n)
	}
	if err := submitAt(w, w.ClosesAt.AddDate(0, 0, 6), time.Time{}); err != nil {
		t.Errorf("within the new time: %v", err)
	}
	verifyClean(ctx, t, w)
}

func TestDeadlinesThatCannotBe(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Draft(w.Student("Anna", "1.5"))
	now, id := w.WhileOpen(), closingOf(w)
	stranger := uuid.New()
	for name, c := range map[string]struct {
		req  process.DeadlineMove
		want string
	}{
		"sooner, though somebody has begun": {process.DeadlineMove{Deadline: id, Wall: later(w, -2)}, "deadline.only_later"},
		"the same":                          {process.DeadlineMove{Deadline: id, Wall: later(w, 0)}, "deadline.unchanged"},
		"no such zone":                      {process.DeadlineMove{Deadline: id, Wall: later(w, 1), Zone: "Europe/Brno"}, "deadline.unknown_zone"},
		"an extension that is none":         {process.DeadlineMove{Deadline: id, Wall: later(w, -1), Scope: process.ForUnit, Unit: &w.Faculty}, "deadline.not_an_extension"},
		"for no unit":                       {process.DeadlineMove{Deadline: id, Wall: later(w, 1), Scope: process.ForUnit}, "invalid.required"},
		"for a unit of nobody":              {process.DeadlineMove{Deadline: id, Wall: later(w, 1), Scope: process.ForUnit, Unit: &stranger}, "deadline.unknown_unit"},
		"for a stranger":                    {process.DeadlineMove{Deadline: id, Wall: later(w, 1), Scope: process.ForPerson, Person: &stranger}, "deadline.unknown_person"},
		"for oneself":                       {process.DeadlineMove{Deadline: id, Wall: later(w, 1), Scope: process.ForPerson, Person: &w.Officer.Person}, "refusal.own_file"},
		"of a host for some":                {process.DeadlineMove{Deadline: testkit.One[uuid.UUID](w, `SELECT id FROM deadlines WHERE kind = 'host_nomination'`), Wall: later(w, 90), Scope: process.ForUnit, Unit: &w.Faculty}, "deadline.not_for_some"},
		"a kind there is not":               {process.DeadlineMove{Kind: "confirm_by", Round: &w.Round, Wall: later(w, 9)}, "invalid.oneof"},
	} {
		c.req.Arrived = now
		if err := moves(t, w, c.req); fieldCode(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
	if err := moves(t, w, process.DeadlineMove{Deadline: id, Wall: later(w, 1), Zone: "Europe/Lisbon", Arrived: now}); err != nil {
		t.Error(err)
	}
	if got := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines WHERE id = $1`, id); !got.Equal(w.ClosesAt.Add(25 * time.Hour)) {
		t.Errorf("a minute of Lisbon ends at %s", got.UTC())
	}
	verifyClean(context.Background(), t, w)
}

// below adds a unit under another.
func below(w *testkit.World, parent uuid.UUID, code string) uuid.UUID {
	return testkit.One[uuid.UUID](w, `INSERT INTO units (id, institution_id, parent_id, code, name) VALUES (gen_random_uuid(), $1, $2, $3, jsonb_build_object('en', $3::text)) RETURNING id`, w.Home, parent, code)
}

func TestTheClosestUnitsDeadlineHolds(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	department := below(w, w.Faculty, "D1")
	anna, cyril := w.Student("Anna", "1.5"), w.StudentOf("Cyril", "1.5", department)
	file := w.Draft(anna)
	late := w.Student("Bert", "2")
	now := w.ClosesAt.Add(-time.Hour)
	for _, req := range []process.DeadlineMove{
		{Deadline: closingOf(w), Wall: later(w, 1), Scope: process.ForUnit, Unit: &w.Faculty, Arrived: now},
		{Deadline: closingOf(w), Wall: later(w, 2), Scope: process.ForUnit, Unit: &department, Arrived: now},
	} {
		if err := moves(t, w, req); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Process.Move(ctx, anna, process.MoveRequest{Application: file, Move: "submit", Arrived: w.ClosesAt.Add(23 * time.Hour)}); err != nil {
		t.Errorf("within the faculty's: %v", err)
	}
	if _, err := w.Process.Start(ctx, late, w.Round, w.ClosesAt.Add(23*time.Hour)); err != nil {
		t.Errorf("beginning within the faculty's: %v", err)
	}
	if _, err := w.Process.Start(ctx, late, w.Round, w.ClosesAt.Add(47*time.Hour)); err != nil {
		t.Errorf("what is begun is found again: %v", err)
	}
	if _, err := w.Process.Start(ctx, w.Student("Dora", "2"), w.Round, w.ClosesAt.Add(25*time.Hour)); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("beginning after the faculty's: %v", err)
	}
	if _, err := w.Process.Start(ctx, cyril, w.Round, w.ClosesAt.Add(25*time.Hour)); err != nil && mobility.CodeOf(err) != "refusal.not_your_call" {
		t.Errorf("beginning within the department's: %v", err)
	}
	for after, want := range map[time.Duration]string{2 * time.Minute: "refusal.still_open", 25 * time.Hour: "refusal.still_open"} {
		if _, err := w.Process.ComputeRanking(ctx, w.Officer, w.Round, w.ClosesAt.Add(after)); mobility.CodeOf(err) != want {
			t.Errorf("a ranking %s after the general closing: %v", after, err)
		}
	}
	// A later general deadline takes the narrower ones along that would be over before.
	p, err := w.Process.PreviewDeadline(ctx, w.Officer, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 3), Arrived: now})
	if err != nil || p.Carried != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
	if err := moves(t, w, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 3), Arrived: now, Hash: p.Hash}); err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(DISTINCT closes_at) FROM deadlines WHERE kind = 'closes'`); n != 1 {
		t.Errorf("%d different closings are left", n)
	}
	verifyClean(ctx, t, w)
}

func TestOnePersonsDeadlineWhetherBegunOrNot(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	anna, bert := w.Student("Anna", "1.5"), w.Student("Bert", "2")
	file := w.Draft(anna)
	for _, who := range []mobility.Actor{anna, bert} {
		p, err := w.Process.PreviewDeadline(ctx, w.Officer, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 1), Scope: process.ForPerson, Person: &who.Person, Arrived: w.WhileOpen()})
		if err != nil || (len(p.Concerned) == 1) != (who.Person == anna.Person) {
			t.Fatalf("%+v, %v", p, err)
		}
		if err := moves(t, w, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 1), Scope: process.ForPerson, Person: &who.Person, Tell: true, Arrived: w.WhileOpen()}); err != nil {
			t.Fatal(err)
		}
	}
	at := w.ClosesAt.Add(12 * time.Hour)
	w.Move(anna, file, "submit", at, process.Given{})
	id, err := w.Process.Start(ctx, bert, w.Round, at)
	if err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines_in_force WHERE application_id = $1 AND kind = 'closes'`, id); !got.Equal(w.ClosesAt.Add(24 * time.Hour)) {
		t.Errorf("Bert's application closes at %s", got)
	}
	if _, err := w.Process.Start(ctx, w.Student("Cyril", "2"), w.Round, at); mobility.CodeOf(err) != "refusal.closed" {
		t.Errorf("somebody else: %v", err)
	}
	if _, err := w.Process.ComputeRanking(ctx, w.Officer, w.Round, at); mobility.CodeOf(err) != "refusal.drafts_still_open" {
		t.Errorf("a ranking while Bert writes: %v", err)
	}
	// By a move of the lifecycle the file gets one of its own, which the page then moves.
	by := later(w, 2)
	w.Move(w.Officer, id, "grant_time", at, process.Given{Reason: "Ill.", Closes: &by})
	if err := moves(t, w, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, 3), Scope: process.ForPerson, Person: &bert.Person, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	if got := testkit.One[time.Time](w, `SELECT closes_at FROM deadlines_in_force WHERE application_id = $1 AND kind = 'closes'`, id); !got.Equal(w.ClosesAt.Add(72 * time.Hour)) {
		t.Errorf("after all that Bert's application closes at %s", got)
	}
	verifyClean(ctx, t, w)
}

func TestDocumentsAfterArrivalHaveADeadline(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	ctx := context.Background()
	anna := w.Student("Anna", "1.2")
	id := w.Submitted(anna)
	w.Marked(id, "28")
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(anna, id, "confirm", at, process.Given{})
	round := mobility.Wall(2027, time.October, 31, 2, 30) // twice
	if err := moves(t, w, process.DeadlineMove{Kind: "documents", Round: &w.Round, Wall: round, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	inForce := func() string {
		return testkit.One[string](w, `SELECT string_agg(to_char(closes_at AT TIME ZONE 'UTC', 'MM-DD HH24:MI'), ', ') FROM deadlines_in_force WHERE application_id = $1 AND kind = 'documents'`, id)
	}
	if got := inForce(); got != "10-31 01:31" {
		t.Errorf("the round's: %s", got)
	}
	there := mobility.Wall(2027, time.November, 15, 12, 0)
	if err := moves(t, w, process.DeadlineMove{Kind: "documents", Destination: &w.Destinations[0], Wall: there, Zone: "Europe/Helsinki", Arrived: at, Tell: true}); err != nil {
		t.Fatal(err)
	}
	if got := inForce(); got != "11-15 10:01" {
		t.Errorf("the destination's: %s", got)
	}
	if letters(w, id, "deadline_moved") != 1 {
		t.Error("nobody was told")
	}
	own := mobility.Wall(2027, time.December, 1, 12, 0)
	round2 := testkit.One[uuid.UUID](w, `SELECT id FROM deadlines WHERE round_id = $1 AND kind = 'documents'`, w.Round)
	if err := moves(t, w, process.DeadlineMove{Deadline: round2, Wall: own, Scope: process.ForPerson, Person: &anna.Person, Arrived: at}); err != nil {
		t.Fatal(err)
	}
	if got := inForce(); got != "12-01 11:01" {
		t.Errorf("her own: %s", got)
	}
	verifyClean(ctx, t, w)
}

// Whoever submits while the deadline moves is either in time by the old one or
// by the new one; nobody is lost and nobody deadlocks.
func TestMovingWhileOthersSubmit(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	const people = 6
	var all sync.WaitGroup
	errs := make(chan error, people+3)
	for i := range people {
		who := w.Student(fmt.Sprintf("P%d", i), "1.5")
		id := w.Draft(who)
		all.Go(func() {
			_, err := w.Process.Move(context.Background(), who, process.MoveRequest{Application: id, Move: "submit", Arrived: w.ClosesAt.Add(-time.Second)})
			errs <- err
		})
	}
	for day := range 3 {
		all.Go(func() {
			err := w.Process.MoveDeadline(context.Background(), w.Officer, process.DeadlineMove{Deadline: closingOf(w), Wall: later(w, day+1), Reason: "More time.", Tell: true, Arrived: w.ClosesAt.Add(-time.Minute)})
			if code := fieldCode(err); code != "deadline.only_later" { // one that came after a later one
				errs <- err
			}
		})
	}
	all.Wait()
	close(errs)
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM submissions`); n != people {
		t.Errorf("%d submitted", n)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM (SELECT subject_key FROM letters WHERE kind = 'deadline_moved' GROUP BY subject_key HAVING count(*) > 1) x`); n != 0 {
		t.Errorf("%d letters twice", n)
	}
	verifyClean(context.Background(), t, w)
}
