package scheme

import (
	"errors"
	"slices"

	"go.yaml.in/yaml/v4"

	"peregrine/internal/mobility"
)

// maxSize is how long a scheme's file may be, in bytes.
const maxSize = 1 << 18

// Parse reads a scheme and checks it; every problem is listed, in the order of
// the file. A scheme with problems is returned as far as it could be read, so
// that a form can show it; it is nil where nothing could be.
func Parse(source []byte) (*Scheme, []Problem) {
	r := &reader{at: map[string]position{}}
	root := r.root(source)
	if root == nil {
		return nil, r.locate(r.at)
	}
	s := &Scheme{Scale: mobility.Scale}
	r.note(root, "")
	r.mapping(root, "", s.fields())
	if len(r.list) == 0 { // what follows would only repeat it in other words
		_, r.list = compile(s)
	}
	return s, r.locate(r.at)
}

func (r *reader) root(source []byte) *yaml.Node {
	if len(source) > maxSize {
		r.add("", codeTooBig, map[string]any{"Max": maxSize})
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(source, &doc); err != nil {
		found := Problem{Line: 1, Column: 1, Code: codeSyntax, Data: map[string]any{"Text": err.Error()}}
		var one *yaml.LoadError
		if errors.As(err, &one) {
			found.Line, found.Column = max(one.Mark.Line, 1), max(one.Mark.Column, 1)
			found.Data["Text"] = one.Message
		}
		r.list = append(r.list, found)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		r.add("", codeShape, map[string]any{"Shape": []string{"scheme.shape.mapping"}})
		return nil
	}
	if n := anchored(&doc); n != nil {
		r.list = append(r.list, Problem{Line: n.Line, Column: n.Column, Code: codeAlias})
		return nil
	}
	return doc.Content[0]
}

// anchored returns a node that makes the file say one thing in several places.
func anchored(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode || n.Anchor != "" {
		return n
	}
	for _, child := range n.Content {
		if found := anchored(child); found != nil {
			return found
		}
	}
	return nil
}

// YAML writes the scheme down in one canonical way; Parse reads the same
// scheme from it again.
func (s *Scheme) YAML() []byte {
	out, err := yaml.Dump(write(s.fields(), 0), yaml.WithIndent(2), yaml.WithLineWidth(-1))
	if err != nil { // only mappings, lists and words are in it
		panic(err)
	}
	return out
}

// Copy returns a scheme that shares nothing with s.
func (s *Scheme) Copy() *Scheme {
	r := &reader{at: map[string]position{}}
	out := &Scheme{Scale: mobility.Scale}
	if root := r.root(s.YAML()); root != nil {
		r.mapping(root, "", out.fields())
	}
	out.Scale = s.Scale
	return out
}

// Equal reports whether two schemes say the same.
func (s *Scheme) Equal(other *Scheme) bool { return slices.Equal(s.YAML(), other.YAML()) }
