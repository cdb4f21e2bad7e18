package locale

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// built are the keys that are put together of something that stands in no
// file in quotes.
var built = []string{
	"amended.",             // of what changed in a rule, and how
	"letter.cause_",        // of what a letter follows from
	"letter_source.field_", // of the fields of letters, in small letters
	"programme.",           // of the programmes a call may have
	"scheme.rule.",         // of a rule, and of what it took
	"schform.title_",       // in every language of the product
	"selform.method_",      // of the choices of a rule, and what each means
	"selform.reserve_",
	"selform.ties_",
	"selform.upgrades_",
	"zone.", // of the names time zones have
}

// quoted finds what may be a key or a part of one.
var quoted = map[string]*regexp.Regexp{
	".go":   regexp.MustCompile("[\"`]([A-Za-z0-9_.-]+)[\"`]"),
	".html": regexp.MustCompile("[\"'`]([A-Za-z0-9_.-]+)[\"'`]"),
	".js":   regexp.MustCompile("[\"'`]([A-Za-z0-9_.-]+)[\"'`]"),
	".md":   regexp.MustCompile(`"([A-Za-z0-9_.-]+)"`),
	".sql":  regexp.MustCompile(`'([A-Za-z0-9_.-]+)'`),
	".yaml": regexp.MustCompile(`([A-Za-z0-9_.-]+)`),
}

// A message is in use where its key stands in quotes, as a whole or in up to
// three pieces: "schform." + "add_" + "gate". What nobody says need not be
// translated into nine languages.
func TestEveryMessageIsInUse(t *testing.T) {
	pieces := map[string]bool{}
	for _, lang := range Languages {
		pieces[lang] = true
	}
	for _, dir := range []string{"internal", "db", "queries", "workflows", "cmd"} {
		gatherPieces(t, filepath.Join("..", "..", dir), pieces)
	}
	if len(pieces) < 5000 {
		t.Fatalf("only %d pieces found: the search does not work", len(pieces))
	}
	for id := range messages(t, Default) {
		if !slices.ContainsFunc(built, func(b string) bool { return strings.HasPrefix(id, b) }) && !spoken(id, pieces) {
			t.Errorf("nothing says %q", id)
		}
	}
}

func gatherPieces(t *testing.T, root string, pieces map[string]bool) {
	t.Helper()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		pattern := quoted[filepath.Ext(path)]
		if err != nil || entry.IsDir() || pattern == nil || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		for _, found := range pattern.FindAllStringSubmatch(string(text), -1) {
			pieces[found[1]] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// spoken says whether a key is made of pieces, the first of which reaches
// beyond its first word.
func spoken(id string, pieces map[string]bool) bool {
	for end := strings.Index(id, ".") + 1; end <= len(id); end++ {
		if pieces[id[:end]] && joined(id[end:], 2, pieces) {
			return true
		}
	}
	return false
}

// joined says whether the rest of a key is made of at most so many pieces.
func joined(rest string, most int, pieces map[string]bool) bool {
	if rest == "" || pieces[rest] {
		return true
	}
	for end := 1; most > 1 && end < len(rest); end++ {
		if between := rest[end-1] == '_' || rest[end] == '_' || rest[end-1] == '.'; between && pieces[rest[:end]] && joined(rest[end:], most-1, pieces) {
			return true
		}
	}
	return false
}
