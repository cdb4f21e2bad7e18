package scheme

import (
	"math/big"
	"strings"
	"unicode"
)

// maxExpression and maxDepth keep an expression to what a person can read.
const (
	maxExpression = 2000 // characters
	maxDepth      = 50   // of parentheses and signs
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenNumber
	tokenWord  // in quotes
	tokenName  // small letters
	tokenLevel // A1 to C2
	tokenSign
)

type token struct {
	kind tokenKind
	text string
	at   int // the character it begins at, from 1
}

// fault is what is wrong with an expression.
type fault struct {
	code string
	data map[string]any
}

func faultAt(at int, code string, pairs ...any) *fault {
	data := map[string]any{"At": at}
	for i := 0; i+1 < len(pairs); i += 2 {
		data[pairs[i].(string)] = pairs[i+1]
	}
	return &fault{code, data}
}

// Levels are the levels of a language, lowest first.
var Levels = []string{"A1", "A2", "B1", "B2", "C1", "C2"}

func levelOf(s string) (value, bool) {
	for i, l := range Levels {
		if s == l {
			return value{kind: isLevel, num: big.NewRat(int64(i+1), 1)}, true
		}
	}
	return value{}, false
}

func tokens(text string) ([]token, *fault) {
	src := []rune(text)
	if len(src) > maxExpression {
		return nil, faultAt(1, codeExprLong, "Max", maxExpression)
	}
	var out []token
	for i := 0; i < len(src); {
		if unicode.IsSpace(src[i]) {
			i++
			continue
		}
		t, wrong := scan(src, i)
		if wrong != nil {
			return nil, wrong
		}
		out = append(out, t)
		i += len([]rune(t.text))
		if t.kind == tokenWord {
			i += 2 // its quotes
		}
	}
	return append(out, token{kind: tokenEnd, at: len(src) + 1}), nil
}

func scan(src []rune, i int) (token, *fault) {
	at := i + 1
	c := src[i]
	switch {
	case c >= '0' && c <= '9':
		text := take(src, i, func(r rune) bool { return r >= '0' && r <= '9' || r == '.' })
		if !numberPattern.MatchString(text) {
			return token{}, faultAt(at, codeExprNumber, "Value", text)
		}
		return token{tokenNumber, text, at}, nil
	case c >= 'a' && c <= 'z':
		return token{tokenName, take(src, i, nameRune), at}, nil
	case c >= 'A' && c <= 'Z':
		text := take(src, i, func(r rune) bool { return r >= 'A' && r <= 'Z' || nameRune(r) })
		if _, ok := levelOf(text); !ok {
			return token{}, faultAt(at, codeExprChar, "Value", text)
		}
		return token{tokenLevel, text, at}, nil
	case c == '\'' || c == '"':
		text := take(src, i+1, func(r rune) bool { return r != c })
		if i+1+len([]rune(text)) >= len(src) || !wordPattern.MatchString(text) {
			return token{}, faultAt(at, codeExprQuote)
		}
		return token{tokenWord, text, at}, nil
	}
	for _, sign := range []string{"<=", ">=", "!=", "<", ">", "=", "+", "-", "*", "/", "(", ")", ","} {
		if strings.HasPrefix(string(src[i:min(i+2, len(src))]), sign) {
			return token{tokenSign, sign, at}, nil
		}
	}
	return token{}, faultAt(at, codeExprChar, "Value", string(c))
}

func nameRune(r rune) bool { return r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' }

func take(src []rune, i int, ok func(rune) bool) string {
	j := i
	for j < len(src) && ok(src[j]) {
		j++
	}
	return string(src[i:j])
}
