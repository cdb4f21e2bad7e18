package process_test

import (
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

// limited lets the world's call announce limits.
func limited(t *testing.T, w *testkit.World, rules mobility.SelectionRules) {
	t.Helper()
	req, _ := lookedAt(t, w, process.Amendment{Rules: &rules, Arrived: w.WhileOpen()})
	done(t, w.Process.ChangeRules(t.Context(), w.Officer, req))
}

// drawnBy lists the limits of the call that count places at a destination.
func drawnBy(w *testkit.World, destination uuid.UUID) string {
	return testkit.One[string](w, `SELECT coalesce(string_agg(p.kind || coalesce(' ' || (p.label ->> 'en'), ''), ', ' ORDER BY p.kind, p.label ->> 'en'), '') FROM (
		SELECT pool_id FROM destination_pools WHERE destination_id = $1 UNION SELECT pool_id FROM destination_quotas WHERE destination_id = $1) d
		JOIN pools p ON p.id = d.pool_id WHERE p.call_id IS NOT NULL`, destination)
}

func agreement(w *testkit.World, term, language string) uuid.UUID {
	id := uuid.New()
	w.Exec(`INSERT INTO agreements (id, institution_id, unit_id, host_institution_id, isced_f, cycle, places, months, language, cefr, term, academic_year, home_agreement_id)
		VALUES ($1, $2, $3, $4, '0421', 6, 2, 5, $6, 'B1', $5, '2027/28', $7)`, id, w.Home, w.Faculty, w.Host, term, language, id.String())
	return id
}

func TestAnAddedDestinationIsCountedByTheCallsLimits(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	limited(t, w, mobility.SelectionRules{Method: "list", Partners: []mobility.PartnerRule{{Host: coded(w), Places: 2}}, Quotas: []mobility.QuotaRule{
		{Label: named("Spring"), Term: "spring", Places: 1}, {Label: named("Finnish"), Language: "fi", Places: 1}, {Label: named("Faculty"), Unit: "FBE", Places: 3},
	}})
	if got := drawnBy(w, w.Destinations[0]); got != "partner, quota Faculty" {
		t.Errorf("the first draws on %s", got)
	}
	end, _ := changed(t, w, process.DestinationChange{Kind: process.DestinationAdded, Round: w.Round, Agreement: agreement(w, "year", "fi"), Arrived: w.WhileOpen()})
	if got := drawnBy(w, end.Destination); got != "partner, quota Faculty, quota Finnish, quota Spring" {
		t.Errorf("the one added draws on %s", got)
	}
	verifyClean(t.Context(), t, w)
}

func TestAnotherLanguageIsCountedByOtherLimits(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1}})
	limited(t, w, mobility.SelectionRules{Method: "list", Quotas: []mobility.QuotaRule{{Label: named("English"), Language: "en", Places: 1}, {Label: named("Finnish"), Language: "fi", Places: 1}}})
	if got := drawnBy(w, w.Destinations[0]); got != "quota English" {
		t.Fatalf("at first it draws on %s", got)
	}
	finnish := func(x *process.DestinationTerms) { x.Language = "fi" }
	changed(t, w, changing(w, w.WhileOpen(), finnish))
	if got := drawnBy(w, w.Destinations[0]); got != "quota Finnish" {
		t.Errorf("then it draws on %s", got)
	}
	a := w.Submitted(w.Student("Anna", "1.2"))
	w.Marked(a, "20")
	w.Published(w.AfterClose)
	changed(t, w, changing(w, w.AfterClose.Add(time.Hour), func(x *process.DestinationTerms) { x.Language = "en" }))
	if got := drawnBy(w, w.Destinations[0]); got != "quota Finnish" {
		t.Errorf("after the result was told it draws on %s, though a place is held as it was counted", got)
	}
	verifyClean(t.Context(), t, w)
}

func TestADestinationThatLetsLimitsCrossIsRefusedWithBothNamed(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	w.Exec(`UPDATE destinations SET language = 'fi', term = 'spring' WHERE id = $1`, w.Destinations[1])
	limited(t, w, mobility.SelectionRules{Method: "deferred-acceptance", Ties: "refuse", Quotas: []mobility.QuotaRule{
		{Label: named("Spring"), Term: "spring", Places: 1}, {Label: named("English"), Language: "en", Places: 1},
	}})
	req := process.DestinationChange{Kind: process.DestinationAdded, Round: w.Round, Agreement: agreement(w, "spring", "en"), Arrived: w.WhileOpen()}
	_, err := w.Process.PreviewDestination(t.Context(), w.Officer, req)
	if mobility.CodeOf(err) != "conflict.destination_crosses" {
		t.Errorf("%+v", err)
	}
	req.Agreement = agreement(w, "spring", "fi")
	if _, err := w.Process.PreviewDestination(t.Context(), w.Officer, req); err != nil {
		t.Errorf("one that crosses nothing: %+v", err)
	}
	verifyClean(t.Context(), t, w)
}
