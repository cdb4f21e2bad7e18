package process

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/intake"
	"peregrine/internal/mobility"
	"peregrine/internal/scheme"
	"peregrine/internal/selection"
	"peregrine/internal/store"
)

// amendmentPlan is a change of a call's rules with everything that follows.
type amendmentPlan struct {
	req          Amendment
	call         store.CallToAmendRow
	stands       store.CallStandsRow
	older, newer *scheme.Scheme
	rules        mobility.SelectionRules // as they would be
	schemed      bool                    // the scheme changes
	ruled        bool                    // the rules change
	limits       ChoiceLimits            // as they would be
	limited      bool                    // the limits change
	maker        *callMaker              // with the pools of the new rules
	kept         map[uuid.UUID]bool      // pools of the old rules that go on
	drawing      []store.DrawingOfCallRow
	preview      AmendmentPreview
}

// planAmendment works out what a change of the rules would do. It counts under
// the actor's own eyes before it elevates.
func (s *step) planAmendment(ctx context.Context, req Amendment) (*amendmentPlan, error) {
	p := &amendmentPlan{req: req}
	var err error
	if p.call, err = queries.CallToAmend(ctx, s.tx, req.Call); err != nil {
		return nil, store.Translate(err, "call")
	}
	if !isOfficer(s.actor, p.call.InstitutionID, p.call.ID) {
		return nil, mobility.ForbiddenError("refusal.officers_only")
	}
	marks, err := queries.AmendedMarks(ctx, s.tx, req.Call)
	if err != nil {
		return nil, fmt.Errorf("count the marks: %w", err)
	}
	people, err := queries.AmendedApplicants(ctx, s.tx, req.Call)
	if err != nil {
		return nil, fmt.Errorf("count the applicants: %w", err)
	}
	if err := s.holdCall(ctx, p); err != nil {
		return nil, err
	}
	if err := p.check(ctx, s); err != nil {
		return nil, err
	}
	p.preview.Free, p.preview.People = !p.stands.Submitted, int(people.People)
	p.preview.Source, p.preview.Rules, p.preview.Reason = string(p.newer.YAML()), p.rules, req.Reason
	p.preview.Limits = p.limits
	p.preview.Changes = slices.Concat(schemeChanges(p.renamed(), p.newer, p.req.Mapping), rulesChanges(p.call.Selection, p.rules), limitChanges(limitsOf(p.call), p.limits))
	p.preview.Marks = p.fates(marks)
	if len(p.preview.Changes) == 0 && !p.schemed && !p.ruled && !p.limited {
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: "scheme", Code: "amendment.nothing"})
	}
	p.preview.Hash, err = p.hash(marks, people)
	return p, err
}

// holdCall elevates, holds the call against submissions and publishers, and
// reads it as it is then.
func (s *step) holdCall(ctx context.Context, p *amendmentPlan) (err error) {
	if err := s.elevate(ctx); err != nil {
		return err
	}
	if err := queries.LockCall(ctx, s.tx, p.call.ID.String()); err != nil {
		return fmt.Errorf("lock the call: %w", err)
	}
	if p.call, err = queries.CallToAmend(ctx, s.tx, p.call.ID); err != nil {
		return store.Translate(err, "call")
	}
	if p.stands, err = queries.CallStands(ctx, s.tx, p.call.ID); err != nil {
		return fmt.Errorf("see how the call stands: %w", err)
	}
	switch {
	case p.stands.Published:
		return mobility.ConflictError("conflict.already_published", nil)
	case p.stands.Provisional:
		return mobility.ConflictError("conflict.provisional_out", nil)
	}
	return nil
}

// check reads what is proposed and names everything wrong with it.
func (p *amendmentPlan) check(ctx context.Context, s *step) (err error) {
	c := &planCheck{}
	if p.older, err = readScheme(p.call.Source); err != nil {
		return err
	}
	p.newer, p.rules = p.older, p.call.Selection
	if p.req.Scheme != "" {
		read, problems := scheme.Parse([]byte(p.req.Scheme))
		if c.schemeProblems("scheme", problems); len(problems) > 0 {
			return mobility.InvalidError(c.problems...)
		}
		p.newer = read
		p.schemed = string(read.YAML()) != string(p.older.YAML())
	}
	if p.req.Rules != nil {
		p.rules = withoutPools(selectionDefaults(*p.req.Rules))
		p.ruled = !sameRules(p.rules, p.call.Selection)
	}
	p.maker = &callMaker{step: s, planCheck: c, id: p.call.ID, at: store.InstitutionByNameRow{ID: p.call.InstitutionID}, plan: p.asPlan()}
	p.maker.fits()
	c.checkSelection(p.rules, p.newer)
	if err := p.checkLifecycle(ctx, s, c); err != nil {
		return err
	}
	p.checkLimits(c)
	p.checkMapping(c)
	if len(c.problems) == 0 && p.ruled {
		if err := p.drawPools(ctx, s); err != nil {
			return err
		}
	}
	if len(c.problems) > 0 {
		return mobility.InvalidError(c.problems...)
	}
	return nil
}

