package schemeform

import (
	"errors"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"peregrine/internal/scheme"
)

// codeNoField is what is said of a key that the form has no field for.
const codeNoField = "schform.no_field"

// Of is a scheme as fields.
func Of(s *scheme.Scheme) Sheet {
	out, _ := read(s.YAML())
	return out
}

// FromYAML is a scheme's text as fields, right or wrong. If there is anything
// in it that no field would show, or if it is no YAML, the problems say what
// and where, and the sheet is to be thrown away: nothing is lost silently.
func FromYAML(source []byte) (Sheet, []scheme.Problem) {
	_, problems := scheme.Parse(source)
	out, lost := read(source)
	if errors.Is(lost, errNoYAML) {
		return Sheet{}, problems
	}
	var l *losses
	if errors.As(lost, &l) {
		return Sheet{}, l.problems
	}
	return out, nil
}

var errNoYAML = errors.New("no YAML of a scheme's outer shape")

// losses are the places that no field shows.
type losses struct{ problems []scheme.Problem }

func (l *losses) Error() string { return l.problems[0].String() }

// read reads a text into fields; the error is errNoYAML or *losses.
func read(source []byte) (Sheet, error) {
	var doc yaml.Node
	if err := yaml.Load(source, &doc); err != nil || doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return Sheet{}, errNoYAML
	}
	r := reader{out: newSheet()}
	r.mapping(doc.Content[0], "", whole)
	if len(r.lost.problems) > 0 {
		return r.out, &r.lost
	}
	return r.out, nil
}

// maxDepth bounds how deep a text may nest; a scheme's own shape is less deep.
const maxDepth = 12

type reader struct {
	out  Sheet
	lost losses
}

func (r *reader) lose(n *yaml.Node, path string) {
	r.lost.problems = append(r.lost.problems, scheme.Problem{Line: n.Line, Column: n.Column, Path: path, Code: codeNoField})
}

func (r *reader) put(name, text string) {
	if text = clean(text); text != "" {
		r.out.typed[name] = text
	}
}

// pairs calls each for every key of a mapping.
func (r *reader) pairs(n *yaml.Node, at string, each func(k, v *yaml.Node)) {
	if n.Kind != yaml.MappingNode || n.Anchor != "" || strings.Count(at, ".") > maxDepth {
		r.lose(n, at)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; k.Kind != yaml.ScalarNode || k.Anchor != "" {
			r.lose(k, at)
			continue
		}
		each(n.Content[i], n.Content[i+1])
	}
}

func (r *reader) mapping(n *yaml.Node, at string, keys []shape) {
	seen := map[string]bool{}
	var late []func() // what applies only beside other keys
	r.pairs(n, at, func(k, v *yaml.Node) {
		i := slices.IndexFunc(keys, func(s shape) bool { return s.name == k.Value })
		if i < 0 || seen[k.Value] {
			r.lose(k, under(at, k.Value))
			return
		}
		seen[k.Value] = true
		if key := keys[i]; key.only == nil || key.name == "mark" {
			r.key(v, under(at, key.field()), key)
			return
		}
		late = append(late, func() {
			if i := slices.IndexFunc(keys, func(s shape) bool { return s.name == k.Value && s.only(r.out, at) }); i >= 0 {
				r.key(v, under(at, keys[i].field()), keys[i])
			} else {
				r.lose(k, under(at, k.Value))
			}
		})
	})
	for _, one := range late {
		one()
	}
}

func (r *reader) scalar(n *yaml.Node, at string) (string, bool) {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" || n.Anchor != "" || strings.ContainsFunc(n.Value, unreadable) {
		r.lose(n, at)
		return "", false
	}
	return n.Value, true
}

func (r *reader) key(n *yaml.Node, at string, k shape) {
	switch k.sort {
	case texts:
		r.pairs(n, at, func(tag, v *yaml.Node) {
			if s, ok := r.scalar(v, under(at, tag.Value)); ok && clean(s) != "" && r.out.Get(under(at, tag.Value)) == "" && isTag(tag.Value) {
				r.put(under(at, tag.Value), s)
			} else {
				r.lose(v, under(at, tag.Value))
			}
		})
	case group:
		if k.name == "mark" {
			r.out.typed[strings.TrimSuffix(at, k.name)+markedName] = yes
		}
		r.mapping(n, at, k.in)
	case list:
		r.list(n, at, k)
	case keyed:
		r.pairs(n, at, func(key, v *yaml.Node) {
			row := r.row(at)
			r.put(under(row, keyName), key.Value)
			r.mapping(v, row, k.in)
		})
	case table:
		r.pairs(n, at, func(value, points *yaml.Node) {
			row := r.row(at)
			r.put(under(row, valueName), value.Value)
			if s, ok := r.scalar(points, row); ok {
				r.put(under(row, pointsName), s)
			}
		})
	case words:
		r.words(n, at)
	case rule:
		r.rule(n, at)
	case text, number, truth:
		r.leaf(n, at, k)
	}
}

// leaf reads a word; a box can only be ticked or not.
func (r *reader) leaf(n *yaml.Node, at string, k shape) {
	s, ok := r.scalar(n, at)
	if ok && k.sort == truth && s != yes {
		if s != "false" {
			r.lose(n, at)
		}
		return
	}
	r.put(at, s)
}

func (r *reader) row(list string) string {
	r.out.rows[list]++
	return nth(list, r.out.rows[list]-1)
}

func (r *reader) list(n *yaml.Node, at string, k shape) {
	if n.Kind != yaml.SequenceNode || n.Anchor != "" || len(n.Content) > maxRows {
		r.lose(n, at)
		return
	}
	for _, item := range n.Content {
		r.mapping(item, r.row(at), k.in)
	}
}

// words reads a list of words that a comma can stand between.
func (r *reader) words(n *yaml.Node, at string) {
	if n.Kind != yaml.SequenceNode || n.Anchor != "" {
		r.lose(n, at)
		return
	}
	var out []string
	for _, item := range n.Content {
		s, ok := r.scalar(item, at)
		if ok && (strings.ContainsAny(s, ",; \n\t") || clean(s) == "") {
			r.lose(item, at)
		}
		out = append(out, clean(s))
	}
	r.put(at, strings.Join(out, ", "))
}

// rule reads a number, or a mapping that names one rule.
func (r *reader) rule(n *yaml.Node, at string) {
	if n.Kind == yaml.ScalarNode {
		s, _ := r.scalar(n, at)
		r.put(under(at, ruleName), scheme.RuleFixed)
		r.put(at, s)
		return
	}
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		r.lose(n, at)
		return
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		word := n.Content[i].Value
		if keys := inlineRules[word]; keys != nil {
			r.put(under(at, ruleName), word)
			r.mapping(n, at, keys)
			return
		}
		if keys := nestedRules[word]; keys != nil && len(n.Content) == 2 {
			r.put(under(at, ruleName), word)
			r.mapping(n.Content[i+1], under(at, word), keys)
			return
		}
	}
	r.lose(n, at)
}
