package process_test

import (
	"errors"
	"testing"

	"peregrine/internal/mobility"
	"peregrine/internal/testkit"
)

func TestACallTakesAgreementsByTheirIDs(t *testing.T) {
	t.Parallel()
	w := office(t)
	id := testkit.One[string](w, `SELECT home_agreement_id FROM agreements LIMIT 1`)

	p := plan(t)
	p.Rounds[0].Destinations[0].Agreements = []string{id}
	call, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
	if err != nil {
		t.Fatal(err)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM destinations WHERE call_id = $1`, call); n != 1 {
		t.Errorf("%d destinations, want the one named", n)
	}

	for field, change := range map[string]func(){
		"rounds.1.destinations.1":        func() { p.Rounds[0].Destinations[0].Agreements, p.Rounds[0].Destinations[0].Except = nil, []string{id} },
		"rounds.1.destinations.1.except": func() { p.Rounds[0].Destinations[0].Except = []string{"NO-SUCH-ID"} },
	} {
		change()
		_, err := w.Process.CreateCall(t.Context(), w.Officer, w.Opens, p)
		var e *mobility.Error
		if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Field != field {
			t.Errorf("%s: %+v", field, err)
		}
	}
}
