package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// whatIf is a scene with a draft run of three people for one place each at
// two destinations.
type whatIf struct {
	*scene
	run   string
	id    uuid.UUID
	files []uuid.UUID
	b     *browser
}

func newWhatIf(t *testing.T) *whatIf {
	t.Helper()
	w := &whatIf{scene: newScene(t, testkit.WorldPlan{Places: []int{1, 1}})}
	for i, name := range []string{"Zdislava", "Bohdana", "Ctirada"} {
		file := w.Submitted(w.Student(name, "2.0"))
		w.Marked(file, []string{"30", "20", "10"}[i])
		w.files = append(w.files, file)
	}
	w.at(w.AfterClose)
	var err error
	if w.id, err = w.Process.ComputeRanking(context.Background(), w.Officer, w.Round, w.AfterClose); err != nil {
		t.Fatal(err)
	}
	w.run = "/office/rankings/" + w.id.String() + "/variants"
	w.b = w.as(w.Officer)
	return w
}

// try posts a variant and returns its page.
func (w *whatIf) try(t *testing.T, f url.Values) (path string, shown seen) {
	t.Helper()
	got := w.b.post(w.run, f).want(t, http.StatusSeeOther)
	return got.to, w.b.get(got.to).want(t, http.StatusOK)
}

func TestVariantsSayWhoMovesAndWhy(t *testing.T) {
	t.Parallel()
	w := newWhatIf(t)
	w.b.get(w.run).want(t, http.StatusOK, "What if?", "Try a variant")
	pool := testkit.One[uuid.UUID](w.World, `SELECT pool_id FROM destination_pools WHERE destination_id = $1`, w.Destinations[0])

	path, shown := w.try(t, url.Values{"name": {"one more"}, placesField + pool.String(): {"2"}})
	shown.want(t, http.StatusOK, "Variant 1: one more", "Bohdana", "Up", "Ctirada", "In", "2 of 3 move", "1 → 2")
	if strings.Contains(shown.body, `/office/applications/`+w.files[0].String()) {
		t.Error("who does not move is listed")
	}
	csv := w.b.get(path+"/moves.csv").want(t, http.StatusOK, "Zdislava", "Unchanged", "Bohdana", "Ctirada")
	if lines := strings.Count(strings.TrimSpace(csv.body), "\n"); lines != 3 {
		t.Errorf("the export has %d rows of 3 people", lines)
	}
	xlsx := w.b.get(path+"/moves.xlsx").want(t, http.StatusOK)
	book, err := excelize.OpenReader(bytes.NewReader([]byte(xlsx.body)))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(rows) != 4 {
		t.Errorf("the workbook has %d rows: %v", len(rows), err)
	}

	_, shown = w.try(t, url.Values{"name": {"she withdraws"}, "withdraw": {"1"}})
	shown.want(t, http.StatusOK, "Zdislava", "Withdraws", "Out", "Is not in the variant")
	_, shown = w.try(t, url.Values{"name": {"another mark"}, "mark_rank": {"3"}, "mark_criterion": {"letter"}, "mark": {"29,5"}})
	shown.want(t, http.StatusOK, "Ctirada", "29.5", "Bohdana", "Out")
	_, shown = w.try(t, url.Values{"name": {"by lot"}, "method": {"lottery"}})
	shown.want(t, http.StatusOK, "By lot")

	w.b.get(w.run).want(t, http.StatusOK, "Variant 1: one more", "Variant 4: by lot", "Side by side", "Placed, by group")
	again := w.b.get(w.run + "?from=" + strings.TrimPrefix(path, "/office/variants/"))
	again.want(t, http.StatusOK, `value="2"`)
	if n := testkit.One[int](w.World, `SELECT count(*) FROM rankings`); n != 1 {
		t.Errorf("trying made %d rankings", n)
	}
}

func TestAVariantThatCannotBeIsRefusedBesideItsField(t *testing.T) {
	t.Parallel()
	w := newWhatIf(t)
	pool := testkit.One[uuid.UUID](w.World, `SELECT pool_id FROM destination_pools WHERE destination_id = $1`, w.Destinations[0])
	for name, f := range map[string]url.Values{
		"no name":        {"method": {"lottery"}},
		"nothing":        {"name": {"as it is"}},
		"no number":      {"name": {"x"}, placesField + pool.String(): {"two"}},
		"below zero":     {"name": {"x"}, placesField + pool.String(): {"-1"}},
		"no such rank":   {"name": {"x"}, "withdraw": {"9"}},
		"mark too high":  {"name": {"x"}, "mark_rank": {"1"}, "mark_criterion": {"letter"}, "mark": {"1000"}},
		"mark of what":   {"name": {"x"}, "mark_rank": {"1"}, "mark": {"1"}},
		"lot and refuse": {"name": {"typed before"}, "method": {"lottery"}, "ties": {"refuse"}},
		"weight of none": {"name": {"x"}, weightField + "letter": {"0"}},
	} {
		got := w.b.post(w.run, f)
		got.want(t, http.StatusUnprocessableEntity, "ds-error")
		if typed := f.Get("name"); typed != "" && !strings.Contains(got.body, `value="`+typed+`"`) {
			t.Errorf("%s: the name typed is lost", name)
		}
	}
	if n := testkit.One[int](w.World, `SELECT count(*) FROM variants`); n != 0 {
		t.Errorf("%d variants were kept of what was refused", n)
	}
	if err := w.Process.SetMark(context.Background(), w.Coordinator, process.Mark{Application: w.files[2], Criterion: "letter", Points: "25", Seen: "10", Arrived: w.AfterClose}); err != nil {
		t.Fatal(err)
	}
	w.b.post(w.run, url.Values{"name": {"stale"}, "method": {"lottery"}}).want(t, http.StatusConflict, "not computed")
}

