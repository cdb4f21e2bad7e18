package schemeform

import (
	"regexp"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v4"

	"peregrine/internal/scheme"
)

// YAML writes the sheet down as a scheme's text, right or wrong. What the
// chosen rule, source or kind has no use for is left out; it stays on the
// sheet.
func (s Sheet) YAML() []byte {
	out, err := yaml.Dump(s.mapping("", whole, false), yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil { // only mappings, lists and words are in it
		panic(err)
	}
	return out
}

func (s Sheet) mapping(at string, keys []shape, flow bool) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Style: style(flow)}
	for _, k := range keys {
		if k.only != nil && !k.only(s, at) {
			continue
		}
		if n := s.node(under(at, k.field()), k); n != nil {
			out.Content = append(out.Content, bare(k.name), n)
		}
	}
	return out
}

func (s Sheet) node(at string, k shape) *yaml.Node {
	switch k.sort {
	case number:
		return numberNode(s.Get(at))
	case truth:
		if s.Get(at) == yes {
			return bare(yes)
		}
		return nil
	case words:
		return s.wordsNode(at)
	case texts:
		return s.textsNode(at)
	case group:
		return full(s.mapping(at, k.in, k.flow), k.first)
	case list:
		return s.listNode(at, k)
	case keyed:
		return s.keyedNode(at, k)
	case table:
		return s.tableNode(at)
	case rule:
		return s.ruleNode(at)
	case text:
	}
	if s.Get(at) == "" && !k.first {
		return nil
	}
	return plain(s.Get(at))
}

func (s Sheet) wordsNode(at string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
	for _, w := range strings.FieldsFunc(s.Get(at), func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		out.Content = append(out.Content, plain(w))
	}
	return full(out, false)
}

func (s Sheet) textsNode(at string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for _, tag := range s.Tags(at) {
		out.Content = append(out.Content, plain(tag), plain(s.Get(under(at, tag))))
	}
	return full(out, false)
}

func (s Sheet) listNode(at string, k shape) *yaml.Node {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range s.Rows(at) {
		out.Content = append(out.Content, s.mapping(nth(at, i), k.in, k.flow))
	}
	return full(out, false)
}

func (s Sheet) keyedNode(at string, k shape) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := range s.Rows(at) {
		out.Content = append(out.Content, plain(s.Get(under(nth(at, i), keyName))), s.mapping(nth(at, i), k.in, k.flow))
	}
	return full(out, false)
}

func (s Sheet) tableNode(at string) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
	for i := range s.Rows(at) {
		points := numberNode(s.Get(under(nth(at, i), pointsName)))
		if points == nil {
			points = plain("")
		}
		out.Content = append(out.Content, plain(s.Get(under(nth(at, i), valueName))), points)
	}
	return full(out, false)
}

func (s Sheet) ruleNode(at string) *yaml.Node {
	word := s.Get(under(at, ruleName))
	switch {
	case word == "":
		return nil
	case inlineRules[word] != nil:
		return s.mapping(at, inlineRules[word], true)
	case nestedRules[word] != nil:
		out := &yaml.Node{Kind: yaml.MappingNode}
		out.Content = []*yaml.Node{bare(word), s.mapping(under(at, word), nestedRules[word], word != scheme.RuleBands)}
		return out
	case word != scheme.RuleFixed:
		return plain(word)
	}
	if n := numberNode(s.Get(at)); n != nil {
		return n
	}
	return plain("")
}

// full is a node if there is anything in it, or has to be.
func full(n *yaml.Node, must bool) *yaml.Node {
	if len(n.Content) == 0 && !must {
		return nil
	}
	return n
}

func style(flow bool) yaml.Style {
	if flow {
		return yaml.FlowStyle
	}
	return 0
}

var (
	plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)
	commaNumber = regexp.MustCompile(`^-?[0-9]+,[0-9]+$`)
)

// numberNode takes numbers as people write them, with a comma or a point and
// blanks between thousands; nil for none. What is no number is written as it
// stands, for the scheme's own check to name.
func numberNode(typed string) *yaml.Node {
	number := numberOf(typed)
	switch {
	case typed == "":
		return nil
	case plainNumber.MatchString(number):
		return bare(number)
	}
	return plain(typed)
}

// Number reads a number as people write it; false if it is none.
func Number(typed string) (decimal.Decimal, bool) {
	number := numberOf(typed)
	if len(number) > 40 || !plainNumber.MatchString(number) {
		return decimal.Decimal{}, false
	}
	return decimal.RequireFromString(number), true
}

func numberOf(typed string) string {
	s := strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "", "\u2212", "-").Replace(typed)
	if commaNumber.MatchString(s) {
		s = strings.Replace(s, ",", ".", 1)
	}
	return s
}

// plain is text; the writer quotes what would be read as anything else.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func bare(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
