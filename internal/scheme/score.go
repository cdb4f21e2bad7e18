package scheme

import (
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"peregrine/internal/mobility"
)

// Check lists what is wrong with the scheme, which may have been put together
// by a form; paths are filled in, lines are not.
func (s *Scheme) Check() []Problem {
	_, found := compile(s)
	if len(found) == 0 { // what it means is right; are its names and words?
		_, found = Parse(s.YAML())
	}
	for i := range found {
		found[i].Line, found[i].Column = 0, 0
	}
	return found
}

// Score turns the values of a whole cohort into points, in the order given;
// otherwise the order does not matter. Percentiles are taken among all. A
// scheme that Check refuses, and an application given twice, are errors of
// kind invalid.
func (s *Scheme) Score(all []Values) ([]Scored, error) {
	p, found := compile(s)
	if len(found) > 0 {
		return nil, ProblemsError(found)
	}
	if twice, ok := repeated(all); ok {
		return nil, mobility.InvalidError(mobility.FieldProblem{Field: twice.String(), Code: codeTwice})
	}
	frames := make([]*frame, len(all))
	for i := range all {
		frames[i] = p.frame(&all[i])
	}
	p.cohorts(frames)
	out := make([]Scored, len(all))
	for i := range all {
		out[i] = frames[i].score(&all[i])
	}
	return out, nil
}

func repeated(all []Values) (uuid.UUID, bool) {
	seen := make(map[uuid.UUID]bool, len(all))
	for i := range all {
		if seen[all[i].Application] {
			return all[i].Application, true
		}
		seen[all[i].Application] = true
	}
	return uuid.UUID{}, false
}

// result is what is worked out both for an application and for each of its
// destinations.
type result struct {
	lines   []Line
	gates   []GateLine
	missing []string
	marks   bool // nothing but marks is missing
	total   decimal.Decimal
	bounded bool
	class   int
	ties    []decimal.Decimal
	shut    string
	reserve string
}

func (f *frame) score(v *Values) Scored {
	r := f.result(nil, v.Vetoes)
	out := Scored{
		Application: v.Application, Ties: r.ties, Class: r.class, Excluded: r.shut, Reserve: r.reserve,
		Breakdown: Breakdown{Lines: r.lines, Total: r.total, Bounded: r.bounded, Missing: r.missing, Gates: r.gates},
	}
	if r.class < len(f.p.classes) {
		out.Breakdown.Class = f.p.scheme.Classes[r.class].Key
	}
	for i := range v.Destinations {
		d := &v.Destinations[i]
		out.Wishes = append(out.Wishes, f.wish(d, &r))
	}
	return out
}

func (f *frame) wish(d *DestinationValues, app *result) WishScore {
	r := *app
	if !f.p.shared || len(d.Vetoes) > 0 {
		r = f.at(d).result(app, d.Vetoes)
	} else {
		r.lines, r.gates, r.missing = nil, nil, nil
	}
	return WishScore{
		Destination: d.ID, Points: r.total, Bounded: r.bounded, Class: r.class, Ties: r.ties,
		Gate: r.shut, Reserve: r.reserve, Missing: r.missing, Lines: r.lines, Gates: r.gates,
	}
}

// result scores what belongs here: for the application (app is nil)
// everything that is the same at every destination, else the rest.
func (f *frame) result(app *result, vetoes []string) result {
	r := result{marks: true, class: len(f.p.classes)}
	if app != nil {
		r.total, r.class, r.reserve = app.total, app.class, app.reserve
	}
	raw := f.lines(&r, app)
	if app == nil || f.p.perTotal {
		f.close(&r, raw, app)
	}
	f.gates(&r, vetoes)
	f.classify(&r)
	r.ties = f.ties(app)
	switch {
	case app != nil && app.shut != "":
		r.shut = app.shut
	case r.shut != "":
	case len(r.missing) > 0 && r.marks:
		r.shut = ExcludedMarks
	case len(r.missing) > 0:
		r.shut = ExcludedMissing
	}
	return r
}

// lines scores the criteria that belong here; their sum, with the
// application's.
func (f *frame) lines(r *result, app *result) decimal.Decimal {
	raw := decimal.Zero
	r.lines = make([]Line, 0, f.p.count(app != nil))
	for i := range f.p.criteria {
		c := &f.p.criteria[i]
		if app != nil && !c.per {
			if s := f.app.sums[i]; s.lack == nil && !c.Aside {
				raw = raw.Add(s.points)
			}
			continue
		}
		if app == nil && c.per {
			continue
		}
		l := f.line(i)
		r.lines = append(r.lines, l)
		switch {
		case l.Lack != "":
			r.missing = append(r.missing, c.Key)
			r.marks = r.marks && l.Lack == LackMarks
		case !c.Aside:
			raw = raw.Add(l.Points)
		}
	}
	return raw
}

