package lifecycle

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

type schemaNode struct {
	Enum       []string              `json:"enum"`
	Items      *schemaNode           `json:"items"`
	Required   []string              `json:"required"`
	Properties map[string]schemaNode `json:"properties"`
	Closed     *bool                 `json:"additionalProperties"`
}

// TestSchemaSaysTheSame holds the schema for editors to the keys and words the
// parser knows.
func TestSchemaSaysTheSame(t *testing.T) {
	src, err := os.ReadFile(filepath.Join("..", "..", "workflows", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(src, &schema); err != nil {
		t.Fatal(err)
	}
	r := &reader{problems: &problems{}}
	for name, keys := range map[string]map[string]field{
		"definition": r.definitionFields(&Definition{}),
		"state":      r.stateFields(&StateDef{}),
		"move":       r.moveFields(&MoveDef{}),
		"timer":      r.timerFields(&Timer{}),
		"reminder":   r.reminderFields(&Reminder{}),
	} {
		var node schemaNode
		if err := json.Unmarshal(schema.Defs[name], &node); err != nil {
			t.Fatal(name, err)
		}
		same(t, "keys of a "+name, sortedKeys(node.Properties), sortedKeys(keys))
		same(t, "required keys of a "+name, node.Required, requiredKeys(keys))
		if node.Closed == nil || *node.Closed {
			t.Errorf("a %s may have any key", name)
		}
		for key, words := range vocabulary(name) {
			same(t, key+" of a "+name, node.Properties[key].words(), words)
		}
	}
}

func (n schemaNode) words() []string {
	if n.Items != nil {
		return n.Items.Enum
	}
	return n.Enum
}

func requiredKeys(keys map[string]field) []string {
	var out []string
	for _, k := range sortedKeys(keys) {
		if keys[k].required {
			out = append(out, k)
		}
	}
	return out
}

// vocabulary is the fixed lists behind the keys, read back from what the
// parser says when it meets another word.
func vocabulary(thing string) map[string][]string {
	out := map[string][]string{}
	lists := map[string]map[string][]string{
		"state": {"phase": nil, "turn": nil, "offer": nil, "nomination": nil, "decision": nil, "visible": nil},
		"move": {
			"who": nil, "guards": nil, "reason": nil, "asks": nil, "effects": nil, "ends_offer": nil, "ends_nomination": nil,
			"outcome": nil, "letters": nil, "freed_place": nil, "uses": nil,
		},
		"timer":    {"deadline": nil},
		"reminder": {"deadline": nil, "to": nil, "letter": nil},
	}
	for key := range lists[thing] {
		words := wordsOf(thing, key)
		if key == "asks" {
			for _, w := range slices.Clone(words) {
				words = append(words, w+"?")
			}
		}
		out[key] = words
	}
	return out
}

func wordsOf(thing, key string) []string {
	for _, value := range []string{"zzz", "[zzz]"} {
		src := thing + "s:\n  - " + key + ": " + value + "\n"
		p := &problems{}
		read(p, []byte(src))
		for _, found := range p.list {
			if _, list, ok := strings.Cut(found.Text, `"zzz" is none of `); ok {
				return strings.Split(list, ", ")
			}
		}
	}
	return nil
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	got, want = slices.Clone(got), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: the schema has %v, the parser %v", what, got, want)
	}
}
