package lifecycle

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// reader turns the nodes of a file into a definition and notes every place
// where it finds something else than it expects.
type reader struct {
	*problems
	broken bool // the shape is wrong: what follows from it is not worth telling
}

// field reads one key's value; missing ones are refused if required.
type field struct {
	required bool
	read     func(*yaml.Node)
}

func (r *reader) breach(n *yaml.Node, rule Rule, format string, args ...any) {
	r.broken = true
	r.add(n.Line, rule, format, args...)
}

// aliases reports whether the file uses anchors, which would make it say one
// thing in several places.
func (r *reader) aliases(n *yaml.Node) bool {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		r.breach(n, RuleAlias, "anchors and aliases are not used in definitions")
		return true
	}
	return slices.ContainsFunc(n.Content, r.aliases)
}

// fields reads a mapping strictly: no unknown key, none twice, none missing.
func (r *reader) fields(n *yaml.Node, what string, known map[string]field) {
	if n.Kind != yaml.MappingNode {
		r.breach(n, RuleShape, "a %s is a list of keys with values", what)
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		f, ok := known[key.Value]
		switch {
		case !ok:
			r.breach(key, RuleUnknownKey, "a %s has no key %q", what, key.Value)
		case seen[key.Value]:
			r.breach(key, RuleDuplicateKey, "%q is given twice", key.Value)
		default:
			f.read(value)
		}
		seen[key.Value] = true
	}
	for _, name := range sortedKeys(known) {
		if known[name].required && !seen[name] {
			r.breach(n, RuleMissingKey, "the %s has no %q", what, name)
		}
	}
}

// each calls read for every item of a list.
func (r *reader) each(n *yaml.Node, read func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.breach(n, RuleShape, "a list is expected here")
		return
	}
	for _, item := range n.Content {
		read(item)
	}
}

func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		r.breach(n, RuleShape, "a word or text is expected here")
		return ""
	}
	return n.Value
}

var (
	word     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
	fileWord = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)
	language = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
)

func (r *reader) name(n *yaml.Node, pattern *regexp.Regexp) string {
	s := r.text(n)
	if !pattern.MatchString(s) {
		r.breach(n, RuleName, "%q is no name: small letters, digits and %q", s, separator(pattern))
	}
	return s
}

func separator(pattern *regexp.Regexp) string {
	if pattern == fileWord {
		return "-"
	}
	return "_"
}

func (r *reader) truth(n *yaml.Node) bool {
	switch r.text(n) {
	case "true":
		return true
	case "false":
		return false
	}
	r.breach(n, RuleValue, "true or false is expected here, not %q", n.Value)
	return false
}

func (r *reader) count(n *yaml.Node) int {
	v, err := strconv.Atoi(r.text(n))
	if err != nil || v < 1 {
		r.breach(n, RuleValue, "a whole number from 1 is expected here, not %q", n.Value)
	}
	return v
}

func (r *reader) offset(n *yaml.Node) Offset {
	v, err := ParseOffset(r.text(n))
	if err != nil {
		r.breach(n, RuleValue, "%s", err.Error())
	}
	return v
}

func (r *reader) texts(n *yaml.Node) mobility.Texts {
	out := mobility.Texts{}
	if n.Kind != yaml.MappingNode {
		r.breach(n, RuleShape, "a text per language is expected here")
		return out
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if !language.MatchString(key.Value) {
			r.breach(key, RuleValue, "%q is no language tag", key.Value)
		}
		if _, twice := out[key.Value]; twice {
			r.breach(key, RuleDuplicateKey, "%q is given twice", key.Value)
		}
		out[key.Value] = strings.TrimSpace(r.text(n.Content[i+1]))
	}
	return out
}

func (r *reader) labels(n *yaml.Node) map[Audience]mobility.Texts {
	out := map[Audience]mobility.Texts{}
	known := map[string]field{}
	for _, a := range Audiences {
		known[string(a)] = field{read: func(v *yaml.Node) { out[a] = r.texts(v) }}
	}
	r.fields(n, "text", known)
	return out
}

// oneOf reads a word from a fixed list.
func oneOf[T ~string](r *reader, n *yaml.Node, rule Rule, allowed []T) T {
	got := T(r.text(n))
	if !slices.Contains(allowed, got) {
		r.add(n.Line, rule, "%q is none of %s", got, join(allowed))
		if rule == RuleValue {
			r.broken = true
		}
	}
	return got
}

// manyOf reads a list of words from a fixed list.
func manyOf[T ~string](r *reader, n *yaml.Node, rule Rule, allowed []T) []T {
	var out []T
	r.each(n, func(item *yaml.Node) {
		got := oneOf(r, item, rule, allowed)
		if slices.Contains(out, got) {
			r.add(item.Line, RuleDuplicate, "%q is given twice", got)
		}
		out = append(out, got)
	})
	return out
}

func join[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, ", ")
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
