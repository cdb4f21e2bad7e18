package outbox_test

import (
	"strings"
	"testing"
	"time"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// changed makes a change of a destination that was looked at before.
func changed(t *testing.T, w *testkit.World, req process.DestinationChange) {
	t.Helper()
	p, err := w.Process.PreviewDestination(t.Context(), w.Officer, req)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	req.Hash = p.Hash
	if _, err := w.Process.ChangeDestination(t.Context(), w.Officer, req); err != nil {
		t.Fatal(err)
	}
}

func wantWords(t *testing.T, text string, words ...string) {
	t.Helper()
	text = strings.Join(strings.Fields(text), " ")
	for _, word := range words {
		if !strings.Contains(text, word) {
			t.Errorf("%q is missing in: %s", word, text)
		}
	}
}

func TestLettersAboutDestinationsSayWhatToDo(t *testing.T) {
	t.Parallel()
	w, o := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2, 1}}), newOutbox(t)
	anna := w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	begins, ends := time.Date(2027, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2028, 1, 31, 0, 0, 0, 0, time.UTC)
	host := mobility.Wall(2027, time.April, 1, 12, 30)
	changed(t, w, process.DestinationChange{
		Kind: process.DestinationChanged, Destination: w.Destinations[1], Reason: "The partner wrote to us.", Arrived: w.WhileOpen(),
		Terms: process.DestinationTerms{Language: "de", CEFR: "", Places: 3, Begins: &begins, Ends: &ends, HostDeadline: &host},
	})
	text := written(t, w, o)["destination_changed"]
	wantWords(t, text.Plain, "Language of instruction: English → German", "Level asked for: B2 → not set", "Places: 1 → 3", "not set → 1 September 2027",
		"1 April 2027 12:30", "your choice 2", "until Sunday 31 January 2027, 23:59 CET", "> The partner wrote to us.")

	by := mobility.Wall(2027, time.February, 20, 12, 0)
	changed(t, w, process.DestinationChange{Kind: process.DestinationDropped, Destination: w.Destinations[0], Reason: "They closed the field.", ChooseAgain: &by, Arrived: w.AfterClose})
	text = written(t, w, o)["destination_dropped"]
	wantWords(t, text.Plain, "your choice 1", "by Saturday 20 February 2027, 12:00 CET", "Only your choices can be changed", "> They closed the field.")

	if _, err := w.Process.SaveDraft(t.Context(), anna, process.DraftSave{Application: a, Revision: 2, Choices: w.Destinations[1:], Arrived: w.AfterClose}); err != nil {
		t.Fatal(err)
	}
	w.Move(anna, a, "complete", w.AfterClose, process.Given{})
	w.Marked(a, "20")
	w.Published(w.AfterClose)
	w.Exec(`UPDATE letters SET status = 'skipped' WHERE kind = 'destination_dropped'`)
	changed(t, w, process.DestinationChange{Kind: process.DestinationDropped, Destination: w.Destinations[1], Reason: "They withdrew.", Arrived: w.AfterClose})
	wantWords(t, written(t, w, o)["destination_dropped"].Plain, "This letter does not take it from you")
}