// close cuts the total off where the scheme says so, and lets gates ask for
// it.
func (f *frame) close(r *result, raw decimal.Decimal, app *result) {
	r.total = raw
	if app != nil || !f.p.perTotal {
		b := f.p.scheme.Total
		if b.Min.Valid && raw.LessThan(b.Min.Decimal) {
			r.total, r.bounded = b.Min.Decimal, true
		}
		if b.Max.Valid && raw.GreaterThan(b.Max.Decimal) {
			r.total, r.bounded = b.Max.Decimal, true
		}
	}
	whole := numberValue(r.total.Rat())
	f.whole = &whole
	if len(r.missing) > 0 || app != nil && len(app.missing) > 0 {
		f.lacked = &lack{code: LackMissing}
	}
}

func (f *frame) gates(r *result, vetoes []string) {
	for i := range f.p.gates {
		g := &f.p.gates[i]
		vetoed := g.Veto != "" && slices.Contains(vetoes, g.Key)
		there := f.app != nil
		if g.per != there && (!there || !vetoed) {
			continue
		}
		l := GateLine{Key: g.Key, Effect: g.Effect, Standing: GateOpen, Vetoed: vetoed, Inputs: f.shownInputs(g.shown)}
		if vetoed {
			l.Standing = GateShut
		}
		var missing *lack
		if g.expr != nil {
			l.Standing, missing = f.standing(g)
		}
		r.gates = append(r.gates, l)
		r.follow(g, l.Standing, missing)
	}
}

func (f *frame) standing(g *gateProgram) (Standing, *lack) {
	v, l := g.expr.eval(f)
	switch {
	case l == nil && v.truth, l != nil && g.Missing == UnknownOpen:
		return GateOpen, nil
	case l == nil, g.Missing == UnknownShut:
		return GateShut, nil
	}
	return GateUnknown, l
}

// follow does what a gate's standing means. The first gate that is shut is
// the one that is named; one that waits only for points is not missing itself.
func (r *result) follow(g *gateProgram, s Standing, missing *lack) {
	switch {
	case s == GateUnknown && missing.code == LackMissing && len(missing.inputs) == 0:
	case s == GateUnknown:
		r.missing, r.marks = append(r.missing, g.Key), false
	case s == GateShut && g.Effect == EffectReserve:
		if r.reserve == "" {
			r.reserve = g.Key
		}
	case s == GateShut && r.shut == "":
		r.shut = g.Key
	}
}

// classify finds the first class that fits.
func (f *frame) classify(r *result) {
	if f.p.perClass != (f.app != nil) { // where one class differs per destination, all are asked there
		return
	}
	for i := range f.p.classes {
		c := &f.p.classes[i]
		fits, l := truthValue(true), (*lack)(nil)
		if c.expr != nil {
			fits, l = c.expr.eval(f)
		}
		if l != nil {
			r.missing, r.marks = append(r.missing, f.p.scheme.Classes[i].Key), false
			return
		}
		if fits.truth {
			r.class = i
			return
		}
	}
}

func (f *frame) ties(app *result) []decimal.Decimal {
	if len(f.p.ties) == 0 {
		return nil
	}
	out := make([]decimal.Decimal, len(f.p.ties))
	for i := range f.p.ties {
		t := &f.p.ties[i]
		switch {
		case app != nil && !t.per:
			out[i] = app.ties[i]
		case app == nil && t.per:
			out[i] = TieUnknown
		default:
			out[i] = f.tie(i, t)
		}
	}
	return out
}

func (f *frame) tie(i int, t *condition) decimal.Decimal {
	v, l := t.expr.eval(f)
	if l != nil {
		return TieUnknown
	}
	d := decimal.NewFromInt(int64(btoi(v.truth)))
	if v.num != nil {
		d = roundRat(v.num, shownScale)
	}
	if f.p.scheme.Ties[i].Prefer == BestLow {
		d = d.Neg()
	}
	return d
}

// count is how many criteria differ per destination, or do not.
func (p *program) count(per bool) int {
	n := 0
	for i := range p.criteria {
		n += btoi(p.criteria[i].per == per)
	}
	return n
}
