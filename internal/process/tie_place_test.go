package process_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/selection"
	"peregrine/internal/testkit"
)

// What decides between equal points may differ from destination to
// destination: where one stays longer the worse average goes first.
func TestTiesDecidePerDestination(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	w.Exec(`UPDATE destinations SET months = 10 WHERE id = $1`, w.Destinations[1])
	w.Scheme(`
name: tied
inputs:
  average: {from: imported, kind: number}
  months: {from: destination, kind: number}
criteria:
  - {key: letter, mark: {min: 0, max: 30}, scale: 2}
ties:
  - {of: "if(months > 5, average, 0 - average)"}
`)
	w.Rules(`{"method": "deferred-acceptance"}`)
	var ids []uuid.UUID
	for i, average := range []string{"1", "2", "1", "2"} {
		id := w.Submitted(w.Student("S", average), w.Destinations[i/2])
		w.Marked(id, "7")
		ids = append(ids, id)
	}
	b, err := w.Process.Basis(t.Context(), w.Officer, w.Round, w.AfterClose)
	if err != nil {
		t.Fatal(err)
	}
	run, err := b.Compute()
	if err != nil {
		t.Fatal(err)
	}
	for i, placed := range []bool{true, false, false, true} {
		c := choiceOf(t, run.Result, ids[i])
		if (c.Outcome == selection.Placed) != placed || !placed && (c.Reason.Code != selection.ReasonLostTie || c.Reason.Rule != 1) {
			t.Errorf("candidate %d: %s, %+v", i, c.Outcome, c.Reason)
		}
	}
	w.Published(w.AfterClose)
	verifyClean(t.Context(), t, w)
}

// One list has one order: it cannot go by what differs from place to place.
func TestTiesPerDestinationNeedAMethodWithAnOrderForEach(t *testing.T) {
	t.Parallel()
	w := office(t)
	for method, right := range map[string]bool{"first-choice": true, "deferred-acceptance": true, "list": false} {
		text := strings.NewReplacer(
			"method: first-choice", "method: "+method, "{average: {from: imported, kind: number}}", "{average: {from: imported, kind: number}, months: {from: destination, kind: number}}",
			"ties: [{of: points(letter)}]", "ties: [{of: months * average}]").Replace(planYAML)
		p, err := process.ParseCallPlan([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
		var e *mobility.Error
		switch named := errors.As(err, &e) && len(e.Fields) == 1 && e.Fields[0].Field == "selection.method" && e.Fields[0].Code == "selection.one_score_needed"; {
		case right && err != nil, !right && !named:
			t.Errorf("%s: %v", method, err)
		}
	}
}
