package scheme

import "go.yaml.in/yaml/v4"

// The keys of the transforms.

func (t *Fixed) fields() []field {
	return []field{always(decimalField("points", &t.Points), &t.Points)}
}

func (t *Linear) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		always(decimalField("best", &t.Best), &t.Best),
		always(decimalField("worst", &t.Worst), &t.Worst),
		always(decimalField("max", &t.Max), &t.Max),
		decimalField("min", &t.Min),
	}
}

func (t *Bands) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		list("steps", &t.Steps, (*Step).fields, yaml.FlowStyle).must(),
		decimalField("otherwise", &t.Otherwise),
	}
}

func (s *Step) fields() []field {
	return []field{
		expression("from", &s.From),
		expression("to", &s.To),
		always(decimalField("points", &s.Points), &s.Points),
	}
}

func (t *Lookup) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		tableField(&t.Table).must(),
		optional("otherwise", &t.Otherwise),
	}
}

// tableField is the mapping from a value to its points.
func tableField(to *[]Entry) field {
	return field{
		name: "points",
		read: func(r *reader, n *yaml.Node, path string) {
			r.pairs(n, path, func(key string, _, v *yaml.Node) {
				at := under(path, key)
				r.note(v, at)
				points, _ := r.number(v, at)
				*to = append(*to, Entry{key, points})
			}, func(map[string]bool) {})
		},
		write: func() *yaml.Node {
			out := &yaml.Node{Kind: yaml.MappingNode, Style: yaml.FlowStyle}
			for _, e := range *to {
				out.Content = append(out.Content, plain(e.Value), bare(e.Points.String()))
			}
			return out
		},
	}
}

func (t *Each) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		always(decimalField("points", &t.Points), &t.Points),
		optional("most", &t.Most),
	}
}

func (t *Ratio) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		expression("expected", &t.Expected).must(),
		always(decimalField("max", &t.Max), &t.Max),
	}
}

func (t *When) fields() []field {
	return []field{
		expression("when", &t.Cond).must(),
		always(decimalField("points", &t.Points), &t.Points),
		decimalField("otherwise", &t.Otherwise),
	}
}

func (t *Formula) fields() []field { return []field{expression("formula", &t.Expr).must()} }

// transformField reads a number, or a mapping that names one rule.
func transformField(key string, to *Transform) field {
	return field{
		name: key,
		read: func(r *reader, n *yaml.Node, path string) {
			if n.Kind == yaml.ScalarNode {
				points, _ := r.number(n, path)
				*to = &Fixed{points}
				return
			}
			*to = r.transform(n, path)
		},
		write: func() *yaml.Node {
			switch t := (*to).(type) {
			case nil:
				return nil
			case *Fixed:
				return bare(t.Points.String())
			default:
				return transformNode(t)
			}
		},
	}
}

func (r *reader) transform(n *yaml.Node, path string) Transform {
	if n.Kind != yaml.MappingNode {
		r.add(path, codeOneRule, map[string]any{"Allowed": ruleWords})
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		rule := n.Content[i].Value
		t := newTransform(rule)
		switch {
		case t == nil:
			continue
		case inline(rule):
			r.mapping(n, path, t.fields())
			return t
		}
		at := under(path, rule)
		r.mapping(n, path, []field{{name: rule, read: func(r *reader, n *yaml.Node, _ string) {
			r.mapping(n, at, t.fields())
		}}})
		return t
	}
	r.add(path, codeOneRule, map[string]any{"Allowed": ruleWords})
	return nil
}

// ruleWords are the rules that a mapping may name.
var ruleWords = []string{RuleLinear, RuleBands, RuleLookup, RuleEach, RuleRatio, RuleWhen, RuleFormula}

func transformNode(t Transform) *yaml.Node {
	style := yaml.FlowStyle
	if t.rule() == RuleBands {
		style = 0
	}
	n := write(t.fields(), style)
	if inline(t.rule()) {
		return n
	}
	out := &yaml.Node{Kind: yaml.MappingNode}
	out.Content = []*yaml.Node{bare(t.rule()), n}
	return out
}
