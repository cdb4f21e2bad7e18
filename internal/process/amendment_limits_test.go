package process_test

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"peregrine/internal/mobility"
	"peregrine/internal/process"
	"peregrine/internal/testkit"
)

var named = func(en string) mobility.Texts { return mobility.Texts{"en": en} }

// coded gives the world's host a code by which rules may name it.
func coded(w *testkit.World) string {
	w.Exec(`INSERT INTO erasmus_codes (code, institution_id, valid_from) VALUES ('FI HOST01', $1, '2020-01-01')`, w.Host)
	return "FI HOST01"
}

// ruleEdit is one thing an officer changes, and what the change is called.
type ruleEdit struct {
	what   string
	edit   func(r *mobility.SelectionRules, l *process.ChoiceLimits)
	stored string // a condition about the call's row, as SQL
}

// ruleEdits is every rule, one after another; each builds on those before it.
func ruleEdits(host string) []ruleEdit {
	three := 3
	return []ruleEdit{
		{"method", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Method = "deferred-acceptance" }, `c.selection ->> 'method' = 'deferred-acceptance'`},
		{"equal", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Ties = "id" }, `c.selection ->> 'ties' = 'id'`},
		{"upgrades", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Upgrades = "until_confirmed" }, `c.selection ->> 'upgrades' = 'until_confirmed'`},
		{"reserve", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Reserve.Per = "overall" }, `c.selection -> 'reserve' ->> 'per' = 'overall'`},
		{"reserve_limit", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Reserve.Limit = &three }, `c.selection -> 'reserve' ->> 'limit' = '3'`},
		{"reserve_second", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Reserve.SecondClass = true }, `c.selection -> 'reserve' ->> 'second_class' = 'true'`},
		{"minimum_destination", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Minimum.Destination = 2 }, `c.selection -> 'minimum' ->> 'destination' = '2'`},
		{"minimum_overall", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Minimum.Overall = 3 }, `c.selection -> 'minimum' ->> 'overall' = '3'`},
		{"max_choices", func(_ *mobility.SelectionRules, l *process.ChoiceLimits) { l.Choices = 6 }, `c.max_choices = 6`},
		{"share", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Shares = []mobility.ShareRule{{Label: named("Buddies"), When: "buddy", Percent: 10}, {Label: named("Others"), When: "not buddy", Percent: 5}}
		}, `c.selection -> 'shares' -> 0 ->> 'percent' = '10'`},
		{"shares_order", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { slices.Reverse(r.Shares) }, `c.selection -> 'shares' -> 1 ->> 'percent' = '10'`},
		{"share", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Shares = nil }, `c.selection -> 'shares' IS NULL`},
		{"quota", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Quotas = append(r.Quotas, mobility.QuotaRule{Label: named("Faculty"), Unit: "FBE", Places: 3})
		}, `EXISTS (SELECT 1 FROM pools p JOIN destination_quotas q ON q.pool_id = p.id WHERE p.call_id = c.id AND p.kind = 'quota' AND p.places = 3 AND p.grouped)`},
		{"quota", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Quotas[0].Places = 2 }, `EXISTS (SELECT 1 FROM pools p WHERE p.call_id = c.id AND p.kind = 'quota' AND p.places = 2)`},
		{"quota_of", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Quotas[0].Cycle, r.Quotas[0].Field = 6, "03"
		}, `c.selection -> 'quotas' -> 0 ->> 'field' = '03'`},
		{"quota", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Quotas = append(r.Quotas, mobility.QuotaRule{Label: named("In all"), Places: 9})
		}, `(SELECT count(*) FROM pools p JOIN destination_pools d ON d.pool_id = p.id WHERE p.call_id = c.id AND p.places = 9) = 2`},
		{"partner", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Partners = []mobility.PartnerRule{{Host: host, Places: 4}}
		}, `EXISTS (SELECT 1 FROM pools p WHERE p.call_id = c.id AND p.kind = 'partner' AND p.places = 4)`},
		{"grant", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) {
			r.Grants = []mobility.GrantRule{{Label: named("Top-up"), When: "buddy", Places: 5}}
		}, `EXISTS (SELECT 1 FROM pools p WHERE p.call_id = c.id AND p.kind = 'money' AND p.places = 5 AND p.grouped)`},
		{"grant_when", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Grants[0].When = "" }, `EXISTS (SELECT 1 FROM pools p WHERE p.call_id = c.id AND p.kind = 'money' AND NOT p.grouped)`},
		{"partner", func(r *mobility.SelectionRules, _ *process.ChoiceLimits) { r.Partners = nil }, `NOT EXISTS (SELECT 1 FROM pools p WHERE p.call_id = c.id AND p.kind = 'partner')`},
		{"max_languages", func(_ *mobility.SelectionRules, l *process.ChoiceLimits) { l.Languages = 0 }, `c.max_languages = 0`},
	}
}

