package scheme

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// allFields are the keys of every thing a scheme is made of.
func allFields() map[string][]field {
	out := map[string][]field{
		"scheme": (&Scheme{}).fields(), "bounds": (&Bounds{}).fields(), "input": (&Input{}).fields(), "criterion": (&Criterion{}).fields(),
		"variant": (&Variant{}).fields(), "gate": (&Gate{}).fields(), "class": (&Class{}).fields(), "tie": (&Tie{}).fields(),
		"step": (&Step{}).fields(), "marking": markFields(&Marking{}),
	}
	for _, rule := range ruleWords {
		out[rule] = newTransform(rule).fields()
	}
	return out
}

// TestDocsSpeakOfEveryKey holds the page for offices to the keys there are,
// and its examples to the check.
func TestDocsSpeakOfEveryKey(t *testing.T) {
	source, err := os.ReadFile("../../docs/schemes.md")
	if err != nil {
		t.Fatal(err)
	}
	page := string(source)
	for thing, fields := range allFields() {
		for _, f := range fields {
			if !regexp.MustCompile("[`{ ,(]" + f.name + "[`:]").MatchString(page) {
				t.Errorf("the page has no %s of a %s", f.name, thing)
			}
			for _, word := range f.words {
				if f.name != "veto" && !strings.Contains(page, word) {
					t.Errorf("the page has no %s: %s", f.name, word)
				}
			}
		}
	}
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(page, -1)
	if len(blocks) < 2 {
		t.Fatal("no examples")
	}
	for _, block := range blocks {
		parsed(t, block[1])
	}
}

// TestDocsShowEveryRule reads each example of a rule as the page has it.
func TestDocsShowEveryRule(t *testing.T) {
	source, err := os.ReadFile("../../docs/schemes.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	for _, m := range regexp.MustCompile("\\| `(points: [^`]+)`").FindAllStringSubmatch(string(source), -1) {
		var doc yaml.Node
		if err := yaml.Load([]byte(m[1]), &doc); err != nil {
			t.Errorf("%s: %v", m[1], err)
			continue
		}
		r := &reader{at: map[string]position{}}
		var c Criterion
		r.mapping(doc.Content[0], "", []field{transformField("points", &c.Points)})
		if len(r.list) > 0 || c.Points == nil {
			t.Errorf("%s: %v", m[1], r.list)
			continue
		}
		shown[c.Points.rule()] = true
	}
	for _, rule := range append([]string{RuleFixed}, ruleWords...) {
		if !shown[rule] {
			t.Errorf("the page shows no %s", rule)
		}
	}
}

// TestSchemaForEditorsSaysTheSame holds the schema to the keys, the required
// keys and the words that the parser knows.
func TestSchemaForEditorsSaysTheSame(t *testing.T) {
	source, err := os.ReadFile("../../docs/scheme-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]struct {
			Required   []string                           `json:"required"`
			Properties map[string]struct{ Enum []string } `json:"properties"`
			Closed     *bool                              `json:"additionalProperties"`
		} `json:"$defs"`
	}
	raw := map[string]json.RawMessage{}
	var whole struct {
		Defs map[string]json.RawMessage `json:"$defs"`
	}
	if err := json.Unmarshal(source, &whole); err != nil {
		t.Fatal(err)
	}
	for thing := range allFields() {
		raw[thing] = whole.Defs[thing]
	}
	closed, err := json.Marshal(map[string]any{"$defs": raw})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(closed, &schema); err != nil {
		t.Fatal(err)
	}
	for thing, fields := range allFields() {
		def := schema.Defs[thing]
		var required []string
		for _, f := range fields {
			if f.required {
				required = append(required, f.name)
			}
			if got := def.Properties[f.name].Enum; !slices.Equal(got, f.words) {
				t.Errorf("%s of a %s: the schema has %v, the parser %v", f.name, thing, got, f.words)
			}
		}
		keys := names(fields)
		slices.Sort(keys)
		if got := sortedKeys(def.Properties); !slices.Equal(got, keys) || !slices.Equal(def.Required, required) || def.Closed == nil || *def.Closed {
			t.Errorf("%s: the schema has %v with %v required, the parser %v with %v", thing, got, def.Required, keys, required)
		}
	}
}