// asPlan is as much of a plan of the call as checks of scheme and rules ask.
func (p *amendmentPlan) asPlan() CallPlan {
	plan := CallPlan{AcademicYear: p.call.AcademicYear, Form: FormPlan{Questions: p.call.Questions}, Scheme: SchemePlan{read: p.newer}, Selection: p.rules}
	if p.call.FactsAt != nil {
		plan.FactsAt = p.call.FactsAt.Format(time.RFC3339)
	}
	return plan
}

// checkMapping holds that marks go from a marked criterion to a marked one, and
// that no two of them end up under one key.
func (p *amendmentPlan) checkMapping(c *planCheck) {
	ends := map[string]int{}
	for _, k := range p.older.Marked() {
		ends[cmp.Or(p.req.Mapping[k.Key], k.Key)]++
	}
	for _, from := range slices.Sorted(maps.Keys(p.req.Mapping)) {
		to := p.req.Mapping[from]
		before, _ := p.older.Criterion(from)
		after, _ := p.newer.Criterion(to)
		c.require(before.Mark != nil && after.Mark != nil, "mapping."+from, "amendment.maps_marked_ones")
		c.require(ends[to] <= 1, "mapping."+from, "amendment.maps_onto_another")
	}
}

// renamed is the older scheme under the keys the mapping gives its criteria.
func (p *amendmentPlan) renamed() *scheme.Scheme {
	if len(p.req.Mapping) == 0 {
		return p.older
	}
	out := *p.older
	out.Criteria, out.Gates, out.Ties = slices.Clone(out.Criteria), slices.Clone(out.Gates), slices.Clone(out.Ties)
	var pairs []string
	for from, to := range p.req.Mapping {
		pairs = append(pairs, "points("+from+")", "points("+to+")")
	}
	words := strings.NewReplacer(pairs...)
	for i := range out.Criteria {
		out.Criteria[i].Key = cmp.Or(p.req.Mapping[out.Criteria[i].Key], out.Criteria[i].Key)
	}
	for i := range out.Gates {
		out.Gates[i].Require = words.Replace(out.Gates[i].Require)
	}
	for i := range out.Ties {
		out.Ties[i].Of = words.Replace(out.Ties[i].Of)
	}
	return &out
}

// fates says what becomes of the marks of everything that was marked.
func (p *amendmentPlan) fates(marks []store.AmendedMarksRow) []MarksFate {
	newer := map[string]markedPlan{}
	for _, m := range markedPlans(p.newer) {
		newer[m.Key] = m
	}
	var out []MarksFate
	for _, m := range markedPlans(p.older) {
		f := MarksFate{Key: m.Key, To: cmp.Or(p.req.Mapping[m.Key], m.Key), Label: m.Label, Fate: MarksKept}
		switch now, is := newer[f.To]; {
		case !is:
			f.Fate = MarksGone
		case !m.sameRange(now):
			f.Fate = MarksAgain
		case f.To != f.Key:
			f.Fate = MarksCarried
		}
		if i := slices.IndexFunc(marks, func(x store.AmendedMarksRow) bool { return x.Criterion == m.Key }); i >= 0 {
			f.Marks, f.Applications = int(marks[i].Marks), int(marks[i].Applications)
		}
		out = append(out, f)
	}
	return out
}

// markedPlans is what assessors mark and state.
func markedPlans(s *scheme.Scheme) []markedPlan {
	text, err := MarkedJSON(s)
	if err != nil {
		panic(err) // words and numbers alone are in it
	}
	var out []markedPlan
	if err := json.Unmarshal(text, &out); err != nil {
		panic(err)
	}
	return out
}

// sameRange reports whether the same marks are possible.
func (m markedPlan) sameRange(o markedPlan) bool {
	return m.Kind == o.Kind && m.Min.Equal(o.Min) && m.Max.Equal(o.Max) && m.Step.Equal(o.Step)
}

