package locale

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Packages whose codes reach a reader without passing one of the calls that
// TestEveryKeyInUseExists knows: every code they write down must be worded.
var codes = regexp.MustCompile(`"((?:intake|reason|selection|scheme|violation|excluded)\.[a-z0-9_]+)"`)

func TestEveryCodeOfARuleIsWorded(t *testing.T) {
	own := messages(t, Default)
	found := 0
	for _, pattern := range []string{"../intake/*.go", "../selection/*.go"} {
		paths, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			source, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range codes.FindAllSubmatch(source, -1) {
				found++
				if own[string(m[1])] == nil {
					t.Errorf("%s: %s has no words", path, m[1])
				}
			}
		}
	}
	if found < 80 {
		t.Errorf("only %d codes found: the search does not work", found)
	}
}
