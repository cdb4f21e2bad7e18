package lifecycle

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryRefusalHasWords holds every code of this package to the message
// catalogue of every language.
func TestEveryRefusalHasWords(t *testing.T) {
	codes := map[string]bool{}
	for _, g := range []string{"guard.go", "step.go", "open.go"} {
		src, err := os.ReadFile(g)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"refusal\.([a-z_]+)"|(?:holds|inTime)\((?:\w+, )?"([a-z_]+)"|refusal\{"([a-z_]+)"|unless\([^"]+, "([a-z_]+)"|rule, "([a-z_]+)"`).FindAllStringSubmatch(string(src), -1) {
			codes["refusal."+strings.Join(m[1:], "")] = true
		}
	}
	if len(codes) < 29 {
		t.Fatalf("only %d codes found: %v", len(codes), sortedKeys(codes))
	}
	for _, lang := range BuiltInLanguages {
		words, err := os.ReadFile(filepath.Join("..", "locale", lang, "lifecycle.toml"))
		if err != nil {
			t.Fatal(err)
		}
		for code := range codes {
			if !strings.Contains(string(words), `"`+code+`" = `) {
				t.Errorf("%s has no words in %s", code, lang)
			}
		}
	}
}
