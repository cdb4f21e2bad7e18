package scheme

import (
	"math/big"
)

// The language of conditions and formulas. An expr is parsed, its kinds are
// checked, and its names are resolved; evaluating it cannot fail, only lack a
// value. Grammar, weakest first:
//
//	or, and, not, = != < <= > >= in, + -, * /, unary -, names, numbers,
//	'words', levels A1…C2, yes, no, ( ), min max abs if given first points
type expr interface {
	kind() valueKind
	eval(f *frame) (value, *lack)
	span() span // of numbers: between what they lie
}

// valueKind is what sort of value an expression has.
type valueKind int

const (
	isNumber valueKind = iota
	isTruth
	isLevel
	isWord
	isDate
)

// words is the kind as what fills a problem: a code of the catalogue.
func (k valueKind) words() []string {
	return []string{"scheme.kind." + [...]string{"number", "yesno", "level", "choice", "date"}[k]}
}

func (k valueKind) ordered() bool { return k == isNumber || k == isLevel || k == isDate }

// value is one exact value. Levels are 1 to 6 and dates days since 1970.
type value struct {
	kind  valueKind
	num   *big.Rat
	truth bool
	word  string
}

func (v value) equal(o value) bool {
	switch v.kind {
	case isTruth:
		return v.truth == o.truth
	case isWord:
		return v.word == o.word
	default:
		return v.num.Cmp(o.num) == 0
	}
}

// lack is why there is no value. It is never changed once made.
type lack struct {
	code   string
	inputs []string // the keys that are missing
}

// The codes of a lack: messages "scheme.lack.<code>".
const (
	LackMissing    = "missing"    // a value is not known
	LackUnreadable = "unreadable" // a value is none of its kind
	LackZero       = "division_by_zero"
	LackHuge       = "too_large"     // more digits than anybody could mean
	LackMarks      = "marks_missing" // too few assessors marked
	LackVariant    = "no_variant"    // no variant fits
)

// Lacks lists every code of a lack.
var Lacks = []string{LackMissing, LackUnreadable, LackZero, LackHuge, LackMarks, LackVariant}

// and joins two reasons; the first one's code stays.
func (l *lack) and(o *lack) *lack {
	switch {
	case l == nil:
		return o
	case o == nil:
		return l
	}
	out := &lack{code: l.code, inputs: append([]string(nil), l.inputs...)}
	for _, key := range o.inputs {
		if !contains(out.inputs, key) {
			out.inputs = append(out.inputs, key)
		}
	}
	return out
}

func contains[T comparable](list []T, x T) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

// uses is what an expression refers to.
type uses struct {
	inputs []int // in the order of mention
	points []int // criteria whose points it asks for
	mark   bool
	total  bool
}

func (u *uses) add(o uses) {
	for _, i := range o.inputs {
		if !contains(u.inputs, i) {
			u.inputs = append(u.inputs, i)
		}
	}
	for _, i := range o.points {
		if !contains(u.points, i) {
			u.points = append(u.points, i)
		}
	}
	u.mark = u.mark || o.mark
	u.total = u.total || o.total
}

// The leaves.

type literal struct{ value }

func (e literal) kind() valueKind            { return e.value.kind }
func (e literal) eval(*frame) (value, *lack) { return e.value, nil }
func (e literal) span() span                 { return point(e.num) }
func number(r *big.Rat) literal              { return literal{value{kind: isNumber, num: r}} }
func truthValue(b bool) value                { return value{kind: isTruth, truth: b} }
func numberValue(r *big.Rat) value           { return value{kind: isNumber, num: r} }

type inputName struct {
	index  int
	of     valueKind
	within span
}

func (e inputName) kind() valueKind              { return e.of }
func (e inputName) eval(f *frame) (value, *lack) { return f.input(e.index) }
func (e inputName) span() span                   { return e.within }

type markName struct{ within span }

func (e markName) kind() valueKind              { return isNumber }
func (e markName) eval(f *frame) (value, *lack) { return f.combined() }
func (e markName) span() span                   { return e.within }

