package process_test

import (
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// ranked leaves anna placed and bert on the reserve of the only destination.
func ranked(t *testing.T) (w *testkit.World, anna, bert mobility.Actor, a, b uuid.UUID) {
	t.Helper()
	w = testkit.NewWorld(t, testkit.WorldPlan{})
	anna, bert = w.Student("Anna", "1.2"), w.Student("Bert", "2.4")
	a, b = w.Submitted(anna), w.Submitted(bert)
	w.Marked(a, "28")
	w.Marked(b, "20")
	return w, anna, bert, a, b
}

// publish computes as one and publishes as another.
func publish(w *testkit.World, computer, publisher mobility.Actor, at time.Time) error {
	id, err := w.Process.ComputeRanking(context.Background(), computer, w.Round, at)
	if err != nil {
		return err
	}
	hash := testkit.One[string](w, `SELECT result_hash FROM rankings WHERE id = $1`, id)
	_, err = w.Process.Publish(context.Background(), publisher, process.Publication{Ranking: id, Hash: hash, Arrived: at})
	return err
}

func TestNobodyIsOfferedAPlaceWithoutTimeToAnswer(t *testing.T) {
	t.Parallel()
	w, _, _, a, b := ranked(t)
	soon := w.AfterClose.Add(5 * 24 * time.Hour) // less three working days: a day or two to answer at most
	w.Exec(`UPDATE deadlines SET wall = ($1::timestamptz AT TIME ZONE zone) - interval '1 minute', closes_at = $1 WHERE kind = 'host_nomination'`, soon.Truncate(time.Minute))
	if err := publish(w, w.Officer, w.Officer, w.AfterClose.Add(48*time.Hour)); mobility.CodeOf(err) != "refusal.too_little_to_confirm" {
		t.Fatalf("published: %v", err)
	}
	expect(t, w, a, "submitted")
	if err := w.Process.HoldBack(t.Context(), w.Officer, a, "The host moves its deadline.", w.AfterClose); err != nil {
		t.Fatal(err)
	}
	if by := testkit.One[uuid.UUID](w, `SELECT a.actor_id FROM acts a JOIN act_texts x ON x.act_id = a.id WHERE a.act = 'result_held_back' AND x.reason LIKE 'The host%'`); by != w.Officer.Person {
		t.Errorf("held back by %s", by)
	}
	if err := publish(w, w.Officer, w.Officer, w.AfterClose.Add(48*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect(t, w, b, "reserve")
	if err := w.Process.ReleaseHeld(t.Context(), w.Officer, a, w.AfterClose.Add(49*time.Hour)); mobility.CodeOf(err) != "refusal.too_little_to_confirm" {
		t.Errorf("released: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

func TestNothingIsPublishedWhileADraftMayStillBeSubmitted(t *testing.T) {
	t.Parallel()
	w, _, _, a, _ := ranked(t)
	late := w.Draft(w.Student("Dana", "1.5"))
	later := mobility.WallOf(w.AfterClose.Add(72 * time.Hour))
	w.Move(w.Officer, late, "grant_time", w.WhileOpen(), process.Given{Reason: "Ill.", Closes: &later})
	if err := publish(w, w.Officer, w.Officer, w.AfterClose); mobility.CodeOf(err) != "refusal.drafts_still_open" {
		t.Errorf("published: %v", err)
	}
	if err := publish(w, w.Officer, w.Officer, w.AfterClose.Add(96*time.Hour)); err != nil {
		t.Fatal(err)
	}
	expect(t, w, a, "offered")
}

func TestAPlaceLeftToTheOfficeGoesOnWhenTheOfficeHasSettledIt(t *testing.T) {
	t.Parallel()
	w, _, _, a, b := ranked(t)
	w.Published(w.AfterClose)
	at := w.AfterClose.Add(time.Hour)
	w.Move(w.Officer, a, "withdraw_offer", at, process.Given{Reason: "Wrong points."})
	freed := func() int {
		return testkit.One[int](w, `SELECT count(*)::int FROM river_job WHERE kind = $1 AND args ->> 'round' = $2`, process.PlaceFreed{}.Kind(), w.Round.String())
	}
	if n := freed(); n != 0 {
		t.Errorf("the place went on before the office decided: %d", n)
	}
	w.Move(w.Officer, a, "end_not_selected", at, process.Given{Reason: "Not eligible."})
	if n := freed(); n != 1 {
		t.Errorf("%d jobs look at the reserve, want one", n)
	}
	if n, err := w.Process.Promote(t.Context(), w.Round, at); err != nil || n != 1 {
		t.Errorf("promoted %d, %v", n, err)
	}
	expect(t, w, b, "offered")
	verifyClean(t.Context(), t, w)
}

func TestAReturnOpensWhatItNamesAndNothingElse(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna, w.Destinations[0])
	save := process.DraftSave{Application: a, Revision: 2, Answers: mobility.Answers{"motivation": "Typed, never sent.", "buddy": "yes"}, Choices: w.Destinations, Arrived: w.WhileOpen()}
	if _, err := w.Process.SaveDraft(t.Context(), anna, save); err != nil {
		t.Fatal(err)
	}
	by := mobility.WallOf(w.AfterClose.Add(72 * time.Hour))
	w.Move(w.Coordinator, a, "return", w.AfterClose, process.Given{Reason: "Were you a buddy?", Questions: []string{"buddy"}, CompleteBy: &by})
	w.Move(w.Coordinator, a, "extend_return", w.AfterClose, process.Given{Reason: "Take your time.", CompleteBy: &by})
	standing, err := w.Process.Standing(t.Context(), anna, a, w.AfterClose)
	if err != nil || !slices.Equal(standing.EditOnly, []string{"buddy"}) {
		t.Errorf("after more time, open is %v, %v", standing.EditOnly, err)
	}
	w.Move(anna, a, "complete", w.AfterClose.Add(time.Hour), process.Given{})
	sent := testkit.One[mobility.Answers](w, `SELECT answers FROM submission_contents c JOIN submissions s ON s.id = c.submission_id WHERE s.number = 2`)
	if sent["motivation"] != "I want to learn." || sent["buddy"] != "yes" {
		t.Errorf("completed with %v", sent)
	}
	if n := testkit.One[int](w, `SELECT count(*)::int FROM choices c JOIN submissions s ON s.id = c.submission_id WHERE s.number = 2`); n != 1 {
		t.Errorf("completed with %d choices", n)
	}
}

func TestOnePersonConfirmsOnePlaceAtATime(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{8, 8}})
	round, destination := w.AnotherCall()
	w.Exec(`UPDATE destination_pools SET pool_id = $1 WHERE destination_id = $2`, w.Pools[1], destination) // or the pool makes them wait
	people := make([]mobility.Actor, 8)
	files := make([][2]uuid.UUID, len(people))
	for i := range people {
		people[i] = w.Student(strings.Repeat("A", i+1), "1.2")
		files[i] = [2]uuid.UUID{w.Submitted(people[i], w.Destinations[0]), w.DraftIn(round, people[i], destination)}
		w.Move(people[i], files[i][1], "submit", w.WhileOpen(), process.Given{})
		w.Marked(files[i][0], "28")
		w.Marked(files[i][1], "28")
	}
	w.Published(w.AfterClose)
	w.PublishedIn(round, w.AfterClose)
	for i, person := range people {
		var wg sync.WaitGroup
		codes := make([]string, 2)
		for j, id := range files[i] {
			wg.Go(func() {
				_, err := w.Process.Move(t.Context(), person, process.MoveRequest{Application: id, Move: "confirm", Arrived: w.AfterClose.Add(time.Hour)})
				codes[j] = mobility.CodeOf(err)
			})
		}
		wg.Wait()
		slices.Sort(codes)
		if !slices.Equal(codes, []string{"", "refusal.confirmed_elsewhere"}) {
			t.Errorf("answers %q", codes)
		}
	}
}

func TestStartedTwiceAtOnceIsStartedOnce(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	var wg sync.WaitGroup
	ids := make([]uuid.UUID, 8)
	for i := range ids {
		wg.Go(func() {
			var err error
			if ids[i], err = w.Process.Start(t.Context(), anna, w.Round, w.WhileOpen()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(slices.Compact(ids)) != 1 {
		t.Errorf("got %v", ids)
	}
}

func TestARefusedDocumentLeavesNoFile(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	files := &countedFiles{}
	runner := process.New(w.Web, nil, files)
	err := runner.AddDocument(t.Context(), anna, process.Upload{
		Application: a, Question: "motivation", FileName: "a.pdf", Content: strings.NewReader("%PDF-1.7\n%%EOF"), Arrived: w.WhileOpen(),
	})
	if mobility.CodeOf(err) != "refusal.question_not_open" {
		t.Errorf("got %v", err)
	}
	if files.kept != 0 {
		t.Errorf("%d files stay", files.kept)
	}
}

// countedFiles keeps count of the files there are.
type countedFiles struct {
	testkit.MemoryFiles
	kept int
}

func (c *countedFiles) Put(ctx context.Context, key string, content io.Reader) error {
	c.kept++
	return c.MemoryFiles.Put(ctx, key, content)
}

func (c *countedFiles) Remove(ctx context.Context, key string) error {
	c.kept--
	return c.MemoryFiles.Remove(ctx, key)
}

func TestTextThatIsNoneIsRefusedInWords(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	_, err := w.Process.SaveDraft(t.Context(), anna, process.DraftSave{Application: a, Revision: 2, Answers: mobility.Answers{"motivation": "a\x00b"}, Arrived: w.WhileOpen()})
	if mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("an answer: %v", err)
	}
	_, err = w.Process.Move(t.Context(), anna, process.MoveRequest{Application: a, Move: "withdraw", Arrived: w.WhileOpen(), Given: process.Given{Reason: "a\x00b"}})
	if mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("a reason: %v", err)
	}
}