// hash is over what is changed from what to what, and over whom it touches as
// the actor sees it.
func (p *amendmentPlan) hash(marks []store.AmendedMarksRow, people store.AmendedApplicantsRow) (string, error) {
	text, err := json.Marshal(map[string]any{
		"call": p.call.ID, "from": p.call.SchemeID, "was": withoutPools(p.call.Selection), "scheme": string(p.newer.YAML()), "rules": withoutPools(p.rules),
		"limits": []ChoiceLimits{limitsOf(p.call), p.limits}, "mapping": p.req.Mapping, "marks": marks, "people": people, "free": !p.stands.Submitted,
	})
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// drawPools gives the new rules their pools, those that count the same ones
// the pools they have, and holds them against what can be computed.
func (p *amendmentPlan) drawPools(ctx context.Context, s *step) error {
	m := p.maker
	if err := m.lookNames(ctx); err != nil {
		return err
	}
	m.announcePools()
	p.rules = m.plan.Selection
	p.kept = keepPools(&p.rules, p.call.Selection, m.pools)
	m.plan.Selection = p.rules
	var err error
	if p.drawing, err = queries.DrawingOfCall(ctx, s.tx, p.call.ID); err != nil {
		return fmt.Errorf("read the destinations: %w", err)
	}
	in, err := m.probing(ctx, p.rules, p.drawing)
	if err != nil {
		return err
	}
	in.Applicants = probes(in, p.newer)
	var e *mobility.Error
	if err := in.Check(); errors.As(err, &e) {
		fields := p.limitFields()
		for _, f := range e.Fields {
			m.fail(fields.of(f), f.Code, f.Data)
		}
	}
	return nil
}

// probing is an allocation over the destinations by the rules, for holding
// rules against what can be computed.
func (m *callMaker) probing(ctx context.Context, rules mobility.SelectionRules, drawing []store.DrawingOfCallRow) (selection.Input, error) {
	in := selection.Input{Method: selection.Method(rules.Method), Tied: selection.TiePolicy(rules.Ties), Seed: "seed"}
	for n, share := range rules.Shares {
		in.Shares = append(in.Shares, selection.Share{Group: ShareGroup(n + 1), Percent: share.Percent})
	}
	for _, x := range m.pools {
		if x.kind != "money" {
			in.Pools = append(in.Pools, pool(x.id, int32(x.places), x.grouped))
		}
	}
	m.names = map[uuid.UUID]string{}
	for _, d := range drawing {
		rows, err := queries.PlacesOf(ctx, m.tx, d.ID)
		if err != nil {
			return in, fmt.Errorf("read the places: %w", err)
		}
		if len(rows) == 0 { // of one that is to be added
			rows = []uuid.UUID{newID()}
		}
		for _, id := range rows {
			if _, own := m.names[id]; !own {
				in.Pools = append(in.Pools, pool(id, 1, false))
			}
			m.names[id] = d.Host
		}
		in.Destinations = append(in.Destinations, selection.Destination{ID: d.ID, Pools: append(rows, m.covering(d)...)})
	}
	return in, nil
}

// probes are somebody of no group and one of each, who wish to go everywhere
// and count as differently as the scheme can make it. Whether anybody is of two
// groups, only the applicants say.
func probes(in selection.Input, s *scheme.Scheme) []selection.Applicant {
	differs := standsDifferently(s)
	var wishes []selection.Wish
	for i, d := range in.Destinations {
		w := selection.Wish{Destination: d.ID}
		if differs {
			w.Points = decimal.NewFromInt(int64(i))
		}
		wishes = append(wishes, w)
	}
	out := []selection.Applicant{{ID: newID(), Wishes: wishes}}
	for _, x := range in.Pools {
		if x.Group != "" {
			out = append(out, selection.Applicant{ID: x.ID, Quotas: []string{x.Group}, Wishes: wishes})
		}
	}
	return out
}

// covering lists the pools of the rules that count places at a destination.
func (m *callMaker) covering(d store.DrawingOfCallRow) []uuid.UUID {
	var out []uuid.UUID
	for _, x := range m.pools {
		if x.covers(drawn(d)) {
			out = append(out, x.id)
		}
	}
	return out
}

// drawn is as much of a destination as pools look at.
func drawn(d store.DrawingOfCallRow) chosen {
	return chosen{AgreementsForRow: store.AgreementsForRow{HostInstitutionID: d.HostInstitutionID, Term: d.Term, Language: d.Language}}
}

// lookNames finds the units and hosts that rules may name.
func (m *callMaker) lookNames(ctx context.Context) error {
	units, err := queries.KnownUnits(ctx, m.tx, m.at.ID)
	if err != nil {
		return fmt.Errorf("read the units: %w", err)
	}
	m.units = make(map[string]uuid.UUID, len(units))
	for _, u := range units {
		m.units[u.Code] = u.ID
	}
	known, err := queries.KnownInstitutions(ctx, m.tx)
	if err != nil {
		return fmt.Errorf("read the institutions: %w", err)
	}
	m.hosts = make(map[string]uuid.UUID, len(known))
	for _, k := range known {
		m.hosts[intake.CodeKey(k.Code)] = k.ID
	}
	return nil
}
