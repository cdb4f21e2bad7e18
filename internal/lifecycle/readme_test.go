package lifecycle

import (
	"os"
	"strings"
	"testing"

	"peregrine/workflows"
)

// The README shows the lifecycles as they are; after a change of a file in
// workflows/, paste what `peregrine workflow diagram NAME` prints.
func TestReadmeDrawsTheLifecyclesAsTheyAre(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"erasmus-study", "bip"} {
		source, err := workflows.Files.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		d, problems := Parse(name, source)
		if len(problems) > 0 {
			t.Fatal(problems[0])
		}
		if !strings.Contains(string(readme), "```mermaid\n"+Mermaid(d, "en")+"```") {
			t.Errorf("README.md does not show %s as it is", name)
		}
	}
}
