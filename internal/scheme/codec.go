package scheme

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// field ties one key of the YAML to one place of the struct, both ways, so
// that what is read and what is written cannot differ.
type field struct {
	name     string
	required bool
	read     func(r *reader, n *yaml.Node, path string)
	write    func() *yaml.Node // nil: not worth writing down
	words    []string          // the fixed list it is from, if any
}

func (f field) must() field {
	f.required = true
	return f
}

// reader reads nodes and notes every place where it finds something else than
// it expects, and where every path stands.
type reader struct {
	problems
	at map[string]position
}

func (r *reader) note(n *yaml.Node, path string) {
	r.at[path] = position{
		line: n.Line, column: n.Column,
		quoted: n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0,
		block:  n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0,
	}
}

// mapping reads a mapping strictly: no unknown key, none twice, none missing.
func (r *reader) mapping(n *yaml.Node, path string, fields []field) {
	r.pairs(n, path, func(key string, k, v *yaml.Node) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.name == key })
		if i < 0 {
			r.note(k, under(path, key))
			r.add(under(path, key), codeKey, map[string]any{"Key": key, "Known": names(fields)})
			return
		}
		r.note(v, under(path, key))
		fields[i].read(r, v, under(path, key))
	}, func(seen map[string]bool) {
		for _, f := range fields {
			if f.required && !seen[f.name] {
				r.add(path, codeNoKey, map[string]any{"Key": f.name})
			}
		}
	})
}

// pairs calls each for every key once and then done with the keys seen.
func (r *reader) pairs(n *yaml.Node, path string, each func(string, *yaml.Node, *yaml.Node), done func(map[string]bool)) {
	if n.Kind != yaml.MappingNode {
		r.add(path, codeShape, map[string]any{"Shape": []string{"scheme.shape.mapping"}})
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		key := k.Value
		if k.Kind != yaml.ScalarNode || key == "" || seen[key] {
			r.list = append(r.list, Problem{Line: k.Line, Column: k.Column, Path: under(path, key), Code: codeTwice})
			continue
		}
		seen[key] = true
		each(key, k, v)
	}
	done(seen)
}

func (r *reader) items(n *yaml.Node, path string, each func(*yaml.Node, string)) {
	if n.Kind != yaml.SequenceNode {
		r.add(path, codeShape, map[string]any{"Shape": []string{"scheme.shape.list"}})
		return
	}
	for i, item := range n.Content {
		r.note(item, nth(path, i))
		each(item, nth(path, i))
	}
}

// scalar returns a word, number or text as it stands.
func (r *reader) scalar(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.add(path, codeShape, map[string]any{"Shape": []string{"scheme.shape.scalar"}})
		return "", false
	}
	return strings.TrimSpace(n.Value), true
}

