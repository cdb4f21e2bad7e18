package scheme

import (
	"math/big"
	"slices"

	"github.com/shopspring/decimal"
)

// program is a scheme with its expressions read and its names resolved.
type program struct {
	scheme   *Scheme
	inputs   []inputProgram
	criteria []criterionProgram
	gates    []gateProgram
	classes  []condition
	ties     []condition
	order    []int // inputs, each after those it is worked out from
	perTotal bool  // the total differs per destination
	perClass bool  // a class differs per destination
	shared   bool  // nothing differs per destination
}

type inputProgram struct {
	*Input
	worked  expr  // formula, or what orders a cohort; nil: given
	instead expr  // nil: nothing stands in
	uses    uses  // of both
	by      []int // cohort
	behind  []int // every input it is worked out from, itself first
	per     bool
}

type criterionProgram struct {
	*Criterion
	scale    int32
	variants []variantProgram
	points   *step    // nil: only variants
	shown    []int    // inputs to show with points, or where no variant fits
	weight   *big.Rat // nil: 1
	min, max *big.Rat
	missing  *big.Rat
	mark     span
	most     decimal.NullDecimal
	per      bool
}

type variantProgram struct {
	when  expr
	uses  uses
	step  step
	shown []int // inputs to show where it fits
	asked []int // inputs to show where it cannot be said whether it does
}

type gateProgram struct {
	*Gate
	condition
}

type condition struct {
	expr  expr // nil: always
	uses  uses
	per   bool
	shown []int
}

// step is one compiled transform.
type step struct {
	uses  uses
	apply func(*frame) outcome
	span  span
}

type outcome struct {
	points  *big.Rat
	clamped bool
	rule    Rule
	lack    *lack
}

// compiler makes a program and notes what is wrong on the way.
type compiler struct {
	problems
	s     *Scheme
	p     *program
	scope scope
}

func compile(s *Scheme) (*program, []Problem) {
	c := &compiler{s: s, p: &program{scheme: s}}
	c.few("inputs", len(s.Inputs))
	c.few("criteria", len(s.Criteria))
	if len(c.list) > 0 {
		return nil, c.list
	}
	c.names()
	c.inputs()
	for i := range s.Criteria {
		c.criterion(&s.Criteria[i], nth("criteria", i))
	}
	c.perTotal()
	c.gates()
	c.classes()
	c.ties()
	c.bounds("total", s.Total.Min, s.Total.Max)
	if s.Scale < 0 || s.Scale > maxScale {
		c.add("scale", codeScale, nil)
	}
	if len(s.Criteria)+len(s.Gates)+len(s.Classes)+len(s.Ties) == 0 {
		c.add("criteria", codeNothing, nil)
	}
	if len(c.list) > 0 {
		return nil, c.list
	}
	for i := range c.p.criteria {
		one := &c.p.criteria[i]
		one.most = roundEnd(one.span().hi, one.scale)
	}
	return c.p, nil
}

// few holds that there are not more of something than a person can oversee.
func (c *compiler) few(path string, n int) {
	const most = 200
	if n > most {
		c.add(path, codeTooMany, map[string]any{"Max": most})
	}
}

// maxScale is the most decimals points may have.
const maxScale = 8

// names fills in what expressions may say, and holds that every key is one
// key.
func (c *compiler) names() {
	c.scope = scope{inputs: map[string]inputName{}, options: map[int][]string{}}
	for i := range c.s.Inputs {
		in := &c.s.Inputs[i]
		at := under("inputs", in.Key)
		if _, twice := c.scope.inputs[in.Key]; twice || in.Key == "" {
			c.add(at, codeTwice, nil)
		}
		if reservedName(in.Key) {
			c.add(at, codeReserved, map[string]any{"Key": in.Key})
		}
		c.scope.inputs[in.Key] = inputName{i, kindOf(in.Kind), in.span()}
		if in.Kind == KindChoice {
			c.scope.options[i] = in.Options
		}
	}
	c.once("criteria", len(c.s.Criteria), func(i int) string { return c.s.Criteria[i].Key })
	c.once("gates", len(c.s.Gates), func(i int) string { return c.s.Gates[i].Key })
	c.once("classes", len(c.s.Classes), func(i int) string { return c.s.Classes[i].Key })
}

func (c *compiler) once(path string, n int, key func(int) string) {
	seen := map[string]bool{}
	for i := range n {
		if key(i) == "" || seen[key(i)] {
			c.add(under(nth(path, i), "key"), codeTwice, nil)
		}
		seen[key(i)] = true
	}
}

// span is between what an input's numbers lie, as far as it says so.
func (in *Input) span() span {
	var out span
	if in.Kind == KindCount || in.From == FromCohort {
		out.lo = new(big.Rat)
	}
	if in.From == FromCohort {
		out.hi = big.NewRat(100, 1)
	}
	if in.Min.Valid {
		out.lo = in.Min.Decimal.Rat()
	}
	if in.Max.Valid {
		out.hi = in.Max.Decimal.Rat()
	}
	return out
}

// read reads an expression and notes what is wrong; nil then.
func (c *compiler) read(at, text string, sc scope) (expr, uses) {
	e, u, wrong := parseExpression(text, sc)
	if wrong != nil {
		c.add(at, wrong.code, wrong.data)
	}
	return e, u
}

// readKind is read for an expression that must be of one of some kinds.
func (c *compiler) readKind(at, text string, sc scope, kinds ...valueKind) (expr, uses) {
	e, u := c.read(at, text, sc)
	if e != nil && !slices.Contains(kinds, e.kind()) {
		c.add(at, codeExprResult, map[string]any{"At": 1, "Kind": e.kind().words(), "Wanted": kinds[0].words()})
		return nil, u
	}
	return e, u
}

func (c *compiler) per(u uses) bool {
	for _, i := range u.inputs {
		if c.p.inputs[i].per {
			return true
		}
	}
	for _, i := range u.points {
		if c.p.criteria[i].per {
			return true
		}
	}
	return u.total && c.p.perTotal
}

func (c *compiler) perTotal() {
	c.p.shared = true
	for i := range c.p.criteria {
		one := &c.p.criteria[i]
		c.p.perTotal = c.p.perTotal || one.per && !one.Aside
		c.p.shared = c.p.shared && !one.per
	}
	for i := range c.p.inputs {
		c.p.shared = c.p.shared && !c.p.inputs[i].per
	}
}

// behind are the inputs of the lists and all that they are worked out from,
// each once, in the order in which a reader wants them.
func (c *compiler) behind(lists ...[]int) []int {
	var out []int
	for _, list := range lists {
		for _, i := range list {
			for _, j := range c.p.inputs[i].behind {
				if !contains(out, j) {
					out = append(out, j)
				}
			}
		}
	}
	return out
}
