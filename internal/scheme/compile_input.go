package scheme

import "github.com/shopspring/decimal"

// inputs compiles every input and orders them.
func (c *compiler) inputs() {
	c.p.inputs = make([]inputProgram, len(c.s.Inputs))
	for i := range c.s.Inputs {
		in := &c.p.inputs[i]
		in.Input = &c.s.Inputs[i]
		at := under("inputs", in.Key)
		c.inputKeys(in.Input, at)
		c.inputValues(in.Input, at)
		c.worked(in, at)
	}
	c.arrange()
	for _, i := range c.p.order {
		in := &c.p.inputs[i]
		in.per = in.Per != "" || in.From == FromDestination
		in.behind = []int{i}
		for _, from := range in.sources() {
			in.per = in.per || c.p.inputs[from].per
			for _, j := range c.p.inputs[from].behind {
				if !contains(in.behind, j) {
					in.behind = append(in.behind, j)
				}
			}
		}
		if in.From == FromCohort && in.per {
			c.add(under("inputs", in.Key), codeCohortDest, nil)
		}
	}
}

// sources are the inputs it is directly worked out from.
func (in *inputProgram) sources() []int {
	u := uses{inputs: in.by}
	u.add(in.uses)
	return u.inputs
}

// key is one key of an input: whether it is given, and for which sources.
type inputKey struct {
	name  string
	given bool
	from  []Source
	must  bool
}

// inputKeys holds that the keys of an input are those of its source.
func (c *compiler) inputKeys(in *Input, at string) {
	stated := []Source{FromImported, FromAnswer, FromRecord, FromMark, FromDestination}
	for _, k := range []inputKey{
		{"question", in.Question != "", []Source{FromAnswer}, false},
		{"field", in.Field != "", []Source{FromImported}, false},
		{"frozen", in.Frozen != "", []Source{FromImported}, false},
		{"evidence", in.Evidence != "", stated, false},
		{"per", in.Per != "", stated, false},
		{"of", in.Of != "", []Source{FromRecord, FromCohort}, true},
		{"same_cycle", in.SameCycle, []Source{FromRecord}, false},
		{"programmes", len(in.Programmes) > 0, []Source{FromRecord}, false},
		{"years", in.Years != 0, []Source{FromRecord}, false},
		{"by", len(in.By) > 0, []Source{FromCohort}, false},
		{"best", in.Best != "", []Source{FromCohort}, true},
		{"formula", in.Formula != "", []Source{FromFormula}, true},
	} {
		fits := contains(k.from, in.From)
		data := map[string]any{"Key": k.name, "Source": string(in.From)}
		switch {
		case k.given && !fits && in.From != "":
			c.add(under(at, k.name), codeNotNeeded, data)
		case !k.given && fits && k.must:
			c.add(at, codeNeeded, data)
		}
	}
	if !contains(Sources, in.From) {
		c.add(under(at, "from"), codeWord, map[string]any{"Value": string(in.From), "Allowed": wordsOf(Sources)})
	}
	if !contains(Kinds, in.Kind) {
		c.add(under(at, "kind"), codeWord, map[string]any{"Value": string(in.Kind), "Allowed": wordsOf(Kinds)})
	}
}

// inputValues holds that what an input says about its values makes sense.
func (c *compiler) inputValues(in *Input, at string) {
	if in.From == FromRecord && in.Of != "" && !contains(Recorded, in.Of) {
		c.add(under(at, "of"), codeWord, map[string]any{"Value": in.Of, "Allowed": Recorded})
	}
	if in.From == FromCohort && in.Kind != KindNumber || in.From == FromRecord && !contains([]Kind{KindNumber, KindCount, KindYesNo}, in.Kind) {
		c.add(under(at, "kind"), codeKindOfSource, map[string]any{"Source": string(in.From), "Kind": string(in.Kind)})
	}
	if len(in.Options) > 0 && in.Kind != KindChoice {
		c.add(under(at, "options"), codeOptions, nil)
	}
	if (in.Min.Valid || in.Max.Valid) && !numeric(in.Kind) {
		c.add(at, codeRangeKind, nil)
	}
	c.ordered(at, in.Min, in.Max)
}

// ordered holds that a range is one.
func (c *compiler) ordered(at string, low, high decimal.NullDecimal) {
	if low.Valid && high.Valid && !low.Decimal.LessThan(high.Decimal) {
		c.add(at, codeRange, map[string]any{"Min": low.Decimal, "Max": high.Decimal})
	}
}

// worked reads what an input is worked out from.
func (c *compiler) worked(in *inputProgram, at string) {
	kind := kindOf(in.Kind)
	switch {
	case in.From == FromFormula && in.Formula != "":
		in.worked, in.uses = c.readKind(under(at, "formula"), in.Formula, c.scope, kind)
	case in.From == FromCohort && in.Of != "":
		in.worked, in.uses = c.readKind(under(at, "of"), in.Of, c.scope, isNumber, isLevel, isDate)
	}
	if in.Instead != "" {
		var u uses
		in.instead, u = c.readKind(under(at, "instead"), in.Instead, c.scope, kind)
		in.uses.add(u)
	}
	for i, key := range in.By {
		by, ok := c.scope.inputs[key]
		if !ok {
			c.add(nth(under(at, "by"), i), codeNoInput, map[string]any{"Key": key})
			continue
		}
		in.by = append(in.by, by.index)
	}
}

// arrange orders the inputs so that each comes after those it is worked out
// from, and refuses circles.
func (c *compiler) arrange() {
	const open, closed = 1, 2
	state := make([]int, len(c.p.inputs))
	var visit func(i int)
	visit = func(i int) {
		switch state[i] {
		case open:
			c.add(under("inputs", c.p.inputs[i].Key), codeCircle, map[string]any{"Key": c.p.inputs[i].Key})
			return
		case closed:
			return
		}
		state[i] = open
		for _, from := range c.p.inputs[i].sources() {
			visit(from)
		}
		state[i] = closed
		c.p.order = append(c.p.order, i)
	}
	for i := range c.p.inputs {
		visit(i)
	}
}
