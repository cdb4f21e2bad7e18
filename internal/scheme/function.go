package scheme

import "math/big"

// The functions of the language: min and max of any ordered kind, abs, if,
// given (is it known?) and first (the first that is known).

type extreme struct {
	most bool
	args []expr
}

func (e extreme) kind() valueKind { return e.args[0].kind() }

func (e extreme) eval(f *frame) (value, *lack) {
	best, missing := e.args[0].eval(f)
	for _, arg := range e.args[1:] {
		v, l := arg.eval(f)
		if missing = missing.and(l); missing != nil {
			continue
		}
		if cmp := v.num.Cmp(best.num); cmp > 0 == e.most && cmp != 0 {
			best = v
		}
	}
	return best, missing
}

func (e extreme) span() span {
	out := e.args[0].span()
	for _, arg := range e.args[1:] {
		if e.most {
			out = out.highest(arg.span())
		} else {
			out = out.negative().highest(arg.span().negative()).negative()
		}
	}
	return out
}

type absolute struct{ a expr }

func (absolute) kind() valueKind { return isNumber }
func (e absolute) eval(f *frame) (value, *lack) {
	a, l := e.a.eval(f)
	if l != nil {
		return value{}, l
	}
	return numberValue(new(big.Rat).Abs(a.num)), nil
}

func (e absolute) span() span {
	a := e.a.span()
	return a.highest(a.negative()).highest(point(new(big.Rat)))
}

type choice struct{ cond, yes, no expr }

func (e choice) kind() valueKind { return e.yes.kind() }
func (e choice) span() span      { return e.yes.span().or(e.no.span()) }
func (e choice) eval(f *frame) (value, *lack) {
	c, l := e.cond.eval(f)
	switch {
	case l != nil:
		return value{}, l
	case c.truth:
		return e.yes.eval(f)
	}
	return e.no.eval(f)
}

type given struct{ a expr }

func (given) kind() valueKind { return isTruth }
func (given) span() span      { return span{} }
func (e given) eval(f *frame) (value, *lack) {
	_, l := e.a.eval(f)
	return truthValue(l == nil), nil
}

type first struct{ args []expr }

func (e first) kind() valueKind { return e.args[0].kind() }

func (e first) span() span {
	out := e.args[0].span()
	for _, arg := range e.args[1:] {
		out = out.or(arg.span())
	}
	return out
}

func (e first) eval(f *frame) (value, *lack) {
	var missing *lack
	for _, arg := range e.args {
		v, l := arg.eval(f)
		if l == nil {
			return v, nil
		}
		missing = missing.and(l)
	}
	return value{}, missing
}
