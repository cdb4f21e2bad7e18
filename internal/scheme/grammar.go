package scheme

import (
	"math/big"
	"time"
)

// scope is what an expression may name.
type scope struct {
	inputs   map[string]inputName
	options  map[int][]string // of choices, by index of input
	criteria map[string]int   // nil: points() may not be asked for
	mark     *span            // nil: there is no mark here
	total    bool
}

// parser turns tokens into a checked expression. The first thing wrong ends
// it: what follows would be guesses.
type parser struct {
	scope
	tokens []token
	next   int
	depth  int
	uses   uses
	wrong  *fault
}

// parseExpression reads text; the expression is nil if there is a fault.
func parseExpression(text string, sc scope) (expr, uses, *fault) {
	list, wrong := tokens(text)
	if wrong != nil {
		return nil, uses{}, wrong
	}
	if len(list) == 1 {
		return nil, uses{}, faultAt(1, codeExprEmpty)
	}
	p := &parser{scope: sc, tokens: list}
	e := p.or()
	if t := p.peek(); p.wrong == nil && t.kind != tokenEnd {
		p.fail(t, codeExprEnd, "Value", t.text)
	}
	if p.wrong != nil {
		return nil, uses{}, p.wrong
	}
	return e, p.uses, nil
}

// nothing stands in for what could not be read.
var nothing = number(new(big.Rat))

func (p *parser) fail(t token, code string, pairs ...any) expr {
	if p.wrong == nil {
		p.wrong = faultAt(t.at, code, pairs...)
	}
	p.next = len(p.tokens) - 1
	return nothing
}

func (p *parser) peek() token { return p.tokens[p.next] }

func (p *parser) take() token {
	t := p.tokens[p.next]
	if t.kind != tokenEnd {
		p.next++
	}
	return t
}

// sign takes one of the signs or words, if it comes next.
func (p *parser) sign(list ...string) (token, bool) {
	t := p.peek()
	if (t.kind == tokenSign || t.kind == tokenName) && contains(list, t.text) {
		return p.take(), true
	}
	return t, false
}

func (p *parser) expect(sign string) {
	if t, ok := p.sign(sign); !ok {
		p.fail(t, codeExprExpected, "Expected", sign)
	}
}

// want holds that e is of a kind.
func (p *parser) want(t token, e expr, kind valueKind) {
	if e.kind() != kind {
		p.fail(t, codeExprKind, "Kind", e.kind().words(), "Wanted", kind.words())
	}
}

func (p *parser) or() expr {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return p.fail(p.peek(), codeExprDeep)
	}
	return p.chain(p.and, "or")
}

func (p *parser) and() expr { return p.chain(p.not, "and") }

func (p *parser) chain(part func() expr, word string) expr {
	begin := p.peek()
	e := part()
	for {
		if _, ok := p.sign(word); !ok {
			return e
		}
		p.want(begin, e, isTruth)
		begin = p.peek()
		right := part()
		p.want(begin, right, isTruth)
		e = logic{word == "or", e, right}
	}
}

func (p *parser) not() expr {
	if _, ok := p.sign("not"); !ok {
		return p.compared()
	}
	begin := p.peek()
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return p.fail(begin, codeExprDeep)
	}
	e := p.not()
	p.want(begin, e, isTruth)
	return negation{e}
}

func (p *parser) compared() expr {
	begin := p.peek()
	left := p.sum()
	if t, ok := p.sign("=", "!=", "<", "<=", ">", ">="); ok {
		second := p.peek()
		right := p.sum()
		left, right = p.alike(begin, left, right), p.alike(second, right, left)
		p.want(second, right, left.kind())
		if t.text != "=" && t.text != "!=" && !left.kind().ordered() {
			p.fail(t, codeExprKind, "Kind", left.kind().words(), "Wanted", isNumber.words())
		}
		return comparison{t.text, left, right}
	}
	negate := false
	if p.peek().text == "not" && p.peek().kind == tokenName && p.tokens[p.next+1].text == "in" {
		p.take()
		negate = true
	}
	if _, ok := p.sign("in"); !ok {
		return left
	}
	var e expr = membership{left, p.members(left)}
	if negate {
		e = negation{e}
	}
	return e
}

