package scheme

import (
	"math/big"
	"slices"

	"github.com/shopspring/decimal"
)

// frame is one application, or one of its destinations, while it is scored.
// Values are worked out once, when first asked for.
type frame struct {
	p      *program
	app    *frame // nil: the application itself
	inputs map[string]Value
	marks  map[string][]decimal.Decimal
	cells  []cell
	sums   []sum   // by criterion
	mark   *marked // of the criterion being scored
	whole  *value  // the total, once known
	lacked *lack   // why it is not
}

type cell struct {
	done  bool
	value value
	lack  *lack
	shown LineInput
}

// sum is what a criterion came to.
type sum struct {
	done   bool
	points decimal.Decimal
	lack   *lack
}

// marked is what the marks of one criterion come to.
type marked struct {
	value value
	lack  *lack
}

func (p *program) frame(v *Values) *frame {
	return &frame{p: p, inputs: v.Inputs, marks: v.Marks, cells: make([]cell, len(p.inputs)), sums: make([]sum, len(p.criteria))}
}

func (f *frame) at(d *DestinationValues) *frame {
	return &frame{
		p: f.p, app: f, inputs: d.Inputs, marks: d.Marks,
		cells: make([]cell, len(f.p.inputs)), sums: make([]sum, len(f.p.criteria)),
	}
}

// input is the value of an input here.
func (f *frame) input(i int) (value, *lack) {
	c := f.cell(i)
	return c.value, c.lack
}

func (f *frame) cell(i int) *cell {
	in := &f.p.inputs[i]
	if f.app != nil && !in.per {
		return f.app.cell(i)
	}
	c := &f.cells[i]
	if !c.done {
		c.done = true
		f.fill(c, in)
	}
	return c
}

func (f *frame) fill(c *cell, in *inputProgram) {
	c.shown.Key = in.Key
	switch in.From {
	case FromFormula:
		c.value, c.lack = in.worked.eval(f)
		if c.lack == nil {
			c.shown.Value = shown(c.value, in.Kind, FromFormula)
		}
	case FromCohort: // filled before, for all at once
		c.lack = &lack{code: LackMissing, inputs: []string{in.Key}}
	default:
		f.stated(c, in)
	}
	if c.lack != nil && in.instead != nil {
		f.standIn(c, in)
	}
	c.shown.Missing = c.lack != nil
}

// stated fills in a value that was given.
func (f *frame) stated(c *cell, in *inputProgram) {
	v, ok := f.inputs[in.Key]
	if !ok && f.app != nil {
		v, ok = f.app.inputs[in.Key]
	}
	if !ok {
		c.lack = &lack{code: LackMissing, inputs: []string{in.Key}}
		return
	}
	c.shown.Value = v
	if v.Source == "" {
		c.shown.Source = in.From
	}
	if in.Evidence != "" && !v.Proved {
		c.shown.Unproved = in.Kind != KindYesNo || !v.Number.IsZero()
		if in.Kind != KindYesNo {
			c.lack = &lack{code: LackMissing, inputs: []string{in.Key}}
			return
		}
	}
	c.value, c.lack = in.read(v)
}

func (f *frame) standIn(c *cell, in *inputProgram) {
	v, l := in.instead.eval(f)
	if l != nil {
		c.lack = c.lack.and(l)
		return
	}
	unproved := c.shown.Unproved
	c.value, c.lack = v, nil
	c.shown.Value, c.shown.Instead, c.shown.Unproved = shown(v, in.Kind, FromFormula), true, unproved
}

// points is what a criterion came to, here or for the application.
func (f *frame) points(i int) (value, *lack) {
	if f.app != nil && !f.p.criteria[i].per {
		return f.app.points(i)
	}
	s := f.sums[i]
	if s.lack != nil || !s.done {
		return value{}, &lack{code: LackMissing}
	}
	return numberValue(s.points.Rat()), nil
}

func (f *frame) total() (value, *lack) {
	if f.app != nil && !f.p.perTotal {
		return f.app.total()
	}
	if f.whole == nil {
		return value{}, &lack{code: LackMissing}
	}
	return *f.whole, f.lacked
}

func (f *frame) combined() (value, *lack) { return f.mark.value, f.mark.lack }

// shownInputs are the values in an order that behind worked out.
func (f *frame) shownInputs(order []int) []LineInput {
	if len(order) == 0 {
		return nil
	}
	out := make([]LineInput, len(order))
	for n, i := range order {
		out[n] = f.cell(i).shown
	}
	return out
}

// exact combines marks without rounding.
func (m Marking) exact(marks []decimal.Decimal) *big.Rat {
	kept := m.kept(marks)
	sum := new(big.Rat)
	for _, d := range kept {
		sum.Add(sum, d.Rat())
	}
	return sum.Quo(sum, big.NewRat(int64(len(kept)), 1))
}

// Fits reports whether an assessor may give this mark: within the range, on a
// step.
func (m Marking) Fits(mark decimal.Decimal) bool {
	if mark.LessThan(m.Min) || mark.GreaterThan(m.Max) {
		return false
	}
	return !m.Step.IsPositive() || mark.Sub(m.Min).Mod(m.Step).IsZero()
}

// counting returns the marks that fit, lowest first: marks given under
// another range do not count until they are given again.
func (m Marking) counting(marks []decimal.Decimal) []decimal.Decimal {
	out := slices.DeleteFunc(slices.Clone(marks), func(d decimal.Decimal) bool { return !m.Fits(d) })
	slices.SortFunc(out, decimal.Decimal.Cmp)
	return out
}