type pointsOf struct{ criterion int }

func (e pointsOf) kind() valueKind              { return isNumber }
func (e pointsOf) eval(f *frame) (value, *lack) { return f.points(e.criterion) }
func (e pointsOf) span() span                   { return span{} }

type totalName struct{}

func (totalName) kind() valueKind              { return isNumber }
func (totalName) eval(f *frame) (value, *lack) { return f.total() }
func (totalName) span() span                   { return span{} }

// The branches.

type logic struct {
	or   bool
	a, b expr
}

func (logic) kind() valueKind { return isTruth }
func (logic) span() span      { return span{} }

// eval is decided by one side where that side decides, even if the other one
// is not known.
func (e logic) eval(f *frame) (value, *lack) {
	a, lackA := e.a.eval(f)
	if lackA == nil && a.truth == e.or {
		return a, nil
	}
	b, lackB := e.b.eval(f)
	if lackB == nil && b.truth == e.or {
		return b, nil
	}
	if l := lackA.and(lackB); l != nil {
		return value{}, l
	}
	return b, nil
}

type negation struct{ a expr }

func (negation) kind() valueKind { return isTruth }
func (negation) span() span      { return span{} }
func (e negation) eval(f *frame) (value, *lack) {
	a, l := e.a.eval(f)
	return truthValue(!a.truth), l
}

type comparison struct {
	op   string
	a, b expr
}

func (comparison) kind() valueKind { return isTruth }
func (comparison) span() span      { return span{} }

func (e comparison) eval(f *frame) (value, *lack) {
	a, b, l := both(f, e.a, e.b)
	if l != nil {
		return value{}, l
	}
	switch e.op {
	case "=":
		return truthValue(a.equal(b)), nil
	case "!=":
		return truthValue(!a.equal(b)), nil
	}
	cmp := a.num.Cmp(b.num)
	switch e.op {
	case "<":
		return truthValue(cmp < 0), nil
	case "<=":
		return truthValue(cmp <= 0), nil
	case ">":
		return truthValue(cmp > 0), nil
	}
	return truthValue(cmp >= 0), nil
}

func both(f *frame, a, b expr) (value, value, *lack) {
	x, lx := a.eval(f)
	y, ly := b.eval(f)
	return x, y, lx.and(ly)
}

type membership struct {
	a    expr
	list []value
}

func (membership) kind() valueKind { return isTruth }
func (membership) span() span      { return span{} }
func (e membership) eval(f *frame) (value, *lack) {
	a, l := e.a.eval(f)
	if l != nil {
		return value{}, l
	}
	for _, v := range e.list {
		if a.equal(v) {
			return truthValue(true), nil
		}
	}
	return truthValue(false), nil
}

type arithmetic struct {
	op   byte
	a, b expr
}

func (arithmetic) kind() valueKind { return isNumber }

func (e arithmetic) eval(f *frame) (value, *lack) {
	a, b, l := both(f, e.a, e.b)
	if l != nil {
		return value{}, l
	}
	out := new(big.Rat)
	switch e.op {
	case '+':
		out.Add(a.num, b.num)
	case '-':
		out.Sub(a.num, b.num)
	case '*':
		out.Mul(a.num, b.num)
	default:
		if b.num.Sign() == 0 {
			return value{}, &lack{code: LackZero}
		}
		out.Quo(a.num, b.num)
	}
	if huge(out) {
		return value{}, &lack{code: LackHuge}
	}
	return numberValue(out), nil
}

// maxBits bounds a number, so that formulas of formulas cannot grow for ever.
const maxBits = 4096

func huge(r *big.Rat) bool { return r.Num().BitLen()+r.Denom().BitLen() > maxBits }

func (e arithmetic) span() span {
	a, b := e.a.span(), e.b.span()
	switch e.op {
	case '+':
		return a.plus(b)
	case '-':
		return a.plus(b.negative())
	case '*':
		return a.times(b)
	}
	return a.over(b)
}