// members reads ('a', 'b') after in.
func (p *parser) members(left expr) []value {
	p.expect("(")
	var list []value
	for p.wrong == nil {
		begin := p.peek()
		e := p.alike(begin, p.sum(), left)
		p.want(begin, e, left.kind())
		v, ok := e.(literal)
		if !ok {
			p.fail(begin, codeExprExpected, "Expected", []string{"scheme.expr_value"})
		}
		list = append(list, v.value)
		if _, more := p.sign(","); !more {
			break
		}
	}
	p.expect(")")
	return list
}

// alike reads a word as what it is compared with: a date where that is one,
// and one of the options where it has options.
func (p *parser) alike(t token, e, other expr) expr {
	word, ok := e.(literal)
	if !ok || word.value.kind != isWord {
		return e
	}
	if other.kind() == isDate {
		v, ok := dateOf(word.word)
		if !ok {
			return p.fail(t, codeBadValue, "Value", word.word, "Kind", isDate.words())
		}
		return literal{v}
	}
	if in, ok := other.(inputName); ok && in.of == isWord {
		if options := p.options[in.index]; len(options) > 0 && !contains(options, word.word) {
			return p.fail(t, codeExprOption, "Value", word.word, "Allowed", options)
		}
	}
	return e
}

func (p *parser) sum() expr  { return p.operation(p.term, "+", "-") }
func (p *parser) term() expr { return p.operation(p.unary, "*", "/") }

func (p *parser) operation(part func() expr, signs ...string) expr {
	begin := p.peek()
	e := part()
	for {
		t, ok := p.sign(signs...)
		if !ok {
			return e
		}
		p.want(begin, e, isNumber)
		begin = p.peek()
		right := part()
		p.want(begin, right, isNumber)
		if v, is := right.(literal); t.text == "/" && is && v.num != nil && v.num.Sign() == 0 {
			return p.fail(begin, codeExprZero)
		}
		e = arithmetic{t.text[0], e, right}
	}
}

func (p *parser) unary() expr {
	if _, ok := p.sign("-"); !ok {
		return p.primary()
	}
	begin := p.peek()
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > maxDepth {
		return p.fail(begin, codeExprDeep)
	}
	e := p.unary()
	p.want(begin, e, isNumber)
	if v, ok := e.(literal); ok && v.num != nil {
		return number(new(big.Rat).Neg(v.num))
	}
	return arithmetic{'-', nothing, e}
}

func (p *parser) primary() expr {
	switch t := p.take(); t.kind {
	case tokenNumber:
		r, _ := new(big.Rat).SetString(t.text)
		return number(r)
	case tokenWord:
		return literal{value{kind: isWord, word: t.text}}
	case tokenLevel:
		v, _ := levelOf(t.text)
		return literal{v}
	case tokenName:
		if _, ok := p.sign("("); ok {
			return p.call(t)
		}
		return p.named(t)
	default:
		if t.text == "(" {
			e := p.or()
			p.expect(")")
			return e
		}
		return p.fail(t, codeExprExpected, "Expected", []string{"scheme.expr_value"})
	}
}

func (p *parser) named(t token) expr {
	switch {
	case t.text == "yes" || t.text == "no":
		return literal{truthValue(t.text == "yes")}
	case t.text == "mark":
		if p.mark == nil {
			return p.fail(t, codeExprMark)
		}
		p.uses.mark = true
		return markName{*p.mark}
	case t.text == "total":
		if !p.total {
			return p.fail(t, codeExprPoints)
		}
		p.uses.total = true
		return totalName{}
	case reservedName(t.text):
		return p.fail(t, codeExprExpected, "Expected", []string{"scheme.expr_value"})
	}
	in, ok := p.inputs[t.text]
	if !ok {
		return p.fail(t, codeNoInput, "Key", t.text)
	}
	p.uses.add(uses{inputs: []int{in.index}})
	return in
}

// reservedName reports whether a name means something in the language, so
// that no input may be called it.
func reservedName(s string) bool {
	return contains([]string{
		"yes", "no", "mark", "total", "and", "or", "not", "in", "min", "max", "abs", "if", "given", "first", "points",
	}, s)
}

// dateOf reads 2004-05-31.
func dateOf(s string) (value, bool) {
	day, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return value{}, false
	}
	const seconds = 24 * 60 * 60
	return value{kind: isDate, num: big.NewRat(day.Unix()/seconds, 1)}, true
}
