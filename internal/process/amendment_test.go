package process_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/store"
	"peregrine/internal/testkit"
)

// source is the scheme the world's call counts by, with words replaced.
func source(w *testkit.World, pairs ...string) string {
	text := testkit.One[string](w, `SELECT h.source FROM calls c JOIN schemes h ON h.id = c.scheme_id WHERE c.id = $1`, w.Call)
	out := strings.NewReplacer(pairs...).Replace(text)
	if out == text && len(pairs) > 0 {
		w.T.Fatalf("nothing of %q is in\n%s", pairs, text)
	}
	return out
}

// lookedAt fills in the hash of the preview.
func lookedAt(t *testing.T, w *testkit.World, req process.Amendment) (process.Amendment, process.AmendmentPreview) {
	t.Helper()
	req.Call = w.Call
	p, err := w.Process.PreviewAmendment(t.Context(), w.Officer, req)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	req.Hash = p.Hash
	return req, p
}

// proposed proposes a change that was looked at.
func proposed(t *testing.T, w *testkit.World, req process.Amendment) uuid.UUID {
	t.Helper()
	req, _ = lookedAt(t, w, req)
	id, err := w.Process.ProposeAmendment(t.Context(), w.Officer, req)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return id
}

// approvedBy approves what somebody else proposed.
func approvedBy(t *testing.T, w *testkit.World, by mobility.Actor, id uuid.UUID, at time.Time) process.AmendmentDone {
	t.Helper()
	p, err := w.Process.PreviewProposed(t.Context(), by, id, at)
	if err != nil {
		t.Fatalf("%+v", err)
	}
	done, err := w.Process.ApproveAmendment(t.Context(), by, process.Decision{Amendment: id, Hash: p.Hash, Arrived: at})
	if err != nil {
		t.Fatalf("%+v", err)
	}
	return done
}

func TestRulesChangeFreelyUntilSomebodySubmits(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
	before := testkit.One[uuid.UUID](w, `SELECT scheme_id FROM calls WHERE id = $1`, w.Call)
	rules := mobility.SelectionRules{
		Method: "deferred-acceptance", Quotas: []mobility.QuotaRule{{Label: mobility.Texts{"en": "English"}, Language: "en", Places: 1}},
		Grants: []mobility.GrantRule{{Label: mobility.Texts{"en": "Grant"}, Places: 5}},
	}
	req, p := lookedAt(t, w, process.Amendment{Scheme: source(w, "max: 30", "max: 40"), Rules: &rules, Arrived: w.WhileOpen()})
	if !p.Free || p.People != 0 || len(p.Changes) < 4 {
		t.Errorf("%+v", p)
	}
	if err := w.Process.ChangeRules(t.Context(), w.Officer, req); err != nil {
		t.Fatalf("%+v", err)
	}
	if after := testkit.One[uuid.UUID](w, `SELECT scheme_id FROM calls WHERE id = $1`, w.Call); after == before {
		t.Error("the old version is still pinned")
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM schemes WHERE name = 'scheme'`); n != 2 {
		t.Errorf("%d versions, want the old one beside the new", n)
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM destination_pools d JOIN pools p ON p.id = d.pool_id WHERE p.kind = 'quota'`); n != 2 {
		t.Errorf("%d destinations draw on the quota, want both", n)
	}
	pool := testkit.One[uuid.UUID](w, `SELECT id FROM pools WHERE kind = 'money'`)
	rules.Quotas, rules.Grants[0].Places = nil, 7
	req, _ = lookedAt(t, w, process.Amendment{Rules: &rules, Arrived: w.WhileOpen()})
	if err := w.Process.ChangeRules(t.Context(), w.Officer, req); err != nil {
		t.Fatalf("%+v", err)
	}
	if got := testkit.One[string](w, `SELECT string_agg(id || ' ' || kind || ' ' || places, ',') FROM pools WHERE call_id = $1`, w.Call); got != pool.String()+" money 7" {
		t.Errorf("pools of the rules: %s", got)
	}
	w.Submitted(w.Student("Anna", "1.2"))
	if err := w.Process.ChangeRules(t.Context(), w.Officer, req); mobility.CodeOf(err) != "amendment.nothing" && len(fieldsOf(err)) == 0 {
		t.Errorf("the same again: %v", err)
	}
	rules.Ties = "id"
	req, p = lookedAt(t, w, process.Amendment{Rules: &rules, Arrived: w.WhileOpen()})
	if err := w.Process.ChangeRules(t.Context(), w.Officer, req); p.Free || mobility.CodeOf(err) != "refusal.amendment_needed" {
		t.Errorf("after a submission: %v", err)
	}
}

