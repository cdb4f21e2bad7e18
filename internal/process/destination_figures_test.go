package process_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// nextYear opens a call of the year after with the same destinations.
func nextYear(w *testkit.World) uuid.UUID {
	call, round := uuid.New(), uuid.New()
	w.Exec(`INSERT INTO calls (id, institution_id, programme, academic_year, title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, opened_at)
		SELECT $1, institution_id, programme, '2028/29', title, description, zone, definition_id, form_id, scheme_id, max_choices, selection, opened_at FROM calls WHERE id = $2`, call, w.Call)
	w.Exec(`INSERT INTO rounds (id, institution_id, call_id, number) VALUES ($1, $2, $3, 1)`, round, w.Home, call)
	for i := range w.Destinations {
		agreement := uuid.New()
		w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id)
			SELECT $1, institution_id, unit_id, host_institution_id, $3, cycle, places, months, language, cefr, term, '2028/29', home_agreement_id FROM agreements WHERE home_agreement_id = $2`,
			agreement, fmt.Sprint("A", i), fmt.Sprintf("04%02d", i))
		w.Exec(`INSERT INTO destinations (id, institution_id, call_id, round_id, agreement_id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, selected_by)
			SELECT $1, institution_id, $2, $3, id, host_institution_id, unit_id, term, cycle, isced_f, language, cefr, months, 'home' FROM agreements WHERE id = $4`, uuid.New(), call, round, agreement)
	}
	return call
}

// past reads what everybody may know of earlier years.
func past(t *testing.T, w *testkit.World, call uuid.UUID) []store.PastFiguresRow {
	t.Helper()
	var out []store.PastFiguresRow
	err := store.NewReads(w.Web).As(t.Context(), mobility.Actor{}, w.WhileOpen(), func(db store.DBTX, _ time.Time) (err error) {
		out, err = store.New().PastFigures(t.Context(), db, call)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Figures about others are shown only where at least five were ranked and at
// least three admitted (design rule 13).
func TestFiguresOfEarlierYearsHideTheFew(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		ranked, places int
		want           string
	}{
		{4, 3, "enough false: 0 ranked, 0 admitted, 3 places, lowest <nil> of 60"},
		{5, 2, "enough false: 0 ranked, 0 admitted, 2 places, lowest <nil> of 60"},
		{5, 3, "enough true: 5 ranked, 3 admitted, 3 places, lowest 33.5 of 60"},
		{6, 4, "enough true: 6 ranked, 4 admitted, 4 places, lowest 32.5 of 60"},
	} {
		t.Run(fmt.Sprintf("%d ranked, %d places", c.ranked, c.places), func(t *testing.T) {
			t.Parallel()
			w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{c.places}})
			for i := range c.ranked {
				w.Marked(w.Submitted(w.Student(fmt.Sprint("S", i), "2")), fmt.Sprintf("%d,5", 20-i))
			}
			next := nextYear(w)
			if n := len(past(t, w, next)); n != 0 {
				t.Errorf("%d figures before anything is published", n)
			}
			w.Published(w.AfterClose)
			if n := len(past(t, w, w.Call)); n != 0 {
				t.Errorf("a call shows %d figures of its own year", n)
			}
			rows := past(t, w, next)
			if len(rows) != 1 {
				t.Fatalf("%+v", rows)
			}
			r := rows[0]
			lowest := "<nil>"
			if r.Lowest != nil {
				lowest = r.Lowest.String()
			}
			got := fmt.Sprintf("enough %t: %d ranked, %d admitted, %d places, lowest %s of %s", r.Enough, r.Ranked, r.Admitted, r.Places, lowest, r.Most)
			if got != c.want || r.AcademicYear != "2027/28" || !r.SameScheme {
				t.Errorf("%s (%s, same scheme %t), want %s", got, r.AcademicYear, r.SameScheme, c.want)
			}
			w.EditScheme("- key: average", "- key: average\n  label: {en: Grades}")
			if !past(t, w, next)[0].SameScheme {
				t.Error("another word for a criterion makes it another scheme")
			}
			w.EditScheme("max: 30", "max: 40")
			if past(t, w, next)[0].SameScheme {
				t.Error("other points are taken for the same scheme")
			}
		})
	}
}

func TestALotteryHasNoLowestPoints(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{3}})
	for i := range 5 {
		w.Marked(w.Submitted(w.Student(fmt.Sprint("S", i), "2")), "20")
	}
	run := w.Published(w.AfterClose)
	next := nextYear(w)
	w.Exec(`ALTER TABLE rankings DISABLE TRIGGER USER; UPDATE rankings SET method = 'lottery'; ALTER TABLE destination_figures DISABLE TRIGGER USER; DELETE FROM destination_figures`)
	w.Exec(`SELECT keep_figures($1)`, run)
	if r := past(t, w, next)[0]; !r.Enough || r.Lowest != nil {
		t.Errorf("%+v", r)
	}
}
