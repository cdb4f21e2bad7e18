package locale

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// politely finds the polite form with a capital in the middle of a sentence:
// behind a letter, a figure, a comma or what is put in from elsewhere.
var politely = regexp.MustCompile(`[\pL\pN,;)–*“]\s+\**(Vy|Vás|Vám|Vámi|Váš|Vaš)(\PL|[aeiíou]\pL*)`)

// Czech pages and letters say "vy" in small letters throughout.
func TestCzechSaysVyInSmallLetters(t *testing.T) {
	root := filepath.Join("..", "..")
	read := 0
	for _, pattern := range []string{"internal/locale/cs/*.toml", "internal/letter/templates/cs/*.md", "internal/demo/data/*.yaml", "workflows/*.yaml"} {
		paths, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("%s: %v, %v", pattern, paths, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			read++
			for n, line := range strings.Split(string(text), "\n") {
				if found := politely.FindString(line); found != "" {
					t.Errorf("%s:%d: %q", strings.TrimPrefix(path, root+"/"), n+1, found)
				}
			}
		}
	}
	if read < 60 {
		t.Errorf("only %d files read", read)
	}
	for text, want := range map[string]bool{
		"nabízíme Vám místo": true, "čeká na Vaši odpověď": true, "a **Vaše** volba": true, "místo, Vy": true, "od Vás, ale": true,
		"Hotovo. Vaše přihláška": false, "Vaše body": false, "nabízíme vám místo": false, "paní Vašková": false,
	} {
		if politely.MatchString(text+" ") != want {
			t.Errorf("%q is found: %v", text, !want)
		}
	}
}