// rulesNow are the rules and limits that hold.
func rulesNow(w *testkit.World) (mobility.SelectionRules, process.ChoiceLimits) {
	r := testkit.One[mobility.SelectionRules](w, `SELECT selection FROM calls WHERE id = $1`, w.Call)
	return r, process.ChoiceLimits{
		Choices: testkit.One[int](w, `SELECT max_choices FROM calls WHERE id = $1`, w.Call), Languages: testkit.One[int](w, `SELECT max_languages FROM calls WHERE id = $1`, w.Call),
	}
}

func TestEveryRuleIsChangedFreelyBeforeAndByTwoAfterASubmission(t *testing.T) {
	t.Parallel()
	for _, submitted := range []bool{false, true} {
		w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1}})
		w.Exec(`UPDATE calls SET max_languages = 1 WHERE id = $1`, w.Call)
		second, told := w.Staff("second", mobility.RoleOfficer, w.Home, nil), 0
		if submitted {
			w.Submitted(w.Student("Anna", "1.2"))
			told = 1
		}
		for i, e := range ruleEdits(coded(w)) {
			r, l := rulesNow(w)
			e.edit(&r, &l)
			req, p := lookedAt(t, w, process.Amendment{Rules: &r, Limits: &l, Reason: "The council decided so.", Arrived: w.WhileOpen()})
			if p.Free == submitted || p.People != told || !slices.ContainsFunc(p.Changes, func(c process.RuleChange) bool { return c.What == e.what }) {
				t.Errorf("%d %s: %+v", i, e.what, p.Changes)
			}
			if submitted {
				id, err := w.Process.ProposeAmendment(t.Context(), w.Officer, req)
				done(t, err)
				if testkit.One[bool](w, `SELECT coalesce(`+e.stored+`, false) FROM calls c WHERE c.id = $1`, w.Call) && e.what != "shares_order" {
					t.Errorf("%d %s: it holds before anybody approved it", i, e.what)
				}
				if end := approvedBy(t, w, second, id, w.WhileOpen()); end.Told != 1 {
					t.Errorf("%d %s: %+v", i, e.what, end)
				}
			} else {
				done(t, w.Process.ChangeRules(t.Context(), w.Officer, req))
			}
			if !testkit.One[bool](w, `SELECT coalesce(`+e.stored+`, false) FROM calls c WHERE c.id = $1`, w.Call) {
				t.Errorf("%d %s: does not hold afterwards: %s", i, e.what, testkit.One[string](w, `SELECT selection::text FROM calls WHERE id = $1`, w.Call))
			}
		}
		verifyClean(t.Context(), t, w)
	}
}

func TestLimitsOfChoicesAreOnlyRaisedAfterASubmission(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{})
	w.Exec(`UPDATE calls SET max_languages = 2 WHERE id = $1`, w.Call)
	preview := func(l process.ChoiceLimits) error {
		_, err := w.Process.PreviewAmendment(t.Context(), w.Officer, process.Amendment{Call: w.Call, Limits: &l, Arrived: w.WhileOpen()})
		return err
	}
	if err := preview(process.ChoiceLimits{Choices: 3, Languages: 1}); err != nil {
		t.Errorf("before a submission: %v", err)
	}
	if err := preview(process.ChoiceLimits{Choices: 0}); !slices.Contains(fieldsOf(err), "max_choices:plan.choices") {
		t.Errorf("none at all: %v", err)
	}
	w.Submitted(w.Student("Anna", "1.2"))
	if err := preview(process.ChoiceLimits{Choices: 3, Languages: 1}); !slices.Equal(fieldsOf(err), []string{"max_choices:amendment.only_raised", "max_languages:amendment.only_raised"}) {
		t.Errorf("fewer: %v", err)
	}
	if err := preview(process.ChoiceLimits{Choices: 5, Languages: 0}); err != nil {
		t.Errorf("more, and no limit of languages: %v", err)
	}
	if err := preview(process.ChoiceLimits{Choices: 4, Languages: 2}); !slices.Contains(fieldsOf(err), "scheme:amendment.nothing") {
		t.Errorf("what holds already: %v", err)
	}
}

