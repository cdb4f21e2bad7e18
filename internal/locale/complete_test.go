package locale

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strings"
	"testing"

	"github.com/nicksnyder/go-i18n/v2/i18n"
)

// forms lists the plural forms a language must give, as CLDR counts them.
var forms = map[string][]string{
	"en": {"one", "other"},
	"cs": {"one", "few", "many", "other"},
	"da": {"one", "other"},
	"de": {"one", "other"},
	"fi": {"one", "other"},
	"lt": {"one", "few", "many", "other"},
	"nl": {"one", "other"},
	"pt": {"one", "many", "other"},
	"sv": {"one", "other"},
}

func messages(t *testing.T, lang string) map[string]*i18n.Message {
	t.Helper()
	list, err := read(files, lang)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*i18n.Message{}
	for _, m := range list {
		out[m.ID] = m
	}
	return out
}

// given returns the forms of a message that are there, "other" left out if it
// is the only one: then the message is no plural.
func given(m *i18n.Message) []string {
	var out []string
	for _, f := range []struct{ name, text string }{
		{"zero", m.Zero}, {"one", m.One}, {"two", m.Two}, {"few", m.Few}, {"many", m.Many}, {"other", m.Other},
	} {
		if f.text != "" {
			out = append(out, f.name)
		}
	}
	if len(out) == 1 && out[0] == "other" {
		return nil
	}
	return out
}

var placeholder = regexp.MustCompile(`{{\s*\.(\w+)\s*}}`)

// placeholders returns the names in a message, over all its forms.
func placeholders(m *i18n.Message) string {
	seen := map[string]bool{}
	for _, found := range placeholder.FindAllStringSubmatch(m.Zero+m.One+m.Two+m.Few+m.Many+m.Other, -1) {
		seen[found[1]] = true
	}
	names := make([]string, 0, len(seen))
	for name := range seen {
		names = append(names, name)
	}
	sort.Strings(names)
	return strings.Join(names, " ")
}

func TestEveryLanguageIsComplete(t *testing.T) {
	reference := messages(t, Default)
	for _, lang := range Languages {
		own := messages(t, lang)
		for id, m := range reference {
			translated, ok := own[id]
			if !ok {
				t.Errorf("%s lacks %q", lang, id)
				continue
			}
			compare(t, lang, m, translated)
		}
		for id := range own {
			if reference[id] == nil {
				t.Errorf("%s has %q, which English lacks", lang, id)
			}
		}
	}
}

func compare(t *testing.T, lang string, m, translated *i18n.Message) {
	t.Helper()
	if strings.TrimSpace(translated.Other) == "" {
		t.Errorf("%s: %q is empty", lang, m.ID)
	}
	if want, got := placeholders(m), placeholders(translated); want != got {
		t.Errorf("%s: %q has the placeholders [%s], English [%s]", lang, m.ID, got, want)
	}
	plural, have := given(m) != nil, given(translated)
	switch {
	case !plural && have != nil:
		t.Errorf("%s: %q is a plural, in English it is not", lang, m.ID)
	case plural && strings.Join(have, " ") != strings.Join(forms[lang], " "):
		t.Errorf("%s: %q has the forms %v, needs %v", lang, m.ID, have, forms[lang])
	}
}

// The ways a key is written down in templates and in Go. A key put together
// at run time ("phase." + name) ends in a dot or stands before a plus, and is
// none of these; whoever makes one tests it.
var (
	inTemplate = regexp.MustCompile(`(?:\b[tn]|\.[TN]) "([a-z0-9_.]+)"`)
	inGo       = []*regexp.Regexp{
		regexp.MustCompile(`\.[TN]\("([a-z0-9_.]+)"\s*[,)]`),
		regexp.MustCompile(`\bCode:\s*"([a-z0-9_]+\.[a-z0-9_.]+)"`),
		regexp.MustCompile(`\b(?:Forbidden|Conflict|Stale)Error\("([a-z0-9_.]+)"`),
		regexp.MustCompile(`"((?:refusal|error|invalid)\.[a-z0-9_.]*[a-z0-9_])"`),
	}
)

func TestEveryKeyInUseExists(t *testing.T) {
	own := messages(t, Default)
	root := filepath.Join("..", "..")
	used := map[string]string{} // key → the last file found to use it
	err := filepath.WalkDir(filepath.Join(root, "internal"), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		for _, id := range keysIn(t, path) {
			used[id] = strings.TrimPrefix(path, root+"/")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, path := range used {
		if own[id] == nil {
			t.Errorf("%s uses %q, which no catalogue has", path, id)
		}
	}
	if len(used) < 50 {
		t.Errorf("only %d keys found in use: the search does not work", len(used))
	}
}

func keysIn(t *testing.T, path string) []string {
	t.Helper()
	var patterns []*regexp.Regexp
	switch {
	case strings.HasSuffix(path, ".html") && strings.Contains(path, "template"):
		patterns = []*regexp.Regexp{inTemplate}
	case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
		patterns = inGo
	default:
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range patterns {
		for _, found := range p.FindAllStringSubmatch(string(text), -1) {
			if id := found[1]; strings.Contains(id, ".") && !strings.HasSuffix(id, ".") {
				out = append(out, id)
			}
		}
	}
	return out
}