func TestVariantsAreKeptFromWhoHasAConflict(t *testing.T) {
	t.Parallel()
	w := newWhatIf(t)
	path, _ := w.try(t, url.Values{"name": {"by lot"}, "method": {"lottery"}})
	barred := w.Staff("aunt", mobility.RoleOfficer, w.Home, nil)
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, w.Home, w.files[0], barred.Person)
	b := w.as(barred)
	b.get(w.run).want(t, http.StatusForbidden)
	b.post(w.run, url.Values{"name": {"x"}, "method": {"lottery"}}).want(t, http.StatusForbidden)
	for _, suffix := range []string{"", "/moves.csv", "/moves.xlsx"} {
		b.get(path+suffix).want(t, http.StatusNotFound)
	}
	aunt := w.Staff("aunt of the faculty", mobility.RoleCoordinator, w.Home, &w.Faculty)
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now())`, w.Home, w.files[0], aunt.Person)
	b = w.as(aunt)
	b.get(w.run).want(t, http.StatusForbidden)
	b.post(w.run, url.Values{"name": {"x"}, "method": {"lottery"}}).want(t, http.StatusForbidden)
	w.as(w.Staff("assessor", mobility.RoleAssessor, w.Home, &w.Faculty)).get(w.run).want(t, http.StatusForbidden)
	w.as(w.ForeignOfficer).get(w.run).want(t, http.StatusNotFound)
}

func TestCoordinatorsTryForTheFilesOfTheirUnit(t *testing.T) {
	t.Parallel()
	w := newWhatIf(t)
	hidden := w.Submitted(w.Student("Dobromila", "1.0"))
	w.Marked(hidden, "25")
	w.Exec(`UPDATE applications SET unit_id = $2 WHERE id = $1`, hidden, w.Other)
	var err error
	if w.id, err = w.Process.ComputeRanking(context.Background(), w.Officer, w.Round, w.AfterClose); err != nil {
		t.Fatal(err)
	}
	w.run = "/office/rankings/" + w.id.String() + "/variants"
	pool := testkit.One[uuid.UUID](w.World, `SELECT pool_id FROM destination_pools WHERE destination_id = $1`, w.Destinations[0])
	theirs, _ := w.try(t, url.Values{"name": {"of the office"}, "withdraw": {"1"}})
	c := w.as(w.Coordinator)
	c.get("/office/rankings/"+w.id.String()).want(t, http.StatusOK, w.run)
	first := c.get(w.run).want(t, http.StatusOK, "You see the files of your unit")
	got := c.post(w.run, url.Values{"name": {"two more"}, placesField + pool.String(): {"3"}}).want(t, http.StatusSeeOther)
	shown := c.get(got.to).want(t, http.StatusOK, "Variant 2: two more", "of 3 move", "Ctirada")
	csv := c.get(got.to+"/moves.csv").want(t, http.StatusOK, "Zdislava")
	for _, page := range []seen{first, shown, csv, c.get(w.run).want(t, http.StatusOK)} {
		if strings.Contains(page.body, "Dobromila") || strings.Contains(page.body, hidden.String()) || strings.Contains(page.body, "AF") || strings.Contains(page.body, "of the office") {
			t.Error("a file of another unit, or what the office tried, is shown")
		}
	}
	if lines := strings.Count(strings.TrimSpace(csv.body), "\n"); lines != 3 {
		t.Errorf("the export has %d rows of three files", lines)
	}
	c.get(theirs).want(t, http.StatusNotFound)
	w.b.get(w.run).want(t, http.StatusOK, "two more", "of the office")
	rank := testkit.One[int](w.World, `SELECT rank FROM ranking_entries WHERE ranking_id = $1 AND application_id = $2`, w.id, hidden)
	c.post(w.run, url.Values{"name": {"x"}, "withdraw": {strconv.Itoa(rank)}}).want(t, http.StatusUnprocessableEntity)
	_, err = w.Process.TryVariant(context.Background(), w.Coordinator, process.Trial{Ranking: w.id, Name: "x", Changes: []process.VariantChange{{Kind: process.VaryWithdraw, Application: hidden}}, Arrived: w.AfterClose})
	if mobility.KindOf(err) != mobility.Invalid {
		t.Errorf("a file of another unit is varied: %v", err)
	}
}
