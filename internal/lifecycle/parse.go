package lifecycle

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"

	"go.yaml.in/yaml/v4"
)

// maxSize is how long a definition's file may be, in bytes.
const maxSize = 1 << 20

// BuiltInLanguages are the languages in which the definitions that come with
// the product must be complete.
var BuiltInLanguages = []string{"en", "cs", "da", "de", "fi", "lt", "nl", "pt", "sv"}

// Parse reads a built-in definition from src and checks every rule. name is
// the file's name, for the problems. The definition is nil if there is any
// problem.
func Parse(name string, src []byte) (*Definition, []Problem) {
	return ParseIn(BuiltInLanguages, name, src)
}

// ParseIn is Parse for a definition whose labels must be complete in
// languages: an institution's own, and English.
func ParseIn(languages []string, name string, src []byte) (*Definition, []Problem) {
	p := &problems{file: name}
	d := read(p, src)
	if d == nil {
		return nil, p.sorted()
	}
	check(p, d, languages)
	if len(p.list) > 0 {
		return nil, p.sorted()
	}
	d.Hash = d.hash()
	return d, nil
}

// read returns the definition if the file has the right shape, be it
// otherwise right or wrong; nil if not.
func read(p *problems, src []byte) *Definition {
	if len(src) > maxSize {
		p.add(1, RuleSize, "the file is longer than %d bytes", maxSize)
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(src, &doc); err != nil {
		line, text := syntaxError(err)
		p.add(line, RuleSyntax, "%s", text)
		return nil
	}
	if doc.Kind != yaml.DocumentNode || len(doc.Content) != 1 {
		p.add(1, RuleShape, "the file is empty")
		return nil
	}
	r := &reader{problems: p}
	if r.aliases(&doc) {
		return nil
	}
	d := &Definition{}
	r.fields(doc.Content[0], "definition", r.definitionFields(d))
	if r.broken {
		return nil
	}
	return d
}

func syntaxError(err error) (line int, text string) {
	var one *yaml.LoadError
	if errors.As(err, &one) {
		return one.Mark.Line, one.Message
	}
	return 1, err.Error()
}

// hash is taken over the meaning, so that comments, order of keys and layout
// do not count. encoding/json writes maps in the order of their keys.
func (d *Definition) hash() string {
	plain := *d
	plain.Hash = ""
	plain.States = append([]StateDef(nil), d.States...)
	for i := range plain.States {
		plain.States[i].Line = 0
	}
	plain.Moves = append([]MoveDef(nil), d.Moves...)
	for i := range plain.Moves {
		plain.Moves[i].Line = 0
	}
	plain.Timers = append([]Timer(nil), d.Timers...)
	for i := range plain.Timers {
		plain.Timers[i].Line = 0
	}
	plain.Reminders = append([]Reminder(nil), d.Reminders...)
	for i := range plain.Reminders {
		plain.Reminders[i].Line = 0
	}
	meaning, err := json.Marshal(plain)
	if err != nil { // only strings, numbers and booleans are in it
		panic(err)
	}
	sum := sha256.Sum256(meaning)
	return hex.EncodeToString(sum[:])
}