func TestAmendmentNeedsASecondPerson(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	second, anna := w.Staff("second", mobility.RoleOfficer, w.Home, nil), w.Student("Anna", "1.2")
	a := w.Submitted(anna)
	at := w.WhileOpen()
	req := process.Amendment{Scheme: source(w, "worst: 3, max: 30", "worst: 3, max: 40"), Arrived: at}
	req, _ = lookedAt(t, w, req)
	if _, err := w.Process.ProposeAmendment(t.Context(), w.Officer, req); !slices.Contains(fieldsOf(err), "reason:invalid.required") {
		t.Errorf("without a reason: %v", err)
	}
	req.Reason = "We mistyped it."
	id := proposed(t, w, req)
	if _, err := w.Process.ProposeAmendment(t.Context(), second, req); mobility.CodeOf(err) != "conflict.amendment_waits" {
		t.Errorf("a second proposal: %v", err)
	}
	p, err := w.Process.PreviewProposed(t.Context(), w.Officer, id, at)
	if err != nil {
		t.Fatal(err)
	}
	d := process.Decision{Amendment: id, Hash: p.Hash, Arrived: at}
	if _, err := w.Process.ApproveAmendment(t.Context(), w.Officer, d); mobility.CodeOf(err) != "refusal.amendment_of_your_own" {
		t.Errorf("one's own: %v", err)
	}
	for name, stranger := range map[string]mobility.Actor{"foreign officer": w.ForeignOfficer, "coordinator": w.Coordinator, "applicant": anna} {
		if _, err := w.Process.ApproveAmendment(t.Context(), stranger, d); mobility.KindOf(err) != mobility.Forbidden && mobility.KindOf(err) != mobility.NotFound {
			t.Errorf("%s approves: %v", name, err)
		}
	}
	barred := w.Staff("barred", mobility.RoleOfficer, w.Home, nil)
	w.Exec(`INSERT INTO conflicts (id, institution_id, application_id, person_id, kind, at, declared_by) VALUES (gen_random_uuid(), $1, $2, $3, 'declared', now(), $3)`, w.Home, a, barred.Person)
	if p, err := w.Process.PreviewProposed(t.Context(), barred, id, at); err != nil || p.People != 0 {
		t.Errorf("whom a conflict bars sees %d people, %v", p.People, err)
	} else if _, err := w.Process.ApproveAmendment(t.Context(), barred, process.Decision{Amendment: id, Hash: p.Hash, Arrived: at}); mobility.CodeOf(err) != "refusal.barred_from_round" {
		t.Errorf("whom a conflict bars approves: %v", err)
	}
	end := approvedBy(t, w, second, id, at)
	if end.Told != 1 || letters(w, a, "rules_amended") != 1 {
		t.Errorf("%+v, %d letters", end, letters(w, a, "rules_amended"))
	}
	if _, err := w.Process.ApproveAmendment(t.Context(), second, d); mobility.CodeOf(err) != "conflict.amendment_decided" || letters(w, a, "rules_amended") != 1 {
		t.Errorf("twice: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

func TestAmendmentSetsMarksAsideAndCarriesThemOn(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	second := w.Staff("second", mobility.RoleOfficer, w.Home, nil)
	a := w.Submitted(w.Student("Anna", "1.2"))
	w.Marked(a, "20")
	at := w.AfterClose
	ranking, err := w.Process.ComputeRanking(t.Context(), w.Officer, w.Round, at)
	if err != nil {
		t.Fatal(err)
	}
	id := proposed(t, w, process.Amendment{Scheme: source(w, "key: letter", "key: essay"), Mapping: map[string]string{"letter": "essay"}, Reason: "A better name.", Arrived: at})
	if done := approvedBy(t, w, second, id, at); done.SetAside != 0 {
		t.Errorf("%+v", done)
	}
	standing := `SELECT coalesce(string_agg(criterion || ' ' || points::int, ','), '') FROM marks WHERE replaced_at IS NULL`
	if got := testkit.One[string](w, standing); got != "essay 20" {
		t.Errorf("marks that stand: %q", got)
	}
	hash := testkit.One[string](w, `SELECT result_hash FROM rankings WHERE id = $1`, ranking)
	if _, err := w.Process.Publish(t.Context(), w.Officer, process.Publication{Ranking: ranking, Hash: hash, Arrived: at}); mobility.KindOf(err) != mobility.Stale {
		t.Errorf("a ranking of the rules before is published: %v", err)
	}
	req := process.Amendment{Scheme: source(w, "{min: 0, max: 30}", "{min: 0, max: 50}"), Reason: "More room.", Arrived: at}
	id = proposed(t, w, req)
	p, err := w.Process.PreviewProposed(t.Context(), second, id, at)
	if err != nil {
		t.Fatal(err)
	}
	done(t, w.Process.SetMark(t.Context(), w.Coordinator, process.Mark{Application: a, Criterion: "essay", Points: "25", Seen: "20", Arrived: at}))
	if _, err := w.Process.ApproveAmendment(t.Context(), second, process.Decision{Amendment: id, Hash: p.Hash, Arrived: at}); mobility.CodeOf(err) != "conflict.preview_outdated" {
		t.Errorf("a preview that no longer holds: %v", err)
	}
	if done := approvedBy(t, w, second, id, at); done.SetAside != 1 || testkit.One[string](w, standing) != "" {
		t.Errorf("%+v, marks %q", done, testkit.One[string](w, standing))
	}
	if n := testkit.One[int](w, `SELECT count(*) FROM marks`); n != 3 {
		t.Errorf("%d marks on record, want every one", n)
	}
	if got := testkit.One[int](w, `SELECT count(*) FROM lacking_marks($1, (SELECT h.marked FROM calls c JOIN schemes h ON h.id = c.scheme_id))`, a); got != 1 {
		t.Errorf("%d criteria to mark, want the one set aside", got)
	}
	done(t, w.Process.SetMark(t.Context(), w.Coordinator, process.Mark{Application: a, Criterion: "essay", Points: "45", Arrived: at}))
	w.Published(at)
	if _, err := w.Process.PreviewAmendment(t.Context(), w.Officer, process.Amendment{Call: w.Call, Scheme: source(w, "max: 50", "max: 60"), Arrived: at}); mobility.CodeOf(err) != "conflict.already_published" {
		t.Errorf("after publication: %v", err)
	}
	verifyClean(t.Context(), t, w)
}

func TestAmendmentsAreReadByWhoMay(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	second := w.Staff("second", mobility.RoleOfficer, w.Home, nil)
	anna := w.Student("Anna", "1.2")
	w.Submitted(anna)
	rules := mobility.SelectionRules{Method: "list", Ties: "id"}
	id := proposed(t, w, process.Amendment{Rules: &rules, Reason: "Simpler.", Arrived: w.WhileOpen()})
	sees := func(a mobility.Actor) int { return len(amendmentsSeen(t, w, a)) }
	if sees(w.Coordinator) != 1 || sees(w.ForeignOfficer) != 0 || sees(anna) != 0 || sees(mobility.Actor{}) != 0 {
		t.Error("a proposal is the house's alone")
	}
	if err := w.Process.RefuseAmendment(t.Context(), second, process.Decision{Amendment: id, Arrived: w.WhileOpen()}); !slices.Contains(fieldsOf(err), "reason:invalid.required") {
		t.Errorf("refused without a word: %v", err)
	}
	done(t, w.Process.RefuseAmendment(t.Context(), second, process.Decision{Amendment: id, Reason: "No.", Arrived: w.WhileOpen()}))
	if sees(anna) != 0 {
		t.Error("a refused proposal is told")
	}
	id = proposed(t, w, process.Amendment{Rules: &rules, Reason: "Simpler.", Arrived: w.WhileOpen()})
	approvedBy(t, w, second, id, w.WhileOpen())
	if got := amendmentsSeen(t, w, mobility.Actor{}); len(got) != 1 || got[0].Reason != "Simpler." || got[0].Proposer != "" {
		t.Errorf("everybody reads %+v", got)
	}
}

func TestRulesThatCrossAreNamed(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1, 1}})
	w.Exec(`UPDATE destinations SET term = 'spring' WHERE id = $1`, w.Destinations[1])
	w.Exec(`UPDATE destinations SET language = 'de' WHERE id = $1`, w.Destinations[2])
	rules := mobility.SelectionRules{Method: "deferred-acceptance", Ties: "refuse", Quotas: []mobility.QuotaRule{
		{Label: mobility.Texts{"en": "Autumn"}, Term: "autumn", Places: 1}, {Label: mobility.Texts{"en": "English"}, Language: "en", Places: 1},
	}}
	_, err := w.Process.PreviewAmendment(t.Context(), w.Officer, process.Amendment{Call: w.Call, Rules: &rules, Arrived: w.WhileOpen()})
	var e *mobility.Error
	if !errors.As(err, &e) || len(e.Fields) != 1 || e.Fields[0].Code != "selection.quotas_cross" || !strings.Contains(e.Fields[0].Data["Pool"].(string)+e.Fields[0].Data["Other"].(string), "English") {
		t.Errorf("%+v", err)
	}
}

func done(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%+v", err)
	}
}

// amendmentsSeen is what somebody reads of the call's amendments.
func amendmentsSeen(t *testing.T, w *testkit.World, actor mobility.Actor) []store.AmendmentsOfCallRow {
	t.Helper()
	var out []store.AmendmentsOfCallRow
	done(t, store.NewReads(w.Web).As(t.Context(), actor, w.AfterClose, func(db store.DBTX, _ time.Time) (err error) {
		out, err = store.New().AmendmentsOfCall(t.Context(), db, w.Call)
		return err
	}))
	return out
}