var (
	keyPattern    = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	namePattern   = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	wordPattern   = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_:/-]{0,62}$`)
	tagPattern    = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	numberPattern = regexp.MustCompile(`^-?[0-9]{1,12}(\.[0-9]{1,12})?$`)
)

func (r *reader) number(n *yaml.Node, path string) (decimal.Decimal, bool) {
	s, ok := r.scalar(n, path)
	if !ok {
		return decimal.Decimal{}, false
	}
	d, ok := readNumber(s)
	if !ok {
		r.add(path, codeNumber, map[string]any{"Value": s})
	}
	return d, ok
}

// readNumber reads 12.5 or -3; the result has one form for one number.
func readNumber(s string) (decimal.Decimal, bool) {
	if !numberPattern.MatchString(s) {
		return decimal.Decimal{}, false
	}
	return canonicalNumber(decimal.RequireFromString(s)), true
}

func canonicalNumber(d decimal.Decimal) decimal.Decimal { return decimal.RequireFromString(d.String()) }

// plain is text; the writer quotes what would be read as anything else.
func plain(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func bare(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }

// name is an own name, by one of the patterns above.
func name[T ~string](key string, to *T, pattern *regexp.Regexp) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			s, ok := r.scalar(n, path)
			if ok && !pattern.MatchString(s) {
				r.add(path, codeName, map[string]any{"Value": s})
			}
			*to = T(s)
		},
		write: func() *yaml.Node { return textNode(string(*to)) },
	}
}

// expression is text in the language of expressions, or any one-line text.
func expression(key string, to *string) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			*to, _ = r.scalar(n, path)
			if *to == "" && n.Kind == yaml.ScalarNode {
				r.add(path, codeExprEmpty, nil)
			}
		},
		write: func() *yaml.Node { return textNode(*to) },
	}
}

func textNode(s string) *yaml.Node {
	if s == "" {
		return nil
	}
	return plain(s)
}

// oneOf is a word from a fixed list; fallback is what leaving it out means.
func oneOf[T ~string](key string, to *T, allowed []T, fallback T) field {
	list := wordsOf(allowed)
	return field{
		name: key, words: list,
		read: func(r *reader, n *yaml.Node, path string) {
			s, ok := r.scalar(n, path)
			if ok && !slices.Contains(allowed, T(s)) {
				r.add(path, codeWord, map[string]any{"Value": s, "Allowed": list})
			}
			if *to = T(s); *to == fallback {
				*to = ""
			}
		},
		write: func() *yaml.Node { return textNode(string(*to)) },
	}
}

func decimalField(key string, to *decimal.Decimal) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) { *to, _ = r.number(n, path) },
		write: func() *yaml.Node {
			if to.IsZero() {
				return nil
			}
			return bare(to.String())
		},
	}
}

// always writes a number down even where it is zero.
func always(f field, to *decimal.Decimal) field {
	f.write = func() *yaml.Node { return bare(to.String()) }
	return f.must()
}

func optional(key string, to *decimal.NullDecimal) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) { to.Decimal, to.Valid = r.number(n, path) },
		write: func() *yaml.Node {
			if !to.Valid {
				return nil
			}
			return bare(to.Decimal.String())
		},
	}
}

func (r *reader) whole(n *yaml.Node, path string) int {
	s, ok := r.scalar(n, path)
	v, err := strconv.Atoi(s)
	if ok && (err != nil || v < 0 || v > 1000) {
		r.add(path, codeWhole, map[string]any{"Value": s})
		v = 0
	}
	return v
}

func whole(key string, to *int, fallback int) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) { *to = r.whole(n, path) },
		write: func() *yaml.Node {
			if *to == fallback {
				return nil
			}
			return bare(strconv.Itoa(*to))
		},
	}
}

func truth(key string, to *bool) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			s, ok := r.scalar(n, path)
			if ok && s != "true" && s != "false" {
				r.add(path, codeTruth, map[string]any{"Value": s})
			}
			*to = s == "true"
		},
		write: func() *yaml.Node {
			if !*to {
				return nil
			}
			return bare("true")
		},
	}
}

// words is a list of names.
func words(key string, to *[]string, pattern *regexp.Regexp) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			r.items(n, path, func(item *yaml.Node, path string) {
				s, ok := r.scalar(item, path)
				switch {
				case ok && !pattern.MatchString(s):
					r.add(path, codeName, map[string]any{"Value": s})
				case slices.Contains(*to, s):
					r.add(path, codeTwice, nil)
				}
				*to = append(*to, s)
			})
		},
		write: func() *yaml.Node {
			if len(*to) == 0 {
				return nil
			}
			out := &yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle}
			for _, w := range *to {
				out.Content = append(out.Content, plain(w))
			}
			return out
		},
	}
}

// texts is one text per language.
func texts(key string, to *mobility.Texts) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			out := mobility.Texts{}
			r.pairs(n, path, func(tag string, _, v *yaml.Node) {
				r.note(v, under(path, tag))
				if !tagPattern.MatchString(tag) {
					r.add(under(path, tag), codeLanguage, map[string]any{"Value": tag})
				}
				s, ok := r.scalar(v, under(path, tag))
				if ok && (s == "" || len(s) > 500 || strings.ContainsAny(s, "\n\r\x00")) {
					r.add(under(path, tag), codeText, nil)
				}
				out[tag] = s
			}, func(map[string]bool) { *to = out })
		},
		write: func() *yaml.Node {
			if len(*to) == 0 {
				return nil
			}
			out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, tag := range sortedKeys(*to) {
				out.Content = append(out.Content, plain(tag), plain((*to)[tag]))
			}
			return out
		},
	}
}

// group is a mapping under a key.
func group(key string, fields func() []field, style yaml.Style) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) { r.mapping(n, path, fields()) },
		write: func() *yaml.Node {
			n := write(fields(), style)
			if len(n.Content) == 0 {
				return nil
			}
			return n
		},
	}
}

// list is a list of mappings under a key.
func list[T any](key string, to *[]T, fields func(*T) []field, style yaml.Style) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			r.items(n, path, func(item *yaml.Node, path string) {
				var one T
				r.mapping(item, path, fields(&one))
				*to = append(*to, one)
			})
		},
		write: func() *yaml.Node {
			if len(*to) == 0 {
				return nil
			}
			out := &yaml.Node{Kind: yaml.SequenceNode}
			for i := range *to {
				out.Content = append(out.Content, write(fields(&(*to)[i]), style))
			}
			return out
		},
	}
}

func write(fields []field, style yaml.Style) *yaml.Node {
	out := &yaml.Node{Kind: yaml.MappingNode, Style: style}
	for _, f := range fields {
		if n := f.write(); n != nil {
			out.Content = append(out.Content, bare(f.name), n)
		}
	}
	return out
}

func names(fields []field) []string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = f.name
	}
	return out
}

func sortedKeys[M ~map[string]V, V any](m M) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func wordsOf[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = string(w)
	}
	return out
}
