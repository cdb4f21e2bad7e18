package process_test

import (
	"testing"

	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// People with one name are nominated like everybody else: it goes where the
// network has family names, wherever it was entered.
func TestSingleNameIsNominated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, family string }{{"", "Suharto"}, {"Suharto", ""}} {
		w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
		who := w.Student("Jana", "1.2")
		w.Exec(`UPDATE person_facts SET given_names = $2, family_names = $3 WHERE person_id = $1`, who.Person, c.given, c.family)
		id := w.Submitted(who, w.Destinations[0])
		w.Marked(id, "20")
		w.Published(w.AfterClose)
		w.Move(who, id, "confirm", w.AfterClose, process.Given{})
		w.Move(w.Officer, id, "nominate", w.AfterClose, process.Given{})
		got := testkit.One[string](w, `SELECT (c.content ->> 'given_names') || '|' || (c.content ->> 'family_names')
			FROM nomination_contents c JOIN nominations n ON n.id = c.nomination_id WHERE n.application_id = $1 AND n.status = 'sent'`, id)
		if got != "|Suharto" {
			t.Errorf("%+v: nominated as %q", c, got)
		}
	}
}