func TestWhatIsWrongWithRulesIsNamedWhereItStands(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{1, 1, 1}})
	host := coded(w)
	w.Exec(`UPDATE destinations SET term = 'spring' WHERE id = $1`, w.Destinations[1])
	w.Exec(`UPDATE destinations SET language = 'de' WHERE id = $1`, w.Destinations[2])
	for name, c := range map[string]struct {
		rules mobility.SelectionRules
		want  string
	}{
		"limits that cross": {mobility.SelectionRules{Ties: "refuse", Quotas: []mobility.QuotaRule{
			{Label: named("Autumn"), Term: "autumn", Places: 1}, {Label: named("English"), Language: "en", Places: 1},
		}}, "selection.quotas.2:selection.quotas_cross"},
		"a share over shared places": {mobility.SelectionRules{
			Shares:   []mobility.ShareRule{{Label: named("Buddies"), When: "buddy", Percent: 10}},
			Partners: []mobility.PartnerRule{{Host: host, Places: 2}},
		}, "selection.shares:selection.shares_need_own_places"},
		"a name twice":        {mobility.SelectionRules{Grants: []mobility.GrantRule{{Label: named("A"), Places: 1}, {Label: named("A"), Places: 2}}}, "selection.grants.2.label:plan.name_twice"},
		"a host twice":        {mobility.SelectionRules{Partners: []mobility.PartnerRule{{Host: host, Places: 1}, {Host: host, Places: 2}}}, "selection.partners.2.host:plan.host_twice"},
		"an unknown host":     {mobility.SelectionRules{Partners: []mobility.PartnerRule{{Host: "XX", Places: 1}}}, "selection.partners.1.host:plan.unknown_host"},
		"an unknown unit":     {mobility.SelectionRules{Quotas: []mobility.QuotaRule{{Label: named("A"), Unit: "NO", Places: 1}}}, "selection.quotas.1.unit:plan.unknown_unit"},
		"an unknown value":    {mobility.SelectionRules{Shares: []mobility.ShareRule{{Label: named("A"), When: "nobody > 1", Percent: 1}}}, "selection.shares.1.when:scheme.unknown_input"},
		"ties in a lottery":   {mobility.SelectionRules{Method: "lottery", Ties: "admit"}, "selection.ties:selection.no_ties_in_a_lottery"},
		"shares without rank": {mobility.SelectionRules{Ties: "admit", Shares: []mobility.ShareRule{{Label: named("A"), When: "buddy", Percent: 1}}}, "selection.shares:selection.shares_need_strict_order"},
	} {
		_, err := w.Process.PreviewAmendment(t.Context(), w.Officer, process.Amendment{Call: w.Call, Rules: &c.rules, Arrived: w.WhileOpen()})
		if !slices.Contains(fieldsOf(err), c.want) {
			t.Errorf("%s: %v, want %s", name, fieldsOf(err), c.want)
		}
	}
}

func TestARuleWhosePlacesWereOverbookedCanBeDropped(t *testing.T) {
	t.Parallel()
	w := testkit.NewWorld(t, testkit.WorldPlan{Places: []int{2}})
	rules := mobility.SelectionRules{Method: "list", Quotas: []mobility.QuotaRule{{Label: named("English"), Language: "en", Places: 1}}, Grants: []mobility.GrantRule{{Label: named("Grant"), Places: 1}}}
	req, _ := lookedAt(t, w, process.Amendment{Rules: &rules, Arrived: w.WhileOpen()})
	done(t, w.Process.ChangeRules(t.Context(), w.Officer, req))
	for _, pool := range testkit.One[[]uuid.UUID](w, `SELECT array_agg(id) FROM pools WHERE call_id = $1`, w.Call) {
		done(t, w.Process.Overbook(t.Context(), w.Officer, process.Overbook{Pool: pool, Number: 1, Rule: "correction", Why: "One more.", Arrived: w.WhileOpen()}))
	}
	none := mobility.SelectionRules{Method: "list"}
	req, _ = lookedAt(t, w, process.Amendment{Rules: &none, Arrived: w.WhileOpen()})
	done(t, w.Process.ChangeRules(t.Context(), w.Officer, req))
	if n := testkit.One[int](w, `SELECT count(*) FROM pools WHERE call_id = $1 AND dropped_at IS NOT NULL`, w.Call); n != 2 {
		t.Errorf("%d pools on record, want both", n)
	}
	a, b := w.Submitted(w.Student("Anna", "1.2")), w.Submitted(w.Student("Bert", "1.5"))
	w.Marked(a, "20")
	w.Marked(b, "10")
	w.Published(w.AfterClose)
	if n := testkit.One[int](w, `SELECT count(*) FROM offers WHERE given = ''`); n != 2 {
		t.Errorf("%d offers without a word of grants, want two: neither rule counts any more", n)
	}
	verifyClean(t.Context(), t, w)
}
