package lifecycle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// builtIn parses the definition of that name as it comes with the product.
func builtIn(t testing.TB, name string) *Definition {
	t.Helper()
	return parsed(t, BuiltInLanguages, filepath.Join("..", "..", "workflows", name+".yaml"))
}

func parsed(t testing.TB, languages []string, path string) *Definition {
	t.Helper()
	src, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	d, found := ParseIn(languages, filepath.Base(path), src)
	for _, p := range found {
		t.Error(p)
	}
	if d == nil {
		t.FailNow()
	}
	return d
}

var builtInNames = []string{"erasmus-study", "bip"}

func TestBuiltInDefinitionsKeepEveryRule(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "workflows", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(builtInNames) {
		t.Errorf("%d definitions, %d tested", len(files), len(builtInNames))
	}
	for _, name := range builtInNames {
		d := builtIn(t, name)
		if d.Name != name {
			t.Errorf("%s.yaml is named %s", name, d.Name)
		}
	}
}

func TestHashIsOfTheMeaning(t *testing.T) {
	src, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parse := func(s string) string {
		d, found := ParseIn([]string{"en"}, "small.yaml", []byte(s))
		if d == nil {
			t.Fatal(found)
		}
		return d.Hash
	}
	same := parse(string(src))
	if got := parse("# a comment\n\n" + string(src)); got != same {
		t.Error("a comment changes the hash")
	}
	if got := parse(strings.Replace(string(src), "offset: -48h", "offset: -24h", 1)); got == same {
		t.Error("another offset does not change the hash")
	}
}

func TestCompareNamesWhatIsGone(t *testing.T) {
	older, newer := builtIn(t, "bip"), builtIn(t, "erasmus-study")
	diff := Compare(older, newer)
	if len(diff.StatesGone) != 1 || diff.StatesGone[0] != "proposed" || !diff.Breaks() {
		t.Errorf("states gone: %v", diff.StatesGone)
	}
	if len(diff.StatesChanged) != 1 || diff.StatesChanged[0] != "not_selected" {
		t.Errorf("states changed: %v", diff.StatesChanged)
	}
	want := "propose do_not_propose end_ineligible propose_again offer_place"
	if got := strings.Join(diff.MovesGone, " "); got != want {
		t.Errorf("moves gone: %s, want %s", got, want)
	}
	if same := Compare(older, older); same.Breaks() || len(same.MovesGone) > 0 {
		t.Errorf("a definition differs from itself: %+v", same)
	}
}

func TestOutcomesOfARankingAreMoves(t *testing.T) {
	for _, name := range builtInNames {
		d := builtIn(t, name)
		for _, o := range RankingOutcomes {
			if d.ForOutcome("submitted", o) == nil {
				t.Errorf("%s: nothing is made of outcome %s", name, o)
			}
		}
	}
}
