package scheme

import (
	"slices"
	"strconv"

	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// The keys of the YAML, one table per thing, in the order they are written.

func (s *Scheme) fields() []field {
	return []field{
		name("name", &s.Name, namePattern).must(),
		texts("title", &s.Title),
		scaleField("scale", &s.Scale),
		inputsField(&s.Inputs),
		list("criteria", &s.Criteria, (*Criterion).fields, 0),
		group("total", s.Total.fields, yaml.FlowStyle),
		list("gates", &s.Gates, (*Gate).fields, 0),
		list("classes", &s.Classes, (*Class).fields, 0),
		list("ties", &s.Ties, (*Tie).fields, 0),
	}
}

func (b *Bounds) fields() []field {
	return []field{optional("min", &b.Min), optional("max", &b.Max)}
}

func scaleField(key string, to *int32) field {
	return field{
		name:  key,
		read:  func(r *reader, n *yaml.Node, path string) { *to = int32(r.whole(n, path)) },
		write: func() *yaml.Node { return bare(strconv.Itoa(int(*to))) },
	}
}

// inputsField is the mapping from each input's key to the input.
func inputsField(to *[]Input) field {
	return field{
		name: "inputs",
		read: func(r *reader, n *yaml.Node, path string) {
			r.pairs(n, path, func(key string, k, v *yaml.Node) {
				at := under(path, key)
				r.note(k, at)
				if !keyPattern.MatchString(key) {
					r.add(at, codeName, map[string]any{"Value": key})
				}
				in := Input{Key: key}
				r.mapping(v, at, in.fields())
				*to = append(*to, in)
			}, func(map[string]bool) {})
		},
		write: func() *yaml.Node {
			if len(*to) == 0 {
				return nil
			}
			out := &yaml.Node{Kind: yaml.MappingNode}
			for i := range *to {
				in := &(*to)[i]
				out.Content = append(out.Content, plain(in.Key), write(in.fields(), yaml.FlowStyle))
			}
			return out
		},
	}
}

func (in *Input) fields() []field {
	return []field{
		oneOf("from", &in.From, Sources, "").must(),
		oneOf("kind", &in.Kind, Kinds, "").must(),
		oneOf("per", &in.Per, []string{PerDestination}, ""),
		name("question", &in.Question, keyPattern),
		name("field", &in.Field, keyPattern),
		oneOf("frozen", &in.Frozen, Instants, FrozenAtSubmission),
		name("evidence", &in.Evidence, keyPattern),
		words("options", &in.Options, wordPattern),
		optional("min", &in.Min),
		optional("max", &in.Max),
		expression("of", &in.Of),
		truth("same_cycle", &in.SameCycle),
		words("programmes", &in.Programmes, wordPattern),
		whole("years", &in.Years, 0),
		words("by", &in.By, keyPattern),
		oneOf("best", &in.Best, Bests, ""),
		expression("formula", &in.Formula),
		expression("instead", &in.Instead),
		texts("label", &in.Label),
	}
}

func (c *Criterion) fields() []field {
	return []field{
		name("key", &c.Key, keyPattern).must(),
		texts("label", &c.Label),
		oneOf("per", &c.Per, []string{PerDestination}, ""),
		markField(&c.Mark),
		list("variants", &c.Variants, (*Variant).fields, 0),
		transformField("points", &c.Points),
		optional("weight", &c.Weight),
		optional("missing", &c.Missing),
		optional("min", &c.Min),
		optional("max", &c.Max),
		ownScale(&c.Scale),
		truth("aside", &c.Aside),
	}
}

func ownScale(to **int32) field {
	return field{
		name: "scale",
		read: func(r *reader, n *yaml.Node, path string) {
			v := int32(r.whole(n, path))
			*to = &v
		},
		write: func() *yaml.Node {
			if *to == nil {
				return nil
			}
			return bare(strconv.Itoa(int(**to)))
		},
	}
}

func (v *Variant) fields() []field {
	return []field{
		expression("when", &v.When).must(),
		transformField("points", &v.Points).must(),
	}
}

func markFields(m *Marking) []field {
	return []field{
		always(decimalField("min", &m.Min), &m.Min),
		always(decimalField("max", &m.Max), &m.Max),
		decimalField("step", &m.Step),
		whole("assessors", &m.Assessors, 1),
		oneOf("combine", &m.Combine, []Combination{CombineMean, CombineMedian, CombineTrimmed}, ""),
		optional("spread", &m.SpreadLimit),
	}
}

func markField(to **Marking) field {
	return field{
		name: "mark",
		read: func(r *reader, n *yaml.Node, path string) {
			m := &Marking{Assessors: 1, Combine: CombineMean}
			r.mapping(n, path, markFields(m))
			*to = m
		},
		write: func() *yaml.Node {
			if *to == nil {
				return nil
			}
			m := **to
			if m.Combine == CombineMean {
				m.Combine = ""
			}
			return write(markFields(&m), yaml.FlowStyle)
		},
	}
}

func (g *Gate) fields() []field {
	return []field{
		name("key", &g.Key, keyPattern).must(),
		texts("label", &g.Label),
		expression("require", &g.Require),
		oneOf("veto", &g.Veto, vetoRoles, ""),
		oneOf("per", &g.Per, []string{PerDestination}, ""),
		oneOf("effect", &g.Effect, Effects, EffectOut),
		oneOf("missing", &g.Missing, Unknowns, UnknownWaits),
	}
}

// vetoRoles lists who may have a veto: offices, and hosts.
var vetoRoles = []mobility.Role{
	mobility.RoleCoordinator, mobility.RoleAssessor, mobility.RoleOfficer, mobility.RoleAdministrator, mobility.RoleHost,
}

// VetoRoles lists who may have a veto, as forms offer them.
func VetoRoles() []mobility.Role { return slices.Clone(vetoRoles) }

func (c *Class) fields() []field {
	return []field{
		name("key", &c.Key, keyPattern).must(),
		texts("label", &c.Label),
		expression("when", &c.When),
	}
}

func (t *Tie) fields() []field {
	return []field{
		expression("of", &t.Of).must(),
		oneOf("prefer", &t.Prefer, Bests, BestHigh),
		texts("label", &t.Label),
	}
}
